//! Every number of `../shared/science/fixtures.json`, the reference's own, to 1e-9.

use super::*;
use serde_json::Value;
use std::path::PathBuf;

/// The cases of a kind; none, and a word about it, where the file is missing.
pub fn cases(kind: &str) -> Vec<Value> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("EEG_TUI_SHARED").map_or_else(beside, PathBuf::from);
    let path = shared.join("science/fixtures.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: there is no {}", path.display());
        return Vec::new();
    };
    let document: Value = serde_json::from_str(&text).unwrap();
    let all = document["cases"].as_array().unwrap();
    all.iter().filter(|case| case["kind"] == kind).cloned().collect()
}

/// Holds a figure to the reference's, `null` being none.
#[track_caller]
pub fn near(found: Option<f64>, expected: &Value, what: &str) {
    match (found, expected.as_f64()) {
        (None, None) => {}
        (Some(found), Some(expected)) => {
            let room = 1e-9 * expected.abs().max(1.0);
            assert!((found - expected).abs() <= room, "{what}: {found} instead of {expected}");
        }
        (found, expected) => panic!("{what}: {found:?} instead of {expected:?}"),
    }
}

fn hits(cell: &Value) -> Vec<Vec<f64>> {
    let row = |row: &Value| row.as_str().unwrap().chars().map(|hit| f64::from(hit == '1')).collect();
    cell.as_array().unwrap().iter().map(row).collect()
}

#[test]
fn tables_are_judged_as_the_reference_judges_them() {
    for case in cases("table") {
        let (name, expect) = (case["name"].as_str().unwrap(), &case["expect"]);
        let rows: Vec<Vec<Vec<f64>>> = case["cells"].as_array().unwrap().iter().map(hits).collect();
        let components: Vec<Components> = rows.iter().map(|rows| Components::of(rows).unwrap()).collect();
        let seeds = seed_variances(&components);
        let side = |cell: usize| Side { rows: &rows[cell], components: &components[cell], seed: seeds[cell] };
        let family = Family::new(rows.len(), |a, b| Some(difference(side(a), side(b))));
        for (place, found) in components.iter().enumerate() {
            let of = |field: &str| &expect["components"][place][field];
            near(Some(found.mean), of("mean"), name);
            near(Some(found.trial_variance), of("s2T"), name);
            near(found.between.map(|between| between.seeds), of("msS"), name);
            near(found.between.map(|between| between.rest), of("msE"), name);
            near(found.seed_variance(), of("varS"), name);
            near(found.single_trial_variance(), of("varT"), name);
            let (seed, of) = (seeds[place], |field: &str| &expect["seed"][place][field]);
            near(Some(seed.variance), of("v"), name);
            near(Some(seed.mean_square), of("w"), name);
            near(Some(seed.df as f64), of("nu"), name);
            let (cell, of) = (accuracy_interval(found, seed), |field: &str| &expect["cells"][place][field]);
            near(Some(cell.mean), of("mean"), name);
            near(Some(cell.variance), of("var"), name);
            near(cell.df, of("df"), name);
            near(cell.effective_trials, of("n_eff"), name);
            near(Some(cell.low), of("lo"), name);
            near(Some(cell.high), of("hi"), name);
        }
        // A table of one cell has nothing to compare it with; the reference calls it the best of one.
        let Some(family) = family else {
            assert_eq!((rows.len(), &expect["best_set"]), (1, &serde_json::json!([0])), "{name}");
            continue;
        };
        for (place, found) in family.p_best.iter().enumerate() {
            near(Some(*found), &expect["p_is_best"][place], name);
        }
        let best: Vec<usize> = (0..rows.len()).filter(|&cell| family.may_be_best(cell)).collect();
        assert_eq!(serde_json::json!(best), expect["best_set"], "{name}");
        let pairs = expect["pairs"].as_array().unwrap();
        assert_eq!(family.pairs.len(), pairs.len(), "{name}");
        for ((((a, b), found), holm), of) in family.pairs.iter().zip(&family.holm).zip(pairs) {
            assert_eq!((of["a"].as_u64(), of["b"].as_u64()), (Some(*a as u64), Some(*b as u64)));
            near(Some(found.mean), &of["diff"], name);
            near(Some(found.variance), &of["var"], name);
            near(Some(found.df), &of["df"], name);
            near(Some(found.low), &of["lo"], name);
            near(Some(found.high), &of["hi"], name);
            near(Some(found.p), &of["p"], name);
            near(Some(found.p_greater), &of["p_greater"], name);
            near(Some(found.p_less), &of["p_less"], name);
            near(Some(found.discordant as f64), &of["discordant"], name);
            assert_eq!(serde_json::to_value(found.covers).unwrap(), of["covers"], "{name}");
            near(Some(*holm), &of["holm"], name);
            let (kind, seeds, trials) = match seeds_needed(side(*a), side(*b)) {
                SeedsNeeded::Seeds(seeds) => ("seeds", Some(seeds), None),
                SeedsNeeded::Never { trials } => ("never", None, trials),
                SeedsNeeded::Unknown => ("unknown", None, None),
            };
            assert_eq!(
                of["need"],
                serde_json::json!({"kind": kind, "seeds": seeds, "trials": trials}),
                "{name}"
            );
        }
    }
}

#[test]
fn chance_is_the_references() {
    for of in cases("chance").iter().flat_map(|case| case["expect"].as_array().unwrap()) {
        let share = 1.0 / of["C"].as_f64().unwrap();
        let found = Chance::new(of["N"].as_u64().unwrap() as usize, share).unwrap();
        near(Some(found.hits as f64), &of["hits"], "hits");
        near(Some(found.accuracy), &of["accuracy"], "accuracy");
        near(Some(found.exceed), &of["exceed"], "exceed");
        assert!(found.is_exceeded(found.accuracy) && !found.is_exceeded(found.exceed));
    }
}

#[test]
fn subjects_and_folds_are_the_references() {
    let differences = |case: &Value| -> Vec<f64> {
        case["d"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
    };
    let hold = |found: Difference, of: &Value| {
        near(Some(found.mean), &of["mean"], "mean");
        near(Some(found.df), &of["df"], "df");
        near(Some(found.low), &of["lo"], "lo");
        near(Some(found.high), &of["hi"], "hi");
        near(Some(found.p), &of["p"], "p");
    };
    for case in cases("subjects") {
        hold(over_subjects(&differences(&case)).unwrap(), &case["expect"]);
    }
    for case in cases("folds") {
        let size = |field: &str| case[field].as_f64().unwrap();
        let share = size("n_test") / size("n_train");
        hold(over_folds(&differences(&case), share).unwrap(), &case["expect"]);
    }
}
