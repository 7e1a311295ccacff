//! Acting on runs: enqueue, pause, mark, sort, label; for the marked runs or else the selected one.

use super::relist;
use super::unread::unread;
use crate::counted::counted;
use crate::dataset::findings::Finding;
use crate::lab::Preset;
use crate::model::Model;
use crate::notebook::{Place, RunState, RunSummary};
use crate::spec::{DataSource, Spec};
use crate::tui::action::Action;
use crate::tui::app::{App, Popup};
use crate::tui::effect::{Effect, Hold};
use crate::tui::input::Line;
use crate::tui::messages::Kind;
use crate::tui::notes::Notes;
use crate::tui::pane::Pane;
use crate::tui::panes::{self, Open};
use crate::tui::{eta, list, presets};

/// Curves that are kept in memory beyond those on show.
const KEPT: usize = 64;

/// Longer than this, a person is asked before it is enqueued: an hour.
const LONG: f64 = 3600.0;

/// The lab's activations for one model.
pub fn compare(app: &mut App, model: Model) -> Vec<Effect> {
    let specs = presets::activations(app, model);
    enqueue_on_data(app, specs)
}

/// The lab's ELU α for the selected run's model.
pub fn sweep(app: &mut App) -> Vec<Effect> {
    let specs = presets::sweep(app, presets::model(app));
    enqueue_on_data(app, specs)
}

/// The classical baselines; on bands too where the sampling rate is known.
pub fn fit_baselines(app: &mut App) -> Vec<Effect> {
    let specs = presets::specs(app, Preset::Baselines.name());
    enqueue_on_data(app, specs)
}

/// Whether there are no recordings, which is said.
pub fn lacks_data(app: &mut App) -> bool {
    let Some(why) = app.without_data() else { return false };
    app.messages.push(app.now, Kind::Failed, format!("There are no trials here: {why}."));
    true
}

/// Enqueues runs on the data at hand, if there are any.
pub fn enqueue_on_data(app: &mut App, specs: Vec<Spec>) -> Vec<Effect> {
    let Some(text) = app.lacking() else { return enqueue(app, specs) };
    app.messages.push(app.now, Kind::Failed, text);
    Vec::new()
}

/// Enqueues runs; asks first if they would mean nothing or take long.
pub fn enqueue(app: &mut App, specs: Vec<Spec>) -> Vec<Effect> {
    if specs.is_empty() {
        app.messages.push(app.now, Kind::Done, "Nothing is missing here.");
        return Vec::new();
    }
    train(app, Effect::Enqueue(specs))
}

/// The runs that something asks to train: new ones, or such as are there.
fn to_train(app: &App, asked: &Effect) -> Vec<Spec> {
    match asked {
        Effect::Enqueue(specs) => specs.clone(),
        Effect::Retry(ids) => ids.iter().filter_map(|id| Some(app.run(id)?.spec.clone())).collect(),
        _ => Vec::new(),
    }
}

/// `Enqueue 3 runs × 300 epochs`, or `Train 2 runs again`.
fn extent(app: &App, asked: &Effect, specs: &[Spec]) -> String {
    match asked {
        Effect::Retry(ids) => format!("Train {} again from nothing", counted(ids.len(), "run")),
        _ => format!("Enqueue {}", presets::extent(app, specs)),
    }
}

/// Has runs trained; looks over their data and asks first if they would mean nothing, take long or cost what there is.
fn train(app: &mut App, asked: Effect) -> Vec<Effect> {
    let specs = to_train(app, &asked);
    if let Some(source) = app.unjudged(&specs).cloned() {
        app.messages.push(app.now, Kind::Done, format!("Looking over the data set {} first.", source.name));
        return vec![Effect::Judge(source, Box::new(asked))];
    }
    if let [first, others @ ..] = &app.stopping(&specs)[..] {
        let others = match others.len() {
            0 => String::new(),
            1 => " (and 1 finding more)".into(),
            some => format!(" (and {some} findings more)"),
        };
        let question = format!(
            "{} though they would mean nothing? {}{others}.{}",
            extent(app, &asked, &specs),
            first.sentence(),
            trained_along(app, &asked).unwrap_or_default()
        );
        app.popup = Some(Popup::Confirm(question, asked));
        return Vec::new();
    }
    let along = trained_along(app, &asked);
    let question = match &asked {
        Effect::Retry(ids) if ids.iter().filter_map(|id| app.run(id)).any(|run| run.epoch > 0) => {
            Some("Train again from nothing? What was trained so far can't be gone on with.".to_owned())
        }
        _ => {
            let long = eta::grid(&specs, app).is_some_and(|(seconds, _)| seconds > LONG);
            (long || along.is_some()).then(|| format!("{}?", extent(app, &asked, &specs)))
        }
    };
    match question {
        Some(question) => {
            app.popup = Some(Popup::Confirm(question + &along.unwrap_or_default(), asked));
            Vec::new()
        }
        None => vec![asked],
    }
}

