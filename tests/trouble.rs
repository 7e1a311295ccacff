//! What no kill makes: hostile and odd notebooks, other people's, several processes at once, machines whose locks don't meet.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test helper may fail loudly

mod support;

use eeg_tui::notebook::RunState;
use rustix::process::Signal;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use support::{Lab, Running, sentence, until};

/// More than any of these commands needs, and less than for ever.
const SOON: Duration = Duration::from_secs(60);

/// Runs a command that must end soon, whatever it meets.
fn ends(mut command: Command) -> Output {
    let began = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while child.try_wait().unwrap().is_none() {
        if began.elapsed() > SOON {
            child.kill().unwrap();
            panic!("{command:?} hangs");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.wait_with_output().unwrap()
}

fn pipe(path: &Path) -> bool {
    Command::new("mkfifo").arg(path).status().is_ok_and(|status| status.success())
}

#[test]
fn many_processes_begin_a_notebook_at_once() {
    let lab = Lab::new();
    let mut adds: Vec<Running> =
        (0..24).map(|seed| lab.start(&["add", "--batch", "8", "--seed", &seed.to_string()])).collect();
    for add in &mut adds {
        assert_eq!(add.wait(), Some(0));
    }
    assert_eq!(lab.states().len(), 24);
    let id = lab.states().into_keys().next().unwrap();
    let mut notes: Vec<Running> =
        (0..30).map(|number| lab.start(&["note", &id, &format!("note {number}")])).collect();
    for note in &mut notes {
        assert_eq!(note.wait(), Some(0));
    }
    assert!(lab.ok(&["note", &id]).starts_with("note "));
    assert!(lab.leftovers().is_empty());
}

#[test]
fn a_pause_that_is_taken_back_at_once_pauses_nothing() {
    let lab = Lab::new();
    let ids = lab.add(&["--epochs", "400"]);
    let mut worker = lab.start(&["work"]);
    for round in 0..12 {
        until("it trains", || lab.state(&ids[0]) == RunState::Running);
        lab.ok(&["pause", &ids[0]]);
        std::thread::sleep(Duration::from_millis(12 * round));
        let said = lab.ok(&["resume", &ids[0]]);
        // Paused meanwhile, or not: it goes on either way.
        let ways = ["goes on", "go on", "is in the queue already"];
        assert!(ways.iter().any(|way| said.contains(way)), "{said}");
    }
    until("it is finished", || lab.state(&ids[0]) == RunState::Finished);
    worker.signal(rustix::process::Signal::TERM);
    assert_eq!(worker.wait(), Some(0), "nothing is left to do");
}

#[test]
fn a_run_in_another_s_hands_is_not_said_to_be_removed() {
    let lab = Lab::new();
    let ids = lab.add(&["--epochs", "1"]);
    lab.ok(&["work", "--once"]);
    let held = lab.notebook().hold(&lab.notebook().run(&ids[0]).unwrap()).unwrap().unwrap();
    let output = lab.run(&["remove", &ids[0]]);
    assert_eq!(output.status.code(), Some(1));
    assert!(sentence(&output).contains("in use"), "{}", sentence(&output));
    drop(held);
    assert!(lab.ok(&["remove", &ids[0]]).contains("trash"));
}

#[test]
fn what_was_removed_copied_back_and_removed_again_is_in_the_trash_twice() {
    let lab = Lab::new();
    let id = lab.add(&["--epochs", "1"]).remove(0);
    lab.ok(&["remove", &id]);
    let copied =
        Command::new("cp").arg("-r").args([lab.runs().join(".trash").join(&id), lab.runs()]).status();
    assert!(copied.unwrap().success());
    lab.ok(&["remove", &id]);
    let trash = lab.ok(&["list", "--trash"]);
    assert_eq!(trash.lines().count(), 2, "{trash}");
}

#[test]
fn arguments_and_paths_need_not_be_text() {
    let lab = Lab::new();
    let odd = lab.root.join(OsStr::from_bytes(b"runs-\xff"));
    let run = |args: &[&str]| {
        let mut command = lab.command(&[]);
        command.arg("--runs").arg(&odd).args(args);
        ends(command)
    };
    assert!(run(&["add", "--batch", "8", "--epochs", "1"]).status.success());
    let output = run(&["work", "--once"]);
    assert!(output.status.success(), "{}", sentence(&output));
    assert!(String::from_utf8_lossy(&run(&["list"]).stdout).contains("finished"));
}

#[test]
fn a_hostile_notebook_writes_nothing_elsewhere_and_keeps_nobody_waiting() {
    let lab = Lab::new();
    let ids = lab.add(&["--epochs", "1"]);
    let outside = lab.root.join("outside");
    fs::write(&outside, "mine").unwrap();
    symlink(&outside, lab.runs().join(".worker.log")).unwrap();
    fs::create_dir(lab.runs().join("exports")).unwrap();
    symlink(&outside, lab.runs().join("exports/matrix.md")).unwrap();
    lab.ok(&["work", "--once"]);
    assert_eq!(lab.state(&ids[0]), RunState::Finished);
    lab.notebook().export("matrix.md", "| table |").unwrap();
    assert_eq!(fs::read_to_string(&outside).unwrap(), "mine");
    fs::remove_file(lab.runs().join(".worker.log")).unwrap();
    if pipe(&lab.runs().join(".worker.log")) {
        lab.add(&["--epochs", "1", "--seed", "7"]);
        assert!(ends(lab.command(&["work", "--once"])).status.success());
    }
}

#[test]
fn pipes_in_place_of_files_hang_nothing() {
    let lab = Lab::new();
    let path = lab.root.join("pipe.safetensors");
    if !pipe(&path) {
        eprintln!("skipped: there is no mkfifo here");
        return;
    }
    let set = lab.root.join("data/other");
    fs::create_dir(&set).unwrap();
    assert!(pipe(&set.join("a_train.npz")) && pipe(&set.join("a_test.npz")));
    let text = path.to_str().unwrap();
    for args in
        [["eval", "--weights", text], ["data", "check", "other"], ["--config", text, "--print-config"]]
    {
        let output = ends(lab.command(&args));
        assert!(!output.status.success(), "{args:?}");
        assert!(!sentence(&output).is_empty() && !sentence(&output).contains("panicked"), "{args:?}");
    }
}

#[test]
fn a_file_of_any_claimed_length_is_named_and_not_read() {
    let lab = Lab::new();
    let ids = lab.add(&["--epochs", "1", "--seeds", "2"]);
    let dir = lab.notebook().run(&ids[0]).unwrap();
    let file = fs::File::create(dir.events_path()).unwrap();
    if file.set_len(50 << 30).is_err() {
        eprintln!("skipped: no sparse files here");
        return;
    }
    let output = ends(lab.command(&["list", "--json"]));
    assert!(output.status.success() && sentence(&output).contains(&ids[0]), "{}", sentence(&output));
    assert!(ends(lab.command(&["work", "--once"])).status.success());
    assert_eq!(lab.state(&ids[1]), RunState::Finished);
}

#[test]
fn too_few_open_files_are_a_sentence() {
    let lab = Lab::new();
    lab.add(&["--epochs", "1"]);
    let program = lab.command(&["work", "--once"]);
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 8 && exec \"$0\" \"$@\""]).arg(program.get_program());
    command.args(program.get_args()).current_dir(&lab.root);
    let output = ends(command);
    assert_eq!(output.status.code(), Some(1));
    assert!(sentence(&output).contains("ulimit -n"), "{}", sentence(&output));
}

