//! One recording: an npz file's trials and labels, checked for all that can be wrong with one file by itself.

use super::label::Label;
use super::npz::{Npz, NpzError};
use std::io::{Read, Seek};

/// The most names of electrodes or classes that are read.
const MOST_NAMES: usize = 65_536;

/// Units that a file may say its signal is in, and how many µV they are.
const UNITS: [(&str, f64); 7] =
    [("V", 1e6), ("mV", 1e3), ("µV", 1.0), ("μV", 1.0), ("uV", 1.0), ("microvolt", 1.0), ("nV", 1e-3)];

/// The trials of one file as they are in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// (trial, sample, electrode), µV; NaN where nothing was recorded.
    pub signal: Vec<f32>,
    /// Samples of a trial.
    pub samples: usize,
    /// Electrodes of a sample.
    pub electrodes: usize,
    /// One a trial.
    pub labels: Vec<Label>,
    /// Samples a second, where the file says so.
    pub sfreq: Option<f64>,
    /// Names of the electrodes, where the file says so.
    pub names: Option<Vec<String>>,
    /// Names of the classes, where the file says so.
    pub class_names: Option<Vec<String>>,
    /// Who each trial is of, where the file says so.
    pub subjects: Option<Vec<String>>,
    /// Which session each trial is of, where the file says so.
    pub sessions: Option<Vec<String>>,
    /// Which run each trial is of, where the file says so.
    pub runs: Option<Vec<String>>,
    /// How many electrodes the file names, where that is another number than it has: the names are passed over.
    pub miscounted_names: Option<usize>,
    /// What was passed over because it can't be read. The text completes "FILE …".
    pub passed_over: Vec<String>,
}

/// What is wrong with a file. The text completes "FILE …".
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// Its arrays can't be read.
    #[error(transparent)]
    Npz(#[from] NpzError),
    /// The signal is no list of trials.
    #[error("has a signal of shape {}; it must be (trial, time, electrode)", shape_text(.0))]
    Rank(Vec<usize>),
    /// The signal holds nothing.
    #[error("has a signal of shape {}, without a single value; record some trials", shape_text(.0))]
    NoTrials(Vec<usize>),
    /// The labels are no list.
    #[error("has labels of shape {}; there must be one number a trial", shape_text(.0))]
    LabelRank(Vec<usize>),
    /// Not one label a trial.
    #[error("has {labels} labels for {trials} trials; there must be one a trial")]
    LabelCount {
        /// Labels.
        labels: usize,
        /// Trials.
        trials: usize,
    },
    /// A label that is no number.
    #[error(
        "has a label that is no finite number (trial {0}, counted from 0); give every trial a class: where the labels for the \
         evaluation came separately, put them in"
    )]
    LabelValue(usize),
    /// A trial of which nothing was recorded.
    #[error("has nothing but NaN in trial {trial} (counted from 0){}; take such trials out", others(*.more))]
    AllMissing {
        /// The first such trial.
        trial: usize,
        /// How many more there are.
        more: usize,
    },
    /// An infinite sample.
    #[error(
        "has an infinite value (trial {trial}, sample {sample}, electrode {electrode}, counted from 0); \
         replace it, by NaN if nothing was recorded"
    )]
    Infinite {
        /// Where.
        trial: usize,
        /// Where.
        sample: usize,
        /// Where.
        electrode: usize,
    },
    /// A sampling rate that is none.
    #[error("has a sampling rate 'sfreq' that is no single positive number")]
    SamplingRate,
    /// Not one subject, session or run a trial.
    #[error("has {said} values in '{array}' for {trials} trials; there must be one a trial")]
    PerTrialCount {
        /// Which array.
        array: &'static str,
        /// How many it has.
        said: usize,
        /// Trials.
        trials: usize,
    },
    /// A unit that is none of voltage.
    #[error("says that its signal is in '{0}'; save it in µV, or give 'unit' as V, mV, uV or nV")]
    Unit(String),
}

impl Recording {
    /// Reads a recording. `limit` is the most values (trials × samples × electrodes) that are taken.
    pub fn read(reader: impl Read + Seek, limit: usize) -> Result<Self, RecordingError> {
        let mut npz = Npz::open(reader)?;
        let lacks = |npz: &Npz<_>, name| NpzError::Lacks { name, found: npz.names() };
        let factor = unit(&mut npz)?;
        // As it is where it is in µV: a product would be rounded anew.
        let single = |value: f64| if factor == 1.0 { value as f32 } else { (value * factor) as f32 };
        let Some(signal) = npz.numbers("signal", limit, single)? else {
            return Err(lacks(&npz, "signal").into());
        };
        let [trials, samples, electrodes] = trial_shape(&signal.shape)?;
        let Some(labels) = labels(&mut npz, limit)? else {
            return Err(lacks(&npz, "label").into());
        };
        let mut passed_over = Vec::new();
        let sfreq = sampling_rate(&mut npz)?;
        let mut names = optional(npz.texts("ch_names", MOST_NAMES), &mut passed_over)?;
        let miscounted_names = names.as_ref().map(Vec::len).filter(|&count| count != electrodes);
        if miscounted_names.is_some() {
            names = None;
        }
        let class_names = optional(npz.texts("class_names", MOST_NAMES), &mut passed_over)?;
        let mut per_trial = |array| per_trial(&mut npz, array, trials, &mut passed_over);
        let (subjects, sessions, runs) = (per_trial("subject")?, per_trial("session")?, per_trial("run")?);
        let recording = Recording {
            signal: signal.values,
            samples,
            electrodes,
            labels,
            sfreq,
            names,
            class_names,
            subjects,
            sessions,
            runs,
            miscounted_names,
            passed_over,
        };
        recording.check(trials)?;
        Ok(recording)
    }

