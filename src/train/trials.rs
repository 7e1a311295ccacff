//! A set of trials on the device, in batches for training and for evaluation.

use crate::dataset::TrialSet;
use crate::nn::{Batch, Executor, Weights};
use crate::random::{Purpose, shuffle, stream};
use candle_core::{Device, Result, Tensor};
use candle_datasets::Batcher;

/// The most values of one evaluation batch's signal, so that its memory is bounded whatever a trial's size.
const EVALUATION_VALUES: usize = 1 << 20;
/// The most trials of one evaluation batch.
const EVALUATION_TRIALS: usize = 256;

/// Trials and their labels on the device.
pub(super) struct Trials {
    /// (trial, sample, electrode).
    x: Tensor,
    /// (trial).
    y: Tensor,
    /// The same on the host.
    labels: Vec<u32>,
    classes: usize,
}

/// What a network says about a set of trials, on the host.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scores {
    /// (trial, class) in row order.
    pub(super) logits: Vec<f32>,
    /// Mean cross-entropy.
    pub(super) loss: f64,
    /// Share of trials whose label has the largest logit.
    pub(super) accuracy: f64,
}

impl Trials {
    pub(super) fn new(set: &TrialSet, classes: usize, device: &Device) -> Result<Self> {
        let x = Tensor::from_slice(&set.signal, (set.len(), set.samples, set.electrodes), device)?;
        let y = Tensor::from_slice(&set.labels, set.len(), device)?;
        Ok(Trials { x, y, labels: set.labels.clone(), classes })
    }

    pub(super) fn len(&self) -> usize {
        self.labels.len()
    }

    /// The epoch's trials in their random order, cut into batches of indices that already lie on the device; the last
    /// may be smaller.
    pub(super) fn shuffled(&self, seed: u64, epoch: u32, batch: usize) -> Result<Vec<Tensor>> {
        let mut order: Vec<u32> = (0..self.len() as u32).collect();
        shuffle(&mut stream(seed, Purpose::Shuffle, epoch, 0), &mut order);
        let order = order.into_iter().map(|trial| Tensor::new(trial, &Device::Cpu));
        Batcher::new_r1(order)
            .batch_size(batch)
            .return_last_incomplete_batch(true)
            .map(|indices| indices?.to_device(self.x.device()))
            .collect()
    }

    /// The trials with these indices.
    pub(super) fn batch(&self, indices: &Tensor) -> Result<Batch> {
        Ok(Batch { x: self.x.index_select(indices, 0)?, y: self.y.index_select(indices, 0)? })
    }

    /// Evaluates all trials. The logits leave the device once.
    pub(super) fn evaluate(&self, executor: &dyn Executor, weights: &Weights) -> Result<Scores> {
        let (trials, samples, electrodes) = self.x.dims3()?;
        let batch = (EVALUATION_VALUES / (samples * electrodes).max(1)).clamp(1, EVALUATION_TRIALS);
        let logits = (0..trials)
            .step_by(batch)
            .map(|first| executor.evaluate(weights, &self.x.narrow(0, first, batch.min(trials - first))?))
            .collect::<Result<Vec<_>>>()?;
        Ok(self.score(Tensor::cat(&logits, 0)?.flatten_all()?.to_vec1()?))
    }

    /// Loss and accuracy of logits, in double precision.
    fn score(&self, logits: Vec<f32>) -> Scores {
        let rows = || logits.chunks(self.classes).zip(&self.labels);
        let right = rows().filter(|(row, label)| first_largest(row) == **label).count();
        let loss: f64 = rows().map(|(row, &label)| cross_entropy(row, label)).sum();
        let trials = self.len().max(1) as f64;
        Scores { loss: loss / trials, accuracy: right as f64 / trials, logits }
    }
}

/// The index of the largest value, the first of equals.
pub(super) fn first_largest(row: &[f32]) -> u32 {
    let mut best = 0;
    for (index, value) in row.iter().enumerate() {
        if *value > row[best] {
            best = index;
        }
    }
    best as u32
}

/// Probabilities of logits.
pub(super) fn softmax(row: &[f32]) -> Vec<f32> {
    let total = log_sum_exp(row);
    row.iter().map(|&logit| (f64::from(logit) - total).exp() as f32).collect()
}

/// The loss of one trial.
pub(super) fn cross_entropy(row: &[f32], label: u32) -> f64 {
    log_sum_exp(row) - f64::from(row[label as usize])
}

fn log_sum_exp(row: &[f32]) -> f64 {
    let largest = f64::from(row[first_largest(row) as usize]);
    largest + row.iter().map(|&logit| (f64::from(logit) - largest).exp()).sum::<f64>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Activation, Geometry, Model};
    use crate::nn::{self, Weights};

    fn trials(count: usize) -> Trials {
        let set = TrialSet {
            signal: (0..count * 64).map(|value| (value as f32 * 0.37).sin()).collect(),
            samples: 32,
            electrodes: 2,
            labels: (0..count as u32).map(|trial| trial % 2).collect(),
            subjects: vec![0; count],
            ..TrialSet::default()
        };
        Trials::new(&set, 2, &Device::Cpu).unwrap()
    }

    #[test]
    fn every_trial_comes_once_an_epoch_in_an_order_of_its_own() {
        let trials = trials(10);
        let epoch = |epoch| -> Vec<Vec<u32>> {
            let batches = trials.shuffled(1, epoch, 4).unwrap();
            batches.iter().map(|batch| batch.to_vec1().unwrap()).collect()
        };
        assert_eq!(epoch(1).iter().map(Vec::len).collect::<Vec<_>>(), [4, 4, 2]);
        assert_ne!(epoch(1), epoch(2));
        let mut all = epoch(1).concat();
        all.sort_unstable();
        assert_eq!(all, (0..10).collect::<Vec<_>>());
        let batch = trials.batch(&trials.shuffled(1, 1, 4).unwrap()[0]).unwrap();
        let labels: Vec<u32> = epoch(1)[0].iter().map(|trial| trial % 2).collect();
        assert_eq!(batch.y.to_vec1::<u32>().unwrap(), labels);
    }

    #[test]
    fn evaluation_does_not_depend_on_its_batches() {
        let geometry = Geometry { channels: 2, samples: 32, classes: 2, sfreq: None };
        let network = Model::eegnet().network(geometry, Activation::Relu, 0.0).unwrap();
        let executor = nn::executor(&network, &Device::Cpu).unwrap();
        let weights = Weights::initialise(&network, 0, &Device::Cpu).unwrap();
        let (few, many) = (trials(3), trials(EVALUATION_TRIALS + 3));
        let (few, many) = (
            few.evaluate(executor.as_ref(), &weights).unwrap(),
            many.evaluate(executor.as_ref(), &weights).unwrap(),
        );
        assert!(few.logits.iter().zip(&many.logits).all(|(a, b)| (a - b).abs() < 1e-6));
        assert_eq!(many.logits.len(), 2 * (EVALUATION_TRIALS + 3));
    }

    #[test]
    fn loss_and_accuracy_are_means_over_trials() {
        let trials = trials(2);
        let scores = trials.score(vec![2.0, 0.0, 0.0, 0.0]);
        // The second trial is a tie, which the first class wins.
        assert_eq!(scores.accuracy, 0.5);
        let expected = ((1.0 + (-2f64).exp()).ln() + 2f64.ln()) / 2.0;
        assert!((scores.loss - expected).abs() < 1e-12);
        assert!(trials.score(vec![f32::NAN, 0.0, 0.0, 0.0]).loss.is_nan());
        assert_eq!(softmax(&[1000.0, 1000.0]), [0.5, 0.5]);
    }
}
