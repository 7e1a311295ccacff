//! Convolutions along time as matrix products over overlapping views: output row t is the input's rows t … t + taps − 1,
//! which lie one after another, times the weights. No input is copied or rearranged for it.

use super::registers::{Registers, widest};
use super::tile::{Left, rows_of, tile_of};
use super::vector::Vector;
use super::{Aligned, LANES, dispatched, padded};
use std::ops::Range;

/// Products are summed in blocks of at most this many, and the blocks' sums added up: that halves the rounding error of
/// a sum of 125 to 1000 terms, and with it the number of ReLU and max-pool decisions that fall otherwise than in exact
/// arithmetic.
const BLOCK: usize = 64;

/// Rows that a gradient of weights takes at once, and the most of one sum: the slices of both factors stay in the first cache.
pub const SUM_ROWS: usize = 96;

/// The view of an input that a convolution sums over: `taps` rows of `width` channels, `stride` floats apart, starting
/// `step` floats further for each output row.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    /// Output rows.
    pub count: usize,
    /// Floats from one output row's first row to the next one's: the stride, but for a convolution with a step.
    pub step: usize,
    /// Floats from one row to the next.
    pub stride: usize,
    /// Rows that one output row sums over.
    pub taps: usize,
    /// Channels of a row that count; the rest of the stride is skipped.
    pub width: usize,
}

impl Rows {
    /// Terms of each sum.
    pub fn terms(&self) -> usize {
        self.taps * self.width
    }

    /// Floats from the first value read to the last, inclusive.
    fn extent(&self) -> usize {
        (self.count - 1) * self.step + (self.taps - 1) * self.stride + self.width
    }

    /// The same view with as few runs as there are: rows without a gap are one long row.
    fn merged(self) -> Self {
        if self.width == self.stride || self.taps == 1 {
            Rows { taps: 1, width: self.terms(), ..self }
        } else {
            self
        }
    }
}

/// Cuts columns into panels that a tile can be as wide as: two wide vectors of this process's instructions, and at the end one, or
/// an eight: (first, width).
fn panels(columns: usize) -> impl Iterator<Item = (usize, usize)> {
    let widest = 2 * LANES * widest();
    let mut first = 0;
    std::iter::from_fn(move || {
        let mut width = widest;
        while width > columns - first {
            width /= 2;
        }
        first += width;
        (width >= LANES).then_some((first - width, width))
    })
}

/// Weights (term, output channel) in panels, each panel's rows one after another.
pub struct Packed {
    data: Aligned,
    terms: usize,
    columns: usize,
}

impl Packed {
    /// Room for `terms` × `channels` weights, all zero.
    pub fn zeros(terms: usize, channels: usize) -> Self {
        let columns = padded(channels);
        Packed { data: Aligned::zeros(terms * columns), terms, columns }
    }

    /// The weights of a matrix (term, padded channel).
    pub fn of_rows(rows: &[f32], columns: usize) -> Self {
        let terms = rows.len() / columns;
        let mut packed = Packed::zeros(terms, columns);
        assert!(packed.columns == columns && rows.len() == packed.data.len());
        for (first, width) in panels(columns) {
            let panel = packed.data[first * terms..].chunks_exact_mut(width);
            for (to, row) in panel.zip(rows.chunks_exact(columns)) {
                to.copy_from_slice(&row[first..][..width]);
            }
        }
        packed
    }

    /// The weights that `weight(term, channel)` gives.
    pub fn new(terms: usize, channels: usize, mut weight: impl FnMut(usize, usize) -> f32) -> Self {
        let columns = padded(channels);
        let mut rows = vec![0.0; terms * columns];
        for (term, row) in rows.chunks_exact_mut(columns).enumerate() {
            row[..channels]
                .iter_mut()
                .enumerate()
                .for_each(|(channel, value)| *value = weight(term, channel));
        }
        Self::of_rows(&rows, columns)
    }
}

/// `out[t][c] = Σ input[t·stride + …] · weights[…][c]`, rows of `out` padded to whole vectors and without gaps.
pub fn correlate(out: &mut [f32], input: &[f32], rows: Rows, weights: &Packed) {
    assert!(rows.count > 0 && rows.taps > 0 && weights.terms == rows.terms());
    assert!(input.len() >= rows.extent() && out.len() >= rows.count * weights.columns);
    run_correlate(out, input, rows.merged(), weights);
}

/// `out[(tap, channel)][c] += Σₜ input[(t + tap)·stride + channel] · gradient[t][c]`: what [`correlate`]'s weights get
/// from the gradient of its output. `columns` is the padded row length of `out` and `gradient`.
pub fn correlate_weights(out: &mut [f32], input: &[f32], rows: Rows, gradient: &[f32], columns: usize) {
    correlate_weights_by((SUM_ROWS, true), out, input, rows, gradient, columns);
}

/// The same in sums of `sum` rows each, which are added up one after another; added to `out` (`add`), or in place of what it
/// holds.
pub fn correlate_weights_by(
    (sum, add): (usize, bool),
    out: &mut [f32],
    input: &[f32],
    rows: Rows,
    gradient: &[f32],
    columns: usize,
) {
    assert!(sum > 0 && sum <= SUM_ROWS);
    assert!(rows.count > 0 && rows.taps > 0 && columns.is_multiple_of(LANES));
    assert!(input.len() >= rows.extent() && gradient.len() >= rows.count * columns);
    assert!(out.len() >= rows.terms() * columns);
    run_correlate_weights((sum, add), out, input, rows.merged(), gradient, columns);
}

dispatched!(fn run_correlate(out: &mut [f32], input: &[f32], rows: Rows, weights: &Packed) = correlate_with);
dispatched!(
    fn run_correlate_weights(
        by: (usize, bool), out: &mut [f32], input: &[f32], rows: Rows, gradient: &[f32], columns: usize,
    ) = correlate_weights_with
);

