//! GDF 1.x and 2.x, the general data format for biosignals: a binary header, records as in EDF but of any number type for
//! each channel, then a table of events. <https://arxiv.org/abs/cs/0608052>

use super::assume::Assume;
use super::bytes::{Bytes, Number, decode};
use super::channel::{self, Channel};
use super::event::{Event, Segment, in_order};
use super::records::{Field, Records};
use super::{Content, ReadError, Recording, true_labels, unit};
use std::path::Path;

/// Bytes of the fixed header, and of each channel's part of the header.
const FIXED: usize = 256;
/// The most events that are read.
const MOST_EVENTS: u64 = 16 << 20;

/// Whether a file begins as this format does.
pub fn begins(start: &[u8]) -> bool {
    start.starts_with(b"GDF ")
}

/// What a header says of a channel.
struct Signal {
    label: String,
    unit: String,
    physical: (f64, f64),
    digital: (f64, f64),
    per_record: usize,
    number: Number,
}

/// What a header says of the file.
struct Header {
    /// Whether it is laid out as version 1.9 and later are.
    second: bool,
    len: u64,
    declared: i64,
    duration: f64,
    signals: Vec<Signal>,
}

/// Reads the header and the table of events.
pub fn open(path: &Path, assume: &Assume) -> Result<Recording, ReadError> {
    let mut file = Bytes::open(path)?;
    let header = read_header(&mut file)?;
    let mut notes = Vec::new();
    let (fields, channels, size) = channels(&header)?;
    let count = count_records(&header, file.len, size, &mut notes)?;
    let channels: Vec<Channel> = channels
        .into_iter()
        .zip(&fields)
        .map(|(channel, field)| Channel { samples: count * field.count as u64, ..channel })
        .collect();
    let rate = channels.iter().filter_map(|channel| channel.rate).fold(0.0, f64::max);
    let end = header.len + count * size as u64;
    let mut events = events(&mut file, end, &header, rate)?;
    true_labels::of_cues(&mut events, assume)?;
    let segments = Segment::whole(count as f64 * header.duration);
    let (events, outside) = in_order(events, &segments, 0.5 / rate);
    let records = Records { file, start: header.len, size, count, fields, big: false }.check()?;
    Ok(Recording {
        path: path.to_owned(),
        format: if header.second { "GDF 2" } else { "GDF 1" },
        channels,
        events,
        outside,
        segments,
        content: Content::Continuous(Box::new(records)),
        notes,
    })
}

fn read_header(file: &mut Bytes) -> Result<Header, ReadError> {
    if file.len < FIXED as u64 {
        return Err(ReadError::cut_off(format!("its header needs {FIXED} bytes, {} are there", file.len)));
    }
    let fixed = file.at(0, FIXED)?;
    let text = decode(&fixed[4..8]);
    let version: f64 = text
        .trim()
        .parse()
        .map_err(|_| ReadError::header(format!("its version is '{text}', which is no number")))?;
    let second = version >= 1.9;
    let (len, signals) = if second {
        (u64::from(short(&fixed[184..])) * 256, usize::from(short(&fixed[252..])))
    } else {
        (long(&fixed[184..]), word(&fixed[252..]) as usize)
    };
    let least = signals.checked_add(1).and_then(|parts| parts.checked_mul(FIXED));
    match least {
        Some(least) if least as u64 <= len && len <= file.len => {}
        Some(least) if least as u64 > file.len || len > file.len => {
            return Err(ReadError::cut_off(format!(
                "its header of {signals} channels is longer than the file"
            )));
        }
        _ => {
            return Err(ReadError::header(format!(
                "{signals} channels don't fit into its {len} bytes of header"
            )));
        }
    }
    if signals == 0 {
        return Err(ReadError::header("it has no channels"));
    }
    let duration = duration(&fixed[244..252])?;
    let table = file.at(FIXED as u64, FIXED * signals)?;
    let signals =
        (0..signals).map(|index| signal(&table, signals, index, second)).collect::<Result<Vec<_>, _>>()?;
    Ok(Header { second, len, declared: long(&fixed[236..]) as i64, duration, signals })
}

/// A record's seconds: a fraction of two whole numbers; some late writers put one floating point number there.
fn duration(bytes: &[u8]) -> Result<f64, ReadError> {
    let fraction = f64::from(word(bytes)) / f64::from(word(&bytes[4..]));
    let float = Number::Float(8).value(&bytes[..8], false);
    let likely = |seconds: f64| seconds.is_finite() && (1e-7..1e7).contains(&seconds);
    match [fraction, float].into_iter().find(|&seconds| likely(seconds)) {
        Some(seconds) => Ok(seconds),
        None => Err(ReadError::header(format!(
            "its records last {fraction} s, so that there is no sampling rate"
        ))),
    }
}

/// Each field of all channels lies together; the widths differ between the versions.
fn signal(table: &[u8], signals: usize, index: usize, second: bool) -> Result<Signal, ReadError> {
    let field = |before: usize, width: usize| &table[before * signals + index * width..][..width];
    let label = decode(field(0, 16)).trim_matches(['\0', ' ']).to_owned();
    let float = |before| Number::Float(8).value(field(before, 8), false);
    let whole = |before| Number::Signed(8).value(field(before, 8), false);
    let physical = (float(104), float(112));
    let (unit, digital, at) = if second {
        let code = short(field(102, 2));
        let text = decode(field(96, 6)).trim_matches(['\0', ' ']).to_owned();
        (unit::of_gdf_code(code).map_or(text, str::to_owned), (float(120), float(128)), 216)
    } else {
        let text = decode(field(96, 8)).trim_matches(['\0', ' ']).to_owned();
        (text, (whole(120), whole(128)), 216)
    };
    let per_record = word(field(at, 4)) as usize;
    let kind = word(field(at + 4, 4));
    let number = number(kind)
        .ok_or_else(|| ReadError::header(format!("'{label}' has numbers of an unknown type ({kind})")))?;
    if !(physical.0.is_finite() && physical.1.is_finite() && digital.0.is_finite() && digital.1.is_finite())
        || digital.0 == digital.1
        || physical.0 == physical.1
    {
        return Err(ReadError::header(format!(
            "'{label}' has the physical range {} to {} and the digital range {} to {}",
            physical.0, physical.1, digital.0, digital.1
        )));
    }
    Ok(Signal { label, unit, physical, digital, per_record, number })
}

