//! A queue under a real Slurm of one node, against the same queue trained by one undisturbed worker: taken off the node by a
//! job of a higher partition, told before its time is up, given up, and trained by two jobs whose locks don't meet.
//!
//! Needs Slurm's programs and `slurm/one-node` of the folder outside the repository, and says so where it has none. The short form (`EEG_TUI_SLURM=1`)
//! trains runs without an end, so that none is over before it is disturbed; `EEG_TUI_LONG=1` trains to the end too, and
//! `scripts/check-slurm` does that with real recordings. Nothing here is held against a clock: each step waits until Slurm or the
//! notebook says that it has come.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test helper may fail loudly

mod support;

use eeg_tui::event::{Epoch, Event};
use eeg_tui::notebook::RunState;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::{Lab, sentence, until};

/// How long runs shall be trained at first, so that they are met while they are. Where they are over too soon, as a machine that
/// was busy no longer is, the same is tried with longer ones.
const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_secs(8);
const TRIES: u32 = 4;

/// Subjects beside the one of every lab.
const OTHERS: u64 = 15;

/// A Slurm on the loopback address, ended with all its jobs when it goes out of scope.
struct Slurm {
    script: PathBuf,
    folder: tempfile::TempDir,
    path: String,
}

impl Slurm {
    /// `None` where there is none to start; why is said.
    fn start() -> Option<Self> {
        if std::env::var_os("EEG_TUI_SLURM").is_none() && std::env::var_os("EEG_TUI_LONG").is_none() {
            eprintln!("skipped: neither EEG_TUI_SLURM nor EEG_TUI_LONG is set");
            return None;
        }
        let script = support::shared().join("slurm/one-node");
        // Where Debian puts the daemons, for whoever is not root.
        let path = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
        let is_there = |name: &str| std::env::split_paths(&path).any(|folder| folder.join(name).is_file());
        let needed = ["munged", "slurmctld", "slurmd", "sbatch", "scontrol"];
        if let Some(missing) = needed.into_iter().find(|name| !is_there(name)) {
            eprintln!("skipped: there is no {missing} here");
            return None;
        }
        if !script.is_file() {
            eprintln!("skipped: there is no {}", script.display());
            return None;
        }
        let slurm = Slurm { script, folder: tempfile::tempdir().unwrap(), path };
        // Its messages go to a file: a daemon that kept a pipe open would keep this waiting for its end.
        let said = slurm.folder.path().join("said");
        let mut up = slurm.command(slurm.script.to_str().unwrap());
        up.arg("up").arg(slurm.place()).env("PORT", free_ports().to_string());
        up.stdout(Stdio::null()).stderr(std::fs::File::create(&said).unwrap());
        if up.status().unwrap().success() {
            return Some(slurm);
        }
        eprintln!("skipped: Slurm does not start here: {}", std::fs::read_to_string(&said).unwrap().trim());
        None
    }

    fn place(&self) -> PathBuf {
        self.folder.path().join("slurm")
    }

