//! The recordings: what is loaded, what was noticed about it, every trial as it was recorded, and what tells the classes apart.

mod classes;
mod electrodes;
mod findings;
mod head;
mod part;
mod trial;

use super::curves;
use crate::dataset::{DataSet, Statistics};
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::chart::{Chart, Plot};
use crate::tui::loaded::Loaded;
use crate::tui::pane::{Extent, Pane, Place};
use crate::tui::panes::curves::look;
use crate::tui::regions::body;
use crate::tui::sheet::Sheet;
use crate::tui::theme::{Theme, Tone};
use part::{Part, Set};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use trial::Laid;
pub use trial::{laid, stacked};

/// Columns of the text beside the trials in a large window.
const ASIDE: u16 = 64;

/// Whether there is room for what belongs together side by side.
fn is_large(area: Rect) -> bool {
    area.width >= ASIDE + 56 && area.height >= 24
}

/// Draws the pane.
pub fn render(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let data = match &app.data {
        Loaded::Ready(data) => data,
        Loaded::Waiting => return say(theme, Tone::Dim, &waiting(app), area, frame),
        Loaded::Failed(reason) => return lacking(app, reason, theme, area, frame),
    };
    let part = Part::at(app.place(Pane::Data).part);
    let head = head::lines(app, theme, data, part, area);
    let rows = (head.len() as u16).min(area.height);
    let [top, body] = Layout::vertical([Constraint::Length(rows), Constraint::Fill(1)]).areas(area);
    head.render(0, top, frame);
    match part {
        Part::Trials(set) => trials(app, data, set, theme, body, frame),
        Part::Findings => {
            findings::sheet(app, data, theme, body.width).render(app.place(Pane::Data).row, body, frame);
        }
        part => match app.statistics() {
            Some(statistics) => figures(app, (data, statistics), part, theme, body, frame),
            None => say(theme, Tone::Dim, "Measuring the recordings …", body, frame),
        },
    }
}

fn waiting(app: &App) -> String {
    match &app.chosen_set {
        Some(name) => format!("Reading {name} …"),
        None => "Reading the recordings …".into(),
    }
}

/// Why there are no recordings, and what there is to choose from.
fn lacking(app: &App, reason: &str, theme: &Theme, area: Rect, frame: &mut Frame) {
    let mut sheet = Sheet::new(theme);
    let label = |action| app.keymap.label(action, theme.utf8);
    let [open, choose, import] = [Action::Open, Action::ChooseData, Action::ImportData].map(label);
    let names = app.set_names().join(", ");
    let width = area.width.into();
    // What to do stays on the smallest window.
    sheet.prose(Tone::Plain, &format!("{open} or {choose} takes a data set: {names}."), width);
    sheet.prose(Tone::Bad, &format!("There is none here now: {reason}."), width);
    sheet.prose(Tone::Dim, &format!("{import} makes one of recordings."), width);
    sheet.render(0, area, frame);
}

fn say(theme: &Theme, tone: Tone, text: &str, area: Rect, frame: &mut Frame) {
    let mut sheet = Sheet::new(theme);
    sheet.prose(tone, text, area.width.into());
    sheet.render(0, area, frame);
}

/// One trial; beside it, in a large window, what was noticed.
fn trials(app: &App, data: &DataSet, set: Set, theme: &Theme, area: Rect, frame: &mut Frame) {
    let place = app.place(Pane::Data);
    let mut chart = area;
    if is_large(body(app.size)) {
        let aside;
        [chart, _, aside] =
            Layout::horizontal([Constraint::Fill(1), Constraint::Length(2), Constraint::Length(ASIDE)])
                .areas(area);
        findings::sheet(app, data, theme, ASIDE).render(0, aside, frame);
    }
    if let Some(trial) = trial_at(app, set, place.row) {
        let shown = laid(data.electrodes.len(), place.first, chart.height);
        let label = |action| app.keymap.label(action, theme.utf8);
        let keys = [Action::PageDown, Action::PageUp].map(label).join(" ");
        trial::render(data, (set.of(data), trial), (place, shown, &keys), theme, chart, frame);
    }
}

/// The electrodes on show where a trial is.
fn electrodes(app: &App) -> Option<Laid> {
    let data = app.data.ready()?;
    let place = app.place(Pane::Data);
    let part @ Part::Trials(_) = Part::at(place.part) else { return None };
    let area = body(app.size);
    let head = head::lines(app, &Theme::PLAIN, data, part, area).len() as u16;
    Some(laid(data.electrodes.len(), place.first, area.height.saturating_sub(head)))
}

