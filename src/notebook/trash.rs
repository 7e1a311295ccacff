//! Removed runs: moved to `runs/.trash`, taken back from there, deleted only on request.

use super::change::Done;
use super::error::NotebookError;
use super::held::Held;
use super::index::names;
use super::run_dir::{Request, RunDir};
use super::{Notebook, id};
use std::path::{Path, PathBuf};

/// How many removed runs of one name the trash takes.
const MOST_COPIES: u32 = 1000;

impl Notebook {
    /// Where removed runs are.
    pub fn trash(&self) -> PathBuf {
        self.root().join(".trash")
    }

    /// Moves a held run to the trash.
    pub fn discard(&self, held: &mut Held) -> Result<Done, NotebookError> {
        let name = self.move_to_trash(held)?;
        Ok(Done::changed(held.dir().id(), format!("is in the trash; 'eeg-tui restore {name}' takes it back")))
    }

    /// A removed run.
    pub(super) fn in_trash(&self, name: &str) -> RunDir {
        RunDir::new(&self.disk, &self.trash(), name)
    }

    /// Moves a held run to the trash, and gives its name there.
    pub(super) fn move_to_trash(&self, held: &mut Held) -> Result<String, NotebookError> {
        let (from, id) = (held.dir().path(), held.dir().id());
        let trash = self.trash();
        self.disk().make_plain_folder(&trash).map_err(NotebookError::io("cannot make", &trash))?;
        // One of that name may be there: removed, copied back, and removed again.
        let names = std::iter::once(id.to_owned()).chain((2..=MOST_COPIES).map(|n| format!("{id}.{n}")));
        let name = self.first_free(names, &[&trash])?.unwrap_or_else(|| id.to_owned());
        let to = trash.join(&name);
        self.move_run(from, &to)?;
        self.ring();
        Ok(name)
    }

    /// Moves a run's folder between notebook and trash, for good when this returns.
    fn move_run(&self, from: &Path, to: &Path) -> Result<(), NotebookError> {
        let disk = self.disk();
        disk.rename(from, to)
            .and_then(|()| disk.sync_folder(&self.trash()))
            .and_then(|()| disk.sync_folder(self.root()))
            .map_err(NotebookError::io("cannot move a run to", to))
    }

    /// The removed runs, the last removed first.
    pub fn trashed(&self) -> Result<Vec<String>, NotebookError> {
        let trash = self.trash();
        if self.is_there(&trash)? && !self.is_folder(&trash)? {
            // A link could lead a removed run anywhere.
            return Err(NotebookError::Damaged {
                path: trash,
                what: "it must be a folder of its own".into(),
            });
        }
        let mut found = names(self.disk(), &trash)?;
        // Moving a folder changes its inode's time, whatever it holds.
        let moved = |name: &String| self.disk().stat(&trash.join(name)).map_or((0, 0), |stat| stat.changed);
        found.sort_by_key(|name| std::cmp::Reverse(moved(name)));
        Ok(found)
    }

    /// Takes a run back from the trash.
    pub fn restore(&self, id: &str) -> Result<Done, NotebookError> {
        self.writable()?;
        if !id::is_valid(id) {
            return Err(NotebookError::BadId(id.into()));
        }
        let (from, to) = (self.trash().join(id), self.root().join(id));
        let is_not = || NotebookError::NoRun { id: id.into(), runs: self.trash() };
        if !self.trashed()?.iter().any(|name| name == id) {
            return Err(is_not());
        }
        if self.is_there(&to)? {
            return match self.is_there(&from)? {
                true => Ok(Done::nothing(id, "is in the notebook; the one in the trash stays there")),
                // Another took it back this moment.
                false => Err(is_not()),
            };
        }
        // What moved it there may have died before it could take note that this was done.
        self.in_trash(id).clear_request(Request::Remove);
        self.move_run(&from, &to)?;
        self.ring();
        Ok(Done::changed(id, "is back in the notebook"))
    }

    /// Deletes what is in the trash, for good, and says how many runs that were.
    pub fn empty_trash(&self) -> Result<usize, NotebookError> {
        self.writable()?;
        let removed = self.trashed()?;
        for id in &removed {
            let path = self.trash().join(id);
            self.disk().remove_all(&path).map_err(NotebookError::io("cannot delete", &path))?;
        }
        Ok(removed.len())
    }
}
