use super::*;
use crate::event::{Epoch, Event, Failed, Finished, Started, TrialCounts};
use crate::model::{Activation, Model};
use crate::spec::{DataSource, Rule};
use proptest::prelude::*;
use std::os::unix::fs::symlink;

fn spec(seed: u64) -> Spec {
    let data = DataSource { name: "simulated".into(), path: None, fingerprint: "ab".into() };
    Spec { seed, epochs: 300, ..Spec::recipe(Model::eegnet(), Activation::Relu, data) }
}

fn started(epoch: u32) -> Event {
    Event::Started(Box::new(Started {
        epoch,
        program: "0".into(),
        commit: None,
        command: vec!["eeg-tui".into(), "work".into()],
        host: "here".into(),
        pid: 1,
        job: None,
        device: "cpu".into(),
        threads: 1,
        fingerprint: "ab".into(),
        spec_hash: "cd".into(),
        trials: TrialCounts::default(),
        remark: None,
    }))
}

fn epoch(epoch: u32) -> Event {
    Event::Epoch(Epoch {
        epoch,
        train_loss: 1.0 / f64::from(epoch),
        train_acc: 0.5,
        val_loss: Some(0.7),
        val_acc: Some(0.5),
        test_loss: 0.7,
        test_acc: 0.5,
        seconds: 0.5,
    })
}

fn finished(id: &str, epochs: u32) -> Event {
    Event::Finished(Finished {
        id: id.into(),
        test_acc: [(Rule::Last, Some(0.75))].into(),
        picked: [(Rule::Last, Some(epochs))].into(),
        train_loss: 0.1,
        train_acc: 0.9,
        epochs,
        seconds: f64::from(epochs) * 0.5,
        remark: None,
    })
}

struct Fixture {
    _folder: tempfile::TempDir,
    notebook: Notebook,
}

fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let notebook = Notebook::open(folder.path().join("runs"));
    Fixture { _folder: folder, notebook }
}

impl Fixture {
    fn add(&self, seed: u64) -> String {
        self.notebook.enqueue(&spec(seed)).unwrap()
    }

    fn hold(&self, id: &str) -> Held {
        self.notebook.hold(&self.notebook.run(id).unwrap()).unwrap().unwrap()
    }

    fn state(&self, id: &str) -> RunState {
        self.notebook.run(id).unwrap().state().unwrap()
    }

    fn queue(&self) -> Vec<String> {
        let index = self.notebook.index().unwrap();
        index.queue().iter().map(|run| run.id.clone()).collect()
    }
}

#[test]
fn a_run_goes_through_its_states() {
    let fx = fixture();
    let id = fx.add(0);
    assert_eq!(fx.state(&id), RunState::Queued);
    let mut held = fx.hold(&id);
    held.append(started(0)).unwrap();
    assert_eq!(fx.state(&id), RunState::Running);
    held.append(epoch(1)).unwrap();
    drop(held);
    assert_eq!(fx.state(&id), RunState::Interrupted);
    assert!(fx.notebook.pause(&id).unwrap().changed);
    assert_eq!(fx.state(&id), RunState::Paused);
    fx.notebook.resume(&id).unwrap();
    assert_eq!(fx.state(&id), RunState::Queued);
    fx.notebook.cancel(&id).unwrap();
    assert_eq!(fx.state(&id), RunState::Cancelled);
    fx.notebook.retry(&id).unwrap();
    assert_eq!(fx.state(&id), RunState::Queued);
    let mut held = fx.hold(&id);
    held.append(started(0)).unwrap();
    held.append(finished(&id, 300)).unwrap();
    drop(held);
    assert_eq!(fx.state(&id), RunState::Finished);
    assert!(!fx.notebook.cancel(&id).unwrap().changed);
}

