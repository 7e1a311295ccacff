//! What each pipeline looks at in a trial: a row of numbers, through what was learnt from the training trials.

use super::trials::Trials;
use super::{BaselineError, covariance, csp, tangent};
use crate::model::Baseline;
use faer::{Mat, MatRef, RowRef};

/// Samples of a block of the block means.
pub(super) const BLOCK: usize = 32;
/// The least variance that is told from none, as a share of the trial's largest.
const LEAST_VARIANCE: f64 = 1e-30;

/// From trials to features.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Features {
    /// ln of each electrode's variance.
    LogVariance,
    /// ln of the power behind spatial filters, (filter, electrode).
    Csp(Mat<f64>),
    /// The tangent vector at a mean covariance; this is its inverse root.
    Tangent(Mat<f64>),
    /// Mean of each block of [`BLOCK`] samples, electrode by electrode; a shorter rest is left out.
    Blocks,
}

impl Features {
    /// Learns what there is to learn from training trials, and gives their features, (trial, feature).
    pub(super) fn fit(
        baseline: Baseline,
        trials: &Trials,
        labels: &[u32],
        classes: usize,
    ) -> Result<(Self, Mat<f64>), BaselineError> {
        Ok(match baseline {
            Baseline::LogVar => (Features::LogVariance, rows(log_variances(trials)?)),
            Baseline::Blocks => (Features::Blocks, rows(block_means(trials)?)),
            Baseline::Csp => {
                let covariances = covariances(trials)?;
                let filters = csp::filters(&covariances, labels, classes)?;
                let features = log_powers(&filters, &covariances)?;
                (Features::Csp(filters), features)
            }
            Baseline::Tangent => {
                let covariances = covariances(trials)?;
                let root = tangent::inverse_root(tangent::geometric_mean(&covariances)?.as_ref())?;
                let features = rows(tangent::vectors(&covariances, &root)?);
                (Features::Tangent(root), features)
            }
        })
    }

    /// (trial, feature) of other trials.
    pub(super) fn of(&self, trials: &Trials) -> Result<Mat<f64>, BaselineError> {
        match self {
            Features::LogVariance => Ok(rows(log_variances(trials)?)),
            Features::Blocks => Ok(rows(block_means(trials)?)),
            Features::Csp(filters) => log_powers(filters, &covariances(trials)?),
            Features::Tangent(root) => Ok(rows(tangent::vectors(&covariances(trials)?, root)?)),
        }
    }
}

fn rows(features: Vec<Vec<f64>>) -> Mat<f64> {
    Mat::from_fn(features.len(), features.first().map_or(0, Vec::len), |trial, feature| {
        features[trial][feature]
    })
}

fn covariances(trials: &Trials) -> Result<Vec<Mat<f64>>, BaselineError> {
    trials.iter().enumerate().map(|(number, trial)| covariance::oas(trial, number)).collect()
}

fn log_powers(filters: &Mat<f64>, covariances: &[Mat<f64>]) -> Result<Mat<f64>, BaselineError> {
    let row = |covariance: &Mat<f64>| csp::log_power(filters.as_ref(), covariance.as_ref());
    finite(covariances.iter().map(row).collect(), "power of a trial").map(rows)
}

fn log_variances(trials: &Trials) -> Result<Vec<Vec<f64>>, BaselineError> {
    let row = |(number, trial): (usize, MatRef<'_, f64>)| {
        let variances: Vec<f64> = trial.row_iter().map(variance).collect();
        let largest = variances.iter().copied().fold(0.0, f64::max);
        match largest > 0.0 {
            true => Ok(variances.iter().map(|value| value.max(LEAST_VARIANCE * largest).ln()).collect()),
            false => Err(BaselineError::Flat { trial: number }),
        }
    };
    let features = trials.iter().enumerate().map(row).collect::<Result<_, _>>()?;
    finite(features, "variance of a trial")
}

/// The mean square about the mean.
fn variance(electrode: RowRef<'_, f64>) -> f64 {
    let count = electrode.ncols() as f64;
    let mean = electrode.sum() / count;
    electrode.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count
}

fn block_means(trials: &Trials) -> Result<Vec<Vec<f64>>, BaselineError> {
    let samples = trials.samples();
    if samples < BLOCK {
        return Err(BaselineError::Short { samples, block: BLOCK });
    }
    let mean = |electrode: usize, block: usize, trial: MatRef<'_, f64>| {
        (block * BLOCK..(block + 1) * BLOCK).map(|sample| trial[(electrode, sample)]).sum::<f64>()
            / BLOCK as f64
    };
    let row = |trial: MatRef<'_, f64>| -> Vec<f64> {
        (0..trial.nrows())
            .flat_map(|electrode| (0..samples / BLOCK).map(move |block| mean(electrode, block, trial)))
            .collect()
    };
    finite(trials.iter().map(row).collect(), "mean of a block")
}

fn finite(features: Vec<Vec<f64>>, what: &'static str) -> Result<Vec<Vec<f64>>, BaselineError> {
    match features.iter().flatten().all(|value| value.is_finite()) {
        true => Ok(features),
        false => Err(BaselineError::Arithmetic(what)),
    }
}
