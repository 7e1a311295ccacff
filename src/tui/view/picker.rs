//! A list to choose from, narrowed by what is typed.

use super::form::marks;
use crate::tui::app::App;
use crate::tui::choices;
use crate::tui::picker::{Entry, Picker};
use crate::tui::sheet::{alphabet, cut, folded, pad, typed};
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Columns from which on a line holds most of what is said of an entry.
const WIDE: u16 = 100;

/// Draws the list.
pub fn render(app: &App, theme: &Theme, picker: &Picker, area: Rect, frame: &mut Frame) {
    let purpose = picker.purpose;
    let title = format!("{} ({})", purpose.title(), purpose.keys());
    let fits = title.chars().count() + 4 <= usize::from(area.width);
    let inside =
        super::popup::open(theme, if fits { &title } else { purpose.title() }, (110, 20), area, frame);
    let line = |y: u16| Rect { y: inside.y + y, height: 1, ..inside }.intersection(inside);
    let mut prompt = vec![Span::styled("find: ", theme.tone(Tone::Strong))];
    prompt.extend(typed(&picker.line, usize::from(inside.width.saturating_sub(7))));
    frame.render_widget(Line::from(prompt), line(0));
    let entries = choices::entries(app, picker);
    // Where a line can't hold what is said of an entry, it is said of the chosen one in full below.
    let below = if inside.width < WIDE { (inside.height / 2).min(4) } else { 0 };
    let height = usize::from(inside.height.saturating_sub(1 + below)).max(1);
    let top = (picker.chosen + 1).saturating_sub(height);
    let widest = entries.iter().map(|entry| entry.name.width()).max().unwrap_or(0);
    for (place, (index, entry)) in entries.iter().enumerate().skip(top).take(height).enumerate() {
        let chosen = index == picker.chosen;
        let spot = line(1 + place as u16);
        let width = usize::from(inside.width);
        frame.render_widget(Line::from(spans(theme, entry, chosen, (widest.min(40), width))), spot);
        if chosen {
            frame.buffer_mut().set_style(spot, theme.selected());
        }
    }
    let listed = Rect { y: inside.y + 1, height: height as u16, ..inside }.intersection(inside);
    marks(theme, top, entries.len().saturating_sub(top + height), listed, frame);
    if let Some(entry) = entries.get(picker.chosen).filter(|_| below > 0) {
        let keys = if fits { String::new() } else { format!(" ({})", purpose.keys()) };
        let text = format!("{}: {}{keys}", entry.name, entry.about);
        let lines = folded(&text, inside.width.into(), below.into(), theme);
        for (place, text) in lines.into_iter().enumerate() {
            let spot = line(inside.height.saturating_sub(below) + place as u16);
            frame.render_widget(Line::styled(text, theme.tone(Tone::Dim)), spot);
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
        Span::styled(pad(&name, widest + 2), theme.tone(Tone::Strong)),
        Span::styled(about, theme.tone(Tone::Dim)),
    ]
}
