//! Predictions and decision values of scikit-learn and pyRiemann, where the shared material is there.

use crate::baseline::features::Features;
use crate::baseline::{Fitted, Trials, discriminant};
use crate::dataset;
use crate::model::Baseline;
use faer::Mat;
use serde_json::Value;
use std::path::PathBuf;

/// Training and test trials of a set of the shared material, and what is expected of them.
struct Set {
    train: Trials,
    labels: Vec<u32>,
    test: Trials,
    expected: Value,
}

fn scp1(band: &str) -> Option<Set> {
    let root = std::env::var_os("EEG_TUI_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let Ok(text) = std::fs::read(root.join("baselines/expected.json")) else {
        eprintln!("skipped: no baselines in ../shared (set EEG_TUI_SHARED)");
        return None;
    };
    let expected: Value = serde_json::from_slice(&text).unwrap();
    let data = dataset::load(Some("scp1"), &root.join("data")).unwrap();
    Some(Set {
        train: Trials::of(&data.train),
        labels: data.train.labels.clone(),
        test: Trials::of(&data.test),
        expected: expected["results"][format!("scp1/{band}")].clone(),
    })
}

/// The largest difference of two-class scores, (trial, class) in row order, from expected decision values.
fn worst(scores: &[f64], expected: &Value) -> f64 {
    let expected: Vec<f64> = serde_json::from_value(expected.clone()).unwrap();
    assert_eq!(scores.len(), 2 * expected.len());
    let decisions = scores.chunks(2).map(|row| row[1] - row[0]);
    decisions.zip(&expected).map(|(found, expected)| (found - expected).abs()).fold(0.0, f64::max)
}

#[test]
fn decision_values_are_those_of_scikit_learn_and_pyriemann() {
    for (band, filter) in [("broad", None), ("8-30", Some(("8-30".parse().unwrap(), Some(256.0))))] {
        let Some(set) = scp1(band) else { return };
        for (baseline, name) in [
            (Baseline::LogVar, "logvar_lda_svd"),
            (Baseline::Csp, "csp6_lda_svd"),
            (Baseline::Tangent, "ts_lr"),
            (Baseline::Blocks, "blocks32_lda_shrink"),
        ] {
            let fitted = Fitted::fit(baseline, filter, &set.train, &set.labels, 2).unwrap();
            let scores = fitted.scores(&set.test).unwrap();
            let worst = worst(&scores, &set.expected[name]["decision"]);
            assert!(worst < 1e-6, "{name} {band}: {worst}");
            assert_eq!(fitted.remark(), None);
        }
    }
}

#[test]
fn shrunk_discriminants_are_those_of_scikit_learn() {
    let Some(set) = scp1("broad") else { return };
    for (baseline, name) in [(Baseline::LogVar, "logvar_lda_shrink"), (Baseline::Csp, "csp6_lda_shrink")] {
        let (features, values) = Features::fit(baseline, &set.train, &set.labels, 2).unwrap();
        let linear = discriminant::shrunk(values.as_ref(), &set.labels, 2).unwrap();
        let scores: Mat<f64> = linear.scores(features.of(&set.test).unwrap().as_ref());
        let scores: Vec<f64> = scores.row_iter().flat_map(|row| [row[0], row[1]]).collect();
        let worst = worst(&scores, &set.expected[name]["decision"]);
        assert!(worst < 1e-6, "{name}: {worst}");
    }
}
