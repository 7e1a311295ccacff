//! What commands print, and how they fail. A reader that hangs up (`eeg-tui list | head`) is no failure.

use crate::disk::named;
use crate::printable::printable_page;
use serde::Serialize;
use std::error::Error;
use std::io::{self, Write};
use std::path::Path;

/// What a command comes to.
pub type Outcome = Result<(), Failure>;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// The work failed: exit code 1.
    Work(String),
    /// The command line makes no sense: exit code 2.
    Usage(String),
    /// Ended with work left that can be done later: exit code 75 (EX_TEMPFAIL), by which a batch system knows to start it again.
    Unfinished(String),
    /// Whoever read the output has gone: exit code 0, and not a word.
    HungUp,
}

impl Failure {
    /// The work failed, for a reason said in one sentence.
    pub fn work(sentence: impl Into<String>) -> Self {
        Failure::Work(sentence.into())
    }

    /// The command line makes no sense, for a reason said in one sentence.
    pub fn usage(sentence: impl Into<String>) -> Self {
        Failure::Usage(sentence.into())
    }

    /// What is said of it; nothing where nobody listens.
    pub fn sentence(&self) -> &str {
        match self {
            Failure::Work(sentence) | Failure::Usage(sentence) | Failure::Unfinished(sentence) => sentence,
            Failure::HungUp => "",
        }
    }

    /// A file that a person named can't be written; where a file lies in the way of its folders, that is the reason.
    pub fn unwritable(path: &Path, error: &io::Error) -> Self {
        let why = match path.ancestors().skip(1).find(|above| named::is_file(above).unwrap_or(false)) {
            Some(file) => format!("{} is a file and no folder; name another", file.display()),
            None => error.to_string(),
        };
        Failure::work(format!("{} can't be written: {why}", path.display()))
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Failure::Work(_) => 1,
            Failure::Usage(_) => 2,
            Failure::Unfinished(_) => 75,
            Failure::HungUp => 0,
        }
    }
}

/// Writes a file that a person named, and makes the folders that it lies in.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder =
        path.parent().filter(|folder| !folder.as_os_str().is_empty()).map_or(Ok(()), named::make_folders);
    folder.and_then(|()| named::write(path, bytes)).map_err(|error| Failure::unwritable(path, &error))
}

/// Writes a file of one's own naming below a folder that a person named, and makes the folders between.
pub fn write_below(folder: &Path, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    named::write_below(folder, path, bytes).map_err(|error| Failure::unwritable(&folder.join(path), &error))
}

/// Every error of the library is one sentence; a broken pipe is none.
impl<E: Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        let hung_up = (&error as &dyn Error)
            .downcast_ref::<io::Error>()
            .is_some_and(|io| io.kind() == io::ErrorKind::BrokenPipe);
        if hung_up { Failure::HungUp } else { Failure::Work(error.to_string()) }
    }
}

/// Writes text for people to standard output. It may hold names of files, classes and people: what a terminal would obey is
/// shown as `�`.
pub fn print(text: &str) -> Outcome {
    write_out(&printable_page(text))
}

fn write_out(text: &str) -> Outcome {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Writes one JSON document to standard output.
pub fn print_json(document: &impl Serialize) -> Outcome {
    write_out(&(serde_json::to_string_pretty(document)? + "\n"))
}

/// Writes one line of JSON lines to standard output.
pub fn print_json_line(document: &impl Serialize) -> Outcome {
    write_out(&(serde_json::to_string(document)? + "\n"))
}
