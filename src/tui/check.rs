//! What one look over all samples of a set says. Taken once when recordings arrive: they may be large.

use crate::dataset::TrialSet;

/// Gaps and extremes of a set.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Check {
    /// Trials in which samples are missing.
    pub incomplete: usize,
    /// The lowest value; 0 without any.
    pub low: f32,
    /// The highest.
    pub high: f32,
}

impl Check {
    /// Looks at every sample.
    pub fn of(set: &TrialSet) -> Self {
        let incomplete =
            (0..set.len()).filter(|&trial| set.trial(trial).iter().any(|value| value.is_nan())).count();
        // `min` and `max` pass NaN over.
        let low = set.signal.iter().copied().fold(f32::NAN, f32::min);
        let high = set.signal.iter().copied().fold(f32::NAN, f32::max);
        let known = |value: f32| if value.is_nan() { 0.0 } else { value };
        Check { incomplete, low: known(low), high: known(high) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_counted_by_trial_and_passed_over() {
        let signal = vec![1.0, f32::NAN, f32::NAN, -3.0, 2.0, 0.5];
        let set = TrialSet {
            signal,
            samples: 2,
            electrodes: 1,
            labels: vec![0, 1, 0],
            subjects: vec![0; 3],
            ..TrialSet::default()
        };
        assert_eq!(Check::of(&set), Check { incomplete: 2, low: -3.0, high: 2.0 });
        assert_eq!(Check::of(&TrialSet::default()), Check::default());
    }
}
