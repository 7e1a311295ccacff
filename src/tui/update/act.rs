//! What each action does to the state.

use super::unread::unread;
use super::{relist, runs};
use crate::lab;
use crate::notebook::RunSummary;
use crate::spec::Rule;
use crate::tui::action::Action;
use crate::tui::app::{App, Popup};
use crate::tui::choices;
use crate::tui::delimited::Format;
use crate::tui::effect::Effect;
use crate::tui::form::Form;
use crate::tui::input::Line;
use crate::tui::list;
use crate::tui::loaded::Loaded;
use crate::tui::messages::Kind;
use crate::tui::palette::Palette;
use crate::tui::pane::{Pane, Place};
use crate::tui::panes::{self, Open};
use crate::tui::picker::{Picker, Purpose};
use crate::tui::theme::Depth;
use std::sync::Arc;

/// Does what a key or the palette asks for.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    use Action as A;
    match action {
        A::Quit => app.quitting = true,
        A::Help => app.popup = Some(Popup::Help(0)),
        A::Explain => app.popup = Some(Popup::Verdict(0)),
        A::Inside => app.popup = Some(Popup::Inside),
        A::Palette => app.popup = Some(Popup::Palette(Palette::default())),
        A::Messages => app.popup = Some(Popup::Messages(0)),
        A::Show(pane) => {
            app.pane = pane;
            return entered(app);
        }
        A::NextPane => {
            app.pane = neighbour(app.pane, 1);
            return entered(app);
        }
        A::PreviousPane => {
            app.pane = neighbour(app.pane, Pane::ALL.len() - 1);
            return entered(app);
        }
        A::Redraw => return vec![Effect::Redraw],
        A::Suspend => return vec![Effect::Suspend],
        A::Up | A::Down | A::Left | A::Right | A::PageUp | A::PageDown | A::First | A::Last => {
            step(app, action)
        }
        A::Open if app.pane == Pane::Data && matches!(app.data, Loaded::Failed(_)) => {
            return pick(app, A::ChooseData);
        }
        A::Open => open(app),
        A::Back => back(app),
        A::NextPart | A::PreviousPart => turn(app, action == A::NextPart),
        A::NextTheme => return next_theme(app),
        A::NextRule | A::NextMetric | A::NextAxis | A::ToggleLog | A::ToggleSmoothing => {
            return choose(app, action);
        }
        A::Limits => {
            let limits = app.plots.of_mut(app.pane).chosen().limits;
            let text = limits.map(|(low, high)| format!("{low} {high}")).unwrap_or_default();
            let mut line = Line::new(&text);
            line.select(true);
            app.popup = Some(Popup::Limits(line));
        }
        A::Freeze => app.plots.frozen = !app.plots.frozen,
        A::ZoomIn | A::ZoomOut | A::ZoomReset => zoom(app, action),
        A::Copy => return copy(app),
        A::CopyFormat => {
            app.format = match app.format {
                Format::Markdown => Format::Latex,
                Format::Latex => Format::Csv,
                Format::Csv => Format::Markdown,
            };
            return copy(app);
        }
        A::NewRun => {
            let set = app.source().map(|source| source.name.as_str());
            let form = Form::new(choices::there(app), set, app.selected(), app.form.as_deref());
            app.popup = Some(Popup::Form(Box::new(form)));
        }
        // With what stood in it when it was closed.
        A::ImportData => app.popup = Some(Popup::Import(app.import.take().unwrap_or_default())),
        A::FindTrial if runs::lacks_data(app) => {}
        A::FindTrial => {
            panes::to_trials(app);
            app.popup = Some(Popup::Trial(Line::default()));
        }
        A::Filter => app.popup = Some(Popup::Filter(Line::new(&app.list.filter))),
        A::CompareShown => {
            return match panes::shown_network(app) {
                Some(model) => runs::compare(app, model),
                None => Vec::new(),
            };
        }
        A::CompareLabs(place) => return runs::compare(app, lab::models()[place].clone()),
        A::SweepAlpha => return runs::sweep(app),
        A::FitBaselines => return runs::fit_baselines(app),
        A::EnqueueMissing => return runs::enqueue(app, panes::missing(app)),
        A::Presets | A::ChooseColumns | A::ChooseRuns | A::ChooseData => return pick(app, action),
        A::NextGrouping => {
            app.grouping = app.grouping.next(&panes::compare::differing(app));
            app.places.entry(Pane::Compare).or_default().row = 0;
        }
        A::ShowLog => return show_log(app),
        A::StartWorker => return start_worker(app),
        A::NeverTrainHere => return vec![Effect::ToggleNeverHere],
        A::CancelJobs => cancel_jobs(app),
        A::WriteReport => return report(app),
        A::Undo => return undo(app),
        A::Redo => return redo(app),
        A::Mark | A::MarkAll | A::Sort | A::SortReverse | A::Tags | A::Notes | A::NotesInEditor => {
            return runs::note(app, action);
        }
        A::PauseOrResume | A::Cancel | A::Retry | A::Remove | A::MoveUp | A::MoveDown => {
            return runs::change(app, action);
        }
    }
    Vec::new()
}

