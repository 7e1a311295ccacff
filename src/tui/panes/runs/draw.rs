//! Draws the list of runs, and under it what the selected one is doing.

use super::columns;
use super::extent::{CURVE, HEAD, list_height};
use crate::tui::app::{App, Popup};
use crate::tui::chart::Chart;
use crate::tui::pane::Pane;
use crate::tui::sheet::alphabet;
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws the pane.
pub fn render(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let height = list_height(app);
    let line = |y: u16| Rect { y: area.y + y, height: 1, ..area }.intersection(area);
    title(app, theme, line(0), frame);
    frame.render_widget(columns::header(app, theme, area.width), line(1));
    if app.list.shown().is_empty() {
        return empty(
            app,
            theme,
            Rect { y: area.y + HEAD, height: area.height.saturating_sub(HEAD), ..area },
            frame,
        );
    }
    let shown = app.list.shown().iter().enumerate().skip(app.list.top).take(height);
    for (place, (index, row)) in shown.enumerate() {
        let Some(run) = app.runs.get(*row) else { continue };
        let chosen = index == app.list.cursor();
        let line_area = line(HEAD + place as u16);
        frame.render_widget(columns::entry(app, theme, run, chosen, area.width), line_area);
        if chosen {
            frame.buffer_mut().set_style(line_area, theme.selected());
        }
    }
    let below = HEAD + height as u16;
    let rest = Rect { y: area.y + below, height: area.height.saturating_sub(below), ..area };
    if rest.height >= CURVE {
        curve(app, theme, rest, frame);
    }
}

/// What the selected run is doing: its curve so far.
fn curve(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let Some(run) = app.selected() else { return };
    let epochs = app.detail(&run.id).map_or(&[][..], |detail| &detail.epochs);
    let place = app.place(Pane::Runs);
    let plot = crate::tui::panes::curves::of_run(epochs, app.plot.metric, &app.plot, place, theme);
    let mut title =
        format!("{} {} seed {}", run.spec.model.title(), run.spec.activation.title(), run.spec.seed);
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
    frame.render_widget(Chart::new(&plot, crate::tui::panes::curves::look(theme)), rest);
}

/// A line across with a title in it.
fn rule(theme: &Theme, title: &str, area: Rect, frame: &mut Frame) {
    let dash = theme.text("─", "-");
    let title = Span::styled(format!(" {title} "), theme.tone(Tone::Strong));
    let room = usize::from(area.width).saturating_sub(title.width() + 2);
    let lead = Span::styled(format!(" {dash}"), theme.tone(Tone::Dim));
    let trail = Span::styled(dash.repeat(room), theme.tone(Tone::Dim));
    frame.render_widget(Line::from(vec![lead, title, trail]), area);
}

fn title(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let dash = theme.text("─", "-");
    let mut spans = vec![Span::styled(format!(" {dash} "), theme.tone(Tone::Dim))];
    match &app.popup {
        Some(Popup::Filter(line)) => {
            spans.push(Span::styled("filter: ", theme.tone(Tone::Strong)));
            spans.extend(crate::tui::sheet::typed(line, usize::from(area.width / 2)));
            spans.push(Span::raw(" "));
        }
        _ if !app.list.filter.is_empty() => {
            spans.push(Span::raw(alphabet(&format!("filter: {} ", app.list.filter), theme.utf8)))
        }
        _ => {}
    }
    if app.list.only.is_some() {
        spans.push(Span::styled("one cell's runs; esc shows all ", theme.tone(Tone::Caution)));
    }
    let (shown, all) = (app.list.shown().len(), app.runs.len());
    let marks = app.list.marks.len();
    let marked = if marks > 0 { format!(" {marks} marked,") } else { String::new() };
    let count =
        if app.list.is_narrowed() { format!(" {shown} of {all} runs ") } else { format!(" {all} runs ") };
    let right = format!("{marked}{count}{dash} ");
    let used: usize = spans.iter().map(Span::width).sum::<usize>() + right.chars().count();
    spans
        .push(Span::styled(dash.repeat(usize::from(area.width).saturating_sub(used)), theme.tone(Tone::Dim)));
    spans.push(Span::styled(right, theme.tone(Tone::Dim)));
    frame.render_widget(Line::from(spans), area);
}

fn empty(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let keys = |action| app.keymap.label(action, theme.utf8);
    use crate::tui::action::Action as A;
    let lines: Vec<String> = if !app.indexed {
        vec!["reading the notebook…".into()]
    } else if app.list.is_narrowed() {
        vec![format!("No run matches. {} shows all again.", keys(A::Back))]
    } else {
        vec![
            "Nothing was trained here yet.".into(),
            String::new(),
            format!("{}  trains EEGNet with ReLU, LeakyReLU and ELU", keys(A::CompareEegNet)),
            format!("{}  trains DeepConvNet with the three", keys(A::CompareDeepConvNet)),
            format!("{}  sweeps ELU's α from 1.0 to 0.1", keys(A::SweepAlpha)),
            format!("{}  asks for anything else", keys(A::NewRun)),
        ]
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
