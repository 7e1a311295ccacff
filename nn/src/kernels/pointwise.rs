//! Batch normalisation, activation, pool and dropout as one pass over a trial forwards and two backwards. Nothing
//! between the convolution's output and the next one's input is kept: the passes backwards compute it again.

use super::activation::{ActivationFn, with_activation};
use super::conv_output::{ConvOutput, PoolKind};
use super::pool_window::{Window, add, fma, load, mul, store};
use super::vector::Vector;
use super::{LANES, dispatched, lanes, lanes_mut};

/// The pass forwards: fills the pooled rows of `out`.
pub fn forward(out: &mut [f32], from: ConvOutput) {
    from.check(out, &[]);
    run_forward(out, from);
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
    fn run_sums(sum: &mut [f32], product: &mut [f32], gradient: &[f32], from: ConvOutput, unit: &[f32], centre: &[f32])
        = sums_with
);
dispatched!(
    fn run_backward(out: &mut [f32], gradient: &[f32], from: ConvOutput, coefficients: [&[f32]; 3]) = backward_with
);

/// Calls `$pass` for every row of the pool and its vectors, four by four and the rest one by one.
macro_rules! for_windows {
    ($from:expr, $pass:ident::<$v:ty, $c:ty>($($arg:expr),*)) => {
        let vectors = $from.columns() / LANES;
        for row in 0..$from.pooled() {
            for vector in (0..vectors / 4 * 4).step_by(4) {
                $pass::<$v, $c, 4>(Window::new($from, row, vector), $($arg),*);
            }
            for vector in vectors / 4 * 4..vectors {
                $pass::<$v, $c, 1>(Window::new($from, row, vector), $($arg),*);
            }
        }
    };
}

#[inline(always)]
fn forward_with<V: Vector>(out: &mut [f32], from: ConvOutput) {
    with_activation!(from.activation, function => forward_along::<V, _>(out, from, function));
}

#[inline(always)]
fn forward_along<V: Vector, C: ActivationFn<V>>(out: &mut [f32], from: ConvOutput, function: C) {
    for_windows!(from, pool_window::<V, C>(out, function));
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
    store(mul(pooled, window.passes()), out, window.pooled_place());
}

#[inline(always)]
fn sums_with<V: Vector>(
    sum: &mut [f32],
    product: &mut [f32],
    gradient: &[f32],
    from: ConvOutput,
    unit: &[f32],
    centre: &[f32],
) {
    with_activation!(from.activation, function => sums_along::<V, _>([sum, product], gradient, from, [unit, centre], function));
}

#[inline(always)]
fn sums_along<V: Vector, C: ActivationFn<V>>(
    [sum, product]: [&mut [f32]; 2],
    gradient: &[f32],
    from: ConvOutput,
    unit_and_centre: [&[f32]; 2],
    function: C,
) {
    for_windows!(from, sum_window::<V, C>(sum, product, gradient, unit_and_centre, function));
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
    let (unit, centre) = (load(unit, window.vector), load(centre, window.vector));
    let gradient = mul(load(gradient, window.pooled_place()), window.passes());
    let (mut dy, mut along) = (load(sum, window.vector), load(product, window.vector));
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
    store(dy, sum, window.vector);
    store(along, product, window.vector);
}

#[inline(always)]
fn backward_with<V: Vector>(out: &mut [f32], gradient: &[f32], from: ConvOutput, coefficients: [&[f32]; 3]) {
    with_activation!(from.activation, function => backward_along::<V, _>(out, gradient, from, coefficients, function));
}

#[inline(always)]
fn backward_along<V: Vector, C: ActivationFn<V>>(
    out: &mut [f32],
    gradient: &[f32],
    from: ConvOutput,
    coefficients: [&[f32]; 3],
    function: C,
) {
    for_windows!(from, spread_window::<V, C>(out, gradient, coefficients, function));
    // The samples that the pool leaves out get no gradient of their own.
    let vectors = from.columns() / LANES;
    let [_, by_value, constant] = coefficients.map(lanes);
    let used = from.pooled() * from.kernel * vectors;
    for (i, (z, out)) in lanes(from.z).iter().zip(lanes_mut(out)).enumerate().skip(used) {
        let vector = i % vectors;
        V::load(z).fma(V::load(&by_value[vector]), V::load(&constant[vector])).store(out);
    }
}

#[inline(always)]
fn spread_window<V: Vector, C: ActivationFn<V>, const N: usize>(
    window: Window<V, N>,
    out: &mut [f32],
    gradient: &[f32],
    [by_gradient, by_value, constant]: [&[f32]; 3],
    function: C,
) {
    let (by_value, constant) = (load(by_value, window.vector), load(constant, window.vector));
    let gradient = mul(load(gradient, window.pooled_place()), window.passes());
    let gradient = mul(gradient, load(by_gradient, window.vector));
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
                store(fma(this, chosen, rest), out, window.place(sample));
            }
        }
    }
}
