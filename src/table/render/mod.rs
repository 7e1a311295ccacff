//! Tables as text. One file a format; here is what they share: how a figure reads, how a standing is marked, and the notes
//! without which a table would mislead.

mod csv;
mod json;
mod latex;
mod markdown;

pub use csv::csv;
pub use json::json;
pub use latex::latex;
pub use markdown::markdown;

use super::{Cell, Kind, Matrix, Method, Standing};
use crate::printable::printable;
use crate::spec::Rule;

/// A fraction in percent, as precise as a thousand trials are.
pub fn percent(fraction: f64) -> String {
    format!("{:.1}", 100.0 * fraction)
}

impl Cell {
    /// Accuracy in percent: `87.4 ± 0.6 (5)` over seeds, `87.4 [85.3, 89.2]` for one run, with `*` where the epoch was
    /// picked on the test trials; empty where no run is finished.
    pub fn figure(&self, optimistic: bool) -> String {
        let Some(summary) = &self.summary else { return String::new() };
        let star = if optimistic { "*" } else { "" };
        let mean = percent(summary.mean);
        match (summary.sd, summary.interval) {
            (Some(sd), _) => format!("{mean}{star} ± {} ({})", percent(sd), summary.n),
            (None, Some(interval)) => {
                format!("{mean}{star} [{}, {}]", percent(interval.low), percent(interval.high))
            }
            (None, None) => format!("{mean}{star}"),
        }
    }

    /// `2 queued, 1 running`; empty where everything is finished.
    pub fn pending_text(&self) -> String {
        let counts = [
            (self.pending.queued, "queued"),
            (self.pending.running, "running"),
            (self.pending.paused, "paused"),
            (self.pending.failed, "failed"),
        ];
        let named =
            counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
        named.collect::<Vec<_>>().join(", ")
    }
}

impl Standing {
    /// The mark behind a figure: `best`, `=` not told apart from the highest mean, `?` no test possible.
    pub fn mark(self) -> &'static str {
        match self {
            Standing::Best => "best",
            Standing::Leading | Standing::Tied => "=",
            Standing::Untested => "?",
            Standing::Empty | Standing::Alone | Standing::Behind { .. } => "",
        }
    }
}

/// A cell as the plain and Markdown tables have it: figure, mark, what is pending; `–` where there is nothing.
fn cell_text(cell: &Cell, optimistic: bool) -> String {
    let pending = match cell.pending_text() {
        text if text.is_empty() => text,
        text => format!("({text})"),
    };
    let parts = [cell.figure(optimistic), cell.standing.mark().to_owned(), pending];
    let text = parts.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" ");
    if text.is_empty() { "–".into() } else { text }
}

impl Matrix {
    /// One line that says what the figures are.
    pub fn title(&self) -> String {
        let optimistic = if self.is_optimistic() { ", optimistic" } else { "" };
        format!("test accuracy %, rule: {}{optimistic}", self.rule.name())
    }

    /// What a reader must know, a sentence each: the rule, the data, the marks and the intervals that occur.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = vec![self.rule_note().to_owned()];
        if self.recipe.simulated {
            notes.push("The data are simulated: no conclusion about people follows.".to_owned());
        }
        let has = |wanted: fn(&Cell) -> bool| self.cells.iter().any(wanted);
        if has(|cell| cell.scores.len() > 1) {
            notes.push("Mean ± sd over seeds, their number in parentheses.".to_owned());
        }
        if has(|cell| method(cell) == Some(Method::Wilson)) {
            notes.push(
                "In brackets: Wilson's 95 % interval for a single run; another seed may leave it.".to_owned(),
            );
        }
        let among = match self.kind {
            Kind::Activations => "the table",
            Kind::AlphaSweep => "the row",
        };
        let tests = format!(
            "paired t over common seeds, McNemar for single runs, Holm over all pairs of {among}, 5 %"
        );
        if has(|cell| cell.standing == Standing::Best) {
            notes.push(format!("best: better than every other cell of {among} ({tests})."));
        }
        if has(|cell| matches!(cell.standing, Standing::Tied | Standing::Leading)) {
            notes.push(format!("= not told apart from the highest mean of {among} ({tests})."));
        }
        if has(|cell| cell.standing == Standing::Untested) {
            notes.push("? can't be tested against the highest mean: no two common seeds.".to_owned());
        }
        notes
    }

    fn rule_note(&self) -> &'static str {
        match self.rule {
            Rule::Validation if !self.recipe.has_validation() => {
                "Rule validation does not apply: these runs held nothing out; ask for --rule last."
            }
            Rule::Validation => "The epoch is the one with the least validation loss.",
            Rule::Last => "The epoch is the last one.",
            Rule::BestTest => {
                "* The epoch was picked on the test trials themselves: optimistic, not comparable with other rules."
            }
        }
    }
}

fn method(cell: &Cell) -> Option<Method> {
    cell.summary.as_ref()?.interval.map(|interval| interval.method)
}

/// The table as rows of text, heads first, for whoever lays out columns.
pub fn rows(matrix: &Matrix) -> Vec<Vec<String>> {
    rows_with(matrix, |cell| cell_text(cell, matrix.is_optimistic()))
}

fn rows_with(matrix: &Matrix, entry: impl Fn(&Cell) -> String) -> Vec<Vec<String>> {
    let heads = std::iter::once(String::new()).chain(matrix.columns.iter().map(|column| column.title()));
    let mut rows = vec![heads.collect::<Vec<_>>()];
    for (row, model) in matrix.rows.iter().enumerate() {
        let cells = matrix.row(row).iter().map(&entry);
        rows.push(std::iter::once(model.title().to_owned()).chain(cells).collect());
    }
    rows
}

/// What finished cells' figures are beside the accuracy, as rows of text, heads first: interval, κ, the accuracy on each
/// subject's trials, seconds of training a run. Empty where no run is finished.
pub fn detail_rows(matrix: &Matrix) -> Vec<Vec<String>> {
    let summaries = || matrix.cells.iter().filter_map(|cell| cell.summary.as_ref());
    let mut subjects: Vec<&str> =
        summaries().flat_map(|summary| &summary.subjects).map(|(name, _)| name.as_str()).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let mut heads = ["model", "activation", "95 % interval", "κ"].map(str::to_owned).to_vec();
    heads.extend(subjects.iter().map(|&name| printable(name).into_owned()));
    heads.push("s/run".to_owned());
    let mut rows = vec![heads];
    rows.extend(matrix.cells.iter().filter_map(|cell| detail_row(cell, &subjects)));
    if rows.len() == 1 { vec![] } else { rows }
}

fn detail_row(cell: &Cell, subjects: &[&str]) -> Option<Vec<String>> {
    let summary = cell.summary.as_ref()?;
    let interval = summary.interval.map(|it| format!("{}–{}", percent(it.low), percent(it.high)));
    let kappa = summary.kappa.map(|kappa| format!("{kappa:.2}"));
    let mut row = vec![cell.model.title().to_owned(), cell.activation.title()];
    row.push(interval.unwrap_or_default());
    row.push(kappa.unwrap_or_default());
    for name in subjects {
        let accuracy = summary.subjects.iter().find(|(known, _)| known == name).map(|(_, it)| percent(*it));
        row.push(accuracy.unwrap_or_default());
    }
    row.push(format!("{:.0}", summary.seconds));
    Some(row)
}
