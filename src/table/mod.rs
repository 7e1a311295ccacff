//! The tables of the notebook: test accuracy by model and activation, and by model and ELU's α, told honestly. Runs are
//! pooled only if nothing but the seed tells them apart; differences are claimed only where a test bears them out; the
//! selection rule and simulated data are always named. Knows nothing of the disk; the screen and `matrix` draw it.

mod build;
mod judge;
mod recipe;
pub mod render;

pub use build::PredictionsOf;
pub use recipe::{Recipe, recipes};

use crate::model::{Activation, Model};
use crate::spec::Rule;
use serde::Serialize;

/// What the columns of a table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The activation functions; all cells are compared with one another.
    Activations,
    /// Values of ELU's α; cells are compared within a row.
    AlphaSweep,
}

/// A table over the runs of one recipe.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// What the columns are.
    pub kind: Kind,
    /// How every run's epoch was chosen.
    pub rule: Rule,
    /// What all its runs share.
    pub recipe: Recipe,
    /// Models, in the lab's order.
    pub rows: Vec<Model>,
    /// Activation functions; α ascends in a sweep.
    pub columns: Vec<Activation>,
    /// Row by row: `rows.len() * columns.len()`.
    pub cells: Vec<Cell>,
}

/// All runs of a recipe with one model and activation.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The row.
    pub model: Model,
    /// The column.
    pub activation: Activation,
    /// Finished runs to which the rule applies, one a seed, by seed.
    pub scores: Vec<Score>,
    /// Over the scores; `None` where there are none.
    pub summary: Option<Summary>,
    /// What can be said about it beside the others.
    pub standing: Standing,
    /// Runs that are not finished.
    pub pending: Pending,
}

/// One finished run.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// The run.
    pub id: String,
    /// Its seed.
    pub seed: u64,
    /// Test accuracy, a fraction.
    pub accuracy: f64,
    /// Test trials; 0 where the run does not say.
    pub trials: usize,
    /// Seconds of training.
    pub seconds: f64,
    /// Cohen's κ, where there are predictions.
    pub kappa: Option<f64>,
    /// Accuracy on each subject's trials, where there are predictions.
    pub subjects: Vec<(String, f64)>,
}

/// A cell in figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Seeds.
    pub n: usize,
    /// Mean test accuracy, a fraction.
    pub mean: f64,
    /// Standard deviation over seeds; from two on.
    pub sd: Option<f64>,
    /// 95 % interval of the accuracy.
    pub interval: Option<Interval>,
    /// Mean κ over the runs that have one.
    pub kappa: Option<f64>,
    /// Mean accuracy on each subject's trials, over the runs that say.
    pub subjects: Vec<(String, f64)>,
    /// Mean seconds of training of a run.
    pub seconds: f64,
}

/// A 95 % interval, and what it covers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Lower end, a fraction.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// How it was computed.
    pub method: Method,
}

/// Where an interval comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Wilson's score interval: one run; the chance of the draw of test trials.
    Wilson,
    /// Student's t over seeds, on these test trials; the chance of initialisation and shuffling.
    StudentT,
}

/// What tests say about a cell beside those it is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "standing")]
pub enum Standing {
    /// No finished run.
    Empty,
    /// Nothing to compare it with.
    Alone,
    /// Better than every other cell, each by a test.
    Best,
    /// The highest mean, yet not told apart from every other.
    Leading,
    /// Not told apart from the highest mean.
    Tied,
    /// Worse than the highest mean.
    Behind {
        /// p of the test against the highest mean, adjusted over the table (Holm).
        p: f64,
    },
    /// No test against the highest mean is possible: too few matching seeds, and no predictions.
    Untested,
}

/// How many runs of a cell are not finished.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pending {
    /// Waiting for a worker, interrupted ones included.
    pub queued: usize,
    /// Being trained.
    pub running: usize,
    /// Set aside.
    pub paused: usize,
    /// Failed.
    pub failed: usize,
}

impl Standing {
    /// The word for it in files.
    pub fn name(self) -> &'static str {
        match self {
            Standing::Empty => "empty",
            Standing::Alone => "alone",
            Standing::Best => "best",
            Standing::Leading => "leading",
            Standing::Tied => "tied",
            Standing::Behind { .. } => "behind",
            Standing::Untested => "untested",
        }
    }
}

impl Matrix {
    /// The cell of a row and column, both counted from 0.
    pub fn cell(&self, row: usize, column: usize) -> &Cell {
        &self.cells[row * self.columns.len() + column]
    }

    /// Cells of one row.
    pub fn row(&self, row: usize) -> &[Cell] {
        &self.cells[row * self.columns.len()..][..self.columns.len()]
    }

    /// Whether the rule looks at the test trials to choose the epoch.
    pub fn is_optimistic(&self) -> bool {
        self.rule.is_optimistic()
    }
}

#[cfg(test)]
mod tests;
