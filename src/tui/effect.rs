//! What the screen asks of the world, and what the world tells the screen. Effects go out of [`super::update`], the
//! runtime carries them out off the drawing thread, and what comes of them comes back as messages.

use super::key::Key;
use super::loaded::{RunDetail, Tables};
use super::machine::Load;
use super::plot::Plot;
use crate::dataset::DataSet;
use crate::notebook::{Place, RunSummary};
use crate::spec::{Rule, Spec};
use jiff::Timestamp;
use std::sync::Arc;

/// Something to be done outside. Runs go by their ids.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Put runs at the end of the queue, and see that a worker takes them.
    Enqueue(Vec<Spec>),
    /// Pause what waits or trains.
    Pause(Vec<String>),
    /// Let paused, cancelled or broken-off runs go on.
    Resume(Vec<String>),
    /// Give up.
    Cancel(Vec<String>),
    /// Train again from nothing.
    Retry(Vec<String>),
    /// Take out of the notebook, so that it can be restored.
    Remove(Vec<String>),
    /// Bring removed runs back.
    Restore(Vec<String>),
    /// Move runs to a place in the queue.
    Move(Vec<String>, Place),
    /// Set the labels of runs.
    SetTags(Vec<(String, Vec<String>)>),
    /// Replace the notes of a run.
    SetNotes(String, String),
    /// Edit the notes of a run in the person's editor.
    EditNotes(String),
    /// Read a run for Detail and Compare.
    ReadRun(String),
    /// Compute the tables of Matrix and Alpha from these runs, by this rule.
    Tabulate(Arc<Vec<RunSummary>>, Rule),
    /// Copy to the clipboard (OSC 52), and write to a file of this name.
    Copy {
        /// What.
        text: String,
        /// The file's name, with its extension.
        file: String,
    },
    /// Tell the person that something ended, by the means that the config file names.
    Notify(Ended, String),
    /// Keep these choices for the next session: plots, rule, the theme's name.
    Remember(Plot, Rule, String),
    /// Draw every cell anew.
    Redraw,
    /// Give the shell back until `fg`.
    Suspend,
}

/// What a notification is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// A run finished or failed.
    Run,
    /// Nothing is left to train.
    Queue,
}

/// A change that can be taken back.
#[derive(Clone, Debug, PartialEq)]
pub struct Undo {
    /// What was done, as `removal of 3 runs`.
    pub what: String,
    /// What takes it back.
    pub effect: Effect,
}

/// Something that happened outside.
#[derive(Clone, Debug)]
pub enum Message {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The terminal has another size: columns, rows.
    Resize(u16, u16),
    /// The mouse was clicked at a column and row, or its wheel turned by so many lines.
    Mouse(Mouse),
    /// Time went on.
    Tick(Timestamp),
    /// The notebook holds these runs now.
    Runs(Arc<Vec<RunSummary>>),
    /// A run was read.
    Run(String, Arc<RunDetail>),
    /// The tables were computed.
    Tables(Arc<Tables>),
    /// The recordings were read, or can't be.
    Data(Result<Arc<DataSet>, String>),
    /// Names of the data sets that one could have opened.
    Sets(Vec<String>),
    /// The machine was sampled.
    Load(Load),
    /// A worker process is alive, or not.
    Worker(bool),
    /// An effect succeeded: a sentence, and what takes it back.
    Done(String, Option<Undo>),
    /// An effect failed: a sentence.
    Failed(String),
}

/// What the mouse did, where the person asked for a mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// A click at a column and row.
    Click(u16, u16),
    /// The wheel, downwards positive.
    Wheel(i8),
}
