//! The notebook in long form, for pandas, R and spreadsheets: one row a run, an epoch or a trial, each with the run's id.
//! Tables in memory; knows nothing of where they are written or read from.

use super::fields;
use super::figures::{FIGURES, Figure};
use crate::event::Epoch;
use crate::notebook::RunSummary;
use crate::predictions::Predictions;
use crate::spec::Rule;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A table by columns, all of one length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Names and values.
    pub columns: Vec<(String, Column)>,
}

/// A column; a row without a value has `None`.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Words.
    Text(Vec<Option<String>>),
    /// Counts and places.
    Whole(Vec<Option<i64>>),
    /// Measures.
    Real(Vec<Option<f64>>),
}

/// A run with its epochs.
pub type RunEpochs<'a> = (&'a RunSummary, &'a [Epoch]);
/// A run with what it said of the test trials at the epoch that a rule picks.
pub type RunTrials<'a> = (&'a RunSummary, Rule, &'a Predictions);

/// One row a run: every field of its spec, and what became of it.
pub fn runs(runs: &[RunSummary]) -> Table {
    let mut table = Table::default();
    table.text("run", runs.iter().map(|run| Some(run.id.clone())));
    table.text("state", runs.iter().map(|run| Some(run.state.name().to_owned())));
    let specs: Vec<_> = runs.iter().map(|run| fields(&run.spec)).collect();
    let names: BTreeSet<&String> = specs.iter().flat_map(|fields| fields.keys()).collect();
    for name in names {
        let values = || specs.iter().map(|fields| fields.get(name));
        match values().flatten().all(serde_json::Value::is_number) {
            true => table.real(name, values().map(|value| value?.as_f64())),
            false => table.text(name, values().map(|value| Some(word(value?)))),
        }
    }
    table.text("spec_hash", runs.iter().map(|run| Some(run.spec.hash())));
    for rule in Rule::ALL {
        let name = format!("test_accuracy_{}", rule.name());
        table.real(&name, runs.iter().map(|run| run.accuracy(rule)));
    }
    table.whole("epochs_done", runs.iter().map(|run| Some(i64::from(run.epoch))));
    table.real("training_seconds", runs.iter().map(|run| Some(run.seconds)));
    table.text("created", runs.iter().map(|run| Some(run.created.to_string())));
    let started =
        |of: fn(&crate::event::Started) -> String| runs.iter().map(move |run| run.started.as_deref().map(of));
    table.text("host", started(|started| started.host.clone()));
    table.text("device", started(|started| started.device.clone()));
    table.text("program", started(|started| started.program.clone()));
    table
}

/// One row an epoch.
pub fn epochs(runs: &[RunEpochs<'_>]) -> Table {
    let rows = || runs.iter().flat_map(|(run, epochs)| epochs.iter().map(move |epoch| (run, epoch)));
    let mut table = Table::default();
    table.text("run", rows().map(|(run, _)| Some(run.id.clone())));
    table.whole("epoch", rows().map(|(_, epoch)| Some(i64::from(epoch.epoch))));
    for Figure { column, of, .. } in FIGURES {
        table.real(column, rows().map(|(_, epoch)| of(epoch)));
    }
    table
}

/// One row a test trial of each run and rule. Every class of any of them has a column of probabilities.
pub fn trials(runs: &[RunTrials<'_>]) -> Table {
    let rows = || {
        runs.iter()
            .flat_map(|(run, rule, said)| (0i64..).zip(&said.rows).map(move |row| (run, *rule, *said, row)))
    };
    let class = |said: &Predictions, class: u32| said.classes.get(class as usize).cloned();
    let mut table = Table::default();
    table.text("run", rows().map(|(run, ..)| Some(run.id.clone())));
    table.text("rule", rows().map(|(_, rule, ..)| Some(rule.name().to_owned())));
    table.whole("trial", rows().map(|(.., (trial, _))| Some(trial)));
    table.text("subject", rows().map(|(.., (_, row))| Some(row.subject.clone())));
    table.text("label", rows().map(|(_, _, said, (_, row))| class(said, row.label)));
    table.text("predicted", rows().map(|(_, _, said, (_, row))| class(said, row.predicted)));
    table.whole("correct", rows().map(|(.., (_, row))| Some(i64::from(row.label == row.predicted))));
    let mut classes: Vec<&String> = runs.iter().flat_map(|(_, _, said)| &said.classes).collect();
    classes.sort_unstable();
    classes.dedup();
    for class in classes {
        let probability = |said: &Predictions, row: &crate::predictions::Prediction| {
            let place = said.classes.iter().position(|name| name == class)?;
            row.probabilities.get(place).copied()
        };
        table.real(&format!("p_{class}"), rows().map(|(_, _, said, (_, row))| probability(said, row)));
    }
    table
}

impl Table {
    fn text(&mut self, name: &str, values: impl Iterator<Item = Option<String>>) {
        self.columns.push((name.to_owned(), Column::Text(values.collect())));
    }

    fn whole(&mut self, name: &str, values: impl Iterator<Item = Option<i64>>) {
        self.columns.push((name.to_owned(), Column::Whole(values.collect())));
    }

    fn real(&mut self, name: &str, values: impl Iterator<Item = Option<f64>>) {
        self.columns.push((name.to_owned(), Column::Real(values.collect())));
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| match column {
            Column::Text(values) => values.len(),
            Column::Whole(values) => values.len(),
            Column::Real(values) => values.len(),
        })
    }

    /// The table as RFC 4180 has it; what has no value is an empty field.
    pub fn to_csv(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|(name, _)| quoted(name)).collect();
        let mut text = names.join(",");
        text.push('\n');
        for row in 0..self.rows() {
            for (place, (_, column)) in self.columns.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                column.write_field(row, &mut text);
            }
            text.push('\n');
        }
        text
    }
}

impl Column {
    fn write_field(&self, row: usize, text: &mut String) {
        // Writing to a string can't fail.
        match self {
            Column::Text(values) => text.extend(values[row].as_deref().map(quoted)),
            Column::Whole(values) => {
                let _ = values[row].map_or(Ok(()), |value| write!(text, "{value}"));
            }
            Column::Real(values) => {
                let _ = values[row].map_or(Ok(()), |value| write!(text, "{value}"));
            }
        }
    }
}

/// A value without the quotes that JSON has around words.
fn word(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn quoted(field: &str) -> String {
    match field.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field.to_owned(),
    }
}
