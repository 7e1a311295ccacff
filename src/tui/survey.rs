//! What one look at a data set says, before it is taken for new runs.

use crate::dataset::{DataSet, TrialSet};

/// What one look at a set says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// Trials to train on.
    pub train: usize,
    /// Trials to test on.
    pub test: usize,
    /// Names of its subjects.
    pub subjects: Vec<String>,
    /// Channels and samples of a trial.
    pub shape: (usize, usize),
    /// Trials with missing samples.
    pub incomplete: usize,
}

impl Survey {
    /// Looks at a set.
    pub fn of(data: &DataSet) -> Self {
        let gaps = |set: &TrialSet| super::check::Check::of(set).incomplete;
        Survey {
            train: data.train.len(),
            test: data.test.len(),
            subjects: data.subjects.clone(),
            shape: (data.electrodes.len(), data.train.samples),
            incomplete: gaps(&data.train) + gaps(&data.test),
        }
    }
}
