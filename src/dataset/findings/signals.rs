//! What is noticed in the signal: its scale, copies, outliers, electrodes that say nothing or too much.

use super::{Seen, Severity};
use crate::dataset::measured::{Measured, Part, Trace, median};
use crate::model::Model;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Standard deviations that EEG has, µV.
const USUAL: std::ops::RangeInclusive<f64> = 0.5..=500.0;
/// Below this, µV, a batch norm's running variance, which begins at 1, does not come down to the signal's in most trainings.
const TOO_SMALL: f64 = 0.05;
/// An offset of so many standard deviations, and more than [`USUAL`], is none of the brain's.
const OFFSET: f64 = 20.0;
/// Scales that differ by so much are not of one unit, or hardly.
const OTHER_UNIT: f64 = 10.0;
const UNLIKE: f64 = 4.0;
/// Class means that lie so many standard deviations apart at one electrode are no brain's doing.
const APART: f64 = 10.0;
/// From so few trials nothing of the kind is concluded.
const ENOUGH: usize = 8;
/// The most trials that are listed.
const LISTED: usize = 6;

/// A signal that is not in µV, or has an offset.
pub fn units(of: &Measured) -> Vec<Seen> {
    let all: Vec<usize> = (0..of.train.set.len()).collect();
    let scale = of.train.scale(&all);
    let mut seen = Vec::new();
    if scale.is_finite() && !USUAL.contains(&scale) {
        let (severity, looks, remedy) = match scale {
            ..1e-3 => (Severity::Error, "volts", "multiply the signal by 1e6, or save unit=\"V\" beside it"),
            ..TOO_SMALL => {
                (Severity::Error, "millivolts", "multiply the signal by 1e3, or save unit=\"mV\" beside it")
            }
            ..1.0 => (
                Severity::Warning,
                "millivolts, or trials that were scaled",
                "give it in µV (millivolts × 1e3), or train with --standardize zscore",
            ),
            _ => (
                Severity::Warning,
                "nanovolts or an amplifier's raw counts",
                "multiply it by the µV of one step, save unit=\"nV\" beside it, or train with --standardize zscore",
            ),
        };
        seen.push(Seen {
            severity,
            place: "signal".into(),
            message: format!(
                "the electrodes' standard deviation is {} µV in the median; EEG has 0.5 to 500: this looks like {looks}",
                short(scale)
            ),
            remedy: remedy.into(),
        });
    }
    let far = |electrode: usize| {
        let usual = |figure| of.train.usual(electrode, all.iter().copied(), figure);
        let (mean, sd) = (usual(|trace| trace.mean).abs(), usual(|trace| trace.sd));
        mean > OFFSET * sd && mean > *USUAL.end()
    };
    let offset: Vec<usize> = (0..of.train.set.electrodes).filter(|&electrode| far(electrode)).collect();
    if !offset.is_empty() && USUAL.contains(&scale) {
        seen.push(Seen {
            severity: Severity::Warning,
            place: electrodes(of, &offset),
            message: "the signal has a DC offset of more than twenty of its standard deviations".into(),
            remedy: "take each trial's mean away, band-pass the recording (data import --band 0.5..), or train with \
                     --standardize zscore"
                .into(),
        });
    }
    seen
}

