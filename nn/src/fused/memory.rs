//! Memory that steps lease and give back. A step's buffers must outlive its forward pass until the backward pass, and
//! two forward passes may come before one backward pass, so no layer can own them; a fresh allocation each time would
//! cost a page fault every four kilobytes.

use crate::kernels::Aligned;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

/// Free buffers by length.
#[derive(Clone, Default)]
pub(super) struct Memory(Arc<Mutex<BTreeMap<usize, Vec<Aligned>>>>);

/// Floats of a buffer that is leased for less than it holds too: an epoch's last batch is smaller, and takes what the others had.
const LARGE: usize = 1 << 18;

/// A buffer on lease; it goes back when this is dropped. Holds what the last user left in it.
pub(super) struct Lease {
    buffer: Option<Aligned>,
    len: usize,
    home: Memory,
}

impl Memory {
    /// A buffer of exactly `len` floats with unknown values.
    pub fn lease(&self, len: usize) -> Lease {
        let most = if len < LARGE { len } else { usize::MAX };
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let buffer = free.range_mut(len..=most).find_map(|(_, buffers)| buffers.pop());
        drop(free);
        Lease { buffer: Some(buffer.unwrap_or_else(|| Aligned::zeros(len))), len, home: self.clone() }
    }

    /// Floats in free buffers.
    #[cfg(test)]
    pub fn floats(&self) -> usize {
        let free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        free.iter().map(|(len, buffers)| len * buffers.len()).sum()
    }

    /// A buffer of zeros.
    pub fn zeros(&self, len: usize) -> Lease {
        let mut lease = self.lease(len);
        lease.fill(0.0);
        lease
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(buffer) = self.buffer.take() {
            let mut free = self.home.0.lock().unwrap_or_else(PoisonError::into_inner);
            free.entry(buffer.len()).or_default().push(buffer);
        }
    }
}

impl Deref for Lease {
    type Target = [f32];
    fn deref(&self) -> &[f32] {
        self.buffer.as_deref().and_then(|buffer| buffer.get(..self.len)).unwrap_or_default()
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut [f32] {
        self.buffer.as_deref_mut().and_then(|buffer| buffer.get_mut(..self.len)).unwrap_or_default()
    }
}
