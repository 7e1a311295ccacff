//! Tables as text. One file a format; here is what they share: how a figure reads, how a standing is marked, and the notes
//! without which a table would mislead.

mod csv;
mod json;
mod latex;
mod markdown;

pub use csv::csv;
pub use json::json;
pub use latex::{escaped as latex_text, latex, latex_rows};
pub use markdown::{escaped as markdown_text, markdown, markdown_rows};

use super::{Cell, Coverage, Matrix, Standing};
use crate::metric::{METRICS, Metric};
use crate::printable::printable;

impl Cell {
    /// The table's metric: `87.4 ± 0.6 (5)` over seeds, `87.4 [85.3–89.2]` for one run, `(3 of 5; 2 failed)` where seeds gave
    /// no result, `(5 folds × 3 seeds)` over folds, with `*` where the epoch was picked on the test trials; empty where no run is finished.
    pub fn figure(&self, metric: &Metric, optimistic: bool) -> String {
        let Some(summary) = &self.summary else { return String::new() };
        let star = if optimistic { "*" } else { "" };
        let mean = metric.format(summary.mean);
        let count = self.count();
        match (summary.sd, summary.interval) {
            // Nothing but the trials is left to chance in a baseline.
            (None, Some(interval)) if self.is_baseline() && self.coverage.is_none() => {
                format!("{mean}{star} {}", interval.text(metric))
            }
            (Some(sd), _) => format!("{mean}{star} ± {} ({count})", metric.format(sd)),
            (None, Some(interval)) if self.pending.lost() == 0 && self.coverage.is_none() => {
                format!("{mean}{star} {}", interval.text(metric))
            }
            (None, Some(interval)) => format!("{mean}{star} {} ({count})", interval.text(metric)),
            (None, None) => format!("{mean}{star} ({count})"),
        }
    }

    /// How much is behind a figure: `5`, `3 of 5; 2 failed`, or `5 folds × 3 seeds`, `3 of 5 folds; 1 failed`.
    pub fn count(&self) -> String {
        let (runs, lost) = (self.scores.len(), self.pending.lost());
        let count = match &self.coverage {
            Some(coverage) => coverage.count(runs, self.is_baseline()),
            None if lost == 0 => runs.to_string(),
            None => format!("{runs} of {}", runs + lost),
        };
        if lost == 0 { count } else { format!("{count}; {}", self.lost_text()) }
    }

    /// `2 failed, 1 cancelled`.
    fn lost_text(&self) -> String {
        named([(self.pending.failed, "failed"), (self.pending.cancelled, "cancelled")])
    }

    /// `2 queued, 1 running`; empty where everything is settled. Lost seeds are named here where no figure names them.
    pub fn pending_text(&self) -> String {
        let going = named([
            (self.pending.queued, "queued"),
            (self.pending.running, "running"),
            (self.pending.paused, "paused"),
        ]);
        let lost = if self.summary.is_none() { self.lost_text() } else { String::new() };
        [going, lost].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

impl Coverage {
    /// `5 folds × 3 seeds`, `3 of 5 folds`, `5 folds, 13 runs`.
    fn count(&self, runs: usize, seedless: bool) -> String {
        let units = match self.missing.len() {
            0 => format!("{} {}", self.units, self.plural()),
            _ => format!("{} of {} {}", self.there(), self.units, self.plural()),
        };
        match self.seeds {
            Some(1) => units,
            Some(seeds) => format!("{units} × {seeds} seeds"),
            None if seedless || runs == 0 => units,
            None => format!("{units}, {runs} runs"),
        }
    }
}

fn named<const N: usize>(counts: [(usize, &str); N]) -> String {
    let named = counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
    named.collect::<Vec<_>>().join(", ")
}

impl Standing {
    /// The mark behind a figure: `best`, `=` for the rest of the set of the best, `?` not tested.
    pub fn mark(self) -> &'static str {
        match self {
            Standing::Best => "best",
            Standing::NotToldApart => "=",
            Standing::Untested => "?",
            Standing::Empty | Standing::Behind => "",
        }
    }
}

/// A cell as the plain and Markdown tables have it: figure, mark, what is pending; `–` where there is nothing.
fn cell_text(matrix: &Matrix, cell: &Cell) -> String {
    let pending = match cell.pending_text() {
        text if text.is_empty() => text,
        text => format!("({text})"),
    };
    let figure = cell.figure(matrix.metric, matrix.flatters(cell));
    let parts = [figure, cell.verdict.standing.mark().to_owned(), pending];
    let text = parts.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" ");
    if text.is_empty() { "–".into() } else { text }
}

/// The table as rows of text, heads first, for whoever lays out columns.
pub fn rows(matrix: &Matrix) -> Vec<Vec<String>> {
    rows_with(matrix, |cell| cell_text(matrix, cell))
}

