//! What the documents say of the program holds: the tables of keys are the program's (`UPDATE_DOCS=1 cargo test --test
//! readme` writes them anew), links lead somewhere, and the tests that docs/screen.md names exist.

#![allow(clippy::unwrap_used)] // a test helper may fail loudly

use eeg_tui::tui::keymap::Keymap;
use eeg_tui::tui::pane::Pane;
use std::path::{Path, PathBuf};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Holds the table of keys in a document to what it should be, or writes it anew.
fn keys_are(name: &str, wanted: &str) {
    let path = file(name);
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once("<!-- keys -->\n").unwrap();
    let (table, after) = rest.split_once("<!-- /keys -->").unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}<!-- keys -->\n{wanted}<!-- /keys -->{after}")).unwrap();
    } else {
        assert_eq!(table, wanted, "{name}: run UPDATE_DOCS=1 cargo test --test readme");
    }
}

#[test]
fn the_table_of_keys_is_the_programs() {
    keys_are("docs/keys.md", &Keymap::default().markdown());
}

#[test]
fn each_pane_has_a_page_with_its_own_keys() {
    for pane in Pane::ALL {
        keys_are(
            &format!("docs/panes/{}.md", pane.title().to_lowercase()),
            &Keymap::default().markdown_of(pane),
        );
    }
}

/// What stands between a document's speed markers, cell by cell.
fn speeds(name: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(file(name)).unwrap();
    let table = text.split("speed -->").nth(1).unwrap();
    let rows = table.lines().filter(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

#[test]
fn the_readmes_speeds_are_those_of_their_page() {
    let (short, whole) = (speeds("README.md"), speeds("docs/speed.md"));
    assert!(short.len() > 2);
    for row in short {
        let full = whole.iter().find(|full| full[0] == row[0]).unwrap();
        assert!(row.iter().all(|cell| full.contains(cell)), "{row:?} is not of {full:?}");
    }
}

/// Where links in a document lead to, but for those on the web and within it.
fn links(text: &str) -> Vec<&str> {
    let ends = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let ways = ends.map(|link| link.split('#').next().unwrap_or_default());
    ways.filter(|link| !link.is_empty() && !link.contains("://")).collect()
}

#[test]
fn links_between_the_documents_lead_somewhere() {
    let outside = ["README.md", "CONTRIBUTING.md", "data/README.md", "runs/README.md"];
    let mut pages: Vec<PathBuf> = outside.map(file).into();
    for folder in ["docs", "docs/panes"] {
        let paths = std::fs::read_dir(file(folder)).unwrap().map(|entry| entry.unwrap().path());
        pages.extend(paths.filter(|path| path.extension().is_some_and(|end| end == "md")));
    }
    let contents = std::fs::read_to_string(file("docs/SUMMARY.md")).unwrap();
    for page in &pages {
        let text = std::fs::read_to_string(page).unwrap();
        for link in links(&text) {
            assert!(page.parent().unwrap().join(link).exists(), "{}: {link}", page.display());
        }
        let in_book = page.strip_prefix(file("docs")).ok().filter(|name| *name != Path::new("SUMMARY.md"));
        if let Some(name) = in_book {
            assert!(
                links(&contents).contains(&name.to_str().unwrap()),
                "{} is in no contents",
                name.display()
            );
        }
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
