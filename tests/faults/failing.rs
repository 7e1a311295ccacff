//! A disk that refuses its n-th call, once or for ever, or on which the process dies at that call.

use eeg_tui::disk::{Access, Disk, Entry, OpenFile, SharedDisk, Sharing, Stat};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What happens at the n-th call.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// The system refuses with this error, that once.
    Once(i32),
    /// The system refuses with this error from then on.
    ForEver(i32),
    /// The process is killed: nothing that it does from then on reaches the disk.
    Kill,
}

#[derive(Debug)]
pub struct Plan {
    /// Calls so far.
    pub calls: AtomicU64,
    at: u64,
    fault: Fault,
    dead: AtomicBool,
}

impl Plan {
    /// The call with this number (from 0) fails.
    pub fn new(at: u64, fault: Fault) -> Arc<Plan> {
        Arc::new(Plan { calls: AtomicU64::new(0), at, fault, dead: AtomicBool::new(false) })
    }

    /// No call fails: to count them.
    pub fn none() -> Arc<Plan> {
        Plan::new(u64::MAX, Fault::Kill)
    }

    pub fn was_killed(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    /// Whether the call that fails has come.
    pub fn was_met(&self) -> bool {
        self.calls.load(Ordering::Relaxed) > self.at
    }

    fn call(&self) -> io::Result<()> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        match self.fault {
            Fault::Once(code) if number == self.at => Err(io::Error::from_raw_os_error(code)),
            Fault::ForEver(code) if number >= self.at => Err(io::Error::from_raw_os_error(code)),
            Fault::Kill if number >= self.at => {
                self.dead.store(true, Ordering::Relaxed);
                Err(io::Error::other("the process is dead"))
            }
            _ => Ok(()),
        }
    }
}

/// Another disk, through such a plan.
#[derive(Clone, Debug)]
pub struct FailingDisk {
    pub disk: SharedDisk,
    pub plan: Arc<Plan>,
}

impl Disk for FailingDisk {
    fn open(&self, path: &Path, access: Access) -> io::Result<Box<dyn OpenFile>> {
        self.plan.call()?;
        let file = self.disk.open(path, access)?;
        Ok(Box::new(FailingFile { file, plan: self.plan.clone() }))
    }
    fn stat(&self, path: &Path) -> io::Result<Stat> {
        self.plan.call()?;
        self.disk.stat(path)
    }
    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        self.plan.call()?;
        self.disk.list(folder)
    }
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.plan.call()?;
        self.disk.make_folder(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.plan.call()?;
        self.disk.rename(from, to)
    }
    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.plan.call()?;
        self.disk.remove_file(path)
    }
    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.plan.call()?;
        self.disk.remove_folder(path)
    }
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.plan.call()?;
        self.disk.sync_folder(folder)
    }
    fn free_space(&self, folder: &Path) -> io::Result<u64> {
        self.plan.call()?;
        self.disk.free_space(folder)
    }
}

#[derive(Debug)]
struct FailingFile {
    file: Box<dyn OpenFile>,
    plan: Arc<Plan>,
}

impl OpenFile for FailingFile {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        self.plan.call()?;
        self.file.read_at(bytes, offset)
    }
    fn append(&self, bytes: &[u8]) -> io::Result<usize> {
        // Half of it is written before a disk is full.
        self.plan.call().inspect_err(|_| {
            if !self.plan.was_killed() || self.plan.calls.load(Ordering::Relaxed) == self.plan.at + 1 {
                let _ = self.file.append(&bytes[..bytes.len() / 2]);
            }
        })?;
        self.file.append(bytes)
    }
    fn overwrite(&self, bytes: &[u8]) -> io::Result<()> {
        self.plan.call()?;
        self.file.overwrite(bytes)
    }
    fn set_length(&self, length: u64) -> io::Result<()> {
        self.plan.call()?;
        self.file.set_length(length)
    }
    fn sync(&self) -> io::Result<()> {
        self.plan.call()?;
        self.file.sync()
    }
    fn stat(&self) -> io::Result<Stat> {
        self.plan.call()?;
        self.file.stat()
    }
    fn try_lock(&self, sharing: Sharing) -> io::Result<bool> {
        self.plan.call()?;
        self.file.try_lock(sharing)
    }
    // No call that may fail: nobody could do anything about it, and closing the file frees the lock too.
    fn unlock(&self) -> io::Result<()> {
        self.file.unlock()
    }
}
