//! Several real processes at once, against a model: random commands on a few runs, in rounds, while workers train them, are
//! told to end or are killed. After each round, what every command printed must have come true in some order, no finished run
//! may have been touched, and no epoch trained by two.
//!
//! `EEG_TUI_LONG=1` plays more rounds of more seeds, `EEG_TUI_SEED` one alone. A failure names its seed and round; which processes meet is up to the
//! machine, so that the same seed may need a few tries.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test helper may fail loudly

mod explain;
mod model;
mod said;
#[path = "../support/mod.rs"]
mod support;

use eeg_tui::event::{Epoch, Event};
use eeg_tui::notebook::{Request, RunState};
use eeg_tui::random::{Purpose, below, shuffle, stream};
use explain::{Act, Company, Life, Looker, Worker};
use model::{Asked, End, Run, Stand, Verb};
use rand_chacha::ChaCha8Rng;
use said::{Said, said};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use support::{Lab, sentence};

/// Runs are added up to so many that are not finished.
const MOST_OPEN: usize = 3;

/// How long a run that is to be met in training is waited for.
const MEETING: Duration = Duration::from_secs(2);

/// How long a command waits at least for whoever has a run for a moment.
const PATIENCE: Duration = Duration::from_secs(2);

/// The specs of all runs: some are over in a moment, some are met while they train.
const SPECS: [[&str; 4]; 3] =
    [["--epochs", "2", "--seed", "1"], ["--epochs", "10", "--seed", "2"], ["--epochs", "30", "--seed", "3"]];

/// What a spec and seed decide.
type Results = (Vec<Epoch>, BTreeMap<String, Vec<u8>>);

fn long() -> bool {
    std::env::var_os("EEG_TUI_LONG").is_some()
}

/// How long all this takes already.
fn now() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}

/// What one process of a round does.
#[derive(Clone, Debug)]
enum Task {
    Change(Verb, String),
    Add(usize),
    Note(String, String),
    /// Two at the same moment.
    Notes(String, [String; 2]),
    Tag(String, String),
    First(String),
    List,
    /// Pauses a run and takes it back at once, as soon as it is trained.
    TakeBack(String),
    Work(End, Duration),
    /// Holds a finished run's lock for so long and lets go without a look at what was asked: what a process that dies does.
    Hold(String, Duration),
}

/// What came of it.
struct Told {
    task: Task,
    life: Life,
    output: Option<Output>,
}

impl Told {
    /// Whether it looks who has a run, and had it for such a moment.
    fn looks_at(&self, id: &str) -> Option<Looker> {
        let (looks, thorough) = match &self.task {
            Task::Work(..) | Task::Add(_) | Task::List | Task::First(_) => (true, false),
            Task::Change(Verb::Retry, of) | Task::TakeBack(of) => (of == id, false),
            Task::Hold(of, _) => (of == id, true),
            Task::Change(..) | Task::Note(..) | Task::Notes(..) | Task::Tag(..) => (false, false),
        };
        looks.then_some(Looker { thorough, life: self.life })
    }
}

/// The notebook as far as it is known from what was said.
#[derive(Default)]
struct Known {
    /// Where each run may stand.
    runs: BTreeMap<String, HashSet<Run>>,
    /// The files of finished runs.
    finished: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    tags: BTreeMap<String, BTreeSet<String>>,
    counts: BTreeMap<String, u32>,
}

