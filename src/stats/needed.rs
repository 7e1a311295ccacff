//! How many seeds it takes to tell two models apart, if the difference seen is the true one.

use super::crossed::{satterthwaite, trial_means};
use super::distribution::{normal_quantile, t_quantile};
use super::pair::Side;
use super::{CONFIDENCE, Z_95};

/// The chance that the difference is then found.
const POWER: f64 = 0.8;
/// More seeds than anyone trains.
const MOST: usize = 1000;

/// What it takes to tell two models apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeedsNeeded {
    /// So many seeds of each.
    Seeds(usize),
    /// No number of seeds on these trials; with so many trials, unlimited seeds would do. `None` where nothing differs.
    Never {
        /// Test trials, all in all.
        trials: Option<usize>,
    },
    /// At least two seeds of each have to be run first.
    Unknown,
}

/// The least number of seeds of each at which the difference seen would be told apart (5 % two-sided, 80 % power) on as
/// many trials as these.
pub fn seeds_needed(first: Side, second: Side) -> SeedsNeeded {
    let (Some(rest_a), Some(rest_b)) = (first.components.between, second.components.between) else {
        return SeedsNeeded::Unknown;
    };
    let (rest_a, rest_b) = (rest_a.rest, rest_b.rest);
    let n = first.components.trials;
    let differences: Vec<f64> =
        trial_means(first.rows).iter().zip(trial_means(second.rows)).map(|(a, b)| a - b).collect();
    let size = (first.components.mean - second.components.mean).abs();
    let size = if size < 1e-12 { 0.0 } else { size };
    let mean = differences.iter().sum::<f64>() / n as f64;
    let spread: f64 = differences.iter().map(|difference| (difference - mean).powi(2)).sum();
    let of_rest = rest_a / first.rows.len() as f64 + rest_b / second.rows.len() as f64;
    let per_trial = (spread / (n - 1) as f64 - of_rest).max(0.0);
    let from_trials = per_trial / n as f64;
    let per_seed = first.seed.variance + second.seed.variance + (rest_a + rest_b) / n as f64;
    let quantiles = (Z_95 + normal_quantile(POWER)).powi(2);
    if size == 0.0 {
        return SeedsNeeded::Never { trials: None };
    }
    if size * size <= quantiles * from_trials {
        let trials = (quantiles * per_trial / (size * size)).ceil();
        return SeedsNeeded::Never { trials: Some(trials as usize) };
    }
    let enough = |seeds: usize| {
        let from_seeds = per_seed / seeds as f64;
        let variance = from_trials + from_seeds;
        let df = satterthwaite(variance, from_trials, n, from_seeds, 2 * (seeds - 1));
        size >= (t_quantile(CONFIDENCE, df) + t_quantile(POWER, df)) * variance.sqrt()
    };
    match (2..=MOST).find(|&seeds| enough(seeds)) {
        Some(seeds) => SeedsNeeded::Seeds(seeds),
        None => SeedsNeeded::Never { trials: None },
    }
}
