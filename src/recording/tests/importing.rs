//! What an import does with recordings that the tests make, and what it says to those that can't be imported.

use super::super::import::{InspectedFile, Options, Report, import, inspect};
use super::super::{Assume, Content, Kind, Watch, open, peek};
use super::made::{self, Edf, Signal};
use super::{options, texts};
use crate::dataset::npz::Npz;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

fn written(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn imported(files: &[PathBuf], options: &Options, folder: &Path) -> Result<Report, String> {
    import("set", files, options, folder, false, &Watch::nobody()).map_err(|error| error.to_string())
}

fn numbers(path: &Path, name: &str) -> Vec<f64> {
    let mut npz = Npz::open(BufReader::new(File::open(path).unwrap())).unwrap();
    npz.numbers(name, usize::MAX, |value| value).unwrap().unwrap().values
}

fn names(path: &Path, name: &str) -> Vec<String> {
    let mut npz = Npz::open(BufReader::new(File::open(path).unwrap())).unwrap();
    npz.texts(name, usize::MAX).unwrap().unwrap()
}

#[test]
fn an_edf_file_becomes_trials() {
    let folder = tempfile::tempdir().unwrap();
    let edf = Edf::sound();
    let file = written(folder.path(), "S007R02.edf", &edf.bytes());
    let report = imported(&[file], &options(&["right", "left"], "0..0.5"), folder.path()).unwrap();
    assert_eq!((report.trials.train, report.trials.test, report.samples), (9, 0, 50));
    let set = folder.path().join("set/S007.npz");
    // Classes are in the order of --events.
    assert_eq!(numbers(&set, "label"), [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
    assert_eq!(names(&set, "class_names"), ["right", "left"]);
    assert_eq!(names(&set, "run"), vec!["2"; 9]);
    let signal = numbers(&set, "signal");
    let value = |channel: usize, sample: usize| f64::from(edf.signals[channel].digital[sample]) / 10.0;
    // The second trial is cut at 1.25 s; (trial, sample, electrode).
    assert!((signal[50 * 2] - value(0, 125)).abs() < 1e-3);
    assert!((signal[50 * 2 + 1] - value(1, 125)).abs() < 1e-3);
    assert!((signal[2 * 50 * 2 - 1] - value(1, 74)).abs() > 1e-3 || value(1, 74) == value(1, 174));
    assert!((signal[2 * 50 * 2 - 1] - value(1, 174)).abs() < 1e-3);
    assert!(
        !fs::read_dir(folder.path()).unwrap().any(|it| it
            .unwrap()
            .file_name()
            .to_string_lossy()
            .contains("importing"))
    );
}

#[test]
fn parts_are_made_by_share_run_and_subject() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = Edf::sound().bytes();
    let files: Vec<PathBuf> = ["S001R01.edf", "S001R02.edf", "S002R01.edf"]
        .iter()
        .map(|name| written(folder.path(), name, &bytes))
        .collect();
    let with = |test: &str, name: &str| {
        let asked = Options { test: texts(&[test]), ..options(&["left", "right"], "0..0.5") };
        import(name, &files, &asked, folder.path(), false, &Watch::nobody()).unwrap()
    };
    let share = with("0.3", "share");
    assert_eq!((share.trials.train, share.trials.test), (18, 9));
    // The last three of nine, of each recording.
    assert_eq!(numbers(&folder.path().join("share/S002_test.npz"), "label"), [0.0, 1.0, 0.0]);
    let run = with("run:02", "run");
    assert_eq!((run.trials.train, run.trials.test), (18, 9));
    let subject = with("subject:S002", "subject");
    let files: Vec<&str> = subject.files.iter().map(|file| file.file.as_str()).collect();
    assert_eq!(files, ["all_test.npz", "all_train.npz"]);
    assert_eq!(names(&folder.path().join("subject/all_test.npz"), "subject"), vec!["S002"; 9]);
    assert!(crate::dataset::load(Some("share"), folder.path()).is_ok());
}

#[test]
fn trials_that_move_too_far_are_dropped_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let mut edf = Edf::sound();
    edf.signals[1].digital[230] = 9000;
    let file = written(folder.path(), "a.edf", &edf.bytes());
    let asked = Options { reject: texts(&["200"]), ..options(&["left", "right"], "0..0.5") };
    let report = imported(&[file], &asked, folder.path()).unwrap();
    assert_eq!(report.trials.train, 8);
    assert!(
        report.lost.iter().any(|lost| lost.count == 1 && lost.why.contains("--reject")),
        "{:?}",
        report.lost
    );
}

#[test]
fn a_reference_is_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "a.edf", &Edf::sound().bytes());
    let asked = Options { reference: texts(&["average"]), ..options(&["left"], "0..0.5") };
    imported(&[file], &asked, folder.path()).unwrap();
    let signal = numbers(&folder.path().join("set/a.npz"), "signal");
    assert!(signal.chunks(2).all(|sample| (sample[0] + sample[1]).abs() < 1e-4));
    assert!(signal.iter().any(|value| value.abs() > 1.0));
}

