//! What a detached worker says, kept in the notebook: one file, which starts anew when it is long; the last few are kept.

use crate::disk::{self, Access, Disk, OpenFile, SharedDisk};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

const LONG: u64 = 1 << 20;
const KEPT: u32 = 3;

/// Where a notebook's workers write what they do.
pub fn log_path(runs: &Path) -> PathBuf {
    runs.join(".worker.log")
}

/// A log that several writers share.
#[derive(Debug)]
pub struct LogFile {
    disk: SharedDisk,
    path: PathBuf,
    file: Mutex<Box<dyn OpenFile>>,
}

impl LogFile {
    /// Opens a log to append to.
    pub fn open(path: PathBuf) -> io::Result<Self> {
        let disk = disk::real();
        rotate(disk.as_ref(), &path)?;
        let file = Mutex::new(disk.open(&path, Access::Append)?);
        Ok(LogFile { disk, path, file })
    }
}

impl Write for &LogFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if file.stat()?.length > LONG {
            rotate(self.disk.as_ref(), &self.path)?;
            *file = self.disk.open(&self.path, Access::Append)?;
        }
        file.append(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where the log is long: `x` becomes `x.1`, `x.1` becomes `x.2`, and so on; the oldest goes.
fn rotate(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    match disk.stat(path) {
        Ok(stat) if stat.length > LONG => {}
        _ => return Ok(()),
    }
    let numbered = |n: u32| match n {
        0 => path.to_owned(),
        n => PathBuf::from(format!("{}.{n}", path.display())),
    };
    for n in (0..KEPT).rev() {
        match disk.rename(&numbered(n), &numbered(n + 1)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_log_starts_anew_and_the_last_few_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let log = LogFile::open(path.clone()).unwrap();
        let line = [b'x'; 1 << 16];
        for _ in 0..200 {
            (&log).write_all(&line).unwrap();
        }
        let files: Vec<u64> =
            std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().metadata().unwrap().len()).collect();
        assert_eq!(files.len(), 1 + KEPT as usize);
        assert!(files.iter().all(|&length| length <= LONG + line.len() as u64));
    }
}
