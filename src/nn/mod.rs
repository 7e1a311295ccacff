//! Executes a [`Network`](crate::model::Network) on a device, forwards and backwards. Two executors run the same list of
//! layers and must agree: composed candle operations (CUDA, Metal, and the reference in tests) and fused kernels
//! (CPU). Knows nothing of data sets, epochs or disk.
//!
//! Activations are channels-last: (trial, sample, channel). All trainable values live in one flat vector, so that a custom
//! operation can take them as a single input and Adam is one element-wise pass.

pub mod fused;
pub mod kernels;
mod saved;
mod weights;

pub use saved::{About, SavedWeights};
pub use weights::{StateDict, Weights, WeightsError};

use crate::random::DropoutMask;
use candle_core::{Result, Tensor};

/// Trials of one step, on the device.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Signal, f32, (trial, sample, electrode), contiguous.
    pub x: Tensor,
    /// Class indices, u32, (trial).
    pub y: Tensor,
}

/// What a forward pass in training mode gives.
pub struct TrainingPass {
    /// (trial, class), part of the graph that leads back to [`Weights::theta`].
    pub logits: Tensor,
    /// The running statistics after this batch, laid out as [`Weights::running`]; no part of the graph.
    pub running: Tensor,
}

/// One way to compute a network. Implementations are built for one network and one device.
pub trait Executor: Send + Sync {
    /// Training mode: batch statistics and dropout. `masks` holds one mask for each dropout layer, in order; an empty
    /// slice means no dropout.
    fn train(&self, weights: &Weights, x: &Tensor, masks: &[DropoutMask]) -> Result<TrainingPass>;

    /// Evaluation mode: running statistics, no dropout, no graph. Logits (trial, class).
    fn evaluate(&self, weights: &Weights, x: &Tensor) -> Result<Tensor>;
}
