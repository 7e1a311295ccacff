//! The form that makes a data set of recordings: its rows, what lies in the files, and how far an import is.

use super::form::{marks, prose};
use crate::recording::import::{InspectedFile, Trace, TraceChannel};
use crate::tui::app::App;
use crate::tui::chart::{Chart, Plot, Series, bar};
use crate::tui::import::{Course, Import, Inside, Row, contents};
use crate::tui::panes::{laid, look, stacked};
use crate::tui::sheet::{Sheet, alphabet, typed};
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

/// Columns of the box, and of what stands before what is typed.
const WIDTH: u16 = 96;
const LABEL: usize = 15;
/// Lines of what lies in the files, at least where there is room.
const CONTENTS: u16 = 7;

/// Draws the form.
pub fn render(app: &App, theme: &Theme, form: &Import, area: Rect, frame: &mut Frame) {
    let rows = Row::ALL.len() as u16;
    let folder = "import recordings";
    let inside = super::popup::open(theme, folder, (WIDTH, rows + CONTENTS + 7), area, frame);
    // What has no room is left out: first the keys, then what lies in the files, then what would be accepted.
    let [contents, hint, verdict, keys] = match inside.height {
        24.. => [CONTENTS, 2, 2, 1],
        16.. => [4, 2, 2, 1],
        9.. => [2, 1, 2, 1],
        6.. => [1, 0, 2, 0],
        _ => [0, 0, 1, 0],
    };
    let heights =
        [Constraint::Fill(1)].into_iter().chain([contents, hint, verdict, keys].map(Constraint::Length));
    let [body, within, hint, foot, last] = Layout::vertical(heights).areas(inside);
    if let Some(first) = form.trace
        && let Some((trace, file)) = form.signal()
    {
        let whole = Rect { height: inside.height.saturating_sub(keys), ..inside };
        signal(theme, (trace, file), first, whole, frame);
        return prose(theme, "up and down: other channels; ctrl-t or esc: the form", Tone::Dim, last, frame);
    }
    let wrong = form.wanted().err();
    let wrong_row = wrong.as_ref().map(|complaint| complaint.row);
    self::rows(theme, form, wrong_row, body, frame);
    files(theme, form, within, frame);
    let row = &Row::ALL[form.focus()];
    prose(theme, &format!("{}: {}", row.title, row.hint), Tone::Dim, hint, frame);
    let (said, tone) =
        verdict_of(app, theme, form, wrong.map(|complaint| (complaint.row, complaint.text)), foot);
    prose(theme, &said, tone, foot, frame);
    let keys = match form.course {
        Course::Reading(..) | Course::Stopping => "esc stops",
        _ if form.signal().is_some() => "enter imports, arrows move, ctrl-t shows the signal, esc closes",
        _ => "enter looks and then imports, arrows move, esc closes",
    };
    prose(theme, keys, Tone::Dim, last, frame);
}

/// The beginning of the signal, as many channels as there is room for.
fn signal(
    theme: &Theme,
    (trace, file): (&Trace, &InspectedFile),
    first: usize,
    area: Rect,
    frame: &mut Frame,
) {
    let [title, chart] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(area);
    let laid = laid(trace.channels.len(), first, chart.height);
    let shown = || trace.channels.iter().enumerate().take(laid.to).skip(laid.from);
    let samples = trace.channels.iter().map(|channel| channel.values.len()).max().unwrap_or(0);
    let length = match trace.rate {
        Some(rate) => format!("{} s", (10.0 * samples as f64 / rate).round() / 10.0),
        None => format!("{samples} samples"),
    };
    let what = if file.trials.is_some() { "the first trial" } else { "the beginning" };
    let name = file.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let text = format!("{name}: {what}, {length}; channels {} to {} of {}", laid.from + 1, laid.to, laid.all);
    prose(theme, &text, Tone::Strong, title, frame);
    let step = trace.rate.map_or(1.0, |rate| 1.0 / rate);
    let curve = |(place, channel): (usize, &TraceChannel)| {
        let points = channel.values.iter().enumerate();
        let points = points.map(|(sample, &value)| (sample as f64 * step, f64::from(value)));
        Series::line(alphabet(&channel.name, theme.utf8), theme.series(place), theme.marker(place), points)
    };
    let axes = Plot {
        x_label: if trace.rate.is_some() { "s" } else { "sample" }.into(),
        empty: "every sample is missing".into(),
        ..Plot::default()
    };
    let units: Vec<&str> =
        shown().map(|(_, channel)| channel.unit.as_str()).filter(|unit| !unit.is_empty()).collect();
    let unit = match units[..] {
        [first, ..] if units.iter().all(|unit| unit == &first) => first,
        [] => "of an unknown unit",
        _ => "of several units",
    };
    let mut plot = stacked(shown().map(curve).collect(), unit, axes);
    plot.y_label = alphabet(&plot.y_label, theme.utf8);
    frame.render_widget(Chart::new(&plot, look(theme)), chart);
}

