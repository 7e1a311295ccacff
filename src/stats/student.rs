//! Student's t: intervals over seeds, and the paired test over matching seeds.

use super::beta::incomplete_beta;
use super::{mean, standard_deviation};

/// P(|T| ≥ |t|) for `df` > 0 degrees of freedom (DLMF 8.17 with x = df / (df + t²)).
pub fn t_two_sided(t: f64, df: f64) -> f64 {
    incomplete_beta(df / (df + t * t), df / 2.0, 0.5)
}

/// The t that |T| exceeds with probability `alpha` (0 < alpha < 1), by bisection on [`t_two_sided`], which falls
/// with |t|.
pub fn t_quantile(alpha: f64, df: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while t_two_sided(high, df) > alpha {
        high *= 2.0;
    }
    // 80 halvings leave less than the spacing of f64.
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if t_two_sided(middle, df) > alpha {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// The 95 % interval of the mean; `None` of fewer than two values.
pub fn mean_interval(values: &[f64]) -> Option<(f64, f64)> {
    let (mean, sd) = (mean(values)?, standard_deviation(values)?);
    let n = values.len() as f64;
    let half = t_quantile(0.05, n - 1.0) * sd / n.sqrt();
    Some((mean - half, mean + half))
}

/// Two-sided p of the paired t test on differences. `None` of fewer than two, and where they are all the same: their
/// spread is then unknown, not zero.
pub fn paired_t_test(differences: &[f64]) -> Option<f64> {
    let (mean, sd) = (mean(differences)?, standard_deviation(differences)?);
    let n = differences.len() as f64;
    // Rounding leaves a spread of about this much between equal differences of accuracies.
    (sd > 1e-12).then(|| t_two_sided(mean / (sd / n.sqrt()), n - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_scipy_has_it() {
        // scipy.stats.t.ppf(0.975, df)
        for (df, expected) in [
            (1.0, 12.7062047362),
            (2.0, 4.3026527297),
            (4.0, 2.7764451052),
            (9.0, 2.2621571628),
            (30.0, 2.0422724563),
        ] {
            assert!((t_quantile(0.05, df) - expected).abs() < 1e-8, "df {df}");
        }
        // scipy.stats.ttest_1samp(d, 0) and its confidence_interval(0.95)
        let differences = [0.021, 0.034, -0.004, 0.019, 0.012];
        let p = paired_t_test(&differences).unwrap();
        assert!((p - 0.05772364605792589).abs() < 1e-12, "{p}");
        let (low, high) = mean_interval(&differences).unwrap();
        assert!((low - -0.0008631488825577363).abs() < 1e-12 && (high - 0.03366314888255774).abs() < 1e-12);
    }

    #[test]
    fn equal_differences_prove_nothing() {
        assert_eq!(paired_t_test(&[0.1, 0.1, 0.1]), None);
        assert_eq!(paired_t_test(&[0.1]), None);
    }
}
