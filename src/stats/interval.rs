//! The interval of one model: of an accuracy (Wilson's, with the number of independent trials that the variance amounts to),
//! and of any other metric (from its pseudo-values, on the scale where it is nearly normal).

use super::crossed::{Components, SeedVariance, satterthwaite};
use super::distribution::t_quantile;
use super::scale::Scale;
use super::{CONFIDENCE, Z_95};

/// A 95 % interval and what went into it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The centre.
    pub mean: f64,
    /// Its variance.
    pub variance: f64,
    /// Degrees of freedom of the variance; `None` where it follows from the mean alone.
    pub df: Option<f64>,
    /// Trials that would say as much if they were independent; accuracies have it.
    pub effective_trials: Option<f64>,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Wilson's score interval (Wilson 1927) of a share among `trials`, with any quantile in the place of z. Unlike mean ± 2 se
/// it stays within 0 and 1, and holds its level near them.
pub fn wilson(share: f64, trials: f64, quantile: f64) -> (f64, f64) {
    let square = quantile * quantile;
    let scale = 1.0 + square / trials;
    let centre = (share + square / (2.0 * trials)) / scale;
    let half = quantile / scale * (share * (1.0 - share) / trials + square / (4.0 * trials * trials)).sqrt();
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

/// The interval of an accuracy. Of one seed it is about new trials alone; of several, about new seeds and new trials.
pub fn accuracy_interval(model: &Components, seed: SeedVariance) -> Estimate {
    let &Components { mean, seeds, trials, .. } = model;
    let n = trials as f64;
    if seeds == 1 || mean <= 0.0 || mean >= 1.0 {
        let (low, high) = wilson(mean, n, Z_95);
        let variance = mean * (1.0 - mean) / n;
        return Estimate { mean, variance, df: None, effective_trials: Some(n), low, high };
    }
    // However alike, seeds make one trial worth four at most.
    let from_trials = (model.trial_variance / n).max(mean * (1.0 - mean) / (4.0 * n));
    let variance = from_trials + seed.variance / seeds as f64;
    let df = satterthwaite(variance, from_trials, trials, seed.mean_square / seeds as f64, seed.df);
    let effective = mean * (1.0 - mean) / variance;
    let (low, high) = wilson(mean, effective, t_quantile(CONFIDENCE, df));
    Estimate { mean, variance, df: Some(df), effective_trials: Some(effective), low, high }
}

/// The interval of a metric from the components of its pseudo-values, whose mean is the metric averaged over seeds. `None`
/// where nothing varies, and where a share sits at 0 or 1.
pub fn metric_interval(model: &Components, seed: SeedVariance, scale: Scale) -> Option<Estimate> {
    let &Components { mean, seeds, trials, .. } = model;
    let seed = if seeds > 1 { seed } else { SeedVariance::default() };
    let from_trials = model.trial_variance / trials as f64;
    let variance = from_trials + seed.variance / seeds as f64;
    let inside = scale != Scale::Logit || (mean > 0.0 && mean < 1.0);
    if variance <= 0.0 || !inside {
        return None;
    }
    let df = satterthwaite(variance, from_trials, trials, seed.mean_square / seeds as f64, seed.df);
    let half = t_quantile(CONFIDENCE, df) * variance.sqrt();
    let (low, high) = match scale {
        Scale::Logit => {
            let (centre, half) = ((mean / (1.0 - mean)).ln(), half / (mean * (1.0 - mean)));
            let back = |logit: f64| 1.0 / (1.0 + (-logit).exp());
            (back(centre - half), back(centre + half))
        }
        Scale::Plain { least, greatest } => {
            let high = mean + half;
            ((mean - half).max(least.into()), greatest.map_or(high, |end| high.min(end.into())))
        }
    };
    Some(Estimate { mean, variance, df: Some(df), effective_trials: None, low, high })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_as_scipy_has_it() {
        // scipy.stats.binomtest(k, n).proportion_ci(method="wilson")
        for (k, n, low, high) in [
            (0.0, 10.0, 0.0, 0.277532799863),
            (10.0, 10.0, 0.722467200137, 1.0),
            (930.0, 1080.0, 0.839202799101, 0.880459651207),
            (262.0, 293.0, 0.853736213765, 0.924456970293),
            (1.0, 2.0, 0.094531205734, 0.905468794266),
        ] {
            let (found_low, found_high) = wilson(k / n, n, Z_95);
            assert!((found_low - low).abs() < 1e-9 && (found_high - high).abs() < 1e-9, "{k} of {n}");
        }
    }

    #[test]
    fn three_equal_seeds_are_no_certainty() {
        let row: Vec<f64> = (0..30).map(|trial| f64::from(trial % 5 > 0)).collect();
        let model = Components::of(&[row.clone(), row.clone(), row]).unwrap();
        let seed = super::super::seed_variances(&[model])[0];
        let found = accuracy_interval(&model, seed);
        assert!(found.low < 0.68 && found.high > 0.89, "{found:?}");
    }
}
