//! A run whose lock this process holds: the only place where a run's events, checkpoint and results are written.

use super::error::NotebookError;
use super::history::{History, Standing};
use super::journal::{Journal, Line};
use super::lease::{Broken, Lease, Sightings};
use super::lock::Lock;
use super::run_dir::{Request, RunDir};
use crate::disk::{Access, Disk, TEMPORARY, is_temporary};
use crate::event::{Event, Record};
use crate::spec::Rule;
use jiff::Timestamp;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const CHECKPOINT_LIMIT: u64 = 1 << 30;

/// Notes, tags and requests are written by whoever likes, at any moment: only what is this old was left by a crash.
const ABANDONED: Duration = Duration::from_secs(60);

/// A run whose lock this process holds, until it is dropped.
#[derive(Debug)]
pub struct Held {
    dir: RunDir,
    journal: Journal,
    history: History,
    lease: Arc<Lease>,
    _lock: Lock,
}

impl Drop for Held {
    fn drop(&mut self) {
        // Before the lock is freed, and whoever else still looks at the lease.
        self.lease.give_back();
    }
}

impl Held {
    /// Takes a run's lock and lease; `None` where another process has it. Cuts off a torn last event and removes the
    /// temporary files that a crash left behind.
    pub(super) fn take(
        dir: &RunDir,
        clock: fn() -> Timestamp,
        sightings: &Sightings,
    ) -> Result<Option<Held>, NotebookError> {
        let path = dir.lock_path();
        let Some(lock) =
            Lock::try_exclusive(dir.disk(), &path).map_err(NotebookError::io("cannot lock", &path))?
        else {
            return Ok(None);
        };
        Self::with_lock(dir, lock, clock, sightings)
    }

    /// A run whose lock was taken while nobody else could see it.
    pub(super) fn with_lock(
        dir: &RunDir,
        lock: Lock,
        clock: fn() -> Timestamp,
        sightings: &Sightings,
    ) -> Result<Option<Held>, NotebookError> {
        let lease = Lease::take(dir.shared_disk(), dir.path(), sightings);
        let Some(lease) = lease.map_err(NotebookError::io("cannot lease", dir.path()))? else {
            return Ok(None);
        };
        sweep(dir.disk(), dir.path());
        let events = dir.events_path();
        let journal =
            Journal::open(dir.disk(), &events, clock).map_err(NotebookError::io("cannot open", &events))?;
        let history = dir.history()?;
        Ok(Some(Held { dir: dir.clone(), journal, history, lease: Arc::new(lease), _lock: lock }))
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

    /// What must be renewed while the run is held for long.
    pub fn lease(&self) -> Arc<Lease> {
        self.lease.clone()
    }

    /// Refuses to write where another process may have the run by now.
    fn check(&self) -> Result<(), NotebookError> {
        self.lease.check().map_err(|broken| match broken {
            Broken::Lost => NotebookError::Lost { id: self.dir.id().into() },
            Broken::Unknown(error) => NotebookError::io("cannot read the lease of", self.dir.path())(error),
        })
    }

    /// Appends an event; it is on the disk when this returns (epochs: with the next checkpoint).
    pub fn append(&mut self, event: Event) -> Result<Record, NotebookError> {
        self.check()?;
        let record =
            self.journal.append(event).map_err(NotebookError::io("cannot write", self.dir.events_path()))?;
        self.history.line(Line::Record(Box::new(record.clone())));
        Ok(record)
    }

    /// The checkpoint's bytes, where there is one.
    pub fn checkpoint(&self) -> Result<Option<Vec<u8>>, NotebookError> {
        let path = self.dir.checkpoint_path();
        match self.dir.disk().read(&path, CHECKPOINT_LIMIT) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some).map_err(NotebookError::io("cannot read", &path)),
        }
    }

    /// Replaces the checkpoint. The epochs that led to it reach the disk before it does.
    pub fn set_checkpoint(&self, bytes: &[u8]) -> Result<(), NotebookError> {
        self.check()?;
        self.journal.sync().map_err(NotebookError::io("cannot write", self.dir.events_path()))?;
        self.write(&self.dir.checkpoint_path(), bytes)
    }

    /// Takes note that what was asked of the run is done, or can't be done any more. What was asked since then stays asked.
    pub fn answer_request(&self, answered: Request) {
        self.dir.clear_request(answered);
    }

    /// Removes the checkpoint: the run is finished, or starts from nothing.
    pub fn drop_checkpoint(&self) -> Result<(), NotebookError> {
        self.check()?;
        let path = self.dir.checkpoint_path();
        self.dir.disk().remove_if_there(&path).map_err(NotebookError::io("cannot remove", &path))
    }

    /// Keeps the weights that a rule picks (safetensors).
    pub fn set_weights(&self, rule: Rule, bytes: &[u8]) -> Result<(), NotebookError> {
        self.write(&self.dir.weights_path(rule), bytes)
    }

    /// Keeps the predictions of the epoch that a rule picks (CSV).
    pub fn set_predictions(&self, rule: Rule, csv: &str) -> Result<(), NotebookError> {
        self.write(&self.dir.predictions_path(rule), csv.as_bytes())
    }

    /// Says why so many bytes can't be written beside what is there, if so. A quota shows in no other way.
    pub fn try_writing(&self, bytes: u64) -> Result<(), NotebookError> {
        let disk = self.dir.disk();
        let path = self.dir.path().join(format!("checkpoint.try{TEMPORARY}"));
        let _ = disk.remove_if_there(&path);
        let block = [0x5a; 1 << 16];
        let write = || {
            let file = disk.open(&path, Access::New)?;
            for _ in 0..bytes.div_ceil(block.len() as u64) {
                file.append_all(&block)?;
            }
            file.sync()
        };
        let written = write();
        let _ = disk.remove_if_there(&path);
        written.map_err(NotebookError::io("cannot write", &path))
    }

    /// Keeps the same on the trials that were held out.
    pub fn set_validation_predictions(&self, rule: Rule, csv: &str) -> Result<(), NotebookError> {
        self.write(&self.dir.validation_predictions_path(rule), csv.as_bytes())
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), NotebookError> {
        self.check()?;
        self.dir.disk().replace(path, bytes).map_err(NotebookError::io("cannot write", path))
    }
}

/// Removes temporary files that a crash left: those of files that only the lock's holder writes at once, others when old.
fn sweep(disk: &dyn Disk, folder: &Path) {
    for entry in disk.list(folder).unwrap_or_default() {
        let Some(name) = entry.text().filter(|name| name.ends_with(TEMPORARY)) else { continue };
        let path = folder.join(name);
        let ours = ["checkpoint", "weights-", "predictions-"].iter().any(|start| is_temporary(name, start));
        if ours || is_abandoned(disk, &path) {
            let _ = disk.remove_file(&path);
        }
    }
}

/// Whether a temporary file is so old that whoever wrote it must have died.
pub(super) fn is_abandoned(disk: &dyn Disk, path: &Path) -> bool {
    let Ok(stat) = disk.stat(path) else { return false };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let modified = Duration::from_secs(u64::try_from(stat.modified.0).unwrap_or_default());
    now.saturating_sub(modified) > ABANDONED
}
