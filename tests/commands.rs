//! The commands that make, train and manage runs, as scripts use them: what they print, and how they fail.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test helper may fail loudly

mod support;

use eeg_tui::notebook::RunState;
use eeg_tui::tui::keymap::Keymap;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use support::{Lab, sentence};

#[test]
fn train_prints_events_and_keeps_the_run() {
    let lab = Lab::new();
    let printed = lab.ok(&[
        "train",
        "--json",
        "--epochs",
        "3",
        "--batch",
        "8",
        "--activation",
        "elu",
        "--alpha",
        "0.3",
    ]);
    let lines: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["started", "epoch", "epoch", "epoch", "finished"]);
    let last = lines.last().unwrap();
    for rule in ["last", "best_test", "validation"] {
        assert!(last["test_acc"][rule].is_f64(), "{last}");
    }
    for field in ["train_loss", "train_acc", "epochs", "seconds"] {
        assert!(last[field].is_number(), "{field}: {last}");
    }
    let list = lab.json(&["list", "--json"]);
    let run = &list[0];
    assert_eq!(run["id"], last["id"]);
    assert_eq!(
        (&run["state"], &run["model"], &run["activation"]),
        (&"finished".into(), &"eegnet".into(), &"elu".into())
    );
    assert_eq!((&run["alpha"], &run["seed"], &run["data_set"]), (&0.3.into(), &0.into(), &"data".into()));
    assert_eq!((&run["epoch"], &run["epochs"]), (&3.into(), &3.into()));
    assert_eq!(run["test_acc"], last["test_acc"]);
    let id = run["id"].as_str().unwrap();
    let kept = std::fs::read_to_string(lab.runs().join(id).join("events.jsonl")).unwrap();
    assert_eq!(kept, printed);
    let shown = lab.json(&["show", "--json", id]);
    assert_eq!(shown["epochs"].as_array().unwrap().len(), 3);
    assert_eq!(shown["spec"]["activation"], "elu");
}

#[test]
fn without_a_validation_split_that_rule_does_not_apply() {
    let lab = Lab::new();
    let printed = lab.ok(&["train", "--json", "--epochs", "1", "--batch", "8", "--validation", "0"]);
    let last: Value = serde_json::from_str(printed.lines().last().unwrap()).unwrap();
    assert_eq!(last["test_acc"]["validation"], Value::Null);
    assert!(last["test_acc"]["last"].is_f64());
}

