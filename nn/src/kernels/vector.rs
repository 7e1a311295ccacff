//! What a vector of f32 can do, and the portable form of it. On 64-bit ARM the compiler turns the portable form into NEON.

use super::LANES;

/// Eight f32, or a few times as many. All methods are inlined into the caller, so that they are compiled for the caller's
/// instruction set.
pub trait Vector: Copy {
    /// How many times eight.
    const EIGHTS: usize;
    /// Vectors that the machine has registers for.
    const REGISTERS: usize;
    /// The same value in all places.
    fn splat(value: f32) -> Self;
    /// From memory, where there are at least as many.
    fn load(from: &[[f32; LANES]]) -> Self;
    /// To memory, where there are at least as many.
    fn store(self, to: &mut [[f32; LANES]]);
    /// Sum.
    fn add(self, other: Self) -> Self;
    /// Difference.
    fn sub(self, other: Self) -> Self;
    /// Product.
    fn mul(self, other: Self) -> Self;
    /// Quotient.
    fn div(self, other: Self) -> Self;
    /// self · factor + term, rounded once where the machine can.
    fn fma(self, factor: Self, term: Self) -> Self;
    /// The larger; `other` where either is NaN.
    fn max(self, other: Self) -> Self;
    /// The smaller; `other` where either is NaN.
    fn min(self, other: Self) -> Self;
    /// Where `self > other` the value of `yes`, elsewhere of `no`.
    fn if_greater(self, other: Self, yes: Self, no: Self) -> Self;
    /// Whether any of them is larger than the other's at its place.
    fn any_greater(self, other: Self) -> bool;
    /// self · 2ⁿ, where `shifted` is [`SHIFT`] + n; neither `self` nor the result may be subnormal.
    fn times_power(self, shifted: Self) -> Self;
    /// The values of both by turns, as two vectors: s₀ o₀ s₁ o₁ …
    fn interleave(self, other: Self) -> (Self, Self);
    /// What [`Self::interleave`] made these two of.
    fn deinterleave(self, other: Self) -> (Self, Self);
    /// `scale` where dropout keeps elements `first`, `first + 1`, …, zero where it drops them.
    fn keep(first: u32, key: u32, threshold: u32, scale: f32) -> Self;

    /// eˣ for x ≤ 0, to 2.5 units in the last place where `fma` rounds once, elsewhere to 2.5 units in that of 1; below −86
    /// as at −86. Several vectors at once, step by step: of one alone a core would mostly wait for the step before.
    #[inline(always)]
    fn exp_negative<const N: usize>(mut x: [Self; N]) -> [Self; N] {
        // x = n·ln 2 + r with |r| ≤ ln 2 / 2. Adding 1.5 · 2²³ rounds to the nearest integer and leaves it in the low bits.
        let mut shifted = [Self::splat(SHIFT); N];
        for (x, shifted) in x.iter_mut().zip(&mut shifted) {
            *x = Self::splat(-86.0).max(*x); // in this order NaN stays NaN
            *shifted = x.fma(Self::splat(std::f32::consts::LOG2_E), *shifted);
        }
        let mut r = x;
        for (r, shifted) in r.iter_mut().zip(&shifted) {
            let n = shifted.add(Self::splat(-SHIFT));
            *r = n.fma(Self::splat(-std::f32::consts::LN_2), *r);
        }
        // 1 + r + r² · p(r) with the p of degree 4 whose largest relative error is least: 3.1e-9.
        let mut sums = [Self::splat(1.381_459_8e-3); N];
        for coefficient in [8.368_717e-3, 0.041_668_39, 0.166_665_21, 0.499_999_94, 1.0, 1.0] {
            for (sum, r) in sums.iter_mut().zip(r) {
                *sum = sum.fma(r, Self::splat(coefficient));
            }
        }
        for (sum, shifted) in sums.iter_mut().zip(shifted) {
            *sum = sum.times_power(shifted);
        }
        sums
    }
}

/// The most that [`Vector::EIGHTS`] is.
pub(super) const MOST_EIGHTS: usize = 2;

/// The vector that starts at an eight.
#[inline(always)]
pub(super) fn load<V: Vector>(from: &[[f32; LANES]], at: usize) -> V {
    V::load(&from[at..at + V::EIGHTS])
}

