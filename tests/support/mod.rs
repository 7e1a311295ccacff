//! A notebook in a folder of its own, small recordings to train on in moments, and the program to run there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test helper may fail loudly
#![allow(dead_code, reason = "each test file uses a part of it")]

use eeg_tui::event::Epoch;
use eeg_tui::notebook::{Notebook, RunState};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Generous: machines that run tests may be slow, and nothing is measured against it.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// A folder with `data/` and `runs/`.
pub struct Lab {
    _folder: Option<tempfile::TempDir>,
    pub root: PathBuf,
}

impl Lab {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_owned();
        Lab { _folder: Some(folder), ..Lab::at(root) }
    }

    /// In a folder that someone else looks after.
    pub fn at(root: PathBuf) -> Self {
        let data = root.join("data");
        std::fs::create_dir_all(&data).unwrap();
        std::fs::write(data.join("a_train.npz"), recording(1)).unwrap();
        std::fs::write(data.join("a_test.npz"), recording(2)).unwrap();
        Lab { _folder: None, root }
    }

    pub fn runs(&self) -> PathBuf {
        self.root.join("runs")
    }

    pub fn notebook(&self) -> Notebook {
        Notebook::open(self.runs())
    }

    pub fn command(&self, args: &[&str]) -> Command {
        // Another build, such as a release one, or one that is not rebuilt during a long run.
        let other = std::env::var_os("EEG_TUI_BINARY");
        let mut command = Command::new(other.unwrap_or(env!("CARGO_BIN_EXE_eeg-tui").into()));
        command
            .args(["--threads", "1", "--device", "cpu"])
            .args(args)
            .current_dir(&self.root)
            .env_remove("EEG_TUI_RUNS")
            .env_remove("EEG_TUI_DATA")
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs a command that must succeed, and gives what it printed.
    pub fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", sentence(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.ok(args)).unwrap()
    }

    /// Enqueues runs and gives their names.
    pub fn add(&self, args: &[&str]) -> Vec<String> {
        let added = self.json(&[&["add", "--json", "--batch", "8"], args].concat());
        let runs = added["runs"].as_array().unwrap();
        runs.iter().map(|run| run["id"].as_str().unwrap().to_owned()).collect()
    }

    /// Starts a process and leaves it running.
    pub fn start(&self, args: &[&str]) -> Running {
        let child = self.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Running(child)
    }

    pub fn state(&self, id: &str) -> RunState {
        self.notebook().run(id).unwrap().state().unwrap()
    }

    /// Every run's state.
    pub fn states(&self) -> BTreeMap<String, RunState> {
        let index = self.notebook().index().unwrap().complete();
        assert_eq!(index.problems(), [], "every run can be read");
        index.runs().iter().map(|run| (run.id.clone(), run.state)).collect()
    }

    /// What a spec and seed decide: the figures of every epoch, and the weights that each rule picks.
    pub fn results(&self, id: &str) -> (Vec<Epoch>, BTreeMap<String, Vec<u8>>) {
        let dir = self.notebook().run(id).unwrap();
        let epochs = dir.epochs().unwrap().iter().map(Epoch::metrics).collect();
        let files = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
        let weights = files.filter(|path| path.extension().is_some_and(|end| end == "safetensors"));
        let values = weights.map(|path| {
            let bytes = std::fs::read(&path).unwrap();
            // After the header, whose metadata come in any order.
            let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
            (path.file_name().unwrap().to_str().unwrap().to_owned(), bytes[8 + header..].to_vec())
        });
        (epochs, values.collect())
    }

    /// Files that a crash may leave and a mended notebook must not have.
    pub fn leftovers(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.runs()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                if name.ends_with(".tmp") || name.starts_with(".unborn") {
                    found.push(path);
                } else if path.is_dir() {
                    folders.push(path);
                }
            }
        }
        found
    }
}

/// A process that is killed at the latest when it goes out of scope.
pub struct Running(pub Child);

impl Running {
    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.0);
        // It may have ended by itself.
        let _ = rustix::process::kill_process(pid, signal);
    }

    pub fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    /// Waits for its end and gives its exit code.
    pub fn wait(&mut self) -> Option<i32> {
        let mut code = None;
        until("a process ends", || {
            code = self.0.try_wait().unwrap();
            code.is_some()
        });
        code.and_then(|status| status.code())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The folder of recordings and fixtures outside the repository: `EEG_TUI_SHARED`, else `../shared`. It may not be there.
pub fn shared() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    std::env::var_os("EEG_TUI_SHARED").map_or_else(beside, PathBuf::from)
}

/// Waits until something is so.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub fn sentence(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Twenty-four trials, 96 samples, two electrodes: enough for both networks. The classes differ a little.
pub fn recording(seed: u64) -> Vec<u8> {
    npz(&arrays(seed))
}

/// The same, and how fast its samples come.
pub fn timed_recording(seed: u64, sfreq: f64) -> Vec<u8> {
    let mut arrays = arrays(seed);
    arrays.push(("sfreq.npy", npy("<f8", "()", &sfreq.to_le_bytes())));
    npz(&arrays)
}

fn arrays(seed: u64) -> Vec<(&'static str, Vec<u8>)> {
    let (trials, samples, electrodes) = (24usize, 96usize, 2usize);
    let mut state = seed;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u32 << 24) as f32 - 0.5
    };
    let mut signal = Vec::new();
    for trial in 0..trials {
        for sample in 0..samples {
            for electrode in 0..electrodes {
                let lateral = if trial % 2 == electrode { 0.6 } else { 0.2 };
                let value = noise() + lateral * (sample as f32 * 0.7).sin();
                signal.extend(value.to_le_bytes());
            }
        }
    }
    let labels: Vec<u8> = (0..trials).map(|trial| 1 + (trial % 2) as u8).collect();
    vec![
        ("signal.npy", npy("<f4", &format!("({trials}, {samples}, {electrodes})"), &signal)),
        ("label.npy", npy("|u1", &format!("({trials},)"), &labels)),
    ]
}

fn npy(descr: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}}}\n");
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), values].concat()
}

fn npz(arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in arrays {
        archive.start_file(*name, stored).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// Whether a file's path lies in a folder; for messages.
pub fn names(paths: &[PathBuf], root: &Path) -> Vec<String> {
    paths.iter().map(|path| path.strip_prefix(root).unwrap_or(path).display().to_string()).collect()
}