fn rows(theme: &Theme, form: &Import, wrong: Option<usize>, area: Rect, frame: &mut Frame) {
    let height = usize::from(area.height).max(1);
    let top = (form.focus() + 1).saturating_sub(height);
    for (place, (row, line)) in form.rows().enumerate().skip(top).take(height) {
        let spot = Rect { y: area.y + (place - top) as u16, height: 1, ..area }.intersection(area);
        let focused = place == form.focus();
        let tone = if wrong == Some(place) && !line.is_empty() { Tone::Bad } else { Tone::Plain };
        let pointer = if focused { theme.pointer() } else { ' ' };
        let mut spans = vec![Span::styled(format!("{pointer} {:>11}  ", row.title), theme.tone(tone))];
        let room = usize::from(area.width).saturating_sub(LABEL + 1);
        match focused {
            true => spans.extend(typed(line, room)),
            false => spans.push(Span::raw(crate::tui::sheet::cut(
                &alphabet(&line.text(), theme.utf8),
                room,
                theme,
            ))),
        }
        frame.render_widget(Line::from(spans), spot);
    }
    marks(theme, top, Row::ALL.len().saturating_sub(top + height), area, frame);
}

/// What lies in the files, or the paths that go on as what is typed.
fn files(theme: &Theme, form: &Import, area: Rect, frame: &mut Frame) {
    let mut sheet = Sheet::new(theme);
    if !form.candidates.is_empty() {
        let names: Vec<&str> = form
            .candidates
            .iter()
            .map(|path| path.trim_end_matches('/').rsplit_once('/').map_or(path.as_str(), |(_, name)| name))
            .collect();
        sheet.prose(Tone::Dim, &names.join("  "), area.width.into());
        return sheet.render(0, area, frame);
    }
    match &form.inside {
        Inside::Unknown => {}
        Inside::Looking(_) => sheet.line(Tone::Dim, " looking into the files …"),
        Inside::Unreadable(_, reason) => sheet.prose(Tone::Bad, reason, area.width.into()),
        Inside::Known(_, inspected) => {
            contents(inspected).iter().for_each(|line| sheet.line(Tone::Plain, format!(" {line}")));
        }
    }
    sheet.render(0, area, frame);
}

/// What Enter would do, what is wrong and where, or how far the import is.
fn verdict_of(
    app: &App,
    theme: &Theme,
    form: &Import,
    wrong: Option<(usize, String)>,
    area: Rect,
) -> (String, Tone) {
    match (&form.course, wrong) {
        (Course::Reading(read, all), _) => {
            let share = if *all == 0 { 0.0 } else { *read as f64 / *all as f64 };
            let width = usize::from(area.width).saturating_sub(30).clamp(5, 40);
            let megabytes = |bytes: u64| bytes as f64 / 1e6;
            let (read, all) = (megabytes(*read), megabytes(*all));
            (format!("reading {} {read:.1} of {all:.1} MB", bar(share, width, theme.utf8)), Tone::Active)
        }
        (Course::Stopping, _) => ("stopping …".into(), Tone::Caution),
        (Course::Refused(reason), _) => (reason.clone(), Tone::Bad),
        (Course::Asking, Some((row, text))) => {
            // Nothing is wrong with a form that nothing was typed into.
            let tone = if row == form.focus() && form.rows().nth(row).is_some_and(|(_, line)| line.is_empty())
            {
                Tone::Dim
            } else {
                Tone::Bad
            };
            (format!("{}: {text}", Row::ALL[row].title), tone)
        }
        (Course::Asking, None) => match form.wanted() {
            Ok(Some(wanted)) if app.sets.contains(&wanted.name) => {
                (format!("there is a data set '{}' already; give it another name", wanted.name), Tone::Bad)
            }
            Ok(Some(wanted)) => (format!("enter makes the data set '{}'", wanted.name), Tone::Good),
            _ => ("enter looks into the files".into(), Tone::Dim),
        },
    }
}
