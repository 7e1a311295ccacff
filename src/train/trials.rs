//! A set of trials, in batches for training, and what a network says about it. The signal lies where the network is computed.

use crate::dataset::TrialSet;
use crate::nn::trainer::{self, Trainer};
use crate::random::{Purpose, shuffle, stream};
use candle_core::{Device, Result, Tensor};
use candle_datasets::Batcher;

/// Trials whose signal a trainer has.
pub(super) struct Trials {
    labels: Vec<u32>,
    classes: usize,
    /// Its place among the trainer's sets.
    place: usize,
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

/// A set as a trainer takes it.
pub(super) fn trials_of(set: &TrialSet) -> trainer::Trials<'_> {
    trainer::Trials { x: &set.signal, labels: &set.labels, shape: (set.samples, set.electrodes) }
}

impl Trials {
    pub(super) fn new(set: &TrialSet, classes: usize, place: usize) -> Self {
        Trials { labels: set.labels.clone(), classes, place }
    }

    pub(super) fn len(&self) -> usize {
        self.labels.len()
    }

    /// Its place among the trainer's sets.
    pub(super) fn place(&self) -> usize {
        self.place
    }

    /// The epoch's trials in their random order, cut into batches; the last may be smaller.
    pub(super) fn shuffled(&self, seed: u64, epoch: u32, batch: usize) -> Result<Vec<Vec<u32>>> {
        let mut order: Vec<u32> = (0..self.len() as u32).collect();
        shuffle(&mut stream(seed, Purpose::Shuffle, epoch, 0), &mut order);
        let order = order.into_iter().map(|trial| Tensor::new(trial, &Device::Cpu));
        Batcher::new_r1(order)
            .batch_size(batch)
            .return_last_incomplete_batch(true)
            .map(|indices| indices?.to_vec1())
            .collect()
    }

    /// Evaluates all trials.
    pub(super) fn evaluate(&self, trainer: &mut dyn Trainer) -> Result<Scores> {
        Ok(self.score(trainer.evaluate(self.place)?))
    }

    /// Loss and accuracy of logits, in double precision.
    pub(super) fn score(&self, logits: Vec<f32>) -> Scores {
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

    fn trials(count: usize) -> Trials {
        let set = TrialSet {
            labels: (0..count as u32).map(|trial| trial % 2).collect(),
            subjects: vec![0; count],
            ..TrialSet::default()
        };
        Trials::new(&set, 2, 0)
    }

    #[test]
    fn every_trial_comes_once_an_epoch_in_an_order_of_its_own() {
        let trials = trials(10);
        let epoch = |epoch| trials.shuffled(1, epoch, 4).unwrap();
        assert_eq!(epoch(1).iter().map(Vec::len).collect::<Vec<_>>(), [4, 4, 2]);
        assert_ne!(epoch(1), epoch(2));
        let mut all = epoch(1).concat();
        all.sort_unstable();
        assert_eq!(all, (0..10).collect::<Vec<_>>());
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