#[test]
fn a_notebook_that_is_away_for_a_while_ends_no_worker_and_deafens_none() {
    let lab = Lab::new();
    let ids = lab.add(&["--epochs", "5", "--seeds", "2"]);
    let mut worker = lab.start(&["work", "--slots", "2"]);
    until("all is done", || lab.states().values().all(|state| *state == RunState::Finished));
    let away = lab.root.join("away");
    fs::rename(lab.runs(), &away).unwrap();
    std::thread::sleep(Duration::from_secs(2));
    fs::rename(&away, lab.runs()).unwrap();
    let more = lab.add(&["--epochs", "5", "--seed", "9"]);
    until("it goes on", || lab.state(&more[0]) == RunState::Finished);
    assert_eq!(lab.states().len(), ids.len() + 1);
    fs::rename(lab.runs(), &away).unwrap();
    let asked = Instant::now();
    worker.signal(Signal::TERM);
    assert_eq!(worker.wait(), Some(75), "nobody knows what is left");
    assert!(asked.elapsed() < SOON);
}

#[test]
fn a_notebook_that_goes_while_its_run_trains_is_no_success() {
    let lab = Lab::new();
    lab.add(&["--epochs", "3000"]);
    let mut worker = lab.start(&["work", "--once"]);
    until("it trains", || lab.states().values().any(|state| *state == RunState::Running));
    fs::rename(lab.runs(), lab.root.join("away")).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    worker.signal(Signal::TERM);
    assert_eq!(worker.wait(), Some(75));
}

