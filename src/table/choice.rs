//! Which cell validation chooses. The choice of a cell is a choice too: one that looked at the test trials would flatter it as
//! much as an epoch picked there.

use super::{Cell, Interval};
use crate::model::{Activation, Model};

/// The cell with the highest mean validation accuracy, and what it then reaches on the test trials.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// Its row.
    pub model: Model,
    /// Its column.
    pub activation: Activation,
    /// Mean accuracy on the trials held out.
    pub validation: f64,
    /// Mean of the table's metric on the test trials.
    pub test: f64,
    /// Its 95 % interval.
    pub interval: Option<Interval>,
    /// How many cells there were to choose from.
    pub among: usize,
    /// How many of them have this validation accuracy, the chosen one among them: of several the validation loss chooses.
    pub alike: usize,
}

/// Means that differ by less differ by rounding.
const EQUAL: f64 = 1e-9;

/// The choice among cells that lack no fold: the highest mean validation accuracy; of equals the least mean validation loss, then
/// the first.
pub fn chosen(cells: &[Cell]) -> Option<Chosen> {
    let with_scores = cells
        .iter()
        .filter(|cell| cell.is_whole())
        .filter_map(|cell| Some((cell, cell.summary.as_ref()?.validation?, loss(cell))));
    let with_scores: Vec<(&Cell, f64, f64)> = with_scores.collect();
    let alike = |one: f64, other: f64| (one - other).abs() < EQUAL;
    let beats = |other: &(&Cell, f64, f64), best: &(&Cell, f64, f64)| {
        if alike(other.1, best.1) { other.2 < best.2 - EQUAL } else { other.1 > best.1 }
    };
    let best = with_scores.iter().fold(None, |best: Option<&(&Cell, f64, f64)>, other| match best {
        Some(best) if !beats(other, best) => Some(best),
        _ => Some(other),
    })?;
    let (cell, validation, _) = *best;
    let summary = cell.summary.as_ref()?;
    Some(Chosen {
        model: cell.model.clone(),
        activation: cell.activation,
        validation,
        test: summary.mean,
        interval: summary.interval,
        among: with_scores.len(),
        alike: with_scores.iter().filter(|other| alike(other.1, validation)).count(),
    })
}

fn loss(cell: &Cell) -> f64 {
    let losses: Vec<f64> = cell.scores.iter().filter_map(|score| score.validation_loss).collect();
    crate::stats::mean(&losses).unwrap_or(f64::INFINITY)
}
