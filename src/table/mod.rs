//! The tables of the notebook: a metric by model and activation, and by model and ELU's α, told honestly. Runs are pooled only
//! if nothing but the seed tells them apart; what may be said of cells is judged once, here, and read by the screen and every
//! format; the selection rule and simulated data are always named. Knows nothing of the disk.

mod across;
mod build;
mod choice;
mod compare;
mod guessing;
mod judge;
mod labs;
mod lacking;
mod place;
mod recipe;
pub mod render;
mod sample;
mod words;

pub use across::{Across, OverPeople, Ranked, across};
pub use build::EvidenceOf;
pub use choice::Chosen;
pub use compare::{CompareError, Comparison, Party, Side, compare};
pub use labs::{beside_the_labs, complete, empty};
pub use lacking::lacking;
pub use place::{Basis, Coverage, Part, Place, Scheme, Unit};
pub use recipe::{Recipe, recipes};

use crate::metric::{Metric, Shapes};
use crate::model::{Activation, Model};
use crate::signal::PassBand;
use crate::spec::{Rule, method};
use crate::stats::{Chance, Confusion, Covers, SeedsNeeded};
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
    /// What the cells are judged by.
    pub metric: &'static Metric,
    /// What all its runs share.
    pub recipe: Recipe,
    /// How their trials are parted: over what claims are made.
    pub scheme: Scheme,
    /// Models, in the lab's order.
    pub rows: Vec<Model>,
    /// Activation functions; α ascends in a sweep.
    pub columns: Vec<Activation>,
    /// Row by row: `rows.len() * columns.len()`.
    pub cells: Vec<Cell>,
    /// The classical baselines on the same data, simplest first; each is a row of its own above the networks. Those of the
    /// activations are judged with the cells.
    pub baselines: Vec<Cell>,
    /// What guessing reaches in accuracy, where a run says how many trials there are.
    pub chance: Option<Chance>,
    /// The cell that validation chose; nothing on the test trials did.
    pub chosen: Option<Chosen>,
}

/// All runs of a recipe with one model and activation.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The row.
    pub model: Model,
    /// The column.
    pub activation: Activation,
    /// What passes before a baseline is fitted; all of it where `None`, as for every network.
    pub band: Option<PassBand>,
    /// Finished runs to which the rule applies, one a place, by what they are judged on and by seed.
    pub scores: Vec<Score>,
    /// Over the scores; `None` where there are none.
    pub summary: Option<Summary>,
    /// What can be said about it beside the others.
    pub verdict: Verdict,
    /// Each subject's trials alone: mean, interval and verdict, by name.
    pub subjects: Vec<OfSubject>,
    /// Runs without a finished one of their place.
    pub pending: Pending,
    /// Which folds, sessions or subjects it has; `None` where all runs share their test trials.
    pub coverage: Option<Coverage>,
}

/// One finished run.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// The run.
    pub id: String,
    /// Its seed, and what it is judged on.
    pub place: Place,
    /// Test accuracy, a fraction.
    pub accuracy: f64,
    /// Its value in each of the metrics, in their order.
    pub values: Vec<Option<f64>>,
    /// Test trials; 0 where the run does not say.
    pub trials: usize,
    /// Seconds of training.
    pub seconds: f64,
    /// Accuracy on each subject's trials, where there are predictions.
    pub subjects: Vec<(String, f64)>,
    /// Accuracy on the trials that were held out, at the same epoch.
    pub validation: Option<f64>,
    /// Mean loss on them.
    pub validation_loss: Option<f64>,
    /// Whether its accuracy is no more than guessing reaches.
    pub at_chance: bool,
}

/// A cell in figures. Mean, spread and interval are of the table's metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Runs.
    pub n: usize,
    /// Mean over seeds, or over folds or people with seeds averaged within each.
    pub mean: f64,
    /// Standard deviation over the same; from two on.
    pub sd: Option<f64>,
    /// 95 % interval.
    pub interval: Option<Interval>,
    /// The mean of each of the metrics over the runs that have it, in their order.
    pub values: Vec<Option<f64>>,
    /// The same of the seeds as an ensemble, their probabilities averaged; empty of one seed, or without predictions.
    pub ensemble: Vec<Option<f64>>,
    /// Truth against prediction, the trials of all runs added up; `None` where a run's predictions are missing.
    pub confusion: Option<Confusion>,
    /// The names of its classes.
    pub classes: Vec<String>,
    /// ROC curve and reliability of all runs together; empty where a run's predictions are missing.
    pub shapes: Shapes,
    /// Mean accuracy on each subject's trials, over the runs that say.
    pub subjects: Vec<(String, f64)>,
    /// Mean seconds of training of a run.
    pub seconds: f64,
    /// Mean accuracy on the trials that were held out.
    pub validation: Option<f64>,
    /// What is found with people in the place of trials, where each model was judged on several: what another person may expect.
    pub over_subjects: Option<Opinion>,
}

/// What is found about a cell beside others.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Opinion {
    /// Its 95 % interval.
    pub interval: Option<Interval>,
    /// What can be said about it.
    pub verdict: Verdict,
}

/// One subject's trials in a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct OfSubject {
    /// Whose.
    pub name: String,
    /// Mean of the table's metric over seeds.
    pub mean: f64,
    /// Its 95 % interval.
    pub interval: Option<Interval>,
    /// What can be said on this subject's data.
    pub verdict: Verdict,
}

