//! EDF, EDF+, BDF and BDF+: a text header, then records of 16-bit (EDF) or 24-bit (BDF) integers.
//! <https://www.edfplus.info/specs/edf.html>, <https://www.biosemi.com/faq/file_format.htm>

use super::bytes::{Bytes, Number, decode};
use super::channel::{self, Channel};
use super::event::{Event, Segment, in_order};
use super::records::{Field, Records};
use super::stim::Codes;
use super::{Content, ReadError, Recording, tal};
use std::path::Path;

/// Bytes of the fixed header, and of each signal's part of the header.
const FIXED: usize = 256;
/// More signals than any amplifier has.
const MOST_SIGNALS: usize = 16_384;
/// The most bytes of annotations that are read.
const MOST_ANNOTATIONS: u64 = 64 << 20;
/// The widths of a signal's header fields, in their order.
const WIDTHS: [usize; 10] = [16, 80, 8, 8, 8, 8, 8, 80, 8, 32];

/// Whether a file begins as one of these formats does.
pub fn begins(start: &[u8]) -> bool {
    start.starts_with(b"0       ") || start.starts_with(b"\xffBIOSEMI")
}

/// What a header says of a signal.
struct Signal {
    label: String,
    dimension: String,
    physical: (f64, f64),
    digital: (f64, f64),
    per_record: usize,
}

/// What a header says of the file.
struct Header {
    bdf: bool,
    plus: bool,
    declared: Option<u64>,
    duration: f64,
    signals: Vec<Signal>,
}

impl Header {
    fn sample(&self) -> Number {
        Number::Signed(if self.bdf { 3 } else { 2 })
    }

    fn format(&self) -> &'static str {
        match (self.bdf, self.plus) {
            (false, false) => "EDF",
            (false, true) => "EDF+",
            (true, false) => "BDF",
            (true, true) => "BDF+",
        }
    }
}

impl Signal {
    fn is_annotation(&self) -> bool {
        matches!(self.label.as_str(), "EDF Annotations" | "BDF Annotations")
    }
}

