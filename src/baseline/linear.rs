//! What every pipeline ends in: a score for each class that is linear in the features.

use faer::{Mat, MatRef};

/// Scores of features x: xᵀW + b.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Linear {
    /// (feature, class).
    pub(super) weights: Mat<f64>,
    /// One a class.
    pub(super) bias: Vec<f64>,
}

impl Linear {
    /// (trial, class) from (trial, feature).
    pub(super) fn scores(&self, features: MatRef<'_, f64>) -> Mat<f64> {
        let mut scores = features * &self.weights;
        for mut row in scores.row_iter_mut() {
            for (class, bias) in self.bias.iter().enumerate() {
                row[class] += bias;
            }
        }
        scores
    }
}

/// How many trials each class has.
pub(super) fn counts(labels: &[u32], classes: usize) -> Vec<usize> {
    let mut counts = vec![0; classes];
    for &label in labels {
        counts[label as usize] += 1;
    }
    counts
}

/// The mean of each class's features, (class, feature).
pub(super) fn class_means(features: MatRef<'_, f64>, labels: &[u32], classes: usize) -> Mat<f64> {
    let counts = counts(labels, classes);
    let mut means = Mat::zeros(classes, features.ncols());
    for (row, &label) in features.row_iter().zip(labels) {
        for feature in 0..row.ncols() {
            means[(label as usize, feature)] += row[feature] / counts[label as usize] as f64;
        }
    }
    means
}
