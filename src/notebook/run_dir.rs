//! One run's folder, as anyone may read it; and the few files in it that belong to people: notes, tags, requests.

use super::error::NotebookError;
use super::history::{History, Standing};
use super::journal::{self, Line};
use super::{RunState, lease, lock};
use crate::disk::{Access, Disk, SharedDisk, TEMPORARY};
use crate::event::{Epoch, Record};
use crate::spec::{Rule, Spec, Unread};
use std::io;
use std::path::{Path, PathBuf};

const SPEC_LIMIT: u64 = 1 << 16;
const PEOPLE_LIMIT: u64 = 1 << 20;
const WEIGHTS_LIMIT: u64 = 1 << 30;
const PREDICTIONS_LIMIT: u64 = 1 << 28;

/// One run's folder.
#[derive(Clone, Debug)]
pub struct RunDir {
    disk: SharedDisk,
    id: String,
    path: PathBuf,
}

/// What a person asks of a run that is being trained. Read between batches by the process that trains it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Keep a checkpoint and free the device.
    Pause,
    /// Give it up.
    Cancel,
    /// Give it up and move it to the trash.
    Remove,
    /// Go on: what was asked before is taken back.
    Resume,
}

impl Request {
    const ALL: [Request; 4] = [Request::Pause, Request::Cancel, Request::Remove, Request::Resume];

    fn name(self) -> &'static str {
        match self {
            Request::Pause => "pause",
            Request::Cancel => "cancel",
            Request::Remove => "remove",
            Request::Resume => "resume",
        }
    }

    /// Whether it stays asked though the other is asked after it, as it would stay done: only `resume` takes it back.
    pub(super) fn outweighs(self, other: Request) -> bool {
        matches!(
            (self, other),
            (Request::Remove, Request::Pause | Request::Cancel) | (Request::Cancel, Request::Pause)
        )
    }
}

impl RunDir {
    pub(super) fn new(disk: &SharedDisk, runs: &Path, id: &str) -> Self {
        RunDir { disk: disk.clone(), id: id.into(), path: runs.join(id) }
    }

    /// What it lies on.
    pub(super) fn disk(&self) -> &dyn Disk {
        self.disk.as_ref()
    }

    pub(super) fn shared_disk(&self) -> &SharedDisk {
        &self.disk
    }

    /// The run's name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was asked.
    pub fn spec(&self) -> Result<Spec, NotebookError> {
        let path = self.spec_path();
        let text = self.disk.read_text(&path, SPEC_LIMIT).map_err(NotebookError::io("cannot read", &path))?;
        Spec::from_toml(&text).map_err(|unread| match unread {
            Unread::Newer { what } => NotebookError::NewerRun { id: self.id.clone(), what },
            Unread::Damaged(what) => NotebookError::Damaged { path, what },
        })
    }

    /// What was asked, as it stands in the file: for runs whose spec this program does not know all of.
    pub fn spec_as_written(&self) -> Result<toml::Table, NotebookError> {
        let path = self.spec_path();
        let text = self.disk.read_text(&path, SPEC_LIMIT).map_err(NotebookError::io("cannot read", &path))?;
        text.parse()
            .map_err(|error: toml::de::Error| NotebookError::Damaged { path, what: error.message().into() })
    }

    /// What its events add up to.
    pub fn history(&self) -> Result<History, NotebookError> {
        let mut history = History::default();
        self.visit(|line| history.line(line))?;
        Ok(history)
    }

    /// Every event, oldest first.
    pub fn events(&self) -> Result<Vec<Record>, NotebookError> {
        let mut events = Vec::new();
        self.visit(|line| {
            if let Line::Record(record) = line {
                events.push(*record);
            }
        })?;
        Ok(events)
    }

    /// The figures of every epoch done, in order; epochs that were trained again count once.
    pub fn epochs(&self) -> Result<Vec<Epoch>, NotebookError> {
        Ok(self.history()?.epochs)
    }

