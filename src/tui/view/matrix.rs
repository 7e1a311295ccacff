//! Model × activation: what the runs of a recipe say together.

use crate::spec::Spec;
use crate::tui::app::{App, Extent, Format};
use crate::tui::theme::{Theme, Tone};
use crate::tui::view::Open;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Draws the pane.
pub fn render(_app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    frame.render_widget(Line::styled("Matrix", theme.tone(Tone::Strong)), area);
}

/// How far its cursor can go.
pub fn extent(_app: &App) -> Extent {
    Extent::default()
}

/// What it gives to the clipboard.
pub fn copied(_app: &App, _format: Format) -> Option<String> {
    None
}

/// What Enter opens.
pub fn opened(_app: &App) -> Option<Open> {
    None
}

/// The specs that the selected cell lacks.
pub fn missing(_app: &App) -> Vec<Spec> {
    Vec::new()
}
