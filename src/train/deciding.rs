//! Whether one held-out trial decides which epoch validation picks. The mean loss follows a single trial with an artifact, on
//! which a network that learns is ever more sure and wrong: then an early epoch is picked, and all others say otherwise.

use super::Job;
use super::trials::cross_entropy;
use crate::dataset::Prepared;

/// How many standard errors the others must speak against the picked epoch.
const CLEARLY: f64 = 2.0;

/// The trial without which the last epoch would clearly be ahead of the picked one, by each trial's loss in either. `None`
/// where no single trial decides.
fn deciding(picked: &[f64], last: &[f64]) -> Option<usize> {
    let worse: Vec<f64> = picked.iter().zip(last).map(|(picked, last)| picked - last).collect();
    let all: f64 = worse.iter().sum();
    let (trial, least) = worse.iter().copied().enumerate().min_by(|(_, a), (_, b)| a.total_cmp(b))?;
    let count = worse.len() as f64 - 1.0;
    let mean = (all - least) / count;
    let others = worse.iter().enumerate().filter(|(place, _)| *place != trial);
    let squares: f64 = others.map(|(_, worse)| (worse - mean).powi(2)).sum();
    let error = (squares / (count - 1.0) / count).sqrt();
    (count > 2.0 && all <= 0.0 && mean > CLEARLY * error).then_some(trial)
}

/// A sentence where one trial decides; `picked` and `last` are an epoch with its logits of the trials held out.
pub(super) fn remark(job: &Job, picked: (u32, &[f32]), last: (u32, &[f32])) -> Option<String> {
    let Prepared { validation: Some(set), held_out, classes, subjects, .. } = job.data else { return None };
    let losses = |logits: &[f32]| -> Vec<f64> {
        let rows = logits.chunks(classes.len().max(1)).zip(&set.labels);
        rows.map(|(row, &label)| cross_entropy(row, label)).collect()
    };
    let trial = deciding(&losses(picked.1), &losses(last.1))?;
    let subject = subjects.get(usize::from(*set.subjects.get(trial)?))?;
    Some(format!(
        "one of the trials held out decides the epoch that validation picks: without trial {} of the data set ({subject}, counted \
         from 0) the last epoch, {}, would clearly be ahead of epoch {}; look at it with 'eeg-tui data check', leave it out with \
         --outliers drop, or read the rule 'last'",
        held_out.get(trial)?,
        last.0,
        picked.0
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_that_outweighs_all_others_decides() {
        // The others got better from 0.7 to about 0.3; one went to 40.
        let picked = [0.7, 0.69, 0.72, 0.68, 0.7, 0.71];
        let mut last = [0.31, 0.28, 0.3, 0.33, 0.29, 0.3];
        assert_eq!(deciding(&picked, &last), None, "the last epoch is ahead anyhow");
        last[3] = 40.0;
        assert_eq!(deciding(&picked, &last), Some(3));
    }

    #[test]
    fn trials_that_disagree_are_no_single_one() {
        let picked = [0.5, 0.5, 0.5, 0.5, 0.5, 0.5];
        assert_eq!(deciding(&picked, &[0.9, 0.8, 0.2, 0.3, 0.9, 0.2]), None);
        assert_eq!(deciding(&picked, &picked), None, "the picked epoch is the last");
        assert_eq!(deciding(&[], &[]), None);
        assert_eq!(deciding(&[0.5, 0.5], &[9.0, 0.1]), None, "of two trials none is an outlier");
    }
}
