//! What stands above every part: which recordings these are, how they are made, and which trial is on show.

use super::part::{Part, Set};
use super::{findings, trial_at};
use crate::dataset::{DataSet, Statistics};
use crate::ticks::reading;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::pane::Pane;
use crate::tui::sheet::Sheet;
use crate::tui::theme::{Theme, Tone};
use ratatui::layout::Rect;

/// Rows of a pane from which on the head says more than it must.
const ROOMY: u16 = 12;

/// The lines above a part.
pub fn lines<'t>(app: &App, theme: &'t Theme, data: &DataSet, part: Part, area: Rect) -> Sheet<'t> {
    let mut sheet = Sheet::new(theme);
    about(&mut sheet, data);
    others(&mut sheet, app, theme, data);
    let roomy = area.height >= ROOMY;
    if roomy {
        let rate = data.sfreq.map_or("sampling rate unknown".into(), |rate| format!("{rate} Hz"));
        let channels = data.electrodes.len();
        sheet.line(Tone::Dim, format!(" {channels} channels × {} samples, {rate}", data.train.samples));
    }
    if part != Part::Findings {
        noticed(&mut sheet, app, theme, part);
    }
    if let Part::Trials(set) = part {
        if let Some(statistics) = app.statistics().filter(|_| roomy) {
            ranges(&mut sheet, data, statistics);
        }
        trial(&mut sheet, app, theme, data, set);
    }
    sheet
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
fn others(sheet: &mut Sheet, app: &App, theme: &Theme, data: &DataSet) {
    let others: Vec<&str> =
        app.sets.iter().map(String::as_str).filter(|name| *name != data.source.name).collect();
    if !others.is_empty() {
        let key = app.keymap.label(Action::ChooseData, theme.utf8);
        sheet.line(Tone::Caution, format!(" also here ({key} takes one): {}", others.join(", ")));
    }
}

/// How much was noticed, and the way there.
fn noticed(sheet: &mut Sheet, app: &App, theme: &Theme, part: Part) {
    let Some((tone, text)) = findings::count(app.findings()) else { return };
    // The findings are the last part: from the first, one step back.
    let back = part == Part::Trials(Set::Train);
    let key = if back { Action::PreviousPart } else { Action::NextPart };
    let key = app.keymap.label(key, theme.utf8);
    let way =
        if back || part == Part::Spectrum { format!(": {key} shows what to do") } else { String::new() };
    sheet.line(tone, format!(" {text}{way}"));
}

/// Missing samples, extremes and balance, set by set.
fn ranges(sheet: &mut Sheet, data: &DataSet, statistics: &Statistics) {
    for (set, part) in Set::ALL.into_iter().zip(&statistics.parts) {
        if set.of(data).is_empty() {
            continue;
        }
        let classes: Vec<String> = set
            .of(data)
            .per_class(data.classes.len())
            .iter()
            .zip(&data.classes)
            .map(|(count, class)| format!("class {class} {count}"))
            .collect();
        let (tone, gaps) = match part.incomplete {
            0 => (Tone::Dim, "no gaps".into()),
            1 => (Tone::Caution, "1 trial has gaps".into()),
            some => (Tone::Caution, format!("{some} trials have gaps")),
        };
        let low = part.electrodes.iter().map(|range| range.low).fold(f64::NAN, f64::min);
        let high = part.electrodes.iter().map(|range| range.high).fold(f64::NAN, f64::max);
        sheet.parts([
            (Tone::Dim, format!(" {:<6}", set.name())),
            (tone, gaps),
            (Tone::Dim, format!(", {} to {} µV, {}", reading(low), reading(high), classes.join(", "))),
        ]);
    }
}

/// Which trial is on show.
fn trial(sheet: &mut Sheet, app: &App, theme: &Theme, data: &DataSet, set: Set) {
    let (name, trials) = (set.name(), set.of(data));
    let row = app.place(Pane::Data).row;
    let Some(trial) = trial_at(app, set, row) else {
        return sheet.line(Tone::Caution, format!(" no {name} trials"));
    };
    let class = data.classes.get(trials.labels[trial] as usize).map_or("?", String::as_str);
    let subject = data.subjects.get(usize::from(trials.subjects[trial])).map_or("?", String::as_str);
    let missing = trials.trial(trial).iter().filter(|value| value.is_nan()).count();
    let order = if app.furthest_first { ", outliers first" } else { "" };
    let mut parts = vec![
        (Tone::Strong, format!(" {name} trial {} of {}{order}", trial + 1, trials.len())),
        (Tone::Plain, format!("  class {class}  subject {subject}")),
    ];
    let part = app.statistics().map(|statistics| &statistics.parts[set as usize]);
    let outlying = part.is_some_and(|part| part.is_outlying(trial));
    if let Some(reach) =
        part.and_then(|part| part.reach.get(trial)).filter(|_| app.furthest_first || outlying)
    {
        let tone = if outlying { Tone::Caution } else { Tone::Dim };
        parts.push((tone, format!("  peak {reach:.1} × usual")));
    }
    if missing > 0 {
        parts.push((Tone::Caution, format!("  {missing} samples missing (gaps)")));
    }
    let label = |action| app.keymap.label(action, theme.utf8);
    let [down, up] = [Action::Down, Action::Up].map(label);
    parts.push((Tone::Dim, format!("   ({down} {up} another)")));
    sheet.parts(parts);
}
