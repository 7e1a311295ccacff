//! Refuses the notebook every call that it makes of the disk, one after another, and cuts its power at every moment. After
//! each, the notebook opens, what was said to be done is done, nothing that finished is gone, and what goes on ends as if
//! nothing had happened, to the last bit.
//!
//! `EEG_TUI_LONG=1` tries every call with every fault, and every cut; else a spread of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test helper may fail loudly

mod failing;
mod memory;
#[path = "../support/mod.rs"]
mod support;

use eeg_tui::cli::work::conclude;
use eeg_tui::disk::SharedDisk;
use eeg_tui::event::{Epoch, Event, Queued, Stopped};
use eeg_tui::model::{Activation, Model};
use eeg_tui::nn::device::{Devices, RealDrivers};
use eeg_tui::notebook::{Done, Notebook, NotebookError, Place, RunState};
use eeg_tui::random::{Purpose, below, stream};
use eeg_tui::spec::{Rule, Spec};
use eeg_tui::worker::{Calls, DataCache, Fastest, Machine, Options, Report, work};
use failing::{FailingDisk, Fault, Plan};
use jiff::Timestamp;
use memory::{Change, MemoryDisk};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use support::Lab;
use tokio::sync::Notify;

/// Less than a lease's term, and more than any of these ends takes on the slowest machine.
const SOON: Duration = Duration::from_secs(60);

/// EIO, ENOSPC, EDQUOT, EMFILE, ENFILE, ESTALE, EACCES.
const ERRORS: [i32; 7] = [5, 28, 122, 24, 23, 116, 13];

fn long() -> bool {
    std::env::var_os("EEG_TUI_LONG").is_some()
}

fn faults() -> Vec<Fault> {
    let errors = ERRORS.into_iter();
    errors.flat_map(|code| [Fault::Once(code), Fault::ForEver(code)]).chain([Fault::Kill]).collect()
}

/// Which calls fail with which fault: all of them, or so many, spread.
fn trials(calls: u64, most: u64) -> Vec<(u64, Fault)> {
    let faults = faults();
    let all = (0..calls).flat_map(|at| faults.iter().map(move |fault| (at, *fault)));
    if long() {
        return all.collect();
    }
    let count = calls * faults.len() as u64;
    let step = (count / most).max(1);
    // A step that shares no factor with the number of faults meets them all.
    let step = (step..).find(|step| !step.is_multiple_of(3) && !step.is_multiple_of(5)).unwrap();
    all.step_by(step as usize).collect()
}

fn notebook(disk: SharedDisk) -> Notebook {
    Notebook::on(disk, "/lab/runs", Timestamp::now)
}

/// A notebook of three runs: `queued`, `paused` at its first epoch, and `done`, which is finished; `gone` is in the trash.
struct Start {
    data: Lab,
    disk: MemoryDisk,
    queued: String,
    paused: String,
    done: String,
    gone: String,
}

fn spec(lab: &Lab, seed: u64) -> Spec {
    let set = eeg_tui::dataset::load(None, &lab.root.join("data")).unwrap();
    Spec { seed, epochs: 3, batch: 8, ..Spec::recipe(Model::eegnet(), Activation::Relu, set.source.clone()) }
}

fn machine(lab: &Lab, disk: SharedDisk) -> Machine {
    Machine {
        devices: Devices::open(&"cpu".parse().unwrap(), Arc::new(RealDrivers)).unwrap(),
        fastest: Fastest::of(Path::new("never read")),
        threads: 1,
        data: DataCache::new(lab.root.join("data")),
        notebook: notebook(disk),
    }
}

fn options() -> Options {
    Options { slots: 1, once: true, retries: 0, patience: Duration::from_secs(600), detached: false }
}

/// Works until nothing is left to do, undisturbed.
fn train(lab: &Lab, disk: SharedDisk) -> Report {
    let calls = || Ok(Calls::within(Arc::new(Notify::new())));
    work(machine(lab, disk), options(), Arc::new(|_, _| {}), calls).unwrap()
}

