//! A channel of a recording: its name as people say it, what kind of thing it measured, and in which unit.

use super::stim::Codes;
use super::unit;
use crate::dataset::electrode;
use serde::Serialize;
use std::collections::HashMap;

/// What a channel measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The brain.
    Eeg,
    /// The eyes.
    Eog,
    /// The heart.
    Ecg,
    /// Muscles.
    Emg,
    /// Codes of what happened.
    Stim,
    /// Anything else.
    Other,
}

/// A channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// Its name, without trailing dots; a second one of the same name has a number behind it.
    pub name: String,
    /// The unit its values come in: µV for every voltage, otherwise the file's own (empty where there is none).
    pub unit: String,
    /// The unit in the file.
    pub file_unit: String,
    /// What it measured, by its name and unit.
    pub kind: Kind,
    /// Samples a second, where the file says so.
    pub rate: Option<f64>,
    /// How many samples there are; of a trial, where trials are cut already.
    pub samples: u64,
    /// Whether the unit is known to be a voltage.
    pub voltage: bool,
    /// What its values are multiplied by after they were read: more than the file itself knows of its unit.
    pub factor: f64,
    /// How codes are found in it, if it is a trigger.
    pub codes: Codes,
}

impl Channel {
    /// A channel by what the file says of it.
    pub fn new(name: &str, file_unit: &str, rate: Option<f64>, samples: u64) -> Self {
        let voltage = unit::microvolts(file_unit).is_some();
        let name = name.trim().trim_end_matches('.').trim_end();
        let mut channel = Channel {
            name: name.to_owned(),
            unit: if voltage { "µV".into() } else { file_unit.trim().to_owned() },
            file_unit: unit::notation(file_unit),
            kind: kind(name, file_unit),
            rate,
            samples,
            voltage,
            factor: 1.0,
            codes: Codes::Value { scale: 1.0 },
        };
        channel.codes = Codes::Value { scale: channel.scale() };
        channel
    }

    /// Says what it measured in a word, as BIDS and EEGLAB have one for each channel.
    pub fn told_kind(&mut self, word: &str) {
        self.kind = match word.trim().to_uppercase().as_str() {
            "EEG" => Kind::Eeg,
            "EOG" | "HEOG" | "VEOG" => Kind::Eog,
            "ECG" | "EKG" => Kind::Ecg,
            "EMG" => Kind::Emg,
            "TRIG" | "STIM" => Kind::Stim,
            "" => self.kind,
            _ => Kind::Other,
        };
    }

    /// Says in which unit its values are, where the file doesn't.
    pub fn measured_in(&mut self, told: &str) {
        self.file_unit = unit::notation(told);
        match unit::microvolts(told) {
            Some(factor) => (self.unit, self.voltage, self.factor) = ("µV".into(), true, factor),
            None => self.unit = self.file_unit.clone(),
        }
    }

    /// What its values in the file's unit are multiplied by: to µV for a voltage, else 1. Codes stay as they are.
    pub fn scale(&self) -> f64 {
        match self.kind {
            Kind::Stim => 1.0,
            _ => unit::microvolts(&self.file_unit).unwrap_or(1.0),
        }
    }
}

/// Words in a channel's name that say what it measured. The first that fits counts.
const KINDS: [(Kind, &[&str]); 5] = [
    (
        Kind::Stim,
        &["status", "trigger", "trig", "dtrig", "stim", "sti", "marker", "markers", "event", "events"],
    ),
    (Kind::Eog, &["eog", "veog", "heog", "reog", "leog", "ieog"]),
    (Kind::Ecg, &["ecg", "ekg"]),
    (Kind::Emg, &["emg"]),
    (
        Kind::Other,
        &[
            "exg",
            "ergo",
            "gsr",
            "eda",
            "resp",
            "respiration",
            "plet",
            "pleth",
            "temp",
            "photo",
            "spo",
            "sao",
            "accel",
        ],
    ),
];

