//! What the documents say of the program holds: the README's table of keys is the program's (`UPDATE_README=1 cargo test
//! --test readme` writes it anew), and the tests that docs/screen.md names exist.

#![allow(clippy::unwrap_used)] // a test helper may fail loudly

use eeg_tui::tui::keymap::Keymap;
use std::path::{Path, PathBuf};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

#[test]
fn the_table_of_keys_is_the_programs() {
    let path = file("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once("<!-- keys -->\n").unwrap();
    let (table, after) = rest.split_once("<!-- /keys -->").unwrap();
    let wanted = Keymap::default().markdown();
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(&path, format!("{before}<!-- keys -->\n{wanted}<!-- /keys -->{after}")).unwrap();
    } else {
        assert_eq!(table, wanted, "run UPDATE_README=1 cargo test --test readme");
    }
}

/// Every Rust file under a folder, with what it holds.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

#[test]
fn every_test_that_the_comparison_names_exists() {
    let document = std::fs::read_to_string(file("docs/screen.md")).unwrap();
    let rows = document.lines().filter(|line| line.starts_with("| ") && line.ends_with("` |"));
    let named: Vec<&str> = rows
        .filter_map(|row| row.trim_end_matches(" |").rsplit(" | ").next())
        .flat_map(|column| column.split('`').skip(1).step_by(2))
        .collect();
    assert!(named.len() > 40, "{named:?}");
    let sources = [sources(&file("src")), sources(&file("tests"))].concat();
    for name in named {
        let mut modules: Vec<&str> = name.split("::").filter(|part| *part != "tests").collect();
        let test = modules.pop().unwrap();
        let exists = sources.iter().any(|(path, text)| {
            let path = path.with_extension("");
            let here = modules.iter().all(|module| path.iter().any(|part| part == *module));
            here && text.contains(&format!("fn {test}("))
        });
        assert!(exists, "docs/screen.md names '{name}', which is no test");
    }
}