#[test]
fn a_run_in_training_is_asked_and_not_touched() {
    let fx = fixture();
    let id = fx.add(0);
    let mut held = fx.hold(&id);
    held.append(started(0)).unwrap();
    let before = std::fs::read(held.dir().events_path()).unwrap();
    assert!(fx.notebook.pause(&id).unwrap().changed);
    assert_eq!(held.dir().request(), Some(Request::Pause));
    fx.notebook.cancel(&id).unwrap();
    assert_eq!(held.dir().request(), Some(Request::Cancel));
    fx.notebook.remove(&id).unwrap();
    assert_eq!(held.dir().request(), Some(Request::Remove));
    fx.notebook.resume(&id).unwrap();
    assert_eq!(held.dir().request(), Some(Request::Resume));
    assert!(!fx.notebook.retry(&id).unwrap().changed);
    assert_eq!(std::fs::read(held.dir().events_path()).unwrap(), before);
}

#[test]
fn a_finished_run_is_never_trained_over() {
    let fx = fixture();
    let id = fx.add(0);
    let mut held = fx.hold(&id);
    held.append(started(0)).unwrap();
    held.append(finished(&id, 300)).unwrap();
    drop(held);
    fx.notebook.retry(&id).unwrap();
    assert_eq!(fx.state(&id), RunState::Finished);
    assert_eq!(fx.queue().len(), 1);
    assert_eq!(fx.notebook.same_spec(&spec(0)).unwrap().len(), 2);
    assert_eq!(fx.notebook.same_spec(&spec(1)).unwrap().len(), 0);
}

#[test]
fn the_queue_keeps_the_order_of_enqueueing_and_of_moves() {
    let fx = fixture();
    let ids = fx.notebook.enqueue_all(&[spec(10), spec(9), spec(8), spec(7)]).unwrap();
    assert_eq!(fx.queue(), ids);
    fx.notebook.move_to(&ids[3..], &Place::First).unwrap();
    assert_eq!(fx.queue(), [&ids[3], &ids[0], &ids[1], &ids[2]].map(String::clone));
    fx.notebook.pause(&ids[0]).unwrap();
    assert_eq!(fx.queue().len(), 3);
    fx.notebook.resume(&ids[0]).unwrap();
    assert_eq!(fx.queue()[1], ids[0], "a paused run keeps its place");
    let late = fx.add(1);
    assert_eq!(fx.queue().last(), Some(&late));
}

#[test]
fn a_clock_that_goes_back_costs_nothing() {
    use std::sync::atomic::{AtomicI64, Ordering};
    static NOW: AtomicI64 = AtomicI64::new(2_000_000_000);
    let folder = tempfile::tempdir().unwrap();
    let clock = || Timestamp::from_second(NOW.fetch_sub(86_400, Ordering::Relaxed)).unwrap();
    let notebook = Notebook::on(disk::real(), folder.path(), clock);
    let ids: Vec<String> = (0..4).map(|seed| notebook.enqueue(&spec(seed)).unwrap()).collect();
    let mut held = notebook.hold(&notebook.run(&ids[0]).unwrap()).unwrap().unwrap();
    for event in [started(0), epoch(1), epoch(2)] {
        held.append(event).unwrap();
    }
    drop(held);
    let index = notebook.index().unwrap();
    assert_eq!(index.queue().iter().map(|run| &run.id).collect::<Vec<_>>(), ids.iter().collect::<Vec<_>>());
    assert_eq!(index.get(&ids[0]).unwrap().epoch, 2);
}

#[test]
fn removed_runs_come_back_until_the_trash_is_emptied() {
    let fx = fixture();
    let (a, b) = (fx.add(0), fx.add(1));
    fx.notebook.remove(&a).unwrap();
    fx.notebook.remove(&b).unwrap();
    assert_eq!(fx.notebook.index().unwrap().total(), 0);
    assert_eq!(fx.notebook.trashed().unwrap(), [b.clone(), a.clone()]);
    fx.notebook.restore(&a).unwrap();
    assert_eq!(fx.queue(), std::slice::from_ref(&a));
    assert!(fx.notebook.restore("../a").is_err());
    assert_eq!(fx.notebook.empty_trash().unwrap(), 1);
    assert!(fx.notebook.restore(&b).is_err());
}

