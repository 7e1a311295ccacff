//! What happens to a run. One enum, many sinks: the notebook on disk, the terminal, `--json` output and tests all see
//! the same events. Knows nothing of any of them.

use crate::spec::Rule;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of `events.jsonl` that this program writes.
pub const EVENT_VERSION: u32 = 1;

/// One line of `events.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Format of the line.
    pub v: u32,
    /// When it was written.
    pub t: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What happened to a run. Accuracies are fractions; losses are means per trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Waiting (again): after a resume or a retry. A new run has no event at all.
    Queued(Queued),
    /// A process began to train it, or went on from a checkpoint.
    Started(Box<Started>),
    /// An epoch is over.
    Epoch(Epoch),
    /// Set aside by a person or by a full disk; the checkpoint is kept.
    Paused(Stopped),
    /// Given up by a person.
    Cancelled(Stopped),
    /// Ended by an error.
    Failed(Failed),
    /// Done.
    Finished(Finished),
}

/// Why a run waits again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queued {
    /// Whether it starts from nothing (retry) or from its checkpoint (resume).
    pub from_checkpoint: bool,
    /// What the device said when it failed for good under the run, which is tried once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// Where and by what a run is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// Epochs that are done already, from a checkpoint.
    pub epoch: u32,
    /// Version of this program.
    pub program: String,
    /// Its commit, where it was built from one.
    pub commit: Option<String>,
    /// The command line.
    pub command: Vec<String>,
    /// The host's name.
    pub host: String,
    /// The process.
    pub pid: u32,
    /// The batch system's job that the process is, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<BatchJob>,
    /// Such as `cpu` or `cuda:0 NVIDIA H100`.
    pub device: String,
    /// Threads on the CPU.
    pub threads: usize,
    /// Fingerprint of the data that were read.
    pub fingerprint: String,
    /// Hash of the spec.
    pub spec_hash: String,
    /// Trials trained on, held out, and tested on.
    pub trials: TrialCounts,
    /// What a person should know of the start, such as that a checkpoint was of no use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

/// A job of a batch system such as Slurm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchJob {
    /// Its number.
    pub id: String,
    /// Which element of an array it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub element: Option<String>,
}

impl std::fmt::Display for BatchJob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.element {
            Some(element) => write!(f, "{}_{element}", self.id),
            None => f.write_str(&self.id),
        }
    }
}

/// How many trials a run has for each purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialCounts {
    /// Trained on.
    pub train: usize,
    /// Held out to choose the epoch.
    pub validation: usize,
    /// Tested on.
    pub test: usize,
}

/// One epoch's figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Counted from 1.
    pub epoch: u32,
    /// Mean over the epoch's trials, dropout on.
    pub train_loss: f64,
    /// Likewise.
    pub train_acc: f64,
    /// On the held-out trials, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub val_loss: Option<f64>,
    /// Likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub val_acc: Option<f64>,
    /// On the test trials.
    pub test_loss: f64,
    /// Likewise.
    pub test_acc: f64,
    /// Wall-clock seconds of training and evaluation together. No part of a run's identity.
    pub seconds: f64,
}

/// A run that stopped before its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// Epochs done.
    pub epoch: u32,
    /// Why, where no person asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A run that could not go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// Epochs done.
    pub epoch: u32,
    /// What was wrong, and what to do.
    pub error: String,
}

/// A run's result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// The run.
    pub id: String,
    /// Test accuracy at the epoch that each rule picks; `null` where the rule does not apply.
    pub test_acc: BTreeMap<Rule, Option<f64>>,
    /// The epoch that each rule picks.
    pub picked: BTreeMap<Rule, Option<u32>>,
    /// Of the last epoch.
    pub train_loss: f64,
    /// Of the last epoch.
    pub train_acc: f64,
    /// Epochs done.
    pub epochs: u32,
    /// Seconds of all epochs.
    pub seconds: f64,
    /// What the reader of its figures should know, such as that a baseline's covariance had to be shrunk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

impl Epoch {
    /// The figures that a spec and seed decide: everything but the time it took.
    pub fn metrics(&self) -> Epoch {
        Epoch { seconds: 0.0, ..self.clone() }
    }
}

/// The epoch that a rule picks of these, the first of equals. What is no number is never picked.
pub fn picked(rule: Rule, epochs: &[Epoch]) -> Option<&Epoch> {
    let least = |figure: fn(&Epoch) -> Option<f64>| {
        let known = epochs.iter().filter_map(|epoch| Some((figure(epoch)?, epoch)));
        let known = known.filter(|(figure, _)| figure.is_finite());
        known.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, epoch)| epoch)
    };
    match rule {
        Rule::Validation => least(|epoch| epoch.val_loss),
        Rule::Last => epochs.last(),
        Rule::BestTest => least(|epoch| Some(-epoch.test_acc)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equals_is_picked_and_nan_never() {
        let epoch = |epoch, val_loss, test_acc| Epoch {
            epoch,
            train_loss: 0.0,
            train_acc: 0.0,
            val_loss,
            val_acc: None,
            test_loss: 0.0,
            test_acc,
            seconds: 0.0,
        };
        let epochs = [
            epoch(1, Some(f64::NAN), 0.5),
            epoch(2, Some(0.5), 0.8),
            epoch(3, Some(0.5), 0.8),
            epoch(4, None, f64::NAN),
        ];
        let picked = |rule| picked(rule, &epochs).map(|epoch| epoch.epoch);
        assert_eq!(Rule::ALL.map(picked), [Some(2), Some(4), Some(2)]);
        assert_eq!(super::picked(Rule::Validation, &epochs[3..]), None, "nothing was held out");
    }

    #[test]
    fn a_line_is_flat_and_comes_back() {
        let epoch = Epoch {
            epoch: 3,
            train_loss: 0.5,
            train_acc: 0.75,
            val_loss: None,
            val_acc: None,
            test_loss: 0.6,
            test_acc: 0.7,
            seconds: 0.2,
        };
        let record = Record { v: EVENT_VERSION, t: Timestamp::UNIX_EPOCH, event: Event::Epoch(epoch) };
        let line = serde_json::to_string(&record).unwrap();
        assert!(
            line.starts_with(r#"{"v":1,"t":"1970-01-01T00:00:00Z","event":"epoch","epoch":3,"#),
            "{line}"
        );
        assert_eq!(serde_json::from_str::<Record>(&line).unwrap(), record);
    }
}