/// GDF's codes of number types; 128-bit floating point has none here.
fn number(code: u32) -> Option<Number> {
    Some(match code {
        1 => Number::Signed(1),
        2 => Number::Unsigned(1),
        3 => Number::Signed(2),
        4 => Number::Unsigned(2),
        5 => Number::Signed(4),
        6 => Number::Unsigned(4),
        7 => Number::Signed(8),
        8 => Number::Unsigned(8),
        16 => Number::Float(4),
        17 => Number::Float(8),
        279 => Number::Signed(3),
        535 => Number::Unsigned(3),
        _ => return None,
    })
}

fn channels(header: &Header) -> Result<(Vec<Field>, Vec<Channel>, usize), ReadError> {
    let (mut fields, mut channels) = (Vec::new(), Vec::new());
    let mut size = 0usize;
    for signal in &header.signals {
        // A channel without samples in its records only keeps events apart.
        if signal.per_record > 0 {
            let rate = signal.per_record as f64 / header.duration;
            let channel = Channel::new(&signal.label, &signal.unit, Some(rate), 0);
            fields.push(Field {
                at: size,
                count: signal.per_record,
                number: signal.number,
                subtract: signal.digital.0,
                gain: (signal.physical.1 - signal.physical.0) / (signal.digital.1 - signal.digital.0),
                add: signal.physical.0,
                scale: channel.scale(),
            });
            channels.push(channel);
        }
        let bytes = signal.per_record.checked_mul(signal.number.size());
        size = bytes
            .and_then(|bytes| size.checked_add(bytes))
            .ok_or_else(|| ReadError::header("its records hold an absurd number of samples"))?;
    }
    if channels.is_empty() {
        return Err(ReadError::header("none of its channels has a sample"));
    }
    channel::number_duplicates(&mut channels);
    Ok((fields, channels, size))
}

fn count_records(
    header: &Header,
    bytes: u64,
    size: usize,
    notes: &mut Vec<String>,
) -> Result<u64, ReadError> {
    let held = (bytes - header.len) / size as u64;
    match u64::try_from(header.declared) {
        Ok(0) => Err(ReadError::header("it says that it has no records")),
        Ok(declared) if declared <= held => Ok(declared),
        Ok(declared) => Err(ReadError::cut_off(format!(
            "its header promises {declared} records of {size} bytes, {held} whole ones are there"
        ))),
        Err(_) if held > 0 => {
            notes.push(format!("its header gives no number of records, {held} are there and are used"));
            Ok(held)
        }
        Err(_) => Err(ReadError::cut_off("not one whole record is there")),
    }
}

/// The table: positions in samples from 1 on, types, and in mode 3 channels and durations in samples.
fn events(file: &mut Bytes, at: u64, header: &Header, rate: f64) -> Result<Vec<Event>, ReadError> {
    if at >= file.len {
        return Ok(Vec::new());
    }
    let head = match file.len - at {
        8.. => file.at(at, 8)?,
        left => return Err(ReadError::cut_off(format!("{left} bytes of its table of events are there"))),
    };
    let mode = head[0];
    let (count, own_rate) = if header.second {
        (three(&head[1..4]), f64::from(f32::from_bits(word(&head[4..8]))))
    } else {
        (word(&head[4..8]), f64::from(three(&head[1..4])))
    };
    let each: u64 = match mode {
        1 => 6,
        3 => 12,
        // Some writers leave zeros behind the records.
        _ if count == 0 => return Ok(Vec::new()),
        _ => return Err(ReadError::header(format!("its table of events is of an unknown mode ({mode})"))),
    };
    let count = u64::from(count);
    if count > MOST_EVENTS {
        return Err(ReadError::TooLarge(format!("{count} events")));
    }
    if count * each > file.len - at - 8 {
        return Err(ReadError::cut_off(format!(
            "its table promises {count} events, which the file does not hold"
        )));
    }
    let rate = if own_rate > 0.0 && own_rate.is_finite() { own_rate } else { rate };
    let table = file.at(at + 8, (count * each) as usize)?;
    let count = count as usize;
    let (positions, rest) = table.split_at(count * 4);
    let (types, rest) = rest.split_at(count * 2);
    let durations = rest.get(count * 2..).unwrap_or(&[]);
    Ok((0..count)
        .map(|index| {
            let position = word(&positions[index * 4..]);
            // An event lasts a sample where no duration is given, as MNE has it.
            let samples = durations.get(index * 4..).filter(|left| left.len() >= 4).map_or(1, word).max(1);
            let name = short(&types[index * 2..]).to_string();
            Event::new((f64::from(position) - 1.0) / rate, f64::from(samples) / rate, name)
        })
        .collect())
}

fn short(bytes: &[u8]) -> u16 {
    Number::Unsigned(2).value(&bytes[..2], false) as u16
}

fn three(bytes: &[u8]) -> u32 {
    Number::Unsigned(3).value(&bytes[..3], false) as u32
}

fn word(bytes: &[u8]) -> u32 {
    Number::Unsigned(4).value(&bytes[..4], false) as u32
}

fn long(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).rev().fold(0, |value, &byte| value << 8 | u64::from(byte))
}
