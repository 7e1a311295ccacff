//! Every option of an import against trials that SciPy and MNE-Python cut from the same recordings.

use super::super::Watch;
use super::super::import::{Options, Report, import};
use super::{close, options, shared, shared_json, texts};
use crate::dataset::npz::Npz;
use serde_json::Value;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

fn runs(runs: &[&str]) -> Option<Vec<PathBuf>> {
    runs.iter().map(|run| shared(&format!("data/eegmmidb-S001/S001R{run}.edf"))).collect()
}

struct Read {
    shape: Vec<usize>,
    signal: Vec<f64>,
    labels: Vec<f64>,
    runs: Vec<String>,
    names: Vec<String>,
}

fn read(path: &Path) -> Read {
    let mut npz = Npz::open(BufReader::new(File::open(path).unwrap())).unwrap();
    let signal = npz.numbers("signal", usize::MAX, |value| value).unwrap().unwrap();
    Read {
        shape: signal.shape,
        signal: signal.values,
        labels: npz.numbers("label", usize::MAX, |value| value).unwrap().unwrap().values,
        runs: npz.texts("run", usize::MAX).unwrap().unwrap(),
        names: npz.texts("ch_names", usize::MAX).unwrap().unwrap(),
    }
}

fn done(files: &[PathBuf], options: &Options, folder: &Path) -> Report {
    import("set", files, options, folder, false, &Watch::nobody()).unwrap()
}

fn asked(case: &Value) -> Options {
    let asked = &case["options"];
    let pair = |value: &Value| format!("{}..{}", value[0], value[1]);
    let mut options = options(&["T1", "T2"], &format!("{}..{}", asked["tmin"], asked["tmax"]));
    if let Some(picks) = asked["picks"].as_array() {
        options.picks = picks.iter().map(|name| name.as_str().unwrap().to_owned()).collect();
    }
    options.band = asked.get("band").map(pair);
    options.resample = asked["resample"].as_f64();
    options
}

fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt())
}