fn start() -> Start {
    let (data, disk) = (Lab::new(), MemoryDisk::new());
    let book = notebook(disk.shared());
    let done = book.enqueue(&spec(&data, 1)).unwrap();
    train(&data, disk.shared());
    let ids = book.enqueue_all(&[spec(&data, 2), spec(&data, 3), spec(&data, 5)]).unwrap();
    let [queued, paused, gone] = ids.try_into().unwrap();
    book.pause(&paused).unwrap();
    book.remove(&gone).unwrap();
    Start { data, disk, queued, paused, done, gone }
}

/// What a spec and seed decide of a run.
fn results(disk: &MemoryDisk, id: &str) -> (Vec<Epoch>, BTreeMap<String, Vec<u8>>) {
    let book = notebook(disk.shared());
    let epochs = book.run(id).unwrap().epochs().unwrap().iter().map(Epoch::metrics).collect();
    let files = disk.files().into_iter();
    let kept = files.filter(|(path, _)| {
        path.contains(id) && (path.contains("/weights") || path.contains("/predictions"))
    });
    let body = |(path, bytes): (String, Vec<u8>)| {
        // After the header, whose metadata come in any order.
        let header = if path.ends_with(".safetensors") {
            8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize
        } else {
            0
        };
        (path.rsplit('/').next().unwrap().to_owned(), bytes[header..].to_vec())
    };
    (epochs, kept.map(body).collect())
}

fn state(disk: &MemoryDisk, id: &str) -> Option<RunState> {
    notebook(disk.shared()).run(id).ok().map(|run| run.state().unwrap())
}

/// The notebook opens, every run in it can be read, and the finished one is as it was.
fn assert_sound(start: &Start, disk: &MemoryDisk, what: &str) {
    let index = notebook(disk.shared()).index().unwrap().complete();
    assert_eq!(index.problems(), [], "{what}");
    for run in index.runs() {
        let damaged = notebook(disk.shared()).run(&run.id).unwrap().history().unwrap().damaged;
        assert_eq!(damaged, 0, "{what}: {}", run.id);
    }
    assert_eq!(results(disk, &start.done), results(&start.disk, &start.done), "{what}");
}

