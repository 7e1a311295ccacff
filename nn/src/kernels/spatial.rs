//! The depthwise convolution over electrodes with all that follows it, as one pass over a trial's filter outputs each
//! way: y ↦ dropout(pool(activation(u))), where every filter has [`DEPTH`] outputs u = Σ over electrodes of weight · y +
//! shift. Batch normalisation is in the weights and the shift. Only means are pooled.

use super::activation::{ActivationFn, with_activation};
use super::pool_window::kept;
use super::registers::{Registers, along_row};
use super::undecided::Undecided;
use super::vector::{Vector, gather, load, scatter, store};
use super::{LANES, dispatched, lanes, lanes_mut};
use crate::model::Activation;
use crate::random::TrialMask;

/// Outputs of each filter; those of filter f are the outputs DEPTH · f and the one after it.
pub const DEPTH: usize = 2;

/// One trial's filter outputs, and what becomes of them.
#[derive(Clone, Copy)]
pub struct FilterOutputs<'a> {
    /// Outputs of the temporal filters: (electrode, sample, filter).
    pub y: &'a [f32],
    /// One or two.
    pub electrodes: usize,
    /// (vector of filters, output of a filter, electrode, lane).
    pub weights: &'a [f32],
    /// (vector of filters, output of a filter, lane).
    pub shift: &'a [f32],
    /// After it.
    pub activation: Activation,
    /// Width and stride of the pool.
    pub kernel: usize,
    /// Dropout of this trial, and what the kept values are multiplied by.
    pub mask: Option<(TrialMask, f32)>,
}

impl FilterOutputs<'_> {
    fn filters(&self) -> usize {
        self.shift.len() / DEPTH
    }

    fn samples(&self) -> usize {
        self.y.len() / self.electrodes / self.filters()
    }

    fn check(&self, pooled: &[f32]) {
        let filters = self.filters();
        assert!(matches!(self.electrodes, 1 | 2) && self.kernel > 0);
        assert!(filters > 0 && filters.is_multiple_of(LANES) && self.shift.len() == DEPTH * filters);
        assert!(self.weights.len() == DEPTH * filters * self.electrodes);
        assert!(self.y.len().is_multiple_of(self.electrodes * filters));
        assert!(pooled.len() >= self.samples() / self.kernel * filters * DEPTH);
    }
}

/// The pass forwards: fills the pooled rows of `out`, outputs in their order.
pub fn join(out: &mut [f32], from: FilterOutputs) {
    from.check(out);
    run_join(out, from);
}

/// The pass backwards, given the gradient of the pooled rows: what `y` gets, and in `sums` for every filter's outputs, laid
/// out as the weights with one electrode more, Σ du and then Σ du · y by electrode. These are added.
pub fn join_backward(out: &mut [f32], sums: &mut [f32], gradient: &[f32], from: FilterOutputs) {
    from.check(gradient);
    assert!(out.len() == from.y.len() && sums.len() == from.weights.len() + from.shift.len());
    run_join_backward(out, sums, gradient, from);
}

/// Samples and outputs whose u is nearer to 0 than the output's bound, laid out as the shift.
pub fn join_near_kinks(from: FilterOutputs, bounds: &[f32]) -> Vec<Undecided> {
    assert!(matches!(from.electrodes, 1 | 2) && bounds.len() == from.shift.len());
    assert!(from.filters() > 0 && from.filters().is_multiple_of(LANES) && from.kernel > 0);
    assert!(from.weights.len() == from.shift.len() * from.electrodes);
    assert!(from.y.len().is_multiple_of(from.electrodes * from.filters()));
    let mut found = Vec::new();
    run_near_kinks(&mut found, from, bounds);
    found
}

dispatched!(fn run_near_kinks(found: &mut Vec<Undecided>, from: FilterOutputs, bounds: &[f32]) = near_kinks_with);

#[inline(always)]
fn near_kinks_with<R: Registers>(found: &mut Vec<Undecided>, from: FilterOutputs, bounds: &[f32]) {
    match from.electrodes {
        1 => near_kinks_along::<R::Eight, 1>(found, from, bounds),
        _ => near_kinks_along::<R::Eight, 2>(found, from, bounds),
    }
}

#[inline(always)]
fn near_kinks_along<V: Vector, const E: usize>(
    found: &mut Vec<Undecided>,
    from: FilterOutputs,
    bounds: &[f32],
) {
    let vectors = from.filters() / LANES;
    let y = Signals::<E>::new(from.y);
    for vector in 0..vectors {
        let outputs = Outputs::<V, E>::load(&from, vector);
        for sample in 0..from.samples() / from.kernel * from.kernel {
            let values = outputs.values(y.at(sample * vectors + vector));
            for (d, value) in values.into_iter().enumerate() {
                let bound = lanes(bounds)[vector * DEPTH + d];
                let size = value.max(V::splat(0.0).sub(value));
                if V::load(&[bound]).any_greater(size) {
                    let mut sizes = [[0.0; LANES]];
                    size.store(&mut sizes);
                    let near = (0..LANES).filter(|&lane| bound[lane] > sizes[0][lane]);
                    found.extend(
                        near.map(|lane| Undecided {
                            row: sample,
                            channel: (vector * LANES + lane) * DEPTH + d,
                        }),
                    );
                }
            }
        }
    }
}

