//! The innermost loop: a tile of a matrix product that lives in registers.

use super::LANES;
use super::vector::Vector;

/// Rows of a tile two vectors wide: 12 sums, 2 columns and 1 input value fit 16 registers.
pub(super) const WIDE: usize = 6;

/// Rows of a tile one vector wide, with as many sums under way.
pub(super) const NARROW: usize = 12;

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
pub(super) unsafe fn tile<V: Vector, const R: usize, const N: usize, const ACROSS: bool>(
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
                let columns: [V; N] = std::array::from_fn(|n| V::load(&*right.add(n * LANES).cast()));
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
            let place = unsafe { &mut *out.add(r * out_step + n * LANES).cast::<[f32; LANES]>() };
            if add { V::load(place).add(*sum).store(place) } else { sum.store(place) }
        }
    }
}

/// Calls the tile that has `$rows` of the listed numbers of rows.
macro_rules! with_rows {
    ($rows:expr, [$($r:literal)*], $last:literal, $v:ty, $n:literal, $across:ident, $args:tt) => {
        match $rows {
            $($r => with_rows!(@call $v, $r, $n, $across, $args),)*
            _ => with_rows!(@call $v, $last, $n, $across, $args),
        }
    };
    (@call $v:ty, $r:literal, $n:literal, $across:ident, ($($arg:expr),*)) => {
        tile::<$v, $r, $n, $across>($($arg),*)
    };
}

/// A tile of `rows` rows (up to [`WIDE`] or [`NARROW`]) and two vectors (`wide`) or one.
///
/// # Safety
/// As for [`tile`].
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub(super) unsafe fn tile_of<V: Vector, const ACROSS: bool>(
    (rows, wide): (usize, bool),
    add: bool,
    shape: Left,
    left: *const f32,
    right: *const f32,
    right_step: usize,
    out: *mut f32,
    out_step: usize,
) {
    // SAFETY: the caller promises what `tile` asks for.
    unsafe {
        if wide {
            with_rows!(rows, [1 2 3 4 5], 6, V, 2, ACROSS, (add, shape, left, right, right_step, out, out_step));
        } else {
            with_rows!(rows, [1 2 3 4 5 6 7 8 9 10 11], 12, V, 1, ACROSS, (add, shape, left, right, right_step, out, out_step));
        }
    }
}
