//! Marked runs, one over the other, and only what tells them apart.

use super::Open;
use super::curves::{self, Set, look};
use super::delimited::Table;
use super::fields::{self, Comparison};
use super::sheet::Sheet;
use crate::event::Epoch;
use crate::notebook::RunSummary;
use crate::spec::Rule;
use crate::tui::action::Action;
use crate::tui::app::{App, Extent, Format, Pane};
use crate::tui::chart::ticks::reading;
use crate::tui::chart::{Chart, Plot};
use crate::tui::plot::Metric;
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

/// The sets in the order in which a small window turns them.
const SETS: [Set; 3] = [Set::Test, Set::Train, Set::Validation];

/// The runs that are compared: the marked ones, else the selected one.
fn compared(app: &App) -> Vec<&RunSummary> {
    app.targets()
}

fn comparison(runs: &[&RunSummary]) -> Comparison {
    fields::compare(&runs.iter().map(|run| &run.spec).collect::<Vec<_>>())
}

/// A short name of each run: the values of what differs.
fn names(runs: &[&RunSummary], comparison: &Comparison) -> Vec<String> {
    let name = |place: usize| {
        let values = comparison.differing.iter().map(|(field, values)| match *field {
            "model" | "activation" | "data set" => values[place].clone(),
            "seed" => format!("s{}", values[place]),
            _ => format!("{field} {}", values[place]),
        });
        let name = values.collect::<Vec<_>>().join(" ");
        let run = runs[place];
        match (name.is_empty(), runs.len()) {
            (false, _) => name,
            (true, 1) => {
                format!("{} {} s{}", run.spec.model.title(), run.spec.activation.title(), run.spec.seed)
            }
            // Runs of one spec differ in their ids only.
            (true, _) => run.id.clone(),
        }
    };
    (0..runs.len()).map(name).collect()
}

fn epochs<'a>(app: &'a App, run: &RunSummary) -> &'a [Epoch] {
    app.detail(&run.id).map_or(&[], |detail| &detail.epochs)
}

/// Epochs of the longest of the runs.
fn longest(app: &App) -> usize {
    compared(app).iter().map(|run| epochs(app, run).len()).max().unwrap_or(0)
}

/// Columns below which the table has only the accuracy by the rule.
const NARROW: u16 = 60;

/// Whether there is room for the lab's four figures at once.
fn is_large(area: Rect) -> bool {
    area.width >= 120 && area.height >= 30
}

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
        let name = super::sheet::alphabet(&name, theme.utf8);
        plot.series.push(curves::series(&name, epochs(app, run), metric, set, app.plot.log, theme, n));
    }
    if runs.iter().any(|run| app.detail(&run.id).is_none()) {
        plot.empty = "reading".into();
    }
    plot
}

/// Best epoch on the test trials: accuracy and epoch, the first of equals.
fn best(epochs: &[Epoch]) -> Option<(f64, u32)> {
    let all = epochs.iter().filter(|epoch| epoch.test_acc.is_finite());
    all.max_by(|a, b| a.test_acc.total_cmp(&b.test_acc).then(b.epoch.cmp(&a.epoch)))
        .map(|epoch| (epoch.test_acc, epoch.epoch))
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
        let best = best(epochs(app, run))
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

/// How far its cursor can go.
pub fn extent(app: &App) -> Extent {
    let parts = if is_large(super::body(app.size)) { 1 } else { SETS.len() };
    Extent { rows: compared(app).len(), columns: longest(app), parts }
}

/// The comparison as a table, for the clipboard.
pub fn copied(app: &App, format: Format) -> Option<String> {
    let runs = compared(app);
    let comparison = comparison(&runs);
    let differing = comparison.differing.iter().map(|(name, _)| (*name).to_owned());
    let figures = [
        "epoch".to_owned(),
        format!("test_acc_{}", app.rule.name()),
        "best_test_acc".into(),
        "best_test_epoch".into(),
    ];
    let mut table = Table::new(std::iter::once("id".to_owned()).chain(differing).chain(figures));
    for (place, run) in runs.iter().enumerate() {
        let values = comparison.differing.iter().map(|(_, values)| values[place].clone());
        let best = best(epochs(app, run));
        let figures = [
            run.epoch.to_string(),
            run.accuracy(app.rule).map(|share| share.to_string()).unwrap_or_default(),
            best.map(|(share, _)| share.to_string()).unwrap_or_default(),
            best.map(|(_, epoch)| epoch.to_string()).unwrap_or_default(),
        ];
        table.row(std::iter::once(run.id.clone()).chain(values).chain(figures));
    }
    (!runs.is_empty()).then(|| table.text(format))
}

/// The run under the cursor.
pub fn opened(app: &App) -> Option<Open> {
    let runs = compared(app);
    runs.get(app.place(Pane::Compare).row).map(|run| Open::Run(run.id.clone()))
}
