//! The tangent space of covariance matrices at their geometric mean (Barachant et al. 2012): where the curved space that
//! they live in is flat enough for a linear classifier.

use super::BaselineError;
use super::symmetric::{apply, mean};
use faer::{Mat, MatRef, Scale};
use rayon::prelude::*;

/// Steps towards the geometric mean.
const STEPS: usize = 50;
/// The mean is good where the mean logarithm about it is no longer than this.
const CLOSE: f64 = 1e-8;

/// The affine-invariant mean: the matrix about which the logarithms sum to 0. Gradient descent from the arithmetic mean
/// with a step that is halved where it overshoots, as in pyRiemann.
pub(super) fn geometric_mean(covariances: &[Mat<f64>]) -> Result<Mat<f64>, BaselineError> {
    let mut centre = mean(covariances);
    let (mut step, mut reached) = (1.0, f64::MAX);
    for _ in 0..STEPS {
        let root = apply(centre.as_ref(), "mean covariance", f64::sqrt)?;
        let direction = mean(&logarithms(covariances, &inverse_root(centre.as_ref())?)?);
        let turn = apply((&direction * Scale(step)).as_ref(), "mean covariance", f64::exp)?;
        centre = &root * turn * &root;
        let length = direction.norm_l2();
        if step * length < reached {
            reached = step * length;
            step *= 0.95;
        } else {
            step *= 0.5;
        }
        if length <= CLOSE || step <= CLOSE {
            break;
        }
    }
    Ok(centre)
}

/// M^(−1/2) of a positive definite matrix.
pub(super) fn inverse_root(matrix: MatRef<'_, f64>) -> Result<Mat<f64>, BaselineError> {
    apply(matrix, "mean covariance", |value| value.sqrt().recip())
}

/// The tangent vector of each covariance at the matrix whose inverse root this is: the upper triangle of its logarithm
/// row by row, entries off the diagonal times √2 so that lengths are kept.
pub(super) fn vectors(
    covariances: &[Mat<f64>],
    inverse_root: &Mat<f64>,
) -> Result<Vec<Vec<f64>>, BaselineError> {
    let vector = |logarithm: &Mat<f64>| {
        let size = logarithm.nrows();
        (0..size)
            .flat_map(|row| (row..size).map(move |column| (row, column)))
            .map(|(row, column)| {
                logarithm[(row, column)] * if row == column { 1.0 } else { std::f64::consts::SQRT_2 }
            })
            .collect()
    };
    Ok(logarithms(covariances, inverse_root)?.iter().map(vector).collect())
}

fn logarithms(covariances: &[Mat<f64>], inverse_root: &Mat<f64>) -> Result<Vec<Mat<f64>>, BaselineError> {
    covariances
        .par_iter()
        .map(|covariance| {
            let whitened = inverse_root * covariance * inverse_root;
            apply(whitened.as_ref(), "logarithm of a covariance", f64::ln)
        })
        .collect()
}
