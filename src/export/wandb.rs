//! A run as Weights & Biases keeps one that was logged without a network: a log of records, which `wandb sync` sends and its
//! own reader opens. Bytes only; knows nothing of where they are kept. The messages are those of `wandb_internal.proto`, as
//! far as they are needed; the log's frame is LevelDB's, with zlib's checksum.

use super::figures::{of_epoch, of_finished};
use super::{Tracked, fields};
use crate::event::{Event, Record};
use prost::Message;

/// What begins the file: a name, a magic number, a version.
const HEAD: &[u8] = b":W&B\xe1\xbe\x00";
/// The log's blocks. No record's head goes over the end of one.
const BLOCK: usize = 1 << 15;
/// Checksum, length, and which part of a record it is.
const FRAME: usize = 7;

/// Which part of a record a frame holds.
#[derive(Clone, Copy)]
enum Part {
    Full = 1,
    First = 2,
    Middle = 3,
    Last = 4,
}

#[derive(Clone, PartialEq, Message)]
struct Logged {
    #[prost(int64, tag = "1")]
    num: i64,
    #[prost(oneof = "What", tags = "2, 3, 17, 18, 21")]
    what: Option<What>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum What {
    #[prost(message, tag = "2")]
    History(History),
    #[prost(message, tag = "3")]
    Summary(Items),
    #[prost(message, tag = "17")]
    Run(Run),
    #[prost(message, tag = "18")]
    Exit(Exit),
    #[prost(message, tag = "21")]
    Header(Header),
}

#[derive(Clone, PartialEq, Message)]
struct Header {}

#[derive(Clone, PartialEq, Message)]
struct History {
    #[prost(message, repeated, tag = "1")]
    item: Vec<Item>,
    #[prost(message, optional, tag = "2")]
    step: Option<Step>,
}

#[derive(Clone, PartialEq, Message)]
struct Step {
    #[prost(int64, tag = "1")]
    num: i64,
}

#[derive(Clone, PartialEq, Message)]
struct Items {
    #[prost(message, repeated, tag = "1")]
    update: Vec<Item>,
}

#[derive(Clone, PartialEq, Message)]
struct Item {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(string, tag = "16")]
    value_json: String,
}

#[derive(Clone, PartialEq, Message)]
struct Run {
    #[prost(string, tag = "1")]
    run_id: String,
    #[prost(string, tag = "3")]
    project: String,
    #[prost(message, optional, tag = "4")]
    config: Option<Items>,
    #[prost(string, tag = "8")]
    display_name: String,
    #[prost(string, tag = "9")]
    notes: String,
    #[prost(string, repeated, tag = "10")]
    tags: Vec<String>,
    #[prost(string, tag = "13")]
    host: String,
    #[prost(message, optional, tag = "17")]
    start_time: Option<Timestamp>,
}

#[derive(Clone, PartialEq, Message)]
struct Timestamp {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

#[derive(Clone, PartialEq, Message)]
struct Exit {
    #[prost(int32, tag = "1")]
    exit_code: i32,
    #[prost(int32, tag = "2")]
    runtime: i32,
}

/// The folder and the name of a run's log, as `wandb sync` looks for them.
pub fn place(run: &Tracked<'_>) -> (String, String) {
    let id = &run.summary.id;
    (format!("offline-run-{}-{id}", run.start().strftime("%Y%m%d_%H%M%S")), format!("run-{id}.wandb"))
}

/// The log.
pub fn log(run: &Tracked<'_>) -> Vec<u8> {
    let mut records = vec![What::Header(Header {}), What::Run(opening(run))];
    for record in run.records {
        match &record.event {
            Event::Epoch(epoch) => records.push(history(run, record, epoch.epoch, of_epoch(epoch))),
            Event::Finished(finished) => {
                let results = of_finished(finished);
                records.push(What::Summary(items(
                    results.iter().map(|(key, value)| (key.clone(), real(*value))),
                )));
            }
            _ => {}
        }
    }
    let runtime = run.summary.seconds as i32;
    let exit = run.records.last().and_then(|last| match last.event {
        Event::Finished(_) => Some(0),
        Event::Failed(_) => Some(1),
        // As a shell has it of what was told to end.
        Event::Cancelled(_) => Some(130),
        _ => None,
    });
    records.extend(exit.map(|exit_code| What::Exit(Exit { exit_code, runtime })));
    let mut bytes = HEAD.to_vec();
    for (num, what) in (1..).zip(records) {
        write(&mut bytes, &Logged { num, what: Some(what) }.encode_to_vec());
    }
    bytes
}

fn opening(run: &Tracked<'_>) -> Run {
    let config = fields(&run.summary.spec).into_iter().map(|(key, value)| (key, value.to_string()));
    let start = run.start();
    Run {
        run_id: run.summary.id.clone(),
        project: "eeg-tui".into(),
        config: Some(items(config)),
        display_name: run.summary.id.clone(),
        notes: run.notes.to_owned(),
        tags: run.summary.tags.clone(),
        host: run.summary.started.as_ref().map(|started| started.host.clone()).unwrap_or_default(),
        start_time: Some(Timestamp { seconds: start.as_second(), nanos: start.subsec_nanosecond() }),
    }
}

fn history(run: &Tracked<'_>, record: &Record, step: u32, values: Vec<(String, f64)>) -> What {
    let seconds = record.t.as_millisecond() as f64 / 1e3;
    let since = seconds - run.start().as_millisecond() as f64 / 1e3;
    let own = [("_step", f64::from(step)), ("_runtime", since), ("_timestamp", seconds)];
    let own = own.map(|(key, value)| (key.to_owned(), value));
    let all = own.into_iter().chain(values).map(|(key, value)| (key, real(value)));
    What::History(History { item: items(all).update, step: Some(Step { num: step.into() }) })
}

fn items(values: impl Iterator<Item = (String, String)>) -> Items {
    Items { update: values.map(|(key, value_json)| Item { key, value_json }).collect() }
}

/// A number as Python's reader of JSON takes it: what is no number has a word there.
fn real(value: f64) -> String {
    match value {
        value if value.is_nan() => "NaN".into(),
        f64::INFINITY => "Infinity".into(),
        f64::NEG_INFINITY => "-Infinity".into(),
        value => value.to_string(),
    }
}

/// Adds a record to the log: whole where it fits into the block, else in parts.
fn write(log: &mut Vec<u8>, mut record: &[u8]) {
    let mut is_first = true;
    loop {
        let mut room = BLOCK - log.len() % BLOCK;
        if room < FRAME {
            log.resize(log.len() + room, 0);
            room = BLOCK;
        }
        let (now, rest) = record.split_at(record.len().min(room - FRAME));
        let part = match (is_first, rest.is_empty()) {
            (true, true) => Part::Full,
            (true, false) => Part::First,
            (false, false) => Part::Middle,
            (false, true) => Part::Last,
        };
        let mut sum = flate2::Crc::new();
        sum.update(&[part as u8]);
        sum.update(now);
        log.extend(sum.sum().to_le_bytes());
        log.extend((now.len() as u16).to_le_bytes());
        log.push(part as u8);
        log.extend(now);
        if rest.is_empty() {
            return;
        }
        (record, is_first) = (rest, false);
    }
}
