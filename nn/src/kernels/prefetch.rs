//! Asks for memory ahead of time. What the passes read and write is more than the second cache holds, and the machine's own
//! guesses are thrown by rows that are read several at once.

use super::LANES;

/// How far ahead, in eights: some hundred cycles of the passes' work.
const AHEAD: usize = 64;

/// Eights of a cache line.
const LINE: usize = 2;

/// `count` eights, [`AHEAD`] of a place, will be read.
#[inline(always)]
pub(super) fn will_read(from: &[[f32; LANES]], at: usize, count: usize) {
    #[cfg(target_arch = "x86_64")]
    for line in (0..count).step_by(LINE) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint, for which no address is wrong.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(from.as_ptr().wrapping_add(at + line + AHEAD).cast()) }
    }
}

/// They will be written.
#[inline(always)]
pub(super) fn will_write(to: &[[f32; LANES]], at: usize, count: usize) {
    #[cfg(target_arch = "x86_64")]
    for line in (0..count).step_by(LINE) {
        use std::arch::x86_64::{_MM_HINT_ET0, _mm_prefetch};
        // SAFETY: a hint, for which no address is wrong; a processor that does not know this one does nothing.
        unsafe { _mm_prefetch::<_MM_HINT_ET0>(to.as_ptr().wrapping_add(at + line + AHEAD).cast()) }
    }
}
