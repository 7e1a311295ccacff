//! The activation functions on vectors, each a type of its own, so that a pass is compiled for each.

use super::vector::Vector;
use crate::model::Activation;

/// An activation function on vectors, several at once.
pub trait ActivationFn<V: Vector>: Copy {
    /// Its values.
    fn values<const N: usize>(self, y: [V; N]) -> [V; N];
    /// Its derivatives; at a kink the one from below, as PyTorch takes it.
    fn derivatives<const N: usize>(self, y: [V; N]) -> [V; N];
    /// Whether it never falls, so that the maximum may be taken before it.
    fn never_falls(self) -> bool;
}

/// See [`Activation`](crate::model::Activation).
#[derive(Clone, Copy)]
pub struct Relu;
/// See [`Activation`](crate::model::Activation).
#[derive(Clone, Copy)]
pub struct Leaky(pub f32);
/// See [`Activation`](crate::model::Activation).
#[derive(Clone, Copy)]
pub struct Elu(pub f32);

/// The functions that few networks have, chosen anew for every window: a type each would make every pass that many times
/// longer to compile, and a branch that always goes one way costs next to nothing.
#[derive(Clone, Copy)]
pub struct Other(pub Activation);

impl<V: Vector> ActivationFn<V> for Other {
    #[inline(always)]
    fn values<const N: usize>(self, mut y: [V; N]) -> [V; N] {
        let factors = match self.0 {
            Activation::Square => y,
            Activation::Gelu => normal(y).0,
            Activation::Silu => logistic(y),
            // The identity; the logarithm comes after a pool, where `windows` takes it.
            _ => return y,
        };
        for (y, factor) in y.iter_mut().zip(factors) {
            *y = y.mul(factor);
        }
        y
    }
    #[inline(always)]
    fn derivatives<const N: usize>(self, mut y: [V; N]) -> [V; N] {
        match self.0 {
            Activation::Square => {
                for y in &mut y {
                    *y = y.add(*y);
                }
            }
            Activation::Gelu => {
                let (distribution, density) = normal(y);
                for (y, (distribution, density)) in y.iter_mut().zip(distribution.into_iter().zip(density)) {
                    *y = y.fma(density, distribution);
                }
            }
            Activation::Silu => {
                let logistic = logistic(y);
                for (y, logistic) in y.iter_mut().zip(logistic) {
                    // σ(y) · (1 + y · (1 − σ(y)))
                    let rest = V::splat(1.0).sub(logistic);
                    *y = y.mul(rest).fma(logistic, logistic);
                }
            }
            _ => y = [V::splat(1.0); N],
        }
        y
    }
    #[inline(always)]
    fn never_falls(self) -> bool {
        !matches!(self.0, Activation::Square | Activation::Gelu | Activation::Silu)
    }
}

/// The normal distribution's Φ and its density. Φ by Abramowitz and Stegun 7.1.26: its error is 7.5e-8 at most.
#[inline(always)]
fn normal<V: Vector, const N: usize>(y: [V; N]) -> ([V; N], [V; N]) {
    const P: f32 = 0.327_591_1 * std::f32::consts::FRAC_1_SQRT_2;
    // Half of the published coefficients: for ½·erfc.
    const HALVES: [f32; 5] = [0.530_702_7, -0.726_576_02, 0.710_706_9, -0.142_248_37, 0.127_414_8];
    const ROOT: f32 = 0.398_942_3;
    let zero = V::splat(0.0);
    let (mut squares, mut sizes) = (y, y);
    for (square, size) in squares.iter_mut().zip(&mut sizes) {
        *size = size.max(zero.sub(*size));
        *square = square.mul(square.mul(V::splat(-0.5)));
    }
    let powers = V::exp_negative(squares);
    let (mut distribution, mut density) = (y, powers);
    for n in 0..N {
        let t = V::splat(1.0).div(sizes[n].fma(V::splat(P), V::splat(1.0)));
        let mut sum = V::splat(HALVES[0]);
        for half in &HALVES[1..] {
            sum = sum.fma(t, V::splat(*half));
        }
        let tail = sum.mul(t).mul(powers[n]);
        distribution[n] = y[n].if_greater(zero, V::splat(1.0).sub(tail), tail);
        density[n] = powers[n].mul(V::splat(ROOT));
    }
    (distribution, density)
}

