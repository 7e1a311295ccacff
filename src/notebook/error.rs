//! What can be wrong with a notebook.

use crate::printable::printable;
use std::io;
use std::path::{Path, PathBuf};

/// Why the notebook could not do what was asked. One sentence each: what is wrong with what, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum NotebookError {
    /// The file system refused.
    #[error("{} {}: {}", .doing, .path.display(), advice(.source))]
    Io {
        /// Such as "cannot read".
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A newer program made the notebook.
    #[error(
        "{} was written by a newer eeg-tui (notebook version {found}, this program knows {known}); update eeg-tui to change it, browsing works",
        .path.display()
    )]
    Newer {
        /// The runs folder.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest that this program knows.
        known: u32,
    },
    /// A newer program made the run.
    #[error("run {id} is left alone, {}: a newer eeg-tui made it; update this one to train or count it", printable(.what))]
    NewerRun {
        /// The run.
        id: String,
        /// What is not known.
        what: String,
    },
    /// No such run.
    #[error("there is no run '{}' in {}; 'eeg-tui list' shows them", printable(.id), .runs.display())]
    NoRun {
        /// What was asked for.
        id: String,
        /// Where.
        runs: PathBuf,
    },
    /// The beginning of an id that begins several.
    #[error("'{}' is the beginning of {count} runs; give more of it", printable(.id))]
    Ambiguous {
        /// What was asked for.
        id: String,
        /// How many it fits.
        count: usize,
    },
    /// A run that can't be read now.
    #[error("run {id} is left out: {what}")]
    LeftOut {
        /// The run.
        id: String,
        /// Why.
        what: String,
    },
    /// Not the name of a run, and never will be.
    #[error("'{}' is no run's name; names are made of letters, digits, '.', '_' and '-'", printable(.0))]
    BadId(String),
    /// A file that can't be understood.
    #[error("{} is damaged: {}; 'eeg-tui doctor' says how to mend it", .path.display(), printable(.what))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The notebook was there and is not any more.
    #[error("{} is gone; was it moved, or is its disk away? Nothing in it is touched until it is back", .runs.display())]
    Gone {
        /// The runs folder.
        runs: PathBuf,
    },
    /// The machine's clock stands at no time that can be written down.
    #[error(
        "this machine's clock stands beyond the year 9999, so that nothing can be dated; set it ('date' shows it), then try again"
    )]
    Clock,
    /// Another process keeps the queue to itself.
    #[error(
        "the queue of {} has been in use by another eeg-tui for {seconds} s; if that one hangs, end it, then try again",
        .runs.display()
    )]
    QueueBusy {
        /// The runs folder.
        runs: PathBuf,
        /// How long this process waited.
        seconds: u64,
    },
    /// The lease of a run ran out.
    #[error(
        "run {id} may be another eeg-tui's by now: this one slept or lost its disk for longer than its lease holds, and writes no more of it"
    )]
    Lost {
        /// The run.
        id: String,
    },
    /// Another process holds what is needed.
    #[error("run {id} is in use by another eeg-tui; try again in a moment")]
    Busy {
        /// The run.
        id: String,
    },
}

impl NotebookError {
    /// Wraps what the system said about a path.
    pub(crate) fn io(doing: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> NotebookError {
        let path = path.as_ref().to_owned();
        move |source| NotebookError::Io { doing, path, source }
    }

    /// Whether a file or folder is not there.
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, NotebookError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }

    /// Whether the system refused, rather than what was read being wrong: the same may succeed later.
    pub fn is_refusal(&self) -> bool {
        match self {
            NotebookError::Io { source, .. } => !is_lasting(source),
            NotebookError::Busy { .. }
            | NotebookError::QueueBusy { .. }
            | NotebookError::Gone { .. }
            | NotebookError::Clock
            | NotebookError::LeftOut { .. }
            | NotebookError::Lost { .. } => true,
            _ => false,
        }
    }

    /// Whether it leaves unknown what is there: a refusal, and not because nothing is.
    pub fn leaves_unknown(&self) -> bool {
        self.is_refusal() && !self.is_not_found()
    }

    /// What was read, where what is missing or can't be understood counts as nothing; a refusal stays an error, since what can't be
    /// read may say otherwise than what is missing.
    pub(super) fn or_nothing<T: Default>(read: Result<T, Self>) -> Result<T, Self> {
        match read {
            Err(error) if error.is_refusal() => Err(error),
            read => Ok(read.unwrap_or_default()),
        }
    }

    /// Whether the disk (or a quota) is full, so that the same may succeed later.
    pub fn is_full_disk(&self) -> bool {
        matches!(self, NotebookError::Io { source, .. } if is_full_disk(source))
    }
}

/// Whether an input or output error comes from what lies there, so that trying again is of no use.
pub fn is_lasting(error: &io::Error) -> bool {
    let lasting = [io::ErrorKind::InvalidInput, io::ErrorKind::InvalidData, io::ErrorKind::FileTooLarge];
    lasting.contains(&error.kind())
}

/// Whether an input or output error says that the disk or a quota is full.
pub fn is_full_disk(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

fn advice(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull => "no space left on the device; make room, then try again".into(),
        io::ErrorKind::QuotaExceeded => "your disk quota is used up; make room, then try again".into(),
        io::ErrorKind::PermissionDenied => "permission denied; check whose folder it is".into(),
        io::ErrorKind::ReadOnlyFilesystem => {
            "the file system is read-only; browsing works, for changes copy the notebook elsewhere and give --runs"
                .into()
        }
        _ => error.to_string(),
    }
}
