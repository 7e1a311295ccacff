//! One page about the runs of a notebook: what was compared, the judged tables, curves, confusion matrices, what may be said
//! of it and how it was done. From tables and epochs to text in three forms; reads and writes no file.
//!
//! What stands on the page is gathered once, in [`Report`]; HTML, Markdown and LaTeX print the same of it.

mod chart;
mod curves;
mod html;
mod latex;
mod markdown;
mod methods;

pub use html::html;
pub use latex::latex;
pub use markdown::markdown;

use crate::event::Epoch;
use crate::metric::Metric;
use crate::notebook::{Evidence, RunSummary};
use crate::predictions::Predictions;
use crate::spec::Rule;
use crate::table::{Cell, EvidenceOf, Matrix, Recipe, recipes};
use curves::Group;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// What a report is made of: runs, and where more is read of each by its id.
pub struct Source<'a> {
    /// The runs that it is about.
    pub runs: &'a [RunSummary],
    /// How each run's epoch is chosen.
    pub rule: Rule,
    /// What cells are judged by; by what the classes of the test trials ask for where it is not said.
    pub metric: Option<&'static Metric>,
    /// What a finished run has to show for the epoch that a rule picks.
    pub evidence: &'a EvidenceOf<'a>,
    /// A run's epochs.
    pub epochs: &'a dyn Fn(&str) -> Vec<Epoch>,
    /// How the data of a recipe came about, a sentence, where they were imported.
    pub origin: &'a dyn Fn(&Recipe) -> Option<String>,
    /// The way from the page to the folder of runs, with which links begin.
    pub folder: String,
    /// When it is made, for its foot.
    pub at: jiff::Timestamp,
}

/// All that the page says.
#[derive(Clone, Debug)]
pub struct Report {
    rule: Rule,
    experiments: Vec<Experiment>,
    folder: String,
    at: jiff::Timestamp,
}

/// The runs of one recipe.
#[derive(Clone, Debug)]
struct Experiment {
    recipe: Recipe,
    methods: String,
    tables: Vec<Matrix>,
    /// Mean curves, a group a cell with finished runs, by row of the first table.
    curves: Vec<(String, Vec<Group>)>,
    /// What was said in each filled cell, its seeds one after the other.
    confusions: Vec<(String, Predictions)>,
    runs: Vec<RunSummary>,
}

impl Report {
    /// Gathers it. Without runs it says that there are none.
    pub fn of(source: &Source<'_>) -> Report {
        let experiment = |(recipe, _): (Recipe, usize)| Experiment::of(source, recipe);
        Report {
            rule: source.rule,
            experiments: recipes(source.runs).into_iter().map(experiment).collect(),
            folder: source.folder.clone(),
            at: source.at,
        }
    }

    /// Whether any of it rests on data that are no recordings.
    fn has_simulated(&self) -> bool {
        self.experiments.iter().any(|experiment| experiment.recipe.simulated)
    }

    /// What must be said on every page, whoever prints it.
    fn warnings(&self) -> Vec<&'static str> {
        let mut warnings = Vec::new();
        if self.has_simulated() {
            warnings.push("Some of these figures are of simulated data: no conclusion about people follows.");
        }
        if self.rule.is_optimistic() {
            warnings.push(
                "The epochs were picked on the test trials themselves (*): the figures are optimistic, and not comparable \
                 with those of other rules.",
            );
        }
        warnings
    }

    /// The last line.
    fn foot(&self) -> String {
        let version = env!("CARGO_PKG_VERSION");
        format!("Made by eeg-tui {version} on {}.", self.at.strftime("%Y-%m-%d %H:%M UTC"))
    }
}

impl Experiment {
    fn of(source: &Source<'_>, recipe: Recipe) -> Experiment {
        let (rule, metric) = (source.rule, source.metric);
        // Tables and confusion matrices rest on the same predictions, which are read once.
        let read = RefCell::new(BTreeMap::new());
        let evidence = |id: &str, rule: Rule| -> Evidence {
            let mut read = read.borrow_mut();
            read.entry((id.to_owned(), rule)).or_insert_with(|| (source.evidence)(id, rule)).clone()
        };
        let activations = Matrix::activations(source.runs, &recipe, rule, metric, &evidence);
        let sweep = Matrix::alpha_sweep(source.runs, &recipe, rule, metric, &evidence);
        let filled = |table: &Matrix| table.cells.iter().any(|cell| cell.summary.is_some());
        let has_sweep = !sweep.columns.is_empty() && filled(&sweep);
        let tables: Vec<Matrix> =
            [Some(activations), has_sweep.then_some(sweep)].into_iter().flatten().collect();
        let runs = source.runs.iter().filter(|run| recipe.includes(&run.spec));
        let mut runs: Vec<RunSummary> = runs.cloned().collect();
        runs.sort_by(|a, b| a.id.cmp(&b.id));
        let curves = tables.first().map(|table| curves_of(table, source)).unwrap_or_default();
        let mut confusions: Vec<(String, Predictions)> = Vec::new();
        for cell in tables.iter().flat_map(|table| &table.cells) {
            // α = 1 stands in both tables.
            let is_new = confusions.iter().all(|(title, _)| *title != cell.title());
            if is_new {
                confusions.extend(said(cell, rule, &evidence).map(|said| (cell.title(), said)));
            }
        }
        Experiment {
            methods: methods::paragraph(&recipe, &tables, &runs, rule, (source.origin)(&recipe)),
            recipe,
            tables,
            curves,
            confusions,
            runs,
        }
    }
}

/// Rows of a table with the mean curves of their filled cells.
fn curves_of(table: &Matrix, source: &Source<'_>) -> Vec<(String, Vec<Group>)> {
    let group = |cell: &Cell| {
        let runs: Vec<Vec<Epoch>> = cell.scores.iter().map(|score| (source.epochs)(&score.id)).collect();
        Group::of(cell.activation.title(), &runs)
    };
    let rows = table.rows.iter().enumerate().map(|(row, model)| {
        (model.title().to_owned(), table.row(row).iter().filter_map(group).collect::<Vec<_>>())
    });
    rows.filter(|(_, groups)| !groups.is_empty()).collect()
}

/// What all seeds of a cell said, one after the other; `None` where a run's predictions are missing.
fn said(cell: &Cell, rule: Rule, evidence: &EvidenceOf<'_>) -> Option<Predictions> {
    let of_seed = cell.scores.iter().map(|score| evidence(&score.id, rule).test);
    let mut of_seed = of_seed.collect::<Option<Vec<Predictions>>>()?.into_iter();
    let first = of_seed.next()?;
    of_seed.try_fold(first, |mut sum, next| {
        let alike = sum.classes == next.classes;
        sum.rows.extend(next.rows);
        alike.then_some(sum)
    })
}

#[cfg(test)]
mod tests;
