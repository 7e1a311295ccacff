//! `:`: every action of the pane by name, with its key.

use super::form::marks;
use crate::tui::app::App;
use crate::tui::keymap::Binding;
use crate::tui::offers;
use crate::tui::palette::Palette;
use crate::tui::sheet::{alphabet, cut, folded};
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Columns from which on a line holds most of what is said of an action.
const WIDE: u16 = 96;

/// Draws the palette.
pub fn render(app: &App, theme: &Theme, palette: &Palette, area: Rect, frame: &mut Frame) {
    let [title, short] = ["find an action (enter does it, esc closes)", "find an action"];
    let fits = title.len() + 4 <= usize::from(area.width);
    let inside = super::popup::open(theme, if fits { title } else { short }, (100, 18), area, frame);
    let line = |y: u16| Rect { y: inside.y + y, height: 1, ..inside }.intersection(inside);
    let mut prompt = vec![Span::styled(": ", theme.tone(Tone::Strong))];
    prompt.extend(crate::tui::sheet::typed(&palette.line, usize::from(inside.width.saturating_sub(3))));
    frame.render_widget(Line::from(prompt), line(0));
    let matches = palette.matches(&app.keymap, app.pane);
    // Where a line can't hold what an action does, it is said of the chosen one in full below.
    let below = if inside.width < WIDE && inside.height >= 8 { 2 } else { 0 };
    let height = usize::from(inside.height.saturating_sub(1 + below)).max(1);
    let top = (palette.chosen + 1).saturating_sub(height);
    for (place, (index, binding)) in matches.iter().enumerate().skip(top).take(height).enumerate() {
        let chosen = index == palette.chosen;
        let pointer = if chosen { theme.pointer() } else { ' ' };
        let key = binding.keys.first().map(|key| key.label(theme.utf8)).unwrap_or_default();
        let room = usize::from(inside.width).saturating_sub(33);
        // Less than a few words say nothing.
        let room = if room < 12 { 0 } else { room };
        let help = cut(&alphabet(&help(app, binding), theme.utf8), room, theme);
        let name = binding.action.name().replace('_', " ");
        let entry = Line::from(vec![
            Span::raw(format!("{pointer} ")),
            Span::styled(format!("{key:>9}  "), theme.tone(Tone::Strong)),
            Span::raw(format!("{name:<19} ")),
            Span::styled(help, theme.tone(Tone::Dim)),
        ]);
        frame.render_widget(entry, line(1 + place as u16));
        if chosen {
            frame.buffer_mut().set_style(line(1 + place as u16), theme.selected());
        }
    }
    let listed = Rect { y: inside.y + 1, height: height as u16, ..inside }.intersection(inside);
    marks(theme, top, matches.len().saturating_sub(top + height), listed, frame);
    if let Some(binding) = matches.get(palette.chosen).filter(|_| below > 0) {
        let lines = folded(&help(app, binding), inside.width.into(), below.into(), theme);
        for (place, text) in lines.into_iter().enumerate() {
            let spot = line(inside.height.saturating_sub(below) + place as u16);
            frame.render_widget(Line::styled(text, theme.tone(Tone::Dim)), spot);
        }
    }
    if matches.is_empty() {
        frame.render_widget(Line::styled("  nothing is called that", theme.tone(Tone::Dim)), line(1));
    }
}

/// What an action does, with how much it would train.
fn help(app: &App, binding: &Binding) -> String {
    match offers::trains(app, binding.action) {
        Some(extent) => format!("{extent}: {}", binding.help),
        None => binding.help.clone(),
    }
}
