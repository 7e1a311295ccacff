//! The notebook on disk: one folder a run, plain files that `ls`, `cat` and `jq` read. Knows nothing of training or of
//! any screen.
//!
//! Everything here is synchronous and safe to call from any number of processes at once: a run's events are written by
//! the holder of its lock alone ([`Held`]), every other file is replaced as a whole, and what a run is doing is derived from
//! events and lock each time it is asked. Beside the runs, a few files belong to the notebook itself: `.notebook` (its
//! version), `.queue` (the order of training), `.bell` (grows with every change, so that readers need not look at every run)
//! `.worker.lock` (held while a worker lives) and `.reserve` (given up when the disk is full, so that this can be said).

mod change;
mod entry;
mod error;
mod evidence;
mod glance;
mod health;
mod held;
mod history;
mod id;
mod index;
mod journal;
mod lease;
mod lock;
mod mount;
mod order;
mod process;
mod reading;
mod run_dir;
mod summary;
mod trash;

pub use change::Done;
pub use error::{NotebookError, is_full_disk};
pub use evidence::Evidence;
pub use health::{Finding, Level};
pub use held::Held;
pub use history::{History, Standing};
pub use index::{Index, Problem, ProblemKind};
pub use lease::{Broken, Elsewhere, Lease};
pub use lock::Lock;
pub use order::Place;
pub use process::Process;
pub use reading::Reading;
pub use run_dir::{Request, RunDir};
pub use summary::{RunState, RunSummary};

use crate::clock;
use crate::disk::{self, Access, Disk, SharedDisk};
use crate::spec::Spec;
use entry::Entry;
use jiff::Timestamp;
use lease::Sightings;
use order::Order;
use std::io;
use std::path::{Path, PathBuf};

/// The version of the folder's layout that this program writes.
pub const NOTEBOOK_VERSION: u32 = 1;

/// How long the bell file may grow before it starts from nothing.
const BELL_LIMIT: u64 = 1 << 16;

/// Bytes kept in reserve, and from how much free space on.
const RESERVE: usize = 1 << 16;
const RESERVE_FROM: u64 = 1 << 19;

/// A notebook: a folder of runs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Notebook {
    disk: SharedDisk,
    root: PathBuf,
    clock: fn() -> Timestamp,
    sightings: Sightings,
}

/// What stands in `.notebook`.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Header {
    version: u32,
}

impl Notebook {
    /// The notebook in a folder, which need not exist yet. Nothing is written before the first run is enqueued.
    pub fn open(root: impl Into<PathBuf>) -> Self {
        Self::on(disk::real(), root, clock::now)
    }

    /// The same on another disk, by another clock.
    pub fn on(disk: SharedDisk, root: impl Into<PathBuf>, clock: fn() -> Timestamp) -> Self {
        Notebook { disk, root: root.into(), clock, sightings: Sightings::default() }
    }

    /// What it lies on.
    pub fn disk(&self) -> &dyn Disk {
        self.disk.as_ref()
    }

    fn dir(&self, id: &str) -> RunDir {
        RunDir::new(&self.disk, &self.root, id)
    }

    fn order(&self) -> Order<'_> {
        Order::of(self.disk(), &self.root)
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Lists the runs. The newest are loaded; [`Index::fill`] loads the rest.
    pub fn index(&self) -> Result<Index, NotebookError> {
        Index::open(&self.disk, &self.root)
    }

    /// One run, by its name or the beginning of it.
    pub fn run(&self, id: &str) -> Result<RunDir, NotebookError> {
        if !id::is_valid(id) {
            return Err(NotebookError::BadId(id.into()));
        }
        let dir = self.dir(id);
        if self.is_folder(dir.path())? {
            return Ok(dir);
        }
        let mut fitting = index::names(self.disk(), &self.root)?;
        fitting.retain(|name| id::begins(name, id));
        match fitting.as_slice() {
            [one] => Ok(self.dir(one)),
            [] => Err(NotebookError::NoRun { id: id.into(), runs: self.root.clone() }),
            several => Err(NotebookError::Ambiguous { id: id.into(), count: several.len() }),
        }
    }

