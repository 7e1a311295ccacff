//! A depthwise first stage at one or two electrodes: each electrode is filtered along time by itself, and the electrodes
//! are joined in the same pass as batch normalisation, activation and pool. That is half the multiplications of the filter
//! in one. Both batch normalisations take their statistics from the signal's moments, so a trial goes through the whole
//! stage, and on into the next one's convolution, while it is in cache; backwards too, because what normalisation takes
//! away from the gradient is a small sum over the same moments.

use super::forward::FrontPass;
use super::norm::{Coefficients, Norm64, Statistics};
use super::plan::{Front, Plan, Stage};
use super::windows::{Crossed, dot};
use crate::nn::breakdown::{Part, timed};
use crate::nn::kernels::{self, DEPTH, Joined, LANES, Packed, PoolKind, Rows};
use crate::random::TrialMask;
use rayon::prelude::*;

/// Sizes of a split first stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub electrodes: usize,
    pub filters: usize,
    taps: usize,
    padding: usize,
    /// Samples before and after the convolution.
    before: usize,
    after: usize,
}

/// Moments of the temporal filters' outputs before normalisation, from those of the signal.
pub(super) struct Reach {
    electrodes: usize,
    crossed: Crossed,
    /// Mean of xₐ[t + k] times the output at electrode b, by filter and by a · electrodes + b: a vector over k.
    along: Vec<Vec<Vec<f64>>>,
    /// Mean output, and mean product of the outputs at two electrodes, likewise.
    means: Vec<Vec<f64>>,
    squares: Vec<Vec<f64>>,
}

/// The stage's weights as the kernels take them.
pub(super) struct Split {
    shape: Shape,
    filters: Packed,
    /// See [`Joined`].
    weights: Vec<f32>,
    shift: Vec<f32>,
}

/// What the weights get from some trials: of the filters (tap, filter), and the sums of [`kernels::join_backward`].
pub(super) struct Slopes {
    pub filters: Vec<f32>,
    pub sums: Vec<f64>,
}

impl Shape {
    /// Of a network's first stage, if it can be split.
    pub fn of(front: &Front, stage: &Stage, stages: usize) -> Option<Self> {
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

    /// The signal of one electrode in a trial's kept floats.
    fn signal<'a>(&self, kept: &'a [f32], electrode: usize) -> &'a [f32] {
        &kept[electrode * self.padded()..][..self.padded()]
    }

    /// The place of output `d` of filter `f` in what is laid out (vector of filters, output, `each` vectors, lane); the
    /// lane of its vector `i`.
    fn place(f: usize, d: usize, each: usize, i: usize) -> usize {
        ((f / LANES * DEPTH + d) * each + i) * LANES + f % LANES
    }
}

impl Reach {
    /// Of a batch whose signal has these moments.
    pub fn new(front: &Front, theta: &[f32], crossed: Crossed) -> Self {
        let electrodes = front.electrodes;
        let pairs = || (0..electrodes).flat_map(move |a| (0..electrodes).map(move |b| (a, b)));
        let filter = |f: usize| front.temporal_filter(theta, f);
        let along: Vec<Vec<Vec<f64>>> = (0..front.filters)
            .into_par_iter()
            .map(|f| pairs().map(|pair| crossed.apply(pair, filter(f))).collect())
            .collect();
        let means = |f: usize| (0..electrodes).map(|e| crossed.mean(e, filter(f))).collect();
        let squares = |f: usize| along[f].iter().map(|along| dot(along, filter(f))).collect();
        let (means, squares) = (0..front.filters).map(|f| (means(f), squares(f))).unzip();
        Reach { electrodes, crossed, along, means, squares }
    }

    /// Mean and variance of Σ over electrodes of weight · output, of a filter.
    fn statistics(&self, f: usize, weights: &[f64]) -> Statistics {
        let mean = weights.iter().zip(&self.means[f]).map(|(weight, mean)| weight * mean).sum::<f64>();
        let square: f64 = (0..self.electrodes).map(|a| weights[a] * self.product(f, a, weights)).sum();
        Statistics { mean, variance: (square - mean * mean).max(0.0) }
    }

    /// Mean of the output at electrode a times Σ over electrodes of weight · output.
    fn product(&self, f: usize, a: usize, weights: &[f64]) -> f64 {
        let own = &self.squares[f][a * self.electrodes..][..self.electrodes];
        own.iter().zip(weights).map(|(square, weight)| square * weight).sum()
    }
}

/// The spatial weights of an output by electrode, with its filter's normalisation.
fn joint_weights(front: &Front, theta: &[f32], norms: &[Norm64], output: usize) -> Vec<f64> {
    let scale = norms[output / DEPTH].scale;
    front.spatial(theta, output * front.electrodes).iter().map(|&weight| scale * f64::from(weight)).collect()
}

/// Statistics of every output of the first stage, but for what biases add.
pub(super) fn statistics(front: &Front, theta: &[f32], norms: &[Norm64], reach: &Reach) -> Vec<Statistics> {
    let of = |output: usize| reach.statistics(output / DEPTH, &joint_weights(front, theta, norms, output));
    (0..front.outputs()).map(of).collect()
}

