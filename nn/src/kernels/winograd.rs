//! Convolution along time with fewer multiplications (Winograd 1980, after Toom and Cook; Lavin and Gray 2016). Filters are cut into blocks of
//! taps, 4 or 5, and outputs into tiles of as many. A block's share of a tile is a product of two polynomials: both
//! are taken at 7 or 9 points, multiplied point by point and led back, which is 7 products instead of 16, or 9 instead of
//! 25. As tiles and blocks have one length, the blocks form at each point a convolution over tiles. Where there is one block
//! the lengths may differ: tiles of 4 with a block of 5 are 8 products instead of 20.
//!
//! The gradients use the transposed transforms, so both share the transformed gradient of the output. Tiles of 4 round
//! twice as much as the direct sums, tiles of 5 six times: no matter for gradients and evaluation; the pass forwards in
//! training takes tiles of 4.

use super::points::{Gradients, Outputs, SampleGradients, Samples, Transform};
use super::tiling::Tiling;
use super::vector::Vector;
use super::{LANES, dispatched, lanes, lanes_mut};

/// Where a transformed signal lies: points one after another, each with its tiles' rows.
#[derive(Clone, Copy, Debug)]
pub struct TileLayout {
    /// Floats of a row.
    pub columns: usize,
    /// Floats from one point's first row to the next one's.
    pub point_stride: usize,
    /// Rows of this signal.
    pub tiles: usize,
}

impl TileLayout {
    fn fits(&self, len: usize, points: usize) -> bool {
        self.columns.is_multiple_of(LANES)
            && self.point_stride.is_multiple_of(LANES)
            && (points - 1) * self.point_stride + self.tiles * self.columns <= len
    }
}

/// The input's samples (rows of `layout.columns`) at all points. Rows past the end count as zero.
pub fn transform_input(out: &mut [f32], input: &[f32], tiling: Tiling, layout: TileLayout) {
    assert!(layout.fits(out.len(), tiling.points()) && input.len().is_multiple_of(layout.columns));
    run_input(out, input, tiling, layout);
}

/// A signal of one channel, samples next to each other, at all points: those of each point in `point_stride` floats. Samples
/// past the end count as zero.
pub fn transform_signal(out: &mut [f32], signal: &[f32], tiling: Tiling, point_stride: usize) {
    assert!(point_stride.is_multiple_of(LANES) && out.len() == tiling.points() * point_stride);
    run_signal(out, signal, tiling, point_stride);
}

/// The gradient of the outputs at all points.
pub fn transform_gradient(out: &mut [f32], gradient: &[f32], tiling: Tiling, layout: TileLayout) {
    assert!(layout.fits(out.len(), tiling.points()) && gradient.len().is_multiple_of(layout.columns));
    run_gradient(out, gradient, tiling, layout);
}

/// The outputs from their points. `out` has as many rows as there are outputs.
pub fn outputs(out: &mut [f32], points: &[f32], tiling: Tiling, layout: TileLayout) {
    assert!(
        layout.fits(points.len(), tiling.points())
            && out.len() <= layout.tiles * tiling.outputs * layout.columns
    );
    run_outputs(out, points, tiling, layout);
}

/// The gradient of the input's rows from row `first` on, from its points.
pub fn input_gradient(out: &mut [f32], points: &[f32], tiling: Tiling, layout: TileLayout, first: usize) {
    assert!(layout.fits(points.len(), tiling.points()));
    assert!(
        first * layout.columns + out.len()
            <= (layout.tiles * tiling.outputs + tiling.taps - 1) * layout.columns
    );
    run_input_gradient(out, points, tiling, layout, first);
}

dispatched!(fn run_input(out: &mut [f32], input: &[f32], tiling: Tiling, layout: TileLayout) = input_with);
dispatched!(fn run_signal(out: &mut [f32], signal: &[f32], tiling: Tiling, point_stride: usize) = signal_with);
dispatched!(fn run_gradient(out: &mut [f32], gradient: &[f32], tiling: Tiling, layout: TileLayout) = gradient_with);
dispatched!(fn run_outputs(out: &mut [f32], points: &[f32], tiling: Tiling, layout: TileLayout) = outputs_with);
dispatched!(
    fn run_input_gradient(out: &mut [f32], points: &[f32], tiling: Tiling, layout: TileLayout, first: usize)
        = input_gradient_with
);

#[inline(always)]
fn input_with<V: Vector>(out: &mut [f32], input: &[f32], tiling: Tiling, layout: TileLayout) {
    match tiling.points() {
        7 => to_points::<V, Samples, 4, 7, 7>(out, input, layout),
        8 => to_points::<V, Samples, 4, 8, 8>(out, input, layout),
        _ => to_points::<V, Samples, 5, 9, 9>(out, input, layout),
    }
}

#[inline(always)]
fn signal_with<V: Vector>(out: &mut [f32], signal: &[f32], tiling: Tiling, point_stride: usize) {
    match tiling.points() {
        7 => along_tiles::<V, Samples, 4, 7>(out, signal, point_stride),
        8 => along_tiles::<V, Samples, 4, 8>(out, signal, point_stride),
        _ => along_tiles::<V, Samples, 5, 9>(out, signal, point_stride),
    }
}