fn rows_with(matrix: &Matrix, entry: impl Fn(&Cell) -> String) -> Vec<Vec<String>> {
    let heads = std::iter::once(String::new()).chain(matrix.columns.iter().map(|column| column.title()));
    let mut rows = vec![heads.collect::<Vec<_>>()];
    for cell in &matrix.baselines {
        // One figure: no column is its own.
        let mut row = vec![cell.title(), entry(cell)];
        row.resize(matrix.columns.len() + 1, String::new());
        rows.push(row);
    }
    for (row, model) in matrix.rows.iter().enumerate() {
        let cells = matrix.row(row).iter().map(&entry);
        rows.push(std::iter::once(model.title().to_owned()).chain(cells).collect());
    }
    rows
}

/// Each subject's own figures, a row each, heads first: what holds on that person's trials alone, with its verdict's mark. Empty
/// of fewer than two.
pub fn subject_rows(matrix: &Matrix) -> Vec<Vec<String>> {
    let names = matrix.subjects();
    let cells: Vec<&Cell> = matrix.all().filter(|cell| !cell.subjects.is_empty()).collect();
    if names.len() < 2 || cells.is_empty() {
        return Vec::new();
    }
    let heads = std::iter::once("subject".to_owned()).chain(cells.iter().map(|cell| cell.title()));
    let entry = |cell: &&Cell, name: &str| {
        let Some(of) = cell.subjects.iter().find(|of| of.name == name) else { return "–".to_owned() };
        let star = if matrix.flatters(cell) { "*" } else { "" };
        let interval = of.interval.map(|interval| format!(" {}", interval.text(matrix.metric)));
        let figure = format!("{}{star}{}", matrix.metric.format(of.mean), interval.unwrap_or_default());
        format!("{figure} {}", of.verdict.standing.mark()).trim_end().to_owned()
    };
    let mut rows = vec![heads.collect::<Vec<_>>()];
    for name in names {
        let first = std::iter::once(printable(name).into_owned());
        rows.push(first.chain(cells.iter().map(|cell| entry(cell, name))).collect());
    }
    rows
}

/// A column's head, and its entry for a cell.
type Column<'a> = (String, Box<dyn Fn(&Cell) -> Option<String> + 'a>);

/// What finished cells' figures are beside the mean, as rows of text, heads first: interval, p of being the best, validation,
/// every other metric, the accuracy on each subject's trials. Columns without a figure are left out; empty where no run is
/// finished.
pub fn detail_rows(matrix: &Matrix) -> Vec<Vec<String>> {
    let mut columns: Vec<Column<'_>> = vec![
        ("model".into(), Box::new(|cell| Some(cell.model.title().to_owned()))),
        (
            "activation".into(),
            Box::new(|cell| match cell.is_baseline() {
                true => cell.band.map(|band| format!("{band} Hz")),
                false => Some(cell.activation.title()),
            }),
        ),
        (
            "95 % interval".into(),
            Box::new(|cell| {
                let interval = cell.summary.as_ref()?.interval?;
                Some(format!(
                    "{}–{}",
                    matrix.metric.format(interval.low),
                    matrix.metric.format(interval.high)
                ))
            }),
        ),
        (
            "p best".into(),
            Box::new(|cell| {
                cell.verdict.p.map(|p| if p < 0.001 { "<0.001".into() } else { format!("{p:.3}") })
            }),
        ),
        (
            "validation %".into(),
            Box::new(|cell| Some(Metric::accuracy().format(cell.summary.as_ref()?.validation?))),
        ),
    ];
    for metric in METRICS.iter().filter(|metric| **metric != *matrix.metric) {
        let value = |cell: &Cell| Some(metric.format(cell.summary.as_ref()?.value(metric)?));
        columns.push((metric.heading(), Box::new(value)));
    }
    columns.push((
        "ensemble".into(),
        Box::new(|cell| {
            let ensemble = &cell.summary.as_ref()?.ensemble;
            Some(matrix.metric.format(ensemble.get(matrix.metric.place()).copied().flatten()?))
        }),
    ));
    let summaries = || matrix.all().filter_map(|cell| cell.summary.as_ref());
    let mut subjects: Vec<&str> =
        summaries().flat_map(|summary| &summary.subjects).map(|(name, _)| name.as_str()).collect();
    subjects.sort_unstable();
    subjects.dedup();
    // With one subject there is nothing to add.
    let several = subjects.len() > 1;
    for name in subjects.into_iter().filter(|_| several) {
        let share = move |cell: &Cell| {
            let of = cell.summary.as_ref()?.subjects.iter().find(|(known, _)| known == name)?;
            Some(Metric::accuracy().format(of.1))
        };
        columns.push((printable(name).into_owned(), Box::new(share)));
    }
    let finished: Vec<&Cell> = matrix.all().filter(|cell| cell.summary.is_some()).collect();
    if finished.is_empty() {
        return vec![];
    }
    columns.retain(|(_, entry)| finished.iter().any(|cell| entry(cell).is_some()));
    let mut rows = vec![columns.iter().map(|(head, _)| head.clone()).collect::<Vec<_>>()];
    rows.extend(
        finished
            .iter()
            .map(|cell| columns.iter().map(|(_, entry)| entry(cell).unwrap_or_default()).collect::<Vec<_>>()),
    );
    rows
}
