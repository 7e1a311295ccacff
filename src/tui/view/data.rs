//! The recordings: checks, and the trials themselves.

use crate::tui::app::{App, Extent};
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Draws the pane.
pub fn render(_app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    frame.render_widget(Line::styled("Data", theme.tone(Tone::Strong)), area);
}

/// How far its cursor can go.
pub fn extent(_app: &App) -> Extent {
    Extent::default()
}
