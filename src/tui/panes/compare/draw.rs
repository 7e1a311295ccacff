//! Draws marked runs, one over the other.

use super::choice::{SETS, compared, comparison, epochs, is_large, longest, names};
use crate::notebook::RunSummary;
use crate::spec::Rule;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::chart::ticks::reading;
use crate::tui::chart::{Chart, Plot};
use crate::tui::pane::Pane;
use crate::tui::panes::curves::{self, Set, look};
use crate::tui::panes::fields::Comparison;
use crate::tui::plot::Metric;
use crate::tui::sheet::Sheet;
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

/// Columns below which the table has only the accuracy by the rule.
const NARROW: u16 = 60;

/// Draws the pane.
pub fn render(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let runs = compared(app);
    let mut sheet = Sheet::new(theme);
    if runs.is_empty() {
        sheet.line(Tone::Dim, "Nothing to compare: mark runs in Runs with space.");
        return sheet.render(0, area, frame);
    }
    table(&mut sheet, app, theme, &runs, area);
    let wanted = sheet.len() as u16;
    let rows = wanted.min(if is_large(area) { area.height / 3 } else { area.height / 2 });
    let [body, foot] = Layout::vertical([Constraint::Fill(1), Constraint::Length(rows)]).areas(area);
    let top = app.place(Pane::Compare).row.saturating_sub(usize::from(rows).saturating_sub(4));
    sheet.render(top.min(usize::from(wanted - rows)), foot, frame);
    if is_large(area) {
        return figures(app, theme, &runs, body, frame);
    }
    let set = SETS[app.place(Pane::Compare).part.min(SETS.len() - 1)];
    frame.render_widget(Chart::new(&chart(app, theme, &runs, app.plot.metric, set), look(theme)), body);
}

/// Accuracy and loss, in training and on the test trials: the lab's Figures 5 to 8.
fn figures(app: &App, theme: &Theme, runs: &[&RunSummary], area: Rect, frame: &mut Frame) {
    let [left, right] = Layout::horizontal([Constraint::Fill(1); 2]).spacing(1).areas(area);
    for (set, area) in [(Set::Train, left), (Set::Test, right)] {
        let [upper, lower] = Layout::vertical([Constraint::Fill(1); 2]).areas(area);
        for (metric, area) in [(Metric::Accuracy, upper), (Metric::Loss, lower)] {
            frame.render_widget(Chart::new(&chart(app, theme, runs, metric, set), look(theme)), area);
        }
    }
}

/// All runs in one chart.
fn chart(app: &App, theme: &Theme, runs: &[&RunSummary], metric: Metric, set: Set) -> Plot {
    let mut plot = curves::over_epochs(metric, &app.plot, app.place(Pane::Compare), longest(app));
    plot.y_label = format!("{} {}", set.name(), plot.y_label);
    let names = names(runs, &comparison(runs));
    for (n, (run, name)) in runs.iter().zip(names).enumerate() {
        let name = crate::tui::sheet::alphabet(&name, theme.utf8);
        plot.series.push(curves::series(&name, epochs(app, run), metric, set, app.plot.log, theme, n));
    }
    if runs.iter().any(|run| app.detail(&run.id).is_none()) {
        plot.empty = "reading".into();
    }
    plot
}

/// One line a run, in the order of the curves, and what they share.
fn table(sheet: &mut Sheet, app: &App, theme: &Theme, runs: &[&RunSummary], area: Rect) {
    let comparison = comparison(runs);
    let names = names(runs, &comparison);
    let narrow = area.width < NARROW;
    let widest = if narrow { usize::from(area.width).saturating_sub(17).max(4) } else { 44 };
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).clamp(4, widest);
    let place = app.place(Pane::Compare);
    let at = place.column.map(|column| format!("  at {:<5}", column + 1)).unwrap_or_default();
    let optimistic = if app.rule == Rule::BestTest { "*" } else { " " };
    let rule = format!("{}{optimistic}", app.rule.name());
    let head =
        if narrow { format!(" {rule:>11}") } else { format!(" {:>11} {rule:>11}  best test*    ", "epoch") };
    sheet.line(Tone::Dim, format!("   {:<width$}{head}{at}", "run"));
    for (n, (run, name)) in runs.iter().zip(&names).enumerate() {
        let selected = n == place.row && runs.len() > 1;
        let pointer = if selected { theme.pointer() } else { ' ' };
        let name: String = name.chars().take(width).collect();
        let epoch = format!("{}/{}", run.epoch, run.spec.epochs);
        let accuracy = run.accuracy(app.rule).map_or("–".into(), |share| format!("{:.2}", 100.0 * share));
        let best = app
            .detail(&run.id)
            .and_then(|detail| detail.best_on_test())
            .map_or("–".into(), |(share, epoch)| format!("{:.2} at {epoch}", 100.0 * share));
        let figures = if narrow {
            format!(" {accuracy:>11}")
        } else {
            format!(" {epoch:>11} {accuracy:>11}  {best:<14}")
        };
        let cursor = place.column.map(|column| at_cursor(app, run, column)).unwrap_or_default();
        sheet.mark(
            selected,
            [
                (Tone::Plain, format!("{pointer}"), None),
                (Tone::Plain, theme.marker(n).to_string(), Some(theme.series(n))),
                (Tone::Plain, format!(" {name:<width$}"), None),
                (Tone::Plain, figures, None),
                (Tone::Active, format!("  {cursor}"), None),
            ],
        );
    }
    if area.height >= 12 {
        shared(sheet, app, theme, runs, &comparison, area);
    }
}

/// What a run's curve reads at the cursor.
fn at_cursor(app: &App, run: &RunSummary, column: usize) -> String {
    let set = SETS[app.place(Pane::Compare).part.min(SETS.len() - 1)];
    let epoch = epochs(app, run).get(column);
    reading(epoch.map_or(f64::NAN, |epoch| curves::figure(epoch, app.plot.metric, set, false)))
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
    sheet.line(Tone::Dim, " * test accuracy % and epoch, chosen on the test trials: optimistic");
    if runs.len() == 1 {
        let mark = app.keymap.label(Action::Mark, theme.utf8);
        return sheet
            .line(Tone::Dim, format!(" Mark more runs in Runs with {mark} to lay them over this one."));
    }
    let same: Vec<String> = comparison.shared.iter().map(|(name, value)| format!("{name} {value}")).collect();
    if runs.iter().any(|run| run.spec.data.is_simulated()) {
        sheet.line(Tone::Caution, " simulated data: no real recordings");
    }
    sheet.prose(Tone::Dim, &format!("all: {}", same.join(", ")), area.width.into());
}
