//! News from outside: the index, curves, recordings, the machine, and what became of effects.

use super::unread::unread;
use super::{act, import, relist, runs};
use crate::dataset::findings;
use crate::metric::Metric;
use crate::notebook::{RunState, RunSummary};
use crate::plan::{Pace, smaller_batches};
use crate::tui::action::Action;
use crate::tui::app::{App, Popup};
use crate::tui::effect::{Effect, Ended, Message, Report};
use crate::tui::list;
use crate::tui::loaded::{Loaded, Opened, Tables};
use crate::tui::machine::Sample;
use crate::tui::messages::Kind;
use crate::tui::notes::Notes;
use crate::tui::pane::Pane;
use crate::tui::panes;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Takes in what came from outside.
pub fn arrive(app: &mut App, message: Message) -> Vec<Effect> {
    match message {
        Message::Tick(now) => {
            app.now = now;
            return watched(app);
        }
        Message::Runs(runs) => return index(app, runs),
        Message::Unread(problems) => app.unread = problems,
        Message::Run(id, detail) => drop(app.details.insert(id, detail)),
        Message::Tables(tables) => {
            know(app, &tables);
            if app.tables.ready().is_none() {
                for (pane, tables) in [(Pane::Matrix, &tables.matrices), (Pane::Alpha, &tables.sweeps)] {
                    app.places.entry(pane).or_default().row = panes::newest(tables);
                }
            }
            app.tables = Loaded::Ready(tables);
        }
        Message::Data(Ok(Opened { data, again, findings })) => {
            let chosen = app.chosen_set.take().is_some();
            app.judged.insert(data.source.fingerprint.clone(), findings);
            if let Some(Popup::Form(form)) = &mut app.popup {
                form.took(&data.source.name);
            }
            app.data = Loaded::Ready(data);
            if chosen {
                app.memory.data_sets.insert(app.notebook.clone(), again);
                return vec![act::remember(app)];
            }
        }
        Message::Data(Err(reason)) => {
            // Whoever chose it waits for it; of the usual set the header tells, and the Data pane in full.
            match app.chosen_set.take() {
                Some(_) => app.messages.push(app.now, Kind::Failed, reason.clone()),
                None => app.messages.log(app.now, Kind::Failed, reason.clone()),
            }
            app.data = Loaded::Failed(reason);
        }
        Message::Statistics(statistics) => app.measured = Some(statistics),
        Message::Sets(names) => app.sets = names,
        Message::LabData(fingerprint) => {
            app.lab_data = Some(fingerprint);
            return vec![act::remember(app)];
        }
        Message::Load(load) => {
            app.loads.push(Sample { at: app.now, load: load.clone(), epochs: app.epochs_seen });
            app.load = load;
        }
        Message::Worker(alive) => app.worker = alive,
        Message::Hold(hold) => app.hold = hold,
        Message::Device(notice) => {
            if let Some(notice) = &notice {
                app.messages.push(app.now, Kind::Failed, notice.sentence.clone());
            }
            app.device = notice;
        }
        Message::Jobs(jobs) => app.jobs = jobs,
        Message::Failed(text) => app.messages.push(app.now, Kind::Failed, text),
        Message::Done(report) => done(app, report),
        Message::TakenBack(change, text) => {
            let key = app.keymap.label(Action::Redo, true);
            let again = if key.is_empty() { String::new() } else { format!(" ({key}: do it again)") };
            let text = format!("Taken back: {}.{}{again}", change.what, spaced(&text));
            app.messages.push(app.now, Kind::Done, text);
            app.history.undone(change);
        }
        Message::DoneAgain(change, text) => {
            app.messages.push(app.now, Kind::Done, format!("Done again: {}.{}", change.what, spaced(&text)));
            app.history.redone(change);
        }
        Message::Notes(id, text) => notes(app, &id, text),
        Message::AllNotes(notes) => {
            app.known.notes.extend(notes);
            relist(app);
        }
        Message::Scores(rule, all) => {
            // What was asked for under another rule is another epoch's.
            for said in all.into_iter().filter(|_| rule == app.rule) {
                app.known.kappa.extend(said.kappa.map(|kappa| (said.id.clone(), kappa)));
                app.known.subjects.insert(said.id, said.subjects);
            }
            relist(app);
        }
        Message::NotesBack { id, text, read, reason } => {
            app.messages.push(app.now, Kind::Failed, reason);
            app.unsaved.push(Notes::unsaved(&id, &text, &read));
        }
        Message::Completed(typed, paths) => import::completed(app, &typed, paths),
        Message::Inspected(inquiry, found) => import::inspected(app, inquiry, found),
        Message::ImportRead(bytes, all) => import::read(app, bytes, all),
        Message::Imported(result) => return import::imported(app, result),
        Message::Judged(source, found, waits) => return runs::judged(app, source, found, *waits),
        Message::Surveyed(name, survey) => drop(app.surveys.insert(name, survey)),
        Message::Log(lines) => {
            // Whoever stands at its end follows it.
            let row = app.place(Pane::Load).row;
            if row + 1 >= app.log.len() {
                app.places.entry(Pane::Load).or_default().row = lines.len().saturating_sub(1);
            }
            app.log = lines;
            if let Some(id) = app.sought.take() {
                let place = app.log.iter().rposition(|line| line.contains(&id));
                let last = app.log.len().saturating_sub(1);
                app.places.entry(Pane::Load).or_default().row = place.unwrap_or(last);
            }
        }
        Message::Key(_) | Message::Paste(_) | Message::Mouse(_) | Message::Resize(..) => {}
    }
    Vec::new()
}

