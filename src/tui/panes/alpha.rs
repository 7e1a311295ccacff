//! Accuracy against ELU's α, for both networks: a curve with error bars, and its table.

use super::curves::look;
use super::measure::Measure;
use super::tables::{self, View};
use crate::lab;
use crate::tui::app::App;
use crate::tui::chart::{Chart, Plot, Point, Series};
use crate::tui::pane::Pane;
use crate::tui::sheet::Sheet;
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

/// Draws the pane.
pub fn render(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let mut head = Sheet::new(theme);
    let Some(view) = tables::view(app, Pane::Alpha) else {
        head.line(Tone::Dim, "Reading the notebook …");
        return head.render(0, area, frame);
    };
    view.heading(&mut head, app, theme, area.width);
    let mut table = Sheet::new(theme);
    let lines = if area.height >= 30 { 4 } else { 1 };
    if area.height >= 18 {
        view.recipe(&mut head, area.width);
    }
    view.grid(&view.measure, lines).write(&mut table, area.width.into(), theme);
    if area.height >= 30 {
        view.legend(&mut table, app, theme, area.width);
    } else {
        view.offer(&mut table, app, theme);
    }
    let top = (head.len() as u16).min(area.height / 3);
    let foot = (table.len() as u16).min((area.height - top) * 2 / 3);
    let areas = Layout::vertical([Constraint::Length(top), Constraint::Fill(1), Constraint::Length(foot)])
        .areas(area);
    let [above, middle, below] = areas;
    head.render(0, above, frame);
    frame.render_widget(Chart::new(&curve(&view, theme), look(theme)), middle);
    table.render(0, below, frame);
}

/// Both networks' means with their intervals, over the lab's figures.
fn curve(view: &View, theme: &Theme) -> Plot {
    let mut plot = Plot {
        x_label: theme.text("α", "alpha").into(),
        y_label: view.measure.title(),
        cursor: view.table.columns.get(view.column).and_then(|activation| activation.alpha()),
        empty: "no run of ELU is finished".into(),
        ..Plot::default()
    };
    for (row, model) in view.table.rows.iter().enumerate() {
        let points = view.table.row(row).iter().filter_map(|cell| {
            let interval = cell.summary.as_ref().and_then(|summary| summary.interval);
            let interval = interval.filter(|_| view.measure == Measure::Accuracy);
            Some(Point {
                x: cell.activation.alpha()?,
                y: view.measure.value(cell)?,
                interval: interval.map(|interval| (100.0 * interval.low, 100.0 * interval.high)),
            })
        });
        plot.series.push(Series::measured(model.title(), theme.series(row), theme.marker(row), points));
    }
    side_by_side(&mut plot.series);
    if view.measure == Measure::Accuracy && view.labs {
        for model in view.table.rows.iter().filter(|model| model.is_the_labs()) {
            let name = format!("lab {}", model.title());
            let points = lab::sweep(model);
            plot.series.push(Series::line(name, theme.tone(Tone::Dim), theme.glyph('·', '.'), points));
        }
    }
    // Room for the outermost error bars.
    plot.window = plot.x_range().map(|x| {
        let air = 0.03 * (x.hi() - x.lo());
        (x.lo() - air, x.hi() + air)
    });
    plot
}

/// Error bars of several networks at one α would cover one another.
fn side_by_side(all: &mut [Series]) {
    let seen: Vec<&mut Series> = all.iter_mut().filter(|series| !series.points().is_empty()).collect();
    if seen.len() > 1 {
        seen.into_iter().zip([-1, 1]).for_each(|(series, aside)| series.aside = aside);
    }
}
