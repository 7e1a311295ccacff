//! `?`: every key of the pane on show.

use super::popup;
use super::sheet::Sheet;
use crate::tui::app::App;
use crate::tui::keymap::Binding;
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::Rect;

/// Columns of the box.
const WIDTH: u16 = 78;

fn bindings(app: &App) -> impl Iterator<Item = &Binding> {
    app.keymap.of(app.pane).filter(|binding| !binding.keys.is_empty())
}

/// Draws the help from its `top`-th line on.
pub fn render(app: &App, theme: &Theme, top: usize, area: Rect, frame: &mut Frame) {
    let mut sheet = Sheet::new(theme);
    for binding in bindings(app) {
        let keys: Vec<String> = binding.keys.iter().map(|key| key.label(theme.utf8)).collect();
        let keys = format!("{:>13}  ", keys.join(" "));
        sheet.parts([(Tone::Strong, keys), (Tone::Plain, binding.help.to_owned())]);
    }
    let title = format!("keys of {} (j k scroll, esc closes)", app.pane.title());
    let inside = popup::open(theme, &title, (WIDTH, sheet.len() as u16 + 2), area, frame);
    sheet.render(top.min(end(app)), inside, frame);
}

/// The first line on show when the last one is.
pub fn end(app: &App) -> usize {
    let lines = bindings(app).count();
    let area = Rect::new(0, 0, app.size.0, app.size.1);
    lines.saturating_sub(popup::inside((WIDTH, lines as u16 + 2), area).height.into())
}
