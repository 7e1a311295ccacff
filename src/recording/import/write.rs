//! Writes an imported set: npz files in a folder that appears only when it is whole.

#![allow(
    clippy::disallowed_methods,
    reason = "a set is made in a new folder of its own, and given its name when it is whole"
)]

use super::ImportError;
use crate::dataset::most_values;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Above this many bytes a zip entry needs wide sizes.
const WIDE: usize = 1 << 31;

/// A folder in the making, beside where it will be; gone when it isn't finished.
pub struct Draft {
    path: PathBuf,
    target: PathBuf,
    done: bool,
}

impl Draft {
    /// Begins a folder that will be `target`.
    pub fn begin(target: &Path) -> Result<Self, ImportError> {
        let parent =
            target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let path = parent.join(format!(".{name}.importing-{}", std::process::id()));
        fs::create_dir_all(parent).map_err(|error| unwritable(parent, &error))?;
        fs::create_dir(&path).map_err(|error| unwritable(&path, &error))?;
        Ok(Draft { path, target: target.to_owned(), done: false })
    }

    /// Writes one file into it and returns its SHA-256.
    pub fn file(
        &self,
        name: &str,
        write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<String, ImportError> {
        let path = self.path.join(name);
        let written = || {
            let mut writer = BufWriter::new(File::create_new(&path)?);
            write(&mut writer)?;
            writer.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
        };
        written().map_err(|error| unwritable(&path, &error))?;
        sha256(&path).map_err(|error| unwritable(&path, &error))
    }

    /// Puts the folder where it belongs. What was there before goes, if it may.
    pub fn finish(mut self, replace: bool) -> Result<(), ImportError> {
        let moved = || {
            if replace && self.target.exists() {
                let old = self.path.with_extension("old");
                fs::rename(&self.target, &old)?;
                if let Err(error) = fs::rename(&self.path, &self.target) {
                    // The old set comes back where the new one can't take its place.
                    let _ = fs::rename(&old, &self.target);
                    return Err(error);
                }
                fs::remove_dir_all(&old)
            } else {
                fs::rename(&self.path, &self.target)
            }
        };
        moved().map_err(|error| unwritable(&self.target, &error))?;
        self.done = true;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.done {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

fn unwritable(path: &Path, error: &io::Error) -> ImportError {
    ImportError::Work(format!("{} can't be written: {error}", path.display()))
}

/// A file's SHA-256, in hexadecimal.
pub fn sha256(path: &Path) -> io::Result<String> {
    let mut reader = BufReader::with_capacity(1 << 20, File::open(path)?);
    let mut hash = Sha256::new();
    let mut chunk = vec![0; 1 << 20];
    loop {
        match reader.read(&mut chunk)? {
            0 => break,
            read => hash.update(&chunk[..read]),
        }
    }
    Ok(crate::dataset::hex(&hash.finalize()))
}

/// The trials of one file of a set.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// (trial, sample, electrode), µV.
    pub signal: Vec<f32>,
    /// One a trial.
    pub labels: Vec<i64>,
    /// One a trial.
    pub subjects: Vec<String>,
    /// One a trial; empty where none is known.
    pub sessions: Vec<String>,
    /// One a trial.
    pub runs: Vec<String>,
}

/// What all files of a set share.
#[derive(Clone, Debug)]
pub struct Form {
    /// Samples of a trial.
    pub samples: usize,
    /// Names of the electrodes.
    pub electrodes: Vec<String>,
    /// Hz.
    pub sfreq: Option<f64>,
    /// Names of the classes in the order of their labels; none where the labels themselves are the names.
    pub classes: Option<Vec<String>>,
}

impl Form {
    /// Whether so many trials still fit into memory.
    pub fn check(&self, trials: usize) -> Result<(), ImportError> {
        let values = trials.saturating_mul(self.samples).saturating_mul(self.electrodes.len());
        match values <= most_values() {
            true => Ok(()),
            false => Err(ImportError::Work(format!(
                "{trials} trials of {} samples × {} electrodes are more than this machine has memory for; \
                 take a shorter window, fewer electrodes with --picks, or a lower rate with --resample",
                self.samples,
                self.electrodes.len()
            ))),
        }
    }
}

/// Writes a block as npz: stored, without times, so that one import gives the same bytes whenever it is made.
pub fn npz(block: &Block, form: &Form, writer: &mut BufWriter<File>) -> io::Result<()> {
    let mut archive = ZipWriter::new(writer);
    let trials = block.labels.len();
    let shape = [trials, form.samples, form.electrodes.len()];
    entry(&mut archive, "signal", "<f4", &shape, block.signal.iter().flat_map(|value| value.to_le_bytes()))?;
    entry(
        &mut archive,
        "label",
        "<i8",
        &[trials],
        block.labels.iter().flat_map(|label| label.to_le_bytes()),
    )?;
    if let Some(sfreq) = form.sfreq {
        entry(&mut archive, "sfreq", "<f8", &[], sfreq.to_le_bytes().into_iter())?;
    }
    texts(&mut archive, "ch_names", &form.electrodes, &[form.electrodes.len()])?;
    if let Some(classes) = &form.classes {
        texts(&mut archive, "class_names", classes, &[classes.len()])?;
    }
    texts(&mut archive, "unit", &["µV".to_owned()], &[])?;
    texts(&mut archive, "subject", &block.subjects, &[trials])?;
    if block.sessions.len() == trials {
        texts(&mut archive, "session", &block.sessions, &[trials])?;
    }
    texts(&mut archive, "run", &block.runs, &[trials])?;
    archive.finish()?;
    Ok(())
}

type Archive<'a> = ZipWriter<&'a mut BufWriter<File>>;

fn entry(
    archive: &mut Archive,
    name: &str,
    descr: &str,
    shape: &[usize],
    bytes: impl Iterator<Item = u8>,
) -> io::Result<()> {
    let values: usize = shape.iter().product();
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .large_file(values.saturating_mul(8) > WIDE);
    archive.start_file(format!("{name}.npy"), options)?;
    archive.write_all(&header(descr, shape))?;
    let mut chunk = Vec::with_capacity(1 << 16);
    for byte in bytes {
        chunk.push(byte);
        if chunk.len() == 1 << 16 {
            archive.write_all(&chunk)?;
            chunk.clear();
        }
    }
    archive.write_all(&chunk)
}

fn texts(archive: &mut Archive, name: &str, texts: &[String], shape: &[usize]) -> io::Result<()> {
    let width = texts.iter().map(|text| text.chars().count()).max().unwrap_or(0).max(1);
    let padded =
        texts.iter().flat_map(|text| text.chars().map(u32::from).chain(std::iter::repeat(0)).take(width));
    let descr = format!("<U{width}");
    entry(archive, name, &descr, shape, padded.flat_map(u32::to_le_bytes))
}

/// An npy header, as NumPy writes it: its length a multiple of 64.
fn header(descr: &str, shape: &[usize]) -> Vec<u8> {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    let sizes = if sizes.len() == 1 { format!("{},", sizes[0]) } else { sizes.join(", ") };
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sizes}), }}");
    let len = (text.len() + 11).next_multiple_of(64) - 11;
    text.extend(std::iter::repeat_n(' ', len - text.len()));
    text.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes
}
