//! Every run of a notebook, as a list shows them. Opening reads the folder's names and the newest runs; the rest is
//! filled in by calls, so that a screen can be drawn at once. Refreshing reads only what changed.

use super::entry::{Entry, Stamp};
use super::error::NotebookError;
use super::order::Order;
use super::run_dir::RunDir;
use super::{RunState, RunSummary, id};
use crate::disk::{Disk, Kind, SharedDisk};
use rayon::prelude::*;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Runs that are loaded on opening: more than any first screen shows.
const FIRST: usize = 128;
/// Resting runs that are looked at in each refresh, in turn: changes that no bell announced (a copied folder, another
/// machine) are found too, if later.
const SLICE: usize = 64;
/// A folder that can't be read is tried again after at most 2 to this power refreshes.
const MOST_DOUBLINGS: u32 = 7;

/// Every run of a notebook, newest first.
#[derive(Debug)]
pub struct Index {
    disk: SharedDisk,
    runs: PathBuf,
    /// Parallel to `summaries`: what is needed to keep each up to date.
    entries: Vec<Entry>,
    summaries: Vec<RunSummary>,
    /// Names that are listed and not loaded yet, oldest first: the next to load is the last.
    pending: Vec<String>,
    problems: Vec<Problem>,
    /// Folders that could not be read as runs, and when to try again.
    unread: HashMap<String, Retry>,
    folder: Stamp,
    bell: Stamp,
    order: Stamp,
    places: HashMap<String, usize>,
    next_slice: usize,
}

/// A folder that should be a run and can't be read as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The folder's name.
    pub id: String,
    /// Why it is left out.
    pub kind: ProblemKind,
    /// What is wrong, as a sentence.
    pub sentence: String,
    /// Whether the system refused, which may pass, so that there may be a run to train; else what it holds is no run.
    pub refused: bool,
    /// How often it was tried to read it, in a row.
    pub tries: u32,
}

/// When a folder that could not be read is tried again: after 1, 2, 4 and so on refreshes, so that it costs little.
#[derive(Clone, Copy, Debug)]
struct Retry {
    tries: u32,
    wait: u32,
}

impl Retry {
    fn after(tries: u32) -> Retry {
        Retry { tries: tries + 1, wait: 1 << tries.min(MOST_DOUBLINGS) }
    }
}

/// Why a folder is left out of everything but the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// A newer program made it.
    Newer,
    /// It can't be understood, or not be read.
    Damaged,
}

impl ProblemKind {
    /// Both.
    pub const ALL: [ProblemKind; 2] = [ProblemKind::Newer, ProblemKind::Damaged];

    /// The word for it, where other runs have their state.
    pub fn name(self) -> &'static str {
        match self {
            ProblemKind::Newer => "newer",
            ProblemKind::Damaged => "damaged",
        }
    }
}

impl Index {
    pub(super) fn open(disk: &SharedDisk, runs: &Path) -> Result<Self, NotebookError> {
        let mut index = Index {
            disk: disk.clone(),
            runs: runs.to_owned(),
            entries: Vec::new(),
            summaries: Vec::new(),
            pending: Vec::new(),
            problems: Vec::new(),
            unread: HashMap::new(),
            folder: Stamp::guess(disk.as_ref(), runs),
            bell: Stamp::guess(disk.as_ref(), &bell(runs)),
            order: Stamp::default(),
            places: HashMap::new(),
            next_slice: 0,
        };
        index.pending = names(disk.as_ref(), runs)?;
        index.fill(FIRST);
        Ok(index)
    }

    /// The runs loaded so far, newest first.
    pub fn runs(&self) -> &[RunSummary] {
        &self.summaries
    }

    /// How many runs there are, loaded or not.
    pub fn total(&self) -> usize {
        self.summaries.len() + self.pending.len()
    }

    /// A loaded run.
    pub fn get(&self, id: &str) -> Option<&RunSummary> {
        self.place_of(id).ok().and_then(|at| self.summaries.get(at))
    }

    /// Folders that can't be read as runs.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Whether every run is loaded.
    pub fn is_complete(&self) -> bool {
        self.pending.is_empty()
    }

    /// Loads up to `count` more runs, newest first. Gives whether every run is loaded now.
    pub fn fill(&mut self, count: usize) -> bool {
        let batch = self.pending.split_off(self.pending.len().saturating_sub(count));
        if !batch.is_empty() {
            let loaded = self.load(batch.into_iter().rev().collect());
            self.add(loaded);
            self.assign_positions();
        }
        self.is_complete()
    }

