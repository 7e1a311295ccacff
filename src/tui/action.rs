//! Everything a person can ask of the screen, as data. What an action does is [`super::update`]'s business; which keys
//! call it is [`super::keymap`]'s.

use super::pane::Pane;
use crate::lab;

/// One thing that a key, or the palette, can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Leave the program; training goes on without it.
    Quit,
    /// Show what every key does in this pane.
    Help,
    /// Find any action by its name.
    Palette,
    /// Go to a pane.
    Show(Pane),
    /// Go to the pane on the right.
    NextPane,
    /// Go to the pane on the left.
    PreviousPane,
    /// Draw everything anew.
    Redraw,
    /// Stop the program and give the shell back; `fg` returns.
    Suspend,
    /// Show what was reported so far.
    Messages,

    /// One line or cell up.
    Up,
    /// One line or cell down.
    Down,
    /// One step, cell or epoch to the left.
    Left,
    /// One step, cell or epoch to the right.
    Right,
    /// A screenful up.
    PageUp,
    /// A screenful down.
    PageDown,
    /// To the first line, cell or epoch.
    First,
    /// To the last line, cell or epoch.
    Last,
    /// Look into what is selected.
    Open,
    /// Out of it again: close, deselect, or clear the filter.
    Back,

    /// Enqueue one of the report's networks, by its place there, once with each of the lab's activations.
    CompareLabs(usize),
    /// Enqueue the network on show once with each of the lab's activations.
    CompareShown,
    /// Enqueue the lab's ELU α from 1.0 down to 0.1 for the selected run's model.
    SweepAlpha,
    /// Enqueue the classical baselines.
    FitBaselines,
    /// Fill in a form and enqueue anything.
    NewRun,
    /// Choose an experiment: the lab's report, activations, the α sweep.
    Presets,
    /// Choose the data that new runs are about.
    ChooseData,
    /// Make a data set of recordings.
    ImportData,
    /// Choose the columns of the list.
    ChooseColumns,
    /// Add runs to Compare or drop some.
    ChooseRuns,
    /// Start a worker on what waits.
    StartWorker,
    /// Say in the notebook that this machine trains nothing of it by itself, or take that back.
    NeverTrainHere,
    /// Take the notebook's jobs out of Slurm's queue, or end them.
    CancelJobs,
    /// Write a page about the notebook.
    WriteReport,
    /// Enqueue the runs that the selected cell lacks.
    EnqueueMissing,
    /// Say how the verdict on the selected cell came about.
    Explain,
    /// Show what each class was taken for in the selected cell, its ROC curve and its reliability.
    Inside,

    /// Mark or unmark the selected run; bulk actions and Compare take the marked ones.
    Mark,
    /// Mark all runs that are listed, or unmark them.
    MarkAll,
    /// Pause what is queued or training; resume what is paused.
    PauseOrResume,
    /// Give up: the run keeps what it has.
    Cancel,
    /// Train again from nothing.
    Retry,
    /// Take out of the notebook; undo brings it back.
    Remove,
    /// Take back the last change.
    Undo,
    /// Do again what was taken back.
    Redo,
    /// One place forward in the queue.
    MoveUp,
    /// One place back in the queue.
    MoveDown,
    /// Show only the runs that match.
    Filter,
    /// Go to a trial by its number.
    FindTrial,
    /// Sort by the next column.
    Sort,
    /// Sort the other way round.
    SortReverse,
    /// Give the runs labels of your own.
    Tags,
    /// Write down what you think of the run.
    Notes,
    /// Write it in your own editor.
    NotesInEditor,

    /// The next way to lay runs together in Compare: seeds, single runs, by a field.
    NextGrouping,
    /// The worker's log, at what it says of the run.
    ShowLog,
    /// Next selection rule for every accuracy on screen.
    NextRule,
    /// Next thing to plot or tabulate: accuracy, loss, …
    NextMetric,
    /// The next part of this pane: model, subject, table …
    NextPart,
    /// The part before.
    PreviousPart,
    /// Epochs, training time or the time of the day along the horizontal axis.
    NextAxis,
    /// Set the ends of the vertical axis.
    Limits,
    /// Logarithmic or linear vertical axis.
    ToggleLog,
    /// Smooth the curves, the raw ones dim behind; several strengths.
    ToggleSmoothing,
    /// Fewer epochs or samples, larger.
    ZoomIn,
    /// More epochs or samples, smaller.
    ZoomOut,
    /// All epochs or samples.
    ZoomReset,
    /// Hold the picture still while training goes on.
    Freeze,
    /// Other colours: the next theme.
    NextTheme,
    /// Copy what is shown to the clipboard, and write it to a file.
    Copy,
    /// The next format to copy in: Markdown, LaTeX, CSV.
    CopyFormat,
}

impl Action {
    /// The name in the config file: `pause_or_resume`, `show_matrix`.
    pub fn name(self) -> String {
        match self {
            Action::Show(pane) => return format!("show_{}", pane.title().to_lowercase()),
            Action::CompareLabs(place) => return format!("compare_{}", lab::models()[place].name()),
            _ => {}
        }
        let mut name = String::new();
        for letter in format!("{self:?}").chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.extend(letter.to_lowercase());
        }
        name
    }
}
