//! Draws marked runs, one over the other.

use super::choice::{Group, Mean, SETS, compared, comparison, groups, is_large};
use crate::event::Epoch;
use crate::notebook::RunSummary;
use crate::spec::Rule;
use crate::ticks::{reading, spread};
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::chart::{Chart, Plot, Point, Scale, Series};
use crate::tui::pane::Pane;
use crate::tui::panes::curves::{self, Along, Set, figure, look};
use crate::tui::panes::fields::Comparison;
use crate::tui::plot::Metric;
use crate::tui::sheet::{Sheet, cut, pad};
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use unicode_width::UnicodeWidthStr;

/// Columns below which the table has only the accuracy by the rule.
const NARROW: u16 = 60;

/// Draws the pane.
pub fn render(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let runs = compared(app);
    let mut sheet = Sheet::within(theme, area.width);
    if runs.is_empty() {
        sheet.sentence(Tone::Dim, "Nothing to compare: mark runs in Runs with space.");
        return sheet.render(0, area, frame);
    }
    table(&mut sheet, app, theme, &runs, area);
    let wanted = sheet.len() as u16;
    let rows = wanted.min(if is_large(area) { area.height / 3 } else { area.height / 2 });
    let [body, foot] = Layout::vertical([Constraint::Fill(1), Constraint::Length(rows)]).areas(area);
    let top = app.place(Pane::Compare).row.saturating_sub(usize::from(rows).saturating_sub(4));
    sheet.render(top.min(usize::from(wanted - rows)), foot, frame);
    if is_large(area) {
        return figures(app, theme, body, frame);
    }
    let set = SETS[app.place(Pane::Compare).part.min(SETS.len() - 1)];
    frame.render_widget(
        Chart::new(&chart(app, theme, app.plots.of(Pane::Compare).metric, set), look(theme)),
        body,
    );
}

/// Accuracy and loss, in training and on the test trials: the lab's Figures 5 to 8.
fn figures(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let [left, right] = Layout::horizontal([Constraint::Fill(1); 2]).spacing(1).areas(area);
    for (set, area) in [(Set::Train, left), (Set::Test, right)] {
        let areas: [Rect; 2] = Layout::vertical([Constraint::Fill(1); 2]).areas(area);
        for (metric, area) in Metric::ALL.into_iter().zip(areas) {
            let mut plot = chart(app, theme, metric, set);
            curves::point_out(&mut plot, metric == app.plots.of(Pane::Compare).metric, theme);
            frame.render_widget(Chart::new(&plot, look(theme)), area);
        }
    }
}

/// All curves in one chart, as the pane on show has its charts.
pub fn chart(app: &App, theme: &Theme, metric: Metric, set: Set) -> Plot {
    let runs = compared(app);
    let read = || runs.iter().filter_map(|run| app.detail(&run.id));
    let along = Along::of(app, app.pane, read());
    let mut plot =
        curves::empty(app, app.pane, metric, along, read().max_by_key(|detail| detail.epochs.len()));
    plot.y_label = format!("{} {}", set.name(), plot.y_label);
    let log = plot.scale == Scale::Log;
    for (n, group) in groups(app).iter().enumerate() {
        let name = crate::tui::sheet::alphabet(&group.name, theme.utf8);
        if along.is_clock() {
            plot.series
                .extend(apart(app, theme, group, (n, name), along, |epoch| figure(epoch, metric, set, log)));
            continue;
        }
        let places: Vec<Vec<f64>> = group
            .runs
            .iter()
            .filter_map(|run| app.detail(&run.id))
            .map(|detail| along.places(detail))
            .collect();
        let longest = places.iter().map(Vec::len).max().unwrap_or(0);
        let points = (0..longest).filter_map(|place| {
            let mean = group.at(app, place, metric, set, log)?;
            let there: Vec<f64> = places.iter().filter_map(|places| places.get(place)).copied().collect();
            let interval = mean.sd.map(|sd| (mean.mean - sd, mean.mean + sd));
            Some(Point { x: Mean::of(&there)?.mean, y: mean.mean, interval })
        });
        plot.series.push(Series::banded(name, theme.series(n), theme.marker(n), points));
    }
    if set == Set::Test {
        curves::chance(&mut plot, metric, read(), theme);
    }
    if runs.iter().any(|run| app.detail(&run.id).is_none()) {
        plot.empty = "reading".into();
    }
    plot
}

/// The runs of a group each by itself: they were trained at different times of the day. The first has the group's name.
fn apart(
    app: &App,
    theme: &Theme,
    group: &Group,
    (n, name): (usize, String),
    along: Along,
    figure: impl Fn(&Epoch) -> f64,
) -> Vec<Series> {
    let mut name = Some(name);
    let details = group.runs.iter().filter_map(|run| app.detail(&run.id));
    let series = details.map(|detail| {
        let points = along.places(detail).into_iter().zip(detail.epochs.iter().map(&figure));
        Series::line(name.take().unwrap_or_default(), theme.series(n), theme.marker(n), points)
    });
    series.collect()
}

/// A mean with its spread, as `86.4` or `86.4 ± 0.7`.
fn said(mean: Mean, decimals: usize) -> String {
    match mean.sd {
        Some(sd) => format!("{:.1} ± {sd:.1}", mean.mean),
        None => format!("{:.decimals$}", mean.mean),
    }
}

