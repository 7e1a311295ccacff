//! Smoothing that does not lie: an exponential moving average without its bias towards the start.

/// The debiased exponential moving average: each output is the mean of all values so far, the one `k` steps back
/// weighted by `weight`ᵏ. Constants stay exactly as they are; a value that is not finite stays a gap and is left out of
/// the mean. `weight` is clamped to 0 (no smoothing) … 0.999.
pub fn smooth(values: &[f64], weight: f64) -> Vec<f64> {
    let weight = if weight.is_finite() { weight.clamp(0.0, 0.999) } else { 0.0 };
    let (mut mean, mut total) = (0.0, 0.0);
    values
        .iter()
        .map(|&value| {
            if !value.is_finite() {
                return f64::NAN;
            }
            // Σ wᵏxₙ₋ₖ / Σ wᵏ as a running mean: where x equals the mean, the mean does not move at all.
            total = weight * total + 1.0;
            mean += (value - mean) / total;
            mean
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_is_the_weighted_mean() {
        let values = [3.0, 1.0, 4.0, 1.0, 5.0];
        let smoothed = smooth(&values, 0.6);
        for (n, smoothed) in smoothed.iter().enumerate() {
            let weights: Vec<f64> = (0..=n).map(|i| 0.6f64.powi((n - i) as i32)).collect();
            let mean =
                weights.iter().zip(&values).map(|(w, x)| w * x).sum::<f64>() / weights.iter().sum::<f64>();
            assert!((smoothed - mean).abs() < 1e-12);
        }
    }

    #[test]
    fn gaps_stay_gaps_and_do_not_spread() {
        let smoothed = smooth(&[1.0, f64::NAN, 1.0, f64::INFINITY, 1.0], 0.9);
        assert_eq!([smoothed[0], smoothed[2], smoothed[4]], [1.0; 3]);
        assert!(smoothed[1].is_nan() && smoothed[3].is_nan());
    }

    proptest! {
        #[test]
        fn constants_are_untouched(value in -1e6f64..1e6, weight in 0.0f64..1.0) {
            prop_assert!(smooth(&[value; 50], weight).iter().all(|&smoothed| smoothed == value));
        }

        #[test]
        fn it_stays_within_what_was_seen(values in prop::collection::vec(-1e3f64..1e3, 1..60), weight in 0.0f64..1.0) {
            let (lo, hi) = values.iter().fold((f64::MAX, f64::MIN), |(lo, hi), &v| (lo.min(v), hi.max(v)));
            prop_assert!(smooth(&values, weight).iter().all(|v| (lo - 1e-9..=hi + 1e-9).contains(v)));
        }
    }
}
