//! What the cells of Matrix and Alpha say: accuracy, κ, time, or one subject's accuracy.

use super::lab;
use crate::table::{Cell, Interval, Matrix, Standing};
use crate::tui::duration;
use crate::tui::grid::Lines;
use crate::tui::theme::Tone;

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

    /// A cell in as many of its lines as `most` allows, the most telling first. `optimistic` figures get a star.
    pub fn lines(&self, cell: &Cell, most: usize, optimistic: bool) -> Lines {
        let mut lines = vec![self.first(cell, optimistic)];
        if *self == Measure::Accuracy {
            lines.extend(cell.summary.as_ref().and_then(|summary| summary.interval).map(interval));
            lines.extend(pending(cell));
            let reference = lab::accuracy(&cell.model, cell.activation);
            lines.extend(reference.map(|percent| (Tone::Dim, format!("lab {percent:.2}"))));
        } else {
            lines.extend(pending(cell));
        }
        lines.truncate(most.max(1));
        lines
    }

    fn first(&self, cell: &Cell, optimistic: bool) -> (Tone, String) {
        let Some((value, summary)) = self.value(cell).zip(cell.summary.as_ref()) else {
            return (Tone::Dim, "–".into());
        };
        let n = summary.n;
        match self {
            Measure::Kappa => (Tone::Plain, format!("{value:.3} ({n})")),
            Measure::Subject(_) => (Tone::Plain, format!("{value:.1} ({n})")),
            Measure::Time => (Tone::Plain, format!("{} ({n})", duration::short(value))),
            Measure::Accuracy => {
                let sd = summary.sd.map(|sd| format!(" ± {:.1}", 100.0 * sd)).unwrap_or_default();
                let star = if optimistic { "*" } else { "" };
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
