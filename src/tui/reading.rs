//! How far what is read in a box over the pane can be scrolled.

use super::app::{App, Popup};
use super::keymap::Binding;
use super::panes;
use super::regions;
use ratatui::layout::Rect;

/// Columns of the box with the keys.
const WIDTH: u16 = 78;

/// What the help of the pane on show lists.
pub fn keys(app: &App) -> impl Iterator<Item = &Binding> {
    app.keymap.of(app.pane).filter(|binding| !binding.keys.is_empty())
}

/// The size of the box with the keys, its frame included.
pub fn help_size(app: &App) -> (u16, u16) {
    (WIDTH, keys(app).count() as u16 + 2)
}

/// The first line on show when the last one is; of messages, the number of the oldest.
pub fn end(app: &App, popup: &Popup) -> usize {
    match popup {
        Popup::Help(_) => {
            let area = Rect::new(0, 0, app.size.0, app.size.1);
            let (width, height) = help_size(app);
            keys(app).count().saturating_sub(regions::inside((width, height), area).height.into())
        }
        Popup::Verdict(_) => panes::explanation(app).len().saturating_sub(1),
        Popup::Messages(_) => app.messages.newest_first().len().saturating_sub(1),
        _ => 0,
    }
}
