//! Bytes of a file that is no longer trusted than its length: every read is compared with what is there first.

use super::ReadError;
use crate::disk::named;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// The most bytes of text (headers, markers, tables) that are read into memory.
const MOST_TEXT: u64 = 64 << 20;

/// An opened file and its length.
pub struct Bytes {
    file: File,
    /// How many bytes there are.
    pub len: u64,
}

impl Bytes {
    /// Opens a regular file.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        // Opening a pipe would wait for whoever writes to it.
        let metadata = fs::metadata(path)?;
        if !metadata.is_file() {
            return Err(ReadError::NoFile);
        }
        match metadata.len() {
            0 => Err(ReadError::Empty),
            len => Ok(Bytes { file: named::open(path)?, len }),
        }
    }

    /// So many bytes from there.
    pub fn at(&mut self, from: u64, len: usize) -> Result<Vec<u8>, ReadError> {
        match from.checked_add(len as u64) {
            Some(end) if end <= self.len => {}
            _ => return Err(ReadError::cut_off(format!("it ends after {} bytes", self.len))),
        }
        let mut bytes = vec![0; len];
        self.file.seek(SeekFrom::Start(from))?;
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// The first bytes, as many as there are of so many.
    pub fn start(&mut self, len: usize) -> Result<Vec<u8>, ReadError> {
        let len = len.min(usize::try_from(self.len).unwrap_or(len));
        self.at(0, len)
    }
}

/// A whole text file: UTF-8, or Latin-1 where it isn't.
pub fn text(path: &Path) -> Result<String, ReadError> {
    let mut file = Bytes::open(path)?;
    if file.len > MOST_TEXT {
        return Err(ReadError::TooLarge(format!("{} bytes of text", file.len)));
    }
    let len = file.len as usize;
    Ok(decode(&file.at(0, len)?))
}

/// Text in UTF-8, or in Latin-1 where it isn't.
pub fn decode(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

/// How a number lies in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// Signed, so many bytes.
    Signed(u8),
    /// Unsigned, so many bytes.
    Unsigned(u8),
    /// Floating point, 4 or 8 bytes.
    Float(u8),
}

impl Number {
    /// Bytes of one.
    pub fn size(self) -> usize {
        match self {
            Number::Signed(size) | Number::Unsigned(size) | Number::Float(size) => usize::from(size),
        }
    }

    /// The value of one, the lowest byte first unless `big`. `bytes` are as many as [`Number::size`] says, at most 8.
    pub fn value(self, bytes: &[u8], big: bool) -> f64 {
        let mut all = [0; 8];
        for (place, &byte) in all.iter_mut().zip(bytes) {
            *place = byte;
        }
        if big {
            all[..bytes.len().min(8)].reverse();
        }
        let whole = u64::from_le_bytes(all);
        match self {
            Number::Unsigned(_) => whole as f64,
            Number::Signed(size) => {
                let unused = 64 - 8 * u32::from(size.clamp(1, 8));
                ((whole << unused) as i64 >> unused) as f64
            }
            Number::Float(4) => f64::from(f32::from_bits(whole as u32)),
            Number::Float(_) => f64::from_bits(whole),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_width_are_read() {
        assert_eq!(Number::Signed(3).value(&[0xff, 0xff, 0xff], false), -1.0);
        assert_eq!(Number::Signed(3).value(&[0x00, 0x00, 0x80], false), -8_388_608.0);
        assert_eq!(Number::Unsigned(3).value(&[1, 2, 3], false), f64::from(0x03_02_01));
        assert_eq!(Number::Signed(2).value(&[0xff, 0xfe], true), -2.0);
        assert_eq!(Number::Signed(8).value(&(-7i64).to_le_bytes(), false), -7.0);
        assert_eq!(Number::Float(4).value(&1.5f32.to_le_bytes(), false), 1.5);
        assert_eq!(Number::Float(8).value(&(-2.25f64).to_be_bytes(), true), -2.25);
    }

    #[test]
    fn text_is_utf8_or_latin1() {
        assert_eq!(decode("\u{feff}µV".as_bytes()), "µV");
        assert_eq!(decode(b"\xb5V"), "µV");
    }
}