#[test]
fn a_real_gap_cuts_the_recording_and_no_trial_reaches_over_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut edf = Edf::sound();
    // From record 5 on the clock is 100 s later.
    for record in 5..10 {
        edf.annotations[record] = format!("+{}\x14\x14\0+{}.75\x14left\x14\0", record + 100, record + 100);
    }
    edf.annotations[4].push_str("+4.75\x14left\x14\0");
    let file = written(folder.path(), "a.edf", &edf.bytes());
    let opened = open(&file, &Assume::default()).unwrap();
    assert_eq!(opened.segments.len(), 2);
    let report = imported(&[file], &options(&["left"], "0..0.4"), folder.path()).unwrap();
    // Of 4.75 s to the gap and of 109.75 s to the end there are only 0.25 s.
    let lost: usize = report.lost.iter().map(|lost| lost.count).sum();
    assert_eq!((report.trials.train, lost), (7, 2), "{:?}", report.lost);
    let signal = numbers(&folder.path().join("set/a.npz"), "signal");
    let first_behind = f64::from(edf.signals[0].digital[575]) / 10.0;
    assert!(
        (signal[3 * 40 * 2] - first_behind).abs() < 1e-3,
        "the first trial behind the gap lies at its own record"
    );
}

#[test]
fn what_cannot_be_imported_is_said_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let sound = Edf::sound();
    let file = written(folder.path(), "a.edf", &sound.bytes());
    let mut silent = sound.clone();
    silent.annotations.clear();
    let silent = written(folder.path(), "silent.edf", &silent.bytes());
    let mut other = sound.clone();
    other.signals[1].label = "Pz";
    let other = written(folder.path(), "other.edf", &other.bytes());
    let mut slow = sound.clone();
    slow.signals[1] = Signal { per_record: 50, digital: vec![1; 500], ..slow.signals[1].clone() };
    let slow = written(folder.path(), "slow.edf", &slow.bytes());
    let mut unitless = sound.clone();
    unitless.signals[0].unit = "";
    let unitless = written(folder.path(), "unitless.edf", &unitless.bytes());
    let mut cut = sound.bytes();
    cut.truncate(4000);
    let cut = written(folder.path(), "cut.edf", &cut);
    let plain = options(&["left", "right"], "0..0.5");
    let cases: Vec<(Vec<&PathBuf>, Options, &str)> = vec![
        (vec![&file, &cut], plain.clone(), "cut off"),
        (vec![&silent], plain.clone(), "no events"),
        (vec![&file], options(&["up"], "0..0.5"), "left (5)"),
        (vec![&file], options(&["left", "up"], "0..0.5"), "the class 'up'"),
        (vec![&file], Options { window: None, ..plain.clone() }, "--window"),
        (vec![&file], Options { events: Vec::new(), ..plain.clone() }, "--events"),
        (vec![&file], options(&["left", "right"], "0..1.5"), "overlap"),
        (vec![&file], options(&["left", "right"], "0..60"), "not one trial"),
        (vec![&file, &other], plain.clone(), "different channels"),
        (vec![&slow], plain.clone(), "unequal sampling rates"),
        (vec![&unitless], plain.clone(), "--unit"),
        (vec![&file], Options { picks: texts(&["Oz"]), ..plain.clone() }, "C3, C4"),
        (vec![&file], Options { band: Some("8..60".into()), ..plain.clone() }, "50 Hz"),
        (vec![&file], Options { resample: Some(-5.0), ..plain.clone() }, "--resample"),
        (vec![&file], Options { test: texts(&["run:9"]), ..plain.clone() }, "there is run 1"),
        (vec![&file], Options { stim: Some("Status".into()), ..plain.clone() }, "Status"),
    ];
    for (files, asked, word) in cases {
        let files: Vec<PathBuf> = files.into_iter().cloned().collect();
        let sentence = imported(&files, &asked, folder.path()).unwrap_err();
        assert!(sentence.contains(word), "{word}: {sentence}");
        assert!(!folder.path().join("set").exists(), "{word}");
    }
    let odd = import("../x", &[file], &plain, folder.path(), false, &Watch::nobody());
    assert!(odd.unwrap_err().to_string().contains("name"));
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| name.to_string_lossy().ends_with(".edf")), "{left:?}");
}

