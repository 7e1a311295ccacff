//! `:`: every action of the pane by name, with its key.

use crate::tui::app::App;
use crate::tui::offers;
use crate::tui::palette::Palette;
use crate::tui::sheet::alphabet;
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws the palette.
pub fn render(app: &App, theme: &Theme, palette: &Palette, area: Rect, frame: &mut Frame) {
    let inside = super::popup::open(theme, "find an action", (100, 16), area, frame);
    let line = |y: u16| Rect { y: inside.y + y, height: 1, ..inside }.intersection(inside);
    let mut prompt = vec![Span::styled(": ", theme.tone(Tone::Strong))];
    prompt.extend(crate::tui::sheet::typed(&palette.line, usize::from(inside.width.saturating_sub(3))));
    frame.render_widget(Line::from(prompt), line(0));
    let matches = palette.matches(&app.keymap, app.pane);
    let height = usize::from(inside.height.saturating_sub(1));
    let top = (palette.chosen + 1).saturating_sub(height);
    for (place, (index, binding)) in matches.iter().enumerate().skip(top).take(height).enumerate() {
        let chosen = index == palette.chosen;
        let pointer = if chosen { theme.pointer() } else { ' ' };
        let key = binding.keys.first().map(|key| key.label(theme.utf8)).unwrap_or_default();
        let room = usize::from(inside.width).saturating_sub(33);
        // Less than a few words say nothing.
        let room = if room < 12 { 0 } else { room };
        let help = match offers::trains(app, binding.action) {
            Some(extent) => format!("{extent}: {}", binding.help),
            None => binding.help.clone(),
        };
        let help = crate::tui::sheet::cut(&alphabet(&help, theme.utf8), room, theme);
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
    if matches.is_empty() {
        frame.render_widget(Line::styled("  nothing is called that", theme.tone(Tone::Dim)), line(1));
    }
}
