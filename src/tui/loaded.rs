//! What was read of the notebook for the panes, off the drawing thread.

use crate::event::{Epoch, Event, Finished, Record};
use crate::predictions::Predictions;
use crate::spec::Rule;
use crate::table::Matrix;
use jiff::Timestamp;
use std::collections::BTreeMap;

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

    /// The epoch with the least validation loss so far, the first of equals.
    pub fn least_validation_loss(&self) -> Option<u32> {
        let held_out = self.epochs.iter().filter_map(|epoch| Some((epoch.val_loss?, epoch.epoch)));
        let known = held_out.filter(|(loss, _)| loss.is_finite());
        known.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, epoch)| epoch)
    }

    /// The best epoch on the test trials, the first of equals: accuracy and epoch.
    pub fn best_on_test(&self) -> Option<(f64, u32)> {
        let all = self.epochs.iter().filter(|epoch| epoch.test_acc.is_finite());
        all.max_by(|a, b| a.test_acc.total_cmp(&b.test_acc).then(b.epoch.cmp(&a.epoch)))
            .map(|epoch| (epoch.test_acc, epoch.epoch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equal_losses_wins_and_nan_never() {
        let epoch = |number, loss| Epoch {
            epoch: number,
            train_loss: 0.0,
            train_acc: 0.0,
            val_loss: loss,
            val_acc: None,
            test_loss: 0.0,
            test_acc: 0.0,
            seconds: 0.0,
        };
        let epochs = vec![epoch(1, Some(f64::NAN)), epoch(2, Some(0.5)), epoch(3, Some(0.5)), epoch(4, None)];
        assert_eq!(RunDetail { epochs, ..RunDetail::default() }.least_validation_loss(), Some(2));
    }
}
