//! One run of the index, and what is needed to see cheaply whether it changed.

use super::error::NotebookError;
use super::glance::{self, Glance};
use super::history::{History, Standing};
use super::journal;
use super::run_dir::RunDir;
use super::{RunState, RunSummary, id};
use crate::disk::{Access, Disk, OpenFile, Stat};
use jiff::Timestamp;
use std::io;
use std::path::Path;

/// What changes when a file does: its length, its time and which file it is. All zero where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    length: u64,
    modified: (i64, i64),
    inode: u64,
}

impl Stamp {
    /// A file's or folder's present stamp. Links are not followed.
    pub fn of(disk: &dyn Disk, path: &Path) -> io::Result<Self> {
        match disk.stat(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            stat => stat.map(Self::from),
        }
    }

    /// The same where it only tells when to look again: what can't be looked at seems to have changed, sooner or later.
    pub fn guess(disk: &dyn Disk, path: &Path) -> Self {
        Self::of(disk, path).unwrap_or_default()
    }
}

impl From<Stat> for Stamp {
    fn from(Stat { length, modified, inode, .. }: Stat) -> Self {
        Stamp { length, modified, inode }
    }
}

/// What is kept about a run beside its summary.
#[derive(Debug)]
pub struct Entry {
    events: Stamp,
    notes: Stamp,
    tags: Stamp,
    /// Of a run in motion: what its events add up to, and how far they were read.
    going: Option<Box<(History, u64)>>,
}

impl Entry {
    /// Reads one run.
    pub fn load(dir: &RunDir) -> Result<(Entry, RunSummary), NotebookError> {
        let name = dir.id();
        let spec = dir.spec()?;
        let created = id::created(name).unwrap_or_default();
        let summary = RunSummary {
            id: name.into(),
            spec,
            state: RunState::Queued,
            epoch: 0,
            test_acc: Default::default(),
            so_far: Default::default(),
            last: None,
            loss_tail: Vec::new(),
            created,
            updated: created,
            started: None,
            seconds: 0.0,
            message: None,
            position: None,
            tags: Vec::new(),
            has_notes: false,
        };
        let mut entry =
            Entry { events: Stamp::default(), notes: Stamp::default(), tags: Stamp::default(), going: None };
        let summary = entry.update(dir, summary)?;
        Ok((entry, summary))
    }

    /// Whether the run may have changed since it was last read.
    pub fn is_stale(&self, dir: &RunDir, summary: &RunSummary) -> bool {
        let stamp = |path: &Path| Stamp::guess(dir.disk(), path);
        self.events != stamp(&dir.events_path())
            || self.notes != stamp(&dir.notes_path())
            || self.tags != stamp(&dir.tags_path())
            || match summary.state {
                RunState::Running => !dir.is_held(),
                RunState::Interrupted => dir.is_held(),
                _ => false,
            }
    }

    /// Reads what changed.
    pub fn update(&mut self, dir: &RunDir, mut summary: RunSummary) -> Result<RunSummary, NotebookError> {
        let stamp =
            |path: &Path| Stamp::of(dir.disk(), path).map_err(NotebookError::io("cannot look at", path));
        let notes = stamp(&dir.notes_path())?;
        if notes != self.notes {
            self.notes = notes;
            summary.has_notes = notes.length > 0;
        }
        let tags = stamp(&dir.tags_path())?;
        if tags != self.tags {
            self.tags = tags;
            summary.tags = dir.tags()?;
        }
        match dir.disk().open(&dir.events_path(), Access::Read) {
            Ok(file) => {
                let read = self.read_events(file.as_ref(), &mut summary);
                read.map_err(NotebookError::io("cannot read", dir.events_path()))?;
            }
            // Not started yet, unless the whole run went to the trash meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound && is_there(dir)? => {}
            Err(error) => return Err(NotebookError::io("cannot read", dir.events_path())(error)),
        }
        if matches!(summary.state, RunState::Running | RunState::Interrupted) {
            summary.state = Standing::state(Some(Standing::Training), dir.is_held());
            summary.message = self.going.as_ref().and_then(|going| {
                let interrupted = summary.state == RunState::Interrupted;
                newer(&going.0).or(going.0.suspicion().filter(|_| interrupted))
            });
        }
        Ok(summary)
    }

    fn read_events(&mut self, file: &dyn OpenFile, summary: &mut RunSummary) -> io::Result<()> {
        let stamp = Stamp::from(file.stat()?);
        if stamp == self.events {
            return Ok(());
        }
        let glance = if self.going.is_none() { glance::look(file, stamp.length)? } else { None };
        match glance {
            Some(glance) => at_rest(glance, summary),
            None => self.go_on(file, stamp, summary)?,
        }
        self.events = stamp;
        Ok(())
    }

    /// Reads the events from where the last reading ended.
    fn go_on(&mut self, file: &dyn OpenFile, stamp: Stamp, summary: &mut RunSummary) -> io::Result<()> {
        let same_file = stamp.inode == self.events.inode;
        let (mut history, from) = match self.going.take() {
            Some(going) if same_file && going.1 <= stamp.length => *going,
            _ => (History::default(), 0),
        };
        let to = journal::read_from(file, from, |line| history.line(line))?;
        in_motion(&history, summary);
        if matches!(history.standing, Some(Standing::Training | Standing::Queued)) {
            self.going = Some(Box::new((history, to)));
        }
        Ok(())
    }
}

fn is_there(dir: &RunDir) -> Result<bool, NotebookError> {
    dir.disk().is_folder(dir.path()).map_err(NotebookError::io("cannot look at", dir.path()))
}

fn at_rest(glance: Glance, summary: &mut RunSummary) {
    let Glance { history, last, losses, seconds, epoch } = glance;
    set(&history, summary);
    // Only finished runs are glanced at.
    summary.so_far.clear();
    summary.started = history.started;
    summary.epoch = epoch;
    summary.last = last;
    summary.loss_tail = losses;
    summary.seconds = seconds;
}

fn in_motion(history: &History, summary: &mut RunSummary) {
    set(history, summary);
    summary.so_far = history.so_far();
    summary.started = history.started.clone();
    summary.epoch = history.epoch();
    summary.last = history.epochs.last().cloned();
    summary.loss_tail = history.losses(RunSummary::TAIL);
    summary.seconds = history.seconds();
}

fn set(history: &History, summary: &mut RunSummary) {
    summary.state = Standing::state(history.standing, false);
    summary.test_acc = history.test_acc.clone();
    summary.message = newer(history).or(history.message.clone());
    summary.updated = history.updated.unwrap_or(summary.created).max(Timestamp::UNIX_EPOCH);
}

fn newer(history: &History) -> Option<String> {
    let version = history.newer?;
    Some(format!(
        "a newer eeg-tui (events version {version}) wrote some of this run; update this one to see all"
    ))
}
