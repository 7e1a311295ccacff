//! The config file: TOML that holds only what differs from the defaults.

use super::keymap::{Keymap, KeymapError};
use super::theme::{Depth, Theme, ThemeError, Themes};
use super::toml_file::{self, FileError};
use crate::disk;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a person may set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The theme: a built-in one, or a file's name in `themes/` beside the config file.
    pub theme: String,
    /// The mouse: off, so that the terminal's own selection works.
    pub mouse: bool,
    /// Colours; found from the environment where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colours: Option<Colours>,
    /// Whether the terminal shows UTF-8; found from the locale where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utf8: Option<bool>,
    /// Whether a worker is started on runs that wait.
    pub worker: WorkerPolicy,
    /// What tells of the end of a run or of the queue.
    pub notify: Notify,
    /// Action names to a key or several.
    pub keys: BTreeMap<String, Keys>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            theme: Themes::default().name().into(),
            mouse: false,
            colours: None,
            utf8: None,
            worker: WorkerPolicy::default(),
            notify: Notify::default(),
            keys: BTreeMap::new(),
        }
    }
}

/// What follows from the config file and the files beside it.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What it says.
    pub config: Config,
    /// The keys.
    pub keymap: Keymap,
    /// The themes, the config file's on.
    pub themes: Themes,
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

/// Whether the screen starts a worker on runs that wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WorkerPolicy {
    /// On what this screen enqueued; a person decides about what was enqueued elsewhere.
    #[default]
    Ask,
    /// Always.
    Auto,
    /// Only when told to.
    Never,
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
    /// It can't be read, or is no such file.
    #[error(transparent)]
    File(#[from] FileError),
    /// Its keys clash.
    #[error("{}: {source}", .path.display())]
    Keys {
        /// The file.
        path: PathBuf,
        /// Which.
        source: KeymapError,
    },
    /// Its theme can't be had.
    #[error(transparent)]
    Theme(#[from] ThemeError),
}

impl Config {
    /// Where the file lies: `$XDG_CONFIG_HOME/eeg-tui/config.toml`, or under `~/.config`.
    pub fn path() -> Option<PathBuf> {
        folder("XDG_CONFIG_HOME", ".config").map(|folder| folder.join("config.toml"))
    }

    /// Reads the person's own file, or another that is named, and what follows from it. Without an own file all is as it
    /// comes; themes of one's own may still lie where it would.
    pub fn find(named: Option<&Path>) -> Result<Settings, ConfigError> {
        let own = Config::path();
        match (named, &own) {
            (Some(path), _) => Config::load(path),
            (None, Some(path)) if !matches!(disk::named::kind(path), Ok(None)) => Config::load(path),
            _ => Config::default().settings(own.as_deref()),
        }
    }

    fn load(path: &Path) -> Result<Settings, ConfigError> {
        toml_file::read::<Config>(path)?.settings(Some(path))
    }

    fn settings(self, path: Option<&Path>) -> Result<Settings, ConfigError> {
        let beside = path.and_then(Path::parent).map(|folder| folder.join("themes"));
        let file = || path.unwrap_or(Path::new("config.toml")).to_owned();
        let keymap = self.keymap().map_err(|source| ConfigError::Keys { path: file(), source })?;
        let themes = Themes::find(beside.as_deref(), &self.theme)?;
        Ok(Settings { config: self, keymap, themes })
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
    pub fn abilities(&self, get: impl Fn(&str) -> Option<String>) -> Theme {
        let found = Theme::detect(get);
        let depth = self.colours.map_or(found.depth, |colours| match colours {
            Colours::None => Depth::None,
            Colours::Ansi => Depth::Ansi,
            Colours::Indexed => Depth::Indexed,
            Colours::True => Depth::True,
        });
        Theme::new(depth, self.utf8.unwrap_or(found.utf8))
    }

    /// Everything that can be set, as it is now: a whole config file, each key with what it does.
    pub fn print(settings: &Settings) -> String {
        let Settings { config, keymap, themes } = settings;
        let switches = Config { keys: BTreeMap::new(), ..config.clone() };
        let mut text = String::from("# Everything that can be set. A file needs only what differs.\n");
        if let Some(path) = Config::path() {
            text += &format!("# It lies at {}.\n", path.display());
        }
        text += &format!(
            "# theme: {}, or NAME for a file themes/NAME.toml beside it\n",
            themes.names().join(", ")
        );
        text += "# worker: ask (starts on what this screen enqueued), auto, never\n";
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
mod tests;
