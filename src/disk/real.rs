//! The disk of this machine.

#![allow(clippy::disallowed_methods, reason = "this is the door")]

use super::{Access, Disk, Entry, Kind, OpenFile, Sharing, Stat};
use rustix::fs::OFlags;
use std::fs::{File, Metadata, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Of a folder in which each may remove their own files only.
const STICKY: u32 = 0o1000;

/// The disk of this machine, through the system's own calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn open(&self, path: &Path, access: Access) -> io::Result<Box<dyn OpenFile>> {
        let mut options = OpenOptions::new();
        match access {
            Access::Read => options.read(true),
            Access::Append => options.read(true).append(true).create(true),
            Access::Lock => options.read(true).write(true).create(true).truncate(false),
            Access::New => options.read(true).append(true).create_new(true),
        };
        let file = open(path, &mut options)?;
        if access != Access::Read {
            share_as_its_folder(&file, path, 0o666);
        }
        Ok(Box::new(file))
    }

    fn stat(&self, path: &Path) -> io::Result<Stat> {
        std::fs::symlink_metadata(path).map(|data| stat(&data))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        let entry = |entry: std::fs::DirEntry| {
            // A link could lead anywhere: it is none of these.
            let kind = entry.file_type().map_or(Kind::Other, kind);
            Entry { name: entry.file_name(), kind }
        };
        std::fs::read_dir(folder)?.map(|found| found.map(entry)).collect()
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        std::fs::DirBuilder::new().mode(0o777).create(path)?;
        if let Ok(folder) = File::open(path) {
            share_as_its_folder(&folder, path, 0o2777);
        }
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_dir(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        match File::open(folder)?.sync_all() {
            // Some network file systems can't; the rename is as safe there as it gets.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
            done => done,
        }
    }

    fn free_space(&self, folder: &Path) -> io::Result<u64> {
        let stat = rustix::fs::statvfs(folder)?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }
}

impl OpenFile for File {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        FileExt::read_at(self, bytes, offset)
    }

    fn append(&self, bytes: &[u8]) -> io::Result<usize> {
        (&mut &*self).write(bytes)
    }

    fn overwrite(&self, bytes: &[u8]) -> io::Result<()> {
        self.write_all_at(bytes, 0)?;
        match self.metadata()?.len() == bytes.len() as u64 {
            true => Ok(()),
            false => self.set_len(bytes.len() as u64),
        }
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_all()
    }

    fn stat(&self) -> io::Result<Stat> {
        self.metadata().map(|data| stat(&data))
    }

    fn try_lock(&self, sharing: Sharing) -> io::Result<bool> {
        let taken = match sharing {
            Sharing::Alone => File::try_lock(self),
            Sharing::Shared => File::try_lock_shared(self),
        };
        match taken {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn unlock(&self) -> io::Result<()> {
        File::unlock(self)
    }
}

/// Opens a log in a notebook to append to, for another process to write to. Links are not followed.
pub fn open_to_append(path: &Path) -> io::Result<File> {
    let file = open(path, OpenOptions::new().append(true).create(true))?;
    share_as_its_folder(&file, path, 0o666);
    Ok(file)
}

/// Makes a folder for this process alone among the system's temporary ones, under a name that nobody foresees taking.
pub fn private_folder() -> io::Result<PathBuf> {
    let base = std::env::temp_dir();
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.subsec_nanos());
    let mut refused = io::ErrorKind::AlreadyExists.into();
    for count in 0..16 {
        let path = base.join(format!("eeg-tui-{}-{nanos:x}-{count}", std::process::id()));
        match std::fs::DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => return Ok(path),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

/// No links; and no waiting for the other end of a pipe that lies where a file should be.
fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    options.custom_flags(flags.bits().cast_signed());
    options.open(path).and_then(plain).map_err(|error| match error.raw_os_error() {
        // What opening a link gives under O_NOFOLLOW; "too many levels of symbolic links" would puzzle.
        Some(code) if code == rustix::io::Errno::LOOP.raw_os_error() => {
            io::Error::new(io::ErrorKind::InvalidInput, "is a link, and links are not followed here")
        }
        // What opening a pipe to write gives where nobody reads it.
        Some(code) if code == rustix::io::Errno::NXIO.raw_os_error() => not_plain(),
        _ => error,
    })
}

/// Refuses what is no plain file.
pub(super) fn plain(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() { Ok(file) } else { Err(not_plain()) }
}

pub(super) fn not_plain() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "is not a plain file")
}

/// Gives a file the rights of the folder that it lies in, as far as they make sense for it. A convenience: what belongs to
/// another person, or lies on a file system without rights, stays as it is. So does what lies right in a folder like `/tmp`,
/// where anyone may make things and each keeps their own: it is not for all to write to.
fn share_as_its_folder(file: &File, path: &Path, sense: u32) {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let (Ok(folder), Ok(data)) = (std::fs::metadata(parent), file.metadata()) else { return };
    if folder.mode() & STICKY != 0 {
        return;
    }
    let wanted = folder.mode() & sense;
    if data.mode() & sense != wanted && data.uid() == rustix::process::geteuid().as_raw() {
        let _ = file.set_permissions(Permissions::from_mode(wanted | data.mode() & 0o700));
    }
}

fn stat(data: &Metadata) -> Stat {
    Stat {
        kind: kind(data.file_type()),
        length: data.len(),
        modified: (data.mtime(), data.mtime_nsec()),
        changed: (data.ctime(), data.ctime_nsec()),
        inode: data.ino(),
    }
}

pub(super) fn kind(of: std::fs::FileType) -> Kind {
    debug_assert!(!(of.is_file() && of.is_fifo()));
    match of {
        of if of.is_file() => Kind::File,
        of if of.is_dir() => Kind::Folder,
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_is_shared_as_its_folder_is() {
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o777;
        for (of_folder, of_file) in [(0o750, 0o640), (0o770, 0o660), (0o755, 0o644), (0o700, 0o600)] {
            let shared = folder.path().join(format!("{of_folder:o}"));
            std::fs::create_dir(&shared).unwrap();
            std::fs::set_permissions(&shared, Permissions::from_mode(of_folder)).unwrap();
            RealDisk.open(&shared.join("lock"), Access::Lock).unwrap();
            RealDisk.make_folder(&shared.join("run")).unwrap();
            assert_eq!(mode(&shared.join("lock")), of_file);
            assert_eq!(mode(&shared.join("run")), of_folder);
        }
    }

    #[test]
    fn what_lies_where_anyone_may_make_things_is_not_for_all_to_write_to() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o1777)).unwrap();
        let mode = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().mode() & 0o022;
        RealDisk.open(&folder.path().join("lock"), Access::Lock).unwrap();
        RealDisk.make_folder(&folder.path().join("runs")).unwrap();
        std::fs::write(folder.path().join("by the umask"), "").unwrap();
        assert_eq!([mode("lock"), mode("runs")], [mode("by the umask"); 2]);
    }
}
