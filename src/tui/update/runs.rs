//! Acting on runs: enqueue, pause, mark, sort, label; for the marked runs or else the selected one.

use super::relist;
use crate::model::{Activation, Model};
use crate::notebook::{Place, RunState, RunSummary};
use crate::spec::Spec;
use crate::tui::action::Action;
use crate::tui::app::{App, Popup};
use crate::tui::effect::Effect;
use crate::tui::input::{Line, Page};
use crate::tui::loaded::Loaded;
use crate::tui::messages::Kind;
use crate::tui::pane::Pane;

/// Curves that are kept in memory beyond those on show.
const KEPT: usize = 64;

/// The lab's activations for one model.
pub fn compare(app: &mut App, model: Model) -> Vec<Effect> {
    let Some(source) = source(app) else { return Vec::new() };
    let activations = if model.has_open_activation() { &Activation::LAB[..] } else { &[Activation::None] };
    let specs = activations.iter().map(|&one| Spec::recipe(model.clone(), one, source.clone())).collect();
    enqueue(app, specs)
}

/// The lab's ELU α for the selected run's model.
pub fn sweep(app: &mut App) -> Vec<Effect> {
    let Some(source) = source(app) else { return Vec::new() };
    let model = app.selected().map_or_else(Model::eegnet, |run| run.spec.model.clone());
    let alphas = (1..=10).rev().map(|tenths| f64::from(tenths) / 10.0);
    let specs = alphas.map(|alpha| Spec::recipe(model.clone(), Activation::Elu { alpha }, source.clone()));
    enqueue(app, specs.collect())
}

/// Enqueues what is not yet in the notebook or on its way there.
pub fn enqueue(app: &mut App, specs: Vec<Spec>) -> Vec<Effect> {
    if specs.is_empty() {
        app.messages.push(app.now, Kind::Done, "Nothing is missing here.");
        return Vec::new();
    }
    vec![Effect::Enqueue(specs)]
}

fn source(app: &mut App) -> Option<crate::spec::DataSource> {
    let text = match &app.data {
        Loaded::Ready(data) => return Some(data.source.clone()),
        Loaded::Waiting => "The recordings are still being read; try again in a moment.".into(),
        Loaded::Failed(reason) => reason.clone(),
    };
    app.messages.push(app.now, Kind::Failed, text);
    None
}

/// Marks, order and words: nothing that changes a run's course.
pub fn note(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Mark => mark(app),
        Action::MarkAll => mark_all(app),
        Action::Sort => {
            app.list.column = app.list.column.next();
            app.list.reverse = false;
            relist(app);
        }
        Action::SortReverse => {
            app.list.reverse = !app.list.reverse;
            relist(app);
        }
        Action::Tags => {
            let tags = app.targets().first().map(|run| run.tags.join(" "));
            app.popup = tags.map(|tags| Popup::Tags(Line::new(&tags)));
        }
        Action::Notes => {
            let Some(id) = app.selected().map(|run| run.id.clone()) else { return Vec::new() };
            let Some(detail) = app.detail(&id) else {
                app.messages.push(app.now, Kind::Failed, "The notes are still being read; try again.");
                return Vec::new();
            };
            app.popup = Some(Popup::Notes(id, Page::new(&detail.notes)));
        }
        Action::NotesInEditor => {
            return app.selected().map(|run| Effect::EditNotes(run.id.clone())).into_iter().collect();
        }
        _ => {}
    }
    Vec::new()
}

fn mark(app: &mut App) {
    let Some(id) = app.selected().map(|run| run.id.clone()) else { return };
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
                let ids = ids(&|run| run.state != RunState::Finished);
                (Effect::Resume(ids), "A finished run can't be paused or resumed.")
            }
            ids => (Effect::Pause(ids), ""),
        },
        Action::Cancel => {
            let ids = ids(&|run| under_way(run) || run.state == RunState::Paused);
            (Effect::Cancel(ids), "Only what waits, trains or is paused can be cancelled.")
        }
        Action::Retry => {
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
        Effect::Retry(ids) if targets.iter().any(|run| loses(run) && ids.contains(&run.id)) => {
            let question = "Train again from nothing? What was trained so far can't be gone on with.";
            app.popup = Some(Popup::Confirm(question.into(), effect));
            Vec::new()
        }
        _ => vec![effect],
    }
}

/// Whether training again throws away epochs that could be gone on with. A finished run is kept beside its repetition.
fn loses(run: &RunSummary) -> bool {
    run.epoch > 0 && run.state != RunState::Finished
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
    if app.pane == Pane::Compare {
        ids.extend(app.list.marks.iter().take(KEPT).cloned());
    }
    if app.details.len() > KEPT {
        app.details.retain(|id, _| ids.contains(id));
    }
    let mut effects = Vec::new();
    for id in ids {
        let Some(updated) = app.run(&id).map(|run| run.updated) else { continue };
        if app.plot.frozen && app.details.contains_key(&id) {
            continue;
        }
        if app.asked.get(&id) != Some(&updated) {
            app.asked.insert(id.clone(), updated);
            effects.push(Effect::ReadRun(id));
        }
    }
    effects
}
