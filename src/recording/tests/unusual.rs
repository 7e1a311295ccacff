//! What is legal and rare, in files that the tests make.

use super::super::import::{Options, Report, import};
use super::super::{Assume, Kind, Summary, Watch, open, peek};
use super::made::{self, Edf, Signal};
use super::{options, texts};
use crate::dataset::tests::sample::{npy, npz};
use std::fs;
use std::path::{Path, PathBuf};
use zip::CompressionMethod::Stored;

fn written(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn imported(files: &[PathBuf], options: &Options, folder: &Path) -> Result<Report, String> {
    import("set", files, options, folder, true, &Watch::nobody()).map_err(|error| error.to_string())
}

fn peeked(file: &Path) -> Summary {
    peek(open(file, &Assume::default()).unwrap(), &Watch::nobody()).unwrap()
}

#[test]
fn names_in_another_case_are_the_same_electrodes() {
    let folder = tempfile::tempdir().unwrap();
    let mut other = Edf::sound();
    other.signals.reverse();
    (other.signals[0].label, other.signals[1].label) = ("c4", "C3.");
    let files = [
        written(folder.path(), "S001R01.edf", &Edf::sound().bytes()),
        written(folder.path(), "S001R02.edf", &other.bytes()),
    ];
    let report = imported(&files, &options(&["left", "right"], "0..0.5"), folder.path()).unwrap();
    assert_eq!((report.trials.train, report.channels), (18, texts(&["C3", "C4"])));
    other.signals[0].label = "P4";
    written(folder.path(), "S001R02.edf", &other.bytes());
    let refused = imported(&files, &options(&["left", "right"], "0..0.5"), folder.path()).unwrap_err();
    assert!(refused.contains("only the first: P4; only the second: C4"), "{refused}");
}

#[test]
fn a_trigger_of_any_name_and_unit_has_the_codes_that_its_file_says() {
    let folder = tempfile::tempdir().unwrap();
    for unit in ["V", "mV", "nV", "uV", ""] {
        let mut edf = Edf::sound();
        let mut codes = vec![0i16; 1000];
        codes[100..105].fill(30);
        codes[200..205].fill(70);
        edf.signals.push(Signal { label: "DIN", unit, per_record: 100, digital: codes });
        let file = written(folder.path(), "a.edf", &edf.bytes());
        let asked = Options {
            stim: Some("DIN".into()),
            picks: texts(&["C3", "C4"]),
            ..options(&["3=left", "7=right"], "0..0.9")
        };
        let report = imported(&[file], &asked, folder.path()).unwrap();
        assert_eq!((report.classes["left"], report.classes["right"]), (1, 1), "{unit}");
    }
}

#[test]
fn an_event_after_the_middle_of_the_last_sample_is_within_the_recording() {
    let folder = tempfile::tempdir().unwrap();
    let mut edf = Edf::sound();
    edf.annotations[3].push_str("+9.999\x14end\x14\0+10.001\x14after\x14\0");
    let summary = peeked(&written(folder.path(), "a.edf", &edf.bytes()));
    assert_eq!((summary.events.last().unwrap().name.as_str(), summary.outside), ("end", 1));
}

#[test]
fn an_event_ends_with_its_recording() {
    let folder = tempfile::tempdir().unwrap();
    let mut edf = Edf::sound();
    edf.annotations[3].push_str("+9.5\x152\x14long\x14\0+3.5\x152\x14short\x14\0");
    let summary = peeked(&written(folder.path(), "a.edf", &edf.bytes()));
    let lasts = |name: &str| summary.events.iter().find(|event| event.name == name).unwrap().duration;
    assert_eq!((lasts("long"), lasts("short")), (0.5, 2.0));
}

#[test]
fn a_rate_that_no_amplifier_has_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let edf = Edf { duration: "1e-300", annotations: Vec::new(), ..Edf::sound() };
    let file = written(folder.path(), "a.edf", &edf.bytes());
    let refused = open(&file, &Assume::default()).err().unwrap().to_string();
    assert!(refused.contains("a sampling rate of 1.000e302 Hz"), "{refused}");
}

