//! All that the screen knows: a snapshot of the notebook, what was loaded for the panes, and where the person stands.
//! Plain data: [`super::update`] changes it, [`super::view`] draws it, neither touches disk, clock or terminal.

use super::check::Check;
use super::delimited::Format;
use super::effect::{Effect, Undo};
use super::form::Form;
use super::input::{Line, Page};
use super::keymap::Keymap;
use super::list::List;
use super::loaded::{Loaded, RunDetail, Tables};
use super::machine::Load;
use super::messages::Messages;
use super::palette::Palette;
use super::pane::{Pane, Place};
use super::plot::Plot;
use super::theme::{Depth, Themes};
use crate::dataset::DataSet;
use crate::model::Model;
use crate::notebook::RunSummary;
use crate::queue::Pace;
use crate::spec::{DataSource, Rule};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What lies over the pane and takes the keys.
#[derive(Clone, Debug)]
pub enum Popup {
    /// The keys of this pane; the number of the first line shown.
    Help(usize),
    /// Any action by name.
    Palette(Palette),
    /// A new run or grid.
    Form(Box<Form>),
    /// The filter, while it is typed.
    Filter(Line),
    /// The number of a trial, while it is typed.
    Trial(Line),
    /// Labels of runs, while they are typed.
    Tags(Line),
    /// Notes of the run with this id, while they are typed.
    Notes(String, Page),
    /// A question before what can't be undone, and what `y` does.
    Confirm(String, Effect),
    /// What was reported so far; the number of the first line shown.
    Messages(usize),
}

/// The whole state of the screen.
#[derive(Clone, Debug)]
pub struct App {
    /// What time it is; everything relative ("2 h ago", ETA) is measured from here.
    pub now: Timestamp,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The pane on show.
    pub pane: Pane,
    /// What lies over it.
    pub popup: Option<Popup>,
    /// The keys.
    pub keymap: Keymap,
    /// Cursors of the panes other than Runs; read through [`App::place`].
    pub places: BTreeMap<Pane, Place>,
    /// The runs, newest first, as the notebook's index had them last.
    pub runs: Arc<Vec<RunSummary>>,
    /// Whether the index was read at least once.
    pub indexed: bool,
    /// Selection, order, filter and marks of the Runs pane.
    pub list: List,
    /// The rule by which accuracies are shown.
    pub rule: Rule,
    /// How curves are drawn; remembered across panes and sessions.
    pub plot: Plot,
    /// Colours to choose from, and those that are on.
    pub themes: Themes,
    /// How many of a theme's colours the terminal has.
    pub depth: Depth,
    /// Format of copies.
    pub format: Format,
    /// What was read of runs, by id.
    pub details: BTreeMap<String, Arc<RunDetail>>,
    /// The networks that there are.
    pub networks: Vec<Model>,
    /// The recordings that new runs are about.
    pub data: Loaded<Arc<DataSet>>,
    /// Names of the data sets in the folder of recordings.
    pub sets: Vec<String>,
    /// What their training and test trials are like.
    pub checks: [Check; 2],
    /// The tables of Matrix and Alpha.
    pub tables: Loaded<Arc<Tables>>,
    /// When each run was last asked for: what it was read for then.
    pub asked: BTreeMap<String, Timestamp>,
    /// How long epochs take on this machine.
    pub pace: Pace,
    /// This machine's name: only its own past says how long things take.
    pub host: String,
    /// What the machine is busy with.
    pub load: Load,
    /// Whether a worker process is alive.
    pub worker: bool,
    /// What to tell the person.
    pub messages: Messages,
    /// What can be taken back.
    pub undo: Vec<Undo>,
    /// Done; the runtime ends.
    pub quitting: bool,
}

impl App {
    /// An empty screen, before anything was read.
    pub fn new(keymap: Keymap, now: Timestamp) -> Self {
        let tables =
            [Pane::Matrix, Pane::Alpha].map(|pane| (pane, Place { column: Some(0), ..Place::default() }));
        App {
            now,
            size: (80, 24),
            pane: Pane::Runs,
            popup: None,
            keymap,
            places: tables.into(),
            runs: Arc::default(),
            indexed: false,
            list: List::default(),
            rule: Rule::default(),
            plot: Plot::default(),
            themes: Themes::default(),
            depth: Depth::True,
            format: Format::default(),
            details: BTreeMap::new(),
            networks: Model::built_in().to_vec(),
            data: Loaded::Waiting,
            sets: Vec::new(),
            checks: Default::default(),
            tables: Loaded::Waiting,
            asked: BTreeMap::new(),
            pace: Pace::default(),
            host: String::new(),
            load: Load::default(),
            worker: false,
            messages: Messages::default(),
            undo: Vec::new(),
            quitting: false,
        }
    }

    /// The run under the cursor of the Runs pane.
    pub fn selected(&self) -> Option<&RunSummary> {
        self.list.selected_row().and_then(|row| self.runs.get(row))
    }

    /// The marked runs in the list's order, hidden ones too.
    pub fn marked(&self) -> Vec<&RunSummary> {
        self.runs.iter().filter(|run| self.list.marks.contains(&run.id)).collect()
    }

    /// What a bulk action is about: the marked runs, or else the selected one.
    pub fn targets(&self) -> Vec<&RunSummary> {
        match self.marked() {
            marked if marked.is_empty() => self.selected().into_iter().collect(),
            marked => marked,
        }
    }

    /// A run by its id.
    pub fn run(&self, id: &str) -> Option<&RunSummary> {
        self.runs.iter().find(|run| run.id == id)
    }

    /// What was read of a run, once it is here.
    pub fn detail(&self, id: &str) -> Option<&RunDetail> {
        self.details.get(id).map(Arc::as_ref)
    }

    /// Where the cursor of a pane stands.
    pub fn place(&self, pane: Pane) -> Place {
        self.places.get(&pane).copied().unwrap_or_default()
    }

    /// The source of new runs' data, once the data were read.
    pub fn source(&self) -> Option<&DataSource> {
        self.data.ready().map(|data| &data.source)
    }
}