dispatched!(fn run_join(out: &mut [f32], from: FilterOutputs) = join_with);
dispatched!(
    fn run_join_backward(out: &mut [f32], sums: &mut [f32], gradient: &[f32], from: FilterOutputs) = join_backward_with
);

#[inline(always)]
fn join_with<R: Registers>(out: &mut [f32], from: FilterOutputs) {
    with_activation!(from.activation, function => match from.electrodes {
        1 => join_all::<R, _, 1>(out, from, function),
        _ => join_all::<R, _, 2>(out, from, function),
    });
}

#[inline(always)]
fn join_all<R: Registers, C: ActivationFn<R::Eight> + ActivationFn<R::Wide>, const E: usize>(
    out: &mut [f32],
    from: FilterOutputs,
    function: C,
) {
    along_row!(R, from.filters() / LANES, at => join_along::<_, C, E>(out, from, function, at));
}

#[inline(always)]
fn join_backward_with<R: Registers>(
    out: &mut [f32],
    sums: &mut [f32],
    gradient: &[f32],
    from: FilterOutputs,
) {
    with_activation!(from.activation, function => match from.electrodes {
        1 => backward_all::<R, _, 1>(out, sums, gradient, from, function),
        _ => backward_all::<R, _, 2>(out, sums, gradient, from, function),
    });
}

#[inline(always)]
fn backward_all<R: Registers, C: ActivationFn<R::Eight> + ActivationFn<R::Wide>, const E: usize>(
    out: &mut [f32],
    sums: &mut [f32],
    gradient: &[f32],
    from: FilterOutputs,
    function: C,
) {
    along_row!(R, from.filters() / LANES, at => backward_along::<_, C, E>(out, sums, gradient, from, function, at));
    // The samples that the pool leaves out get nothing.
    let used = from.samples() / from.kernel * from.kernel * from.filters();
    for out in out.chunks_exact_mut((from.y.len() / E).max(1)) {
        out[used..].fill(0.0);
    }
}

/// The outputs of one vector of filters: weights by output and electrode, and shifts.
#[derive(Clone, Copy)]
struct Outputs<V, const E: usize> {
    weights: [[V; E]; DEPTH],
    shift: [V; DEPTH],
}

impl<V: Vector, const E: usize> Outputs<V, E> {
    #[inline(always)]
    fn load(from: &FilterOutputs, at: usize) -> Self {
        let weight = |d, e| gather(lanes(from.weights), |eight| ((at + eight) * DEPTH + d) * E + e);
        Outputs {
            weights: std::array::from_fn(|d| std::array::from_fn(|e| weight(d, e))),
            shift: std::array::from_fn(|d| gather(lanes(from.shift), |eight| (at + eight) * DEPTH + d)),
        }
    }

    #[inline(always)]
    fn values(&self, y: [V; E]) -> [V; DEPTH] {
        let mut values = self.shift;
        for (u, weights) in values.iter_mut().zip(&self.weights) {
            for (y, weight) in y.iter().zip(weights) {
                *u = y.fma(*weight, *u);
            }
        }
        values
    }
}

/// The filter outputs of one trial, by electrode.
#[derive(Clone, Copy)]
struct Signals<'a, const E: usize>([&'a [[f32; LANES]]; E]);

impl<'a, const E: usize> Signals<'a, E> {
    #[inline(always)]
    fn new(y: &'a [f32]) -> Self {
        let each = y.len() / E;
        Signals(std::array::from_fn(|e| lanes(&y[e * each..][..each])))
    }

    #[inline(always)]
    fn at<V: Vector>(&self, place: usize) -> [V; E] {
        std::array::from_fn(|e| load(self.0[e], place))
    }
}

/// Of one vector of filters: Σ du of their outputs, and Σ du · y by electrode.
struct Totals<V, const E: usize> {
    du: [V; DEPTH],
    along: [[V; E]; DEPTH],
}

impl<V: Vector, const E: usize> Totals<V, E> {
    /// Where the sums of an eight of filters lie, of an output: Σ du, and behind it Σ du · y by electrode.
    #[inline(always)]
    fn place(eight: usize, d: usize) -> usize {
        (eight * DEPTH + d) * (E + 1)
    }

    #[inline(always)]
    fn load(from: &[[f32; LANES]], at: usize) -> Self {
        let sum = |d, i| gather(from, |eight| Self::place(at + eight, d) + i);
        Totals {
            du: std::array::from_fn(|d| sum(d, 0)),
            along: std::array::from_fn(|d| std::array::from_fn(|e| sum(d, 1 + e))),
        }
    }

    #[inline(always)]
    fn store(&self, to: &mut [[f32; LANES]], at: usize) {
        for d in 0..DEPTH {
            scatter(self.du[d], to, |eight| Self::place(at + eight, d));
            for (e, along) in self.along[d].iter().enumerate() {
                scatter(*along, to, |eight| Self::place(at + eight, d) + 1 + e);
            }
        }
    }

