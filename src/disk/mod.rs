//! The door to the disk. All that the notebook keeps goes through [`Disk`], so that a test can fail any call or stand in a
//! disk of its own; what a person names by hand (recordings, weights, settings) goes through [`named`]. clippy forbids
//! `std::fs` everywhere else. Knows nothing of runs.
//!
//! In a notebook links are never followed and only plain files are opened: a folder from another person can lead no write
//! outside it, and nothing waits for the other end of a pipe. Lengths are checked before reading. What is made there may be
//! read and written by whoever may use the folder it is made in, whatever the umask is.

pub mod named;
mod real;
mod whole;

pub use real::{RealDisk, open_to_append, private_folder};
pub use whole::{TEMPORARY, is_temporary};

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

/// A disk that several parts of the program share.
pub type SharedDisk = Arc<dyn Disk>;

/// The disk of this machine.
pub fn real() -> SharedDisk {
    Arc::new(RealDisk)
}

/// What the notebook asks of a disk, call by call. What is made of these calls (a whole file read, a file replaced) is
/// defined on `dyn Disk`.
pub trait Disk: fmt::Debug + Send + Sync {
    /// Opens a plain file.
    fn open(&self, path: &Path, access: Access) -> io::Result<Box<dyn OpenFile>>;
    /// What lies at a path; a link is not followed.
    fn stat(&self, path: &Path) -> io::Result<Stat>;
    /// What lies in a folder, in no order.
    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>>;
    /// Makes a folder in one that is there.
    fn make_folder(&self, path: &Path) -> io::Result<()>;
    /// Gives a file or folder another name, in place of what has that name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file, or a link itself.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Removes an empty folder.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
    /// Makes names in a folder (new files, renames) survive a power cut.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
    /// Bytes that this process may still write to the file system of a folder.
    fn free_space(&self, folder: &Path) -> io::Result<u64>;
}

/// A plain file that is open.
pub trait OpenFile: fmt::Debug + Send + Sync {
    /// Reads at an offset, at most as many bytes as the buffer holds; 0 at the end.
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes at the end; may write a part only.
    fn append(&self, bytes: &[u8]) -> io::Result<usize>;
    /// Writes over what is there from the beginning, and cuts off what is longer.
    fn overwrite(&self, bytes: &[u8]) -> io::Result<()>;
    /// Cuts the file off, or fills it with zeros up to a length.
    fn set_length(&self, length: u64) -> io::Result<()>;
    /// Waits until the content is on the disk.
    fn sync(&self) -> io::Result<()>;
    /// What is known of the file.
    fn stat(&self) -> io::Result<Stat>;
    /// Takes an advisory lock, which is freed when the file is closed or its process dies; `false` where another has it.
    fn try_lock(&self, sharing: Sharing) -> io::Result<bool>;
    /// Frees the lock at once. Closing the file alone is late while a child that was just forked still has a copy of it.
    fn unlock(&self) -> io::Result<()>;
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// To read what is there.
    Read,
    /// To read and append, made if need be.
    Append,
    /// To lock and overwrite, made if need be.
    Lock,
    /// To write a file that must not be there yet.
    New,
}

/// Whether a lock is held alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// By one.
    Alone,
    /// Together with others who share it.
    Shared,
}

/// What lies at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A plain file.
    File,
    /// A folder.
    Folder,
    /// A link, a pipe, a device.
    Other,
}

/// What is known of a file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// What it is.
    pub kind: Kind,
    /// Bytes.
    pub length: u64,
    /// When its content last changed: seconds and nanoseconds since 1970.
    pub modified: (i64, i64),
    /// When its content, name or rights last changed.
    pub changed: (i64, i64),
    /// Which file it is.
    pub inode: u64,
}

/// One name in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name.
    pub name: OsString,
    /// What it is.
    pub kind: Kind,
}

impl Entry {
    /// The name as text, where it is text. No name that this program gives is anything else.
    pub fn text(&self) -> Option<&str> {
        self.name.to_str()
    }
}

impl dyn OpenFile + '_ {
    /// Appends all the bytes, or fails; then a part may be written.
    pub fn append_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.append(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => bytes = &bytes[count..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Fills the buffer from an offset, or fails.
    pub fn read_exact_at(&self, mut bytes: &mut [u8], mut offset: u64) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.read_at(bytes, offset) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => {
                    bytes = &mut bytes[count..];
                    offset += count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The content from an offset on, to be read in order.
    pub fn from(&self, offset: u64) -> impl Read {
        Reading { file: self, at: offset }
    }
}

struct Reading<'a> {
    file: &'a dyn OpenFile,
    at: u64,
}

impl Read for Reading<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(bytes, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}
