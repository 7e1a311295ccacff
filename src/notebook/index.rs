//! Every run of a notebook, as a list shows them. Opening reads the folder's names and the newest runs; the rest is
//! filled in by calls, so that a screen can be drawn at once. Refreshing reads only what changed.

use super::entry::{Entry, Stamp};
use super::error::NotebookError;
use super::order::Order;
use super::{RunState, RunSummary, id};
use rayon::prelude::*;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Runs that are loaded on opening: more than any first screen shows.
const FIRST: usize = 128;
/// Resting runs that are looked at in each refresh, in turn: changes that no bell announced (a copied folder, another
/// machine) are found too, if later.
const SLICE: usize = 64;

/// Every run of a notebook, newest first.
#[derive(Debug)]
pub struct Index {
    runs: PathBuf,
    /// Parallel to `summaries`: what is needed to keep each up to date.
    entries: Vec<Entry>,
    summaries: Vec<RunSummary>,
    /// Names that are listed and not loaded yet, oldest first: the next to load is the last.
    pending: Vec<String>,
    problems: Vec<Problem>,
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
    /// What is wrong, as a sentence.
    pub sentence: String,
}

impl Index {
    pub(super) fn open(runs: &Path) -> Result<Self, NotebookError> {
        let mut index = Index {
            runs: runs.to_owned(),
            entries: Vec::new(),
            summaries: Vec::new(),
            pending: Vec::new(),
            problems: Vec::new(),
            folder: Stamp::of(runs),
            bell: Stamp::of(&bell(runs)),
            order: Stamp::default(),
            places: HashMap::new(),
            next_slice: 0,
        };
        index.pending = names(runs)?;
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
            let loaded = load(&self.runs, batch.into_iter().rev().collect());
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
        let folder = Stamp::of(&self.runs);
        let bell = Stamp::of(&bell(&self.runs));
        let mut changed = false;
        if folder != self.folder {
            changed |= self.list_again()?;
            self.folder = folder;
        }
        let rung = bell != self.bell;
        self.bell = bell;
        changed |= self.look_at(rung);
        changed |= self.order != Stamp::of(&Order::of(&self.runs).path());
        if changed {
            self.assign_positions();
        }
        Ok(changed)
    }

    /// Looks again at runs in motion, at a slice of the others, and at all of them where a bell was rung.
    fn look_at(&mut self, all: bool) -> bool {
        let count = self.entries.len();
        let slice = self.next_slice..self.next_slice + SLICE;
        self.next_slice = if slice.end >= count { 0 } else { slice.end };
        let runs = &self.runs.clone();
        let stale: Vec<usize> = (0..count)
            .into_par_iter()
            .with_min_len(256)
            .filter(|&at| {
                let moving = matches!(self.summaries[at].state, RunState::Running | RunState::Interrupted);
                (all || moving || slice.contains(&at)) && self.entries[at].is_stale(runs, &self.summaries[at])
            })
            .collect();
        let mut changed = false;
        for at in stale.into_iter().rev() {
            let before = self.summaries[at].clone();
            match self.entries[at].update(runs, before.clone()) {
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
        let names = names(&self.runs)?;
        let is_there = |name: &str| names.binary_search_by(|known| known.as_str().cmp(name)).is_ok();
        let before = self.total();
        let keep: Vec<bool> = self.summaries.iter().map(|run| is_there(&run.id)).collect();
        let mut flags = keep.iter();
        self.entries.retain(|_| flags.next().is_some_and(|&keep| keep));
        let mut flags = keep.iter();
        self.summaries.retain(|_| flags.next().is_some_and(|&keep| keep));
        self.pending.retain(|name| is_there(name));
        self.problems.retain(|problem| is_there(&problem.id));
        let dropped = before - self.total();
        let fresh: Vec<String> = names.into_iter().filter(|name| !self.knows(name)).collect();
        let added = !fresh.is_empty();
        let loaded = load(&self.runs, fresh);
        self.add(loaded);
        Ok(added || dropped > 0)
    }

    fn knows(&self, name: &str) -> bool {
        self.place_of(name).is_ok()
            || self.pending.binary_search_by(|known| known.as_str().cmp(name)).is_ok()
            || self.problems.iter().any(|problem| problem.id == name)
    }

    fn place_of(&self, id: &str) -> Result<usize, usize> {
        self.summaries.binary_search_by(|run| id.cmp(&run.id))
    }

    fn add(&mut self, loaded: Vec<Loaded>) {
        for (name, result) in loaded {
            match result {
                Ok((entry, summary)) => {
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
        // A folder without a spec is being made or removed right now, or is no run.
        if !error.is_not_found() {
            self.problems.push(Problem { id, sentence: error.to_string() });
        }
    }

    /// Numbers the runs that await a worker.
    fn assign_positions(&mut self) {
        let order = Order::of(&self.runs);
        let stamp = Stamp::of(&order.path());
        if stamp != self.order {
            self.order = stamp;
            self.places = order.places();
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

    /// The runs that have a place in the queue, in order: those that await a worker, are trained, or are set aside.
    pub(super) fn places(&self) -> Vec<String> {
        let wanted =
            |state: RunState| state.awaits_worker() || matches!(state, RunState::Running | RunState::Paused);
        self.in_order(wanted).into_iter().map(|at| self.summaries[at].id.clone()).collect()
    }
}

/// The file that grows by a byte with every change to any run's standing.
pub(super) fn bell(runs: &Path) -> PathBuf {
    runs.join(".bell")
}

/// The names in a runs folder that can be runs, oldest first.
pub(super) fn names(runs: &Path) -> Result<Vec<String>, NotebookError> {
    let entries = match std::fs::read_dir(runs) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(NotebookError::io("cannot read", runs))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(NotebookError::io("cannot read", runs))?;
        // A link could lead anywhere: `is_dir` of the entry itself is false for one.
        if let Ok(name) = entry.file_name().into_string()
            && id::is_valid(&name)
            && entry.file_type().is_ok_and(|kind| kind.is_dir())
        {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

type Loaded = (String, Result<(Entry, RunSummary), NotebookError>);

fn load(runs: &Path, names: Vec<String>) -> Vec<Loaded> {
    let read = |name: String| {
        let loaded = Entry::load(runs, &name);
        (name, loaded)
    };
    names.into_par_iter().with_min_len(16).map(read).collect()
}
