//! Arithmetic on sampled signals, one electrode at a time, in double precision. Knows no trials, files or networks.

mod butterworth;
mod resample;
mod welch;

pub use butterworth::{Butterworth, FilterError, PassBand};
pub use resample::Resampler;
pub use welch::Welch;
