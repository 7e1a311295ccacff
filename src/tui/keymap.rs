//! The one table of keys. Dispatch, footer, `?` help, palette, the page of keys, the man page and `--print-config`
//! all read it; a config file changes it; two actions on one key in one pane are refused.

use super::action::Action;
use super::key::Key;
use super::pane::Pane;
use crate::lab;
use crate::model::Activation;
use std::collections::BTreeMap;

/// The panes in which a row holds.
type Scope = &'static [Pane];

const ALL: Scope = &Pane::ALL;
const RUNS: Scope = &[Pane::Runs];
const MODELS: Scope = &[Pane::Models];
const COMPARE: Scope = &[Pane::Compare];
const SORTED: Scope = &[Pane::Runs, Pane::Data];
const DATA: Scope = &[Pane::Data];
const OF_RUNS: Scope = &[Pane::Runs, Pane::Detail, Pane::Compare];
const MARKING: Scope = &[Pane::Runs, Pane::Compare];
const CURVES: Scope = &[Pane::Runs, Pane::Detail, Pane::Compare];
const PLOTS: Scope = &[Pane::Runs, Pane::Detail, Pane::Compare, Pane::Data];
const TABLES: Scope = &[Pane::Matrix, Pane::Alpha];
const COPIED: Scope = &[Pane::Runs, Pane::Detail, Pane::Compare, Pane::Matrix, Pane::Alpha, Pane::Models];
const PARTED: Scope =
    &[Pane::Detail, Pane::Compare, Pane::Matrix, Pane::Alpha, Pane::Models, Pane::Data, Pane::Load];
const MEASURED: Scope = &[Pane::Runs, Pane::Detail, Pane::Compare, Pane::Matrix, Pane::Alpha];

/// Action, keys, panes, the footer's word (none: not in the footer), what it does.
type Row = (Action, &'static [&'static str], Scope, &'static str, &'static str);

