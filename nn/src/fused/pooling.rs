//! What follows a stage's linear part in one trial: batch normalisation, activation, pool, another function, dropout. The
//! pool is taken of blocks first, in the pass that normalises and activates; where windows overlap or leave gaps, or where a
//! function follows, a second step makes windows of the blocks.

use super::norm::Coefficients;
use super::stage::Stage;
use crate::kernels::{self, ConvOutput, Windows};
use crate::random::TrialMask;

/// Dropout of one trial, and what the kept values are multiplied by.
pub(super) type Mask = Option<(TrialMask, f32)>;

/// The first step, for one trial.
pub(super) fn conv_output<'a>(
    stage: &Stage,
    z: &'a [f32],
    coefficients: &'a Coefficients,
    mask: Mask,
) -> ConvOutput<'a> {
    ConvOutput {
        z,
        scale: &coefficients.scale,
        shift: &coefficients.shift,
        activation: stage.activation,
        pool: stage.pool.kind,
        kernel: stage.pool.block(),
        features: stage.output.channels,
        mask: mask.filter(|_| !stage.has_windows()),
    }
}

/// The second step, for one trial's pooled blocks.
pub(super) fn windows<'a>(stage: &Stage, blocks: &'a [f32], mask: Mask) -> Windows<'a> {
    let block = stage.pool.block();
    Windows {
        blocks,
        columns: stage.columns(),
        pool: stage.pool.kind,
        width: stage.pool.kernel / block,
        step: stage.pool.stride / block,
        activation: stage.last,
        features: stage.output.channels,
        mask,
    }
}

/// Both steps: fills `out`, and `blocks` if there is a second step.
pub(super) fn pool(
    stage: &Stage,
    z: &[f32],
    coefficients: &Coefficients,
    mask: Mask,
    blocks: &mut [f32],
    out: &mut [f32],
) {
    let from = conv_output(stage, z, coefficients, mask);
    if stage.has_windows() {
        kernels::forward(blocks, from);
        kernels::windows(out, windows(stage, blocks, mask));
    } else {
        kernels::forward(out, from);
    }
}
