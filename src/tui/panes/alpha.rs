//! Accuracy against ELU's α, for both networks: a curve with error bars, and its table.

use super::curves::look;
use super::measure::Measure;
use super::tables::{self, View};
use crate::lab;
use crate::tui::app::App;
use crate::tui::chart::{Chart, Guide, Place, Plot, Point, Series};
use crate::tui::pane::Pane;
use crate::tui::sheet::Sheet;
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

/// Draws the pane.
pub fn render(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let mut head = Sheet::within(theme, area.width);
    let Some(view) = tables::view(app, Pane::Alpha) else {
        head.sentence(Tone::Dim, &tables::without(app, theme));
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
        view.offer(&mut table, app, theme, area.width);
    }
    table.rest(&tables::all_of_it(app, theme));
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
        // The heading says what is measured: the room is for what the cursor reads.
        y_within: {
            let (least, greatest) = view.measure.metric().bounds();
            (view.measure.metric().drawn(least), view.measure.metric().drawn(greatest))
        },
        cursor: view.table.columns.get(view.column).and_then(|activation| activation.alpha()),
        empty: "no run of ELU is finished".into(),
        ..Plot::default()
    };
    for (row, model) in view.table.rows.iter().enumerate() {
        let points = view.table.row(row).iter().filter_map(|cell| {
            let interval = cell.summary.as_ref().and_then(|summary| summary.interval);
            let interval = interval.filter(|_| matches!(view.measure, Measure::Judged(_)));
            let drawn = |value| view.measure.metric().drawn(value);
            Some(Point {
                x: cell.activation.alpha()?,
                y: view.measure.value(cell)?,
                interval: interval.map(|interval| (drawn(interval.low), drawn(interval.high))),
            })
        });
        plot.series.push(Series::measured(model.title(), theme.series(row), theme.marker(row), points));
    }
    side_by_side(&mut plot.series);
    if view.measure.is_accuracy() && view.labs {
        for model in view.table.rows.iter().filter(|model| model.is_the_labs()) {
            let name = format!("lab {}", model.title());
            let points = lab::sweep(model);
            plot.series.push(Series::line(name, theme.tone(Tone::Dim), theme.glyph('·', '.'), points));
        }
    }
    choice(&mut plot, view, theme);
    baselines(&mut plot, view, theme);
    // Every α of the table has its place, whether it was tried or not; with room for the outermost error bars.
    let alphas = view.table.columns.iter().filter_map(|activation| activation.alpha());
    let (low, high) = alphas
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), alpha| (low.min(alpha), high.max(alpha)));
    let air = 0.03 * (high - low);
    plot.window = (low < high && plot.x_range().is_some()).then_some((low - air, high + air));
    plot
}

/// What validation says of each α and which it chooses, and where guessing ends.
fn choice(plot: &mut Plot, view: &View, theme: &Theme) {
    if !view.measure.is_accuracy() {
        return;
    }
    for (row, model) in view.table.rows.iter().enumerate() {
        let points =
            view.table.row(row).iter().filter_map(|cell| {
                Some((cell.activation.alpha()?, 100.0 * cell.summary.as_ref()?.validation?))
            });
        let name = format!("{} validation", model.title());
        plot.series.push(Series::line(name, theme.series(row), theme.glyph('∙', ','), points));
    }
    let dim = theme.tone(Tone::Dim);
    let chosen = view.table.chosen.as_ref().and_then(|chosen| chosen.activation.alpha());
    let mark = |alpha| Guide { at: Place::X(alpha), label: "chosen by validation".into(), style: dim };
    plot.guides.extend(chosen.map(mark));
    let best = view.table.best_on_test().filter(|_| view.table.chosen.is_some());
    let best = best.and_then(|cell| cell.activation.alpha()).filter(|alpha| Some(*alpha) != chosen);
    plot.guides.extend(best.map(|alpha| Guide { label: "best on test*".into(), ..mark(alpha) }));
    let chance = view.table.chance.map(|chance| 100.0 * chance.accuracy);
    let line = |accuracy| Guide { at: Place::Y(accuracy), label: "chance".into(), style: dim };
    plot.guides.extend(chance.map(line));
}

/// What the baselines reach, each a line across: no α changes it.
fn baselines(plot: &mut Plot, view: &View, theme: &Theme) {
    for cell in &view.table.baselines {
        let Some(reached) = view.measure.value(cell) else { continue };
        plot.guides.push(Guide { at: Place::Y(reached), label: cell.title(), style: theme.tone(Tone::Dim) });
    }
}

/// Error bars of several networks at one α would cover one another.
fn side_by_side(all: &mut [Series]) {
    let seen: Vec<&mut Series> = all.iter_mut().filter(|series| !series.points().is_empty()).collect();
    if seen.len() > 1 {
        seen.into_iter().zip([-1, 1]).for_each(|(series, aside)| series.aside = aside);
    }
}
