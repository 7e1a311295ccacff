//! The mouse: what lies under it, and what a click or the wheel does there.

use super::act;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::effect::{Effect, Mouse};
use crate::tui::pane::Pane;
use crate::tui::panes::runs;
use crate::tui::regions::{Regions, is_too_small};
use crate::tui::tabs;
use ratatui::layout::Rect;

/// What lies under the mouse.
enum Target {
    /// A tab.
    Pane(Pane),
    /// A line of the list of runs.
    Run(usize),
}

/// Takes in what the mouse did.
pub fn point(app: &mut App, mouse: Mouse) -> Vec<Effect> {
    if app.popup.is_some() || is_too_small(app.size) {
        return Vec::new();
    }
    match mouse {
        Mouse::Wheel(lines) if lines < 0 => act(app, Action::Up),
        Mouse::Wheel(_) => act(app, Action::Down),
        Mouse::Click(column, row) => match target(app, column, row) {
            Some(Target::Pane(pane)) => act(app, Action::Show(pane)),
            Some(Target::Run(line)) => {
                let runs = app.runs.clone();
                app.list.select(line, &runs);
                Vec::new()
            }
            None => Vec::new(),
        },
    }
}

/// What lies under a column and row of the screen.
fn target(app: &App, column: u16, row: u16) -> Option<Target> {
    let regions = Regions::of(Rect::new(0, 0, app.size.0, app.size.1));
    if row == regions.tabs.y {
        return tabs::at(app, regions.tabs, column).map(Target::Pane);
    }
    let line = row.checked_sub(regions.body.y + runs::HEAD)?;
    let inside = app.pane == Pane::Runs && usize::from(line) < runs::list_height(app);
    let line = app.list.top + usize::from(line);
    (inside && line < app.list.shown().len()).then_some(Target::Run(line))
}
