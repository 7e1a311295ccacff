//! Reads the TOML files that a person writes: settings and themes. Knows nothing of what they say.

use crate::disk::named;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

/// Why a file can't be followed.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It can't be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is no TOML, or says what nobody understands.
    #[error("{}: {reason}", .path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What and where.
        reason: String,
    },
}

/// No file that a person writes is longer.
const LONGEST: u64 = 1 << 20;

/// What a file says.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, FileError> {
    let text =
        named::read_text(path, LONGEST).map_err(|source| FileError::Read { path: path.into(), source })?;
    toml::from_str(&text).map_err(|error| FileError::Syntax { path: path.into(), reason: error.to_string() })
}
