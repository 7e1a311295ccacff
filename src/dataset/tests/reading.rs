use super::sample::{LABELS, doubles, npy, npz, ramp, recording, sound};
use crate::dataset::label::Label;
use crate::dataset::npz::NpzError;
use crate::dataset::recording::{Recording, RecordingError};
use std::cell::Cell;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::rc::Rc;
use zip::CompressionMethod::{Deflated, Stored};

fn read(bytes: Vec<u8>) -> Result<Recording, String> {
    Recording::read(Cursor::new(bytes), 1 << 20).map_err(|error| error.to_string())
}

#[track_caller]
fn refused(bytes: Vec<u8>, because: &str) {
    let sentence = read(bytes).unwrap_err();
    assert!(sentence.contains(because), "'{sentence}' does not say '{because}'");
}

#[test]
fn stored_and_deflated_files_say_the_same() {
    let arrays = [("signal", doubles(&[8, 40, 2], &ramp(640))), ("label", doubles(&[8], &LABELS))];
    let stored = read(npz(&arrays, Stored)).unwrap();
    assert_eq!(stored, read(npz(&arrays, Deflated)).unwrap());
    assert_eq!((stored.samples, stored.electrodes, stored.labels.len()), (40, 2, 8));
    assert_eq!(stored.trials().nth(3).unwrap()[5], 245.0);
    assert_eq!((stored.sfreq, stored.names), (None, None));
}

#[test]
fn every_numeric_type_and_layout_is_read() {
    let values = ramp(8 * 3 * 2);
    let single: Vec<u8> = values.iter().flat_map(|&value| (value as f32).to_le_bytes()).collect();
    let big: Vec<u8> = values.iter().flat_map(|&value| value.to_be_bytes()).collect();
    let short: Vec<u8> = values.iter().flat_map(|&value| (value as i16).to_le_bytes()).collect();
    // The same array with the first index fastest: value (trial, sample, electrode) = 6 trial + 2 sample + electrode.
    let columns = (0..2).flat_map(|e| (0..3).flat_map(move |s| (0..8).map(move |t| 6 * t + 2 * s + e)));
    let fortran: Vec<u8> = columns.flat_map(|value: i32| f64::from(value).to_le_bytes()).collect();
    let labels: Vec<u8> = LABELS.iter().map(|&label| label as u8).collect();
    for (descr, is_fortran, bytes) in
        [("<f4", false, single), (">f8", false, big), ("<i2", false, short), ("<f8", true, fortran)]
    {
        let arrays = [
            ("signal", npy(descr, is_fortran, &[8, 3, 2], &bytes)),
            ("label", npy("|u1", false, &[8, 1], &labels)),
        ];
        let recording = read(npz(&arrays, Deflated)).unwrap();
        assert!(
            recording.signal.iter().zip(&values).all(|(&a, &b)| f64::from(a) == b),
            "{descr} {is_fortran}"
        );
        assert_eq!(recording.labels, LABELS.map(Label::Number));
    }
}

#[test]
fn rate_and_names_are_read() {
    let names: Vec<u8> = "C3C4".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    let with = |names| {
        let arrays = [
            ("signal", doubles(&[8, 40, 2], &ramp(640))),
            ("label", doubles(&[8], &LABELS)),
            ("sfreq", doubles(&[], &[125.0])),
            ("ch_names", names),
        ];
        npz(&arrays, Stored)
    };
    let recording = read(with(npy("<U2", false, &[2], &names))).unwrap();
    assert_eq!(recording.sfreq, Some(125.0));
    assert_eq!(recording.names, Some(vec!["C3".to_owned(), "C4".to_owned()]));
    // Names are a help and block no file.
    let miscounted = read(with(npy("<U1", false, &[4], &names))).unwrap();
    assert_eq!((miscounted.names, miscounted.miscounted_names), (None, Some(4)));
    let pickled = read(with(npy("|O", false, &[2], b"pickled"))).unwrap();
    assert_eq!(pickled.names, None);
    assert!(pickled.passed_over[0].contains("Python objects"), "{:?}", pickled.passed_over);
}

#[test]
fn names_are_labels_and_objects_are_not() {
    let with = |labels| npz(&[("signal", doubles(&[2, 40, 1], &ramp(80))), ("label", labels)], Stored);
    let named = read(with(npy("|S5", false, &[2], b"rightleft\0"))).unwrap();
    assert_eq!(named.labels, ["right", "left"].map(|name| Label::Name(name.into())));
    refused(with(npy("|O", false, &[2], b"pickled")), "nothing pickled is ever run");
}

#[test]
fn sessions_and_runs_are_names_or_numbers_and_one_a_trial() {
    let with = |runs| {
        let arrays = [
            ("signal", doubles(&[2, 40, 1], &ramp(80))),
            ("label", doubles(&[2], &LABELS[..2])),
            ("run", runs),
        ];
        npz(&arrays, Stored)
    };
    let runs = |runs| read(with(runs)).unwrap().runs.unwrap();
    assert_eq!(runs(doubles(&[2], &[4.0, 12.0])), ["4", "12"]);
    assert_eq!(runs(npy("|S2", false, &[2], b"r1r2")), ["r1", "r2"]);
    assert_eq!(runs(doubles(&[], &[7.0])), ["7", "7"]);
    refused(with(doubles(&[3], &[1.0, 2.0, 3.0])), "has 3 values in 'run' for 2 trials");
}

