//! Themes as files: `themes/NAME.toml` beside the config file, each holding only what differs from a built-in one; and
//! which of all is on.

use super::scheme::{SERIES, Scheme};
use crate::disk::named;
use crate::tui::toml_file::{self, FileError};
use ratatui::style::Color;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The sixteen colours of every terminal, as theme files call them.
const NAMED: [(&str, Color); 16] = [
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::Gray),
    ("bright-black", Color::DarkGray),
    ("bright-red", Color::LightRed),
    ("bright-green", Color::LightGreen),
    ("bright-yellow", Color::LightYellow),
    ("bright-blue", Color::LightBlue),
    ("bright-magenta", Color::LightMagenta),
    ("bright-cyan", Color::LightCyan),
    ("bright-white", Color::White),
];

/// Why there is no such theme.
#[derive(Debug, thiserror::Error)]
pub enum ThemeError {
    /// It can't be read, or is no such file.
    #[error(transparent)]
    File(#[from] FileError),
    /// Neither built in nor a file.
    #[error("there is no theme '{name}'; there are {known}, and a file themes/{name}.toml would be another")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
}

/// Every theme there is, and which one is on.
#[derive(Clone, Debug)]
pub struct Themes {
    all: Vec<(String, Scheme)>,
    chosen: usize,
    /// Files that can't be used, though nobody asked for them yet: a sentence each.
    pub refused: Vec<String>,
}

impl Default for Themes {
    fn default() -> Self {
        let all = Scheme::BUILT_IN.map(|(name, scheme)| (name.to_owned(), scheme)).into();
        Themes { all, chosen: 0, refused: Vec::new() }
    }
}

impl Themes {
    /// The built-in ones and the files of a folder, which need not exist; `wanted` is on.
    pub fn find(folder: Option<&Path>, wanted: &str) -> Result<Self, ThemeError> {
        let mut themes = Themes::default();
        for (name, path) in folder.map(files).unwrap_or_default() {
            match read(&path, &name) {
                Ok(scheme) => themes.add(name, scheme),
                Err(error) if name == wanted => return Err(error),
                Err(error) => themes.refused.push(error.to_string()),
            }
        }
        if themes.choose(wanted) {
            Ok(themes)
        } else {
            Err(ThemeError::Unknown { name: wanted.into(), known: themes.names().join(", ") })
        }
    }

    /// One more, or another one of that name.
    fn add(&mut self, name: String, scheme: Scheme) {
        match self.all.iter_mut().find(|(known, _)| *known == name) {
            Some(entry) => entry.1 = scheme,
            None => self.all.push((name, scheme)),
        }
    }

    /// Turns one on; false, and nothing changes, where there is none of that name.
    pub fn choose(&mut self, name: &str) -> bool {
        let place = self.all.iter().position(|(known, _)| known == name);
        self.chosen = place.unwrap_or(self.chosen);
        place.is_some()
    }

    /// Turns the next one on, round and round.
    pub fn turn(&mut self) {
        self.chosen = (self.chosen + 1) % self.all.len();
    }

    /// The name of the one that is on.
    pub fn name(&self) -> &str {
        &self.all[self.chosen].0
    }

    /// Its colours.
    pub fn scheme(&self) -> Scheme {
        self.all[self.chosen].1
    }

    /// All names, the built-in ones first.
    pub fn names(&self) -> Vec<&str> {
        self.all.iter().map(|(name, _)| name.as_str()).collect()
    }
}

/// The theme files of a folder by name, in the order of their names.
fn files(folder: &Path) -> Vec<(String, PathBuf)> {
    let paths = named::list(folder).unwrap_or_default().into_iter();
    let toml = paths.filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
    let mut named: Vec<_> =
        toml.filter_map(|path| Some((path.file_stem()?.to_str()?.to_owned(), path))).collect();
    named.sort_unstable();
    named
}

/// What a file may hold.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Differences {
    like: Option<Base>,
    ink: Option<Shade>,
    paper: Option<Shade>,
    dim: Option<Shade>,
    active: Option<Shade>,
    good: Option<Shade>,
    caution: Option<Shade>,
    bad: Option<Shade>,
    series: Option<[Shade; SERIES]>,
}

/// A colour as people write it.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct Shade(Color);

impl TryFrom<String> for Shade {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let named = NAMED.iter().find(|(name, _)| *name == text).map(|(_, colour)| *colour);
        let own = (text == "default").then_some(Color::Reset);
        named.or(own).or_else(|| hexadecimal(&text)).or_else(|| text.parse().ok().map(Color::Indexed)).map(Shade).ok_or_else(
            || {
                format!(
                    "'{text}' is no colour; write \"#rrggbb\", \"0\" to \"255\", \"default\" (the terminal's own), black, red, \
                     green, yellow, blue, magenta, cyan or white, or one of these with bright- before it"
                )
            },
        )
    }
}

