//! What the cells of Matrix and Alpha say: accuracy, κ, time, or one subject's accuracy.

use crate::lab;
use crate::table::{Cell, Interval, Matrix, Standing};
use crate::tui::duration;
use crate::tui::grid::Lines;
use crate::tui::theme::Tone;

/// One line of a cell.
type Piece = (Tone, String);

/// How much of a cell is shown.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// Lines, at most.
    pub most: usize,
    /// Whether the rule flatters: its figures get a star.
    pub optimistic: bool,
    /// Whether the lab's figures may stand beside them.
    pub lab: bool,
}

/// One of the views of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Test accuracy with spread, interval and standing.
    Accuracy,
    /// Cohen's κ.
    Kappa,
    /// Accuracy on one subject's trials.
    Subject(String),
    /// Training time.
    Time,
}

impl Measure {
    /// Every view of a table; `]` turns them.
    pub fn all(table: &Matrix) -> Vec<Measure> {
        let mut subjects: Vec<&String> = Vec::new();
        for (name, _) in
            table.cells.iter().filter_map(|cell| cell.summary.as_ref()).flat_map(|cell| &cell.subjects)
        {
            if !subjects.contains(&name) {
                subjects.push(name);
            }
        }
        subjects.sort_unstable();
        let subjects = subjects.into_iter().cloned().map(Measure::Subject);
        [Measure::Accuracy, Measure::Kappa].into_iter().chain(subjects).chain([Measure::Time]).collect()
    }

    /// What it is, with its unit.
    pub fn title(&self) -> String {
        match self {
            Measure::Accuracy => "test accuracy %".into(),
            Measure::Kappa => "Cohen's kappa on test trials".into(),
            Measure::Subject(name) => format!("test accuracy % of subject {name}"),
            Measure::Time => "training time of a run".into(),
        }
    }

    /// A cell's mean, in the unit of the title; seconds for time.
    pub fn value(&self, cell: &Cell) -> Option<f64> {
        let summary = cell.summary.as_ref()?;
        match self {
            Measure::Accuracy => Some(100.0 * summary.mean),
            Measure::Kappa => summary.kappa,
            Measure::Subject(name) => {
                summary.subjects.iter().find(|(known, _)| known == name).map(|(_, share)| 100.0 * share)
            }
            Measure::Time => Some(summary.seconds),
        }
    }

    /// Its name in a file's name and in the footer.
    pub fn name(&self) -> String {
        match self {
            Measure::Accuracy => "accuracy".into(),
            Measure::Kappa => "kappa".into(),
            Measure::Subject(name) => format!("subject {name}"),
            Measure::Time => "time".into(),
        }
    }

    /// The cells of a row, each in as many lines as there is room for, the most telling first. What a cell has not is an
    /// empty line in it where another has it, so that like stands beside like.
    pub fn row(&self, cells: &[Cell], shown: Shown) -> Vec<Lines> {
        let pieces = |cell: &Cell| {
            [
                Some(self.first(cell, shown.optimistic)),
                self.interval(cell),
                pending(cell),
                self.labs(cell, shown),
            ]
        };
        let pieces: Vec<[Option<Piece>; 4]> = cells.iter().map(pieces).collect();
        let used = |line: &usize| pieces.iter().any(|cell| cell[*line].is_some());
        let lines: Vec<usize> = (0..4).filter(used).take(shown.most.max(1)).collect();
        let cell = |cell: [Option<Piece>; 4]| {
            let line = |line: &usize| cell[*line].clone().unwrap_or((Tone::Plain, String::new()));
            lines.iter().map(line).collect()
        };
        pieces.into_iter().map(cell).collect()
    }

    fn interval(&self, cell: &Cell) -> Option<(Tone, String)> {
        let found = cell.summary.as_ref().and_then(|summary| summary.interval);
        found.filter(|_| *self == Measure::Accuracy).map(interval)
    }

    fn labs(&self, cell: &Cell, shown: Shown) -> Option<(Tone, String)> {
        let wanted = shown.lab && *self == Measure::Accuracy;
        let percent = lab::accuracy(&cell.model, cell.activation).filter(|_| wanted)?;
        Some((Tone::Dim, format!("lab {percent:.2}")))
    }

    /// The figure itself. `optimistic` ones get a star.
    pub fn first(&self, cell: &Cell, optimistic: bool) -> (Tone, String) {
        let Some((value, summary)) = self.value(cell).zip(cell.summary.as_ref()) else {
            return (Tone::Dim, "–".into());
        };
        let n = summary.n;
        let star = if optimistic { "*" } else { "" };
        match self {
            Measure::Kappa => (Tone::Plain, format!("{value:.3}{star} ({n})")),
            Measure::Subject(_) => (Tone::Plain, format!("{value:.1}{star} ({n})")),
            Measure::Time => (Tone::Plain, format!("{} ({n})", duration::short(value))),
            Measure::Accuracy => {
                let sd = summary.sd.map(|sd| format!(" ± {:.1}", 100.0 * sd)).unwrap_or_default();
                let text = format!("{value:.1}{star}{sd} ({n}) {}", cell.standing.mark());
                (tone(cell.standing), text.trim_end().to_owned())
            }
        }
    }
}

/// The tone of a figure; its mark stands behind it.
fn tone(standing: Standing) -> Tone {
    match standing {
        Standing::Best => Tone::Good,
        Standing::Leading | Standing::Tied => Tone::Strong,
        Standing::Untested | Standing::Behind { .. } | Standing::Alone | Standing::Empty => Tone::Plain,
    }
}

fn interval(interval: Interval) -> (Tone, String) {
    (Tone::Dim, format!("[{:.1}–{:.1}]", 100.0 * interval.low, 100.0 * interval.high))
}

/// Runs of a cell that are not finished.
fn pending(cell: &Cell) -> Option<(Tone, String)> {
    Some((Tone::Active, cell.pending_text())).filter(|(_, text)| !text.is_empty())
}