    fn visit(&self, visit: impl FnMut(Line)) -> Result<(), NotebookError> {
        let path = self.events_path();
        let opened = self.disk.open(&path, Access::Read);
        let read = opened.and_then(|file| journal::read_from(file.as_ref(), 0, visit));
        match read {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            read => read.map(|_| ()).map_err(NotebookError::io("cannot read", &path)),
        }
    }

    /// Where it stands.
    pub fn state(&self) -> Result<RunState, NotebookError> {
        let standing = self.history()?.standing;
        Ok(Standing::state(standing, standing == Some(Standing::Training) && self.is_held()))
    }

    /// Whether a living process holds the run's lock or lease. Where that can't be asked (the lock is another person's and not to be
    /// read), it is taken to be so: the run is left alone.
    pub fn is_held(&self) -> bool {
        lock::is_held(self.disk(), &self.lock_path()).unwrap_or(true)
            || lease::is_held(self.disk(), &self.path).unwrap_or(true)
    }

    /// Which other machine has the run, as far as that can be seen; `None` where a process of this machine has it, or nobody.
    pub fn elsewhere(&self) -> Option<lease::Elsewhere> {
        lease::elsewhere(self.disk(), &self.path).ok().flatten()
    }

    /// The person's own words; empty where there are none.
    pub fn notes(&self) -> Result<String, NotebookError> {
        self.people(&self.notes_path())
    }

    /// Replaces the notes; empty text removes them.
    pub fn set_notes(&self, notes: &str) -> Result<(), NotebookError> {
        self.set_people(&self.notes_path(), notes)
    }

    /// The person's labels.
    pub fn tags(&self) -> Result<Vec<String>, NotebookError> {
        let text = self.people(&self.tags_path())?;
        Ok(text.lines().map(str::trim).filter(|tag| !tag.is_empty()).map(Into::into).collect())
    }

    /// Replaces the labels.
    pub fn set_tags(&self, tags: &[String]) -> Result<(), NotebookError> {
        let line = |tag: &String| tag.split_whitespace().collect::<Vec<_>>().join(" ") + "\n";
        self.set_people(&self.tags_path(), &tags.iter().map(line).collect::<String>())
    }

