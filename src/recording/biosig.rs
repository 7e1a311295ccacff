//! BioSig's form of a continuous recording in MATLAB: samples in `s` and their description in `HDR`; the form in which BCI
//! Competition III ships its set IIIb, as MAT-files and as text files (`…_s.txt`, `…_HDR_TRIG.txt` …).

use super::ReadError;
use super::assume::Assume;
use super::bytes::text;
use super::channel::{self, Channel};
use super::event::{Event, Segment, in_order};
use super::mat5::Value;
use super::samples::InMemory;
use super::true_labels::{UNLABELLED, numbers, told};
use super::{Content, Recording};
use crate::dataset::most_values;
use crate::disk::named;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// How the name of a text file of samples ends.
const TEXT_END: &str = "_s.txt";
/// The longest line of a text file of samples.
const LONGEST_LINE: usize = 1 << 16;

/// What `HDR` says, wherever it lies.
#[derive(Debug, Default)]
struct Header {
    rate: Option<f64>,
    names: Option<Vec<String>>,
    unit: Option<String>,
    /// Samples, counted from 1, at which trials begin.
    triggers: Vec<f64>,
    /// The class of each trial; NaN where it is kept for a test.
    labels: Vec<f64>,
    /// For each trial whether it is disturbed; may be missing.
    artifacts: Vec<f64>,
}

/// Whether a file's variables are in this form.
pub fn is(variables: &[(String, Value)]) -> bool {
    let has = |name: &str| variables.iter().any(|(it, _)| it == name);
    has("s") && has("HDR")
}

/// Whether a file's name is that of samples as text.
pub fn is_text(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(TEXT_END))
}

/// Reads a MAT-file's variables.
pub fn read(path: &Path, variables: &[(String, Value)], assume: &Assume) -> Result<Recording, ReadError> {
    let value = |name: &str| variables.iter().find(|(it, _)| it == name).map(|(_, value)| value);
    let (Some(Value::Numbers { shape, values }), Some(described)) = (value("s"), value("HDR")) else {
        return Err(ReadError::header("its 's' is no array of numbers"));
    };
    let &[samples, channels] = &shape[..] else {
        return Err(ReadError::header("its 's' is not (sample, electrode)"));
    };
    let list =
        |name: &str| described.field(name).and_then(Value::numbers).map(<[f64]>::to_vec).unwrap_or_default();
    let one = |name: &str| described.field(name).and_then(Value::number);
    let header = Header {
        rate: one("SampleRate").or(one("Fs")),
        names: described.field("Label").and_then(Value::texts),
        unit: described.field("PhysDim").and_then(Value::texts).and_then(|units| units.into_iter().next()),
        triggers: list("TRIG"),
        labels: list("Classlabel"),
        artifacts: list("ArtifactSelection"),
    };
    // MATLAB's first index is the fastest.
    let values = crate::dataset::npy::to_c_order(values, &[samples, channels]);
    recording(path, "BioSig MAT", values, channels, header, assume)
}

/// Reads text files.
pub fn read_text(path: &Path, assume: &Assume) -> Result<Recording, ReadError> {
    let (values, channels) = samples(path)?;
    let header = Header {
        rate: list(path, "SampleRate")?.and_then(|rates| rates.first().copied()),
        triggers: list(path, "TRIG")?.unwrap_or_default(),
        labels: list(path, "Classlabel")?.unwrap_or_default(),
        artifacts: list(path, "ArtifactSelection")?.unwrap_or_default(),
        ..Header::default()
    };
    recording(path, "BioSig text", values, channels, header, assume)
}

/// `S4b_HDR_TRIG.txt` beside `S4b_s.txt`.
fn list(path: &Path, field: &str) -> Result<Option<Vec<f64>>, ReadError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let stem = name.strip_suffix(TEXT_END).unwrap_or(&name);
    let name = format!("{stem}_HDR_{field}.txt");
    let beside = path.with_file_name(&name);
    if !named::is_file(&beside)? {
        return Ok(None);
    }
    let numbers = text(&beside).and_then(|text| numbers(&text));
    numbers.map(Some).map_err(|error| ReadError::Companion(name, error.to_string()))
}