#[test]
fn an_index_follows_what_happens() {
    let fx = fixture();
    let id = fx.add(0);
    let mut index = fx.notebook.index().unwrap();
    assert!(!index.refresh().unwrap());
    let other = fx.add(1);
    assert!(index.refresh().unwrap());
    assert_eq!(index.get(&other).unwrap().position, Some(1));
    assert!(index.get(&other).unwrap().seconds.is_sign_positive(), "-0 s");
    let mut held = fx.hold(&id);
    held.append(started(0)).unwrap();
    fx.notebook.ring();
    assert!(index.refresh().unwrap());
    for n in 1..=100 {
        held.append(epoch(n)).unwrap();
        if n % 10 == 0 {
            assert!(index.refresh().unwrap());
        }
    }
    let run = index.get(&id).unwrap();
    assert_eq!((run.state, run.epoch, run.loss_tail.len()), (RunState::Running, 100, RunSummary::TAIL));
    assert_eq!(run.seconds, 50.0);
    drop(held);
    assert!(index.refresh().unwrap(), "a death is seen without a bell");
    assert_eq!(index.get(&id).unwrap().state, RunState::Interrupted);
    fx.notebook.remove(&other).unwrap();
    assert!(index.refresh().unwrap());
    assert_eq!(index.total(), 1);
    index.get(&id).unwrap();
    fx.notebook.run(&id).unwrap().set_notes("hm").unwrap();
    while !index.refresh().unwrap() {}
    assert!(index.get(&id).unwrap().has_notes);
}

#[test]
fn a_glance_says_what_reading_everything_says() {
    let fx = fixture();
    for (seed, closing) in [
        finished("x", 300),
        Event::Failed(Failed { epoch: 300, error: "loss is NaN".into() }),
        Event::Paused(crate::event::Stopped { epoch: 300, reason: None }),
    ]
    .into_iter()
    .enumerate()
    {
        let id = fx.add(seed as u64);
        let mut held = fx.hold(&id);
        held.append(started(0)).unwrap();
        for n in 1..=300 {
            held.append(epoch(n)).unwrap();
        }
        held.append(closing).unwrap();
        let history = held.history().clone();
        drop(held);
        let index = fx.notebook.index().unwrap();
        let run = index.get(&id).unwrap();
        assert_eq!(run.state, Standing::state(history.standing, false));
        assert_eq!((run.epoch, run.last.as_ref()), (history.epoch(), history.epochs.last()));
        assert_eq!((&run.test_acc, &run.message), (&history.test_acc, &history.message));
        assert_eq!(run.started, history.started);
        assert_eq!(run.seconds, history.seconds());
        assert!(run.loss_tail.len() > 4 && run.loss_tail.is_sorted_by(|a, b| a >= b), "{:?}", run.loss_tail);
    }
}

#[test]
fn epochs_that_were_trained_again_count_once() {
    let fx = fixture();
    let id = fx.add(0);
    let mut held = fx.hold(&id);
    for event in [started(0), epoch(1), epoch(2), epoch(3), started(1), epoch(2), epoch(3), epoch(4)] {
        held.append(event).unwrap();
    }
    let epochs: Vec<u32> = held.dir().epochs().unwrap().iter().map(|epoch| epoch.epoch).collect();
    assert_eq!(epochs, [1, 2, 3, 4]);
}

#[test]
fn starts_without_an_epoch_are_counted() {
    let fx = fixture();
    let id = fx.add(0);
    let mut held = fx.hold(&id);
    for event in [started(0), epoch(1), started(1), started(1), started(1)] {
        held.append(event).unwrap();
    }
    assert_eq!(held.history().fruitless_starts, 3);
}

