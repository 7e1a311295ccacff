//! News from outside: the index, curves, recordings, the machine, and what became of effects.

use super::relist;
use crate::notebook::{RunState, RunSummary};
use crate::queue::Pace;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::check::Check;
use crate::tui::effect::{Effect, Ended, Message};
use crate::tui::list;
use crate::tui::loaded::Loaded;
use crate::tui::messages::Kind;
use std::collections::HashMap;
use std::sync::Arc;

/// Changes that can be taken back, at most.
const UNDOABLE: usize = 50;

/// Takes in what came from outside.
pub fn arrive(app: &mut App, message: Message) -> Vec<Effect> {
    match message {
        Message::Tick(now) => app.now = now,
        Message::Runs(runs) => return index(app, runs),
        Message::Run(id, detail) => drop(app.details.insert(id, detail)),
        Message::Tables(tables) => app.tables = Loaded::Ready(tables),
        Message::Data(Ok(data)) => {
            app.checks = [&data.train, &data.test].map(Check::of);
            app.data = Loaded::Ready(data);
        }
        Message::Data(Err(reason)) => {
            app.messages.push(app.now, Kind::Failed, reason.clone());
            app.data = Loaded::Failed(reason);
        }
        Message::Sets(names) => app.sets = names,
        Message::Load(load) => app.load = load,
        Message::Worker(alive) => app.worker = alive,
        Message::Failed(text) => app.messages.push(app.now, Kind::Failed, text),
        Message::Done(text, undo) => {
            let key = app.keymap.label(Action::Undo, true);
            let back =
                if undo.is_some() && !key.is_empty() { format!(" ({key}: undo)") } else { String::new() };
            app.messages.push(app.now, Kind::Done, text + &back);
            app.undo.extend(undo);
            if app.undo.len() > UNDOABLE {
                app.undo.remove(0);
            }
        }
        Message::Key(_) | Message::Paste(_) | Message::Mouse(_) | Message::Resize(..) => {}
    }
    Vec::new()
}

/// A new snapshot of the notebook: says what ended since the last one.
fn index(app: &mut App, runs: Arc<Vec<RunSummary>>) -> Vec<Effect> {
    let before = std::mem::replace(&mut app.runs, runs);
    let mut effects = if app.indexed { ended(&before, &app.runs) } else { Vec::new() };
    app.indexed = true;
    for effect in &effects {
        if let Effect::Notify(_, text) = effect {
            app.messages.push(app.now, Kind::Done, text.clone());
        }
    }
    app.pace = Pace::learn(app.runs.iter(), &app.host);
    relist(app);
    // Tables say nothing of single epochs.
    let standing =
        |runs: &[RunSummary]| runs.iter().map(|run| (run.id.clone(), run.state)).collect::<Vec<_>>();
    if standing(&before) != standing(&app.runs) {
        effects.push(Effect::Tabulate(app.runs.clone(), app.rule));
    }
    effects
}

fn ended(before: &[RunSummary], after: &[RunSummary]) -> Vec<Effect> {
    let states: HashMap<&str, RunState> = before.iter().map(|run| (run.id.as_str(), run.state)).collect();
    let over = |state| matches!(state, RunState::Finished | RunState::Failed);
    let news = after
        .iter()
        .filter(|run| over(run.state) && states.get(run.id.as_str()).is_some_and(|state| !over(*state)));
    let mut effects: Vec<Effect> = news
        .map(|run| {
            Effect::Notify(
                Ended::Run,
                format!("{} {}: {}.", run.spec.model.title(), run.spec.activation.title(), run.state),
            )
        })
        .collect();
    let busy = |runs: &[RunSummary]| {
        runs.iter().any(|run| run.state == RunState::Running) || !list::queue(runs).is_empty()
    };
    if !effects.is_empty() && busy(before) && !busy(after) {
        effects.push(Effect::Notify(Ended::Queue, "The queue is done.".into()));
    }
    effects
}
