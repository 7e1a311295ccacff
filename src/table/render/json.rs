//! A table for programs: all that is known, fractions in full precision.

use crate::table::{Cell, Matrix, Score};
use serde_json::{Map, Value, json};

/// The table as a JSON value.
pub fn json(matrix: &Matrix) -> Value {
    json!({
        "table": matrix.kind,
        "rule": matrix.rule.name(),
        "optimistic": matrix.is_optimistic(),
        "simulated": matrix.recipe.simulated,
        "rows": matrix.rows,
        "columns": matrix.columns,
        "cells": matrix.cells.iter().map(cell).collect::<Vec<_>>(),
        "notes": matrix.notes(),
    })
}

fn cell(cell: &Cell) -> Value {
    let summary = cell.summary.as_ref();
    let mut value = json!({
        "model": cell.model.name(),
        "activation": cell.activation.name(),
        "alpha": cell.activation.alpha(),
        "n": cell.scores.len(),
        "mean": summary.map(|it| it.mean),
        "sd": summary.and_then(|it| it.sd),
        "interval": summary.and_then(|it| it.interval),
        "kappa": summary.and_then(|it| it.kappa),
        "seconds": summary.map(|it| it.seconds),
        "subjects": by_name(summary.map(|it| it.subjects.as_slice()).unwrap_or_default()),
        "pending": cell.pending,
        "runs": cell.scores.iter().map(run).collect::<Vec<_>>(),
    });
    if let (Value::Object(fields), Ok(Value::Object(standing))) =
        (&mut value, serde_json::to_value(cell.standing))
    {
        fields.extend(standing);
    }
    value
}

fn run(score: &Score) -> Value {
    json!({
        "id": score.id,
        "seed": score.seed,
        "accuracy": score.accuracy,
        "trials": score.trials,
        "kappa": score.kappa,
        "subjects": by_name(&score.subjects),
        "seconds": score.seconds,
    })
}

fn by_name(accuracies: &[(String, f64)]) -> Value {
    Value::Object(accuracies.iter().map(|(name, it)| (name.clone(), json!(it))).collect::<Map<_, _>>())
}
