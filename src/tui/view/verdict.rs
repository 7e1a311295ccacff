//! How the verdict on a cell came about: its runs, numbers and formulas.

use super::popup;
use crate::tui::app::App;
use crate::tui::panes;
use crate::tui::sheet::Sheet;
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::Rect;

/// Draws the explanation from its `top`-th paragraph on.
pub fn render(app: &App, theme: &Theme, top: usize, area: Rect, frame: &mut Frame) {
    let size = (area.width.saturating_sub(4).min(110), area.height.saturating_sub(2).min(34));
    let inside = popup::open(theme, "why (j k scroll, esc closes)", size, area, frame);
    let mut sheet = Sheet::new(theme);
    for (place, line) in panes::explanation(app).iter().enumerate().skip(top) {
        let tone = if place == 0 { Tone::Strong } else { Tone::Plain };
        sheet.prose(tone, line, inside.width.into());
    }
    sheet.render(0, inside, frame);
}
