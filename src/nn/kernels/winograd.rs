//! Convolution along time with fewer multiplications (Winograd 1980, after Toom and Cook). Filters are cut into blocks of
//! taps and outputs into tiles of the same length, 4 or 5. A block's share of a tile is a product of two polynomials: both
//! are taken at 7 or 9 points, multiplied point by point and led back, which is 7 products instead of 16, or 9 instead of
//! 25. As tiles and blocks have one length, the blocks form at each point a convolution over tiles.
//!
//! The gradients use the transposed transforms, so both share the transformed gradient of the output. Tiles of 4 round
//! twice as much as the direct sums, tiles of 5 six times: no matter for gradients and evaluation, but a pass forwards in
//! training that chooses maxima stays direct, because there one rounding can turn the choice.

use super::vector::Vector;
use super::{LANES, dispatched, lanes, lanes_mut};

/// The finite points. Tiles of 4 take the first seven; tiles of 5 all eight, and infinity.
const FINITE: [f64; 8] = [0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 0.25];

/// How a filter is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    /// Taps of a block and outputs of a tile: 4 or 5.
    pub size: usize,
    /// Blocks of the filter.
    pub blocks: usize,
}

impl Tiling {
    /// Tiles of 4, which round less, for filters that are long enough to gain by it.
    pub fn small(taps: usize) -> Option<Self> {
        (taps >= 8).then(|| Tiling { size: 4, blocks: taps.div_ceil(4) })
    }

    /// Tiles of 5, which are faster.
    pub fn large(taps: usize) -> Option<Self> {
        (taps >= 5).then(|| Tiling { size: 5, blocks: taps.div_ceil(5) })
    }

    /// Points at which a tile is known.
    pub fn points(self) -> usize {
        2 * self.size - 1
    }

    /// Tiles that cover so many outputs.
    pub fn tiles(self, outputs: usize) -> usize {
        outputs.div_ceil(self.size)
    }

    /// Tiles of the input that these outputs need.
    pub fn input_tiles(self, outputs: usize) -> usize {
        self.tiles(outputs) + self.blocks - 1
    }

    /// The finite ones among its points.
    fn finite(self) -> &'static [f64] {
        &FINITE[..finite(self.points())]
    }

    /// A block of taps as a polynomial at a point: the sum of `tap(i)` times this.
    pub fn tap_weight(self, point: usize, tap: usize) -> f64 {
        match self.finite().get(point) {
            Some(&at) => {
                let others = self.finite().iter().enumerate().filter(|(other, _)| *other != point);
                at.powi(tap as i32) / others.map(|(_, other)| at - other).product::<f64>()
            }
            None => f64::from(u8::from(tap == self.size - 1)),
        }
    }
}

/// How many of so many points are finite.
const fn finite(points: usize) -> usize {
    if points < FINITE.len() { points } else { FINITE.len() }
}

/// The transforms for tiles of M at N points. All entries are exact in f32.
struct Matrices<const M: usize, const N: usize> {
    /// Samples to points.
    samples: [[f32; N]; N],
    /// Outputs' gradients to points.
    gradient: [[f32; M]; N],
}

const SMALL: Matrices<4, 7> = Matrices::build();
const LARGE: Matrices<5, 9> = Matrices::build();

impl<const M: usize, const N: usize> Matrices<M, N> {
    const fn build() -> Self {
        let mut all = Matrices { samples: [[0.0; N]; N], gradient: [[0.0; M]; N] };
        let finite = finite(N);
        let mut point = 0;
        while point < N {
            // The polynomial that is zero at all other finite points.
            let mut polynomial = [0.0f64; N];
            polynomial[0] = 1.0;
            let mut other = 0;
            while other < finite {
                if other != point {
                    let mut i = N - 1;
                    while i > 0 {
                        polynomial[i] = polynomial[i - 1] - FINITE[other] * polynomial[i];
                        i -= 1;
                    }
                    polynomial[0] *= -FINITE[other];
                }
                other += 1;
            }
            let mut i = 0;
            while i < N {
                all.samples[point][i] = polynomial[i] as f32;
                i += 1;
            }
            let mut power = 1.0f64;
            let mut output = 0;
            while output < M {
                let last = if output == M - 1 { 1.0 } else { 0.0 };
                all.gradient[point][output] = if point < finite { power as f32 } else { last };
                power *= if point < finite { FINITE[point] } else { 1.0 };
                output += 1;
            }
            point += 1;
        }
        all
    }
}

