//! Which of a recording's channels become electrodes, and what to say where a person's words fit none of them.

use super::ImportError;
use super::options::{Class, Options};
use crate::recording::channel::find;
use crate::recording::{Channel, Content, Event, Kind, Recording};
use std::collections::BTreeMap;
use std::path::Path;

/// The channels of one recording that are taken.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// Their places in the recording, in the order that was asked for.
    pub channels: Vec<(usize, Channel)>,
    /// The channels whose mean is taken away from all, and what makes µV of theirs.
    pub reference: Vec<(usize, f64)>,
    /// Hz, of the fastest of them.
    pub rate: Option<f64>,
    /// Samples of that one.
    pub samples: usize,
}

/// Chooses a recording's channels.
pub fn channels(recording: &Recording, options: &Options) -> Result<Chosen, ImportError> {
    let file = recording.path.display();
    let mut channels = recording.channels.clone();
    if let Some(unit) = &options.unit {
        channels
            .iter_mut()
            .filter(|it| !it.voltage && it.kind != Kind::Stim)
            .for_each(|channel| channel.measured_in(unit));
    }
    let is_eeg = |index: &usize| channels[*index].kind == Kind::Eeg;
    let all_eeg: Vec<usize> = (0..channels.len()).filter(is_eeg).collect();
    let places = if options.picks.is_empty() {
        all_eeg.clone()
    } else {
        options.picks.iter().map(|name| pick(&file, &channels, name)).collect::<Result<Vec<_>, _>>()?
    };
    if let Some(twice) = (1..places.len()).find(|&place| places[..place].contains(&places[place])) {
        return Err(ImportError::Usage(format!("--picks names {} twice", channels[places[twice]].name)));
    }
    if places.is_empty() {
        let names: Vec<&str> = channels.iter().map(|it| it.name.as_str()).collect();
        return Err(ImportError::Work(format!(
            "{file} has no EEG channel; name the ones to take with --picks (it has {})",
            listed(&names)
        )));
    }
    let reference = reference(&file, &channels, &all_eeg, options)?;
    let used: Vec<usize> = places.iter().chain(&reference).copied().collect();
    let unknown: Vec<&str> =
        used.iter().map(|&it| &channels[it]).filter(|it| !it.voltage).map(|it| it.name.as_str()).collect();
    match &recording.content {
        Content::Trials(trials) if !unknown.is_empty() && options.unit.is_none() => {
            let signal = |index: usize| (0..trials.len()).flat_map(move |trial| trials.channel(trial, index));
            assume_microvolts(&file, &places, signal)?;
        }
        _ if !unknown.is_empty() => {
            return Err(ImportError::Work(format!(
                "{file} doesn't say in which unit of voltage {} was measured; give it with --unit (V, mV, uV or nV), or \
                 leave them out with --picks",
                listed(&unknown)
            )));
        }
        _ => {}
    }
    let fastest = places.iter().copied().max_by(|&a, &b| {
        channels[a].rate.partial_cmp(&channels[b].rate).unwrap_or(std::cmp::Ordering::Equal)
    });
    let fastest = fastest.unwrap_or(0);
    let (rate, samples) = (channels[fastest].rate, channels[fastest].samples);
    let mixed_is_fine = options.resample.is_some() && reference.is_empty();
    if let Some(&other) = used.iter().find(|&&it| channels[it].rate != rate && !mixed_is_fine) {
        let rates =
            |index: usize| channels[index].rate.map_or("unknown".to_owned(), |rate| format!("{rate} Hz"));
        return Err(ImportError::Work(format!(
            "{file} has unequal sampling rates: {} has {}, {} has {}; take those of one rate with --picks, or bring all to \
             one with --resample",
            channels[fastest].name,
            rates(fastest),
            channels[other].name,
            rates(other)
        )));
    }
    Ok(Chosen {
        reference: reference.iter().map(|&index| (index, channels[index].factor)).collect(),
        channels: places.into_iter().map(|index| (index, channels[index].clone())).collect(),
        rate,
        samples: usize::try_from(samples)
            .map_err(|_| ImportError::Work(format!("{file} is too long for this machine")))?,
    })
}

