//! Runs as curves: which figures of an epoch are plotted, where along the axis each lies, and how a person's choices, cursor
//! and zoom apply to a chart.

use crate::event::Epoch;
use crate::metric;
use crate::stats::Chance;
use crate::tui::app::App;
use crate::tui::chart::{self, Horizontal, Look, Scale, Series};
use crate::tui::loaded::RunDetail;
use crate::tui::pane::Pane;
use crate::tui::plot::{Axis, Metric};
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

/// Where epochs lie along the horizontal axis.
#[derive(Clone, Copy, Debug)]
pub struct Along {
    axis: Axis,
    /// Seconds of a unit of training time, and its name.
    unit: (f64, &'static str),
    /// Seconds that the person's clock is ahead of UTC.
    ahead: i32,
}

impl Along {
    /// As a person chose it for a pane; the unit of training time suits the longest of these runs.
    pub fn of<'a>(app: &App, pane: Pane, runs: impl IntoIterator<Item = &'a RunDetail>) -> Self {
        let total = |detail: &RunDetail| detail.epochs.iter().map(|epoch| epoch.seconds).sum::<f64>();
        let unit = match runs.into_iter().map(total).fold(0.0, f64::max) {
            longest if longest < 180.0 => (1.0, "s trained"),
            longest if longest < 10_800.0 => (60.0, "min trained"),
            _ => (3600.0, "h trained"),
        };
        Along { axis: app.plots.of(pane).axis, unit, ahead: app.ahead }
    }

    /// Whether it is the time of the day, which repetitions don't share.
    pub fn is_clock(self) -> bool {
        self.axis == Axis::Clock
    }

    /// The place of each epoch of a run; NaN where it is not known.
    pub fn places(self, detail: &RunDetail) -> Vec<f64> {
        let mut trained = 0.0;
        let place = |epoch: &Epoch| match self.axis {
            Axis::Epochs => f64::from(epoch.epoch),
            Axis::Training => {
                trained += epoch.seconds;
                trained / self.unit.0
            }
            Axis::Clock => detail
                .times
                .get(&epoch.epoch)
                .map_or(f64::NAN, |ended| ended.as_millisecond() as f64 / 1000.0 + f64::from(self.ahead)),
        };
        detail.epochs.iter().map(place).collect()
    }

    fn label(self) -> &'static str {
        match self.axis {
            Axis::Epochs => "epoch",
            Axis::Training => self.unit.1,
            Axis::Clock => "clock",
        }
    }

    fn horizontal(self) -> Horizontal {
        match self.axis {
            Axis::Epochs => Horizontal::Whole,
            Axis::Training => Horizontal::Number,
            Axis::Clock => Horizontal::Clock,
        }
    }
}

/// A chart without curves yet, as a person wants it in a pane; the cursor steps along the epochs of the longest run.
pub fn empty(
    app: &App,
    pane: Pane,
    metric: Metric,
    along: Along,
    longest: Option<&RunDetail>,
) -> chart::Plot {
    let look = app.plots.of(pane).look(metric);
    let y_label = match (metric, look.log) {
        (Metric::Accuracy, false) => "accuracy %",
        (Metric::Accuracy, true) => "error %, log",
        (Metric::Loss, false) => "loss",
        (Metric::Loss, true) => "loss, log",
    };
    let places = longest.map(|detail| along.places(detail)).unwrap_or_default();
    let place = app.place(pane);
    let window = place.window(places.len());
    let smoothing = look.smoothing.weight();
    let smoothed = if smoothing > 0.0 { format!(" (smoothed {smoothing})") } else { String::new() };
    let ends = places
        .get(window.start)
        .copied()
        .zip(window.end.checked_sub(1).and_then(|last| places.get(last)).copied());
    chart::Plot {
        x_label: along.label().into(),
        horizontal: along.horizontal(),
        window: ends.filter(|_| place.zoom > 0),
        y_label: format!("{y_label}{smoothed}"),
        y_bounds: look.limits,
        // Neither a share nor its complement is beyond these, and no loss is below 0.
        y_within: match metric {
            Metric::Accuracy => (0.0, 100.0),
            Metric::Loss => (0.0, f64::INFINITY),
        },
        scale: if look.log { Scale::Log } else { Scale::Linear },
        smoothing,
        cursor: place
            .column
            .and_then(|column| places.get(column.min(places.len().saturating_sub(1))).copied()),
        empty: "no epoch yet".into(),
        ..chart::Plot::default()
    }
}

/// One run's training, validation and test curves.
pub fn of_run(
    app: &App,
    pane: Pane,
    metric: Metric,
    detail: Option<&RunDetail>,
    theme: &Theme,
) -> chart::Plot {
    let along = Along::of(app, pane, detail);
    let mut plot = empty(app, pane, metric, along, detail);
    let Some(detail) = detail else {
        plot.empty = "reading".into();
        return plot;
    };
    plot.empty = detail.without_epochs().into();
    let log = plot.scale == Scale::Log;
    let held_out = detail.epochs.iter().any(|epoch| epoch.val_loss.is_some());
    let sets = Set::ALL.into_iter().enumerate().filter(|(_, set)| held_out || *set != Set::Validation);
    let places = along.places(detail);
    plot.series = sets
        .map(|(n, set)| {
            let figures = detail.epochs.iter().map(|epoch| figure(epoch, metric, set, log));
            let points = places.iter().copied().zip(figures);
            Series::line(set.name(), theme.series(n), theme.marker(n), points)
        })
        .collect();
    plot
}

/// Draws the accuracy from which on a run is more than guessing into a chart of accuracies, where a run's predictions say how
/// many trials of which classes there are.
pub fn chance<'a>(
    plot: &mut chart::Plot,
    figure: Metric,
    runs: impl IntoIterator<Item = &'a RunDetail>,
    theme: &Theme,
) {
    let said = runs.into_iter().find_map(|detail| detail.predictions.values().next());
    let chance = said.and_then(|said| Chance::new(said.rows.len(), metric::guessed_share(said)));
    let Some(chance) = chance.filter(|_| figure == Metric::Accuracy) else { return };
    let shown = if plot.scale == Scale::Log { 1.0 - chance.accuracy } else { chance.accuracy };
    let at = chart::Place::Y(100.0 * shown);
    plot.guides.push(chart::Guide { at, label: "chance".into(), style: theme.tone(Tone::Dim) });
}

/// Of several charts in one window, shows which one keys are about.
pub fn point_out(plot: &mut chart::Plot, chosen: bool, theme: &Theme) {
    let pointer = if chosen { theme.pointer() } else { ' ' };
    plot.y_label.insert(0, pointer);
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
