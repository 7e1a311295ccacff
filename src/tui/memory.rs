//! What the screen itself remembers from one session to the next. A convenience: where it can't be read, it is empty.

use super::plot::Plots;
use super::toml_file;
use crate::disk::named;
use crate::spec::Rule;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Choices that were made with keys.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// By which rule accuracies were shown, by the notebook's folder.
    pub rules: BTreeMap<String, Rule>,
    /// Which data set was chosen for new runs, by the notebook's folder: its name, or its folder where that lies elsewhere.
    pub data_sets: BTreeMap<String, String>,
    /// Fingerprint of the recordings that the lab used, once they were seen on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lab_data: Option<String>,
    /// Columns that the list of runs hides.
    pub hidden_columns: BTreeSet<String>,
    /// How curves were drawn.
    pub plots: Plots,
    /// Which theme was on.
    pub theme: Option<Chosen>,
}

/// A theme that was preferred to the config file's. It holds until the config file names another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chosen {
    /// Its name.
    pub theme: String,
    /// The one that the config file named then.
    pub instead_of: String,
}

impl Memory {
    /// What was kept in a folder.
    pub fn load(folder: &Path) -> Self {
        toml_file::read(&folder.join("screen.toml")).unwrap_or_default()
    }

    /// With what other screens kept meanwhile about notebooks other than this one.
    pub fn beside(mut self, kept: Memory, notebook: &str) -> Self {
        self.rules = others(kept.rules, self.rules, notebook);
        self.data_sets = others(kept.data_sets, self.data_sets, notebook);
        self
    }

    /// Keeps it.
    pub fn save(&self, folder: &Path) -> std::io::Result<()> {
        let text = toml::to_string(self).map_err(std::io::Error::other)?;
        named::write(&folder.join("screen.toml"), text.as_bytes())
    }

    /// The theme to begin with, where the config file names `named`.
    pub fn theme<'a>(&'a self, named: &'a str) -> &'a str {
        match &self.theme {
            Some(chosen) if chosen.instead_of == named => &chosen.theme,
            _ => named,
        }
    }
}

/// What is kept of all notebooks, but of this one what is known here.
fn others<T>(
    mut kept: BTreeMap<String, T>,
    mut here: BTreeMap<String, T>,
    notebook: &str,
) -> BTreeMap<String, T> {
    kept.remove(notebook);
    kept.extend(here.remove_entry(notebook));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::pane::Pane;

    #[test]
    fn choices_are_remembered() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Memory::load(folder.path()), Memory::default());
        let theme = Some(Chosen { theme: "dark".into(), instead_of: "terminal".into() });
        let mut plots = Plots::default();
        plots.of_mut(Pane::Detail).chosen().limits = Some((60.0, 100.0));
        let memory = Memory {
            plots,
            lab_data: None,
            rules: [("/here/runs".to_owned(), Rule::Last)].into(),
            data_sets: [("/here/runs".to_owned(), "scp1".to_owned())].into(),
            hidden_columns: ["loss".to_owned()].into(),
            theme,
        };
        memory.save(folder.path()).unwrap();
        assert_eq!(Memory::load(folder.path()), memory);
        // What the config file says anew comes first.
        assert_eq!(memory.theme("terminal"), "dark");
        assert_eq!(memory.theme("light"), "light");
    }
    #[test]
    fn two_screens_on_two_notebooks_keep_both_their_choices() {
        let of = |notebook: &str, rule, set: &str| Memory {
            rules: [(notebook.to_owned(), rule)].into(),
            data_sets: [(notebook.to_owned(), set.to_owned())].into(),
            ..Memory::default()
        };
        // The one was opened before the other chose anything, and keeps its own last.
        let kept = of("/here", Rule::Last, "scp1").beside(of("/there", Rule::BestTest, "S4b"), "/here");
        assert_eq!(kept.rules, [("/here".into(), Rule::Last), ("/there".into(), Rule::BestTest)].into());
        assert_eq!(kept.data_sets, [("/here".into(), "scp1".into()), ("/there".into(), "S4b".into())].into());
        // What was chosen anew in this one comes before what is kept of it.
        let anew = of("/here", Rule::Validation, "S4b").beside(kept, "/here");
        assert_eq!((anew.rules["/here"], anew.rules["/there"]), (Rule::Validation, Rule::BestTest));
        assert_eq!(anew.data_sets["/here"], "S4b");
    }
}