/// A page about the runs that the list shows.
fn report(app: &mut App) -> Vec<Effect> {
    let shown = app.list.shown().iter().filter_map(|row| app.runs.get(*row)).cloned();
    let runs: Vec<RunSummary> = shown.collect();
    if runs.is_empty() {
        app.messages.push(app.now, Kind::Failed, "The list shows no run, so there is nothing to report.");
        return Vec::new();
    }
    vec![Effect::Report(Arc::new(runs), app.rule)]
}

/// A worker on what waits; where there is nothing for one to do, that is said.
fn start_worker(app: &mut App) -> Vec<Effect> {
    let why = match (list::queue(&app.runs).is_empty(), app.worker) {
        (true, _) => "Nothing waits to be trained.",
        (false, true) => "A worker is at it already.",
        (false, false) => return vec![Effect::StartWorker],
    };
    app.messages.push(app.now, Kind::Done, why);
    Vec::new()
}

/// Asks whether the notebook's jobs are to be given up.
fn cancel_jobs(app: &mut App) {
    let mut jobs: Vec<String> = app.jobs.iter().map(|job| job.of.clone()).collect();
    jobs.dedup();
    if jobs.is_empty() {
        app.messages.push(app.now, Kind::Failed, "Slurm's queue holds no job of this notebook.");
        return;
    }
    let standing: Vec<String> = app.jobs.iter().map(ToString::to_string).collect();
    let question = format!("Give up in Slurm's queue: {}? Runs keep their place.", standing.join("; "));
    app.popup = Some(Popup::Confirm(question, Effect::CancelJobs(jobs)));
}

/// What a pane needs to be read when one comes to it.
fn entered(app: &App) -> Vec<Effect> {
    if app.pane == Pane::Load { vec![Effect::ReadLog] } else { Vec::new() }
}

/// The worker's log at the selected run; it is looked for once the log was read.
fn show_log(app: &mut App) -> Vec<Effect> {
    app.sought = app.selected().map(|run| run.id.clone());
    app.pane = Pane::Load;
    app.places.entry(Pane::Load).or_default().part = 1;
    vec![Effect::ReadLog]
}

/// Takes another data set for new runs; until it was read there is none. It is remembered at once: the screen may be left
/// before a large set was read.
pub fn open_data(app: &mut App, name: String) -> Vec<Effect> {
    app.data = Loaded::Waiting;
    app.chosen_set = Some(name.clone());
    app.memory.data_sets.insert(app.notebook.clone(), name.clone());
    vec![remember(app), Effect::OpenData(name)]
}

