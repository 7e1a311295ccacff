//! Tries to lose a run. The program itself is killed, cut short and starved; after each, the notebook opens, nothing that
//! finished is gone, and unfinished runs end as if nothing had happened, to the last bit.
//!
//! `EEG_TUI_LONG=1` kills 200 times instead of a few.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test helper may fail loudly

mod support;

use eeg_tui::notebook::RunState;
use eeg_tui::random::{Purpose, below, stream, unit};
use rand_chacha::ChaCha8Rng;
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use support::{Lab, Running, names, sentence, until};

/// Runs that together take some seconds: both networks, with and without a validation split.
const RUNS: &[&str] =
    &["--epochs", "40", "--activation", "relu,elu", "--seed", "1,2", "--validation", "0,0.25"];
const DEEP: &[&str] = &["--epochs", "10", "--model", "deepconvnet"];

fn long() -> bool {
    std::env::var_os("EEG_TUI_LONG").is_some()
}

/// What runs come to when nothing disturbs them, by the part of their name that says what they are.
fn undisturbed(grids: &[&[&str]]) -> BTreeMap<String, Results> {
    let lab = Lab::new();
    let ids: Vec<String> = grids.iter().flat_map(|grid| lab.add(grid)).collect();
    lab.ok(&["work", "--once"]);
    ids.iter().map(|id| (kind(id), lab.results(id))).collect()
}

type Results = (Vec<eeg_tui::event::Epoch>, BTreeMap<String, Vec<u8>>);

/// A name without its time.
fn kind(id: &str) -> String {
    id[16..].to_owned()
}

/// Everything is finished, equal to what undisturbed runs give, and tidy.
fn assert_nothing_lost(lab: &Lab, ids: &[String], expected: &BTreeMap<String, Results>) {
    let states = lab.states();
    for id in ids {
        assert_eq!(states.get(id), Some(&RunState::Finished), "{id}");
        let (epochs, weights) = lab.results(id);
        let (then, files) = &expected[&kind(id)];
        assert_eq!(&epochs, then, "{id}");
        assert_eq!(&weights, files, "{id}: weights");
    }
    let left = lab.leftovers();
    assert!(left.is_empty(), "{:?}", names(&left, &lab.root));
}

fn finished(lab: &Lab) -> Vec<String> {
    lab.states().into_iter().filter(|(_, state)| *state == RunState::Finished).map(|(id, _)| id).collect()
}

#[test]
fn kills_at_random_moments_cost_nothing() {
    let many: &[&str] =
        &["--epochs", "300", "--activation", "relu,elu", "--seeds", "4", "--validation", "0,0.25"];
    let grids = if long() { [many, DEEP] } else { [RUNS, DEEP] };
    let expected = undisturbed(&grids);
    let lab = Lab::new();
    let ids: Vec<String> = grids.iter().flat_map(|grid| lab.add(grid)).collect();
    let mut rng = stream(20261124, Purpose::Shuffle, 0, 0);
    let kills = if long() { 200 } else { 15 };
    let mut done = Vec::new();
    for _ in 0..kills {
        let mut worker = lab.start(&["work", "--once", "--slots", "2"]);
        std::thread::sleep(Duration::from_millis(u64::from(below(&mut rng, 500))));
        // Every third is told to end first, and killed while it keeps its checkpoints.
        if unit(&mut rng) < 0.35 {
            worker.signal(Signal::TERM);
            std::thread::sleep(Duration::from_millis(u64::from(below(&mut rng, 60))));
        }
        worker.kill();
        let now = finished(&lab);
        assert!(done.iter().all(|id| now.contains(id)), "a finished run is gone");
        done = now;
        if done.len() == ids.len() {
            break;
        }
    }
    lab.ok(&["work", "--once"]);
    assert_nothing_lost(&lab, &ids, &expected);
}

#[test]
fn pauses_and_interruptions_change_no_bit() {
    let grid: &[&str] = &["--epochs", "120", "--activation", "elu", "--alpha", "0.3"];
    let expected = undisturbed(&[grid]);
    let lab = Lab::new();
    let ids = lab.add(grid);
    let id = ids[0].as_str();
    for round in 0..6u64 {
        let mut worker = lab.start(&["work", "--once"]);
        let wanted = 12 * (round + 1);
        until("some epochs are done", || {
            lab.notebook().run(id).unwrap().epochs().unwrap().len() as u64 >= wanted
                || lab.state(id) == RunState::Finished
        });
        match round % 3 {
            0 => worker.signal(Signal::TERM),
            1 => drop(lab.run(&["pause", id])),
            _ => worker.kill(),
        }
        worker.wait();
        lab.ok(&["resume", id]);
    }
    lab.ok(&["work", "--once"]);
    assert_nothing_lost(&lab, &ids, &expected);
}

