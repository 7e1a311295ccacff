use super::sample::{LABELS, doubles, npy, npz, ramp, recording, sound, write_subject};
use crate::dataset::{DataSet, Listing, check, list, load, load_source};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use zip::CompressionMethod::Stored;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn load_here(folder: &Path) -> Result<DataSet, String> {
    load(None, folder).map_err(|error| error.to_string())
}

#[track_caller]
fn refused(folder: &Path, because: &str) {
    let sentence = load_here(folder).unwrap_err();
    assert!(sentence.contains(because), "'{sentence}' does not say '{because}'");
}

#[test]
fn subjects_are_joined_in_name_order_and_remembered() {
    let folder = folder();
    let trials = |first: f64, labels: &[f64]| {
        let signal: Vec<f64> = ramp(labels.len() * 40 * 2).iter().map(|value| value + first).collect();
        recording(&[labels.len(), 40, 2], &signal, labels)
    };
    // Labels 9 and 10: in the order of numbers, not of text.
    write_subject(folder.path(), "b", &trials(5e3, &[10.0, 9.0]), &trials(0.0, &[9.0]));
    write_subject(folder.path(), "a", &trials(0.0, &[9.0, 9.0, 10.0]), &trials(0.0, &[10.0]));
    let data = load_here(folder.path()).unwrap();
    assert_eq!(data.subjects, ["a", "b"]);
    assert_eq!(data.classes, ["9", "10"]);
    assert_eq!(data.electrodes, ["E1", "E2"]);
    assert_eq!(data.train.labels, [0, 0, 1, 1, 0]);
    assert_eq!(data.train.subjects, [0, 0, 0, 1, 1]);
    assert_eq!(data.test.subjects, [0, 1]);
    assert_eq!(data.train.trial(3)[0], 5000.0);
    assert_eq!(data.train.electrode(0, 1).take(3).collect::<Vec<_>>(), [1.0, 3.0, 5.0]);
    assert!(!data.is_simulated());
}

#[test]
fn what_is_wrong_with_a_folder_is_named() {
    let here = folder();
    refused(&here.path().join("none"), "there is no data folder");
    let lacks = load(Some("typo"), here.path()).unwrap_err().to_string();
    assert!(lacks.contains("no data set is called 'typo'"), "{lacks}");
    fs::create_dir(here.path().join("empty")).unwrap();
    let empty = load(Some("empty"), here.path()).unwrap_err().to_string();
    assert!(empty.contains("holds no npz file"), "{empty}");
    fs::write(here.path().join("a_train.npz"), sound(LABELS)).unwrap();
    refused(here.path(), "a_train.npz has no _test.npz beside it");
    fs::rename(here.path().join("a_train.npz"), here.path().join("a_test.npz")).unwrap();
    refused(here.path(), "a_test.npz has no _train.npz beside it");
}

#[test]
fn what_only_has_a_files_name_is_not_opened() {
    let here = folder();
    fs::create_dir(here.path().join("a_train.npz")).unwrap();
    fs::write(here.path().join("a_test.npz"), sound(LABELS)).unwrap();
    refused(here.path(), "a_train.npz is no file");
}

#[test]
fn files_that_do_not_fit_each_other_are_named() {
    let here = folder();
    write_subject(here.path(), "a", &sound(LABELS), &recording(&[8, 41, 2], &ramp(656), &LABELS));
    refused(here.path(), "a_test.npz has trials of 41 samples × 2 electrodes");
    write_subject(here.path(), "a", &sound([1.0; 8]), &sound(LABELS));
    refused(here.path(), "all training trials have the label 1");
    write_subject(here.path(), "a", &sound(LABELS), &sound([3.0; 8]));
    refused(here.path(), "a_test.npz has the label 3, which no training trial has");
    let at_rate = |rate| {
        let signal = doubles(&[8, 40, 2], &ramp(640));
        npz(
            &[("signal", signal), ("label", doubles(&[8], &LABELS)), ("sfreq", doubles(&[1], &[rate]))],
            Stored,
        )
    };
    write_subject(here.path(), "a", &at_rate(125.0), &at_rate(250.0));
    refused(here.path(), "differ in their sampling rate");
}

#[test]
fn electrodes_are_compared_without_case_and_dots_and_their_order_counts() {
    let here = folder();
    let named = |names: [&str; 2]| {
        let letters = names.iter().flat_map(|name| format!("{name:\0<3}").chars().collect::<Vec<_>>());
        let text: Vec<u8> = letters.flat_map(|letter| u32::from(letter).to_le_bytes()).collect();
        let signal = doubles(&[8, 40, 2], &ramp(640));
        let names = crate::dataset::tests::sample::npy("<U3", false, &[2], &text);
        npz(&[("signal", signal), ("label", doubles(&[8], &LABELS)), ("ch_names", names)], Stored)
    };
    write_subject(here.path(), "a", &named(["Cz", "Pz"]), &named(["CZ", "Pz."]));
    assert_eq!(load_here(here.path()).unwrap().electrodes, ["Cz", "Pz"]);
    write_subject(here.path(), "a", &named(["Cz", "Pz"]), &named(["PZ", "cz"]));
    refused(here.path(), "has the electrodes PZ cz");
    write_subject(here.path(), "a", &named(["Cz", "Pz"]), &named(["C3", "Pz"]));
    refused(here.path(), "differ in their electrode names");
}

