//! The order in which runs are trained: a plain list of names, one a line, in `runs/.queue`. Enqueued runs are appended;
//! a run keeps its place when it is paused or retried. Runs that are not listed come last, by name.

use super::error::{NotebookError, is_lasting};
use super::id;
use super::lock::Lock;
use crate::disk::{Access, Disk};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

const LIMIT: u64 = 1 << 26;

/// How long another process may keep the queue to itself. What is done under its lock takes far less than a second.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where in the queue a run shall go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before all others.
    First,
    /// After all others.
    Last,
    /// To this place, counted from 0.
    At(usize),
    /// One place earlier.
    Up,
    /// One place later.
    Down,
    /// Right before this run.
    Before(String),
}

/// The list of names.
#[derive(Debug)]
pub struct Order<'a> {
    disk: &'a dyn Disk,
    runs: &'a Path,
}

impl<'a> Order<'a> {
    pub(super) fn of(disk: &'a dyn Disk, runs: &'a Path) -> Self {
        Order { disk, runs }
    }

    /// The file.
    pub(super) fn path(&self) -> PathBuf {
        self.runs.join(".queue")
    }

    /// One writer at a time. Also held while run folders are made, a run's tags are changed, or something is asked
    /// of whoever holds a run.
    pub(super) fn lock(&self) -> Result<Lock, NotebookError> {
        let path = self.runs.join(".queue.lock");
        let taken =
            Lock::wait(self.disk, &path, PATIENCE).map_err(NotebookError::io("cannot lock", &path))?;
        taken.ok_or_else(|| NotebookError::QueueBusy { runs: self.runs.into(), seconds: PATIENCE.as_secs() })
    }

    /// Each listed run's place.
    pub(super) fn places(&self) -> io::Result<HashMap<String, usize>> {
        let text = match self.disk.read_text(&self.path(), LIMIT) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            // Hurt or blown up by somebody: it orders nothing, and is written anew.
            Err(error) if is_lasting(&error) => String::new(),
            read => read?,
        };
        let names = text.lines().filter(|line| id::is_valid(line));
        Ok(names.enumerate().map(|(place, name)| (name.to_owned(), place)).collect())
    }

    /// Appends runs. The caller holds the lock.
    pub(super) fn append(&self, ids: &[String]) -> Result<(), NotebookError> {
        let lines: String = ids.iter().map(|id| format!("{id}\n")).collect();
        let path = self.path();
        let appended =
            self.disk.open(&path, Access::Append).and_then(|file| file.append_all(lines.as_bytes()));
        let written = match appended {
            // A pipe or a link in its place: it orders nothing, and is written anew.
            Err(error) if is_lasting(&error) => self.disk.replace(&path, lines.as_bytes()),
            appended => appended,
        };
        written.map_err(NotebookError::io("cannot write", &path))
    }

    /// Moves runs to a place among those that wait, which are given in their present order; gives the new one. The caller holds
    /// the lock.
    pub(super) fn rearrange(
        &self,
        waiting: &[String],
        ids: &[String],
        place: &Place,
    ) -> Result<Vec<String>, NotebookError> {
        let order = moved(waiting, ids, place);
        let text: String = order.iter().map(|id| format!("{id}\n")).collect();
        let path = self.path();
        self.disk.replace(&path, text.as_bytes()).map_err(NotebookError::io("cannot write", &path))?;
        Ok(order)
    }

    /// Whether the list has become long enough to drop the runs that no longer wait.
    pub(super) fn is_long(&self) -> bool {
        self.disk.stat(&self.path()).is_ok_and(|stat| stat.length > 1 << 18)
    }
}

/// The names with some of them moved to a place; those keep their order among themselves.
fn moved(waiting: &[String], ids: &[String], place: &Place) -> Vec<String> {
    let chosen = |id: &String| ids.contains(id);
    let (mine, mut rest): (Vec<String>, Vec<String>) = waiting.iter().cloned().partition(chosen);
    let first = waiting.iter().position(chosen).unwrap_or(0);
    let at = match place {
        Place::First => 0,
        Place::Last => rest.len(),
        Place::At(place) => (*place).min(rest.len()),
        Place::Up => first.saturating_sub(1),
        Place::Down => (first + 1).min(rest.len()),
        Place::Before(other) => rest.iter().position(|id| id == other).unwrap_or(first),
    };
    let tail = rest.split_off(at.min(rest.len()));
    rest.into_iter().chain(mine).chain(tail).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        text.chars().map(String::from).collect()
    }

    #[test]
    fn runs_move_together() {
        let to = |ids: &str, place: Place| moved(&names("abcde"), &names(ids), &place).concat();
        assert_eq!(to("d", Place::First), "dabce");
        assert_eq!(to("bd", Place::Last), "acebd");
        assert_eq!(to("c", Place::Up), "acbde");
        assert_eq!(to("a", Place::Up), "abcde");
        assert_eq!(to("c", Place::Down), "abdce");
        assert_eq!(to("e", Place::Down), "abcde");
        assert_eq!(to("a", Place::At(2)), "bcade");
        assert_eq!(to("be", Place::Before("d".into())), "acbed");
        assert_eq!(to("x", Place::First), "abcde");
    }
}
