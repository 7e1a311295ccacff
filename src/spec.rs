//! A run's full description. Frozen when the run is enqueued, and hashed: two runs with one hash are the same experiment.
//! Knows nothing of files, queues or devices.

use crate::model::{Activation, Model};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The version of `spec.toml` that this program writes. A larger one was written by a newer program.
pub const SPEC_VERSION: u32 = 1;

/// Everything that decides a run's result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// Format of this description.
    pub version: u32,
    /// Which network.
    #[serde(flatten)]
    pub model: Model,
    /// Which activation function, with its parameter.
    #[serde(flatten)]
    pub activation: Activation,
    /// Seed of initialisation, shuffling, dropout and the validation split.
    pub seed: u64,
    /// Passes over the training trials.
    pub epochs: u32,
    /// Trials of one step; the last batch of an epoch may be smaller.
    pub batch: usize,
    /// Adam's learning rate.
    pub lr: f64,
    /// L2 term added to the gradient (coupled, as in PyTorch's `Adam`).
    pub weight_decay: f64,
    /// Dropout probability of every dropout layer.
    pub dropout: f64,
    /// Share of the training trials held out to choose the epoch by; 0 = none.
    pub validation: f64,
    /// Scaling of the signal.
    pub standardize: Standardize,
    /// What stands in for missing samples.
    pub nan: NanPolicy,
    /// The recordings.
    pub data: DataSource,
}

/// Which recordings a run is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataSource {
    /// What people call it: a folder's name, or `simulated`.
    pub name: String,
    /// Where it was when the run was enqueued; `None` for the simulated set. No part of the hash: data may move.
    pub path: Option<std::path::PathBuf>,
    /// SHA-256 (hex) over every trial and label, before any preprocessing.
    pub fingerprint: String,
}

impl DataSource {
    /// The name of the built-in set.
    pub const SIMULATED: &str = "simulated";

    /// Whether these are no real recordings.
    pub fn is_simulated(&self) -> bool {
        self.path.is_none()
    }
}

/// Scaling of the signal, fitted on the training trials alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standardize {
    /// As recorded (the lab's).
    #[default]
    None,
    /// Each electrode to mean 0 and standard deviation 1.
    Zscore,
}

/// What stands in for missing samples (NaN).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NanPolicy {
    /// Each electrode's mean over the training trials, in both sets.
    #[default]
    Train,
    /// The lab's: one mean over all samples of a set; train and test each by its own.
    Reference,
}

/// How a finished run chooses the epoch whose test accuracy it reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The epoch with the least validation loss: the honest one.
    #[default]
    Validation,
    /// The last epoch.
    Last,
    /// The epoch with the best test accuracy: the lab's, and optimistic.
    BestTest,
}

impl Rule {
    /// Every rule, the honest one first.
    pub const ALL: [Rule; 3] = [Rule::Validation, Rule::Last, Rule::BestTest];

    /// The name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Rule::Validation => "validation",
            Rule::Last => "last",
            Rule::BestTest => "best_test",
        }
    }
}

impl Spec {
    /// The lab's recipe for a model and activation, with an honest validation split.
    pub fn recipe(model: Model, activation: Activation, data: DataSource) -> Self {
        Spec {
            version: SPEC_VERSION,
            activation,
            seed: 0,
            epochs: 300,
            batch: 256,
            lr: 1e-3,
            weight_decay: 1e-2,
            dropout: model.default_dropout(),
            validation: 0.2,
            standardize: Standardize::None,
            nan: NanPolicy::Train,
            data,
            model,
        }
    }

    /// The same with the lab's own habits: nothing held out, and its filling of missing samples.
    pub fn as_in_the_lab(self) -> Self {
        Spec { validation: 0.0, nan: NanPolicy::Reference, ..self }
    }

    /// Refuses values that no run can have. What depends on the data is checked where the data are known.
    pub fn check(&self) -> Result<(), SpecError> {
        let refuse = |field, value: String, wanted| Err(SpecError { field, value, wanted });
        if self.version > SPEC_VERSION {
            return refuse(
                "version",
                self.version.to_string(),
                "at most 1: a newer eeg-tui wrote it, update this one",
            );
        }
        if self.model.has_open_activation() == (self.activation == Activation::None) {
            let wanted = if self.model.has_open_activation() {
                "one of those that a run may choose"
            } else {
                "left out: no layer of this network is of the type \"activation\""
            };
            return refuse("activation", self.activation.name().into(), wanted);
        }
        if self.activation.alpha().is_some_and(|alpha| !alpha.is_finite()) {
            return refuse("alpha", format!("{:?}", self.activation.alpha()), "a finite number");
        }
        if self.epochs == 0 {
            return refuse("epochs", "0".into(), "1 or more");
        }
        if self.batch == 0 {
            return refuse("batch", "0".into(), "1 or more trials");
        }
        if !(self.lr.is_finite() && self.lr > 0.0) {
            return refuse("lr", self.lr.to_string(), "a positive number, such as 0.001");
        }
        if !(self.weight_decay.is_finite() && self.weight_decay >= 0.0) {
            return refuse(
                "weight_decay",
                self.weight_decay.to_string(),
                "0 or a positive number, such as 0.01",
            );
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return refuse("dropout", self.dropout.to_string(), "from 0 up to, but not including, 1");
        }
        if !(0.0..1.0).contains(&self.validation) {
            return refuse("validation", self.validation.to_string(), "from 0 up to, but not including, 1");
        }
        Ok(())
    }

    /// SHA-256 (hex) over everything that decides the result; where the data lie does not.
    pub fn hash(&self) -> String {
        let mut placeless = self.clone();
        placeless.data.path = None;
        let mut canonical = serde_json::to_value(&placeless).unwrap_or_default();
        // A network's text counts by its layers: neither comments nor spaces make another experiment.
        if let Some(network) = canonical.get_mut("network") {
            *network = self.model.lines().into();
        }
        let canonical = serde_json::to_vec(&canonical).unwrap_or_default();
        Sha256::digest(canonical).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A value that no run can have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} is {value}; it must be {wanted}")]
pub struct SpecError {
    /// The field, as in `spec.toml`.
    pub field: &'static str,
    /// What was given.
    pub value: String,
    /// What would do.
    pub wanted: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> Spec {
        let data = DataSource { name: "IIIb".into(), path: Some("data".into()), fingerprint: "ab".into() };
        Spec::recipe(Model::eegnet(), Activation::Elu { alpha: 0.3 }, data)
    }

    #[test]
    fn toml_gives_it_back() {
        let text = toml::to_string(&spec()).unwrap();
        assert!(text.contains("activation = \"elu\"\nalpha = 0.3"), "{text}");
        assert_eq!(toml::from_str::<Spec>(&text).unwrap(), spec());
    }

    #[test]
    fn the_hash_follows_the_experiment_not_the_place() {
        let mut moved = spec();
        moved.data.path = Some("/elsewhere".into());
        assert_eq!(spec().hash(), moved.hash());
        assert_ne!(spec().hash(), Spec { seed: 1, ..spec() }.hash());
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        let wrong = [
            Spec { batch: 0, ..spec() },
            Spec { validation: 1.0, ..spec() },
            Spec { dropout: -0.1, ..spec() },
            Spec { lr: f64::NAN, ..spec() },
            Spec { activation: Activation::Elu { alpha: f64::INFINITY }, ..spec() },
        ];
        let fields: Vec<_> = wrong.iter().map(|spec| spec.check().unwrap_err().field).collect();
        assert_eq!(fields, ["batch", "validation", "dropout", "lr", "alpha"]);
        assert_eq!(spec().check(), Ok(()));
    }
}
