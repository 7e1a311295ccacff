//! Two classifiers on the same trials.

use super::beta::incomplete_beta;

/// Two-sided p of McNemar's exact test: `only_first` trials that the first alone classified right, and `only_second`
/// the second alone. If neither is better, each such trial is a fair coin (binomial, n = their sum, p = ½).
pub fn mcnemar(only_first: usize, only_second: usize) -> f64 {
    let n = only_first + only_second;
    let fewer = only_first.min(only_second);
    // P(X ≤ k) = I_{1/2}(n − k, k + 1), DLMF 8.17.5; at k = n/2 twice that exceeds 1.
    (2.0 * incomplete_beta(0.5, (n - fewer) as f64, fewer as f64 + 1.0)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_scipy_has_it() {
        // scipy.stats.binomtest(b, b + c).pvalue
        for (b, c, expected) in [
            (1, 9, 0.021484375),
            (10, 3, 0.09228515625),
            (60, 90, 0.017597691928785828),
            (0, 5, 0.0625),
            (400, 500, 0.0009564441369189373),
        ] {
            assert!((mcnemar(b, c) - expected).abs() < 1e-12, "{b} {c}: {}", mcnemar(b, c));
        }
    }

    #[test]
    fn agreement_and_balance_prove_nothing() {
        assert_eq!(mcnemar(0, 0), 1.0);
        assert_eq!(mcnemar(7, 7), 1.0);
    }
}