    fn check(&self, trials: usize) -> Result<(), RecordingError> {
        if self.labels.len() != trials {
            return Err(RecordingError::LabelCount { labels: self.labels.len(), trials });
        }
        let is_number = |label: &Label| label.number().is_none_or(f64::is_finite);
        if let Some(trial) = self.labels.iter().position(|label| !is_number(label)) {
            return Err(RecordingError::LabelValue(trial));
        }
        if let Some(place) = self.signal.iter().position(|value| value.is_infinite()) {
            let (sample, electrode) = (place / self.electrodes, place % self.electrodes);
            return Err(RecordingError::Infinite {
                trial: sample / self.samples,
                sample: sample % self.samples,
                electrode,
            });
        }
        let all_missing = |trial: &[f32]| trial.iter().all(|value| value.is_nan());
        let mut missing = self.trials().enumerate().filter(|(_, trial)| all_missing(trial));
        match missing.next() {
            Some((trial, _)) => Err(RecordingError::AllMissing { trial, more: missing.count() }),
            None => Ok(()),
        }
    }

    /// The signal of each trial.
    pub fn trials(&self) -> impl Iterator<Item = &[f32]> {
        self.signal.chunks_exact((self.samples * self.electrodes).max(1))
    }
}

/// What the headers of a file say about its trials, without reading them.
pub fn peek(reader: impl Read + Seek) -> Result<[usize; 3], RecordingError> {
    let mut npz = Npz::open(reader)?;
    match npz.shape("signal")? {
        Some(shape) => trial_shape(&shape),
        None => Err(NpzError::Lacks { name: "signal", found: npz.names() }.into()),
    }
}

fn trial_shape(shape: &[usize]) -> Result<[usize; 3], RecordingError> {
    match *shape {
        [trials, samples, electrodes] if trials > 0 && samples > 0 && electrodes > 0 => {
            Ok([trials, samples, electrodes])
        }
        [_, _, _] => Err(RecordingError::NoTrials(shape.to_vec())),
        _ => Err(RecordingError::Rank(shape.to_vec())),
    }
}

fn sampling_rate<R: Read + Seek>(npz: &mut Npz<R>) -> Result<Option<f64>, RecordingError> {
    let said = match npz.kind("sfreq")? {
        None => return Ok(None),
        Some((_, true)) => npz.texts("sfreq", 1)?.and_then(|said| said.first()?.trim().parse().ok()),
        Some((_, false)) => {
            npz.numbers("sfreq", 1, |rate| rate)?.and_then(|said| said.values.first().copied())
        }
    };
    said.filter(|rate: &f64| rate.is_finite() && *rate > 0.0).map(Some).ok_or(RecordingError::SamplingRate)
}

/// How many µV a value of the signal is.
fn unit<R: Read + Seek>(npz: &mut Npz<R>) -> Result<f64, RecordingError> {
    let Some(said) = npz.texts("unit", 1)? else { return Ok(1.0) };
    let said = said.into_iter().next().unwrap_or_default();
    let known = UNITS.iter().find(|(name, _)| *name == said.trim());
    known.map(|(_, factor)| *factor).ok_or(RecordingError::Unit(said))
}

/// One label a trial: numbers, or names.
fn labels<R: Read + Seek>(npz: &mut Npz<R>, limit: usize) -> Result<Option<Vec<Label>>, RecordingError> {
    let Some((shape, is_text)) = npz.kind("label")? else { return Ok(None) };
    if shape.iter().filter(|&&size| size != 1).count() > 1 {
        return Err(RecordingError::LabelRank(shape));
    }
    Ok(match is_text {
        true => npz.texts("label", limit)?.map(|names| names.into_iter().map(Label::Name).collect()),
        false => {
            let numbers = npz.numbers("label", limit, |label| label)?;
            numbers.map(|numbers| numbers.values.into_iter().map(Label::Number).collect())
        }
    })
}

/// An array that need not be there: one that can't be understood blocks no file. One that the disk refuses does: without it the
/// set would be another.
fn optional<T>(
    read: Result<Option<T>, NpzError>,
    passed_over: &mut Vec<String>,
) -> Result<Option<T>, NpzError> {
    match read {
        Err(error) if !matches!(error, NpzError::Io(_)) => {
            passed_over.push(error.to_string());
            Ok(None)
        }
        read => read,
    }
}

/// A name or number a trial.
fn per_trial<R: Read + Seek>(
    npz: &mut Npz<R>,
    array: &'static str,
    trials: usize,
    passed_over: &mut Vec<String>,
) -> Result<Option<Vec<String>>, RecordingError> {
    let is_text = match optional(npz.kind(array), passed_over)? {
        None => return Ok(None),
        Some((_, is_text)) => is_text,
    };
    let said = match is_text {
        true => npz.texts(array, trials.max(MOST_NAMES))?,
        false => npz
            .numbers(array, trials.max(MOST_NAMES), |value| value)?
            .map(|numbers| numbers.values.iter().map(f64::to_string).collect()),
    };
    match said {
        // One for all trials of the file.
        Some(said) if said.len() == 1 => Ok(Some(vec![said[0].clone(); trials])),
        Some(said) if said.len() != trials => {
            Err(RecordingError::PerTrialCount { array, said: said.len(), trials })
        }
        said => Ok(said),
    }
}

fn shape_text(shape: &[usize]) -> String {
    format!("({})", shape.iter().map(usize::to_string).collect::<Vec<_>>().join(", "))
}

fn others(more: usize) -> String {
    if more == 0 { String::new() } else { format!(" and in {more} more") }
}
