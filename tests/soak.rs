//! The soak: three processes that each start and kill workers and change random runs, for as long as `EEG_TUI_SOAK_MINUTES`
//! says; with `EEG_TUI_SOAK_FAULTS`, a library that fails some of a process's calls to the disk, most of them under such
//! faults. Then everything is trained to its end, undisturbed. See `scripts/soak`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test helper may fail loudly

mod support;

use eeg_tui::event::{Epoch, Event};
use eeg_tui::notebook::RunState;
use eeg_tui::random::{Purpose, below, shuffle, stream};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use support::{Lab, Running, names};

/// Seeds of the specs that are added, of fifteen epochs each.
const SEEDS: u32 = 6;
const EPOCHS: &str = "15";

/// EIO, ENOSPC, EDQUOT, EMFILE, ENFILE, ESTALE, EACCES.
const ERRORS: [u32; 7] = [5, 28, 122, 24, 23, 116, 13];

/// How long whatever a fault left behind may keep a run: the term of a lease, and some time for the machine.
const TERMS: Duration = Duration::from_secs(300);

/// What a spec and seed decide.
type Results = (Vec<Epoch>, BTreeMap<String, Vec<u8>>);

/// What the soak's processes share.
struct Soak {
    lab: Lab,
    /// The library that fails calls.
    faults: Option<PathBuf>,
    end: Instant,
    /// What finished runs were seen to hold.
    finished: Mutex<BTreeMap<String, u64>>,
    /// How many commands were given, and how many of them said that they failed.
    counts: Mutex<BTreeMap<String, (u32, u32)>>,
}

/// A sum over what a finished run must keep; `None` where it is not finished or not there.
fn sum(folder: &Path) -> Option<u64> {
    let events = std::fs::read_to_string(folder.join("events.jsonl")).ok()?;
    if !events.contains("\"event\":\"finished\"") {
        return None;
    }
    let mut sum = DefaultHasher::new();
    let lasting = ["spec.toml", "weights-", "predictions-"];
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).ok()?.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap().to_str().unwrap();
        if lasting.iter().any(|one| name.starts_with(one)) && !name.ends_with(".tmp") {
            (name, std::fs::read(&path).ok()?).hash(&mut sum);
        }
    }
    Some(sum.finish())
}

