//! One page about the runs of a notebook: what was compared, the judged tables, curves, confusion matrices, what may be said
//! of it and how it was done. From tables and epochs to text in three forms; reads and writes no file.
//!
//! What stands on the page is gathered once, in [`Report`]; HTML, Markdown and LaTeX print the same of it.

pub mod card;
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
use crate::notebook::RunSummary;
use crate::spec::{DataSource, Rule};
use crate::table::{Across, Cell, EvidenceOf, Matrix, Recipe, across, recipes};
use curves::Group;

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
    /// How a data set came about, a sentence or two, where it was imported.
    pub origin: &'a dyn Fn(&DataSource) -> Option<String>,
    /// The way from the page to the folder of runs, with which links begin; as a link has it, other signs as `%20`.
    pub folder: String,
    /// When it is made, for its foot.
    pub at: jiff::Timestamp,
}

/// All that the page says.
#[derive(Clone, Debug)]
pub struct Report {
    rule: Rule,
    experiments: Vec<Experiment>,
    /// What several data sets say together.
    across: Vec<Across>,
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
    /// Cells with a confusion matrix, each once.
    confused: Vec<Cell>,
    runs: Vec<RunSummary>,
}

impl Report {
    /// Gathers it. Without runs it says that there are none.
    pub fn of(source: &Source<'_>) -> Report {
        let experiment = |(recipe, _): (Recipe, usize)| Experiment::of(source, recipe);
        let experiments: Vec<Experiment> = recipes(source.runs).into_iter().map(experiment).collect();
        Report {
            rule: source.rule,
            across: across(experiments.iter().flat_map(|experiment| &experiment.tables)),
            experiments,
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
        let (activations, sweep) = Matrix::both(source.runs, &recipe, rule, metric, source.evidence);
        let filled = |table: &Matrix| table.cells.iter().any(|cell| cell.summary.is_some());
        let has_sweep = !sweep.columns.is_empty() && filled(&sweep);
        let tables: Vec<Matrix> =
            [Some(activations), has_sweep.then_some(sweep)].into_iter().flatten().collect();
        let runs = source.runs.iter().filter(|run| recipe.includes(&run.spec));
        let mut runs: Vec<RunSummary> = runs.cloned().collect();
        runs.sort_by(|a, b| a.id.cmp(&b.id));
        let curves = tables.first().map(|table| curves_of(table, source)).unwrap_or_default();
        let mut confused: Vec<Cell> = Vec::new();
        for cell in tables.iter().flat_map(Matrix::all) {
            // α = 1 and the baselines stand in both tables.
            let is_new = confused.iter().all(|known| known.title() != cell.title());
            let has_matrix = cell.summary.as_ref().is_some_and(|summary| summary.confusion.is_some());
            confused.extend(Some(cell.clone()).filter(|_| is_new && has_matrix));
        }
        Experiment {
            methods: methods::paragraph(
                &recipe,
                &tables,
                &runs,
                rule,
                runs.first().and_then(|run| (source.origin)(&run.spec.data)),
            ),
            recipe,
            tables,
            curves,
            confused,
            runs,
        }
    }
}

/// The confusion matrices as rows of text, heads first: a row a cell and true class. Empty without any.
fn confusion_rows(confused: &[Cell]) -> Vec<Vec<String>> {
    let counted = |cell: &Cell| {
        let summary = cell.summary.as_ref()?;
        let (counts, classes) = (summary.confusion.as_ref()?, &summary.classes);
        let row = |(truth, class): (usize, &String)| {
            let said = (0..counts.classes()).map(|said| counts.count(truth, said).to_string());
            [cell.title(), class.clone()].into_iter().chain(said).collect::<Vec<_>>()
        };
        Some((classes.clone(), classes.iter().enumerate().map(row).collect::<Vec<_>>()))
    };
    let counted: Vec<_> = confused.iter().filter_map(counted).collect();
    // Runs of one recipe share their data, and with it the classes.
    let Some((classes, _)) = counted.first() else { return Vec::new() };
    let said = classes.iter().map(|class| format!("said {class}"));
    let heads = ["cell".to_owned(), "true class".to_owned()].into_iter().chain(said).collect();
    std::iter::once(heads).chain(counted.iter().flat_map(|(_, rows)| rows.clone())).collect()
}

/// A run's state and why it is so, where that is known, and its accuracy: `finished, 75.0 %`, `failed: the loss is NaN`.
fn standing(run: &RunSummary, rule: Rule) -> String {
    let why = run.message.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    let accuracy = run.accuracy(rule).map(|it| format!(", {:.1} %", 100.0 * it)).unwrap_or_default();
    format!("{}{why}{accuracy}", run.state.name())
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

#[cfg(test)]
mod tests;
