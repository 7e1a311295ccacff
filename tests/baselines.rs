//! The classical baselines as runs like any other: enqueued, fitted, kept, judged beside the networks, scored again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test helper may fail loudly

mod support;

use serde_json::Value;
use support::{Lab, sentence, timed_recording};

/// A lab whose recordings say their sampling rate, so that bands can be filtered.
fn lab() -> Lab {
    let lab = Lab::new();
    for (part, seed) in [("train", 1), ("test", 2)] {
        let path = lab.root.join(format!("data/a_{part}.npz"));
        std::fs::write(path, timed_recording(seed, 100.0)).unwrap();
    }
    lab
}

fn texts<'a>(values: &'a Value, field: &str) -> Vec<&'a str> {
    values.as_array().unwrap().iter().map(|value| value[field].as_str().unwrap()).collect()
}

#[test]
fn the_preset_is_worked_off_and_stands_above_the_networks() {
    let lab = lab();
    assert_eq!(lab.json(&["add", "--preset", "baselines", "--json"])["count"], 8);
    lab.add(&["--epochs", "1"]);
    lab.ok(&["work", "--once"]);
    let runs = lab.json(&["list", "--json"]);
    assert!(runs.as_array().unwrap().iter().all(|run| run["state"] == "finished"), "{runs}");
    let csp = runs.as_array().unwrap().iter().find(|run| run["model"] == "csp" && run["band"] == "8-30");
    let csp = csp.unwrap();
    assert_eq!((&csp["seed"], &csp["test_acc"]["best_test"]), (&Value::Null, &Value::Null));
    assert!(csp["test_acc"]["validation"].as_f64().unwrap() > 0.5, "{csp}");
    for rule in ["validation", "last", "best_test"] {
        let matrix = lab.json(&["matrix", "--json", "--rule", rule]);
        let experiments = matrix["experiments"].as_array().unwrap();
        assert_eq!(experiments.len(), 1, "{rule}");
        let baselines = &experiments[0]["matrix"]["baselines"];
        let expected = ["logvar", "logvar", "csp", "csp", "tangent", "tangent", "blocks", "blocks"];
        assert_eq!(texts(baselines, "model"), expected, "{rule}");
        assert_eq!(texts(baselines, "band")[..2], ["none", "8-30"]);
        for cell in baselines.as_array().unwrap() {
            assert_eq!(cell["interval"]["method"], "wilson", "{cell}");
            assert_ne!(cell["standing"], "untested", "{cell}");
        }
    }
    let markdown = lab.ok(&["matrix", "--markdown"]);
    let (above, below) = (markdown.find("CSP + LDA 8-30 Hz").unwrap(), markdown.find("| EEGNet").unwrap());
    assert!(above < below, "{markdown}");
    let csv = lab.ok(&["matrix", "--csv"]);
    let band = csv.lines().next().unwrap().split(',').position(|head| head == "band").unwrap();
    assert_eq!(csv.lines().nth(2).unwrap().split(',').nth(band), Some("8-30"), "{csv}");
    assert!(lab.ok(&["matrix", "--latex"]).contains("\\multicolumn{3}{c}"));
    let compared = lab.json(&["compare", "csp 8-30", "eegnet", "--json"]);
    assert_eq!(compared["a"]["title"], "CSP + LDA 8-30 Hz");
}

#[test]
fn without_a_sampling_rate_the_preset_keeps_to_the_whole_signal_and_says_so() {
    let lab = Lab::new();
    let output = lab.run(&["add", "--preset", "baselines", "--json"]);
    assert!(sentence(&output).contains("does not say its sampling rate"), "{}", sentence(&output));
    let added: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(added["count"], 4);
}

#[test]
fn a_fitted_baseline_is_shown_verified_and_scored_again() {
    let lab = lab();
    let printed = lab.ok(&["train", "--model", "tangent", "--band", "8-30", "--json"]);
    let lines: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["started", "epoch", "finished"]);
    let finished = &lines[2];
    let id = finished["id"].as_str().unwrap();
    assert!(id.contains("-tangent-8-30-"), "{id}");
    let folder = lab.runs().join(id);
    for rule in ["validation", "last"] {
        assert!(folder.join(format!("predictions-{rule}.csv")).is_file());
    }
    let shown = lab.json(&["show", id, "--json"]);
    assert_eq!(shown["spec"]["band"], "8-30");
    assert!(shown["rules"]["last"]["confusion"].is_array(), "{shown}");
    assert!(lab.ok(&["show", id]).contains("tangent space + LR 8-30 Hz"));
    assert!(lab.ok(&["verify", id]).contains("same to the last bit"));
    let weights = folder.join("weights-last.safetensors");
    let again = lab.json(&["eval", "--weights", weights.to_str().unwrap(), "--json"]);
    assert_eq!(again["accuracy"], finished["test_acc"]["last"]);
    // The scores' difference is what the probabilities say.
    let table = std::fs::read_to_string(folder.join("predictions-last.csv")).unwrap();
    let row: Vec<f64> =
        table.lines().nth(1).unwrap().split(',').rev().map(|p| p.parse().unwrap_or(0.0)).collect();
    let scores = again["logits"][0].as_array().unwrap();
    let decision = scores[1].as_f64().unwrap() - scores[0].as_f64().unwrap();
    assert!(((row[0] / row[1]).ln() - decision).abs() < 1e-3 * decision.abs().max(1.0), "{row:?} {decision}");
}

#[test]
fn what_a_baseline_has_not_is_refused_in_one_sentence() {
    let lab = Lab::new();
    for (args, code, said) in [
        (&["add", "--model", "csp", "--activation", "relu"][..], 2, "csp has no activation"),
        (&["add", "--model", "csp", "--epochs", "5"], 2, "csp has no epochs"),
        (&["add", "--preset", "baselines", "--seeds", "3"], 2, "logvar has no seed"),
        (&["add", "--band", "8-30"], 2, "eegnet has no band"),
        (&["add", "--model", "csp", "--band", "30-8"], 2, "the lower first"),
        (&["params", "--model", "csp"], 2, "it has no layers"),
        (&["bench", "--model", "csp"], 2, "it has no layers"),
        // These recordings don't say their sampling rate.
        (&["add", "--model", "csp", "--band", "8-30"], 1, "sampling rate"),
    ] {
        let output = lab.run(args);
        let sentence = sentence(&output);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {sentence}");
        assert!(sentence.contains(said), "{args:?}: {sentence}");
    }
    assert!(lab.states().is_empty());
}
