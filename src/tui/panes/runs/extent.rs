//! How many lines the list of runs takes.

use crate::tui::app::App;
use crate::tui::regions::body;

/// Lines above the first run: the filter, and the columns' names.
pub const HEAD: u16 = 2;

/// Lines of the curve under the list; less is no curve.
pub(super) const CURVE: u16 = 8;

/// Lines of the list above a curve, at least.
const FEWEST: usize = 6;

/// How many runs the list shows at once.
pub fn list_height(app: &App) -> usize {
    let body = body(app.size);
    let room = usize::from(body.height.saturating_sub(HEAD));
    if room < CURVE as usize + FEWEST {
        return room.max(1);
    }
    // A short list leaves its room to the curve. What a filter hides counts: the curve should not jump while one types.
    app.runs.len().clamp(FEWEST, room.div_ceil(2))
}
