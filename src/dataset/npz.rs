//! Archives of arrays (npz: a zip file of npy files, stored or deflated). Sizes that a file declares are checked against
//! the file and a limit before anything is allocated.

use super::dtype::Dtype;
use super::npy::{Header, to_c_order};
use std::io::{self, Read, Seek, SeekFrom};
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

/// Deflate can't do better: 258 bytes for two bits, rounded up.
const DEFLATE_LIMIT: u64 = 1032;
/// Bytes decoded at a time.
const CHUNK: usize = 1 << 16;

/// Why an npz file can't be read. The text completes "FILE …".
#[derive(Debug, thiserror::Error)]
pub enum NpzError {
    /// Opening or reading failed.
    #[error("can't be read: {0}")]
    Io(#[from] io::Error),
    /// A folder, a pipe or a device.
    #[error("is no file")]
    NoFile,
    /// Nothing in it.
    #[error("is empty; copy it again")]
    Empty,
    /// Some other format.
    #[error("is no npz file (it does not begin as a zip archive does); save it with numpy.savez")]
    NotZip,
    /// The beginning is right, the end is not there.
    #[error("is cut off or damaged ({0}); copy it again")]
    CutOff(String),
    /// An array that must be there is not.
    #[error(
        "has no array '{name}' (it holds {}); add one, as 'eeg-tui help data' describes, or let 'eeg-tui data import NAME FILE \
         --signal ARRAY --labels ARRAY' make a data set of the file",
        listed(found)
    )]
    Lacks {
        /// What is missing.
        name: &'static str,
        /// What is there.
        found: Vec<String>,
    },
    /// An array that can't be used.
    #[error("has an array '{name}' that can't be used: {what}")]
    BadArray {
        /// Which.
        name: String,
        /// Why.
        what: String,
    },
    /// An array that would not fit into memory.
    #[error(
        "says that '{name}' holds {needed} values, more than the {limit} that this machine has room for; \
         cut the recordings into smaller sets"
    )]
    TooLarge {
        /// Which.
        name: String,
        /// What it says.
        needed: String,
        /// What would be taken.
        limit: usize,
    },
}

/// An opened npz file.
pub struct Npz<R: Read + Seek> {
    archive: ZipArchive<R>,
    bytes: u64,
}

/// An array's numbers in C order.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers<T> {
    /// The size of each dimension.
    pub shape: Vec<usize>,
    /// The last index varies fastest.
    pub values: Vec<T>,
}

impl<R: Read + Seek> Npz<R> {
    /// Opens an archive.
    pub fn open(mut reader: R) -> Result<Self, NpzError> {
        let bytes = reader.seek(SeekFrom::End(0))?;
        if bytes == 0 {
            return Err(NpzError::Empty);
        }
        let mut start = [0; 4];
        reader.rewind()?;
        match reader.read_exact(&mut start) {
            Err(error) if is_refusal(&error) => return Err(error.into()),
            Ok(()) if &start == b"PK\x03\x04" || &start == b"PK\x05\x06" => {}
            _ => return Err(NpzError::NotZip),
        }
        let archive = ZipArchive::new(reader).map_err(damaged)?;
        Ok(Npz { archive, bytes })
    }

    /// Names of the arrays in it.
    pub fn names(&self) -> Vec<String> {
        let files = self.archive.file_names().filter_map(Result::ok);
        files.map(|file| file.strip_suffix(".npy").unwrap_or(&file).to_owned()).collect()
    }

    /// The shape of an array; `None` where there is no such array.
    pub fn shape(&mut self, name: &str) -> Result<Option<Vec<usize>>, NpzError> {
        Ok(self.entry(name)?.map(|(header, _)| header.shape))
    }

    /// The shape of an array, and whether it holds text; `None` where there is no such array.
    pub fn kind(&mut self, name: &str) -> Result<Option<(Vec<usize>, bool)>, NpzError> {
        Ok(self.entry(name)?.map(|(header, _)| (header.shape, !header.dtype.is_number())))
    }

