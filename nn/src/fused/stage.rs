//! What the fused executor knows of a network's stages: sizes, and where their values lie in the weights. Nothing here
//! computes anything.

use super::chain::Chain;
use super::places::{Affine, Norm};
use crate::kernels::{PoolKind, Rows, Tiling, padded};
use crate::model::Activation;
use std::ops::Range;

/// What a pass is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Statistics of the batch.
    Training,
    /// Running statistics.
    Evaluation,
}

/// Samples and channels of one trial at some point of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub samples: usize,
    pub channels: usize,
}

/// The linear layers ahead of the first activation while the electrodes are apart: convolution along time, perhaps batch
/// normalisation, convolution over electrodes.
pub(super) struct FirstConv {
    pub temporal: Affine,
    pub norm: Option<Norm>,
    pub spatial: Affine,
    pub filters: usize,
    pub groups: usize,
    pub electrodes: usize,
}

/// What makes `z` of a stage's input.
pub(super) enum Linear {
    /// The plan's [`FirstConv`].
    First,
    /// Convolutions along time, one after another, as one.
    Chain(Chain),
    /// Nothing: `z` is the input.
    Identity,
}

/// The samples that an output sample of a convolution sums over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Taps {
    pub count: usize,
    /// Samples from one output's first tap to the next one's.
    pub step: usize,
    /// Zeros ahead of the trial and behind it.
    pub left: usize,
    pub right: usize,
}

/// A pool along time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pool {
    pub kind: PoolKind,
    pub kernel: usize,
    pub stride: usize,
}

impl Pool {
    /// No pool.
    pub const NONE: Pool = Pool { kind: PoolKind::Mean, kernel: 1, stride: 1 };

    /// Samples that every window takes whole or not at all: the pool is taken of them first, and then of blocks.
    pub fn block(self) -> usize {
        let (mut a, mut b) = (self.kernel, self.stride);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    }
}

/// The dropout at the end of a stage.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dropout {
    /// Its number among the network's.
    pub index: usize,
    /// What the kept values are multiplied by: 1/(1 − p).
    pub keep_scale: f32,
}

/// One stage.
pub(super) struct Stage {
    pub linear: Linear,
    pub taps: Taps,
    pub input: Size,
    /// After the linear part.
    pub output: Size,
    /// Floats of a row of the input: whole vectors, but for the signal itself.
    pub stride: usize,
    pub norm: Option<Norm>,
    pub activation: Activation,
    pub pool: Pool,
    /// After the pool.
    pub last: Activation,
    pub dropout: Option<Dropout>,
}

/// The classifier.
pub(super) struct Head {
    pub affine: Affine,
    pub samples: usize,
    pub features: usize,
    pub classes: usize,
}

impl FirstConv {
    /// Taps of the temporal filters.
    pub fn taps(&self) -> usize {
        self.temporal.weight.len() / self.filters
    }

    /// Output channels.
    pub fn outputs(&self) -> usize {
        self.spatial.weight.len() / self.electrodes / self.filters_of_group()
    }

    /// Temporal filters that one output of the spatial convolution sums over.
    pub fn filters_of_group(&self) -> usize {
        self.filters / self.groups
    }

    /// Whether every output takes one temporal filter. Then the two convolutions one after the other are far fewer
    /// multiplications than the filter in one.
    pub fn is_depthwise(&self) -> bool {
        self.filters_of_group() == 1
    }

    /// The temporal filter of index `filter`.
    pub fn temporal_filter<'a>(&self, theta: &'a [f32], filter: usize) -> &'a [f32] {
        let taps = self.taps();
        &theta[self.temporal.weight.start + filter * taps..][..taps]
    }

    /// The weights by electrode at a place of the spatial convolution.
    pub fn spatial<'a>(&self, theta: &'a [f32], place: usize) -> &'a [f32] {
        &theta[self.spatial.weight.start + place..][..self.electrodes]
    }
}

impl Stage {
    /// The convolutions that it is made of, unless it is the first one's.
    pub fn chain(&self) -> Option<&Chain> {
        match &self.linear {
            Linear::Chain(chain) => Some(chain),
            _ => None,
        }
    }

    /// Whether the first stage's two convolutions are computed one after the other.
    pub fn is_in_halves(&self, first_conv: Option<&FirstConv>) -> bool {
        matches!(self.linear, Linear::First)
            && self.taps.step == 1
            && first_conv.is_some_and(FirstConv::is_depthwise)
    }

