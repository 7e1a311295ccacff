//! A stage's filters as a matrix for each tap, as the kernels take them: rows are the channels that a sum goes over, columns the
//! channels that it gives. theta has them (output, input, tap), as PyTorch does.

use super::memory::{Lease, Memory};
use super::stage::Stage;
use crate::kernels::{LANES, Packed, padded};
use crate::threads;

/// (tap, row, padded column), flat.
pub(super) struct ByTap {
    values: Lease,
    pub rows: usize,
    pub columns: usize,
}

impl ByTap {
    /// For the pass forwards: input → output.
    pub fn forward(stage: &Stage, memory: &Memory, weights: &[f32]) -> Self {
        Self::new(stage, memory, weights, false)
    }

    /// For the pass backwards: output → input.
    pub fn backward(stage: &Stage, memory: &Memory, weights: &[f32]) -> Self {
        Self::new(stage, memory, weights, true)
    }

    fn new(stage: &Stage, memory: &Memory, weights: &[f32], backward: bool) -> Self {
        let (inputs, outputs, taps) = (stage.input.channels, stage.output.channels, stage.taps.count);
        let [rows, columns] = if backward { [outputs, inputs] } else { [inputs, outputs] };
        let columns = padded(columns);
        let mut values = memory.lease(taps * rows * columns);
        threads::map(values.chunks_exact_mut(rows * columns).enumerate().collect(), |(tap, matrix)| {
            matrix.fill(0.0);
            for (output, filters) in weights.chunks_exact(inputs * taps).enumerate() {
                let of_tap = filters.iter().skip(tap).step_by(taps);
                if backward {
                    matrix[output * columns..].iter_mut().zip(of_tap).for_each(|(to, from)| *to = *from);
                } else {
                    let to = matrix[output..].iter_mut().step_by(columns);
                    to.zip(of_tap).for_each(|(to, from)| *to = *from);
                }
            }
        });
        ByTap { values, rows, columns }
    }

    /// The matrices of taps from `tap` on, flat.
    pub fn from(&self, tap: usize) -> impl Iterator<Item = &[f32]> {
        self.values.chunks_exact(self.rows * self.columns).skip(tap)
    }

    /// The filters in one, tap after tap.
    pub fn packed(&self) -> Packed {
        Packed::of_rows(&self.values, self.columns)
    }

    /// The same with the last tap first.
    pub fn packed_in_reverse(&self) -> Packed {
        let taps = self.values.chunks_exact(self.rows * self.columns);
        Packed::of_rows(&taps.rev().flatten().copied().collect::<Vec<_>>(), self.columns)
    }
}

/// Adds a gradient (tap, input, padded output) to `out`, which is laid out as theta.
pub(super) fn add_gradient(out: &mut [f32], gradient: &[f32], stage: &Stage) {
    let (inputs, taps, columns) = (stage.input.channels, stage.taps.count, stage.columns());
    // As many outputs at once as share a line of the cache, so that each line is read once.
    threads::map(out.chunks_mut(2 * LANES * inputs * taps).enumerate().collect(), |(part, out)| {
        for tap in 0..taps {
            for input in 0..inputs {
                let row = &gradient[(tap * inputs + input) * columns + part * 2 * LANES..];
                let filters = out[input * taps + tap..].iter_mut().step_by(inputs * taps);
                filters.zip(row).for_each(|(out, value)| *out += value);
            }
        }
    });
}
