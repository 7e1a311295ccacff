//! The config file: TOML that holds only what differs from the defaults. And what the screen itself remembers.

use super::keymap::{Keymap, KeymapError};
use super::plot::Plot;
use super::theme::{Depth, Theme};
use crate::spec::Rule;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a person may set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The mouse: off, so that the terminal's own selection works.
    pub mouse: bool,
    /// Colours; found from the environment where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colours: Option<Colours>,
    /// Whether the terminal shows UTF-8; found from the locale where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utf8: Option<bool>,
    /// What tells of the end of a run or of the queue.
    pub notify: Notify,
    /// Action names to a key or several.
    pub keys: BTreeMap<String, Keys>,
}

/// Colour depths by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Colours {
    /// None.
    #[serde(rename = "none")]
    None,
    /// The terminal's own sixteen.
    #[serde(rename = "16")]
    Ansi,
    /// 256.
    #[serde(rename = "256")]
    Indexed,
    /// 24 bits.
    #[serde(rename = "true")]
    True,
}

/// When and how to tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notify {
    /// When.
    pub on: When,
    /// How.
    pub by: Means,
    /// What to run for `by = "command"`; the text is its last argument.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub command: String,
}

impl Default for Notify {
    fn default() -> Self {
        Notify { on: When::Queue, by: Means::Bell, command: String::new() }
    }
}

/// When to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// Not at all.
    Never,
    /// When a run ends, and when the queue does.
    Run,
    /// When nothing is left to train.
    Queue,
}

/// How to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Means {
    /// The terminal's bell: works everywhere.
    Bell,
    /// A notification of the terminal (OSC 9): iTerm2, WezTerm, Windows Terminal and others, seldom through tmux.
    Osc9,
    /// A command of the person's.
    Command,
}

/// One key or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Keys {
    /// One.
    One(String),
    /// Several; an empty list takes all keys away.
    Several(Vec<String>),
}

/// Why the config file can't be followed.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It can't be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is no TOML, or says what nobody understands.
    #[error("{}: {reason}", .path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What and where.
        reason: String,
    },
    /// Its keys clash.
    #[error("{}: {source}", .path.display())]
    Keys {
        /// The file.
        path: PathBuf,
        /// Which.
        source: KeymapError,
    },
}

impl Config {
    /// Where the file lies: `$XDG_CONFIG_HOME/eeg-tui/config.toml`, or under `~/.config`.
    pub fn path() -> Option<PathBuf> {
        folder("XDG_CONFIG_HOME", ".config").map(|folder| folder.join("config.toml"))
    }

    /// Reads the person's own file, or another that is named, and the keys that follow from it. Without an own file all is
    /// as it comes.
    pub fn find(named: Option<&Path>) -> Result<(Config, Keymap), ConfigError> {
        match (named, Config::path()) {
            (Some(path), _) => Config::load(path),
            (None, Some(path)) if path.exists() => Config::load(&path),
            _ => Ok(Default::default()),
        }
    }

