//! Files of every format against what an independent reader and MNE-Python say of them.

use super::super::{Assume, Event, Kind, Summary, Watch, open, peek};
use super::{close, shared, shared_json};
use serde_json::Value;
use std::path::Path;

fn summary(path: &Path) -> Summary {
    peek(open(path, &Assume::default()).unwrap(), &Watch::nobody()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|it| it.as_f64().unwrap()).collect()
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_file_is_read_as_the_independent_reader_and_mne_read_it() {
    for folder in ["formats", "formats/synthetic"] {
        let Some(expected) = shared_json(&format!("{folder}/expected.json")) else { return };
        for file in expected["files"].as_array().unwrap() {
            let name = file["file"].as_str().unwrap();
            if file["n_epochs"].is_null() {
                agrees(&shared(&format!("{folder}/{name}")).unwrap(), name, file);
            }
        }
    }
}

fn agrees(path: &Path, name: &str, file: &Value) {
    let ours = summary(path);
    let names: Vec<String> = ours.channels.iter().map(|channel| channel.name.clone()).collect();
    assert_eq!(names, strings(&file["ch_names"]), "{name}");
    close(ours.sfreq.unwrap(), file["sfreq"].as_f64().unwrap(), 0.0, name);
    assert_eq!(ours.samples, file["n_samples"].as_u64().unwrap(), "{name}");
    native(&ours, name, &file["native"]);
    let units = strings(&file["values_unit"]);
    let (means, sds) = (numbers(&file["mean"]), numbers(&file["sd"]));
    for (index, channel) in ours.channels.iter().enumerate() {
        // MNE gives triggers as codes, and invents samples for channels that are slower than the fastest.
        if channel.kind == Kind::Stim || channel.rate != ours.sfreq {
            continue;
        }
        let what = format!("{name}, {}", channel.name);
        assert_eq!(units[index] == "µV", channel.unit == "µV", "{what}");
        let factor = if matches!(channel.file_unit.as_str(), "µS" | "uS") { 1e6 } else { 1.0 };
        close(channel.mean.unwrap(), means[index] * factor, sds[index] * factor, &what);
        close(channel.sd.unwrap(), sds[index] * factor, 0.0, &what);
        let ends = &file["samples"][&channel.name];
        if !ends.is_null() {
            for (ours, theirs) in [(&channel.first, "first5"), (&channel.last, "last5")] {
                for (ours, theirs) in ours.iter().zip(numbers(&ends[theirs])) {
                    close(ours.unwrap(), theirs * factor, sds[index] * factor, &what);
                }
            }
        }
    }
    events(&ours.events, name, &file["annotations"]);
    triggers(&ours, name, &file["stim_events"]);
}

/// Each channel at its own rate, in the file's own dimension.
fn native(ours: &Summary, name: &str, native: &Value) {
    let Some(channels) = native["channels"].as_array() else { return };
    let channels = channels.iter().filter(|channel| !channel["n"].is_null());
    assert_eq!(channels.clone().count(), ours.channels.len(), "{name}");
    for (theirs, ours) in channels.zip(&ours.channels) {
        let what = format!("{name}, {}", ours.name);
        let factor = match (ours.kind, theirs["dimension"].as_str().unwrap()) {
            (Kind::Stim, _) => 1.0,
            (_, "V") => 1e6,
            (_, "mV") => 1e3,
            _ => 1.0,
        };
        let sd = theirs["physical_sd"].as_f64().unwrap() * factor;
        close(ours.rate.unwrap(), theirs["rate"].as_f64().unwrap(), 0.0, &what);
        close(ours.mean.unwrap(), theirs["physical_mean"].as_f64().unwrap() * factor, sd, &what);
        close(ours.sd.unwrap(), sd, 0.0, &what);
        let range = |key: &str| numbers(&theirs[key]);
        let (physical, digital) = (range("physical"), range("digital"));
        let gain = (physical[1] - physical[0]) / (digital[1] - digital[0]);
        let first = (numbers(&theirs["digital_first5"])[0] - digital[0]) * gain + physical[0];
        close(ours.first[0].unwrap(), first * factor, sd, &what);
    }
}

fn events(ours: &[Event], name: &str, theirs: &Value) {
    let theirs: Vec<(f64, f64, String)> = theirs
        .as_array()
        .unwrap()
        .iter()
        .map(|event| {
            let text = event[2].as_str().unwrap();
            let text = if name.contains("numeric") { text.trim_end_matches(".0") } else { text };
            (event[0].as_f64().unwrap(), event[1].as_f64().unwrap(), text.to_owned())
        })
        // A new segment is no event; MNE keeps all but the first.
        .filter(|(_, _, text)| !text.starts_with("New Segment"))
        .collect();
    assert_eq!(ours.len(), theirs.len(), "{name}: {ours:?}");
    for (ours, (onset, duration, text)) in ours.iter().zip(theirs) {
        assert_eq!(ours.name, text, "{name}");
        close(ours.onset, onset, 0.0, name);
        close(ours.duration, duration, 0.0, name);
    }
}

/// MNE lists rises only; every change to a code is one of ours.
fn triggers(ours: &Summary, name: &str, theirs: &Value) {
    let Some(theirs) = theirs.as_object() else { return };
    for (channel, found) in theirs {
        let ours = &ours.stim[channel];
        let rises: Vec<(u64, u32)> = found["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| (event[0].as_u64().unwrap(), event[2].as_u64().unwrap() as u32))
            .collect();
        assert!(rises.iter().all(|rise| ours.contains(rise)), "{name}: {ours:?}");
        let falls = ours.windows(2).filter(|pair| pair[1].1 < pair[0].1).count();
        assert!(ours.len() <= rises.len() + falls, "{name}: {ours:?}");
    }
}

#[test]
fn the_same_numbers_in_other_units_come_out_equal() {
    let (Some(plain), Some(mixed)) = (shared("formats/test.vhdr"), shared("formats/test_units.vhdr")) else {
        return;
    };
    let (plain, mixed) = (summary(&plain), summary(&mixed));
    for (a, b) in plain.channels.iter().zip(&mixed.channels).filter(|(a, _)| a.kind == Kind::Eeg) {
        close(a.mean.unwrap(), b.mean.unwrap(), a.sd.unwrap(), &a.name);
    }
}