#[test]
fn an_unequal_rate_is_made_equal_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let mut slow = Edf::sound();
    slow.signals[1] = Signal { per_record: 50, digital: vec![100; 500], ..slow.signals[1].clone() };
    let file = written(folder.path(), "a.edf", &slow.bytes());
    let asked = Options { resample: Some(50.0), ..options(&["left", "right"], "0..0.5") };
    let report = imported(std::slice::from_ref(&file), &asked, folder.path()).unwrap();
    assert_eq!((report.samples, report.channels.len(), report.sfreq), (25, 2, Some(50.0)));
    let asked = Options { picks: texts(&["c4"]), ..options(&["left", "right"], "0..0.5") };
    let report = import("slow", &[file], &asked, folder.path(), false, &Watch::nobody()).unwrap();
    assert_eq!((report.samples, report.sfreq), (25, Some(50.0)));
}

#[test]
fn channels_in_another_order_are_put_into_the_first_ones() {
    let folder = tempfile::tempdir().unwrap();
    let sound = Edf::sound();
    let mut turned = sound.clone();
    turned.signals.reverse();
    let files = [
        written(folder.path(), "S001R01.edf", &sound.bytes()),
        written(folder.path(), "S001R02.edf", &turned.bytes()),
    ];
    let report = imported(&files, &options(&["left", "right"], "0..0.5"), folder.path()).unwrap();
    assert_eq!((report.trials.train, &report.channels[..]), (18, &texts(&["C3", "C4"])[..]));
    let signal = numbers(&folder.path().join("set/S001.npz"), "signal");
    let (first, second) = signal.split_at(signal.len() / 2);
    assert_eq!(first, second);
}

#[test]
fn events_outside_the_recording_are_dropped_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let mut edf = Edf::sound();
    edf.annotations[3].push_str("+500\x14left\x14\0+501\x14rest\x14\0");
    let file = written(folder.path(), "a.edf", &edf.bytes());
    let report = imported(&[file], &options(&["left", "right"], "0..0.5"), folder.path()).unwrap();
    let lost: Vec<(&str, usize)> = report.lost.iter().map(|lost| (lost.why.as_str(), lost.count)).collect();
    assert_eq!((report.trials.train, lost), (9, vec![("the event lies outside the recording", 1)]));
}

#[test]
fn a_trigger_channel_gives_events_and_is_no_electrode() {
    let folder = tempfile::tempdir().unwrap();
    let mut edf = Edf::sound();
    let mut codes = vec![0i16; 1000];
    for (at, code) in [(100, 10), (200, 20), (300, 10), (400, 20)] {
        codes[at..at + 5].fill(code);
    }
    edf.signals.push(Signal { label: "Status", unit: "", per_record: 100, digital: codes });
    edf.annotations.clear();
    let file = written(folder.path(), "a.edf", &edf.bytes());
    let summary = peek(open(&file, &Assume::default()).unwrap(), &Watch::nobody()).unwrap();
    assert_eq!(summary.channels[2].kind, Kind::Stim);
    assert_eq!(summary.stim["Status"], [(100, 1), (200, 2), (300, 1), (400, 2)]);
    let asked = Options { stim: Some("status".into()), ..options(&["1=left", "2=right"], "0..0.9") };
    let report = imported(std::slice::from_ref(&file), &asked, folder.path()).unwrap();
    assert_eq!(report.channels, ["C3", "C4"]);
    assert_eq!(report.classes["left"], 2);
    let asked = Options { picks: texts(&["Status"]), ..asked };
    let sentence =
        import("b", &[file], &asked, folder.path(), false, &Watch::nobody()).unwrap_err().to_string();
    assert!(sentence.contains("give the classes away"), "{sentence}");
}

