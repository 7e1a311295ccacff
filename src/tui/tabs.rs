//! The panes' names above the pane: what stands there, and which is under a column.

use super::action::Action;
use super::app::App;
use super::pane::Pane;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// A tab's text: where there is little room, only the one on show has its name.
pub fn tab(app: &App, pane: Pane, width: u16) -> String {
    let key = app.keymap.label(Action::Show(pane), false);
    match (pane == app.pane, width) {
        (true, _) => format!("[{key} {}]", pane.title()),
        (false, 96..) => format!(" {key} {} ", pane.title()),
        (false, 72..) => format!("{key} {} ", pane.title()),
        (false, _) => format!("{key} "),
    }
}

/// The tab under a column.
pub fn at(app: &App, area: Rect, column: u16) -> Option<Pane> {
    let mut end = area.x + 1;
    Pane::ALL.into_iter().find(|pane| {
        end += tab(app, *pane, area.width).width() as u16;
        column > area.x && column < end
    })
}