/// What a worker that starts on runs of this screen trains besides: what was enqueued elsewhere and waits, of which nobody
/// here said that it may. Nobody's machine trains by surprise.
fn trained_along(app: &App, asked: &Effect) -> Option<String> {
    if app.worker || app.hold != Some(Hold::Ask) {
        return None;
    }
    let ours = match asked {
        Effect::Resume(ids) | Effect::Retry(ids) => &ids[..],
        _ => &[],
    };
    let others = list::queue(&app.runs).into_iter().filter(|run| !ours.contains(&run.id)).count();
    let what = match others {
        0 => return None,
        1 => "1 run that was".to_owned(),
        some => format!("{some} runs that were"),
    };
    Some(format!(" A worker starts here then, and trains {what} enqueued elsewhere too."))
}

/// The set of runs that wait to be trained was looked over, or can't be read on this machine.
pub fn judged(
    app: &mut App,
    source: DataSource,
    found: Result<Vec<Finding>, String>,
    asked: Effect,
) -> Vec<Effect> {
    // What must be asked before these runs can't be asked over something else; the next time it is known at once.
    let busy = app.popup.is_some();
    let specs = to_train(app, &asked);
    let question = match found {
        Ok(findings) => {
            app.judged.insert(source.fingerprint, findings);
            if !busy || app.stopping(&specs).is_empty() {
                return train(app, asked);
            }
            None
        }
        Err(reason) => {
            let extent = extent(app, &asked, &specs);
            Some(format!("{extent} though their recordings can't be read here? {reason}."))
        }
    };
    match question.filter(|_| !busy) {
        Some(question) => app.popup = Some(Popup::Confirm(question, asked)),
        None => {
            let text = format!(
                "The runs on {} are not enqueued: something was noticed about it; ask for them again to see what.",
                source.name
            );
            app.messages.push(app.now, Kind::Failed, text);
        }
    }
    Vec::new()
}

/// Marks, order and words: nothing that changes a run's course.
pub fn note(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Mark => mark(app),
        Action::MarkAll => mark_all(app),
        Action::Sort if app.pane == Pane::Data => {
            if lacks_data(app) {
                return Vec::new();
            }
            panes::to_trials(app);
            app.furthest_first = !app.furthest_first;
            app.places.entry(Pane::Data).or_default().row = 0;
        }
        Action::Sort => {
            app.list.column = app.list.column.next(&panes::runs::shown_columns(app));
            app.list.reverse = false;
            relist(app);
            return unread(app);
        }
        Action::SortReverse => {
            app.list.reverse = !app.list.reverse;
            relist(app);
        }
        Action::Tags => {
            let targets = app.targets();
            if !targets.is_empty() {
                app.popup = Some(Popup::Tags(Line::new(&common_tags(&targets).join(" "))));
            }
        }
        Action::Notes => {
            let Some(id) = app.selected().map(|run| run.id.clone()) else { return Vec::new() };
            app.popup = Some(Popup::Notes(Box::new(Notes::of(&id))));
            return vec![Effect::ReadNotes(id)];
        }
        Action::NotesInEditor => {
            return app.selected().map(|run| Effect::EditNotes(run.id.clone())).into_iter().collect();
        }
        _ => {}
    }
    Vec::new()
}

/// The labels that all these runs have.
pub fn common_tags(runs: &[&RunSummary]) -> Vec<String> {
    let Some((first, others)) = runs.split_first() else { return Vec::new() };
    let in_all = |tag: &&String| others.iter().all(|run| run.tags.contains(tag));
    first.tags.iter().filter(in_all).cloned().collect()
}

fn mark(app: &mut App) {
    // In Compare it is the run under that pane's cursor.
    let here = match app.pane {
        Pane::Compare => match panes::opened(app) {
            Some(Open::Run(id)) => Some(id),
            // Runs that are one curve go together.
            Some(Open::Runs(ids)) => return app.list.marks.retain(|id| !ids.contains(id)),
            None => None,
        },
        _ => app.selected().map(|run| run.id.clone()),
    };
    let Some(id) = here else { return };
    if !app.list.marks.remove(&id) {
        app.list.marks.insert(id);
    }
    if app.pane == Pane::Runs {
        let runs = app.runs.clone();
        app.list.step(1, &runs);
    }
}