/// Reads the header and the annotations.
pub fn open(path: &Path) -> Result<Recording, ReadError> {
    let mut file = Bytes::open(path)?;
    let header = read_header(&mut file)?;
    let start = (FIXED * (header.signals.len() + 1)) as u64;
    let size = record_size(&header)?;
    let mut notes = Vec::new();
    let count = count_records(&header, file.len - start, size, &mut notes)?;
    let (fields, channels) = channels(&header, count)?;
    let (segments, events) = if header.signals.iter().any(Signal::is_annotation) {
        annotations(&mut file, &header, start, size, count, &mut notes)?
    } else {
        (Segment::whole(count as f64 * header.duration), Vec::new())
    };
    let tolerance = channels.iter().filter_map(|it| it.rate).fold(0.0, f64::max).recip() / 2.0;
    let (events, outside) = in_order(events, &segments, if tolerance.is_finite() { tolerance } else { 0.0 });
    let records = Records { file, start, size, count, fields, big: false }.check()?;
    Ok(Recording {
        path: path.to_owned(),
        format: header.format(),
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
    let bdf = fixed[0] == 0xff;
    let reserved = decode(&fixed[192..236]);
    let signals: usize = whole(&fixed[252..256], "its number of signals")?;
    if signals == 0 || signals > MOST_SIGNALS {
        return Err(ReadError::header(format!("it says that it has {signals} signals")));
    }
    let declared: i64 = whole(&fixed[236..244], "its number of records")?;
    let duration = number(&fixed[244..252], "the duration of a record")?;
    if file.len < (FIXED * (signals + 1)) as u64 {
        return Err(ReadError::cut_off(format!("its header of {signals} signals is longer than the file")));
    }
    let told: usize = whole(&fixed[184..192], "the length of its header")?;
    if told != FIXED * (signals + 1) {
        return Err(ReadError::header(format!(
            "{signals} signals need {} bytes of header, it says {told}",
            FIXED * (signals + 1)
        )));
    }
    let table = file.at(FIXED as u64, FIXED * signals)?;
    let signals = (0..signals).map(|index| signal(&table, signals, index)).collect::<Result<Vec<_>, _>>()?;
    let only_annotations = signals.iter().all(Signal::is_annotation);
    if !duration.is_finite() || duration < 0.0 || (duration == 0.0 && !only_annotations) {
        return Err(ReadError::header(format!(
            "its records last {duration} s, so that there is no sampling rate"
        )));
    }
    if only_annotations {
        return Err(ReadError::header("it holds annotations alone, no signal"));
    }
    Ok(Header {
        bdf,
        plus: reserved.starts_with("EDF+") || reserved.starts_with("BDF+"),
        declared: u64::try_from(declared).ok(),
        duration,
        signals,
    })
}

/// The header keeps each field of all signals together: all labels, then all transducers …
fn signal(table: &[u8], signals: usize, index: usize) -> Result<Signal, ReadError> {
    let field = |place: usize| {
        let before: usize = WIDTHS[..place].iter().sum();
        &table[before * signals + index * WIDTHS[place]..][..WIDTHS[place]]
    };
    let label = decode(field(0)).trim().to_owned();
    let of = |what: &str| format!("{what} of '{label}'");
    let physical =
        (number(field(3), &of("the physical minimum"))?, number(field(4), &of("the physical maximum"))?);
    let digital =
        (number(field(5), &of("the digital minimum"))?, number(field(6), &of("the digital maximum"))?);
    let per_record = whole(field(8), &of("the samples a record"))?;
    let signal =
        Signal { dimension: decode(field(2)).trim().to_owned(), physical, digital, per_record, label };
    if signal.is_annotation() {
        return Ok(signal);
    }
    if digital.0 == digital.1 {
        let label = &signal.label;
        return Err(ReadError::header(format!(
            "the digital minimum and maximum of '{label}' are both {}",
            digital.0
        )));
    }
    if physical.0 == physical.1 {
        let label = &signal.label;
        let value = physical.0;
        return Err(ReadError::header(format!(
            "the physical minimum and maximum of '{label}' are both {value}"
        )));
    }
    if per_record == 0 {
        return Err(ReadError::header(format!("'{}' has no samples in a record", signal.label)));
    }
    Ok(signal)
}

fn record_size(header: &Header) -> Result<usize, ReadError> {
    let bytes = header.signals.iter().try_fold(0usize, |sum, signal| {
        sum.checked_add(signal.per_record.checked_mul(header.sample().size())?)
    });
    match bytes {
        Some(bytes) if bytes > 0 => Ok(bytes),
        _ => Err(ReadError::header("its records hold an absurd number of samples")),
    }
}

/// How many records there are: what the header says where that is possible, else what the file holds.
fn count_records(
    header: &Header,
    bytes: u64,
    size: usize,
    notes: &mut Vec<String>,
) -> Result<u64, ReadError> {
    let held = bytes / size as u64;
    match header.declared {
        Some(declared) if declared > held => Err(ReadError::cut_off(format!(
            "its header promises {declared} records of {size} bytes, {held} whole ones are there"
        ))),
        _ if held == 0 => Err(ReadError::cut_off("not one whole record is there")),
        Some(declared) if declared == held => Ok(held),
        declared => {
            // A recorder that was not stopped properly leaves −1, or the count of its last update.
            let said = declared.map_or("no number".to_owned(), |count| count.to_string());
            notes.push(format!("its header says {said} of records, {held} are there and are used"));
            Ok(held)
        }
    }
}

fn channels(header: &Header, count: u64) -> Result<(Vec<Field>, Vec<Channel>), ReadError> {
    let (mut fields, mut channels) = (Vec::new(), Vec::new());
    let mut at = 0;
    for signal in &header.signals {
        if !signal.is_annotation() {
            let rate = signal.per_record as f64 / header.duration;
            if !rate.is_finite() {
                return Err(ReadError::header(format!("'{}' has an infinite sampling rate", signal.label)));
            }
            let samples = count
                .checked_mul(signal.per_record as u64)
                .ok_or_else(|| ReadError::header("it says that it has an absurd number of samples"))?;
            let mut channel = Channel::new(&signal.label, &signal.dimension, Some(rate), samples);
            let field = Field {
                at,
                count: signal.per_record,
                number: header.sample(),
                subtract: signal.digital.0,
                gain: (signal.physical.1 - signal.physical.0) / (signal.digital.1 - signal.digital.0),
                add: signal.physical.0,
                scale: channel.scale(),
            };
            if header.bdf {
                channel.codes = Codes::of_digital(&field);
            }
            fields.push(field);
            channels.push(channel);
        }
        at += signal.per_record * header.sample().size();
    }
    channel::number_duplicates(&mut channels);
    Ok((fields, channels))
}

/// The events, from the first sample on, and the stretches between gaps.
fn annotations(
    file: &mut Bytes,
    header: &Header,
    start: u64,
    size: usize,
    count: u64,
    notes: &mut Vec<String>,
) -> Result<(Vec<Segment>, Vec<Event>), ReadError> {
    let width = header.sample().size();
    let mut places = Vec::new();
    let mut at = 0;
    for signal in &header.signals {
        if signal.is_annotation() {
            places.push((at, signal.per_record * width));
        }
        at += signal.per_record * width;
    }
    let each: usize = places.iter().map(|&(_, len)| len).sum();
    if (each as u64).saturating_mul(count) > MOST_ANNOTATIONS {
        return Err(ReadError::TooLarge(format!("{each} bytes of annotations in each of {count} records")));
    }
    let (mut events, mut begins, mut bad) = (Vec::new(), Vec::new(), 0);
    for record in 0..count {
        let mut begin = None;
        for (place, &(at, len)) in places.iter().enumerate() {
            let bytes = file.at(start + record * size as u64 + at as u64, len)?;
            let (found, unreadable) = tal::parse(&bytes);
            bad += unreadable;
            events.extend(found.events);
            // Only the first annotation signal keeps the time.
            begin = if place == 0 { found.begins } else { begin };
        }
        begins.push(begin);
    }
    if bad > 0 {
        notes.push(format!("{bad} of its annotations can't be read and are left out"));
    }
    let first = begins.first().copied().flatten().unwrap_or(0.0);
    for event in &mut events {
        event.onset -= first;
    }
    let segments = between_gaps(&begins, first, header)?;
    if segments.len() > 1 {
        notes.push(format!("it has {} gaps; no trial reaches over one", segments.len() - 1));
    }
    Ok((segments, events))
}

/// Stretches of records that follow one another without a gap of half a sample or more. The mark EDF+D alone proves nothing.
fn between_gaps(begins: &[Option<f64>], first: f64, header: &Header) -> Result<Vec<Segment>, ReadError> {
    let most =
        header.signals.iter().filter(|it| !it.is_annotation()).map(|it| it.per_record).max().unwrap_or(1);
    let half_a_sample = header.duration / most.max(1) as f64 / 2.0;
    let mut segments: Vec<Segment> = Vec::new();
    for (record, begin) in begins.iter().enumerate() {
        let before = record as f64 * header.duration;
        let due = segments.last().map_or(0.0, |last| last.onset + last.seconds);
        let onset = begin.map_or(due, |begin| begin - first);
        match segments.last_mut() {
            Some(last) if (onset - due).abs() <= half_a_sample => last.seconds += header.duration,
            Some(_) if onset < due => {
                return Err(ReadError::header(format!(
                    "record {record} begins before the one before it ends"
                )));
            }
            _ => segments.push(Segment { onset, before, seconds: header.duration }),
        }
    }
    // A sum of many durations drifts; the count doesn't.
    let ends: Vec<f64> =
        segments.iter().skip(1).map(|it| it.before).chain([begins.len() as f64 * header.duration]).collect();
    for (segment, end) in segments.iter_mut().zip(ends) {
        segment.seconds = end - segment.before;
    }
    Ok(segments)
}

fn number(bytes: &[u8], what: &str) -> Result<f64, ReadError> {
    let text = decode(bytes);
    let text = text.trim().trim_matches('\0').replace(',', ".");
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(ReadError::header(format!("{what} is '{text}', which is no number"))),
    }
}

fn whole<T: std::str::FromStr>(bytes: &[u8], what: &str) -> Result<T, ReadError> {
    let text = decode(bytes);
    let text = text.trim().trim_matches('\0').trim();
    text.parse().map_err(|_| ReadError::header(format!("{what} is '{text}', which is no whole number")))
}
