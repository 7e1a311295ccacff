//! Holds the house to its picture: the floors drawn in `src/lib.rs` name every top module, imports go down only, and no
//! files import one another in a circle. Reads the source as text: paths that start with `crate`, `self` or `super`.
#![allow(clippy::unwrap_used)] // a test may fail loudly

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A source file by its module path: `nn::fused::plan`; the library's root is empty.
type Module = Vec<String>;

/// The sources of the two crates.
fn sources() -> [PathBuf; 2] {
    ["src", "nn/src"].map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
}

/// The modules of `nn` that `src/lib.rs` hands on as its own.
const LENT: [&str; 2] = ["model", "random"];

/// Every module that is a file of the library, with its text outside tests.
fn modules() -> BTreeMap<Module, String> {
    let mut found = BTreeMap::new();
    let mut folders = sources().to_vec();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                if name != "tests" && name != "snapshots" {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|kind| kind == "rs") && name != "tests" && name != "main" {
                found.insert(module(&path), without_tests(&fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

fn module(path: &Path) -> Module {
    let [own, other] = sources();
    let mut parts: Module = match path.strip_prefix(&own) {
        Ok(inside) => words(inside),
        Err(_) => in_nn(words(path.strip_prefix(&other).unwrap())),
    };
    if parts.last().is_some_and(|last| last == "mod" || last == "lib") {
        parts.pop();
    }
    parts
}

fn words(inside: &Path) -> Vec<String> {
    inside.with_extension("").iter().map(|part| part.to_str().unwrap().to_owned()).collect()
}

/// A path from the root of the crate `nn`, from the root of this one.
fn in_nn(path: Vec<String>) -> Vec<String> {
    match path.first() {
        Some(first) if LENT.contains(&first.as_str()) => path,
        _ => [vec!["nn".to_owned()], path].concat(),
    }
}

/// The text without comments and without what stands behind `#[cfg(test)]`, up to the end of that item.
fn without_tests(text: &str) -> String {
    let code: String = text
        .lines()
        .map(|line| line.find("//").map_or(line, |at| &line[..at]))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut kept = String::new();
    let mut rest = code.as_str();
    while let Some(at) = rest.find("#[cfg(test)]") {
        kept.push_str(&rest[..at]);
        rest = after_item(&rest[at..]);
    }
    kept + rest
}

fn after_item(text: &str) -> &str {
    let mut depth = 0_usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 1 => return &text[at + 1..],
            '}' => depth = depth.saturating_sub(1),
            ';' if depth == 0 => return &text[at + 1..],
            _ => {}
        }
    }
    ""
}

/// Every path in the text that starts at the crate's root or relative to this module, groups in braces opened up.
fn paths(text: &str) -> Vec<Vec<String>> {
    let starts = ["crate::", "super::", "self::"];
    let mut found = Vec::new();
    for start in starts {
        for (at, _) in text.match_indices(start) {
            let before = text[..at].chars().next_back().unwrap_or(' ');
            if !(before.is_alphanumeric() || before == '_' || before == ':' || before == '$') {
                open_up(&text[at..], &[], &mut found);
            }
        }
    }
    found
}

/// Reads one path, or a group of paths, at the start of the text; gives what follows it.
fn open_up<'t>(text: &'t str, prefix: &[String], found: &mut Vec<Vec<String>>) -> &'t str {
    let mut path = prefix.to_vec();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        if let Some(group) = rest.strip_prefix('{') {
            rest = group;
            loop {
                rest = open_up(rest, &path, found).trim_start();
                match rest.strip_prefix(',') {
                    Some(more) if !more.trim_start().starts_with('}') => rest = more,
                    Some(more) => return more.trim_start().strip_prefix('}').unwrap_or(""),
                    None => return rest.strip_prefix('}').unwrap_or(""),
                }
            }
        }
        let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        path.push(rest[..word].to_owned());
        rest = &rest[word..];
        match rest.strip_prefix("::") {
            Some(more) => rest = more,
            None => break,
        }
    }
    let renamed = rest.trim_start().strip_prefix("as ").map(|more| more.trim_start());
    found.push(path);
    renamed.map_or(rest, |name| name.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_'))
}

/// The path from the crate's root: `super` and `self` taken out.
fn absolute(path: &[String], module: &Module) -> Vec<String> {
    if path[0] == "crate" && module.first().is_some_and(|top| top == "nn" || LENT.contains(&top.as_str())) {
        return in_nn(path[1..].to_vec());
    }
    let mut from_root = if path[0] == "crate" { Vec::new() } else { module.clone() };
    for part in path {
        match part.as_str() {
            "crate" | "self" => {}
            "super" => _ = from_root.pop(),
            name => from_root.push(name.to_owned()),
        }
    }
    from_root
}

/// Where a name that a module hands on (`pub use`) comes from, or the file that holds it.
fn resolve(
    path: &[String],
    modules: &BTreeMap<Module, String>,
    handed_on: &BTreeMap<Module, Vec<String>>,
) -> Option<Module> {
    let mut path = path.to_vec();
    for _ in 0..8 {
        match (1..=path.len()).rev().find_map(|length| handed_on.get(&path[..length]).map(|to| (length, to)))
        {
            Some((length, to)) => path = [to.as_slice(), &path[length..]].concat(),
            None => break,
        }
    }
    (1..=path.len()).rev().map(|length| path[..length].to_vec()).find(|module| modules.contains_key(module))
}

