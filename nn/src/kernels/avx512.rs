//! Sixteen f32 in one 512-bit register.

use super::LANES;
use super::vector::Vector;
use std::arch::x86_64::*;

/// Sixteen f32 with AVX-512F. Only functions made by `dispatched!` use it, after detecting the feature; that is the reason
/// why the intrinsics below may run.
#[derive(Clone, Copy)]
pub struct Avx512(__m512);

impl Vector for Avx512 {
    const EIGHTS: usize = 2;
    const REGISTERS: usize = 32;

    #[inline(always)]
    fn splat(value: f32) -> Self {
        // SAFETY: AVX-512F was detected before any `Avx512` is made.
        unsafe { Avx512(_mm512_set1_ps(value)) }
    }

    #[inline(always)]
    fn load(from: &[[f32; LANES]]) -> Self {
        // SAFETY: AVX-512F was detected; the slice covers the 64 bytes, which need no alignment.
        unsafe { Avx512(_mm512_loadu_ps(from[..Self::EIGHTS].as_ptr().cast())) }
    }

    #[inline(always)]
    fn store(self, to: &mut [[f32; LANES]]) {
        // SAFETY: AVX-512F was detected; the slice covers the 64 bytes, which need no alignment.
        unsafe { _mm512_storeu_ps(to[..Self::EIGHTS].as_mut_ptr().cast(), self.0) }
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: AVX-512F was detected before any `Avx512` is made.
        unsafe { Avx512(_mm512_add_ps(self.0, other.0)) }
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        // SAFETY: AVX-512F was detected before any `Avx512` is made.
        unsafe { Avx512(_mm512_sub_ps(self.0, other.0)) }
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        // SAFETY: AVX-512F was detected before any `Avx512` is made.
        unsafe { Avx512(_mm512_mul_ps(self.0, other.0)) }
    }

    #[inline(always)]
    fn div(self, other: Self) -> Self {
        // SAFETY: AVX-512F was detected before any `Avx512` is made.
        unsafe { Avx512(_mm512_div_ps(self.0, other.0)) }
    }

    #[inline(always)]
    fn fma(self, factor: Self, term: Self) -> Self {
        // SAFETY: AVX-512F was detected before any `Avx512` is made.
        unsafe { Avx512(_mm512_fmadd_ps(self.0, factor.0, term.0)) }
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        // SAFETY: AVX-512F was detected before any `Avx512` is made.
        unsafe { Avx512(_mm512_max_ps(self.0, other.0)) }
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        // SAFETY: AVX-512F was detected before any `Avx512` is made.
        unsafe { Avx512(_mm512_min_ps(self.0, other.0)) }
    }

    #[inline(always)]
    fn if_greater(self, other: Self, yes: Self, no: Self) -> Self {
        // SAFETY: AVX-512F was detected before any `Avx512` is made.
        unsafe {
            let greater = _mm512_cmp_ps_mask::<_CMP_GT_OQ>(self.0, other.0);
            Avx512(_mm512_mask_blend_ps(greater, no.0, yes.0))
        }
    }

    #[inline(always)]
    fn any_greater(self, other: Self) -> bool {
        // SAFETY: AVX-512F was detected before any `Avx512` is made.
        unsafe { _mm512_cmp_ps_mask::<_CMP_GT_OQ>(self.0, other.0) != 0 }
    }

    #[inline(always)]
    fn times_power(self, shifted: Self) -> Self {
        // SAFETY: AVX-512F was detected before any `Avx512` is made.
        unsafe {
            let power = _mm512_slli_epi32::<23>(_mm512_castps_si512(shifted.0));
            Avx512(_mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(self.0), power)))
        }
    }

    #[inline(always)]
    fn interleave(self, other: Self) -> (Self, Self) {
        // SAFETY: AVX-512F was detected before any `Avx512` is made.
        unsafe {
            let low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            let high = _mm512_add_epi32(low, _mm512_set1_epi32(8));
            let by = |places| Avx512(_mm512_permutex2var_ps(self.0, places, other.0));
            (by(low), by(high))
        }
    }

    #[inline(always)]
    fn deinterleave(self, other: Self) -> (Self, Self) {
        // SAFETY: AVX-512F was detected before any `Avx512` is made.
        unsafe {
            let even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
            let odd = _mm512_add_epi32(even, _mm512_set1_epi32(1));
            let by = |places| Avx512(_mm512_permutex2var_ps(self.0, places, other.0));
            (by(even), by(odd))
        }
    }

    #[inline(always)]
    fn keep(first: u32, key: u32, threshold: u32, scale: f32) -> Self {
        // SAFETY: AVX-512F was detected before this is called. The steps are those of `random::mix32`.
        unsafe {
            let first = _mm512_set1_epi32(first as i32);
            let places = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
            let mut x = _mm512_xor_si512(_mm512_add_epi32(first, places), _mm512_set1_epi32(key as i32));
            x = _mm512_xor_si512(x, _mm512_srli_epi32::<16>(x));
            x = _mm512_mullo_epi32(x, _mm512_set1_epi32(0x85eb_ca6b_u32 as i32));
            x = _mm512_xor_si512(x, _mm512_srli_epi32::<13>(x));
            x = _mm512_mullo_epi32(x, _mm512_set1_epi32(0xc2b2_ae35_u32 as i32));
            x = _mm512_xor_si512(x, _mm512_srli_epi32::<16>(x));
            let kept = _mm512_cmpge_epu32_mask(x, _mm512_set1_epi32(threshold as i32));
            Avx512(_mm512_maskz_mov_ps(kept, _mm512_set1_ps(scale)))
        }
    }
}
