//! What stands above every part: which recordings these are, how they are made, and which trial is on show.

use super::part::{Part, Set};
use super::{findings, trial_at};
use crate::counted::counted;
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
    let mut sheet = Sheet::within(theme, area.width);
    about(&mut sheet, data, area.width);
    others(&mut sheet, app, theme, data, area.width);
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
        trial(&mut sheet, app, theme, data, set, area.width);
    }
    if part.is_of_electrodes() {
        electrode(&mut sheet, app, theme, data, area.width);
    }
    sheet
}

/// What is loaded.
fn about(sheet: &mut Sheet, data: &DataSet, width: u16) {
    let name = [data.source.name.clone()];
    let simulated = if data.is_simulated() { " (not real recordings)" } else { "" };
    let simulated = [simulated.to_owned()];
    let (train, test) = (data.train.len(), data.test.len());
    let trials = [format!("  {train} + {test} trials"), format!("  {train}+{test}")];
    let subjects = [
        format!("  subjects {}", data.subjects.join(" ")),
        format!("  {}", counted(data.subjects.len(), "subject")),
        String::new(),
    ];
    let parts = [
        (Tone::Strong, &name[..]),
        (Tone::Caution, &simulated[..]),
        (Tone::Plain, &trials[..]),
        (Tone::Dim, &subjects[..]),
    ];
    sheet.fitting(width.into(), &parts);
}

/// What else could be opened: whoever sees simulated data may wonder where the recordings are.
fn others(sheet: &mut Sheet, app: &App, theme: &Theme, data: &DataSet, width: u16) {
    let others: Vec<&str> =
        app.sets.iter().map(String::as_str).filter(|name| *name != data.source.name).collect();
    if !others.is_empty() {
        let key = app.keymap.label(Action::ChooseData, theme.utf8);
        // Not all of many: the key lists them.
        let named = [
            format!(" also here ({key} takes one): {}", others.join(", ")),
            format!(" also here ({key}): {}", others.join(", ")),
            format!(" {} more here ({key} takes one)", counted(others.len(), "set")),
        ];
        sheet.fitting(width.into(), &[(Tone::Caution, &named[..])]);
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
    sheet.sentence(tone, &format!("{text}{way}"));
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

/// Which electrode is pointed at.
fn electrode(sheet: &mut Sheet, app: &App, theme: &Theme, data: &DataSet, width: u16) {
    let row = app.place(Pane::Data).row;
    let Some(name) = data.electrodes.get(row) else { return };
    let which = [format!(" electrode {name}, {} of {}", row + 1, data.electrodes.len())];
    let another = [another(app, theme), String::new()];
    sheet.fitting(width.into(), &[(Tone::Strong, &which[..]), (Tone::Dim, &another[..])]);
}

/// The keys that go to another.
fn another(app: &App, theme: &Theme) -> String {
    let [down, up] = [Action::Down, Action::Up].map(|action| app.keymap.label(action, theme.utf8));
    format!("   ({down} {up} another)")
}

/// Which trial is on show.
fn trial(sheet: &mut Sheet, app: &App, theme: &Theme, data: &DataSet, set: Set, width: u16) {
    let (name, trials) = (set.name(), set.of(data));
    let row = app.place(Pane::Data).row;
    let Some(trial) = trial_at(app, set, row) else {
        return sheet.line(Tone::Caution, format!(" no {name} trials"));
    };
    let class = data.classes.get(trials.labels[trial] as usize).map_or("?", String::as_str);
    let subject = data.subjects.get(usize::from(trials.subjects[trial])).map_or("?", String::as_str);
    let missing = trials.trial(trial).iter().filter(|value| value.is_nan()).count();
    let order = if app.furthest_first { ", outliers first" } else { "" };
    let number = format!(" {name} trial {} of {}", trial + 1, trials.len());
    let which =
        [format!("{number}{order}"), number.clone(), number.trim_start_matches(&format!(" {name}")).into()];
    let whose = [format!("  class {class}  subject {subject}"), format!("  class {class}"), String::new()];
    let part = app.statistics().map(|statistics| &statistics.parts[set as usize]);
    let outlying = part.is_some_and(|part| part.is_outlying(trial));
    let reach = part.and_then(|part| part.reach.get(trial)).filter(|_| app.furthest_first || outlying);
    let reach = [reach.map(|reach| format!("  peak {reach:.1} × usual")).unwrap_or_default(), String::new()];
    let gaps = if missing > 0 { format!("  {missing} samples missing (gaps)") } else { String::new() };
    let gaps = [gaps, if missing > 0 { "  gaps".into() } else { String::new() }];
    let another = [another(app, theme), String::new()];
    let parts = [
        (Tone::Strong, &which[..]),
        (Tone::Plain, &whose[..]),
        (if outlying { Tone::Caution } else { Tone::Dim }, &reach[..]),
        (Tone::Caution, &gaps[..]),
        (Tone::Dim, &another[..]),
    ];
    sheet.fitting(width.into(), &parts);
}