/// Names that modules hand on: `pub use child::Name` in `a` makes `a::Name` mean `a::child::Name`.
fn handed_on(modules: &BTreeMap<Module, String>) -> BTreeMap<Module, Vec<String>> {
    let mut table = BTreeMap::new();
    for (module, text) in modules {
        for mark in ["pub use ", "pub(crate) use ", "pub(super) use ", "pub(in crate"] {
            for (at, _) in text.match_indices(mark) {
                let statement = &text[at + mark.len()..];
                let statement = if mark == "pub(in crate" {
                    match statement.split_once(") use ") {
                        Some((_, rest)) => rest,
                        None => continue,
                    }
                } else {
                    statement
                };
                let mut found = Vec::new();
                open_up(statement, &[], &mut found);
                for path in found {
                    let Some(name) = path.last().cloned() else { continue };
                    let relative = !["crate", "self", "super"].contains(&path[0].as_str());
                    let whole =
                        if relative { [module.as_slice(), &path].concat() } else { absolute(&path, module) };
                    table.insert([module.as_slice(), &[name]].concat(), whole);
                }
            }
        }
    }
    table
}

/// Which file imports from which.
fn imports() -> BTreeMap<Module, BTreeSet<Module>> {
    let modules = modules();
    let handed_on = handed_on(&modules);
    modules
        .iter()
        .map(|(module, text)| {
            let targets = paths(text)
                .iter()
                .filter_map(|path| resolve(&absolute(path, module), &modules, &handed_on))
                .filter(|target| target != module)
                .collect();
            (module.clone(), targets)
        })
        .collect()
}

/// The floors of the picture, top first: the modules that a line of the block names behind its bar.
fn floors() -> Vec<Vec<String>> {
    let text = fs::read_to_string(sources()[0].join("lib.rs")).unwrap();
    let picture = text.split("```text").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    picture
        .lines()
        .filter_map(|line| line.split('│').nth(1))
        .map(|modules| modules.split_whitespace().map(str::to_owned).collect())
        .collect()
}

#[test]
fn the_picture_names_every_top_module_once() {
    let drawn: Vec<String> = floors().into_iter().flatten().collect();
    let there: BTreeSet<String> = modules().keys().filter_map(|module| module.first().cloned()).collect();
    assert_eq!(drawn.iter().cloned().collect::<BTreeSet<_>>(), there);
    assert_eq!(drawn.len(), there.len(), "a module stands on two floors: {drawn:?}");
}

#[test]
fn imports_go_down_the_floors_only() {
    let floors = floors();
    let floor = |module: &str| floors.iter().position(|names| names.iter().any(|name| name == module));
    let mut wrong = Vec::new();
    for (from, targets) in imports() {
        let Some(top) = from.first() else { continue };
        for to in targets {
            let Some(below) = to.first() else { continue };
            if top != below && floor(top) >= floor(below) {
                wrong.push(format!("{} imports {}", from.join("::"), to.join("::")));
            }
        }
    }
    assert!(wrong.is_empty(), "upwards or sideways:\n{}", wrong.join("\n"));
}

#[test]
fn no_files_import_one_another_in_a_circle() {
    // A folder's own door (`mod.rs`) names what lies behind it, and what lies behind it may use the words on the door.
    let edges: BTreeMap<Module, BTreeSet<Module>> = imports()
        .into_iter()
        .map(|(from, targets)| {
            let apart = |to: &Module| !from.starts_with(to) && !to.starts_with(&from);
            let targets = targets.into_iter().filter(apart).collect();
            (from, targets)
        })
        .collect();
    let mut circles = Vec::new();
    for start in edges.keys() {
        let reached = reach(start, &edges);
        let circle: BTreeSet<&Module> =
            reached.iter().filter(|&module| reach(module, &edges).contains(start)).collect();
        if circle.contains(start) && circle.iter().next() == Some(&start) {
            circles.push(circle.iter().map(|module| module.join("::")).collect::<Vec<_>>().join(", "));
        }
    }
    assert!(circles.is_empty(), "circles:\n{}", circles.join("\n"));
}

fn reach(start: &Module, edges: &BTreeMap<Module, BTreeSet<Module>>) -> BTreeSet<Module> {
    let mut seen = BTreeSet::new();
    let mut next: Vec<&Module> = edges.get(start).into_iter().flatten().collect();
    while let Some(module) = next.pop() {
        if seen.insert(module.clone()) {
            next.extend(edges.get(module).into_iter().flatten());
        }
    }
    seen
}

#[test]
fn paths_are_read_with_groups_renamings_and_relative_starts() {
    let text = "use crate::a::{b::{C, D as E}, f};\nfn x() { super::g::h(); self::i(); not_crate::j }";
    let found: Vec<String> = paths(text).iter().map(|path| path.join("::")).collect();
    assert_eq!(found, ["crate::a::b::C", "crate::a::b::D", "crate::a::f", "super::g::h", "self::i"]);
    let here: Module = vec!["m".into(), "n".into()];
    let path = |text: &str| text.split("::").map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(absolute(&path("super::g"), &here).join("::"), "m::g");
    assert_eq!(
        without_tests("a // b\n#[cfg(test)]\nmod tests { fn t() {} }\nc").replace('\n', " "),
        "a   c "
    );
}
