//! Finds what rounding may have decided: windows whose two largest values are nearly the same, and values nearly at the kink of
//! their activation function.

use super::conv_output::ConvOutput;
use super::prefetch::will_read;
use super::registers::{Registers, along_row};
use super::vector::{MOST_EIGHTS, Vector, load};
use super::{LANES, dispatched, lanes};

/// Something to be decided: a window's or a sample's row, and the channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undecided {
    /// Window or sample.
    pub row: usize,
    /// Channel.
    pub channel: usize,
}

/// Windows of `from.kernel` samples, one every `stride`, whose largest z (or smallest, where the scale is negative) is less than
/// the channel's bound ahead of the next one; and, with `kinks`, those whose largest is that near to y = 0.
pub fn near_ties(from: ConvOutput, stride: usize, bounds: &[f32], kinks: bool) -> Vec<Undecided> {
    assert!(from.columns().is_multiple_of(LANES) && from.z.len().is_multiple_of(from.columns()));
    assert!(from.shift.len() == from.columns() && bounds.len() == from.columns());
    assert!(from.kernel > 0 && stride > 0);
    let mut found = Vec::new();
    run_ties(&mut found, from, stride, bounds, kinks);
    found
}

/// Samples whose z is less than the channel's bound away from y = 0.
pub fn near_kinks(from: ConvOutput, bounds: &[f32]) -> Vec<Undecided> {
    near_ties(ConvOutput { kernel: 1, ..from }, 1, bounds, true)
}

dispatched!(
    fn run_ties(found: &mut Vec<Undecided>, from: ConvOutput, stride: usize, bounds: &[f32], kinks: bool)
        = ties_with
);

#[inline(always)]
fn ties_with<R: Registers>(
    found: &mut Vec<Undecided>,
    from: ConvOutput,
    stride: usize,
    bounds: &[f32],
    kinks: bool,
) {
    let eights = from.columns() / LANES;
    let samples = from.z.len() / from.columns();
    let rows = (samples + stride).saturating_sub(from.kernel) / stride;
    for row in 0..rows {
        along_row!(R, eights, at => far_tie::<_>(found, from, (row, row * stride), bounds, kinks, at));
    }
}

/// [`tie`] of what is not in the first cache yet.
#[inline(always)]
fn far_tie<V: Vector>(
    found: &mut Vec<Undecided>,
    from: ConvOutput,
    (row, sample): (usize, usize),
    bounds: &[f32],
    kinks: bool,
    at: usize,
) {
    let eights = from.columns() / LANES;
    for sample in sample..sample + from.kernel {
        will_read(lanes(from.z), sample * eights + at, V::EIGHTS);
    }
    tie::<V>(found, from, (row, sample), bounds, kinks, at);
}

/// A window of one vector of channels: its number, and its first sample's.
#[inline(always)]
pub(super) fn tie<V: Vector>(
    found: &mut Vec<Undecided>,
    from: ConvOutput,
    (row, sample): (usize, usize),
    bounds: &[f32],
    kinks: bool,
    at: usize,
) {
    let (z, eights) = (lanes(from.z), from.columns() / LANES);
    let of_channels = |values| load::<V>(lanes(values), at);
    let (scale, shift, bound) = (of_channels(from.scale), of_channels(from.shift), of_channels(bounds));
    let sign = scale.if_greater(V::splat(0.0), V::splat(1.0), V::splat(-1.0));
    let limit = bound.mul(scale.mul(sign));
    let first = sample * eights + at;
    let mut best = load::<V>(z, first).mul(sign);
    let mut second = V::splat(f32::NEG_INFINITY);
    for sample in 1..from.kernel {
        let this = load::<V>(z, first + sample * eights).mul(sign);
        second = second.max(best.min(this));
        best = best.max(this);
    }
    let gap = best.sub(second);
    let y = best.mul(sign).fma(scale, shift);
    let size = y.max(V::splat(0.0).sub(y));
    if bound.any_greater(gap) || kinks && limit.any_greater(size) {
        let [mut near, mut gaps, mut limits, mut sizes] = [[[0.0; LANES]; MOST_EIGHTS]; 4];
        bound.store(&mut near);
        gap.store(&mut gaps);
        limit.store(&mut limits);
        size.store(&mut sizes);
        for lane in 0..V::EIGHTS * LANES {
            let of_lane = |values: &[[f32; LANES]]| values.as_flattened()[lane];
            if of_lane(&near) > of_lane(&gaps) || kinks && of_lane(&limits) > of_lane(&sizes) {
                found.push(Undecided { row, channel: at * LANES + lane });
            }
        }
    }
}