#[test]
fn a_spec_finds_its_data_again_and_notices_changes() {
    let here = folder();
    let set = here.path().join("mine");
    fs::create_dir(&set).unwrap();
    write_subject(&set, "a", &sound(LABELS), &sound(LABELS));
    let source = load(Some("mine"), here.path()).unwrap().source;
    assert_eq!(source.name, "mine");
    let again = load_source(&source, Path::new("/nowhere")).unwrap();
    assert_eq!(again.source, source);
    // Moved, and found by name under another data folder.
    let other = folder();
    fs::rename(&set, other.path().join("mine")).unwrap();
    assert_eq!(load_source(&source, other.path()).unwrap().source.fingerprint, source.fingerprint);
    let gone = load_source(&source, here.path()).unwrap_err().to_string();
    assert!(gone.contains("is neither in"), "{gone}");
    // One label swapped.
    let mut labels = LABELS;
    labels.swap(0, 1);
    write_subject(&other.path().join("mine"), "a", &sound(labels), &sound(LABELS));
    let changed = load_source(&source, other.path()).unwrap_err().to_string();
    assert!(changed.contains("has changed since the run was enqueued"), "{changed}");
}

#[test]
fn the_simulated_set_is_the_default_where_nothing_else_is() {
    let here = folder();
    assert!(load_here(here.path()).unwrap().is_simulated());
    write_subject(here.path(), "a", &sound(LABELS), &sound(LABELS));
    assert!(!load_here(here.path()).unwrap().is_simulated());
    assert!(load(Some("simulated"), here.path()).unwrap().is_simulated());
}

#[test]
fn simulated_trials_never_stand_in_for_what_lies_there() {
    for (file, said) in [
        ("X_train.npy", "'eeg-tui data import NAME"),
        ("S1_train.mat", "'eeg-tui data import NAME"),
        ("S1R04.edf", "'eeg-tui data import NAME"),
        ("train.npz", "rename train.npz to S1_train.npz"),
        ("S1_train.NPZ", "rename S1_train.NPZ to S1_train.npz"),
        ("S1_Train.npz", "rename S1_Train.npz to S1_train.npz"),
        ("S1_train.pt", "numpy.savez"),
    ] {
        let here = folder();
        fs::write(here.path().join(file), b"something").unwrap();
        refused(here.path(), &format!("holds no data set: there is {file}; "));
        refused(here.path(), said);
    }
    let here = folder();
    fs::write(here.path().join("README.md"), b"words").unwrap();
    assert!(load_here(here.path()).unwrap().is_simulated());
}

#[test]
fn a_file_of_all_trials_waits_for_a_split() {
    let here = folder();
    fs::write(here.path().join("b.npz"), sound(LABELS)).unwrap();
    fs::write(here.path().join("a.npz"), sound(LABELS)).unwrap();
    let data = load_here(here.path()).unwrap();
    assert_eq!((data.train.len(), data.test.len(), data.subjects.len()), (16, 0, 2));
    assert_eq!(check(None, here.path()).unwrap().problems, [] as [String; 0]);
    // Beside files in two parts they are somebody's backup.
    write_subject(here.path(), "c", &sound(LABELS), &sound(LABELS));
    assert_eq!(load_here(here.path()).unwrap().subjects, ["c"]);
}

#[test]
fn subjects_within_a_file_are_told_apart_and_classes_named() {
    let here = folder();
    let text = |texts: &[&str]| {
        let width = texts.iter().map(|text| text.len()).max().unwrap();
        let bytes: Vec<u8> = texts.iter().flat_map(|text| format!("{text:\0<width$}").into_bytes()).collect();
        npy(&format!("|S{width}"), false, &[texts.len()], &bytes)
    };
    let arrays = [
        ("signal", doubles(&[8, 40, 2], &ramp(640))),
        ("label", doubles(&[8], &LABELS)),
        ("subject", text(&["p2", "p2", "p10", "p10", "p2", "p2", "p10", "p10"])),
        ("session", doubles(&[8], &[1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0])),
        ("class_names", text(&["left", "right"])),
    ];
    fs::write(here.path().join("all.npz"), npz(&arrays, Stored)).unwrap();
    let data = load_here(here.path()).unwrap();
    assert_eq!(data.subjects, ["p10", "p2"]);
    assert_eq!(data.train.subjects, [1, 1, 0, 0, 1, 1, 0, 0]);
    assert_eq!(
        (data.sessions, data.train.sessions),
        (vec!["1".into(), "2".into()], vec![0, 0, 0, 0, 1, 1, 1, 1])
    );
    assert_eq!(data.classes, ["left", "right"]);
}

