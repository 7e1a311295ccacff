//! How each stage's convolution is led back, and what its weights look like then.

use super::by_tap::ByTap;
use super::memory::Memory;
use super::norm::Norm64;
use super::plan::Plan;
use super::stage::{Linear, Stage};
use super::tiles::Tiles;
use crate::kernels::Packed;

/// How a stage's gradients are computed.
pub(super) enum ConvBackward {
    /// Of the filters alone: before it is the signal.
    First,
    /// Of a depthwise first convolution's two halves, with the first half's weights and the second one's taps in reverse.
    Halves(Packed, Vec<f32>),
    /// With the filters for the convolution backwards.
    Direct(Packed),
    /// By tiles.
    Tiled(Tiles),
    /// There are no filters.
    Identity,
}

impl ConvBackward {
    /// Of stage `s`.
    pub fn new(plan: &Plan, memory: &Memory, s: usize, theta: &[f32], norms: &[Norm64]) -> Self {
        let stage = &plan.stages[s];
        match (&stage.linear, &plan.first_conv) {
            (Linear::Identity, _) => ConvBackward::Identity,
            (Linear::First, Some(conv)) if stage.is_in_halves(plan.first_conv.as_ref()) => {
                let (spatial, temporal) = conv.halves(theta, norms);
                let reversed = temporal.chunks_exact(stage.columns()).rev().flatten().copied().collect();
                ConvBackward::Halves(spatial, reversed)
            }
            (Linear::Chain(chain), _) if s > 0 => {
                let weights = chain.filter(theta);
                match stage.backward_tiling() {
                    Some(tiling) => ConvBackward::Tiled(Tiles::backward(stage, memory, tiling, &weights)),
                    None => {
                        ConvBackward::Direct(ByTap::backward(stage, memory, &weights).packed_in_reverse())
                    }
                }
            }
            _ => ConvBackward::First,
        }
    }

    /// Floats of a trial's gradient of the input. The signal gets none, but no slice can be cut into empty pieces.
    pub fn input_len(&self, stage: &Stage) -> usize {
        match self {
            ConvBackward::First | ConvBackward::Halves(..) => 1,
            _ => stage.input.samples * stage.stride,
        }
    }

    /// Floats of the filters' gradient.
    pub fn weights_len(&self, stage: &Stage) -> usize {
        match self {
            ConvBackward::Tiled(tiles) => tiles.gradient_len(stage),
            ConvBackward::Halves(..) => (stage.taps.count + stage.input.channels) * stage.columns(),
            ConvBackward::Identity => 0,
            _ => stage.taps.count * stage.input.channels * stage.columns(),
        }
    }
}
