//! A table for a spreadsheet: one line a cell, fractions in full precision.

use crate::metric::METRICS;
use crate::stats::SeedsNeeded;
use crate::table::{Cell, Gap, Interval, Kind, Matrix};

const HEADS: &str = "table,data_set,simulated,rule,optimistic,metric,model,activation,alpha,n,mean,sd,low,high,method,covers,\
                     standing,p,difference,difference_low,difference_high,seeds_needed,validation,chance,at_chance,\
                     queued,running,paused,failed,cancelled";

/// Several tables as lines under one line of heads (RFC 4180). After the table's own metric stands the mean of every one.
pub fn csv<'a>(matrices: impl IntoIterator<Item = &'a Matrix>) -> String {
    let metrics: Vec<&str> = METRICS.iter().map(|metric| metric.name).collect();
    let heads = format!("{HEADS},{},subjects,seeds,runs,band,unit,units,missing\n", metrics.join(","));
    let lines = matrices.into_iter().flat_map(|matrix| matrix.all().map(|cell| line(matrix, cell)));
    lines.fold(heads, |text, line| text + &line + "\n")
}

fn line(matrix: &Matrix, cell: &Cell) -> String {
    let number = |value: Option<f64>| value.map(|it| it.to_string()).unwrap_or_default();
    let summary = cell.summary.as_ref();
    let interval = summary.and_then(|it| it.interval);
    let end = |end: fn(Interval) -> f64| number(interval.map(end));
    let gap = |end: fn(Gap) -> f64| number(cell.verdict.difference.map(end));
    let word = |value: Option<serde_json::Value>| {
        value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let joined = |items: Vec<String>| quoted(&items.join(";"));
    let subjects = summary.map(|it| it.subjects.as_slice()).unwrap_or_default();
    let mut fields = vec![
        match matrix.kind {
            Kind::Activations => "activations".to_owned(),
            Kind::AlphaSweep => "alpha_sweep".to_owned(),
        },
        quoted(&matrix.recipe.data_set),
        matrix.recipe.simulated.to_string(),
        matrix.rule.name().to_owned(),
        matrix.flatters(cell).to_string(),
        matrix.metric.name.to_owned(),
        cell.model.name().to_owned(),
        cell.activation.name().to_owned(),
        number(cell.activation.alpha()),
        cell.scores.len().to_string(),
        number(summary.map(|it| it.mean)),
        number(summary.and_then(|it| it.sd)),
        end(|interval| interval.low),
        end(|interval| interval.high),
        word(interval.and_then(|it| serde_json::to_value(it.method).ok())),
        word(interval.and_then(|it| serde_json::to_value(it.covers).ok())),
        cell.verdict.standing.name().to_owned(),
        number(cell.verdict.p),
        gap(|gap| gap.mean),
        gap(|gap| gap.low),
        gap(|gap| gap.high),
        match cell.verdict.seeds_needed {
            Some(SeedsNeeded::Seeds(seeds)) => seeds.to_string(),
            Some(SeedsNeeded::Never { .. }) => "never".to_owned(),
            Some(SeedsNeeded::Unknown) | None => String::new(),
        },
        number(summary.and_then(|it| it.validation)),
        number(matrix.chance.map(|chance| chance.accuracy)),
        cell.scores.iter().filter(|score| score.at_chance).count().to_string(),
        cell.pending.queued.to_string(),
        cell.pending.running.to_string(),
        cell.pending.paused.to_string(),
        cell.pending.failed.to_string(),
        cell.pending.cancelled.to_string(),
    ];
    fields.extend(METRICS.iter().map(|metric| number(summary.and_then(|it| it.value(metric)))));
    fields.push(joined(subjects.iter().map(|(name, accuracy)| format!("{name}={accuracy}")).collect()));
    let seeds = cell.scores.iter().filter(|_| !cell.is_baseline()).map(|score| score.place.seed.to_string());
    fields.push(joined(seeds.collect()));
    fields.push(joined(cell.scores.iter().map(|score| score.id.clone()).collect()));
    fields.push(cell.band_name().unwrap_or_default());
    let coverage = cell.coverage.as_ref();
    fields.push(coverage.map(|it| it.unit.to_owned()).unwrap_or_default());
    fields.push(coverage.map(|it| it.units.to_string()).unwrap_or_default());
    fields.push(joined(coverage.map(|it| it.missing.clone()).unwrap_or_default()));
    fields.join(",")
}

/// A field, in quotes where it needs them.
fn quoted(text: &str) -> String {
    let text = crate::printable::printable(text);
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.into_owned() }
}