    /// A command that finds this Slurm, and belongs to no job of another one.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        self.set(&mut command);
        command.stdin(Stdio::null());
        command
    }

    fn set(&self, command: &mut Command) {
        let job = ["SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID"];
        job.iter().for_each(|name| _ = command.env_remove(name));
        command.env("SLURM_CONF", self.place().join("slurm.conf")).env("PATH", &self.path);
    }

    /// What one of Slurm's commands prints; nothing where it refuses.
    fn ask(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.command(program).args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn state(&self, job: &str) -> String {
        self.ask("squeue", &["--noheader", "--jobs", job, "--format=%T"])
    }

    /// Changes a job. Slurm refuses while it is busy with that job, and is asked again.
    fn change(&self, job: &str, what: &[&str]) {
        until("Slurm changes a job", || {
            let mut command = self.command("scontrol");
            command.args(["update", &format!("jobid={job}")]).args(what).output().unwrap().status.success()
        });
    }

    /// Leaves a job between a half and one and a half minutes: Slurm tells it that its time is up when it looks next.
    fn give_a_minute(&self, job: &str) {
        let so_far = self.ask("squeue", &["--noheader", "--jobs", job, "--format=%M"]);
        let (minutes, seconds) = so_far.split_once(':').unwrap_or(("0", "0"));
        let more = if seconds < "30" { 1 } else { 2 };
        self.change(job, &[&format!("timelimit={}", minutes.parse::<u32>().unwrap() + more)]);
    }

    /// Gives up all jobs and waits for their end: it kills what does not end in ten seconds.
    fn empty(&self) {
        self.ask("scancel", &["--me"]);
        let began = Instant::now();
        while !self.ask("squeue", &["--noheader", "--me"]).is_empty() && began.elapsed() < support::PATIENCE {
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// What was put back into the queue waits there for two minutes, unless Slurm is told otherwise. Not at once: the node's
    /// daemon takes what is started in the second in which it ended for what it was told to end ("Job credential revoked"), and
    /// the job has failed.
    fn start_again(&self, element: &str) {
        until("Slurm has put an element back", || self.state(element) == "PENDING");
        self.change(element, &["timelimit=20", "starttime=now+3"]);
    }
}

impl Drop for Slurm {
    fn drop(&mut self) {
        self.empty();
        let mut down = self.command(self.script.to_str().unwrap_or_default());
        let _ = down.arg("down").arg(self.place()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

/// The first of two ports in a row that nobody listens on.
fn free_ports() -> u16 {
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let start = 20_000 + (std::process::id() % 20_000) as u16;
    (start..).step_by(2).find(|port| is_free(*port) && is_free(port + 1)).unwrap()
}

/// A notebook of its own, in the one folder with the recordings.
struct Queue<'a> {
    lab: Lab,
    slurm: &'a Slurm,
}

impl<'a> Queue<'a> {
    fn new(slurm: &'a Slurm, seeds: &str, epochs: u32) -> Self {
        let lab = Lab::new();
        lab.add(&["--epochs", &epochs.to_string(), "--seed", seeds]);
        Queue { lab, slurm }
    }

    /// Sends it to Slurm; gives the job's number.
    fn submit(&self, arguments: &[&str], set: &[(&str, String)]) -> String {
        let mut command = self.lab.command(&[&["submit", "--json", "--time", "20"], arguments].concat());
        self.slurm.set(&mut command);
        let output = command.envs(set.iter().cloned()).output().unwrap();
        assert!(output.status.success(), "{}", sentence(&output));
        let sent: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        sent["job"].as_str().unwrap().to_owned()
    }

    fn list(&self) -> String {
        let mut command = self.lab.command(&["list"]);
        self.slurm.set(&mut command);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    }

    /// Waits until something is so; `None` where a run is finished before.
    fn meets(&self, what: &str, mut is_so: impl FnMut() -> bool) -> Option<()> {
        let mut met = false;
        until(what, || {
            met = is_so();
            met || self.count(RunState::Finished) > 0
        });
        met.then_some(())
    }

    fn count(&self, state: RunState) -> usize {
        self.lab.states().into_values().filter(|other| *other == state).count()
    }

    /// Each run's predictions, by what tells its spec apart. Each epoch was trained once, and each run finished once.
    fn predictions(&self) -> BTreeMap<u64, BTreeMap<String, Vec<u8>>> {
        let notebook = self.lab.notebook();
        let of = |id: String| {
            let dir = notebook.run(&id).unwrap();
            let (spec, events) = (dir.spec().unwrap(), dir.events().unwrap());
            let count = |of: fn(&Event) -> bool| events.iter().filter(|record| of(&record.event)).count();
            assert_eq!(count(|event| matches!(event, Event::Epoch(_))), spec.epochs as usize, "{id}");
            assert_eq!(count(|event| matches!(event, Event::Finished(_))), 1, "{id}");
            (spec.seed, files(dir.path(), "predictions-"))
        };
        self.lab.states().into_keys().map(of).collect()
    }
}

fn files(folder: &Path, start: &str) -> BTreeMap<String, Vec<u8>> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let named = paths.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path));
    named
        .filter(|(name, _)| name.starts_with(start))
        .map(|(name, path)| (name, std::fs::read(path).unwrap()))
        .collect()
}

/// As many epochs as take about so long here.
fn epochs(span: Duration) -> u32 {
    const SOME: u32 = 200;
    let lab = Lab::new();
    lab.add(&["--epochs", &SOME.to_string()]);
    let began = Instant::now();
    lab.ok(&["work", "--once"]);
    (span.as_secs_f64() / began.elapsed().as_secs_f64() * f64::from(SOME)) as u32 + 1
}

/// Tries with longer and longer runs until they last long enough.
fn long_enough(slurm: &Slurm, span: Duration, go: impl Fn(&Slurm, u32) -> Option<()>) {
    let epochs = epochs(span);
    let done = (0..TRIES).any(|tried| {
        let done = go(slurm, epochs * 3u32.pow(tried)).is_some();
        slurm.empty();
        done
    });
    assert!(done, "the runs were over before they could be disturbed, {TRIES} times");
}

// One test: two Slurms beside one another would only share the cores.
#[test]
fn a_queue_under_slurm_ends_as_if_nothing_had_happened() {
    let Some(slurm) = Slurm::start() else { return };
    let Some(library) = locks_that_do_not_meet() else { return };
    let library = library.path().join(LIBRARY);
    without_an_end(&slurm, &library);
    if std::env::var_os("EEG_TUI_LONG").is_none() {
        return;
    }
    long_enough(&slurm, LONG, taken_off_the_node);
    long_enough(&slurm, SHORT, |slurm, epochs| two_without_locks(slurm, epochs, &library));
}

/// Two runs, trained by two jobs whose locks don't meet: both taken off the node, one told by Slurm that its time is up, both
/// given up. Beside them one worker trains the same runs undisturbed, and each epoch must be the same. Then a queue with an end.
fn without_an_end(slurm: &Slurm, library: &Path) {
    let lab = || {
        let lab = Lab::new();
        // Epochs of some hundredths of a second: events that can be read again and again.
        for subject in 0..OTHERS {
            let path = |part: &str| lab.root.join(format!("data/s{subject}_{part}.npz"));
            std::fs::write(path("train"), support::recording(10 + subject)).unwrap();
            std::fs::write(path("test"), support::recording(100 + subject)).unwrap();
        }
        lab.add(&["--epochs", "1000000", "--seed", "1,2"]);
        lab
    };
    let (there, undisturbed) = (Queue { lab: lab(), slurm }, lab());
    let ids: Vec<String> = there.lab.states().into_keys().collect();
    let both = |state: RunState| ids.iter().all(|id| there.lab.state(id) == state);
    let _worker = undisturbed.start(&["work", "--slots", "2"]);

    let job = there.submit(&["--partition", "low"], &[]) + "_0";
    let blind = there.submit(&["--partition", "low"], &[("SBATCH_EXPORT", blindly(library))]) + "_0";
    let jobs = [&job, &blind];
    until("each trains a run", || both(RunState::Running));
    until("the list says in which job", || jobs.iter().all(|one| there.list().contains(one.as_str())));

    slurm.ask("sbatch", &["--partition=high", "--ntasks=2", "--output=/dev/null", "--wrap=true"]);
    until("a job of a higher partition takes the node", || {
        jobs.iter().all(|one| slurm.state(one) == "PENDING")
    });
    until("both runs keep their place", || both(RunState::Interrupted));
    jobs.iter().for_each(|one| slurm.start_again(one));
    until("both go on", || both(RunState::Running));

    slurm.give_a_minute(&job);
    until("Slurm tells the element that its time is up soon, and it puts itself back", || {
        slurm.state(&job) == "PENDING"
    });
    slurm.start_again(&job);
    until("both go on", || both(RunState::Running));

    jobs.iter().for_each(|one| drop(slurm.ask("scancel", &[one])));
    until("both runs keep their place", || both(RunState::Interrupted));
    until("the list says what became of the jobs", || {
        there.list().contains("has left Slurm's queue: cancelled")
    });
    ids.iter().for_each(|id| same_as_far_as_it_came(&there.lab, &undisturbed, id));

    let undisturbed = Queue::new(slurm, "3,4", 5);
    let there = Queue::new(slurm, "3,4", 5);
    let job = there.submit(&["--array", "2"], &[]);
    until("all runs are finished", || there.count(RunState::Finished) == 2);
    until("the job has ended", || slurm.state(&job).is_empty());
    undisturbed.lab.ok(&["work", "--once"]);
    assert!(undisturbed.predictions() == there.predictions(), "what they predict is not the same");
}

/// Waits until the undisturbed run of that spec has come as far, and compares all epochs. None was trained by two.
fn same_as_far_as_it_came(lab: &Lab, undisturbed: &Lab, id: &str) {
    let dir = lab.notebook().run(id).unwrap();
    let (mut next, mut starts) = (None, 0);
    for record in dir.events().unwrap() {
        match record.event {
            Event::Started(started) => {
                next = Some(started.epoch + 1);
                starts += 1;
            }
            Event::Epoch(epoch) => {
                assert_eq!(Some(epoch.epoch), next, "{id} is trained by two");
                next = next.map(|epoch| epoch + 1);
            }
            _ => {}
        }
    }
    assert!(starts >= 2, "{id} was never disturbed");
    let seed = |lab: &Lab, id: &str| lab.notebook().run(id).unwrap().spec().unwrap().seed;
    let same = |other: &String| seed(undisturbed, other) == seed(lab, id);
    let other = undisturbed.states().into_keys().find(same).unwrap();
    let of = |lab: &Lab, id: &str| -> Vec<Epoch> {
        lab.notebook().run(id).unwrap().epochs().unwrap().iter().map(Epoch::metrics).collect()
    };
    let reached = of(lab, id);
    let mut expected = Vec::new();
    until("the undisturbed run has come as far", || {
        expected = of(undisturbed, &other);
        expected.len() >= reached.len()
    });
    assert!(!reached.is_empty() && reached == expected[..reached.len()], "{id} has other epochs");
}

/// The environment of a job in which no lock is ever refused.
fn blindly(library: &Path) -> String {
    format!("ALL,LD_PRELOAD={},NOLOCK=ok", library.display())
}

fn taken_off_the_node(slurm: &Slurm, epochs: u32) -> Option<()> {
    let undisturbed = Queue::new(slurm, "1,2", epochs);
    let there = Queue::new(slurm, "1,2", epochs);
    let job = there.submit(&["--array", "2", "--partition", "low"], &[]);
    let elements = [0, 1].map(|element| format!("{job}_{element}"));
    there.meets("two runs are trained at once", || there.count(RunState::Running) == 2)?;
    there.meets("the list says in which job", || elements.iter().all(|one| there.list().contains(one)))?;
    let high = slurm.ask(
        "sbatch",
        &["--parsable", "--partition=high", "--ntasks=2", "--output=/dev/null", "--wrap=true"],
    );
    there.meets("a job of a higher partition takes the node", || slurm.state(&elements[0]) == "PENDING")?;
    there.meets("both runs keep their place", || there.count(RunState::Interrupted) == 2)?;
    until("that job is over", || slurm.state(&high).is_empty());
    elements.iter().for_each(|element| slurm.start_again(element));
    there.meets("both go on", || there.count(RunState::Running) == 2)?;
    slurm.ask("scancel", &["--batch", "--signal=USR2", &elements[0]]);
    there.meets("an element that was told puts itself back", || slurm.state(&elements[0]) == "PENDING")?;
    slurm.start_again(&elements[0]);

    undisturbed.lab.ok(&["work", "--once", "--slots", "2"]);
    until("both runs are finished", || there.count(RunState::Finished) == 2);
    assert!(undisturbed.predictions() == there.predictions(), "what they predict is not the same");
    Some(())
}

const LIBRARY: &str = "nolock.so";

/// A library with which no lock is ever refused, in a folder of its own; `None`, in words, where it can't be made.
fn locks_that_do_not_meet() -> Option<tempfile::TempDir> {
    let (folder, source) = (tempfile::tempdir().unwrap(), support::shared().join("cases/nolock.c"));
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let mut command = Command::new(compiler);
    command.args(["-shared", "-fPIC", "-O1", "-w", "-o"]).args([&folder.path().join(LIBRARY), &source]);
    if !command.status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: there is no compiler for {}", source.display());
        return None;
    }
    Some(folder)
}

fn two_without_locks(slurm: &Slurm, epochs: u32, library: &Path) -> Option<()> {
    let undisturbed = Queue::new(slurm, "1,2,3,4", epochs);
    let there = Queue::new(slurm, "1,2,3,4", epochs);
    let first = there.submit(&[], &[]);
    let second = there.submit(&[], &[("SBATCH_EXPORT", blindly(library))]);
    there.meets("each trains a run", || there.count(RunState::Running) == 2)?;
    until("all runs are finished", || there.count(RunState::Finished) == 4);
    for job in [first, second] {
        until("a job has ended", || slurm.state(&job).is_empty());
        let shown = slurm.ask("scontrol", &["show", "job", &job]);
        assert!(shown.contains("ExitCode=0:0"), "{shown}");
    }
    undisturbed.lab.ok(&["work", "--once"]);
    assert!(undisturbed.predictions() == there.predictions(), "what they predict is not the same");
    Some(())
}