#[test]
fn crashes_leave_no_temporary_files_once_a_run_is_taken() {
    let fx = fixture();
    let id = fx.add(0);
    let dir = fx.notebook.run(&id).unwrap();
    for name in
        ["checkpoint.safetensors.tmp", "weights-last.safetensors.1-2-3.tmp", "predictions-last.csv.tmp"]
    {
        std::fs::write(dir.path().join(name), "half").unwrap();
    }
    let unborn = fx.notebook.root().join(".unborn-x");
    std::fs::create_dir(&unborn).unwrap();
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    std::fs::File::open(&unborn).unwrap().set_modified(long_ago).unwrap();
    drop(fx.hold(&id));
    fx.add(1);
    let left = |folder: &Path| {
        std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".tmp") || name.starts_with(".unborn"))
            .collect::<Vec<_>>()
    };
    assert!(left(dir.path()).is_empty() && left(fx.notebook.root()).is_empty());
}

#[test]
fn a_newer_notebook_is_read_and_not_changed() {
    let fx = fixture();
    let id = fx.add(0);
    std::fs::write(fx.notebook.root().join(".notebook"), "version = 7\n").unwrap();
    assert_eq!(fx.notebook.index().unwrap().total(), 1);
    for error in [
        fx.notebook.enqueue(&spec(1)).unwrap_err(),
        fx.notebook.pause(&id).unwrap_err(),
        fx.notebook.move_to(&[id], &Place::First).unwrap_err(),
    ] {
        assert!(error.to_string().contains("newer eeg-tui"), "{error}");
    }
}

#[test]
fn a_folder_from_someone_else_leads_nowhere() {
    let fx = fixture();
    let id = fx.add(0);
    let outside = fx.notebook.root().parent().unwrap().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("events.jsonl"), "mine\n").unwrap();
    symlink(&outside, fx.notebook.root().join("20260101-000000-link")).unwrap();
    let dir = fx.notebook.run(&id).unwrap();
    symlink(outside.join("events.jsonl"), dir.events_path()).unwrap();
    let index = fx.notebook.index().unwrap();
    assert_eq!(index.total(), 0, "neither a linked run nor linked events are taken");
    assert!(index.problems()[0].sentence.contains("link"), "{:?}", index.problems());
    assert!(fx.notebook.pause(&id).is_err());
    assert!(fx.notebook.run("20260101-000000-link").is_err());
    assert_eq!(std::fs::read(outside.join("events.jsonl")).unwrap(), b"mine\n");
    symlink(&outside, fx.notebook.trash()).unwrap();
    assert!(fx.notebook.remove(&id).is_err());
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 1);
}

#[test]
fn the_beginning_of_a_name_is_enough_where_it_is_clear() {
    let fx = fixture();
    let (a, _b) = (fx.add(0), fx.add(1));
    assert_eq!(fx.notebook.run(&a[..a.len() - 2]).unwrap().id(), a);
    assert!(matches!(fx.notebook.run(&a[..8]), Err(NotebookError::Ambiguous { count: 2, .. })));
    assert!(matches!(fx.notebook.run("2"), Err(NotebookError::Ambiguous { .. })));
    assert!(matches!(fx.notebook.run("../runs"), Err(NotebookError::BadId(_))));
}

proptest! {
    // Each case waits for the disk several times.
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A power cut may leave any beginning of the events that had not reached the disk.
    #[test]
    fn any_cut_leaves_a_notebook_that_opens_and_goes_on(share in 0.0..1.0f64, seed in 0..3u64) {
        let fx = fixture();
        let id = fx.add(seed);
        let mut held = fx.hold(&id);
        for event in [started(0), epoch(1), epoch(2), finished(&id, 2)] {
            held.append(event).unwrap();
        }
        let path = held.dir().events_path();
        drop(held);
        let whole = std::fs::read(&path).unwrap();
        let cut = (share * whole.len() as f64) as usize;
        std::fs::write(&path, &whole[..cut]).unwrap();
        let lines = whole[..cut].iter().filter(|&&byte| byte == b'\n').count();
        let index = fx.notebook.index().unwrap();
        let state = index.get(&id).unwrap().state;
        prop_assert_eq!(state, if lines == 0 { RunState::Queued } else { RunState::Interrupted });
        let mut held = fx.hold(&id);
        held.append(started(0)).unwrap();
        held.append(finished(&id, 2)).unwrap();
        drop(held);
        prop_assert_eq!(fx.state(&id), RunState::Finished);
        prop_assert_eq!(fx.notebook.run(&id).unwrap().history().unwrap().damaged, 0);
    }
}