/// A stretch of the sum: where it starts in the input and in the weights, and how it lies.
#[derive(Clone, Copy)]
struct Block {
    input: usize,
    term: usize,
    left: Left,
}

/// Cuts a sum into blocks of about [`BLOCK`] terms.
fn blocks(rows: Rows) -> impl Iterator<Item = Block> {
    let taps_at_once = (BLOCK / rows.width).clamp(1, rows.taps);
    let parts = rows.width.div_ceil(BLOCK);
    (0..rows.taps).step_by(taps_at_once).flat_map(move |tap| {
        (0..parts).map(move |part| {
            let (from, to) = (part * rows.width / parts, (part + 1) * rows.width / parts);
            let runs = taps_at_once.min(rows.taps - tap);
            Block {
                input: tap * rows.stride + from,
                term: tap * rows.width + from,
                left: Left { row: rows.step, run: to - from, runs, jump: rows.stride },
            }
        })
    })
}

/// Splits `rows` rows into tiles of at most `most` and nearly the same number of rows: (first row, rows).
#[inline(always)]
fn even_tiles(rows: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let tiles = rows.div_ceil(most);
    (0..tiles).map(move |i| (i * rows / tiles, (i + 1) * rows / tiles - i * rows / tiles))
}

/// Calls a function for a panel: for each width, with the vectors of which a tile has as many.
macro_rules! for_panel {
    ($registers:ident, $width:ident, $function:ident($($arg:expr),* $(,)?) $(,)?) => {{
        const { assert!(<$registers::Wide as Vector>::EIGHTS <= 2) };
        // SAFETY: the caller says why.
        unsafe {
            if $width == 2 * LANES * <$registers::Wide as Vector>::EIGHTS {
                $function::<$registers::Wide, 2>($($arg),*);
            } else if $width == LANES * <$registers::Wide as Vector>::EIGHTS {
                $function::<$registers::Wide, 1>($($arg),*);
            } else {
                $function::<$registers::Eight, 1>($($arg),*);
            }
        }
    }};
}

#[inline(always)]
fn correlate_with<R: Registers>(out: &mut [f32], input: &[f32], rows: Rows, weights: &Packed) {
    for (first, width) in panels(weights.columns) {
        // `correlate` checked that the input covers all rows and taps, that the panels cover all terms, and that `out` has
        // `rows.count` rows of `columns`, among which is this panel.
        for_panel!(R, width, correlate_panel(first, out, input, rows, weights));
    }
}

/// The columns of `N` vectors from `first` on.
///
/// # Safety
/// They are a panel of the weights, and [`correlate`]'s conditions hold.
#[inline(always)]
unsafe fn correlate_panel<V: Vector, const N: usize>(
    first: usize,
    out: &mut [f32],
    input: &[f32],
    rows: Rows,
    weights: &Packed,
) {
    let (width, columns) = (N * V::EIGHTS * LANES, weights.columns);
    for (i, block) in blocks(rows).enumerate() {
        for (row, count) in even_tiles(rows.count, rows_of::<V>(N)) {
            // SAFETY: the tile stays within the rows and columns that the caller promises.
            unsafe {
                tile_of::<V, N, false>(
                    count,
                    i > 0,
                    block.left,
                    input.as_ptr().add(row * rows.step + block.input),
                    weights.data.as_ptr().add(first * weights.terms + block.term * width),
                    width,
                    out.as_mut_ptr().add(row * columns + first),
                    columns,
                );
            }
        }
    }
}

#[inline(always)]
fn correlate_weights_with<R: Registers>(
    (sum, add): (usize, bool),
    out: &mut [f32],
    input: &[f32],
    rows: Rows,
    gradient: &[f32],
    columns: usize,
) {
    // Whole sums, so that each tile of the gradient stays in the first cache until all of them are added to it.
    let at_once = SUM_ROWS / sum * sum;
    for from in (0..rows.count).step_by(at_once) {
        let range = from..rows.count.min(from + at_once);
        for (first, width) in panels(columns) {
            // `correlate_weights_by` checked that the input covers all rows and taps, that `gradient` has `rows.count` and
            // `out` `rows.terms()` rows of `columns`, among which is this panel.
            for_panel!(
                R,
                width,
                weights_panel(
                    first,
                    (range.clone(), sum, add || from > 0),
                    out,
                    input,
                    rows,
                    gradient,
                    columns
                )
            );
        }
    }
}

/// The columns of `N` vectors from `first` on: a range of rows, in sums of so many, of which the first is added or not.
///
/// # Safety
/// The gradient has these columns and rows, and [`correlate_weights_by`]'s conditions hold.
#[inline(always)]
unsafe fn weights_panel<V: Vector, const N: usize>(
    first: usize,
    (range, sum, add): (Range<usize>, usize, bool),
    out: &mut [f32],
    input: &[f32],
    rows: Rows,
    gradient: &[f32],
    columns: usize,
) {
    for tap in 0..rows.taps {
        for (channel, count) in even_tiles(rows.width, rows_of::<V>(N)) {
            for from in range.clone().step_by(sum) {
                let shape = Left { row: rows.step, run: sum.min(range.end - from), runs: 1, jump: 0 };
                // SAFETY: the tile stays within the rows and columns that the caller promises.
                unsafe {
                    tile_of::<V, N, true>(
                        count,
                        add || from > range.start,
                        shape,
                        input.as_ptr().add(from * rows.step + tap * rows.stride + channel),
                        gradient.as_ptr().add(from * columns + first),
                        columns,
                        out.as_mut_ptr().add((tap * rows.width + channel) * columns + first),
                        columns,
                    );
                }
            }
        }
    }
}