/// What a channel measured, by its name and unit: a word in the name, else EEG where the unit is a voltage or missing.
fn kind(name: &str, file_unit: &str) -> Kind {
    let words: Vec<String> = name
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let is = |list: &[&str]| {
        words.iter().any(|word| {
            list.contains(&word.as_str())
                // VEOGo, HEOGli: the eye's channels with the side behind them.
                || list.iter().any(|entry| entry.ends_with("eog") && word.starts_with(entry))
        })
    };
    match KINDS.iter().find(|(_, list)| is(list)) {
        Some(&(kind, _)) => kind,
        None if unit::microvolts(file_unit).is_some() || file_unit.trim().is_empty() => Kind::Eeg,
        None => Kind::Other,
    }
}

/// Gives channels of one name `-0`, `-1` … behind it, compared without case.
pub fn number_duplicates(channels: &mut [Channel]) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for channel in channels.iter() {
        *counts.entry(channel.name.to_lowercase()).or_default() += 1;
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    for channel in channels {
        let name = channel.name.to_lowercase();
        if counts.get(&name).is_some_and(|&count| count > 1) {
            let place = seen.entry(name).or_default();
            channel.name = format!("{}-{place}", channel.name);
            *place += 1;
        }
    }
}

/// The channel that a person means by a name: without case and trailing dots; where none is called so, the one whose name
/// without `EEG ` before it and `-Ref` behind it is. `None` where none or several could be meant.
pub fn find(channels: &[Channel], wanted: &str) -> Option<usize> {
    let wanted = electrode::plain(wanted.trim());
    let only = |fits: &dyn Fn(&Channel) -> bool| {
        let mut found = channels.iter().enumerate().filter(|(_, channel)| fits(channel));
        match (found.next(), found.next()) {
            (Some((index, _)), None) => Some(index),
            _ => None,
        }
    };
    only(&|channel| channel.name.to_lowercase() == wanted)
        .or_else(|| only(&|channel| bare(&channel.name) == wanted))
}

fn bare(name: &str) -> String {
    let name = name.to_lowercase();
    let name = name.strip_prefix("eeg ").unwrap_or(&name);
    let name = ["-ref", "-le", "-avg", "-av"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    name.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_unit_say_what_was_measured() {
        let cases = [
            ("C3", "uV", Kind::Eeg),
            ("C3", "", Kind::Eeg),
            ("C3", "ARU", Kind::Other),
            ("EOG VEOG_I", "uV", Kind::Eog),
            ("HEOGli", "µV", Kind::Eog),
            ("ECG ECG1", "uV", Kind::Ecg),
            ("EMG-chin", "uV", Kind::Emg),
            ("Status", "Boolean", Kind::Stim),
            ("DIG DTRIG", "uV", Kind::Stim),
            ("STI 014", "", Kind::Stim),
            ("EXG1", "uV", Kind::Other),
            ("REF_EEG REF_EEG", "uV", Kind::Eeg),
        ];
        for (name, unit, kind) in cases {
            assert_eq!(Channel::new(name, unit, None, 0).kind, kind, "{name} in {unit}");
        }
    }

    #[test]
    fn names_lose_their_dots_and_duplicates_are_numbered() {
        let mut channels: Vec<Channel> =
            ["C3..", "Cz", "c3."].iter().map(|name| Channel::new(name, "uV", None, 0)).collect();
        number_duplicates(&mut channels);
        let names: Vec<&str> = channels.iter().map(|channel| channel.name.as_str()).collect();
        assert_eq!(names, ["C3-0", "Cz", "c3-1"]);
    }

    #[test]
    fn a_person_finds_a_channel_without_its_clutter() {
        let channels: Vec<Channel> = ["EEG C3-Ref", "Fcz", "EEG Cz", "Cz"]
            .iter()
            .map(|name| Channel::new(name, "uV", None, 0))
            .collect();
        assert_eq!(find(&channels, "c3"), Some(0));
        assert_eq!(find(&channels, "FCZ."), Some(1));
        assert_eq!(find(&channels, "Cz"), Some(3), "the name itself counts before what it could stand for");
        assert_eq!(find(&channels, "Pz"), None);
    }
}
