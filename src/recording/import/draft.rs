//! The folder of an imported set in the making: beside where it will be, under a hidden name, until it is whole. Knows nothing
//! of what is in its files.

use super::ImportError;
use crate::disk::{Disk, Kind, RealDisk, named};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DISK: &dyn Disk = &RealDisk;

/// Older drafts were left by imports that were killed.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// A folder in the making; gone when it isn't finished.
pub struct Draft {
    path: PathBuf,
    target: PathBuf,
    done: bool,
}

impl Draft {
    /// Begins a folder that will be `target`, and removes what imports under that name left when they were killed.
    pub fn begin(target: &Path) -> Result<Self, ImportError> {
        let parent = parent(target);
        let begins = format!(".{}.importing-", target.file_name().unwrap_or_default().to_string_lossy());
        named::make_folders(parent).map_err(|error| unwritable(parent, &error))?;
        sweep(parent, &begins);
        let nanos = now().subsec_nanos();
        let path = parent.join(format!("{begins}{}-{nanos:x}", std::process::id()));
        DISK.make_folder(&path).map_err(|error| unwritable(&path, &error))?;
        Ok(Draft { path, target: target.to_owned(), done: false })
    }

    /// Writes one file into it and returns its SHA-256.
    pub fn file(
        &self,
        name: &str,
        write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<String, ImportError> {
        let path = self.path.join(name);
        let written = || {
            let mut writer = BufWriter::new(named::create(&path)?);
            write(&mut writer)?;
            writer.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
            sha256(&path)
        };
        written().map_err(|error| unwritable(&path, &error))
    }

    /// Puts the folder where it belongs. What was there before goes, if it may.
    pub fn finish(mut self, replace: bool) -> Result<(), ImportError> {
        let moved = || {
            DISK.sync_folder(&self.path)?;
            match replace && DISK.exists(&self.target)? {
                true => self.replace()?,
                false => DISK.rename(&self.path, &self.target)?,
            }
            DISK.sync_folder(parent(&self.target))
        };
        moved().map_err(|error| unwritable(&self.target, &error))?;
        self.done = true;
        Ok(())
    }

    /// Takes the old set's place in one step, where the file system can: a kill between two would leave neither.
    fn replace(&self) -> io::Result<()> {
        if named::exchange(&self.path, &self.target).is_ok() {
            return remove(&self.path);
        }
        let mut old = self.path.clone().into_os_string();
        old.push("-old");
        let old = PathBuf::from(old);
        DISK.rename(&self.target, &old)?;
        if let Err(error) = DISK.rename(&self.path, &self.target) {
            // The old set comes back where the new one can't take its place.
            let _ = DISK.rename(&old, &self.target);
            return Err(error);
        }
        remove(&old)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.done {
            let _ = DISK.remove_all(&self.path);
        }
    }
}

/// Removes a set. Where a link had its name, the link goes, and not what it leads to.
fn remove(path: &Path) -> io::Result<()> {
    match DISK.kind(path)? {
        Some(Kind::Folder) => DISK.remove_all(path),
        _ => DISK.remove_file(path),
    }
}

fn sweep(parent: &Path, begins: &str) {
    for entry in DISK.list(parent).unwrap_or_default() {
        let path = parent.join(&entry.name);
        let is_draft =
            entry.kind == Kind::Folder && entry.text().is_some_and(|name| name.starts_with(begins));
        let made = || DISK.stat(&path).ok().and_then(|stat| u64::try_from(stat.modified.0).ok());
        let is_old = |made: u64| now().saturating_sub(Duration::from_secs(made)) > ABANDONED;
        if is_draft && made().is_some_and(is_old) {
            let _ = DISK.remove_all(&path);
        }
    }
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn parent(target: &Path) -> &Path {
    target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn unwritable(path: &Path, error: &io::Error) -> ImportError {
    ImportError::Work(format!("{} can't be written: {error}", path.display()))
}

/// A file's SHA-256, in hexadecimal.
pub fn sha256(path: &Path) -> io::Result<String> {
    let mut reader = BufReader::with_capacity(1 << 20, named::open(path)?);
    let mut hash = Sha256::new();
    let mut chunk = vec![0; 1 << 20];
    loop {
        match reader.read(&mut chunk)? {
            0 => break,
            read => hash.update(&chunk[..read]),
        }
    }
    Ok(crate::dataset::hex(&hash.finalize()))
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests look past the door")]
mod tests {
    use super::*;
    use std::io::Write;

    fn set(target: &Path, text: &str, replace: bool) -> Result<(), ImportError> {
        let draft = Draft::begin(target)?;
        draft.file("a_train.npz", |file| file.write_all(text.as_bytes()))?;
        draft.finish(replace)
    }

    #[test]
    fn a_set_takes_the_place_of_one_or_of_a_link_and_leaves_nothing_beside_it() {
        let place = tempfile::tempdir().unwrap();
        let (target, other) = (place.path().join("set"), place.path().join("other"));
        set(&target, "one", false).unwrap();
        set(&target, "two", true).unwrap();
        assert_eq!(std::fs::read(target.join("a_train.npz")).unwrap(), b"two");
        std::fs::rename(&target, &other).unwrap();
        std::os::unix::fs::symlink(&other, &target).unwrap();
        set(&target, "three", true).unwrap();
        assert_eq!(std::fs::read(other.join("a_train.npz")).unwrap(), b"two");
        assert_eq!(std::fs::read(target.join("a_train.npz")).unwrap(), b"three");
        assert_eq!(DISK.list(place.path()).unwrap().len(), 2);
    }

    #[test]
    fn what_a_killed_import_left_long_ago_goes_with_the_next() {
        let place = tempfile::tempdir().unwrap();
        let (old, new) = (place.path().join(".set.importing-1"), place.path().join(".set.importing-2"));
        for path in [&old, &new] {
            std::fs::create_dir(path).unwrap();
            std::fs::write(path.join("half"), "").unwrap();
        }
        let long_ago = SystemTime::now() - 2 * ABANDONED;
        File::open(&old).unwrap().set_modified(long_ago).unwrap();
        set(&place.path().join("set"), "one", false).unwrap();
        assert!(!old.exists() && new.exists());
    }
}
