//! From the runs of a notebook to the cells of a table.

use super::judge::{Judged, judge};
use super::{Cell, Interval, Kind, Matrix, Method, Pending, Recipe, Score, Standing, Summary};
use crate::model::{Activation, Model};
use crate::notebook::{RunState, RunSummary};
use crate::predictions::Predictions;
use crate::spec::Rule;
use crate::stats::{self, Confusion};
use std::collections::{BTreeMap, BTreeSet};

/// Where a finished run's predictions come from, by its id; `None` where there are none.
pub type PredictionsOf<'a> = dyn Fn(&str, Rule) -> Option<Predictions> + 'a;

impl Matrix {
    /// Models against activation functions: the lab's three, and others where there are such runs; a column `none` for
    /// networks that leave none open. Other α of ELU belong to the sweep.
    pub fn activations(
        runs: &[RunSummary],
        recipe: &Recipe,
        rule: Rule,
        predictions: &PredictionsOf<'_>,
    ) -> Matrix {
        let mut columns = Activation::LAB.to_vec();
        let slopes =
            runs.iter().filter(|run| Recipe::of(&run.spec) == *recipe).map(|run| run.spec.activation);
        for activation in slopes.filter(|activation| !matches!(activation, Activation::Elu { .. })) {
            if !columns.contains(&activation) {
                let place = if activation.name() == "leaky_relu" { 2 } else { columns.len() };
                columns.insert(place, activation);
            }
        }
        build(Kind::Activations, columns, runs, recipe, rule, predictions)
    }

    /// Models against ELU's α, ascending. Without any run but α = 1 there is no column.
    pub fn alpha_sweep(
        runs: &[RunSummary],
        recipe: &Recipe,
        rule: Rule,
        predictions: &PredictionsOf<'_>,
    ) -> Matrix {
        let of_recipe = runs.iter().filter(|run| Recipe::of(&run.spec) == *recipe);
        let mut alphas: Vec<f64> = of_recipe
            .filter_map(|run| match run.spec.activation {
                Activation::Elu { alpha } => Some(alpha),
                _ => None,
            })
            .collect();
        alphas.sort_by(f64::total_cmp);
        alphas.dedup();
        if alphas == [1.0] {
            alphas.clear();
        }
        let columns = alphas.into_iter().map(|alpha| Activation::Elu { alpha }).collect();
        build(Kind::AlphaSweep, columns, runs, recipe, rule, predictions)
    }
}

fn build(
    kind: Kind,
    columns: Vec<Activation>,
    runs: &[RunSummary],
    recipe: &Recipe,
    rule: Rule,
    predictions: &PredictionsOf<'_>,
) -> Matrix {
    let runs: Vec<&RunSummary> = runs.iter().filter(|run| Recipe::of(&run.spec) == *recipe).collect();
    let others = runs.iter().map(|run| run.spec.model.clone()).filter(|model| !model.is_the_labs());
    let others: BTreeSet<Model> = others.collect();
    let rows: Vec<Model> = Model::lab().into_iter().chain(others).collect();
    let mut judged: Vec<Judged> = Vec::with_capacity(rows.len() * columns.len());
    for model in &rows {
        for &activation in &columns {
            let of_cell = |run: &&&RunSummary| run.spec.model == *model && run.spec.activation == activation;
            let runs: Vec<&RunSummary> = runs.iter().filter(of_cell).copied().collect();
            judged.push(cell(model, activation, &runs, rule, predictions));
        }
    }
    // What is compared with what: every cell with every other, or α within a model.
    let family = match kind {
        Kind::Activations => judged.len(),
        Kind::AlphaSweep => columns.len(),
    };
    judged.chunks_mut(family.max(1)).for_each(judge);
    let cells = judged.into_iter().map(|judged| judged.cell).collect();
    Matrix { kind, rule, recipe: recipe.clone(), rows, columns, cells }
}

