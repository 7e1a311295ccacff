//! A run as MLflow keeps it in a folder (its file store): a file each for what is known of the run, each parameter and each
//! metric. Names and texts only; knows nothing of where they are written. The forms are those that its `FileStore` reads.

use super::figures::{of_epoch, of_finished};
use super::{Tracked, fields};
use crate::event::{Event, Record};
use crate::notebook::RunState;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// `RunStatus` of MLflow.
fn status(state: RunState) -> u8 {
    match state {
        RunState::Running => 1,
        RunState::Queued | RunState::Interrupted | RunState::Paused => 2,
        RunState::Finished => 3,
        RunState::Failed => 4,
        RunState::Cancelled => 5,
    }
}

/// What a run and its experiment are in a store, by paths below the store's own folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// Files and what is in them.
    pub files: BTreeMap<PathBuf, String>,
    /// Folders that must be there, whether or not there is a file in them.
    pub folders: Vec<PathBuf>,
}

/// A run in the store whose own folder is `root` (absolute). An experiment holds the runs on one data set. The same run always
/// has the same files, so that a second export replaces the first.
pub fn store(run: &Tracked<'_>, root: &Path) -> Store {
    let data = &run.summary.spec.data;
    let title = format!("{} ({})", data.name, data.fingerprint.get(..8).unwrap_or(&data.fingerprint));
    // MLflow's own numbers have 18 digits.
    let experiment: String =
        digest(&title).bytes().map(|byte| char::from(b'0' + byte % 10)).take(18).collect();
    let id = digest(&run.summary.id);
    let (folder, own) = (root.join(&experiment), PathBuf::from(&experiment).join(&id));
    let mut files = BTreeMap::from([
        (
            PathBuf::from(&experiment).join("meta.yaml"),
            yaml(&[
                ("artifact_location", json!(uri(&folder))),
                ("experiment_id", json!(experiment)),
                ("lifecycle_stage", json!("active")),
                ("name", json!(title)),
            ]),
        ),
        (
            own.join("meta.yaml"),
            yaml(&[
                ("artifact_uri", json!(uri(&folder.join(&id).join("artifacts")))),
                ("end_time", json!(end(run.records))),
                ("entry_point_name", json!("")),
                ("experiment_id", json!(experiment)),
                ("lifecycle_stage", json!("active")),
                ("run_id", json!(id)),
                ("run_name", json!(run.summary.id)),
                ("run_uuid", json!(id)),
                ("source_name", json!("eeg-tui")),
                ("source_type", json!(4)),
                ("source_version", json!("")),
                ("start_time", json!(run.start().as_millisecond())),
                ("status", json!(status(run.summary.state))),
                ("tags", json!([])),
                ("user_id", json!("")),
            ]),
        ),
    ]);
    let spec = fields(&run.summary.spec).into_iter();
    let words =
        spec.map(|(name, value)| (name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
    files.extend(words.map(|(name, text)| (own.join("params").join(name), text)));
    files.extend(
        metrics(run.records).into_iter().map(|(name, lines)| (own.join("metrics").join(name), lines)),
    );
    files.extend(tags(run).into_iter().map(|(name, text)| (own.join("tags").join(name), text)));
    Store { files, folders: ["metrics", "params", "artifacts"].map(|name| own.join(name)).into() }
}

/// Each metric's lines: when (milliseconds), its value, at which epoch.
fn metrics(records: &[Record]) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for record in records {
        let (step, values) = match &record.event {
            Event::Epoch(epoch) => (epoch.epoch, of_epoch(epoch)),
            Event::Finished(finished) => (finished.epochs, of_finished(finished)),
            _ => continue,
        };
        for (name, value) in values {
            // Writing to a string can't fail.
            let _ = writeln!(files.entry(name).or_default(), "{} {value} {step}", record.t.as_millisecond());
        }
    }
    files
}

fn tags(run: &Tracked<'_>) -> BTreeMap<&'static str, String> {
    let mut tags = BTreeMap::from([
        ("mlflow.runName", run.summary.id.clone()),
        ("mlflow.source.name", "eeg-tui".to_owned()),
        ("mlflow.source.type", "LOCAL".to_owned()),
        ("state", run.summary.state.name().to_owned()),
        ("spec_hash", run.summary.spec.hash()),
        ("simulated_data", run.summary.spec.data.is_simulated().to_string()),
    ]);
    if let Some(started) = &run.summary.started {
        tags.extend([("host", started.host.clone()), ("device", started.device.clone())]);
        tags.extend(started.commit.clone().map(|commit| ("mlflow.source.git.commit", commit)));
    }
    if !run.notes.is_empty() {
        tags.insert("mlflow.note.content", run.notes.to_owned());
    }
    if !run.summary.tags.is_empty() {
        tags.insert("labels", run.summary.tags.join(", "));
    }
    tags
}

/// When the run came to its end, in milliseconds.
fn end(records: &[Record]) -> Option<i64> {
    let last = records.last()?;
    let over = matches!(last.event, Event::Finished(_) | Event::Failed(_) | Event::Cancelled(_));
    over.then(|| last.t.as_millisecond())
}

/// YAML's own form of plain values is JSON's.
fn yaml(fields: &[(&str, serde_json::Value)]) -> String {
    fields.iter().map(|(name, value)| format!("{name}: {value}\n")).collect()
}

/// 32 hexadecimal digits that stand for a text.
fn digest(text: &str) -> String {
    Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// A folder as a `file` URI.
fn uri(folder: &Path) -> String {
    let mut text = "file://".to_owned();
    for &byte in folder.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                text.push(byte.into())
            }
            _ => text += &format!("%{byte:02X}"),
        }
    }
    text
}
