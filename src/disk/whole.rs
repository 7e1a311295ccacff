//! Whole files and folders: read, replaced, found, removed. Made of the calls of [`Disk`] alone.

use super::{Access, Disk, Kind};
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// What a temporary file's name ends in. It begins with the name of the file that it was to become.
pub const TEMPORARY: &str = ".tmp";

/// How often another temporary name is tried where one is taken.
const TRIES: u32 = 8;

impl dyn Disk + '_ {
    /// A whole file that may not be longer than `limit` bytes.
    pub fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let file = self.open(path, Access::Read)?;
        let length = file.stat()?.length;
        check_length(length, limit)?;
        let mut bytes = Vec::with_capacity(length as usize);
        file.from(0).take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// A whole file as text. See `read`.
    pub fn read_text(&self, path: &Path, limit: u64) -> io::Result<String> {
        text(self.read(path, limit)?)
    }

    /// Replaces a file as one step: whoever reads sees the old content or the new one, also after a power cut. Several
    /// may do so at once; the last one's content stays.
    pub fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let (temporary, file) = self.make_temporary(path)?;
        let written = file.append_all(bytes).and_then(|()| file.sync());
        drop(file);
        if let Err(error) = written.and_then(|()| self.rename(&temporary, path)) {
            let _ = self.remove_file(&temporary);
            return Err(error);
        }
        path.parent().map_or(Ok(()), |folder| self.sync_folder(folder))
    }

    fn make_temporary(&self, path: &Path) -> io::Result<(std::path::PathBuf, Box<dyn super::OpenFile>)> {
        let mut tries = 0;
        loop {
            let temporary = path.with_file_name(temporary_name(path.file_name().unwrap_or_default()));
            match self.open(&temporary, Access::New) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && tries < TRIES => tries += 1,
                opened => return Ok((temporary, opened?)),
            }
        }
    }

    /// What has that name; `None` where nothing has. A link is not followed. That a name can't be looked at is an error, and
    /// neither answer: what then passed for absent would be overwritten, or missing without a word.
    pub fn kind(&self, path: &Path) -> io::Result<Option<Kind>> {
        match self.stat(path) {
            Ok(stat) => Ok(Some(stat.kind)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether anything has that name.
    pub fn exists(&self, path: &Path) -> io::Result<bool> {
        Ok(self.kind(path)?.is_some())
    }

    /// Whether a plain file has that name.
    pub fn is_file(&self, path: &Path) -> io::Result<bool> {
        Ok(self.kind(path)? == Some(Kind::File))
    }

    /// Whether a folder has that name.
    pub fn is_folder(&self, path: &Path) -> io::Result<bool> {
        Ok(self.kind(path)? == Some(Kind::Folder))
    }

    /// Makes a folder, and those that it lies in, where they are not there yet. The path itself may be a link to a folder.
    pub fn make_folders(&self, path: &Path) -> io::Result<()> {
        if path.as_os_str().is_empty() {
            return Ok(());
        }
        let parent = path.parent();
        let mut made = self.make_folder(path);
        if let (Err(error), Some(parent)) = (&made, parent)
            && error.kind() == io::ErrorKind::NotFound
        {
            self.make_folders(parent)?;
            made = self.make_folder(path);
        }
        match made {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            made => made.and_then(|()| parent.map_or(Ok(()), |parent| self.sync_folder(parent))),
        }
    }

    /// Makes a folder where there is none, and refuses a link or a file in its place.
    pub fn make_plain_folder(&self, path: &Path) -> io::Result<()> {
        match self.make_folder(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match self.stat(path)?.kind {
                Kind::Folder => Ok(()),
                _ => Err(io::Error::new(
                    io::ErrorKind::InvalidInput,
                    "it must be a folder of its own, and no link",
                )),
            },
            // A power cut must not take the folder away from under what is moved into it.
            made => made.and_then(|()| path.parent().map_or(Ok(()), |parent| self.sync_folder(parent))),
        }
    }

    /// Removes a file if it is there.
    pub fn remove_if_there(&self, path: &Path) -> io::Result<()> {
        match self.remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    /// Removes a folder and all that lies in it. A link is removed, not what it leads to.
    pub fn remove_all(&self, folder: &Path) -> io::Result<()> {
        for entry in self.list(folder)? {
            let path = folder.join(&entry.name);
            match entry.kind {
                Kind::Folder => self.remove_all(&path)?,
                _ => self.remove_if_there(&path)?,
            }
        }
        self.remove_folder(folder)
    }
}

/// Refuses a length beyond a limit.
pub(super) fn check_length(length: u64, limit: u64) -> io::Result<()> {
    if length <= limit {
        return Ok(());
    }
    let sentence = format!("has {length} bytes; at most {limit} are expected here");
    Err(io::Error::new(io::ErrorKind::FileTooLarge, sentence))
}

/// Bytes as text.
pub(super) fn text(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "is not UTF-8 text"))
}

/// A name that no other process or thread gives: of the moment, the process and a count.
fn temporary_name(name: &OsStr) -> OsString {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
    let mut temporary = name.to_owned();
    temporary.push(format!(".{:x}-{nanos:x}-{count:x}{TEMPORARY}", std::process::id()));
    temporary
}

/// Whether a name is that of a temporary file which was to become one whose name begins so.
pub fn is_temporary(name: &str, becoming: &str) -> bool {
    name.starts_with(becoming) && name.ends_with(TEMPORARY)
}

#[cfg(test)]
mod tests {
    use super::super::real;
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_replaced_file_is_whole_and_leaves_nothing_behind() {
        let (disk, folder) = (real(), tempfile::tempdir().unwrap());
        let path = folder.path().join("x");
        disk.replace(&path, b"one").unwrap();
        disk.replace(&path, b"two").unwrap();
        assert_eq!(disk.read(&path, 100).unwrap(), b"two");
        assert_eq!(disk.list(folder.path()).unwrap().len(), 1);
    }

    #[test]
    fn several_replace_one_file_at_once() {
        let (disk, folder) = (real(), tempfile::tempdir().unwrap());
        let path = folder.path().join("x");
        std::thread::scope(|scope| {
            for thread in 0..8u8 {
                let (disk, path) = (&disk, &path);
                scope.spawn(move || (0..20).for_each(|_| disk.replace(path, &[thread; 64]).unwrap()));
            }
        });
        assert_eq!(disk.read(&path, 100).unwrap().len(), 64);
        assert_eq!(disk.list(folder.path()).unwrap().len(), 1);
    }

    #[test]
    fn links_are_not_followed() {
        let (disk, folder) = (real(), tempfile::tempdir().unwrap());
        let (outside, link) = (folder.path().join("outside"), folder.path().join("link"));
        std::fs::write(&outside, "mine").unwrap();
        symlink(&outside, &link).unwrap();
        assert!(disk.open(&link, Access::Append).unwrap_err().to_string().contains("link"));
        assert!(disk.read(&link, 100).is_err() && disk.open(&link, Access::Lock).is_err());
        disk.replace(&link, b"new").unwrap();
        assert_eq!(disk.read(&outside, 100).unwrap(), b"mine");
    }

    #[test]
    fn a_pipe_makes_nobody_wait() {
        let (disk, folder) = (real(), tempfile::tempdir().unwrap());
        let path = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        if !made.is_ok_and(|status| status.success()) {
            eprintln!("skipped: there is no mkfifo here");
            return;
        }
        for access in [Access::Read, Access::Append, Access::Lock] {
            assert!(disk.open(&path, access).is_err(), "{access:?}");
        }
        assert!(super::super::named::open(&path).is_err());
    }

    #[test]
    fn a_file_longer_than_expected_is_not_read() {
        let (disk, folder) = (real(), tempfile::tempdir().unwrap());
        let path = folder.path().join("x");
        std::fs::write(&path, vec![0; 1000]).unwrap();
        assert_eq!(disk.read(&path, 999).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert!(disk.read(folder.path(), 999).is_err(), "a folder is no file");
    }

    #[test]
    fn a_folder_is_removed_without_following_links_out_of_it() {
        let (disk, folder) = (real(), tempfile::tempdir().unwrap());
        let (outside, inside) = (folder.path().join("outside"), folder.path().join("a/b"));
        disk.make_folders(&inside).unwrap();
        std::fs::write(&outside, "mine").unwrap();
        symlink(&outside, inside.join("link")).unwrap();
        disk.remove_all(&folder.path().join("a")).unwrap();
        assert!(disk.is_file(&outside).unwrap() && !disk.exists(&inside).unwrap());
    }
}