fn cell(
    model: &Model,
    activation: Activation,
    runs: &[&RunSummary],
    rule: Rule,
    predictions: &PredictionsOf<'_>,
) -> Judged {
    // Runs of one seed are one experiment done twice: the last one counts.
    let mut by_seed: BTreeMap<u64, (&RunSummary, f64)> = BTreeMap::new();
    let mut in_time: Vec<&RunSummary> = runs.to_vec();
    in_time.sort_by(|a, b| a.id.cmp(&b.id));
    for run in in_time.into_iter().filter(|run| run.state == RunState::Finished) {
        if let Some(accuracy) = run.accuracy(rule) {
            by_seed.insert(run.spec.seed, (run, accuracy));
        }
    }
    let (scores, hits): (Vec<Score>, Vec<_>) =
        by_seed.into_values().map(|(run, accuracy)| score(run, accuracy, predictions(&run.id, rule))).unzip();
    let cell = Cell {
        model: model.clone(),
        activation,
        summary: summary(&scores),
        scores,
        standing: Standing::Empty,
        pending: pending(runs),
    };
    Judged { cell, hits }
}

/// A run's score, and which test trials it classified right.
fn score(run: &RunSummary, accuracy: f64, predictions: Option<Predictions>) -> (Score, Option<Vec<bool>>) {
    let trials = run.started.as_ref().map_or(0, |started| started.trials.test);
    let mut score = Score {
        id: run.id.clone(),
        seed: run.spec.seed,
        accuracy,
        trials,
        seconds: run.seconds,
        kappa: None,
        subjects: vec![],
    };
    let hits = predictions.map(|predictions| {
        let pairs = predictions.rows.iter().map(|row| (row.label, row.predicted));
        score.kappa = Confusion::new(predictions.classes.len(), pairs).kappa();
        score.trials = predictions.rows.len();
        let mut subjects: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for row in &predictions.rows {
            let (right, all) = subjects.entry(&row.subject).or_default();
            *right += usize::from(row.label == row.predicted);
            *all += 1;
        }
        let share =
            |(name, (right, all)): (&str, (usize, usize))| (name.to_owned(), right as f64 / all as f64);
        score.subjects = subjects.into_iter().map(share).collect();
        predictions.rows.iter().map(|row| row.label == row.predicted).collect()
    });
    (score, hits)
}

fn summary(scores: &[Score]) -> Option<Summary> {
    let accuracies: Vec<f64> = scores.iter().map(|score| score.accuracy).collect();
    let seconds: Vec<f64> = scores.iter().map(|score| score.seconds).collect();
    let kappas: Vec<f64> = scores.iter().filter_map(|score| score.kappa).collect();
    let mut by_subject: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (name, accuracy) in scores.iter().flat_map(|score| &score.subjects) {
        by_subject.entry(name).or_default().push(*accuracy);
    }
    Some(Summary {
        n: scores.len(),
        mean: stats::mean(&accuracies)?,
        sd: stats::standard_deviation(&accuracies),
        interval: interval(scores, &accuracies),
        kappa: stats::mean(&kappas),
        subjects: by_subject
            .into_iter()
            .filter_map(|(name, accuracies)| Some((name.to_owned(), stats::mean(&accuracies)?)))
            .collect(),
        seconds: stats::mean(&seconds)?,
    })
}

fn interval(scores: &[Score], accuracies: &[f64]) -> Option<Interval> {
    let (ends, method) = match scores {
        [single] => (stats::wilson(single.accuracy * single.trials as f64, single.trials)?, Method::Wilson),
        _ => (stats::mean_interval(accuracies)?, Method::StudentT),
    };
    // No accuracy is below 0 or above 1, whatever t says.
    Some(Interval { low: ends.0.max(0.0), high: ends.1.min(1.0), method })
}

fn pending(runs: &[&RunSummary]) -> Pending {
    let mut pending = Pending::default();
    for run in runs {
        match run.state {
            RunState::Queued | RunState::Interrupted => pending.queued += 1,
            RunState::Running => pending.running += 1,
            RunState::Paused => pending.paused += 1,
            RunState::Failed => pending.failed += 1,
            RunState::Finished | RunState::Cancelled => {}
        }
    }
    pending
}
