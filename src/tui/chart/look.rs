//! The styles of a chart.

use ratatui::style::Style;

/// How everything but the curves looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Whether the terminal shows Unicode; else all is ASCII.
    pub utf8: bool,
    /// Axes and their labels.
    pub axis: Style,
    /// Title, names and readings.
    pub text: Style,
    /// The cursor.
    pub cursor: Style,
}
