//! The main job as a person does it: train on the simulated recordings, find the run on disk, score its weights again.

#![allow(clippy::unwrap_used)] // a test helper may fail loudly

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Runs the program in a folder of its own.
fn eeg_tui(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eeg-tui"))
        .args(["--device", "cpu", "--threads", "2"])
        .args(args)
        .current_dir(folder)
        .env_remove("EEG_TUI_RUNS")
        .env_remove("EEG_TUI_DATA")
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> &str {
    assert!(output.status.success(), "{}", sentence(output));
    std::str::from_utf8(&output.stdout).unwrap()
}

fn sentence(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(output: &Output) -> Value {
    serde_json::from_str(stdout(output)).unwrap()
}

const TRAIN: [&str; 8] = ["train", "--activation", "elu", "--alpha", "0.3", "--epochs", "2", "--json"];

/// Trains a small run; gives its folder and its last line.
fn train(folder: &Path, flags: &[&str]) -> (PathBuf, Value) {
    let output = eeg_tui(folder, &[&TRAIN, flags].concat());
    let last: Value = serde_json::from_str(stdout(&output).lines().last().unwrap()).unwrap();
    assert_eq!(last["event"], "finished");
    (folder.join("runs").join(last["id"].as_str().unwrap()), last)
}

#[test]
fn a_trained_run_is_kept_and_its_weights_score_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (run, finished) = train(folder.path(), &["--standardize", "zscore"]);
    for rule in ["validation", "last", "best_test"] {
        let weights = run.join(format!("weights-{rule}.safetensors"));
        let result =
            json(&eeg_tui(folder.path(), &["eval", "--weights", weights.to_str().unwrap(), "--json"]));
        assert_eq!(result["accuracy"], finished["test_acc"][rule], "{rule}");
        assert_eq!(result["trials"], 1080);
        let (logits, labels) = (result["logits"].as_array().unwrap(), result["labels"].as_array().unwrap());
        assert_eq!((logits.len(), labels.len()), (1080, 1080));
        let predictions = fs::read_to_string(run.join(format!("predictions-{rule}.csv"))).unwrap();
        assert_eq!(predictions.lines().count(), 1081);
        let right = predictions.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
        let right = right.filter(|fields| fields[2] == fields[3]).count();
        assert_eq!(right as f64 / 1080.0, finished["test_acc"][rule].as_f64().unwrap(), "{rule}");
    }
}

#[test]
fn one_spec_and_seed_give_the_same_metrics_and_weights() {
    let folder = tempfile::tempdir().unwrap();
    let runs = [train(folder.path(), &[]), train(folder.path(), &["--threads", "1"])];
    let epochs = runs.each_ref().map(|(run, _)| {
        let lines = fs::read_to_string(run.join("events.jsonl")).unwrap();
        let events = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let epochs = events.filter(|event| event["event"] == "epoch").map(|mut epoch| {
            // The time of day and the time it took are no part of a run's identity.
            epoch["t"] = Value::Null;
            epoch["seconds"] = Value::Null;
            epoch
        });
        epochs.collect::<Vec<_>>()
    });
    assert_eq!(epochs[0].len(), 2);
    assert_eq!(epochs[0], epochs[1]);
    assert_eq!(runs[0].1["test_acc"], runs[1].1["test_acc"]);
    let weights = runs.each_ref().map(|(run, _)| {
        let bytes = fs::read(run.join("weights-last.safetensors")).unwrap();
        eeg_tui::train::LoadedWeights::from_bytes(&bytes).unwrap().tensors
    });
    assert!(weights[0] == weights[1]);
}

#[test]
fn a_training_that_diverges_fails_with_advice() {
    let folder = tempfile::tempdir().unwrap();
    let output = eeg_tui(folder.path(), &[&TRAIN[..], &["--lr", "1e30"]].concat());
    assert_eq!(output.status.code(), Some(1));
    assert!(sentence(&output).contains("smaller --lr"), "{}", sentence(&output));
    let listed = json(&eeg_tui(folder.path(), &["list", "--json"]));
    assert_eq!(listed[0]["state"], "failed");
}

#[test]
fn weights_that_cannot_be_scored_are_refused_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("torn.safetensors"), b"\x10\0\0\0\0\0\0\0{").unwrap();
    for (weights, expected) in
        [("none.safetensors", "can't be read"), ("torn.safetensors", "save them again")]
    {
        let output = eeg_tui(folder.path(), &["eval", "--weights", weights]);
        assert_eq!(output.status.code(), Some(1));
        let sentence = sentence(&output);
        assert!(sentence.contains(weights) && sentence.contains(expected), "{sentence}");
    }
}

#[test]
fn parameters_are_the_labs() {
    let folder = tempfile::tempdir().unwrap();
    for (model, total) in [("eegnet", 17_874), ("deepconvnet", 150_977)] {
        let table = json(&eeg_tui(folder.path(), &["params", "--model", model, "--json"]));
        assert_eq!((&table["model"], &table["total"]), (&model.into(), &total.into()));
        assert!(stdout(&eeg_tui(folder.path(), &["params", "--model", model])).contains("BatchNorm"));
    }
    let output = eeg_tui(folder.path(), &["params", "--samples", "20"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(sentence(&output).contains("at least 32 samples"), "{}", sentence(&output));
}

#[test]
fn a_device_that_there_is_not_is_bad_usage() {
    let folder = tempfile::tempdir().unwrap();
    let output = eeg_tui(folder.path(), &["train", "--device", "gpu", "--epochs", "1"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(sentence(&output).contains("no device is called 'gpu'"), "{}", sentence(&output));
    if !cfg!(feature = "cuda") {
        let output = eeg_tui(folder.path(), &["train", "--device", "cuda", "--epochs", "1"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(sentence(&output).contains("--features cuda"), "{}", sentence(&output));
    }
}
