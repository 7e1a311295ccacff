//! Logistic regression with an L2 penalty, at its exact optimum: minimise ½|W|² + Σ cross-entropy, the bias free.
//! Two classes have one row of weights, more have one each (softmax). Newton's method, each step solved by conjugate
//! gradients, so that thousands of features need no matrix of their own size.

use super::BaselineError;
use super::linear::Linear;
use faer::{Mat, MatRef};

/// The largest entry of the gradient at an optimum.
const FLAT: f64 = 1e-10;
/// The largest that passes as one where rounding allows no better.
const NEARLY_FLAT: f64 = 1e-8;
const NEWTON_STEPS: usize = 100;

/// Fits it to features (trial, feature).
pub(super) fn fit(
    features: MatRef<'_, f64>,
    labels: &[u32],
    classes: usize,
) -> Result<Linear, BaselineError> {
    let problem = Problem::new(features, labels, classes);
    let mut theta = Mat::zeros(problem.x.ncols(), problem.columns());
    let mut place = problem.at(&theta);
    for _ in 0..NEWTON_STEPS {
        if place.gradient.norm_max() <= FLAT {
            break;
        }
        let direction = problem.newton_direction(&place);
        let slope = dot(&place.gradient, &direction);
        let mut length = 1.0;
        let next = loop {
            let there = &theta + &direction * faer::Scale(length);
            let next = problem.at(&there);
            let lower = next.loss <= place.loss + 1e-4 * length * slope;
            // Close to the optimum the loss is rounding; the gradient still tells.
            if lower || next.gradient.norm_max() < place.gradient.norm_max() {
                theta = there;
                break Some(next);
            }
            length /= 2.0;
            if length < 1e-8 {
                break None;
            }
        };
        match next {
            Some(next) => place = next,
            None => break,
        }
    }
    match place.gradient.norm_max() <= NEARLY_FLAT {
        true => Ok(problem.linear(&theta)),
        false => Err(BaselineError::Arithmetic("logistic regression")),
    }
}

/// The trials, with a feature of ones in the last place.
struct Problem<'a> {
    x: Mat<f64>,
    labels: &'a [u32],
    classes: usize,
}

/// Loss and slope at some weights.
struct Place {
    loss: f64,
    gradient: Mat<f64>,
    /// (trial, column): of class 1 where there are two classes, of each where there are more.
    probabilities: Mat<f64>,
}

impl<'a> Problem<'a> {
    fn new(features: MatRef<'_, f64>, labels: &'a [u32], classes: usize) -> Self {
        let size = features.ncols();
        let x = Mat::from_fn(features.nrows(), size + 1, |trial, feature| {
            if feature < size { features[(trial, feature)] } else { 1.0 }
        });
        Problem { x, labels, classes }
    }

    fn columns(&self) -> usize {
        if self.classes == 2 { 1 } else { self.classes }
    }

    fn at(&self, theta: &Mat<f64>) -> Place {
        let margins = &self.x * theta;
        let mut probabilities = Mat::zeros(margins.nrows(), margins.ncols());
        let mut residual = Mat::zeros(margins.nrows(), margins.ncols());
        let mut loss = self.penalty(theta);
        for (trial, &label) in self.labels.iter().enumerate() {
            let scores = self.all_scores(&margins, trial);
            let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let total = largest + scores.iter().map(|score| (score - largest).exp()).sum::<f64>().ln();
            loss += total - scores[label as usize];
            let first = self.classes - self.columns();
            for (column, &score) in scores[first..].iter().enumerate() {
                let probability = (score - total).exp();
                probabilities[(trial, column)] = probability;
                let hit = label as usize == first + column;
                residual[(trial, column)] = probability - f64::from(u8::from(hit));
            }
        }
        let gradient = self.x.transpose() * &residual + self.penalised(theta);
        Place { loss, gradient, probabilities }
    }

    /// One score a class; the first of two classes has none of its own.
    fn all_scores(&self, margins: &Mat<f64>, trial: usize) -> Vec<f64> {
        let own = margins.row(trial).iter().copied();
        if self.classes == 2 { std::iter::once(0.0).chain(own).collect() } else { own.collect() }
    }

