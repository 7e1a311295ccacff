//! Batch normalisation, activation, pool and dropout as one pass over a trial forwards and two backwards. Nothing
//! between the convolution's output and the next one's input is kept: the passes backwards compute it again.

use super::curve::{Curve, with_curve};
use super::vector::Vector;
use super::{LANES, dispatched, lanes, lanes_mut};
use crate::model::Activation;
use crate::random::TrialMask;

/// How a window of samples becomes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolKind {
    /// By their mean.
    Mean,
    /// By their maximum; the first of equals.
    Max,
}

/// What follows a convolution: z ↦ dropout(pool(activation(scale · z + shift))).
#[derive(Clone, Copy)]
pub struct Normed<'a> {
    /// The convolution's output, rows of `scale.len()` floats.
    pub z: &'a [f32],
    /// Batch normalisation's factor, one a channel, padded with zeros.
    pub scale: &'a [f32],
    /// Its offset, likewise.
    pub shift: &'a [f32],
    /// After it.
    pub activation: Activation,
    /// Mean or maximum.
    pub pool: PoolKind,
    /// Width and stride of the pool.
    pub kernel: usize,
    /// Channels that count, for the places in the mask.
    pub features: usize,
    /// Dropout of this trial, and what the kept values are multiplied by.
    pub mask: Option<(TrialMask, f32)>,
}

impl Normed<'_> {
    fn columns(&self) -> usize {
        self.scale.len()
    }

    /// Rows after the pool.
    fn pooled(&self) -> usize {
        self.z.len() / self.columns() / self.kernel
    }

    fn check(&self, pooled: &[f32], coefficients: &[&[f32]]) {
        let columns = self.columns();
        assert!(columns.is_multiple_of(LANES) && self.z.len().is_multiple_of(columns) && self.kernel > 0);
        assert!(self.shift.len() == columns && pooled.len() >= self.pooled() * columns);
        assert!(coefficients.iter().all(|values| values.len() == columns));
    }
}

/// The pass forwards: fills the pooled rows of `out`.
pub fn forward(out: &mut [f32], from: Normed) {
    from.check(out, &[]);
    run_forward(out, from);
}

/// The first pass backwards, given the gradient of the pooled rows: adds Σ dy and Σ dy · (z · `unit` + `centre`) of
/// each channel, where y = scale · z + shift. These are also the gradients of batch normalisation's offset and factor.
pub fn sums(
    sum: &mut [f32],
    product: &mut [f32],
    gradient: &[f32],
    from: Normed,
    unit: &[f32],
    centre: &[f32],
) {
    from.check(gradient, &[sum, product, unit, centre]);
    run_sums(sum, product, gradient, from, unit, centre);
}

/// The second pass backwards: dz = `by_gradient` · dy + `by_value` · z + `constant` for every row of z.
pub fn backward(
    out: &mut [f32],
    gradient: &[f32],
    from: Normed,
    by_gradient: &[f32],
    by_value: &[f32],
    constant: &[f32],
) {
    from.check(gradient, &[by_gradient, by_value, constant]);
    assert!(out.len() >= from.z.len());
    run_backward(out, gradient, from, [by_gradient, by_value, constant]);
}

dispatched!(fn run_forward(out: &mut [f32], from: Normed) = forward_with);
dispatched!(
    fn run_sums(sum: &mut [f32], product: &mut [f32], gradient: &[f32], from: Normed, unit: &[f32], centre: &[f32])
        = sums_with
);
dispatched!(
    fn run_backward(out: &mut [f32], gradient: &[f32], from: Normed, coefficients: [&[f32]; 3]) = backward_with
);

/// One window of one vector of channels: where its values lie, and what becomes of them.
#[derive(Clone, Copy)]
struct Window<'a, V> {
    z: &'a [[f32; LANES]],
    /// Index of the first sample's vector, and from one sample to the next.
    first: usize,
    step: usize,
    kernel: usize,
    scale: V,
    shift: V,
}

