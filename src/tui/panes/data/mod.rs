//! The recordings: what is loaded, its checks, and every trial as it was recorded.

mod trial;

use crate::dataset::{DataSet, TrialSet};
use crate::tui::app::App;
use crate::tui::loaded::Loaded;
use crate::tui::pane::{Extent, Pane, Place};
use crate::tui::sheet::Sheet;
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

/// The two sets, as `]` turns them.
const SETS: [&str; 2] = ["train", "test"];

/// Draws the pane.
pub fn render(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let data = match &app.data {
        Loaded::Ready(data) => data,
        Loaded::Waiting => return say(theme, Tone::Dim, "Reading the recordings …", area, frame),
        Loaded::Failed(reason) => return say(theme, Tone::Bad, reason, area, frame),
    };
    let place = app.place(Pane::Data);
    let mut sheet = Sheet::new(theme);
    about(&mut sheet, data);
    others(&mut sheet, app, data);
    if area.height >= 12 {
        checks(&mut sheet, app, data);
    }
    trial_line(&mut sheet, app, theme, data, place);
    let head = (sheet.len() as u16).min(area.height);
    let [top, body] = Layout::vertical([Constraint::Length(head), Constraint::Fill(1)]).areas(area);
    sheet.render(0, top, frame);
    let set = set(data, place.part);
    if place.row < set.len() {
        trial::render(data, set, place, theme, body, frame);
    }
}

fn say(theme: &Theme, tone: Tone, text: &str, area: Rect, frame: &mut Frame) {
    let mut sheet = Sheet::new(theme);
    sheet.prose(tone, text, area.width.into());
    sheet.render(0, area, frame);
}

fn set(data: &DataSet, part: usize) -> &TrialSet {
    if part == 0 { &data.train } else { &data.test }
}

/// What is loaded.
fn about(sheet: &mut Sheet, data: &DataSet) {
    let mut name = vec![(Tone::Strong, data.source.name.clone())];
    if data.is_simulated() {
        name.push((Tone::Caution, " (not real recordings)".into()));
    }
    name.push((Tone::Plain, format!("  {} + {} trials", data.train.len(), data.test.len())));
    name.push((Tone::Dim, format!("  subjects {}", data.subjects.join(" "))));
    sheet.parts(name);
}

/// What else could be opened: whoever sees simulated data may wonder where the recordings are.
fn others(sheet: &mut Sheet, app: &App, data: &DataSet) {
    let others: Vec<&str> =
        app.sets.iter().map(String::as_str).filter(|name| *name != data.source.name).collect();
    if !others.is_empty() {
        let key = app.keymap.label(crate::tui::action::Action::ChooseData, true);
        sheet.line(Tone::Caution, format!(" also here ({key} takes one): {}", others.join(", ")));
    }
}

/// Geometry; missing samples, extremes and balance, set by set.
fn checks(sheet: &mut Sheet, app: &App, data: &DataSet) {
    let rate = data.sfreq.map_or("sampling rate unknown".into(), |rate| format!("{rate} Hz"));
    let channels = data.electrodes.len();
    sheet.line(Tone::Dim, format!(" {channels} channels × {} samples, {rate}", data.train.samples));
    for ((name, set), check) in SETS.iter().zip([&data.train, &data.test]).zip(&app.checks) {
        let classes: Vec<String> = set
            .per_class(data.classes.len())
            .iter()
            .zip(&data.classes)
            .map(|(count, class)| format!("class {class} {count}"))
            .collect();
        let (tone, gaps) = match check.incomplete {
            0 => (Tone::Dim, "no gaps".into()),
            1 => (Tone::Caution, "1 trial has gaps".into()),
            some => (Tone::Caution, format!("{some} trials have gaps")),
        };
        sheet.parts([
            (Tone::Dim, format!(" {name:<6}")),
            (tone, gaps),
            (Tone::Dim, format!(", {:.1} to {:.1}, {}", check.low, check.high, classes.join(", "))),
        ]);
    }
}

/// Which trial is on show.
fn trial_line(sheet: &mut Sheet, app: &App, theme: &Theme, data: &DataSet, place: Place) {
    use crate::tui::action::Action;
    let set = set(data, place.part);
    let name = SETS[place.part.min(1)];
    if set.is_empty() {
        return sheet.line(Tone::Caution, format!(" no {name} trials"));
    }
    let row = place.row.min(set.len() - 1);
    let class = data.classes.get(set.labels[row] as usize).map_or("?", String::as_str);
    let subject = data.subjects.get(usize::from(set.subjects[row])).map_or("?", String::as_str);
    let missing = set.trial(row).iter().filter(|value| value.is_nan()).count();
    let mut parts = vec![
        (Tone::Strong, format!(" {name} trial {} of {}", row + 1, set.len())),
        (Tone::Plain, format!("  class {class}  subject {subject}")),
    ];
    if missing > 0 {
        parts.push((Tone::Caution, format!("  {missing} samples missing (gaps)")));
    }
    let label = |action| app.keymap.label(action, theme.utf8);
    let [down, up, find, part] = [Action::Down, Action::Up, Action::FindTrial, Action::NextPart].map(label);
    parts.push((Tone::Dim, format!("   {down} {up} {find} another, {part} set")));
    sheet.parts(parts);
}

/// What a part is called.
pub fn part_title(part: usize) -> Option<String> {
    SETS.get(part).map(|set| format!("{set} trials"))
}

/// How far its cursor can go.
pub fn extent(app: &App) -> Extent {
    let Some(data) = app.data.ready() else { return Extent::default() };
    let set = set(data, app.place(Pane::Data).part);
    Extent { rows: set.len(), columns: set.samples, parts: SETS.len() }
}