    fn load(path: &Path) -> Result<(Config, Keymap), ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Read { path: path.into(), source })?;
        let config: Config = toml::from_str(&text)
            .map_err(|error| ConfigError::Syntax { path: path.into(), reason: error.to_string() })?;
        let keymap = config.keymap().map_err(|source| ConfigError::Keys { path: path.into(), source })?;
        Ok((config, keymap))
    }

    fn keymap(&self) -> Result<Keymap, KeymapError> {
        let differences = self.keys.iter().map(|(name, keys)| {
            let keys = match keys {
                Keys::One(key) => vec![key.clone()],
                Keys::Several(keys) => keys.clone(),
            };
            (name.clone(), keys)
        });
        Keymap::new(&differences.collect())
    }

    /// The terminal's abilities, with what the person knows better.
    pub fn theme(&self, get: impl Fn(&str) -> Option<String>) -> Theme {
        let found = Theme::detect(get);
        let depth = self.colours.map_or(found.depth, |colours| match colours {
            Colours::None => Depth::None,
            Colours::Ansi => Depth::Ansi,
            Colours::Indexed => Depth::Indexed,
            Colours::True => Depth::True,
        });
        Theme { depth, utf8: self.utf8.unwrap_or(found.utf8) }
    }

    /// Everything that can be set, as it is now: a whole config file, each key with what it does.
    pub fn print(&self, keymap: &Keymap) -> String {
        let switches = Config { keys: BTreeMap::new(), ..self.clone() };
        let mut text = String::from("# Everything that can be set. A file needs only what differs.\n");
        if let Some(path) = Config::path() {
            text += &format!("# It lies at {}.\n", path.display());
        }
        text += "# colours = \"none\", \"16\", \"256\" or \"true\"; utf8 = true or false: found by themselves where absent\n\n";
        text += &toml::to_string(&switches).unwrap_or_default();
        text = text.replace("\n[keys]\n", "\n");
        text += "\n# on: never, run, queue; by: bell, osc9, command (then command = \"…\", which is given the text)\n\n[keys]\n";
        for binding in keymap.bindings() {
            let keys: Vec<String> = binding.keys.iter().map(ToString::to_string).collect();
            text += &format!("{} = {:?} # {}\n", binding.action.name(), keys, binding.help);
        }
        text
    }
}

/// What the screen keeps from one session to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// How curves were drawn.
    pub plot: Plot,
    /// By which rule accuracies were shown.
    pub rule: Rule,
}

impl Memory {
    /// What was kept; nothing where it can't be read: it is a convenience.
    pub fn load(folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join("screen.toml")).unwrap_or_default();
        toml::from_str(&text).unwrap_or_default()
    }

    /// Keeps it.
    pub fn save(self, folder: &Path) -> std::io::Result<()> {
        let text = toml::to_string(&self).map_err(std::io::Error::other)?;
        std::fs::write(folder.join("screen.toml"), text)
    }
}

/// Where logs and memories lie: `$XDG_STATE_HOME/eeg-tui`, or under `~/.local/state`.
pub fn state_folder() -> Option<PathBuf> {
    folder("XDG_STATE_HOME", ".local/state")
}

fn folder(variable: &str, under_home: &str) -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = set(variable).filter(|path| path.is_absolute());
    base.or_else(|| set("HOME").map(|home| home.join(under_home))).map(|base| base.join("eeg-tui"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<(Config, Keymap), ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        Config::load(&path)
    }

    #[test]
    fn only_differences_need_to_be_said() {
        let (config, keymap) = load("mouse = true\n[keys]\nquit = \"Q\"\nundo = []\n").unwrap();
        assert!(config.mouse);
        assert_eq!(config.notify, Notify::default());
        assert_eq!(keymap.label(crate::tui::action::Action::Quit, true), "Q");
        assert_eq!(keymap.label(crate::tui::action::Action::Undo, true), "");
        assert!(Config::load(Path::new("/nowhere/config.toml")).is_err());
    }

    #[test]
    fn mistakes_name_the_file_and_the_place() {
        let wrong = [
            ("mous = true", "mous"),
            ("colours = \"lots\"", "lots"),
            ("[keys]\ncancel = \"p\"", "pause_or_resume"),
        ];
        for (text, named) in wrong {
            let message = load(text).unwrap_err().to_string();
            assert!(message.contains("config.toml") && message.contains(named), "{message}");
        }
    }

    #[test]
    fn what_is_printed_can_be_used_as_it_is() {
        let (config, keymap) = load("mouse = true\ncolours = \"16\"\n[keys]\nquit = \"Q\"\n").unwrap();
        let printed = config.print(&keymap);
        let (again, same_keys) = load(&printed).unwrap();
        assert_eq!(same_keys, keymap, "{printed}");
        assert_eq!(Config { keys: BTreeMap::new(), ..again }, Config { keys: BTreeMap::new(), ..config });
    }

    #[test]
    fn choices_are_remembered() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Memory::load(folder.path()), Memory::default());
        let memory = Memory { plot: Plot { log: true, ..Plot::default() }, rule: Rule::Last };
        memory.save(folder.path()).unwrap();
        assert_eq!(Memory::load(folder.path()), memory);
    }
}
