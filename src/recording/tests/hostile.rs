//! No file makes a reader panic, hang or take memory that isn't there: cut off anywhere, changed anywhere, or lying.

use super::super::{Assume, Watch, open, peek};
use super::made::{self, Edf};
use super::shared;
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

/// Reads a file to its end; what comes of it is a summary or a sentence.
fn read(path: &Path) -> Result<(), String> {
    let assume = Assume { rate: Some(125.0), ..Assume::default() };
    let opened = open(path, &assume).map_err(|error| error.to_string())?;
    peek(opened, &Watch::nobody()).map(|_| ()).map_err(|error| error.to_string())
}

/// One small file of each format, made here, with its companions.
fn samples(folder: &Path) -> Vec<PathBuf> {
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    write("v.vmrk", b"Brain Vision\n[Marker Infos]\nMk1=New Segment,,1,1,0\nMk2=Stimulus,S  1,2,1,0\n");
    write("v.dat", b"C3 b\n1,5 2\n3 4\n5 6\n");
    write("B_HDR_TRIG.txt", b"1\n3\n");
    write("B_HDR_Classlabel.txt", b"1\nNaN\n");
    vec![
        write("a.edf", &Edf::sound().bytes()),
        write("a.gdf", &made::gdf()),
        write("a.mat", &made::mat()),
        write("v.vhdr", made::vhdr("ASCII", "MULTIPLEXED").as_bytes()),
        write("B_s.txt", b"1 2\n3 4\n5 NaN\n"),
    ]
}

/// Files that others made, small enough to be changed many times.
fn handed() -> Vec<PathBuf> {
    let names = [
        "duplicate_channel_labels.edf",
        "synthetic/cont.set",
        "synthetic/cont_fdt.set",
        "synthetic/epochs.set",
        "synthetic/events_125_mode3.gdf",
        "synthetic/events_220_mode1.gdf",
        "synthetic/trials.mat",
        "synthetic/biosig_hdr.mat",
        "test_bdf_stim_channel.bdf",
    ];
    names.iter().filter_map(|name| shared(&format!("formats/{name}"))).collect()
}

#[test]
fn the_made_files_are_sound() {
    let folder = tempfile::tempdir().unwrap();
    for path in samples(folder.path()) {
        assert_eq!(read(&path), Ok(()), "{}", path.display());
    }
}

#[test]
fn a_file_cut_off_anywhere_gives_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    for path in samples(folder.path()).into_iter().chain(handed()) {
        let whole = fs::read(&path).unwrap();
        let cut = folder.path().join("cut").with_extension(path.extension().unwrap());
        for step in 0..60 {
            fs::write(&cut, &whole[..whole.len() * step / 60]).unwrap();
            if let Err(sentence) = read(&cut) {
                assert!(!sentence.is_empty());
            }
        }
    }
}

#[test]
fn an_edf_file_without_its_last_byte_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.edf");
    let whole = Edf::sound().bytes();
    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    let sentence = read(&path).unwrap_err();
    assert!(sentence.contains("cut off") && sentence.contains("10 records"), "{sentence}");
}

/// What a header may say that can't be, and a word of the sentence that follows.
#[test]
fn lying_headers_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lie.edf");
    // (place in the fixed header, width, text, a word of the sentence)
    let lies = [
        (244, 8, "0", "sampling rate"),
        (244, 8, "-1", "sampling rate"),
        (244, 8, "nonsense", "no number"),
        (236, 8, "99999999", "promises"),
        (252, 4, "0", "0 signals"),
        (252, 4, "-3", "no whole number"),
        (252, 4, "9999", "longer than the file"),
        (184, 8, "12", "bytes of header"),
    ];
    for (at, width, text, word) in lies {
        let mut bytes = Edf::sound().bytes();
        bytes[at..at + width].copy_from_slice(format!("{text:<width$}").as_bytes());
        fs::write(&path, bytes).unwrap();
        let sentence = read(&path).unwrap_err();
        assert!(sentence.contains(word), "{text}: {sentence}");
    }
    // The digital and the physical range of the first of three signals, the samples a record.
    for (field, width, text, word) in [
        (120, 8, "32767", "digital"),
        (104, 8, "3276.7", "physical"),
        (216, 8, "0", "no samples"),
        (216, 8, "9000000", "promises"),
    ] {
        let mut bytes = Edf::sound().bytes();
        let at = 256 + field * 3;
        bytes[at..at + width].copy_from_slice(format!("{text:<width$}").as_bytes());
        fs::write(&path, bytes).unwrap();
        let sentence = read(&path).unwrap_err();
        assert!(sentence.contains(word), "{text}: {sentence}");
    }
}

#[test]
fn formats_that_are_not_read_are_named_with_what_converts_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    for (start, word) in [
        (&b"\0\0\0\x64\0\0\0\x1f\0\0"[..], "FIF"),
        (b"\x89HDF\r\n\x1a\n", "7.3"),
        (b"MATLAB 7.3 MAT-file, Platform", "7.3"),
    ] {
        fs::write(&path, start).unwrap();
        let sentence = read(&path).unwrap_err();
        assert!(sentence.contains(word) && sentence.contains("import mne"), "{sentence}");
    }
    fs::write(&path, b"hello").unwrap();
    assert!(read(&path).unwrap_err().contains("no format that is known"));
    fs::write(&path, b"").unwrap();
    assert!(read(&path).unwrap_err().contains("empty"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_change_of_bytes_makes_a_reader_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        near in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        for path in samples(folder.path()).into_iter().chain(handed()) {
            let mut bytes = fs::read(&path).unwrap();
            // Headers are where lies hurt: half of the time all changes fall there.
            let len = if near { bytes.len().min(1024) } else { bytes.len() };
            for (at, byte) in &changes {
                bytes[at.index(len)] = *byte;
            }
            let changed = folder.path().join(path.file_name().unwrap());
            fs::write(&changed, bytes).unwrap();
            let _ = read(&changed);
        }
    }

    #[test]
    fn no_rubbish_behind_a_right_beginning_makes_a_reader_panic(rubbish in prop::collection::vec(any::<u8>(), 0..2000)) {
        let folder = tempfile::tempdir().unwrap();
        let mat = made::mat()[..128].to_vec();
        let starts: [(&str, &[u8]); 6] = [
            ("a.edf", b"0       "),
            ("a.bdf", b"\xffBIOSEMI"),
            ("a.gdf", b"GDF 1.25"),
            ("b.gdf", b"GDF 2.10"),
            ("a.mat", &mat),
            ("a.vhdr", b"Brain Vision Data Exchange Header File Version 1.0\n[Common Infos]\n"),
        ];
        for (name, start) in starts {
            let path = folder.path().join(name);
            fs::write(&path, [start, &rubbish].concat()).unwrap();
            let _ = read(&path);
        }
    }
}
