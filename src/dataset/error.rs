//! What can be wrong with recordings, in sentences that say what to do. Names stand in them as they are: whoever displays
//! them makes them printable.

use crate::model::ModelError;
use crate::spec::SpecError;
use std::path::PathBuf;

/// Why a data set can't be read, or can't be used for a run.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// No such folder, and no other place to look.
    #[error("there is no data folder {}; make it and put npz files there, or leave --data out", .0.display())]
    NoFolder(PathBuf),
    /// `--data-set` names nothing.
    #[error(
        "no data set is called '{}'; {}",
        name,
        if known.is_empty() {
            "give a folder of npz files, or 'simulated'".to_owned()
        } else {
            format!("there are {} and simulated", known.join(", "))
        }
    )]
    UnknownName {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A folder without recordings.
    #[error("{} holds no npz file; put <subject>_train.npz and <subject>_test.npz there", .0.display())]
    EmptyFolder(PathBuf),
    /// The recordings are not those that a run was enqueued with.
    #[error(
        "the data set '{}' has changed since the run was enqueued (fingerprint {}… then, {}… now); \
         put the old recordings back, or enqueue the run anew",
        name,
        short(expected),
        short(found)
    )]
    Changed {
        /// The data set's name.
        name: String,
        /// In the spec.
        expected: String,
        /// Of what was read.
        found: String,
    },
    /// More trials in a batch than there are.
    #[error("batch {batch} is larger than the {trials} training trials; take a smaller one with --batch")]
    Batch {
        /// What was asked for.
        batch: usize,
        /// What there is.
        trials: usize,
    },
    /// A held-out share that leaves nothing of a class on one side.
    #[error(
        "holding out {fraction} leaves no {part} trial of class {}; \
         take another share with --validation, or 0 for none",
        class
    )]
    EmptyClass {
        /// What was asked for.
        fraction: f64,
        /// The class that went missing.
        class: String,
        /// Where: `training` or `validation`.
        part: &'static str,
    },
    /// A spec that no run can have.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// Trials that the network can't take.
    #[error(transparent)]
    Model(#[from] ModelError),
}

fn short(fingerprint: &str) -> &str {
    fingerprint.get(..8).unwrap_or(fingerprint)
}
