use super::*;
use crate::event::{Epoch, Event, Finished, Record};
use crate::model::{Activation, Model};
use crate::notebook::RunSummary;
use crate::predictions::{Prediction, Predictions};
use crate::spec::{DataSource, Rule, Spec};
use std::collections::BTreeMap;

fn spec() -> Spec {
    let data =
        DataSource { name: "IIIb, \"both\"".into(), path: Some("/there".into()), fingerprint: "ab".into() };
    Spec::recipe(Model::eegnet(), Activation::Elu { alpha: 0.3 }, data)
}

fn run(id: &str, spec: Spec) -> RunSummary {
    let test_acc = BTreeMap::from([(Rule::Last, Some(0.75)), (Rule::Validation, None)]);
    RunSummary { epoch: 2, test_acc, ..RunSummary::finished(id, spec) }
}

fn epoch(number: u32) -> Epoch {
    Epoch {
        epoch: number,
        train_loss: 0.5,
        train_acc: 0.625,
        val_loss: None,
        val_acc: None,
        test_loss: 0.25,
        test_acc: 0.75,
        seconds: 0.5,
    }
}

fn predictions(classes: [&str; 2]) -> Predictions {
    let row =
        Prediction { trial: 0, subject: "S".into(), label: 0, predicted: 1, probabilities: vec![0.25, 0.75] };
    Predictions { classes: classes.map(str::to_owned).into(), rows: vec![row] }
}

#[test]
fn a_row_a_run_has_its_spec_and_its_results() {
    let relu = Spec { activation: Activation::Relu, ..spec() };
    let csv = runs(&[run("a", spec()), run("b", relu)]).to_csv();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 3);
    let column = |name: &str| lines[0].split(',').position(|column| column == name).unwrap();
    assert!(lines[0].starts_with("run,state,activation,alpha,batch,data_set,"), "{csv}");
    assert!(lines[1].contains("\"IIIb, \"\"both\"\"\""), "{csv}");
    assert_eq!(lines[2].split(',').nth(column("alpha")), Some(""));
    assert!(lines[1].contains(",,0.75,,"), "validation and best_test have no accuracy: {csv}");
    assert!(!csv.contains("/there"));
}

#[test]
fn a_row_an_epoch_and_a_row_a_trial_name_their_run() {
    let a = run("a", spec());
    let epochs = epochs(&[(&a, &[epoch(1), epoch(2)])]).to_csv();
    assert_eq!(epochs.lines().nth(2), Some("a,2,0.5,0.625,,,0.25,0.75,0.5"));
    let (ours, theirs) = (predictions(["1", "2"]), predictions(["1", "3"]));
    let trials = trials(&[(&a, Rule::Last, &ours), (&a, Rule::Validation, &theirs)]).to_csv();
    let expected = "run,rule,trial,subject,label,predicted,correct,p_1,p_2,p_3\n\
                    a,last,0,S,1,2,0,0.25,0.75,\na,validation,0,S,1,3,0,0.25,,0.75\n";
    assert_eq!(trials, expected);
}

#[test]
fn a_parquet_file_begins_and_ends_as_one() {
    let bytes = to_parquet(&runs(&[run("a", spec())])).unwrap();
    assert_eq!((&bytes[..4], &bytes[bytes.len() - 4..]), (&b"PAR1"[..], &b"PAR1"[..]));
}

/// Takes the records of an event file apart, and holds their checksums to a table-free CRC-32C.
fn messages(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let crc = |bytes: &[u8]| {
        let crc = bytes.iter().fold(!0u32, |crc, byte| {
            (0..8)
                .fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg()))
        });
        (!crc).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
    };
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        assert_eq!(bytes[8..12], crc(&bytes[..8]));
        assert_eq!(bytes[12 + length..16 + length], crc(&bytes[12..12 + length]));
        found.push(bytes[12..12 + length].to_vec());
        bytes = &bytes[16 + length..];
    }
    found
}

#[test]
fn an_event_file_has_whole_records_of_what_happened() {
    let record = |event| Record { v: 1, t: jiff::Timestamp::UNIX_EPOCH, event };
    let finished = Finished {
        id: "a".into(),
        test_acc: BTreeMap::from([(Rule::Last, Some(0.75))]),
        picked: BTreeMap::new(),
        train_loss: 0.5,
        train_acc: 0.625,
        epochs: 1,
        seconds: 0.5,
        remark: None,
    };
    let mut file = tensorboard::opening("a", &spec(), 7.0);
    file.extend(tensorboard::of_record(&record(Event::Epoch(epoch(1)))));
    file.extend(tensorboard::of_record(&record(Event::Finished(finished))));
    let messages = messages(&file);
    let holds =
        |message: &[u8], text: &str| message.windows(text.len()).any(|window| window == text.as_bytes());
    assert_eq!(messages.len(), 4);
    assert!(holds(&messages[0], "brain.Event:2"));
    assert!(holds(&messages[1], "session_start_info") && holds(&messages[1], "eegnet"));
    assert!(holds(&messages[2], "loss/train") && !holds(&messages[2], "validation"));
    assert!(holds(&messages[3], "test_accuracy/last") && holds(&messages[3], "session_end_info"));
}

/// A run that was trained for two epochs, the second of which diverged.
fn tracked(records: &mut Vec<Record>) -> RunSummary {
    let record = |second, event| Record { v: 1, t: jiff::Timestamp::from_second(second).unwrap(), event };
    let finished = Finished {
        id: "a".into(),
        test_acc: BTreeMap::from([(Rule::Last, Some(0.75)), (Rule::Validation, None)]),
        picked: BTreeMap::new(),
        train_loss: 0.5,
        train_acc: 0.625,
        epochs: 2,
        seconds: 0.5,
        remark: None,
    };
    let diverged = Epoch { test_loss: f64::INFINITY, ..epoch(2) };
    records.extend([
        record(100, Event::Epoch(epoch(1))),
        record(101, Event::Epoch(diverged)),
        record(102, Event::Finished(finished)),
    ]);
    RunSummary { tags: vec!["pilot".into()], ..run("20260101-000000-eegnet-elu0.3-s0-7f3a", spec()) }
}

