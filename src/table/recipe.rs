//! What runs of one table share: the data and everything that is done with them, but for model, activation and seed.

use crate::notebook::RunSummary;
use crate::spec::{DataSource, NanPolicy, Spec, Standardize};
use serde::Serialize;

/// A spec without model, activation and seed. Runs are compared only if their recipes are equal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recipe {
    /// What people call the data set.
    pub data_set: String,
    /// Its fingerprint; two sets of one name may differ.
    pub fingerprint: String,
    /// Whether these are no real recordings.
    pub simulated: bool,
    /// Passes over the training trials.
    pub epochs: u32,
    /// Trials of one step.
    pub batch: usize,
    /// Adam's learning rate.
    pub lr: f64,
    /// L2 term added to the gradient.
    pub weight_decay: f64,
    /// Dropout probability, where it is not each model's own.
    pub dropout: Option<f64>,
    /// Share of the training trials held out.
    pub validation: f64,
    /// Scaling of the signal.
    pub standardize: Standardize,
    /// What stands in for missing samples.
    pub nan: NanPolicy,
}

impl Recipe {
    /// The recipe of a run.
    pub fn of(spec: &Spec) -> Self {
        let DataSource { name, fingerprint, .. } = &spec.data;
        Recipe {
            data_set: name.clone(),
            fingerprint: fingerprint.clone(),
            simulated: spec.data.is_simulated(),
            epochs: spec.epochs,
            batch: spec.batch,
            lr: spec.lr,
            weight_decay: spec.weight_decay,
            dropout: (spec.dropout != spec.model.default_dropout()).then_some(spec.dropout),
            validation: spec.validation,
            standardize: spec.standardize,
            nan: spec.nan,
        }
    }
}

impl std::fmt::Display for Recipe {
    /// Such as `S4b, 300 epochs, batch 256, lr 0.001, weight decay 0.01, validation 0.2, nan train`; simulated data say so.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let marked =
            if self.simulated && self.data_set != DataSource::SIMULATED { " (simulated)" } else { "" };
        write!(
            f,
            "{}{marked}, {} epochs, batch {}, lr {}, weight decay {}, ",
            self.data_set, self.epochs, self.batch, self.lr, self.weight_decay
        )?;
        if let Some(dropout) = self.dropout {
            write!(f, "dropout {dropout}, ")?;
        }
        if self.standardize == Standardize::Zscore {
            write!(f, "z-scored, ")?;
        }
        let nan = match self.nan {
            NanPolicy::Train => "train",
            NanPolicy::Reference => "reference",
        };
        write!(f, "validation {}, nan {nan}", self.validation)
    }
}

/// Every recipe among the runs with how many follow it, the one that was used last first.
pub fn recipes(runs: &[RunSummary]) -> Vec<(Recipe, usize)> {
    let mut newest_first: Vec<&RunSummary> = runs.iter().collect();
    newest_first.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| b.id.cmp(&a.id)));
    let mut found: Vec<(Recipe, usize)> = Vec::new();
    for run in newest_first {
        let recipe = Recipe::of(&run.spec);
        match found.iter_mut().find(|(known, _)| *known == recipe) {
            Some((_, count)) => *count += 1,
            None => found.push((recipe, 1)),
        }
    }
    found
}
