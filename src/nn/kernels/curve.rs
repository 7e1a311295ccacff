//! The activation functions on vectors, each a type of its own, so that a pass is compiled for each.

use super::vector::Vector;

/// An activation function on vectors.
pub trait Curve<V: Vector>: Copy {
    /// Its value.
    fn value(self, y: V) -> V;
    /// Its derivative; at a kink the one from below, as PyTorch takes it.
    fn slope(self, y: V) -> V;
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
    fn value(self, y: V) -> V {
        V::splat(0.0).max(y)
    }
    #[inline(always)]
    fn slope(self, y: V) -> V {
        y.if_greater(V::splat(0.0), V::splat(1.0), V::splat(0.0))
    }
    #[inline(always)]
    fn rises(self) -> bool {
        true
    }
}

impl<V: Vector> Curve<V> for Leaky {
    #[inline(always)]
    fn value(self, y: V) -> V {
        y.if_greater(V::splat(0.0), y, y.mul(V::splat(self.0)))
    }
    #[inline(always)]
    fn slope(self, y: V) -> V {
        y.if_greater(V::splat(0.0), V::splat(1.0), V::splat(self.0))
    }
    #[inline(always)]
    fn rises(self) -> bool {
        self.0 >= 0.0
    }
}

impl<V: Vector> Curve<V> for Elu {
    #[inline(always)]
    fn value(self, y: V) -> V {
        // max(0, y) + α · (e^min(0, y) − 1): one of the two is zero. In this order NaN stays NaN.
        let zero = V::splat(0.0);
        let below = zero.min(y).exp_negative().add(V::splat(-1.0));
        below.fma(V::splat(self.0), zero.max(y))
    }
    #[inline(always)]
    fn slope(self, y: V) -> V {
        let below = V::splat(0.0).min(y).exp_negative().mul(V::splat(self.0));
        y.if_greater(V::splat(0.0), V::splat(1.0), below)
    }
    #[inline(always)]
    fn rises(self) -> bool {
        self.0 >= 0.0
    }
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
        }
    };
}
pub(super) use with_curve;
