//! The networks layer by layer, and the activation functions.

use crate::tui::app::{App, Extent, Format};
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Draws the pane.
pub fn render(_app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    frame.render_widget(Line::styled("Models", theme.tone(Tone::Strong)), area);
}

/// How far its cursor can go.
pub fn extent(_app: &App) -> Extent {
    Extent::default()
}

/// What it gives to the clipboard.
pub fn copied(_app: &App, _format: Format) -> Option<String> {
    None
}
