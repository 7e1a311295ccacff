//! Reading and writing files so that a crash, a full disk or a hostile folder does no harm. Links are never followed, and
//! nothing that is not a plain file is opened: a runs folder from another person can't lead a write outside it.

use rustix::fs::OFlags;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// What a temporary file's name ends in.
pub const TEMPORARY: &str = ".tmp";

/// No links; and no waiting for the other end of a pipe that lies where a file should be.
fn careful(options: &mut OpenOptions) -> &mut OpenOptions {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    options.custom_flags(flags.bits().cast_signed())
}

fn plain(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "is not a plain file"))
}

fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    careful(options).open(path).and_then(plain).map_err(|error| match error.raw_os_error() {
        // What opening a link gives under O_NOFOLLOW; "too many levels of symbolic links" would puzzle.
        Some(code) if code == rustix::io::Errno::LOOP.raw_os_error() => {
            io::Error::new(io::ErrorKind::InvalidInput, "is a link, and links are not followed here")
        }
        _ => error,
    })
}

/// Opens a plain file to read.
pub fn open_to_read(path: &Path) -> io::Result<File> {
    open(path, OpenOptions::new().read(true))
}

/// Opens a plain file to append to and read, making it if need be.
pub fn open_to_append(path: &Path) -> io::Result<File> {
    open(path, OpenOptions::new().read(true).append(true).create(true))
}

/// Opens a plain file to lock, making it if need be. It is never removed: another process may be about to lock it.
pub fn open_to_lock(path: &Path) -> io::Result<File> {
    open(path, OpenOptions::new().read(true).write(true).create(true).truncate(false))
}

/// A whole file that may not be longer than `limit` bytes.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = open_to_read(path)?;
    let length = file.metadata()?.len();
    if length > limit {
        let sentence = format!("has {length} bytes; at most {limit} are expected here");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, sentence));
    }
    let mut bytes = Vec::with_capacity(length as usize);
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A whole file as text. See [`read`].
pub fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    String::from_utf8(read(path, limit)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "is not UTF-8 text"))
}

/// Replaces a file as one step: whoever reads sees the old content or the new one, also after a power cut. One writer at
/// a time; where a writer died, the next one takes its temporary file's place.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = temporary(path);
    let _ = std::fs::remove_file(&temporary);
    let written = open(&temporary, OpenOptions::new().write(true).create_new(true))
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&temporary, path));
    if let Err(error) = written {
        let _ = std::fs::remove_file(&temporary);
        return Err(error);
    }
    path.parent().map_or(Ok(()), sync_folder)
}

fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(TEMPORARY);
    path.with_file_name(name)
}

/// Makes names in a folder (new files, renames) survive a power cut.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some network file systems can't; the rename is as safe there as it gets.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        done => done,
    }
}

/// Bytes that this process may still write to the file system of a folder.
pub fn free_space(folder: &Path) -> io::Result<u64> {
    let stat = rustix::fs::statvfs(folder)?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_replaced_file_is_whole_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(temporary(&path), "left by a crash").unwrap();
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(read(&path, 100).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (outside, link) = (folder.path().join("outside"), folder.path().join("link"));
        std::fs::write(&outside, "mine").unwrap();
        symlink(&outside, &link).unwrap();
        assert!(open_to_append(&link).unwrap_err().to_string().contains("link"));
        assert!(read(&link, 100).is_err() && open_to_lock(&link).is_err());
        replace(&link, b"new").unwrap();
        assert_eq!(read(&outside, 100).unwrap(), b"mine");
    }

    #[test]
    fn a_file_longer_than_expected_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, vec![0; 1000]).unwrap();
        assert_eq!(read(&path, 999).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert!(read(folder.path(), 999).is_err(), "a folder is no file");
    }
}