#[test]
fn a_brainvision_channel_lies_where_its_number_says() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = ("Ch1=C3,,0.5,µV\n", "Ch2=a\\1b,,2,mV\n");
    let turned =
        made::vhdr("BINARY", "MULTIPLEXED").replace(&format!("{first}{second}"), &format!("{second}{first}"));
    assert!(turned.ends_with(first));
    written(folder.path(), "v.vmrk", b"[Marker Infos]\n");
    written(folder.path(), "v.dat", &[10u8, 0, 20, 0, 30, 0, 40, 0]);
    let summary = peeked(&written(folder.path(), "v.vhdr", turned.as_bytes()));
    let [one, two] = &summary.channels[..] else { panic!("{:?}", summary.channels) };
    assert_eq!((one.name.as_str(), &one.first[..]), ("C3", &[Some(5.0), Some(15.0)][..]));
    assert_eq!((two.name.as_str(), &two.first[..]), ("a,b", &[Some(40_000.0), Some(80_000.0)][..]));
    for lie in ["Ch1=a", "Ch3=a", "Ch0=a"] {
        let lying = turned.replace("Ch2=a", lie);
        let file = written(folder.path(), "lying.vhdr", lying.replace("$b", "v").as_bytes());
        let refused = open(&file, &Assume::default()).err().unwrap().to_string();
        assert!(refused.contains("not numbered from 1 on"), "{refused}");
    }
}

#[test]
fn an_eeglab_channel_is_what_its_set_says() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "a.set", &made::eeglab([("X1", "EOG"), ("C3", "EEG")]));
    let kinds: Vec<Kind> = peeked(&file).channels.iter().map(|channel| channel.kind).collect();
    assert_eq!(kinds, [Kind::Eog, Kind::Eeg]);
    let file = written(folder.path(), "b.set", &made::eeglab([("VEOG", ""), ("C3", "")]));
    assert_eq!(peeked(&file).channels[0].kind, Kind::Eog, "a name says it where the set doesn't");
}

/// An npz file of six trials of 40 samples and two electrodes, as (trial, time, electrode) unless said otherwise.
fn arrays(signal: &str, shape: &[usize], label: &str, more: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let values: Vec<u8> =
        (0..6 * 40 * 2).flat_map(|i| (f64::from(i * 7 % 83) - 41.0).to_le_bytes()).collect();
    let labels: Vec<u8> = (0..6).flat_map(|trial| i64::from(trial % 2 + 1).to_le_bytes()).collect();
    let mut all =
        vec![(signal, npy("<f8", false, shape, &values)), (label, npy("<i8", false, &[6], &labels))];
    all.extend_from_slice(more);
    npz(&all, Stored)
}

#[test]
fn the_unit_that_a_file_of_arrays_says_is_heeded() {
    let folder = tempfile::tempdir().unwrap();
    let unit = |unit: &str| {
        let text: Vec<u8> = unit.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        ("unit", npy(&format!("<U{}", unit.len()), false, &[], &text))
    };
    for (said, factor) in [("V", 1e6), ("mV", 1e3), ("uV", 1.0), ("nV", 1e-3)] {
        let file = written(folder.path(), "a.npz", &arrays("signal", &[6, 40, 2], "label", &[unit(said)]));
        assert_eq!(peeked(&file).channels[0].first[0], Some(-41.0 * factor), "{said}");
        let report = imported(&[file], &Options::default(), folder.path()).unwrap();
        assert_eq!(report.trials.train, 6);
        let set = crate::dataset::load(Some("set"), folder.path()).unwrap();
        assert!((f64::from(set.train.signal[0]) / (-41.0 * factor) - 1.0).abs() < 1e-6, "{said}");
    }
}

#[test]
fn arrays_without_names_or_with_an_axis_too_many_are_taken_where_only_one_thing_can_be_meant() {
    let folder = tempfile::tempdir().unwrap();
    let first = |file: &Path| peeked(file).channels[1].first[1];
    let plain = written(folder.path(), "plain.npz", &arrays("signal", &[6, 40, 2], "label", &[]));
    // numpy.savez(file, signal, label)
    let file = written(folder.path(), "a.npz", &arrays("arr_0", &[6, 40, 2], "arr_1", &[]));
    assert_eq!(first(&file), first(&plain));
    let report = imported(&[file], &Options::default(), folder.path()).unwrap();
    assert_eq!((report.classes["1"], report.classes["2"]), (3, 3));
    assert!(report.notes.iter().any(|note| note.contains("taken from 'arr_1'")), "{:?}", report.notes);
    // As networks take it: (trial, 1, time, electrode).
    let file = written(folder.path(), "b.npz", &arrays("signal", &[6, 1, 40, 2], "label", &[]));
    assert_eq!(first(&file), first(&plain));
    // Times, and labels of which one is missing, make no classes of anything else.
    let times: Vec<u8> = (0..40).flat_map(|i| (f64::from(i) / 100.0).to_le_bytes()).collect();
    let values: Vec<u8> = (0..480).flat_map(|i| f64::from(i % 83).to_le_bytes()).collect();
    let signal = ("signal", npy("<f8", false, &[6, 2, 40], &values));
    for beside in [
        vec![("times", npy("<f8", false, &[40], &times))],
        vec![("y", npy("<i8", false, &[5], &[1; 40])), ("block", npy("<i8", false, &[6], &[1; 48]))],
    ] {
        let all = [vec![signal.clone()], beside].concat();
        let file = written(folder.path(), "d.npz", &npz(&all, Stored));
        let refused = open(&file, &Assume::default()).err().unwrap().to_string();
        assert!(refused.contains("name one with --labels"), "{refused}");
    }
    // As many names of classes as electrodes.
    let two = npy("<i8", false, &[2], &[1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]);
    let file = written(folder.path(), "e.npz", &arrays("signal", &[6, 40, 2], "labels", &[("class", two)]));
    assert_eq!(first(&file), first(&plain));
    let more = [("other", npy("<i8", false, &[6], &[1; 48]))];
    let file = written(folder.path(), "c.npz", &arrays("arr_0", &[6, 40, 2], "arr_1", &more));
    let refused = open(&file, &Assume::default()).err().unwrap().to_string();
    assert!(refused.contains("name one with --labels"), "{refused}");
}

