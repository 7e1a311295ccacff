//! Advisory file locks. The operating system frees them when their holder dies, however it dies, so that a lock file's
//! existence says nothing and there are no stale locks. On Linux they work over NFS too (flock, mapped to byte ranges).

use crate::disk::{Access, Disk, OpenFile, Sharing};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// A held lock. Dropping it frees it.
#[derive(Debug)]
pub struct Lock {
    file: Box<dyn OpenFile>,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Where this fails, closing the file frees the lock a moment later.
        let _ = self.file.unlock();
    }
}

/// Someone who only looks ([`is_held`]) holds a lock for an instant; trying again sees past that.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(1);

/// The longest pause between two tries while waiting.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

impl Lock {
    /// Takes the lock, or gives `None` where another holds it.
    pub fn try_exclusive(disk: &dyn Disk, path: &Path) -> io::Result<Option<Lock>> {
        Self::attempt(disk, path, Sharing::Alone)
    }

    /// Takes the lock together with others who share it, or gives `None` where one holds it alone.
    pub fn try_shared(disk: &dyn Disk, path: &Path) -> io::Result<Option<Lock>> {
        Self::attempt(disk, path, Sharing::Shared)
    }

    /// Takes the lock, waiting at most so long for whoever holds it; `None` where that was not enough.
    pub fn wait(disk: &dyn Disk, path: &Path, patience: Duration) -> io::Result<Option<Lock>> {
        let file = disk.open(path, Access::Lock)?;
        let (began, mut pause) = (Instant::now(), PAUSE);
        loop {
            if take(file.as_ref(), Sharing::Alone)? {
                return Ok(Some(Lock { file }));
            }
            if began.elapsed() >= patience {
                return Ok(None);
            }
            std::thread::sleep(pause);
            pause = (2 * pause).min(LONGEST_PAUSE);
        }
    }

    fn attempt(disk: &dyn Disk, path: &Path, sharing: Sharing) -> io::Result<Option<Lock>> {
        let file = disk.open(path, Access::Lock)?;
        for _ in 0..TRIES {
            if take(file.as_ref(), sharing)? {
                return Ok(Some(Lock { file }));
            }
            std::thread::sleep(PAUSE);
        }
        Ok(None)
    }
}

/// Takes a lock that is free. Where a file system has no locks, each is: leases keep runs apart there.
fn take(file: &dyn OpenFile, sharing: Sharing) -> io::Result<bool> {
    match file.try_lock(sharing) {
        Err(error) if is_unsupported(&error) => Ok(true),
        taken => taken,
    }
}

/// Whether an error says that the file system has no locks at all.
fn is_unsupported(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let none = [Errno::NOSYS, Errno::NOLCK, Errno::OPNOTSUPP].map(Errno::raw_os_error);
    error.kind() == io::ErrorKind::Unsupported
        || error.raw_os_error().is_some_and(|code| none.contains(&code))
}

/// Whether a living process holds the lock. Changes nothing, and works on a read-only folder.
pub fn is_held(disk: &dyn Disk, path: &Path) -> io::Result<bool> {
    probe(disk, path, Sharing::Shared)
}

/// Whether a living process holds the lock, alone or shared.
pub fn is_held_or_shared(disk: &dyn Disk, path: &Path) -> io::Result<bool> {
    probe(disk, path, Sharing::Alone)
}

fn probe(disk: &dyn Disk, path: &Path, sharing: Sharing) -> io::Result<bool> {
    match disk.open(path, Access::Read) {
        Ok(file) => {
            let free = take(file.as_ref(), sharing)?;
            if free {
                drop(Lock { file });
            }
            Ok(!free)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::real;

    #[test]
    fn one_holder_at_a_time_and_a_file_alone_means_nothing() {
        let (disk, folder) = (real(), tempfile::tempdir().unwrap());
        let (disk, path) = (disk.as_ref(), folder.path().join("lock"));
        assert!(!is_held(disk, &path).unwrap());
        let held = Lock::try_exclusive(disk, &path).unwrap().unwrap();
        assert!(is_held(disk, &path).unwrap());
        assert!(Lock::try_exclusive(disk, &path).unwrap().is_none());
        assert!(Lock::try_shared(disk, &path).unwrap().is_none());
        assert!(Lock::wait(disk, &path, Duration::from_millis(5)).unwrap().is_none());
        drop(held);
        assert!(path.exists() && !is_held(disk, &path).unwrap());
        assert!(Lock::wait(disk, &path, Duration::ZERO).unwrap().is_some());
    }

    #[test]
    fn a_lock_is_free_when_it_is_dropped_though_a_forked_child_has_a_copy_of_the_file() {
        let (disk, folder) = (real(), tempfile::tempdir().unwrap());
        let (disk, path) = (disk.as_ref(), folder.path().join("lock"));
        let file = std::fs::File::create(&path).unwrap();
        let copy = file.try_clone().unwrap();
        assert!(take(&file, Sharing::Alone).unwrap());
        let held = Lock { file: Box::new(file) };
        assert!(is_held(disk, &path).unwrap());
        drop(held);
        assert!(!is_held(disk, &path).unwrap());
        drop(copy);
    }

    #[test]
    fn sharers_are_seen() {
        let (disk, folder) = (real(), tempfile::tempdir().unwrap());
        let (disk, path) = (disk.as_ref(), folder.path().join("lock"));
        let one = Lock::try_shared(disk, &path).unwrap().unwrap();
        let two = Lock::try_shared(disk, &path).unwrap().unwrap();
        drop(one);
        assert!(is_held_or_shared(disk, &path).unwrap());
        drop(two);
        assert!(!is_held_or_shared(disk, &path).unwrap());
    }
}
