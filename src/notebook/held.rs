//! A run whose lock this process holds: the only place where a run's events, checkpoint and results are written.

use super::error::NotebookError;
use super::files;
use super::history::{History, Standing};
use super::journal::{Journal, Line};
use super::lock::Lock;
use super::run_dir::RunDir;
use crate::event::{Event, Record};
use crate::spec::Rule;
use jiff::Timestamp;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

const CHECKPOINT_LIMIT: u64 = 1 << 30;

/// Notes, tags and requests are written by whoever likes, at any moment: only what is this old was left by a crash.
const ABANDONED: Duration = Duration::from_secs(60);

/// A run whose lock this process holds, until it is dropped.
#[derive(Debug)]
pub struct Held {
    dir: RunDir,
    journal: Journal,
    history: History,
    _lock: Lock,
}

impl Held {
    /// Takes a run's lock; `None` where another process has it. Cuts off a torn last event and removes the temporary
    /// files that a crash left behind.
    pub(super) fn take(dir: &RunDir, clock: fn() -> Timestamp) -> Result<Option<Held>, NotebookError> {
        let path = dir.lock_path();
        let Some(lock) = Lock::try_exclusive(&path).map_err(NotebookError::io("cannot lock", &path))? else {
            return Ok(None);
        };
        Self::with_lock(dir, lock, clock).map(Some)
    }

    /// A run whose lock was taken while nobody else could see it.
    pub(super) fn with_lock(
        dir: &RunDir,
        lock: Lock,
        clock: fn() -> Timestamp,
    ) -> Result<Held, NotebookError> {
        sweep(dir.path());
        let events = dir.events_path();
        let journal = Journal::open(&events, clock).map_err(NotebookError::io("cannot open", &events))?;
        let history = dir.history()?;
        Ok(Held { dir: dir.clone(), journal, history, _lock: lock })
    }

    /// The folder.
    pub fn dir(&self) -> &RunDir {
        &self.dir
    }

    /// What the events add up to, this process's own included.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Where the run stands, whoever looks while nobody trains it.
    pub fn standing(&self) -> Option<Standing> {
        self.history.standing
    }

    /// Appends an event; it is on the disk when this returns (epochs: with the next checkpoint).
    pub fn append(&mut self, event: Event) -> Result<Record, NotebookError> {
        let record =
            self.journal.append(event).map_err(NotebookError::io("cannot write", self.dir.events_path()))?;
        self.history.line(Line::Record(Box::new(record.clone())));
        Ok(record)
    }

    /// The checkpoint's bytes, where there is one.
    pub fn checkpoint(&self) -> Result<Option<Vec<u8>>, NotebookError> {
        let path = self.dir.checkpoint_path();
        match files::read(&path, CHECKPOINT_LIMIT) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some).map_err(NotebookError::io("cannot read", &path)),
        }
    }

    /// Replaces the checkpoint. The epochs that led to it reach the disk before it does.
    pub fn set_checkpoint(&self, bytes: &[u8]) -> Result<(), NotebookError> {
        self.journal.sync().map_err(NotebookError::io("cannot write", self.dir.events_path()))?;
        self.write(&self.dir.checkpoint_path(), bytes)
    }

    /// Takes note that what was asked of the run is done, or can't be done any more.
    pub fn answer_request(&self) {
        self.dir.clear_request();
    }

    /// Removes the checkpoint: the run is finished, or starts from nothing.
    pub fn drop_checkpoint(&self) -> Result<(), NotebookError> {
        let path = self.dir.checkpoint_path();
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(NotebookError::io("cannot remove", &path)(error))
            }
            _ => Ok(()),
        }
    }

    /// Keeps the weights that a rule picks (safetensors).
    pub fn set_weights(&self, rule: Rule, bytes: &[u8]) -> Result<(), NotebookError> {
        self.write(&self.dir.weights_path(rule), bytes)
    }

    /// Keeps the predictions of the epoch that a rule picks (CSV).
    pub fn set_predictions(&self, rule: Rule, csv: &str) -> Result<(), NotebookError> {
        self.write(&self.dir.predictions_path(rule), csv.as_bytes())
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), NotebookError> {
        files::replace(path, bytes).map_err(NotebookError::io("cannot write", path))
    }
}

/// Removes temporary files that a crash left: those of files that only the lock's holder writes at once, others when old.
fn sweep(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(target) = name.to_str().and_then(|name| name.strip_suffix(files::TEMPORARY)) else {
            continue;
        };
        let ours = ["checkpoint", "weights-", "predictions-"].iter().any(|start| target.starts_with(start));
        let age =
            entry.metadata().and_then(|data| data.modified()).map(|at| SystemTime::now().duration_since(at));
        let old = matches!(age, Ok(Ok(age)) if age > ABANDONED);
        if ours || old {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
