//! A depthwise first stage at one or two electrodes: each electrode is filtered along time by itself, and the electrodes
//! are joined in the same pass as batch normalisation, activation and pool. That is half the multiplications of the filter
//! in one. Both batch normalisations take their statistics from the signal's moments, so a trial goes through the whole
//! stage, and on into the next one's convolution, while it is in cache; backwards too, because what normalisation takes
//! away from the gradient is a small sum over the same moments.

use super::memory::{Lease, Memory};
use super::norm::{Coefficients, Norm64};
use super::plan::{Front, Stage};
use super::reach::joint_weights;
use super::slopes::Slopes;
use crate::nn::breakdown::{Part, timed};
use crate::nn::kernels::{self, DEPTH, Hat, Joined, LANES, Packed, PoolKind, Rows, Tiling};
use crate::random::TrialMask;

/// Sizes of a split first stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub electrodes: usize,
    pub filters: usize,
    taps: usize,
    padding: usize,
    /// How the convolution is cut into tiles backwards and in evaluation.
    tiling: Tiling,
    /// Samples before and after the convolution.
    before: usize,
    after: usize,
}

/// The stage's weights as the kernels take them.
pub(super) struct Split {
    shape: Shape,
    filters: Filters,
    /// See [`Joined`].
    weights: Vec<f32>,
    shift: Vec<f32>,
}

/// The temporal filters.
enum Filters {
    /// (tap) → filter. Rounds least.
    Direct(Packed),
    /// By tiles, at every point: (block) → filter.
    Tiled(Vec<Packed>),
}

/// What a pass of a trial is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Training,
    Evaluation,
}

/// Room for one electrode's signal and its filters' outputs at every point.
pub(super) struct Room {
    signal: Lease,
    outputs: Lease,
}

impl Shape {
    /// Of a network's first stage, if it can be split.
    pub fn of(front: &Front, stage: &Stage, stages: usize) -> Option<Self> {
        let tiling = Tiling::large(stage.taps)?;
        let fits = front.is_depthwise()
            && front.norm.is_some()
            && front.outputs() == DEPTH * front.filters
            && front.filters.is_multiple_of(LANES)
            && front.electrodes <= 2
            && stage.pool == PoolKind::Mean
            && stages > 1;
        fits.then_some(Shape {
            electrodes: front.electrodes,
            filters: front.filters,
            taps: stage.taps,
            padding: stage.padding,
            tiling,
            before: stage.before.0,
            after: stage.after.0,
        })
    }

    /// Samples of one electrode with the padding's zeros.
    fn padded(&self) -> usize {
        self.before + 2 * self.padding
    }

    /// Floats of a trial's signal, a whole number of cache lines.
    fn signal_len(&self) -> usize {
        (self.electrodes * self.padded()).next_multiple_of(16)
    }

    /// Floats of the filters' outputs of a trial.
    fn outputs_len(&self) -> usize {
        self.electrodes * self.after * self.filters
    }

    /// Floats of a trial that the pass backwards needs: (electrode, sample) and (electrode, sample, filter).
    pub fn kept_len(&self) -> usize {
        self.signal_len() + self.outputs_len()
    }

    fn rows(&self) -> Rows {
        Rows { count: self.after, stride: 1, taps: self.taps, width: 1 }
    }

    /// The same at one point of the tiles.
    fn tile_rows(&self) -> Rows {
        Rows { count: self.tiling.tiles(self.after), taps: self.tiling.blocks, ..self.rows() }
    }

    /// Floats of one electrode's signal at one point.
    fn signal_stride(&self) -> usize {
        self.tiling.input_tiles(self.after).next_multiple_of(LANES)
    }

    /// How one electrode's filter outputs lie at every point.
    fn outputs_hat(&self) -> Hat {
        let tiles = self.tiling.tiles(self.after);
        Hat { columns: self.filters, point_stride: tiles * self.filters, tiles }
    }

    /// Room at every point.
    pub fn room(&self, memory: &Memory) -> Room {
        let points = self.tiling.points();
        Room {
            signal: memory.lease(points * self.signal_stride()),
            outputs: memory.lease(points * self.outputs_hat().point_stride),
        }
    }

