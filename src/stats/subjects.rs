//! Inference over people and over folds: the units that are independent when trials are not.

use super::CONFIDENCE;
use super::distribution::{normal_two_sided, t_quantile, t_upper};
use super::mean::{mean, standard_deviation};
use super::pair::{Covers, Difference};

/// Up to so many subjects every pattern of signs is tried.
const SIGN_FLIPS: usize = 20;

/// One difference a subject, seeds, sessions and folds being averaged inside the subject first. The interval is the paired
/// t's; p is exact, over all 2^G flips of sign, or Wilcoxon's signed-rank test (normal approximation, ties averaged, zeros
/// left out) above 20. `None` of fewer than two.
pub fn over_subjects(differences: &[f64]) -> Option<Difference> {
    let count = differences.len();
    let p = if count <= SIGN_FLIPS { sign_flips(differences) } else { wilcoxon(differences) };
    let centre = mean(differences)?;
    // A claim of either direction takes the two-sided p, so that five people, who can't reach 5 %, prove no order either.
    let ahead = |sign: f64| if sign * centre > 0.0 { p } else { 1.0 };
    let spread = (1.0 / count as f64).sqrt();
    Some(Difference {
        p,
        p_greater: ahead(1.0),
        p_less: ahead(-1.0),
        ..by_t(differences, spread, Covers::Subjects)?
    })
}

/// The fewest subjects whose differences can reach a two-sided p below 5 %: all of one sign, 2 of 2^6 patterns.
pub const LEAST_SUBJECTS: usize = 6;

/// The mean with its t interval, `spread` being the standard error of a unit's standard deviation. `None` of fewer than two.
fn by_t(differences: &[f64], spread: f64, covers: Covers) -> Option<Difference> {
    let (centre, error) = (mean(differences)?, standard_deviation(differences)? * spread);
    let df = (differences.len() - 1) as f64;
    let half = t_quantile(CONFIDENCE, df) * error;
    let (p_greater, p_less) = match (error > 0.0, centre.partial_cmp(&0.0)) {
        (true, _) => (t_upper(centre / error, df), t_upper(-centre / error, df)),
        (false, Some(std::cmp::Ordering::Greater)) => (0.0, 1.0),
        (false, Some(std::cmp::Ordering::Less)) => (1.0, 0.0),
        (false, _) => (1.0, 1.0),
    };
    Some(Difference {
        mean: centre,
        variance: error * error,
        df,
        low: centre - half,
        high: centre + half,
        p: (2.0 * p_greater.min(p_less)).min(1.0),
        p_greater,
        p_less,
        discordant: differences.iter().filter(|difference| **difference != 0.0).count(),
        covers,
    })
}

/// The share of sign patterns whose sum is at least as far from 0.
fn sign_flips(differences: &[f64]) -> f64 {
    let mut sums = vec![0.0];
    for difference in differences {
        sums = sums.iter().flat_map(|sum| [sum + difference, sum - difference]).collect();
    }
    let seen = differences.iter().sum::<f64>().abs() - 1e-9;
    sums.iter().filter(|sum| sum.abs() >= seen).count() as f64 / sums.len() as f64
}

/// Wilcoxon 1945, with the variance corrected for ties.
fn wilcoxon(differences: &[f64]) -> f64 {
    let mut sizes: Vec<f64> = differences.iter().copied().filter(|difference| *difference != 0.0).collect();
    if sizes.is_empty() {
        return 1.0;
    }
    sizes.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let n = sizes.len() as f64;
    let (mut positive, mut negative, mut ties, mut start) = (0.0, 0.0, 0.0, 0);
    while start < sizes.len() {
        let size = sizes[start].abs();
        let end = start + sizes[start..].iter().take_while(|other| other.abs() == size).count();
        let rank = 0.5 * (start + 1 + end) as f64;
        for difference in &sizes[start..end] {
            if *difference > 0.0 { positive += rank } else { negative += rank }
        }
        let tied = (end - start) as f64;
        ties += tied * (tied * tied - 1.0);
        start = end;
    }
    let variance = (n * (n + 1.0) * (2.0 * n + 1.0) - 0.5 * ties) / 24.0;
    normal_two_sided((f64::min(positive, negative) - n * (n + 1.0) / 4.0) / variance.sqrt())
}

/// One difference a fold, seeds averaged inside it: the t test whose variance is corrected for the overlap of the training
/// sets (Nadeau and Bengio 2003), `test_share` being the test trials of a fold for each one that was learned from. It speaks
/// for this data set. `None` of fewer than two folds.
pub fn over_folds(differences: &[f64], test_share: f64) -> Option<Difference> {
    let spread = (1.0 / differences.len() as f64 + test_share).sqrt();
    by_t(differences, spread, Covers::Folds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_subjects_cannot_reach_five_percent() {
        let found = over_subjects(&[0.1, 0.2, 0.15, 0.12, 0.3]).unwrap();
        assert_eq!(found.p, 2.0 / 32.0);
        assert_eq!(over_subjects(&[0.1]), None);
    }

    #[test]
    fn many_subjects_are_ranked() {
        // scipy.stats.wilcoxon(d, correction=False, method="approx"), d = ((7 i) % 23 - 9) / 100 for i in 0..25
        let differences: Vec<f64> = (0..25).map(|i| f64::from((7 * i) % 23 - 9) / 100.0).collect();
        let found = over_subjects(&differences).unwrap();
        assert!((found.p - 0.3381251857950246).abs() < 1e-9, "{}", found.p);
    }
}