    fn penalty(&self, theta: &Mat<f64>) -> f64 {
        dot(&self.penalised(theta), theta) / 2.0
    }

    /// The weights without the bias.
    fn penalised(&self, theta: &Mat<f64>) -> Mat<f64> {
        let bias = theta.nrows() - 1;
        Mat::from_fn(
            theta.nrows(),
            theta.ncols(),
            |row, column| {
                if row < bias { theta[(row, column)] } else { 0.0 }
            },
        )
    }

    /// The loss's second derivative at a place, along a direction.
    fn curvature(&self, place: &Place, direction: &Mat<f64>) -> Mat<f64> {
        let mut change = &self.x * direction;
        for trial in 0..change.nrows() {
            let p: Vec<f64> = place.probabilities.row(trial).iter().copied().collect();
            let mean: f64 = p.iter().enumerate().map(|(column, p)| p * change[(trial, column)]).sum();
            for (column, p) in p.iter().enumerate() {
                change[(trial, column)] = p * (change[(trial, column)] - mean);
            }
        }
        self.x.transpose() * change + self.penalised(direction)
    }

    /// Solves curvature · direction = −gradient by conjugate gradients.
    fn newton_direction(&self, place: &Place) -> Mat<f64> {
        let mut direction = Mat::zeros(place.gradient.nrows(), place.gradient.ncols());
        let mut rest = -&place.gradient;
        let mut search = rest.clone();
        let mut squared = dot(&rest, &rest);
        // What is smaller is rounding, which would lead along the one direction without curvature: all biases alike.
        let enough = (squared * 1e-16).max(1e-28);
        for _ in 0..10 * rest.nrows() * rest.ncols() {
            let bent = self.curvature(place, &search);
            let along = dot(&search, &bent);
            if along <= 0.0 || squared <= enough {
                break;
            }
            let length = faer::Scale(squared / along);
            direction += &search * length;
            rest -= &bent * length;
            let next = dot(&rest, &rest);
            search = &rest + &search * faer::Scale(next / squared);
            squared = next;
        }
        direction
    }

    fn linear(&self, theta: &Mat<f64>) -> Linear {
        let (size, first) = (theta.nrows() - 1, self.classes - self.columns());
        let entry = |row: usize, class: usize| if class < first { 0.0 } else { theta[(row, class - first)] };
        // Biases of several classes are known up to a common constant.
        let common = if first == 0 { theta.row(size).sum() / self.classes as f64 } else { 0.0 };
        Linear {
            weights: Mat::from_fn(size, self.classes, entry),
            bias: (0..self.classes).map(|class| entry(size, class) - common).collect(),
        }
    }
}

fn dot(left: &Mat<f64>, right: &Mat<f64>) -> f64 {
    left.col_iter().zip(right.col_iter()).map(|(left, right)| left.transpose() * right).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_that_come_apart_still_have_an_optimum() {
        let features = faer::mat![[-2.0, 0.1], [-1.0, 0.0], [1.0, -0.1], [2.0, 0.2]];
        let linear = fit(features.as_ref(), &[0, 0, 1, 1], 2).unwrap();
        let problem = Problem::new(features.as_ref(), &[0, 0, 1, 1], 2);
        let theta = faer::mat![[linear.weights[(0, 1)]], [linear.weights[(1, 1)]], [linear.bias[1]]];
        assert!(problem.at(&theta).gradient.norm_max() < 1e-10);
        assert!(linear.weights[(0, 1)] > 0.5);
        assert_eq!(linear.weights[(0, 0)], 0.0);
    }

    #[test]
    fn the_biases_of_several_classes_sum_to_nothing() {
        let features = faer::mat![[-2.0], [-1.0], [0.0], [0.5], [1.0], [2.0]];
        let linear = fit(features.as_ref(), &[0, 0, 1, 1, 2, 2], 3).unwrap();
        assert!(linear.bias.iter().sum::<f64>().abs() < 1e-9, "{linear:?}");
        assert!(linear.weights.row(0).sum().abs() < 1e-9);
    }
}
