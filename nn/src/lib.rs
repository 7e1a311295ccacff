//! Executes a [`Network`] on a device, forwards and backwards. Three ways run the same list of layers and must agree: composed
//! candle operations (every layer on every device, and the reference in tests), fused kernels on the CPU (the networks that
//! [`Fused::new`] takes), and kernels for NVIDIA cards ([`cuda`]). Knows nothing of data sets, metrics or disk.
//!
//! Activations are channels-last: (trial, sample, channel). All trainable values live in one flat vector, so that a custom
//! operation can take them as a single input and Adam is one element-wise pass.

#![deny(missing_docs)]

mod adam;
pub mod breakdown;
mod composed;
pub mod cuda;
pub mod device;
pub mod fused;
mod host;
pub mod kernels;
pub mod model;
pub mod random;
mod state;
mod step;

mod threads;
pub mod trainer;
mod weights;

pub use adam::Adam;
pub use composed::Composed;
pub use device::{Backend, DeviceChoice, DeviceError};
pub use fused::Fused;
pub use state::TrainingState;
pub use step::{Gradient, Progress, dropout_masks, gradient, step};
pub use trainer::trainer;
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
    /// (trial, class), outside any graph.
    pub logits: Tensor,
    /// The running statistics after this batch, laid out as [`Weights::running`]; outside any graph.
    pub running: Tensor,
    /// The pass backwards.
    pub backward: Backward,
}

/// A pass backwards: the gradient of [`Weights::theta`] from that of the logits. The values of theta must not have changed since
/// the pass forwards.
pub type Backward = Box<dyn FnOnce(&Tensor) -> Result<Tensor>>;

/// One way to compute a network. Implementations are built for one network and one device.
pub trait Executor: Send + Sync {
    /// Training mode: batch statistics and dropout. `masks` holds one mask for each dropout layer, in order; an empty
    /// slice means no dropout.
    fn train(&self, weights: &Weights, x: &Tensor, masks: &[DropoutMask]) -> Result<TrainingPass>;

    /// Evaluation mode: running statistics, no dropout, no graph. Logits (trial, class).
    fn evaluate(&self, weights: &Weights, x: &Tensor) -> Result<Tensor>;
}

/// Which executor computes a network on a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Execution {
    /// Fused kernels.
    Fused,
    /// Composed candle operations, for the reason given: a sentence's second half, as in `composed: …`.
    Composed(String),
}

impl Execution {
    /// `fused` or `composed`, for tables and JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Execution::Fused => "fused",
            Execution::Composed(_) => "composed",
        }
    }

    /// Why the fused kernels don't compute it, if they don't.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Execution::Fused => None,
            Execution::Composed(reason) => Some(reason),
        }
    }
}

/// What the fused executor can't run, for a sentence such as `the fused kernels have no …`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unsupported(pub String);

/// The executor for a network on candle's devices, as [`Backend::execution`] says.
pub fn executor(network: &Network, device: &Device) -> Result<Box<dyn Executor>> {
    Ok(match choose(network, device) {
        Ok(fused) => Box::new(fused),
        Err(_) => Box::new(Composed::new(network, device)?),
    })
}

fn choose(network: &Network, device: &Device) -> std::result::Result<Fused, Unsupported> {
    match device {
        Device::Cpu => Fused::new(network),
        _ => Err(Unsupported("the fused kernels run on the CPU and on NVIDIA cards".into())),
    }
}