fn plan(rng: &mut ChaCha8Rng, known: &Known, round: u32) -> Vec<Task> {
    let mut ids: Vec<&String> = known.runs.keys().collect();
    shuffle(rng, &mut ids);
    let is = |id: &&String, stand| known.runs[*id].iter().all(|run| run.stand == stand && !run.in_trash);
    let is_over = |id: &&String| is(id, Stand::Finished);
    let (over, mut open): (Vec<&String>, Vec<&String>) = ids.iter().partition(|id| is_over(id));
    let spec = |rng: &mut ChaCha8Rng| Task::Add(below(rng, SPECS.len() as u32) as usize);
    if open.is_empty() {
        return vec![spec(rng), spec(rng)];
    }
    // Few runs, so that commands meet; now and then a finished one.
    open.truncate(2);
    open.extend(over.first().filter(|_| below(rng, 3) == 0));
    let mut tasks = Vec::new();
    for number in 0..3 + below(rng, 4) {
        let id = open[below(rng, open.len() as u32) as usize].clone();
        let word = format!("word-{round}-{number}");
        // What takes a run out of the queue is taken back as often.
        let back = if known.runs[&id].iter().any(|run| run.in_trash) { Verb::Restore } else { Verb::Resume };
        tasks.push(match below(rng, 20) {
            0 if open.len() < MOST_OPEN => spec(rng),
            0..=1 => Task::Notes(id, [word.clone(), format!("{word}-too")]),
            2..=3 => Task::Tag(id, word),
            4 => Task::First(id),
            5 => Task::List,
            6..=10 => Task::Change(back, id),
            11..=13 => Task::Change(Verb::Pause, id),
            14..=15 => Task::Change(Verb::Cancel, id),
            16..=17 => Task::Change(Verb::Remove, id),
            18 => Task::Change(Verb::Retry, id),
            _ => Task::Change(Verb::Restore, id),
        });
    }
    if let Some(id) = open.iter().find(|id| is_over(id)) {
        tasks.push(Task::Hold((*id).clone(), Duration::from_millis(u64::from(below(rng, 400)))));
        tasks.push(Task::Change(Verb::Remove, (*id).clone()));
    }
    let workers = [0, 0, 1, 1, 2][below(rng, 5) as usize];
    if workers > 0 && below(rng, 2) == 0 {
        tasks.push(Task::TakeBack(open[0].clone()));
    }
    for _ in 0..workers {
        let end = [End::Itself, End::Itself, End::Itself, End::Told, End::Killed][below(rng, 5) as usize];
        tasks.push(Task::Work(end, Duration::from_millis(u64::from(below(rng, 500)))));
    }
    tasks
}

/// Does one task in processes of its own, one after the other, each to its end.
fn perform(lab: &Lab, task: Task, delay: Duration) -> Vec<Told> {
    std::thread::sleep(delay);
    match task {
        Task::TakeBack(id) => take_back(lab, id),
        Task::Notes(id, words) => std::thread::scope(|scope| {
            let write = |word| scope.spawn(|| perform_one(lab, Task::Note(id.clone(), word)));
            words.map(write).map(|thread| thread.join().unwrap()).into()
        }),
        task => vec![perform_one(lab, task)],
    }
}

fn take_back(lab: &Lab, id: String) -> Vec<Told> {
    let from = now();
    let is_trained =
        || lab.notebook().run(&id).is_ok_and(|dir| dir.state().is_ok_and(|state| state == RunState::Running));
    // It may be over, or never begin.
    while !is_trained() && now() - from < MEETING {
        std::thread::sleep(Duration::from_millis(2));
    }
    let looked = Told { task: Task::TakeBack(id.clone()), life: Life { from, to: now() }, output: None };
    let mut told = vec![looked];
    told.extend([Verb::Pause, Verb::Resume].map(|verb| perform_one(lab, Task::Change(verb, id.clone()))));
    told
}

fn perform_one(lab: &Lab, task: Task) -> Told {
    let from = now();
    let output = match &task {
        Task::Change(verb, id) => Some(lab.run(&[verb.name(), id])),
        Task::Add(spec) => Some(lab.run(&[&["add", "--json", "--batch", "8"], &SPECS[*spec][..]].concat())),
        Task::Note(id, text) => Some(lab.run(&["note", id, text])),
        Task::Tag(id, tag) => Some(lab.run(&["tag", id, tag])),
        Task::First(id) => Some(lab.run(&["move", "--first", id])),
        Task::List => Some(lab.run(&["list", "--json"])),
        Task::Work(end, after) => Some(worked(lab, *end, *after)),
        Task::Hold(id, span) => {
            if let Ok(Some(held)) = lab.notebook().run(id).and_then(|dir| lab.notebook().hold(&dir)) {
                std::thread::sleep(*span);
                drop(held);
            }
            None
        }
        Task::TakeBack(_) | Task::Notes(..) => None,
    };
    Told { task, life: Life { from, to: now() }, output }
}