/// Rows that the footer shows come in the order in which a newcomer needs them.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    (Action::CompareLabs(0), &["e"], ALL, "{network}×3", "train {network} with {activations}"),
    (Action::CompareLabs(1), &["d"], ALL, "{network}×3", "train {network} with {activations}"),
    (Action::CompareShown, &["c"], MODELS, "train ×3", "train the network on show with {activations}"),
    (Action::SweepAlpha, &["a"], ALL, "α sweep", "train the selected run's model with ELU α 1.0, 0.9 … 0.1"),
    (Action::FitBaselines, &["F"], ALL, "", "fit the classical baselines: what networks have to beat"),
    (Action::Presets, &["P"], ALL, "experiments", "choose an experiment: the lab's report, activations, α sweep, baselines"),
    (Action::NewRun, &["n"], ALL, "new", "enqueue anything else, in a form"),
    (Action::EnqueueMissing, &["E"], TABLES, "enqueue missing", "train what the selected cell lacks"),
    (Action::Explain, &["w"], TABLES, "why", "how the verdict on the selected cell came about"),
    (Action::Inside, &["i"], TABLES, "inside", "confusion matrix, ensemble, ROC curve and reliability of the selected cell"),
    (Action::Open, &["enter"], ALL, "open", "look into what is selected"),
    (Action::Mark, &["space"], MARKING, "mark", "mark or unmark the run, for Compare and for bulk actions"),
    (Action::Filter, &["/"], RUNS, "filter", "show only some runs: words, or fields such as acc>0.85"),
    (Action::FindTrial, &["/"], DATA, "trial", "go to a trial by its number"),
    (Action::ImportData, &["I"], DATA, "import", "make a data set of recordings: EDF, BDF, GDF, BrainVision, EEGLAB, MAT, npz, npy"),
    (Action::PauseOrResume, &["p"], OF_RUNS, "pause", "pause what waits or trains, resume what is paused"),
    (Action::Cancel, &["x"], OF_RUNS, "cancel", "give up; what was trained so far is kept"),
    (Action::Retry, &["R"], OF_RUNS, "retry", "train again from nothing"),
    (Action::Remove, &["D", "delete"], OF_RUNS, "", "take out of the notebook (undo brings it back)"),
    (Action::Sort, &["s"], SORTED, "sort", "sort runs by the next column on show, trials by how far they go"),
    (Action::SortReverse, &["S"], RUNS, "", "sort the other way round"),
    (Action::MarkAll, &["*"], RUNS, "", "mark all listed runs, or unmark them"),
    (Action::MoveUp, &["K", "shift-up"], RUNS, "", "one place forward in the queue"),
    (Action::MoveDown, &["J", "shift-down"], RUNS, "", "one place back in the queue"),
    (Action::Tags, &["t"], OF_RUNS, "", "label runs; the filter finds labels"),
    (Action::Notes, &["w"], OF_RUNS, "notes", "write notes on the run"),
    (Action::NotesInEditor, &["W"], OF_RUNS, "", "write them in $EDITOR"),
    (Action::NextMetric, &["v"], CURVES, "acc/loss", "the next figure, accuracy or loss; the keys for axes are about that one"),
    (Action::NextGrouping, &["b"], COMPARE, "group", "seeds as one curve with a band, single runs, or runs by a field"),
    (Action::ShowLog, &["O"], OF_RUNS, "", "the worker's log, at what it says of the run"),
    (Action::NextAxis, &["X"], CURVES, "", "over epochs, training time or the time of the day"),
    (Action::Limits, &["V"], CURVES, "", "set the ends of the vertical axis, or let it follow the data"),
    (Action::ToggleLog, &["L"], CURVES, "log", "logarithmic or linear axis"),
    (Action::ToggleSmoothing, &["m"], CURVES, "smooth", "smooth the curves, a little or a lot or not"),
    (Action::ZoomIn, &["+", "="], PLOTS, "", "zoom in on the cursor"),
    (Action::ZoomOut, &["-"], PLOTS, "", "zoom out"),
    (Action::ZoomReset, &["0"], PLOTS, "", "show all again"),
    (Action::Freeze, &["f"], CURVES, "", "hold the picture still; training goes on"),
    (Action::NextPart, &["]"], PARTED, "part", "the next part: table, model, subject, trials, electrodes"),
    (Action::PreviousPart, &["["], PARTED, "", "the part before"),
    (Action::NextRule, &["r"], MEASURED, "rule", "choose epochs by validation loss, the last one, or the best on test"),
    (Action::Copy, &["y"], COPIED, "copy", "copy to the clipboard and write a file"),
    (Action::CopyFormat, &["Y"], COPIED, "", "copy as Markdown, LaTeX or CSV"),
    (Action::Undo, &["u"], ALL, "undo", "take back the last change"),
    (Action::Redo, &["U", "ctrl-r"], ALL, "", "do again what was taken back"),
    (Action::ChooseData, &["o"], ALL, "data set", "choose the data that new runs are about"),
    (Action::ChooseColumns, &["C"], RUNS, "", "choose the columns of the list"),
    (Action::ChooseRuns, &["A"], COMPARE, "add runs", "add runs to the comparison, or drop some"),
    (Action::StartWorker, &["B"], ALL, "", "start a worker on what waits, whoever enqueued it"),
    (Action::NeverTrainHere, &[], ALL, "", "never train this notebook on this machine by itself (login nodes), or take that back"),
    (Action::CancelJobs, &["Z"], ALL, "", "give up the notebook's jobs in Slurm's queue (scancel)"),
    (Action::WriteReport, &["H"], ALL, "", "write the report: one page with tables, curves and methods (HTML)"),
    (Action::Palette, &[":"], ALL, "find", "find any action by name"),
    (Action::Help, &["?"], ALL, "help", "all keys of this pane"),
    (Action::Quit, &["q", "ctrl-c"], ALL, "quit", "leave; training goes on"),
    (Action::Show(Pane::Runs), &["1"], ALL, "", "the queue and all runs"),
    (Action::Show(Pane::Detail), &["2"], ALL, "", "one run: curves, confusion, parameters, notes"),
    (Action::Show(Pane::Compare), &["3"], ALL, "", "marked runs, one over the other"),
    (Action::Show(Pane::Matrix), &["4"], ALL, "", "models × activations"),
    (Action::Show(Pane::Alpha), &["5"], ALL, "", "accuracy against ELU's α"),
    (Action::Show(Pane::Models), &["6"], ALL, "", "the networks, layer by layer, and the activations"),
    (Action::Show(Pane::Data), &["7"], ALL, "", "the recordings"),
    (Action::Show(Pane::Load), &["8"], ALL, "", "the machine over time, and the worker's log"),
    (Action::NextPane, &["tab"], ALL, "", "next pane"),
    (Action::PreviousPane, &["shift-tab"], ALL, "", "pane before"),
    (Action::Up, &["k", "up"], ALL, "", "up"),
    (Action::Down, &["j", "down"], ALL, "", "down"),
    (Action::Left, &["h", "left"], ALL, "", "left; one epoch or sample back"),
    (Action::Right, &["l", "right"], ALL, "", "right; one epoch or sample on"),
    (Action::PageUp, &["pageup", "ctrl-u"], ALL, "", "a screenful up; of electrodes that don't fit at once, those before"),
    (Action::PageDown, &["pagedown", "ctrl-d"], ALL, "", "a screenful down; of electrodes that don't fit at once, the next"),
    (Action::First, &["g", "home"], ALL, "", "to the first"),
    (Action::Last, &["G", "end"], ALL, "", "to the last"),
    (Action::Back, &["esc"], ALL, "", "close; let go of filter, cursor or marks"),
    (Action::NextTheme, &["T"], ALL, "", "the next theme: other colours"),
    (Action::Messages, &["!"], ALL, "", "what was reported so far"),
    (Action::Redraw, &["ctrl-l"], ALL, "", "draw the screen anew"),
    (Action::Suspend, &["ctrl-z"], ALL, "", "back to the shell; fg returns"),
];