type Command = (&'static str, fn(&Start, &Notebook) -> Result<String, NotebookError>);

fn said(done: Done) -> String {
    done.sentence
}

/// What a table is made of: what the finished run has to show, by each rule, and its epochs.
fn shown(start: &Start, book: &Notebook) -> Result<String, NotebookError> {
    let reading = book.reading();
    let evidence = Rule::ALL.map(|rule| reading.evidence(&start.done, rule));
    let text = format!("{evidence:?} {:?}", reading.epochs(&start.done));
    reading.end().map(|()| text)
}

const COMMANDS: [Command; 14] = [
    ("add", |start, book| book.enqueue(&spec(&start.data, 4))),
    ("pause", |start, book| book.pause(&start.queued).map(said)),
    ("resume", |start, book| book.resume(&start.paused).map(said)),
    ("cancel", |start, book| book.cancel(&start.queued).map(said)),
    ("remove", |start, book| book.remove(&start.queued).map(said)),
    ("note", |start, book| book.run(&start.done)?.set_notes("better").map(|()| "noted".into())),
    ("list", |_, book| {
        let index = book.index()?.complete();
        // What can't be read is named, which is no success.
        match index.problems() {
            [] => Ok(format!("{} runs", index.total())),
            [problem, ..] => Err(NotebookError::BadId(problem.sentence.clone())),
        }
    }),
    ("table", shown),
    ("tag", |start, book| book.tag(&start.done, &["good".into()], &[]).map(|tags| tags.join(" "))),
    ("retry", |start, book| book.retry(&start.done).map(said)),
    ("restore", |start, book| book.restore(&start.gone).map(said)),
    ("move", |start, book| {
        let done = book.move_to(std::slice::from_ref(&start.queued), &Place::Last)?;
        Ok(done.into_iter().map(said).collect())
    }),
    ("only new", |start, book| book.same_spec(&spec(&start.data, 2)).map(|same| same.join(" "))),
    ("export", |_, book| book.export("matrix.md", "| a |").map(|_| "exported".into())),
];

/// The runs that have a place in the queue, as they are listed; what is finished may be among them for a while.
fn queue(start: &Start, disk: &MemoryDisk) -> Vec<String> {
    let listed = String::from_utf8(disk.files().remove("/lab/runs/.queue").unwrap_or_default()).unwrap();
    listed.lines().filter(|id| *id != start.done).map(str::to_owned).collect()
}

/// Whether what a command said is so.
fn is_so(command: &str, start: &Start, disk: &MemoryDisk, sentence: &str) -> bool {
    match command {
        "add" => state(disk, sentence) == Some(RunState::Queued),
        "pause" => state(disk, &start.queued) == Some(RunState::Paused),
        "resume" => state(disk, &start.paused) == Some(RunState::Queued),
        "cancel" => state(disk, &start.queued) == Some(RunState::Cancelled),
        "remove" => state(disk, &start.queued).is_none(),
        "note" => notebook(disk.shared()).run(&start.done).unwrap().notes().unwrap() == "better",
        "list" => sentence == "3 runs",
        "table" => sentence == shown(start, &notebook(start.disk.shared())).unwrap(),
        "tag" => notebook(disk.shared()).run(&start.done).unwrap().tags().unwrap() == ["good"],
        "retry" => state(disk, sentence.rsplit(' ').next().unwrap()) == Some(RunState::Queued),
        "restore" => state(disk, &start.gone) == Some(RunState::Queued),
        "move" => {
            sentence.ends_with("is number 1 in the queue")
                && queue(start, disk) == [start.paused.as_str(), start.queued.as_str()]
        }
        "only new" => sentence == start.queued,
        _ => disk.files().get("/lab/runs/exports/matrix.md").is_some_and(|text| text == b"| a |"),
    }
}

#[test]
fn a_command_that_a_disk_refuses_says_so_or_is_done_and_can_be_given_again() {
    let start = start();
    let mut tried = 0;
    for (name, command) in COMMANDS {
        let disk = start.disk.copy();
        let plan = Plan::none();
        let failing = FailingDisk { disk: disk.shared(), plan: plan.clone() };
        let sentence = command(&start, &notebook(Arc::new(failing))).unwrap();
        assert!(is_so(name, &start, &disk, &sentence), "{name}");
        for (at, fault) in trials(plan.calls.load(Ordering::Relaxed), 60) {
            let what = format!("{name}, call {at}, {fault:?}");
            let disk = start.disk.copy();
            let plan = Plan::new(at, fault);
            let failing = FailingDisk { disk: disk.shared(), plan: plan.clone() };
            let said = command(&start, &notebook(Arc::new(failing)));
            assert_sound(&start, &disk, &what);
            match said {
                Ok(sentence) if !plan.was_killed() => {
                    assert!(is_so(name, &start, &disk, &sentence), "{what}: {sentence}");
                }
                Ok(_) => {}
                Err(error) => assert!(!error.to_string().is_empty()),
            }
            // Where it was not done, or only half, it can be done now.
            let_terms_pass(&disk);
            // What failed at its last call, once a run had moved, can't be given again.
            let has_moved = match name {
                "restore" => state(&disk, &start.gone).is_some(),
                _ => state(&disk, &start.queued).is_none(),
            };
            if !has_moved {
                let sentence = command(&start, &notebook(disk.shared()));
                let sentence = sentence.unwrap_or_else(|error| panic!("{what}, given again: {error}"));
                assert!(
                    name == "list" || is_so(name, &start, &disk, &sentence),
                    "{what}, given again: {sentence}"
                );
            }
            assert_sound(&start, &disk, &what);
            tried += 1;
        }
    }
    println!("{tried} faults in {} commands", COMMANDS.len());
}

/// Works on a failing disk, and asks the worker to end once the fault had its time. Gives what came of it, and how long the
/// worker took to end.
fn work_on(start: &Start, disk: &MemoryDisk, plan: &Arc<Plan>) -> (Result<Report, String>, Duration) {
    let failing: SharedDisk = Arc::new(FailingDisk { disk: disk.shared(), plan: plan.clone() });
    let (notice, (tell, told)) = (Arc::new(Notify::new()), mpsc::channel());
    let machine = machine(&start.data, failing);
    let heard = notice.clone();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let report = work(machine, options(), Arc::new(|_, _| {}), || Ok(Calls::within(heard)));
            let _ = tell.send(report.map_err(|error| error.to_string()));
        });
        // Until the fault is met, or the work is done; then as long as it takes a fault to show.
        let met = || plan.was_met();
        for _ in 0..6000 {
            match told.recv_timeout(Duration::from_millis(if met() { 400 } else { 10 })) {
                Ok(report) => return (report, Duration::ZERO),
                Err(_) if met() => break,
                Err(_) => {}
            }
        }
        let asked = Instant::now();
        notice.notify_one();
        (told.recv().unwrap(), asked.elapsed())
    })
}