#[test]
fn a_folder_of_mlflow_has_a_file_for_each_parameter_and_metric() {
    let mut records = Vec::new();
    let summary = tracked(&mut records);
    let run = Tracked { summary: &summary, records: &records, notes: "good" };
    let store = mlflow::store(&run, std::path::Path::new("/a b/store"));
    let files = &store.files;
    // Its reader takes a folder for a run's where there are these three.
    for folder in ["metrics", "params", "artifacts"] {
        let is_made = |path: &std::path::PathBuf| path.ancestors().any(|part| part.ends_with(folder));
        assert!(store.folders.iter().chain(files.keys()).any(is_made), "{folder}");
    }
    let named = |end: &str| {
        let found: Vec<&String> =
            files.iter().filter(|(path, _)| path.ends_with(end)).map(|(_, text)| text).collect();
        assert_eq!(found.len(), 1, "{end}: {:?}", files.keys());
        found[0].as_str()
    };
    assert_eq!(named("metrics/loss/train"), "100000 0.5 1\n101000 0.5 2\n");
    assert_eq!(named("metrics/loss/test"), "100000 0.25 1\n101000 inf 2\n");
    assert_eq!(named("metrics/test_accuracy/last"), "102000 0.75 2\n");
    assert_eq!(named("params/alpha"), "0.3");
    assert_eq!(named("params/data_set"), "IIIb, \"both\"");
    assert_eq!((named("tags/labels"), named("tags/mlflow.note.content")), ("pilot", "good"));
    assert_eq!(named("tags/mlflow.runName"), summary.id);
    let (meta, text) = files.iter().find(|(_, text)| text.contains("run_uuid")).unwrap();
    let [experiment, id, _] = meta.iter().collect::<Vec<_>>()[..] else { panic!("{}", meta.display()) };
    let (experiment, id) = (experiment.to_str().unwrap(), id.to_str().unwrap());
    // What MLflow demands of its names.
    assert!(experiment.len() == 18 && experiment.bytes().all(|byte| byte.is_ascii_digit()));
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    for line in [
        format!("artifact_uri: \"file:///a%20b/store/{experiment}/{id}/artifacts\""),
        "status: 3".into(),
        "end_time: 102000".into(),
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
    }
    assert_eq!(
        store,
        mlflow::store(&run, std::path::Path::new("/a b/store")),
        "the same run, the same files"
    );
}

/// Takes the records of a log of Weights & Biases apart, and holds their checksums to a table-free CRC-32.
fn logged(log: &[u8]) -> Vec<Vec<u8>> {
    let crc = |bytes: &[u8]| {
        !bytes.iter().fold(!0u32, |crc, byte| {
            (0..8)
                .fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
        })
    };
    let (mut at, mut found, mut open) = (7, Vec::new(), None::<Vec<u8>>);
    while at < log.len() {
        let room = 32768 - at % 32768;
        if room < 7 {
            assert!(log[at..at + room].iter().all(|byte| *byte == 0));
            at += room;
            continue;
        }
        let length = usize::from(u16::from_le_bytes(log[at + 4..at + 6].try_into().unwrap()));
        let (part, data) = (log[at + 6], &log[at + 7..at + 7 + length]);
        assert!(7 + length <= room, "a frame goes over the end of its block");
        assert_eq!(log[at..at + 4], crc(&[&[part], data].concat()).to_le_bytes());
        assert_eq!(open.is_none(), [1, 2].contains(&part), "parts come in order");
        open.get_or_insert_default().extend(data);
        if [1, 4].contains(&part) {
            found.extend(open.take());
        }
        at += 7 + length;
    }
    assert_eq!(open, None);
    found
}

#[test]
fn a_log_of_weights_and_biases_has_whole_records_of_what_happened() {
    let mut records = Vec::new();
    let summary = tracked(&mut records);
    // Longer than two blocks of the log.
    let notes = "long ".repeat(14_000);
    let run = Tracked { summary: &summary, records: &records, notes: &notes };
    assert_eq!(wandb::place(&run).0, "offline-run-19700101_000000-20260101-000000-eegnet-elu0.3-s0-7f3a");
    let log = wandb::log(&run);
    assert_eq!(&log[..7], b":W&B\xe1\xbe\x00");
    let found = logged(&log);
    let holds = |at: usize, text: &str| found[at].windows(text.len()).any(|window| window == text.as_bytes());
    // Head, run, two epochs, summary, exit.
    assert_eq!(found.len(), 6);
    assert!(holds(1, &notes) && holds(1, "pilot") && holds(1, "\"eegnet\""));
    assert!(holds(2, "loss/train") && holds(2, "_step") && !holds(2, "validation"));
    assert!(holds(3, "Infinity"), "as Python's reader takes it");
    assert!(holds(4, "test_accuracy/last") && holds(4, "0.75"));
}

#[test]
fn a_log_of_any_length_of_record_keeps_to_its_blocks() {
    let mut records = Vec::new();
    let summary = tracked(&mut records);
    // Some of these end a block with no room for another head.
    for length in 32_000..32_768 {
        let notes = "n".repeat(length);
        assert_eq!(
            logged(&wandb::log(&Tracked { summary: &summary, records: &records, notes: &notes })).len(),
            6
        );
    }
}