    /// Loads every run that is not loaded yet.
    pub fn complete(mut self) -> Self {
        self.fill(usize::MAX);
        self
    }

    /// Brings the list up to date and says whether anything in it changed. Cheap enough to be called every second: a few
    /// file stamps where nothing happened.
    pub fn refresh(&mut self) -> Result<bool, NotebookError> {
        let folder = Stamp::guess(self.disk.as_ref(), &self.runs);
        let bell = Stamp::guess(self.disk.as_ref(), &bell(&self.runs));
        let mut changed = false;
        if folder != self.folder {
            changed |= self.list_again()?;
            self.folder = folder;
        }
        changed |= self.try_again();
        let rung = bell != self.bell;
        self.bell = bell;
        changed |= self.look_at(rung);
        changed |= self.order != Stamp::guess(self.disk.as_ref(), &self.order().path());
        if changed {
            self.assign_positions();
        }
        Ok(changed)
    }

    /// Reads folders that could not be read before, where it is their turn.
    fn try_again(&mut self) -> bool {
        for retry in self.unread.values_mut() {
            retry.wait = retry.wait.saturating_sub(1);
        }
        let due = self.unread.iter().filter(|(_, retry)| retry.wait == 0).map(|(name, _)| name.clone());
        let loaded = self.load(due.collect());
        let before = self.summaries.len();
        self.add(loaded);
        self.summaries.len() > before
    }

    /// Looks again at runs in motion, at a slice of the others, and at all of them where a bell was rung.
    fn look_at(&mut self, all: bool) -> bool {
        let count = self.entries.len();
        let slice = self.next_slice..self.next_slice + SLICE;
        self.next_slice = if slice.end >= count { 0 } else { slice.end };
        let stale: Vec<usize> = (0..count)
            .into_par_iter()
            .with_min_len(256)
            .filter(|&at| {
                let moving = matches!(self.summaries[at].state, RunState::Running | RunState::Interrupted);
                (all || moving || slice.contains(&at))
                    && self.entries[at].is_stale(&self.dir(&self.summaries[at].id), &self.summaries[at])
            })
            .collect();
        let mut changed = false;
        for at in stale.into_iter().rev() {
            let before = self.summaries[at].clone();
            let dir = self.dir(&before.id);
            match self.entries[at].update(&dir, before.clone()) {
                Ok(now) => {
                    changed |= now != before;
                    self.summaries[at] = now;
                }
                Err(error) => {
                    self.entries.remove(at);
                    let gone = self.summaries.remove(at);
                    self.note(gone.id, &error);
                    changed = true;
                }
            }
        }
        changed
    }

    /// Takes the folder's names again: adds what is new, drops what is gone.
    fn list_again(&mut self) -> Result<bool, NotebookError> {
        let is_there = self.disk.is_folder(&self.runs);
        if self.total() > 0 && !is_there.map_err(NotebookError::io("cannot look at", &self.runs))? {
            return Err(NotebookError::Gone { runs: self.runs.clone() });
        }
        let names = names(self.disk.as_ref(), &self.runs)?;
        let is_there = |name: &str| names.binary_search_by(|known| known.as_str().cmp(name)).is_ok();
        let before = self.total();
        let keep: Vec<bool> = self.summaries.iter().map(|run| is_there(&run.id)).collect();
        let mut flags = keep.iter();
        self.entries.retain(|_| flags.next().is_some_and(|&keep| keep));
        let mut flags = keep.iter();
        self.summaries.retain(|_| flags.next().is_some_and(|&keep| keep));
        self.pending.retain(|name| is_there(name));
        self.problems.retain(|problem| is_there(&problem.id));
        self.unread.retain(|name, _| is_there(name));
        let dropped = before - self.total();
        let fresh: Vec<String> = names.into_iter().filter(|name| !self.knows(name)).collect();
        let added = !fresh.is_empty();
        let loaded = self.load(fresh);
        self.add(loaded);
        Ok(added || dropped > 0)
    }

