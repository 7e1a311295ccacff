//! How far what is read in a box over the pane can be scrolled.

use super::app::{App, Popup};
use super::keymap::Binding;
use super::panes;
use super::regions;
use super::sheet::broken;
use ratatui::layout::Rect;

/// Columns of the box with the keys.
const WIDTH: u16 = 78;

/// What the help of the pane on show lists.
pub fn keys(app: &App) -> impl Iterator<Item = &Binding> {
    app.keymap.of(app.pane).filter(|binding| !binding.keys.is_empty())
}

/// Columns of the names of keys.
pub const KEYS: usize = 13;

/// The keys' lines: whose they are, where one begins, and a piece of what it does that fits beside them.
pub fn help<'a>(app: &'a App) -> Vec<(Option<&'a Binding>, String)> {
    let width = regions::inside((WIDTH, app.size.1), whole(app)).width;
    let room = usize::from(width).saturating_sub(KEYS + 2);
    let lines = |binding: &'a Binding| {
        let pieces = broken(&binding.help, room).into_iter().enumerate();
        pieces.map(move |(place, piece)| ((place == 0).then_some(binding), piece))
    };
    keys(app).flat_map(lines).collect()
}

/// The size of the box with the keys, its frame included.
pub fn help_size(app: &App) -> (u16, u16) {
    (WIDTH, help(app).len() as u16 + 2)
}

fn whole(app: &App) -> Rect {
    Rect::new(0, 0, app.size.0, app.size.1)
}

/// The first line on show when the last one is; of messages, the number of the oldest.
pub fn end(app: &App, popup: &Popup) -> usize {
    match popup {
        Popup::Help(_) => {
            let shown = regions::inside(help_size(app), whole(app)).height;
            help(app).len().saturating_sub(shown.into())
        }
        Popup::Verdict(_) => panes::explanation(app).len().saturating_sub(1),
        Popup::Messages(_) => app.messages.newest_first().len().saturating_sub(1),
        _ => 0,
    }
}
