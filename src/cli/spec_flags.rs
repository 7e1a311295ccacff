//! The flags that describe runs, for `train` (one run) and `add` (a grid).

use super::{Failure, Global};
use crate::dataset::{self, DataSet};
use crate::model::Model;
use crate::queue::{Grid, GridError, Preset};
use crate::spec::{NanPolicy, Spec, Standardize};
use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::str::FromStr;

/// What runs to make. Every list is a comma-separated one; `train` takes one value each.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "The run")]
pub struct SpecFlags {
    /// A folder under --data, a path, or 'simulated' [default: --data itself if it holds npz files, else simulated]
    #[arg(long, value_name = "NAME")]
    pub data_set: Option<String>,
    /// The lab's experiments; other flags change them
    #[arg(long, value_name = "PRESET")]
    pub preset: Option<PresetName>,
    /// eegnet, deepconvnet [default: eegnet; a preset has both]
    #[arg(long, value_name = "MODEL", value_delimiter = ',', value_parser = models())]
    pub model: Vec<Model>,
    /// relu, leaky_relu, elu [default: relu; a preset has its own]
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = ["relu", "leaky_relu", "elu"])]
    pub activation: Vec<String>,
    /// ELU's α or LeakyReLU's slope [default: 1 and 0.01]
    #[arg(long, value_name = "X", value_delimiter = ',', allow_hyphen_values = true)]
    pub alpha: Vec<f64>,
    /// Passes over the training trials [default: 300]
    #[arg(long, value_name = "N", value_delimiter = ',')]
    pub epochs: Vec<u32>,
    /// Trials of a step [default: 256]
    #[arg(long, value_name = "N", value_delimiter = ',')]
    pub batch: Vec<usize>,
    /// Learning rate of Adam [default: 0.001]
    #[arg(long, value_name = "X", value_delimiter = ',', allow_hyphen_values = true)]
    pub lr: Vec<f64>,
    /// L2 term added to the gradient [default: 0.01]
    #[arg(long, value_name = "X", value_delimiter = ',', allow_hyphen_values = true)]
    pub weight_decay: Vec<f64>,
    /// Dropout probability [default: the network's, 0.25 or 0.5]
    #[arg(long, value_name = "P", value_delimiter = ',', allow_hyphen_values = true)]
    pub dropout: Vec<f64>,
    /// Share of the training trials held out to choose the epoch by [default: 0.2]
    #[arg(long, value_name = "F", value_delimiter = ',', allow_hyphen_values = true)]
    pub validation: Vec<f64>,
    /// Scaling of the signal: none, zscore [default: none]
    #[arg(long, value_name = "HOW", value_delimiter = ',', value_parser = scalings())]
    pub standardize: Vec<Standardize>,
    /// Filling of missing samples: train, reference (the lab's) [default: train]
    #[arg(long, value_name = "HOW", value_delimiter = ',', value_parser = nan_policies())]
    pub nan: Vec<NanPolicy>,
    /// Seed of everything random [default: 0]
    #[arg(long, value_name = "N", value_delimiter = ',')]
    pub seed: Vec<u64>,
}

/// The presets by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PresetName {
    /// Both of what follows, exactly as the lab did it: validation 0, its filling of missing samples
    Lab,
    /// Both networks, three activations, with an honest validation split
    Activations,
    /// Both networks, ELU with α from 0.9 to 0.1
    Alpha,
}

/// A parser that offers a type's names, as they stand in files.
fn words<T, const N: usize>(names: [&'static str; N]) -> impl TypedValueParser<Value = T>
where
    T: serde::de::DeserializeOwned + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(names).try_map(|word| serde_json::from_value(word.into()))
}

/// Parses `--standardize`.
pub(super) fn scalings() -> impl TypedValueParser<Value = Standardize> {
    words(["none", "zscore"])
}

/// Parses `--nan`.
pub(super) fn nan_policies() -> impl TypedValueParser<Value = NanPolicy> {
    words(["train", "reference"])
}

fn models() -> impl TypedValueParser<Value = Model> {
    PossibleValuesParser::new(Model::built_in().iter().map(Model::name))
        .try_map(|name| Model::from_str(&name))
}

impl SpecFlags {
    /// The lists as a grid; `seeds` counts on from each given seed.
    fn grid(&self, seeds: u64) -> Grid {
        let first = if self.seed.is_empty() { vec![0] } else { self.seed.clone() };
        let seeds: Vec<u64> = match seeds {
            1 => first,
            count => first.iter().flat_map(|&seed| (0..count).map(move |k| seed.saturating_add(k))).collect(),
        };
        Grid {
            preset: self.preset.map(|name| match name {
                PresetName::Lab => Preset::Lab,
                PresetName::Activations => Preset::Activations,
                PresetName::Alpha => Preset::Alpha,
            }),
            models: self.model.clone(),
            activations: self.activation.clone(),
            alphas: self.alpha.clone(),
            seeds,
            epochs: self.epochs.clone(),
            batches: self.batch.clone(),
            rates: self.lr.clone(),
            weight_decays: self.weight_decay.clone(),
            dropouts: self.dropout.clone(),
            validations: self.validation.clone(),
            scalings: self.standardize.clone(),
            nans: self.nan.clone(),
        }
    }

    /// The specs that the flags describe, checked against the data they are about.
    pub fn specs(&self, global: &Global, seeds: u64) -> Result<(Vec<Spec>, DataSet), Failure> {
        let data = dataset::load(self.data_set.as_deref(), &global.data)?;
        let specs = self.grid(seeds).specs(&data.source).map_err(refused)?;
        crate::queue::check(&specs, &data).map_err(refused)?;
        Ok((specs, data))
    }
}

/// Values that no run can have are bad usage; data that don't fit are not.
fn refused(error: GridError) -> Failure {
    match error {
        GridError::Activation(_) | GridError::Spec(_) => Failure::usage(error.to_string()),
        GridError::Data(_) => Failure::work(error.to_string()),
    }
}
