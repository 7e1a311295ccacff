//! The tutorial's own lines, run as they stand but for the number of epochs, on the recordings that it speaks of.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may fail loudly

mod support;

use std::fs;
use std::path::PathBuf;
use support::{Lab, sentence};

/// The recordings outside the repository; `None` where they are missing.
fn recordings() -> Option<PathBuf> {
    let folder = support::shared().join("data/eegmmidb-S001");
    folder.is_dir().then_some(folder)
}

/// What stands behind `$ eeg-tui` in a page's consoles.
fn lines(page: &str) -> Vec<Vec<String>> {
    let typed = page.lines().filter_map(|line| line.strip_prefix("$ eeg-tui "));
    typed.map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
}

#[test]
fn every_line_of_the_first_hour_works() {
    let Some(folder) = recordings() else {
        eprintln!("skipped: the recordings are not there; EEG_TUI_SHARED names the folder that holds data/");
        return;
    };
    let lab = Lab::new();
    for file in fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        if file.extension().is_some_and(|end| end == "edf") {
            fs::copy(&file, lab.root.join(file.file_name().unwrap())).unwrap();
        }
    }
    let lines = lines(include_str!("../docs/tutorial.md"));
    assert!(lines.len() >= 7, "{lines:?}");
    for line in &lines {
        let few = |word: &String| if word == "20" { "1".to_owned() } else { word.clone() };
        let args: Vec<String> = line.iter().map(few).collect();
        let output = lab.run(&args.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(output.status.success(), "{line:?}: {}", sentence(&output));
    }
    let page = fs::read_to_string(lab.root.join("report.html")).unwrap();
    assert!(page.contains("fists") && page.contains("data import"), "where the trials come from is said");
}
