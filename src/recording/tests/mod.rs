//! Readers and imports against files that others made (in `../shared`, where it is) and files that the tests make.

mod agreeing;
mod cutting;
mod hostile;
mod importing;
mod made;
mod unusual;

use super::import::Options;
use std::path::PathBuf;

/// A file of the shared folder; `None`, said aloud, where there is none.
fn shared(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("EEG_TUI_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}

/// A JSON file of the shared folder.
fn shared_json(name: &str) -> Option<serde_json::Value> {
    let text = std::fs::read_to_string(shared(name)?).unwrap();
    // Python writes NaN as it is.
    Some(serde_json::from_str(&text.replace("NaN", "null")).unwrap())
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

/// Options with events and a window.
fn options(events: &[&str], window: &str) -> Options {
    Options { events: texts(events), window: Some(window.into()), ..Options::default() }
}

/// Whether two numbers agree to 1e-6 of the larger of the expected one and a scale.
#[track_caller]
fn close(ours: f64, theirs: f64, scale: f64, what: &str) {
    let most = 1e-6 * theirs.abs().max(scale.abs()).max(1e-6);
    assert!((ours - theirs).abs() <= most, "{what}: {ours} instead of {theirs}");
}