/// Opens a list to choose from.
fn pick(app: &mut App, action: Action) -> Vec<Effect> {
    let purpose = match action {
        Action::Presets => Purpose::Preset,
        Action::ChooseColumns => Purpose::Columns,
        Action::ChooseRuns => Purpose::Runs,
        _ => Purpose::DataSet,
    };
    app.popup = Some(Popup::Picker(Picker::new(purpose)));
    if purpose != Purpose::DataSet {
        return Vec::new();
    }
    let unknown = app.unsurveyed(app.set_names());
    if unknown.is_empty() { Vec::new() } else { vec![Effect::Survey(unknown)] }
}

fn neighbour(pane: Pane, steps: usize) -> Pane {
    let place = Pane::ALL.iter().position(|known| *known == pane).unwrap_or(0);
    Pane::ALL[(place + steps) % Pane::ALL.len()]
}

/// Moves the cursor of the pane on show.
fn step(app: &mut App, action: Action) {
    let page = usize::from(app.size.1).saturating_sub(6).max(1);
    if app.pane == Pane::Runs {
        let (runs, page) = (app.runs.clone(), page as isize);
        match action {
            Action::Up => app.list.step(-1, &runs),
            Action::Down => app.list.step(1, &runs),
            Action::PageUp => app.list.step(-page, &runs),
            Action::PageDown => app.list.step(page, &runs),
            Action::First => app.list.select(0, &runs),
            Action::Last => app.list.select(usize::MAX, &runs),
            _ => {}
        }
        return;
    }
    // A screenful of what is laid under one another, where that is more than the screen holds.
    if matches!(action, Action::PageUp | Action::PageDown) && app.pane == Pane::Data {
        let turned = panes::turn_electrodes(app, action == Action::PageDown);
        if turned {
            return;
        }
    }
    let extent = panes::extent(app);
    let place = app.places.entry(app.pane).or_default();
    let (rows, columns) = (extent.rows.saturating_sub(1), extent.columns.saturating_sub(1));
    match action {
        Action::Up => place.row = place.row.saturating_sub(1),
        Action::Down => place.row = (place.row + 1).min(rows),
        Action::PageUp => place.row = place.row.saturating_sub(page),
        Action::PageDown => place.row = (place.row + page).min(rows),
        // A cursor appears at the newest end.
        Action::Left if extent.columns > 0 => {
            place.column = Some(place.column.map_or(columns, |column| column.saturating_sub(1)));
        }
        Action::Right if extent.columns > 0 => {
            place.column = Some(place.column.map_or(columns, |column| (column + 1).min(columns)));
        }
        Action::First if place.column.is_some() => place.column = Some(0),
        Action::Last if place.column.is_some() => place.column = Some(columns),
        Action::First => place.row = 0,
        Action::Last => place.row = rows,
        _ => {}
    }
}

fn open(app: &mut App) {
    match panes::opened(app) {
        Some(Open::Run(id)) => {
            let runs = app.runs.clone();
            app.list.select_id(&id, &runs);
            app.pane = Pane::Detail;
        }
        Some(Open::Runs(ids)) => {
            app.list.only = Some(ids.into_iter().collect());
            app.list.set_filter("");
            relist(app);
            app.pane = Pane::Runs;
        }
        None => {}
    }
}

/// Lets go of one thing: a cursor in a plot, the filter, the marks; or goes back to the runs.
fn back(app: &mut App) {
    if app.pane == Pane::Runs {
        if app.list.is_narrowed() || !app.list.filter.is_empty() {
            app.list.only = None;
            app.list.set_filter("");
            relist(app);
        } else {
            app.list.marks.clear();
        }
        return;
    }
    let in_table = matches!(app.pane, Pane::Matrix | Pane::Alpha);
    match app.places.get_mut(&app.pane) {
        Some(place) if place.column.is_some() && !in_table => place.column = None,
        _ => app.pane = Pane::Runs,
    }
}

fn turn(app: &mut App, forward: bool) {
    let parts = panes::extent(app).parts.max(1);
    let before = app.place(app.pane);
    let part = (before.part + if forward { 1 } else { parts - 1 }) % parts;
    let row = match app.pane {
        // A log is read from its end.
        Pane::Load => app.log.len().saturating_sub(1),
        pane if panes::share_rows(pane, before.part, part) => before.row,
        _ => 0,
    };
    let Place { column, first, .. } = before;
    app.places.insert(app.pane, Place { part, row, column, first, ..Place::default() });
}