/// Parts or subjects on different scales.
pub fn scale_mismatch(of: &Measured) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut scales: Vec<(&str, f64)> = Vec::new();
    for (subject, name) in of.data.subjects.iter().enumerate() {
        let own = |part: &Part| -> Vec<usize> {
            (0..part.set.len()).filter(|&trial| usize::from(part.set.subjects[trial]) == subject).collect()
        };
        let (train, test) = (of.train.scale(&own(&of.train)), of.test.scale(&own(&of.test)));
        scales.extend(Some((name.as_str(), train)).filter(|(_, scale)| *scale > 0.0));
        let ratio = (test / train).max(train / test);
        if ratio.is_finite() && ratio >= UNLIKE {
            seen.push(Seen {
                severity: if ratio >= OTHER_UNIT { Severity::Error } else { Severity::Warning },
                place: name.clone(),
                message: format!(
                    "the standard deviation is {} µV in training and {} µV in the test trials",
                    short(train),
                    short(test)
                ),
                remedy: "bring both to one unit and one filter; a network judges the test by the scale of training"
                    .into(),
            });
        }
        let moved = |electrode: usize| {
            let usual = |part: &Part, figure| part.usual(electrode, own(part).into_iter(), figure);
            let sd = usual(&of.train, |trace| trace.sd);
            (usual(&of.train, |trace| trace.mean) - usual(&of.test, |trace| trace.mean)).abs() / sd
        };
        let shift = median((0..of.train.set.electrodes).map(moved).collect());
        if shift >= OTHER_UNIT {
            seen.push(Seen {
                severity: Severity::Warning,
                place: name.clone(),
                message: format!(
                    "the test trials lie {shift:.0} standard deviations beside the training trials"
                ),
                remedy: "take each trial's mean away, or high-pass the recordings".into(),
            });
        }
    }
    scales.sort_by(|a, b| a.1.total_cmp(&b.1));
    if let [least, .., most] = scales[..]
        && most.1 / least.1 >= OTHER_UNIT
    {
        seen.push(Seen {
            severity: Severity::Warning,
            place: format!("{} and {}", least.0, most.0),
            message: format!(
                "the standard deviation is {} µV in one and {} µV in the other",
                short(least.1),
                short(most.1)
            ),
            remedy: "bring all subjects to one unit, or train with --standardize per_subject".into(),
        });
    }
    seen
}

/// Trials that are in the set twice.
pub fn copied_trials(of: &Measured) -> Vec<Seen> {
    let mut first: HashMap<u64, (usize, usize)> = HashMap::new();
    let mut copies: [Vec<(usize, usize)>; 3] = Default::default();
    for (number, part) in of.parts().into_iter().enumerate() {
        let informative =
            |&trial: &usize| (0..part.set.electrodes).any(|one| !part.trace(trial, one).is_flat());
        for trial in (0..part.set.len()).filter(informative) {
            let known = *first.entry(fingerprint(part.set.trial(trial))).or_insert((number, trial));
            if known != (number, trial)
                && is_copy(of.parts()[known.0].set.trial(known.1), part.set.trial(trial))
            {
                copies[known.0 + number].push((known.1, trial));
            }
        }
    }
    let [in_train, across, in_test] = copies;
    let count = |pairs: &[(usize, usize)]| match pairs.len() {
        1 => "1 trial is".to_owned(),
        count => format!("{count} trials are"),
    };
    let mut seen = Vec::new();
    if let [(train, test), ..] = across[..] {
        seen.push(Seen {
            severity: Severity::Error,
            place: format!("test {}", listed(across.iter().map(|pair| pair.1))),
            message: format!(
                "{} of {} test trials copied from the training trials (test trial {test} is training trial {train})",
                across.len(),
                of.test.set.len()
            ),
            remedy: "take them out of one part: a network that has learned a trial by heart is not being tested on it"
                .into(),
        });
    }
    for (name, pairs) in [("training", &in_train), ("test", &in_test)] {
        if let [(original, copy), ..] = pairs[..] {
            seen.push(Seen {
                severity: Severity::Warning,
                place: format!("{name} {}", listed(pairs.iter().map(|pair| pair.1))),
                message: format!(
                    "{} in the {name} part twice (trial {copy} is trial {original})",
                    count(pairs)
                ),
                remedy: "leave the copies out: a split or a held-out share may put one on either side".into(),
            });
        }
    }
    seen
}

fn fingerprint(trial: &[f32]) -> u64 {
    let mut hash = DefaultHasher::new();
    trial.iter().for_each(|value| canonical(*value).hash(&mut hash));
    hash.finish()
}