impl Soak {
    /// A command, perhaps with some of its calls failing.
    fn command(&self, rng: &mut ChaCha8Rng, args: &[&str]) -> Command {
        let mut command = self.lab.command(args);
        if let Some(library) = self.faults.as_ref().filter(|_| below(rng, 3) > 0) {
            let operation = ["write", "fsync", "rename", "opendir", "opn", "ftruncate", "unlink", "any"]
                [below(rng, 8) as usize];
            let mut set = |name: &str, value: u32| _ = command.env(name, value.to_string());
            set("F_ERR", ERRORS[below(rng, 7) as usize]);
            set("F_PROB", [100, 1000][below(rng, 2) as usize]);
            set("F_AFTER", below(rng, 12));
            set("F_COUNT", [1, 3, 1000][below(rng, 3) as usize]);
            set("F_SEED", below(rng, 1000));
            set("F_SHORT", below(rng, 2));
            set("F_KILL", u32::from(below(rng, 8) == 0));
            command.env("F_OP", operation).env("F_PATH", "/runs").env("LD_PRELOAD", library);
        }
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn give(&self, rng: &mut ChaCha8Rng, args: &[&str]) {
        let status = self.command(rng, args).status().unwrap();
        let mut counts = self.counts.lock().unwrap();
        let (given, refused) = counts.entry(args[0].to_owned()).or_default();
        *given += 1;
        *refused += u32::from(!status.success());
    }

    /// A worker that is killed now and then, and changes to random runs.
    fn disturb(&self, number: u32) {
        let mut rng = stream(u64::from(number), Purpose::Shuffle, 1, 0);
        let mut worker: Option<Running> = None;
        while Instant::now() < self.end {
            std::thread::sleep(Duration::from_millis(u64::from(below(&mut rng, 400))));
            let mut ids: Vec<String> = match self.lab.notebook().index() {
                Ok(index) => index.runs().iter().map(|run| run.id.clone()).collect(),
                Err(error) => panic!("the notebook can't be looked at: {error}"),
            };
            shuffle(&mut rng, &mut ids);
            let id = ids.first().map_or("none", String::as_str);
            self.look(id);
            let seed = below(&mut rng, SEEDS).to_string();
            match below(&mut rng, 13) {
                0..=1 => self.give(&mut rng, &["add", "--batch", "8", "--epochs", EPOCHS, "--seed", &seed]),
                2 => self.give(&mut rng, &["pause", id]),
                3..=4 => self.give(&mut rng, &["resume", id]),
                5 => self.give(&mut rng, &["cancel", id]),
                6 => self.give(&mut rng, &["retry", id]),
                7 => {
                    self.give(&mut rng, &["remove", id]);
                    self.give(&mut rng, &["restore", id]);
                }
                8 => self.give(&mut rng, &["move", "--first", id]),
                9 => self.give(&mut rng, &["note", id, "soaked"]),
                10 => worker = None,
                _ => {
                    let alive = worker.as_mut().is_some_and(|worker| worker.0.try_wait().unwrap().is_none());
                    if !alive {
                        let mut command = self.command(&mut rng, &["work", "--once", "--retries", "1"]);
                        worker = Some(Running(command.spawn().unwrap()));
                        self.counts.lock().unwrap().entry("work".into()).or_default().0 += 1;
                    }
                }
            }
        }
    }

    /// Takes note of a finished run, or holds it against what was noted.
    fn look(&self, id: &str) {
        // It may be on its way to the trash or back.
        let Some(now) = sum(&self.lab.runs().join(id)) else { return };
        let mut finished = self.finished.lock().unwrap();
        let then = finished.entry(id.to_owned()).or_insert(now);
        assert_eq!(*then, now, "the finished run {id} was touched");
    }

    /// Takes everything back from the trash and trains it to its end.
    fn bring_to_its_end(&self) {
        let lab = &self.lab;
        let began = Instant::now();
        loop {
            for id in lab.notebook().trashed().unwrap() {
                lab.run(&["restore", &id]);
            }
            lab.run(&["resume", "--state", "paused,cancelled,failed"]);
            lab.run(&["work", "--once", "--slots", "2"]);
            let waits = lab.states().into_values().filter(|state| *state != RunState::Finished).count();
            if waits == 0 && lab.notebook().trashed().unwrap().is_empty() {
                return;
            }
            assert!(began.elapsed() < TERMS, "{:?}", lab.states());
            std::thread::sleep(Duration::from_secs(2));
        }
    }
}

/// The results of each spec, undisturbed, by its seed.
fn undisturbed() -> BTreeMap<u64, Results> {
    let lab = Lab::new();
    let seeds: Vec<String> = (0..SEEDS).map(|seed| seed.to_string()).collect();
    let ids = lab.add(&["--epochs", EPOCHS, "--seed", &seeds.join(",")]);
    lab.ok(&["work", "--once"]);
    ids.iter().map(|id| (lab.notebook().run(id).unwrap().spec().unwrap().seed, lab.results(id))).collect()
}

#[test]
fn soak() {
    let Some(minutes) = std::env::var("EEG_TUI_SOAK_MINUTES").ok().and_then(|text| text.parse::<f64>().ok())
    else {
        eprintln!("skipped: EEG_TUI_SOAK_MINUTES is not set");
        return;
    };
    let expected = undisturbed();
    let faults = std::env::var_os("EEG_TUI_SOAK_FAULTS").map(PathBuf::from);
    let soak = Soak {
        lab: Lab::new(),
        faults,
        end: Instant::now() + Duration::from_secs_f64(60.0 * minutes),
        finished: Mutex::default(),
        counts: Mutex::default(),
    };
    std::thread::scope(|scope| {
        for number in 0..3 {
            let soak = &soak;
            scope.spawn(move || soak.disturb(number));
        }
    });
    soak.bring_to_its_end();
    let (lab, states) = (&soak.lab, soak.lab.states());
    for id in states.keys() {
        let dir = lab.notebook().run(id).unwrap();
        assert_eq!(dir.history().unwrap().damaged, 0, "{id}");
        for record in dir.events().unwrap() {
            if let Event::Failed(failed) = record.event {
                panic!("{id} failed: {}", failed.error);
            }
        }
        assert!(lab.results(id) == expected[&dir.spec().unwrap().seed], "{id} has other results");
    }
    let noted = soak.finished.lock().unwrap();
    for (id, then) in &*noted {
        assert_eq!(sum(&lab.runs().join(id)), Some(*then), "the finished run {id} was lost or touched");
    }
    if soak.faults.is_none() {
        assert!(lab.leftovers().is_empty(), "{:?}", names(&lab.leftovers(), &lab.root));
    }
    println!(
        "soak: {minutes} minutes, {} runs of {SEEDS} specs, all finished and equal; {} were seen finished on the way; \
         commands given and refused: {:?}",
        states.len(),
        noted.len(),
        soak.counts.lock().unwrap()
    );
}
