//! How each stage's convolution is led back, and what its weights look like then.

use super::filters;
use super::norm::Norm64;
use super::plan::{Plan, Stage};
use super::tiles::Tiles;
use crate::nn::kernels::Packed;

/// How a stage's gradients are computed.
pub(super) enum Back {
    /// Of the filters alone: before it is the signal.
    First,
    /// Of a depthwise front's two halves, with the first half's weights and the second one's taps in reverse.
    Halves(Packed, Vec<f32>),
    /// With the filters for the convolution backwards.
    Direct(Packed),
    /// By tiles.
    Tiled(Tiles),
}

impl Back {
    /// Of stage `s`.
    pub fn new(plan: &Plan, s: usize, theta: &[f32], norms: &[Norm64]) -> Self {
        let stage = &plan.stages[s];
        let Some(conv) = &stage.conv else {
            if !plan.front.is_depthwise() {
                return Back::First;
            }
            let (spatial, temporal) = plan.front.halves(theta, norms);
            let reversed = temporal.chunks_exact(stage.columns()).rev().flatten().copied().collect();
            return Back::Halves(spatial, reversed);
        };
        let weights = &theta[conv.weight.clone()];
        match stage.tiling() {
            Some(tiling) => Back::Tiled(Tiles::backward(stage, tiling, weights)),
            None => Back::Direct(filters::backward(stage, weights)),
        }
    }

    /// Floats of a trial's gradient of the input. The signal gets none, but no slice can be cut into empty pieces.
    pub fn before_len(&self, stage: &Stage) -> usize {
        if stage.conv.is_none() { 1 } else { stage.before.0 * stage.stride() }
    }

    /// Floats of the filters' gradient.
    pub fn weights_len(&self, stage: &Stage) -> usize {
        match self {
            Back::Tiled(tiles) => tiles.gradient_len(stage),
            Back::Halves(..) => (stage.taps + stage.before.1) * stage.columns(),
            _ => stage.taps * stage.before.1 * stage.columns(),
        }
    }
}
