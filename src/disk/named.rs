//! Files and folders that a person names or keeps elsewhere: recordings, weights, settings, exports to a path of their own.
//! Links are followed, as people keep large files behind them; still nothing but plain files is opened, so that a pipe or a
//! device hangs nothing, and a file that is read whole may not be longer than was said.

#![allow(clippy::disallowed_methods, reason = "this is the door")]

use super::real::{kind as kind_of, not_plain, plain};
use super::whole::{check_length, text};
use super::{Access, Disk, Kind, RealDisk};
use rustix::fs::OFlags;
#[cfg(target_os = "linux")]
use rustix::fs::{CWD, RenameFlags};
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

const DISK: &dyn Disk = &RealDisk;

/// What lies at a path, behind links too; `None` where nothing does. That it can't be looked at is an error, and neither
/// answer: what then passed for absent would be missing without a word.
pub fn kind(path: &Path) -> io::Result<Option<Kind>> {
    match std::fs::metadata(path) {
        Ok(data) => Ok(Some(kind_of(data.file_type()))),
        Err(error) if [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind()) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Whether a plain file lies there. See [`kind`].
pub fn is_file(path: &Path) -> io::Result<bool> {
    Ok(kind(path)? == Some(Kind::File))
}

/// Whether a folder lies there. See [`kind`].
pub fn is_folder(path: &Path) -> io::Result<bool> {
    Ok(kind(path)? == Some(Kind::Folder))
}

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
        Ok(data) => {
            DISK.replace(&target, bytes)?;
            // Who may read it was decided by whoever made it.
            std::fs::set_permissions(&target, data.permissions())
        }
        Err(_) => DISK.replace(&target, bytes),
    }
}

/// Replaces a file below a folder that a person named, or makes it and the folders between. The folder may be behind a link;
/// below it none is followed, since what lies there may come from elsewhere.
pub fn write_below(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    make_folders_below(folder, path.parent().unwrap_or(Path::new("")))?;
    let target = folder.join(path);
    match DISK.kind(&target)? {
        Some(Kind::File) | None => DISK.replace(&target, bytes),
        Some(Kind::Folder | Kind::Other) => Err(not_plain()),
    }
}

/// Makes a folder that a person named, and those on a path below it. See [`write_below`].
pub fn make_folders_below(folder: &Path, path: &Path) -> io::Result<()> {
    make_folders(folder)?;
    let mut place = folder.to_owned();
    path.components().try_for_each(|part| {
        place.push(part);
        DISK.make_plain_folder(&place)
    })
}

/// Writes a file that must not be there yet. Where it can't be written whole, it is not there afterwards either.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let file = DISK.open(path, Access::New)?;
    let written = file.append_all(bytes).and_then(|()| file.sync());
    if written.is_err() {
        let _ = DISK.remove_file(path);
    }
    written
}

/// Makes a file that must not be there yet, to be written piece by piece.
pub fn create(path: &Path) -> io::Result<File> {
    File::create_new(path)
}

/// Gives each of two files or folders the other's name in one step. Not every file system can.
pub fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    return Ok(rustix::fs::renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?);
    #[cfg(not(target_os = "linux"))]
    return Err(io::ErrorKind::Unsupported.into());
}

/// Makes a folder and those that it lies in, where they are not there yet.
pub fn make_folders(path: &Path) -> io::Result<()> {
    match std::fs::create_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(io::Error::new(io::ErrorKind::NotADirectory, "a folder is wanted, and that is none"))
        }
        made => made,
    }
}

/// Says why nothing can be written into a folder, if so.
pub fn try_writing(folder: &Path) -> io::Result<()> {
    let path = folder.join(".try");
    DISK.replace(&path, b"")?;
    DISK.remove_file(&path)
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn links_lead_to_a_named_folder_and_not_out_of_it() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        std::fs::create_dir_all(at("real/store")).unwrap();
        std::fs::create_dir(at("elsewhere")).unwrap();
        std::fs::write(at("victim"), "mine").unwrap();
        symlink(at("real"), at("named")).unwrap();
        symlink(at("elsewhere"), at("real/store/metrics")).unwrap();
        symlink(at("victim"), at("real/store/meta.yaml")).unwrap();
        write_below(&at("named"), Path::new("store/params/seed"), b"1").unwrap();
        assert_eq!(std::fs::read(at("real/store/params/seed")).unwrap(), b"1");
        for path in ["store/metrics/loss", "store/meta.yaml"] {
            assert!(write_below(&at("named"), Path::new(path), b"theirs").is_err(), "{path}");
        }
        assert!(list(&at("elsewhere")).unwrap().is_empty());
        assert_eq!(std::fs::read(at("victim")).unwrap(), b"mine");
        assert!(write_below(&at("victim"), Path::new("runs.csv"), b"").is_err());
    }

    #[test]
    fn a_replaced_file_stays_as_private_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.html");
        std::fs::write(&path, "old").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        write(&path, b"new").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