fn choose(app: &mut App, action: Action) -> Vec<Effect> {
    let mut effects = Vec::new();
    match action {
        Action::NextRule => {
            let place = Rule::ALL.iter().position(|rule| *rule == app.rule).unwrap_or(0);
            app.rule = Rule::ALL[(place + 1) % Rule::ALL.len()];
            // What predictions say is another epoch's now.
            app.known.kappa.clear();
            app.scored.clear();
            relist(app);
            effects.extend(unread(app));
            effects.push(Effect::Tabulate(app.runs.clone(), app.rule));
        }
        _ => {
            let charts = app.plots.of_mut(app.pane);
            match action {
                Action::NextMetric => charts.metric = charts.metric.next(),
                Action::NextAxis => charts.axis = charts.axis.next(),
                Action::ToggleLog => charts.chosen().log ^= true,
                _ => charts.chosen().smoothing = charts.chosen().smoothing.next(),
            }
        }
    }
    effects.push(remember(app));
    effects
}

fn next_theme(app: &mut App) -> Vec<Effect> {
    app.themes.turn();
    let but = match app.depth {
        Depth::None => "; but this terminal has no colours, or NO_COLOR is set",
        Depth::Ansi => ", as far as sixteen colours go",
        Depth::Indexed | Depth::True => "",
    };
    app.messages.push(app.now, Kind::Done, format!("Theme {}{but}.", app.themes.name()));
    vec![remember(app)]
}

/// Keeps the choices as they are now.
pub fn remember(app: &App) -> Effect {
    Effect::Remember(Box::new(app.choices()))
}

/// Zooms; where nothing would look different, that is said.
fn zoom(app: &mut App, action: Action) {
    let length = panes::length(app);
    let place = app.places.entry(app.pane).or_default();
    let before = *place;
    place.zoom = match action {
        Action::ZoomIn => (place.zoom + 1).min(Place::DEEPEST),
        Action::ZoomOut => place.zoom.saturating_sub(1),
        _ => 0,
    };
    if place.window(length) != before.window(length) {
        return;
    }
    *place = before;
    let text = match (length, action) {
        (0, _) => "There is no chart here to zoom in.",
        (_, Action::ZoomIn) => "There is nothing smaller to zoom in on.",
        _ => "All of it is shown.",
    };
    app.messages.push(app.now, Kind::Done, text);
}

fn copy(app: &mut App) -> Vec<Effect> {
    let extension = match app.format {
        Format::Markdown => "md",
        Format::Latex => "tex",
        Format::Csv => "csv",
    };
    match panes::copied(app, app.format) {
        Some(text) => {
            let file = format!("{}.{extension}", panes::copied_as(app));
            vec![Effect::Copy { text, file }]
        }
        None => {
            app.messages.push(app.now, Kind::Failed, "There is nothing to copy here yet.");
            Vec::new()
        }
    }
}

/// Takes back the newest change; what can't be taken back says so, and the next time the one before comes.
fn undo(app: &mut App) -> Vec<Effect> {
    match app.history.take_back() {
        Some(change) if change.back.is_empty() => {
            let text = format!("The {} can't be taken back.", change.what);
            app.messages.push(app.now, Kind::Failed, text);
            Vec::new()
        }
        Some(change) => vec![Effect::TakeBack(change)],
        None => {
            app.messages.push(app.now, Kind::Done, "There is nothing to take back.");
            Vec::new()
        }
    }
}

fn redo(app: &mut App) -> Vec<Effect> {
    match app.history.do_again() {
        Some(change) => vec![Effect::DoAgain(change)],
        None => {
            app.messages.push(app.now, Kind::Done, "Nothing was taken back that could be done again.");
            Vec::new()
        }
    }
}
