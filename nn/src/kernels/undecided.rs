//! Finds what rounding may have decided: windows whose two largest values are nearly the same, and values nearly at the kink of
//! their activation function.

use super::conv_output::ConvOutput;
use super::pool_window::{Window, load, mul};
use super::registers::{Registers, side_by_side};
use super::vector::{MOST_EIGHTS, Vector};
use super::{LANES, dispatched};

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
        side_by_side!(R, eights, at => note_undecided::<_>(
            &Window::at_sample(from, row, row * stride, at), found, bounds, kinks
        ));
    }
}

/// Notes the windows that are undecided among a few neighbouring vectors of channels.
#[inline(always)]
pub(super) fn note_undecided<V: Vector, const N: usize>(
    window: &Window<V, N>,
    found: &mut Vec<Undecided>,
    bounds: &[f32],
    kinks: bool,
) {
    let sign = window.sign();
    let (mut best, mut second) = (mul(window.value(0), sign), [V::splat(f32::NEG_INFINITY); N]);
    for sample in 1..window.from.kernel {
        let this = mul(window.value(sample), sign);
        for n in 0..N {
            second[n] = second[n].max(best[n].min(this[n]));
            best[n] = best[n].max(this[n]);
        }
    }
    let bound: [V; N] = load(bounds, window.at);
    let (mut gap, mut limit, mut size) = (best, bound, best);
    let mut any = false;
    for n in 0..N {
        gap[n] = best[n].sub(second[n]);
        any |= bound[n].any_greater(gap[n]);
        if kinks {
            limit[n] = bound[n].mul(window.scale[n].mul(sign[n]));
            let y = best[n].mul(sign[n]).fma(window.scale[n], window.shift[n]);
            size[n] = y.max(V::splat(0.0).sub(y));
            any |= limit[n].any_greater(size[n]);
        }
    }
    if !any {
        return;
    }
    for n in 0..N {
        let mut stored = [[[0.0; LANES]; MOST_EIGHTS]; 4];
        for (values, to) in [bound[n], gap[n], limit[n], size[n]].into_iter().zip(&mut stored) {
            values.store(to);
        }
        let [bounds, gaps, limits, sizes] = &stored;
        for lane in 0..V::EIGHTS * LANES {
            let of_lane = |values: &[[f32; LANES]]| values.as_flattened()[lane];
            if of_lane(bounds) > of_lane(gaps) || kinks && of_lane(limits) > of_lane(sizes) {
                found
                    .push(Undecided { row: window.row, channel: (window.at + n * V::EIGHTS) * LANES + lane });
            }
        }
    }
}