/// What became of something that was asked for.
fn done(app: &mut App, report: Report) {
    let Report { mut text, change, while_training, enqueued, specs } = report;
    for remark in app.data.ready().map(|data| smaller_batches(&specs, data)).unwrap_or_default() {
        text += &format!(" Note: {remark}.");
    }
    if let accepted @ [_, ..] = &app.stopping(&specs)[..] {
        text += &format!(" Accepted: {}.", findings::kinds(accepted).join(", "));
    }
    let key = app.keymap.label(Action::Undo, true);
    let back = match &change {
        Some(change) if change.back.is_empty() => " (can't be taken back)".to_owned(),
        Some(_) if !key.is_empty() => format!(" ({key}: undo)"),
        _ => String::new(),
    };
    app.messages.push_while(app.now, Kind::Done, text + &back, while_training);
    if let Some(change) = change {
        app.history.record(change);
    }
    if !enqueued.is_empty() {
        app.awaited = enqueued;
        scroll_to_awaited(app);
    }
}

/// Puts the cursor on the first of the runs that were enqueued here, once the index has it.
fn scroll_to_awaited(app: &mut App) {
    let Some(first) = app.awaited.first().cloned() else { return };
    if app.run(&first).is_some() {
        let runs = app.runs.clone();
        app.list.select_id(&first, &runs);
        app.awaited.clear();
    }
}

fn spaced(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" {text}") }
}

/// Notes as they are on disk: for Detail, and for an editor that waits for them.
fn notes(app: &mut App, id: &str, text: String) {
    if let Some(Popup::Notes(open)) = &mut app.popup
        && open.id == id
    {
        open.arrived(&text);
    }
    if let Some(known) = app.known.notes.get_mut(id) {
        known.clone_from(&text);
    }
    if let Some(detail) = app.details.get_mut(id)
        && detail.notes != text
    {
        Arc::make_mut(detail).notes = text;
    }
}

/// What changes on disk without a run's events saying so, read again while it is looked at.
fn watched(app: &App) -> Vec<Effect> {
    if app.pane == Pane::Load {
        return vec![Effect::ReadLog];
    }
    let of_detail = (app.pane == Pane::Detail).then(|| app.selected()).flatten();
    of_detail.map(|run| Effect::ReadNotes(run.id.clone())).into_iter().collect()
}

/// What the tables say of single runs, for filters.
fn know(app: &mut App, tables: &Tables) {
    let cells = tables.matrices.iter().chain(&tables.sweeps).flat_map(|table| &table.cells);
    for score in cells.flat_map(|cell| &cell.scores) {
        if let Some(kappa) = Metric::named("kappa").ok().and_then(|metric| score.value(metric)) {
            app.known.kappa.insert(score.id.clone(), kappa);
        }
        let names = score.subjects.iter().map(|(name, _)| name.clone()).collect();
        app.known.subjects.insert(score.id.clone(), names);
    }
    relist(app);
}

/// A new snapshot of the notebook: says what ended since the last one.
fn index(app: &mut App, runs: Arc<Vec<RunSummary>>) -> Vec<Effect> {
    let before = std::mem::replace(&mut app.runs, runs);
    let mut effects = if app.indexed { ended(&before, &app.runs) } else { Vec::new() };
    app.indexed = true;
    app.epochs_seen += epochs_between(&before, &app.runs);
    for effect in &effects {
        if let Effect::Notify(_, text) = effect {
            app.messages.push(app.now, Kind::Done, text.clone());
        }
    }
    app.pace = Pace::learn(app.runs.iter(), &app.host);
    relist(app);
    scroll_to_awaited(app);
    let training: HashSet<&str> =
        app.runs.iter().filter(|run| run.state == RunState::Running).map(|run| run.id.as_str()).collect();
    app.messages.outdate(|id| training.contains(id));
    // Tables say nothing of single epochs.
    let standing =
        |runs: &[RunSummary]| runs.iter().map(|run| (run.id.clone(), run.state)).collect::<Vec<_>>();
    if standing(&before) != standing(&app.runs) {
        effects.push(Effect::Tabulate(app.runs.clone(), app.rule));
        effects.extend(unread(app));
    }
    effects
}

/// Epochs that were trained between two snapshots. Runs that were read only now, came back or went tell nothing of it.
fn epochs_between(before: &[RunSummary], after: &[RunSummary]) -> u64 {
    let epochs: HashMap<&str, u32> = before.iter().map(|run| (run.id.as_str(), run.epoch)).collect();
    let of_run = |run: &RunSummary| Some(u64::from(run.epoch.saturating_sub(*epochs.get(run.id.as_str())?)));
    after.iter().filter_map(of_run).sum()
}

fn ended(before: &[RunSummary], after: &[RunSummary]) -> Vec<Effect> {
    let states: HashMap<&str, RunState> = before.iter().map(|run| (run.id.as_str(), run.state)).collect();
    let over = |state| matches!(state, RunState::Finished | RunState::Failed);
    let news = after
        .iter()
        .filter(|run| over(run.state) && states.get(run.id.as_str()).is_some_and(|state| !over(*state)));
    let mut effects: Vec<Effect> = news
        .map(|run| Effect::Notify(Ended::Run, format!("{}: {}.", run.spec.method(), run.state)))
        .collect();
    let busy = |runs: &[RunSummary]| {
        runs.iter().any(|run| run.state == RunState::Running) || !list::queue(runs).is_empty()
    };
    if !effects.is_empty() && busy(before) && !busy(after) {
        effects.push(Effect::Notify(Ended::Queue, "The queue is done.".into()));
    }
    effects
}
