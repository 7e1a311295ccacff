//! Batch normalisation, activation, pool and dropout as one pass over a trial forwards and two backwards. Nothing
//! between the convolution's output and the next one's input is kept: the passes backwards compute it again.

use super::activation::{ActivationFn, with_activation};
use super::conv_output::{ConvOutput, PoolKind};
use super::pool_window::{Window, add, fma, load, mul, store};
use super::prefetch::{will_read, will_write};
use super::registers::{Registers, along_row, side_by_side};
use super::undecided::{Undecided, note_undecided};
use super::vector::{self, Vector};
use super::{LANES, dispatched, lanes, lanes_mut};

/// The pass forwards: fills the pooled rows of `out`.
pub fn forward(out: &mut [f32], from: ConvOutput) {
    from.check(out, &[]);
    run_forward(out, from);
}

/// The same, and what [`near_ties`](super::near_ties) finds on the way: windows of a maximum that rounding may have chosen.
pub fn forward_watching(out: &mut [f32], from: ConvOutput, bounds: &[f32], kinks: bool) -> Vec<Undecided> {
    from.check(out, &[bounds]);
    let mut found = Vec::new();
    run_watching(out, from, bounds, kinks, &mut found);
    found
}

/// The first pass backwards, given the gradient of the pooled rows: adds Σ dy and Σ dy · (z · `unit` + `centre`) of
/// each channel, where y = scale · z + shift. These are also the gradients of batch normalisation's β and γ.
pub fn sums(
    sum: &mut [f32],
    product: &mut [f32],
    gradient: &[f32],
    from: ConvOutput,
    unit: &[f32],
    centre: &[f32],
) {
    from.check(gradient, &[sum, product, unit, centre]);
    run_sums(sum, product, gradient, from, unit, centre);
}

/// The second pass backwards: dz = `by_gradient` · dy + `by_value` · z + `constant` for every row of z.
pub fn backward(
    out: &mut [f32],
    gradient: &[f32],
    from: ConvOutput,
    by_gradient: &[f32],
    by_value: &[f32],
    constant: &[f32],
) {
    from.check(gradient, &[by_gradient, by_value, constant]);
    assert!(out.len() >= from.z.len());
    run_backward(out, gradient, from, [by_gradient, by_value, constant]);
}

dispatched!(fn run_forward(out: &mut [f32], from: ConvOutput) = forward_with);
dispatched!(
    fn run_watching(out: &mut [f32], from: ConvOutput, bounds: &[f32], kinks: bool, found: &mut Vec<Undecided>)
        = watching_with
);
dispatched!(
    fn run_sums(sum: &mut [f32], product: &mut [f32], gradient: &[f32], from: ConvOutput, unit: &[f32], centre: &[f32])
        = sums_with
);
dispatched!(
    fn run_backward(out: &mut [f32], gradient: &[f32], from: ConvOutput, coefficients: [&[f32]; 3]) = backward_with
);

/// Calls `$pass` for every row of the pool and its channels.
macro_rules! for_windows {
    ($registers:ident, $from:expr, $pass:ident::<_ $(, $parameter:tt)*>($($arg:expr),*)) => {
        for row in 0..$from.pooled() {
            side_by_side!($registers, $from.columns() / LANES, at => $pass::<_ $(, $parameter)*>(
                Window::new($from, row, at), $($arg),*
            ));
        }
    };
}

#[inline(always)]
fn forward_with<R: Registers>(out: &mut [f32], from: ConvOutput) {
    with_activation!(from.activation, function => forward_along::<R, _>(out, from, function));
}

#[inline(always)]
fn forward_along<R: Registers, C: ActivationFn<R::Eight> + ActivationFn<R::Wide>>(
    out: &mut [f32],
    from: ConvOutput,
    function: C,
) {
    for_windows!(R, from, pool_window::<_, C>(out, function));
}

#[inline(always)]
fn watching_with<R: Registers>(
    out: &mut [f32],
    from: ConvOutput,
    bounds: &[f32],
    kinks: bool,
    found: &mut Vec<Undecided>,
) {
    with_activation!(from.activation, function => watching_along::<R, _>(out, from, (bounds, kinks), found, function));
}

#[inline(always)]
fn watching_along<R: Registers, C: ActivationFn<R::Eight> + ActivationFn<R::Wide>>(
    out: &mut [f32],
    from: ConvOutput,
    bounds: (&[f32], bool),
    found: &mut Vec<Undecided>,
    function: C,
) {
    for_windows!(R, from, watched_window::<_, C>(out, bounds, found, function));
}

#[inline(always)]
fn watched_window<V: Vector, C: ActivationFn<V>, const N: usize>(
    window: Window<V, N>,
    out: &mut [f32],
    (bounds, kinks): (&[f32], bool),
    found: &mut Vec<Undecided>,
    function: C,
) {
    note_undecided(&window, found, bounds, kinks);
    pool_window(window, out, function);
}

#[inline(always)]
fn pool_window<V: Vector, C: ActivationFn<V>, const N: usize>(
    window: Window<V, N>,
    out: &mut [f32],
    function: C,
) {
    let pooled = match window.from.pool {
        PoolKind::Mean => {
            let mut sum = [V::splat(0.0); N];
            for sample in 0..window.from.kernel {
                sum = add(sum, function.values(window.normed(window.value(sample))));
            }
            sum
        }
        PoolKind::Max => function.values(window.normed(window.largest(function).0)),
    };
    will_write(lanes(out), window.pooled_place(), N * V::EIGHTS);
    store(mul(pooled, window.passes()), out, window.pooled_place());
}

