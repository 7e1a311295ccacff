//! Files and folders that a person names or keeps elsewhere: recordings, weights, settings, exports to a path of their own.
//! Links are followed, as people keep large files behind them; still nothing but plain files is opened, so that a pipe or a
//! device hangs nothing, and a file that is read whole may not be longer than was said.

#![allow(clippy::disallowed_methods, reason = "this is the door")]

use super::real::{not_plain, plain};
use super::whole::{check_length, text};
use super::{Access, Disk, RealDisk};
use rustix::fs::OFlags;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Opens a plain file to read.
pub fn open(path: &Path) -> io::Result<File> {
    // A pipe that nobody writes to would keep the opening waiting.
    OpenOptions::new()
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
        .open(path)
        .and_then(plain)
}

/// A whole file that may not be longer than `limit` bytes.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let length = file.metadata()?.len();
    check_length(length, limit)?;
    let mut bytes = Vec::with_capacity(length as usize);
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A whole file as text. See [`read`].
pub fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    text(read(path, limit)?)
}

/// What the system tells about itself in a file of no length, such as those under `/proc`: at most 64 kB of it.
pub fn read_system(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(1 << 16).read_to_end(&mut bytes)?;
    text(bytes)
}

/// Replaces a file as one step, or makes it. Where a link has that name, the file behind it is replaced.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    match std::fs::metadata(&target) {
        Ok(data) if !data.is_file() => Err(not_plain()),
        _ => (&RealDisk as &dyn Disk).replace(&target, bytes),
    }
}

/// Writes a file that must not be there yet.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    (&RealDisk as &dyn Disk).open(path, Access::New)?.append_all(bytes)
}

/// Makes a folder and those that it lies in, where they are not there yet.
pub fn make_folders(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

/// Says why nothing can be written into a folder, if so.
pub fn try_writing(folder: &Path) -> io::Result<()> {
    let disk: &dyn Disk = &RealDisk;
    let path = folder.join(".try");
    disk.replace(&path, b"")?;
    disk.remove_file(&path)
}

/// Removes a file.
pub fn remove(path: &Path) -> io::Result<()> {
    std::fs::remove_file(path)
}

/// The paths in a folder, sorted.
pub fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();
    Ok(paths)
}
