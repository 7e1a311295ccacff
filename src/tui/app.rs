//! All that the screen knows: a snapshot of the notebook, what was loaded for the panes, and where the person stands.
//! Plain data: [`super::update`] changes it, [`super::view`] draws it, neither touches disk, clock or terminal.

use super::action::Action;
use super::delimited::Format;
use super::effect::{Effect, Hold};
use super::form::Form;
use super::grouping::Grouping;
use super::history::History;
use super::import::Import;
use super::input::Line;
use super::keymap::Keymap;
use super::list::List;
use super::loaded::{Loaded, RunDetail, Tables};
use super::machine::{Load, Loads};
use super::memory::{Chosen, Memory};
use super::messages::Messages;
use super::notes::Notes;
use super::palette::Palette;
use super::pane::{Pane, Place};
use super::picker::Picker;
use super::plot::Plots;
use super::survey::Survey;
use super::theme::{Depth, Themes};
use crate::dataset::findings::{self, Finding};
use crate::dataset::{DataSet, Statistics};
use crate::filter::{Context, Known};
use crate::model::{Geometry, Model};
use crate::notebook::{Problem, RunSummary};
use crate::plan::Pace;
use crate::spec::{DataSource, Rule, Spec};
use crate::worker::Notice;
use crate::worker::slurm::Waiting;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What lies over the pane and takes the keys.
#[derive(Clone, Debug)]
pub enum Popup {
    /// The keys of this pane; the number of the first line shown.
    Help(usize),
    /// How a verdict came about; the number of the first line shown.
    Verdict(usize),
    /// What is inside the selected cell.
    Inside,
    /// Any action by name.
    Palette(Palette),
    /// A new run or grid.
    Form(Box<Form>),
    /// A data set made of recordings.
    Import(Box<Import>),
    /// The filter, while it is typed.
    Filter(Line),
    /// The number of a trial, while it is typed.
    Trial(Line),
    /// Ends of a chart's vertical axis, while they are typed.
    Limits(Line),
    /// Labels of runs, while they are typed.
    Tags(Line),
    /// A run's notes, while they are typed.
    Notes(Box<Notes>),
    /// A list to choose from.
    Picker(Picker),
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
    /// What the curves of Compare are of.
    pub grouping: Grouping,
    /// How curves are drawn, chart by chart; remembered from session to session.
    pub plots: Plots,
    /// Seconds that the person's clock is ahead of UTC.
    pub ahead: i32,
    /// Folders of the notebook that can't be read as runs.
    pub unread: Vec<Problem>,
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
    /// The set that a person chose, until it was read.
    pub chosen_set: Option<String>,
    /// Fingerprint of the recordings that the lab used, once they were seen.
    pub lab_data: Option<String>,
    /// Names of the data sets in the folder of recordings.
    pub sets: Vec<String>,
    /// What was noticed about every set that was looked over, by its fingerprint.
    pub judged: BTreeMap<String, Vec<Finding>>,
    /// Their figures, once they were measured; read through [`App::statistics`].
    pub measured: Option<Arc<Statistics>>,
    /// Whether trials are shown by how far they go instead of as they were recorded.
    pub furthest_first: bool,
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
    /// What it was busy with before.
    pub loads: Loads,
    /// Epochs that were trained since the screen was opened.
    pub epochs_seen: u64,
    /// The run that the log is to be shown at, once it was read.
    pub sought: Option<String>,
    /// Whether a worker process is alive.
    pub worker: bool,
    /// What to tell the person.
    pub messages: Messages,
    /// Why runs wait without a worker.
    pub hold: Option<Hold>,
    /// What this machine's worker had to say of its device.
    pub device: Option<Notice>,
    /// What Slurm's queue holds for the notebook.
    pub jobs: Vec<Waiting>,
    /// What can be taken back and done again.
    pub history: History,
    /// What was read of runs beyond the list, for filters.
    pub known: Known,
    /// Runs whose predictions were asked for, for filters, under the current rule.
    pub scored: BTreeSet<String>,
    /// What was found of data sets that could be taken.
    pub surveys: BTreeMap<String, Result<Survey, String>>,
    /// Data sets that were asked to be looked at.
    pub surveying: BTreeSet<String>,
    /// The end of the worker's log.
    pub log: Vec<String>,
    /// Editors whose notes could not be kept; they open again as soon as nothing else is open.
    pub unsaved: Vec<Notes>,
    /// What stood in the form when it was closed last.
    pub form: Option<Vec<String>>,
    /// The import form as it was closed last.
    pub import: Option<Box<Import>>,
    /// Runs that were enqueued here and are not in the index yet: the first of them is scrolled to.
    pub awaited: Vec<String>,
    /// The notebook's folder, by which its choices are remembered.
    pub notebook: String,
    /// What is remembered from session to session, of other notebooks too.
    pub memory: Memory,
    /// The theme that the config file names.
    pub configured_theme: String,
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
            grouping: Grouping::default(),
            plots: Plots::default(),
            ahead: 0,
            unread: Vec::new(),
            themes: Themes::default(),
            depth: Depth::True,
            format: Format::default(),
            details: BTreeMap::new(),
            networks: Model::built_in().to_vec(),
            data: Loaded::Waiting,
            chosen_set: None,
            lab_data: None,
            sets: Vec::new(),
            judged: BTreeMap::new(),
            measured: None,
            furthest_first: false,
            tables: Loaded::Waiting,
            asked: BTreeMap::new(),
            pace: Pace::default(),
            host: String::new(),
            load: Load::default(),
            loads: Loads::default(),
            epochs_seen: 0,
            sought: None,
            worker: false,
            messages: Messages::default(),
            hold: None,
            device: None,
            jobs: Vec::new(),
            history: History::default(),
            known: Known::default(),
            scored: BTreeSet::new(),
            surveys: BTreeMap::new(),
            surveying: BTreeSet::new(),
            log: Vec::new(),
            unsaved: Vec::new(),
            form: None,
            import: None,
            awaited: Vec::new(),
            notebook: String::new(),
            memory: Memory::default(),
            configured_theme: Themes::default().name().into(),
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

