//! What can be wrong with recordings, in sentences that say what to do. Names stand in them as they are: whoever displays
//! them makes them printable.

use super::npz::NpzError;
use super::recording::RecordingError;
use crate::model::ModelError;
use crate::signal::FilterError;
use crate::spec::{By, SpecError, Split};
use std::path::{Path, PathBuf};

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
    /// A folder without recordings that can be read as they are.
    #[error(
        "{} holds no {}; {remedy}",
        .folder.display(),
        if lies.is_empty() { "npz file".to_owned() } else { format!("data set: there is {}", some(lies)) }
    )]
    NoDataSet {
        /// Which.
        folder: PathBuf,
        /// What else lies there.
        lies: Vec<String>,
        /// What to do.
        remedy: String,
    },
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
    /// Files with the same electrodes in different places.
    #[error(
        "{} has the electrodes {order}, {} has them in the order {other_order}; bring the signal of one into the other's order",
        .path.display(),
        .other.display()
    )]
    ElectrodeOrder {
        /// The file that differs.
        path: PathBuf,
        /// Its order.
        order: String,
        /// From which.
        other: PathBuf,
        /// That one's order.
        other_order: String,
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
        label: String,
    },
    /// A class that no training trial has.
    #[error("{} has the label {label}, which no training trial has; {remedy}", .path.display())]
    UnknownLabel {
        /// The test file.
        path: PathBuf,
        /// The label.
        label: String,
        /// What to do.
        remedy: String,
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
    /// A part of the set that holds no trial to judge on.
    #[error(
        "{}; {}",
        if *given { format!("the data set '{name}' has no test part") } else { format!("the split leaves no trial of '{name}' to judge on") },
        if *given { "let the run make one, such as --split kfold:5 or --split leave_out:run" } else { "take fewer folds" }
    )]
    NothingToJudge {
        /// The data set's name.
        name: String,
        /// Whether the files' own split is asked for.
        given: bool,
    },
    /// All trials of a class are judged on, or of other subjects.
    #[error("no trial of class {class} is left to learn from; take another --split, or other --subjects")]
    ClassNotLearned {
        /// The class.
        class: String,
    },
    /// Folds, and none of them named.
    #[error("{split} makes a run of each fold; name one from --fold 0 to {}, or let 'eeg-tui add' enqueue them all", folds - 1)]
    OpenFold {
        /// The split.
        split: Split,
        /// How many.
        folds: u64,
    },
    /// Groups, and none of them named.
    #[error(
        "{split} makes a run of each; name one with --group ({}), or let 'eeg-tui add' enqueue them all",
        some(known)
    )]
    OpenGroup {
        /// The split.
        split: Split,
        /// The groups.
        known: Vec<String>,
    },
    /// More folds than trials of any class.
    #[error(
        "no class has {folds} trials for {folds} folds, the largest has {most}; take fewer folds with --split kfold:K"
    )]
    TooFewForFolds {
        /// How many folds.
        folds: usize,
        /// The trials of the largest class.
        most: usize,
    },
    /// A grouping of which the files say nothing.
    #[error(
        "the files don't say the {} of their trials; add an array '{}' with one name a trial, or take another --split",
        .0.name(), .0.name()
    )]
    GroupsNotSaid(By),
    /// Nobody to leave out.
    #[error("all trials are of {} {}: there is no other to learn from; take another --split", .by.name(), .only)]
    OneGroup {
        /// The grouping.
        by: By,
        /// The only group.
        only: String,
    },
    /// A group that there is not.
    #[error("there is no {} '{}' in the data; there are {}", .by.name(), .group, some(known))]
    UnknownGroup {
        /// The grouping.
        by: By,
        /// What was asked for.
        group: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A subject that there is not.
    #[error("there is no subject '{name}' in the data; there are {}", some(known))]
    UnknownSubject {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// Every subject, one at a time, where one run is wanted.
    #[error(
        "'--subjects each' makes a run of every subject; name one, or let 'eeg-tui add' enqueue them all"
    )]
    EachSubject,
    /// A band was asked for, and nobody knows how fast the samples come.
    #[error(
        "the data set does not say its sampling rate, so no band can be filtered; add 'sfreq' to its files or take --band none"
    )]
    NoRate,
    /// A band that these trials can't be filtered to.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// A spec that no run can have.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// Trials that the network can't take.
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl DataError {
    /// Whether the system refused to read, rather than what was read being wrong: the same may succeed later.
    pub fn is_refusal(&self) -> bool {
        match self {
            DataError::Folder { .. } => true,
            DataError::Recording { fault, .. } => matches!(**fault, RecordingError::Npz(NpzError::Io(_))),
            _ => false,
        }
    }

    /// Wraps what the system said about a folder.
    pub(super) fn folder(path: &Path) -> impl FnOnce(std::io::Error) -> DataError {
        let path = path.to_owned();
        move |error| DataError::Folder { path, error }
    }
}

/// Names in a sentence; of many the first few.
fn some(names: &[String]) -> String {
    const FEW: usize = 12;
    match names.len() {
        0..=FEW => names.join(", "),
        count => format!("{}, … ({count} of them)", names[..FEW].join(", ")),
    }
}

fn short(fingerprint: &str) -> &str {
    fingerprint.get(..8).unwrap_or(fingerprint)
}
