//! Advisory file locks. The operating system frees them when their holder dies, however it dies, so that a lock file's
//! existence says nothing and there are no stale locks. On Linux they work over NFS too (flock, mapped to byte ranges).

use super::files;
use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

/// A held lock. Dropping it frees it.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Someone who only looks ([`is_held`]) holds a lock for an instant; trying again sees past that.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(1);

impl Lock {
    /// Takes the lock, or gives `None` where another holds it.
    pub fn try_exclusive(path: &Path) -> io::Result<Option<Lock>> {
        Self::attempt(path, File::try_lock)
    }

    /// Takes the lock together with others who share it, or gives `None` where one holds it alone.
    pub fn try_shared(path: &Path) -> io::Result<Option<Lock>> {
        Self::attempt(path, File::try_lock_shared)
    }

    /// Takes the lock, waiting for whoever holds it.
    pub fn wait(path: &Path) -> io::Result<Lock> {
        let file = files::open_to_lock(path)?;
        file.lock()?;
        Ok(Lock { _file: file })
    }

    fn attempt(path: &Path, take: impl Fn(&File) -> Result<(), TryLockError>) -> io::Result<Option<Lock>> {
        let file = files::open_to_lock(path)?;
        for _ in 0..TRIES {
            match take(&file) {
                Ok(()) => return Ok(Some(Lock { _file: file })),
                Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Ok(None)
    }
}

/// Whether a living process holds the lock. Changes nothing, and works on a read-only folder.
pub fn is_held(path: &Path) -> io::Result<bool> {
    probe(path, File::try_lock_shared)
}

/// Whether a living process holds the lock, alone or shared.
pub fn is_held_or_shared(path: &Path) -> io::Result<bool> {
    probe(path, File::try_lock)
}

fn probe(path: &Path, take: impl Fn(&File) -> Result<(), TryLockError>) -> io::Result<bool> {
    let file = match files::open_to_read(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    match take(&file) {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holder_at_a_time_and_a_file_alone_means_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        assert!(!is_held(&path).unwrap());
        let held = Lock::try_exclusive(&path).unwrap().unwrap();
        assert!(is_held(&path).unwrap());
        assert!(Lock::try_exclusive(&path).unwrap().is_none());
        assert!(Lock::try_shared(&path).unwrap().is_none());
        drop(held);
        assert!(path.exists() && !is_held(&path).unwrap());
    }

    #[test]
    fn sharers_are_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let one = Lock::try_shared(&path).unwrap().unwrap();
        let two = Lock::try_shared(&path).unwrap().unwrap();
        drop(one);
        assert!(is_held_or_shared(&path).unwrap());
        drop(two);
        assert!(!is_held_or_shared(&path).unwrap());
    }
}
