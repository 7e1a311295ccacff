//! The activation functions on vectors, each a type of its own, so that a pass is compiled for each.

use super::vector::Vector;

/// An activation function on vectors, several at once.
pub trait Curve<V: Vector>: Copy {
    /// Its values.
    fn values<const N: usize>(self, y: [V; N]) -> [V; N];
    /// Its derivatives; at a kink the one from below, as PyTorch takes it.
    fn slopes<const N: usize>(self, y: [V; N]) -> [V; N];
    /// Whether it never falls, so that the maximum may be taken before it.
    fn rises(self) -> bool;
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

impl<V: Vector> Curve<V> for Relu {
    #[inline(always)]
    fn values<const N: usize>(self, mut y: [V; N]) -> [V; N] {
        for y in &mut y {
            *y = V::splat(0.0).max(*y);
        }
        y
    }
    #[inline(always)]
    fn slopes<const N: usize>(self, mut y: [V; N]) -> [V; N] {
        for y in &mut y {
            *y = y.if_greater(V::splat(0.0), V::splat(1.0), V::splat(0.0));
        }
        y
    }
    #[inline(always)]
    fn rises(self) -> bool {
        true
    }
}

impl<V: Vector> Curve<V> for Leaky {
    #[inline(always)]
    fn values<const N: usize>(self, mut y: [V; N]) -> [V; N] {
        for y in &mut y {
            *y = y.if_greater(V::splat(0.0), *y, y.mul(V::splat(self.0)));
        }
        y
    }
    #[inline(always)]
    fn slopes<const N: usize>(self, mut y: [V; N]) -> [V; N] {
        for y in &mut y {
            *y = y.if_greater(V::splat(0.0), V::splat(1.0), V::splat(self.0));
        }
        y
    }
    #[inline(always)]
    fn rises(self) -> bool {
        self.0 >= 0.0
    }
}

impl<V: Vector> Curve<V> for Elu {
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
    fn slopes<const N: usize>(self, mut y: [V; N]) -> [V; N] {
        let powers = powers(y);
        for (y, power) in y.iter_mut().zip(powers) {
            *y = y.if_greater(V::splat(0.0), V::splat(1.0), power.mul(V::splat(self.0)));
        }
        y
    }
    #[inline(always)]
    fn rises(self) -> bool {
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

/// Runs `$body` with `$curve` bound to the activation function.
macro_rules! with_curve {
    ($activation:expr, $curve:ident => $body:expr) => {
        match $activation {
            $crate::model::Activation::Relu => {
                let $curve = $crate::nn::kernels::curve::Relu;
                $body
            }
            $crate::model::Activation::LeakyRelu { slope } => {
                let $curve = $crate::nn::kernels::curve::Leaky(slope as f32);
                $body
            }
            $crate::model::Activation::Elu { alpha } => {
                let $curve = $crate::nn::kernels::curve::Elu(alpha as f32);
                $body
            }
            // The plan takes no network with another one.
            _ => {
                let $curve = $crate::nn::kernels::curve::Leaky(1.0);
                $body
            }
        }
    };
}
pub(super) use with_curve;
