//! What the desk does to a notebook and says of it: nothing that was written is lost on the way, and back is back.

use super::*;
use crate::tui::config::WorkerPolicy;
use crate::tui::runtime::fixture::{Place as Notes, spec};

/// A desk over a notebook of its own.
fn desk(place: &Notes) -> Desk {
    let (poke, _) = mpsc::channel();
    let (tell, _) = mpsc::channel();
    let notebook = place.notebook();
    let permission = Arc::new(Permission::new(WorkerPolicy::Never, notebook.root(), "here"));
    Desk { notebook, permission, poke, jobs: mpsc::channel().0, tell }
}

fn set_notes(place: &Notes, text: &str, over: &str) -> Effect {
    Effect::SetNotes { id: place.id().into(), text: text.into(), over: over.into() }
}

/// What was done, for the history.
fn change(messages: &[Message]) -> Change {
    let found = messages.iter().find_map(|message| match message {
        Message::Done(report) => report.change.clone(),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{messages:?}"))
}

fn states(desk: &Desk) -> Vec<RunState> {
    desk.notebook.index().unwrap().complete().runs().iter().map(|run| run.state).collect()
}

fn told(done: &[(bool, &str)]) -> String {
    let done = done.iter().map(|&(changed, sentence)| Done {
        id: "run".into(),
        changed,
        sentence: format!("run: {sentence}"),
    });
    said(&done.collect::<Vec<_>>(), "Paused", None).text
}

#[test]
fn of_several_runs_is_told_what_holds_for_all() {
    assert_eq!(told(&[(true, "paused at epoch 6")]), "Paused at epoch 6.");
    assert_eq!(told(&[(true, "is back in the queue")]), "It is back in the queue.");
    assert_eq!(told(&[(true, "paused at epoch 6"), (true, "paused at epoch 0")]), "Paused 2 runs.");
    let mixed = told(&[(true, "paused at epoch 6"), (false, "is finished")]);
    assert_eq!(mixed, "Paused 1 of 2 runs; one is finished.");
}

#[test]
fn notes_are_saved_only_over_what_was_read() {
    let place = Notes::new();
    let desk = desk(&place);
    let messages = desk.perform(set_notes(&place, "mine\n", ""));
    assert!(matches!(&messages[0], Message::Notes(_, text) if text == "mine\n"), "{messages:?}");
    // Someone else writes; what was read before is no longer there.
    place.run().set_notes("theirs\n").unwrap();
    let messages = desk.perform(set_notes(&place, "mine too\n", "mine\n"));
    let [Message::NotesBack { text, read, .. }] = &messages[..] else { panic!("{messages:?}") };
    assert!(text.contains("theirs") && text.contains("mine too") && read == "theirs\n", "{text}");
    assert_eq!(place.run().notes().unwrap(), "theirs\n");
}

#[test]
fn notes_on_a_full_disk_come_back() {
    let place = Notes::new();
    let desk = desk(&place);
    place.fill();
    let messages = desk.perform(set_notes(&place, "mine\n", ""));
    let [Message::NotesBack { text, read, reason, .. }] = &messages[..] else { panic!("{messages:?}") };
    assert_eq!((text.as_str(), read.as_str()), ("mine\n", ""));
    assert!(reason.starts_with("The notes are not kept"), "{reason}");
}

#[test]
fn taking_notes_back_never_overwrites_what_came_after() {
    let place = Notes::new();
    let desk = desk(&place);
    let new = change(&desk.perform(set_notes(&place, "mine\n", "")));
    place.run().set_notes("theirs\n").unwrap();
    let messages = desk.perform(Effect::TakeBack(new));
    assert!(
        matches!(&messages[..], [Message::Failed(text)] if text.contains("changed since")),
        "{messages:?}"
    );
    assert_eq!(place.run().notes().unwrap(), "theirs\n");
}

#[test]
fn two_removals_are_taken_back_one_after_the_other() {
    let place = Notes::new();
    let desk = desk(&place);
    let other = desk.notebook.enqueue(&spec(1)).unwrap();
    let first = change(&desk.perform(Effect::Remove(vec![place.id().into()])));
    let second = change(&desk.perform(Effect::Remove(vec![other])));
    assert_eq!(states(&desk).len(), 0);
    for (left, removal) in [(1, second), (2, first)] {
        assert!(matches!(&desk.perform(Effect::TakeBack(removal))[..], [Message::TakenBack(..)]));
        assert_eq!(states(&desk).len(), left);
    }
}

#[test]
fn a_cancellation_taken_back_ends_where_the_run_stood() {
    let place = Notes::new();
    let desk = desk(&place);
    let cancellation = change(&desk.perform(Effect::Cancel(vec![place.id().into()])));
    assert_eq!(states(&desk), [RunState::Cancelled]);
    assert_eq!(cancellation.what, "cancellation of EEGNet ReLU seed 0");
    desk.perform(Effect::TakeBack(cancellation));
    assert_eq!(states(&desk), [RunState::Queued]);
    desk.perform(Effect::Pause(vec![place.id().into()]));
    let cancellation = change(&desk.perform(Effect::Cancel(vec![place.id().into()])));
    desk.perform(Effect::TakeBack(cancellation));
    assert_eq!(states(&desk), [RunState::Paused]);
}

#[test]
fn what_was_enqueued_and_has_begun_stays_when_that_is_taken_back() {
    let place = Notes::new();
    let desk = desk(&place);
    let enqueued = change(&desk.perform(Effect::Enqueue(vec![spec(1), spec(2)])));
    let Effect::Withdraw(ids) = &enqueued.back[0] else { panic!("{enqueued:?}") };
    let held = desk.notebook.run(&ids[0]).unwrap();
    std::fs::write(held.checkpoint_path(), "some epochs").unwrap();
    let messages = desk.perform(Effect::TakeBack(enqueued));
    let [Message::TakenBack(_, text)] = &messages[..] else { panic!("{messages:?}") };
    assert!(text.contains("One has begun and stays"), "{text}");
    assert_eq!(states(&desk).len(), 2);
}