/// What 'eeg-tui work' would end with.
fn exit_code(report: &Result<Report, String>) -> u8 {
    match report {
        Ok(report) => conclude(report).err().map_or(0, |failure| failure.code()),
        Err(_) => 1,
    }
}

#[test]
fn a_worker_that_a_disk_refuses_loses_nothing_says_so_and_ends_when_asked() {
    let start = start();
    let expected = start.disk.copy();
    let plan = Plan::none();
    let (report, _) = work_on(&start, &expected, &plan);
    assert_eq!(report.unwrap().finished, 1);
    let expected = results(&expected, &start.queued);
    let calls = plan.calls.load(Ordering::Relaxed);
    let mut tried = 0;
    for (at, fault) in trials(calls, 40) {
        let what = format!("work, call {at} of {calls}, {fault:?}");
        let disk = start.disk.copy();
        let plan = Plan::new(at, fault);
        let (report, took) = work_on(&start, &disk, &plan);
        assert!(took < SOON, "{what}: took {took:?} to end");
        assert_sound(&start, &disk, &what);
        let is_done = state(&disk, &start.queued) == Some(RunState::Finished);
        let code = exit_code(&report);
        assert!(is_done || code != 0 || plan.was_killed(), "{what}: exit 0 with work left");
        let lines = notebook(disk.shared()).run(&start.queued).unwrap().events().unwrap().len();
        assert!(lines < 40, "{what}: {lines} events");
        // When the disk obeys again.
        if state(&disk, &start.queued) == Some(RunState::Failed) {
            panic!("{what}: the run failed for good");
        }
        let_terms_pass(&disk);
        let report = train(&start.data, disk.shared());
        assert_eq!(conclude(&report).err().map(|failure| format!("{failure:?}")), None, "{what}");
        if state(&disk, &start.queued) == Some(RunState::Paused) {
            notebook(disk.shared()).resume(&start.queued).unwrap();
            train(&start.data, disk.shared());
        }
        assert_eq!(state(&disk, &start.queued), Some(RunState::Finished), "{what}");
        assert_eq!(results(&disk, &start.queued), expected, "{what}");
        let book = notebook(disk.shared());
        let held = take(&book, &disk, &start.queued);
        book.release(held.unwrap_or_else(|| panic!("{what}: the run is free, and can't be had")));
        tried += 1;
    }
    println!("{tried} faults in a worker's {calls} calls");
}

/// Nobody asks it to: what it saw last still waits, but it will not see it again.
#[test]
fn a_worker_with_once_ends_by_itself_where_the_disk_refuses_for_good() {
    let start = start();
    let calls = {
        let plan = Plan::none();
        let (report, _) = work_on(&start, &start.disk.copy(), &plan);
        assert_eq!(report.unwrap().finished, 1);
        plan.calls.load(Ordering::Relaxed)
    };
    let ends = |at: u64| {
        let disk = start.disk.copy();
        let plan = Plan::new(at, Fault::ForEver(ERRORS[6]));
        let machine = machine(&start.data, Arc::new(FailingDisk { disk: disk.shared(), plan }));
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let report = work(machine, options(), Arc::new(|_, _| {}), || Ok(Calls::within(Arc::default())));
            let _ = tell.send(report.map_err(|error| error.to_string()));
        });
        let report =
            told.recv_timeout(SOON).unwrap_or_else(|_| panic!("call {at} of {calls}: it does not end"));
        let code = exit_code(&report);
        let is_done = state(&disk, &start.queued) == Some(RunState::Finished);
        assert!(is_done || code != 0, "call {at} of {calls}: exit 0 with work left");
    };
    let ends = &ends;
    std::thread::scope(|scope| {
        for part in 1..6 {
            scope.spawn(move || ends(calls * part / 6));
        }
    });
}

