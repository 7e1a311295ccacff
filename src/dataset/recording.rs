//! One recording: an npz file's trials and labels, checked for all that can be wrong with one file by itself.

use super::npz::{Npz, NpzError};
use std::io::{Read, Seek};

/// The most electrodes whose names are read.
const MOST_NAMES: usize = 65_536;

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
    pub labels: Vec<f64>,
    /// Samples a second, where the file says so.
    pub sfreq: Option<f64>,
    /// Names of the electrodes, where the file says so.
    pub names: Option<Vec<String>>,
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
    #[error("has a label that is no finite number (trial {0}, counted from 0); give every trial a class")]
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
    /// Not one name an electrode.
    #[error("names {names} electrodes in 'ch_names' but has {electrodes}")]
    NameCount {
        /// Names.
        names: usize,
        /// Electrodes.
        electrodes: usize,
    },
}

impl Recording {
    /// Reads a recording. `limit` is the most values (trials × samples × electrodes) that are taken.
    pub fn read(reader: impl Read + Seek, limit: usize) -> Result<Self, RecordingError> {
        let mut npz = Npz::open(reader)?;
        let lacks = |npz: &Npz<_>, name| NpzError::Lacks { name, found: npz.names() };
        let Some(signal) = npz.numbers("signal", limit, |value| value as f32)? else {
            return Err(lacks(&npz, "signal").into());
        };
        let [trials, samples, electrodes] = trial_shape(&signal.shape)?;
        let Some(labels) = npz.numbers("label", limit, |value| value)? else {
            return Err(lacks(&npz, "label").into());
        };
        if labels.shape.iter().filter(|&&size| size != 1).count() > 1 {
            return Err(RecordingError::LabelRank(labels.shape));
        }
        let recording = Recording {
            signal: signal.values,
            samples,
            electrodes,
            labels: labels.values,
            sfreq: sampling_rate(&mut npz)?,
            names: electrode_names(&mut npz, electrodes)?,
        };
        recording.check(trials)?;
        Ok(recording)
    }

    fn check(&self, trials: usize) -> Result<(), RecordingError> {
        if self.labels.len() != trials {
            return Err(RecordingError::LabelCount { labels: self.labels.len(), trials });
        }
        if let Some(trial) = self.labels.iter().position(|label| !label.is_finite()) {
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
    match npz.numbers("sfreq", 1, |value| value)? {
        None => Ok(None),
        Some(rate) => match rate.values[..] {
            [rate] if rate.is_finite() && rate > 0.0 => Ok(Some(rate)),
            _ => Err(RecordingError::SamplingRate),
        },
    }
}

fn electrode_names<R: Read + Seek>(
    npz: &mut Npz<R>,
    electrodes: usize,
) -> Result<Option<Vec<String>>, RecordingError> {
    match npz.texts("ch_names", MOST_NAMES)? {
        Some(names) if names.len() != electrodes => {
            Err(RecordingError::NameCount { names: names.len(), electrodes })
        }
        names => Ok(names),
    }
}

fn shape_text(shape: &[usize]) -> String {
    format!("({})", shape.iter().map(usize::to_string).collect::<Vec<_>>().join(", "))
}

fn others(more: usize) -> String {
    if more == 0 { String::new() } else { format!(" and in {more} more") }
}