impl<V: Vector> Window<'_, V> {
    #[inline(always)]
    fn value(&self, sample: usize) -> V {
        V::load(&self.z[self.first + sample * self.step])
    }

    #[inline(always)]
    fn normed(&self, z: V) -> V {
        z.fma(self.scale, self.shift)
    }

    /// What the maximum is taken of: the value itself where the activation rises with it.
    #[inline(always)]
    fn key<C: Curve<V>>(&self, z: V, sign: V, curve: C) -> V {
        if curve.rises() { z.mul(sign) } else { curve.value(self.normed(z)) }
    }

    /// The value whose activation is the largest, and its place in the window. Chosen among the convolution's own
    /// values: those after normalisation are rounded once more, and may tie where these do not.
    #[inline(always)]
    fn largest<C: Curve<V>>(&self, curve: C) -> (V, V) {
        let zero = V::splat(0.0);
        let sign = self.scale.if_greater(zero, V::splat(1.0), V::splat(-1.0));
        let mut best = self.value(0);
        let (mut best_key, mut place) = (self.key(best, sign, curve), zero);
        for sample in 1..self.kernel {
            let z = self.value(sample);
            let this = self.key(z, sign, curve);
            best = this.if_greater(best_key, z, best);
            place = this.if_greater(best_key, V::splat(sample as f32), place);
            best_key = this.if_greater(best_key, this, best_key);
        }
        (best, place)
    }
}

/// What the gradient of a pooled value is multiplied by: dropout's factor, and for a mean the width.
#[inline(always)]
fn passes<V: Vector>(from: &Normed, row: usize, vector: usize) -> V {
    let share = match from.pool {
        PoolKind::Mean => 1.0 / from.kernel as f32,
        PoolKind::Max => 1.0,
    };
    kept(from.mask, share, row * from.features + vector * LANES)
}

/// `share` times dropout's factor of the elements from `first` on.
#[inline(always)]
pub(super) fn kept<V: Vector>(mask: Option<(TrialMask, f32)>, share: f32, first: usize) -> V {
    match mask {
        None => V::splat(share),
        Some((mask, scale)) => {
            let (key, threshold) = mask.parts();
            V::keep(first as u32, key, threshold, scale * share)
        }
    }
}

#[inline(always)]
fn window<'a, V: Vector>(from: &Normed<'a>, row: usize, vector: usize) -> Window<'a, V> {
    let step = from.columns() / LANES;
    Window {
        z: lanes(from.z),
        first: row * from.kernel * step + vector,
        step,
        kernel: from.kernel,
        scale: V::load(&lanes(from.scale)[vector]),
        shift: V::load(&lanes(from.shift)[vector]),
    }
}

#[inline(always)]
fn forward_with<V: Vector>(out: &mut [f32], from: Normed) {
    with_curve!(from.activation, curve => forward_along::<V, _>(out, from, curve));
}

#[inline(always)]
fn forward_along<V: Vector, C: Curve<V>>(out: &mut [f32], from: Normed, curve: C) {
    let vectors = from.columns() / LANES;
    for (row, out) in lanes_mut(out).chunks_exact_mut(vectors).take(from.pooled()).enumerate() {
        for (vector, out) in out.iter_mut().enumerate() {
            let window = window::<V>(&from, row, vector);
            let pooled = match from.pool {
                PoolKind::Mean => {
                    let mut sum = V::splat(0.0);
                    for sample in 0..window.kernel {
                        sum = sum.add(curve.value(window.normed(window.value(sample))));
                    }
                    sum
                }
                PoolKind::Max => curve.value(window.normed(window.largest(curve).0)),
            };
            pooled.mul(passes(&from, row, vector)).store(out);
        }
    }
}

#[inline(always)]
fn sums_with<V: Vector>(
    sum: &mut [f32],
    product: &mut [f32],
    gradient: &[f32],
    from: Normed,
    unit: &[f32],
    centre: &[f32],
) {
    with_curve!(from.activation, curve => sums_along::<V, _>(sum, product, gradient, from, unit, centre, curve));
}