#[test]
fn ending_on_request_says_whether_work_is_left() {
    let lab = Lab::new();
    let ids = lab.add(&["--epochs", "2000"]);
    let mut worker = lab.start(&["work"]);
    until("it trains", || lab.state(&ids[0]) == RunState::Running);
    worker.signal(Signal::USR2);
    assert_eq!(worker.wait(), Some(75));
    assert_eq!(lab.state(&ids[0]), RunState::Interrupted);
    lab.ok(&["cancel", &ids[0]]);
    let mut worker = lab.start(&["work"]);
    until("it lives", || lab.notebook().has_worker());
    std::thread::sleep(Duration::from_secs(1));
    worker.signal(Signal::TERM);
    assert_eq!(worker.wait(), Some(0));
}

/// Another account, where this process may take one.
const NOBODY: u32 = 65534;

fn as_nobody(lab: &Lab, args: &[&str]) -> Output {
    let mut command = lab.command(args);
    command.uid(NOBODY).gid(NOBODY);
    ends(command)
}

/// A lab that another account can reach; `None` where there is no taking another account.
fn shared_lab(mode: u32) -> Option<Lab> {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: another account can be taken by root only");
        return None;
    }
    let lab = Lab::new();
    let mode_of = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode_of(&lab.root, 0o755);
    fs::create_dir(lab.runs()).unwrap();
    std::os::unix::fs::chown(lab.runs(), None, Some(NOBODY)).unwrap();
    mode_of(&lab.runs(), mode);
    // The program itself must be within reach.
    let reachable = as_nobody(&lab, &["--version"]);
    if !reachable.status.success() {
        eprintln!("skipped: another account can't run the program where it lies");
        return None;
    }
    Some(lab)
}

#[test]
fn in_a_notebook_of_a_group_each_may_do_everything() {
    let Some(lab) = shared_lab(0o2775) else { return };
    let ids = lab.add(&["--epochs", "1", "--seeds", "2"]);
    let output = as_nobody(&lab, &["add", "--batch", "8", "--epochs", "1", "--seed", "9"]);
    assert!(output.status.success(), "{}", sentence(&output));
    for args in [["pause", &ids[0]], ["resume", &ids[0]], ["remove", &ids[0]]] {
        let output = as_nobody(&lab, &args);
        assert!(output.status.success(), "{args:?}: {}", sentence(&output));
    }
    assert!(as_nobody(&lab, &["work", "--once"]).status.success());
    lab.ok(&["work", "--once"]);
    assert!(lab.states().values().all(|state| *state == RunState::Finished));
}

