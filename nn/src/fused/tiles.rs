//! A stage's convolution by tiles: the passes that Winograd's transforms serve.
//!
//! See "Tiles" in `README.md` beside this file.

use super::by_tap::ByTap;
use super::memory::{Lease, Memory};
use super::stage::Stage;
use crate::breakdown::{Part, timed};
use crate::kernels::{self, Packed, Rows, SUM_ROWS, TileLayout, Tiling};
use crate::threads;

/// Rows of one sum in the weights' gradients: fewer and they are loaded and stored too often, more and the sums round more. A
/// signal of usual length has as many by itself.
const ROWS: usize = 32;

/// Rows of a product: as many trials' go through at once. The last convolutions' filters at all points are more than the
/// second cache holds, and are fetched anew for every product.
const ROWS_AT_ONCE: usize = 96;

/// A stage's filters at every point.
pub(super) struct Tiles {
    pub tiling: Tiling,
    panels: Vec<Packed>,
}

/// A few trials' signals at every point.
pub(super) struct TileScratch {
    trials: usize,
    input: Lease,
    gradient: Lease,
    back: Lease,
}

impl Tiles {
    /// For the pass forwards: (block, input channel) → output channel.
    pub fn forward(stage: &Stage, memory: &Memory, tiling: Tiling, weights: &[f32]) -> Self {
        Self::new(tiling, &ByTap::forward(stage, memory, weights), |block| block)
    }

    /// For the pass backwards: (block, output channel) → input channel, blocks in reverse.
    pub fn backward(stage: &Stage, memory: &Memory, tiling: Tiling, weights: &[f32]) -> Self {
        Self::new(tiling, &ByTap::backward(stage, memory, weights), |block| tiling.blocks - 1 - block)
    }

    /// `order` says which block comes at a place.
    fn new(tiling: Tiling, filters: &ByTap, order: impl Fn(usize) -> usize + Sync) -> Self {
        let panel = |point: usize| {
            let len = filters.rows * filters.columns;
            let mut at_point = vec![0.0; tiling.blocks * len];
            for (place, at_point) in at_point.chunks_exact_mut(len).enumerate() {
                let factors = (0..tiling.taps).map(|tap| tiling.tap_weight(point, tap) as f32);
                let parts: Vec<_> = factors.zip(filters.from(order(place) * tiling.taps)).collect();
                kernels::weighted_sum(at_point, &parts);
            }
            Packed::of_rows(&at_point, filters.columns)
        };
        Tiles { tiling, panels: threads::map((0..tiling.points()).collect(), panel) }
    }

    /// Trials that [`Self::convolve`] takes at once.
    pub fn trials_at_once(&self, stage: &Stage) -> usize {
        self.trials_with(ROWS_AT_ONCE, stage)
    }

    /// Trials that have so many rows between them.
    fn trials_with(&self, rows: usize, stage: &Stage) -> usize {
        let tiles = self.tiling.tiles(stage.output.samples);
        // Blocks are a convolution over tiles, which must not run on into the next trial.
        if self.tiling.blocks == 1 { (rows / tiles).clamp(1, 8) } else { 1 }
    }

    /// The convolution of a few trials.
    pub fn convolve(&self, stage: &Stage, memory: &Memory, outputs: &mut [f32], inputs: &[f32]) {
        let (tiling, at_once, samples) = (self.tiling, self.trials_at_once(stage), stage.output.samples);
        let from = layout(stage.stride, tiling.input_tiles(samples), at_once);
        let to = layout(stage.columns(), tiling.tiles(samples), at_once);
        let (from_len, to_len) = (from.tiles * from.columns, to.tiles * to.columns);
        let mut x = memory.lease(tiling.points() * from.point_stride);
        let mut y = memory.lease(tiling.points() * to.point_stride);
        let (input_len, output_len) = (stage.input_len(), stage.output_len());
        let groups = inputs.chunks(at_once * input_len).zip(outputs.chunks_mut(at_once * output_len));
        for (inputs, outputs) in groups {
            for (i, input) in inputs.chunks_exact(input_len).enumerate() {
                kernels::transform_input(&mut x[i * from_len..], input, tiling, from);
            }
            let rows = Rows {
                count: inputs.len() / input_len * to.tiles,
                step: from.columns,
                stride: from.columns,
                taps: tiling.blocks,
                width: stage.input.channels,
            };
            let points = x.chunks_exact(from.point_stride).zip(y.chunks_exact_mut(to.point_stride));
            for ((x, y), weights) in points.zip(&self.panels) {
                kernels::correlate(y, x, rows, weights);
            }
            for (i, output) in outputs.chunks_exact_mut(output_len).enumerate() {
                kernels::outputs(output, &y[i * to_len..], tiling, to);
            }
        }
    }

    /// Length of a gradient of the filters at every point.
    pub fn gradient_len(&self, stage: &Stage) -> usize {
        self.tiling.points() * self.tiling.blocks * stage.input.channels * stage.columns()
    }

    /// Trials of one sum in the weights' gradients.
    fn trials_of_a_sum(&self, stage: &Stage) -> usize {
        self.trials_with(ROWS, stage)
    }

