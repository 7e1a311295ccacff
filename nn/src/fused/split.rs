//! A depthwise first stage at one or two electrodes: each electrode is filtered along time by itself, and the electrodes
//! are joined in the same pass as batch normalisation, activation and pool. That is half the multiplications of the filter
//! in one. Both batch normalisations take their statistics from the signal's moments, so a trial goes through the whole
//! stage, and on into the next one's convolution, while it is in cache; backwards too, because what normalisation takes
//! away from the gradient is a small sum over the same moments.
//!
//! See "The split first stage" in `README.md` beside this file.

use super::filter_moments::joint_weights;
use super::memory::{Lease, Memory};
use super::norm::{Coefficients, Norm64, nudged};
use super::stage::{FirstConv, Mode, Stage};
use crate::breakdown::{Part, timed};
use crate::kernels::{
    self, DEPTH, FilterOutputs, LANES, Packed, PoolKind, Rows, TileLayout, Tiling, Undecided,
};
use crate::random::TrialMask;

/// Sizes of a split first stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SplitShape {
    pub electrodes: usize,
    pub filters: usize,
    taps: usize,
    left: usize,
    right: usize,
    /// How the convolution is cut into tiles backwards and in evaluation.
    tiling: Tiling,
    /// Samples before and after the convolution.
    samples: usize,
    outputs: usize,
}

/// The stage's weights as the kernels take them.
pub(super) struct Split {
    shape: SplitShape,
    filters: TemporalFilters,
    /// See [`FilterOutputs`].
    weights: Vec<f32>,
    shift: Vec<f32>,
}

/// The temporal filters.
enum TemporalFilters {
    /// (tap) → filter. Rounds least.
    Direct(Packed),
    /// By tiles, at every point: (block) → filter.
    Tiled(Vec<Packed>),
}

/// Memory for one electrode's signal and its filters' outputs at every point.
pub(super) struct ElectrodeScratch {
    signal: Lease,
    outputs: Lease,
}

/// What the weights get from some trials: of the filters at every point (point, block, filter), and the sums of
/// [`kernels::join_backward`].
pub(super) struct SplitSums {
    pub filters: Vec<f32>,
    pub sums: Vec<f64>,
}

impl SplitSums {
    /// Adds what other trials gave.
    pub fn add(&mut self, other: &SplitSums) {
        self.filters.iter_mut().zip(&other.filters).for_each(|(own, other)| *own += other);
        self.sums.iter_mut().zip(&other.sums).for_each(|(own, other)| *own += other);
    }

    /// Σ du of an output, and Σ du · y by electrode.
    pub fn of(&self, shape: SplitShape, output: usize) -> (f64, Vec<f64>) {
        let at =
            |i: usize| self.sums[SplitShape::place(output / DEPTH, output % DEPTH, shape.electrodes + 1, i)];
        (at(0), (1..=shape.electrodes).map(at).collect())
    }
}

impl SplitShape {
    /// Of a network's first stage, if it can be split.
    pub fn of(conv: &FirstConv, stage: &Stage, stages: usize) -> Option<Self> {
        let tiling = Tiling::large(stage.taps.count)?;
        let fits = conv.is_depthwise()
            && conv.norm.is_some()
            && conv.outputs() == DEPTH * conv.filters
            && conv.filters.is_multiple_of(LANES)
            && conv.electrodes <= 2
            && stage.norm.is_some()
            && stage.taps.step == 1
            && stage.pool.kind == PoolKind::Mean
            && !stage.has_windows()
            && stages > 1;
        fits.then_some(SplitShape {
            electrodes: conv.electrodes,
            filters: conv.filters,
            taps: stage.taps.count,
            left: stage.taps.left,
            right: stage.taps.right,
            tiling,
            samples: stage.input.samples,
            outputs: stage.output.samples,
        })
    }

    /// Samples of one electrode with the padding's zeros.
    fn padded(&self) -> usize {
        self.left + self.samples + self.right
    }

    /// Floats of a trial's signal, a whole number of cache lines.
    fn signal_len(&self) -> usize {
        (self.electrodes * self.padded()).next_multiple_of(16)
    }

