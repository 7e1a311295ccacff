//! Who reaches no more than guessing does: runs, cells in the mean, whole tables. A difference between two that guess is real
//! perhaps, and of no use.

use super::{Cell, Matrix, Score};
use crate::metric::{self, Metric};
use crate::predictions::Predictions;
use crate::stats::Chance;

/// Whether an accuracy on so many trials is no more than guessing, in balanced accuracy too where classes are unequal. Without
/// predictions the classes are taken to be two, and equal.
pub fn is_at_chance(trials: usize, accuracy: f64, said: Option<&Predictions>) -> bool {
    let chance = Chance::new(trials, said.map_or(0.5, metric::guessed_share));
    chance.is_some_and(|chance| !chance.is_exceeded(accuracy)) && !balanced_beyond_chance(said)
}

/// Whether unequal classes are told apart by more than guessing though accuracy does not show it: balanced accuracy on as
/// many trials as equal classes would need for the same spread.
fn balanced_beyond_chance(said: Option<&Predictions>) -> bool {
    let Some(said) = said.filter(|said| *Metric::leading(Some(said)) != *Metric::accuracy()) else {
        return false;
    };
    let counts: Vec<usize> = metric::class_counts(said).into_iter().filter(|&count| count > 0).collect();
    let classes = counts.len() as f64;
    let trials = classes * classes / counts.iter().map(|&count| 1.0 / count as f64).sum::<f64>();
    let balanced = metric::confusion(said).balanced_accuracy();
    let chance = Chance::new(trials as usize, 1.0 / classes);
    chance.zip(balanced).is_some_and(|(chance, balanced)| chance.is_exceeded(balanced))
}

impl Matrix {
    /// Whether the mean of a cell's runs is no more than guessing. Where every run is more, so is the mean.
    pub fn guesses(&self, cell: &Cell) -> bool {
        let mean = cell.summary.as_ref().and_then(|summary| summary.value(Metric::accuracy()));
        let below = self.chance.zip(mean).is_some_and(|(chance, mean)| !chance.is_exceeded(mean));
        below && cell.scores.iter().any(|score| score.at_chance)
    }

    /// Runs that guess while others of their table do not, one phrase each.
    pub fn at_chance(&self) -> Vec<String> {
        if self.scores().all(|(_, score)| score.at_chance) {
            return Vec::new();
        }
        let guessing = self.scores().filter(|(_, score)| score.at_chance);
        let name = |(cell, score): (&Cell, &Score)| match cell.is_baseline() {
            true if cell.coverage.is_none() => cell.title(),
            true => format!("{} {}", cell.title(), score.place.title(&self.scheme, true)),
            false => format!("{} {}", cell.title(), score.place.title(&self.scheme, false)),
        };
        guessing.map(name).collect()
    }

    /// Who guesses, in a sentence or two.
    pub fn guessing_note(&self) -> Option<String> {
        if self.scores().next().is_some() && self.scores().all(|(_, score)| score.at_chance) {
            return Some("Not one run of this table is better than guessing.".into());
        }
        let runs = self.at_chance();
        if runs.is_empty() {
            return None;
        }
        let means = self.all().filter(|cell| cell.scores.len() > 1 && self.guesses(cell));
        let means: Vec<String> = means.map(Cell::title).collect();
        let means = match means.is_empty() {
            true => String::new(),
            false => format!(" In the mean of their runs: {}.", means.join(", ")),
        };
        Some(format!("No better than guessing, unlike others: {}.{means}", runs.join(", ")))
    }

    fn scores(&self) -> impl Iterator<Item = (&Cell, &Score)> {
        self.all().flat_map(|cell| cell.scores.iter().map(move |score| (cell, score)))
    }
}
