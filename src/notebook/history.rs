//! What a run's events add up to. One pass over them, able to go on where it left off.

use super::RunState;
use super::journal::Line;
use crate::event::{Epoch, Event, Record, Started, picked};
use crate::spec::Rule;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Starts without an epoch after which a run is no longer blamed on chance.
const SUSPICIOUS: u32 = 3;

/// The sum of a run's events so far.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// What the last event says; `None` before the first.
    pub standing: Option<Standing>,
    /// Epochs done. Those that were trained again after an interruption count once.
    pub epochs: Vec<Epoch>,
    /// Where and by what it was last trained.
    pub started: Option<Box<Started>>,
    /// Test accuracy under each rule, once finished.
    pub test_acc: BTreeMap<Rule, Option<f64>>,
    /// Why it failed, or was paused by itself; what is to be known of its figures.
    pub message: Option<String>,
    /// When the last event was written.
    pub updated: Option<Timestamp>,
    /// What the device said that failed for good under it, where it was put back once for that.
    pub died: Option<String>,
    /// How often it was started since the last epoch or other sign of life.
    pub fruitless_starts: u32,
    /// Lines that could not be understood.
    pub damaged: usize,
    /// The newest version of an event that a newer program wrote.
    pub newer: Option<u32>,
}

/// What the last event says, before asking whether a living process holds the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Put (back) into the queue.
    Queued,
    /// A process began to train it.
    Training,
    /// Set aside.
    Paused,
    /// Given up.
    Cancelled,
    /// Ended by an error.
    Failed,
    /// Done.
    Finished,
}

impl Standing {
    /// The state, given whether a living process holds the lock.
    pub fn state(standing: Option<Standing>, held: bool) -> RunState {
        match standing {
            None | Some(Standing::Queued) => RunState::Queued,
            Some(Standing::Training) if held => RunState::Running,
            Some(Standing::Training) => RunState::Interrupted,
            Some(Standing::Paused) => RunState::Paused,
            Some(Standing::Cancelled) => RunState::Cancelled,
            Some(Standing::Failed) => RunState::Failed,
            Some(Standing::Finished) => RunState::Finished,
        }
    }
}

impl History {
    /// Takes one more line into account.
    pub fn line(&mut self, line: Line) {
        match line {
            Line::Record(record) => self.record(*record),
            Line::Newer(version) => self.newer = self.newer.max(Some(version)),
            Line::Damaged => self.damaged += 1,
        }
    }

    fn record(&mut self, Record { t, event, .. }: Record) {
        self.updated = Some(t);
        self.message = None;
        match event {
            Event::Queued(queued) => {
                self.standing = Some(Standing::Queued);
                self.fruitless_starts = 0;
                self.message = queued.after.as_ref().map(|said| format!("it is tried once more: {said}"));
                self.died = queued.after;
                if !queued.from_checkpoint {
                    self.epochs.clear();
                }
            }
            Event::Started(started) => {
                self.standing = Some(Standing::Training);
                self.fruitless_starts += 1;
                // What came after the checkpoint is trained again.
                self.epochs.retain(|epoch| epoch.epoch <= started.epoch);
                self.started = Some(started);
            }
            Event::Epoch(epoch) => {
                self.standing = Some(Standing::Training);
                self.fruitless_starts = 0;
                self.epochs.push(epoch);
            }
            Event::Paused(stopped) => {
                self.standing = Some(Standing::Paused);
                self.message = stopped.reason;
            }
            Event::Cancelled(stopped) => {
                self.standing = Some(Standing::Cancelled);
                self.message = stopped.reason;
            }
            Event::Failed(failed) => {
                self.standing = Some(Standing::Failed);
                self.message = Some(failed.error);
            }
            Event::Finished(finished) => {
                self.standing = Some(Standing::Finished);
                self.test_acc = finished.test_acc;
                self.message = finished.remark;
            }
        }
    }

    /// Test accuracy at the epoch that each rule would pick so far; nothing of a finished run.
    pub fn so_far(&self) -> BTreeMap<Rule, f64> {
        if self.standing == Some(Standing::Finished) {
            return BTreeMap::new();
        }
        let best = |rule| picked(rule, &self.epochs).map(|epoch| (rule, epoch.test_acc));
        Rule::ALL.into_iter().filter_map(best).collect()
    }

    /// What is wrong with a run that was interrupted, where it must be more than chance.
    pub fn suspicion(&self) -> Option<String> {
        (self.standing == Some(Standing::Training) && self.fruitless_starts >= SUSPICIOUS).then(|| {
            format!(
                "the process that trained it died {} times before an epoch was done, perhaps for want of memory; \
                 a smaller --batch needs less, other runs go first",
                self.fruitless_starts
            )
        })
    }

    /// Epochs done.
    pub fn epoch(&self) -> u32 {
        self.epochs.last().map_or(0, |epoch| epoch.epoch)
    }

    /// Seconds of all epochs.
    pub fn seconds(&self) -> f64 {
        // From 0: an empty sum of floating-point numbers is -0.
        self.epochs.iter().fold(0.0, |sum, epoch| sum + epoch.seconds)
    }

    /// At most `most` training losses, evenly over the run.
    pub fn losses(&self, most: usize) -> Vec<f32> {
        let count = self.epochs.len();
        let kept = count.min(most);
        (1..=kept).map(|k| self.epochs[k * count / kept - 1].train_loss as f32).collect()
    }
}
