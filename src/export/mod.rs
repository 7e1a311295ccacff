//! Runs in the forms that other tools read: TensorBoard's event files, networks as ONNX models, and long tables as CSV or
//! Parquet for pandas, R and spreadsheets. From runs to bytes; knows nothing of folders or terminals.

mod long;
pub mod onnx;
mod parquet;
pub mod tensorboard;

pub use long::{Column, RunEpochs, RunTrials, Table, epochs, runs, trials};
pub use parquet::to_bytes as to_parquet;

use crate::spec::Spec;
use std::collections::BTreeMap;

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
