//! Common spatial patterns: weightings of the electrodes whose variance differs most between classes.

use super::BaselineError;
use super::symmetric::mean;
use faer::{Mat, MatRef, Side};

/// Filters of a fit.
const FILTERS: usize = 6;

/// Spatial filters, (filter, electrode), from the covariances of labelled trials. Two classes share [`FILTERS`]
/// filters; of more, each is set against the mean of the others and gets its part, class by class. There are never more
/// filters of one contrast than electrodes.
pub(super) fn filters(
    covariances: &[Mat<f64>],
    labels: &[u32],
    classes: usize,
) -> Result<Mat<f64>, BaselineError> {
    let means: Vec<Mat<f64>> = (0..classes as u32)
        .map(|class| {
            let own = covariances.iter().zip(labels).filter(|(_, label)| **label == class);
            mean(&own.map(|(covariance, _)| covariance.clone()).collect::<Vec<_>>())
        })
        .collect();
    let contrasts: Vec<Mat<f64>> = match means.as_slice() {
        [first, second] => vec![most_different(second, first, FILTERS)?],
        _ => (0..classes)
            .map(|class| {
                let others: Vec<_> =
                    (0..classes).filter(|other| *other != class).map(|other| means[other].clone()).collect();
                most_different(&means[class], &mean(&others), FILTERS.div_ceil(classes))
            })
            .collect::<Result<_, _>>()?,
    };
    let rows: Vec<Vec<f64>> = contrasts
        .iter()
        .flat_map(|filters| filters.row_iter())
        .map(|row| row.iter().copied().collect())
        .collect();
    Ok(Mat::from_fn(rows.len(), means[0].nrows(), |row, column| rows[row][column]))
}

/// The `count` solutions w of A w = λ (A + B) w, wᵀ(A + B)w = 1, whose λ is farthest from a half.
fn most_different(a: &Mat<f64>, b: &Mat<f64>, count: usize) -> Result<Mat<f64>, BaselineError> {
    let failed = || BaselineError::Arithmetic("spatial filters");
    let cholesky = (a + b).llt(Side::Lower).map_err(|_| failed())?;
    let lower = cholesky.L().to_owned();
    let invert = |mut matrix: Mat<f64>| {
        lower.as_ref().solve_lower_triangular_in_place(matrix.as_mut());
        matrix
    };
    // L⁻¹ A L⁻ᵀ: whitened for the sum of both.
    let half = invert(a.clone());
    let whitened = invert(half.transpose().to_owned());
    let eigen = whitened.self_adjoint_eigen(Side::Lower).map_err(|_| failed())?;
    let values = eigen.S().column_vector();
    let mut order: Vec<usize> = (0..values.nrows()).collect();
    order.sort_by(|&left, &right| (values[right] - 0.5).abs().total_cmp(&(values[left] - 0.5).abs()));
    let mut vectors = eigen.U().to_owned();
    lower.transpose().solve_upper_triangular_in_place(vectors.as_mut());
    let count = count.min(order.len());
    Ok(Mat::from_fn(count, vectors.nrows(), |filter, electrode| vectors[(electrode, order[filter])]))
}

/// ln wᵀCw for each filter.
pub(super) fn log_power(filters: MatRef<'_, f64>, covariance: MatRef<'_, f64>) -> Vec<f64> {
    let product = filters * covariance;
    let power = |filter: usize| -> f64 {
        (0..filters.ncols())
            .map(|electrode| product[(filter, electrode)] * filters[(filter, electrode)])
            .sum()
    };
    (0..filters.nrows()).map(|filter| power(filter).ln()).collect()
}