/// Where a transformed signal lies: points one after another, each with its tiles' rows.
#[derive(Clone, Copy, Debug)]
pub struct Hat {
    /// Floats of a row.
    pub columns: usize,
    /// Floats from one point's first row to the next one's.
    pub point_stride: usize,
    /// Rows of this signal.
    pub tiles: usize,
}

impl Hat {
    fn fits(&self, len: usize, points: usize) -> bool {
        self.columns.is_multiple_of(LANES)
            && self.point_stride.is_multiple_of(LANES)
            && (points - 1) * self.point_stride + self.tiles * self.columns <= len
    }
}

/// The input's samples (rows of `hat.columns`) at all points. Rows past the end count as zero.
pub fn transform_input(out: &mut [f32], input: &[f32], tiling: Tiling, hat: Hat) {
    assert!(hat.fits(out.len(), tiling.points()) && input.len().is_multiple_of(hat.columns));
    run_input(out, input, tiling, hat);
}

/// The gradient of the outputs at all points.
pub fn transform_gradient(out: &mut [f32], gradient: &[f32], tiling: Tiling, hat: Hat) {
    assert!(hat.fits(out.len(), tiling.points()) && gradient.len().is_multiple_of(hat.columns));
    run_gradient(out, gradient, tiling, hat);
}

/// The outputs from their points. `out` has as many rows as there are outputs.
pub fn outputs(out: &mut [f32], points: &[f32], tiling: Tiling, hat: Hat) {
    assert!(hat.fits(points.len(), tiling.points()) && out.len() <= hat.tiles * tiling.size * hat.columns);
    run_outputs(out, points, tiling, hat);
}

/// The gradient of the input's rows from row `first` on, from its points.
pub fn input_gradient(out: &mut [f32], points: &[f32], tiling: Tiling, hat: Hat, first: usize) {
    assert!(hat.fits(points.len(), tiling.points()));
    assert!(first * hat.columns + out.len() <= (hat.tiles * tiling.size + tiling.size - 1) * hat.columns);
    run_input_gradient(out, points, tiling, hat, first);
}

dispatched!(fn run_input(out: &mut [f32], input: &[f32], tiling: Tiling, hat: Hat) = input_with);
dispatched!(fn run_gradient(out: &mut [f32], gradient: &[f32], tiling: Tiling, hat: Hat) = gradient_with);
dispatched!(fn run_outputs(out: &mut [f32], points: &[f32], tiling: Tiling, hat: Hat) = outputs_with);
dispatched!(
    fn run_input_gradient(out: &mut [f32], points: &[f32], tiling: Tiling, hat: Hat, first: usize)
        = input_gradient_with
);

#[inline(always)]
fn input_with<V: Vector>(out: &mut [f32], input: &[f32], tiling: Tiling, hat: Hat) {
    match tiling.size {
        4 => to_points::<V, 4, 7, 7>(out, input, hat, &SMALL.samples),
        _ => to_points::<V, 5, 9, 9>(out, input, hat, &LARGE.samples),
    }
}

#[inline(always)]
fn gradient_with<V: Vector>(out: &mut [f32], gradient: &[f32], tiling: Tiling, hat: Hat) {
    match tiling.size {
        4 => to_points::<V, 4, 4, 7>(out, gradient, hat, &SMALL.gradient),
        _ => to_points::<V, 5, 5, 9>(out, gradient, hat, &LARGE.gradient),
    }
}

#[inline(always)]
fn outputs_with<V: Vector>(out: &mut [f32], points: &[f32], tiling: Tiling, hat: Hat) {
    match tiling.size {
        4 => from_points::<V, 4, 7>(out, points, hat, &SMALL.gradient),
        _ => from_points::<V, 5, 9>(out, points, hat, &LARGE.gradient),
    }
}