#[test]
fn in_another_s_notebook_one_may_look_and_is_told_what_not() {
    let Some(lab) = shared_lab(0o755) else { return };
    let ids = lab.add(&["--epochs", "2000"]);
    let mut worker = Running({
        let mut command = Command::new("sh");
        let program = lab.command(&["work"]);
        // With such an umask a colleague could read nothing that is made now, if it counted.
        command.args(["-c", "umask 077 && exec \"$0\" \"$@\""]).arg(program.get_program());
        command.args(program.get_args()).current_dir(&lab.root).stdout(Stdio::null()).spawn().unwrap()
    });
    until("it trains", || lab.state(&ids[0]) == RunState::Running);
    let seen = as_nobody(&lab, &["list", "--json"]);
    assert!(String::from_utf8_lossy(&seen.stdout).contains("\"running\""), "{}", sentence(&seen));
    for args in [vec!["pause", ids[0].as_str()], vec!["add", "--batch", "8"], vec!["work", "--once"]] {
        let output = as_nobody(&lab, &args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(sentence(&output).contains("permission denied"), "{args:?}: {}", sentence(&output));
    }
    worker.kill();
}

#[test]
fn a_colleague_s_run_that_may_not_be_read_is_named_and_ends_nothing() {
    let Some(lab) = shared_lab(0o2775) else { return };
    let ids = lab.add(&["--epochs", "1", "--seeds", "2"]);
    let path = lab.notebook().run(&ids[0]).unwrap().path().to_owned();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    let output = as_nobody(&lab, &["work", "--once"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(sentence(&output).contains(&ids[0]), "{}", sentence(&output));
    assert_eq!(lab.state(&ids[1]), RunState::Finished);
}

#[test]
fn a_run_that_may_not_be_read_is_neither_passed_over_nor_taken_for_another() {
    let Some(lab) = shared_lab(0o2775) else { return };
    let grid = ["--epochs", "1", "--seeds", "2"];
    let ids = lab.add(&grid);
    lab.ok(&["pause", "--state", "queued"]);
    let path = lab.notebook().run(&ids[0]).unwrap().path().to_owned();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    let refused = |args: &[&str]| {
        let output = as_nobody(&lab, args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(sentence(&output).contains(&ids[0]), "{args:?}: {}", sentence(&output));
    };
    refused(&[&["add", "--only-new", "--batch", "8"], &grid[..]].concat());
    assert_eq!(lab.states().len(), 2);
    // What can be done is.
    refused(&["resume", "--state", "paused"]);
    assert_eq!(lab.state(&ids[1]), RunState::Queued);
    refused(&["move", "--last", &ids[0]]);
    assert!(as_nobody(&lab, &["move", "--first", &ids[1]]).status.success());
    let order = fs::read_to_string(lab.runs().join(".queue")).unwrap();
    assert_eq!(order.lines().collect::<Vec<_>>(), [&ids[1], &ids[0]]);
    let output = as_nobody(&lab, &["add", "--batch", "8", "--epochs", "1", "--seed", "0"]);
    assert!(output.status.success() && sentence(&output).contains(&ids[0]), "{}", sentence(&output));
}

#[test]
fn recordings_that_are_refused_for_a_while_fail_no_run() {
    let lab = Lab::new();
    let ids = lab.add(&["--epochs", "2"]);
    let (data, away) = (lab.root.join("data"), lab.root.join("away"));
    fs::rename(&data, &away).unwrap();
    // A link to itself is refused to everybody, and so is whatever lies behind it.
    symlink("data", &data).unwrap();
    let mut worker = lab.start(&["work", "--once"]);
    until("it takes the run", || lab.runs().join(&ids[0]).join("lock").exists());
    std::thread::sleep(Duration::from_secs(1));
    fs::remove_file(&data).unwrap();
    fs::rename(&away, &data).unwrap();
    assert_eq!(worker.wait(), Some(0));
    assert_eq!(lab.state(&ids[0]), RunState::Finished);
}

#[test]
fn nothing_is_simulated_where_the_data_folder_can_not_be_looked_at() {
    let lab = Lab::new();
    fs::rename(lab.root.join("data"), lab.root.join("away")).unwrap();
    symlink("data", lab.root.join("data")).unwrap();
    for args in [
        ["add", "--batch", "8"].as_slice(),
        &["train", "--epochs", "1"],
        &["data", "list"],
        &["data", "check"],
    ] {
        let output = lab.run(args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(
            sentence(&output).contains("the folder data can't be read"),
            "{args:?}: {}",
            sentence(&output)
        );
    }
    assert!(!lab.runs().exists());
}

/// `flock` that always succeeds, as on a file system whose locks don't reach other machines.
fn without_locks(lab: &Lab) -> Option<PathBuf> {
    let source = support::shared().join("cases/nolock.c");
    let library = lab.root.join("nolock.so");
    let built =
        Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(&source).output();
    if built.is_ok_and(|output| output.status.success()) {
        return Some(library);
    }
    eprintln!("skipped: {} is not there, or there is no C compiler", source.display());
    None
}

#[test]
fn workers_whose_locks_do_not_meet_train_no_run_twice() {
    let lab = Lab::new();
    let Some(library) = without_locks(&lab) else { return };
    let ids = lab.add(&["--epochs", "60", "--seeds", "4"]);
    let elsewhere = |args: &[&str], mode: &str| {
        let mut command = lab.command(args);
        command.env("LD_PRELOAD", &library).env("NOLOCK", mode).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let mut here = lab.start(&["work", "--once", "--slots", "2"]);
    let mut there = Running(elsewhere(&["work", "--once", "--slots", "2"], "ok").spawn().unwrap());
    until("one trains", || lab.states().values().any(|state| *state == RunState::Running));
    let mut look = elsewhere(&["list", "--json"], "ok");
    let seen = look.stdout(Stdio::piped()).output().unwrap();
    let seen = String::from_utf8_lossy(&seen.stdout);
    assert!(seen.contains("\"running\"") && !seen.contains("\"interrupted\""), "{seen}");
    assert_eq!((here.wait(), there.wait()), (Some(0), Some(0)));
    until("every run is finished", || lab.states().values().all(|state| *state == RunState::Finished));
    for id in &ids {
        let events = fs::read_to_string(lab.notebook().run(id).unwrap().events_path()).unwrap();
        assert_eq!(events.matches("\"event\":\"finished\"").count(), 1, "{id}");
        assert_eq!(events.lines().count(), 62, "{id}");
    }
    // Where there are no locks at all, it works too.
    for mode in ["s", "p", "n"] {
        lab.add(&["--epochs", "1", "--seed", "77"]);
        assert!(elsewhere(&["work", "--once"], mode).status().unwrap().success(), "{mode}");
    }
}

/// A run whose worker died, as it shows to another machine. Gives its name and the lease.
fn left_elsewhere(lab: &Lab, silent: Duration) -> (String, PathBuf) {
    let id = lab.add(&["--epochs", "2000"]).remove(0);
    let mut worker = lab.start(&["work", "--once"]);
    until("it is trained", || lab.state(&id) == RunState::Running);
    worker.kill();
    let dir = lab.notebook().run(&id).unwrap();
    let leases = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
    let is_lease = |path: &PathBuf| path.file_stem().is_some_and(|name| name == "lease");
    let lease = leases.into_iter().find(is_lease).unwrap();
    let mut says: serde_json::Value = serde_json::from_slice(&fs::read(&lease).unwrap()).unwrap();
    says["host"] = "node7".into();
    says["boot"] = "another start".into();
    fs::write(&lease, says.to_string()).unwrap();
    renew(&lease, silent);
    (id, lease)
}

fn renew(lease: &Path, ago: Duration) {
    let file = fs::File::options().write(true).open(lease).unwrap();
    file.set_modified(std::time::SystemTime::now() - ago).unwrap();
}

#[test]
fn a_worker_that_leaves_a_run_to_a_machine_that_has_gone_silent_says_so() {
    let lab = Lab::new();
    let (id, _) = left_elsewhere(&lab, Duration::from_secs(40));
    let output = ends(lab.command(&["work", "--once"]));
    let said = sentence(&output);
    assert_eq!(output.status.code(), Some(75), "{said}");
    assert!(said.contains(&format!("not all is done: {id} is left: node7 has it")), "{said}");
    assert!(said.contains("'eeg-tui work' goes on with the run in"), "{said}");
    assert!(lab.leftovers().is_empty());
}

#[test]
fn a_worker_leaves_a_run_to_a_machine_that_is_heard_of_without_a_word() {
    let lab = Lab::new();
    let (_, lease) = left_elsewhere(&lab, Duration::from_secs(5));
    let mut worker = lab.start(&["work", "--once"]);
    while worker.0.try_wait().unwrap().is_none() {
        // Longer ago, then shorter: as of one that renews it now and then.
        for ago in [6, 1] {
            renew(&lease, Duration::from_secs(ago));
            std::thread::sleep(Duration::from_millis(900));
        }
    }
    assert_eq!(worker.wait(), Some(0));
}

#[test]
fn what_doctor_says_of_a_folder_without_locks_is_true() {
    let lab = Lab::new();
    let Some(library) = without_locks(&lab) else { return };
    lab.add(&["--epochs", "1"]);
    let said = lab.ok(&["doctor"]);
    assert!(said.contains("its file locks work") && said.contains("no worker is alive"), "{said}");
    // As where locks don't reach, and as where there are none: ENOSYS, EOPNOTSUPP, ENOLCK.
    for mode in ["ok", "s", "p", "n"] {
        let mut command = lab.command(&["doctor"]);
        command.env("LD_PRELOAD", &library).env("NOLOCK", mode);
        let output = ends(command);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{mode}: {}", sentence(&output));
        assert!(said.contains("its file system has no working file locks"), "{mode}: {said}");
        let untrue = ["permission", "locks work", "locks hold", "can't be written", "no worker is alive"];
        assert!(!untrue.iter().any(|words| said.contains(words)), "{mode}: {said}");
        assert!(said.contains("whether a worker is alive can't be seen"), "{mode}: {said}");
    }
    // A folder that can't be written is another matter.
    if let Some(lab) = shared_lab(0o755) {
        lab.add(&["--epochs", "1"]);
        let output = as_nobody(&lab, &["doctor"]);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("can't be written (Permission denied"), "{said}");
    }
}
