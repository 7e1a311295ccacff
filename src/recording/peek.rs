//! What a recording holds, looked at sample by sample: for people before they decide what to make of it.

use super::stim::Changes;
use super::{Channel, Content, Event, Kind, ReadError, Recording, Trials, Watch};
use serde::Serialize;
use std::collections::BTreeMap;

/// Values that are shown from either end.
const ENDS: usize = 5;

/// A recording's contents.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// `EDF+`, `BrainVision` …
    pub format: &'static str,
    /// Hz, of the fastest channel.
    pub sfreq: Option<f64>,
    /// Of the longest channel; where trials are cut already, of one trial.
    pub samples: u64,
    /// The recording's length, without gaps.
    pub seconds: Option<f64>,
    /// How many trials there are, where they are cut already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trials: Option<usize>,
    /// Every channel.
    pub channels: Vec<ChannelSummary>,
    /// By onset.
    pub events: Vec<Event>,
    /// For each trigger channel, sample and code of every change to a code.
    pub stim: BTreeMap<String, Vec<(u64, u32)>>,
    /// For each class, how many trials are called so, where they are cut already.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, usize>,
    /// Events that lie outside the recording.
    pub outside: usize,
    /// What is worth knowing.
    pub notes: Vec<String>,
}

/// A channel's values.
#[derive(Debug, Serialize)]
pub struct ChannelSummary {
    /// Its name.
    pub name: String,
    /// The unit of the values below.
    pub unit: String,
    /// The unit in the file.
    pub file_unit: String,
    /// What it measured.
    pub kind: Kind,
    /// Samples a second.
    pub rate: Option<f64>,
    /// Of the values that are finite.
    pub mean: Option<f64>,
    /// Over n.
    pub sd: Option<f64>,
    /// Values that are not finite.
    pub missing: u64,
    /// The first values.
    pub first: Vec<Option<f64>>,
    /// The last values.
    pub last: Vec<Option<f64>>,
}

/// Mean and spread of values that come one after another, about the first of them, so that a large offset costs no digits.
#[derive(Clone, Debug, Default)]
struct Moments {
    about: Option<f64>,
    count: u64,
    sum: f64,
    squares: f64,
    missing: u64,
    first: Vec<f64>,
    last: Vec<f64>,
}

impl Moments {
    fn take(&mut self, value: f64) {
        if self.first.len() < ENDS {
            self.first.push(value);
        }
        if !value.is_finite() {
            self.missing += 1;
            return;
        }
        let from = value - *self.about.get_or_insert(value);
        self.count += 1;
        self.sum += from;
        self.squares += from * from;
    }

    fn block(&mut self, values: impl Iterator<Item = f64> + Clone) {
        values.clone().for_each(|value| self.take(value));
        self.last.extend(values);
        let surplus = self.last.len().saturating_sub(ENDS);
        self.last.drain(..surplus);
    }

    fn summary(self, channel: &Channel) -> ChannelSummary {
        let n = self.count as f64;
        let mean = self.about.map(|about| about + self.sum / n);
        let sd = self.about.map(|_| ((self.squares - self.sum * self.sum / n) / n).max(0.0).sqrt());
        let finite = |values: Vec<f64>| {
            values.into_iter().map(|value| Some(value).filter(|it| it.is_finite())).collect()
        };
        ChannelSummary {
            name: channel.name.clone(),
            unit: channel.unit.clone(),
            file_unit: channel.file_unit.clone(),
            kind: channel.kind,
            rate: channel.rate,
            mean,
            sd,
            missing: self.missing,
            first: finite(self.first),
            last: finite(self.last),
        }
    }
}

/// Reads a whole recording once.
pub fn peek(mut recording: Recording, watch: &Watch) -> Result<Summary, ReadError> {
    let mut moments = vec![Moments::default(); recording.channels.len()];
    let mut changes: BTreeMap<usize, Changes> = BTreeMap::new();
    for index in recording.stim_channels() {
        changes.insert(index, Changes::new(recording.channels[index].codes));
    }
    let (mut trials, mut labels) = (None, BTreeMap::new());
    match &mut recording.content {
        Content::Continuous(samples) => {
            let all: Vec<usize> = (0..recording.channels.len()).collect();
            let channels = &recording.channels;
            samples.stream(&all, watch, &mut |channel, block| {
                let factor = channels[channel].factor;
                moments[channel].block(block.iter().map(|value| value * factor));
                if let Some(changes) = changes.get_mut(&channel) {
                    changes.take(block);
                }
            })?;
        }
        Content::Trials(cut) => {
            trials = Some(cut.len());
            labels = counts(cut);
            for trial in 0..cut.len() {
                for (channel, moments) in moments.iter_mut().enumerate() {
                    let factor = recording.channels[channel].factor;
                    moments.block(cut.channel(trial, channel).map(|value| value * factor));
                }
            }
        }
    }
    let (sfreq, samples) = (recording.rate(), recording.samples());
    let channels: Vec<ChannelSummary> = moments
        .into_iter()
        .zip(&recording.channels)
        .map(|(moments, channel)| moments.summary(channel))
        .collect();
    let stim =
        changes.into_iter().map(|(index, changes)| (recording.channels[index].name.clone(), changes.found));
    Ok(Summary {
        format: recording.format,
        sfreq,
        samples,
        seconds: sfreq.map(|rate| samples as f64 / rate),
        trials,
        channels,
        events: recording.events,
        stim: stim.collect(),
        labels,
        outside: recording.outside.len(),
        notes: recording.notes,
    })
}

/// How many trials are called what; a trial of several names counts for the first.
pub fn counts(trials: &Trials) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for name in trials.names.iter().filter_map(|names| names.first()) {
        *counts.entry(name.clone()).or_default() += 1;
    }
    counts
}
