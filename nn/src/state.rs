//! What a training is between two steps, on the host, and how it is stopped between them.

use std::sync::Arc;

/// Whether a training is asked to stop. Asked between two steps.
pub type Stopped = Arc<dyn Fn() -> bool + Send + Sync>;

/// Values flat, in the order of [`crate::Weights`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainingState {
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
}

impl TrainingState {
    /// Before the first step.
    pub fn at_the_start(theta: Vec<f32>, running: Vec<f32>) -> Self {
        let zeros = vec![0.0; theta.len()];
        TrainingState { m: zeros.clone(), v: zeros, theta, running, step: 0 }
    }
}
