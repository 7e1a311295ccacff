//! BrainVision: a header (`.vhdr`) and markers (`.vmrk`) in the manner of Windows' ini files beside a file of samples, binary
//! or text. <https://www.brainproducts.com/support-resources/brainvision-core-data-format-1-0/>

use super::bytes::{Bytes, Number, text};
use super::channel::{self, Channel};
use super::event::{Event, Segment, in_order};
use super::records::{Field, Records};
use super::samples::{InMemory, Samples};
use super::{Content, ReadError, Recording};
use crate::disk::named;
use std::path::{Path, PathBuf};

/// Whether a file begins as a header of this format does; old ones leave the blank out.
pub fn begins(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    start.starts_with(b"Brain Vision Data Exchange Header")
        || start.starts_with(b"BrainVision Data Exchange Header")
}

/// A file of `[Section]`s with `key=value` lines.
struct Ini {
    text: String,
}

impl Ini {
    /// The lines of a section, comments and empty lines left out.
    fn section<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let head = |line: &'a str| line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
        let mut inside = false;
        self.text.lines().map(str::trim_end).filter_map(move |line| {
            if let Some(section) = head(line.trim()) {
                inside = section.eq_ignore_ascii_case(name);
                return None;
            }
            if !inside || line.trim_start().starts_with(';') {
                return None;
            }
            line.split_once('=').map(|(key, value)| (key.trim(), value))
        })
    }

    fn value<'a>(&'a self, section: &'a str, key: &'a str) -> Option<&'a str> {
        self.section(section).find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.trim())
    }

    fn common<'a>(&'a self, key: &'a str) -> Option<&'a str> {
        self.value("Common Infos", key)
    }
}

/// Reads the header and the markers.
pub fn open(path: &Path) -> Result<Recording, ReadError> {
    let header = Ini { text: text(path)? };
    if let Some(other) = header.common("DataType").filter(|it| !it.eq_ignore_ascii_case("TIMEDOMAIN")) {
        return Err(ReadError::Foreign(format!("holds data of the type {other}; export the time domain")));
    }
    let interval = number(&header, "SamplingInterval")?;
    if !(interval > 0.0 && interval.is_finite()) {
        return Err(ReadError::header(format!("its sampling interval is {interval} µs")));
    }
    let rate = 1e6 / interval;
    let count = number(&header, "NumberOfChannels")?;
    let (mut channels, resolutions) = channels(&header, rate)?;
    if count != channels.len() as f64 {
        return Err(ReadError::header(format!("it says {count} channels and describes {}", channels.len())));
    }
    channel::number_duplicates(&mut channels);
    let (samples, length) = samples(path, &header, &channels, &resolutions)?;
    for channel in &mut channels {
        channel.samples = length;
    }
    let seconds = length as f64 / rate;
    let (events, breaks) = markers(path, &header, rate)?;
    let segments = Segment::cut(seconds, &breaks);
    let mut notes = Vec::new();
    if segments.len() > 1 {
        notes.push(format!("it was interrupted {} times; no trial reaches over that", segments.len() - 1));
    }
    let (events, outside) = in_order(events, &segments, 0.5 / rate);
    Ok(Recording {
        path: path.to_owned(),
        format: "BrainVision",
        channels,
        events,
        outside,
        segments,
        content: Content::Continuous(samples),
        notes,
    })
}

/// `Ch1=Fp1,,0.5,µV`: name, reference, resolution (1 where there is none), unit (µV where there is none).
fn channels(header: &Ini, rate: f64) -> Result<(Vec<Channel>, Vec<f64>), ReadError> {
    let mut described = Vec::new();
    for (key, value) in header.section("Channel Infos") {
        let Some(number) = key.to_ascii_lowercase().strip_prefix("ch").map(str::to_owned) else { continue };
        let number: usize =
            number.parse().map_err(|_| ReadError::header(format!("it describes a channel '{key}'")))?;
        let mut parts = value.split(',').map(|part| part.trim().replace("\\1", ","));
        let name = parts.next().unwrap_or_default();
        let resolution = parts.nth(1).unwrap_or_default();
        let unit = parts.next().filter(|unit| !unit.is_empty()).unwrap_or_else(|| "µV".into());
        let resolution = match resolution.as_str() {
            "" => 1.0,
            text => text
                .replace(',', ".")
                .parse()
                .ok()
                .filter(|it: &f64| it.is_finite() && *it != 0.0)
                .ok_or_else(|| ReadError::header(format!("the resolution of '{name}' is '{text}'")))?,
        };
        described.push((number, Channel::new(&name, &unit, Some(rate), 0), resolution));
    }
    // The number says where in the samples a channel lies, not the line.
    described.sort_by_key(|(number, ..)| *number);
    let counted = described.iter().map(|(number, ..)| *number);
    if let Some(number) = counted.zip(1..).find_map(|(number, place)| (number != place).then_some(number)) {
        return Err(ReadError::header(format!(
            "its channels are not numbered from 1 on: there is a Ch{number}"
        )));
    }
    match described.is_empty() {
        true => Err(ReadError::header("it describes no channel")),
        false => Ok(described.into_iter().map(|(_, channel, resolution)| (channel, resolution)).unzip()),
    }
}

