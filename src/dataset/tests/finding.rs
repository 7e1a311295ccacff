//! What people bring, made small: eighty training and sixty test trials of two classes, four electrodes, 128 Hz. Every set has one
//! thing wrong with it.

use super::sample::{doubles, npy, npz, write_subject};
use crate::dataset::findings::{Finding, Severity};
use crate::dataset::{Report, check, look};
use crate::model::{Activation, Model};
use crate::spec::{DataSource, Spec, Standardize};
use std::path::Path;
use zip::CompressionMethod::Stored;

const ELECTRODES: usize = 4;
const SAMPLES: usize = 96;

/// Trials before they are written.
#[derive(Clone)]
struct Made {
    /// (trial, sample, electrode).
    signal: Vec<f64>,
    labels: Vec<f64>,
    electrodes: usize,
    samples: usize,
}

/// Noise of 10 µV with a rhythm at the electrode of the trial's class.
fn made(trials: usize, seed: u64) -> Made {
    let mut state = seed;
    let mut unit = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / (1u64 << 24) as f64 - 0.5
    };
    let labels: Vec<f64> = (0..trials).map(|trial| (trial % 2) as f64).collect();
    let mut signal = Vec::new();
    for &label in &labels {
        let phase = std::f64::consts::TAU * unit();
        for sample in 0..SAMPLES {
            for electrode in 0..ELECTRODES {
                let rhythm =
                    if electrode as f64 == label { 12.0 * (sample as f64 * 0.5 + phase).sin() } else { 0.0 };
                signal.push(34.6 * unit() + rhythm);
            }
        }
    }
    Made { signal, labels, electrodes: ELECTRODES, samples: SAMPLES }
}

impl Made {
    fn map(mut self, change: impl Fn(f64) -> f64) -> Self {
        self.signal.iter_mut().for_each(|value| *value = change(*value));
        self
    }

    /// Changes the samples of one trial.
    fn trial(mut self, trial: usize, change: impl Fn(f64) -> f64) -> Self {
        let len = self.electrodes * self.samples;
        self.signal[trial * len..][..len].iter_mut().for_each(|value| *value = change(*value));
        self
    }

    /// Changes the samples of one electrode, which know their trial's label.
    fn electrode(mut self, electrode: usize, change: impl Fn(f64, f64) -> f64) -> Self {
        let (electrodes, len) = (self.electrodes, self.electrodes * self.samples);
        for (trial, samples) in self.signal.chunks_mut(len).enumerate() {
            for value in samples.iter_mut().skip(electrode).step_by(electrodes) {
                *value = change(*value, self.labels[trial]);
            }
        }
        self
    }

    fn labelled(mut self, label: impl Fn(usize, f64) -> f64) -> Self {
        self.labels = self.labels.iter().enumerate().map(|(trial, &old)| label(trial, old)).collect();
        self
    }

    fn cut(mut self, samples: usize) -> Self {
        let trials = self.signal.chunks(self.electrodes * self.samples);
        self.signal = trials.flat_map(|trial| &trial[..samples * self.electrodes]).copied().collect();
        self.samples = samples;
        self
    }

    fn transposed(mut self) -> Self {
        let (electrodes, samples) = (self.electrodes, self.samples);
        let trials = self.signal.chunks(electrodes * samples);
        self.signal = trials
            .flat_map(|trial| {
                (0..electrodes * samples).map(|place| trial[place % samples * electrodes + place / samples])
            })
            .collect();
        (self.electrodes, self.samples) = (samples, electrodes);
        self
    }

    fn bytes(&self, more: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let shape = [self.labels.len(), self.samples, self.electrodes];
        let mut arrays = vec![
            ("signal", doubles(&shape, &self.signal)),
            ("label", doubles(&[self.labels.len()], &self.labels)),
        ];
        arrays.extend(more.iter().cloned());
        npz(&arrays, Stored)
    }
}

/// Names of electrodes.
fn names(names: &[&str]) -> (&'static str, Vec<u8>) {
    let width = names.iter().map(|name| name.len()).max().unwrap();
    let bytes: Vec<u8> = names.iter().flat_map(|name| format!("{name:\0<width$}").into_bytes()).collect();
    ("ch_names", npy(&format!("|S{width}"), false, &[names.len()], &bytes))
}

const NAMES: [&str; 4] = ["C3", "Cz", "C4", "Pz"];

fn looked(train: &Made, test: &Made, more: &[(&str, Vec<u8>)]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    write_subject(folder.path(), "S1", &train.bytes(more), &test.bytes(more));
    check(None, folder.path()).unwrap()
}

/// The one finding there must be.
#[track_caller]
fn only(report: Report) -> Finding {
    assert_eq!(report.findings.len(), 1, "{:#?} {:?}", report.findings, report.problems);
    report.findings.into_iter().next().unwrap()
}