#[test]
fn every_option_cuts_the_trials_that_scipy_and_mne_cut() {
    let (Some(expected), Some(files)) = (shared_json("epochs/expected.json"), runs(&["04", "08", "12"]))
    else {
        return;
    };
    for (name, case) in expected["cases"].as_object().unwrap() {
        let folder = tempfile::tempdir().unwrap();
        let report = done(&files, &asked(case), folder.path());
        let set = read(&folder.path().join("set/S001.npz"));
        let sizes: Vec<usize> =
            case["shape"].as_array().unwrap().iter().map(|size| size.as_u64().unwrap() as usize).collect();
        let (trials, electrodes, samples) = (sizes[0], sizes[1], sizes[2]);
        assert_eq!(set.shape, [trials, samples, electrodes], "{name}");
        let names: Vec<&str> =
            case["channels"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
        assert_eq!(set.names, names, "{name}");
        let labels: Vec<f64> =
            case["labels"].as_array().unwrap().iter().map(|it| it.as_f64().unwrap()).collect();
        assert_eq!(set.labels, labels, "{name}");
        let runs: Vec<String> =
            case["trials"].as_array().unwrap().iter().map(|it| it[0].to_string()).collect();
        assert_eq!(set.runs, runs, "{name}");
        let lost: usize = report.lost.iter().map(|lost| lost.count).sum();
        assert_eq!(lost, case["lost"].as_array().unwrap().len(), "{name}");
        let (mean, sd) = moments(&set.signal);
        close(mean, case["mean_all"].as_f64().unwrap(), sd, name);
        close(sd, case["sd_all"].as_f64().unwrap(), 0.0, name);
        for sample in case["samples"].as_array().unwrap() {
            let trial = sample["trial"].as_u64().unwrap() as usize;
            let channel = names.iter().position(|name| sample["channel"] == **name).unwrap();
            let at = |time: usize| set.signal[(trial * samples + time) * electrodes + channel];
            let ends = [("first5", 0), ("last5", samples - 5)];
            for (time, value) in ends.iter().flat_map(|&(key, from)| {
                sample[key]
                    .as_array()
                    .unwrap()
                    .iter()
                    .enumerate()
                    .map(move |(place, value)| (from + place, value))
            }) {
                close(at(time), value.as_f64().unwrap(), sd, name);
            }
        }
    }
}

#[test]
fn a_set_made_again_from_its_provenance_is_the_same_bit_for_bit() {
    let Some(files) = runs(&["04", "08", "12"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let asked = Options {
        picks: texts(&["C3", "Cz", "C4"]),
        band: Some("8..30".into()),
        reference: texts(&["average"]),
        test: texts(&["run:12"]),
        ..options(&["T1=left", "T2=right"], "0.5..2.5")
    };
    let first = done(&files, &asked, folder.path());
    assert_eq!((first.trials.train, first.trials.test), (30, 15));
    assert!(first.fingerprint.is_some());
    let again = super::super::import::again(
        Some("again"),
        &folder.path().join("set"),
        folder.path(),
        false,
        &Watch::nobody(),
    );
    let again = again.unwrap();
    assert_eq!(again.files, first.files);
    let bytes = |set: &str| std::fs::read(folder.path().join(set).join("S001_train.npz")).unwrap();
    assert!(bytes("set") == bytes("again"));
}

#[test]
fn set_iiib_as_the_competition_ships_it_becomes_training_and_test_trials() {
    let (Some(expected), Some(mat), Some(truth)) = (
        shared_json("formats/synthetic/biosig_expected.json"),
        shared("formats/synthetic/biosig_hdr.mat"),
        shared("formats/synthetic/true_labels_B1.txt"),
    ) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let asked = Options { window: Some("0..6".into()), subject: Some("B1".into()), ..Options::default() };
    let report = done(std::slice::from_ref(&mat), &asked, folder.path());
    let window = &expected["window_0_to_6s"];
    let known = window["labels"].as_array().unwrap().iter().filter(|label| !label.is_null()).count();
    assert_eq!(report.trials.train, known);
    let train = read(&folder.path().join("set/B1.npz"));
    let labels: Vec<f64> = window["labels"].as_array().unwrap().iter().filter_map(Value::as_f64).collect();
    assert_eq!(train.labels, labels);
    let places =
        window["labels"].as_array().unwrap().iter().enumerate().filter(|(_, label)| !label.is_null());
    for (trial, (place, _)) in places.enumerate() {
        for electrode in 0..2 {
            let first = train.signal[trial * 1500 + electrode];
            let last = train.signal[trial * 1500 + 1498 + electrode];
            // A value that wasn't recorded is null there.
            for (ours, theirs) in [(first, &window["first_samples"]), (last, &window["last_samples"])] {
                match theirs[place][electrode].as_f64() {
                    Some(theirs) => close(ours, theirs, 1.0, "set IIIb"),
                    None => assert!(ours.is_nan()),
                }
            }
        }
    }
    // The labels of one trial are no labels of seven.
    let wrong = Options { true_labels: vec![truth], ..asked.clone() };
    let refused = import("other", std::slice::from_ref(&mat), &wrong, folder.path(), false, &Watch::nobody())
        .unwrap_err();
    assert!(refused.to_string().contains("one a trial"), "{refused}");
    let labels = folder.path().join("true.txt");
    std::fs::write(&labels, "1\n2\n2\n2\n1\n1\n1\n").unwrap();
    let told = Options { true_labels: vec![labels], ..asked };
    if let Ok(report) = import("other", &[mat], &told, folder.path(), false, &Watch::nobody()) {
        assert_eq!((report.trials.train, report.trials.test), (known, 6 - known));
    }
}

#[test]
fn epochs_and_arrays_keep_their_trials() {
    for (file, unit) in [("epochs.set", None), ("trials.mat", Some("uV"))] {
        let Some(path) = shared(&format!("formats/synthetic/{file}")) else { return };
        let folder = tempfile::tempdir().unwrap();
        let asked = Options { unit: unit.map(str::to_owned), ..Options::default() };
        let report = done(&[path], &asked, folder.path());
        assert_eq!(report.trials.train, 3, "{file}");
        let set = read(&folder.path().join("set").join(&report.files[0].file));
        assert_eq!(set.shape, [3, 100, 4], "{file}");
        for trial in 0..3usize {
            for time in 0..100usize {
                for channel in 0..4usize {
                    let (t, c) = ((trial * 100 + time) as f64, channel as f64);
                    let right = (1000.0 * (0.07 * (c + 1.0) * t + c).sin()).round_ties_even() / 10.0;
                    close(set.signal[(trial * 100 + time) * 4 + channel], right, 10.0, file);
                }
            }
        }
    }
}