#[test]
fn brainvision_text_is_read_in_both_orientations() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), "v.vmrk", b"x\n[Marker Infos]\nMk1=New Segment,,1,1,0\nMk2=Stimulus,S  1,2,0,0\n");
    for (orientation, data) in
        [("MULTIPLEXED", "C3 b\n1,5 2\n-3 4\n5e0 6\n"), ("VECTORIZED", "C3 1,5 -3 5\nb 2 4 6\n")]
    {
        written(folder.path(), "v.dat", data.as_bytes());
        let file = written(folder.path(), "v.vhdr", made::vhdr("ASCII", orientation).as_bytes());
        let summary = peek(open(&file, &Assume::default()).unwrap(), &Watch::nobody()).unwrap();
        let values =
            |channel: usize| summary.channels[channel].first.iter().map(|it| it.unwrap()).collect::<Vec<_>>();
        assert_eq!(values(0), [0.75, -1.5, 2.5], "{orientation}");
        assert_eq!(values(1), [4000.0, 8000.0, 12000.0], "{orientation}");
        assert_eq!(summary.channels[1].name, "a,b");
        assert_eq!((summary.events.len(), summary.events[0].onset), (1, 0.01));
    }
}

#[test]
fn gdf_events_are_counted_from_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "a.gdf", &made::gdf());
    let asked = options(&["769", "770"], "0..0.5");
    let report = imported(&[file], &asked, folder.path()).unwrap();
    assert_eq!(report.trials.train, 2);
    let signal = numbers(&folder.path().join("set/a.npz"), "signal");
    assert_eq!((signal[0], signal[25]), (5.0, 50.0));
}

#[test]
fn arrays_of_other_axes_and_units_are_put_right() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "a.mat", &made::mat());
    let report = imported(std::slice::from_ref(&file), &Options::default(), folder.path()).unwrap();
    assert_eq!((report.samples, report.channels.len(), report.sfreq), (50, 3, Some(100.0)));
    assert_eq!(
        numbers(&folder.path().join("set/a.npz"), "label"),
        [1.0, 2.0, 1.0, 2.0],
        "numbers stay as they are"
    );
    let x = |trial: usize, channel: usize, sample: usize| {
        f64::from(((trial + 4 * (channel + 3 * sample)) % 83) as u8) - 41.0
    };
    let signal = numbers(&folder.path().join("set/a.npz"), "signal");
    assert_eq!(signal[(2 * 50 + 7) * 3 + 1], x(2, 1, 7));
    let volts = Options { unit: Some("V".into()), ..Options::default() };
    import("volts", &[file], &volts, folder.path(), false, &Watch::nobody()).unwrap();
    let volts = numbers(&folder.path().join("volts/a.npz"), "signal");
    assert_eq!(volts[0], signal[0] * 1e6);
}

