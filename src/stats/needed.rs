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
/// many trials as these. Where nothing is left to a seed on one side, only the other needs them; on both, only trials help.
pub fn seeds_needed(first: Side, second: Side) -> SeedsNeeded {
    let (Some(rest_a), Some(rest_b)) = (rest(&first), rest(&second)) else {
        return SeedsNeeded::Unknown;
    };
    let seeded = [first, second].iter().filter(|side| !side.components.fixed).count();
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
    if size * size <= quantiles * from_trials || seeded == 0 {
        let trials = (quantiles * per_trial / (size * size)).ceil();
        return SeedsNeeded::Never { trials: Some(trials as usize) };
    }
    let enough = |seeds: usize| {
        let from_seeds = per_seed / seeds as f64;
        let variance = from_trials + from_seeds;
        let df = satterthwaite(variance, from_trials, n, from_seeds, seeded * (seeds - 1));
        size >= (t_quantile(CONFIDENCE, df) + t_quantile(POWER, df)) * variance.sqrt()
    };
    // No t quantile is below the normal's: with fewer seeds than those would ask for there is no need to look.
    let room = size * size / quantiles - from_trials;
    let least = (per_seed / room).floor() as usize;
    match (least.saturating_sub(1).max(2)..=MOST).find(|&seeds| enough(seeds)) {
        Some(seeds) => SeedsNeeded::Seeds(seeds),
        None => SeedsNeeded::Never { trials: None },
    }
}

/// What neither seed nor trial explains in one run; `None` where a second seed would have to tell.
fn rest(side: &Side) -> Option<f64> {
    match side.components.fixed {
        true => Some(0.0),
        false => side.components.between.map(|between| between.rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Components, seed_variances};

    /// Hits of 400 trials: all but every `nth`, counted from `from`.
    fn row(nth: usize, from: usize) -> Vec<f64> {
        (0..400).map(|trial| f64::from(u8::from(!(trial + from).is_multiple_of(nth)))).collect()
    }

    fn needed(a: &[Vec<f64>], b: &[Vec<f64>], fixed: bool) -> SeedsNeeded {
        let of = |rows: &[Vec<f64>]| Components::of(rows).unwrap();
        let components = [of(a), if fixed { of(b).fixed() } else { of(b) }];
        let seeds = seed_variances(&components);
        let side = |rows, place: usize| Side { rows, components: &components[place], seed: seeds[place] };
        seeds_needed(side(a, 0), side(b, 1))
    }

    #[test]
    fn against_a_fixed_model_the_other_alone_needs_seeds() {
        let seeds = [row(8, 0), row(9, 3), row(7, 5)];
        let one = [row(4, 1)];
        assert_eq!(needed(&seeds, &one, false), SeedsNeeded::Unknown);
        assert!(matches!(needed(&seeds, &one, true), SeedsNeeded::Seeds(2..)));
    }
}
