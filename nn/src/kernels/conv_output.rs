//! A convolution's output and what becomes of it: batch normalisation, activation, pool, dropout.

use super::LANES;
use crate::model::Activation;
use crate::random::TrialMask;

/// How a window of samples becomes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolKind {
    /// By their mean.
    Mean,
    /// By their maximum; the first of equals.
    Max,
}

/// What follows a convolution: z ↦ dropout(pool(activation(scale · z + shift))).
#[derive(Clone, Copy)]
pub struct ConvOutput<'a> {
    /// The convolution's output, rows of `scale.len()` floats.
    pub z: &'a [f32],
    /// Batch normalisation in one factor a channel, γ/√(σ² + ε), padded with zeros.
    pub scale: &'a [f32],
    /// And one term, β − γµ/√(σ² + ε), likewise.
    pub shift: &'a [f32],
    /// After it.
    pub activation: Activation,
    /// Mean or maximum.
    pub pool: PoolKind,
    /// Width and stride of the pool.
    pub kernel: usize,
    /// Channels that count, for the places in the mask.
    pub features: usize,
    /// Dropout of this trial, and what the kept values are multiplied by.
    pub mask: Option<(TrialMask, f32)>,
}

impl ConvOutput<'_> {
    /// Floats of a row.
    pub(super) fn columns(&self) -> usize {
        self.scale.len()
    }

    /// Rows after the pool.
    pub(super) fn pooled(&self) -> usize {
        self.z.len() / self.columns() / self.kernel
    }

    pub(super) fn check(&self, pooled: &[f32], coefficients: &[&[f32]]) {
        let columns = self.columns();
        assert!(columns.is_multiple_of(LANES) && self.z.len().is_multiple_of(columns) && self.kernel > 0);
        assert!(self.shift.len() == columns && pooled.len() >= self.pooled() * columns);
        assert!(coefficients.iter().all(|values| values.len() == columns));
    }
}