#[test]
fn a_set_that_no_run_can_be_made_of_is_said_to_be_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "a.edf", &Edf::sound().bytes());
    let report = imported(&[file], &options(&["left"], "0..0.5"), folder.path()).unwrap();
    assert_eq!(report.findings.iter().map(|it| it.id).collect::<Vec<_>>(), ["missing_class"]);
    assert!(
        report.notes.iter().any(|note| note.starts_with("no run can be made of the set")),
        "{:?}",
        report.notes
    );
}

#[test]
fn events_of_a_bids_table_without_an_onset_are_left_out_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "sub-02_task-mi_eeg.edf", &Edf::sound().bytes());
    let table = |onset: &str| {
        let text = format!("onset\tduration\ttrial_type\n1.5\t0\tleft\n{onset}\t0\tleft\n");
        written(folder.path(), "sub-02_task-mi_events.tsv", text.as_bytes());
        open(&file, &Assume::default())
    };
    let recording = table("n/a").unwrap();
    assert_eq!((recording.events.len(), recording.outside.len()), (1, 0));
    assert_eq!(recording.notes, ["1 of its events have no onset and are left out"]);
    assert!(table("soon").is_err());
}

#[test]
fn a_person_that_a_bids_folder_describes_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let eeg = folder.path().join("bids/sub-02/ses-a/eeg");
    fs::create_dir_all(&eeg).unwrap();
    let file = written(&eeg, "sub-02_ses-a_task-mi_eeg.edf", &Edf::sound().bytes());
    let notes = || open(&file, &Assume::default()).unwrap().notes;
    assert_eq!(notes(), texts(&[]));
    let table = |text: &str| written(&folder.path().join("bids"), "participants.tsv", text.as_bytes());
    table("participant_id\tage\tsex\thand\nsub-01\t30\tM\tR\nsub-02\t41\tn/a\tL\n");
    assert_eq!(notes(), ["sub-02: age 41, hand L"]);
    table("participant_id\tage\nsub-01\t30\n");
    assert_eq!(notes(), ["participants.tsv has no line on sub-02"]);
    table("participant_id\tage\nsub-02\n");
    assert!(notes()[0].starts_with("participants.tsv tells nothing of sub-02"), "{:?}", notes());
}

#[test]
fn a_table_of_a_bids_folder_that_can_not_be_read_is_not_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "sub-02_task-mi_eeg.edf", &Edf::sound().bytes());
    let read = || open(&file, &Assume::default()).map(drop).map_err(|error| error.to_string());
    for name in ["sub-02_task-mi_channels.tsv", "task-mi_events.tsv", "events.json"] {
        read().unwrap();
        let table = folder.path().join(name);
        // A link to itself is refused to everybody.
        std::os::unix::fs::symlink(name, &table).unwrap();
        let refused = read().unwrap_err();
        assert!(refused.contains("can't be read"), "{refused}");
        fs::remove_file(&table).unwrap();
    }
    // That one is worth knowing, and no reason to refuse a recording.
    std::os::unix::fs::symlink("participants.tsv", folder.path().join("participants.tsv")).unwrap();
    let notes = open(&file, &Assume::default()).unwrap().notes;
    assert!(notes[0].starts_with("participants.tsv tells nothing of sub-02"), "{notes:?}");
    let (table, annex) = (folder.path().join("channels.tsv"), folder.path().join("annex/none"));
    std::os::unix::fs::symlink(annex, table).unwrap();
    assert!(
        read().unwrap_err().contains("channels.tsv, which can't be read: it is a link to what is not here")
    );
}
