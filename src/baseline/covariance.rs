//! Covariances that stay invertible when there is little to estimate them from.

use super::BaselineError;
use super::symmetric::{squares, trace};
use faer::{Mat, MatRef, Scale};

/// The covariance of a trial's electrodes, shrunk towards a multiple of the identity by the oracle approximating
/// shrinkage (Chen et al. 2010, in scikit-learn's form, which leaves out the 2/p terms). `trial` is (electrode,
/// sample) and `number` names it in an error. Means are removed; sums are divided by the number of samples.
pub(super) fn oas(trial: MatRef<'_, f64>, number: usize) -> Result<Mat<f64>, BaselineError> {
    let (electrodes, samples) = (trial.nrows() as f64, trial.ncols() as f64);
    let centred = centred_rows(trial);
    let sample = (&centred * centred.transpose()) * Scale(1.0 / samples);
    let scale = trace(sample.as_ref()) / electrodes;
    if !scale.is_finite() {
        return Err(BaselineError::Arithmetic("covariance of a trial"));
    }
    if scale <= 0.0 {
        return Err(BaselineError::Flat { trial: number });
    }
    if trial.nrows() == 1 {
        return Ok(sample);
    }
    let spread = squares(sample.as_ref()) / (electrodes * electrodes);
    let squared = scale * scale;
    let away = (samples + 1.0) * (spread - squared / electrodes);
    let shrinkage = if away > 0.0 { ((spread + squared) / away).min(1.0) } else { 1.0 };
    Ok(towards_identity(sample, shrinkage, scale))
}

/// Ledoit and Wolf's shrinkage (2004) of the covariance of features that are centred: how far to go, from 0 to 1,
/// towards which multiple of the identity. `features` is (trial, feature).
pub(super) fn ledoit_wolf(features: MatRef<'_, f64>) -> (f64, f64) {
    let (n, p) = (features.nrows() as f64, features.ncols() as f64);
    let lengths: Vec<f64> = features.row_iter().map(|row| row.squared_norm_l2()).collect();
    let scale = lengths.iter().sum::<f64>() / n / p;
    if features.ncols() == 1 {
        return (0.0, scale);
    }
    // Both products have the same squares; the smaller is quicker.
    let product = match features.nrows() < features.ncols() {
        true => features * features.transpose(),
        false => features.transpose() * features,
    };
    let spread = squares(product.as_ref()) / (n * n);
    let noise = (lengths.iter().map(|length| length * length).sum::<f64>() / n - spread) / (n * p);
    let distance = (spread - scale * scale * p) / p;
    let noise = noise.min(distance);
    (if noise == 0.0 { 0.0 } else { noise / distance }, scale)
}

fn towards_identity(mut matrix: Mat<f64>, shrinkage: f64, scale: f64) -> Mat<f64> {
    matrix *= Scale(1.0 - shrinkage);
    for index in 0..matrix.nrows() {
        matrix[(index, index)] += shrinkage * scale;
    }
    matrix
}

fn centred_rows(trial: MatRef<'_, f64>) -> Mat<f64> {
    let means: Vec<f64> = trial.row_iter().map(|row| row.sum() / row.ncols() as f64).collect();
    Mat::from_fn(trial.nrows(), trial.ncols(), |row, column| trial[(row, column)] - means[row])
}