#[test]
fn a_unit_is_converted_and_another_one_refused() {
    let with = |unit: &[u8]| {
        let labels = doubles(&[2], &LABELS[..2]);
        let unit = npy(&format!("|S{}", unit.len()), false, &[], unit);
        npz(&[("signal", doubles(&[2, 40, 1], &[2e-6; 80])), ("label", labels), ("unit", unit)], Stored)
    };
    assert_eq!(read(with(b"V")).unwrap().signal[0], 2.0);
    refused(with(b"mmHg"), "in 'mmHg'");
}

#[test]
fn what_is_no_npz_is_named() {
    refused(vec![], "is empty");
    refused(b"trial,sample\n".to_vec(), "no npz file");
    let mut whole = sound(LABELS);
    whole.truncate(whole.len() - 30);
    refused(whole, "cut off or damaged");
    let mut flipped = sound(LABELS);
    flipped[400] ^= 0x10;
    refused(flipped, "cut off or damaged");
    refused(npz(&[("label", doubles(&[8], &LABELS))], Stored), "has no array 'signal' (it holds label)");
    refused(npz(&[("signal", doubles(&[8, 40, 2], &ramp(640)))], Stored), "has no array 'label'");
    refused(npz(&[("signal", b"hello".to_vec()), ("label", doubles(&[1], &[1.0]))], Stored), "can't be used");
}

#[test]
fn wrong_shapes_are_named() {
    refused(recording(&[8, 80], &ramp(640), &LABELS), "shape (8, 80); it must be (trial, time, electrode)");
    refused(recording(&[0, 40, 2], &[], &[]), "shape (0, 40, 2), without a single value");
    refused(recording(&[8, 40, 2], &ramp(640), &LABELS[..7]), "7 labels for 8 trials");
    let square = [("signal", doubles(&[4, 5, 2], &ramp(40))), ("label", doubles(&[2, 2], &LABELS[..4]))];
    refused(npz(&square, Stored), "labels of shape (2, 2)");
    let short = [("signal", doubles(&[8, 40, 2], &ramp(600))), ("label", doubles(&[8], &LABELS))];
    refused(npz(&short, Stored), "'signal' ends before its last value");
    let long = [("signal", doubles(&[8, 40, 2], &ramp(641))), ("label", doubles(&[8], &LABELS))];
    refused(npz(&long, Stored), "'signal' holds more than its header says");
    let text = [("signal", npy("|S1", false, &[8, 1, 1], b"abcdefgh")), ("label", doubles(&[8], &LABELS))];
    refused(npz(&text, Stored), "holds text");
}

#[test]
fn impossible_values_are_named_with_their_place() {
    let with = |place: usize, value| {
        let mut signal = ramp(640);
        signal[place] = value;
        recording(&[8, 40, 2], &signal, &LABELS)
    };
    refused(with(80 * 3 + 2 * 7 + 1, f64::INFINITY), "(trial 3, sample 7, electrode 1");
    // Too large for single precision is as good as infinite.
    refused(with(0, 1e300), "infinite value (trial 0");
    assert!(read(with(5, f64::NAN)).unwrap().signal[5].is_nan());
    let mut signal = ramp(640);
    signal[80..160].fill(f64::NAN);
    signal[240..320].fill(f64::NAN);
    refused(
        recording(&[8, 40, 2], &signal, &LABELS),
        "nothing but NaN in trial 1 (counted from 0) and in 1 more",
    );
    let mut labels = LABELS;
    labels[6] = f64::NAN;
    refused(sound(labels), "no finite number (trial 6");
}

/// Refuses its n-th call, as a network's disk does for a moment.
struct Refusing {
    file: Cursor<Vec<u8>>,
    calls: Rc<Cell<u64>>,
    at: u64,
}

impl Refusing {
    fn call(&self) -> io::Result<()> {
        self.calls.set(self.calls.get() + 1);
        if self.calls.get() == self.at { Err(io::Error::from_raw_os_error(5)) } else { Ok(()) }
    }
}

impl Read for Refusing {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.call()?;
        self.file.read(bytes)
    }
}

impl Seek for Refusing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.call()?;
        self.file.seek(to)
    }
}

#[test]
fn what_a_disk_refuses_for_a_moment_is_passed_over_nowhere() {
    let names: Vec<u8> = "C3C4".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    let sessions: Vec<u8> = "aaaabbbb".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    let arrays = [
        ("signal", doubles(&[8, 40, 2], &ramp(640))),
        ("label", doubles(&[8], &LABELS)),
        ("sfreq", doubles(&[], &[125.0])),
        ("ch_names", npy("<U2", false, &[2], &names)),
        ("subject", doubles(&[8], &LABELS)),
        ("session", npy("<U1", false, &[8], &sessions)),
    ];
    let file = npz(&arrays, Deflated);
    let read = |at: u64| {
        let calls = Rc::new(Cell::new(0));
        let reader = Refusing { file: Cursor::new(file.clone()), calls: calls.clone(), at };
        (Recording::read(reader, 1 << 20), calls.get())
    };
    let (whole, calls) = read(0);
    let whole = whole.unwrap();
    for at in 1..=calls {
        match read(at).0 {
            // What was asked for twice, or not needed.
            Ok(recording) => assert_eq!(recording, whole, "call {at} of {calls}"),
            Err(error) => {
                let is_said = matches!(error, RecordingError::Npz(NpzError::Io(_)));
                assert!(is_said, "call {at} of {calls}: {error}");
            }
        }
    }
}
