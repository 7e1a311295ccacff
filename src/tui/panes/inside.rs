//! What is inside a cell: its figure, its seeds as an ensemble, what each class was taken for, and how its probabilities do.

use super::{confusion, shapes, tables};
use crate::counted::counted;
use crate::table::Cell;
use crate::tui::app::App;
use crate::tui::sheet::Sheet;
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

/// Lines below which a chart tells nothing.
const CHART: u16 = 9;

/// Draws the cell under the cursor.
pub fn render(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let Some(view) = tables::view(app, app.pane) else { return };
    let cell = view.cell();
    let mut sheet = Sheet::within(theme, area.width);
    sheet.line(Tone::Strong, cell.title());
    let Some(summary) = &cell.summary else {
        sheet.line(Tone::Dim, "no finished run yet");
        return sheet.render(0, area, frame);
    };
    let metric = view.table.metric;
    let star = if view.table.flatters(cell) { "*" } else { "" };
    let figure = cell.figure(metric, view.table.flatters(cell));
    sheet.line(Tone::Plain, format!(" test {}: {figure}", metric.heading()));
    if let Some(ensemble) = summary.ensemble.get(metric.place()).copied().flatten() {
        let figure = metric.format(ensemble);
        let text = format!("as an ensemble, probabilities averaged over seeds: {figure}{star}");
        sheet.sentence(Tone::Plain, &text);
    }
    match &summary.confusion {
        None => {
            sheet.sentence(Tone::Dim, "A run's predictions are missing: no confusion matrix, no curves.");
        }
        Some(counts) => {
            sheet.heading(format!("confusion, {} added up", runs(cell)));
            confusion::write(&mut sheet, &summary.classes, counts);
        }
    }
    let lines = (sheet.len() as u16).min(area.height);
    let [top, below] = Layout::vertical([Constraint::Length(lines), Constraint::Fill(1)]).areas(area);
    sheet.render(0, top, frame);
    if summary.confusion.is_some() && below.height >= CHART {
        shapes::render(&summary.shapes, theme, below, frame);
    }
}

fn runs(cell: &Cell) -> String {
    counted(cell.scores.len(), "run")
}
