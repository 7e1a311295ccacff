//! One file of an imported set, as npz. Knows nothing of where it will lie.

use super::ImportError;
use crate::dataset::most_values;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Above this many bytes a zip entry needs wide sizes.
const WIDE: usize = 1 << 31;

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
