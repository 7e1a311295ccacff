//! One file of an imported set, as npz. Knows nothing of where it will lie.

use super::ImportError;
use crate::dataset::most_values;
use std::io::{self, Seek, SeekFrom, Write};
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
pub fn npz<W: Write + Seek>(block: &Block, form: &Form, writer: &mut W) -> io::Result<()> {
    let mut patient = Patient { writer, at: 0, end: 0, refused: None };
    arrays(block, form, &mut patient)?;
    patient.refused.map_or(Ok(()), Err)
}

/// Keeps the first thing that a writer refuses, and takes the rest in silence: an archive that sees an error writes its end
/// nonetheless when it goes, and ends the program where that does not fit to what is there.
struct Patient<'a, W> {
    writer: &'a mut W,
    /// Where the next byte goes.
    at: u64,
    /// How many bytes there are.
    end: u64,
    refused: Option<io::Error>,
}

impl<W: Write> Write for Patient<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.refused.is_none() {
            self.refused = self.writer.write_all(bytes).err();
        }
        self.at += bytes.len() as u64;
        self.end = self.end.max(self.at);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.refused.is_none() {
            self.refused = self.writer.flush().err();
        }
        Ok(())
    }
}

impl<W: Seek> Seek for Patient<'_, W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.end.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        if self.refused.is_none() {
            self.refused = self.writer.seek(SeekFrom::Start(self.at)).err();
        }
        Ok(self.at)
    }
}

fn arrays<W: Write + Seek>(block: &Block, form: &Form, writer: W) -> io::Result<()> {
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

fn entry<W: Write + Seek>(
    archive: &mut ZipWriter<W>,
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

fn texts<W: Write + Seek>(
    archive: &mut ZipWriter<W>,
    name: &str,
    texts: &[String],
    shape: &[usize],
) -> io::Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// Refuses the n-th call, once or from then on, having written half.
    struct Refusing {
        file: Cursor<Vec<u8>>,
        calls: u64,
        at: u64,
        for_ever: bool,
    }

    impl Refusing {
        fn is_refused(&mut self) -> bool {
            self.calls += 1;
            self.calls == self.at || (self.for_ever && self.calls > self.at)
        }
    }

    impl Write for Refusing {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.is_refused() {
                self.file.write_all(&bytes[..bytes.len() / 2])?;
                return Err(io::Error::from_raw_os_error(28));
            }
            self.file.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for Refusing {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            if self.is_refused() { Err(io::Error::from_raw_os_error(5)) } else { self.file.seek(to) }
        }
    }

    #[test]
    fn whatever_call_a_disk_refuses_a_file_that_is_not_whole_is_said_to_be_so() {
        let block = Block {
            signal: vec![1.0; 24],
            labels: vec![0, 1],
            subjects: vec!["S1".into(), "S2".into()],
            sessions: Vec::new(),
            runs: vec!["1".into(), "2".into()],
        };
        let electrodes = vec!["C3".into(), "Cz".into(), "C4".into()];
        let form = Form { samples: 4, electrodes, sfreq: Some(128.0), classes: None };
        let write = |at: u64, for_ever: bool| {
            let mut file = Refusing { file: Cursor::new(Vec::new()), calls: 0, at, for_ever };
            let written = npz(&block, &form, &mut file);
            (written, file)
        };
        let (written, whole) = write(0, false);
        written.unwrap();
        for at in 1..=whole.calls {
            for for_ever in [false, true] {
                let (written, _) = write(at, for_ever);
                assert!(written.unwrap_err().raw_os_error().is_some(), "call {at} of {}", whole.calls);
            }
        }
    }
}
