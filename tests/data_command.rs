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

/// Numbers below 50 that look like noise.
fn noise(seed: u32, count: usize) -> impl Iterator<Item = u8> {
    let mut state = seed;
    (0..count).map(move |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8 % 50
    })
}

/// An npz file of four trials (96 samples, 1 electrode) with these labels.
fn recording(labels: [u8; 4]) -> Vec<u8> {
    let signal: Vec<u8> = noise(labels[0].into(), 4 * 96).collect();
    let npy = |descr: &str, shape: &str, values: &[u8]| {
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}}}\n");
        let length = (header.len() as u16).to_le_bytes();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), values].concat()
    };
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let arrays =
        [("signal.npy", npy("|u1", "(4, 96, 1)", &signal)), ("label.npy", npy("|u1", "(4,)", &labels))];
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
fn a_run_is_trained_again_only_on_data_that_add_would_take() {
    let folder = tempfile::tempdir().unwrap();
    let set = folder.path().join("data/mine");
    fs::create_dir_all(&set).unwrap();
    // The test trials are copies of the training trials.
    fs::write(set.join("a_train.npz"), recording([1, 2, 1, 2])).unwrap();
    fs::write(set.join("a_test.npz"), recording([1, 2, 1, 2])).unwrap();
    let add = ["add", "--data-set", "mine", "--validation", "0", "--json"];
    assert_eq!(eeg_tui(folder.path(), &add).status.code(), Some(1));
    let added = eeg_tui(folder.path(), &[&add[..], &["--accept", "copied_trials"]].concat());
    let id = json(&added)["runs"][0]["id"].as_str().unwrap().to_owned();
    let run = |args: &[&str]| eeg_tui(folder.path(), args);
    let state = || json(&run(&["list", "--json"]))[0]["state"].clone();
    assert!(run(&["cancel", &id]).status.success());
    let refused = run(&["retry", &id]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(sentence(&refused).contains("or go on with --accept copied_trials"), "{}", sentence(&refused));
    assert_eq!(state(), "cancelled");
    assert!(run(&["retry", &id, "--accept", "copied_trials"]).status.success());
    assert_eq!(state(), "queued");
    // A worker elsewhere may have what isn't here.
    assert!(run(&["cancel", &id]).status.success());
    fs::remove_dir_all(&set).unwrap();
    let told = run(&["retry", &id]);
    assert!(
        told.status.success() && sentence(&told).contains("could not be looked over here"),
        "{}",
        sentence(&told)
    );
    assert_eq!(state(), "queued");
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

/// A continuous recording as text: 2000 samples of two electrodes at 100 Hz, with a trial every two seconds.
fn text_recording(folder: &Path) {
    let values: Vec<i32> = noise(1, 2 * 2000).map(|value| i32::from(value) - 25).collect();
    let lines = values.chunks(2).map(|pair| format!("{} {}\n", pair[0], pair[1]));
    fs::write(folder.join("B1_s.txt"), lines.collect::<String>()).unwrap();
    let triggers: String = (0..10).map(|trial| format!("{}\n", 200 * trial + 1)).collect();
    fs::write(folder.join("B1_HDR_TRIG.txt"), triggers).unwrap();
    fs::write(folder.join("B1_HDR_Classlabel.txt"), "1\n2\n1\n2\n1\n2\nNaN\nNaN\nNaN\nNaN\n").unwrap();
    fs::write(folder.join("true.txt"), "1\n2\n1\n2\n1\n2\n2\n1\n2\n1\n").unwrap();
}

#[test]
fn a_recording_is_looked_into_and_becomes_a_set_that_check_finds_sound() {
    let folder = tempfile::tempdir().unwrap();
    text_recording(folder.path());
    let peeked = json(&eeg_tui(folder.path(), &["data", "peek", "B1_s.txt", "--rate", "100", "--json"]));
    assert_eq!((&peeked["sfreq"], &peeked["samples"]), (&100.0.into(), &2000.into()));
    assert_eq!(peeked["channels"][0]["unit"], "µV");
    let first = noise(1, 1).next().map(|value| f64::from(value) - 25.0);
    assert_eq!(peeked["channels"][0]["first"][0].as_f64(), first);
    assert_eq!(peeked["events"].as_array().unwrap().len(), 10);
    let asked = ["B1_s.txt", "--rate", "100", "--window", "0..2", "--true-labels", "true.txt"];
    let import = |name: &str, more: &[&str]| {
        eeg_tui(folder.path(), &[&["data", "import", name], &asked[..], more].concat())
    };
    let dry = json(&import("set", &["--dry-run", "--json"]));
    assert_eq!(dry["files"][0]["events"][0], serde_json::json!({"name": "1", "count": 5}));
    assert!(!folder.path().join("data").exists());
    let made = json(&import("set", &["--json"]));
    assert_eq!(
        (&made["name"], &made["trials"]),
        (&"set".into(), &serde_json::json!({"train": 6, "test": 4}))
    );
    assert_eq!(made["classes"], serde_json::json!({"1": 5, "2": 5}));
    assert_eq!((&made["sfreq"], &made["lost"]), (&100.0.into(), &serde_json::json!([])));
    let checked = eeg_tui(folder.path(), &["data", "check", "set", "--json"]);
    assert!(checked.status.success(), "{}", sentence(&checked));
    // A second set of that name is refused; the same one under another name is the same.
    assert_eq!(import("set", &[]).status.code(), Some(1));
    let again =
        eeg_tui(folder.path(), &["data", "import", "again", "--from", "data/set/provenance.toml", "--json"]);
    assert_eq!(json(&again)["files"], made["files"], "{}", sentence(&again));
}

#[test]
fn an_import_that_cannot_be_says_why_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    text_recording(folder.path());
    fs::write(folder.path().join("x.fif"), b"\0\0\0\x64\0\0\0\x1f").unwrap();
    let cases: [(&[&str], i32, &str); 5] = [
        (&["a", "B1_s.txt", "--window", "0..2"], 1, "--rate"),
        (&["a", "B1_s.txt", "--rate", "100"], 2, "--window"),
        (&["a", "B1_s.txt", "--rate", "100", "--window", "2..1"], 2, "not understood"),
        (&["a", "x.fif", "--window", "0..2"], 1, "mne.io.read_raw_fif"),
        (&["a", "nowhere.edf", "--window", "0..2"], 1, "can't be read"),
    ];
    for (args, code, word) in cases {
        let output = eeg_tui(folder.path(), &[&["data", "import"], args].concat());
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", sentence(&output));
        assert!(sentence(&output).contains(word), "{args:?}: {}", sentence(&output));
        assert!(!folder.path().join("data").exists());
    }
}

#[test]
fn help_on_data_prints_the_page_on_recordings() {
    let folder = tempfile::tempdir().unwrap();
    let output = eeg_tui(folder.path(), &["help", "data"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && text.contains("From MNE and MOABB"), "{text}");
}
