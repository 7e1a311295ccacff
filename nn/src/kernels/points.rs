//! Winograd's transforms of one tile, on vectors. All finite points but one come in pairs ±a, so what the two make of the
//! even and of the odd samples is the same but for the sign: it is computed once. See [`Tiling`](super::tiling::Tiling)
//! for the points and their order.

use super::tiling::{EXTRA, PAIRS};
use super::vector::Vector;

/// A linear map of a tile's values.
pub(super) trait Transform<V, const I: usize, const O: usize> {
    fn apply(values: [V; I]) -> [V; O];
}

/// Samples to points.
pub(super) struct Samples;
/// Outputs' gradients to points.
pub(super) struct Gradients;
/// Points to outputs: [`Gradients`] transposed.
pub(super) struct Outputs;
/// Points to samples' gradients: [`Samples`] transposed.
pub(super) struct SampleGradients;

/// A factor for each value, of the point 0 and of the positive one of every pair; for the negative one those of odd values
/// change their sign.
type Rows<const N: usize> = [[f32; N]; 1 + PAIRS.len()];

/// The coefficients of ∏ (x − other point) over 0 and the pairs.
const OTHERS: Rows<7> = others();

/// The point's powers.
const POWERS: Rows<5> = powers();

const fn others() -> Rows<7> {
    let mut rows = [[0.0; 7]; 1 + PAIRS.len()];
    let mut row = 0;
    while row < rows.len() {
        // For 0 the other pairs are all of them; for a it is x · (x + a) times those of the other pairs.
        let mut polynomial = [0.0f64; 7];
        if row == 0 {
            polynomial[0] = 1.0;
        } else {
            polynomial[1] = PAIRS[row - 1];
            polynomial[2] = 1.0;
        }
        let mut pair = 0;
        while pair < PAIRS.len() {
            if pair + 1 != row {
                let mut i = 6;
                while i > 1 {
                    polynomial[i] = polynomial[i - 2] - PAIRS[pair] * PAIRS[pair] * polynomial[i];
                    i -= 1;
                }
                polynomial[1] *= -PAIRS[pair] * PAIRS[pair];
                polynomial[0] *= -PAIRS[pair] * PAIRS[pair];
            }
            pair += 1;
        }
        let mut i = 0;
        while i < 7 {
            rows[row][i] = polynomial[i] as f32;
            i += 1;
        }
        row += 1;
    }
    rows
}

const fn powers() -> Rows<5> {
    let mut rows = [[0.0; 5]; 1 + PAIRS.len()];
    rows[0][0] = 1.0;
    let mut row = 1;
    while row < rows.len() {
        let mut power = 1.0;
        let mut i = 0;
        while i < 5 {
            rows[row][i] = power as f32;
            power *= PAIRS[row - 1];
            i += 1;
        }
        row += 1;
    }
    rows
}

/// sum + factor · value, with as little as that takes.
#[inline(always)]
fn add_product<V: Vector>(sum: Option<V>, factor: f32, value: V) -> Option<V> {
    match (sum, factor) {
        (sum, 0.0) => sum,
        (None, 1.0) => Some(value),
        (None, factor) => Some(value.mul(V::splat(factor))),
        (Some(sum), 1.0) => Some(sum.add(value)),
        (Some(sum), factor) => Some(value.fma(V::splat(factor), sum)),
    }
}

/// Σ factor · value over every second one, from `first` on.
#[inline(always)]
fn every_second<V: Vector>(values: &[V], factors: &[f32], first: usize) -> V {
    let mut sum = None;
    for (i, (value, factor)) in values.iter().zip(factors).enumerate() {
        if i % 2 == first {
            sum = add_product(sum, *factor, *value);
        }
    }
    sum.unwrap_or(V::splat(0.0))
}

/// Values at 0 and the pairs of points.
#[inline(always)]
fn at_pairs<V: Vector, const N: usize>(values: &[V], rows: &Rows<N>, points: &mut [V]) {
    points[0] = every_second(values, &rows[0], 0);
    for (pair, row) in rows[1..].iter().enumerate() {
        let (even, odd) = (every_second(values, row, 0), every_second(values, row, 1));
        points[1 + 2 * pair] = even.add(odd);
        points[2 + 2 * pair] = even.sub(odd);
    }
}

/// [`at_pairs`] transposed.
#[inline(always)]
fn from_pairs<V: Vector, const N: usize>(points: &[V], rows: &Rows<N>, values: &mut [V]) {
    let (mut sums, mut differences) = ([points[0]; PAIRS.len()], [points[0]; PAIRS.len()]);
    for pair in 0..PAIRS.len() {
        sums[pair] = points[1 + 2 * pair].add(points[2 + 2 * pair]);
        differences[pair] = points[1 + 2 * pair].sub(points[2 + 2 * pair]);
    }
    for (i, value) in values.iter_mut().enumerate().take(N) {
        let mut sum = add_product(None, rows[0][i], points[0]);
        for pair in 0..PAIRS.len() {
            let of_pair = if i % 2 == 0 { sums[pair] } else { differences[pair] };
            sum = add_product(sum, rows[1 + pair][i], of_pair);
        }
        *value = sum.unwrap_or(V::splat(0.0));
    }
}