#[test]
fn a_foreground_training_that_died_is_finished_by_a_worker() {
    let spec: &[&str] = &["--epochs", "200", "--seed", "5"];
    let expected = undisturbed(&[spec]);
    let lab = Lab::new();
    let mut train = lab.start(&[&["train", "--batch", "8"], spec].concat());
    until("it trains", || lab.states().values().any(|state| *state == RunState::Running));
    std::thread::sleep(Duration::from_millis(150));
    train.kill();
    let ids: Vec<String> = lab.states().into_keys().collect();
    assert_eq!(lab.state(&ids[0]), RunState::Interrupted);
    lab.ok(&["work", "--once"]);
    assert_nothing_lost(&lab, &ids, &expected);
}

#[test]
fn several_workers_never_train_one_run_twice() {
    let lab = Lab::new();
    let ids = lab.add(&["--epochs", "10", "--activation", "relu,elu,leaky_relu", "--seeds", "4"]);
    let mut workers: Vec<Running> = (0..3).map(|_| lab.start(&["work", "--once", "--slots", "2"])).collect();
    for worker in &mut workers {
        // One may find the queue empty, or a run in another's hands: neither is a failure.
        assert_eq!(worker.wait(), Some(0));
    }
    until("every run is finished", || finished(&lab).len() == ids.len());
    for id in &ids {
        let events = fs::read_to_string(lab.notebook().run(id).unwrap().events_path()).unwrap();
        assert_eq!(events.matches("\"event\":\"started\"").count(), 1, "{id}");
        assert_eq!(events.lines().count(), 12, "{id}");
    }
}

#[test]
fn of_two_detached_workers_one_goes() {
    let lab = Lab::new();
    let mut first = lab.start(&["work", "--detached"]);
    until("the first lives", || lab.notebook().has_worker());
    std::thread::sleep(Duration::from_millis(200));
    let mut second = lab.start(&["work", "--detached"]);
    assert_eq!(second.wait(), Some(0));
    assert!(first.0.try_wait().unwrap().is_none());
    first.kill();
    assert!(!lab.notebook().has_worker(), "a dead worker is no worker");
}

#[test]
fn a_lock_file_without_a_holder_stops_nobody() {
    let lab = Lab::new();
    let ids = lab.add(&["--epochs", "2"]);
    let dir = lab.notebook().run(&ids[0]).unwrap();
    fs::write(dir.path().join("lock"), "pid 1, long dead").unwrap();
    for name in [".worker.lock", ".detached.lock", ".queue.lock"] {
        fs::write(lab.runs().join(name), "pid 1").unwrap();
    }
    lab.ok(&["work", "--once"]);
    assert_eq!(lab.state(&ids[0]), RunState::Finished);
}

#[test]
fn files_cut_at_random_lengths_are_mended() {
    let grid: &[&str] = &["--epochs", "30", "--seeds", "3"];
    let expected = undisturbed(&[grid]);
    let mut rng = stream(7, Purpose::Shuffle, 0, 0);
    for _ in 0..if long() { 40 } else { 4 } {
        let lab = Lab::new();
        let ids = lab.add(grid);
        let mut worker = lab.start(&["work", "--once"]);
        until("one run is finished", || !finished(&lab).is_empty());
        std::thread::sleep(Duration::from_millis(u64::from(below(&mut rng, 300))));
        worker.signal(Signal::TERM);
        worker.wait();
        let done = finished(&lab);
        for id in ids.iter().filter(|id| !done.contains(id)) {
            let dir = lab.notebook().run(id).unwrap();
            cut(&dir.events_path(), &mut rng);
            cut(&dir.checkpoint_path(), &mut rng);
        }
        for name in [".queue", ".bell", ".worker.log"] {
            cut(&lab.runs().join(name), &mut rng);
        }
        assert_eq!(finished(&lab), done);
        lab.ok(&["work", "--once"]);
        assert_nothing_lost(&lab, &ids, &expected);
    }
}

/// Leaves a beginning of a file, if there is one.
fn cut(path: &Path, rng: &mut ChaCha8Rng) {
    if let Ok(bytes) = fs::read(path) {
        fs::write(path, &bytes[..below(rng, bytes.len() as u32 + 1) as usize]).unwrap();
    }
}

#[test]
fn a_broken_run_leaves_the_others_alone() {
    let lab = Lab::new();
    let ids = lab.add(&["--epochs", "2", "--seeds", "3"]);
    fs::write(lab.notebook().run(&ids[0]).unwrap().spec_path(), "model = \"\x1b[2Jeegnet").unwrap();
    let output = lab.run(&["list", "--json"]);
    assert!(output.status.success());
    assert!(sentence(&output).contains(&ids[0]) && !sentence(&output).contains('\x1b'));
    lab.ok(&["work", "--once"]);
    assert_eq!(lab.state(&ids[1]), RunState::Finished);
    assert_eq!(lab.state(&ids[2]), RunState::Finished);
}