fn hexadecimal(text: &str) -> Option<Color> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let value = u32::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))?;
    Some(Color::Rgb((value >> 16) as u8, (value >> 8) as u8, value as u8))
}

/// A built-in theme that a file starts from.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Base(Scheme);

impl TryFrom<String> for Base {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        built_in(&name).map(Base).ok_or_else(|| {
            let known = Scheme::BUILT_IN.map(|(name, _)| name).join(", ");
            format!("a theme can be like {known}, not like '{name}'")
        })
    }
}

fn built_in(name: &str) -> Option<Scheme> {
    Scheme::BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, scheme)| *scheme)
}

/// Reads a file. Without `like` it starts from the built-in theme of its own name, or from the terminal's palette.
fn read(path: &Path, name: &str) -> Result<Scheme, ThemeError> {
    let file: Differences = toml_file::read(path)?;
    let base = file.like.map(|base| base.0).or_else(|| built_in(name)).unwrap_or(Scheme::TERMINAL);
    let or = |shade: Option<Shade>, base: Color| shade.map_or(base, |shade| shade.0);
    Ok(Scheme {
        ink: or(file.ink, base.ink),
        paper: or(file.paper, base.paper),
        dim: or(file.dim, base.dim),
        active: or(file.active, base.active),
        good: or(file.good, base.good),
        caution: or(file.caution, base.caution),
        bad: or(file.bad, base.bad),
        series: file.series.map_or(base.series, |series| series.map(|shade| shade.0)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The themes of a folder with these files.
    fn find(files: &[(&str, &str)], wanted: &str) -> Result<Themes, ThemeError> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Themes::find(Some(folder.path()), wanted)
    }

    #[test]
    fn a_file_holds_only_differences() {
        let text = "like = \"dark\"\npaper = \"default\"\nbad = \"bright-red\"\nactive = \"208\"\nink = \"#FfEedd\"\n";
        let themes = find(&[("mine.toml", text), ("README", "no theme")], "mine").unwrap();
        assert_eq!(themes.name(), "mine");
        assert_eq!(
            themes.scheme(),
            Scheme {
                paper: Color::Reset,
                bad: Color::LightRed,
                active: Color::Indexed(208),
                ink: Color::Rgb(255, 238, 221),
                ..Scheme::DARK
            }
        );
        assert_eq!(themes.names(), ["terminal", "dark", "light", "contrast", "mine"]);
    }

    #[test]
    fn a_file_of_a_built_in_name_changes_that_one() {
        let themes = find(&[("light.toml", "paper = \"#ffffff\"")], "light").unwrap();
        assert_eq!(themes.scheme(), Scheme { paper: Color::Rgb(255, 255, 255), ..Scheme::LIGHT });
        assert_eq!(themes.names().len(), Scheme::BUILT_IN.len());
    }

    #[test]
    fn mistakes_name_the_file_the_key_and_what_is_allowed() {
        let wrong = [
            ("papr = \"red\"", ["papr", "paper"]),
            ("bad = \"mauve\"", ["bad = \"mauve\"", "'mauve' is no colour; write \"#rrggbb\""]),
            ("ink = \"#12345\"", ["#12345", "bright-"]),
            ("dim = \"256\"", ["256", "\"0\" to \"255\""]),
            ("like = \"solarized\"", ["like", "terminal, dark, light, contrast"]),
            ("series = [\"red\", \"blue\"]", ["series", "6"]),
        ];
        for (text, named) in wrong {
            let message = find(&[("mine.toml", text)], "mine").unwrap_err().to_string();
            assert!(message.contains("mine.toml"), "{message}");
            assert!(named.iter().all(|part| message.contains(part)), "{message}");
            // A file that nobody asked for is no reason not to start.
            let themes = find(&[("mine.toml", text)], "terminal").unwrap();
            assert_eq!((themes.name(), themes.refused.len()), ("terminal", 1));
            assert!(named.iter().all(|part| themes.refused[0].contains(part)));
        }
        let message = Themes::find(None, "nord").unwrap_err().to_string();
        assert!(
            message.contains("'nord'") && message.contains("terminal, dark, light, contrast"),
            "{message}"
        );
    }

    #[test]
    fn turning_comes_round() {
        let mut themes = Themes::default();
        for _ in Scheme::BUILT_IN {
            themes.turn();
        }
        assert_eq!(themes.name(), "terminal");
        assert!(!themes.choose("nowhere"));
        assert_eq!(themes.name(), "terminal");
    }
}
