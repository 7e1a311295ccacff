//! The scales on which metrics are nearly normal.

/// The scale on which a metric's estimate is nearly normal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// ln(x / (1 − x)), for metrics within 0 and 1.
    Logit,
    /// As it is, kept within these ends.
    Plain {
        /// The least value there is.
        least: i8,
        /// The greatest, if there is one.
        greatest: Option<i8>,
    },
}

impl Scale {
    /// On which a seed's variance is carried from one model to another: p(1 − p), or 1 − κ² for κ.
    pub fn of(self, value: f64) -> f64 {
        match self {
            Scale::Logit => value * (1.0 - value),
            Scale::Plain { least: -1, .. } => 1.0 - value * value,
            // A mean over trials without an upper end: no common scale but its own square.
            Scale::Plain { .. } => value * value,
        }
    }
}