    /// Floats of a row after the linear part.
    pub fn columns(&self) -> usize {
        padded(self.output.channels)
    }

    /// Floats of one trial before the convolution, with the padding's zeros.
    pub fn input_len(&self) -> usize {
        (self.input.samples + self.taps.left + self.taps.right) * self.stride
    }

    /// Floats of one trial after it.
    pub fn output_len(&self) -> usize {
        self.output.samples * self.columns()
    }

    /// Where the trial's own samples lie in its input.
    pub fn inner(&self) -> Range<usize> {
        self.taps.left * self.stride..(self.taps.left + self.input.samples) * self.stride
    }

    /// The view that the convolution sums over.
    pub fn rows(&self) -> Rows {
        Rows {
            count: self.output.samples,
            step: self.taps.step * self.stride,
            stride: self.stride,
            taps: self.taps.count,
            width: self.input.channels,
        }
    }

    /// Rows of the gradient of the output as the convolution backwards sums over it: with zeros on either side and between
    /// the samples of a convolution with a step.
    pub fn back_samples(&self) -> usize {
        self.input.samples + self.taps.count - 1
    }

    /// Where the output's sample `t` lies among them.
    pub fn back_row(&self, t: usize) -> usize {
        self.taps.count - 1 - self.taps.left + t * self.taps.step
    }

    /// The view that the convolution backwards sums over.
    pub fn back_rows(&self) -> Rows {
        let columns = self.columns();
        Rows {
            count: self.input.samples,
            step: columns,
            stride: columns,
            taps: self.taps.count,
            width: self.output.channels,
        }
    }

    /// How its convolution is cut into tiles in evaluation, where that pays: not at the few channels of the signal itself,
    /// nor where outputs are apart.
    pub fn tiling(&self) -> Option<Tiling> {
        self.chain()
            .filter(|_| self.taps.step == 1 && self.stride == padded(self.input.channels))
            .and_then(|_| Tiling::large(self.taps.count))
    }

    /// The same forwards in training: not ahead of maxima that rounding may turn and nothing decides again.
    pub fn training_tiling(&self) -> Option<Tiling> {
        self.tiling()
            .filter(|_| !self.takes_maxima() || self.never_falls())
            .and_then(|_| Tiling::small(self.taps.count))
    }

    /// The same backwards. A filter that is one block takes tiles of 4: a tenth more products, a third of the rounding.
    pub fn backward_tiling(&self) -> Option<Tiling> {
        self.tiling()
            .and_then(|large| if large.blocks == 1 { Tiling::small(self.taps.count) } else { Some(large) })
    }

    /// Whether its pool chooses one of several values.
    pub fn takes_maxima(&self) -> bool {
        self.pool.kind == PoolKind::Max && self.pool.kernel > 1
    }

    /// Whether its activation has a kink at 0.
    pub fn has_kink(&self) -> bool {
        match self.activation {
            Activation::Relu => true,
            Activation::LeakyRelu { slope } => slope != 1.0,
            Activation::Elu { alpha } => alpha != 1.0,
            _ => false,
        }
    }

    /// Whether its activation falls nowhere, so that the larger of two values is that of the larger argument.
    pub fn never_falls(&self) -> bool {
        match self.activation {
            Activation::LeakyRelu { slope: factor } | Activation::Elu { alpha: factor } => factor >= 0.0,
            other => matches!(other, Activation::None | Activation::Relu),
        }
    }

    /// Whether something follows the pool of blocks: the windows' pool, or a function.
    pub fn has_windows(&self) -> bool {
        self.pool.kernel != self.pool.stride || self.last != Activation::None
    }

    /// Rows of the pooled blocks.
    pub fn blocks(&self) -> usize {
        self.output.samples / self.pool.block()
    }

    /// Floats of one trial's pooled blocks.
    pub fn blocks_len(&self) -> usize {
        self.blocks() * self.columns()
    }

    /// Rows of the pooled output.
    pub fn pooled(&self) -> usize {
        (self.output.samples - self.pool.kernel) / self.pool.stride + 1
    }

    /// Floats of one trial's pooled output.
    pub fn pooled_len(&self) -> usize {
        self.pooled() * self.columns()
    }
}

impl Head {
    /// Floats of one trial's features, rows of whole vectors.
    pub fn input_len(&self) -> usize {
        self.samples * padded(self.features)
    }
}
