//! Finds what rounding may have decided: windows whose two largest values are nearly the same, and values nearly at the kink of
//! their activation function.

use super::conv_output::ConvOutput;
use super::vector::Vector;
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
fn ties_with<V: Vector>(
    found: &mut Vec<Undecided>,
    from: ConvOutput,
    stride: usize,
    bounds: &[f32],
    kinks: bool,
) {
    let vectors = from.columns() / LANES;
    let z = lanes(from.z);
    let rows = ((z.len() / vectors).saturating_sub(from.kernel) / stride) + 1;
    if z.len() / vectors < from.kernel {
        return;
    }
    let (scales, shifts, bounds) = (lanes(from.scale), lanes(from.shift), lanes(bounds));
    for row in 0..rows {
        for vector in 0..vectors {
            let (scale, shift, bound) =
                (V::load(&scales[vector]), V::load(&shifts[vector]), V::load(&bounds[vector]));
            let sign = scale.if_greater(V::splat(0.0), V::splat(1.0), V::splat(-1.0));
            let limit = bound.mul(scale.mul(sign));
            let first = row * stride * vectors + vector;
            let mut best = V::load(&z[first]).mul(sign);
            let mut second = V::splat(f32::NEG_INFINITY);
            for sample in 1..from.kernel {
                let this = V::load(&z[first + sample * vectors]).mul(sign);
                second = second.max(best.min(this));
                best = best.max(this);
            }
            let gap = best.sub(second);
            let y = best.mul(sign).fma(scale, shift);
            let size = y.max(V::splat(0.0).sub(y));
            if !(bound.any_greater(gap) || kinks && limit.any_greater(size)) {
                continue;
            }
            let [mut near, mut gaps, mut limits, mut sizes] = [[0.0; LANES]; 4];
            bound.store(&mut near);
            gap.store(&mut gaps);
            limit.store(&mut limits);
            size.store(&mut sizes);
            for lane in 0..LANES {
                if near[lane] > gaps[lane] || kinks && limits[lane] > sizes[lane] {
                    found.push(Undecided { row, channel: vector * LANES + lane });
                }
            }
        }
    }
}