#[track_caller]
fn seen(report: Report, id: &str, severity: Severity, said: &str) {
    let finding = only(report);
    assert_eq!((finding.id, finding.severity), (id, severity), "{finding:?}");
    assert!(finding.sentence().contains(said), "'{}' does not say '{said}'", finding.sentence());
}

fn train() -> Made {
    made(80, 1)
}

fn test() -> Made {
    made(60, 2)
}

#[test]
fn a_sound_set_has_no_findings() {
    let report = looked(&train(), &test(), &[names(&NAMES)]);
    assert_eq!((report.findings, report.problems), (vec![], vec![]));
    assert_eq!((report.channels, report.samples), (NAMES.map(String::from).to_vec(), Some(SAMPLES)));
    assert_eq!((report.classes, report.subjects), (vec!["0".into(), "1".into()], vec!["S1".into()]));
    assert_eq!(look(Some("simulated"), Path::new("nowhere")).unwrap().findings, []);
}

#[test]
fn volts_millivolts_and_nanovolts_are_named() {
    let scaled = |factor: f64| looked(&train().map(|v| v * factor), &test().map(|v| v * factor), &[]);
    seen(scaled(1e-6), "units", Severity::Error, "this looks like volts; multiply the signal by 1e6");
    seen(scaled(1e-3), "units", Severity::Error, "millivolts");
    seen(scaled(1e3), "units", Severity::Warning, "nanovolts or an amplifier's raw counts");
    let volts = npy("|S1", false, &[], b"V");
    let said = looked(&train().map(|v| v * 1e-6), &test().map(|v| v * 1e-6), &[("unit", volts)]);
    assert_eq!(said.findings, []);
}

#[test]
fn a_unit_stops_only_what_is_not_scaled() {
    let finding = only(looked(&train().map(|v| v * 1e-6), &test().map(|v| v * 1e-6), &[]));
    let data = DataSource { name: "made".into(), path: None, fingerprint: "f".into() };
    let plain = Spec::recipe(Model::eegnet(), Activation::Relu, data);
    assert!(finding.stops(&plain));
    assert!(!finding.stops(&Spec { standardize: Standardize::Zscore, ..plain }));
}

#[test]
fn an_offset_is_named() {
    seen(
        looked(&train().map(|v| v + 5e4), &test().map(|v| v + 5e4), &[]),
        "units",
        Severity::Warning,
        "a DC offset",
    );
}

#[test]
fn another_scale_in_the_test_is_an_error() {
    seen(
        looked(&train(), &test().map(|v| v * 50.0), &[]),
        "scale_mismatch",
        Severity::Error,
        "bring both to one unit",
    );
    seen(
        looked(&train(), &test().map(|v| v + 500.0), &[]),
        "scale_mismatch",
        Severity::Warning,
        "beside the training",
    );
}

#[test]
fn an_artifact_is_named_with_its_trial() {
    let report = looked(&train().trial(7, |v| v * 1e4), &test(), &[]);
    seen(report, "outlier_trials", Severity::Warning, "training trial 7: 1 of 80 training trials");
}

#[test]
fn copies_are_found() {
    let mut copied = test();
    let len = ELECTRODES * SAMPLES;
    copied.signal[..50 * len].copy_from_slice(&train().signal[..50 * len]);
    seen(looked(&train(), &copied, &[]), "copied_trials", Severity::Error, "50 of 60 test trials copied");
    let mut twice = train();
    twice.signal.copy_within(..len, 3 * len);
    seen(looked(&twice, &test(), &[]), "copied_trials", Severity::Warning, "trial 3 is trial 0");
}

#[test]
fn axes_in_another_order_are_an_error() {
    let remedy = "save signal.transpose(0, 2, 1)";
    let report = looked(&train().transposed(), &test().transposed(), &[names(&NAMES)]);
    let finding = report.findings.iter().find(|finding| finding.id == "transposed").unwrap();
    assert!(finding.severity == Severity::Error && finding.remedy.contains(remedy), "{finding:?}");
    let report = looked(&train().transposed(), &test().transposed(), &[]);
    assert!(report.findings.iter().any(|finding| finding.id == "transposed"));
}

#[test]
fn labels_that_count_from_elsewhere_or_are_not_known_are_named() {
    let offset = looked(&train(), &test().labelled(|_, label| label + 1.0), &[]);
    assert!(offset.set.is_none());
    seen(
        offset,
        "label_offset",
        Severity::Error,
        "training has the labels 0, 1, the test 1, 2: the same, 1 apart",
    );
    let unknown = looked(&train().labelled(|_, label| 769.0 + label), &test().labelled(|_, _| 783.0), &[]);
    seen(unknown, "label_offset", Severity::Error, "the labels of this evaluation came separately");
    let nan = looked(&train(), &test().labelled(|_, _| f64::NAN), &[]);
    assert!(nan.problems[0].contains("the evaluation came separately"), "{:?}", nan.problems);
}