fn number(header: &Ini, key: &str) -> Result<f64, ReadError> {
    let text = header.common(key).ok_or_else(|| ReadError::header(format!("it lacks {key}")))?;
    text.replace(',', ".").parse().map_err(|_| ReadError::header(format!("its {key} is '{text}'")))
}

/// The samples and how many there are.
fn samples(
    path: &Path,
    header: &Ini,
    channels: &[Channel],
    resolutions: &[f64],
) -> Result<(Box<dyn Samples>, u64), ReadError> {
    let data = companion(path, header, "DataFile", "eeg")?;
    let vectorised = match header.common("DataOrientation").unwrap_or("MULTIPLEXED") {
        text if text.eq_ignore_ascii_case("VECTORIZED") => true,
        text if text.eq_ignore_ascii_case("MULTIPLEXED") => false,
        text => return Err(ReadError::header(format!("its DataOrientation is '{text}'"))),
    };
    let named = |error: ReadError| {
        let name = data.file_name().unwrap_or_default().to_string_lossy().into_owned();
        ReadError::Companion(name, error.to_string())
    };
    match header.common("DataFormat").unwrap_or("BINARY") {
        format if format.eq_ignore_ascii_case("ASCII") => {
            let values = ascii(&data, header, channels.len(), vectorised).map_err(named)?;
            let length = values.len() / channels.len();
            let scales: Vec<f64> = channels
                .iter()
                .zip(resolutions)
                .map(|(channel, resolution)| channel.scale() * resolution)
                .collect();
            let scaled =
                values.chunks(channels.len()).flat_map(|row| row.iter().zip(&scales).map(|(v, s)| v * s));
            let values = scaled.collect();
            Ok((Box::new(InMemory { values, channels: channels.len() }), length as u64))
        }
        format if format.eq_ignore_ascii_case("BINARY") => {
            let records = binary(&data, header, channels, resolutions, vectorised).map_err(named)?;
            let length = if vectorised {
                records.fields.first().map_or(0, |it| it.count as u64)
            } else {
                records.count
            };
            Ok((Box::new(records), length))
        }
        format => Err(ReadError::header(format!("its DataFormat is '{format}'"))),
    }
}

fn binary(
    data: &Path,
    header: &Ini,
    channels: &[Channel],
    resolutions: &[f64],
    vectorised: bool,
) -> Result<Records, ReadError> {
    let number = match header.value("Binary Infos", "BinaryFormat").unwrap_or("INT_16") {
        "INT_16" => Number::Signed(2),
        "UINT_16" => Number::Unsigned(2),
        "INT_32" => Number::Signed(4),
        "IEEE_FLOAT_32" => Number::Float(4),
        "IEEE_FLOAT_64" => Number::Float(8),
        other => return Err(ReadError::header(format!("its BinaryFormat is '{other}'"))),
    };
    let big =
        header.value("Binary Infos", "UseBigEndianOrder").is_some_and(|it| it.eq_ignore_ascii_case("YES"));
    let file = Bytes::open(data)?;
    let row = channels.len() * number.size();
    let length = file.len / row as u64;
    if length == 0 {
        return Err(ReadError::cut_off("not one whole sample is there"));
    }
    let declared = header.common("DataPoints").and_then(|text| text.parse::<u64>().ok()).filter(|&it| it > 0);
    if declared.is_some_and(|declared| declared > length) || file.len % row as u64 != 0 {
        let promised = declared.map_or("whole samples".into(), |points| format!("{points} samples"));
        return Err(ReadError::cut_off(format!(
            "{promised} of {} channels are promised, {} bytes are there",
            channels.len(),
            file.len
        )));
    }
    let column = length as usize;
    let (size, count, per_record) = if vectorised { (row * column, 1, column) } else { (row, length, 1) };
    let field = |(index, (channel, &gain)): (usize, (&Channel, &f64))| Field {
        at: index * per_record * number.size(),
        count: per_record,
        number,
        subtract: 0.0,
        gain,
        add: 0.0,
        scale: channel.scale(),
    };
    let fields = channels.iter().zip(resolutions).enumerate().map(field).collect();
    Records { file, start: 0, size, count, fields, big }.check()
}

