//! Draws the list of runs, and under it what the selected one is doing.

use super::extent::{CURVE, HEAD, is_wide, list_height, wide};
use super::{columns, unread};
use crate::counted::counted;
use crate::tui::action::Action;
use crate::tui::app::{App, Popup};
use crate::tui::chart::Chart;
use crate::tui::loaded::Loaded;
use crate::tui::naming;
use crate::tui::pane::Pane;
use crate::tui::panes::curves::{Set, look, of_run, point_out};
use crate::tui::panes::{compare, fields};
use crate::tui::plot::Metric;
use crate::tui::sheet::{Sheet, alphabet, broken, cut};
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use std::collections::BTreeMap;

/// Draws the pane: in a wide window the list, the curves and the recipe side by side, else a curve under the list.
pub fn render(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    if let Some(wide) = wide(area) {
        list(app, theme, wide.list, frame);
        curves(app, theme, wide.curves, frame);
        return recipe(app, theme, wide.recipe, frame);
    }
    list(app, theme, area, frame);
    let listed = HEAD + list_height(app) as u16;
    let below = listed + unread::height(app, usize::from(area.height.saturating_sub(HEAD))) as u16;
    let rest = Rect { y: area.y + below, height: area.height.saturating_sub(below), ..area };
    if rest.height >= CURVE && !app.list.shown().is_empty() {
        curve(app, theme, rest, frame);
    }
}

fn list(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let height = list_height(app);
    let line = |y: u16| Rect { y: area.y + y, height: 1, ..area }.intersection(area);
    title(app, theme, line(0), frame);
    let columns = columns::columns(app, area.width);
    frame.render_widget(columns::header(app, theme, &columns), line(1));
    let left_alone = unread::height(app, usize::from(area.height.saturating_sub(HEAD))) as u16;
    let beneath = Rect { y: area.y + HEAD + height as u16, height: left_alone, ..area }.intersection(area);
    unread::render(app, theme, beneath, frame);
    if app.list.shown().is_empty() {
        let rest = Rect { y: area.y + HEAD, height: area.height.saturating_sub(HEAD), ..area };
        return empty(app, theme, rest, frame);
    }
    let overlaid =
        if is_wide(app) && !app.list.marks.is_empty() { compare::curves(app) } else { BTreeMap::new() };
    let shown = app.list.shown().iter().enumerate().skip(app.list.top).take(height);
    for (place, (index, row)) in shown.enumerate() {
        let Some(run) = app.runs.get(*row) else { continue };
        let chosen = index == app.list.cursor();
        let curve = overlaid.get(run.id.as_str()).copied();
        let line_area = line(HEAD + place as u16);
        frame.render_widget(columns::entry(app, theme, run, (chosen, curve), &columns), line_area);
        if chosen {
            frame.buffer_mut().set_style(line_area, theme.selected());
        }
    }
}

/// Accuracy and loss: of the marked runs, one over the other, else of the selected one.
fn curves(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let Some(run) = app.selected() else { return };
    let areas: [Rect; 2] = Layout::vertical([Constraint::Fill(1); 2]).areas(area);
    for (metric, area) in Metric::ALL.into_iter().zip(areas) {
        let mut plot = match app.list.marks.is_empty() {
            true => of_run(app, Pane::Runs, metric, app.detail(&run.id), theme),
            false => compare::chart(app, theme, metric, Set::Test),
        };
        // The list has the curves' marks before the runs' names; a legend that says less than all would say nothing.
        if !app.list.marks.is_empty() && area.width < NAMED {
            plot.series.iter_mut().for_each(|series| series.name.clear());
        }
        point_out(&mut plot, metric == app.plots.of(Pane::Runs).metric, theme);
        frame.render_widget(Chart::new(&plot, look(theme)), area);
    }
}

/// Columns of a chart from which on the curves' names stand at their ends.
const NAMED: u16 = 48;

/// What was asked of the selected run, and what became of it.
fn recipe(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let Some(run) = app.selected().filter(|_| area.height > 0) else { return };
    let mut sheet = Sheet::within(theme, area.width);
    sheet.line(Tone::Strong, naming::run(&run.spec));
    for (name, value) in fields::of(&run.spec).into_iter().filter(|(name, _)| !TITLED.contains(name)) {
        sheet.entry(name, value);
    }
    if let Some(started) = &run.started {
        sheet.entry("trained on", format!("{}, {}", started.host, started.device));
    }
    if !run.tags.is_empty() {
        sheet.entry("tags", run.tags.join(" "));
    }
    if run.has_notes {
        sheet.entry("notes", format!("{} reads them", app.keymap.label(Action::Notes, theme.utf8)));
    }
    if let Some(message) = &run.message {
        sheet.prose(Tone::Caution, message, area.width.into());
    }
    sheet.rest(&format!("{} opens", app.keymap.label(Action::Open, theme.utf8)));
    sheet.render(0, area, frame);
}

/// What the recipe's first line says already.
const TITLED: [&str; 3] = ["model", "activation", "seed"];