    /// What a list shows of one run.
    pub fn summary(&self, id: &str) -> Result<RunSummary, NotebookError> {
        Entry::load(&self.run(id)?).map(|(_, summary)| summary)
    }

    /// Writes a file for people into the notebook's `exports` folder, in place of one of that name, and gives its path.
    pub fn export(&self, name: &str, text: &str) -> Result<PathBuf, NotebookError> {
        let folder = self.root.join("exports");
        let path = folder.join(name);
        self.disk
            .make_folders(&self.root)
            .and_then(|()| self.disk.make_plain_folder(&folder))
            .and_then(|()| self.disk.replace(&path, text.as_bytes()))
            .map_err(NotebookError::io("cannot write", &path))?;
        Ok(path)
    }

    /// Bytes that this process may still write.
    pub fn free_space(&self) -> io::Result<u64> {
        self.disk.free_space(&self.root)
    }

    /// Enqueues one run and gives its name.
    pub fn enqueue(&self, spec: &Spec) -> Result<String, NotebookError> {
        Ok(self.enqueue_all(std::slice::from_ref(spec))?.remove(0))
    }

    /// Makes a run that this process trains itself: its lock is held before anyone else can see it.
    pub fn begin(&self, spec: &Spec) -> Result<Held, NotebookError> {
        self.create()?;
        let _lock = self.order().lock()?;
        let (id, lock) = self.make_run(spec, true)?;
        self.disk.sync_folder(&self.root).map_err(NotebookError::io("cannot write", &self.root))?;
        self.ring();
        let dir = self.dir(&id);
        let held = lock.map(|lock| Held::with_lock(&dir, lock, self.clock, &self.sightings)).transpose()?;
        held.flatten().ok_or(NotebookError::Busy { id })
    }

    /// Enqueues runs, to be trained in this order, and gives their names. Takes as long in a long notebook as in a new one.
    pub fn enqueue_all(&self, specs: &[Spec]) -> Result<Vec<String>, NotebookError> {
        self.create()?;
        let order = self.order();
        let _lock = order.lock()?;
        self.sweep_unborn();
        let make = |spec| self.make_run(spec, false).map(|(id, _)| id);
        let ids: Vec<String> = specs.iter().map(make).collect::<Result<_, _>>()?;
        order.append(&ids)?;
        if order.is_long() {
            order.rearrange(&self.waiting(&self.index()?.complete())?, &[], &Place::Last)?;
        }
        self.disk.sync_folder(&self.root).map_err(NotebookError::io("cannot write", &self.root))?;
        self.ring();
        Ok(ids)
    }

    /// Makes a run's folder under a passing name, so that nobody ever sees half of one.
    fn make_run(&self, spec: &Spec, hold: bool) -> Result<(String, Option<Lock>), NotebookError> {
        let base = id::name(spec, (self.clock)());
        let names = std::iter::once(base.clone()).chain((2..).map(|n| format!("{base}-{n}")));
        let id = self.first_free(names, &[&self.root, &self.trash()])?.unwrap_or(base);
        let unborn = self.root.join(format!("{UNBORN}{id}"));
        let text = toml::to_string(spec)
            .map_err(|error| NotebookError::Damaged { path: unborn.clone(), what: error.to_string() })?;
        let make = || -> io::Result<Option<Lock>> {
            self.disk.make_folder(&unborn)?;
            self.disk.replace(&unborn.join("spec.toml"), text.as_bytes())?;
            // A lock belongs to the file, not to its name: it is still held after the folder is renamed.
            let lock = if hold { Lock::try_exclusive(self.disk(), &unborn.join("lock"))? } else { None };
            self.disk.rename(&unborn, &self.root.join(&id))?;
            Ok(lock)
        };
        let lock = make().map_err(|error| {
            let _ = self.disk.remove_all(&unborn);
            NotebookError::io("cannot make", self.root.join(&id))(error)
        })?;
        Ok((id, lock))
    }

