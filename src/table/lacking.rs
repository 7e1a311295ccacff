//! What a cell of a table lacks: the seeds, folds and people that other cells have.

use super::place::Place;
use super::{Cell, Matrix};
use crate::model::Activation;
use crate::notebook::{RunState, RunSummary};
use crate::spec::Spec;
use std::collections::BTreeSet;

/// Specs of the table's recipe that its other cells have and this one neither has nor awaits, by what they are judged on and
/// seed; seed 0 (or that of `otherwise`) where there is no other. Failed and cancelled ones are lacking.
pub fn lacking(runs: &[RunSummary], table: &Matrix, cell: &Cell, otherwise: Option<Spec>) -> Vec<Spec> {
    // A network that leaves no activation open has one cell in its row; the others stay empty.
    if cell.model.has_open_activation() == (cell.activation == Activation::None) {
        return Vec::new();
    }
    let alike =
        || runs.iter().filter(|run| run.spec.model.baseline().is_none() && table.recipe.includes(&run.spec));
    let like = alike().min_by_key(|run| run.spec.seed).map(|run| run.spec.clone()).or(otherwise);
    let Some(like) = like else { return Vec::new() };
    let place = Place::of(&like);
    let like = Spec { model: cell.model.clone(), activation: cell.activation, ..like };
    let template = table.recipe.applied_to(like);
    let judged = table.cells.iter().flat_map(|cell| &cell.scores).map(|score| score.place.clone());
    let mut wanted: BTreeSet<Place> = judged.collect();
    wanted.insert(place);
    wanted.extend(table.scheme.places(&wanted));
    for run in alike().filter(|run| run.spec.model == cell.model && run.spec.activation == cell.activation) {
        if !matches!(run.state, RunState::Cancelled | RunState::Failed) {
            wanted.remove(&Place::of(&run.spec));
        }
    }
    wanted.into_iter().map(|place| place.applied_to(template.clone())).collect()
}