/// What must hold from a moment on, however the power is cut.
type Fact = (usize, &'static str, Box<dyn Fn(&MemoryDisk) -> bool>);

/// A life of a few runs, and what it was said to have brought about at which change.
fn life(disk: &MemoryDisk, lab: &Lab) -> Vec<Fact> {
    let book = notebook(disk.shared());
    let mut facts: Vec<Fact> = Vec::new();
    let mut fact =
        |what, holds: Box<dyn Fn(&MemoryDisk) -> bool>| facts.push((disk.log().len(), what, holds));
    let ids = book.enqueue_all(&[spec(lab, 1), spec(lab, 2), spec(lab, 3)]).unwrap();
    let [a, b, c]: [String; 3] = ids.clone().try_into().unwrap();
    fact(
        "three runs are enqueued",
        Box::new(move |disk| {
            let trash = |id: &String| notebook(disk.shared()).trashed().unwrap().contains(id);
            ids.iter()
                .all(|id| trash(id) || notebook(disk.shared()).run(id).is_ok_and(|run| run.spec().is_ok()))
        }),
    );
    let dir = book.run(&a).unwrap();
    let mut held = book.hold(&dir).unwrap().unwrap();
    held.append(Event::Queued(Queued { from_checkpoint: false, after: None })).unwrap();
    held.set_checkpoint(b"first").unwrap();
    let id = a.clone();
    fact(
        "a checkpoint is kept",
        Box::new(move |disk| {
            let kept = disk.files().remove(&format!("/lab/runs/{id}/checkpoint.safetensors"));
            // Replaced or removed later, as a whole.
            kept.is_none_or(|kept| kept == b"first" || kept == b"second")
        }),
    );
    held.set_checkpoint(b"second").unwrap();
    held.set_weights(Rule::Last, b"weights").unwrap();
    held.set_predictions(Rule::Last, "predictions").unwrap();
    held.append(Event::Finished(finished(&a))).unwrap();
    let id = a.clone();
    fact(
        "a run is finished, with its results",
        Box::new(move |disk| {
            let run = notebook(disk.shared()).run(&id).unwrap();
            run.state().unwrap() == RunState::Finished
                && run.weights(Rule::Last).unwrap().as_deref() == Some(b"weights")
                && run.predictions(Rule::Last).unwrap().as_deref() == Some("predictions")
        }),
    );
    held.drop_checkpoint().unwrap();
    book.release(held);
    dir.set_notes("good").unwrap();
    fact(
        "notes are kept",
        Box::new(move |disk| notebook(disk.shared()).run(&a).unwrap().notes().unwrap() == "good"),
    );
    book.pause(&b).unwrap();
    let id = b.clone();
    fact("a run is paused", Box::new(move |disk| state(disk, &id) == Some(RunState::Paused)));
    book.remove(&c).unwrap();
    let id = c.clone();
    fact(
        "a run is removed",
        Box::new(move |disk| {
            state(disk, &id).is_none() && notebook(disk.shared()).trashed().unwrap().contains(&id)
        }),
    );
    facts
}

fn finished(id: &str) -> eeg_tui::event::Finished {
    eeg_tui::event::Finished {
        id: id.into(),
        test_acc: [(Rule::Last, Some(0.75))].into(),
        picked: [(Rule::Last, Some(3))].into(),
        train_loss: 0.1,
        train_acc: 0.9,
        epochs: 3,
        seconds: 1.0,
        remark: None,
    }
}

/// Which of the changes before a power cut are sure to be on the disk: those that were synced.
fn sure(changes: &[Change]) -> Vec<bool> {
    let synced_later = |at: usize, wanted: &dyn Fn(&Change) -> bool| changes[at..].iter().any(wanted);
    let is_sure = |(at, change): (usize, &Change)| match change {
        Change::Append { node, .. } | Change::Overwrite { node, .. } | Change::SetLength { node, .. } => {
            synced_later(at, &|later| *later == Change::SyncFile { node: *node })
        }
        Change::MakeFile { folder, .. }
        | Change::MakeFolder { folder, .. }
        | Change::Remove { folder, .. } => {
            synced_later(at, &|later| *later == Change::SyncFolder { folder: *folder })
        }
        Change::Rename { from, to, .. } => [from, to]
            .into_iter()
            .all(|folder| synced_later(at, &|later| *later == Change::SyncFolder { folder: *folder })),
        Change::SyncFile { .. } | Change::SyncFolder { .. } => true,
    };
    changes.iter().enumerate().map(is_sure).collect()
}

/// What a disk may hold after its power was cut: each change that was not synced may be there or not. All ways where there
/// are few; else none, all, each alone, all but each, every beginning, and some at random.
fn remains(changes: &[Change], salt: u64) -> Vec<Vec<Change>> {
    let sure = sure(changes);
    let open: Vec<usize> = (0..changes.len()).filter(|&at| !sure[at]).collect();
    let mut choices: Vec<Vec<bool>> = Vec::new();
    if open.len() <= if long() { 10 } else { 4 } {
        choices.extend(
            (0..1u32 << open.len()).map(|bits| (0..open.len()).map(|at| bits >> at & 1 == 1).collect()),
        );
    } else {
        choices.extend([vec![false; open.len()], vec![true; open.len()]]);
        for one in 0..open.len() {
            choices.push((0..open.len()).map(|at| at == one).collect());
            choices.push((0..open.len()).map(|at| at != one).collect());
            choices.push((0..open.len()).map(|at| at < one).collect());
        }
        let mut rng = stream(salt, Purpose::Shuffle, 0, 0);
        let random = if long() { 200 } else { 4 };
        choices.extend((0..random).map(|_| open.iter().map(|_| below(&mut rng, 2) == 1).collect()));
    }
    let keep = |choice: Vec<bool>| {
        let mut choice = open.iter().zip(choice).collect::<BTreeMap<_, _>>();
        let kept = changes.iter().enumerate().filter(|(at, _)| choice.remove(at).unwrap_or(true));
        kept.map(|(_, change)| change.clone()).collect()
    };
    choices.into_iter().map(keep).collect()
}

/// Takes a run.
fn take(book: &Notebook, disk: &MemoryDisk, id: &str) -> Option<eeg_tui::notebook::Held> {
    let hold = || book.hold(&book.run(id).unwrap()).unwrap();
    hold().or_else(|| {
        let_terms_pass(disk);
        hold()
    })
}

/// A lease whose file was made but not written names nobody: it holds for its term, and then no more. That term passes.
fn let_terms_pass(disk: &MemoryDisk) {
    let unnamed = |(path, bytes): &(String, Vec<u8>)| {
        path.contains("/lease.") && serde_json::from_slice::<serde_json::Value>(bytes).is_err()
    };
    for (path, _) in disk.files().into_iter().filter(unnamed) {
        eeg_tui::disk::Disk::remove_file(disk, &PathBuf::from(path)).unwrap();
    }
}

#[test]
fn a_power_cut_at_any_moment_takes_back_nothing_that_was_said_to_be_done() {
    let (lab, disk) = (Lab::new(), MemoryDisk::new());
    // The folder that the notebook is made in was there long before.
    eeg_tui::disk::Disk::make_folder(&disk, &PathBuf::from("/lab")).unwrap();
    let empty = disk.copy();
    let disk = empty.copy();
    let facts = life(&disk, &lab);
    let log = disk.log();
    let mut tried = 0;
    for cut in 0..=log.len() {
        for changes in remains(&log[..cut], cut as u64) {
            let disk = empty.with(changes);
            let book = notebook(disk.shared());
            let index = book.index().unwrap().complete();
            assert_eq!(index.problems(), [], "cut at {cut}: {:?}", disk.files().keys());
            for (_, what, holds) in facts.iter().filter(|(from, ..)| *from <= cut) {
                assert!(holds(&disk), "cut at {cut} of {}: {what}: {:?}", log.len(), disk.files().keys());
            }
            // It goes on.
            let new = book.enqueue(&spec(&lab, 9)).unwrap();
            for id in index.runs().iter().map(|run| &run.id).chain([&new]) {
                let mut held =
                    take(&book, &disk, id).unwrap_or_else(|| panic!("cut at {cut}: {id} can't be had"));
                held.append(Event::Paused(Stopped { epoch: 0, reason: None })).unwrap();
                book.release(held);
                assert_eq!(book.run(id).unwrap().history().unwrap().damaged, 0, "cut at {cut}");
            }
            tried += 1;
        }
    }
    println!("{tried} states of a disk after a cut at each of {} changes", log.len());
}
