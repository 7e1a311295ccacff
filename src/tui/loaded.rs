//! What was read of the notebook for the panes, off the drawing thread.

use crate::dataset::DataSet;
use crate::dataset::findings::Finding;
use crate::event::{Epoch, Event, Finished, Record, picked};
use crate::predictions::Predictions;
use crate::spec::Rule;
use crate::table::Matrix;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the notebook keeps of one run, read for Detail, Compare and the live curve.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunDetail {
    /// Everything that happened, oldest first, without the epochs.
    pub records: Vec<Record>,
    /// The epochs, each once, in order.
    pub epochs: Vec<Epoch>,
    /// When each epoch ended, by its number.
    pub times: BTreeMap<u32, Timestamp>,
    /// Per-trial predictions of a finished run, by the rule that picked the epoch.
    pub predictions: BTreeMap<Rule, Predictions>,
    /// The person's words.
    pub notes: String,
}

/// The tables over the notebook, one of each kind for every recipe that was used, the last used first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tables {
    /// Models × activations.
    pub matrices: Vec<Matrix>,
    /// Models × ELU's α.
    pub sweeps: Vec<Matrix>,
}

/// Recordings for new runs, and what was noticed about them.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// The recordings.
    pub data: Arc<DataSet>,
    /// What opens them again in another session: their name, or their folder where that lies elsewhere.
    pub again: String,
    /// In the order of the table of findings.
    pub findings: Vec<Finding>,
}

/// Something read off the drawing thread.
#[derive(Clone, Debug, Default)]
pub enum Loaded<T> {
    /// Not here yet.
    #[default]
    Waiting,
    /// Here.
    Ready(T),
    /// It can't be had; a sentence that says why and what to do.
    Failed(String),
}

impl<T> Loaded<T> {
    /// The thing, once it is here.
    pub fn ready(&self) -> Option<&T> {
        match self {
            Loaded::Ready(thing) => Some(thing),
            _ => None,
        }
    }
}

impl RunDetail {
    /// What the finished run said of itself.
    pub fn finished(&self) -> Option<&Finished> {
        self.records.iter().rev().find_map(|record| match &record.event {
            Event::Finished(finished) => Some(finished),
            _ => None,
        })
    }

    /// Why there is no curve of a run that has no epoch.
    pub fn without_epochs(&self) -> &'static str {
        match self.records.last().map(|record| &record.event) {
            Some(Event::Failed(_) | Event::Cancelled(_)) => "no epoch was done",
            Some(Event::Finished(_)) => "fitted in one step: no curve",
            _ => "no epoch yet",
        }
    }

    /// The epoch that a rule picks of those so far.
    pub fn picked(&self, rule: Rule) -> Option<&Epoch> {
        picked(rule, &self.epochs)
    }
}
