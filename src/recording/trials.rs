//! Trials that somebody else has cut: EEGLAB's epochs, arrays of a script.

/// Which part of a data set a trial belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What networks learn from.
    Train,
    /// What they are judged on.
    Test,
}

/// Trials of one file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trials {
    /// (trial, sample, channel), in the channels' units; NaN where nothing was recorded.
    pub signal: Vec<f64>,
    /// Samples of a trial.
    pub samples: usize,
    /// Channels of a sample.
    pub channels: usize,
    /// Seconds from the event to the first sample, where the file says so.
    pub start: Option<f64>,
    /// For each trial the names of what happened in it; its class is the first of them that is asked for.
    pub names: Vec<Vec<String>>,
    /// For each trial the part that the file gives it, where it does.
    pub parts: Vec<Option<Part>>,
    /// For each trial its subject, session and run, where the file has them.
    pub subjects: Option<Vec<String>>,
    /// See `subjects`.
    pub sessions: Option<Vec<String>>,
    /// See `subjects`.
    pub runs: Option<Vec<String>>,
}

impl Trials {
    /// Number of trials.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is no trial.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// One channel of one trial.
    pub fn channel(&self, trial: usize, channel: usize) -> impl Iterator<Item = f64> + Clone + '_ {
        let values = self.samples * self.channels;
        let trial = self.signal.get(trial * values..(trial + 1) * values).unwrap_or(&[]);
        trial.iter().skip(channel).step_by(self.channels.max(1)).copied()
    }
}
