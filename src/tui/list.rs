//! The list of runs: which are shown, in what order, which is selected, which are marked. Follows the index as it
//! changes: the selection stays with its run, not with its line.

use crate::filter::{Context, Filter};
use crate::notebook::{RunState, RunSummary};
use crate::spec::{FIELDS, Field};
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeSet;

/// What the list shows of a run and is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Column {
    /// What happens first: training, the queue in its order, then the past, newest first.
    #[default]
    Queue,
    /// State.
    State,
    /// Model.
    Model,
    /// Activation and its parameter.
    Activation,
    /// Seed.
    Seed,
    /// Epochs done.
    Epoch,
    /// Test accuracy under the current rule.
    Accuracy,
    /// The data that it is about.
    Data,
    /// When something last happened.
    Age,
    /// What was asked there, by its place in the table of spec fields.
    Asked(usize),
    /// Cohen's κ under the current rule.
    Kappa,
    /// A person's labels.
    Tags,
    /// Last training loss, and the losses before it.
    Loss,
}

/// Fields that stand in columns of their own kind.
const ELSEWHERE: [&str; 5] = ["model", "activation", "alpha", "seed", "epochs"];

impl Column {
    /// Every column that can be shown, in its order on the screen; a field of a spec has one without being named here.
    pub fn all() -> impl Iterator<Item = Column> {
        use Column as C;
        let first = [C::State, C::Model, C::Activation, C::Seed, C::Epoch, C::Accuracy, C::Data, C::Age];
        first.into_iter().chain(Column::asked()).chain([C::Kappa, C::Tags, C::Loss])
    }

    /// The columns of spec fields.
    pub fn asked() -> impl Iterator<Item = Column> {
        let other = |(_, field): &(usize, &Field)| !ELSEWHERE.contains(&field.name);
        FIELDS.iter().enumerate().filter(other).map(|(place, _)| Column::Asked(place))
    }

    /// Its name above the list.
    pub fn name(self) -> &'static str {
        match self {
            Column::Queue => "queue",
            Column::State => "state",
            Column::Model => "model",
            Column::Activation => "act",
            Column::Seed => "seed",
            Column::Epoch => "epoch",
            Column::Accuracy => "acc",
            Column::Data => "data",
            Column::Age => "age",
            Column::Asked(place) => FIELDS[place].name,
            Column::Kappa => "kappa",
            Column::Tags => "tags",
            Column::Loss => "loss",
        }
    }

    /// What it is, for whoever chooses columns.
    pub fn about(self) -> &'static str {
        match self {
            Column::Queue => "what happens first",
            Column::State => "queued, running, finished …",
            Column::Model => "the network",
            Column::Activation => "activation function and its parameter",
            Column::Seed => "seed of everything random",
            Column::Epoch => "epochs done and wanted",
            Column::Accuracy => "test accuracy % by the rule; ~ the best so far of what is not finished",
            Column::Data => "the data set",
            Column::Age => "when something last happened, or the time left",
            Column::Asked(place) => FIELDS[place].help,
            Column::Kappa => "Cohen's kappa by the rule",
            Column::Tags => "your labels",
            Column::Loss => "training loss over the epochs, or why it failed",
        }
    }

    /// The next one to sort by of those that are on show, after which the order of the queue comes again.
    pub fn next(self, shown: &[Column]) -> Self {
        let place = shown.iter().position(|column| *column == self);
        let next = place.map_or(0, |place| place + 1);
        shown.get(next).copied().unwrap_or_default()
    }
}

/// Selection, order, filter and marks.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// What the person typed; kept even where it is not understood.
    pub filter: String,
    /// What is wrong with it.
    pub complaint: Option<String>,
    /// Only these runs, where another pane asked for it (the runs behind a cell of the matrix).
    pub only: Option<BTreeSet<String>>,
    /// Sorted by.
    pub column: Column,
    /// The other way round.
    pub reverse: bool,
    /// Ids of marked runs.
    pub marks: BTreeSet<String>,
    /// Names of columns that the person does without.
    pub hidden_columns: BTreeSet<String>,
    /// Columns of spec fields in which the listed runs differ: they get room first.
    pub differing: Vec<Column>,
    /// Columns that say nothing that tells the listed runs apart, the first to give its room to one that does.
    pub yielding: Vec<Column>,
    /// The first line that is on screen.
    pub top: usize,
    understood: Filter,
    shown: Vec<usize>,
    cursor: usize,
    selected: Option<String>,
    /// Whether a person was here: until then the first line is selected, whichever run comes to stand there.
    held: bool,
    /// The run that was selected before a filter hid it: its selection comes back with it, unless another is chosen.
    hidden: Option<String>,
}