/// A 95 % interval, and what it covers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Lower end, in the metric's own unit (a fraction for shares).
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// How it was computed.
    pub method: Method,
    /// What it speaks for.
    pub covers: Covers,
    /// Degrees of freedom of its variance, where they are not endless.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub df: Option<f64>,
}

/// Where an interval comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Wilson's score interval: one run; the chance of the draw of test trials.
    Wilson,
    /// Wilson's with the number of trials that seeds × trials amount to.
    CrossedWilson,
    /// From jackknife pseudo-values, or a metric's own summands, over seeds × trials.
    Jackknife,
    /// Student's t over subjects.
    StudentT,
    /// Student's t over folds, with Nadeau and Bengio's variance.
    NadeauBengio,
}

/// What may be said about a cell beside those it is judged with.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Verdict {
    /// In a word.
    pub standing: Standing,
    /// Whether its mean is the highest of those judged (the lowest where less is better).
    pub leads: bool,
    /// p that it is the best: below 5 % it is behind.
    pub p: Option<f64>,
    /// What lies between it and the highest; `None` for that one.
    pub difference: Option<Gap>,
    /// How many seeds of each would tell it from the highest (the highest: from the next).
    pub seeds_needed: Option<SeedsNeeded>,
    /// How many cells it was judged with, itself included.
    pub judged: usize,
    /// Whether it was left out for being judged on other trials, folds or people than most.
    pub apart: bool,
}

/// The way from the highest mean to a cell's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Gap {
    /// Cell minus highest, in the metric's own unit.
    pub mean: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Two-sided p of the pair alone.
    pub p: f64,
    /// The same adjusted over all pairs of the table (Holm): for the question whether the two differ.
    pub p_adjusted: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// What it speaks for.
    pub covers: Covers,
}

/// A verdict in a word. The set of the best holds the true best with 95 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// No finished run.
    #[default]
    Empty,
    /// No test: nothing to compare with, or no predictions.
    Untested,
    /// The only one in the set of the best.
    Best,
    /// In the set of the best, with others.
    NotToldApart,
    /// Not in it.
    Behind,
}

/// Places of a cell without a finished run, by what became of the last try.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pending {
    /// Waiting for a worker, interrupted ones included.
    pub queued: usize,
    /// Being trained.
    pub running: usize,
    /// Set aside.
    pub paused: usize,
    /// Failed, diverged ones included.
    pub failed: usize,
    /// Given up.
    pub cancelled: usize,
}

impl Pending {
    /// Seeds that were tried and gave no result.
    pub fn lost(self) -> usize {
        self.failed + self.cancelled
    }
}

impl Standing {
    /// The word for it in files.
    pub fn name(self) -> &'static str {
        match self {
            Standing::Empty => "empty",
            Standing::Untested => "untested",
            Standing::Best => "best",
            Standing::NotToldApart => "not_told_apart",
            Standing::Behind => "behind",
        }
    }
}

impl Score {
    /// Its value in a metric.
    pub fn value(&self, metric: &Metric) -> Option<f64> {
        self.values.get(metric.place()).copied().flatten()
    }
}

impl Summary {
    /// The mean of a metric over seeds.
    pub fn value(&self, metric: &Metric) -> Option<f64> {
        self.values.get(metric.place()).copied().flatten()
    }
}

impl Cell {
    /// One that no run has filled.
    pub fn unfilled(model: Model, activation: Activation) -> Self {
        Cell {
            model,
            activation,
            band: None,
            scores: Vec::new(),
            summary: None,
            verdict: Verdict::default(),
            subjects: Vec::new(),
            pending: Pending::default(),
            coverage: None,
        }
    }

    /// Such as `EEGNet ELU 0.3`, or `CSP + LDA 8-30 Hz`.
    pub fn title(&self) -> String {
        method(&self.model, self.activation, self.band)
    }

    /// A baseline's band as its flag has it: `8-30`, or `none`.
    pub fn band_name(&self) -> Option<String> {
        self.is_baseline().then(|| self.band.map_or("none".into(), |band| band.to_string()))
    }

    /// Whether it has all folds, sessions or people that its table knows of.
    pub fn is_whole(&self) -> bool {
        self.coverage.as_ref().is_none_or(|coverage| coverage.missing.is_empty())
    }

    /// Whether it is a classical baseline: fitted once, the same whatever the seed.
    pub fn is_baseline(&self) -> bool {
        self.model.baseline().is_some()
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

    /// The baselines, then the cells.
    pub fn all(&self) -> impl Iterator<Item = &Cell> {
        self.baselines.iter().chain(&self.cells)
    }

    /// The cells that are judged together: all of them with the baselines, or a row of a sweep.
    pub fn families(&self) -> Vec<Vec<&Cell>> {
        match self.kind {
            Kind::Activations => vec![self.all().collect()],
            Kind::AlphaSweep => {
                self.cells.chunks(self.columns.len().max(1)).map(|row| row.iter().collect()).collect()
            }
        }
    }

    /// Whose trials these are, by name.
    pub fn subjects(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.all().flat_map(|cell| &cell.subjects).map(|of| of.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether the rule looks at the test trials to choose the epoch.
    pub fn is_optimistic(&self) -> bool {
        self.rule.is_optimistic()
    }

    /// Whether a cell's figures flatter for that; a baseline has no epoch to choose.
    pub fn flatters(&self, cell: &Cell) -> bool {
        self.is_optimistic() && !cell.is_baseline()
    }
}

#[cfg(test)]
mod tests;
