//! Boxes over the pane: their frame, a line and a page being typed, a question.

use crate::tui::app::App;
use crate::tui::input;
use crate::tui::notes::Notes;
use crate::tui::plot::Metric;
use crate::tui::regions::{inside, is_frameless, outline};
use crate::tui::sheet::{Sheet, cut, folded, typed};
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear};

/// Opens a box in the middle, as large as asked for or as there is room, and gives its inside.
pub fn open(theme: &Theme, title: &str, size: (u16, u16), area: Rect, frame: &mut Frame) -> Rect {
    let spot = outline(size, area);
    let title = cut(title, usize::from(spot.width.saturating_sub(4)), theme);
    frame.render_widget(Clear, spot);
    if is_frameless(area) {
        frame.render_widget(Line::styled(title.to_string(), theme.tone(Tone::Strong)), spot);
    } else {
        let block = Block::bordered()
            .border_set(theme.border())
            .title(Span::styled(format!(" {title} "), theme.tone(Tone::Strong)));
        frame.render_widget(block, spot);
    }
    inside(size, area)
}

/// Labels being typed.
pub fn tags(app: &App, theme: &Theme, line: &input::Line, area: Rect, frame: &mut Frame) {
    let count = app.targets().len();
    let title = if count == 1 { "tags".into() } else { format!("tags of {count} runs") };
    ask(theme, &title, line, "words between blanks; enter keeps, esc leaves them", area, frame);
}

/// A trial's number being typed.
pub fn trial(app: &App, theme: &Theme, line: &input::Line, area: Rect, frame: &mut Frame) {
    let hint = format!("1 to {}; enter goes there, esc stays", crate::tui::panes::extent(app).rows);
    ask(theme, "number of a trial", line, &hint, area, frame);
}

/// Ends of an axis being typed.
pub fn limits(app: &App, theme: &Theme, line: &input::Line, area: Rect, frame: &mut Frame) {
    let what = match app.plots.of(app.pane).metric {
        Metric::Accuracy => "accuracy %",
        Metric::Loss => "loss",
    };
    let hint = "two numbers, such as 60 100; nothing: as the data are";
    ask(theme, &format!("ends of the vertical axis: {what}"), line, hint, area, frame);
}

/// A line being typed, with what it is for.
fn ask(theme: &Theme, title: &str, line: &input::Line, hint: &str, area: Rect, frame: &mut Frame) {
    let hints = folded(hint, inside((60, 4), area).width.into(), 3, theme);
    let inside = open(theme, title, (60, hints.len() as u16 + 3), area, frame);
    frame.render_widget(Line::from(typed(line, inside.width.into())), inside);
    for (place, hint) in hints.into_iter().enumerate() {
        let below = Rect { y: inside.y + 1 + place as u16, height: 1, ..inside }.intersection(inside);
        frame.render_widget(Line::styled(hint, theme.tone(Tone::Dim)), below);
    }
}

/// Notes being typed.
pub fn notes(theme: &Theme, notes: &Notes, area: Rect, frame: &mut Frame) {
    let page = &notes.page;
    let size = (area.width.saturating_sub(6).min(90), area.height.saturating_sub(4).min(24));
    let inside = open(theme, &format!("notes: {}", notes.id), size, area, frame);
    let height = usize::from(inside.height.saturating_sub(1)).max(1);
    let top = (page.row() + 1).saturating_sub(height);
    for (place, (row, line)) in page.lines().iter().enumerate().skip(top).take(height).enumerate() {
        let spot = Rect { y: inside.y + place as u16, height: 1, ..inside }.intersection(inside);
        let line = if row == page.row() {
            Line::from(typed(line, inside.width.into()))
        } else {
            Line::raw(line.text())
        };
        frame.render_widget(line, spot);
    }
    let hint = Rect { y: inside.bottom().saturating_sub(1), height: 1, ..inside };
    let text = if notes.read.is_some() { "esc keeps and closes" } else { "reading the notes" };
    frame.render_widget(Line::styled(text, theme.tone(Tone::Dim)), hint);
}

/// A question before what can't be undone.
pub fn confirm(theme: &Theme, question: &str, area: Rect, frame: &mut Frame) {
    let width = 64.min(area.width);
    let mut text = Sheet::new(theme);
    text.prose(Tone::Plain, question, usize::from(inside((width, 6), area).width).max(1));
    let inside = open(theme, "sure?", (width, text.len() as u16 + 4), area, frame);
    // The answers stay, however long the question is.
    let rows = [Constraint::Fill(1), Constraint::Length(1)];
    let [body, answers] = Layout::vertical(rows).areas(inside);
    text.render(0, body, frame);
    frame.render_widget(Line::raw(" y yes   n no"), answers);
}
