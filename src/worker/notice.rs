//! What a person should know of the device that this machine's worker was to train on: that it does not open, or that
//! another is used. One small file a machine in the notebook, replaced at each start of a worker and removed by one that has
//! nothing to say; `list` and the screen read it.

use crate::clock;
use crate::nn::device::{DeviceChoice, Devices, Drivers};
use crate::notebook::Notebook;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What such files' names begin with; the machine's name follows.
const PREFIX: &str = ".device-";
/// The longest that is read.
const LIMIT: u64 = 1 << 14;

/// What a worker had to say of its device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The machine.
    pub host: String,
    /// When.
    pub t: Timestamp,
    /// As it was asked for with `--device`.
    pub device: String,
    /// Whether there is no worker for it; otherwise there is one, on another device.
    pub refused: bool,
    /// What is wrong with what, and what to do.
    pub sentence: String,
}

impl Notice {
    /// This machine's, now.
    pub fn of_this_machine(device: &str, refused: bool, sentence: &str) -> Self {
        Notice {
            host: super::host(),
            t: clock::now(),
            device: device.into(),
            refused,
            sentence: sentence.into(),
        }
    }

    /// That this machine has not what was asked for, as far as its drivers tell without opening it; `None` where it has.
    pub fn of_missing(device: &DeviceChoice, drivers: &dyn Drivers) -> Option<Self> {
        let error = Devices::check(device, drivers).err()?;
        Some(Self::of_this_machine(&device.to_string(), true, &error.to_string()))
    }

    /// Puts it in the place of what this machine said last. A notebook that does not exist has no runs that could wait.
    pub fn post(&self, notebook: &Notebook) {
        if !notebook.disk().is_folder(notebook.root()).unwrap_or(false) || notebook.writable().is_err() {
            return;
        }
        let written = serde_json::to_string(self)
            .map_err(std::io::Error::from)
            .and_then(|text| notebook.disk().replace(&path(notebook, &self.host), text.as_bytes()));
        if let Err(error) = written {
            tracing::warn!(%error, "what is wrong with the device can't be written into the notebook");
        }
    }

    /// Takes back what this machine said last.
    pub fn withdraw(notebook: &Notebook) {
        // Mostly there is none.
        let _ = notebook.disk().remove_file(&path(notebook, &super::host()));
    }

    /// What a machine said last.
    pub fn of(notebook: &Notebook, host: &str) -> Option<Self> {
        let text = notebook.disk().read_text(&path(notebook, host), LIMIT).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// What all machines said last, by their names.
    pub fn all(notebook: &Notebook) -> Vec<Self> {
        let entries = notebook.disk().list(notebook.root()).unwrap_or_default();
        let hosts = entries.iter().filter_map(|entry| entry.text()?.strip_prefix(PREFIX));
        let mut notices: Vec<Notice> = hosts.filter_map(|host| Self::of(notebook, host)).collect();
        notices.sort_by(|a, b| a.host.cmp(&b.host));
        notices
    }
}

fn path(notebook: &Notebook, host: &str) -> PathBuf {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    let host: String = host.chars().map(|letter| if plain(letter) { letter } else { '_' }).collect();
    notebook.root().join(format!("{PREFIX}{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::device::fake::Cards;

    #[test]
    fn what_is_missing_is_told_without_opening_anything() {
        let cards = Cards::of(1);
        let missing = |device: &str| Notice::of_missing(&device.parse().unwrap(), &cards);
        let notice = missing("cuda:0,1").unwrap();
        assert_eq!((notice.device.as_str(), notice.refused), ("cuda:0,1", true));
        assert_eq!(notice.sentence, "there is no cuda:1: this machine has 1 card, cuda:0");
        assert_eq!([missing("cuda:0"), missing("auto"), missing("cpu")], [None, None, None]);
        assert!(cards.started_at().is_empty());
    }

    #[test]
    fn a_machine_s_last_notice_stands_until_it_is_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let notebook = Notebook::open(folder.path());
        assert!(Notice::all(&notebook).is_empty());
        let notice = Notice::of_this_machine("cuda:1", true, "there is no cuda:1");
        Notice::of_this_machine("cuda:2", true, "an older one").post(&notebook);
        notice.post(&notebook);
        let other = Notice { host: "node/7".into(), ..notice.clone() };
        other.post(&notebook);
        assert_eq!(Notice::of(&notebook, &super::super::host()), Some(notice.clone()));
        assert_eq!(Notice::all(&notebook).len(), 2);
        Notice::withdraw(&notebook);
        assert_eq!(Notice::all(&notebook), [other]);
    }

    #[test]
    fn a_notebook_that_is_not_there_is_not_made_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let runs = folder.path().join("runs");
        Notice::of_this_machine("cuda", true, "no card").post(&Notebook::open(&runs));
        assert!(!runs.exists());
    }
}
