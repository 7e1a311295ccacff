//! Arithmetic on sampled signals, one electrode at a time, in double precision. Knows no trials, files or networks.

mod butterworth;
mod resample;

pub use butterworth::{Butterworth, FilterError, PassBand};
pub use resample::Resampler;
