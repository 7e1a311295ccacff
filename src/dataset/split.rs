//! Which training trials are held out to choose the epoch by.

use super::TrialSet;
use crate::random::{self, Purpose};
use std::collections::BTreeMap;

/// Indices of the trials to train on and of those to hold out, each ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Trained on.
    pub train: Vec<usize>,
    /// Held out.
    pub validation: Vec<usize>,
}

/// Holds out about `fraction` of the trials, the same share of every class of every subject. Shares that are no whole
/// number are rounded so that the total is right: the largest remainders go up.
pub fn split(set: &TrialSet, fraction: f64, seed: u64) -> Split {
    let mut strata: BTreeMap<(u16, u32), Vec<usize>> = BTreeMap::new();
    for trial in 0..set.len() {
        strata.entry((set.subjects[trial], set.labels[trial])).or_default().push(trial);
    }
    let sizes: Vec<usize> = strata.values().map(Vec::len).collect();
    let mut rng = random::stream(seed, Purpose::Split, 0, 0);
    let (mut train, mut validation) = (Vec::new(), Vec::new());
    for (trials, held_out) in strata.values_mut().zip(quotas(&sizes, fraction)) {
        random::shuffle(&mut rng, trials);
        validation.extend(&trials[..held_out]);
        train.extend(&trials[held_out..]);
    }
    train.sort_unstable();
    validation.sort_unstable();
    Split { train, validation }
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
}