    fn order(&self) -> Order<'_> {
        Order::of(self.disk.as_ref(), &self.runs)
    }

    fn dir(&self, id: &str) -> RunDir {
        RunDir::new(&self.disk, &self.runs, id)
    }

    fn load(&self, names: Vec<String>) -> Vec<Loaded> {
        let read = |name: String| {
            let loaded = Entry::load(&self.dir(&name));
            (name, loaded)
        };
        names.into_par_iter().with_min_len(16).map(read).collect()
    }

    fn knows(&self, name: &str) -> bool {
        self.place_of(name).is_ok()
            || self.pending.binary_search_by(|known| known.as_str().cmp(name)).is_ok()
            || self.unread.contains_key(name)
    }

    fn place_of(&self, id: &str) -> Result<usize, usize> {
        self.summaries.binary_search_by(|run| id.cmp(&run.id))
    }

    fn add(&mut self, loaded: Vec<Loaded>) {
        for (name, result) in loaded {
            match result {
                Ok((entry, summary)) => {
                    self.unread.remove(&name);
                    self.problems.retain(|problem| problem.id != name);
                    if let Err(at) = self.place_of(&name) {
                        self.entries.insert(at, entry);
                        self.summaries.insert(at, summary);
                    }
                }
                Err(error) => self.note(name, &error),
            }
        }
    }

    fn note(&mut self, id: String, error: &NotebookError) {
        let tries = self.unread.get(&id).map_or(0, |retry| retry.tries);
        self.unread.insert(id.clone(), Retry::after(tries));
        self.problems.retain(|problem| problem.id != id);
        // A folder without a spec is being made or removed right now, or is no run.
        if !error.is_not_found() {
            let kind = match error {
                NotebookError::NewerRun { .. } => ProblemKind::Newer,
                _ => ProblemKind::Damaged,
            };
            self.problems.push(Problem {
                id,
                kind,
                sentence: error.to_string(),
                refused: error.is_refusal(),
                tries: tries + 1,
            });
        }
    }

    /// Numbers the runs that await a worker.
    fn assign_positions(&mut self) {
        let stamp = Stamp::guess(self.disk.as_ref(), &self.order().path());
        // A list that can't be read costs the order for now: then runs go by what was known, and by name.
        if stamp != self.order
            && let Ok(places) = self.order().places()
        {
            self.places = places;
            self.order = stamp;
        }
        let queue: Vec<usize> = self.in_order(RunState::awaits_worker);
        for run in &mut self.summaries {
            run.position = None;
        }
        for (position, at) in queue.into_iter().enumerate() {
            self.summaries[at].position = Some(position);
        }
    }

    fn in_order(&self, wanted: impl Fn(RunState) -> bool) -> Vec<usize> {
        let mut queue: Vec<usize> =
            (0..self.summaries.len()).filter(|&at| wanted(self.summaries[at].state)).collect();
        queue.sort_by_key(|&at| {
            let id = self.summaries[at].id.as_str();
            (self.places.get(id).copied().unwrap_or(usize::MAX), id)
        });
        queue
    }

    /// The runs that await a worker, in the order in which they will be trained. Complete where the index is.
    pub fn queue(&self) -> Vec<&RunSummary> {
        self.in_order(RunState::awaits_worker).into_iter().map(|at| &self.summaries[at]).collect()
    }

    /// The runs that have a place in the queue, in the order of this list: those that await a worker, are trained, or are set
    /// aside. A listed run that can't be read may be any of them, and keeps its place.
    pub(super) fn places(&self, listed: &HashMap<String, usize>) -> Vec<String> {
        let wanted =
            |state: RunState| state.awaits_worker() || matches!(state, RunState::Running | RunState::Paused);
        let known = self.summaries.iter().filter(|run| wanted(run.state)).map(|run| &run.id);
        let unknown = self.problems.iter().map(|problem| &problem.id).filter(|id| listed.contains_key(*id));
        let mut ids: Vec<String> = known.chain(unknown).cloned().collect();
        ids.sort_by_cached_key(|id| (listed.get(id).copied().unwrap_or(usize::MAX), id.clone()));
        ids
    }
}

/// The file that grows by a byte with every change to any run's standing.
pub(super) fn bell(runs: &Path) -> PathBuf {
    runs.join(".bell")
}

/// The names in a runs folder that can be runs, oldest first.
pub(super) fn names(disk: &dyn Disk, runs: &Path) -> Result<Vec<String>, NotebookError> {
    let entries = match disk.list(runs) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(NotebookError::io("cannot read", runs))?,
    };
    let folders = entries.into_iter().filter(|entry| entry.kind == Kind::Folder);
    let mut names: Vec<String> = folders.filter_map(|entry| entry.name.into_string().ok()).collect();
    names.retain(|name| id::is_valid(name));
    names.sort_unstable();
    Ok(names)
}

type Loaded = (String, Result<(Entry, RunSummary), NotebookError>);
