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
use super::prefetch::{will_read, will_write};
use super::registers::{Registers, along_row};
use super::tiling::Tiling;
use super::vector::{Vector, load, store};
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
fn input_with<R: Registers>(out: &mut [f32], input: &[f32], tiling: Tiling, layout: TileLayout) {
    match tiling.points() {
        7 => to_points::<R, Samples, 4, 7, 7>(out, input, layout),
        8 => to_points::<R, Samples, 4, 8, 8>(out, input, layout),
        _ => to_points::<R, Samples, 5, 9, 9>(out, input, layout),
    }
}

#[inline(always)]
fn signal_with<R: Registers>(out: &mut [f32], signal: &[f32], tiling: Tiling, point_stride: usize) {
    match tiling.points() {
        7 => along_tiles::<R, Samples, 4, 7>(out, signal, point_stride),
        8 => along_tiles::<R, Samples, 4, 8>(out, signal, point_stride),
        _ => along_tiles::<R, Samples, 5, 9>(out, signal, point_stride),
    }
}

#[inline(always)]
fn gradient_with<R: Registers>(out: &mut [f32], gradient: &[f32], tiling: Tiling, layout: TileLayout) {
    match tiling.points() {
        7 => to_points::<R, Gradients, 4, 4, 7>(out, gradient, layout),
        8 => to_points::<R, Gradients, 4, 4, 8>(out, gradient, layout),
        _ => to_points::<R, Gradients, 5, 5, 9>(out, gradient, layout),
    }
}

#[inline(always)]
fn outputs_with<R: Registers>(out: &mut [f32], points: &[f32], tiling: Tiling, layout: TileLayout) {
    match tiling.points() {
        7 => from_points::<R, Outputs, 4, 7>(out, points, layout),
        8 => from_points::<R, Outputs, 4, 8>(out, points, layout),
        _ => from_points::<R, Outputs, 5, 9>(out, points, layout),
    }
}

#[inline(always)]
fn input_gradient_with<R: Registers>(
    out: &mut [f32],
    points: &[f32],
    tiling: Tiling,
    layout: TileLayout,
    first: usize,
) {
    match tiling.points() {
        7 => overlapping::<R, SampleGradients, 4, 7>(out, points, layout, first),
        8 => overlapping::<R, SampleGradients, 4, 8>(out, points, layout, first),
        _ => overlapping::<R, SampleGradients, 5, 9>(out, points, layout, first),
    }
}

/// The M samples of every tile, and as many after them as the transform takes, to points.
#[inline(always)]
fn to_points<R: Registers, T, const M: usize, const I: usize, const N: usize>(
    out: &mut [f32],
    input: &[f32],
    layout: TileLayout,
) where
    T: Transform<R::Eight, I, N> + Transform<R::Wide, I, N>,
{
    let (input, out) = (lanes(input), lanes_mut(out));
    for tile in 0..layout.tiles {
        along_row!(R, layout.columns / LANES, at => tile_to_points::<_, T, M, I, N>(out, input, layout, tile, at));
    }
}

/// One vector of channels.
#[inline(always)]
fn tile_to_points<V: Vector, T: Transform<V, I, N>, const M: usize, const I: usize, const N: usize>(
    out: &mut [[f32; LANES]],
    input: &[[f32; LANES]],
    layout: TileLayout,
    tile: usize,
    at: usize,
) {
    let row = layout.columns / LANES;
    let mut values = [V::splat(0.0); I];
    for (i, value) in values.iter_mut().enumerate() {
        let place = (tile * M + i) * row + at;
        // The next tile's own; it shares the others with this one.
        if i >= I - M {
            will_read(input, place, V::EIGHTS);
        }
        if let Some(from) = input.get(place..place + V::EIGHTS) {
            *value = V::load(from);
        }
    }
    for (point, value) in T::apply(values).into_iter().enumerate() {
        store(value, out, (point * layout.point_stride) / LANES + tile * row + at);
    }
}

/// What [`to_points`] does, of one channel. Its vectors are tiles next to each other: samples that are M apart are put
/// together first.
#[inline(always)]
fn along_tiles<R: Registers, T, const M: usize, const N: usize>(
    out: &mut [f32],
    signal: &[f32],
    point_stride: usize,
) where
    T: Transform<R::Eight, N, N> + Transform<R::Wide, N, N>,
{
    let tiles = point_stride + R::Wide::EIGHTS * LANES;
    let mut apart = vec![0.0; M * tiles];
    for (tile, samples) in signal.chunks(M).take(tiles).enumerate() {
        for (i, &sample) in samples.iter().enumerate() {
            apart[i * tiles + tile] = sample;
        }
    }
    let out = lanes_mut(out);
    along_row!(R, point_stride / LANES, at => tiles_to_points::<_, T, M, N>(out, &apart, tiles, point_stride, at));
}

