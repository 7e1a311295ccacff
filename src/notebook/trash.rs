//! Removed runs: moved to `runs/.trash`, taken back from there, deleted only on request.

use super::change::Done;
use super::error::NotebookError;
use super::held::Held;
use super::index::names;
use super::{Notebook, id};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

impl Notebook {
    /// Where removed runs are.
    pub fn trash(&self) -> PathBuf {
        self.root().join(".trash")
    }

    /// Moves a held run to the trash.
    pub fn discard(&self, held: &Held) -> Result<Done, NotebookError> {
        let (from, id) = (held.dir().path(), held.dir().id());
        let trash = self.trash();
        match std::fs::create_dir(&trash) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(NotebookError::io("cannot make", &trash)(error));
            }
            _ => plain_folder(&trash)?,
        }
        let to = trash.join(id);
        std::fs::rename(from, &to).map_err(NotebookError::io("cannot move a run to", &to))?;
        self.ring();
        Ok(Done::changed(id, format!("is in the trash; 'eeg-tui restore {id}' takes it back")))
    }

    /// The removed runs, the last removed first.
    pub fn trashed(&self) -> Result<Vec<String>, NotebookError> {
        let trash = self.trash();
        if trash.exists() {
            plain_folder(&trash)?;
        }
        let mut found = names(&trash)?;
        // Moving a folder changes its inode's time, whatever it holds.
        let moved = |name: &String| {
            let data = std::fs::symlink_metadata(trash.join(name));
            data.map_or((0, 0), |data| (data.ctime(), data.ctime_nsec()))
        };
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
        if !self.trashed()?.iter().any(|name| name == id) {
            return Err(NotebookError::NoRun { id: id.into(), runs: self.trash() });
        }
        if to.exists() {
            return Ok(Done::nothing(id, "is in the notebook; the one in the trash stays there"));
        }
        std::fs::rename(&from, &to).map_err(NotebookError::io("cannot move a run to", &to))?;
        self.ring();
        Ok(Done::changed(id, "is back in the notebook"))
    }

    /// Deletes what is in the trash, for good, and says how many runs that were.
    pub fn empty_trash(&self) -> Result<usize, NotebookError> {
        self.writable()?;
        let removed = self.trashed()?;
        for id in &removed {
            let path = self.trash().join(id);
            std::fs::remove_dir_all(&path).map_err(NotebookError::io("cannot delete", &path))?;
        }
        Ok(removed.len())
    }
}

/// Refuses a link, which could lead a removed run anywhere.
fn plain_folder(path: &Path) -> Result<(), NotebookError> {
    let data = std::fs::symlink_metadata(path).map_err(NotebookError::io("cannot read", path))?;
    if data.is_dir() {
        return Ok(());
    }
    Err(NotebookError::Damaged { path: path.into(), what: "it must be a folder of its own".into() })
}
