//! Which trials of those learned from are held out to choose the epoch by: the same share of every stratum, which is a class
//! of a subject.

use crate::random::{self, Purpose};
use std::collections::BTreeMap;

/// Indices of the trials to train on and of those to hold out, each ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Trained on.
    pub train: Vec<usize>,
    /// Held out.
    pub validation: Vec<usize>,
}

/// Holds out about `fraction` of the trials, chosen by the seed. `strata` has the stratum of each trial.
pub fn at_random(strata: &[(u16, u32)], fraction: f64, seed: u64) -> Held {
    let mut rng = random::stream(seed, Purpose::Split, 0, 0);
    hold(strata, fraction, |trials, held_out| {
        random::shuffle(&mut rng, trials);
        trials.rotate_left(held_out);
    })
}

/// Holds out about `fraction` of the trials, the last ones of each stratum: blocks of neighbours.
pub fn at_the_end(strata: &[(u16, u32)], fraction: f64) -> Held {
    hold(strata, fraction, |_, _| ())
}

/// Holds out the end of each stratum, after `arrange` has had its way with the stratum's trials and how many those are.
/// Shares that are no whole number are rounded so that the total is right: the largest remainders go up.
fn hold(strata: &[(u16, u32)], fraction: f64, mut arrange: impl FnMut(&mut [usize], usize)) -> Held {
    let mut by_stratum: BTreeMap<(u16, u32), Vec<usize>> = BTreeMap::new();
    for (trial, &stratum) in strata.iter().enumerate() {
        by_stratum.entry(stratum).or_default().push(trial);
    }
    let sizes: Vec<usize> = by_stratum.values().map(Vec::len).collect();
    let mut held = Held { train: Vec::new(), validation: Vec::new() };
    for (trials, held_out) in by_stratum.values_mut().zip(quotas(&sizes, fraction)) {
        arrange(trials, held_out);
        let (train, validation) = trials.split_at(trials.len() - held_out);
        held.train.extend(train);
        held.validation.extend(validation);
    }
    held.train.sort_unstable();
    held.validation.sort_unstable();
    held
}

/// The largest-remainder (Hamilton) apportionment of `fraction` of the total over groups of these sizes.
fn quotas(sizes: &[usize], fraction: f64) -> Vec<usize> {
    let total = (sizes.iter().sum::<usize>() as f64 * fraction).round() as usize;
    let exact: Vec<f64> = sizes.iter().map(|&size| size as f64 * fraction).collect();
    let mut quotas: Vec<usize> = exact.iter().map(|share| share.floor() as usize).collect();
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by(|&a, &b| exact[b].fract().total_cmp(&exact[a].fract()));
    let missing = total.saturating_sub(quotas.iter().sum());
    for &group in order.iter().take(missing) {
        quotas[group] += 1;
    }
    quotas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_the_largest_remainders_go_up() {
        assert_eq!(quotas(&[7, 8, 5], 0.25), [2, 2, 1]);
        assert_eq!(quotas(&[270, 270, 270, 270], 0.2), [54; 4]);
        assert_eq!(quotas(&[3], 0.0), [0]);
    }

    #[test]
    fn the_end_of_every_stratum_is_a_block() {
        let strata: Vec<(u16, u32)> = (0..20).map(|trial| (u16::from(trial >= 10), trial % 2)).collect();
        assert_eq!(at_the_end(&strata, 0.4).validation, [6, 7, 8, 9, 16, 17, 18, 19]);
    }
}