    /// Floats of the filters' outputs of a trial.
    fn outputs_len(&self) -> usize {
        self.electrodes * self.outputs * self.filters
    }

    /// Floats of a trial that the pass backwards needs: (electrode, sample) and (electrode, sample, filter).
    pub fn kept_len(&self) -> usize {
        self.signal_len() + self.outputs_len()
    }

    fn rows(&self) -> Rows {
        Rows { count: self.outputs, step: 1, stride: 1, taps: self.taps, width: 1 }
    }

    /// The same at one point of the tiles.
    fn tile_rows(&self) -> Rows {
        Rows { count: self.tiling.tiles(self.outputs), taps: self.tiling.blocks, ..self.rows() }
    }

    /// Floats of one electrode's signal at one point.
    fn signal_stride(&self) -> usize {
        self.tiling.input_tiles(self.outputs).next_multiple_of(LANES)
    }

    /// How one electrode's filter outputs lie at every point.
    fn outputs_layout(&self) -> TileLayout {
        let tiles = self.tiling.tiles(self.outputs);
        TileLayout { columns: self.filters, point_stride: tiles * self.filters, tiles }
    }

    /// Room for one electrode's signals at every point.
    pub fn electrode_scratch(&self, memory: &Memory) -> ElectrodeScratch {
        let points = self.tiling.points();
        ElectrodeScratch {
            signal: memory.lease(points * self.signal_stride()),
            outputs: memory.lease(points * self.outputs_layout().point_stride),
        }
    }

    /// The signal of one electrode in a trial's kept floats.
    fn signal<'a>(&self, kept: &'a [f32], electrode: usize) -> &'a [f32] {
        &kept[electrode * self.padded()..][..self.padded()]
    }

    /// The filters at every point: (block) → filter.
    fn tiled<'a>(&self, filter: impl Fn(usize) -> &'a [f32]) -> Vec<Packed> {
        let size = self.tiling.taps;
        let at_point = |point: usize| {
            let factors: Vec<f64> = (0..size).map(|tap| self.tiling.tap_weight(point, tap)).collect();
            Packed::new(self.tiling.blocks, self.filters, |block, f| {
                let taps = filter(f)[block * size..].iter().zip(&factors);
                taps.map(|(&tap, factor)| f64::from(tap) * factor).sum::<f64>() as f32
            })
        };
        (0..self.tiling.points()).map(at_point).collect()
    }

    /// One electrode's filter outputs.
    fn convolve_tiles(&self, memory: &Memory, y: &mut [f32], signal: &[f32], filters: &[Packed]) {
        let (stride, layout) = (self.signal_stride(), self.outputs_layout());
        let mut scratch = self.electrode_scratch(memory);
        kernels::transform_signal(&mut scratch.signal, signal, self.tiling, stride);
        let points =
            scratch.signal.chunks_exact(stride).zip(scratch.outputs.chunks_exact_mut(layout.point_stride));
        for ((signal, outputs), filters) in points.zip(filters) {
            kernels::correlate(outputs, signal, self.tile_rows(), filters);
        }
        kernels::outputs(y, &scratch.outputs, self.tiling, layout);
    }

    /// Adds the filters' gradient at every point from one electrode's outputs'.
    fn filters_gradient(
        &self,
        scratch: &mut ElectrodeScratch,
        filters: &mut [f32],
        signal: &[f32],
        dy: &[f32],
    ) {
        let (stride, layout) = (self.signal_stride(), self.outputs_layout());
        timed(Part::Transform, || {
            kernels::transform_signal(&mut scratch.signal, signal, self.tiling, stride);
            kernels::transform_gradient(&mut scratch.outputs, dy, self.tiling, layout);
        });
        timed(Part::Product, || {
            let points =
                scratch.signal.chunks_exact(stride).zip(scratch.outputs.chunks_exact(layout.point_stride));
            let filters = filters.chunks_exact_mut(self.tiling.blocks * self.filters);
            for ((signal, dy), filters) in points.zip(filters) {
                kernels::correlate_weights(filters, signal, self.tile_rows(), dy, self.filters);
            }
        });
    }

    /// The gradient of filter `f` by tap, from that of all filters at every point.
    pub fn by_tap(&self, filters: &[f32], f: usize) -> Vec<f64> {
        let (size, points) = (self.tiling.taps, filters.chunks_exact(self.tiling.blocks * self.filters));
        let at = |tap: usize| {
            let at_point = |(point, filters): (usize, &[f32])| {
                let value = f64::from(filters[tap / size * self.filters + f]);
                value * self.tiling.tap_weight(point, tap % size)
            };
            points.clone().enumerate().map(at_point).sum()
        };
        (0..self.taps).map(at).collect()
    }

    /// A value for every output, laid out as the kernels take the shift.
    pub fn by_output(&self, value: impl Fn(usize) -> f32) -> Vec<f32> {
        let mut values = vec![0.0; self.filters * DEPTH];
        for output in 0..values.len() {
            values[Self::place(output / DEPTH, output % DEPTH, 1, 0)] = value(output);
        }
        values
    }

    /// The place of output `d` of filter `f` in what is laid out (vector of filters, output, `each` vectors, lane); the
    /// lane of its vector `i`.
    pub fn place(f: usize, d: usize, each: usize, i: usize) -> usize {
        ((f / LANES * DEPTH + d) * each + i) * LANES + f % LANES
    }
}

