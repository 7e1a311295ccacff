//! Sums of a few matrices, each times a number: filters at a point from those at their taps, and back.

use super::registers::{Registers, along_row};
use super::vector::{Vector, load, store};
use super::{LANES, dispatched, lanes, lanes_mut};

/// `out = Σ factor · part`, summed in order, each product rounded before it is added.
pub fn weighted_sum(out: &mut [f32], parts: &[(f32, &[f32])]) {
    assert!(out.len().is_multiple_of(LANES) && parts.iter().all(|(_, part)| part.len() == out.len()));
    run_sum(out, parts);
}

dispatched!(fn run_sum(out: &mut [f32], parts: &[(f32, &[f32])]) = sum_with);

#[inline(always)]
fn sum_with<R: Registers>(out: &mut [f32], parts: &[(f32, &[f32])]) {
    let out = lanes_mut(out);
    along_row!(R, out.len(), at => sum_vector::<_>(out, parts, at));
}

#[inline(always)]
fn sum_vector<V: Vector>(out: &mut [[f32; LANES]], parts: &[(f32, &[f32])], at: usize) {
    let mut sum = V::splat(0.0);
    for (factor, part) in parts {
        sum = sum.add(load::<V>(lanes(part), at).mul(V::splat(*factor)));
    }
    store(sum, out, at);
}
