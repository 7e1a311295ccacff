//! Eight f32 in one 256-bit register.

use super::LANES;
use super::vector::Vector;
use std::arch::x86_64::*;

/// Eight f32 with AVX2 and FMA. Only functions made by `dispatched!` use it, after detecting both features; that is the
/// reason why the intrinsics below may run.
#[derive(Clone, Copy)]
pub struct Avx2(__m256);

impl Vector for Avx2 {
    const EIGHTS: usize = 1;
    const REGISTERS: usize = 16;

    #[inline(always)]
    fn splat(value: f32) -> Self {
        // SAFETY: AVX was detected before any `Avx2` is made.
        unsafe { Avx2(_mm256_set1_ps(value)) }
    }

    #[inline(always)]
    fn load(from: &[[f32; LANES]]) -> Self {
        // SAFETY: AVX was detected; the reference covers the 32 bytes, which need no alignment.
        unsafe { Avx2(_mm256_loadu_ps(from[0].as_ptr())) }
    }

    #[inline(always)]
    fn store(self, to: &mut [[f32; LANES]]) {
        // SAFETY: AVX was detected; the reference covers the 32 bytes, which need no alignment.
        unsafe { _mm256_storeu_ps(to[0].as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: AVX was detected before any `Avx2` is made.
        unsafe { Avx2(_mm256_add_ps(self.0, other.0)) }
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        // SAFETY: AVX was detected before any `Avx2` is made.
        unsafe { Avx2(_mm256_sub_ps(self.0, other.0)) }
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        // SAFETY: AVX was detected before any `Avx2` is made.
        unsafe { Avx2(_mm256_mul_ps(self.0, other.0)) }
    }

    #[inline(always)]
    fn div(self, other: Self) -> Self {
        // SAFETY: AVX was detected before any `Avx2` is made.
        unsafe { Avx2(_mm256_div_ps(self.0, other.0)) }
    }

    #[inline(always)]
    fn fma(self, factor: Self, term: Self) -> Self {
        // SAFETY: FMA was detected before any `Avx2` is made.
        unsafe { Avx2(_mm256_fmadd_ps(self.0, factor.0, term.0)) }
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        // SAFETY: AVX was detected before any `Avx2` is made.
        unsafe { Avx2(_mm256_max_ps(self.0, other.0)) }
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        // SAFETY: AVX was detected before any `Avx2` is made.
        unsafe { Avx2(_mm256_min_ps(self.0, other.0)) }
    }

    #[inline(always)]
    fn if_greater(self, other: Self, yes: Self, no: Self) -> Self {
        // SAFETY: AVX was detected before any `Avx2` is made.
        unsafe { Avx2(_mm256_blendv_ps(no.0, yes.0, _mm256_cmp_ps::<_CMP_GT_OQ>(self.0, other.0))) }
    }

    #[inline(always)]
    fn any_greater(self, other: Self) -> bool {
        // SAFETY: AVX was detected before any `Avx2` is made.
        unsafe { _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(self.0, other.0)) != 0 }
    }

    #[inline(always)]
    fn times_power(self, shifted: Self) -> Self {
        // SAFETY: AVX2 was detected before any `Avx2` is made.
        unsafe {
            let power = _mm256_slli_epi32::<23>(_mm256_castps_si256(shifted.0));
            Avx2(_mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(self.0), power)))
        }
    }

    #[inline(always)]
    fn interleave(self, other: Self) -> (Self, Self) {
        // SAFETY: AVX was detected before any `Avx2` is made.
        unsafe {
            let low = _mm256_unpacklo_ps(self.0, other.0);
            let high = _mm256_unpackhi_ps(self.0, other.0);
            let first = _mm256_permute2f128_ps::<0x20>(low, high);
            (Avx2(first), Avx2(_mm256_permute2f128_ps::<0x31>(low, high)))
        }
    }

    #[inline(always)]
    fn deinterleave(self, other: Self) -> (Self, Self) {
        // SAFETY: AVX was detected before any `Avx2` is made.
        unsafe {
            let low = _mm256_permute2f128_ps::<0x20>(self.0, other.0);
            let high = _mm256_permute2f128_ps::<0x31>(self.0, other.0);
            (Avx2(_mm256_shuffle_ps::<0x88>(low, high)), Avx2(_mm256_shuffle_ps::<0xdd>(low, high)))
        }
    }

    #[inline(always)]
    fn keep(first: u32, key: u32, threshold: u32, scale: f32) -> Self {
        // SAFETY: AVX2 was detected before this is called. The steps are those of `random::mix32`.
        unsafe {
            let first = _mm256_set1_epi32(first as i32);
            let element = _mm256_add_epi32(first, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
            let mut x = _mm256_xor_si256(element, _mm256_set1_epi32(key as i32));
            x = _mm256_xor_si256(x, _mm256_srli_epi32::<16>(x));
            x = _mm256_mullo_epi32(x, _mm256_set1_epi32(0x85eb_ca6b_u32 as i32));
            x = _mm256_xor_si256(x, _mm256_srli_epi32::<13>(x));
            x = _mm256_mullo_epi32(x, _mm256_set1_epi32(0xc2b2_ae35_u32 as i32));
            x = _mm256_xor_si256(x, _mm256_srli_epi32::<16>(x));
            // Unsigned x ≥ threshold, where the larger of the two is x.
            let threshold = _mm256_set1_epi32(threshold as i32);
            let kept = _mm256_cmpeq_epi32(_mm256_max_epu32(x, threshold), x);
            Avx2(_mm256_and_ps(_mm256_castsi256_ps(kept), _mm256_set1_ps(scale)))
        }
    }
}
