//! A pool's window of a few neighbouring vectors of channels: what the [pointwise passes](super::pointwise) read, step by
//! step on all of its vectors, so that a core need not wait for the step before.

use super::activation::ActivationFn;
use super::conv_output::{ConvOutput, PoolKind};
use super::prefetch::will_read;
use super::vector::{self, Vector};
use super::{LANES, lanes, lanes_mut};
use crate::random::TrialMask;

/// One window of `N` neighbouring vectors of channels: where its values lie, and what becomes of them.
pub(super) struct Window<'a, V, const N: usize> {
    pub from: ConvOutput<'a>,
    pub row: usize,
    /// Its first sample.
    first: usize,
    /// Where its channels start in a row, in eights.
    pub at: usize,
    pub scale: [V; N],
    pub shift: [V; N],
}

/// `N` vectors from the eight `at` on.
#[inline(always)]
pub(super) fn load<V: Vector, const N: usize>(values: &[f32], at: usize) -> [V; N] {
    let mut all = [V::splat(0.0); N];
    let values = &lanes(values)[at..at + N * V::EIGHTS];
    for (n, to) in all.iter_mut().enumerate() {
        *to = vector::load(values, n * V::EIGHTS);
    }
    all
}

#[inline(always)]
pub(super) fn store<V: Vector, const N: usize>(values: [V; N], to: &mut [f32], at: usize) {
    let to = &mut lanes_mut(to)[at..at + N * V::EIGHTS];
    for (n, value) in values.into_iter().enumerate() {
        vector::store(value, to, n * V::EIGHTS);
    }
}

/// value · factor + term, for each.
#[inline(always)]
pub(super) fn fma<V: Vector, const N: usize>(mut value: [V; N], factor: [V; N], term: [V; N]) -> [V; N] {
    for (value, (factor, term)) in value.iter_mut().zip(factor.into_iter().zip(term)) {
        *value = value.fma(factor, term);
    }
    value
}

#[inline(always)]
pub(super) fn mul<V: Vector, const N: usize>(mut value: [V; N], factor: [V; N]) -> [V; N] {
    for (value, factor) in value.iter_mut().zip(factor) {
        *value = value.mul(factor);
    }
    value
}

#[inline(always)]
pub(super) fn add<V: Vector, const N: usize>(mut value: [V; N], term: [V; N]) -> [V; N] {
    for (value, term) in value.iter_mut().zip(term) {
        *value = value.add(term);
    }
    value
}

impl<'a, V: Vector, const N: usize> Window<'a, V, N> {
    #[inline(always)]
    pub fn new(from: ConvOutput<'a>, row: usize, at: usize) -> Self {
        Self::at_sample(from, row, row * from.kernel, at)
    }

    /// A window that starts at a sample of its own.
    #[inline(always)]
    pub fn at_sample(from: ConvOutput<'a>, row: usize, first: usize, at: usize) -> Self {
        Window { from, row, first, at, scale: load(from.scale, at), shift: load(from.shift, at) }
    }

    /// Where a sample's channels start, in eights.
    #[inline(always)]
    pub fn place(&self, sample: usize) -> usize {
        (self.first + sample) * (self.from.columns() / LANES) + self.at
    }

    #[inline(always)]
    pub fn value(&self, sample: usize) -> [V; N] {
        let at = self.place(sample);
        will_read(lanes(self.from.z), at, N * V::EIGHTS);
        load(self.from.z, at)
    }

    #[inline(always)]
    pub fn normed(&self, z: [V; N]) -> [V; N] {
        fma(z, self.scale, self.shift)
    }

    /// 1 where y rises with z, −1 where it falls.
    #[inline(always)]
    pub fn sign(&self) -> [V; N] {
        let mut sign = self.scale;
        for sign in &mut sign {
            *sign = sign.if_greater(V::splat(0.0), V::splat(1.0), V::splat(-1.0));
        }
        sign
    }

    /// What the maximum is taken of: the value itself where the activation rises with it.
    #[inline(always)]
    fn key<C: ActivationFn<V>>(&self, z: [V; N], sign: [V; N], function: C) -> [V; N] {
        if function.never_falls() { mul(z, sign) } else { function.values(self.normed(z)) }
    }

    /// The value whose activation is the largest, and its place in the window. Chosen among the convolution's own
    /// values: those after normalisation are rounded once more, and may tie where these do not.
    #[inline(always)]
    pub fn largest<C: ActivationFn<V>>(&self, function: C) -> ([V; N], [V; N]) {
        let sign = self.sign();
        let (mut best, mut place) = (self.value(0), [V::splat(0.0); N]);
        let mut best_key = self.key(best, sign, function);
        for sample in 1..self.from.kernel {
            let z = self.value(sample);
            let this = self.key(z, sign, function);
            for n in 0..N {
                best[n] = this[n].if_greater(best_key[n], z[n], best[n]);
                place[n] = this[n].if_greater(best_key[n], V::splat(sample as f32), place[n]);
                best_key[n] = this[n].if_greater(best_key[n], this[n], best_key[n]);
            }
        }
        (best, place)
    }

    /// What the gradient of the pooled values is multiplied by: dropout's factor, and for a mean the width.
    #[inline(always)]
    pub fn passes(&self) -> [V; N] {
        let share = match self.from.pool {
            PoolKind::Mean => 1.0 / self.from.kernel as f32,
            PoolKind::Max => 1.0,
        };
        let mut passes = [V::splat(0.0); N];
        for (n, passes) in passes.iter_mut().enumerate() {
            let first = self.row * self.from.features + (self.at + n * V::EIGHTS) * LANES;
            *passes = kept(self.from.mask, share, first);
        }
        passes
    }

    /// Where the pooled values start, in eights.
    #[inline(always)]
    pub fn pooled_place(&self) -> usize {
        self.row * (self.from.columns() / LANES) + self.at
    }
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