impl Split {
    /// From the normalisations before and after the spatial convolution.
    pub fn new(
        shape: SplitShape,
        conv: &FirstConv,
        theta: &[f32],
        norms: &[Norm64],
        coefficients: &Coefficients,
        purpose: Mode,
    ) -> Self {
        let electrodes = shape.electrodes;
        let mut weights = vec![0.0; conv.outputs() * electrodes];
        let mut shift = vec![0.0; conv.outputs()];
        for output in 0..conv.outputs() {
            let (f, d) = (output / DEPTH, output % DEPTH);
            let scale = f64::from(coefficients.scale[output]);
            for (e, weight) in joint_weights(conv, theta, norms, output).into_iter().enumerate() {
                weights[SplitShape::place(f, d, electrodes, e)] = (scale * weight) as f32;
            }
            shift[SplitShape::place(f, d, 1, 0)] = coefficients.shift[output];
        }
        let filter = |f: usize| conv.temporal_filter(theta, f);
        let filters = match purpose {
            Mode::Training => {
                TemporalFilters::Direct(Packed::new(shape.taps, shape.filters, |tap, f| filter(f)[tap]))
            }
            Mode::Evaluation => TemporalFilters::Tiled(shape.tiled(filter)),
        };
        Split { shape, filters, weights, shift }
    }

