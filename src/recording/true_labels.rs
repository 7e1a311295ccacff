//! The classes of trials whose recording keeps them back, as those of competitions' test trials are: a file of labels that came
//! separately, one a trial.

use super::bytes::{Bytes, text};
use super::mat5::{self, Value};
use super::{Assume, Event, ReadError, Trials};
use std::path::Path;

/// What an event is called whose class nobody has told.
pub const UNLABELLED: &str = "unlabelled";

/// GDF's code of a cue of the first class, less one; the codes up to 782 are those of the next classes.
const CUE: u16 = 768;
/// GDF's code of a cue whose class is not told.
const UNKNOWN: u16 = 783;

/// Numbers between which blanks, commas, semicolons or line ends stand.
pub fn numbers(text: &str) -> Result<Vec<f64>, ReadError> {
    let words = text.split([' ', '\t', '\n', '\r', ',', ';']).filter(|word| !word.is_empty());
    let number = |word: &str| word.parse().map_err(|_| ReadError::header(format!("'{word}' is no number")));
    words.map(number).collect()
}

/// The labels of a text file, or of the array of labels in a MAT-file.
fn read(file: &Path) -> Result<Vec<f64>, ReadError> {
    if !mat5::begins(&Bytes::open(file)?.start(128)?) {
        return numbers(&text(file)?);
    }
    let mut lists: Vec<(String, Vec<f64>)> = mat5::read(file)?
        .into_iter()
        .filter_map(|(name, value)| match value {
            Value::Numbers { shape, values } if shape.iter().filter(|&&size| size != 1).count() <= 1 => {
                Some((name.to_lowercase(), values))
            }
            _ => None,
        })
        .collect();
    let only = lists.len() == 1;
    match lists.iter().position(|(name, _)| only || name.contains("label")) {
        Some(place) => Ok(lists.swap_remove(place).1),
        None => Err(ReadError::Ask("has no list of numbers called 'classlabel' or the like".into())),
    }
}

/// One label a trial, NaN where nobody tells; `own` are those that the recording gives, and these must be the same.
pub fn told(file: &Path, own: &[f64]) -> Result<Vec<f64>, ReadError> {
    let name = file.display().to_string();
    let truth = read(file).map_err(|error| ReadError::Companion(name.clone(), error.to_string()))?;
    if truth.len() != own.len() {
        let (told, trials) = (truth.len(), own.len());
        return Err(ReadError::Ask(format!(
            "has {trials} trials, {name} has {told} labels; there must be one a trial"
        )));
    }
    let differs = own.iter().zip(&truth).position(|(own, truth)| !own.is_nan() && own != truth);
    match differs {
        Some(trial) => Err(ReadError::Ask(format!(
            "has the class {} in trial {}, {name} has {}; is it the file of another subject?",
            own[trial],
            trial + 1,
            truth[trial]
        ))),
        None => Ok(truth),
    }
}

/// Gives a GDF file's cues of unknown class (783) the codes of their classes, and keeps them for the test. The labels are of
/// all cues, in the order of time.
pub fn of_cues(events: &mut [Event], assume: &Assume) -> Result<(), ReadError> {
    let Some(file) = &assume.true_labels else { return Ok(()) };
    let code =
        |event: &Event| event.name.parse::<u16>().ok().filter(|code| (CUE + 1..=UNKNOWN).contains(code));
    let mut cues: Vec<(&mut Event, u16)> =
        events.iter_mut().filter_map(|event| code(event).map(|code| (event, code))).collect();
    cues.sort_by(|(a, _), (b, _)| a.onset.total_cmp(&b.onset));
    if cues.is_empty() {
        let what = "has no cues (events 769 to 783) that --true-labels could be about; leave it out";
        return Err(ReadError::Ask(what.into()));
    }
    let own: Vec<f64> = cues
        .iter()
        .map(|(_, code)| if *code == UNKNOWN { f64::NAN } else { f64::from(code - CUE) })
        .collect();
    for (((cue, _), own), label) in cues.into_iter().zip(&own).zip(told(file, &own)?) {
        let class = Some(label).filter(|label| (1.0..f64::from(UNKNOWN - CUE)).contains(label));
        if own.is_nan() {
            cue.held_out = true;
            // The same word as the cues have whose class the recording tells.
            cue.name = match class {
                Some(label) => (f64::from(CUE) + label).to_string(),
                None if label.is_nan() => UNLABELLED.into(),
                None => label.to_string(),
            };
        }
    }
    Ok(())
}

/// Gives trials whose label is no number (NaN) their classes, and keeps them for the test.
pub fn of_trials(trials: &mut Trials, assume: &Assume) -> Result<(), ReadError> {
    let Some(file) = &assume.true_labels else { return Ok(()) };
    let own =
        trials.names.iter().map(|names| match names.first().and_then(|name| name.parse::<f64>().ok()) {
            Some(label) => Ok(label),
            None => {
                Err(ReadError::Ask("names its classes; --true-labels is for labels that are numbers".into()))
            }
        });
    let own: Vec<f64> = own.collect::<Result<_, _>>()?;
    for (trial, label) in told(file, &own)?.into_iter().enumerate().filter(|(trial, _)| own[*trial].is_nan())
    {
        trials.names[trial] = vec![label.to_string()];
        trials.parts[trial].get_or_insert(super::trials::Part::Test);
    }
    Ok(())
}

/// What can't be told a class must not be passed over in silence.
pub fn refuse(assume: &Assume) -> Result<(), ReadError> {
    match assume.true_labels {
        None => Ok(()),
        Some(_) => Err(ReadError::Ask(
            "keeps no class back; --true-labels is for GDF files, set IIIb's MAT and text files, and arrays"
                .into(),
        )),
    }
}
