//! The innermost loop: a tile of a matrix product that lives in registers.

use super::LANES;
use super::vector::Vector;

/// Rows of a tile `vectors` wide: their sums, a column each and an input value fit the registers. Of 16 registers 12 hold sums,
/// of 32 up to 24.
pub(super) const fn rows_of<V: Vector>(vectors: usize) -> usize {
    let fit = (V::REGISTERS - 4) / vectors;
    if fit < MOST_ROWS { fit } else { MOST_ROWS }
}

/// Tiles of more rows gain nothing: loads are few enough beside the multiplications.
const MOST_ROWS: usize = 12;

/// How the left factor of a product lies in memory, in floats.
#[derive(Clone, Copy)]
pub(super) struct Left {
    /// From one row to the next, or from one step of the sum to the next (see [`tile`]).
    pub row: usize,
    /// Steps of the sum in one run.
    pub run: usize,
    /// How many such runs.
    pub runs: usize,
    /// From the start of one run to that of the next.
    pub jump: usize,
}

/// Adds to (`add`) or sets the tile of `R` rows and `N` vectors at `out`: Σₚ left[r][p] · right[p][c].
///
/// With `ACROSS` false, the steps of a run lie next to each other in the left factor and rows `left.row` apart: a
/// convolution. With `ACROSS` true, rows lie next to each other and steps `left.row` apart: a gradient of weights.
///
/// # Safety
/// All of these must lie in memory that may be read, or written for `out`: `left` over its rows and steps, `right` over
/// `runs · run` steps of `N` vectors `right_step` apart, `out` over `R` rows of `N` vectors `out_step` apart.
#[inline(always)]
unsafe fn tile<V: Vector, const R: usize, const N: usize, const ACROSS: bool>(
    add: bool,
    shape: Left,
    left: *const f32,
    right: *const f32,
    right_step: usize,
    out: *mut f32,
    out_step: usize,
) {
    let (row, step) = if ACROSS { (1, shape.row) } else { (shape.row, 1) };
    let mut sums = [[V::splat(0.0); N]; R];
    let mut right = right;
    for run in 0..shape.runs {
        // SAFETY: within the left factor, as the caller promises.
        let mut left = unsafe { left.add(run * shape.jump) };
        for _ in 0..shape.run {
            // SAFETY: step p of both factors, as the caller promises.
            unsafe {
                let columns: [V; N] = std::array::from_fn(|n| V::load(eights::<V>(right, n)));
                for (r, sums) in sums.iter_mut().enumerate() {
                    let value = V::splat(*left.add(r * row));
                    for (sum, column) in sums.iter_mut().zip(columns) {
                        *sum = value.fma(column, *sum);
                    }
                }
                left = left.add(step);
                right = right.add(right_step);
            }
        }
    }
    for (r, sums) in sums.iter().enumerate() {
        for (n, sum) in sums.iter().enumerate() {
            // SAFETY: within the tile's rows and vectors, as the caller promises.
            let place = unsafe {
                let at = out.add(r * out_step + n * V::EIGHTS * LANES);
                std::slice::from_raw_parts_mut(at.cast::<[f32; LANES]>(), V::EIGHTS)
            };
            if add { V::load(place).add(*sum).store(place) } else { sum.store(place) }
        }
    }
}

/// The n-th vector from a place on.
///
/// # Safety
/// It must lie in memory that may be read for as long as the result is used.
#[inline(always)]
unsafe fn eights<'a, V: Vector>(from: *const f32, n: usize) -> &'a [[f32; LANES]] {
    // SAFETY: as the caller promises.
    unsafe { std::slice::from_raw_parts(from.add(n * V::EIGHTS * LANES).cast(), V::EIGHTS) }
}

/// A tile of `rows` rows, at most [`rows_of`] that width, and `N` vectors.
///
/// # Safety
/// As for [`tile`].
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub(super) unsafe fn tile_of<V: Vector, const N: usize, const ACROSS: bool>(
    rows: usize,
    add: bool,
    shape: Left,
    left: *const f32,
    right: *const f32,
    right_step: usize,
    out: *mut f32,
    out_step: usize,
) {
    // A call for each number of rows; those of more than fit are not compiled.
    macro_rules! of {
        ($($r:literal)*) => {
            match rows {
                $($r if const { $r <= rows_of::<V>(N) } => {
                    // SAFETY: the caller promises what `tile` asks for.
                    unsafe { tile::<V, $r, N, ACROSS>(add, shape, left, right, right_step, out, out_step) }
                })*
                _ => {}
            }
        };
    }
    debug_assert!((1..=rows_of::<V>(N)).contains(&rows));
    of!(1 2 3 4 5 6 7 8 9 10 11 12);
}
