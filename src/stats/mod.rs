//! The statistics of comparing classifiers: intervals, tests and agreement. Plain numbers in, plain numbers out; knows
//! nothing of runs.

mod agreement;
mod beta;
mod holm;
mod mcnemar;
mod mean;
mod student;
mod wilson;

pub use agreement::Confusion;
pub use holm::holm;
pub use mcnemar::mcnemar;
pub use mean::{mean, standard_deviation};
pub use student::{mean_interval, paired_t_test, t_quantile, t_two_sided};
pub use wilson::wilson;

/// The two-sided 95 % quantile of the standard normal distribution.
const Z_95: f64 = 1.959_963_984_540_054;
