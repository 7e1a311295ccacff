//! How curves are drawn: what a person chose for each chart, and expects to find again in the next session.

use super::pane::Pane;
use serde::{Deserialize, Serialize};

/// What is plotted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Metric {
    /// Share of trials classified right.
    #[default]
    Accuracy,
    /// Mean cross-entropy per trial.
    Loss,
}

impl Metric {
    /// Both, in their order on the screen.
    pub const ALL: [Metric; 2] = [Metric::Accuracy, Metric::Loss];

    /// The other one.
    pub fn next(self) -> Self {
        match self {
            Metric::Accuracy => Metric::Loss,
            Metric::Loss => Metric::Accuracy,
        }
    }
}

/// What the horizontal axis counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Axis {
    /// Epochs.
    #[default]
    Epochs,
    /// Time spent training: pauses don't count.
    Training,
    /// The time of the day at which each epoch ended.
    Clock,
}

impl Axis {
    /// The next one, round and round.
    pub fn next(self) -> Self {
        match self {
            Axis::Epochs => Axis::Training,
            Axis::Training => Axis::Clock,
            Axis::Clock => Axis::Epochs,
        }
    }
}

/// How much curves are smoothed: the weight of the past in a debiased exponential mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Smoothing {
    /// As they are.
    #[default]
    Off,
    /// 0.6.
    Some,
    /// 0.9.
    Strong,
}

impl Smoothing {
    /// Weight of the past; 0 leaves a curve alone.
    pub fn weight(self) -> f64 {
        match self {
            Smoothing::Off => 0.0,
            Smoothing::Some => 0.6,
            Smoothing::Strong => 0.9,
        }
    }

    /// The next strength, round and round.
    pub fn next(self) -> Self {
        match self {
            Smoothing::Off => Smoothing::Some,
            Smoothing::Some => Smoothing::Strong,
            Smoothing::Strong => Smoothing::Off,
        }
    }
}

/// How one chart is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Look {
    /// Whether the vertical axis is logarithmic (of accuracy: the error rate's is).
    pub log: bool,
    /// How much curves are smoothed.
    pub smoothing: Smoothing,
    /// Ends of the vertical axis; `None` where it follows the data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<(f64, f64)>,
}

/// The charts of a pane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Charts {
    /// The one that keys are about; the only one where there is no room for both.
    pub metric: Metric,
    /// What the horizontal axis of both counts.
    pub axis: Axis,
    accuracy: Look,
    loss: Look,
}

impl Charts {
    /// How the chart of a metric is drawn.
    pub fn look(&self, metric: Metric) -> Look {
        match metric {
            Metric::Accuracy => self.accuracy,
            Metric::Loss => self.loss,
        }
    }

    /// The chart that keys are about, to be changed.
    pub fn chosen(&mut self) -> &mut Look {
        match self.metric {
            Metric::Accuracy => &mut self.accuracy,
            Metric::Loss => &mut self.loss,
        }
    }
}

/// The charts of every pane that has curves of runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Plots {
    runs: Charts,
    detail: Charts,
    compare: Charts,
    /// Whether the pictures stand still while training goes on; no part of what is remembered.
    #[serde(skip)]
    pub frozen: bool,
}

impl Plots {
    /// The charts of a pane.
    pub fn of(&self, pane: Pane) -> Charts {
        match pane {
            Pane::Runs => self.runs,
            Pane::Compare => self.compare,
            _ => self.detail,
        }
    }

    /// The same, to be changed.
    pub fn of_mut(&mut self, pane: Pane) -> &mut Charts {
        match pane {
            Pane::Runs => &mut self.runs,
            Pane::Compare => &mut self.compare,
            _ => &mut self.detail,
        }
    }
}

/// Understands limits as they are typed: two numbers, or nothing where the axis is to follow the data.
pub fn limits(text: &str) -> Result<Option<(f64, f64)>, String> {
    let pieces: Vec<&str> = text.split([' ', ',', ';']).flat_map(|piece| piece.split("..")).collect();
    let numbers: Vec<Option<f64>> = pieces
        .into_iter()
        .filter(|piece| !piece.is_empty())
        .map(|piece| piece.parse().ok().filter(|number: &f64| number.is_finite()))
        .collect();
    match numbers[..] {
        [] => Ok(None),
        [Some(low), Some(high)] if low < high => Ok(Some((low, high))),
        _ => Err(format!(
            "'{}' are no limits; type two numbers, the lower first, such as 60 100, or nothing to follow the data",
            text.trim()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_two_numbers_or_none() {
        for text in ["60 100", "60..100", " 60, 100 "] {
            assert_eq!(limits(text), Ok(Some((60.0, 100.0))), "{text}");
        }
        assert_eq!(limits("-0.5 1e1"), Ok(Some((-0.5, 10.0))));
        assert_eq!(limits("  "), Ok(None));
        for text in ["60", "100 60", "low high", "1 2 3", "0 inf", "5 5"] {
            assert!(limits(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_chart_has_a_look_of_its_own() {
        let mut plots = Plots::default();
        plots.of_mut(Pane::Detail).chosen().log = true;
        plots.of_mut(Pane::Compare).metric = Metric::Loss;
        plots.of_mut(Pane::Compare).chosen().limits = Some((0.0, 1.0));
        let log = |pane, metric| plots.of(pane).look(metric).log;
        assert!(log(Pane::Detail, Metric::Accuracy));
        assert!(!log(Pane::Detail, Metric::Loss) && !log(Pane::Compare, Metric::Accuracy));
        assert_eq!(plots.of(Pane::Compare).look(Metric::Accuracy).limits, None);
    }
}