    /// Removes folders of runs and temporary files whose making a crash cut short.
    fn sweep_unborn(&self) {
        for entry in self.disk.list(&self.root).unwrap_or_default() {
            let path = self.root.join(&entry.name);
            match entry.text() {
                // Only what is old: another machine, whose locks don't reach here, may be making one.
                Some(name) if name.starts_with(UNBORN) && held::is_abandoned(self.disk(), &path) => {
                    drop(self.disk.remove_all(&path));
                }
                Some(name) if disk::is_temporary(name, ".") && held::is_abandoned(self.disk(), &path) => {
                    drop(self.disk.remove_file(&path));
                }
                _ => {}
            }
        }
    }

    /// Moves runs to a place in the queue.
    pub fn move_to(&self, ids: &[String], place: &Place) -> Result<Vec<Done>, NotebookError> {
        self.writable()?;
        let ids: Vec<String> =
            ids.iter().map(|id| Ok(self.run(id)?.id().to_owned())).collect::<Result<_, NotebookError>>()?;
        let order = self.order();
        let _lock = order.lock()?;
        let index = self.index()?.complete();
        if let Some(problem) = index.problems().iter().find(|problem| ids.contains(&problem.id)) {
            return Err(NotebookError::LeftOut { id: problem.id.clone(), what: problem.sentence.clone() });
        }
        let waiting = self.waiting(&index)?;
        let new = order.rearrange(&waiting, &ids, place)?;
        self.ring();
        let awaits = |id: &&String| index.get(id).is_some_and(|run| run.state.awaits_worker());
        let queue: Vec<&String> = new.iter().filter(awaits).collect();
        let said = |id: &String| match queue.iter().position(|other| *other == id) {
            _ if !waiting.contains(id) => Done::nothing(id, "is not in the queue"),
            Some(position) => Done::changed(id, format!("is number {} in the queue", position + 1)),
            None => Done::changed(id, "is not in the queue now; its place is kept"),
        };
        Ok(ids.iter().map(said).collect())
    }

    /// The runs that have a place in the queue, in order. A list that can't be read for a moment must not be replaced by a
    /// guess.
    fn waiting(&self, index: &Index) -> Result<Vec<String>, NotebookError> {
        let order = self.order();
        let listed = order.places().map_err(NotebookError::io("cannot read", order.path()))?;
        Ok(index.places(&listed))
    }

    /// Puts tags on a run and takes others off, and gives those that it has then. Two who do so at once both have their way.
    pub fn tag(&self, id: &str, on: &[String], off: &[String]) -> Result<Vec<String>, NotebookError> {
        let dir = self.run(id)?;
        if on.is_empty() && off.is_empty() {
            return dir.tags();
        }
        self.writable()?;
        let _lock = self.order().lock()?;
        let mut tags = dir.tags()?;
        tags.retain(|tag| !off.contains(tag));
        let new: Vec<String> = on.iter().filter(|tag| !tags.contains(tag)).cloned().collect();
        tags.extend(new);
        dir.set_tags(&tags)?;
        Ok(tags)
    }

    /// Runs with the very same spec, whatever became of them. One that can't be read may have it too, and is an error.
    pub fn same_spec(&self, spec: &Spec) -> Result<Vec<String>, NotebookError> {
        let (part, hash) = (id::hash_part(spec), spec.hash());
        let mut same = index::names(self.disk(), &self.root)?;
        same.retain(|name| name.split('-').any(|word| word == part));
        let mut refused = Ok(());
        same.retain(|name| match self.dir(name).spec() {
            Ok(spec) => spec.hash() == hash,
            Err(error) => {
                // Without a spec it is being made or removed right now, or is no run.
                if error.leaves_unknown() {
                    refused = Err(error);
                }
                false
            }
        });
        refused.map(|()| same)
    }

    /// Whether anything has that name. A name that can't be looked at is neither free nor taken.
    fn is_there(&self, path: &Path) -> Result<bool, NotebookError> {
        self.disk.exists(path).map_err(NotebookError::io("cannot look at", path))
    }

