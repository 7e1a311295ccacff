//! What can be wrong with a recording, in sentences that say what to do. Names stand in them as they are: whoever displays
//! them makes them printable.

use std::io;
use std::path::{Path, PathBuf};

/// Why a file can't be read. The text completes "FILE …".
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Opening or reading failed.
    #[error("can't be read: {0}")]
    Io(#[from] io::Error),
    /// A folder, a pipe or a device.
    #[error("is no file")]
    NoFile,
    /// Nothing in it.
    #[error("is empty; copy it again")]
    Empty,
    /// Less is there than its header promises.
    #[error("is cut off: {0}; copy it again")]
    CutOff(String),
    /// Its header says what can't be.
    #[error("has a header that can't be true: {0}; export it again")]
    Header(String),
    /// A file beside it that it names.
    #[error("names {0}, which can't be read: {1}")]
    Companion(String, String),
    /// A sound file of a form that is not read.
    #[error("{0}")]
    Foreign(String),
    /// More than there is memory for.
    #[error("holds {0}, more than this machine has memory for; cut it into smaller files")]
    TooLarge(String),
    /// Something is asked of it that only a person can say.
    #[error("{0}")]
    Ask(String),
    /// Whoever asked for it has changed their mind.
    #[error("was not read to its end: stopped")]
    Stopped,
}

impl ReadError {
    /// A header that can't be true.
    pub fn header(what: impl Into<String>) -> Self {
        ReadError::Header(what.into())
    }

    /// A file shorter than its header says.
    pub fn cut_off(what: impl Into<String>) -> Self {
        ReadError::CutOff(what.into())
    }

    /// The sentence with the file's name.
    pub fn of(self, path: &Path) -> RecordingError {
        RecordingError { path: path.to_owned(), fault: self }
    }
}

/// A file that can't be read, and why.
#[derive(Debug, thiserror::Error)]
#[error("{} {fault}", .path.display())]
pub struct RecordingError {
    /// Which.
    pub path: PathBuf,
    /// Why.
    pub fault: ReadError,
}
