//! Trials as the pipelines want them.

use super::BaselineError;
use crate::dataset::TrialSet;
use crate::signal::Butterworth;
use faer::{Mat, MatRef};

/// Trials in double precision, each (electrode, sample), all of one shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Trials(Vec<Mat<f64>>);

impl Trials {
    /// A set's trials. None of its samples may be missing.
    pub fn of(set: &TrialSet) -> Self {
        let trial = |index: usize| {
            let signal = set.trial(index);
            Mat::from_fn(set.electrodes, set.samples, |electrode, sample| {
                f64::from(signal[sample * set.electrodes + electrode])
            })
        };
        Trials((0..set.len()).map(trial).collect())
    }

    /// Trials as they are given.
    #[cfg(test)]
    pub(super) fn new(trials: Vec<Mat<f64>>) -> Self {
        Trials(trials)
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each, (electrode, sample).
    pub(super) fn iter(&self) -> impl Iterator<Item = MatRef<'_, f64>> {
        self.0.iter().map(Mat::as_ref)
    }

    pub(super) fn samples(&self) -> usize {
        self.0.first().map_or(0, Mat::ncols)
    }

    pub(super) fn electrodes(&self) -> usize {
        self.0.first().map_or(0, Mat::nrows)
    }

    /// Each electrode of each trial filtered alone, as trials that are cut already must be.
    pub(super) fn filtered(&self, filter: &Butterworth) -> Result<Trials, BaselineError> {
        let one = |trial: &Mat<f64>| -> Result<Mat<f64>, BaselineError> {
            let rows = trial
                .row_iter()
                .map(|row| filter.forwards_and_backwards(&row.iter().copied().collect::<Vec<_>>()))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(Mat::from_fn(trial.nrows(), trial.ncols(), |electrode, sample| rows[electrode][sample]))
        };
        self.0.iter().map(one).collect::<Result<_, _>>().map(Trials)
    }
}
