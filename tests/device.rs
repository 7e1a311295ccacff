//! A card that is not there, asked for at every command: one sentence, and nothing half done. The program that is tested was
//! built without CUDA; where it is built with it, the machine may have a card, and these tests say that they were skipped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test helper may fail loudly

mod support;

use eeg_tui::notebook::RunState;
use std::process::{Command, Output};
use support::{Lab, sentence};

/// What the program says of a card that it was not built for.
const NOT_BUILT_IN: &str = "this eeg-tui was built without cuda:0; build it with 'cargo build --release --features cuda', \
                            or take --device cpu";

fn on(device: &str, lab: &Lab, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eeg-tui"));
    command.args(["--threads", "1", "--device", device]).args(args).current_dir(&lab.root);
    command.env_remove("EEG_TUI_RUNS").env_remove("EEG_TUI_DATA").output().unwrap()
}

fn is_skipped() -> bool {
    if cfg!(feature = "cuda") {
        println!("device: skipped, this program was built with CUDA");
    }
    cfg!(feature = "cuda")
}

#[test]
fn a_card_that_is_not_there_is_refused_in_one_sentence_everywhere() {
    if is_skipped() {
        return;
    }
    let lab = Lab::new();
    for args in [&["train", "--epochs", "1"][..], &["add"], &["work", "--once"], &["bench"]] {
        let output = on("cuda", &lab, args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert_eq!(
            sentence(&output),
            format!("eeg-tui: {NOT_BUILT_IN}\nTry 'eeg-tui --help'.\n"),
            "{args:?}"
        );
        assert!(output.stdout.is_empty(), "{args:?}");
    }
    assert!(!lab.runs().exists(), "nothing was enqueued or begun");
    let output = on("cuda", &lab, &["doctor"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.matches(NOT_BUILT_IN).count(), 1, "{said}");
    let output = on("cuda", &lab, &["list"]);
    assert!(output.status.success(), "there is still a list to be seen");
    assert_eq!(sentence(&output), format!("eeg-tui: {NOT_BUILT_IN}\n"));
}

#[test]
fn why_a_worker_did_not_start_stands_in_the_list_until_one_does() {
    if is_skipped() {
        return;
    }
    let lab = Lab::new();
    let ids = lab.add(&["--epochs", "1"]);
    for _ in 0..3 {
        assert_eq!(on("cuda", &lab, &["work", "--detached"]).status.code(), Some(2));
    }
    let said = sentence(&lab.run(&["list"]));
    assert_eq!(said.matches(NOT_BUILT_IN).count(), 1, "{said}");
    assert!(said.contains("no worker trains on "), "{said}");
    assert_eq!(lab.state(&ids[0]), RunState::Queued);
    lab.ok(&["work", "--once"]);
    assert_eq!(lab.state(&ids[0]), RunState::Finished);
    assert_eq!(sentence(&lab.run(&["list"])), "");
}

#[test]
fn cards_are_not_asked_of_a_cluster_for_a_program_that_would_not_compute_on_them() {
    if is_skipped() {
        return;
    }
    let lab = Lab::new();
    lab.add(&["--epochs", "1"]);
    for (device, args, said) in [
        ("auto", &["submit", "--dry-run", "--gpus", "1"][..], NOT_BUILT_IN),
        ("cuda", &["submit", "--dry-run"], NOT_BUILT_IN),
        (
            "cpu",
            &["submit", "--dry-run", "--gpus", "2"],
            "--gpus asks for cards on which --device cpu does not",
        ),
    ] {
        let output = on(device, &lab, args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(sentence(&output).starts_with(&format!("eeg-tui: {said}")), "{args:?}");
        assert!(output.stdout.is_empty(), "{args:?}");
    }
    assert!(on("cpu", &lab, &["submit", "--dry-run"]).status.success());
    assert!(on("auto", &lab, &["submit", "--dry-run", "--gpus", "0"]).status.success());
}

#[test]
fn several_cards_and_wrong_names_are_understood() {
    if is_skipped() {
        return;
    }
    let lab = Lab::new();
    let said = |device| sentence(&on(device, &lab, &["work", "--once"]));
    assert!(said("cuda:0,1").starts_with("eeg-tui: this eeg-tui was built without cuda:0"));
    assert!(said("cuda:1,1").starts_with("eeg-tui: cuda:1 is named twice in --device"));
    assert!(said("cuda:0;1").contains("there are auto, cpu, cuda, cuda:N, cuda:N,M and metal"));
}
