//! A table for a spreadsheet: one line a cell, fractions in full precision.

use crate::table::{Cell, Interval, Kind, Matrix, Standing};

const HEADS: &str = "table,data_set,simulated,rule,optimistic,model,activation,alpha,n,mean,sd,low,high,kappa,\
                     seconds,standing,p,queued,running,paused,failed,subjects,seeds,runs";

/// Several tables as lines under one line of heads (RFC 4180).
pub fn csv<'a>(matrices: impl IntoIterator<Item = &'a Matrix>) -> String {
    let lines = matrices.into_iter().flat_map(|matrix| matrix.cells.iter().map(|cell| line(matrix, cell)));
    lines.fold(format!("{HEADS}\n"), |text, line| text + &line + "\n")
}

fn line(matrix: &Matrix, cell: &Cell) -> String {
    let number = |value: Option<f64>| value.map(|it| it.to_string()).unwrap_or_default();
    let summary = cell.summary.as_ref();
    let end = |end: fn(Interval) -> f64| number(summary.and_then(|it| it.interval).map(end));
    let joined = |items: Vec<String>| quoted(&items.join(";"));
    let subjects = summary.map(|it| it.subjects.as_slice()).unwrap_or_default();
    [
        match matrix.kind {
            Kind::Activations => "activations".to_owned(),
            Kind::AlphaSweep => "alpha_sweep".to_owned(),
        },
        quoted(&matrix.recipe.data_set),
        matrix.recipe.simulated.to_string(),
        matrix.rule.name().to_owned(),
        matrix.is_optimistic().to_string(),
        cell.model.name().to_owned(),
        cell.activation.name().to_owned(),
        number(cell.activation.alpha()),
        cell.scores.len().to_string(),
        number(summary.map(|it| it.mean)),
        number(summary.and_then(|it| it.sd)),
        end(|interval| interval.low),
        end(|interval| interval.high),
        number(summary.and_then(|it| it.kappa)),
        number(summary.map(|it| it.seconds)),
        cell.standing.name().to_owned(),
        number(match cell.standing {
            Standing::Behind { p } => Some(p),
            _ => None,
        }),
        cell.pending.queued.to_string(),
        cell.pending.running.to_string(),
        cell.pending.paused.to_string(),
        cell.pending.failed.to_string(),
        joined(subjects.iter().map(|(name, accuracy)| format!("{name}={accuracy}")).collect()),
        joined(cell.scores.iter().map(|score| score.seed.to_string()).collect()),
        joined(cell.scores.iter().map(|score| score.id.clone()).collect()),
    ]
    .join(",")
}

/// A field, in quotes where it needs them.
fn quoted(text: &str) -> String {
    let text = crate::printable::printable(text);
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.into_owned() }
}
