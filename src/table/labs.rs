//! The lab's table beside the notebook's: its columns where a table lacks them, so that what was never run is there to be
//! asked for, and what a recipe does otherwise.

use super::{Cell, Kind, Matrix, Recipe, Scheme, Standing, Verdict};
use crate::lab;
use crate::metric::Metric;
use crate::model::{Activation, Model};
use crate::spec::{DataSource, Rule, Spec};
use std::borrow::Cow;

/// The lab's columns of a kind of table.
fn columns(kind: Kind) -> Vec<Activation> {
    match kind {
        Kind::Activations => lab::ACTIVATIONS.to_vec(),
        Kind::AlphaSweep => {
            let [first, ..] = lab::models();
            lab::sweep(&first).map(|(alpha, _)| Activation::Elu { alpha }).collect()
        }
    }
}

/// A table that no run has filled yet: the lab's recipe over these data.
pub fn empty(kind: Kind, rule: Rule, data: DataSource) -> Matrix {
    let recipe = Recipe::of(&any_of(data));
    let none = Matrix {
        kind,
        rule,
        metric: Metric::accuracy(),
        recipe,
        scheme: Scheme::default(),
        rows: lab::models().to_vec(),
        columns: Vec::new(),
        baselines: Vec::new(),
        cells: Vec::new(),
        chance: None,
        chosen: None,
    };
    complete(&none, None).into_owned()
}

/// The table with the lab's columns added where it lacks them. A sweep leaves out α = 1 where nothing else was run; that
/// cell comes from the table of activations of the same recipe, standing alone.
pub fn complete<'a>(table: &'a Matrix, activations: Option<&Matrix>) -> Cow<'a, Matrix> {
    let mut wanted = table.columns.clone();
    wanted.extend(columns(table.kind).into_iter().filter(|column| !table.columns.contains(column)));
    if wanted.len() == table.columns.len() {
        return Cow::Borrowed(table);
    }
    if table.kind == Kind::AlphaSweep {
        let alpha = |activation: &Activation| activation.alpha().unwrap_or(0.0);
        wanted.sort_by(|a, b| alpha(a).total_cmp(&alpha(b)));
    }
    let known = |cells: &[Cell], model: &Model, activation: Activation| {
        cells.iter().find(|cell| cell.model == *model && cell.activation == activation).cloned()
    };
    let cell = |model: &Model, activation: Activation| {
        let elsewhere = || {
            let cell = known(&activations?.cells, model, activation)?;
            let standing = if cell.summary.is_some() { Standing::Untested } else { Standing::Empty };
            Some(Cell { verdict: Verdict { standing, ..Verdict::default() }, ..cell })
        };
        known(&table.cells, model, activation)
            .or_else(elsewhere)
            .unwrap_or_else(|| Cell::unfilled(model.clone(), activation))
    };
    let cells = table.rows.iter().flat_map(|model| wanted.iter().map(move |&activation| (model, activation)));
    let cells = cells.map(|(model, activation)| cell(model, activation)).collect();
    Cow::Owned(Matrix { columns: wanted, cells, ..table.clone() })
}

/// The recipe with some network and activation: what a table is about has neither.
fn any_of(data: DataSource) -> Spec {
    let ([model, ..], [activation, ..]) = (lab::models(), lab::ACTIVATIONS);
    Spec::recipe(model, activation, data)
}

/// What has to be said wherever the lab's figures stand, with what a recipe does otherwise.
pub fn beside_the_labs(recipe: &Recipe) -> String {
    let source =
        DataSource { name: recipe.data_set.clone(), path: None, fingerprint: recipe.fingerprint.clone() };
    let labs = Recipe::of(&lab::as_in_the_report(any_of(source))).to_string();
    let own = recipe.to_string();
    let other: Vec<&str> =
        own.split(", ").skip(1).filter(|part| !labs.split(", ").any(|known| known == *part)).collect();
    let differs = if other.is_empty() { String::new() } else { format!("; here: {}", other.join(", ")) };
    format!("{}{differs}", lab::HOW)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Place, Score};

    fn source() -> DataSource {
        DataSource { name: "simulated".into(), path: None, fingerprint: "ab".into() }
    }

    #[test]
    fn an_empty_notebook_has_the_labs_columns() {
        let sweep = empty(Kind::AlphaSweep, Rule::Last, source());
        assert_eq!((sweep.rows.len(), sweep.columns.len(), sweep.cells.len()), (2, 10, 20));
        assert_eq!(sweep.cell(1, 9).activation, Activation::Elu { alpha: 1.0 });
        assert!(matches!(complete(&sweep, None), Cow::Borrowed(_)));
    }

    #[test]
    fn alpha_one_comes_from_the_activations() {
        let mut activations = empty(Kind::Activations, Rule::Last, source());
        let score = Score {
            id: "run".into(),
            place: Place::default(),
            accuracy: 0.8,
            values: vec![],
            trials: 100,
            seconds: 1.0,
            subjects: vec![],
            validation: None,
            validation_loss: None,
            at_chance: false,
        };
        activations.cells[2].scores.push(score);
        let none = Matrix { columns: vec![], cells: vec![], ..empty(Kind::AlphaSweep, Rule::Last, source()) };
        let sweep = complete(&none, Some(&activations));
        assert_eq!(sweep.cell(0, 9).scores.len(), 1);
        assert_eq!(sweep.cell(0, 0).scores.len(), 0);
    }

    #[test]
    fn what_a_recipe_does_otherwise_is_said_and_nothing_more() {
        let of = |spec: Spec| beside_the_labs(&Recipe::of(&spec));
        assert_eq!(of(lab::as_in_the_report(any_of(source()))), lab::HOW);
        let other = of(Spec { batch: 64, ..lab::as_in_the_report(any_of(source())) });
        assert_eq!(other, format!("{}; here: batch 64", lab::HOW));
    }

    #[test]
    fn own_alphas_keep_their_place() {
        let table = empty(Kind::AlphaSweep, Rule::Last, source());
        let own = Activation::Elu { alpha: 0.25 };
        let cells = Model::lab().map(|model| Cell::unfilled(model, own)).to_vec();
        let table = Matrix { columns: vec![own], cells, ..table };
        let alphas: Vec<_> =
            complete(&table, None).columns.iter().filter_map(|column| column.alpha()).collect();
        assert_eq!(alphas, [0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]);
    }
}