#[inline(always)]
fn input_gradient_with<V: Vector>(out: &mut [f32], points: &[f32], tiling: Tiling, hat: Hat, first: usize) {
    match tiling.size {
        4 => overlapping::<V, 4, 7>(out, points, hat, first, &SMALL.samples),
        _ => overlapping::<V, 5, 9>(out, points, hat, first, &LARGE.samples),
    }
}

/// `out[point][tile] = Σ matrix[point][i] · input[tile · M + i]`.
#[inline(always)]
fn to_points<V: Vector, const M: usize, const I: usize, const N: usize>(
    out: &mut [f32],
    input: &[f32],
    hat: Hat,
    matrix: &[[f32; I]; N],
) {
    let vectors = hat.columns / LANES;
    let (input, out) = (lanes(input), lanes_mut(out));
    for tile in 0..hat.tiles {
        for vector in 0..vectors {
            let mut values = [V::splat(0.0); I];
            for (i, value) in values.iter_mut().enumerate() {
                if let Some(from) = input.get((tile * M + i) * vectors + vector) {
                    *value = V::load(from);
                }
            }
            for (point, row) in matrix.iter().enumerate() {
                let mut sum = V::splat(0.0);
                for (value, &factor) in values.iter().zip(row) {
                    if factor != 0.0 {
                        sum = value.fma(V::splat(factor), sum);
                    }
                }
                sum.store(&mut out[(point * hat.point_stride) / LANES + tile * vectors + vector]);
            }
        }
    }
}

/// `out[tile · M + i] = Σ matrix[point][i] · points[point][tile]`.
#[inline(always)]
fn from_points<V: Vector, const M: usize, const N: usize>(
    out: &mut [f32],
    points: &[f32],
    hat: Hat,
    matrix: &[[f32; M]; N],
) {
    let vectors = hat.columns / LANES;
    let (points, out) = (lanes(points), lanes_mut(out));
    for tile in 0..hat.tiles {
        for vector in 0..vectors {
            let mut sums = [V::splat(0.0); M];
            for (point, row) in matrix.iter().enumerate() {
                let value = V::load(&points[(point * hat.point_stride) / LANES + tile * vectors + vector]);
                for (sum, &factor) in sums.iter_mut().zip(row) {
                    if factor != 0.0 {
                        *sum = value.fma(V::splat(factor), *sum);
                    }
                }
            }
            for (i, sum) in sums.iter().enumerate() {
                if let Some(to) = out.get_mut((tile * M + i) * vectors + vector) {
                    sum.store(to);
                }
            }
        }
    }
}

/// `out[row − first] = Σ over tiles and points of matrix[point][row − tile · M] · points[point][tile]`: a tile reaches
/// N rows, so a row gets its own tile's share and the one before's.
#[inline(always)]
fn overlapping<V: Vector, const M: usize, const N: usize>(
    out: &mut [f32],
    points: &[f32],
    hat: Hat,
    first: usize,
    matrix: &[[f32; N]; N],
) {
    let vectors = hat.columns / LANES;
    let (points, out) = (lanes(points), lanes_mut(out));
    for vector in 0..vectors {
        let mut late = [V::splat(0.0); M];
        for tile in 0..=hat.tiles {
            let mut early = late;
            late = [V::splat(0.0); M];
            if tile < hat.tiles {
                for (point, row) in matrix.iter().enumerate() {
                    let value =
                        V::load(&points[(point * hat.point_stride) / LANES + tile * vectors + vector]);
                    for (i, &factor) in row.iter().enumerate() {
                        if factor != 0.0 {
                            let sum = if i < M { &mut early[i] } else { &mut late[i - M] };
                            *sum = value.fma(V::splat(factor), *sum);
                        }
                    }
                }
            }
            for (i, sum) in early.iter().enumerate() {
                let row = (tile * M + i).wrapping_sub(first);
                if let Some(to) = row.checked_mul(vectors).and_then(|at| out.get_mut(at + vector)) {
                    sum.store(to);
                }
            }
        }
    }
}
