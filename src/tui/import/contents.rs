//! What lies in the files, in a few lines: recordings that are alike are told of together.

use crate::recording::Kind;
use crate::recording::import::{Inspected, InspectedFile};
use std::collections::BTreeMap;

/// Lines that say what there is.
pub fn lines(inspected: &Inspected) -> Vec<String> {
    let mut kinds: Vec<(String, Vec<&InspectedFile>)> = Vec::new();
    for file in &inspected.files {
        let form = form(file);
        match kinds.iter_mut().find(|(known, _)| *known == form) {
            Some((_, files)) => files.push(file),
            None => kinds.push((form, vec![file])),
        }
    }
    let mut lines = Vec::new();
    for (form, files) in kinds {
        let count =
            if files.len() == 1 { "1 recording".into() } else { format!("{} recordings", files.len()) };
        lines.push(format!("{count}: {form}"));
        lines.push(whose(&files));
        let mut events: BTreeMap<&str, usize> = BTreeMap::new();
        for event in files.iter().flat_map(|file| &file.events) {
            *events.entry(&event.name).or_default() += event.count;
        }
        let events: Vec<String> = events.iter().map(|(name, count)| format!("{name} ×{count}")).collect();
        lines.push(match events.is_empty() {
            true => "no events: name the stim channel whose codes they are".into(),
            false => format!("events {}", events.join(", ")),
        });
        let channels: Vec<&str> = files[0].channels.iter().map(|channel| channel.name.as_str()).collect();
        lines.push(format!("channels {}", channels.join(" ")));
        let mut notes: Vec<&String> = files.iter().flat_map(|file| &file.notes).collect();
        notes.dedup();
        lines.extend(notes.into_iter().map(|note| format!("note: {note}")));
    }
    lines
}

/// What alike recordings share.
fn form(file: &InspectedFile) -> String {
    let eeg = file.channels.iter().filter(|channel| channel.kind == Kind::Eeg).count();
    let other = file.channels.len() - eeg;
    let other = if other == 0 { String::new() } else { format!(" and {other} other") };
    let rate = file.sfreq.map_or("unknown rate".into(), |rate| format!("{rate} Hz"));
    let cut = match file.trials {
        Some(_) => format!(", trials of {} samples", file.samples),
        None => String::new(),
    };
    format!("{}, {eeg} EEG channels{other}, {rate}{cut}", file.format)
}

/// Subjects, sessions and runs, by which a test part can be named.
fn whose(files: &[&InspectedFile]) -> String {
    let listed = |title: &str, names: Vec<&str>| {
        let mut names = names;
        names.sort_unstable();
        names.dedup();
        if names.is_empty() { String::new() } else { format!("{title} {}", names.join(" ")) }
    };
    let parts = [
        listed("subject", files.iter().map(|file| file.subject.as_str()).collect()),
        listed("session", files.iter().filter_map(|file| file.session.as_deref()).collect()),
        listed("run", files.iter().map(|file| file.run.as_str()).collect()),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// What a set of these may be called: as the file is, or the folder of several.
pub fn name(inspected: &Inspected) -> String {
    let path = match &inspected.files[..] {
        [] => None,
        [one] => one.path.file_stem(),
        [first, ..] => first.path.parent().and_then(|folder| folder.file_name()),
    };
    path.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