    /// The first of some names that nothing has in these folders; `None` where all are taken.
    fn first_free(
        &self,
        names: impl Iterator<Item = String>,
        folders: &[&Path],
    ) -> Result<Option<String>, NotebookError> {
        for name in names {
            let mut taken = false;
            for folder in folders {
                taken |= self.is_there(&folder.join(&name))?;
            }
            if !taken {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }

    fn is_folder(&self, path: &Path) -> Result<bool, NotebookError> {
        self.disk.is_folder(path).map_err(NotebookError::io("cannot look at", path))
    }

    /// Makes the folder and its header, where they are not there yet.
    fn create(&self) -> Result<(), NotebookError> {
        self.disk.make_folders(&self.root).map_err(NotebookError::io("cannot make", &self.root))?;
        self.writable()?;
        let path = self.header();
        if self.is_there(&path)? {
            return Ok(());
        }
        let text = format!("version = {NOTEBOOK_VERSION}\n");
        self.disk.replace(&path, text.as_bytes()).map_err(NotebookError::io("cannot write", &path))
    }

    fn header(&self) -> PathBuf {
        self.root.join(".notebook")
    }

    /// Refuses to change what a newer program made, and to date anything by a clock that tells no time.
    pub fn writable(&self) -> Result<(), NotebookError> {
        if clock::is_beyond((self.clock)()) {
            return Err(NotebookError::Clock);
        }
        let path = self.header();
        let text = match self.disk.read_text(&path, 1 << 12) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            read => read.map_err(NotebookError::io("cannot read", &path))?,
        };
        match toml::from_str::<Header>(&text) {
            Ok(header) if header.version <= NOTEBOOK_VERSION => Ok(()),
            Ok(header) => Err(NotebookError::Newer {
                path: self.root.clone(),
                found: header.version,
                known: NOTEBOOK_VERSION,
            }),
            Err(error) => Err(NotebookError::Damaged { path, what: error.message().into() }),
        }
    }

    /// Tells every reader that some run's standing changed. A lost ring costs them a few seconds, no more.
    pub fn ring(&self) {
        let path = index::bell(&self.root);
        let _ = self.disk.open(&path, Access::Append).and_then(|file| {
            if file.stat()?.length >= BELL_LIMIT {
                file.set_length(0)?;
            }
            file.append_all(b".")
        });
    }

    /// Keeps a little space in reserve on a disk that has enough, so that a run can still be paused when it is full.
    pub fn keep_reserve(&self) {
        let path = self.reserve();
        if self.disk.exists(&path).is_ok_and(|there| !there)
            && self.disk.free_space(&self.root).is_ok_and(|free| free > RESERVE_FROM)
        {
            let _ = self.disk.replace(&path, &[0x5a; RESERVE]);
        }
    }

    /// Gives the reserve up.
    pub fn release_reserve(&self) {
        let _ = self.disk.remove_file(&self.reserve());
    }

    fn reserve(&self) -> PathBuf {
        self.root.join(".reserve")
    }

    /// Takes a worker's share of the lock that says a worker lives. `None` in the unlikely case that it can't be had.
    pub fn worker_lock(&self) -> Result<Option<Lock>, NotebookError> {
        self.create()?;
        let path = self.worker_lock_path();
        Lock::try_shared(self.disk(), &path).map_err(NotebookError::io("cannot lock", &path))
    }

    /// Takes the lock of the one detached worker of this notebook; `None` where there is one already.
    pub fn detached_lock(&self) -> Result<Option<Lock>, NotebookError> {
        self.create()?;
        let path = self.root.join(".detached.lock");
        Lock::try_exclusive(self.disk(), &path).map_err(NotebookError::io("cannot lock", &path))
    }

    /// Whether any worker lives.
    pub fn has_worker(&self) -> bool {
        lock::is_held_or_shared(self.disk(), &self.worker_lock_path()).unwrap_or(false)
    }

    fn worker_lock_path(&self) -> PathBuf {
        self.root.join(".worker.lock")
    }
}

/// What the passing name of a run's folder begins with while it is made.
const UNBORN: &str = ".unborn-";

#[cfg(test)]
mod tests;