/// The vector whose eights lie where `place` says.
#[inline(always)]
pub(super) fn gather<V: Vector>(from: &[[f32; LANES]], place: impl Fn(usize) -> usize) -> V {
    let mut eights = [[0.0; LANES]; MOST_EIGHTS];
    for (eight, to) in eights.iter_mut().enumerate().take(V::EIGHTS) {
        *to = from[place(eight)];
    }
    V::load(&eights)
}

/// Puts a vector's eights where `place` says.
#[inline(always)]
pub(super) fn scatter<V: Vector>(value: V, to: &mut [[f32; LANES]], place: impl Fn(usize) -> usize) {
    let mut eights = [[0.0; LANES]; MOST_EIGHTS];
    value.store(&mut eights);
    for (eight, from) in eights.iter().enumerate().take(V::EIGHTS) {
        to[place(eight)] = *from;
    }
}

/// Puts a vector where it starts at an eight.
#[inline(always)]
pub(super) fn store<V: Vector>(value: V, to: &mut [[f32; LANES]], at: usize) {
    value.store(&mut to[at..at + V::EIGHTS]);
}

/// Numbers of this size have no places after the point: 1.5 · 2²³.
const SHIFT: f32 = 12_582_912.0;

/// Eight f32 for any machine.
#[derive(Clone, Copy)]
pub struct Portable([f32; LANES]);

impl Portable {
    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        Portable(std::array::from_fn(|i| f(self.0[i], other.0[i])))
    }
}

impl Vector for Portable {
    const EIGHTS: usize = 1;
    const REGISTERS: usize = 16;

    #[inline(always)]
    fn splat(value: f32) -> Self {
        Portable([value; LANES])
    }

    #[inline(always)]
    fn load(from: &[[f32; LANES]]) -> Self {
        Portable(from[0])
    }

    #[inline(always)]
    fn store(self, to: &mut [[f32; LANES]]) {
        to[0] = self.0;
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }

    #[inline(always)]
    fn div(self, other: Self) -> Self {
        self.zip(other, |a, b| a / b)
    }

    #[inline(always)]
    fn fma(self, factor: Self, term: Self) -> Self {
        // Without the instruction `mul_add` is a slow library call.
        let fused = cfg!(any(target_arch = "aarch64", target_feature = "fma"));
        Portable(std::array::from_fn(|i| {
            if fused {
                self.0[i].mul_add(factor.0[i], term.0[i])
            } else {
                self.0[i] * factor.0[i] + term.0[i]
            }
        }))
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.zip(other, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.zip(other, |a, b| if a < b { a } else { b })
    }

    #[inline(always)]
    fn if_greater(self, other: Self, yes: Self, no: Self) -> Self {
        Portable(std::array::from_fn(|i| if self.0[i] > other.0[i] { yes.0[i] } else { no.0[i] }))
    }

    #[inline(always)]
    fn any_greater(self, other: Self) -> bool {
        self.0.iter().zip(other.0).any(|(a, b)| *a > b)
    }

    #[inline(always)]
    fn times_power(self, shifted: Self) -> Self {
        let power = |value: f32, n: f32| f32::from_bits(value.to_bits().wrapping_add(n.to_bits() << 23));
        self.zip(shifted, power)
    }

    #[inline(always)]
    fn interleave(self, other: Self) -> (Self, Self) {
        let at = |i: usize| if i.is_multiple_of(2) { self.0[i / 2] } else { other.0[i / 2] };
        (Portable(std::array::from_fn(at)), Portable(std::array::from_fn(|i| at(i + LANES))))
    }

    #[inline(always)]
    fn deinterleave(self, other: Self) -> (Self, Self) {
        let at = |i: usize| if i < LANES { self.0[i] } else { other.0[i - LANES] };
        (Portable(std::array::from_fn(|i| at(2 * i))), Portable(std::array::from_fn(|i| at(2 * i + 1))))
    }

    #[inline(always)]
    fn keep(first: u32, key: u32, threshold: u32, scale: f32) -> Self {
        Portable(std::array::from_fn(|i| {
            let kept = crate::random::mix32(first.wrapping_add(i as u32) ^ key) >= threshold;
            if kept { scale } else { 0.0 }
        }))
    }
}