/// A line a sample, a number an electrode.
fn samples(path: &Path) -> Result<(Vec<f64>, usize), ReadError> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(ReadError::NoFile);
    }
    let mut reader = BufReader::new(named::open(path)?);
    let (mut values, mut channels) = (Vec::new(), 0);
    let mut line = Vec::new();
    let mut number = 0;
    while std::io::Read::take(&mut reader, LONGEST_LINE as u64).read_until(b'\n', &mut line)? > 0 {
        number += 1;
        let row = numbers(&super::bytes::decode(&line))
            .map_err(|_| ReadError::header(format!("line {number} holds what is no number")))?;
        line.clear();
        if row.is_empty() {
            continue;
        }
        if channels == 0 {
            channels = row.len();
        } else if row.len() != channels {
            return Err(ReadError::cut_off(format!(
                "line {number} has {} numbers, not {channels}",
                row.len()
            )));
        }
        values.extend(row);
        if values.len() > most_values() {
            return Err(ReadError::TooLarge(format!("more than {} values", most_values())));
        }
    }
    match values.is_empty() {
        true => Err(ReadError::Empty),
        false => Ok((values, channels)),
    }
}

fn recording(
    path: &Path,
    format: &'static str,
    mut values: Vec<f64>,
    count: usize,
    header: Header,
    assume: &Assume,
) -> Result<Recording, ReadError> {
    if count == 0 || values.is_empty() {
        return Err(ReadError::header("it holds no sample"));
    }
    let rate = assume.rate.or(header.rate).ok_or_else(|| {
        ReadError::Ask("doesn't say its sampling rate; give it with --rate (set IIIb has 125 Hz)".into())
    })?;
    if !(rate.is_finite() && rate > 0.0) {
        return Err(ReadError::header(format!("its sampling rate is {rate} Hz")));
    }
    let length = values.len() / count;
    let named = header.names.as_ref().is_some_and(|names| names.len() == count);
    let name = |index: usize| match &header.names {
        Some(names) if named => names.get(index).cloned().unwrap_or_default(),
        _ => format!("E{}", index + 1),
    };
    // BioSig calibrates to µV where it says nothing.
    let unit = header.unit.as_deref().filter(|unit| !unit.is_empty()).unwrap_or("µV");
    let mut channels: Vec<Channel> =
        (0..count).map(|index| Channel::new(&name(index), unit, Some(rate), length as u64)).collect();
    channel::number_duplicates(&mut channels);
    for row in values.chunks_exact_mut(count) {
        for (value, channel) in row.iter_mut().zip(&channels) {
            *value *= channel.scale();
        }
    }
    let (events, notes) = events(&header, rate, assume)?;
    let segments = Segment::whole(length as f64 / rate);
    let (events, outside) = in_order(events, &segments, 0.5 / rate);
    Ok(Recording {
        path: path.to_owned(),
        format,
        channels,
        events,
        outside,
        segments,
        content: Content::Continuous(Box::new(InMemory { values, channels: count })),
        notes,
    })
}

fn events(header: &Header, rate: f64, assume: &Assume) -> Result<(Vec<Event>, Vec<String>), ReadError> {
    let trials = header.triggers.len();
    if header.labels.len() != trials {
        return Err(ReadError::header(format!(
            "it has {} class labels for {trials} triggers",
            header.labels.len()
        )));
    }
    if !header.artifacts.is_empty() && header.artifacts.len() != trials {
        let marks = header.artifacts.len();
        return Err(ReadError::header(format!("it has {marks} artifact marks for {trials} triggers")));
    }
    let truth = match &assume.true_labels {
        Some(file) => Some(told(file, &header.labels)?),
        None => None,
    };
    let unlabelled = header.labels.iter().filter(|label| label.is_nan()).count();
    let mut notes = Vec::new();
    if unlabelled > 0 && truth.is_none() {
        notes.push(format!(
            "{unlabelled} of its {trials} trials have no class: they are for the test; give theirs with --true-labels FILE"
        ));
    }
    let events = (0..trials).map(|trial| {
        let own = header.labels[trial];
        let label = truth.as_ref().map_or(own, |truth| truth[trial]);
        Event {
            onset: (header.triggers[trial] - 1.0) / rate,
            duration: 0.0,
            name: if label.is_nan() { UNLABELLED.into() } else { label.to_string() },
            artifact: header.artifacts.get(trial).is_some_and(|&mark| mark != 0.0),
            held_out: own.is_nan(),
        }
    });
    Ok((events.collect(), notes))
}
