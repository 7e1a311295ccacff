//! How many lines the list of runs takes.

use super::unread;
use crate::tui::app::App;
use crate::tui::regions::body;
use ratatui::layout::{Constraint, Layout, Rect};

/// Lines above the first run: the filter, and the columns' names.
pub const HEAD: u16 = 2;

/// Lines of the curve under the list; less is no curve.
pub(super) const CURVE: u16 = 8;

/// Lines of the list above a curve, at least.
const FEWEST: usize = 6;

/// Columns from which on the list, the curves and the recipe stand side by side.
const WIDE: u16 = 120;

/// Columns from which on the recipe has a column of its own.
const WIDEST: u16 = 170;

/// Lines of a recipe under the list.
const RECIPE: u16 = 15;

/// Where the parts of a wide window lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wide {
    /// The list, with what stands above it.
    pub list: Rect,
    /// Accuracy and loss.
    pub curves: Rect,
    /// What was asked; empty where there is no room.
    pub recipe: Rect,
}

/// How a window is divided that is wide enough to be; `None` where the curve lies under the list.
pub fn wide(area: Rect) -> Option<Wide> {
    if area.width < WIDE || area.height < CURVE + HEAD {
        return None;
    }
    if area.width >= WIDEST {
        // Half of the window, so that a wider one shows more columns and a longer curve.
        let spaces = [Constraint::Length(area.width / 2), Constraint::Fill(1), Constraint::Length(42)];
        let [list, curves, recipe] = Layout::horizontal(spaces).spacing(1).areas(area);
        return Some(Wide { list, curves, recipe });
    }
    let [left, curves] =
        Layout::horizontal([Constraint::Length(78), Constraint::Fill(1)]).spacing(1).areas(area);
    let below = if area.height >= RECIPE + 12 { RECIPE } else { 0 };
    let [list, recipe] = Layout::vertical([Constraint::Fill(1), Constraint::Length(below)]).areas(left);
    Some(Wide { list, curves, recipe })
}

/// Whether the pane is divided so now.
pub fn is_wide(app: &App) -> bool {
    wide(body(app.size)).is_some()
}

/// How many runs the list shows at once.
pub fn list_height(app: &App) -> usize {
    let body = body(app.size);
    if let Some(wide) = wide(body) {
        let room = usize::from(wide.list.height.saturating_sub(HEAD));
        return (room - unread::height(app, room)).max(1);
    }
    let room = usize::from(body.height.saturating_sub(HEAD));
    let room = room - unread::height(app, room);
    if room < CURVE as usize + FEWEST {
        return room.max(1);
    }
    // A short list leaves its room to the curve. What a filter hides counts: the curve should not jump while one types.
    app.runs.len().clamp(FEWEST, room.div_ceil(2))
}