impl Split {
    /// From the normalisations before and after the spatial convolution.
    pub fn new(
        shape: Shape,
        front: &Front,
        theta: &[f32],
        norms: &[Norm64],
        coefficients: &Coefficients,
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
        let filters = Packed::new(shape.taps, shape.filters, |tap, f| front.temporal_filter(theta, f)[tap]);
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
    pub fn convolve(&self, x: &[f32], kept: &mut [f32]) {
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
            kernels::correlate(y, signal, shape.rows(), &self.filters);
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
            filters: vec![0.0; self.shape.taps * self.shape.filters],
            sums: vec![0.0; self.weights.len() + self.shift.len()],
        }
    }

    /// Floats that [`Self::backward`] needs room for.
    pub fn scratch_len(&self) -> usize {
        self.shape.outputs_len()
    }

    /// Adds what the weights get from the gradient of one trial's pooled rows.
    pub fn backward(
        &self,
        stage: &Stage,
        kept: &[f32],
        gradient: &[f32],
        mask: Option<(TrialMask, f32)>,
        slopes: &mut Slopes,
        scratch: &mut [f32],
    ) {
        let shape = self.shape;
        let mut sums = vec![0.0; slopes.sums.len()];
        let joined = self.joined(stage, &kept[shape.signal_len()..], mask);
        timed(Part::Normalise, || kernels::join_backward(scratch, &mut sums, gradient, joined));
        slopes.sums.iter_mut().zip(sums).for_each(|(total, part)| *total += f64::from(part));
        timed(Part::Product, || {
            for (e, dy) in scratch.chunks_exact(shape.after * shape.filters).enumerate() {
                let signal = shape.signal(kept, e);
                kernels::correlate_weights(&mut slopes.filters, signal, shape.rows(), dy, shape.filters);
            }
        });
    }
}

impl Slopes {
    /// Adds what other trials gave.
    pub fn add(&mut self, other: &Slopes) {
        self.filters.iter_mut().zip(&other.filters).for_each(|(own, other)| *own += other);
        self.sums.iter_mut().zip(&other.sums).for_each(|(own, other)| *own += other);
    }

    /// Σ du of an output, and Σ du · y by electrode.
    fn of(&self, shape: Shape, output: usize) -> (f64, Vec<f64>) {
        let at = |i: usize| self.sums[Shape::place(output / DEPTH, output % DEPTH, shape.electrodes + 1, i)];
        (at(0), (1..=shape.electrodes).map(at).collect())
    }

    /// Adds the gradients of all of the first stage's weights to `out`, laid out as theta.
    ///
    /// With u = scale · (z − mean) + offset and z = Σₑ wₑ yₑ, normalisation gives dz = scale · du − constant − along · z
    /// (see [`Backward`](super::norm::Backward)). Its first term has gone through the kernels; the rest of any sum of dz
    /// times yₑ or xₑ is one of means that [`Reach`] has.
    pub fn finish(&self, out: &mut [f32], plan: &Plan, shape: Shape, theta: &[f32], pass: &FinishedPass) {
        let (front, stage) = (&plan.front, &plan.stages[0]);
        let FinishedPass { front: front_pass, reach, coefficients, count } = pass;
        let mut filters: Vec<Vec<f64>> = (0..shape.filters)
            .map(|f| self.filters.iter().skip(f).step_by(shape.filters).map(|&v| f64::from(v)).collect())
            .collect();
        let mut by_scale = vec![0.0; shape.filters];
        for output in 0..front.outputs() {
            let f = output / DEPTH;
            let weights = joint_weights(front, theta, &front_pass.norms, output);
            let (sum, products) = self.of(shape, output);
            let statistics = coefficients.statistics[output];
            let (mean, unit) = (statistics.mean, statistics.unit());
            let along_z: f64 = weights.iter().zip(&products).map(|(weight, product)| weight * product).sum();
            let by_factor = unit * (along_z - mean * sum);
            out[stage.norm.offset.start + output] = sum as f32;
            out[stage.norm.factor.start + output] = by_factor as f32;
            let scale = f64::from(theta[stage.norm.factor.start + output]) * unit;
            let along = scale * unit * by_factor / count;
            let constant = scale * sum / count - along * mean;
            for (e, product) in products.iter().enumerate() {
                let rest = constant * reach.means[f][e] + along * reach.product(f, e, &weights);
                let slope = scale * product - count * rest;
                let place = output * shape.electrodes + e;
                out[front.spatial.weight.start + place] += (front_pass.norms[f].scale * slope) as f32;
                by_scale[f] += f64::from(theta[front.spatial.weight.start + place]) * slope;
                let means = reach.crossed.means(e);
                for (k, filter) in filters[f].iter_mut().enumerate() {
                    let along_z: f64 = (0..shape.electrodes)
                        .map(|b| weights[b] * reach.along[f][e * shape.electrodes + b][k])
                        .sum();
                    *filter -= count * weights[e] * (constant * means[k] + along * along_z);
                }
            }
        }
        for (f, (slopes, by_scale)) in filters.into_iter().zip(by_scale).enumerate() {
            front.norm_backward(out, f, slopes, by_scale, theta, front_pass);
        }
    }
}

/// What [`Slopes::finish`] needs of the pass forwards.
pub(super) struct FinishedPass<'a> {
    pub front: &'a FrontPass,
    pub reach: &'a Reach,
    pub coefficients: &'a Coefficients,
    /// Values of one output over the batch.
    pub count: f64,
}
