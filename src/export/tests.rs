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