#[test]
fn a_bids_folder_is_read_with_its_tables() {
    let folder = tempfile::tempdir().unwrap();
    let eeg = folder.path().join("bids/sub-01/ses-2/eeg");
    fs::create_dir_all(&eeg).unwrap();
    let mut edf = Edf::sound();
    edf.annotations.clear();
    edf.signals[1].unit = "";
    written(&eeg, "sub-01_ses-2_task-mi_run-3_eeg.edf", &edf.bytes());
    written(
        &eeg,
        "sub-01_ses-2_task-mi_run-3_events.tsv",
        b"onset\tduration\ttrial_type\n1.0\t0.5\tleft\n3.0\tn/a\tright\n",
    );
    written(
        &eeg,
        "sub-01_ses-2_task-mi_run-3_channels.tsv",
        b"name\ttype\tunits\tstatus\nC3\tEOG\tuV\tgood\nC4\tEEG\tmV\tbad\n",
    );
    let root = folder.path().join("bids");
    let inspected = inspect(std::slice::from_ref(&root), &Options::default(), &Watch::nobody()).unwrap();
    let file = &inspected.files[0];
    assert_eq!((file.subject.as_str(), file.session.as_deref(), file.run.as_str()), ("01", Some("2"), "3"));
    assert_eq!(file.channels[0].kind, Kind::Eog);
    let report = imported(&[root], &options(&["left", "right"], "0..1"), folder.path()).unwrap();
    assert_eq!((report.trials.train, report.channels), (2, vec!["C4".to_owned()]));
    let signal = numbers(&folder.path().join("set/01.npz"), "signal");
    assert!((signal[0] - f64::from(edf.signals[1].digital[100]) * 100.0).abs() < 1e-1);
}

#[test]
fn tables_further_up_hold_for_all_recordings_below_and_the_nearest_counts() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("bids");
    let mut edf = Edf::sound();
    edf.annotations.clear();
    edf.signals[1].unit = "";
    for run in ["sub-01_task-mi_run-1", "sub-01_task-mi_run-2", "sub-01_task-rest"] {
        let eeg = root.join("sub-01/eeg");
        fs::create_dir_all(&eeg).unwrap();
        written(&eeg, &format!("{run}_eeg.edf"), &edf.bytes());
    }
    written(&root, "channels.tsv", b"name\ttype\tunits\nC3\tEOG\tuV\nC4\tEEG\tmV\n");
    written(&root, "task-mi_events.tsv", b"onset\tduration\ttrial_type\n1.0\t0.5\tleft\n3.0\tn/a\tright\n");
    written(
        &root,
        "task-mi_events.json",
        br#"{"trial_type": {"Levels": {"left": "the left fist", "foot": "both feet"}}}"#,
    );
    let own = b"onset\tduration\ttrial_type\n2.0\t0.5\tleft\n";
    written(&root.join("sub-01/eeg"), "sub-01_task-mi_run-2_events.tsv", own);
    let inspected = inspect(&[root], &Options::default(), &Watch::nobody()).unwrap();
    let [first, second, rest] = &inspected.files[..] else { panic!("{inspected:?}") };
    let events = |file: &InspectedFile| -> Vec<(String, usize)> {
        file.events.iter().map(|event| (event.name.clone(), event.count)).collect()
    };
    assert_eq!(events(first), [("left".into(), 1), ("right".into(), 1)]);
    assert_eq!(events(second), [("left".into(), 1)], "a recording's own table counts");
    assert_eq!(events(rest), [], "what is said of a task is said of no other");
    for file in [first, second, rest] {
        assert_eq!((file.channels[0].kind, file.channels[1].unit.as_str()), (Kind::Eog, "mV"));
    }
    assert_eq!(first.notes, ["its events: left is the left fist"]);
}

#[test]
fn classes_that_a_gdf_file_keeps_back_are_told_by_text_or_mat() {
    let folder = tempfile::tempdir().unwrap();
    let known = written(folder.path(), "A01T.gdf", &made::gdf());
    let kept = written(folder.path(), "A01E.gdf", &made::gdf_of([783, 783]));
    let first = written(folder.path(), "A01T.txt", b"1\n2\n");
    let asked = |truth: &[&PathBuf]| Options {
        true_labels: truth.iter().map(|&file| file.clone()).collect(),
        unit: Some("uV".into()),
        ..options(&["769=left", "770=right"], "0..1")
    };
    for (name, bytes) in [("A01E.txt", b"2 1".to_vec()), ("A01E.mat", made::mat_of_labels(&[2.0, 1.0]))] {
        let truth = written(folder.path(), name, &bytes);
        let files = [known.clone(), kept.clone()];
        let told = Options { subject: Some("A01".into()), ..asked(&[&first, &truth]) };
        let set = name.replace('.', "-");
        let report = import(&set, &files, &told, folder.path(), false, &Watch::nobody()).unwrap();
        assert_eq!((report.trials.train, report.trials.test), (2, 2), "{name}");
        assert_eq!(numbers(&folder.path().join(set).join("A01_test.npz"), "label"), [1.0, 0.0]);
        // By itself it is a set without a test part.
        let report = import("alone", &files[1..], &asked(&[&truth]), folder.path(), true, &Watch::nobody());
        let report = report.unwrap();
        assert_eq!((report.trials.train, report.trials.test), (2, 0));
        assert!(report.notes.iter().any(|note| note.contains("kept for a test")), "{:?}", report.notes);
    }
    let short = written(folder.path(), "short.txt", b"2");
    let other = written(folder.path(), "other.txt", b"2 2");
    for (file, truth, said) in
        [(&kept, &short, "2 trials"), (&known, &other, "another subject"), (&kept, &known, "can't be read")]
    {
        let refused = imported(std::slice::from_ref(file), &asked(&[truth]), folder.path()).unwrap_err();
        assert!(refused.contains(said), "{refused}");
    }
}

