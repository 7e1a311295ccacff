//! Where a set comes from: `provenance.toml` beside its files, from which it can be made again, bit by bit.

use super::options::Options;
use super::{ImportError, Lost};
use crate::counted::counted;
use crate::disk::named;
use crate::spec::DataSource;
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
        let refused = |error| ImportError::Work(format!("{} can't be read: {error}", path.display()));
        let path = if named::is_folder(path).map_err(refused)? { path.join(FILE) } else { path.to_owned() };
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

    /// How the set came about, in sentences for a methods section: nothing but what was asked for and counted.
    pub fn sentences(&self) -> String {
        let options = &self.options;
        let list = |words: &[String]| words.join(", ");
        let asked = [
            (!options.events.is_empty()).then(|| format!("events {}", list(&options.events))),
            options.window.as_ref().map(|window| format!("{window} s from each")),
            (!options.picks.is_empty()).then(|| format!("channels {}", list(&options.picks))),
            (!options.reference.is_empty()).then(|| format!("referenced to {}", list(&options.reference))),
            options.band.as_ref().map(|band| format!("band-pass {band} Hz")),
            options.resample.map(|rate| format!("resampled to {rate} Hz")),
            (!options.reject.is_empty()).then(|| format!("rejection by {}", list(&options.reject))),
            (!options.test.is_empty()).then(|| format!("for the test {}", list(&options.test))),
        ];
        let asked: Vec<String> = asked.into_iter().flatten().collect();
        let asked = if asked.is_empty() { String::new() } else { format!(" ({})", asked.join("; ")) };
        let recordings = counted(self.sources.len(), "recording");
        let lost = self.lost.iter().map(|lost| format!("{} {}", lost.count, lost.why)).collect::<Vec<_>>();
        let lost =
            if lost.is_empty() { String::new() } else { format!(" Trials not taken: {}.", lost.join(", ")) };
        format!(
            "The trials were cut from {recordings} by data import of {}{asked}; {FILE} makes them again.{lost}",
            self.program
        )
    }
}

/// How a set came about, in sentences, where it was imported.
pub fn origin(data: &DataSource) -> Option<String> {
    Provenance::read(data.path.as_deref()?).ok().map(|provenance| provenance.sentences())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_is_told_and_nothing_else() {
        let options = Options {
            events: vec!["T1=left".into(), "T2=right".into()],
            window: Some("0..4".into()),
            band: Some("8..30".into()),
            resample: Some(128.0),
            ..Options::default()
        };
        let plain =
            Provenance { program: "eeg-tui 0.1.0".into(), ..Provenance::new("set", &Options::default()) };
        assert_eq!(
            plain.sentences(),
            "The trials were cut from 0 recordings by data import of eeg-tui 0.1.0; provenance.toml makes them again."
        );
        let lost = vec![Lost { why: "beyond the end of the recording".into(), count: 2 }];
        let full = Provenance { options, lost, ..plain };
        assert_eq!(
            full.sentences(),
            "The trials were cut from 0 recordings by data import of eeg-tui 0.1.0 (events T1=left, T2=right; 0..4 s from each; \
             band-pass 8..30 Hz; resampled to 128 Hz); provenance.toml makes them again. Trials not taken: 2 beyond the end \
             of the recording."
        );
    }
}