#[inline(always)]
fn sums_with<R: Registers>(
    sum: &mut [f32],
    product: &mut [f32],
    gradient: &[f32],
    from: ConvOutput,
    unit: &[f32],
    centre: &[f32],
) {
    with_activation!(from.activation, function => sums_along::<R, _>([sum, product], gradient, from, [unit, centre], function));
}

#[inline(always)]
fn sums_along<R: Registers, C: ActivationFn<R::Eight> + ActivationFn<R::Wide>>(
    [sum, product]: [&mut [f32]; 2],
    gradient: &[f32],
    from: ConvOutput,
    unit_and_centre: [&[f32]; 2],
    function: C,
) {
    for_windows!(R, from, sum_window::<_, C>(sum, product, gradient, unit_and_centre, function));
}

#[inline(always)]
fn sum_window<V: Vector, C: ActivationFn<V>, const N: usize>(
    window: Window<V, N>,
    sum: &mut [f32],
    product: &mut [f32],
    gradient: &[f32],
    [unit, centre]: [&[f32]; 2],
    function: C,
) {
    let (unit, centre) = (load(unit, window.at), load(centre, window.at));
    will_read(lanes(gradient), window.pooled_place(), N * V::EIGHTS);
    let gradient = mul(load(gradient, window.pooled_place()), window.passes());
    let (mut dy, mut along) = (load(sum, window.at), load(product, window.at));
    match window.from.pool {
        PoolKind::Mean => {
            for sample in 0..window.from.kernel {
                let z = window.value(sample);
                let this = mul(gradient, function.derivatives(window.normed(z)));
                dy = add(dy, this);
                along = fma(this, fma(z, unit, centre), along);
            }
        }
        PoolKind::Max => {
            let (z, _) = window.largest(function);
            let this = mul(gradient, function.derivatives(window.normed(z)));
            dy = add(dy, this);
            along = fma(this, fma(z, unit, centre), along);
        }
    }
    store(dy, sum, window.at);
    store(along, product, window.at);
}

#[inline(always)]
fn backward_with<R: Registers>(
    out: &mut [f32],
    gradient: &[f32],
    from: ConvOutput,
    coefficients: [&[f32]; 3],
) {
    with_activation!(from.activation, function => backward_along::<R, _>(out, gradient, from, coefficients, function));
}

#[inline(always)]
fn backward_along<R: Registers, C: ActivationFn<R::Eight> + ActivationFn<R::Wide>>(
    out: &mut [f32],
    gradient: &[f32],
    from: ConvOutput,
    coefficients: [&[f32]; 3],
    function: C,
) {
    for_windows!(R, from, spread_window::<_, C>(out, gradient, coefficients, function));
    // The samples that the pool leaves out get no gradient of their own.
    let row = from.columns() / LANES;
    let used = from.pooled() * from.kernel;
    for (z, out) in lanes(from.z).chunks_exact(row).zip(lanes_mut(out).chunks_exact_mut(row)).skip(used) {
        along_row!(R, row, at => spread_left_out::<_>(out, z, coefficients, at));
    }
}

#[inline(always)]
fn spread_left_out<V: Vector>(
    out: &mut [[f32; LANES]],
    z: &[[f32; LANES]],
    [_, by_value, constant]: [&[f32]; 3],
    at: usize,
) {
    let (by_value, constant): (V, V) = (vector::load(lanes(by_value), at), vector::load(lanes(constant), at));
    vector::store(vector::load::<V>(z, at).fma(by_value, constant), out, at);
}

#[inline(always)]
fn spread_window<V: Vector, C: ActivationFn<V>, const N: usize>(
    window: Window<V, N>,
    out: &mut [f32],
    gradient: &[f32],
    [by_gradient, by_value, constant]: [&[f32]; 3],
    function: C,
) {
    let (by_value, constant) = (load(by_value, window.at), load(constant, window.at));
    will_read(lanes(gradient), window.pooled_place(), N * V::EIGHTS);
    let gradient = mul(load(gradient, window.pooled_place()), window.passes());
    let gradient = mul(gradient, load(by_gradient, window.at));
    match window.from.pool {
        PoolKind::Mean => {
            for sample in 0..window.from.kernel {
                let z = window.value(sample);
                let derivative = function.derivatives(window.normed(z));
                store(fma(gradient, derivative, fma(z, by_value, constant)), out, window.place(sample));
            }
        }
        PoolKind::Max => {
            let (z, place) = window.largest(function);
            let this = mul(gradient, function.derivatives(window.normed(z)));
            for sample in 0..window.from.kernel {
                // 1 in the lanes whose maximum is this sample: there (place − sample)² < ½.
                let mut chosen = place;
                for chosen in &mut chosen {
                    let off = chosen.add(V::splat(-(sample as f32)));
                    *chosen = V::splat(0.5).if_greater(off.mul(off), V::splat(1.0), V::splat(0.0));
                }
                let rest = fma(window.value(sample), by_value, constant);
                will_write(lanes(out), window.place(sample), N * V::EIGHTS);
                store(fma(this, chosen, rest), out, window.place(sample));
            }
        }
    }
}
