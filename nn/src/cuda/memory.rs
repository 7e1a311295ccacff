//! The buffers that a group's step needs, and how large they are: pure arithmetic, whoever allocates them.

use super::arguments::{Address, Mask, bytes};
use super::form::Form;

/// Trials of one partial sum: fixed, so that sums don't depend on the machine.
pub(super) const CHUNK: usize = 8;

/// How much a group computes at once. What is smaller fits as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    /// Runs side by side.
    pub(super) runs: usize,
    /// Trials of a step.
    pub(super) batch: usize,
    /// Steps of an epoch.
    pub(super) steps: usize,
    /// Trials of an evaluation.
    pub(super) trials: usize,
}

impl Size {
    /// What both fit into.
    pub(super) fn max(self, other: Size) -> Size {
        Size {
            runs: self.runs.max(other.runs),
            batch: self.batch.max(other.batch),
            steps: self.steps.max(other.steps),
            trials: self.trials.max(other.trials),
        }
    }
}

/// Where a group's numbers lie. A run's lie one after another in each buffer.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// All that an epoch changes, read in one piece: trainable values, Adam's two means, running statistics, progress.
    pub(super) state: Address,
    pub(super) gradient: Address,
    /// (step, run, trial): rows of the data.
    pub(super) rows: Address,
    /// (step, dropout, run).
    pub(super) masks: Address,
    /// (step, run): the rate and the root of Adam's corrections.
    pub(super) rates: Address,
    pub(super) roots: Address,
    /// (run).
    pub(super) decay: Address,
    /// (run, trial, class), and further evaluations behind.
    pub(super) logits: Address,
    pub(super) logits_gradient: Address,
    pub(super) loss: Address,
    pub(super) right: Address,
    /// Sums over chunks of trials: of weights' gradients, and of features.
    pub(super) partial: Address,
    pub(super) pairs: Address,
    pub(super) blocks: Vec<BlockMemory>,
    /// All of them, to be given back.
    pub(super) all: Vec<Address>,
}

/// Where a block's values and their gradients lie.
#[derive(Clone, Debug, Default)]
pub(super) struct BlockMemory {
    /// The convolution's output.
    pub(super) z: Address,
    pub(super) dz: Address,
    /// The tail's.
    pub(super) out: Address,
    pub(super) dout: Address,
    /// Ahead of the function behind the pool.
    pub(super) pooled: Address,
    /// (run, feature).
    pub(super) mean: Address,
    pub(super) inverse: Address,
    pub(super) scale: Address,
    pub(super) shift: Address,
    pub(super) by_sum: Address,
    pub(super) by_product: Address,
    /// (run): the functions' parameters.
    pub(super) alpha: Address,
    pub(super) function_alpha: Address,
}

/// Where the parts of [`Memory::state`] begin for so many runs, in numbers of four bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct StateParts {
    pub(super) m: usize,
    pub(super) v: usize,
    pub(super) running: usize,
    /// (run, step, 2): mean loss, and how many were right.
    pub(super) progress: usize,
    pub(super) end: usize,
}

impl StateParts {
    pub(super) fn of(form: &Form, runs: usize, steps: usize) -> Self {
        let values = runs * form.parameters;
        let progress = 3 * values + runs * form.statistics;
        StateParts {
            m: values,
            v: 2 * values,
            running: 3 * values,
            progress,
            end: progress + runs * steps * 2,
        }
    }
}

impl Memory {
    /// Reserves every buffer, whose bytes `reserve` is told.
    pub(super) fn reserve<E>(
        form: &Form,
        size: Size,
        reserve: &mut dyn FnMut(usize) -> Result<Address, E>,
    ) -> Result<Self, E> {
        let Size { runs, batch, steps, trials } = size;
        let mut all = Vec::new();
        let mut floats = |count: usize| {
            let address = reserve(4 * count.max(1))?;
            all.push(address);
            Ok(address)
        };
        let (of_trials, mask) = (runs * batch, bytes(&Mask::default()).len() / 4);
        let mut memory = Memory {
            state: floats(StateParts::of(form, runs, steps).end)?,
            gradient: floats(runs * form.parameters)?,
            rows: floats(runs * (steps * batch).max(trials))?,
            masks: floats(steps * form.dropouts * runs * mask)?,
            rates: floats(steps * runs)?,
            roots: floats(steps * runs)?,
            decay: floats(runs)?,
            logits: floats(runs * batch.max(trials) * form.classes)?,
            logits_gradient: floats(of_trials * form.classes)?,
            loss: floats(of_trials)?,
            right: floats(of_trials)?,
            ..Memory::default()
        };
        let (mut partial, mut pairs) = (0, 0);
        let chunks = batch.div_ceil(CHUNK);
        for block in &form.blocks {
            let mut at = BlockMemory::default();
            if let Some(convolution) = &block.convolution {
                let weights = convolution.weights();
                partial = partial.max(runs * chunks * weights);
                pairs = pairs.max(runs * chunks * convolution.after.features * 2);
                at.z = floats(of_trials * convolution.after.len())?;
                at.dz = floats(of_trials * convolution.after.len())?;
            }
            if let Some(tail) = &block.tail {
                let features = runs * tail.before.features;
                pairs = pairs.max(chunks * features * 2);
                at.out = floats(of_trials * tail.after.len())?;
                at.dout = floats(of_trials * tail.after.len())?;
                if tail.function.is_some() {
                    at.pooled = floats(of_trials * tail.after.len())?;
                }
                for one in [
                    &mut at.mean,
                    &mut at.inverse,
                    &mut at.scale,
                    &mut at.shift,
                    &mut at.by_sum,
                    &mut at.by_product,
                ] {
                    *one = floats(features)?;
                }
                at.alpha = floats(runs)?;
                at.function_alpha = floats(runs)?;
            }
            memory.blocks.push(at);
        }
        memory.partial = floats(partial)?;
        // In double precision.
        memory.pairs = floats(2 * pairs)?;
        memory.all = all;
        Ok(memory)
    }

    /// Bytes of all buffers together.
    pub(super) fn bytes(form: &Form, size: Size) -> u64 {
        let mut sum = 0;
        let counted = Memory::reserve(form, size, &mut |bytes| {
            // A card gives memory in pieces of 512 bytes.
            sum += bytes.next_multiple_of(512) as u64;
            Ok::<_, std::convert::Infallible>(Address::NONE)
        });
        counted.map_or(sum, |_| sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Activation, Geometry, Model};

    #[test]
    fn memory_grows_with_runs_and_trials_and_no_two_buffers_share_a_place() {
        let network = Model::eegnet().network(Geometry::LAB, Activation::Elu { alpha: 1.0 }, 0.25).unwrap();
        let (form, _) = Form::of(&network).unwrap();
        let size = Size { runs: 2, batch: 32, steps: 3, trials: 40 };
        let mut end = 512;
        let mut taken = Vec::new();
        let memory = Memory::reserve(&form, size, &mut |bytes| {
            let at = end;
            taken.push((at, bytes));
            end += bytes as u64;
            Ok::<_, ()>(Address(at))
        })
        .unwrap();
        assert_eq!(memory.all.len(), taken.len());
        assert_eq!(memory.blocks.len(), form.blocks.len());
        let bytes = Memory::bytes(&form, size);
        assert!(bytes >= end - 512);
        let double = Memory::bytes(&form, Size { runs: 4, ..size });
        assert!((1.9..=2.1).contains(&(double as f64 / bytes as f64)), "{double} and {bytes}");
    }
}
