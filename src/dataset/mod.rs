//! Recordings: reading data sets from folders of npz files or making the simulated one, and getting their trials ready
//! for a run. Knows nothing of networks' insides, devices or the notebook.

mod check;
mod division;
pub(crate) mod dtype;
pub mod electrode;
mod error;
pub mod findings;
mod fingerprint;
mod folder;
mod folds;
pub mod known;
mod label;
mod lies;
mod measured;
mod memory;
mod missing;
pub(crate) mod npy;
pub(crate) mod npz;
mod prepare;
mod recording;
mod scale;
mod simulated;
mod source;
mod split;
mod statistics;

pub use check::{FileReport, Listing, PartReport, Report, SetReport, check, list};
pub use division::{Division, Parts, divide, parts};
pub use error::DataError;
pub(crate) use fingerprint::hex;
pub(crate) use memory::most_values;
pub use prepare::{Fitted, Prepared, fits, fitted, prepare, training_trials};
pub use source::{Looked, load, load_source, look, look_source, names};
pub use statistics::{ClassCourse, ElectrodeRange, PartStatistics, Statistics};

use crate::model::Geometry;
use crate::spec::DataSource;

/// Trials of one set, in the order of the files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrialSet {
    /// (trial, sample, electrode), contiguous. Before [`prepare`] it may hold NaN where nothing was recorded.
    pub signal: Vec<f32>,
    /// Samples of a trial (T).
    pub samples: usize,
    /// Electrodes of a sample (C).
    pub electrodes: usize,
    /// Class of each trial, an index into [`DataSet::classes`].
    pub labels: Vec<u32>,
    /// Subject of each trial, an index into [`DataSet::subjects`].
    pub subjects: Vec<u16>,
    /// Session of each trial, an index into [`DataSet::sessions`]; empty where the files don't say.
    pub sessions: Vec<u16>,
    /// Run of each trial, an index into [`DataSet::runs`]; empty where the files don't say.
    pub runs: Vec<u16>,
}

impl TrialSet {
    /// Number of trials.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no trial.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Values of one trial: samples × electrodes.
    pub fn trial_len(&self) -> usize {
        self.samples * self.electrodes
    }

    /// One trial's signal, (sample, electrode). `index` must be below [`TrialSet::len`].
    pub fn trial(&self, index: usize) -> &[f32] {
        &self.signal[index * self.trial_len()..][..self.trial_len()]
    }

    /// One electrode of one trial, sample by sample.
    pub fn electrode(&self, trial: usize, electrode: usize) -> impl Iterator<Item = f32> + '_ {
        self.trial(trial).iter().skip(electrode).step_by(self.electrodes.max(1)).copied()
    }

    /// These trials, in this order.
    pub fn select(&self, trials: &[usize]) -> TrialSet {
        self.joined(&TrialSet::default(), trials)
    }

    /// These trials of this set followed by another of the same electrodes and samples, in this order.
    fn joined(&self, other: &TrialSet, trials: &[usize]) -> TrialSet {
        let mut set = TrialSet {
            signal: Vec::with_capacity(trials.len() * self.trial_len()),
            samples: self.samples,
            electrodes: self.electrodes,
            ..TrialSet::default()
        };
        for &trial in trials {
            let (from, trial) = match trial.checked_sub(self.len()) {
                None => (self, trial),
                Some(place) => (other, place),
            };
            set.signal.extend_from_slice(from.trial(trial));
            set.labels.push(from.labels[trial]);
            set.subjects.push(from.subjects[trial]);
            set.sessions.extend(from.sessions.get(trial));
            set.runs.extend(from.runs.get(trial));
        }
        set
    }

    /// How many trials lack samples.
    pub fn incomplete(&self) -> usize {
        (0..self.len()).filter(|&trial| self.trial(trial).iter().any(|value| value.is_nan())).count()
    }

    /// How many trials each of `classes` classes has, subject by subject.
    pub fn per_subject(&self, subjects: usize, classes: usize) -> Vec<Vec<usize>> {
        let mut counts = vec![vec![0; classes]; subjects];
        for (&subject, &label) in self.subjects.iter().zip(&self.labels) {
            counts[usize::from(subject)][label as usize] += 1;
        }
        counts
    }

    /// How many trials each of `classes` classes has.
    pub fn per_class(&self, classes: usize) -> Vec<usize> {
        let mut counts = vec![0; classes];
        for &label in &self.labels {
            counts[label as usize] += 1;
        }
        counts
    }
}

/// A data set as recorded: every subject's trials, one subject after another in the order of their names.
#[derive(Clone, Debug, PartialEq)]
pub struct DataSet {
    /// Where it comes from, with its fingerprint.
    pub source: DataSource,
    /// Names of the electrodes.
    pub electrodes: Vec<String>,
    /// Samples a second, where the files say so.
    pub sfreq: Option<f64>,
    /// Names of the classes: the labels as in the files, sorted as numbers.
    pub classes: Vec<String>,
    /// Names of the subjects, sorted.
    pub subjects: Vec<String>,
    /// Names of the sessions; none where the files don't say.
    pub sessions: Vec<String>,
    /// Names of the runs; none where the files don't say.
    pub runs: Vec<String>,
    /// What networks may learn from.
    pub train: TrialSet,
    /// What they are judged on; empty where a run's split makes that part.
    pub test: TrialSet,
}

impl DataSet {
    /// Trials of the training part followed by the test part, in this order.
    pub fn select(&self, trials: &[usize]) -> TrialSet {
        self.train.joined(&self.test, trials)
    }

    /// Subject and class of a trial of the training part followed by the test part.
    fn stratum(&self, trial: usize) -> (u16, u32) {
        let (set, trial) = match trial.checked_sub(self.train.len()) {
            None => (&self.train, trial),
            Some(place) => (&self.test, place),
        };
        (set.subjects[trial], set.labels[trial])
    }

    /// What a network for these trials is built for.
    pub fn geometry(&self) -> Geometry {
        Geometry {
            channels: self.electrodes.len(),
            samples: self.train.samples,
            classes: self.classes.len(),
            sfreq: self.sfreq,
        }
    }

    /// Whether these are no real recordings.
    pub fn is_simulated(&self) -> bool {
        self.source.is_simulated()
    }
}

#[cfg(test)]
pub(crate) mod tests;
