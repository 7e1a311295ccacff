//! What is noticed in files before they are joined: labels that don't match, axes in another order, things passed over.

use super::{Seen, Severity};
use crate::dataset::folder::{Apart, Read};
use crate::dataset::label::{self, Label, test_code};
use std::path::Path;

/// Fewer trials a class than this are no sample of it.
const FEW: usize = 3;

/// A rate that some files say and others don't.
pub fn rates(apart: &Apart) -> Vec<Seen> {
    let Some(rate) = apart.all().find_map(|it| it.recording.sfreq) else { return Vec::new() };
    let silent = apart.all().filter(|it| it.recording.sfreq.is_none());
    let seen = silent.map(|it| Seen {
        severity: Severity::Note,
        place: file(&it.path),
        message: format!("it doesn't say its sampling rate; {rate} Hz, as the others say, is taken for it"),
        remedy: "add 'sfreq' to the file, or leave it out of the set if it has another rate".into(),
    });
    seen.collect()
}

/// Samples where electrodes should be.
pub fn transposed(apart: &Apart) -> Vec<Seen> {
    let Some(Read { path, recording, .. }) = apart.all().next() else { return Vec::new() };
    let (samples, electrodes) = (recording.samples, recording.electrodes);
    let names_fit_samples = recording.miscounted_names == Some(samples);
    if !names_fit_samples && (electrodes <= samples || recording.names.is_some()) {
        return Vec::new();
    }
    let why = match names_fit_samples {
        true => format!("'ch_names' names {samples} electrodes, as many as there are samples"),
        false => "there are more electrodes than samples".into(),
    };
    vec![Seen {
        severity: Severity::Error,
        place: file(path),
        message: format!(
            "trials of {samples} samples × {electrodes} electrodes look like (trial, channel, time): {why}"
        ),
        remedy: "save signal.transpose(0, 2, 1), or let 'eeg-tui data import NAME FILE --axes trial,channel,time' do it"
            .into(),
    }]
}

/// Test labels that no training trial has, where they are no classes but a code.
pub fn label_offset(apart: &Apart) -> Vec<Seen> {
    let (train, test) = labels(apart);
    if is_too_many(apart) {
        return Vec::new();
    }
    let code = test_code(&train, &test);
    code.map(|(message, remedy)| Seen {
        severity: Severity::Error,
        place: "test labels".into(),
        message,
        remedy,
    })
    .into_iter()
    .collect()
}

/// Classes that one part lacks.
pub fn missing_class(apart: &Apart) -> Vec<Seen> {
    let (train, test) = labels(apart);
    if is_too_many(apart) || test_code(&train, &test).is_some() {
        return Vec::new();
    }
    let mut seen = Vec::new();
    if let [only] = &train[..] {
        seen.push(Seen {
            severity: Severity::Error,
            place: "training labels".into(),
            message: format!("all training trials are of class {only}"),
            remedy: "a classifier needs at least two classes".into(),
        });
    }
    for label in test.iter().filter(|label| !train.contains(label)) {
        seen.push(Seen {
            severity: Severity::Error,
            place: "test labels".into(),
            message: format!("no training trial is of class {label}, which the test has"),
            remedy: "take such trials out of the test, or put some into training".into(),
        });
    }
    seen
}

/// Labels that are no classes: ratings, times, or the trials' numbers.
pub fn too_many_classes(apart: &Apart) -> Vec<Seen> {
    if !is_too_many(apart) {
        return Vec::new();
    }
    let (trials, classes) = (trials(apart), labels(apart).0.len());
    vec![Seen {
        severity: Severity::Error,
        place: "training labels".into(),
        message: format!("{classes} different labels for {trials} training trials"),
        remedy: "make few classes of them, such as label = (rating > 5): these look like ratings or numbers of trials"
            .into(),
    }]
}

fn is_too_many(apart: &Apart) -> bool {
    let classes = labels(apart).0.len();
    classes > 2 && trials(apart) < FEW * classes
}

fn trials(apart: &Apart) -> usize {
    apart.train.iter().map(|it| it.recording.labels.len()).sum()
}

/// The distinct labels of either part.
fn labels(apart: &Apart) -> (Vec<Label>, Vec<Label>) {
    let of = |part: &[Read]| label::distinct(part.iter().flat_map(|it| &it.recording.labels));
    (of(&apart.train), of(&apart.test))
}

/// What lies there and isn't read.
pub fn not_used(apart: &Apart) -> Vec<Seen> {
    let mut seen = Vec::new();
    for path in &apart.beside {
        seen.push(Seen {
            severity: Severity::Note,
            place: file(path),
            message: "it is no part of the set".into(),
            remedy: "name it <subject>_train.npz or <subject>_test.npz, import it, or leave it".into(),
        });
    }
    for it in apart.all() {
        for what in &it.recording.passed_over {
            seen.push(Seen {
                severity: Severity::Note,
                place: file(&it.path),
                message: format!("it {what}"),
                remedy: "it is passed over; save it as plain text to have it used".into(),
            });
        }
        let (named, there) = (it.recording.miscounted_names, it.recording.electrodes);
        if let Some(named) = named.filter(|&named| named != it.recording.samples) {
            seen.push(Seen {
                severity: Severity::Warning,
                place: file(&it.path),
                message: format!("'ch_names' has {named} names for {there} electrodes; they are passed over"),
                remedy: "save one name for each electrode, in the order of the signal".into(),
            });
        }
    }
    seen
}

fn file(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
