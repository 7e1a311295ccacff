//! The state of a training between two epochs: all that is needed to go on as if it had never stopped.

use super::selection::Picks;
use crate::event::Epoch;

/// A training's state after an epoch. Values are flat, in the order of [`crate::nn::Weights`].
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// Hash of the spec that it belongs to.
    pub spec_hash: String,
    /// Epochs done.
    pub epoch: u32,
    /// Seconds that they took together.
    pub seconds: f64,
    /// Figures of the last epoch done, if any is.
    pub last: Option<Epoch>,
    /// All trainable values.
    pub theta: Vec<f32>,
    /// All running statistics.
    pub running: Vec<f32>,
    /// Adam's mean of the gradient.
    pub m: Vec<f32>,
    /// Adam's mean of the squared gradient.
    pub v: Vec<f32>,
    /// Adam's steps done.
    pub step: u64,
    /// The best epochs so far.
    pub picks: Picks,
}
