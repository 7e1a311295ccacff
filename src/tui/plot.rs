//! How curves are drawn: what a person chose once and expects to find again in every pane and in the next session.

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

/// The choices that all plots share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Plot {
    /// What is plotted.
    pub metric: Metric,
    /// Whether the vertical axis is logarithmic (of accuracy: the error rate's is).
    pub log: bool,
    /// How much curves are smoothed.
    pub smoothing: Smoothing,
    /// Whether the picture stands still while training goes on; no part of what is remembered.
    #[serde(skip)]
    pub frozen: bool,
}