fn pick(file: &impl std::fmt::Display, channels: &[Channel], name: &str) -> Result<usize, ImportError> {
    let index = find(channels, name).ok_or_else(|| {
        let names: Vec<&str> = channels.iter().map(|it| it.name.as_str()).collect();
        ImportError::Work(format!("{file} has no channel '{name}'; it has {}", listed(&names)))
    })?;
    match channels[index].kind {
        Kind::Stim => Err(ImportError::Work(format!(
            "{file}: {} is a trigger and would give the classes away; use it with --stim",
            channels[index].name
        ))),
        _ => Ok(index),
    }
}

fn reference(
    file: &impl std::fmt::Display,
    channels: &[Channel],
    all_eeg: &[usize],
    options: &Options,
) -> Result<Vec<usize>, ImportError> {
    match &options.reference[..] {
        [] => Ok(Vec::new()),
        [one] if one == "none" => Ok(Vec::new()),
        [one] if one == "average" => Ok(all_eeg.to_vec()),
        names => names.iter().map(|name| pick(file, channels, name)).collect(),
    }
}

/// Arrays rarely say their unit: µV are believed where they look like it, and nothing else is.
fn assume_microvolts<I: Iterator<Item = f64>>(
    file: &impl std::fmt::Display,
    places: &[usize],
    signal: impl Fn(usize) -> I,
) -> Result<(), ImportError> {
    let mut spreads: Vec<f64> = places
        .iter()
        .map(|&index| {
            let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
            for value in signal(index).filter(|value| value.is_finite()) {
                count += 1.0;
                let from = value - mean;
                mean += from / count;
                squares += from * (value - mean);
            }
            (squares / f64::max(count, 1.0)).sqrt()
        })
        .collect();
    spreads.sort_by(f64::total_cmp);
    let spread = spreads[spreads.len() / 2];
    match spread {
        0.5..=500.0 => Ok(()),
        _ => {
            let looks = match spread {
                0.0 => "nothing",
                s if s < 1e-3 => "V",
                s if s < 0.5 => "mV",
                _ => "raw counts or nV",
            };
            Err(ImportError::Work(format!(
                "{file} doesn't say its unit, and its electrodes' standard deviation of {spread:.3e} looks like {looks}, not \
                 µV; give the unit with --unit (V, mV, uV or nV)"
            )))
        }
    }
}

/// The trigger channel that is meant.
pub fn stim(path: &Path, channels: &[Channel], name: &str) -> Result<usize, ImportError> {
    find(channels, name).ok_or_else(|| {
        let stims: Vec<&str> =
            channels.iter().filter(|it| it.kind == Kind::Stim).map(|it| it.name.as_str()).collect();
        let has = if stims.is_empty() {
            "no channel of it looks like a trigger".to_owned()
        } else {
            format!("its triggers are {}", listed(&stims))
        };
        ImportError::Work(format!("{} has no channel '{name}'; {has}", path.display()))
    })
}

/// None of a recording's events is one that was asked for.
pub fn no_such_event(path: &Path, events: &[Event], classes: &[Class]) -> ImportError {
    let wanted: Vec<&str> = classes.iter().flat_map(|class| &class.events).map(String::as_str).collect();
    ImportError::Work(format!(
        "{} has none of the events {}; {}",
        path.display(),
        listed(&wanted),
        has(events)
    ))
}

/// Which events a recording has, in words.
pub fn has(events: &[Event]) -> String {
    let counts = counts(events);
    if counts.is_empty() {
        return "it has no events; where a channel holds them, name it with --stim".into();
    }
    let names: Vec<String> = counts.iter().map(|(name, count)| format!("{name} ({count})")).collect();
    format!("it has {}", listed(&names.iter().map(String::as_str).collect::<Vec<_>>()))
}

/// How often each event happens.
pub fn counts(events: &[Event]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for event in events {
        *counts.entry(event.name.as_str()).or_default() += 1;
    }
    counts
}

/// A list that stays readable.
fn listed(names: &[&str]) -> String {
    const MOST: usize = 20;
    match names.len() {
        0..=MOST => names.join(", "),
        count => format!("{} and {} more", names[..MOST].join(", "), count - MOST),
    }
}