fn worked(lab: &Lab, end: End, after: Duration) -> Output {
    let mut command = lab.command(&["work", "--once"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    let signal = match end {
        End::Itself => None,
        End::Told => Some(rustix::process::Signal::TERM),
        End::Killed => Some(rustix::process::Signal::KILL),
    };
    if let Some(signal) = signal {
        std::thread::sleep(after);
        // Not waited for yet: the number is still its own.
        let _ = rustix::process::kill_process(pid, signal);
    }
    child.wait_with_output().unwrap()
}

/// All that a folder of a run holds that a finished one must keep.
fn kept(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let lasting = ["events.jsonl", "spec.toml", "weights-", "predictions-"];
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let named = files.map(|file| (file.file_name().into_string().unwrap(), file.path()));
    named
        .filter(|(name, _)| lasting.iter().any(|one| name.starts_with(one)) && !name.ends_with(".tmp"))
        .map(|(name, path)| (name, std::fs::read(path).unwrap()))
        .collect()
}

/// Each epoch follows the one before it, or the start of a process; and a run ends once.
fn assert_trained_by_one_at_a_time(lab: &Lab, id: &str, what: &str) {
    let (mut next, mut finished) = (None, 0);
    for record in lab.notebook().run(id).unwrap().events().unwrap() {
        match record.event {
            Event::Started(started) => next = Some(started.epoch + 1),
            Event::Epoch(epoch) => {
                assert_eq!(Some(epoch.epoch), next, "{what}: {id} is trained by two");
                next = next.map(|epoch| epoch + 1);
            }
            Event::Failed(failed) => panic!("{what}: {id} failed: {}", failed.error),
            Event::Finished(_) => {
                finished += 1;
                next = None;
            }
            Event::Queued(_) | Event::Paused(_) | Event::Cancelled(_) => next = None,
        }
        assert!(finished <= 1, "{what}: {id} is finished twice");
    }
}

impl Known {
    /// Where a run is seen to stand; nobody has it.
    fn seen(lab: &Lab, id: &str) -> Option<(Stand, Option<Asked>)> {
        let dir = lab.notebook().run(id).ok()?;
        let stand = match dir.state().unwrap() {
            RunState::Queued => Stand::Queued,
            RunState::Interrupted => Stand::Interrupted,
            RunState::Paused => Stand::Paused,
            RunState::Cancelled => Stand::Cancelled,
            RunState::Finished => Stand::Finished,
            other => panic!("{id} is {other} after all processes have ended"),
        };
        let asked = dir.request().map(|request| match request {
            Request::Pause => Asked::Pause,
            Request::Cancel => Asked::Cancel,
            Request::Remove => Asked::Remove,
            Request::Resume => Asked::Resume,
        });
        Some((stand, asked))
    }

    /// Holds what was said in a round against the model and the notebook.
    fn judge(&mut self, lab: &Lab, told: &[Told], what: &str) {
        let workers: Vec<Worker> = told.iter().filter_map(|one| self.worker(one, what)).collect();
        let mut acts: BTreeMap<String, Vec<Act>> = BTreeMap::new();
        let mut notes: BTreeMap<&String, Vec<(&String, Life)>> = BTreeMap::new();
        let mut born: Vec<(String, Life)> = Vec::new();
        for one in told {
            let Some(output) = &one.output else { continue };
            let done = output.status.success();
            match &one.task {
                Task::Change(verb, id) => {
                    let said = said(*verb, id, output);
                    *self.counts.entry(format!("{} {}", verb.name(), word(&said))).or_default() += 1;
                    if said == Said::InUse {
                        let waited = one.life.to - one.life.from;
                        assert!(waited >= PATIENCE, "{what}: {verb:?} {id} is refused after {waited:?}");
                    }
                    if let Said::NewRun(new) = &said {
                        born.push((new.clone(), one.life));
                    }
                    acts.entry(id.clone()).or_default().push(Act { verb: *verb, said, life: one.life });
                }
                Task::Add(_) => {
                    assert!(done, "{what}: add: {}", sentence(output));
                    let added: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
                    let new = added["runs"][0]["id"].as_str().unwrap();
                    born.push((new.to_owned(), one.life));
                }
                Task::Note(id, text) if done => notes.entry(id).or_default().push((text, one.life)),
                Task::Tag(id, tag) if done => {
                    let all = self.tags.entry(id.clone()).or_default();
                    all.insert(tag.clone());
                    assert!(String::from_utf8_lossy(&output.stdout).lines().any(|line| line == tag));
                }
                Task::First(id) if done => {
                    let text = String::from_utf8_lossy(&output.stdout);
                    let ways = ["is number 1 in the queue", "is not in the queue"];
                    assert!(ways.iter().any(|way| text.contains(way)), "{what}: {id}: {text}");
                }
                Task::List => {
                    assert!(done && output.stderr.is_empty(), "{what}: list: {}", sentence(output));
                    serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap();
                }
                Task::Note(id, _) | Task::Tag(id, _) | Task::First(id) => {
                    // Only a run that is in the trash, or goes there, can't be found.
                    let may_go = |one: &Told| matches!(&one.task, Task::Change(Verb::Remove, of) if of == id);
                    let gone = self.runs[id].iter().any(|run| run.in_trash || run.asked.is_some());
                    assert!(gone || told.iter().any(may_go), "{what}: {:?}: {}", one.task, sentence(output));
                }
                Task::TakeBack(_) | Task::Notes(..) | Task::Work(..) | Task::Hold(..) => {}
            }
        }
        for (id, before) in &mut self.runs {
            let acts = acts.remove(id).unwrap_or_default();
            let quiet = acts.is_empty() && workers.iter().all(|worker| worker.end == End::Itself);
            let lookers: Vec<Looker> = told.iter().filter_map(|one| one.looks_at(id)).collect();
            let company = Company { acts: &acts, workers: &workers, lookers: &lookers };
            let after = company.outcomes(before);
            let seen = Known::seen(lab, id);
            let fits = |run: &Run| match seen {
                Some(seen) => !run.in_trash && (run.stand, run.asked) == seen,
                None => run.in_trash,
            };
            let left: HashSet<Run> = after.into_iter().filter(fits).collect();
            assert!(
                !left.is_empty(),
                "{what}: no order explains {id}: it was {before:?}, then {acts:#?} beside {workers:?} and {lookers:?}, and now it is {seen:?}"
            );
            // A worker that ends by itself leaves nothing that was there for it from its start.
            let was_left = quiet && !workers.is_empty() && left.iter().all(|run| run.waits());
            assert!(!was_left, "{what}: {id} is still in the queue");
            *before = left;
        }
        for (id, life) in born {
            let its_workers: Vec<Worker> =
                workers.iter().copied().filter(|worker| worker.life.to >= life.from).collect();
            let company = Company { acts: &[], workers: &its_workers, lookers: &[] };
            let after = company.outcomes(&HashSet::from([Run::NEW]));
            let (stand, asked) =
                Known::seen(lab, &id).unwrap_or_else(|| panic!("{what}: {id} was added and is not there"));
            let fits: HashSet<Run> =
                after.into_iter().filter(|run| (run.stand, run.asked) == (stand, asked)).collect();
            assert!(!fits.is_empty(), "{what}: {id} is new, and {stand:?}, {asked:?} beside {its_workers:?}");
            assert!(self.runs.insert(id, fits).is_none(), "{what}: a name was given twice");
        }
        for (id, written) in notes {
            let last = |at: &(&String, Life)| !written.iter().any(|other| other.1.from > at.1.to);
            if let Ok(dir) = lab.notebook().run(id) {
                let now = dir.notes().unwrap();
                assert!(
                    written.iter().filter(|one| last(one)).any(|one| *one.0 == now),
                    "{what}: the note of {id} is {now:?}, and {written:?} were written"
                );
            }
        }
        self.look(lab, what);
    }

    fn worker(&mut self, told: &Told, what: &str) -> Option<Worker> {
        let Task::Work(end, _) = told.task else { return None };
        let output = told.output.as_ref()?;
        let fits = match (end, output.status.code()) {
            (_, Some(0)) | (End::Told, Some(75)) => true,
            // Told before it could listen, or killed.
            (End::Told | End::Killed, None) => true,
            _ => false,
        };
        assert!(fits, "{what}: a worker ended with {}: {}", output.status, sentence(output));
        *self.counts.entry(format!("work {end:?}")).or_default() += 1;
        let end = match (end, output.status.code()) {
            (_, None) => End::Killed,
            // It was faster.
            (End::Killed, Some(_)) => End::Itself,
            (end, Some(_)) => end,
        };
        Some(Worker { end, life: told.life })
    }

    /// What must always be so.
    fn look(&mut self, lab: &Lab, what: &str) {
        for (id, runs) in &self.runs {
            let Ok(dir) = lab.notebook().run(id) else { continue };
            assert_eq!(dir.history().unwrap().damaged, 0, "{what}: {id}");
            assert_trained_by_one_at_a_time(lab, id, what);
            let tags: BTreeSet<String> = dir.tags().unwrap().into_iter().collect();
            let put = self.tags.get(id).cloned().unwrap_or_default();
            assert!(tags.is_superset(&put), "{what}: {id} has the tags {tags:?}, and {put:?} were put on");
            if runs.iter().all(|run| run.stand == Stand::Finished) {
                let now = kept(dir.path());
                let then = self.finished.entry(id.clone()).or_insert_with(|| now.clone());
                assert!(*then == now, "{what}: the finished run {id} was touched");
            }
        }
    }
}

fn word(said: &Said) -> String {
    match said {
        Said::NewRun(_) => "makes a new run".into(),
        Said::Is(stand) => format!("is {stand:?}"),
        other => format!("{other:?}"),
    }
}

/// The results of each spec, undisturbed, by the seed that tells them apart.
fn undisturbed() -> BTreeMap<u64, Results> {
    let lab = Lab::new();
    SPECS.iter().for_each(|spec| drop(lab.add(spec)));
    lab.ok(&["work", "--once"]);
    let ids: Vec<String> = lab.states().into_keys().collect();
    ids.iter().map(|id| (lab.notebook().run(id).unwrap().spec().unwrap().seed, lab.results(id))).collect()
}

#[test]
fn what_several_processes_say_at_once_comes_true() {
    let expected = undisturbed();
    let (seeds, rounds) = if long() { (40, 60) } else { (1, 10) };
    let one = std::env::var("EEG_TUI_SEED").ok().map(|seed| seed.parse::<u64>().unwrap());
    let seeds = one.map_or(0..seeds, |seed| seed..seed + 1);
    let (mut counts, mut all_runs) = (BTreeMap::<String, u32>::new(), 0);
    for seed in seeds.clone() {
        let (lab, mut known) = (Lab::new(), Known::default());
        let mut rng = stream(seed, Purpose::Shuffle, 7, 0);
        for round in 0..rounds {
            let tasks = plan(&mut rng, &known, round);
            let delays: Vec<Duration> =
                tasks.iter().map(|_| Duration::from_millis(u64::from(below(&mut rng, 120)))).collect();
            let told: Vec<Told> = std::thread::scope(|scope| {
                let started = tasks.into_iter().zip(delays);
                let threads: Vec<_> = started
                    .map(|(task, delay)| {
                        let lab = &lab;
                        scope.spawn(move || perform(lab, task, delay))
                    })
                    .collect();
                threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
            });
            known.judge(&lab, &told, &format!("seed {seed}, round {round}"));
        }
        for id in known.runs.keys() {
            lab.run(&["restore", id]);
        }
        lab.run(&["resume", "--state", "paused,cancelled"]);
        // What was asked of workers that were killed is asked still.
        lab.ok(&["work", "--once"]);
        lab.run(&["resume", "--state", "paused,cancelled"]);
        lab.ok(&["work", "--once"]);
        for (id, state) in lab.states() {
            assert_eq!(state, RunState::Finished, "seed {seed}: {id}");
            let spec = lab.notebook().run(&id).unwrap().spec().unwrap();
            assert!(lab.results(&id) == expected[&spec.seed], "seed {seed}: {id} has other results");
            all_runs += 1;
        }
        // What is swept when it is old: a note whose run went to the trash while it was written, and what a killed process
        // was about to put beside the runs.
        let waits_for_age = |path: &Path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            ["notes.md.", "tags.", "request.", "."].iter().any(|start| name.starts_with(start))
        };
        let left: Vec<_> = lab.leftovers().into_iter().filter(|path| !waits_for_age(path)).collect();
        assert!(left.is_empty(), "seed {seed}: {left:?}");
        for (what, count) in known.counts {
            *counts.entry(what).or_default() += count;
        }
    }
    println!("seeds {seeds:?} of {rounds} rounds, {all_runs} runs; {counts:?}");
}