#[test]
fn recordings_that_changed_fail_a_run_and_not_the_queue() {
    let lab = Lab::new();
    let ids = lab.add(&["--epochs", "2"]);
    fs::write(lab.root.join("data/a_test.npz"), support::recording(99)).unwrap();
    let other = lab.add(&["--epochs", "2", "--seed", "1"]);
    let output = lab.run(&["work", "--once"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(lab.state(&ids[0]), RunState::Failed);
    assert_eq!(lab.state(&other[0]), RunState::Finished);
    let shown = lab.json(&["show", "--json", &ids[0]]);
    assert!(shown["message"].as_str().unwrap().contains("changed"), "{shown}");
}

#[test]
fn a_detached_worker_outlives_its_terminal() {
    let lab = Lab::new();
    let ids = lab.add(&["--epochs", "80"]);
    let pty = portable_pty::native_pty_system().openpty(Default::default()).unwrap();
    let mut command = portable_pty::CommandBuilder::new(env!("CARGO_BIN_EXE_eeg-tui"));
    command.args(["--threads", "1", "--device", "cpu", "work", "--detached"]);
    command.cwd(&lab.root);
    let mut child = pty.slave.spawn_command(command).unwrap();
    until("it trains", || lab.state(&ids[0]) == RunState::Running);
    drop(pty);
    until("it is finished", || lab.state(&ids[0]) == RunState::Finished);
    assert!(child.try_wait().unwrap().is_none(), "it waits for more");
    child.kill().unwrap();
    child.wait().unwrap();
}

/// A small disk, where this process may make one.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(size: &str) -> Option<SmallDisk> {
        let path = std::env::temp_dir().join(format!("eeg-tui-disk-{size}-{}", std::process::id()));
        fs::create_dir_all(&path).ok()?;
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(&path);
        if mount.output().is_ok_and(|output| output.status.success()) {
            return Some(SmallDisk(path));
        }
        let _ = fs::remove_dir(&path);
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
        let _ = fs::remove_dir(&self.0);
    }
}

#[test]
fn on_a_full_disk_a_run_waits_and_goes_on() {
    let Some(disk) = SmallDisk::mount("6m") else {
        eprintln!("skipped: no small disk can be mounted here (it needs root)");
        return;
    };
    let grid: &[&str] = &["--epochs", "400"];
    let expected = undisturbed(&[grid]);
    let lab = Lab::at(disk.0.clone());
    let ids = lab.add(grid);
    let mut worker = lab.start(&["work"]);
    until("some epochs are done", || lab.notebook().run(&ids[0]).unwrap().epochs().unwrap().len() > 5);
    let filler = disk.0.join("filler");
    let mut file = fs::File::create(&filler).unwrap();
    while file.write_all(&[1; 1024]).is_ok() {}
    until("the run is set aside", || lab.state(&ids[0]) == RunState::Paused);
    let shown = lab.json(&["show", "--json", &ids[0]]);
    assert!(shown["message"].as_str().unwrap().contains("no space"), "{shown}");
    let events = fs::read_to_string(lab.notebook().run(&ids[0]).unwrap().events_path()).unwrap();
    assert!(events.ends_with('\n') && events.lines().all(|line| line.ends_with('}')), "no torn line");
    // What was kept in reserve to say so, too.
    while file.write_all(&[1; 1024]).is_ok() {}
    let output = lab.run(&["add", "--batch", "8"]);
    assert!(!output.status.success() && sentence(&output).contains("no space"), "{}", sentence(&output));
    drop(file);
    fs::remove_file(&filler).unwrap();
    until("the run is finished", || lab.state(&ids[0]) == RunState::Finished);
    worker.signal(Signal::TERM);
    worker.wait();
    assert_nothing_lost(&lab, &ids, &expected);
}

#[test]
fn a_read_only_notebook_can_be_browsed() {
    let Some(disk) = SmallDisk::mount("8m") else {
        eprintln!("skipped: no small disk can be mounted here (it needs root)");
        return;
    };
    let lab = Lab::at(disk.0.clone());
    let ids = lab.add(&["--epochs", "2", "--seeds", "2"]);
    lab.ok(&["work", "--once"]);
    let again = lab.add(&["--epochs", "3"]);
    let read_only = Command::new("mount").args(["-o", "remount,ro"]).arg(&disk.0).output().unwrap();
    assert!(read_only.status.success());
    assert_eq!(lab.json(&["list", "--json"]).as_array().unwrap().len(), 3);
    assert!(lab.ok(&["show", &ids[0]]).contains("finished"));
    let attempts: [&[&str]; 5] =
        [&["add"], &["pause", &again[0]], &["remove", &ids[0]], &["work", "--once"], &["train"]];
    for args in attempts {
        let batch: &[&str] = if matches!(args[0], "add" | "train") { &["--batch", "8"] } else { &[] };
        let output = lab.run(&[args, batch].concat());
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(sentence(&output).contains("read-only"), "{args:?}: {}", sentence(&output));
    }
}