/// One vector of tiles.
#[inline(always)]
fn tiles_to_points<V: Vector, T: Transform<V, N, N>, const M: usize, const N: usize>(
    out: &mut [[f32; LANES]],
    apart: &[f32],
    tiles: usize,
    point_stride: usize,
    at: usize,
) {
    let mut values = [V::splat(0.0); N];
    for (i, value) in values.iter_mut().enumerate() {
        *value = load(lanes(&apart[i % M * tiles + at * LANES + i / M..]), 0);
    }
    for (point, value) in T::apply(values).into_iter().enumerate() {
        store(value, out, point * point_stride / LANES + at);
    }
}

/// A vector of a tile's values at all points.
#[inline(always)]
fn at_points<V: Vector, const N: usize>(points: &[[f32; LANES]], layout: TileLayout, at: usize) -> [V; N] {
    let mut values = [V::splat(0.0); N];
    for (point, value) in values.iter_mut().enumerate() {
        *value = load(points, (point * layout.point_stride) / LANES + at);
    }
    values
}

/// Every tile's points to its M outputs.
#[inline(always)]
fn from_points<R: Registers, T, const M: usize, const N: usize>(
    out: &mut [f32],
    points: &[f32],
    layout: TileLayout,
) where
    T: Transform<R::Eight, N, M> + Transform<R::Wide, N, M>,
{
    let (points, out) = (lanes(points), lanes_mut(out));
    for tile in 0..layout.tiles {
        along_row!(R, layout.columns / LANES, at => tile_from_points::<_, T, M, N>(out, points, layout, tile, at));
    }
}

/// One vector of channels.
#[inline(always)]
fn tile_from_points<V: Vector, T: Transform<V, N, M>, const M: usize, const N: usize>(
    out: &mut [[f32; LANES]],
    points: &[[f32; LANES]],
    layout: TileLayout,
    tile: usize,
    at: usize,
) {
    let row = layout.columns / LANES;
    let values = T::apply(at_points(points, layout, tile * row + at));
    for (i, value) in values.into_iter().enumerate() {
        let place = (tile * M + i) * row + at;
        will_write(out, place, V::EIGHTS);
        if let Some(to) = out.get_mut(place..place + V::EIGHTS) {
            value.store(to);
        }
    }
}

/// Every tile's points to the N samples that it reaches, from row `first` on. A row gets its own tile's share and that of
/// the tile before.
#[inline(always)]
fn overlapping<R: Registers, T, const M: usize, const N: usize>(
    out: &mut [f32],
    points: &[f32],
    layout: TileLayout,
    first: usize,
) where
    T: Transform<R::Eight, N, N> + Transform<R::Wide, N, N>,
{
    let (points, out) = (lanes(points), lanes_mut(out));
    along_row!(R, layout.columns / LANES, at => overlapping_tiles::<_, T, M, N>(out, points, layout, first, at));
}

/// One vector of channels.
#[inline(always)]
fn overlapping_tiles<V: Vector, T: Transform<V, N, N>, const M: usize, const N: usize>(
    out: &mut [[f32; LANES]],
    points: &[[f32; LANES]],
    layout: TileLayout,
    first: usize,
    at: usize,
) {
    let row = layout.columns / LANES;
    let mut late = [V::splat(0.0); M];
    for tile in 0..=layout.tiles {
        let mut early = late;
        late = [V::splat(0.0); M];
        if tile < layout.tiles {
            let values = T::apply(at_points(points, layout, tile * row + at));
            for (i, value) in values.into_iter().enumerate() {
                if i < M {
                    early[i] = early[i].add(value);
                } else {
                    late[i - M] = value;
                }
            }
        }
        for (i, sum) in early.iter().enumerate() {
            let place = (tile * M + i).wrapping_sub(first).wrapping_mul(row).wrapping_add(at);
            if tile * M + i >= first && place + V::EIGHTS <= out.len() {
                store(*sum, out, place);
            }
        }
    }
}
