//! Where a set comes from: `provenance.toml` beside its files, from which it can be made again, bit by bit.

use super::options::Options;
use super::{ImportError, Lost};
use crate::disk::named;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// No provenance is longer.
const LONGEST: u64 = 1 << 26;

/// The file's name within the set's folder.
pub const FILE: &str = "provenance.toml";
/// The version of the file's form.
const VERSION: u32 = 1;

/// All of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// Of the form.
    pub version: u32,
    /// Which program, and its version.
    pub program: String,
    /// The set's name.
    pub name: String,
    /// What was asked for.
    pub options: Options,
    /// The recordings, in their order.
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
    /// The files that were made of them.
    #[serde(rename = "written")]
    pub written: Vec<Written>,
    /// The trials that were not taken.
    #[serde(rename = "lost", default)]
    pub lost: Vec<Lost>,
}

/// A recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Where it was.
    pub path: PathBuf,
    /// Its format.
    pub format: String,
    /// Its length.
    pub bytes: u64,
    /// Its checksum.
    pub sha256: String,
    /// Whose it is.
    pub subject: String,
    /// On which day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Which of the day's.
    pub run: String,
}

/// A file of the set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Written {
    /// Its name in the folder.
    pub file: String,
    /// How many trials it has.
    pub trials: usize,
    /// Its checksum.
    pub sha256: String,
}

impl Provenance {
    /// A provenance of this version of the program.
    pub fn new(name: &str, options: &Options) -> Self {
        Provenance {
            version: VERSION,
            program: format!("eeg-tui {}", env!("CARGO_PKG_VERSION")),
            name: name.to_owned(),
            options: options.clone(),
            sources: Vec::new(),
            written: Vec::new(),
            lost: Vec::new(),
        }
    }

    /// Reads a provenance file; `path` may be the set's folder.
    pub fn read(path: &Path) -> Result<Self, ImportError> {
        let path = if path.is_dir() { path.join(FILE) } else { path.to_owned() };
        let bad = |what: String| ImportError::Work(format!("{} {what}", path.display()));
        let text =
            named::read_text(&path, LONGEST).map_err(|error| bad(format!("can't be read: {error}")))?;
        let provenance: Provenance = toml::from_str(&text)
            .map_err(|error| bad(format!("is no provenance of a data set: {}", error.message())))?;
        match provenance.version {
            VERSION => Ok(provenance),
            other => {
                Err(bad(format!("is of version {other}, this program knows {VERSION}; use a newer one")))
            }
        }
    }
}
