//! A run's full description. Frozen when the run is enqueued, and hashed: two runs with one hash are the same experiment.
//! Knows nothing of queues or devices, nor where it is kept.

mod field;
mod fields;
mod file;
mod hash;
mod list;
mod rule;
mod split;
mod value;

pub use field::{Accepts, Concerns, Field, Role};
pub use fields::{FIELDS, field};
pub use file::Unread;
pub use rule::Rule;
pub use split::{By, Split, Subjects};
pub use value::Value;

use crate::model::{Activation, Model};
use crate::signal::PassBand;
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
    /// What passes of each trial before a baseline is fitted; all of it where `None`, as for every network.
    pub band: Option<PassBand>,
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
    /// The lab's recipe for a model and activation, with an honest validation split. A baseline is fitted once, on all training
    /// trials and with nothing to choose: what it has not says so.
    pub fn recipe(model: Model, activation: Activation, data: DataSource) -> Self {
        let fitted_once = model.baseline().is_some();
        let trained = Spec {
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
            band: None,
            data,
            model,
        };
        if !fitted_once {
            return trained;
        }
        Spec {
            activation: Activation::None,
            epochs: 1,
            batch: 1,
            lr: 0.0,
            weight_decay: 0.0,
            dropout: 0.0,
            validation: 0.0,
            ..trained
        }
    }

    /// What classifies, whatever the seed: `EEGNet ELU 0.3`, `CSP + LDA 8-30 Hz`.
    pub fn method(&self) -> String {
        method(&self.model, self.activation, self.band)
    }

    /// Which of the model's variants: a network's activation function, the band of a baseline; empty without a band.
    pub fn variant(&self) -> String {
        variant(&self.model, self.activation, self.band)
    }

    /// The run among its repetitions: `EEGNet ELU 0.3 seed 1`, `EEGNet ReLU seed 0, fold 3, subjects S1`.
    pub fn title(&self) -> String {
        let whose = match &self.subjects {
            Subjects::All => String::new(),
            some => format!("subjects {some}"),
        };
        let said = [self.prose(Role::Repetition), whose];
        let repetition: Vec<String> = said.into_iter().filter(|text| !text.is_empty()).collect();
        format!("{} {}", self.method(), repetition.join(", ")).trim_end().to_owned()
    }
}

/// What classifies, whatever the seed: `EEGNet ELU 0.3`, `CSP + LDA 8-30 Hz`.
pub fn method(model: &Model, activation: Activation, band: Option<PassBand>) -> String {
    format!("{} {}", model.title(), variant(model, activation, band)).trim_end().to_owned()
}

fn variant(model: &Model, activation: Activation, band: Option<PassBand>) -> String {
    match model.baseline() {
        None => activation.title(),
        Some(_) => band.map(|band| format!("{band} Hz")).unwrap_or_default(),
    }
}

/// A value that no run can have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// It won't do.
    #[error("{field} is {value}; it must be {wanted}")]
    Value {
        /// The field, as in `spec.toml`.
        field: &'static str,
        /// What was given.
        value: String,
        /// What would do.
        wanted: String,
    },
    /// The model has no such field.
    #[error("{model} has no {title}; leave --{flag} out")]
    Foreign {
        /// The field, as in `spec.toml`.
        field: &'static str,
        /// Its name for people.
        title: &'static str,
        /// Its flag.
        flag: &'static str,
        /// The model's name.
        model: String,
    },
}

impl SpecError {
    /// The field, as in `spec.toml`.
    pub fn field(&self) -> &'static str {
        match self {
            SpecError::Value { field, .. } | SpecError::Foreign { field, .. } => field,
        }
    }
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
        let fields: Vec<_> = wrong.iter().map(|spec| spec.check().unwrap_err().field()).collect();
        assert_eq!(fields, ["batch", "validation", "dropout", "lr", "alpha"]);
        assert_eq!(spec().check(), Ok(()));
    }

    #[test]
    fn a_baseline_is_written_without_what_it_has_not() {
        let csp = Model::named("csp").unwrap();
        let broad = Spec::recipe(csp, Activation::None, spec().data);
        let narrow = Spec { band: "8-30".parse().ok(), ..broad.clone() };
        for (spec, text) in [
            (&broad, "version = 2\nmodel = \"csp\"\nstandardize = \"none\"\nnan = \"train\"\n"),
            (
                &narrow,
                "version = 2\nmodel = \"csp\"\nstandardize = \"none\"\nnan = \"train\"\nband = \"8-30\"\n",
            ),
        ] {
            let written = toml::to_string(spec).unwrap();
            assert!(written.starts_with(text), "{written}");
            assert_eq!(toml::from_str::<Spec>(&written).unwrap(), *spec);
        }
        assert_ne!(broad.hash(), narrow.hash());
        assert_eq!((broad.title(), narrow.title()), ("CSP + LDA".into(), "CSP + LDA 8-30 Hz".into()));
        assert_eq!(spec().title(), "EEGNet ELU 0.3 seed 0");
    }

    #[test]
    fn what_a_model_has_not_is_refused_unless_it_says_so() {
        let mut csp = Spec::recipe(Model::named("csp").unwrap(), Activation::None, spec().data);
        let mut set = |name: &str, text: &str| {
            let field = field(name).unwrap();
            field.set(&mut csp, &field.parse(text).unwrap()).map_err(|error| error.to_string())
        };
        assert_eq!(set("activation", "relu"), Err("csp has no activation; leave --activation out".into()));
        assert_eq!(set("lr", "0.1"), Err("csp has no learning rate; leave --lr out".into()));
        assert_eq!(set("validation", "0"), Ok(()));
        assert_eq!(set("band", "8-30"), Ok(()));
        let band = field("band").unwrap();
        let refused = band.set(&mut spec(), &band.parse("8-30").unwrap()).unwrap_err();
        assert_eq!(refused.to_string(), "eegnet has no band; leave --band out");
        assert!(band.parse("30-8").unwrap_err().to_string().contains("the lower first"));
    }
}