impl<V: Vector> Transform<V, 7, 7> for Samples {
    #[inline(always)]
    fn apply(values: [V; 7]) -> [V; 7] {
        let mut points = values;
        at_pairs(&values, &OTHERS, &mut points);
        points
    }
}

impl<V: Vector> Transform<V, 8, 8> for Samples {
    #[inline(always)]
    fn apply(values: [V; 8]) -> [V; 8] {
        let mut points = values;
        at_pairs(&values[..7], &OTHERS, &mut points);
        points[7] = every_second(&values[1..8], &OTHERS[0], 0);
        points
    }
}

impl<V: Vector> Transform<V, 9, 9> for Samples {
    #[inline(always)]
    fn apply(values: [V; 9]) -> [V; 9] {
        // All polynomials but that of the extra point e have its factor: x − e.
        let mut without = values;
        for i in 0..8 {
            without[i] = values[i].fma(V::splat(-EXTRA as f32), values[i + 1]);
        }
        let mut points = values;
        at_pairs(&without[..7], &OTHERS, &mut points);
        points[7] = every_second(&values[1..8], &OTHERS[0], 0);
        points[8] = every_second(&without[1..8], &OTHERS[0], 0);
        points
    }
}

impl<V: Vector> Transform<V, 9, 9> for SampleGradients {
    #[inline(always)]
    fn apply(points: [V; 9]) -> [V; 9] {
        let mut without = [V::splat(0.0); 8];
        from_pairs(&points, &OTHERS, &mut without[..7]);
        let mut values = [V::splat(0.0); 9];
        for (i, factor) in OTHERS[0].into_iter().enumerate().step_by(2) {
            without[i + 1] = points[8].fma(V::splat(factor), without[i + 1]);
            values[i + 1] = points[7].mul(V::splat(factor));
        }
        for i in 0..8 {
            values[i + 1] = values[i + 1].add(without[i]);
            values[i] = without[i].fma(V::splat(-EXTRA as f32), values[i]);
        }
        values
    }
}

impl<V: Vector> Transform<V, 7, 7> for SampleGradients {
    #[inline(always)]
    fn apply(points: [V; 7]) -> [V; 7] {
        let mut values = points;
        from_pairs(&points, &OTHERS, &mut values);
        values
    }
}

impl<V: Vector> Transform<V, 8, 8> for SampleGradients {
    #[inline(always)]
    fn apply(points: [V; 8]) -> [V; 8] {
        let mut values = [V::splat(0.0); 8];
        from_pairs(&points, &OTHERS, &mut values[..7]);
        for (i, factor) in OTHERS[0].into_iter().enumerate().step_by(2) {
            values[i + 1] = points[7].fma(V::splat(factor), values[i + 1]);
        }
        values
    }
}

impl<V: Vector> Transform<V, 4, 7> for Gradients {
    #[inline(always)]
    fn apply(values: [V; 4]) -> [V; 7] {
        let mut points = [V::splat(0.0); 7];
        at_pairs(&values, &POWERS, &mut points);
        points
    }
}

impl<V: Vector> Transform<V, 4, 8> for Gradients {
    #[inline(always)]
    fn apply(values: [V; 4]) -> [V; 8] {
        let mut points = [V::splat(0.0); 8];
        at_pairs(&values, &POWERS, &mut points);
        points[7] = values[3];
        points
    }
}

impl<V: Vector> Transform<V, 5, 9> for Gradients {
    #[inline(always)]
    fn apply(values: [V; 5]) -> [V; 9] {
        let mut points = [V::splat(0.0); 9];
        at_pairs(&values, &POWERS, &mut points);
        // By Horner's rule at the extra point.
        let mut sum = values[4];
        for i in (0..4).rev() {
            sum = sum.fma(V::splat(EXTRA as f32), values[i]);
        }
        points[7] = sum;
        points[8] = values[4];
        points
    }
}

impl<V: Vector> Transform<V, 7, 4> for Outputs {
    #[inline(always)]
    fn apply(points: [V; 7]) -> [V; 4] {
        let mut values = [V::splat(0.0); 4];
        from_pairs(&points, &POWERS, &mut values);
        values
    }
}

impl<V: Vector> Transform<V, 8, 4> for Outputs {
    #[inline(always)]
    fn apply(points: [V; 8]) -> [V; 4] {
        let mut values = [V::splat(0.0); 4];
        from_pairs(&points, &POWERS, &mut values);
        values[3] = values[3].add(points[7]);
        values
    }
}

impl<V: Vector> Transform<V, 9, 5> for Outputs {
    #[inline(always)]
    fn apply(points: [V; 9]) -> [V; 5] {
        let mut values = [V::splat(0.0); 5];
        from_pairs(&points, &POWERS, &mut values);
        let mut power = 1.0;
        for value in &mut values {
            *value = points[7].fma(V::splat(power as f32), *value);
            power *= EXTRA;
        }
        values[4] = values[4].add(points[8]);
        values
    }
}
