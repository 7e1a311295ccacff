//! A run's full description. Frozen when the run is enqueued, and hashed: two runs with one hash are the same experiment.
//! Knows nothing of queues or devices, nor where it is kept.

mod fields;
mod file;
mod hash;
mod list;
mod rule;
mod split;
mod value;

pub use fields::{Accepts, FIELDS, Field, Role, field};
pub use file::Unread;
pub use rule::Rule;
pub use split::{By, Split, Subjects};
pub use value::Value;

use crate::model::{Activation, Model};
use serde::{Deserialize, Serialize};

/// The newest version of `spec.toml` that this program knows. A larger one was written by a newer program.
pub const SPEC_VERSION: u32 = 2;

/// Everything that decides a run's result. [`FIELDS`] says what there is to say about each field.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// Which network.
    pub model: Model,
    /// Which activation function, with its parameter.
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
    /// How trials are parted into those that are learned from and those that are judged on.
    pub split: Split,
    /// Which fold is judged on, from 0, where the split has folds. Without one a spec stands for all of them: no run does.
    pub fold: Option<u64>,
    /// Which subject, session or run is judged on, where the split leaves one out; as [`Spec::fold`].
    pub group: Option<String>,
    /// Whose trials it is about.
    pub subjects: Subjects,
    /// What becomes of outlying trials among those that are learned from.
    pub outliers: Outliers,
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standardize {
    /// As recorded (the lab's).
    #[default]
    None,
    /// Each electrode to mean 0 and standard deviation 1.
    Zscore,
    /// The same for each subject alone; one without training trials by their own trials, whose classes play no part.
    PerSubject,
    /// Each electrode of each trial by the exponentially moving mean and variance of its samples so far.
    Ema,
}

impl Standardize {
    /// Every scaling.
    pub const ALL: [Standardize; 4] =
        [Standardize::None, Standardize::Zscore, Standardize::PerSubject, Standardize::Ema];

    /// The name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Standardize::None => "none",
            Standardize::Zscore => "zscore",
            Standardize::PerSubject => "per_subject",
            Standardize::Ema => "ema",
        }
    }
}

/// What stands in for missing samples (NaN).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NanPolicy {
    /// Each electrode's mean over the training trials, in both sets.
    #[default]
    Train,
    /// The lab's: one mean over all samples of a set; train and test each by its own.
    Reference,
}

impl NanPolicy {
    /// Every filling.
    pub const ALL: [NanPolicy; 2] = [NanPolicy::Train, NanPolicy::Reference];

    /// The name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            NanPolicy::Train => "train",
            NanPolicy::Reference => "reference",
        }
    }
}

/// What becomes of outlying trials among those that are learned from. The test always keeps them: a result is about all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outliers {
    /// They are learned from as all others.
    #[default]
    Keep,
    /// They are neither trained on nor held out.
    Drop,
}

impl Outliers {
    /// Both.
    pub const ALL: [Outliers; 2] = [Outliers::Keep, Outliers::Drop];

    /// The name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Outliers::Keep => "keep",
            Outliers::Drop => "drop",
        }
    }
}

impl Spec {
    /// The lab's recipe for a model and activation, with an honest validation split.
    pub fn recipe(model: Model, activation: Activation, data: DataSource) -> Self {
        Spec {
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
            split: Split::Given,
            fold: None,
            group: None,
            subjects: Subjects::All,
            outliers: Outliers::Keep,
            data,
            model,
        }
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
    pub wanted: String,
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
