//! A table for programs: all that is known, fractions in full precision.

use crate::metric::METRICS;
use crate::stats::{Confusion, SeedsNeeded};
use crate::table::{Cell, Chosen, Matrix, OfSubject, Opinion, Part, Score, Standing, Verdict};
use serde_json::{Map, Value, json};

/// The table as a JSON value.
pub fn json(matrix: &Matrix) -> Value {
    json!({
        "table": matrix.kind,
        "rule": matrix.rule.name(),
        "metric": matrix.metric.name,
        "optimistic": matrix.is_optimistic(),
        "over": matrix.scheme.basis(),
        "simulated": matrix.recipe.simulated,
        "rows": matrix.rows,
        "columns": matrix.columns,
        "cells": matrix.cells.iter().map(cell).collect::<Vec<_>>(),
        "baselines": matrix.baselines.iter().map(cell).collect::<Vec<_>>(),
        "chance": matrix.chance,
        "chosen_by_validation": matrix.chosen.as_ref().map(chosen),
        "verdicts": matrix.verdicts(),
        "subject_verdicts": matrix.subject_verdicts(),
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
        "accuracy": metric(summary.map(|it| it.values.as_slice()), "accuracy"),
        "kappa": metric(summary.map(|it| it.values.as_slice()), "kappa"),
        "seconds": summary.map(|it| it.seconds),
        "metrics": summary.map(|it| by_metric(&it.values)),
        "ensemble": summary.filter(|it| !it.ensemble.is_empty()).map(|it| by_metric(&it.ensemble)),
        "validation": summary.and_then(|it| it.validation),
        "subjects": by_name(summary.map(|it| it.subjects.as_slice()).unwrap_or_default()),
        "by_subject": cell.subjects.iter().map(of_subject).collect::<Map<_, _>>(),
        "over_subjects": summary.and_then(|it| it.over_subjects).map(over_subjects),
        "classes": summary.map(|it| &it.classes),
        "confusion": summary.and_then(|it| it.confusion.as_ref()).map(Confusion::rows),
        "coverage": cell.coverage,
        "at_chance": cell.scores.iter().filter(|score| score.at_chance).map(|score| score.place.seed).collect::<Vec<_>>(),
        "pending": cell.pending,
        "runs": cell.scores.iter().map(run).collect::<Vec<_>>(),
    });
    // A baseline has a band where a network has a seed.
    if let Some(band) = cell.band_name() {
        value["band"] = json!(band);
        for run in value["runs"].as_array_mut().into_iter().flatten() {
            run["seed"] = Value::Null;
        }
    }
    extend(&mut value, verdict(&cell.verdict));
    value
}

/// A verdict's fields; a cell without a finished run has no standing.
fn verdict(verdict: &Verdict) -> Value {
    let (kind, seeds, trials) = match verdict.seeds_needed {
        None => (None, None, None),
        Some(SeedsNeeded::Seeds(seeds)) => (Some("seeds"), Some(seeds), None),
        Some(SeedsNeeded::Never { trials }) => (Some("never"), None, trials),
        Some(SeedsNeeded::Unknown) => (Some("unknown"), None, None),
    };
    json!({
        "standing": Some(verdict.standing).filter(|standing| *standing != Standing::Empty),
        "highest": verdict.leads,
        "p": verdict.p,
        "difference": verdict.difference,
        "seeds_needed": seeds,
        "seeds_needed_kind": kind,
        "trials_needed": trials,
    })
}

fn of_subject(of: &OfSubject) -> (String, Value) {
    let mut value = json!({"mean": of.mean, "interval": of.interval});
    extend(&mut value, verdict(&of.verdict));
    (of.name.clone(), value)
}

/// The interval's fields, then the verdict's.
fn over_subjects(opinion: Opinion) -> Value {
    let mut value = json!(opinion.interval);
    if value.is_null() {
        value = json!({});
    }
    extend(&mut value, verdict(&opinion.verdict));
    value
}

fn extend(value: &mut Value, with: Value) {
    if let (Value::Object(fields), Value::Object(more)) = (value, with) {
        fields.extend(more);
    }
}

fn chosen(chosen: &Chosen) -> Value {
    json!({
        "model": chosen.model.name(),
        "activation": chosen.activation.name(),
        "alpha": chosen.activation.alpha(),
        "validation": chosen.validation,
        "among": chosen.among,
        "alike": chosen.alike,
        "test": {
            "mean": chosen.test,
            "low": chosen.interval.map(|interval| interval.low),
            "high": chosen.interval.map(|interval| interval.high),
        },
    })
}

fn run(score: &Score) -> Value {
    json!({
        "id": score.id,
        "seed": score.place.seed,
        "subject": score.place.unit.subject,
        "fold": match score.place.unit.part { Some(Part::Fold(fold)) => Some(fold), _ => None },
        "group": match &score.place.unit.part { Some(Part::Group(name)) => Some(name), _ => None },
        "accuracy": score.accuracy,
        "trials": score.trials,
        "kappa": metric(Some(&score.values), "kappa"),
        "metrics": by_metric(&score.values),
        "validation": score.validation,
        "at_chance": score.at_chance,
        "subjects": by_name(&score.subjects),
        "seconds": score.seconds,
    })
}

fn metric(values: Option<&[Option<f64>]>, name: &str) -> Option<f64> {
    let place = METRICS.iter().position(|metric| metric.name == name)?;
    values?.get(place).copied().flatten()
}

fn by_metric(values: &[Option<f64>]) -> Value {
    let named = METRICS.iter().zip(values).map(|(metric, value)| (metric.name.to_owned(), json!(value)));
    Value::Object(named.collect())
}

fn by_name(accuracies: &[(String, f64)]) -> Value {
    Value::Object(accuracies.iter().map(|(name, it)| (name.clone(), json!(it))).collect::<Map<_, _>>())
}
