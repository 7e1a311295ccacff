//! What a list of runs needs to know about each.

use crate::event::{Epoch, Started};
use crate::spec::{Rule, Spec};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Where a run stands. Derived from its events and its lock, never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// Waiting for a worker.
    Queued,
    /// A living process trains it.
    Running,
    /// The process that trained it died; a worker goes on from the checkpoint.
    Interrupted,
    /// Set aside by a person, or by a full disk (then there is a message).
    Paused,
    /// Given up by a person.
    Cancelled,
    /// Ended by an error.
    Failed,
    /// Done.
    Finished,
}

impl RunState {
    /// Every state, in the order of a run's life.
    pub const ALL: [RunState; 7] = [
        RunState::Queued,
        RunState::Running,
        RunState::Interrupted,
        RunState::Paused,
        RunState::Cancelled,
        RunState::Failed,
        RunState::Finished,
    ];

    /// The word for it, everywhere.
    pub fn name(self) -> &'static str {
        match self {
            RunState::Queued => "queued",
            RunState::Running => "running",
            RunState::Interrupted => "interrupted",
            RunState::Paused => "paused",
            RunState::Cancelled => "cancelled",
            RunState::Failed => "failed",
            RunState::Finished => "finished",
        }
    }

    /// Whether a worker will take it without being asked.
    pub fn awaits_worker(self) -> bool {
        matches!(self, RunState::Queued | RunState::Interrupted)
    }
}

impl std::fmt::Display for RunState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// One run, as a list shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSummary {
    /// The folder's name: sorts by time, and says what it is.
    pub id: String,
    /// What was asked.
    pub spec: Spec,
    /// Where it stands.
    pub state: RunState,
    /// Epochs done.
    pub epoch: u32,
    /// Test accuracy under each rule, of a finished run; empty before.
    pub test_acc: BTreeMap<Rule, Option<f64>>,
    /// Test accuracy at the epoch that each rule would pick so far, of a run that is not finished: provisional.
    pub so_far: BTreeMap<Rule, f64>,
    /// The last epoch's figures.
    pub last: Option<Epoch>,
    /// Training losses for a sparkline, oldest first, over the whole run so far; at most [`RunSummary::TAIL`].
    pub loss_tail: Vec<f32>,
    /// When it was enqueued, as its id says.
    pub created: Timestamp,
    /// When something last happened to it.
    pub updated: Timestamp,
    /// Where and by what it was (last) trained.
    pub started: Option<Box<Started>>,
    /// Seconds of training, over all epochs; estimated from a sample of them where the run is not finished.
    pub seconds: f64,
    /// Why it failed, or was paused by itself; what is to be known of its figures.
    pub message: Option<String>,
    /// Place in the queue, counted from 0, of a run that awaits a worker.
    pub position: Option<usize>,
    /// A person's labels.
    pub tags: Vec<String>,
    /// Whether there are notes.
    pub has_notes: bool,
}

impl RunSummary {
    /// The most losses that are kept for a sparkline.
    pub const TAIL: usize = 32;

    /// Test accuracy under a rule, where the run is finished and the rule applies.
    pub fn accuracy(&self, rule: Rule) -> Option<f64> {
        self.test_acc.get(&rule).copied().flatten()
    }

    /// The best so far under a rule, of a run that is not finished.
    pub fn provisional(&self, rule: Rule) -> Option<f64> {
        self.so_far.get(&rule).copied()
    }

    /// Epochs still to do.
    pub fn remaining(&self) -> u32 {
        match self.state {
            RunState::Finished => 0,
            _ => self.spec.epochs.saturating_sub(self.epoch),
        }
    }
}

/// Runs of tests, wherever they are: what a test does not care about is said here alone.
#[cfg(test)]
impl RunSummary {
    /// A finished run that has done all its epochs.
    pub fn finished(id: impl Into<String>, spec: Spec) -> Self {
        RunSummary {
            id: id.into(),
            state: RunState::Finished,
            epoch: spec.epochs,
            spec,
            test_acc: BTreeMap::new(),
            so_far: BTreeMap::new(),
            last: None,
            loss_tail: Vec::new(),
            created: Timestamp::UNIX_EPOCH,
            updated: Timestamp::UNIX_EPOCH,
            started: None,
            seconds: 1.5,
            message: None,
            position: None,
            tags: Vec::new(),
            has_notes: false,
        }
    }
}