impl List {
    /// Places of the shown runs in the index's list, in the list's order.
    pub fn shown(&self) -> &[usize] {
        &self.shown
    }

    /// The line of the cursor.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// The selected run's place in the index's list.
    pub fn selected_row(&self) -> Option<usize> {
        self.shown.get(self.cursor).copied()
    }

    /// Takes what is typed into the filter. What isn't understood leaves the last good filter in force.
    pub fn set_filter(&mut self, text: &str) {
        self.filter = text.into();
        match Filter::parse(text) {
            Ok(filter) => (self.understood, self.complaint) = (filter, None),
            Err(error) => self.complaint = Some(error.to_string()),
        }
    }

    /// Where the filter asks for a name that no run has there, what the runs have, as `state is failed, finished`.
    pub fn unmet(&self, runs: &[RunSummary], context: Context) -> Option<String> {
        self.understood.unmet(runs, context)
    }

    /// Whether what is typed asks for people's notes.
    pub fn asks_for_notes(&self) -> bool {
        self.understood.asks_for("notes")
    }

    /// Whether what is typed, or the order, asks for what the predictions of runs say.
    pub fn asks_for_scores(&self) -> bool {
        let filter = &self.understood;
        filter.asks_for("kappa") || filter.asks_for("subject") || self.column == Column::Kappa
    }

    /// Whether some runs are hidden.
    pub fn is_narrowed(&self) -> bool {
        !self.understood.is_empty() || self.only.is_some()
    }

    /// Filters and sorts anew; the selection stays with its run if that is still shown.
    pub fn refresh(&mut self, runs: &[RunSummary], context: Context) {
        let passes = |run: &RunSummary| {
            self.understood.accepts(run, context)
                && self.only.as_ref().is_none_or(|only| only.contains(&run.id))
        };
        let mut shown: Vec<usize> = (0..runs.len()).filter(|row| passes(&runs[*row])).collect();
        shown.sort_by(|a, b| {
            let order = compare(self.column, &runs[*a], &runs[*b], context);
            let order = if self.reverse { order.reverse() } else { order };
            order.then_with(|| runs[*b].id.cmp(&runs[*a].id))
        });
        self.differing = Column::asked().filter(|column| differs(*column, &shown, runs)).collect();
        self.yielding = YIELDING.into_iter().filter(|column| tells_nothing(*column, &shown, runs)).collect();
        let found = |id: &String| shown.iter().position(|row| runs[*row].id == *id);
        let again = self.hidden.as_ref().and_then(found);
        // A large notebook is read piece by piece; nobody chose what was first in the first of them.
        let kept = self.selected.as_ref().filter(|_| self.held);
        let place = again.or_else(|| kept.and_then(found));
        if again.is_some() {
            self.hidden = None;
        } else if place.is_none() && self.hidden.is_none() && self.held {
            self.hidden = self.selected.take();
        }
        self.shown = shown;
        self.put(place.unwrap_or(self.cursor), runs);
        if !self.marks.is_empty() {
            let known: BTreeSet<&str> = runs.iter().map(|run| run.id.as_str()).collect();
            self.marks.retain(|id| known.contains(id.as_str()));
        }
    }

    /// Puts the cursor on a line, or the nearest there is.
    pub fn select(&mut self, line: usize, runs: &[RunSummary]) {
        self.hidden = None;
        self.hold();
        self.put(line, runs);
    }

    /// From now on the selection stays with its run.
    pub fn hold(&mut self) {
        self.held = true;
    }

    fn put(&mut self, line: usize, runs: &[RunSummary]) {
        self.cursor = line.min(self.shown.len().saturating_sub(1));
        self.selected = self.selected_row().and_then(|row| runs.get(row)).map(|run| run.id.clone());
    }

    /// Puts the cursor on a run, if it is shown.
    pub fn select_id(&mut self, id: &str, runs: &[RunSummary]) {
        if let Some(line) = self.shown.iter().position(|row| runs[*row].id == id) {
            self.select(line, runs);
        }
    }

    /// Moves the cursor by lines, and stops at the ends.
    pub fn step(&mut self, lines: isize, runs: &[RunSummary]) {
        self.select(self.cursor.saturating_add_signed(lines), runs);
    }

    /// Scrolls as little as shows the cursor in a window of this height.
    pub fn scroll(&mut self, height: usize) {
        let lowest = (self.cursor + 1).saturating_sub(height.max(1));
        let highest = self.cursor.min(self.shown.len().saturating_sub(height));
        self.top = self.top.clamp(lowest, highest.max(lowest));
    }
}