#[test]
fn what_was_asked_of_a_process_that_died_comes_before_what_is_asked_now() {
    let fixture = fixture();
    let id = fixture.add(1);
    let held = fixture.hold(&id);
    assert!(fixture.notebook.cancel(&id).unwrap().sentence.contains("will be cancelled"));
    // It dies without a look at what was asked.
    drop(held);
    let done = fixture.notebook.pause(&id).unwrap();
    assert!(!done.changed && done.sentence.contains("is cancelled, there is nothing to pause"), "{done}");
    assert_eq!(fixture.notebook.run(&id).unwrap().request(), None);
    let held = fixture.hold(&id);
    assert!(fixture.notebook.remove(&id).is_err(), "nobody trains it, and it is in use");
    drop(held);
    assert!(fixture.notebook.remove(&id).unwrap().sentence.contains("is in the trash"));
}

#[test]
fn a_request_that_came_while_another_was_answered_stays() {
    let fixture = fixture();
    let id = fixture.add(1);
    let held = fixture.hold(&id);
    fixture.notebook.pause(&id).unwrap();
    fixture.notebook.cancel(&id).unwrap();
    held.answer_request(Request::Pause);
    assert_eq!(held.dir().request(), Some(Request::Cancel));
    held.answer_request(Request::Cancel);
    assert_eq!(held.dir().request(), None);
}

#[test]
fn what_says_more_stays_asked_and_the_sentence_says_so() {
    let fixture = fixture();
    let id = fixture.add(1);
    let mut held = fixture.hold(&id);
    held.append(started(0)).unwrap();
    fixture.notebook.cancel(&id).unwrap();
    let paused = fixture.notebook.pause(&id).unwrap();
    assert!(!paused.changed && paused.sentence.contains("will be cancelled"), "{paused}");
    fixture.notebook.remove(&id).unwrap();
    for done in [fixture.notebook.pause(&id).unwrap(), fixture.notebook.cancel(&id).unwrap()] {
        assert!(!done.changed && done.sentence.contains("moved to the trash"), "{done}");
    }
    assert_eq!(held.dir().request(), Some(Request::Remove));
    // Whoever changes their mind says so.
    fixture.notebook.resume(&id).unwrap();
    fixture.notebook.pause(&id).unwrap();
    assert_eq!(held.dir().request(), Some(Request::Pause));
}

/// Time for a thread to get as far as it can.
fn let_others_come() {
    std::thread::sleep(std::time::Duration::from_millis(200));
}

#[test]
fn whoever_is_asked_and_ends_the_run_meanwhile_is_waited_for() {
    let fixture = fixture();
    let id = fixture.add(1);
    let mut held = fixture.hold(&id);
    held.append(started(0)).unwrap();
    let notebook = &fixture.notebook;
    let nobody_asks = notebook.order().lock().unwrap();
    let done = std::thread::scope(|scope| {
        let removed = scope.spawn(|| notebook.remove(&id).unwrap());
        let_others_come();
        held.append(finished(&id, 1)).unwrap();
        drop(nobody_asks);
        let_others_come();
        // It does not look at what was asked, as if it had died.
        drop(held);
        removed.join().unwrap()
    });
    assert!(done.sentence.contains("is in the trash"), "{done}");
    assert!(notebook.run(&id).is_err());
}

