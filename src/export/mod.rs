//! Runs in the forms that other tools read: TensorBoard's event files, MLflow's and Weights & Biases' own, networks as ONNX
//! models, and long tables as CSV or Parquet for pandas, R and spreadsheets. From runs to bytes; knows nothing of folders or
//! terminals.

mod figures;
mod long;
pub mod mlflow;
pub mod onnx;
mod parquet;
pub mod tensorboard;
pub mod wandb;

pub use long::{Column, RunEpochs, RunTrials, Table, epochs, runs, trials};
pub use parquet::to_bytes as to_parquet;

use crate::event::{Event, Record};
use crate::notebook::RunSummary;
use crate::spec::Spec;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A run as tools that track experiments take it.
#[derive(Clone, Copy, Debug)]
pub struct Tracked<'a> {
    /// What it is and where it stands.
    pub summary: &'a RunSummary,
    /// What happened to it.
    pub records: &'a [Record],
    /// A person's words on it.
    pub notes: &'a str,
}

impl Tracked<'_> {
    /// When its training began; when it was enqueued, before that.
    fn start(&self) -> Timestamp {
        let first = self.records.iter().find(|record| matches!(record.event, Event::Started(_)));
        first.map_or(self.summary.created, |record| record.t)
    }
}

/// The fields of a spec by name, as in `spec.toml`. Of its data set the name and the fingerprint: the path says nothing
/// elsewhere. A network's text is left out: its name stands for it in a table.
fn fields(spec: &Spec) -> BTreeMap<String, serde_json::Value> {
    let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(spec) else { return BTreeMap::new() };
    let plain =
        fields.into_iter().filter(|(name, _)| !["data", "version", "network"].contains(&name.as_str()));
    let data = [("data_set", &spec.data.name), ("fingerprint", &spec.data.fingerprint)];
    let data = data.map(|(name, value)| (name.to_owned(), value.as_str().into()));
    plain.chain(data).collect()
}

#[cfg(test)]
mod tests;