/// What the selected run is doing: its curve so far.
fn curve(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let Some(run) = app.selected() else { return };
    let plot = of_run(app, Pane::Runs, app.plots.of(Pane::Runs).metric, app.detail(&run.id), theme);
    let mut title = run.spec.title();
    let untold = columns::untold(app, run);
    if !untold.is_empty() {
        title += &format!(", {untold}");
    }
    if !run.tags.is_empty() {
        title += &format!("  [{}]", run.tags.join(" "));
    }
    if run.has_notes {
        title += "  (notes)";
    }
    if let Some(message) = &run.message {
        title += &format!("  {message}");
    }
    let line = Rect { height: 1, ..area };
    rule(theme, &alphabet(&title, theme.utf8), line, frame);
    let rest = Rect { y: area.y + 1, height: area.height - 1, ..area };
    frame.render_widget(Chart::new(&plot, look(theme)), rest);
}

/// A line across with a title in it.
fn rule(theme: &Theme, title: &str, area: Rect, frame: &mut Frame) {
    let dash = theme.text("─", "-");
    let title = cut(title, usize::from(area.width).saturating_sub(4), theme);
    let title = Span::styled(format!(" {title} "), theme.tone(Tone::Strong));
    let room = usize::from(area.width).saturating_sub(title.width() + 2);
    let lead = Span::styled(format!(" {dash}"), theme.tone(Tone::Dim));
    let trail = Span::styled(dash.repeat(room), theme.tone(Tone::Dim));
    frame.render_widget(Line::from(vec![lead, title, trail]), area);
}

fn title(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let dash = theme.text("─", "-");
    let right = format!("{}{}", beyond(app, theme, dash), count(app, dash));
    let quiet = app.list.filter.is_empty() && !matches!(app.popup, Some(Popup::Filter(_)));
    let lead = if quiet && app.list.only.is_none() { format!(" {dash}{dash}") } else { format!(" {dash} ") };
    let mut spans = vec![Span::styled(lead, theme.tone(Tone::Dim))];
    match &app.popup {
        Some(Popup::Filter(line)) => {
            spans.push(Span::styled("filter: ", theme.tone(Tone::Strong)));
            spans.extend(crate::tui::sheet::typed(line, usize::from(area.width / 2)));
            spans.push(Span::raw(" "));
        }
        _ if !app.list.filter.is_empty() => {
            let text = alphabet(&format!("filter: {}", app.list.filter), theme.utf8);
            // How many runs are hidden stays on show, however long the filter is.
            let room = usize::from(area.width).saturating_sub(right.chars().count() + 5);
            spans.push(Span::raw(format!("{} ", cut(&text, room, theme))));
        }
        _ => {}
    }
    if app.list.only.is_some() {
        spans.push(Span::styled("one cell's runs; esc shows all ", theme.tone(Tone::Caution)));
    }
    let used: usize = spans.iter().map(Span::width).sum::<usize>() + right.chars().count();
    spans
        .push(Span::styled(dash.repeat(usize::from(area.width).saturating_sub(used)), theme.tone(Tone::Dim)));
    spans.push(Span::styled(right, theme.tone(Tone::Dim)));
    frame.render_widget(Line::from(spans), area);
}

/// How many runs lie above and below the window.
fn beyond(app: &App, theme: &Theme, dash: &str) -> String {
    let above = app.list.top;
    let below = app.list.shown().len().saturating_sub(above + list_height(app));
    let side = |count: usize, sign| if count > 0 { format!(" {sign} {count}") } else { String::new() };
    let sides = side(above, theme.text("↑", "^")) + &side(below, theme.text("↓", "v"));
    if sides.is_empty() { sides } else { format!("{sides} {dash}") }
}

/// How many runs are listed of how many, and how many are marked.
fn count(app: &App, dash: &str) -> String {
    let (shown, all) = (app.list.shown().len(), app.runs.len());
    let marks = app.list.marks.len();
    let marked = if marks > 0 { format!(" {marks} marked,") } else { String::new() };
    let count = match app.list.is_narrowed() {
        true => format!(" {shown} of {} ", counted(all, "run")),
        false => format!(" {} ", counted(all, "run")),
    };
    format!("{marked}{count}{dash} ")
}

fn empty(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let keys = |action| app.keymap.label(action, theme.utf8);
    use Action as A;
    let first: &[Action] = match app.data {
        // First of all there must be something to train on.
        Loaded::Failed(_) => &[A::ChooseData, A::Show(Pane::Data), A::NewRun],
        _ => &[A::CompareLabs(0), A::CompareLabs(1), A::Presets, A::NewRun],
    };
    let help = |action| {
        let binding = app.keymap.bindings().iter().find(|binding| binding.action == action);
        binding.map(|binding| binding.help.clone()).unwrap_or_default()
    };
    let lines: Vec<String> = if !app.indexed {
        vec!["reading the notebook…".into()]
    } else if app.list.is_narrowed() {
        let instead = app.list.unmet(&app.runs, app.context()).map(|found| format!("Here {found}."));
        let all = format!("No run matches. {} shows all again.", keys(A::Back));
        let width = usize::from(area.width.saturating_sub(5));
        let said = instead.iter().flat_map(|text| broken(text, width));
        std::iter::once(all).chain(said).collect()
    } else {
        vec!["Nothing was trained here yet.".into(), String::new()]
            .into_iter()
            .chain(first.iter().map(|action| format!("{}  {}", keys(*action), help(*action))))
            .collect()
    };
    let lines = lines.into_iter().map(|line| alphabet(&line, theme.utf8));
    for (place, line) in lines.enumerate() {
        let spot = Rect {
            x: area.x + 4,
            y: area.y + 1 + place as u16,
            width: area.width.saturating_sub(4),
            height: 1,
        };
        frame.render_widget(Line::raw(line), spot.intersection(area));
    }
}