    /// An array of numbers, each made a `T`; `None` where there is no such array. `limit` is the most values that are
    /// taken.
    pub fn numbers<T: Copy>(
        &mut self,
        name: &str,
        limit: usize,
        convert: impl Fn(f64) -> T,
    ) -> Result<Option<Numbers<T>>, NpzError> {
        let Some((header, reader)) = self.entry(name)? else { return Ok(None) };
        if !header.dtype.is_number() {
            let what = "it holds text; save numbers".to_owned();
            return Err(NpzError::BadArray { name: name.to_owned(), what });
        }
        let values = values(name, &header, reader, limit, |dtype, bytes| convert(dtype.number(bytes)))?;
        let values = if header.fortran { to_c_order(&values, &header.shape) } else { values };
        Ok(Some(Numbers { shape: header.shape, values }))
    }

    /// An array of texts in the order of the file; `None` where there is no such array.
    pub fn texts(&mut self, name: &str, limit: usize) -> Result<Option<Vec<String>>, NpzError> {
        let Some((header, reader)) = self.entry(name)? else { return Ok(None) };
        if header.dtype.is_number() {
            let what = "it holds numbers; save texts".to_owned();
            return Err(NpzError::BadArray { name: name.to_owned(), what });
        }
        values(name, &header, reader, limit, Dtype::text).map(Some)
    }

    /// Finds an array and reads its header; the reader then stands at its first value.
    fn entry(&mut self, name: &str) -> Result<Option<(Header, impl Read + '_)>, NpzError> {
        let mut entry = match self.archive.by_name(&format!("{name}.npy")) {
            Ok(entry) => entry,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(error) => return Err(damaged(error)),
        };
        let (packed, unpacked) = (entry.compressed_size(), entry.size());
        let possible = match entry.compression() {
            CompressionMethod::Stored => packed,
            _ => packed.saturating_mul(DEFLATE_LIMIT),
        };
        if packed > self.bytes || unpacked > possible {
            return Err(NpzError::CutOff(format!("'{name}' says it is larger than the file can hold")));
        }
        let header = Header::read(&mut entry).map_err(|error| match is_refusal(&error) {
            true => NpzError::Io(error),
            false => NpzError::BadArray {
                name: name.to_owned(),
                what: format!("it is no array that can be read: {error}"),
            },
        })?;
        Ok(Some((header, entry.take(unpacked))))
    }
}

/// Decodes all values of an array, a chunk at a time. The reader stands at the first of them and ends after the last.
pub fn values<T>(
    name: &str,
    header: &Header,
    mut reader: impl Read,
    limit: usize,
    decode: impl Fn(Dtype, &[u8]) -> T,
) -> Result<Vec<T>, NpzError> {
    let size = header.dtype.size;
    let count = match (header.count(), header.bytes()) {
        (Some(count), Some(_)) if count <= limit => count,
        _ => {
            let needed = header.shape.iter().map(usize::to_string).collect::<Vec<_>>().join(" × ");
            return Err(NpzError::TooLarge { name: name.to_owned(), needed, limit });
        }
    };
    // Grows with what is really there: a size that is only declared allocates nothing.
    let mut values = Vec::new();
    let mut chunk = vec![0; CHUNK / size * size];
    while values.len() < count {
        let wanted = (count - values.len()).min(chunk.len() / size) * size;
        reader.read_exact(&mut chunk[..wanted]).map_err(|error| unreadable(name, error))?;
        values.extend(chunk[..wanted].chunks_exact(size).map(|bytes| decode(header.dtype, bytes)));
    }
    // The archive compares its checksum at the end of the entry.
    let mut more = [0];
    match reader.read(&mut more) {
        Ok(0) => Ok(values),
        Ok(_) => Err(NpzError::CutOff(format!("'{name}' holds more than its header says"))),
        Err(error) => Err(unreadable(name, error)),
    }
}

fn unreadable(name: &str, error: io::Error) -> NpzError {
    match error.kind() {
        _ if is_refusal(&error) => NpzError::Io(error),
        io::ErrorKind::UnexpectedEof => NpzError::CutOff(format!("'{name}' ends before its last value")),
        _ => NpzError::CutOff(format!("'{name}': {error}")),
    }
}

/// Whether the system refused to read, rather than what was read being wrong: the same may succeed later.
fn is_refusal(error: &io::Error) -> bool {
    error.raw_os_error().is_some()
}

fn damaged(error: ZipError) -> NpzError {
    match error {
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => NpzError::Io(error),
        ZipError::Io(_) => NpzError::CutOff("it ends too early".into()),
        other => NpzError::CutOff(other.to_string()),
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "nothing".into() } else { names.join(", ") }
}
