//! A network's values as one safetensors document, in the lab's `state_dict` names and shapes, so that PyTorch's
//! `load_state_dict` takes them. Bytes in, bytes out: knows nothing of files.

use super::StateDict;
use crate::model::{Activation, Geometry, Model};
use crate::spec::Rule;

/// Weights with what one must know to use them.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedWeights {
    /// Parameters and running statistics by name.
    pub tensors: StateDict,
    /// Training steps behind them: PyTorch's `num_batches_tracked`.
    pub steps: u64,
    /// Where they come from.
    pub about: About,
}

/// Where saved weights come from, kept in the document's metadata.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// The network.
    pub model: Model,
    /// Its activation function.
    pub activation: Activation,
    /// What it was built for.
    pub geometry: Geometry,
    /// Dropout probability in training.
    pub dropout: f64,
    /// The run's id.
    pub run: String,
    /// The rule that picked the epoch.
    pub rule: Rule,
    /// The epoch, counted from 1.
    pub epoch: u32,
}