/// Turns to the next or the former electrodes; `false` where all are on show.
pub fn turn_electrodes(app: &mut App, forward: bool) -> bool {
    let Some(shown) = electrodes(app).filter(|shown| shown.count() < shown.all) else { return false };
    let place = app.places.entry(Pane::Data).or_default();
    place.first = match forward {
        true => shown.to.min(shown.all - shown.count()),
        false => shown.from.saturating_sub(shown.count()),
    };
    true
}

/// The electrodes' figures or a chart of one of them; all at once in a large window.
fn figures(
    app: &App,
    (data, statistics): (&DataSet, &Statistics),
    part: Part,
    theme: &Theme,
    area: Rect,
    frame: &mut Frame,
) {
    let place = app.place(Pane::Data);
    if !is_large(body(app.size)) {
        return match part {
            Part::Means => draw(&classes::means(data, statistics, place, theme), theme, area, frame),
            Part::Spectrum => draw(&classes::spectrum(data, statistics, place, theme), theme, area, frame),
            _ => electrodes::render(data, statistics, place, theme, area, frame),
        };
    }
    let [table, _, charts] =
        Layout::horizontal([Constraint::Length(ASIDE), Constraint::Length(2), Constraint::Fill(1)])
            .areas(area);
    electrodes::render(data, statistics, place, theme, table, frame);
    let areas: [Rect; 2] = Layout::vertical([Constraint::Fill(1); 2]).areas(charts);
    let charts = [(Part::Means, classes::means as Draw), (Part::Spectrum, classes::spectrum)];
    for ((own, make), area) in charts.into_iter().zip(areas) {
        // The cursor belongs to the chart that is pointed at.
        let chosen = own == part;
        let place = if chosen { place } else { Place { column: None, zoom: 0, ..place } };
        let mut plot = make(data, statistics, place, theme);
        curves::point_out(&mut plot, chosen, theme);
        draw(&plot, theme, area, frame);
    }
}

/// Makes one of the charts of an electrode.
type Draw = fn(&DataSet, &Statistics, Place, &Theme) -> Plot;

fn draw(plot: &Plot, theme: &Theme, area: Rect, frame: &mut Frame) {
    frame.render_widget(Chart::new(plot, look(theme)), area);
}

/// The trial in a row, in the order that is on; `None` beyond the last.
fn trial_at(app: &App, set: Set, row: usize) -> Option<usize> {
    let trials = set.of(app.data.ready()?).len();
    let furthest = app.statistics().filter(|_| app.furthest_first);
    match furthest {
        Some(statistics) => statistics.parts[set as usize].furthest.get(row).copied(),
        None => Some(row).filter(|row| *row < trials),
    }
}

/// The row of a trial, in the order that is on.
pub fn row_of_trial(app: &App, trial: usize) -> usize {
    let Part::Trials(set) = Part::at(app.place(Pane::Data).part) else { return trial };
    let furthest = app.statistics().filter(|_| app.furthest_first);
    let row = furthest.and_then(|statistics| {
        statistics.parts[set as usize].furthest.iter().position(|known| *known == trial)
    });
    row.unwrap_or(trial)
}

/// Turns to the training trials where no trials are on show.
pub fn to_trials(app: &mut App) {
    let place = app.places.entry(Pane::Data).or_default();
    if !matches!(Part::at(place.part), Part::Trials(_)) {
        *place = Place::default();
    }
}

/// What a part is called.
pub fn part_title(part: usize) -> Option<String> {
    Part::ALL.get(part).map(|part| part.title().into())
}

/// Whether the rows of two parts are the same electrodes.
pub fn share_rows(part: usize, other: usize) -> bool {
    Part::at(part).is_of_electrodes() && Part::at(other).is_of_electrodes()
}

/// How far its cursor can go.
pub fn extent(app: &App) -> Extent {
    let Some(data) = app.data.ready() else { return Extent::default() };
    let area = body(app.size);
    let part = Part::at(app.place(Pane::Data).part);
    let (rows, columns) = match part {
        Part::Trials(set) => (set.of(data).len(), data.train.samples),
        Part::Electrodes => (data.electrodes.len(), 0),
        Part::Means => (data.electrodes.len(), data.train.samples),
        Part::Spectrum => {
            let bins = app.statistics().map_or(0, |statistics| classes::shown(&statistics.frequencies).len());
            (data.electrodes.len(), bins)
        }
        Part::Findings => {
            let theme = Theme::PLAIN;
            let head = head::lines(app, &theme, data, part, area).len();
            let lines = findings::sheet(app, data, &theme, area.width).len();
            // The last screenful is the end.
            ((lines + head + 1).saturating_sub(area.height.into()).max(1), 0)
        }
    };
    Extent { rows, columns, parts: Part::ALL.len() }
}
