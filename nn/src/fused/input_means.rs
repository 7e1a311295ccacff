//! The mean of a convolution's output from those of its input, in f64: µ = Σ W[o, i, k]·E[a(t + k, i)]. Tiles round their filters
//! once for all samples, which moves every output of a channel alike; what decides on which side of a kink a value lies
//! (`exact.rs`) needs the mean that exact arithmetic has. See "Exact choices" in `README.md` beside this file.

use super::stage::Stage;
use crate::kernels;

/// Sums over all trials of a stage's input: the first rows that not every tap meets one by one, those that all meet together,
/// and the last ones one by one. Tap k meets as many of these in a row as there are taps, from the k-th on.
pub(super) struct InputSums {
    taps: usize,
    columns: usize,
    sums: Vec<f64>,
}

impl InputSums {
    /// For the input of a stage; nothing where a trial has fewer outputs than the filter has taps.
    pub fn new(stage: &Stage) -> Option<Self> {
        let (taps, columns) = (stage.taps.count, stage.stride);
        let fits = stage.taps.step == 1 && taps <= stage.output.samples;
        fits.then(|| InputSums { taps, columns, sums: vec![0.0; (2 * taps - 1) * columns] })
    }

    /// Adds a trial's input, with its padding.
    pub fn add_trial(&mut self, input: &[f32]) {
        let edge = (self.taps - 1) * self.columns;
        let (first, rest) = input.split_at(edge);
        let (middle, last) = rest.split_at(rest.len() - edge);
        let rows = first.chunks_exact(self.columns).chain([middle]).chain(last.chunks_exact(self.columns));
        for (sum, rows) in self.sums.chunks_exact_mut(self.columns).zip(rows) {
            kernels::add_rows64(sum, rows);
        }
    }

    /// Adds what other trials came to.
    pub fn add(&mut self, other: &InputSums) {
        self.sums.iter_mut().zip(&other.sums).for_each(|(sum, other)| *sum += other);
    }

    /// The outputs' means over `count` values each, given the filter (output, input, tap).
    pub fn output_means(&self, stage: &Stage, filter: &[f64], count: f64) -> Vec<f64> {
        let met = |tap: usize, input: usize| -> f64 {
            (tap..tap + self.taps).map(|row| self.sums[row * self.columns + input]).sum()
        };
        let inputs = stage.input.channels;
        let met: Vec<f64> =
            (0..inputs).flat_map(|input| (0..self.taps).map(move |tap| met(tap, input))).collect();
        let mean =
            |weights: &[f64]| weights.iter().zip(&met).map(|(weight, sum)| weight * sum).sum::<f64>() / count;
        filter.chunks_exact(inputs * self.taps).map(mean).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fused::plan::Plan;
    use crate::model::{Activation, Geometry, Model};
    use crate::random::{Purpose, normal, stream};

    #[test]
    fn means_of_the_outputs_follow_from_the_inputs() {
        let geometry = Geometry { channels: 2, samples: 150, classes: 2, sfreq: None };
        let network = Model::deepconvnet().network(geometry, Activation::Relu, 0.25).unwrap();
        let plan = Plan::new(&network).unwrap();
        let stage = &plan.stages[1];
        let mut rng = stream(5, Purpose::Simulation, 0, 0);
        let mut noise = |count: usize| -> Vec<f32> { (0..count).map(|_| normal(&mut rng) as f32).collect() };
        let (inputs, taps) = (stage.input.channels, stage.taps.count);
        let filter: Vec<f64> =
            noise(stage.output.channels * inputs * taps).into_iter().map(f64::from).collect();
        let trials = [noise(stage.input_len()), noise(stage.input_len())];
        let mut sums = InputSums::new(stage).unwrap();
        sums.add_trial(&trials[0]);
        let mut other = InputSums::new(stage).unwrap();
        other.add_trial(&trials[1]);
        sums.add(&other);
        let count = (2 * stage.output.samples) as f64;
        let means = sums.output_means(stage, &filter, count);
        for (weights, mean) in filter.chunks_exact(inputs * taps).zip(means) {
            let at = |trial: &[f32], t: usize| -> f64 {
                let place = |term: usize| (t + term % taps) * stage.stride + term / taps;
                (0..inputs * taps).map(|term| weights[term] * f64::from(trial[place(term)])).sum()
            };
            let all: f64 =
                trials.iter().flat_map(|trial| (0..stage.output.samples).map(|t| at(trial, t))).sum();
            assert!((mean - all / count).abs() < 1e-12, "{mean} instead of {}", all / count);
        }
    }
}