    /// What a bulk action is about: the marked runs, or else the selected one; in Detail the one on show.
    pub fn targets(&self) -> Vec<&RunSummary> {
        match self.marked() {
            _ if self.pane == Pane::Detail => self.selected().into_iter().collect(),
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

    /// What a filter compares runs by.
    pub fn context(&self) -> Context<'_> {
        Context { rule: self.rule, now: self.now, known: &self.known }
    }

    /// What is to be remembered: the choices as they are, beside those made in other notebooks.
    pub fn choices(&self) -> Memory {
        let mut memory = self.memory.clone();
        memory.plots = self.plots;
        memory.hidden_columns = self.list.hidden_columns.clone();
        memory.lab_data = self.lab_data.clone();
        memory.rules.insert(self.notebook.clone(), self.rule);
        memory.theme =
            Some(Chosen { theme: self.themes.name().into(), instead_of: self.configured_theme.clone() });
        memory
    }

    /// Makes the choices that were remembered.
    pub fn remember(&mut self, memory: Memory) {
        self.plots = memory.plots;
        self.rule = memory.rules.get(&self.notebook).copied().unwrap_or_default();
        self.list.hidden_columns = memory.hidden_columns.clone();
        self.lab_data = memory.lab_data.clone();
        // One that is gone leaves the config file's on.
        self.themes.choose(memory.theme(&self.configured_theme));
        self.memory = memory;
    }

    /// The set to begin with: the one that was named, else the one that was chosen in this notebook last.
    pub fn first_set(&mut self, named: Option<String>) -> Option<String> {
        if named.is_none() {
            self.chosen_set = self.memory.data_sets.get(&self.notebook).cloned();
        }
        named.or_else(|| self.chosen_set.clone())
    }

    /// The figures of the recordings at hand, once they were measured.
    pub fn statistics(&self) -> Option<&Statistics> {
        let fingerprint = &self.source()?.fingerprint;
        self.measured.as_deref().filter(|measured| measured.fingerprint == *fingerprint)
    }

    /// What was noticed about the recordings at hand.
    pub fn findings(&self) -> &[Finding] {
        let judged = self.source().and_then(|source| self.judged.get(&source.fingerprint));
        judged.map_or(&[], Vec::as_slice)
    }

    /// The findings with which these runs would mean nothing, each set's where it was looked over.
    pub fn stopping(&self, specs: &[Spec]) -> Vec<&Finding> {
        let of_set = |(fingerprint, findings): (&String, _)| {
            let about: Vec<&Spec> =
                specs.iter().filter(|spec| spec.data.fingerprint == *fingerprint).collect();
            findings::stopping(findings, &about)
        };
        self.judged
            .iter()
            .map(|(fingerprint, findings)| (fingerprint, findings.as_slice()))
            .flat_map(of_set)
            .collect()
    }

    /// The first set of these runs that nobody looked over yet.
    pub fn unjudged<'a>(&self, specs: &'a [Spec]) -> Option<&'a DataSource> {
        let here = self.source().map(|source| &source.fingerprint);
        let known = |source: &DataSource| {
            Some(&source.fingerprint) == here || self.judged.contains_key(&source.fingerprint)
        };
        specs.iter().map(|spec| &spec.data).find(|source| !known(source))
    }

    /// Why there are no recordings to run on, in a few words; `None` where there are.
    pub fn without_data(&self) -> Option<String> {
        match &self.data {
            Loaded::Ready(_) => None,
            Loaded::Waiting => Some("the recordings are being read".into()),
            Loaded::Failed(_) => {
                let key = self.keymap.label(Action::ChooseData, true);
                Some(format!("no data set: {key} chooses one"))
            }
        }
    }

    /// Why nothing can be trained, and what to do; `None` where there are recordings.
    pub fn lacking(&self) -> Option<String> {
        match &self.data {
            Loaded::Ready(_) => None,
            Loaded::Waiting => Some("The recordings are still being read; try again in a moment.".into()),
            Loaded::Failed(reason) => {
                let mut reason = reason.trim_end_matches('.').to_owned();
                if let Some(first) = reason.get(..1) {
                    reason = first.to_uppercase() + &reason[1..];
                }
                let key = self.keymap.label(Action::ChooseData, true);
                Some(format!("{reason}: {key} chooses one of {}.", self.set_names().join(", ")))
            }
        }
    }

    /// What networks for these recordings are built for, once they were looked at.
    pub fn geometry(&self, source: &DataSource) -> Option<Geometry> {
        let here = self.data.ready().filter(|data| data.source.fingerprint == source.fingerprint);
        let surveyed = || {
            let known = self.surveys.values().flatten();
            known.into_iter().find(|survey| survey.fingerprint == source.fingerprint)
        };
        here.map(|data| data.geometry()).or_else(|| surveyed().map(|survey| survey.geometry))
    }

    /// Of these data sets those that nobody looked at yet; now somebody does.
    pub fn unsurveyed(&mut self, names: Vec<String>) -> Vec<String> {
        names.into_iter().filter(|name| self.surveying.insert(name.clone())).collect()
    }

    /// The data sets that were found, and the built-in one.
    pub fn set_names(&self) -> Vec<String> {
        let mut names = self.sets.clone();
        if !names.iter().any(|name| name == DataSource::SIMULATED) {
            names.push(DataSource::SIMULATED.into());
        }
        names
    }

    /// The source of new runs' data, once the data were read.
    pub fn source(&self) -> Option<&DataSource> {
        self.data.ready().map(|data| &data.source)
    }
}