#[test]
fn classes_that_arrays_keep_back_are_told_and_what_keeps_none_back_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let npy = |name: &str, shape: &str, values: &[f64]| {
        let head = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend(118u16.to_le_bytes());
        bytes.extend(format!("{head:<117}\n").into_bytes());
        bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        written(folder.path(), name, &bytes)
    };
    let signal: Vec<f64> = (0..4 * 10 * 2).map(f64::from).collect();
    let file = npy("signal.npy", "(4, 10, 2)", &signal);
    npy("label.npy", "(4,)", &[1.0, 2.0, f64::NAN, f64::NAN]);
    let truth = written(folder.path(), "truth.txt", b"1 2 2 1");
    let asked = Options { true_labels: vec![truth], unit: Some("uV".into()), ..Options::default() };
    let report = imported(&[file], &asked, folder.path()).unwrap();
    assert_eq!((report.trials.train, report.trials.test), (2, 2));
    let edf = written(folder.path(), "a.edf", &Edf::sound().bytes());
    let refused = inspect(&[edf], &asked, &Watch::nobody()).unwrap_err().to_string();
    assert!(refused.contains("keeps no class back"), "{refused}");
}

#[test]
fn the_beginning_of_the_first_recording_can_be_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let edf = Edf::sound();
    let files = ["a.edf", "b.edf"].map(|name| written(folder.path(), name, &edf.bytes()));
    let inspected = inspect(&files, &Options::default(), &Watch::nobody()).unwrap();
    let trace = inspected.files[0].trace.as_ref().unwrap();
    assert_eq!((trace.rate, trace.channels.len(), trace.channels[1].values.len()), (Some(100.0), 2, 1000));
    assert_eq!((trace.channels[1].name.as_str(), trace.channels[1].unit.as_str()), ("C4", "µV"));
    let value = f64::from(edf.signals[1].digital[345]) / 10.0;
    assert!((f64::from(trace.channels[1].values[345]) - value).abs() < 1e-3);
    assert!(inspected.files[1].trace.is_none(), "of the others it would only cost time");
    let trials =
        inspect(&[written(folder.path(), "c.mat", &made::mat())], &Options::default(), &Watch::nobody());
    let trials = trials.unwrap();
    let trace = trials.files[0].trace.as_ref().unwrap();
    assert_eq!((trace.channels.len(), trace.channels[0].values.len()), (3, 50));
}

#[test]
fn a_long_read_can_be_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "a.edf", &Edf::sound().bytes());
    let stop = std::sync::atomic::AtomicBool::new(true);
    let watch = Watch { stop: &stop, progress: &|_| {} };
    let stopped = import("set", &[file], &options(&["left"], "0..0.5"), folder.path(), false, &watch);
    assert!(stopped.unwrap_err().to_string().contains("stopped"));
    assert!(!folder.path().join("set").exists());
}

#[test]
fn text_that_is_not_utf8_is_read_as_latin1() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = Edf::sound().bytes();
    bytes[256] = 0xb5;
    let file = written(folder.path(), "a.edf", &bytes);
    let opened = open(&file, &Assume::default()).unwrap();
    assert_eq!(opened.channels[0].name, "µ3");
    assert!(matches!(opened.content, Content::Continuous(_)));
}