    /// Room for as many trials as make a good product.
    pub fn scratch(&self, stage: &Stage, memory: &Memory) -> TileScratch {
        let trials = self.trials_at_once(stage).next_multiple_of(self.trials_of_a_sum(stage));
        let (input, gradient) = self.layouts(stage, trials);
        let points = self.tiling.points();
        TileScratch {
            trials,
            input: memory.lease(points * input.point_stride),
            gradient: match self.tiling.blocks {
                1 => memory.lease(points * gradient.point_stride),
                _ => memory.zeros(points * gradient.point_stride),
            },
            back: memory.lease(points * input.point_stride),
        }
    }

    /// How one trial's input, and the gradient of its output, lie in a [`TileScratch`]. The latter has tiles of zeros on either
    /// side, as many as there are blocks but one.
    fn layouts(&self, stage: &Stage, trials: usize) -> (TileLayout, TileLayout) {
        let (tiling, outputs) = (self.tiling, stage.output.samples);
        let padded = tiling.tiles(outputs) + 2 * (tiling.blocks - 1);
        let gradient = TileLayout { tiles: tiling.tiles(outputs), ..layout(stage.columns(), padded, trials) };
        (layout(stage.stride, tiling.input_tiles(outputs), trials), gradient)
    }

    /// A few trials' gradients: fills the filters' at every point, and that of the input. `dz` fills a trial's gradient of the
    /// output.
    pub fn backward_pass(
        &self,
        stage: &Stage,
        scratch: &mut TileScratch,
        weights: &mut [f32],
        (inputs, before): (&[f32], &mut [f32]),
        mut dz: impl FnMut(usize, &mut [f32]),
        trial_dz: &mut [f32],
    ) {
        let tiling = self.tiling;
        let (input_len, before_len) = (stage.input_len(), stage.input.samples * stage.stride);
        let (from, to) = self.layouts(stage, scratch.trials);
        let (input_tiles, edge) = (from.tiles * from.columns, (tiling.blocks - 1) * to.columns);
        let gradient_tiles = to.tiles * to.columns + 2 * edge;
        let groups =
            inputs.chunks(scratch.trials * input_len).zip(before.chunks_mut(scratch.trials * before_len));
        for (group, (inputs, before)) in groups.enumerate() {
            let trials = inputs.len() / input_len;
            for (i, input) in inputs.chunks_exact(input_len).enumerate() {
                dz(group * scratch.trials + i, trial_dz);
                timed(Part::Transform, || {
                    kernels::transform_input(&mut scratch.input[i * input_tiles..], input, tiling, from);
                    let gradient = &mut scratch.gradient[i * gradient_tiles + edge..];
                    kernels::transform_gradient(gradient, trial_dz, tiling, to);
                });
            }
            timed(Part::Product, || {
                self.products(stage, scratch, (weights, group > 0), trials, (from, to));
            });
            timed(Part::Transform, || {
                for (i, before) in before.chunks_exact_mut(before_len).enumerate() {
                    let back = &scratch.back[i * input_tiles..];
                    kernels::input_gradient(before, back, tiling, from, stage.taps.left);
                }
            });
        }
    }

    /// The two products at every point; the weights' gradient is added to what is there, or takes its place.
    fn products(
        &self,
        stage: &Stage,
        scratch: &mut TileScratch,
        (weights, add): (&mut [f32], bool),
        trials: usize,
        (from, to): (TileLayout, TileLayout),
    ) {
        let blocks = self.tiling.blocks;
        let ahead = Rows {
            count: trials * to.tiles,
            step: from.columns,
            stride: from.columns,
            taps: blocks,
            width: stage.input.channels,
        };
        let back = Rows {
            count: trials * from.tiles,
            step: to.columns,
            stride: to.columns,
            taps: blocks,
            width: stage.output.channels,
        };
        let edge = (blocks - 1) * to.columns;
        let sum = SUM_ROWS.min(self.trials_of_a_sum(stage) * to.tiles);
        let points =
            scratch.input.chunks_exact(from.point_stride).zip(scratch.gradient.chunks_exact(to.point_stride));
        let targets = scratch.back.chunks_exact_mut(from.point_stride);
        let weights = weights.chunks_exact_mut(blocks * stage.input.channels * to.columns);
        for ((((input, gradient), target), weights), panel) in
            points.zip(targets).zip(weights).zip(&self.panels)
        {
            kernels::correlate_weights_by((sum, add), weights, input, ahead, &gradient[edge..], to.columns);
            kernels::correlate(target, gradient, back, panel);
        }
    }

    /// The filters' gradient by tap, (tap, input channel, padded output channel), from that at every point.
    pub fn gradient_by_tap(&self, gradient: &[f32], stage: &Stage) -> Vec<f32> {
        let tiling = self.tiling;
        let len = stage.input.channels * stage.columns();
        let mut by_tap = vec![0.0; stage.taps.count * len];
        threads::map(by_tap.chunks_exact_mut(len).enumerate().collect(), |(tap, by_tap)| {
            let (block, tap) = (tap / tiling.taps, tap % tiling.taps);
            let of_block = gradient.chunks_exact(len).skip(block).step_by(tiling.blocks);
            let factors = (0..tiling.points()).map(|point| tiling.tap_weight(point, tap) as f32);
            kernels::weighted_sum(by_tap, &factors.zip(of_block).collect::<Vec<_>>());
        });
        by_tap
    }
}

/// `trials` signals of `tiles` rows behind one another at every point, seen from one of them.
fn layout(columns: usize, tiles: usize, trials: usize) -> TileLayout {
    TileLayout { columns, point_stride: trials * tiles * columns, tiles }
}