    fn joined<'a>(
        &'a self,
        stage: &Stage,
        y: &'a [f32],
        mask: Option<(TrialMask, f32)>,
    ) -> FilterOutputs<'a> {
        FilterOutputs {
            y,
            electrodes: self.shape.electrodes,
            weights: &self.weights,
            shift: &self.shift,
            activation: stage.activation,
            kernel: stage.pool.kernel,
            mask,
        }
    }

    /// Convolves the trial `x` (sample, electrode) into `kept`.
    pub fn convolve(&self, memory: &Memory, x: &[f32], kept: &mut [f32]) {
        let shape = self.shape;
        let (signal, y) = kept.split_at_mut(shape.signal_len());
        let outputs = y.chunks_exact_mut(shape.outputs * shape.filters);
        for (e, (signal, y)) in signal.chunks_exact_mut(shape.padded()).zip(outputs).enumerate() {
            let (before, rest) = signal.split_at_mut(shape.left);
            let (inside, after) = rest.split_at_mut(shape.samples);
            before.fill(0.0);
            after.fill(0.0);
            let rows = x.chunks_exact(shape.electrodes);
            inside.iter_mut().zip(rows).for_each(|(to, row)| *to = row[e]);
            match &self.filters {
                TemporalFilters::Direct(filters) => kernels::correlate(y, signal, shape.rows(), filters),
                TemporalFilters::Tiled(filters) => shape.convolve_tiles(memory, y, signal, filters),
            }
        }
    }

    /// What follows [`Self::convolve`]: the pooled rows of a trial.
    pub fn pool(&self, stage: &Stage, kept: &[f32], out: &mut [f32], mask: Option<(TrialMask, f32)>) {
        kernels::join(out, self.joined(stage, &kept[self.shape.signal_len()..], mask));
    }

    /// Samples and outputs that are nearer to their function's kink than the bounds, laid out as
    /// [`SplitShape::by_output`] does.
    pub fn near_kinks(&self, stage: &Stage, kept: &[f32], bounds: &[f32]) -> Vec<Undecided> {
        kernels::join_near_kinks(self.joined(stage, &kept[self.shape.signal_len()..], None), bounds)
    }

    /// Moves what an output of a sample is computed from, so that it comes to have the sign of the exact value.
    pub fn settle(&self, kept: &mut [f32], sample: usize, output: usize, exact: f64) {
        let shape = self.shape;
        let (f, d) = (output / DEPTH, output % DEPTH);
        let weight = |e: usize| self.weights[SplitShape::place(f, d, shape.electrodes, e)];
        let shift = self.shift[SplitShape::place(f, d, 1, 0)];
        let y = &mut kept[shape.signal_len()..];
        let place = |e: usize| (e * shape.outputs + sample) * shape.filters + f;
        // The electrode that weighs most is the one to be moved least.
        let most = (0..shape.electrodes)
            .fold(0, |most, e| if weight(e).abs() > weight(most).abs() { e } else { most });
        let values = |at: f32| (0..shape.electrodes).map(move |e| (e, at));
        let value_of = |y: &[f32], e: usize, at: f32| if e == most { at } else { y[place(e)] };
        let above = exact > 0.0;
        let fused = |y: &[f32], at: f32| {
            values(at).fold(shift, |sum, (e, at)| value_of(y, e, at).mul_add(weight(e), sum))
        };
        let apart =
            |y: &[f32], at: f32| values(at).fold(shift, |sum, (e, at)| value_of(y, e, at) * weight(e) + sum);
        let now = y[place(most)];
        if weight(most) == 0.0 {
            return;
        }
        let off = (f64::from(fused(y, now)) - exact) / f64::from(weight(most));
        let start = (f64::from(now) - off) as f32;
        let settled = nudged(start, above == (weight(most) > 0.0), |at| {
            (fused(y, at) > 0.0) == above && (apart(y, at) > 0.0) == above
        });
        y[place(most)] = settled;
    }

    /// Floats of a trial that [`Self::convolve`] fills.
    pub fn kept_len(&self) -> usize {
        self.shape.kept_len()
    }

    /// Nothing yet.
    pub fn sums(&self) -> SplitSums {
        SplitSums {
            filters: vec![0.0; self.shape.tiling.points() * self.shape.tiling.blocks * self.shape.filters],
            sums: vec![0.0; self.weights.len() + self.shift.len()],
        }
    }

    /// What [`Self::backward`] works in: the gradient of the filters' outputs, and memory for an electrode.
    pub fn scratch(&self, memory: &Memory) -> (Lease, ElectrodeScratch) {
        (memory.lease(self.shape.outputs_len()), self.shape.electrode_scratch(memory))
    }

    /// Adds what the weights get from the gradient of one trial's pooled rows.
    pub fn backward(
        &self,
        stage: &Stage,
        kept: &[f32],
        gradient: &[f32],
        mask: Option<(TrialMask, f32)>,
        totals: &mut SplitSums,
        (dy, scratch): (&mut [f32], &mut ElectrodeScratch),
    ) {
        let shape = self.shape;
        let mut sums = vec![0.0; totals.sums.len()];
        let joined = self.joined(stage, &kept[shape.signal_len()..], mask);
        timed(Part::Normalise, || kernels::join_backward(dy, &mut sums, gradient, joined));
        totals.sums.iter_mut().zip(sums).for_each(|(total, part)| *total += f64::from(part));
        for (e, dy) in dy.chunks_exact(shape.outputs * shape.filters).enumerate() {
            shape.filters_gradient(scratch, &mut totals.filters, shape.signal(kept, e), dy);
        }
    }
}
