//! Scaling of the signal, fitted on the trials that are trained on and on nothing else.

use super::TrialSet;

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

    /// Maps every sample of a set.
    pub fn apply(&self, set: &mut TrialSet) {
        for sample in set.signal.chunks_exact_mut(self.mean.len().max(1)) {
            for ((value, mean), scale) in sample.iter_mut().zip(&self.mean).zip(&self.scale) {
                *value = ((f64::from(*value) - mean) * scale) as f32;
            }
        }
    }
}
