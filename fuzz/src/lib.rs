//! What another person may hand us, read to its end: one function for each kind of file. Whatever the bytes are, it comes back,
//! with something or with a sentence. The fuzz targets call these, and so does `tests/corpus.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a fuzz target fails loudly

use eeg_tui::dataset;
use eeg_tui::filter::Filter;
use eeg_tui::model::{Activation, Geometry, Model};
use eeg_tui::notebook::Notebook;
use eeg_tui::predictions::Predictions;
use eeg_tui::recording::{self, Assume, Watch};
use eeg_tui::spec::Spec;
use eeg_tui::train::{Checkpoint, LoadedWeights};
use eeg_tui::tui::config::Config;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Reads bytes as one kind of file. What needs a file is written into the folder.
pub type Target = fn(&Path, &[u8]);

/// Every target, under the name of its folder in `corpus`.
pub const TARGETS: [(&str, Target); 8] = [
    ("arrays", arrays),
    ("recording", recording),
    ("weights", weights),
    ("journal", journal),
    ("spec", spec),
    ("network", network),
    ("config", config),
    ("predictions", predictions),
];

/// A folder that lasts as long as the process.
pub fn place() -> &'static Path {
    static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());
    FOLDER.path()
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    std::fs::create_dir_all(folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// A sentence is never empty.
fn says(error: &dyn std::fmt::Display) {
    assert!(!error.to_string().is_empty());
}

fn open(path: &Path) {
    let assume = Assume { rate: Some(125.0), ..Assume::default() };
    match recording::open(path, &assume) {
        Err(error) => says(&error),
        Ok(recording) => {
            let _ = recording::peek(recording, &Watch::nobody()).inspect_err(|error| says(error));
        }
    }
}

/// npz and npy: as a data set's file, and as somebody's recording.
pub fn arrays(place: &Path, bytes: &[u8]) {
    // Labels of eight trials.
    const LABELS: &[u8] =
        b"\x93NUMPY\x01\x00\x3a\x00{'descr': '|u1', 'fortran_order': False, 'shape': (8,), }\n\
        \x01\x02\x01\x02\x01\x02\x01\x02";
    let folder = place.join("arrays");
    if bytes.starts_with(b"\x93NUMPY") {
        write(&folder, "y_train.npy", LABELS);
        return open(&write(&folder, "X_train.npy", bytes));
    }
    let set = folder.join("set");
    let path = write(&set, "a_train.npz", bytes);
    let _ = write(&set, "a_test.npz", bytes);
    let _ = dataset::check(Some("set"), &folder).inspect_err(|error| says(error));
    open(&path);
}

/// EDF, BDF, GDF, BrainVision, EEGLAB, MAT and BioSig's text, told by their first bytes; a BrainVision marker file comes to
/// a header that names it.
pub fn recording(place: &Path, bytes: &[u8]) {
    const HEADER: &str = "Brain Vision Data Exchange Header File Version 1.0\n[Common Infos]\nDataFile=r.dat\n\
        MarkerFile=r.vmrk\nDataFormat=ASCII\nDataOrientation=MULTIPLEXED\nNumberOfChannels=2\nSamplingInterval=10000\n\
        [ASCII Infos]\nSkipLines=1\n[Channel Infos]\nCh1=C3,,0.5,µV\nCh2=C4,,2,mV\n";
    const MARKERS: &str = "Brain Vision Data Exchange Marker File\n[Marker Infos]\nMk1=Stimulus,S  1,2,1,0\n";
    let folder = place.join("recording");
    write(&folder, "r.dat", b"C3 C4\n1 2\n3 4\n5 6\n");
    let is_markers = bytes.starts_with(b"Brain Vision Data Exchange Marker");
    write(&folder, "r.vmrk", if is_markers { bytes } else { MARKERS.as_bytes() });
    let is_text = bytes.first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'-');
    open(&match (is_markers, is_text) {
        (true, _) => write(&folder, "r.vhdr", HEADER.as_bytes()),
        (_, true) => write(&folder, "B_s.txt", bytes),
        _ => write(&folder, "r", bytes),
    });
}

/// Weights: safetensors, PyTorch's archives, checkpoints.
pub fn weights(_: &Path, bytes: &[u8]) {
    match LoadedWeights::from_bytes(bytes) {
        Err(error) => says(&error),
        Ok(loaded) => {
            if let Ok(model) = loaded.model() {
                let _ = loaded.as_saved(&model);
            }
        }
    }
    let _ = Checkpoint::from_bytes(bytes).inspect_err(|error| says(error));
}

/// A run's `events.jsonl`, as a list and a page of one run read it.
pub fn journal(place: &Path, bytes: &[u8]) {
    const SPEC: &str = include_str!("../corpus/spec/eegnet.toml");
    const ID: &str = "20260101-000000-eegnet-relu-00000000";
    let root = place.join("journal");
    write(&root.join(ID), "spec.toml", SPEC.as_bytes());
    write(&root.join(ID), "events.jsonl", bytes);
    let notebook = Notebook::open(&root);
    let index = notebook.index().unwrap().complete();
    assert_eq!(index.runs().len() + index.problems().len(), 1);
    let run = notebook.run(ID).unwrap();
    match run.history() {
        Err(error) => says(&error),
        Ok(history) => {
            let _ = (history.so_far(), history.seconds(), history.losses(20), history.suspicion());
        }
    }
    let _ = run.events();
}

/// A run's `spec.toml`. What is understood and written again is understood the same.
pub fn spec(_: &Path, bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(spec) = Spec::from_toml(text) {
        let again = toml::to_string(&spec).unwrap();
        let read = Spec::from_toml(&again).unwrap_or_else(|error| panic!("{error:?} in\n{again}"));
        assert_eq!(read.hash(), spec.hash());
    }
}

/// A network's text, laid out for trials of three sizes.
pub fn network(_: &Path, bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let model = match Model::from_text(text) {
        Err(error) => return says(&error),
        Ok(model) => model,
    };
    for geometry in [(1, 16, 2), (2, 96, 2), (22, 1000, 4)].map(geometry) {
        match model.network(geometry, Activation::Relu, 0.25) {
            Err(error) => says(&error),
            Ok(network) => drop((network.parameters(), network.running_statistics())),
        }
        let _ = model.minimum_samples(geometry);
    }
    assert_eq!(Model::from_text(model.text()).unwrap(), model);
}

fn geometry((channels, samples, classes): (usize, usize, usize)) -> Geometry {
    Geometry { channels, samples, classes, sfreq: (channels > 1).then_some(250.0) }
}

/// The screen's settings, and a theme.
pub fn config(place: &Path, bytes: &[u8]) {
    let folder = place.join("config");
    write(&folder.join("themes"), "mine.toml", bytes);
    let path = write(&folder, "config.toml", bytes);
    match Config::find(Some(&path)) {
        Err(error) => says(&error),
        Ok(settings) => drop(Config::print(&settings)),
    }
    let theme = write(&folder, "theme.toml", b"theme = \"mine\"\n");
    let _ = Config::find(Some(&theme)).inspect_err(|error| says(error));
}

/// Predictions of another notebook's run; and, for their like, a filter of runs.
pub fn predictions(_: &Path, bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Predictions::from_csv(text) {
        Err(error) => says(&error),
        Ok(read) => drop(read.to_csv()),
    }
    let _ = Filter::parse(text).inspect_err(|error| says(error));
}
