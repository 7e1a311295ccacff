//! Convolution along time of each channel by itself: `out[i] += Σⱼ filter[j] · signal[i + j]`, channel by channel. With a
//! signal and a filter it convolves; with a signal and the gradient of its output as the filter it gives the gradient of
//! the filter.

use super::registers::{Registers, along_row};
use super::vector::{Vector, load, store};
use super::{LANES, dispatched, lanes, lanes_mut};

/// Output rows at once: 12 sums, a filter row and a signal row fit 16 registers.
const ROWS: usize = 12;

/// Adds the correlation of every channel of `signal` with that of `filter` to `out`; all have rows of `columns` floats.
pub fn depthwise(out: &mut [f32], signal: &[f32], filter: &[f32], columns: usize) {
    assert!(columns > 0 && columns.is_multiple_of(LANES));
    assert!(out.len().is_multiple_of(columns) && filter.len().is_multiple_of(columns) && !filter.is_empty());
    assert!(signal.len() + columns >= out.len() + filter.len());
    run_depthwise(out, signal, filter, columns);
}

dispatched!(fn run_depthwise(out: &mut [f32], signal: &[f32], filter: &[f32], columns: usize) = depthwise_with);

#[inline(always)]
fn depthwise_with<R: Registers>(out: &mut [f32], signal: &[f32], filter: &[f32], columns: usize) {
    let step = columns / LANES;
    let (out, signal, filter) = (lanes_mut(out), lanes(signal), lanes(filter));
    along_row!(R, step, column => column_with::<_>(out, signal, filter, step, column));
}

/// One vector of channels.
#[inline(always)]
fn column_with<V: Vector>(
    out: &mut [[f32; LANES]],
    signal: &[[f32; LANES]],
    filter: &[[f32; LANES]],
    step: usize,
    column: usize,
) {
    let rows = out.len() / step;
    let whole = rows / ROWS * ROWS;
    for first in (0..whole).step_by(ROWS) {
        rows_with::<V, ROWS>(out, signal, filter, step, first * step + column, column);
    }
    for row in whole..rows {
        rows_with::<V, 1>(out, signal, filter, step, row * step + column, column);
    }
}

/// `R` rows of one vector of channels; `at` is the first one's index in `out` and in `signal`.
#[inline(always)]
fn rows_with<V: Vector, const R: usize>(
    out: &mut [[f32; LANES]],
    signal: &[[f32; LANES]],
    filter: &[[f32; LANES]],
    step: usize,
    at: usize,
    column: usize,
) {
    let mut sums = [V::splat(0.0); R];
    let taps = filter.len() / step;
    // One check for the whole loop: the last value read.
    let signal = &signal[at..at + (taps + R - 2) * step + V::EIGHTS];
    for tap in 0..taps {
        let factor: V = load(filter, tap * step + column);
        for (r, sum) in sums.iter_mut().enumerate() {
            *sum = factor.fma(load(signal, (tap + r) * step), *sum);
        }
    }
    for (r, sum) in sums.iter().enumerate() {
        let at = at + r * step;
        store(load::<V>(out, at).add(*sum), out, at);
    }
}