/// A text of the table with the names of what it is about.
fn said(action: Action, text: &str) -> String {
    let network = match action {
        Action::CompareLabs(place) => lab::models()[place].title().to_owned(),
        _ => String::new(),
    };
    let [others @ .., last] = lab::ACTIVATIONS.map(Activation::family);
    let activations = format!("{} and {last}", others.join(", "));
    text.replace("{network}", &network).replace("{activations}", &activations)
}

/// An action with the keys that call it.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// What it calls.
    pub action: Action,
    /// By which keys; none where the config file takes them all away.
    pub keys: Vec<Key>,
    /// Where.
    pub scope: Scope,
    /// The footer's word; empty where the footer leaves it out.
    pub hint: String,
    /// What it does, in a few words.
    pub help: String,
}

impl Binding {
    /// The names of the panes where it holds; `None` where it holds in all.
    pub fn panes(&self) -> Option<String> {
        let names: Vec<&str> = self.scope.iter().map(|pane| pane.title()).collect();
        (names.len() < Pane::ALL.len()).then(|| names.join(", "))
    }

    fn keys_in_markdown(&self) -> String {
        self.keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" ")
    }
}

/// All bindings, the config file's changes included.
#[derive(Clone, Debug, PartialEq)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

/// Why keys can't be as the config file wants them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// No such action.
    #[error("[keys] names '{0}', which is no action; `eeg-tui --print-config` lists them")]
    UnknownAction(String),
    /// No such key.
    #[error("[keys] {action}: {reason}")]
    UnknownKey {
        /// The action's name.
        action: String,
        /// What is wrong with the key.
        reason: String,
    },
    /// One key, two actions.
    #[error(
        "the key {key} would call both {first} and {second} in the pane {pane}; give one of them another key"
    )]
    Clash {
        /// The key.
        key: String,
        /// An action's name.
        first: String,
        /// The other's.
        second: String,
        /// Where they meet.
        pane: &'static str,
    },
}

impl Keymap {
    /// The table with a config file's differences: action names to the keys that replace the table's.
    pub fn new(differences: &BTreeMap<String, Vec<String>>) -> Result<Self, KeymapError> {
        let mut bindings = Vec::with_capacity(TABLE.len());
        for &(action, keys, scope, hint, help) in TABLE {
            let named: Vec<&str> = match differences.get(&action.name()) {
                Some(own) => own.iter().map(String::as_str).collect(),
                None => keys.to_vec(),
            };
            let keys = named.into_iter().map(str::parse).collect::<Result<Vec<Key>, String>>();
            let keys = keys.map_err(|reason| KeymapError::UnknownKey { action: action.name(), reason })?;
            let said = |text: &str| said(action, text);
            bindings.push(Binding { action, keys, scope, hint: said(hint), help: said(help) });
        }
        if let Some(name) =
            differences.keys().find(|name| bindings.iter().all(|binding| binding.action.name() != **name))
        {
            return Err(KeymapError::UnknownAction(name.clone()));
        }
        let keymap = Keymap { bindings };
        keymap.refuse_clashes()?;
        Ok(keymap)
    }

