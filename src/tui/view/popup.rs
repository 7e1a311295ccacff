//! Boxes over the pane: their frame, a line and a page being typed, a question.

use crate::tui::app::App;
use crate::tui::input;
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph, Wrap};

/// Opens a box in the middle, as large as asked for or as there is room, and gives its inside.
pub fn open(theme: &Theme, title: &str, size: (u16, u16), area: Rect, frame: &mut Frame) -> Rect {
    let (width, height) = (size.0.min(area.width), size.1.min(area.height));
    let x = area.x + (area.width - width) / 2;
    let spot = Rect { x, y: area.y + (area.height - height) / 2, width, height };
    frame.render_widget(Clear, spot);
    // On a small screen the lines of a frame are better spent on what it frames.
    if area.width < 30 || area.height < 9 {
        frame.render_widget(Line::styled(title.to_string(), theme.tone(Tone::Strong)), spot);
        return Rect { y: spot.y + 1, height: spot.height.saturating_sub(1), ..spot };
    }
    let block = Block::bordered()
        .border_set(theme.border())
        .title(Span::styled(format!(" {title} "), theme.tone(Tone::Strong)));
    let inside = block.inner(spot);
    frame.render_widget(block, spot);
    Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside }
}

/// A line being typed, scrolled so that its cursor is on show.
pub fn typed<'a>(line: &input::Line, width: usize) -> Vec<Span<'a>> {
    let letters: Vec<char> = line.text().chars().chain([' ']).collect();
    let start = (line.cursor() + 1).saturating_sub(width.max(1));
    let piece = |range: std::ops::Range<usize>| letters[range].iter().collect::<String>();
    let end = letters.len().min(start + width.max(1));
    let cursor = Style::new().add_modifier(Modifier::REVERSED | Modifier::UNDERLINED);
    vec![
        Span::raw(piece(start..line.cursor())),
        Span::styled(piece(line.cursor()..line.cursor() + 1), cursor),
        Span::raw(piece((line.cursor() + 1).min(end)..end)),
    ]
}

/// Labels being typed.
pub fn tags(app: &App, theme: &Theme, line: &input::Line, area: Rect, frame: &mut Frame) {
    let count = app.targets().len();
    let title = if count == 1 { "tags".into() } else { format!("tags of {count} runs") };
    let inside = open(theme, &title, (60, 4), area, frame);
    frame.render_widget(Line::from(typed(line, inside.width.into())), inside);
    let hint = Rect { y: inside.y + 1, height: 1, ..inside }.intersection(inside);
    frame.render_widget(
        Line::styled("words between blanks; enter keeps, esc leaves them", theme.tone(Tone::Dim)),
        hint,
    );
}

/// Notes being typed.
pub fn notes(theme: &Theme, id: &str, page: &input::Page, area: Rect, frame: &mut Frame) {
    let size = (area.width.saturating_sub(6).min(90), area.height.saturating_sub(4).min(24));
    let inside = open(theme, &format!("notes: {id}"), size, area, frame);
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
    frame.render_widget(Line::styled("esc keeps and closes", theme.tone(Tone::Dim)), hint);
}

/// A question before what can't be undone.
pub fn confirm(theme: &Theme, question: &str, area: Rect, frame: &mut Frame) {
    let inside = open(theme, "sure?", (64, 6), area, frame);
    let text = format!("{question}\n\ny yes   n no");
    frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), inside);
}
