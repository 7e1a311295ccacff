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

/// A line that is typed, and those that the page shows as its answer.
struct Shown<'a> {
    typed: Vec<&'a str>,
    answer: Vec<&'a str>,
}

/// What stands in a page's consoles: behind `$ eeg-tui`, and beneath it but for what is left out (`…`).
fn consoles(page: &str) -> Vec<Shown<'_>> {
    let mut shown: Vec<Shown<'_>> = Vec::new();
    let blocks = page.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    for line in blocks.flat_map(str::lines).filter(|line| *line != "…") {
        match (line.strip_prefix("$ eeg-tui "), shown.last_mut()) {
            (Some(typed), _) => {
                shown.push(Shown { typed: typed.split_whitespace().collect(), answer: Vec::new() });
            }
            (None, Some(last)) => last.answer.push(line),
            (None, None) => panic!("an answer to nothing: {line}"),
        }
    }
    shown
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
    let consoles = consoles(include_str!("../docs/tutorial.md"));
    assert!(consoles.len() >= 7);
    for Shown { typed, answer } in &consoles {
        let few = |word: &&str| if *word == "20" { "1" } else { *word }.to_owned();
        let args: Vec<String> = typed.iter().map(few).collect();
        let output = lab.run(&args.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(output.status.success(), "{typed:?}: {}", sentence(&output));
        let said = String::from_utf8(output.stdout).unwrap();
        for line in answer {
            assert!(said.lines().any(|one| one == *line), "{typed:?} says no '{line}' but\n{said}");
        }
    }
    let page = fs::read_to_string(lab.root.join("report.html")).unwrap();
    assert!(page.contains("fists") && page.contains("data import"), "where the trials come from is said");
}