    /// Adds one sample's, given what comes back from the pool and the activation's derivatives; gives what y gets.
    #[inline(always)]
    fn add(
        &mut self,
        outputs: &Outputs<V, E>,
        y: [V; E],
        gradient: [V; DEPTH],
        derivatives: [V; DEPTH],
    ) -> [V; E] {
        let mut back = [V::splat(0.0); E];
        for d in 0..DEPTH {
            let du = gradient[d].mul(derivatives[d]);
            self.du[d] = self.du[d].add(du);
            for e in 0..E {
                self.along[d][e] = du.fma(y[e], self.along[d][e]);
                back[e] = du.fma(outputs.weights[d][e], back[e]);
            }
        }
        back
    }
}

#[inline(always)]
fn store_all<V: Vector, const E: usize>(to: &mut [&mut [[f32; LANES]]; E], place: usize, values: [V; E]) {
    for (to, value) in to.iter_mut().zip(values) {
        store(value, to, place);
    }
}

#[inline(always)]
fn join_along<V: Vector, C: ActivationFn<V>, const E: usize>(
    out: &mut [f32],
    from: FilterOutputs,
    function: C,
    at: usize,
) {
    let eights = from.filters() / LANES;
    let (rows, share) = (from.samples() / from.kernel, 1.0 / from.kernel as f32);
    let y = Signals::<E>::new(from.y);
    let outputs = Outputs::<V, E>::load(&from, at);
    for row in 0..rows {
        let mut sums = [V::splat(0.0); DEPTH];
        let place = |sample: usize| (row * from.kernel + sample) * eights + at;
        for sample in (0..from.kernel / 2 * 2).step_by(2) {
            let [a, b] = outputs.values(y.at(place(sample)));
            let [c, d] = outputs.values(y.at(place(sample + 1)));
            let [a, b, c, d] = function.values([a, b, c, d]);
            sums = [sums[0].add(a).add(c), sums[1].add(b).add(d)];
        }
        if from.kernel % 2 == 1 {
            let [a, b] = function.values(outputs.values(y.at(place(from.kernel - 1))));
            sums = [sums[0].add(a), sums[1].add(b)];
        }
        let (low, high) = sums[0].interleave(sums[1]);
        let [first, second] = pooled_places::<V>(row * eights + at);
        store(low.mul(kept(from.mask, share, first * LANES)), lanes_mut(out), first);
        store(high.mul(kept(from.mask, share, second * LANES)), lanes_mut(out), second);
    }
}

/// Where the two vectors of outputs lie that a vector of filters has, in eights.
#[inline(always)]
fn pooled_places<V: Vector>(filters: usize) -> [usize; DEPTH] {
    [filters * DEPTH, filters * DEPTH + V::EIGHTS]
}

#[inline(always)]
fn backward_along<V: Vector, C: ActivationFn<V>, const E: usize>(
    out: &mut [f32],
    sums: &mut [f32],
    gradient: &[f32],
    from: FilterOutputs,
    function: C,
    at: usize,
) {
    let eights = from.filters() / LANES;
    let (rows, share) = (from.samples() / from.kernel, 1.0 / from.kernel as f32);
    let y = Signals::<E>::new(from.y);
    let each = out.len() / E;
    let mut out = out.chunks_exact_mut(each.max(1));
    let mut out: [&mut [[f32; LANES]]; E] =
        std::array::from_fn(|_| lanes_mut(out.next().unwrap_or_default()));
    let outputs = Outputs::<V, E>::load(&from, at);
    let mut totals = Totals::<V, E>::load(lanes(sums), at);
    for row in 0..rows {
        let [first, second] = pooled_places::<V>(row * eights + at);
        let low: V = load(lanes(gradient), first);
        let high: V = load(lanes(gradient), second);
        let low = low.mul(kept(from.mask, share, first * LANES));
        let (even, odd) = low.deinterleave(high.mul(kept(from.mask, share, second * LANES)));
        let gradient = [even, odd];
        let place = |sample: usize| (row * from.kernel + sample) * eights + at;
        for sample in (0..from.kernel / 2 * 2).step_by(2) {
            let y = [y.at(place(sample)), y.at(place(sample + 1))];
            let ([a, b], [c, d]) = (outputs.values(y[0]), outputs.values(y[1]));
            let [a, b, c, d] = function.derivatives([a, b, c, d]);
            for (i, (y, derivatives)) in y.into_iter().zip([[a, b], [c, d]]).enumerate() {
                let back = totals.add(&outputs, y, gradient, derivatives);
                store_all(&mut out, place(sample + i), back);
            }
        }
        if from.kernel % 2 == 1 {
            let at = place(from.kernel - 1);
            let derivatives = function.derivatives(outputs.values(y.at(at)));
            store_all(&mut out, at, totals.add(&outputs, y.at(at), gradient, derivatives));
        }
    }
    totals.store(lanes_mut(sums), at);
}
