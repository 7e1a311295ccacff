//! EEGLAB's sets: a MAT-file with a struct `EEG` (or its fields alone), the samples within it or in an `.fdt` file beside it;
//! continuous or cut into epochs. <https://eeglab.org/tutorials/ConceptsGuide/Data_Structures.html>

use super::bytes::{Bytes, Number};
use super::channel::{self, Channel};
use super::event::{Event, Segment, in_order};
use super::mat5::{Element, Value};
use super::records::{Field, Records};
use super::samples::{InMemory, Samples, Watch};
use super::{Content, ReadError, Recording, Trials};
use crate::dataset::most_values;
use crate::disk;
use std::path::Path;

/// What the samples are measured in, by EEGLAB's convention.
const UNIT: &str = "µV";

/// The set's fields, wherever they lie.
pub struct Fields<'a>(Vec<(&'a str, &'a Value)>);

impl<'a> Fields<'a> {
    /// The fields of a set among a file's variables; `None` where there is no set.
    pub fn find(variables: &'a [(String, Value)]) -> Option<Self> {
        let inside =
            variables.iter().find(|(name, _)| name == "EEG").and_then(|(_, value)| value.elements().next());
        let fields = match inside {
            Some(element) => element.all().collect(),
            None => variables.iter().map(|(name, value)| (name.as_str(), value)).collect(),
        };
        let fields = Fields(fields);
        let all = ["data", "nbchan", "pnts", "srate"].iter().all(|name| fields.get(name).is_some());
        all.then_some(fields)
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.0.iter().find(|(it, _)| *it == name).map(|&(_, value)| value)
    }

    fn number(&self, name: &str) -> Result<f64, ReadError> {
        let value = self.get(name).and_then(Value::number).filter(|value| value.is_finite());
        value.ok_or_else(|| ReadError::header(format!("its field '{name}' is no number")))
    }

    fn count(&self, name: &str) -> Result<usize, ReadError> {
        let value = self.number(name)?;
        match value >= 0.0 && value.fract() == 0.0 && value < 1e12 {
            true => Ok(value as usize),
            false => Err(ReadError::header(format!("its field '{name}' is {value}"))),
        }
    }
}

/// The set's sizes.
struct Sizes {
    channels: usize,
    samples: usize,
    trials: usize,
    rate: f64,
}

/// Reads a set from a file's variables.
pub fn read(path: &Path, set: &Fields) -> Result<Recording, ReadError> {
    let sizes = sizes(set)?;
    let channels = channels(set, &sizes)?;
    let content = content(path, set, &sizes, &channels)?;
    let events = events(set, &sizes)?;
    match sizes.trials {
        1 => {
            let seconds = sizes.samples as f64 / sizes.rate;
            let breaks: Vec<f64> = events
                .iter()
                .filter(|it| it.name == "boundary")
                .map(|it| (it.onset * sizes.rate).ceil() / sizes.rate)
                .collect();
            let segments = Segment::cut(seconds, &breaks);
            let (events, outside) = in_order(events, &segments, 0.5 / sizes.rate);
            Ok(Recording {
                path: path.to_owned(),
                format: "EEGLAB",
                channels,
                events,
                outside,
                segments,
                content: Content::Continuous(content),
                notes: Vec::new(),
            })
        }
        _ => epochs(path, set, &sizes, channels, content, events),
    }
}

fn sizes(set: &Fields) -> Result<Sizes, ReadError> {
    let sizes = Sizes {
        channels: set.count("nbchan")?,
        samples: set.count("pnts")?,
        trials: if set.get("trials").is_some() { set.count("trials")? } else { 1 },
        rate: set.number("srate")?,
    };
    if sizes.channels == 0 || sizes.samples == 0 || sizes.trials == 0 {
        return Err(ReadError::header(format!(
            "it says {} channels × {} samples × {} trials",
            sizes.channels, sizes.samples, sizes.trials
        )));
    }
    if sizes.rate <= 0.0 {
        return Err(ReadError::header(format!("its sampling rate is {} Hz", sizes.rate)));
    }
    Ok(sizes)
}

fn channels(set: &Fields, sizes: &Sizes) -> Result<Vec<Channel>, ReadError> {
    let places: Vec<Element> =
        set.get("chanlocs").map(|value| value.elements().collect()).unwrap_or_default();
    if !places.is_empty() && places.len() != sizes.channels {
        let names = places.len();
        return Err(ReadError::header(format!("it names {names} channels and has {}", sizes.channels)));
    }
    let name = |index: usize| {
        let label = places.get(index).and_then(|place| place.field("labels")).and_then(text_of);
        label.unwrap_or_else(|| format!("E{}", index + 1))
    };
    let mut channels: Vec<Channel> = (0..sizes.channels)
        .map(|index| Channel::new(&name(index), UNIT, Some(sizes.rate), sizes.samples as u64))
        .collect();
    for (channel, place) in channels.iter_mut().zip(&places) {
        if let Some(told) = place.field("type").and_then(text_of) {
            channel.told_kind(&told);
        }
    }
    channel::number_duplicates(&mut channels);
    Ok(channels)
}

