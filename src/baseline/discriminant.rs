//! Linear discriminant analysis: classes as normal clouds of one common shape. The plain one takes that shape from the
//! trials as they are, the shrunk one draws it towards independence, which few trials of many features need.
//! Both as in scikit-learn 1.9; every class weighs what it has of the trials.

use super::BaselineError;
use super::covariance::ledoit_wolf;
use super::linear::{Linear, class_means, counts};
use faer::linalg::solvers::Solve;
use faer::{Mat, MatRef, Side};

/// Directions whose spread, of features scaled to 1, is no more than this count as none.
const TOLERANCE: f64 = 1e-4;

/// By singular values: only the directions in which the trials vary within their classes count. `None` beside the
/// scores' map where these are all directions, else how many there are.
pub(super) fn plain(
    features: MatRef<'_, f64>,
    labels: &[u32],
    classes: usize,
) -> Result<(Linear, Option<usize>), BaselineError> {
    let failed = |_| BaselineError::Arithmetic("discriminant");
    let (trials, size) = (features.nrows() as f64, features.ncols());
    let means = class_means(features, labels, classes);
    let shares: Vec<f64> = counts(labels, classes).iter().map(|&count| count as f64 / trials).collect();
    let centred = Mat::from_fn(features.nrows(), size, |trial, feature| {
        features[(trial, feature)] - means[(labels[trial] as usize, feature)]
    });
    let sd: Vec<f64> =
        centred.col_iter().map(|column| spread_or_one(column.squared_norm_l2() / trials)).collect();
    let within = Mat::from_fn(features.nrows(), size, |trial, feature| {
        centred[(trial, feature)] / sd[feature] / trials.sqrt()
    });
    let svd = within.thin_svd().map_err(failed)?;
    let values = svd.S().column_vector();
    let rank = values.iter().filter(|&&value| value > TOLERANCE).count();
    if rank == 0 {
        return Err(BaselineError::Constant);
    }
    // In this basis the trials of a class have unit covariance.
    let basis =
        Mat::from_fn(size, rank, |feature, axis| svd.V()[(feature, axis)] / sd[feature] / values[axis]);
    let overall: Vec<f64> = (0..size)
        .map(|feature| (0..classes).map(|class| shares[class] * means[(class, feature)]).sum())
        .collect();
    let away = Mat::from_fn(classes, size, |class, feature| means[(class, feature)] - overall[feature]);
    let inside = &away * &basis;
    let weighted =
        Mat::from_fn(classes, rank, |class, axis| inside[(class, axis)] * (trials * shares[class]).sqrt());
    let between = weighted.thin_svd().map_err(failed)?;
    let strengths = between.S().column_vector();
    let directions = strengths.iter().filter(|&&strength| strength > TOLERANCE * strengths[0]).count();
    let basis = basis * between.V().subcols(0, directions);
    let centres = &away * &basis;
    let weights = &basis * centres.transpose();
    let bias = (0..classes)
        .map(|class| {
            let half = centres.row(class).squared_norm_l2() / 2.0;
            let offset: f64 = (0..size).map(|feature| overall[feature] * weights[(feature, class)]).sum();
            shares[class].ln() - half - offset
        })
        .collect();
    Ok((Linear { weights, bias }, (rank < size).then_some(rank)))
}

/// With each class's covariance shrunk by Ledoit and Wolf's rule on features scaled to 1 in that class.
pub(super) fn shrunk(
    features: MatRef<'_, f64>,
    labels: &[u32],
    classes: usize,
) -> Result<Linear, BaselineError> {
    let (trials, size) = (features.nrows(), features.ncols());
    let means = class_means(features, labels, classes);
    let counts = counts(labels, classes);
    // The common covariance is a diagonal plus rowsᵀ rows, with one row a trial.
    let mut diagonal = vec![0.0; size];
    let mut rows = Mat::<f64>::zeros(trials, size);
    for (class, &count) in counts.iter().enumerate() {
        let own: Vec<usize> = (0..trials).filter(|&trial| labels[trial] as usize == class).collect();
        let share = count as f64 / trials as f64;
        let centred =
            Mat::from_fn(count, size, |row, feature| features[(own[row], feature)] - means[(class, feature)]);
        let sd: Vec<f64> = (0..size)
            .map(|feature| {
                let variance = centred.col(feature).squared_norm_l2() / count as f64;
                if is_constant(variance, means[(class, feature)], count) { 1.0 } else { variance.sqrt() }
            })
            .collect();
        let scaled = Mat::from_fn(count, size, |row, feature| centred[(row, feature)] / sd[feature]);
        let (shrinkage, scale) = ledoit_wolf(scaled.as_ref());
        let factor = (share * (1.0 - shrinkage) / count as f64).sqrt();
        for (row, &trial) in own.iter().enumerate() {
            for feature in 0..size {
                rows[(trial, feature)] = factor * centred[(row, feature)];
            }
        }
        for (sum, sd) in diagonal.iter_mut().zip(&sd) {
            *sum += share * shrinkage * scale * sd * sd;
        }
    }
    let weights = solve(&diagonal, &rows, means.transpose().to_owned())?;
    let bias = (0..classes)
        .map(|class| {
            let half: f64 =
                (0..size).map(|feature| means[(class, feature)] * weights[(feature, class)]).sum::<f64>()
                    / 2.0;
            (counts[class] as f64 / trials as f64).ln() - half
        })
        .collect();
    Ok(Linear { weights, bias })
}

/// (D + RᵀR)⁻¹ B. Where there are more features than trials by the identity of Woodbury, so that the matrix to be
/// factorised is never larger than the number of trials.
fn solve(diagonal: &[f64], rows: &Mat<f64>, right: Mat<f64>) -> Result<Mat<f64>, BaselineError> {
    let size = diagonal.len();
    if size <= rows.nrows() {
        let mut covariance = rows.transpose() * rows;
        for (index, value) in diagonal.iter().enumerate() {
            covariance[(index, index)] += value;
        }
        return Ok(covariance.llt(Side::Lower).map_err(|_| BaselineError::Constant)?.solve(right));
    }
    if diagonal.iter().any(|value| *value <= 0.0) {
        return Err(BaselineError::Constant);
    }
    let over = |matrix: &Mat<f64>| {
        Mat::from_fn(size, matrix.ncols(), |row, column| matrix[(row, column)] / diagonal[row])
    };
    let (base, spread) = (over(&right), over(&rows.transpose().to_owned()));
    let mut inner = rows * &spread;
    for index in 0..inner.nrows() {
        inner[(index, index)] += 1.0;
    }
    let cholesky = inner.llt(Side::Lower).map_err(|_| BaselineError::Arithmetic("discriminant"))?;
    let correction = spread * cholesky.solve(rows * &base);
    Ok(base - correction)
}

fn spread_or_one(variance: f64) -> f64 {
    if variance > 0.0 { variance.sqrt() } else { 1.0 }
}

/// Whether what varies is rounding alone.
fn is_constant(variance: f64, mean: f64, count: usize) -> bool {
    let n = count as f64;
    variance <= n * f64::EPSILON * variance + (n * mean * f64::EPSILON).powi(2)
}
