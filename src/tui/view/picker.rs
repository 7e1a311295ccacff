//! A list to choose from, narrowed by what is typed.

use crate::tui::app::App;
use crate::tui::choices;
use crate::tui::picker::{Entry, Picker};
use crate::tui::sheet::{alphabet, cut, typed};
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws the list.
pub fn render(app: &App, theme: &Theme, picker: &Picker, area: Rect, frame: &mut Frame) {
    let inside = super::popup::open(theme, picker.purpose.title(), (110, 20), area, frame);
    let line = |y: u16| Rect { y: inside.y + y, height: 1, ..inside }.intersection(inside);
    let mut prompt = vec![Span::styled("find: ", theme.tone(Tone::Strong))];
    prompt.extend(typed(&picker.line, usize::from(inside.width.saturating_sub(7))));
    frame.render_widget(Line::from(prompt), line(0));
    let entries = choices::entries(app, picker);
    let height = usize::from(inside.height.saturating_sub(1)).max(1);
    let top = (picker.chosen + 1).saturating_sub(height);
    let widest = entries.iter().map(|entry| entry.name.chars().count()).max().unwrap_or(0);
    for (place, (index, entry)) in entries.iter().enumerate().skip(top).take(height).enumerate() {
        let chosen = index == picker.chosen;
        let spot = line(1 + place as u16);
        let width = usize::from(inside.width);
        frame.render_widget(Line::from(spans(theme, entry, chosen, (widest.min(40), width))), spot);
        if chosen {
            frame.buffer_mut().set_style(spot, theme.selected());
        }
    }
    if entries.is_empty() {
        frame.render_widget(Line::styled("  nothing is called that", theme.tone(Tone::Dim)), line(1));
    }
}

fn spans<'a>(theme: &Theme, entry: &Entry, chosen: bool, (widest, width): (usize, usize)) -> Vec<Span<'a>> {
    let pointer = if chosen { theme.pointer() } else { ' ' };
    let on = match entry.on {
        None => "",
        Some(true) => theme.text("◆ ", "* "),
        Some(false) => "  ",
    };
    let name = cut(&alphabet(&entry.name, theme.utf8), widest, theme);
    let room = width.saturating_sub(widest + 6);
    let about = cut(&alphabet(&entry.about, theme.utf8), room, theme);
    vec![
        Span::raw(format!("{pointer} {on}")),
        Span::styled(format!("{name:<widest$}  "), theme.tone(Tone::Strong)),
        Span::styled(about, theme.tone(Tone::Dim)),
    ]
}