fn is_copy(one: &[f32], other: &[f32]) -> bool {
    one.iter().zip(other).all(|(a, b)| canonical(*a) == canonical(*b))
}

/// Equal for equal values, and for all that is missing.
fn canonical(value: f32) -> u32 {
    if value.is_nan() { f32::NAN.to_bits() } else { (value + 0.0).to_bits() }
}

/// An electrode that tells the classes apart by its level alone, such as a trigger channel.
pub fn label_leak(of: &Measured) -> Vec<Seen> {
    let leaks = |electrode: &usize| {
        let figures: [fn(Trace) -> f64; 3] = [|trace| trace.mean, |trace| trace.most, |trace| trace.least];
        figures.into_iter().any(|figure| tells_apart(of, *electrode, figure))
    };
    let leaking: Vec<usize> = (0..of.train.set.electrodes).filter(leaks).collect();
    if leaking.is_empty() || of.train.set.len() < ENOUGH {
        return Vec::new();
    }
    vec![Seen {
        severity: Severity::Error,
        place: electrodes(of, &leaking),
        message:
            "its level alone tells the classes apart: this is a trigger channel or a marker, and no electrode"
                .into(),
        remedy: "leave it out of the signal (data import --picks names the electrodes to take)".into(),
    }]
}

fn tells_apart(of: &Measured, electrode: usize, figure: fn(Trace) -> f64) -> bool {
    let set = of.train.set;
    let mut classes: Vec<Vec<f64>> = vec![Vec::new(); of.data.classes.len()];
    for trial in 0..set.len() {
        let value = figure(of.train.trace(trial, electrode));
        if value.is_finite() {
            classes[set.labels[trial] as usize].push(value);
        }
    }
    if classes.iter().any(|values| values.len() < 2) {
        return false;
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let within: f64 = classes
        .iter()
        .map(|values| {
            let middle = mean(values);
            values.iter().map(|value| (value - middle).powi(2)).sum::<f64>()
        })
        .sum();
    let sd = (within / set.len() as f64).sqrt();
    let mut means: Vec<f64> = classes.iter().map(|values| mean(values)).collect();
    means.sort_by(f64::total_cmp);
    // Rounding leaves a spread where there is none.
    let least = 1e-9 * means.iter().fold(0.0, |most: f64, mean| most.max(mean.abs()));
    means.windows(2).all(|pair| pair[1] - pair[0] > APART * sd.max(least))
}

/// Trials that go ten times as far as the others.
pub fn outlier_trials(of: &Measured) -> Vec<Seen> {
    let mut seen = Vec::new();
    for part in of.parts() {
        let trials = part.outlying();
        if !trials.is_empty() {
            seen.push(Seen {
                severity: Severity::Warning,
                place: format!("{} {}", part.name, listed(trials.iter().copied())),
                message: format!(
                    "{} of {} {} trials go more than ten times as far as the others; one of them among those held out \
                     decides alone which epoch the validation loss picks",
                    trials.len(),
                    part.set.len(),
                    part.name
                ),
                remedy: "look at them in the Data pane; --outliers drop leaves them out of training and validation".into(),
            });
        }
    }
    seen
}

/// Electrodes of which nothing was recorded.
pub fn flat_electrode(of: &Measured) -> Vec<Seen> {
    let mut seen = Vec::new();
    for part in of.parts().into_iter().filter(|part| !part.set.is_empty()) {
        let is_flat =
            |electrode: &usize| (0..part.set.len()).all(|trial| part.trace(trial, *electrode).is_flat());
        let flat: Vec<usize> = (0..part.set.electrodes).filter(is_flat).collect();
        if !flat.is_empty() {
            seen.push(Seen {
                severity: Severity::Warning,
                place: electrodes(of, &flat),
                message: format!("nothing but one value, or NaN, in all {} trials", part.name),
                remedy: "leave it out of the signal: it was not connected, or it is no electrode".into(),
            });
        }
    }
    seen
}

/// Classes that the test, or a subject, lacks.
pub fn missing_class(of: &Measured) -> Vec<Seen> {
    let mut seen = Vec::new();
    let classes = of.data.classes.len();
    let lacking = |counts: &[usize]| -> Vec<&str> {
        let lacking = (0..classes).filter(|&class| counts[class] == 0);
        lacking.map(|class| of.data.classes[class].as_str()).collect()
    };
    if !of.test.set.is_empty() {
        let lacks = lacking(&of.test.set.per_class(classes));
        if !lacks.is_empty() {
            seen.push(Seen {
                severity: Severity::Warning,
                place: "test labels".into(),
                message: format!("the test has no trial of class {}", lacks.join(", ")),
                remedy: "an accuracy over the other classes says nothing of it: record some, or make another split".into(),
            });
        }
    }
    for (subject, name) in of.data.subjects.iter().enumerate().filter(|_| of.data.subjects.len() > 1) {
        let mut counts = vec![0; classes];
        let set = of.train.set;
        for trial in (0..set.len()).filter(|&trial| usize::from(set.subjects[trial]) == subject) {
            counts[set.labels[trial] as usize] += 1;
        }
        let lacks = lacking(&counts);
        if !lacks.is_empty() && lacks.len() < classes {
            seen.push(Seen {
                severity: Severity::Note,
                place: name.clone(),
                message: format!("no training trial of class {}", lacks.join(", ")),
                remedy: "a network may learn the subject instead of the class".into(),
            });
        }
    }
    seen
}

/// Trials that no network can take, or one of the lab's two can't.
pub fn too_short(of: &Measured) -> Vec<Seen> {
    let geometry = of.data.geometry();
    let fits =
        |model: &&Model| model.network(geometry, model.default_activation(), model.default_dropout()).is_ok();
    let (fit, unfit): (Vec<&Model>, Vec<&Model>) = Model::built_in().iter().partition(fits);
    let names = |models: &[&Model]| models.iter().map(|model| model.name()).collect::<Vec<_>>().join(", ");
    let samples = geometry.samples;
    if fit.is_empty() {
        return vec![Seen {
            severity: Severity::Error,
            place: "signal".into(),
            message: format!("trials of {samples} samples are too short for every network"),
            remedy: "cut longer trials, or record at a higher rate".into(),
        }];
    }
    if unfit.iter().all(|model| !model.is_the_labs()) {
        return Vec::new();
    }
    vec![Seen {
        severity: Severity::Note,
        place: "signal".into(),
        message: format!("trials of {samples} samples are too short for {}", names(&unfit)),
        remedy: format!("take {}, or cut longer trials", names(&fit)),
    }]
}

/// Names of electrodes, of many the first few.
fn electrodes(of: &Measured, which: &[usize]) -> String {
    let names = which.iter().take(LISTED).map(|&electrode| of.data.electrodes[electrode].as_str());
    let more =
        if which.len() > LISTED { format!(" and {} more", which.len() - LISTED) } else { String::new() };
    names.collect::<Vec<_>>().join(", ") + &more
}

/// Trials by their numbers, of many the first few.
fn listed(trials: impl ExactSizeIterator<Item = usize>) -> String {
    let count = trials.len();
    let what = if count == 1 { "trial" } else { "trials" };
    let numbers: Vec<String> = trials.take(LISTED).map(|trial| trial.to_string()).collect();
    let more = if count > LISTED { format!(" and {} more", count - LISTED) } else { String::new() };
    format!("{what} {}{more}", numbers.join(", "))
}

/// A number with three digits.
fn short(value: f64) -> String {
    if (0.01..1e5).contains(&value) { format!("{value:.3}") } else { format!("{value:.2e}") }
}