#[inline(always)]
fn gradient_with<V: Vector>(out: &mut [f32], gradient: &[f32], tiling: Tiling, layout: TileLayout) {
    match tiling.points() {
        7 => to_points::<V, Gradients, 4, 4, 7>(out, gradient, layout),
        8 => to_points::<V, Gradients, 4, 4, 8>(out, gradient, layout),
        _ => to_points::<V, Gradients, 5, 5, 9>(out, gradient, layout),
    }
}

#[inline(always)]
fn outputs_with<V: Vector>(out: &mut [f32], points: &[f32], tiling: Tiling, layout: TileLayout) {
    match tiling.points() {
        7 => from_points::<V, Outputs, 4, 7>(out, points, layout),
        8 => from_points::<V, Outputs, 4, 8>(out, points, layout),
        _ => from_points::<V, Outputs, 5, 9>(out, points, layout),
    }
}

#[inline(always)]
fn input_gradient_with<V: Vector>(
    out: &mut [f32],
    points: &[f32],
    tiling: Tiling,
    layout: TileLayout,
    first: usize,
) {
    match tiling.points() {
        7 => overlapping::<V, SampleGradients, 4, 7>(out, points, layout, first),
        8 => overlapping::<V, SampleGradients, 4, 8>(out, points, layout, first),
        _ => overlapping::<V, SampleGradients, 5, 9>(out, points, layout, first),
    }
}

/// The M samples of every tile, and as many after them as the transform takes, to points.
#[inline(always)]
fn to_points<V: Vector, T: Transform<V, I, N>, const M: usize, const I: usize, const N: usize>(
    out: &mut [f32],
    input: &[f32],
    layout: TileLayout,
) {
    let vectors = layout.columns / LANES;
    let (input, out) = (lanes(input), lanes_mut(out));
    for tile in 0..layout.tiles {
        for vector in 0..vectors {
            let mut values = [V::splat(0.0); I];
            for (i, value) in values.iter_mut().enumerate() {
                if let Some(from) = input.get((tile * M + i) * vectors + vector) {
                    *value = V::load(from);
                }
            }
            for (point, value) in T::apply(values).into_iter().enumerate() {
                value.store(&mut out[(point * layout.point_stride) / LANES + tile * vectors + vector]);
            }
        }
    }
}

/// What [`to_points`] does, of one channel. Its vectors are tiles next to each other: samples that are M apart are put
/// together first.
#[inline(always)]
fn along_tiles<V: Vector, T: Transform<V, N, N>, const M: usize, const N: usize>(
    out: &mut [f32],
    signal: &[f32],
    point_stride: usize,
) {
    let tiles = point_stride + LANES;
    let mut apart = vec![0.0; M * tiles];
    for (tile, samples) in signal.chunks(M).take(tiles).enumerate() {
        for (i, &sample) in samples.iter().enumerate() {
            apart[i * tiles + tile] = sample;
        }
    }
    let out = lanes_mut(out);
    for first in (0..point_stride).step_by(LANES) {
        let mut values = [V::splat(0.0); N];
        for (i, value) in values.iter_mut().enumerate() {
            if let Some(from) = apart[i % M * tiles + first + i / M..].first_chunk() {
                *value = V::load(from);
            }
        }
        for (point, value) in T::apply(values).into_iter().enumerate() {
            value.store(&mut out[(point * point_stride + first) / LANES]);
        }
    }
}

/// Every tile's values at all points.
#[inline(always)]
fn load<V: Vector, const N: usize>(points: &[[f32; LANES]], layout: TileLayout, at: usize) -> [V; N] {
    let mut values = [V::splat(0.0); N];
    for (point, value) in values.iter_mut().enumerate() {
        *value = V::load(&points[(point * layout.point_stride) / LANES + at]);
    }
    values
}

/// Every tile's points to its M outputs.
#[inline(always)]
fn from_points<V: Vector, T: Transform<V, N, M>, const M: usize, const N: usize>(
    out: &mut [f32],
    points: &[f32],
    layout: TileLayout,
) {
    let vectors = layout.columns / LANES;
    let (points, out) = (lanes(points), lanes_mut(out));
    for tile in 0..layout.tiles {
        for vector in 0..vectors {
            let values = T::apply(load(points, layout, tile * vectors + vector));
            for (i, value) in values.into_iter().enumerate() {
                if let Some(to) = out.get_mut((tile * M + i) * vectors + vector) {
                    value.store(to);
                }
            }
        }
    }
}

/// Every tile's points to the N samples that it reaches, from row `first` on. A row gets its own tile's share and that of
/// the tile before.
#[inline(always)]
fn overlapping<V: Vector, T: Transform<V, N, N>, const M: usize, const N: usize>(
    out: &mut [f32],
    points: &[f32],
    layout: TileLayout,
    first: usize,
) {
    let vectors = layout.columns / LANES;
    let (points, out) = (lanes(points), lanes_mut(out));
    for vector in 0..vectors {
        let mut late = [V::splat(0.0); M];
        for tile in 0..=layout.tiles {
            let mut early = late;
            late = [V::splat(0.0); M];
            if tile < layout.tiles {
                let values = T::apply(load(points, layout, tile * vectors + vector));
                for (i, value) in values.into_iter().enumerate() {
                    if i < M {
                        early[i] = early[i].add(value);
                    } else {
                        late[i - M] = value;
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