/// 1 / (1 + e⁻ʸ).
#[inline(always)]
fn logistic<V: Vector, const N: usize>(y: [V; N]) -> [V; N] {
    let mut negative = y;
    for value in &mut negative {
        *value = value.min(V::splat(0.0).sub(*value));
    }
    let powers = V::exp_negative(negative);
    let mut logistic = y;
    for (value, power) in logistic.iter_mut().zip(powers) {
        let above = V::splat(1.0).div(power.add(V::splat(1.0)));
        *value = value.if_greater(V::splat(0.0), above, power.mul(above));
    }
    logistic
}

impl<V: Vector> ActivationFn<V> for Relu {
    #[inline(always)]
    fn values<const N: usize>(self, mut y: [V; N]) -> [V; N] {
        for y in &mut y {
            *y = V::splat(0.0).max(*y);
        }
        y
    }
    #[inline(always)]
    fn derivatives<const N: usize>(self, mut y: [V; N]) -> [V; N] {
        for y in &mut y {
            *y = y.if_greater(V::splat(0.0), V::splat(1.0), V::splat(0.0));
        }
        y
    }
    #[inline(always)]
    fn never_falls(self) -> bool {
        true
    }
}

impl<V: Vector> ActivationFn<V> for Leaky {
    #[inline(always)]
    fn values<const N: usize>(self, mut y: [V; N]) -> [V; N] {
        for y in &mut y {
            *y = y.if_greater(V::splat(0.0), *y, y.mul(V::splat(self.0)));
        }
        y
    }
    #[inline(always)]
    fn derivatives<const N: usize>(self, mut y: [V; N]) -> [V; N] {
        for y in &mut y {
            *y = y.if_greater(V::splat(0.0), V::splat(1.0), V::splat(self.0));
        }
        y
    }
    #[inline(always)]
    fn never_falls(self) -> bool {
        self.0 >= 0.0
    }
}

impl<V: Vector> ActivationFn<V> for Elu {
    #[inline(always)]
    fn values<const N: usize>(self, mut y: [V; N]) -> [V; N] {
        // max(0, y) + α · (e^min(0, y) − 1): one of the two is zero. In this order NaN stays NaN.
        let powers = powers(y);
        for (y, power) in y.iter_mut().zip(powers) {
            *y = power.add(V::splat(-1.0)).fma(V::splat(self.0), V::splat(0.0).max(*y));
        }
        y
    }
    #[inline(always)]
    fn derivatives<const N: usize>(self, mut y: [V; N]) -> [V; N] {
        let powers = powers(y);
        for (y, power) in y.iter_mut().zip(powers) {
            *y = y.if_greater(V::splat(0.0), V::splat(1.0), power.mul(V::splat(self.0)));
        }
        y
    }
    #[inline(always)]
    fn never_falls(self) -> bool {
        self.0 >= 0.0
    }
}

/// e^min(0, y).
#[inline(always)]
fn powers<V: Vector, const N: usize>(mut y: [V; N]) -> [V; N] {
    for y in &mut y {
        *y = V::splat(0.0).min(*y);
    }
    V::exp_negative(y)
}

/// Runs `$body` with `$function` bound to the activation function.
macro_rules! with_activation {
    ($activation:expr, $function:ident => $body:expr) => {
        match $activation {
            $crate::model::Activation::Relu => {
                let $function = $crate::kernels::activation::Relu;
                $body
            }
            $crate::model::Activation::LeakyRelu { slope } => {
                let $function = $crate::kernels::activation::Leaky(slope as f32);
                $body
            }
            $crate::model::Activation::Elu { alpha } => {
                let $function = $crate::kernels::activation::Elu(alpha as f32);
                $body
            }
            other => {
                let $function = $crate::kernels::activation::Other(other);
                $body
            }
        }
    };
}
pub(super) use with_activation;
