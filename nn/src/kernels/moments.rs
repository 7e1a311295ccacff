//! Sums that batch normalisation needs, exact enough for any offset: short sums in f32, long ones in f64.

use super::registers::{Registers, side_by_side};
use super::vector::{Vector, load, store};
use super::{LANES, dispatched, lanes, lanes_mut};

/// Rows that are summed in f32 before the sum goes into f64.
const SHORT: usize = 64;

/// Adds up each channel's Σ z and Σ z² over the rows of `z`. Both sums have one entry a channel.
pub fn moments(sum: &mut [f64], square: &mut [f64], z: &[f32]) {
    let columns = sum.len();
    assert!(columns.is_multiple_of(LANES) && square.len() == columns && z.len().is_multiple_of(columns));
    let mut scratch = [vec![0.0; columns], vec![0.0; columns], vec![0.0; columns]];
    run_moments(sum, square, z, &mut scratch);
}

dispatched!(
    fn run_moments(sum: &mut [f64], square: &mut [f64], z: &[f32], scratch: &mut [Vec<f32>; 3]) = moments_with
);

/// Around each block's own mean, so that an offset does not swallow the variance.
#[inline(always)]
fn moments_with<R: Registers>(sum: &mut [f64], square: &mut [f64], z: &[f32], scratch: &mut [Vec<f32>; 3]) {
    let columns = sum.len();
    let [total, mean, spread] = scratch;
    for block in z.chunks(SHORT * columns) {
        let count = (block.len() / columns) as f64;
        side_by_side!(R, columns / LANES, at => total_of_rows::<_>(lanes_mut(total), lanes(block), at));
        for (mean, total) in mean.iter_mut().zip(total.iter()) {
            *mean = -total / count as f32;
        }
        side_by_side!(R, columns / LANES, at => spread_of_rows::<_>(lanes_mut(spread), lanes(mean), lanes(block), at));
        for c in 0..columns {
            // Σ z² = Σ (z − m)² + 2m Σ z − n m², for any m; here m is the rounded mean.
            let (m, total) = (-f64::from(mean[c]), f64::from(total[c]));
            sum[c] += total;
            square[c] += f64::from(spread[c]) + 2.0 * m * total - count * m * m;
        }
    }
}

/// Σ z of a few vectors of channels, in registers: a core would wait for sums that it puts into memory and takes out again.
#[inline(always)]
fn total_of_rows<V: Vector, const N: usize>(total: &mut [[f32; LANES]], block: &[[f32; LANES]], at: usize) {
    let mut sums = [V::splat(0.0); N];
    for row in block.chunks_exact(total.len()) {
        let row = &row[at..at + N * V::EIGHTS];
        for (n, sum) in sums.iter_mut().enumerate() {
            *sum = sum.add(load(row, n * V::EIGHTS));
        }
    }
    for (n, sum) in sums.into_iter().enumerate() {
        store(sum, total, at + n * V::EIGHTS);
    }
}

/// Σ (z − m)² of a few vectors of channels.
#[inline(always)]
fn spread_of_rows<V: Vector, const N: usize>(
    spread: &mut [[f32; LANES]],
    less_mean: &[[f32; LANES]],
    block: &[[f32; LANES]],
    at: usize,
) {
    let mut sums = [V::splat(0.0); N];
    let less_mean = &less_mean[at..at + N * V::EIGHTS];
    for row in block.chunks_exact(spread.len()) {
        let row = &row[at..at + N * V::EIGHTS];
        for (n, sum) in sums.iter_mut().enumerate() {
            let off = load::<V>(row, n * V::EIGHTS).add(load(less_mean, n * V::EIGHTS));
            *sum = off.fma(off, *sum);
        }
    }
    for (n, sum) in sums.into_iter().enumerate() {
        store(sum, spread, at + n * V::EIGHTS);
    }
}

/// `out[lag] += Σ a[i] · b[i + lag]` for every lag that `out` has, in f64: what the variance of any filter's output follows
/// from. Products of two f32 are exact in f64, so an offset costs no digit.
pub fn lags(out: &mut [f64], a: &[f64], b: &[f64]) {
    for (lags, first) in out.chunks_mut(LAGS).zip((0..).step_by(LAGS)) {
        let mut sums = [0.0; LAGS];
        run_lags(&mut sums, a, b.get(first..).unwrap_or(&[]));
        lags.iter_mut().zip(sums).for_each(|(lag, sum)| *lag += sum);
    }
}

/// The sum, in eight parts that a core can add up at once.
pub fn total(values: &[f64]) -> f64 {
    let (vectors, rest) = values.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for vector in vectors {
        sums.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
    }
    sums.iter().chain(rest).sum()
}

/// Lags at once: each value of a is loaded once for all of them.
const LAGS: usize = 8;

/// Sums of one lag under way, for a vector of f64.
const WIDTH: usize = 4;

dispatched!(fn run_lags(out: &mut [f64; LAGS], a: &[f64], b: &[f64]) = lags_with);

#[inline(always)]
fn lags_with<R: Registers>(out: &mut [f64; LAGS], a: &[f64], b: &[f64]) {
    let mut sums = [[0.0f64; WIDTH]; LAGS];
    let mut whole = 0;
    for (here, late) in a.chunks_exact(WIDTH).zip(b.windows(WIDTH + LAGS - 1).step_by(WIDTH)) {
        for (lag, sums) in sums.iter_mut().enumerate() {
            for i in 0..WIDTH {
                sums[i] += here[i] * late[lag + i];
            }
        }
        whole += WIDTH;
    }
    for (lag, (out, sums)) in out.iter_mut().zip(sums).enumerate() {
        let late = b.get(whole + lag..).unwrap_or(&[]);
        let rest: f64 = a[whole..].iter().zip(late).map(|(a, b)| a * b).sum();
        *out += sums.iter().sum::<f64>() + rest;
    }
}

/// Adds every row to `sum`, which is as long as a row, in f64.
pub fn add_rows64(sum: &mut [f64], rows: &[f32]) {
    assert!(sum.len().is_multiple_of(LANES) && !sum.is_empty() && rows.len().is_multiple_of(sum.len()));
    run_rows64(sum, rows);
}

dispatched!(fn run_rows64(sum: &mut [f64], rows: &[f32]) = rows64_with);

#[inline(always)]
fn rows64_with<R: Registers>(sum: &mut [f64], rows: &[f32]) {
    for row in rows.chunks_exact(sum.len()) {
        sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value));
    }
}

/// Adds Σ over inputs of input · row of weights to `sums`; `weights` are (input, sum).
pub fn add_products64(sums: &mut [f64], inputs: &[f64], weights: &[f64]) {
    assert!(!sums.is_empty() && weights.len() == inputs.len() * sums.len());
    run_products64(sums, inputs, weights);
}

dispatched!(fn run_products64(sums: &mut [f64], inputs: &[f64], weights: &[f64]) = products64_with);

#[inline(always)]
fn products64_with<R: Registers>(sums: &mut [f64], inputs: &[f64], weights: &[f64]) {
    for (input, row) in inputs.iter().zip(weights.chunks_exact(sums.len())) {
        sums.iter_mut().zip(row).for_each(|(sum, weight)| *sum += input * weight);
    }
}
