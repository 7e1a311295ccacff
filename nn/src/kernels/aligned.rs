//! Memory that starts on a cache line, so that no vector straddles two.

use super::pages::ask_for_large_pages;
use std::ops::{Deref, DerefMut};

/// One cache line of f32.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; 16]);

/// A fixed number of f32 that starts on a cache line; zero at the start.
pub struct Aligned {
    lines: Vec<Line>,
    len: usize,
}

impl Aligned {
    /// `len` zeros.
    pub fn zeros(len: usize) -> Self {
        let count = len.div_ceil(16);
        let mut lines = Vec::with_capacity(count);
        ask_for_large_pages(&lines);
        lines.resize(count, Line([0.0; 16]));
        Aligned { lines, len }
    }
}

impl Deref for Aligned {
    type Target = [f32];
    fn deref(&self) -> &[f32] {
        // SAFETY: `lines` holds at least `len` initialised f32 one after another (`repr(C)`, no padding: 16 · 4 = 64).
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.len) }
    }
}

impl DerefMut for Aligned {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above, and `&mut self` makes the borrow exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.len) }
    }
}
