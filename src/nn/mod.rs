//! Executes a [`Network`] on a device, forwards and backwards. Two executors run the same list of
//! layers and must agree: composed candle operations (CUDA, Metal, and the reference in tests) and fused kernels
//! (CPU). Knows nothing of data sets, epochs or disk.
//!
//! Activations are channels-last: (trial, sample, channel). All trainable values live in one flat vector, so that a custom
//! operation can take them as a single input and Adam is one element-wise pass.

mod adam;
pub mod breakdown;
mod composed;
mod device;
pub mod fused;
pub mod kernels;
mod saved;
mod step;
mod weights;

pub use adam::Adam;
pub use composed::Composed;
pub use device::{DeviceChoice, DeviceError, device_name};
pub use fused::Fused;
pub use saved::{About, LoadedWeights, SavedError, SavedWeights};
pub use step::{Gradient, Progress, dropout_masks, gradient, step};
pub use weights::{StateDict, Weights, WeightsError};

use crate::model::Network;
use crate::random::DropoutMask;
use candle_core::{Device, Result, Tensor};

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

/// The executor for a network on a device: fused on the CPU, composed elsewhere. The only place that chooses.
pub fn executor(network: &Network, device: &Device) -> Result<Box<dyn Executor>> {
    Ok(match device {
        Device::Cpu => Box::new(Fused::new(network)?),
        _ => Box::new(Composed::new(network, device)?),
    })
}