#[test]
fn a_finished_run_is_verified_to_the_last_bit_and_a_changed_one_is_not() {
    let lab = Lab::new();
    lab.ok(&["train", "--epochs", "4", "--batch", "8"]);
    let id = lab.states().into_keys().next().unwrap();
    assert_eq!(lab.json(&["verify", "--json", &id])["identical"], true);
    let path = lab.notebook().run(&id).unwrap().events_path();
    let mut lines: Vec<Value> = std::fs::read_to_string(&path)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    lines[2]["train_loss"] = 0.123.into();
    std::fs::write(&path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let output = lab.run(&["verify", &id]);
    assert_eq!(output.status.code(), Some(1));
    assert!(sentence(&output).contains("epoch 2 differs first"), "{}", sentence(&output));
}

#[test]
fn add_says_how_many_how_long_and_what_is_there_already() {
    let lab = Lab::new();
    let added = lab.json(&["add", "--json", "--preset", "alpha", "--seeds", "2", "--batch", "8"]);
    assert_eq!(added["count"], 36);
    assert!(added["seconds"].as_f64().unwrap() > 0.0);
    let again = lab.json(&["add", "--json", "--model", "deepconvnet", "--alpha", "0.4", "--batch", "8"]);
    let known = again["runs"][0]["identical_to"].as_array().unwrap();
    assert_eq!(known.len(), 1);
    assert!(known[0].as_str().unwrap().contains("deepconvnet-elu0.4-s0"));
    let none = lab.json(&["add", "--json", "--only-new", "--preset", "alpha", "--batch", "8"]);
    assert_eq!(none["count"], 0);
    let lab_exactly = lab.json(&["add", "--json", "--preset", "lab", "--batch", "8"]);
    let id = lab_exactly["runs"][0]["id"].as_str().unwrap();
    let spec = &lab.json(&["show", "--json", id])["spec"];
    assert_eq!((spec["validation"].as_f64(), spec["nan"].as_str()), (Some(0.0), Some("reference")));
}

#[test]
fn a_batch_larger_than_the_training_trials_is_one_smaller_batch_and_that_is_said() {
    let lab = Lab::new();
    // Of 24 trials 5 are held out.
    let said = "256 is more than the 19 training trials: each epoch is one smaller batch";
    assert!(lab.ok(&["add", "--epochs", "1"]).contains(said));
    let added = lab.json(&["add", "--json", "--epochs", "1"]);
    assert!(added["remarks"][0].as_str().unwrap().contains(said), "{added}");
    let trained = lab.run(&["train", "--epochs", "1"]);
    assert!(trained.status.success());
    let words = String::from_utf8_lossy(&trained.stderr).into_owned();
    assert!(words.contains(said), "{words}");
    assert!(!lab.ok(&["add", "--epochs", "1", "--batch", "8"]).contains("smaller batch"));
}

#[test]
fn the_queue_is_rearranged_and_emptied_in_order() {
    let lab = Lab::new();
    let ids = lab.add(&["--epochs", "1", "--seeds", "4"]);
    lab.ok(&["move", "--first", &ids[2]]);
    lab.ok(&["pause", &ids[1]]);
    lab.ok(&["cancel", &ids[3]]);
    lab.ok(&["work", "--once"]);
    let begun = |id: &str| lab.notebook().run(id).unwrap().events().unwrap()[0].t;
    assert!(begun(&ids[2]) <= begun(&ids[0]));
    assert_eq!(lab.state(&ids[1]), RunState::Paused);
    assert_eq!(lab.state(&ids[3]), RunState::Cancelled);
    lab.ok(&["resume", "--state", "paused,cancelled"]);
    lab.ok(&["work", "--once"]);
    assert!(lab.states().values().all(|state| *state == RunState::Finished));
}

#[test]
fn changes_say_what_they_did_and_can_be_taken_back() {
    let lab = Lab::new();
    let ids = lab.add(&["--epochs", "1", "--seeds", "2"]);
    assert!(lab.ok(&["pause", &ids[0], &ids[1]]).lines().all(|line| line.contains("paused at epoch 0")));
    assert!(lab.ok(&["pause", &ids[0]]).contains("is paused already"));
    let done = lab.json(&["resume", "--json", &ids[0]]);
    assert_eq!(done[0]["changed"], true);
    lab.ok(&["remove", &ids[0]]);
    assert_eq!(lab.json(&["list", "--json"]).as_array().unwrap().len(), 1);
    lab.ok(&["restore"]);
    assert_eq!(lab.json(&["list", "--json"]).as_array().unwrap().len(), 2);
    lab.ok(&["remove", &ids[1]]);
    assert!(lab.ok(&["empty-trash"]).contains("deleted 1 run"));
    let output = lab.run(&["pause", &ids[0], "20200101-nothing"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(sentence(&output).contains("there is no run '20200101-nothing'"));
    assert_eq!(
        lab.state(&ids[0]),
        RunState::Paused,
        "one that can't be done does not keep the others from it"
    );
}

#[test]
fn nonsense_is_refused_in_one_sentence() {
    let lab = Lab::new();
    let usage: &[(&[&str], &str)] = &[
        (&["add", "--batch", "0"], "batch is 0"),
        (&["add", "--alpha", "nan"], "finite"),
        (&["add", "--validation", "1"], "validation is 1"),
        (&["add", "--lr", "-1"], "lr is -1"),
        (&["add", "--activation", "relu", "--alpha", "1"], "relu has no alpha"),
        (&["train", "--batch", "8", "--seed", "1,2"], "one value"),
        (&["train", "--batch", "8", "--device", "abacus"], "no device"),
    ];
    let work: &[(&[&str], &str)] = &[
        (&["add", "--batch", "8", "--validation", "0.01"], "no validation trial"),
        (&["add", "--data-set", "nowhere"], "nowhere"),
        (&["show", "20200101"], "there is no run"),
        (&["show", "../runs"], "no run's name"),
    ];
    for (expected, cases) in [(2, usage), (1, work)] {
        for (args, said) in cases {
            let output = lab.run(args);
            let sentence = sentence(&output);
            assert_eq!(output.status.code(), Some(expected), "{args:?}: {sentence}");
            assert!(sentence.contains(said), "{args:?}: {sentence}");
            assert!(output.stdout.is_empty(), "{args:?}");
        }
    }
    assert!(lab.states().is_empty());
}

#[test]
fn a_reader_that_hangs_up_is_no_failure() {
    let lab = Lab::new();
    lab.add(&["--seeds", "400", "--epochs", "1"]);
    let mut child =
        lab.command(&["list", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), sentence(&output).as_str()), (Some(0), ""));
}

#[test]
fn the_doctor_finds_nothing_in_a_sound_notebook_and_says_how_to_mend_another() {
    let lab = Lab::new();
    let ids = lab.add(&["--epochs", "1", "--seeds", "2"]);
    lab.ok(&["work", "--once"]);
    let bad = |findings: &Value| {
        let all = findings.as_array().unwrap().iter();
        all.filter(|one| one["level"] == "bad" && one["about"] == "notebook").cloned().collect::<Vec<_>>()
    };
    let findings: Value = serde_json::from_slice(&lab.run(&["doctor", "--json"]).stdout).unwrap();
    assert_eq!(
        bad(&findings).into_iter().filter(|one| !one["what"].as_str().unwrap().contains("free")).count(),
        0
    );
    let dir = lab.notebook().run(&ids[0]).unwrap();
    std::fs::remove_file(dir.path().join("weights-last.safetensors")).unwrap();
    let events = std::fs::read_to_string(dir.events_path()).unwrap();
    std::fs::write(dir.events_path(), format!("garbage\n{events}")).unwrap();
    let output = lab.run(&["doctor", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let findings: Value = serde_json::from_slice(&output.stdout).unwrap();
    let said = bad(&findings);
    assert!(said.iter().any(|one| one["what"].as_str().unwrap().contains("weights-last")), "{said:?}");
    assert!(said.iter().any(|one| one["what"].as_str().unwrap().contains("1 lines")), "{said:?}");
    assert!(said.iter().all(|one| one["mend"].is_string()));
}

#[test]
fn the_doctor_looks_over_every_set_of_the_data_folder() {
    let lab = Lab::new();
    for name in ["sound", "torn"] {
        std::fs::create_dir_all(lab.root.join("data").join(name)).unwrap();
        for part in ["train", "test"] {
            let file = lab.root.join(format!("data/a_{part}.npz"));
            std::fs::copy(&file, lab.root.join(format!("data/{name}/S1_{part}.npz"))).unwrap();
        }
    }
    for part in ["train", "test"] {
        std::fs::remove_file(lab.root.join(format!("data/a_{part}.npz"))).unwrap();
    }
    let of_recordings = || {
        let findings: Value = serde_json::from_slice(&lab.run(&["doctor", "--json"]).stdout).unwrap();
        let all = findings.as_array().unwrap().iter().filter(|one| one["about"] == "recordings");
        all.map(|one| (one["level"].to_string(), one["what"].to_string())).collect::<Vec<_>>()
    };
    let said = of_recordings();
    assert!(said.iter().any(|(_, what)| what.contains("sound: S1_train.npz can be read")), "{said:?}");
    assert!(
        said.iter().all(|(level, _)| level != "\"bad\""),
        "sets in folders of their own are no fault: {said:?}"
    );
    std::fs::write(lab.root.join("data/torn/S1_test.npz"), b"no archive").unwrap();
    let said = of_recordings();
    let bad: Vec<_> = said.iter().filter(|(level, _)| level == "\"bad\"").collect();
    assert!(!bad.is_empty() && bad.iter().all(|(_, what)| what.starts_with("\"torn: ")), "{said:?}");
}

#[test]
fn notes_and_tags_are_kept_and_made_harmless() {
    let lab = Lab::new();
    let ids = lab.add(&["--epochs", "1"]);
    lab.ok(&["note", &ids[0], "a\x1b[2Jb"]);
    lab.ok(&["tag", &ids[0], "good", "x\x1b]0;y"]);
    for args in [&["note", ids[0].as_str()][..], &["tag", &ids[0]], &["show", &ids[0]], &["list"]] {
        assert!(!lab.ok(args).contains('\x1b'), "{args:?}");
    }
    assert_eq!(lab.json(&["list", "--json"])[0]["tags"][0], "good");
}

#[test]
fn completions_and_the_manual_name_every_command() {
    let lab = Lab::new();
    let manual = lab.ok(&["man"]);
    for name in ["train", "add", "work", "list", "matrix", "doctor"] {
        assert!(manual.contains(name), "{name}");
        assert!(lab.ok(&["completions", "bash"]).contains(name), "{name}");
    }
}

#[test]
fn the_manual_has_every_option_and_every_key() {
    let manual = Lab::new().ok(&["man"]).replace("\\-", "-");
    for text in ["--preset", "--slots", "data check", "KEYS OF THE SCREEN", "config.toml"] {
        assert!(manual.contains(text), "no '{text}' in\n{manual}");
    }
    for binding in Keymap::default().bindings() {
        let first = binding.help.split(['\'', '.', 'α', '×', '…']).next().unwrap();
        assert!(manual.contains(first), "no '{first}'");
    }
}

#[test]
fn what_is_said_of_the_screen_ahead_of_a_command_is_refused_and_not_forgotten() {
    let lab = Lab::new();
    for said in [["--data-set", "simulated"], ["--config", "other.toml"]] {
        let output = lab.run(&[&said[..], &["add"]].concat());
        assert_eq!(output.status.code(), Some(2));
        assert!(sentence(&output).contains(&format!("{} ahead of a command is about the screen", said[0])));
    }
    assert!(!lab.run(&["--print-config", "list"]).status.success());
    assert!(lab.states().is_empty());
    let mut command = lab.command(&["list"]);
    assert!(command.env("EEG_TUI_CONFIG", "other.toml").output().unwrap().status.success());
}
