//! The networks against PyTorch, value by value: logits, loss, every gradient, and the parameters after one and five
//! Adam steps, through the code that trains. Each `.safetensors` file is one network run once in PyTorch in float64.
//!
//! The folder is the one that `EEG_TUI_PARITY` names, else `parity` in the folder that `EEG_TUI_SHARED` names, else
//! `../shared/parity`. If neither variable is set and the last does not exist, the test says that it was skipped.
//! `EEG_TUI_DEVICE` names another device than the CPU, as `--device` does: whoever names one wants it checked, and without
//! files the test fails.

#![allow(clippy::expect_used, clippy::panic)] // a test helper may fail loudly

#[path = "support/parity.rs"]
mod parity;

use eeg_tui::nn::device::{Devices, RealDrivers};
use eeg_tui::nn::kernels::VARIABLE;
use eeg_tui::nn::{self, Composed};
use parity::{Case, files, folder, say};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

#[test]
fn networks_agree_with_pytorch() {
    let Some(folder) = folder() else {
        return say("torch_parity: skipped, there is no ../shared/parity and EEG_TUI_PARITY is not set");
    };
    agree(&folder, named());
}

/// The files of `parity-ties`: maxima and kinks that single precision alone would decide otherwise than PyTorch in float64.
/// Only the executor that trains is held to them; the composed one's errors are printed beside.
#[test]
fn near_ties_are_decided_as_in_double_precision() {
    if named() {
        return say("torch_parity: EEG_TUI_PARITY names the files, those of parity-ties are left out");
    }
    let Some(folder) = folder().map(|folder| folder.with_file_name("parity-ties")) else {
        return say("torch_parity: skipped, there is no ../shared/parity-ties");
    };
    agree(&folder, true);
}

/// What the kernels do on machines with fewer instructions than this one: the same comparisons in processes of their own.
#[test]
fn older_machines_agree_with_pytorch_too() {
    if std::env::var_os(VARIABLE).is_some() {
        return;
    }
    for instructions in ["avx2", "portable"] {
        let program = std::env::current_exe().expect("this program");
        let tests = ["networks_agree_with_pytorch", "networks_as_text_agree_with_pytorch"];
        let mut command = std::process::Command::new(program);
        command.args(tests).args(["--exact", "--nocapture"]).env(VARIABLE, instructions);
        let output = command.output().expect("a process");
        for line in String::from_utf8_lossy(&output.stdout).lines().filter(|line| line.contains("training's"))
        {
            say(&format!("with {instructions} alone: {line}"));
        }
        assert!(output.status.success(), "{instructions}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Whether the person said which files.
fn named() -> bool {
    std::env::var_os("EEG_TUI_PARITY").is_some()
}

/// The files of `networks-parity`: networks that are text. Like the others', but for the folder's name.
#[test]
fn networks_as_text_agree_with_pytorch() {
    if named() {
        return say("torch_parity: EEG_TUI_PARITY names the files, those of networks-parity are left out");
    }
    let Some(folder) = folder().map(|folder| folder.with_file_name("networks-parity")) else {
        return say("torch_parity: skipped, there is no ../shared/networks-parity");
    };
    agree(&folder, false);
}

/// Holds every file of a folder to the limits; the composed executor only where no file has near ties, which it decides as
/// single precision does. Files that a person named may have some.
fn agree(folder: &Path, near_ties: bool) {
    let files = files(folder);
    let device = std::env::var("EEG_TUI_DEVICE").as_deref().unwrap_or("cpu").parse().expect("a device");
    let devices = Devices::open(&device, Arc::new(RealDrivers)).expect("a device that works");
    let turn = devices.turn().expect("a device that starts");
    let without = "candle's operations on this device: build with --features cuda-composed; --test cuda compares a card's kernels";
    let device = turn.device.candle().expect(without).clone();
    let mut failures = Vec::new();
    for path in &files {
        let case = Case::read(path);
        let chosen = nn::executor(&case.network, &device).expect("an executor");
        let composed = Composed::new(&case.network, &device).expect("an executor");
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let mut line = name.to_string();
        for (which, executor) in [("training's", chosen.as_ref()), ("composed", &composed)] {
            let worst = case.run(executor, &device).expect("operations that candle has");
            let _ = write!(line, "  {which}:{}", worst.line());
            let held = which == "training's" || !near_ties;
            let named = worst.failures().map(|failure| format!("{name}, {which} executor: {failure}"));
            failures.extend(named.filter(|_| held));
        }
        say(&line);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