#[test]
fn a_list_names_what_can_be_named() {
    let here = folder();
    for set in ["one", "two"] {
        fs::create_dir(here.path().join(set)).unwrap();
        write_subject(&here.path().join(set), "a", &sound(LABELS), &sound(LABELS));
    }
    fs::remove_file(here.path().join("two/a_test.npz")).unwrap();
    let names = |listings: &[Listing]| listings.iter().map(|it| it.name.clone()).collect::<Vec<_>>();
    let listings = list(here.path()).unwrap();
    assert_eq!(names(&listings), ["one", "two", "simulated"]);
    assert_eq!((listings[0].train, listings[0].samples, listings[0].default), (Some(8), Some(40), false));
    assert!(listings[1].problem.as_ref().unwrap().contains("no _test.npz"));
    // Nothing was named, and there is something to name: neither these nor the simulated set are taken unasked.
    assert!(!listings[2].default);
    refused(
        here.path(),
        "holds no data set: there is one/, two/; name one of the sets with --data-set: one, two",
    );
    write_subject(here.path(), "a", &sound(LABELS), &sound(LABELS));
    let listings = list(here.path()).unwrap();
    assert!(listings[0].default && listings[0].path.as_deref() == Some(here.path()));
    assert!(!listings[3].default);
}

#[test]
fn a_check_counts_and_finds_everything_that_is_wrong() {
    let here = folder();
    let mut signal = ramp(640);
    signal[80..90].fill(f64::NAN);
    signal[500] = f64::NAN;
    write_subject(here.path(), "a", &recording(&[8, 40, 2], &signal, &LABELS), &sound(LABELS));
    let report = check(None, here.path()).unwrap();
    assert_eq!(report.problems, [] as [String; 0]);
    let train = report.set.unwrap().train;
    assert_eq!((train.trials, train.missing, train.trials_with_missing), (8, 11, 2));
    assert_eq!((train.per_class, train.per_subject), (vec![4, 4], vec![vec![4, 4]]));
    assert_eq!(report.files[0].published, None);

    // A file that only has the name of a published one, and one that is none.
    write_subject(here.path(), "S4b", &sound(LABELS), b"PK");
    let report = check(None, here.path()).unwrap();
    assert_eq!(report.files[0].published, Some(false));
    assert!(report.set.is_none());
    assert_eq!(report.problems.len(), 3, "{:?}", report.problems);
}

#[test]
fn real_recordings_are_read() {
    let shared = std::env::var_os("EEG_TUI_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let folder = shared.join("data/scp1");
    if !folder.is_dir() {
        eprintln!("skipped: there is no {}", folder.display());
        return;
    }
    let data = load(Some("scp1"), &shared.join("data")).unwrap();
    assert_eq!((data.train.len(), data.test.len()), (268, 293));
    assert_eq!((data.train.samples, data.electrodes.len()), (896, 6));
    assert_eq!(data.classes, ["1", "2"]);
    assert_eq!(check(Some("scp1"), &shared.join("data")).unwrap().problems, [] as [String; 0]);
}

#[test]
fn simulated_trials_stand_in_for_nothing_that_can_not_be_looked_at() {
    let here = folder();
    let at = |name: &str| here.path().join(name);
    // A link that leads to itself is refused to everybody, root too.
    symlink("data", at("data")).unwrap();
    refused(&at("data"), "data can't be read");
    assert!(check(None, &at("data")).is_err() && list(&at("data")).is_err());
    // Beside a set, and in the place of one.
    fs::create_dir(at("sets")).unwrap();
    symlink("loop", at("sets/loop")).unwrap();
    refused(&at("sets"), "loop can't be read");
    let listed = |name: &str| list(&at("sets")).map(|sets| sets.iter().any(|set| set.name == name));
    assert!(listed("loop").is_err());
    write_subject(&at("sets"), "a", &sound(LABELS), &sound(LABELS));
    assert!(!load_here(&at("sets")).unwrap().is_simulated());
    let sets = list(&at("sets")).unwrap();
    let problem = |name: &str| sets.iter().find(|set| set.name == name).unwrap().problem.clone();
    assert!(problem("loop").unwrap().contains("can't be read"));
    assert_eq!(problem("sets"), None);
}

#[test]
fn a_set_that_can_not_be_looked_at_is_not_said_to_be_gone() {
    let here = folder();
    let set = here.path().join("set");
    fs::create_dir(&set).unwrap();
    write_subject(&set, "a", &sound(LABELS), &sound(LABELS));
    let source = load(Some("set"), here.path()).unwrap().source;
    fs::remove_dir_all(&set).unwrap();
    let gone = load_source(&source, here.path()).unwrap_err();
    assert!(gone.to_string().contains("put it back") && !gone.is_refusal(), "{gone}");
    symlink("set", &set).unwrap();
    let refused = load_source(&source, here.path()).unwrap_err();
    assert!(refused.to_string().contains("set can't be read") && refused.is_refusal(), "{refused}");
}
