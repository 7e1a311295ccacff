//! `data` and `matrix` as the program runs them: what they print, and how they fail.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test helper may fail loudly

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use std::process::{Command, Output};

/// Runs the program in an empty folder of its own.
fn eeg_tui(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eeg-tui"))
        .args(args)
        .current_dir(folder)
        .env_remove("EEG_TUI_RUNS")
        .env_remove("EEG_TUI_DATA")
        .output()
        .unwrap()
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stdout)))
}

fn sentence(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// An npz file of four trials (8 samples, 1 electrode) with these labels.
fn recording(labels: [u8; 4]) -> Vec<u8> {
    let npy = |descr: &str, shape: &str, values: &[u8]| {
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}}}\n");
        let length = (header.len() as u16).to_le_bytes();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), values].concat()
    };
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let arrays =
        [("signal.npy", npy("|u1", "(4, 8, 1)", &[7; 32])), ("label.npy", npy("|u1", "(4,)", &labels))];
    for (name, bytes) in arrays {
        archive.start_file(name, stored).unwrap();
        archive.write_all(&bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn without_recordings_there_is_the_simulated_set() {
    let folder = tempfile::tempdir().unwrap();
    let output = eeg_tui(folder.path(), &["data", "list", "--json"]);
    assert!(output.status.success(), "{}", sentence(&output));
    let sets = json(&output);
    assert_eq!(sets.as_array().unwrap().len(), 1);
    assert_eq!((&sets[0]["name"], &sets[0]["simulated"]), (&"simulated".into(), &true.into()));
    let output = eeg_tui(folder.path(), &["data", "check"]);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("no real recordings"));
}

#[test]
fn a_check_says_what_is_wrong_and_fails() {
    let folder = tempfile::tempdir().unwrap();
    let set = folder.path().join("data/mine");
    fs::create_dir_all(&set).unwrap();
    fs::write(set.join("a_train.npz"), recording([1, 2, 1, 2])).unwrap();
    fs::write(set.join("a_test.npz"), recording([2, 1, 2, 1])).unwrap();
    let output = eeg_tui(folder.path(), &["data", "check", "mine", "--json"]);
    assert!(output.status.success(), "{}", sentence(&output));
    assert_eq!(json(&output)["set"]["train"]["per_class"], serde_json::json!([2, 2]));

    fs::write(set.join("a_test.npz"), &recording([2, 1, 2, 1])[..60]).unwrap();
    let output = eeg_tui(folder.path(), &["data", "check", "mine", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(sentence(&output).contains("a_test.npz is cut off or damaged"), "{}", sentence(&output));
    assert!(json(&output)["problems"][0].as_str().unwrap().contains("a_test.npz"));

    let output = eeg_tui(folder.path(), &["data", "check", "yours"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(sentence(&output).contains("there are mine and simulated"), "{}", sentence(&output));
}

#[test]
fn a_matrix_of_nothing_is_empty_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    for format in ["--json", "--csv", "--markdown", "--latex"] {
        let output = eeg_tui(folder.path(), &["matrix", format]);
        assert!(output.status.success(), "{format}: {}", sentence(&output));
    }
    assert_eq!(json(&eeg_tui(folder.path(), &["matrix", "--json"]))["experiments"], serde_json::json!([]));
    assert_eq!(eeg_tui(folder.path(), &["matrix", "--rule", "luckiest"]).status.code(), Some(2));
    assert_eq!(eeg_tui(folder.path(), &["matrix", "--csv", "--json"]).status.code(), Some(2));
}