#[test]
fn a_removal_that_is_taken_back_while_it_is_about_to_be_done_is_not_done() {
    let fixture = fixture();
    let id = fixture.add(1);
    let mut held = fixture.hold(&id);
    held.append(started(0)).unwrap();
    let notebook = &fixture.notebook;
    assert!(notebook.remove(&id).unwrap().sentence.contains("will be stopped"));
    let nobody_asks = notebook.order().lock().unwrap();
    std::thread::scope(|scope| {
        let is_there = scope.spawn(|| notebook.obey(&mut held).unwrap());
        let_others_come();
        notebook.run(&id).unwrap().set_request(Request::Resume).unwrap();
        drop(nobody_asks);
        assert!(is_there.join().unwrap(), "it goes on, as was said last");
    });
    assert_eq!(held.dir().request(), None);
    assert!(notebook.run(&id).is_ok());
}

#[test]
fn what_took_a_run_to_the_trash_and_died_there_does_not_take_it_twice() {
    let fixture = fixture();
    let id = fixture.add(1);
    let held = fixture.hold(&id);
    held.dir().set_request(Request::Remove).unwrap();
    std::fs::create_dir(fixture.notebook.trash()).unwrap();
    std::fs::rename(held.dir().path(), fixture.notebook.trash().join(&id)).unwrap();
    drop(held);
    fixture.notebook.restore(&id).unwrap();
    assert_eq!(fixture.notebook.run(&id).unwrap().request(), None);
    // What else was asked comes true.
    let held = fixture.hold(&id);
    fixture.notebook.pause(&id).unwrap();
    drop(held);
    std::fs::rename(fixture.notebook.root().join(&id), fixture.notebook.trash().join(&id)).unwrap();
    fixture.notebook.restore(&id).unwrap();
    assert_eq!(fixture.notebook.run(&id).unwrap().request(), Some(Request::Pause));
}

#[test]
fn a_clock_beyond_all_years_dates_nothing_and_shows_everything() {
    let fixture = fixture();
    let id = fixture.add(1);
    let late = Notebook::on(crate::disk::real(), fixture.notebook.root(), || jiff::Timestamp::MAX);
    let said = late.enqueue(&spec(2)).unwrap_err().to_string();
    assert!(said.contains("beyond the year 9999"), "{said}");
    assert!(matches!(late.pause(&id), Err(NotebookError::Clock)));
    let mends =
        late.health().into_iter().find(|finding| finding.what == said).and_then(|finding| finding.mend);
    assert!(mends.is_some_and(|mend| mend.contains("clock")));
    assert_eq!(late.index().unwrap().complete().runs().len(), 1);
}

#[test]
fn a_pipe_or_a_link_in_the_queue_s_place_orders_nothing_and_is_written_anew() {
    let fixture = fixture();
    fixture.add(1);
    let queue = fixture.notebook.root().join(".queue");
    let elsewhere = fixture.notebook.root().join(".elsewhere");
    std::fs::write(&elsewhere, "a person's\n").unwrap();
    let pipe = |at: &Path| _ = std::process::Command::new("mkfifo").arg(at).status().unwrap();
    for (seed, put) in [(2, &pipe as &dyn Fn(&Path)), (3, &|at| symlink(&elsewhere, at).unwrap())] {
        std::fs::remove_file(&queue).unwrap();
        put(&queue);
        let id = fixture.notebook.enqueue(&spec(seed)).unwrap();
        assert_eq!(std::fs::read_to_string(&queue).unwrap(), format!("{id}\n"));
    }
    assert_eq!(std::fs::read_to_string(elsewhere).unwrap(), "a person's\n");
    assert_eq!(fixture.notebook.index().unwrap().complete().queue().len(), 3);
}

#[test]
fn tags_of_several_at_once_are_all_kept() {
    let fixture = fixture();
    let id = fixture.add(1);
    std::thread::scope(|scope| {
        for number in 0..8 {
            let (notebook, id) = (&fixture.notebook, &id);
            scope.spawn(move || notebook.tag(id, &[format!("tag-{number}")], &[]).unwrap());
        }
    });
    assert_eq!(fixture.notebook.run(&id).unwrap().tags().unwrap().len(), 8);
    assert_eq!(fixture.notebook.tag(&id, &[], &["tag-3".into()]).unwrap().len(), 7);
}
