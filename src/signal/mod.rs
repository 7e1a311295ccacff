//! Arithmetic on sampled signals, one electrode at a time, in double precision. Knows no trials, files or networks.

mod butterworth;

pub use butterworth::{Butterworth, FilterError, PassBand};