/// Orders two runs by a column; what has no value comes last.
fn compare(column: Column, a: &RunSummary, b: &RunSummary, context: Context) -> Ordering {
    match column {
        Column::Queue => turn(a).cmp(&turn(b)).then_with(|| b.updated.cmp(&a.updated)),
        Column::State => a.state.cmp(&b.state),
        Column::Model => a.spec.model.cmp(&b.spec.model).then_with(|| by_activation(a, b)),
        Column::Activation => by_activation(a, b),
        Column::Seed => a.spec.seed.cmp(&b.spec.seed),
        Column::Epoch => b.epoch.cmp(&a.epoch),
        Column::Accuracy => {
            // What is provisional stands behind what is not.
            let so_far = |run: &RunSummary| run.provisional(context.rule).map(|accuracy| accuracy - 2.0);
            let value = |run: &RunSummary| run.accuracy(context.rule).or(so_far(run)).unwrap_or(-3.0);
            value(b).total_cmp(&value(a))
        }
        Column::Loss => {
            let value = |run: &RunSummary| run.last.as_ref().map_or(f64::INFINITY, |epoch| epoch.train_loss);
            value(a).total_cmp(&value(b))
        }
        Column::Age => b.updated.cmp(&a.updated),
        Column::Data => a.spec.data.name.cmp(&b.spec.data.name),
        Column::Asked(place) => by_field(&FIELDS[place], a, b),
        Column::Kappa => {
            let value = |run: &RunSummary| context.known.kappa.get(&run.id).copied().unwrap_or(-2.0);
            value(b).total_cmp(&value(a))
        }
        Column::Tags => b.tags.cmp(&a.tags),
    }
}

/// Whether two of the listed runs were asked different things there.
fn differs(column: Column, shown: &[usize], runs: &[RunSummary]) -> bool {
    let Column::Asked(place) = column else { return false };
    let field = &FIELDS[place];
    // What follows another field tells nothing more, unless someone chose otherwise.
    if field.default_by.is_some() && shown.iter().all(|row| field.is_default(&runs[*row].spec)) {
        return false;
    }
    let value = |row: &usize| field.value(&runs[*row].spec);
    shown.windows(2).any(|pair| value(&pair[0]) != value(&pair[1]))
}

/// Columns that can be done without, the first to go first: of a state the symbol before the line tells too.
const YIELDING: [Column; 4] = [Column::Seed, Column::Model, Column::Activation, Column::State];

/// Whether a column that can be done without is the same in every line, or said elsewhere.
fn tells_nothing(column: Column, shown: &[usize], runs: &[RunSummary]) -> bool {
    let alike = |a: &RunSummary, b: &RunSummary| match column {
        Column::Seed => a.spec.seed == b.spec.seed,
        Column::Model => a.spec.model == b.spec.model,
        Column::Activation => a.spec.variant() == b.spec.variant(),
        _ => true,
    };
    shown.windows(2).all(|pair| alike(&runs[pair[0]], &runs[pair[1]]))
}

/// Numbers by size, words by the alphabet.
fn by_field(field: &Field, a: &RunSummary, b: &RunSummary) -> Ordering {
    let number = |run: &RunSummary| field.value(&run.spec).and_then(|value| value.number());
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => field.print(&a.spec).cmp(&field.print(&b.spec)),
    }
}

fn by_activation(a: &RunSummary, b: &RunSummary) -> Ordering {
    let (a, b) = (a.spec.activation, b.spec.activation);
    let name = |name: &str| ["relu", "leaky_relu", "elu"].iter().position(|known| *known == name);
    let alpha = |alpha: Option<f64>| alpha.unwrap_or(0.0);
    name(a.name()).cmp(&name(b.name())).then_with(|| alpha(b.alpha()).total_cmp(&alpha(a.alpha())))
}

/// Groups of the default order: what trains, what waits and in which place, what wants attention, the past.
fn turn(run: &RunSummary) -> (u8, usize) {
    match run.state {
        RunState::Running => (0, 0),
        RunState::Queued | RunState::Interrupted => (1, run.position.unwrap_or(usize::MAX)),
        RunState::Paused => (2, 0),
        _ => (3, 0),
    }
}

/// The runs that wait, in the order in which a worker takes them.
pub fn queue(runs: &[RunSummary]) -> Vec<&RunSummary> {
    let mut waiting: Vec<_> = runs.iter().filter(|run| run.state.awaits_worker()).collect();
    waiting.sort_by_key(|run| (run.position, Reverse(run.created)));
    waiting
}

#[cfg(test)]
mod tests;
