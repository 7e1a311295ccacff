//! An interval for one accuracy.

use super::Z_95;

/// Wilson's score interval (Wilson 1927) at 95 % for a share of `successes` among `trials`. Unlike mean ± 2 se it stays
/// within 0 and 1 and holds its level near them. `None` without trials.
pub fn wilson(successes: f64, trials: usize) -> Option<(f64, f64)> {
    if trials == 0 {
        return None;
    }
    let n = trials as f64;
    let share = (successes / n).clamp(0.0, 1.0);
    let z2 = Z_95 * Z_95;
    let centre = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z_95 / (1.0 + z2 / n) * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    Some(((centre - half).max(0.0), (centre + half).min(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(found: Option<(f64, f64)>, low: f64, high: f64) {
        let (a, b) = found.unwrap();
        assert!((a - low).abs() < 1e-9 && (b - high).abs() < 1e-9, "{a} {b}");
    }

    #[test]
    fn as_scipy_has_it() {
        // scipy.stats.binomtest(k, n).proportion_ci(method="wilson")
        near(wilson(0.0, 10), 0.000000000000, 0.277532799863);
        near(wilson(10.0, 10), 0.722467200137, 1.000000000000);
        near(wilson(930.0, 1080), 0.839202799101, 0.880459651207);
        near(wilson(262.0, 293), 0.853736213765, 0.924456970293);
        near(wilson(1.0, 2), 0.094531205734, 0.905468794266);
    }

    #[test]
    fn without_trials_there_is_none() {
        assert_eq!(wilson(0.0, 0), None);
    }
}
