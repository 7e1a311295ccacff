//! Opens a recording of whatever format: told by its first bytes, not by its name.

use super::assume::Assume;
use super::bytes::Bytes;
use super::{
    ReadError, Recording, RecordingError, arrays, bids, biosig, brainvision, edf, eeglab, foreign, gdf, mat5,
    true_labels,
};
use std::path::Path;

/// The bytes by which formats are told.
const START: usize = 256;

/// Hz that no amplifier reaches.
const FASTEST: f64 = 1e7;

/// What can be opened, for people.
const FORMATS: &str =
    "EDF, BDF, GDF, BrainVision (.vhdr), EEGLAB (.set), MAT (level 5), npz, npy and BioSig's _s.txt";

/// Reads what a file's header says, and what a BIDS folder says of it.
pub fn open(path: &Path, assume: &Assume) -> Result<Recording, RecordingError> {
    let recording = opened(path, assume).and_then(possible).map_err(|error| error.of(path))?;
    bids::amend(recording)
}

/// Refuses rates that no amplifier has, whatever the format: windows and filters are made by them.
fn possible(recording: Recording) -> Result<Recording, ReadError> {
    let absurd = |rate: &f64| !(*rate > 0.0 && *rate <= FASTEST);
    match recording.channels.iter().find_map(|channel| channel.rate.filter(absurd)) {
        Some(rate) => Err(ReadError::header(format!("it says a sampling rate of {rate:.3e} Hz"))),
        None => Ok(recording),
    }
}

fn opened(path: &Path, assume: &Assume) -> Result<Recording, ReadError> {
    let start = Bytes::open(path)?.start(START)?;
    if let Some(what) = foreign::known(&start) {
        return Err(ReadError::Foreign(what));
    }
    if edf::begins(&start) {
        true_labels::refuse(assume)?;
        edf::open(path)
    } else if gdf::begins(&start) {
        gdf::open(path, assume)
    } else if brainvision::begins(&start) {
        true_labels::refuse(assume)?;
        brainvision::open(path)
    } else if mat5::begins(&start) {
        matlab(path, assume)
    } else if start.starts_with(b"PK") {
        arrays::read(path, "npz", &arrays::npz(path)?, assume)
    } else if start.starts_with(b"\x93NUMPY") {
        arrays::read(path, "npy", &arrays::npy(path, assume)?, assume)
    } else if biosig::is_text(path) {
        biosig::read_text(path, assume)
    } else {
        Err(ReadError::Foreign(unknown(path)))
    }
}

fn matlab(path: &Path, assume: &Assume) -> Result<Recording, ReadError> {
    let variables = mat5::read(path)?;
    if biosig::is(&variables) {
        return biosig::read(path, &variables, assume);
    }
    match eeglab::Fields::find(&variables) {
        Some(set) => {
            true_labels::refuse(assume)?;
            eeglab::read(path, &set)
        }
        None => arrays::read(path, "MAT", &arrays::mat(variables), assume),
    }
}

/// A file that begins like none of the formats; the header of two-file formats is beside the file that people name.
fn unknown(path: &Path) -> String {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let header = match extension.as_str() {
        "eeg" | "vmrk" | "dat" => Some("vhdr"),
        "fdt" => Some("set"),
        _ => None,
    };
    match header {
        Some(header) => format!("is one part of a recording; name its .{header} file"),
        None => format!("is in no format that is known here ({FORMATS})"),
    }
}
