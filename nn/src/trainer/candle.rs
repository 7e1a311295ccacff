//! Training by an executor over candle's tensors, step by step.

use super::{Beginning, StepFigures, Stopped, Trainer, TrainingState, Trials, check_lengths, of_number};
use crate::model::{Layout, Network};
use crate::threads;
use crate::{Adam, Batch, Executor, Progress, Weights, dropout_masks, executor, step};
use candle_core::{Device, Error, Result, Tensor};

/// Everything lies on candle's device.
pub(super) struct CandleTrainer {
    network: Network,
    executor: Box<dyn Executor>,
    device: Device,
    seed: u64,
    weights: Weights,
    adam: Adam,
    before: Option<(Weights, Adam)>,
    sets: Vec<Batch>,
}

impl CandleTrainer {
    pub(super) fn new(device: &Device, network: &Network, beginning: &Beginning<'_>) -> Result<Self> {
        let weights = Weights::initialise(network, beginning.seed, device)?;
        let sets = beginning.sets.iter().map(|trials| on_device(trials, device)).collect::<Result<_>>()?;
        Ok(CandleTrainer {
            executor: executor(network, device)?,
            adam: Adam::new(weights.theta(), beginning.lr, beginning.weight_decay)?,
            network: network.clone(),
            device: device.clone(),
            seed: beginning.seed,
            before: None,
            weights,
            sets,
        })
    }

    /// The logits leave the device once.
    fn evaluate_weights(&self, set: usize, weights: &Weights) -> Result<Vec<f32>> {
        self.executor.evaluate(weights, &of_number(&self.sets, set)?.x)?.flatten_all()?.to_vec1()
    }

    fn weights_of(&self, theta: Vec<f32>, running: Vec<f32>) -> Result<Weights> {
        Weights::from_flat(&self.network, theta, running, &self.device)
            .map_err(|error| Error::msg(error.to_string()))
    }
}

impl Trainer for CandleTrainer {
    fn train(
        &mut self,
        epoch: u32,
        batches: &[Vec<u32>],
        stopped: &Stopped,
    ) -> Result<Option<Vec<StepFigures>>> {
        self.before = Some((self.weights.snapshot()?, self.adam.clone()));
        let Batch { x, y } = of_number(&self.sets, 0)?.clone();
        // All indices lie on the device before the first step: copying to a device may wait for it.
        let indices = batches.iter().map(|rows| Tensor::new(rows.as_slice(), &self.device));
        let indices = indices.collect::<Result<Vec<_>>>()?;
        let mut progress = Vec::with_capacity(batches.len());
        for (number, indices) in (0..).zip(&indices) {
            if stopped() {
                self.undo();
                return Ok(None);
            }
            let masks = dropout_masks(&self.network, self.seed, epoch, number);
            let mut step = || {
                let batch = Batch { x: x.index_select(indices, 0)?, y: y.index_select(indices, 0)? };
                step(self.executor.as_ref(), &mut self.weights, &mut self.adam, &batch, &masks)
            };
            progress.push(if self.device.is_cpu() { threads::awake(step) } else { step() }?);
        }
        Ok(Some(read(&progress)?))
    }

    fn undo(&mut self) {
        if let Some(before) = self.before.take() {
            (self.weights, self.adam) = before;
        }
    }

    fn evaluate(&mut self, set: usize) -> Result<Vec<f32>> {
        self.evaluate_weights(set, &self.weights)
    }

    fn evaluate_with(&mut self, set: usize, theta: &[f32], running: &[f32]) -> Result<Vec<f32>> {
        let weights = self.weights_of(theta.to_vec(), running.to_vec())?;
        self.evaluate_weights(set, &weights)
    }

    fn values(&self) -> Result<(Vec<f32>, Vec<f32>)> {
        Ok((self.weights.theta().to_vec1()?, self.weights.running().to_vec1()?))
    }

    fn step(&self) -> u64 {
        self.adam.step()
    }

    fn state(&self) -> Result<TrainingState> {
        let (theta, running) = self.values()?;
        let [m, v] = self.adam.means()?;
        Ok(TrainingState { theta, running, m, v, step: self.adam.step() })
    }

    fn set_state(&mut self, state: TrainingState) -> Result<()> {
        check_lengths(&state, Layout::of(&self.network).lengths())?;
        let TrainingState { theta, running, m, v, step } = state;
        self.adam = self.adam.clone().restored([m, v], step, &self.device)?;
        self.weights = self.weights_of(theta, running)?;
        self.before = None;
        Ok(())
    }
}

fn on_device(trials: &Trials<'_>, device: &Device) -> Result<Batch> {
    let (samples, electrodes) = trials.shape;
    let count = trials.labels.len();
    Ok(Batch {
        x: Tensor::from_slice(trials.x, (count, samples, electrodes), device)?,
        y: Tensor::from_slice(trials.labels, count, device)?,
    })
}

/// Losses and counts of right answers, batch by batch.
fn read(progress: &[Progress]) -> Result<Vec<StepFigures>> {
    let stacked = |scalar: fn(&Progress) -> &Tensor| -> Result<Vec<f32>> {
        Tensor::stack(&progress.iter().map(scalar).collect::<Vec<_>>(), 0)?.to_vec1()
    };
    let (losses, right) = (stacked(|progress| &progress.loss)?, stacked(|progress| &progress.correct)?);
    Ok(losses.into_iter().zip(right).map(|(loss, right)| [loss, right]).collect())
}
