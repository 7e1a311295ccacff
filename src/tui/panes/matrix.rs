//! Model × activation: what the runs of a recipe say together.

use super::measure::Measure;
use super::tables::{self, View};
use crate::tui::app::App;
use crate::tui::pane::Pane;
use crate::tui::sheet::Sheet;
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::Rect;

/// Draws the pane.
pub fn render(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let mut sheet = Sheet::within(theme, area.width);
    let mut selected = None;
    match tables::view(app, Pane::Matrix) {
        None => sheet.sentence(Tone::Dim, &tables::without(app, theme)),
        Some(view) if matches!(view.measure, Measure::Intervals(_)) => {
            selected = intervals(&mut sheet, app, theme, &view, area);
        }
        Some(view) => write(&mut sheet, app, theme, &view, area),
    }
    sheet.rest(&tables::all_of_it(app, theme));
    // The selected cell's line stays in sight.
    let top = selected.map_or(0, |line| (line + 2).saturating_sub(area.height.into()));
    sheet.render(top, area, frame);
}

/// The intervals alone, then what they allow to say; gives the line of the selected cell.
fn intervals(sheet: &mut Sheet, app: &App, theme: &Theme, view: &View, area: Rect) -> Option<usize> {
    view.heading(sheet, app, theme, area.width);
    let line = super::forest::write(sheet, view, None, area.width.into(), theme);
    view.signs(sheet, app, theme, area.width);
    view.verdict(sheet, area.width);
    line
}

fn write(sheet: &mut Sheet, app: &App, theme: &Theme, view: &View, area: Rect) {
    let roomy = area.height > 12;
    view.heading(sheet, app, theme, area.width);
    if roomy {
        view.recipe(sheet, area.width);
        sheet.blank();
    }
    // Heading and legend take about seven lines; the figures come first.
    let lines = usize::from(area.height).saturating_sub(8) / view.table.rows.len().max(1);
    view.grid(&view.measure, lines.clamp(1, 4)).write(sheet, area.width.into(), theme);
    if roomy {
        sheet.blank();
    }
    view.offer(sheet, app, theme, area.width);
    view.signs(sheet, app, theme, area.width);
    view.habits(sheet, area.width);
    if let Measure::Judged(_) = view.measure {
        view.verdict(sheet, area.width);
        // Intervals are looked at before more is read.
        let lines = view.table.all().filter(|cell| cell.summary.is_some()).count() + super::forest::AROUND;
        match sheet.len() + lines <= usize::from(area.height) {
            true => {
                super::forest::write(sheet, view, Some("95 % intervals"), area.width.into(), theme);
            }
            false => view.baselines(sheet, area.width),
        }
        view.remarks(sheet, area.width);
    } else {
        view.baselines(sheet, area.width);
    }
    if !roomy {
        view.recipe(sheet, area.width);
    }
    others(sheet, theme, view, area);
}

/// The other views of the table, as many as the window has room for.
fn others(sheet: &mut Sheet, theme: &Theme, view: &View, area: Rect) {
    for measure in Measure::all(&view.table) {
        let wanted = view.table.rows.len() + 3;
        if measure.is_judged() || measure == view.measure || sheet.len() + wanted > usize::from(area.height) {
            continue;
        }
        sheet.heading(measure.title());
        let grid = crate::tui::grid::Grid { selected: None, ..view.grid(&measure, 1) };
        grid.write(sheet, area.width.into(), theme);
    }
}
