//! What the pass backwards needs of the pass forwards.

use super::first_conv::FirstConvPass;
use super::memory::Lease;
use super::norm::Coefficients;
use super::pooling::Mask;
use super::split::Split;
use super::stage::Stage;
use crate::random::DropoutMask;

/// One pass forwards in training.
pub(super) struct SavedForward {
    pub trials: usize,
    /// Before each convolution, with its padding; the last one is the classifier's input. Empty for a split first stage.
    pub inputs: Vec<Lease>,
    pub outputs: Vec<Output>,
    pub coefficients: Vec<Coefficients>,
    pub first_conv: FirstConvPass,
    pub split: Option<Split>,
    pub masks: Vec<DropoutMask>,
}

/// What a stage's linear part gave, trial by trial.
pub(super) struct Output {
    /// After the convolution; of a split first stage, what it keeps.
    pub z: Lease,
    /// The pooled blocks, if windows are made of them; else one unused float a trial.
    pub blocks: Lease,
}

impl SavedForward {
    /// Dropout at the end of a stage.
    pub fn dropout(&self, stage: &Stage, trial: usize) -> Mask {
        let dropout = stage.dropout?;
        self.masks.get(dropout.index).map(|mask| (mask.trial(trial), dropout.keep_scale))
    }

    /// One trial of stage `s` after the convolution.
    pub fn z(&self, s: usize, stage: &Stage, trial: usize) -> &[f32] {
        &self.outputs[s].z[trial * stage.output_len()..][..stage.output_len()]
    }

    /// One trial's pooled blocks.
    pub fn blocks(&self, s: usize, stage: &Stage, trial: usize) -> &[f32] {
        &self.outputs[s].blocks[trial * stage.blocks_len()..][..stage.blocks_len()]
    }
}

/// Floats of a trial that [`Output::blocks`] has.
pub(super) fn blocks_len(stage: &Stage) -> usize {
    // One where there are none, since no slice can be cut into empty pieces.
    if stage.has_windows() { stage.blocks_len() } else { 1 }
}