    /// The signal of one electrode in a trial's kept floats.
    fn signal<'a>(&self, kept: &'a [f32], electrode: usize) -> &'a [f32] {
        &kept[electrode * self.padded()..][..self.padded()]
    }

    /// The filters at every point: (block) → filter.
    fn tiled<'a>(&self, filter: impl Fn(usize) -> &'a [f32]) -> Vec<Packed> {
        let size = self.tiling.size;
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
        let (stride, hat) = (self.signal_stride(), self.outputs_hat());
        let mut room = self.room(memory);
        kernels::transform_signal(&mut room.signal, signal, self.tiling, stride);
        let points = room.signal.chunks_exact(stride).zip(room.outputs.chunks_exact_mut(hat.point_stride));
        for ((signal, outputs), filters) in points.zip(filters) {
            kernels::correlate(outputs, signal, self.tile_rows(), filters);
        }
        kernels::outputs(y, &room.outputs, self.tiling, hat);
    }

    /// Adds the filters' gradient at every point from one electrode's outputs'.
    fn filters_gradient(&self, room: &mut Room, filters: &mut [f32], signal: &[f32], dy: &[f32]) {
        let (stride, hat) = (self.signal_stride(), self.outputs_hat());
        timed(Part::Transform, || {
            kernels::transform_signal(&mut room.signal, signal, self.tiling, stride);
            kernels::transform_gradient(&mut room.outputs, dy, self.tiling, hat);
        });
        timed(Part::Product, || {
            let points = room.signal.chunks_exact(stride).zip(room.outputs.chunks_exact(hat.point_stride));
            let filters = filters.chunks_exact_mut(self.tiling.blocks * self.filters);
            for ((signal, dy), filters) in points.zip(filters) {
                kernels::correlate_weights(filters, signal, self.tile_rows(), dy, self.filters);
            }
        });
    }

    /// The gradient of filter `f` by tap, from that of all filters at every point.
    pub fn by_tap(&self, filters: &[f32], f: usize) -> Vec<f64> {
        let (size, points) = (self.tiling.size, filters.chunks_exact(self.tiling.blocks * self.filters));
        let at = |tap: usize| {
            let at_point = |(point, filters): (usize, &[f32])| {
                let value = f64::from(filters[tap / size * self.filters + f]);
                value * self.tiling.tap_weight(point, tap % size)
            };
            points.clone().enumerate().map(at_point).sum()
        };
        (0..self.taps).map(at).collect()
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
        shape: Shape,
        front: &Front,
        theta: &[f32],
        norms: &[Norm64],
        coefficients: &Coefficients,
        purpose: Purpose,
    ) -> Self {
        let electrodes = shape.electrodes;
        let mut weights = vec![0.0; front.outputs() * electrodes];
        let mut shift = vec![0.0; front.outputs()];
        for output in 0..front.outputs() {
            let (f, d) = (output / DEPTH, output % DEPTH);
            let scale = f64::from(coefficients.scale[output]);
            for (e, weight) in joint_weights(front, theta, norms, output).into_iter().enumerate() {
                weights[Shape::place(f, d, electrodes, e)] = (scale * weight) as f32;
            }
            shift[Shape::place(f, d, 1, 0)] = coefficients.shift[output];
        }
        let filter = |f: usize| front.temporal_filter(theta, f);
        let filters = match purpose {
            Purpose::Training => {
                Filters::Direct(Packed::new(shape.taps, shape.filters, |tap, f| filter(f)[tap]))
            }
            Purpose::Evaluation => Filters::Tiled(shape.tiled(filter)),
        };
        Split { shape, filters, weights, shift }
    }

    fn joined<'a>(&'a self, stage: &Stage, y: &'a [f32], mask: Option<(TrialMask, f32)>) -> Joined<'a> {
        Joined {
            y,
            electrodes: self.shape.electrodes,
            weights: &self.weights,
            shift: &self.shift,
            activation: stage.activation,
            kernel: stage.kernel,
            mask,
        }
    }

    /// Convolves the trial `x` (sample, electrode) into `kept`.
    pub fn convolve(&self, memory: &Memory, x: &[f32], kept: &mut [f32]) {
        let shape = self.shape;
        let (signal, y) = kept.split_at_mut(shape.signal_len());
        let outputs = y.chunks_exact_mut(shape.after * shape.filters);
        for (e, (signal, y)) in signal.chunks_exact_mut(shape.padded()).zip(outputs).enumerate() {
            let (before, rest) = signal.split_at_mut(shape.padding);
            let (inside, after) = rest.split_at_mut(shape.before);
            before.fill(0.0);
            after.fill(0.0);
            let rows = x.chunks_exact(shape.electrodes);
            inside.iter_mut().zip(rows).for_each(|(to, row)| *to = row[e]);
            match &self.filters {
                Filters::Direct(filters) => kernels::correlate(y, signal, shape.rows(), filters),
                Filters::Tiled(filters) => shape.convolve_tiles(memory, y, signal, filters),
            }
        }
    }

    /// What follows [`Self::convolve`]: the pooled rows of a trial.
    pub fn pool(&self, stage: &Stage, kept: &[f32], out: &mut [f32], mask: Option<(TrialMask, f32)>) {
        kernels::join(out, self.joined(stage, &kept[self.shape.signal_len()..], mask));
    }

    /// Floats of a trial that [`Self::convolve`] fills.
    pub fn kept_len(&self) -> usize {
        self.shape.kept_len()
    }

    /// Nothing yet.
    pub fn slopes(&self) -> Slopes {
        Slopes {
            filters: vec![0.0; self.shape.tiling.points() * self.shape.tiling.blocks * self.shape.filters],
            sums: vec![0.0; self.weights.len() + self.shift.len()],
        }
    }

    /// What [`Self::backward`] works in: the gradient of the filters' outputs, and room for an electrode.
    pub fn rooms(&self, memory: &Memory) -> (Lease, Room) {
        (memory.lease(self.shape.outputs_len()), self.shape.room(memory))
    }

    /// Adds what the weights get from the gradient of one trial's pooled rows.
    pub fn backward(
        &self,
        stage: &Stage,
        kept: &[f32],
        gradient: &[f32],
        mask: Option<(TrialMask, f32)>,
        slopes: &mut Slopes,
        (scratch, room): (&mut [f32], &mut Room),
    ) {
        let shape = self.shape;
        let mut sums = vec![0.0; slopes.sums.len()];
        let joined = self.joined(stage, &kept[shape.signal_len()..], mask);
        timed(Part::Normalise, || kernels::join_backward(scratch, &mut sums, gradient, joined));
        slopes.sums.iter_mut().zip(sums).for_each(|(total, part)| *total += f64::from(part));
        for (e, dy) in scratch.chunks_exact(shape.after * shape.filters).enumerate() {
            shape.filters_gradient(room, &mut slopes.filters, shape.signal(kept, e), dy);
        }
    }
}
