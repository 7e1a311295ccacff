//! A run as TensorBoard reads it: an event file of scalars, and the hyperparameters in the form of its HParams plugin.
//! Bytes only; knows nothing of where they are kept. The messages are those of TensorFlow's `event.proto` and
//! `summary.proto` and of the plugin's `plugin_data.proto`, as far as they are needed.

use super::fields;
use super::figures::{of_epoch, of_finished};
use crate::event::{Event, Record};
use crate::spec::Spec;
use prost::Message;
use std::collections::BTreeMap;

/// What begins the file's name, so that TensorBoard takes it for one of its own.
pub const PREFIX: &str = "events.out.tfevents";

#[derive(Clone, PartialEq, Message)]
struct LoggedEvent {
    #[prost(double, tag = "1")]
    wall_time: f64,
    #[prost(int64, tag = "2")]
    step: i64,
    #[prost(string, optional, tag = "3")]
    file_version: Option<String>,
    #[prost(message, optional, tag = "5")]
    summary: Option<Summary>,
}

#[derive(Clone, PartialEq, Message)]
struct Summary {
    #[prost(message, repeated, tag = "1")]
    value: Vec<SummaryValue>,
}

#[derive(Clone, PartialEq, Message)]
struct SummaryValue {
    #[prost(string, tag = "1")]
    tag: String,
    #[prost(float, optional, tag = "2")]
    simple_value: Option<f32>,
    #[prost(message, optional, tag = "9")]
    metadata: Option<Metadata>,
}

#[derive(Clone, PartialEq, Message)]
struct Metadata {
    #[prost(message, optional, tag = "1")]
    plugin_data: Option<PluginData>,
}

#[derive(Clone, PartialEq, Message)]
struct PluginData {
    #[prost(string, tag = "1")]
    plugin_name: String,
    #[prost(bytes = "vec", tag = "2")]
    content: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct HParams {
    #[prost(int32, tag = "1")]
    version: i32,
    #[prost(message, optional, tag = "3")]
    start: Option<SessionStart>,
    #[prost(message, optional, tag = "4")]
    end: Option<SessionEnd>,
}

#[derive(Clone, PartialEq, Message)]
struct SessionStart {
    #[prost(btree_map = "string, message", tag = "1")]
    hparams: BTreeMap<String, ProtoValue>,
    #[prost(string, tag = "4")]
    group_name: String,
    #[prost(double, tag = "5")]
    start_time_secs: f64,
}

#[derive(Clone, PartialEq, Message)]
struct SessionEnd {
    /// 1 success, 2 failure.
    #[prost(int32, tag = "1")]
    status: i32,
    #[prost(double, tag = "2")]
    end_time_secs: f64,
}

/// `google.protobuf.Value`: a number or a word.
#[derive(Clone, PartialEq, Message)]
struct ProtoValue {
    #[prost(double, optional, tag = "2")]
    number: Option<f64>,
    #[prost(string, optional, tag = "3")]
    text: Option<String>,
}

/// What opens a run's file.
pub fn opening(id: &str, spec: &Spec, at: f64) -> Vec<u8> {
    let version =
        LoggedEvent { wall_time: at, file_version: Some("brain.Event:2".into()), ..Default::default() };
    let start = SessionStart { hparams: hyperparameters(spec), group_name: id.into(), start_time_secs: at };
    let start = hparams("session_start_info", HParams { start: Some(start), ..Default::default() });
    [framed(&version), framed(&logged(at, 0, vec![start]))].concat()
}

/// What a record of the run adds; nothing for most.
pub fn of_record(record: &Record) -> Vec<u8> {
    let at = record.t.as_millisecond() as f64 / 1e3;
    match &record.event {
        Event::Epoch(epoch) => framed(&logged(at, i64::from(epoch.epoch), scalars(&of_epoch(epoch)))),
        Event::Finished(finished) => {
            let step = i64::from(finished.epochs);
            let mut values = scalars(&of_finished(finished));
            values.push(ended(1, at));
            framed(&logged(at, step, values))
        }
        Event::Failed(failed) => framed(&logged(at, i64::from(failed.epoch), vec![ended(2, at)])),
        _ => Vec::new(),
    }
}

fn hyperparameters(spec: &Spec) -> BTreeMap<String, ProtoValue> {
    let of_field = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => ProtoValue { number: None, text: Some(text) },
        value => ProtoValue { number: value.as_f64(), text: None },
    };
    fields(spec).into_iter().map(|(name, value)| (name, of_field(value))).collect()
}

fn ended(status: i32, at: f64) -> SummaryValue {
    hparams(
        "session_end_info",
        HParams { end: Some(SessionEnd { status, end_time_secs: at }), ..Default::default() },
    )
}

fn hparams(what: &str, content: HParams) -> SummaryValue {
    let plugin = PluginData { plugin_name: "hparams".into(), content: content.encode_to_vec() };
    SummaryValue {
        tag: format!("_hparams_/{what}"),
        simple_value: None,
        metadata: Some(Metadata { plugin_data: Some(plugin) }),
    }
}

fn scalars(values: &[(String, f64)]) -> Vec<SummaryValue> {
    let scalar = |(tag, value): &(String, f64)| SummaryValue {
        tag: tag.clone(),
        simple_value: Some(*value as f32),
        metadata: None,
    };
    values.iter().map(scalar).collect()
}

fn logged(at: f64, step: i64, value: Vec<SummaryValue>) -> LoggedEvent {
    LoggedEvent { wall_time: at, step, file_version: None, summary: Some(Summary { value }) }
}

/// A record of a TFRecord file: length, its checksum, the message, its checksum.
fn framed(event: &LoggedEvent) -> Vec<u8> {
    let message = event.encode_to_vec();
    let length = (message.len() as u64).to_le_bytes();
    let mut bytes = length.to_vec();
    bytes.extend(masked(&length).to_le_bytes());
    bytes.extend(&message);
    bytes.extend(masked(&message).to_le_bytes());
    bytes
}

/// CRC-32C, turned and shifted as TFRecord wants it, so that checksums of checksums differ.
fn masked(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}
