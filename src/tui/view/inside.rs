//! What is inside the cell under the cursor.

use super::popup;
use crate::tui::app::App;
use crate::tui::panes;
use crate::tui::theme::Theme;
use ratatui::Frame;
use ratatui::layout::Rect;

/// Draws the box.
pub fn render(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let size = (area.width.saturating_sub(4).min(110), area.height.saturating_sub(2).min(36));
    let inside = popup::open(theme, "inside the cell (any key closes)", size, area, frame);
    panes::inside(app, theme, inside, frame);
}