    fn refuse_clashes(&self) -> Result<(), KeymapError> {
        for pane in Pane::ALL {
            let mut taken: BTreeMap<String, Action> = BTreeMap::new();
            for binding in self.of(pane) {
                for key in &binding.keys {
                    if let Some(first) = taken.insert(key.to_string(), binding.action) {
                        return Err(KeymapError::Clash {
                            key: key.to_string(),
                            first: first.name(),
                            second: binding.action.name(),
                            pane: pane.title(),
                        });
                    }
                }
            }
        }
        Ok(())
    }

    /// Every binding, in the table's order.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// The bindings that hold in a pane.
    pub fn of(&self, pane: Pane) -> impl Iterator<Item = &Binding> {
        self.bindings.iter().filter(move |binding| binding.scope.contains(&pane))
    }

    /// What a key calls in a pane.
    pub fn action(&self, pane: Pane, key: Key) -> Option<Action> {
        self.of(pane).find(|binding| binding.keys.contains(&key)).map(|binding| binding.action)
    }

    /// The first key of an action, as the footer writes it; empty where it has none.
    pub fn label(&self, action: Action, utf8: bool) -> String {
        let binding = self.bindings.iter().find(|binding| binding.action == action);
        binding.and_then(|binding| binding.keys.first()).map(|key| key.label(utf8)).unwrap_or_default()
    }

    /// The table as Markdown, for the page of keys.
    pub fn markdown(&self) -> String {
        let mut text = String::from("| keys | where | what |\n|---|---|---|\n");
        for binding in &self.bindings {
            let panes = binding.panes().unwrap_or_else(|| "everywhere".into());
            text += &format!("| {} | {panes} | {} |\n", binding.keys_in_markdown(), binding.help);
        }
        text
    }

    /// The keys that a pane has beyond those that hold everywhere, as Markdown, for its page.
    pub fn markdown_of(&self, pane: Pane) -> String {
        let mut text = String::from("| keys | what |\n|---|---|\n");
        for binding in self.of(pane).filter(|binding| binding.panes().is_some()) {
            text += &format!("| {} | {} |\n", binding.keys_in_markdown(), binding.help);
        }
        text
    }
}

impl Default for Keymap {
    fn default() -> Self {
        // The table itself is tested to have no clash.
        Keymap::new(&BTreeMap::new()).unwrap_or(Keymap { bindings: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(action: &str, keys: &[&str]) -> Result<Keymap, KeymapError> {
        Keymap::new(&BTreeMap::from([(action.into(), keys.iter().map(|key| (*key).into()).collect())]))
    }

    #[test]
    fn the_table_has_no_clash_and_every_action_once() {
        let keymap = Keymap::new(&BTreeMap::new()).unwrap();
        let mut names: Vec<String> = keymap.bindings().iter().map(|binding| binding.action.name()).collect();
        names.sort();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn a_config_file_replaces_keys() {
        let keymap = with("quit", &["Q"]).unwrap();
        assert_eq!(keymap.action(Pane::Data, "Q".parse().unwrap()), Some(Action::Quit));
        assert_eq!(keymap.action(Pane::Data, "q".parse().unwrap()), None);
    }

    #[test]
    fn clashes_are_refused_with_both_names() {
        let message = with("cancel", &["p"]).unwrap_err().to_string();
        assert!(message.contains("pause_or_resume") && message.contains("cancel"), "{message}");
        // One key may do two things in two panes.
        assert!(with("enqueue_missing", &["x"]).is_ok());
        assert!(matches!(with("quiet", &["q"]), Err(KeymapError::UnknownAction(_))));
        assert!(matches!(with("quit", &["qq"]), Err(KeymapError::UnknownKey { .. })));
    }
}