/// Values as text, (sample, channel): a line a sample, or a line a channel with its name before the values.
fn ascii(data: &Path, header: &Ini, channels: usize, vectorised: bool) -> Result<Vec<f64>, ReadError> {
    let info = |key| header.value("ASCII Infos", key);
    let whole = |key| info(key).and_then(|text| text.parse::<usize>().ok());
    let comma = info("DecimalSymbol") == Some(",");
    let skip_lines = whole("SkipLines").unwrap_or(0);
    let skip_columns = whole("SkipColumns").unwrap_or(0);
    let content = text(data)?;
    let mut rows = Vec::new();
    for (index, line) in
        content.lines().enumerate().skip(skip_lines).filter(|(_, line)| !line.trim().is_empty())
    {
        let row = line
            .split([' ', '\t', ';'])
            .filter(|cell| !cell.is_empty())
            .skip(skip_columns)
            .map(|cell| if comma { cell.replace(',', ".").parse() } else { cell.parse() })
            .collect::<Result<Vec<f64>, _>>()
            .map_err(|_| {
                ReadError::header(format!("line {} of its samples holds what is no number", index + 1))
            })?;
        rows.push(row);
    }
    let length = if vectorised { rows.first().map_or(0, Vec::len) } else { rows.len() };
    let (tall, wide) = if vectorised { (channels, length) } else { (length, channels) };
    if length == 0 || rows.len() != tall || rows.iter().any(|row| row.len() != wide) {
        return Err(ReadError::cut_off(format!("its lines are not {tall} of {wide} values each")));
    }
    Ok(match vectorised {
        false => rows.into_iter().flatten().collect(),
        true => (0..length).flat_map(|sample| rows.iter().map(move |row| row[sample])).collect(),
    })
}

/// A file that the header names; `$b` stands for the header's own name. Where it isn't there, one of the header's name.
fn companion(path: &Path, header: &Ini, key: &str, extension: &str) -> Result<PathBuf, ReadError> {
    let own = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let named = header.common(key).unwrap_or_default().replace("$b", &own);
    // A name with folders comes from another machine; only the last part of it can mean anything here.
    let last = named.rsplit(['/', '\\']).next().unwrap_or_default();
    let beside = path.with_file_name(if last.is_empty() { "." } else { last });
    let renamed = path.with_extension(extension);
    if !last.is_empty() && named::is_file(&beside)? {
        Ok(beside)
    } else if named::is_file(&renamed)? {
        Ok(renamed)
    } else {
        let name =
            if last.is_empty() { format!("a {extension} file of its own name") } else { last.to_owned() };
        Err(ReadError::Companion(name, "it is not there; copy both files".into()))
    }
}

/// `Mk2=Stimulus,S253,487,1,0`: type, description, position (from 1), length in samples. Returns the events, and where a
/// new segment begins, in seconds.
fn markers(path: &Path, header: &Ini, rate: f64) -> Result<(Vec<Event>, Vec<f64>), ReadError> {
    if header.common("MarkerFile").unwrap_or_default().is_empty()
        && !named::is_file(&path.with_extension("vmrk"))?
    {
        return Ok((Vec::new(), Vec::new()));
    }
    let file = companion(path, header, "MarkerFile", "vmrk")?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let markers =
        Ini { text: text(&file).map_err(|error| ReadError::Companion(name.clone(), error.to_string()))? };
    let (mut events, mut breaks) = (Vec::new(), Vec::new());
    for (key, value) in markers.section("Marker Infos") {
        if !key.to_ascii_lowercase().starts_with("mk") {
            continue;
        }
        let parts: Vec<String> = value.split(',').map(|part| part.replace("\\1", ",")).collect();
        let (kind, description) = match &parts[..] {
            [kind, description, ..] => (kind.trim(), description.trim_end()),
            _ => return Err(ReadError::header(format!("{name} has a marker {key} without a position"))),
        };
        let sample = |place: usize| parts.get(place).and_then(|text| text.trim().parse::<f64>().ok());
        let position = sample(2)
            .filter(|position| position.is_finite())
            .ok_or_else(|| ReadError::header(format!("{name} has a marker {key} without a position")))?;
        let onset = (position - 1.0) / rate;
        if kind == "New Segment" {
            breaks.push(onset);
            continue;
        }
        let duration = sample(3).filter(|length| *length > 0.0).unwrap_or(0.0) / rate;
        events.push(Event::new(onset, duration, format!("{kind}/{description}")));
    }
    Ok((events, breaks))
}
