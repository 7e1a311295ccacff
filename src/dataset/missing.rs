//! What stands in for missing samples (NaN). Electrodes lose contact and amplifiers saturate; networks need numbers.

use super::TrialSet;

/// Fills every NaN with its electrode's mean over the training trials, in `train` and in all the other sets. Gives the means.
pub fn fill_from_training(train: &mut TrialSet, others: &mut [&mut TrialSet]) -> Vec<f32> {
    let means = electrode_means(train);
    fill_with(train, &means);
    for set in others {
        fill_with(set, &means);
    }
    means
}

/// The lab's filling: one mean over all samples and electrodes of the set.
pub fn fill_with_own_mean(set: &mut TrialSet) {
    let mean = mean(set.signal.iter().copied());
    let means = vec![mean; set.electrodes];
    fill_with(set, &means);
}

fn fill_with(set: &mut TrialSet, means: &[f32]) {
    for sample in set.signal.chunks_exact_mut(means.len().max(1)) {
        for (value, &mean) in sample.iter_mut().zip(means) {
            if value.is_nan() {
                *value = mean;
            }
        }
    }
}

fn electrode_means(set: &TrialSet) -> Vec<f32> {
    (0..set.electrodes)
        .map(|electrode| mean(set.signal.iter().skip(electrode).step_by(set.electrodes).copied()))
        .collect()
}

/// Mean of what was recorded; 0 where nothing was.
fn mean(values: impl Iterator<Item = f32>) -> f32 {
    let (sum, count) = values
        .filter(|value| !value.is_nan())
        .fold((0.0, 0u64), |(sum, count), value| (sum + f64::from(value), count + 1));
    if count == 0 { 0.0 } else { (sum / count as f64) as f32 }
}
