//! `?`: every key of the pane on show.

use super::sheet::alphabet;
use crate::tui::app::App;
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws the help from its `top`-th line on.
pub fn render(app: &App, theme: &Theme, top: usize, area: Rect, frame: &mut Frame) {
    let bindings: Vec<_> = app.keymap.of(app.pane).filter(|binding| !binding.keys.is_empty()).collect();
    let size = (78, bindings.len() as u16 + 4);
    let title = format!("keys of {} (j k scroll, esc closes)", app.pane.title());
    let inside = super::popup::open(theme, &title, size, area, frame);
    let height = usize::from(inside.height);
    let top = top.min(bindings.len().saturating_sub(height));
    for (place, binding) in bindings.into_iter().skip(top).take(height).enumerate() {
        let keys: Vec<String> = binding.keys.iter().map(|key| key.label(theme.utf8)).collect();
        let help = alphabet(binding.help, theme.utf8);
        let line = Line::from(vec![
            Span::styled(format!("{:>13}  ", keys.join(" ")), theme.tone(Tone::Strong)),
            Span::raw(help),
        ]);
        frame.render_widget(line, Rect { y: inside.y + place as u16, height: 1, ..inside });
    }
}
