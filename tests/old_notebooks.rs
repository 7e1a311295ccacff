//! Notebooks of other versions of the program: those of before open, go on and are compared; what a later one made is
//! listed, named as such, and left alone.

#![allow(clippy::unwrap_used)] // a test helper may fail loudly

mod support;

use serde_json::Value;
use std::path::{Path, PathBuf};
use support::{Lab, sentence};

const FINISHED: &str = "20261125-215705-eegnet-leaky_relu-s1-81f9";
const INTERRUPTED: &str = "20261125-215707-deepconvnet-elu0.3-s2-0eff";
const QUEUED: &str = "20261125-215721-eegnet-elu1-s3-d851";

/// How far accuracies may be from those of 0.1.0 since the kernels compute in another order, as fractions.
const TOLERANCE: f64 = 0.005;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::write(to, std::fs::read(entry.path()).unwrap()).unwrap();
        }
    }
}

/// A copy of the notebook that program 0.1.0 made on simulated data.
fn old_notebook() -> Lab {
    let lab = Lab::new();
    copy(&fixture("notebook-0.1.0"), &lab.runs());
    lab
}

fn by_id(runs: &Value, id: &str) -> Value {
    runs.as_array().unwrap().iter().find(|run| run["id"] == id).unwrap().clone()
}

#[test]
fn a_notebook_of_0_1_0_opens_with_its_runs_in_their_states() {
    let lab = old_notebook();
    let runs = lab.json(&["list", "--json"]);
    let state = |id| by_id(&runs, id)["state"].as_str().unwrap().to_owned();
    assert_eq!([state(FINISHED), state(INTERRUPTED), state(QUEUED)], ["finished", "interrupted", "queued"]);
    assert_eq!(by_id(&runs, INTERRUPTED)["epoch"], 12);
    for id in [FINISHED, INTERRUPTED] {
        let run = lab.json(&["show", id, "--json"]);
        assert_eq!(run["spec_hash"], run["started"]["spec_hash"], "the hash is the one that 0.1.0 computed");
    }
    let matrix = lab.json(&["matrix", "--json"]);
    assert!(matrix.to_string().contains("0.8398148148148148"), "{matrix}");
}

// Fifty-two epochs of the lab's size: moments where the kernels are optimised, a quarter of an hour where they are not.
#[test]
#[cfg_attr(debug_assertions, ignore = "long without optimisation: cargo test --release --test old_notebooks")]
fn a_notebook_of_0_1_0_goes_on_from_its_checkpoint_to_the_same_figures() {
    let lab = old_notebook();
    let said = lab.ok(&["work", "--once"]);
    assert!(said.contains(&format!("{INTERRUPTED}: goes on at epoch 13")), "{said}");
    let expected: Value =
        serde_json::from_slice(&std::fs::read(fixture("notebook-0.1.0.expected.json")).unwrap()).unwrap();
    for id in [FINISHED, INTERRUPTED, QUEUED] {
        let run = lab.json(&["show", id, "--json"]);
        assert_eq!(run["state"], "finished");
        for (rule, wanted) in expected["runs"][id]["test_acc"].as_object().unwrap() {
            let (got, wanted) = (run["test_acc"][rule].as_f64().unwrap(), wanted.as_f64().unwrap());
            assert!((got - wanted).abs() <= TOLERANCE, "{id}, {rule}: {got} instead of {wanted}");
        }
    }
}

#[test]
fn a_checkpoint_of_another_spec_is_said_to_be_of_no_use() {
    let lab = Lab::new();
    let ids = lab.add(&["--epochs", "1", "--validation", "0"]);
    let foreign = fixture("notebook-0.1.0").join(INTERRUPTED).join("checkpoint.safetensors");
    std::fs::copy(foreign, lab.runs().join(&ids[0]).join("checkpoint.safetensors")).unwrap();
    let said = lab.ok(&["work", "--once"]);
    assert!(said.contains("its checkpoint can't be used, it belongs to another spec"), "{said}");
    assert!(lab.ok(&["show", &ids[0]]).contains("its checkpoint can't be used"));
}

/// A notebook with a queued run, and one beside it that says what this program doesn't know.
fn beside_a_newer_run(edit: impl Fn(&str) -> String) -> (Lab, String, String) {
    let lab = Lab::new();
    let ids = lab.add(&["--epochs", "1", "--validation", "0", "--seed", "0,1"]);
    let spec = lab.runs().join(&ids[1]).join("spec.toml");
    let text = std::fs::read_to_string(&spec).unwrap();
    std::fs::write(&spec, edit(&text)).unwrap();
    (lab, ids[0].clone(), ids[1].clone())
}

#[test]
fn a_run_of_a_newer_program_is_listed_and_left_alone() {
    for (edit, what) in [("version = 1\nwarmup = 3", "'warmup'"), ("version = 99", "version 99")] {
        let (lab, ours, newer) = beside_a_newer_run(|text| text.replace("version = 1", edit));
        let before = std::fs::read(lab.runs().join(&newer).join("spec.toml")).unwrap();
        let worked = lab.run(&["work", "--once"]);
        assert!(worked.status.success(), "{}", sentence(&worked));
        assert!(sentence(&worked).contains(what) && sentence(&worked).contains("newer eeg-tui"));
        let runs = lab.json(&["list", "--json"]);
        assert_eq!(by_id(&runs, &ours)["state"], "finished");
        let left = by_id(&runs, &newer);
        assert_eq!([&left["state"], &left["model"]], ["newer", "eegnet"]);
        assert!(left["message"].as_str().unwrap().contains(what), "{left}");
        assert!(lab.ok(&["list"]).contains("newer eeg-tui"));
        assert!(lab.ok(&["show", &newer]).contains(what));
        assert_eq!(lab.json(&["show", &newer, "--json"])["state"], "newer");
        assert!(lab.ok(&["doctor"]).contains(what));
        let matrix = lab.json(&["matrix", "--rule", "last", "--json"]);
        assert!(!matrix.to_string().contains(&newer), "{matrix}");
        for change in ["cancel", "retry", "pause", "remove"] {
            let output = lab.run(&[change, &newer]);
            assert!(!output.status.success() && sentence(&output).contains("newer eeg-tui"), "{change}");
        }
        assert_eq!(std::fs::read(lab.runs().join(&newer).join("spec.toml")).unwrap(), before);
        assert!(!lab.runs().join(&newer).join("events.jsonl").exists());
    }
}

#[test]
fn a_spec_of_before_a_field_has_what_held_then() {
    let (lab, _, older) = beside_a_newer_run(|text| text.replace("nan = \"train\"\n", ""));
    lab.ok(&["work", "--once"]);
    let run = lab.json(&["show", &older, "--json"]);
    assert_eq!([&run["state"], &run["spec"]["nan"]], ["finished", "train"]);
}

#[test]
fn a_damaged_spec_is_listed_as_damaged() {
    let (lab, _, damaged) = beside_a_newer_run(|text| text.replace("batch = 8", "batch = \"eight\""));
    let output = lab.run(&["list", "--json"]);
    assert!(sentence(&output).contains("damaged"), "{}", sentence(&output));
    let runs: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(by_id(&runs, &damaged)["state"], "damaged");
    assert!(!lab.run(&["show", &damaged]).status.success());
}
