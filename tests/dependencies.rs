//! What the program is built from: every crate's licence lets a user take the program along, every crate comes from the
//! registry, and no crate stands in the tree in two versions without being named here.

#![allow(clippy::unwrap_used)] // a test may fail loudly

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Licences that ask for no more than to be named. MPL-2.0 covers its own files alone.
const LICENCES: [&str; 16] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "WTFPL",
    "Zlib",
];

/// Crates that others want in two versions; a new name here is a question to whoever adds a dependency.
const TWICE: &[&str] = &[
    "base64",
    "cfg_aliases",
    "constant_time_eq",
    "crypto-common",
    "darling",
    "darling_core",
    "darling_macro",
    "digest",
    "equator",
    "equator-macro",
    "getrandom",
    "hashbrown",
    "lz4_flex",
    "miniz_oxide",
    "rand",
    "rand_chacha",
    "rand_core",
    "syn",
    "thiserror",
    "thiserror-impl",
];

/// The packages that are compiled on this machine, as cargo says.
fn packages() -> Vec<Value> {
    let host = Command::new("rustc").arg("-vV").output().unwrap();
    let host = String::from_utf8(host.stdout).unwrap();
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let arguments = ["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host];
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// Whether an SPDX expression can be met with the allowed licences. `/` is an old way to write OR.
fn allowed(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    any(&words, &mut at)
}

fn any(words: &[&str], at: &mut usize) -> bool {
    let mut met = all(words, at);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= all(words, at);
    }
    met
}

fn all(words: &[&str], at: &mut usize) -> bool {
    let mut met = one(words, at);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(words, at);
    }
    met
}

fn one(words: &[&str], at: &mut usize) -> bool {
    let word = words.get(*at).copied().unwrap_or_default();
    *at += 1;
    if word == "(" {
        let met = any(words, at);
        *at += 1;
        return met;
    }
    if words.get(*at) == Some(&"WITH") {
        let with = format!("{word} WITH {}", words.get(*at + 1).copied().unwrap_or_default());
        *at += 2;
        return LICENCES.contains(&with.as_str());
    }
    LICENCES.contains(&word)
}

#[test]
fn expressions_of_licences_are_understood() {
    assert!(allowed("MIT OR GPL-3.0"));
    assert!(!allowed("MIT AND GPL-3.0"));
    assert!(allowed("(MIT OR GPL-3.0) AND Unicode-3.0"));
    assert!(allowed("GPL-2.0/MIT"));
    assert!(allowed("Apache-2.0 WITH LLVM-exception OR GPL-3.0"));
    assert!(!allowed("GPL-2.0 WITH Classpath-exception-2.0"));
    assert!(!allowed(""));
}

#[test]
fn every_licence_is_allowed_and_every_crate_is_from_the_registry() {
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or_default();
        assert!(allowed(licence), "{name} has the licence '{licence}'");
        let registry = package["source"].as_str().is_none_or(|source| source.starts_with("registry+"));
        assert!(registry, "{name} is not from the registry");
    }
}

#[test]
fn a_crate_stands_in_the_tree_once_or_is_named_here() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages() {
        let word = |field: &str| package[field].as_str().unwrap().to_owned();
        versions.entry(word("name")).or_default().insert(word("version"));
    }
    let new: Vec<_> = versions
        .iter()
        .filter(|(name, versions)| versions.len() > 1 && !TWICE.contains(&name.as_str()))
        .collect();
    assert!(new.is_empty(), "in more than one version: {new:?}");
}
