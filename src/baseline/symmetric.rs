//! Functions of symmetric matrices, through their eigenvectors.

use super::BaselineError;
use faer::{Mat, MatRef, Side};

/// U f(Λ) Uᵀ of a symmetric matrix U Λ Uᵀ. `what` names the matrix where it has no finite answer.
pub(super) fn apply(
    matrix: MatRef<'_, f64>,
    what: &'static str,
    function: impl Fn(f64) -> f64,
) -> Result<Mat<f64>, BaselineError> {
    let eigen = matrix.self_adjoint_eigen(Side::Lower).map_err(|_| BaselineError::Arithmetic(what))?;
    let (vectors, values) = (eigen.U(), eigen.S().column_vector());
    let values: Vec<f64> = values.iter().map(|&value| function(value)).collect();
    if values.iter().any(|value| !value.is_finite()) {
        return Err(BaselineError::Arithmetic(what));
    }
    let scaled =
        Mat::from_fn(vectors.nrows(), values.len(), |row, column| vectors[(row, column)] * values[column]);
    Ok(scaled * vectors.transpose())
}

/// The mean of matrices of one shape, summed in their order.
pub(super) fn mean(matrices: &[Mat<f64>]) -> Mat<f64> {
    let (rows, columns) = matrices.first().map_or((0, 0), |first| (first.nrows(), first.ncols()));
    let mut mean = Mat::zeros(rows, columns);
    for matrix in matrices {
        mean += matrix;
    }
    mean * faer::Scale(1.0 / matrices.len().max(1) as f64)
}

/// Sum of the squares of all entries.
pub(super) fn squares(matrix: MatRef<'_, f64>) -> f64 {
    matrix.squared_norm_l2()
}

/// Sum of the diagonal.
pub(super) fn trace(matrix: MatRef<'_, f64>) -> f64 {
    (0..matrix.nrows()).map(|index| matrix[(index, index)]).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_of_a_matrix_multiplies_to_it() {
        let matrix = faer::mat![[4.0, 1.0, 0.5], [1.0, 3.0, 0.0], [0.5, 0.0, 2.0]];
        let root = apply(matrix.as_ref(), "root", f64::sqrt).unwrap();
        assert!((&root * &root - &matrix).norm_max() < 1e-12);
        let negative = apply((-&matrix).as_ref(), "root", f64::sqrt);
        assert_eq!(negative, Err(BaselineError::Arithmetic("root")));
    }
}
