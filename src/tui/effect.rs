//! What the screen asks of the world, and what the world tells the screen. Effects go out of [`super::update`], the
//! runtime carries them out off the drawing thread, and what comes of them comes back as messages.

use super::import::{Inquiry, Wanted};
use super::key::Key;
use super::loaded::{Opened, RunDetail, Tables};
use super::machine::Load;
use super::memory::Memory;
use super::survey::Survey;
use crate::dataset::Statistics;
use crate::dataset::findings::Finding;
use crate::notebook::{Place, Problem, RunSummary};
use crate::recording::import::{Inspected, Report as Made};
use crate::spec::{DataSource, Rule, Spec};
use crate::worker::Notice;
use crate::worker::slurm::Waiting;
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
    /// Take runs out again that were enqueued and have not begun; what has begun stays.
    Withdraw(Vec<String>),
    /// Bring removed runs back.
    Restore(Vec<String>),
    /// Move runs to a place in the queue.
    Move(Vec<String>, Place),
    /// Add labels to runs and take others off.
    SetTags {
        /// Whose.
        ids: Vec<String>,
        /// Labels that they get.
        add: Vec<String>,
        /// Labels that they lose.
        remove: Vec<String>,
    },
    /// Read the notes of a run.
    ReadNotes(String),
    /// Read the notes of many runs, for a filter.
    ReadAllNotes(Vec<String>),
    /// Read what the predictions of many runs say under a rule, for a filter or an order.
    ReadScores(Vec<String>, Rule),
    /// Replace the notes of a run, if they are still as they were read.
    SetNotes {
        /// Whose.
        id: String,
        /// What they are to be.
        text: String,
        /// What was read.
        over: String,
    },
    /// Take a change back.
    TakeBack(Change),
    /// Do a change again that was taken back.
    DoAgain(Change),
    /// Start a worker on what waits, whoever enqueued it.
    StartWorker,
    /// Say in the notebook that this machine trains nothing of it by itself, or take that back.
    ToggleNeverHere,
    /// Give these jobs up in Slurm's queue.
    CancelJobs(Vec<String>),
    /// Write a page about these runs, their epochs chosen by this rule.
    Report(Arc<Vec<RunSummary>>, Rule),
    /// Read this data set for new runs; the usual one where none is named.
    OpenData(String),
    /// Look at these data sets.
    Survey(Vec<String>),
    /// Look over the set of runs that are to be trained, and come back with what waits for it.
    Judge(DataSource, Box<Effect>),
    /// Find the paths that go on like this one.
    CompletePath(String),
    /// Look into recordings.
    Inspect(Inquiry),
    /// Make a data set of recordings.
    Import(Box<Wanted>),
    /// Let go of recordings that are being read.
    StopImport,
    /// Read the end of the worker's log.
    ReadLog,
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
    /// Keep these choices for the next session.
    Remember(Box<Memory>),
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

/// Something that was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What and to which run, as `removal of EEGNet ELU 0.3 seed 1`.
    pub what: String,
    /// What takes it back, in order; empty where nothing can.
    pub back: Vec<Effect>,
    /// What does it again.
    pub again: Vec<Effect>,
}

/// What became of an effect.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// A sentence.
    pub text: String,
    /// What was done, where it belongs to the history.
    pub change: Option<Change>,
    /// The sentence holds for as long as one of these runs trains.
    pub while_training: Vec<String>,
    /// Runs that are new in the notebook.
    pub enqueued: Vec<String>,
    /// What they are.
    pub specs: Vec<Spec>,
}

/// Why no worker is started though runs wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// They were enqueued elsewhere: a person decides.
    Ask,
    /// The config file says never.
    Never,
    /// The notebook says never on this machine.
    NeverHere,
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
    /// These folders of it can't be read as runs.
    Unread(Vec<Problem>),
    /// A run was read.
    Run(String, Arc<RunDetail>),
    /// The tables were computed.
    Tables(Arc<Tables>),
    /// The recordings were read, or can't be.
    Data(Result<Opened, String>),
    /// Figures of a data set were measured.
    Statistics(Arc<Statistics>),
    /// Recordings of this fingerprint are those that the lab used.
    LabData(String),
    /// Names of the data sets that one could have opened.
    Sets(Vec<String>),
    /// The machine was sampled.
    Load(Load),
    /// A worker process is alive, or not.
    Worker(bool),
    /// Why runs wait without a worker; `None` where one would be started.
    Hold(Option<Hold>),
    /// What this machine's worker had to say of its device; `None` where it has nothing to say.
    Device(Option<Notice>),
    /// What Slurm's queue holds of the jobs that were submitted for the notebook.
    Jobs(Vec<Waiting>),
    /// An effect succeeded.
    Done(Report),
    /// A change was taken back.
    TakenBack(Change, String),
    /// A change was done again.
    DoneAgain(Change, String),
    /// A run's notes, as they are on disk.
    Notes(String, String),
    /// The notes of many runs.
    AllNotes(Vec<(String, String)>),
    /// What the predictions of runs say under a rule.
    Scores(Rule, Vec<Said>),
    /// Notes could not be kept: they come back, over what is on disk, with the reason.
    NotesBack {
        /// Whose.
        id: String,
        /// What is to stand in the editor.
        text: String,
        /// What is on disk.
        read: String,
        /// Why.
        reason: String,
    },
    /// What was noticed about the set of runs that wait to be enqueued, or why it can't be read.
    Judged(DataSource, Result<Vec<Finding>, String>, Box<Effect>),
    /// What one look at a data set said.
    Surveyed(String, Result<Survey, String>),
    /// Paths that go on like the one that was asked for.
    Completed(String, Vec<String>),
    /// What lies in recordings.
    Inspected(Inquiry, Result<Arc<Inspected>, String>),
    /// An import has read so many bytes of so many.
    ImportRead(u64, u64),
    /// A data set was made of recordings, or why not.
    Imported(Result<Arc<Made>, String>),
    /// The end of the worker's log, oldest line first.
    Log(Vec<String>),
    /// An effect failed: a sentence.
    Failed(String),
}

/// What a run's predictions say.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The run.
    pub id: String,
    /// Cohen's κ, where it can be computed.
    pub kappa: Option<f64>,
    /// Whose trials it was tested on.
    pub subjects: Vec<String>,
}

/// What the mouse did, where the person asked for a mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// A click at a column and row.
    Click(u16, u16),
    /// The wheel, downwards positive.
    Wheel(i8),
}