    fn people(&self, path: &Path) -> Result<String, NotebookError> {
        match self.disk.read_text(path, PEOPLE_LIMIT) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            read => read.map_err(NotebookError::io("cannot read", path)),
        }
    }

    fn set_people(&self, path: &Path, text: &str) -> Result<(), NotebookError> {
        match text.trim().is_empty() {
            true => self.disk.remove_if_there(path).map_err(NotebookError::io("cannot remove", path)),
            false => {
                self.disk.replace(path, text.as_bytes()).map_err(NotebookError::io("cannot write", path))
            }
        }
    }

    /// The per-trial predictions at the epoch that a rule picks, as written (CSV); `None` where there are none.
    pub fn predictions(&self, rule: Rule) -> Result<Option<String>, NotebookError> {
        self.optional_text(&self.predictions_path(rule))
    }

    /// The same on the trials that were held out; `None` where there are none.
    pub fn validation_predictions(&self, rule: Rule) -> Result<Option<String>, NotebookError> {
        self.optional_text(&self.validation_predictions_path(rule))
    }

    fn optional_text(&self, path: &Path) -> Result<Option<String>, NotebookError> {
        match self.disk.read_text(path, PREDICTIONS_LIMIT) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some).map_err(NotebookError::io("cannot read", path)),
        }
    }

    /// The weights at the epoch that a rule picks (safetensors); `None` where there are none.
    pub fn weights(&self, rule: Rule) -> Result<Option<Vec<u8>>, NotebookError> {
        let path = self.weights_path(rule);
        match self.disk.read(&path, WEIGHTS_LIMIT) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some).map_err(NotebookError::io("cannot read", &path)),
        }
    }

    /// What was last asked of the process that trains it.
    pub fn request(&self) -> Option<Request> {
        read_request(self.disk(), &self.request_path())
    }

    /// Asks for something in the place of what was asked before.
    pub(super) fn set_request(&self, request: Request) -> Result<(), NotebookError> {
        let path = self.request_path();
        self.disk.replace(&path, request.name().as_bytes()).map_err(NotebookError::io("cannot write", &path))
    }

    /// Removes a request that was answered, and no other: it is given another name first, which nobody writes to, and looked
    /// at there. What can't be removed would only be obeyed again: harmless.
    pub(super) fn clear_request(&self, answered: Request) {
        let (path, aside) = (self.request_path(), self.path.join(format!("request.answered{TEMPORARY}")));
        if self.disk.rename(&path, &aside).is_err() {
            return;
        }
        let newer = read_request(self.disk(), &aside).filter(|request| *request != answered);
        // One that was asked since then, unless there is a newer one still.
        match newer {
            Some(_) if self.disk.exists(&path).is_ok_and(|there| !there) => {
                drop(self.disk.rename(&aside, &path))
            }
            _ => drop(self.disk.remove_file(&aside)),
        }
    }

    /// Whether there is a checkpoint to go on from, as far as can be seen.
    pub fn has_checkpoint(&self) -> bool {
        self.disk.is_file(&self.checkpoint_path()).unwrap_or(false)
    }

    /// Bytes of the checkpoint; 0 where there is none.
    pub fn checkpoint_length(&self) -> u64 {
        self.disk.stat(&self.checkpoint_path()).map_or(0, |stat| stat.length)
    }

    /// `notes.md`.
    pub fn notes_path(&self) -> PathBuf {
        self.path.join("notes.md")
    }

    /// `tags`.
    pub fn tags_path(&self) -> PathBuf {
        self.path.join("tags")
    }

    /// `spec.toml`.
    pub fn spec_path(&self) -> PathBuf {
        self.path.join("spec.toml")
    }

    /// `events.jsonl`.
    pub fn events_path(&self) -> PathBuf {
        self.path.join("events.jsonl")
    }

    /// `checkpoint.safetensors`.
    pub fn checkpoint_path(&self) -> PathBuf {
        self.path.join("checkpoint.safetensors")
    }

    /// `weights-<rule>.safetensors`.
    pub fn weights_path(&self, rule: Rule) -> PathBuf {
        self.path.join(format!("weights-{}.safetensors", rule.name()))
    }

    /// `predictions-<rule>.csv`.
    pub fn predictions_path(&self, rule: Rule) -> PathBuf {
        self.path.join(format!("predictions-{}.csv", rule.name()))
    }

    /// `predictions-<rule>-validation.csv`.
    pub fn validation_predictions_path(&self, rule: Rule) -> PathBuf {
        self.path.join(format!("predictions-{}-validation.csv", rule.name()))
    }

    pub(super) fn lock_path(&self) -> PathBuf {
        self.path.join("lock")
    }

    fn request_path(&self) -> PathBuf {
        self.path.join("request")
    }
}

fn read_request(disk: &dyn Disk, path: &Path) -> Option<Request> {
    let text = disk.read_text(path, 64).ok()?;
    Request::ALL.into_iter().find(|request| text.trim() == request.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn notes_and_tags_come_back_and_go() {
        let runs = tempfile::tempdir().unwrap();
        let run = RunDir::new(&crate::disk::real(), runs.path(), "a");
        std::fs::create_dir(run.path()).unwrap();
        run.set_notes("try α = 0.2").unwrap();
        run.set_tags(&["good\nsplit".into(), "  ".into()]).unwrap();
        assert_eq!(run.notes().unwrap(), "try α = 0.2");
        assert_eq!(run.tags().unwrap(), ["good split"]);
        run.set_notes(" ").unwrap();
        run.set_tags(&[]).unwrap();
        assert_eq!(std::fs::read_dir(run.path()).unwrap().count(), 0);
    }
}