#[test]
fn an_electrode_that_knows_the_class_is_an_error() {
    let marked = |made: Made| made.electrode(3, |_, label| label + 1.0);
    let report = looked(&marked(train()), &marked(test()), &[names(&["C3", "Cz", "C4", "STI 014"])]);
    let leak = report.findings.iter().find(|finding| finding.id == "label_leak").unwrap();
    assert_eq!((leak.severity, leak.place.as_str()), (Severity::Error, "STI 014"));
}

#[test]
fn electrodes_of_which_nothing_was_recorded_are_named() {
    for value in [0.0, f64::NAN] {
        let flat = |made: Made| made.electrode(2, move |_, _| value);
        let report = looked(&flat(train()), &flat(test()), &[names(&NAMES)]);
        let findings: Vec<_> = report.findings.iter().map(|it| (it.id, it.place.as_str())).collect();
        assert_eq!(findings, [("flat_electrode", "C4"); 2], "{value}");
    }
}

#[test]
fn classes_that_are_missing_or_too_many_are_named() {
    let one = looked(&train(), &test().labelled(|_, _| 1.0), &[]);
    seen(one, "missing_class", Severity::Warning, "the test has no trial of class 0");
    let three = looked(&train(), &test().labelled(|trial, _| (trial % 3) as f64), &[]);
    seen(three, "missing_class", Severity::Error, "no training trial is of class 2");
    let ratings =
        looked(&train().labelled(|trial, _| trial as f64), &test().labelled(|trial, _| trial as f64), &[]);
    let ids: Vec<_> = ratings.findings.iter().map(|finding| finding.id).collect();
    assert!(ids.contains(&"too_many_classes"), "{ids:?}");
}

#[test]
fn trials_too_short_for_every_network_are_an_error() {
    seen(
        looked(&train().cut(12), &test().cut(12), &[]),
        "too_short",
        Severity::Error,
        "too short for every network",
    );
    let some = looked(&train().cut(60), &test().cut(60), &[]);
    let finding = only(some);
    assert_eq!((finding.id, finding.severity), ("too_short", Severity::Note));
    assert!(finding.message.contains("too short for") && finding.remedy.contains("eegnet"), "{finding:?}");
}

#[test]
fn what_is_passed_over_is_named_and_blocks_nothing() {
    let pickled = ("ch_names", npy("|O", false, &[4], b"pickled"));
    let report = looked(&train(), &test(), &[pickled]);
    assert!(report.set.is_some());
    assert!(
        report.findings.iter().all(|finding| finding.id == "not_used" && finding.severity == Severity::Note)
    );
    let folder = tempfile::tempdir().unwrap();
    write_subject(folder.path(), "S1", &train().bytes(&[]), &test().bytes(&[]));
    std::fs::write(folder.path().join("S2.mat"), b"something").unwrap();
    seen(check(None, folder.path()).unwrap(), "not_used", Severity::Note, "S2.mat");
}

#[test]
fn a_rate_that_only_some_files_say_is_said_to_be_assumed() {
    let folder = tempfile::tempdir().unwrap();
    let rate = [("sfreq", doubles(&[], &[160.0]))];
    write_subject(folder.path(), "A", &train().bytes(&rate), &test().bytes(&rate));
    write_subject(folder.path(), "B", &made(80, 3).bytes(&[]), &made(60, 4).bytes(&[]));
    let findings = check(None, folder.path()).unwrap().findings;
    let said: Vec<_> = findings.iter().map(|finding| (finding.id, finding.place.as_str())).collect();
    assert_eq!(said, [("units", "B_train.npz"), ("units", "B_test.npz")]);
    assert!(findings[0].message.contains("160 Hz"));
}

#[test]
fn outlying_trials_can_be_left_out_of_what_is_learned_from() {
    let folder = tempfile::tempdir().unwrap();
    let train = train().trial(7, |v| v * 1e4);
    write_subject(folder.path(), "S1", &train.bytes(&[]), &test().trial(3, |v| v * 1e4).bytes(&[]));
    let data = crate::dataset::load(None, folder.path()).unwrap();
    let spec = Spec::recipe(Model::eegnet(), Activation::Relu, data.source.clone());
    let kept = crate::dataset::prepare(&data, &spec).unwrap();
    let dropped = Spec { outliers: crate::spec::Outliers::Drop, ..spec };
    let dropped = crate::dataset::prepare(&data, &dropped).unwrap();
    let learned = |prepared: &crate::dataset::Prepared| prepared.train.len() + prepared.held_out.len();
    assert_eq!((learned(&kept), learned(&dropped)), (80, 79));
    assert!(!dropped.held_out.contains(&7) && dropped.train.signal.iter().all(|value| value.abs() < 1e3));
    assert_eq!(dropped.test, kept.test);
}
