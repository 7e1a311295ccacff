//! A network that exists only as a text file is a network like the others: it fills a row of the matrix, goes on where it
//! was cut off, gives the same bits again, is scored from its weights, and a later change of its file changes no run.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may fail loudly

mod support;

use eeg_tui::notebook::RunState;
use rustix::process::Signal;
use std::fs;
use support::{Lab, until};

const NAME: &str = "slim";

const TEXT: &str = r#"
name = "slim"
title = "Slim"
activation = "elu"
dropout = 0.25
layers = [
  { type = "temporal_conv", name = "time", filters = 4, kernel = 9, padding = "same", bias = false },
  { type = "batch_norm", name = "norm_time" },
  { type = "spatial_conv", name = "space", filters = 8, groups = 4, bias = false, max_norm = 1.0 },
  { type = "batch_norm", name = "norm_space" },
  { type = "activation" },
  { type = "avg_pool", kernel = 4 },
  { type = "dropout" },
  { type = "linear", name = "head" },
]
"#;

/// A notebook whose data folder holds the network's file.
fn lab() -> Lab {
    let lab = Lab::new();
    let folder = lab.root.join("data/networks");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("slim.toml"), TEXT).unwrap();
    lab
}

#[test]
fn it_fills_a_row_with_its_three_activations() {
    let lab = lab();
    let ids = lab.add(&["--model", NAME, "--activation", "relu,leaky_relu,elu", "--epochs", "2"]);
    assert_eq!(ids.len(), 3);
    lab.ok(&["work", "--once"]);
    let tables = lab.json(&["matrix", "--json"]);
    let cells = tables["experiments"][0]["matrix"]["cells"].as_array().unwrap();
    let row: Vec<&str> = cells
        .iter()
        .filter(|cell| cell["model"] == NAME && cell["n"] == 1)
        .map(|cell| cell["activation"].as_str().unwrap())
        .collect();
    assert_eq!(row, ["relu", "leaky_relu", "elu"]);
    let listed = lab.json(&["list", "--json"]);
    assert!(listed.as_array().unwrap().iter().all(|run| run["model"] == NAME), "{listed}");
    assert!(lab.ok(&["matrix", "--markdown"]).contains("Slim"));
}

#[test]
fn it_goes_on_where_it_was_cut_off_and_gives_the_same_bits_again() {
    let long = ["--model", NAME, "--epochs", "60"];
    let undisturbed = lab();
    let id = undisturbed.add(&long).remove(0);
    undisturbed.ok(&["work", "--once"]);

    let cut = lab();
    let other = cut.add(&long).remove(0);
    let mut worker = cut.start(&["work", "--once"]);
    let run = cut.notebook().run(&other).unwrap();
    until("some epochs are done", || run.epochs().is_ok_and(|epochs| epochs.len() > 3));
    worker.signal(Signal::TERM);
    worker.wait();
    assert_ne!(cut.state(&other), RunState::Finished, "the worker ended before the run did");
    // The file changes, the run does not: its text was frozen when it was enqueued.
    fs::write(cut.root.join("data/networks/slim.toml"), TEXT.replace("filters = 4", "filters = 6")).unwrap();
    cut.ok(&["work", "--once"]);
    assert_eq!(cut.results(&other), undisturbed.results(&id));
    assert_eq!(cut.json(&["verify", "--json", &other])["identical"], true);
}

#[test]
fn it_is_scored_from_its_weights() {
    let lab = lab();
    let id = lab.add(&["--model", NAME, "--epochs", "3"]).remove(0);
    lab.ok(&["work", "--once"]);
    let weights = format!("runs/{id}/weights-last.safetensors");
    let scored = lab.json(&["eval", "--json", "--weights", &weights]);
    let run = &lab.json(&["list", "--json"])[0];
    assert_eq!(scored["accuracy"], run["test_acc"]["last"]);
    assert_eq!(scored["logits"].as_array().unwrap().len(), 24);
}

#[test]
fn a_mistake_in_it_is_told_with_file_and_line() {
    let lab = lab();
    let path = lab.root.join("data/networks/slim.toml");
    fs::write(&path, TEXT.replace("temporal_conv", "temporal_cnov")).unwrap();
    for args in [&["model", "check", path.to_str().unwrap()][..], &["add", "--model", NAME]] {
        let output = lab.run(args);
        let said = support::sentence(&output);
        assert!(output.status.code().is_some_and(|code| code != 0), "{args:?}: {said}");
        assert!(said.contains("slim.toml") && said.contains("temporal_cnov"), "{args:?}: {said}");
    }
    assert!(lab.states().is_empty());
}
