//! `?`: every key of the pane on show.

use super::popup;
use crate::tui::app::{App, Popup};
use crate::tui::reading;
use crate::tui::sheet::Sheet;
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::Rect;

/// Draws the help from its `top`-th line on.
pub fn render(app: &App, theme: &Theme, top: usize, area: Rect, frame: &mut Frame) {
    let mut sheet = Sheet::new(theme);
    for (binding, text) in reading::help(app) {
        let keys = binding.map_or(&[][..], |binding| &binding.keys);
        let keys: Vec<String> = keys.iter().map(|key| key.label(theme.utf8)).collect();
        let keys = format!("{:>width$}  ", keys.join(" "), width = reading::KEYS);
        sheet.parts([(Tone::Strong, keys), (Tone::Plain, text)]);
    }
    let title = format!("keys of {} (j k scroll, esc closes)", app.pane.title());
    let inside = popup::open(theme, &title, reading::help_size(app), area, frame);
    sheet.render(top.min(reading::end(app, &Popup::Help(top))), inside, frame);
}
