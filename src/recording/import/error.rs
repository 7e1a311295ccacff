//! Why there is no data set, in sentences that say what to do.

use crate::recording::RecordingError;

/// Why there is no set. Each is one sentence.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A recording that can't be read.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// The options make no sense.
    #[error("{0}")]
    Usage(String),
    /// The options and the recordings don't go together, or the set can't be written.
    #[error("{0}")]
    Work(String),
}
