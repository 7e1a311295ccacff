//! One run's accuracy and loss over its epochs.

use crate::event::Epoch;
use crate::spec::Rule;
use crate::tui::app::App;
use crate::tui::chart::{Chart, Guide, Place, Plot};
use crate::tui::delimited::Format;
use crate::tui::delimited::Table;
use crate::tui::loaded::RunDetail;
use crate::tui::pane::Pane;
use crate::tui::panes::curves::{look, of_run};
use crate::tui::plot::Metric;
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

/// Accuracy above, loss below.
pub fn both(app: &App, theme: &Theme, detail: Option<&RunDetail>, area: Rect, frame: &mut Frame) {
    let [upper, lower] = Layout::vertical([Constraint::Fill(1); 2]).spacing(1).areas(area);
    for (metric, area) in [(Metric::Accuracy, upper), (Metric::Loss, lower)] {
        frame.render_widget(Chart::new(&chart(app, theme, detail, metric), look(theme)), area);
    }
}

/// The one that the person chose.
pub fn one(app: &App, theme: &Theme, detail: Option<&RunDetail>, area: Rect, frame: &mut Frame) {
    frame.render_widget(Chart::new(&chart(app, theme, detail, app.plot.metric), look(theme)), area);
}

fn chart(app: &App, theme: &Theme, detail: Option<&RunDetail>, metric: Metric) -> Plot {
    let epochs = detail.map_or(&[][..], |detail| &detail.epochs);
    let mut plot = of_run(epochs, metric, &app.plot, app.place(Pane::Detail), theme);
    if detail.is_none() {
        plot.empty = "reading".into();
    }
    if let Some((label, epoch)) = detail.and_then(|detail| picked(detail, app.rule)) {
        let at = Place::X(f64::from(epoch));
        plot.guides.push(Guide { at, label, style: theme.tone(Tone::Dim) });
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