#[inline(always)]
fn sums_along<V: Vector, C: Curve<V>>(
    sum: &mut [f32],
    product: &mut [f32],
    gradient: &[f32],
    from: Normed,
    unit: &[f32],
    centre: &[f32],
    curve: C,
) {
    let vectors = from.columns() / LANES;
    let (sum, product) = (lanes_mut(sum), lanes_mut(product));
    for (row, gradient) in lanes(gradient).chunks_exact(vectors).take(from.pooled()).enumerate() {
        for (vector, gradient) in gradient.iter().enumerate() {
            let window = window::<V>(&from, row, vector);
            let (unit, centre) = (V::load(&lanes(unit)[vector]), V::load(&lanes(centre)[vector]));
            let gradient = V::load(gradient).mul(passes(&from, row, vector));
            let (mut dy, mut along) = (V::load(&sum[vector]), V::load(&product[vector]));
            match from.pool {
                PoolKind::Mean => {
                    for sample in 0..window.kernel {
                        let z = window.value(sample);
                        let this = gradient.mul(curve.slope(window.normed(z)));
                        dy = dy.add(this);
                        along = this.fma(z.fma(unit, centre), along);
                    }
                }
                PoolKind::Max => {
                    let (z, _) = window.largest(curve);
                    let this = gradient.mul(curve.slope(window.normed(z)));
                    dy = dy.add(this);
                    along = this.fma(z.fma(unit, centre), along);
                }
            }
            dy.store(&mut sum[vector]);
            along.store(&mut product[vector]);
        }
    }
}

#[inline(always)]
fn backward_with<V: Vector>(out: &mut [f32], gradient: &[f32], from: Normed, coefficients: [&[f32]; 3]) {
    with_curve!(from.activation, curve => backward_along::<V, _>(out, gradient, from, coefficients, curve));
}

#[inline(always)]
fn backward_along<V: Vector, C: Curve<V>>(
    out: &mut [f32],
    gradient: &[f32],
    from: Normed,
    coefficients: [&[f32]; 3],
    curve: C,
) {
    let vectors = from.columns() / LANES;
    let out = lanes_mut(out);
    let [by_gradient, by_value, constant] = coefficients.map(lanes);
    for (row, gradient) in lanes(gradient).chunks_exact(vectors).take(from.pooled()).enumerate() {
        for (vector, gradient) in gradient.iter().enumerate() {
            let window = window::<V>(&from, row, vector);
            let (by_value, constant) = (V::load(&by_value[vector]), V::load(&constant[vector]));
            let gradient =
                V::load(gradient).mul(passes(&from, row, vector)).mul(V::load(&by_gradient[vector]));
            match from.pool {
                PoolKind::Mean => {
                    for sample in 0..window.kernel {
                        let z = window.value(sample);
                        let slope = curve.slope(window.normed(z));
                        let dz = gradient.fma(slope, z.fma(by_value, constant));
                        dz.store(&mut out[window.first + sample * window.step]);
                    }
                }
                PoolKind::Max => {
                    let (z, place) = window.largest(curve);
                    let this = gradient.mul(curve.slope(window.normed(z)));
                    for sample in 0..window.kernel {
                        // 1 in the lanes whose maximum is this sample: there (place − sample)² < ½.
                        let off = place.add(V::splat(-(sample as f32)));
                        let chosen = V::splat(0.5).if_greater(off.mul(off), V::splat(1.0), V::splat(0.0));
                        let rest = window.value(sample).fma(by_value, constant);
                        this.fma(chosen, rest).store(&mut out[window.first + sample * window.step]);
                    }
                }
            }
        }
    }
    // The samples that the pool leaves out get no gradient of their own.
    let used = from.pooled() * from.kernel * vectors;
    for (i, (z, out)) in lanes(from.z).iter().zip(out).enumerate().skip(used) {
        let vector = i % vectors;
        V::load(z).fma(V::load(&by_value[vector]), V::load(&constant[vector])).store(out);
    }
}
