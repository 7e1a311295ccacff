//! Runs as curves: which figures of an epoch are plotted, and how a person's choices, cursor and zoom apply to a chart.

use crate::event::Epoch;
use crate::tui::chart::{self, Look, Scale, Series};
use crate::tui::pane::Place;
use crate::tui::plot::{Metric, Plot};
use crate::tui::theme::{Theme, Tone};

/// Which trials a curve is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// Those trained on.
    Train,
    /// Those held out.
    Validation,
    /// Those tested on.
    Test,
}

impl Set {
    /// All of them.
    pub const ALL: [Set; 3] = [Set::Train, Set::Validation, Set::Test];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Set::Train => "train",
            Set::Validation => "validation",
            Set::Test => "test",
        }
    }
}

/// A figure as it is plotted: losses as they are; accuracies in percent, on a logarithmic axis the errors instead, since
/// it is near 100 % that differences vanish. NaN where the epoch has no such figure.
pub fn figure(epoch: &Epoch, metric: Metric, set: Set, log: bool) -> f64 {
    let accuracy = |share: f64| if log { 100.0 * (1.0 - share) } else { 100.0 * share };
    let figure = match (metric, set) {
        (Metric::Loss, Set::Train) => Some(epoch.train_loss),
        (Metric::Loss, Set::Validation) => epoch.val_loss,
        (Metric::Loss, Set::Test) => Some(epoch.test_loss),
        (Metric::Accuracy, Set::Train) => Some(accuracy(epoch.train_acc)),
        (Metric::Accuracy, Set::Validation) => epoch.val_acc.map(accuracy),
        (Metric::Accuracy, Set::Test) => Some(accuracy(epoch.test_acc)),
    };
    figure.unwrap_or(f64::NAN)
}

/// One figure of a run over its epochs, as the `n`-th curve.
pub fn series(
    name: &str,
    epochs: &[Epoch],
    metric: Metric,
    set: Set,
    log: bool,
    theme: &Theme,
    n: usize,
) -> Series {
    let points = epochs.iter().map(|epoch| (f64::from(epoch.epoch), figure(epoch, metric, set, log)));
    Series::line(name, theme.series(n), theme.marker(n), points)
}

/// A chart over epochs without curves yet, as the person wants it: `epochs` of them, seen through `place`.
pub fn over_epochs(metric: Metric, plot: &Plot, place: Place, epochs: usize) -> chart::Plot {
    let log = plot.log;
    let y_label = match (metric, log) {
        (Metric::Accuracy, false) => "accuracy %",
        (Metric::Accuracy, true) => "error %, log",
        (Metric::Loss, false) => "loss",
        (Metric::Loss, true) => "loss, log",
    };
    let window = place.window(epochs);
    let smoothing = plot.smoothing.weight();
    let smoothed = if smoothing > 0.0 { format!(" (smoothed {smoothing})") } else { String::new() };
    chart::Plot {
        x_label: "epoch".into(),
        integers: true,
        window: (place.zoom > 0 && !window.is_empty())
            .then_some((window.start as f64 + 1.0, window.end as f64)),
        y_label: format!("{y_label}{smoothed}"),
        scale: if log { Scale::Log } else { Scale::Linear },
        smoothing,
        cursor: place.column.map(|column| column as f64 + 1.0),
        empty: "no epoch yet".into(),
        ..chart::Plot::default()
    }
}

/// One run's training, validation and test curves.
pub fn of_run(epochs: &[Epoch], metric: Metric, plot: &Plot, place: Place, theme: &Theme) -> chart::Plot {
    let held_out = epochs.iter().any(|epoch| epoch.val_loss.is_some());
    let sets = Set::ALL.into_iter().enumerate().filter(|(_, set)| held_out || *set != Set::Validation);
    chart::Plot {
        series: sets.map(|(n, set)| series(set.name(), epochs, metric, set, plot.log, theme, n)).collect(),
        ..over_epochs(metric, plot, place, epochs.len())
    }
}

/// How a theme draws charts.
pub fn look(theme: &Theme) -> Look {
    Look {
        utf8: theme.utf8,
        axis: theme.tone(Tone::Dim),
        text: theme.tone(Tone::Strong),
        cursor: theme.tone(Tone::Active),
    }
}
