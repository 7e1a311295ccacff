//! Where a layer's values lie: trainable ones in theta, the others in the running statistics.

use std::ops::Range;

/// A weight and an optional bias in theta.
#[derive(Clone, Debug)]
pub(super) struct Affine {
    pub weight: Range<usize>,
    pub bias: Option<Range<usize>>,
}

impl Affine {
    /// The bias of an output; 0 without one.
    pub fn bias(&self, theta: &[f32], output: usize) -> f64 {
        self.bias.as_ref().map_or(0.0, |range| f64::from(theta[range.start + output]))
    }
}

/// A batch normalisation's values: gamma and beta in theta, mean and variance in the running statistics.
#[derive(Clone, Debug)]
pub(super) struct Norm {
    pub gamma: Range<usize>,
    pub beta: Range<usize>,
    pub mean: Range<usize>,
    pub variance: Range<usize>,
    /// Added to a variance before its root is taken.
    pub eps: f64,
    /// Share of the newest batch in the running statistics.
    pub momentum: f64,
}
