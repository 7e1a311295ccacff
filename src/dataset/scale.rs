//! Scaling of the signal, fitted on the trials that are trained on and on nothing else.

use super::TrialSet;
use crate::spec::Standardize;

/// Scales the trials that are trained on and all the others.
pub fn standardize(how: Standardize, train: &mut TrialSet, others: &mut [&mut TrialSet]) {
    match how {
        Standardize::None => {}
        Standardize::Zscore => {
            let zscore = Zscore::fit(train);
            zscore.apply(train);
            others.iter_mut().for_each(|set| zscore.apply(set));
        }
        Standardize::PerSubject => per_subject(train, others),
        Standardize::Ema => {
            moving(train);
            others.iter_mut().for_each(|set| moving(set));
        }
    }
}

/// Scales the trials of each subject by that subject's training trials. Where there are none, as when the subject is left
/// out, by all trials of theirs in the set at hand: their classes play no part.
fn per_subject(train: &mut TrialSet, others: &mut [&mut TrialSet]) {
    let of = |set: &TrialSet, subject: u16| -> Vec<usize> {
        (0..set.len()).filter(|&trial| set.subjects[trial] == subject).collect()
    };
    let mut subjects = train.subjects.clone();
    subjects.extend(others.iter().flat_map(|set| &set.subjects));
    subjects.sort_unstable();
    subjects.dedup();
    for subject in subjects {
        let own = of(train, subject);
        let fitted = (!own.is_empty()).then(|| Zscore::fit(&train.select(&own)));
        for set in std::iter::once(&mut *train).chain(others.iter_mut().map(|set| &mut **set)) {
            let trials = of(set, subject);
            if !trials.is_empty() {
                let zscore = fitted.clone().unwrap_or_else(|| Zscore::fit(&set.select(&trials)));
                let len = set.trial_len();
                trials.into_iter().for_each(|trial| zscore.map(&mut set.signal[trial * len..][..len]));
            }
        }
    }
}

/// The weight of the newest sample, and the least standard deviation that is divided by: braindecode's defaults of
/// `exponential_moving_standardize`.
const NEW: f64 = 1e-3;
const LEAST: f64 = 1e-4;

/// Exponential moving standardisation as braindecode defines it (Schirrmeister et al. 2017): from each sample its moving mean
/// is taken away, and what is left is divided by the root of its moving square. Each trial begins anew, so that no trial
/// knows of another. The moving mean of x₀ … xₙ is Σ (1−α)ⁿ⁻ⁱ xᵢ / Σ (1−α)ⁿ⁻ⁱ.
fn moving(set: &mut TrialSet) {
    let (electrodes, len) = (set.electrodes.max(1), set.trial_len().max(1));
    for trial in set.signal.chunks_exact_mut(len) {
        for electrode in 0..electrodes {
            let (mut weights, mut sum, mut squares) = (0.0, 0.0, 0.0);
            for value in trial.iter_mut().skip(electrode).step_by(electrodes) {
                let sample = f64::from(*value);
                weights = weights * (1.0 - NEW) + 1.0;
                sum = sum * (1.0 - NEW) + sample;
                let left = sample - sum / weights;
                squares = squares * (1.0 - NEW) + left * left;
                *value = (left / (squares / weights).sqrt().max(LEAST)) as f32;
            }
        }
    }
}

/// An affine map of each electrode.
#[derive(Clone, Debug, PartialEq)]
pub struct Zscore {
    mean: Vec<f64>,
    scale: Vec<f64>,
}

impl Zscore {
    /// The map that gives each electrode of `set` mean 0 and standard deviation 1. An electrode that never changes is
    /// only centred.
    pub fn fit(set: &TrialSet) -> Self {
        let count = (set.len() * set.samples).max(1) as f64;
        let over = |electrode: usize, term: &dyn Fn(f64) -> f64| -> f64 {
            let values = set.signal.iter().skip(electrode).step_by(set.electrodes);
            values.map(|&value| term(f64::from(value))).sum::<f64>() / count
        };
        let mean: Vec<f64> = (0..set.electrodes).map(|electrode| over(electrode, &|value| value)).collect();
        let scale = mean
            .iter()
            .enumerate()
            .map(|(electrode, mean)| {
                let sd = over(electrode, &|value| (value - mean).powi(2)).sqrt();
                if sd > 0.0 { sd.recip() } else { 1.0 }
            })
            .collect();
        Zscore { mean, scale }
    }

    /// What is taken off each electrode, and what is left multiplied by.
    pub fn electrodes(self) -> Vec<(f64, f64)> {
        self.mean.into_iter().zip(self.scale).collect()
    }

    /// Maps every sample of a set.
    pub fn apply(&self, set: &mut TrialSet) {
        self.map(&mut set.signal);
    }

    /// Maps samples of all electrodes, one after another.
    fn map(&self, samples: &mut [f32]) {
        for sample in samples.chunks_exact_mut(self.mean.len().max(1)) {
            for ((value, mean), scale) in sample.iter_mut().zip(&self.mean).zip(&self.scale) {
                *value = ((f64::from(*value) - mean) * scale) as f32;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One trial of these samples × electrodes.
    fn trial(signal: &[f32], electrodes: usize) -> TrialSet {
        TrialSet {
            signal: signal.to_vec(),
            samples: signal.len() / electrodes,
            electrodes,
            labels: vec![0],
            subjects: vec![0],
            ..TrialSet::default()
        }
    }

    fn near(found: f32, expected: f64) {
        assert!((f64::from(found) - expected).abs() < 2e-7 * expected.abs().max(1.0), "{found} {expected}");
    }

    #[test]
    fn moving_standardisation_is_that_of_braindecode() {
        // The numbers are pandas' (`ewm(alpha=1e-3).mean()`, as braindecode's function calls it), in float64.
        let signal = [
            5.0, 100.0, -1.0, 100.5, 3.0, 102.0, 7.0, 104.5, 1.0, 108.0, 5.0, 112.5, -1.0, 118.0, 3.0, 124.5,
        ];
        let mut set = trial(&signal, 2);
        standardize(Standardize::Ema, &mut set, &mut []);
        let expected = [
            [0.0, 0.0],
            [-1.413859964777276, 1.413859964777276],
            [0.3762630113029172, 1.692788576386876],
            [1.5024367861907943, 1.8334925344365138],
            [-0.8823541504117874, 1.9161135321968452],
            [0.764901441420063, 1.970281410665212],
            [-1.51098984850677, 2.0084667907495053],
            [0.10908366592923659, 2.0367900608357443],
        ];
        for (&found, expected) in set.signal.iter().zip(expected.into_iter().flatten()) {
            near(found, expected);
        }
        let long: Vec<f32> =
            (0..500).map(|n| ((f64::from(n) * 0.37).sin() * 20.0 + f64::from(n) * 0.05) as f32).collect();
        let mut set = trial(&long, 1);
        standardize(Standardize::Ema, &mut set, &mut []);
        for (place, expected) in [(1, 1.413859964777276), (250, -0.965314015711264), (499, 1.547160959289286)]
        {
            near(set.signal[place], expected);
        }
    }

    #[test]
    fn a_signal_that_never_changes_stays_finite() {
        let mut set = trial(&[7.0; 40], 1);
        standardize(Standardize::Ema, &mut set, &mut []);
        assert!(set.signal.iter().all(|value| value.abs() < 1e-9), "{:?}", set.signal);
    }
}