fn mark_all(app: &mut App) {
    let shown = app.list.shown().iter().filter_map(|row| app.runs.get(*row)).map(|run| run.id.clone());
    let shown: Vec<String> = shown.collect();
    if shown.iter().all(|id| app.list.marks.contains(id)) {
        app.list.marks.clear();
    } else {
        app.list.marks.extend(shown);
    }
}

/// Changes the course of the marked runs or the selected one.
pub fn change(app: &mut App, action: Action) -> Vec<Effect> {
    if matches!(action, Action::MoveUp | Action::MoveDown) {
        return reorder(app, action == Action::MoveUp);
    }
    let targets = app.targets();
    let ids = |fits: &dyn Fn(&RunSummary) -> bool| -> Vec<String> {
        targets.iter().filter(|run| fits(run)).map(|run| run.id.clone()).collect()
    };
    let under_way = |run: &RunSummary| run.state.awaits_worker() || run.state == RunState::Running;
    let (effect, refusal) = match action {
        Action::PauseOrResume => match ids(&under_way) {
            none if none.is_empty() => {
                // What was cancelled comes back only by itself, never among others.
                let alone = targets.len() == 1;
                let resumes = |run: &RunSummary| match run.state {
                    RunState::Paused | RunState::Failed => true,
                    RunState::Cancelled => alone,
                    _ => false,
                };
                (Effect::Resume(ids(&resumes)), "Nothing here can be paused or resumed.")
            }
            ids => (Effect::Pause(ids), ""),
        },
        Action::Cancel => {
            let ids = ids(&|run| under_way(run) || run.state == RunState::Paused);
            (Effect::Cancel(ids), "Only what waits, trains or is paused can be cancelled.")
        }
        Action::Retry => {
            // A finished run is kept beside its repetition: that is a new run.
            let finished: Vec<Spec> = targets
                .iter()
                .filter(|run| run.state == RunState::Finished)
                .map(|run| run.spec.clone())
                .collect();
            if !finished.is_empty() {
                return enqueue(app, finished);
            }
            (Effect::Retry(ids(&|run| !under_way(run))), "What waits or trains can't be trained again.")
        }
        _ => (Effect::Remove(ids(&|_| true)), "There is no run here."),
    };
    match &effect {
        Effect::Pause(ids)
        | Effect::Resume(ids)
        | Effect::Cancel(ids)
        | Effect::Retry(ids)
        | Effect::Remove(ids)
            if ids.is_empty() =>
        {
            app.messages.push(app.now, Kind::Failed, refusal);
            Vec::new()
        }
        Effect::Retry(_) => train(app, effect),
        Effect::Resume(_) => match trained_along(app, &effect) {
            Some(along) => {
                app.popup = Some(Popup::Confirm(format!("Go on?{along}"), effect));
                Vec::new()
            }
            None => vec![effect],
        },
        _ => vec![effect],
    }
}

fn reorder(app: &mut App, forward: bool) -> Vec<Effect> {
    let ids: Vec<String> =
        app.targets().iter().filter(|run| run.position.is_some()).map(|run| run.id.clone()).collect();
    if ids.is_empty() {
        app.messages.push(app.now, Kind::Failed, "Only runs that wait in the queue can be moved.");
        return Vec::new();
    }
    vec![Effect::Move(ids, if forward { Place::Up } else { Place::Down })]
}

/// Reads that the pane on show waits for. What is outdated is read again; what no one looks at is forgotten.
pub fn wanted(app: &mut App) -> Vec<Effect> {
    let mut ids: Vec<String> = app.selected().map(|run| run.id.clone()).into_iter().collect();
    let overlaid = app.pane == Pane::Runs && panes::runs::is_wide(app);
    if app.pane == Pane::Compare || overlaid {
        ids.extend(app.list.marks.iter().take(KEPT).cloned());
    }
    if app.details.len() > KEPT {
        app.details.retain(|id, _| ids.contains(id));
    }
    let mut effects: Vec<Effect> = surveyed(app).into_iter().collect();
    for id in ids {
        let Some(updated) = app.run(&id).map(|run| run.updated) else { continue };
        if app.plots.frozen && app.details.contains_key(&id) {
            continue;
        }
        if app.asked.get(&id) != Some(&updated) {
            app.asked.insert(id.clone(), updated);
            effects.push(Effect::ReadRun(id));
        }
    }
    effects
}

/// Of a run whose recordings are not at hand Detail shows the network as it was built for them: they are looked at.
fn surveyed(app: &mut App) -> Option<Effect> {
    let source = app.selected().filter(|_| app.pane == Pane::Detail)?.spec.data.clone();
    if app.geometry(&source).is_some() || !app.set_names().contains(&source.name) {
        return None;
    }
    let names = app.unsurveyed(vec![source.name]);
    (!names.is_empty()).then_some(Effect::Survey(names))
}
