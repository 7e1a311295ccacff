//! Values of candle's tensors in the host's memory.

use candle_core::{Result, Storage, Tensor, bail};

/// Runs `f` on the values of a contiguous f32 tensor without copying them.
pub(crate) fn with_values<T>(tensor: &Tensor, f: impl FnOnce(&[f32]) -> Result<T>) -> Result<T> {
    let (storage, layout) = tensor.storage_and_layout();
    let Storage::Cpu(storage) = &*storage else { bail!("a tensor on the CPU is wanted") };
    let Some((start, end)) = layout.contiguous_offsets() else { bail!("a contiguous tensor is wanted") };
    f(&storage.as_slice()?[start..end])
}
