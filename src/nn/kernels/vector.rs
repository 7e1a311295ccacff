//! What a vector of eight f32 can do, and the portable form of it. On 64-bit ARM the compiler turns the portable form
//! into NEON.

use super::LANES;

/// Eight f32. All methods are inlined into the caller, so that they are compiled for the caller's instruction set.
pub trait Vector: Copy {
    /// The same value in all places.
    fn splat(value: f32) -> Self;
    /// From memory.
    fn load(from: &[f32; LANES]) -> Self;
    /// To memory.
    fn store(self, to: &mut [f32; LANES]);
    /// Sum.
    fn add(self, other: Self) -> Self;
    /// Product.
    fn mul(self, other: Self) -> Self;
    /// self · factor + term, rounded once where the machine can.
    fn fma(self, factor: Self, term: Self) -> Self;
    /// The larger; `other` where either is NaN.
    fn max(self, other: Self) -> Self;
    /// The smaller; `other` where either is NaN.
    fn min(self, other: Self) -> Self;
    /// Where `self > other` the value of `yes`, elsewhere of `no`.
    fn if_greater(self, other: Self, yes: Self, no: Self) -> Self;
    /// Nearest integer, and 2 to that power. `self` must lie in −126 … 126.
    fn split_power(self) -> (Self, Self);
    /// `scale` where dropout keeps elements `first`, `first + 1`, …, zero where it drops them.
    fn keep(first: u32, key: u32, threshold: u32, scale: f32) -> Self;

    /// eˣ for x ≤ 0, to 2 units in the last place; below −86 as at −86.
    #[inline(always)]
    fn exp_negative(self) -> Self {
        // x = n·ln 2 + r with |r| ≤ ln 2 / 2; ln 2 in two parts, the first with zeros at its end (Cody and Waite).
        let x = Self::splat(-86.0).max(self); // in this order NaN stays NaN
        let (n, power) = x.mul(Self::splat(std::f32::consts::LOG2_E)).split_power();
        let r = n.fma(Self::splat(-0.693_359_4), x);
        let r = n.fma(Self::splat(2.121_944_4e-4), r);
        // Taylor's terms to r⁷; the rest is below 2⁻²⁶.
        let mut sum = Self::splat(1.0 / 5040.0);
        for coefficient in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
            sum = sum.fma(r, Self::splat(coefficient));
        }
        sum.mul(power)
    }
}

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
    #[inline(always)]
    fn splat(value: f32) -> Self {
        Portable([value; LANES])
    }

    #[inline(always)]
    fn load(from: &[f32; LANES]) -> Self {
        Portable(*from)
    }

    #[inline(always)]
    fn store(self, to: &mut [f32; LANES]) {
        *to = self.0;
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
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
    fn split_power(self) -> (Self, Self) {
        let n = self.0.map(|x| x.round_ties_even());
        (Portable(n), Portable(n.map(|n| f32::from_bits(((n as i32 + 127) as u32) << 23))))
    }

    #[inline(always)]
    fn keep(first: u32, key: u32, threshold: u32, scale: f32) -> Self {
        Portable(std::array::from_fn(|i| {
            let kept = crate::random::mix32(first.wrapping_add(i as u32) ^ key) >= threshold;
            if kept { scale } else { 0.0 }
        }))
    }
}
