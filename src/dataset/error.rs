//! What can be wrong with recordings, in sentences that say what to do. Names stand in them as they are: whoever displays
//! them makes them printable.

use super::recording::RecordingError;
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
    /// A folder that can't be listed.
    #[error("the folder {} can't be read: {error}", .path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A file that can't be used, whatever the others are.
    #[error("{} {fault}", .path.display())]
    Recording {
        /// Which.
        path: PathBuf,
        /// Why.
        fault: Box<RecordingError>,
    },
    /// One of a subject's two files.
    #[error("{} has no {lacks}.npz beside it; every subject needs a _train.npz and a _test.npz", .have.display())]
    Unpaired {
        /// The file that is there.
        have: PathBuf,
        /// What its name lacks a counterpart for: `_train` or `_test`.
        lacks: &'static str,
    },
    /// More than can be told apart.
    #[error("there are {0} subjects, more than 65535; split the data set")]
    TooManySubjects(usize),
    /// Trials of unlike size.
    #[error(
        "{} has trials of {} samples × {} electrodes, {} of {} × {}; cut all recordings of a data set alike",
        .path.display(), .shape.0, .shape.1, .other.display(), .other_shape.0, .other_shape.1
    )]
    Shapes {
        /// The file that differs.
        path: PathBuf,
        /// Its samples and electrodes.
        shape: (usize, usize),
        /// From which.
        other: PathBuf,
        /// Samples and electrodes there.
        other_shape: (usize, usize),
    },
    /// Files that say different things of the whole set.
    #[error("{} and {} differ in their {what}; only like recordings make a data set", .path.display(), .other.display())]
    Disagree {
        /// In what.
        what: &'static str,
        /// The file that differs.
        path: PathBuf,
        /// From which.
        other: PathBuf,
    },
    /// Nothing to tell apart.
    #[error(
        "all training trials have the label {label} ({}); a classifier needs at least two classes",
        .path.display()
    )]
    OneClass {
        /// The first training file.
        path: PathBuf,
        /// The label.
        label: f64,
    },
    /// A class that no training trial has.
    #[error("{} has the label {label}, which no training trial has; take such trials out", .path.display())]
    UnknownLabel {
        /// The test file.
        path: PathBuf,
        /// The label.
        label: f64,
    },
    /// A data set that is no longer where it was.
    #[error(
        "the data set '{name}' is neither in {} any more nor in {}; put it back, or say where it is with --data",
        .path.display(), .data_dir.display()
    )]
    Gone {
        /// The data set's name.
        name: String,
        /// Where it was.
        path: PathBuf,
        /// Where else it was looked for.
        data_dir: PathBuf,
    },
    /// The recordings are not those that a run was enqueued with.
    #[error(
        "{} since the run was enqueued (fingerprint {}… then, {}… now); {}",
        if *simulated {
            "the built-in simulation has changed".to_owned()
        } else {
            format!("the data set '{name}' has changed")
        },
        short(expected),
        short(found),
        if *simulated { "enqueue it anew" } else { "put the old recordings back, or enqueue it anew" }
    )]
    Changed {
        /// The data set's name.
        name: String,
        /// Whether it is the built-in one.
        simulated: bool,
        /// In the spec.
        expected: String,
        /// Of what was read.
        found: String,
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