/// The samples, (sample of all trials, channel).
fn content(
    path: &Path,
    set: &Fields,
    sizes: &Sizes,
    channels: &[Channel],
) -> Result<Box<dyn Samples>, ReadError> {
    let all = sizes.samples.checked_mul(sizes.trials);
    let wanted = all
        .and_then(|all| all.checked_mul(sizes.channels))
        .ok_or_else(|| ReadError::header("it says that it has an absurd number of samples"))?;
    match set.get("data") {
        Some(Value::Numbers { values, shape }) => {
            if values.len() != wanted || shape.first() != Some(&sizes.channels) {
                let said = format!("{} × {} × {}", sizes.channels, sizes.samples, sizes.trials);
                return Err(ReadError::header(format!("it says {said} samples and holds {}", values.len())));
            }
            Ok(Box::new(InMemory { values: values.clone(), channels: sizes.channels }))
        }
        Some(value) => {
            let named =
                value.text().ok_or_else(|| ReadError::header("its samples are neither there nor named"))?;
            let records = beside(path, named, sizes, channels)
                .map_err(|error| ReadError::Companion(last(named).to_owned(), error.to_string()))?;
            if records.file.len != wanted as u64 * 4 {
                return Err(ReadError::Companion(
                    last(named).to_owned(),
                    ReadError::cut_off(format!("{} bytes are there, not {}", records.file.len, wanted * 4))
                        .to_string(),
                ));
            }
            Ok(Box::new(records.check()?))
        }
        None => Err(ReadError::header("it has no samples")),
    }
}

fn last(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// Samples in a file of their own, 32-bit floating point: `.fdt` sample by sample, the old `.dat` channel by channel.
fn beside(path: &Path, named: &str, sizes: &Sizes, channels: &[Channel]) -> Result<Records, ReadError> {
    let named = path.with_file_name(last(named));
    let renamed = path.with_extension("fdt");
    let by_channel = named.extension().is_some_and(|extension| extension == "dat");
    let file = match disk::named::is_file(&named)? {
        false if disk::named::is_file(&renamed)? => Bytes::open(&renamed)?,
        _ => Bytes::open(&named)?,
    };
    let all = sizes.samples * sizes.trials;
    let (size, count, per_record) =
        if by_channel { (all * sizes.channels * 4, 1, all) } else { (sizes.channels * 4, all as u64, 1) };
    let field = |(index, channel): (usize, &Channel)| Field {
        at: index * per_record * 4,
        count: per_record,
        number: Number::Float(4),
        subtract: 0.0,
        gain: 1.0,
        add: 0.0,
        scale: channel.scale(),
    };
    let fields = channels.iter().enumerate().map(field).collect();
    Ok(Records { file, start: 0, size, count, fields, big: false })
}

/// Latencies count samples from 1, through all epochs.
fn events(set: &Fields, sizes: &Sizes) -> Result<Vec<Event>, ReadError> {
    let Some(value) = set.get("event") else { return Ok(Vec::new()) };
    value
        .elements()
        .filter(|event| event.field("latency").and_then(Value::number).is_some())
        .map(|event| {
            let latency = event.field("latency").and_then(Value::number).unwrap_or(f64::NAN);
            let duration =
                event.field("duration").and_then(Value::number).filter(|it| it.is_finite() && *it > 0.0);
            let name = event.field("type").and_then(text_of).unwrap_or_default();
            Ok(Event::new((latency - 1.0) / sizes.rate, duration.unwrap_or(0.0) / sizes.rate, name))
        })
        .collect()
}

/// A text, or a number as people write it: 7, not 7.0.
fn text_of(value: &Value) -> Option<String> {
    match value.number() {
        Some(number) => Some(number.to_string()),
        None => value.text().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()),
    }
}

fn epochs(
    path: &Path,
    set: &Fields,
    sizes: &Sizes,
    channels: Vec<Channel>,
    mut content: Box<dyn Samples>,
    events: Vec<Event>,
) -> Result<Recording, ReadError> {
    let values = sizes.samples * sizes.trials * sizes.channels;
    if values > most_values() {
        return Err(ReadError::TooLarge(format!("{values} values in epochs")));
    }
    let mut signal = vec![0.0; values];
    let mut next: Vec<usize> = (0..sizes.channels).collect();
    let wanted: Vec<usize> = (0..sizes.channels).collect();
    content.stream(&wanted, &Watch::nobody(), &mut |channel, block| {
        for &value in block {
            if let Some(place) = signal.get_mut(next[channel]) {
                *place = value;
            }
            next[channel] += sizes.channels;
        }
    })?;
    let start = set.get("xmin").and_then(Value::number).filter(|start| start.is_finite());
    let epoch_seconds = sizes.samples as f64 / sizes.rate;
    let mut names = vec![Vec::new(); sizes.trials];
    for event in &events {
        let trial = ((event.onset + 0.25 / sizes.rate) / epoch_seconds).floor();
        // What an epoch was cut at happens at its time zero.
        let time = event.onset - trial * epoch_seconds + start.unwrap_or(0.0);
        if time.abs() <= 0.5 / sizes.rate
            && trial >= 0.0
            && let Some(names) = names.get_mut(trial as usize)
        {
            names.push(event.name.clone());
        }
    }
    let trials = Trials {
        signal,
        samples: sizes.samples,
        channels: sizes.channels,
        start,
        names,
        parts: vec![None; sizes.trials],
        ..Trials::default()
    };
    Ok(Recording {
        path: path.to_owned(),
        format: "EEGLAB epochs",
        channels,
        events,
        outside: Vec::new(),
        segments: Segment::whole(epoch_seconds * sizes.trials as f64),
        content: Content::Trials(trials),
        notes: Vec::new(),
    })
}