/// One line a curve, in their order, and what all share. Names are cut before figures are.
fn table(sheet: &mut Sheet, app: &App, theme: &Theme, runs: &[&RunSummary], area: Rect) {
    let groups = groups(app);
    let place = app.place(Pane::Compare);
    let pooled = groups.iter().any(|group| group.runs.len() > 1);
    let narrow = area.width < NARROW;
    let (own, best_width) = (if pooled { 12 } else { 8 }, if pooled { 12 } else { 14 });
    let mut room = usize::from(area.width).saturating_sub(4);
    let rule_width = (app.rule.name().len() + 1).max(own);
    room = room.saturating_sub(rule_width + 1);
    // What has no room goes: the epochs, then the best on the test set; what the cursor reads stays.
    let at = place.column.map(|column| format!("at {}", column + 1));
    let at_width = if at.is_some() { if pooled { 15 } else { 9 } } else { 0 };
    room = room.saturating_sub(at_width);
    // Under the rule that takes the best on the test set both would say the same.
    let has_best = !narrow && app.rule != Rule::BestTest && room >= 14 + best_width;
    room = room.saturating_sub(if has_best { best_width + 2 } else { 0 });
    let longest = groups.iter().map(|group| group.name.width()).max().unwrap_or(0);
    // What tells the curves apart comes before how far they are.
    let has_epoch = !narrow && room >= longest.max(14) + 12;
    room = room.saturating_sub(if has_epoch { 12 } else { 0 });
    let width = longest.clamp(4, room.max(4));
    let star = if app.rule.is_optimistic() { "*" } else { " " };
    let mut head = format!("   {:<width$}", "run");
    if has_epoch {
        head += &format!(" {:>11}", "epoch");
    }
    head += &format!(" {:>rule_width$}", format!("{}{star}", app.rule.name()));
    if has_best {
        head += &format!("  {:<best_width$}", "best test*");
    }
    head += &at.map(|at| format!("  {at}")).unwrap_or_default();
    sheet.line(Tone::Dim, head);
    for (n, group) in groups.iter().enumerate() {
        let selected = n == place.row && groups.len() > 1;
        let pointer = if selected { theme.pointer() } else { ' ' };
        let name = cut(&group.name, width, theme);
        let mut figures = String::new();
        if has_epoch {
            let (done, wanted) = (
                group.runs.iter().map(|run| run.epoch).min().unwrap_or(0),
                group.runs.iter().map(|run| run.spec.epochs).max().unwrap_or(0),
            );
            figures += &format!(" {:>11}", format!("{done}/{wanted}"));
        }
        let accuracy = group.accuracy(app.rule).map(|mean| said(mean, 2));
        let so_far = || Some(format!("~{}", said(group.so_far(app.rule)?, 1)));
        let accuracy = accuracy.or_else(so_far).unwrap_or_else(|| "–".into());
        figures += &format!(" {accuracy:>rule_width$}");
        if has_best {
            let best = group.best(app).map_or("–".into(), |(mean, epoch)| match epoch {
                Some(epoch) => format!("{} at {epoch}", said(mean, 2)),
                None => said(mean, 2),
            });
            figures += &format!("  {best:<best_width$}");
        }
        let cursor = place.column.map(|column| at_cursor(app, group, column)).unwrap_or_default();
        sheet.mark(
            selected,
            [
                (Tone::Plain, format!("{pointer}"), None),
                (Tone::Plain, theme.marker(n).to_string(), Some(theme.series(n))),
                (Tone::Plain, format!(" {}", pad(&name, width)), None),
                (Tone::Plain, figures, None),
                (Tone::Active, format!("  {cursor}"), None),
            ],
        );
    }
    if area.height >= 12 {
        shared(sheet, app, theme, runs, &comparison(runs), area);
    }
}

/// What a curve reads at the cursor.
fn at_cursor(app: &App, group: &Group, column: usize) -> String {
    let set = SETS[app.place(Pane::Compare).part.min(SETS.len() - 1)];
    match group.at(app, column, app.plots.of(Pane::Compare).metric, set, false) {
        Some(Mean { mean, sd: Some(sd), .. }) => format!("{} ± {}", reading(mean), spread(mean, sd)),
        Some(mean) => reading(mean.mean),
        None => reading(f64::NAN),
    }
}

/// What does not differ, and what the figures mean.
fn shared(
    sheet: &mut Sheet,
    app: &App,
    theme: &Theme,
    runs: &[&RunSummary],
    comparison: &Comparison,
    area: Rect,
) {
    let key = app.keymap.label(Action::NextGrouping, theme.utf8);
    let band = if groups(app).iter().any(|group| group.runs.len() > 1) { ", mean ± sd" } else { "" };
    let how = format!("{}{band} ({key} turns);", app.grouping.title());
    sheet.sentence(Tone::Dim, &format!("{how} * chosen on the test trials: optimistic"));
    if runs.len() == 1 {
        let mark = app.keymap.label(Action::Mark, theme.utf8);
        return sheet
            .sentence(Tone::Dim, &format!("Mark more runs in Runs with {mark} to lay them over this one."));
    }
    let same: Vec<String> = comparison.shared.iter().map(|(name, value)| format!("{name} {value}")).collect();
    if runs.iter().any(|run| run.spec.data.is_simulated()) {
        sheet.line(Tone::Caution, " simulated data: no real recordings");
    }
    sheet.prose(Tone::Dim, &format!("all: {}", same.join(", ")), area.width.into());
}
