//! What leaves the notebook: reports and exports of real runs, as scripts call for them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may fail loudly

mod support;

use std::fs;
use support::{Lab, sentence};

/// Four finished runs of two epochs.
fn lab() -> (Lab, Vec<String>) {
    let lab = Lab::new();
    let ids = lab.add(&["--activation", "relu,elu", "--seeds", "2", "--epochs", "2"]);
    lab.ok(&["work", "--once"]);
    (lab, ids)
}

#[test]
fn a_report_links_to_files_that_are_there() {
    let (lab, ids) = lab();
    let said = lab.ok(&["report", "--out", "pages/report.html"]);
    assert!(said.contains("4 runs"), "{said}");
    let page = fs::read_to_string(lab.root.join("pages/report.html")).unwrap();
    let links = page.split("href=\"../runs/").skip(1).filter_map(|rest| rest.split('"').next());
    let mut count = 0;
    for link in links {
        assert!(lab.runs().join(link).exists(), "{link}");
        count += 1;
    }
    assert_eq!(
        count,
        5 * ids.len(),
        "each run's folder, spec, events and predictions, and its cell's explanation"
    );
    for name in ["report.md", "report.tex"] {
        lab.ok(&["report", "--out", name, "eegnet"]);
        assert!(fs::read_to_string(lab.root.join(name)).unwrap().contains("Adam"), "{name}");
    }
}

#[test]
fn a_report_of_nothing_and_a_form_that_is_none_are_refused() {
    let lab = Lab::new();
    for (args, code, said) in [
        (&["report"][..], 1, "no runs yet"),
        (&["report", "--out", "page.pdf"], 2, ".html, .md or .tex"),
        (&["export"], 2, "--csv DIR"),
        (&["export", "--csv", "out"], 1, "nothing to export"),
    ] {
        let output = lab.run(args);
        let sentence = sentence(&output);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {sentence}");
        assert!(sentence.contains(said), "{args:?}: {sentence}");
    }
    assert!(!lab.root.join("report.html").exists());
    let ids = lab.add(&["--epochs", "1"]);
    fs::write(lab.root.join("file"), b"").unwrap();
    for (args, said) in [
        (&["export", "--csv", "file"][..], "file is a file and no folder"),
        (&["export", "--tensorboard", "file/board"], "file is a file and no folder"),
        (&["export", "--mlflow", "file"], "file is a file and no folder"),
        (&["export", "--wandb", "file"], "file is a file and no folder"),
        (&["report", "--out", "file/page.html"], "file is a file and no folder"),
        (&["export", "--onnx", "net.onnx", &ids[0]], "saved when a run is finished"),
    ] {
        let output = lab.run(args);
        let sentence = sentence(&output);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {sentence}");
        assert!(sentence.contains(said), "{args:?}: {sentence}");
    }
}

#[test]
fn names_in_files_are_obeyed_by_no_terminal_and_no_page() {
    let lab = Lab::new();
    let folder = lab.root.join("data/odd \x1b[31m_&%<i>");
    fs::create_dir_all(&folder).unwrap();
    for part in ["train", "test"] {
        let from = lab.root.join(format!("data/a_{part}.npz"));
        fs::copy(from, folder.join(format!("b\x1b[2J\u{202e}_{part}.npz"))).unwrap();
        fs::copy(folder.join(format!("b\x1b[2J\u{202e}_{part}.npz")), folder.join(format!("c_{part}.npz")))
            .unwrap();
    }
    let name = folder.file_name().unwrap().to_str().unwrap();
    lab.add(&["--data-set", name, "--activation", "relu,elu", "--epochs", "1"]);
    lab.ok(&["work", "--once"]);
    for args in [
        &["data", "check", name][..],
        &["data", "list"],
        &["list"],
        &["matrix"],
        &["matrix", "--markdown"],
        &["matrix", "--latex"],
        &["compare", "relu", "elu"],
    ] {
        let output = lab.run(args);
        let said = [output.stdout, output.stderr].concat();
        assert!(!said.contains(&0x1b) && !said.is_empty(), "{args:?}: {}", String::from_utf8_lossy(&said));
    }
    for (page, unescaped) in [("odd #1/report.html", "<i>"), ("report.md", "%<i>"), ("report.tex", "_&%")] {
        lab.ok(&["report", "--out", page]);
        let text = fs::read_to_string(lab.root.join(page)).unwrap();
        assert!(!text.contains(['\x1b', '\u{202e}']) && !text.contains(unescaped), "{page}");
    }
}

#[test]
fn exports_hold_every_run_epoch_and_trial() {
    let (lab, ids) = lab();
    lab.ok(&["export", "--csv", "out", "--parquet", "out", "--tensorboard", "board"]);
    let lines = |name: &str| fs::read_to_string(lab.root.join("out").join(name)).unwrap().lines().count();
    assert_eq!(lines("runs.csv"), 1 + 4);
    assert_eq!(lines("epochs.csv"), 1 + 4 * 2);
    // Under each of three rules, 24 test trials.
    assert_eq!(lines("trials.csv"), 1 + 4 * 3 * 24);
    for name in ["runs", "epochs", "trials"] {
        assert!(fs::read(lab.root.join(format!("out/{name}.parquet"))).unwrap().starts_with(b"PAR1"));
    }
    for id in &ids {
        assert_eq!(fs::read_dir(lab.root.join("board").join(id)).unwrap().count(), 1);
    }
    lab.ok(&["export", "--mlflow", "store", "--wandb", "wandb"]);
    assert_eq!(fs::read_dir(lab.root.join("wandb")).unwrap().count(), ids.len());
    let experiment = fs::read_dir(lab.root.join("store")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(
        fs::read_dir(experiment).unwrap().count(),
        ids.len() + 1,
        "a folder a run, and what they share"
    );
    lab.ok(&["export", "--onnx", "net.onnx", &ids[0]]);
    let model = fs::read(lab.root.join("net.onnx")).unwrap();
    let holds = |text: &str| model.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("Elu") || holds("Relu"));
    assert!(holds("classes") && holds(&ids[0]) && holds("logits"));
    let card = fs::read_to_string(lab.root.join("net.onnx.md")).unwrap();
    for said in
        [&ids[0], "E1, E2", "in this order", "filled in the model", "| accuracy % |", "Adam", "layers = ["]
    {
        assert!(card.contains(said), "{said} in\n{card}");
    }
    lab.ok(&["export", "--safetensors", "out/net.safetensors", "--rule", "last", &ids[1]]);
    let saved = lab.runs().join(&ids[1]).join("weights-last.safetensors");
    assert_eq!(fs::read(lab.root.join("out/net.safetensors")).unwrap(), fs::read(saved).unwrap());
    let card = fs::read_to_string(lab.root.join("out/net.safetensors.md")).unwrap();
    assert!(card.contains("yours to fill") && card.contains("the last one"), "{card}");
    let several = lab.run(&["export", "--onnx", "net.onnx"]);
    assert_eq!(several.status.code(), Some(2), "{}", sentence(&several));
}

#[test]
fn the_python_file_finds_the_networks_that_come_along() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("contrib/python/eeg_tui_runs.py")).unwrap();
    let folder = text.split("parents[2] / \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    for model in eeg_tui::model::Model::built_in() {
        assert!(
            root.join(folder).join(format!("{}.toml", model.name())).is_file(),
            "{folder}: {}",
            model.name()
        );
    }
}
