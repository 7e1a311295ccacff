//! The statistics of comparing classifiers: what may be said of one, of two and of a table of them, over seeds and trials,
//! subjects, or folds. All closed form, no random numbers. Plain numbers in, plain numbers out; knows nothing of runs.

mod agreement;
mod chance;
mod crossed;
mod distribution;
mod family;
#[cfg(test)]
pub(crate) mod fixtures;
mod interval;
mod mean;
mod needed;
mod pair;
mod ranks;
mod scale;
#[cfg(test)]
mod simulation;
mod stouffer;
mod subjects;

pub use agreement::Confusion;
pub use chance::Chance;
pub use crossed::{Between, Components, SeedVariance, seed_variances};
pub use family::{Family, holm};
pub use interval::{Estimate, accuracy_interval, metric_interval};
pub use mean::{mean, standard_deviation};
pub use needed::{SeedsNeeded, seeds_needed};
pub use pair::{Covers, Difference, Side, difference};
pub use ranks::{critical_difference, ranks};
pub use scale::Scale;
pub use stouffer::stouffer;
pub use subjects::{LEAST_SUBJECTS, over_folds, over_subjects};

/// The two-sided 95 % quantile of the standard normal distribution.
const Z_95: f64 = 1.959_963_984_540_054;
/// The chance of a false claim.
pub const LEVEL: f64 = 0.05;
/// Where the upper end of a 95 % interval lies in its distribution.
const CONFIDENCE: f64 = 1.0 - LEVEL / 2.0;

/// Wilson's 95 % interval of a share among so many trials; `None` without trials.
pub fn wilson(share: f64, trials: usize) -> Option<(f64, f64)> {
    (trials > 0).then(|| interval::wilson(share.clamp(0.0, 1.0), trials as f64, Z_95))
}
