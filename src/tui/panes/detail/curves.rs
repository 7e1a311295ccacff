//! One run's accuracy and loss over its epochs.

use crate::event::Epoch;
use crate::spec::Rule;
use crate::tui::app::App;
use crate::tui::chart::{Chart, Guide, Place, Plot};
use crate::tui::delimited::Format;
use crate::tui::delimited::Table;
use crate::tui::loaded::RunDetail;
use crate::tui::pane::Pane;
use crate::tui::panes::curves::{Along, chance, look, of_run, point_out};
use crate::tui::plot::Metric;
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

/// Accuracy above, loss below.
pub fn both(app: &App, theme: &Theme, detail: Option<&RunDetail>, area: Rect, frame: &mut Frame) {
    let areas: [Rect; 2] = Layout::vertical([Constraint::Fill(1); 2]).spacing(1).areas(area);
    for (metric, area) in Metric::ALL.into_iter().zip(areas) {
        let mut plot = chart(app, theme, detail, metric);
        point_out(&mut plot, metric == app.plots.of(Pane::Detail).metric, theme);
        frame.render_widget(Chart::new(&plot, look(theme)), area);
    }
}

/// The one that the person chose.
pub fn one(app: &App, theme: &Theme, detail: Option<&RunDetail>, area: Rect, frame: &mut Frame) {
    let metric = app.plots.of(Pane::Detail).metric;
    frame.render_widget(Chart::new(&chart(app, theme, detail, metric), look(theme)), area);
}

fn chart(app: &App, theme: &Theme, detail: Option<&RunDetail>, metric: Metric) -> Plot {
    let mut plot = of_run(app, Pane::Detail, metric, detail, theme);
    let Some(detail) = detail else { return plot };
    chance(&mut plot, metric, [detail], theme);
    if let Some((label, epoch)) = picked(detail, app.rule) {
        let places = Along::of(app, Pane::Detail, [detail]).places(detail);
        let place = detail.epochs.iter().position(|known| known.epoch == epoch);
        let at = place.and_then(|place| places.get(place)).filter(|at| at.is_finite());
        let guide = |at: &f64| Guide { at: Place::X(*at), label, style: theme.tone(Tone::Dim) };
        plot.guides.extend(at.map(guide));
    }
    plot
}

/// The epoch that the rule picks: as the finished run says, or so far by validation loss.
fn picked(detail: &RunDetail, rule: Rule) -> Option<(String, u32)> {
    match detail.finished() {
        Some(finished) => {
            let epoch = finished.picked.get(&rule).copied().flatten()?;
            Some((format!("{} {epoch}", rule.name()), epoch))
        }
        None if rule == Rule::Last => None,
        None => {
            let epoch = detail.picked(rule)?.epoch;
            Some((format!("best so far {epoch}"), epoch))
        }
    }
}

/// All epochs' figures as a table, accuracies as fractions.
pub fn copied(epochs: &[Epoch], format: Format) -> Option<String> {
    let head =
        ["epoch", "train_loss", "train_acc", "val_loss", "val_acc", "test_loss", "test_acc", "seconds"];
    let optional = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let mut table = Table::new(head.map(String::from));
    for epoch in epochs {
        table.row([
            epoch.epoch.to_string(),
            epoch.train_loss.to_string(),
            epoch.train_acc.to_string(),
            optional(epoch.val_loss),
            optional(epoch.val_acc),
            epoch.test_loss.to_string(),
            epoch.test_acc.to_string(),
            epoch.seconds.to_string(),
        ]);
    }
    (!epochs.is_empty()).then(|| table.text(format))
}
