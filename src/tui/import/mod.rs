//! The form that makes a data set of recordings: which files, what lies in them, and every option of an import that people
//! use. What it asks for is what `data import` asks for, and the same function makes the set.

mod contents;
mod row;

use super::input::Line;
use super::key::Key;
use crate::recording::import::{Inspected, InspectedFile, Options, Trace};
use crossterm::event::KeyCode;
use std::sync::Arc;

pub use contents::lines as contents;
pub use row::Row;

/// What is typed so far, and what is known of the files.
#[derive(Clone, Debug)]
pub struct Import {
    /// A line for each of [`Row::ALL`].
    lines: Vec<Line>,
    focus: usize,
    /// What lies in the files, once they were looked into.
    pub inside: Inside,
    /// Paths that go on as the last one does.
    pub candidates: Vec<String>,
    /// How far it is.
    pub course: Course,
    /// The first channel on show, while the signal is looked at.
    pub trace: Option<usize>,
}

/// What is known of the files.
#[derive(Clone, Debug, Default)]
pub enum Inside {
    /// Nothing yet.
    #[default]
    Unknown,
    /// They are being looked into.
    Looking(Inquiry),
    /// This lies in them.
    Known(Inquiry, Arc<Inspected>),
    /// They can't be read, for this reason.
    Unreadable(Inquiry, String),
}

/// What is looked into, as it was typed: what lies in files depends on nothing else.
#[derive(Clone, Debug, PartialEq)]
pub struct Inquiry {
    /// The files.
    pub files: String,
    /// What is said of them where they are silent.
    pub options: Box<Options>,
}

/// How far an import is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Course {
    /// The person is being asked.
    #[default]
    Asking,
    /// The files are read: so many bytes of so many.
    Reading(u64, u64),
    /// It was asked to stop.
    Stopping,
    /// It came to nothing, for this reason.
    Refused(String),
}

/// What is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// The set's name.
    pub name: String,
    /// The files, as they were typed.
    pub files: String,
    /// All else.
    pub options: Options,
}

/// What a key did to the form.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It stays as it is.
    Stay,
    /// It wants to know which paths go on like this.
    Complete(String),
    /// It wants these files looked into.
    Inspect(Inquiry),
    /// It is done: this is wanted.
    Import(Box<Wanted>),
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Which, by its place.
    pub row: usize,
    /// A sentence.
    pub text: String,
}

impl Default for Import {
    fn default() -> Self {
        let lines = vec![Line::default(); Row::ALL.len()];
        Import {
            lines,
            focus: 0,
            inside: Inside::Unknown,
            candidates: Vec::new(),
            course: Course::Asking,
            trace: None,
        }
    }
}

impl Import {
    /// The place of the row that takes the keys.
    pub fn focus(&self) -> usize {
        self.focus
    }

    /// Every row with what stands there.
    pub fn rows(&self) -> impl Iterator<Item = (&'static Row, &Line)> {
        Row::ALL.iter().zip(&self.lines)
    }

    /// The beginning of the first recording, and the recording, once the files were looked into.
    pub fn signal(&self) -> Option<(&Trace, &InspectedFile)> {
        let Inside::Known(_, inspected) = &self.inside else { return None };
        let first = inspected.files.first()?;
        first.trace.as_ref().filter(|trace| !trace.channels.is_empty()).map(|trace| (trace, first))
    }

    /// Shows the signal, or the rows again.
    fn turn(&mut self) -> Outcome {
        match (self.trace, self.signal()) {
            (Some(_), _) => self.trace = None,
            (None, Some(_)) => self.trace = Some(0),
            (None, None) => {
                if let Some(inquiry) = self.look() {
                    return Outcome::Inspect(inquiry);
                }
            }
        }
        Outcome::Stay
    }

    /// A key while the signal is looked at: only its channels are moved.
    fn scroll(&mut self, first: usize, key: Key) {
        let last = self.signal().map_or(0, |(trace, _)| trace.channels.len().saturating_sub(1));
        let first = match key.code {
            KeyCode::Up => first.saturating_sub(1),
            KeyCode::Down => first + 1,
            KeyCode::PageUp => first.saturating_sub(8),
            KeyCode::PageDown => first + 8,
            KeyCode::Home => 0,
            KeyCode::End => last,
            _ => first,
        };
        self.trace = Some(first.min(last));
    }

    /// Takes a key; Enter looks into files that were not looked into, and then imports.
    pub fn key(&mut self, key: Key) -> Outcome {
        if (key.code, key.ctrl) == (KeyCode::Char('t'), true) {
            return self.turn();
        }
        if let Some(first) = self.trace {
            self.scroll(first, key);
            return Outcome::Stay;
        }
        let last = self.lines.len() - 1;
        match (key.code, key.ctrl) {
            (KeyCode::Enter, _) => return self.enter(),
            (KeyCode::Tab, _) if self.focus == Row::FILES && !key.shift => {
                return Outcome::Complete(last_path(&self.lines[Row::FILES].text()).to_owned());
            }
            (KeyCode::Tab, _) if key.shift => return self.go(self.focus.checked_sub(1).unwrap_or(last)),
            (KeyCode::Tab, _) => return self.go((self.focus + 1) % (last + 1)),
            (KeyCode::Up, _) => return self.go(self.focus.saturating_sub(1)),
            (KeyCode::Down, _) => return self.go((self.focus + 1).min(last)),
            _ => {
                if self.lines[self.focus].key(key) {
                    self.touched();
                }
            }
        }
        Outcome::Stay
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) {
        self.lines[self.focus].insert(text);
        self.touched();
    }

    /// What was refused or offered was about another text.
    fn touched(&mut self) {
        self.course = Course::Asking;
        self.candidates.clear();
    }

    /// To another row. Whoever leaves the files wants to see what lies in them.
    fn go(&mut self, place: usize) -> Outcome {
        self.lines[self.focus].select(false);
        self.focus = place;
        // Paths are gone on with, everything else is typed anew.
        self.lines[place].select(place != Row::FILES);
        self.look().map_or(Outcome::Stay, Outcome::Inspect)
    }

    fn enter(&mut self) -> Outcome {
        if let Some(inquiry) = self.look() {
            return Outcome::Inspect(inquiry);
        }
        match self.wanted() {
            Ok(Some(wanted)) => {
                self.course = Course::Reading(0, 0);
                Outcome::Import(Box::new(wanted))
            }
            Ok(None) => Outcome::Stay,
            Err(complaint) => {
                self.go(complaint.row);
                self.course = Course::Refused(complaint.text);
                Outcome::Stay
            }
        }
    }

    /// What is to be looked into, if that was not done.
    fn look(&mut self) -> Option<Inquiry> {
        let files = self.lines[Row::FILES].text().trim().to_owned();
        // What can't be understood yet is said when it is asked for.
        let options = Box::new(self.options().unwrap_or_default());
        let assumed = Options {
            events: Vec::new(),
            window: None,
            test: Vec::new(),
            picks: Vec::new(),
            reference: Vec::new(),
            band: None,
            resample: None,
            reject: Vec::new(),
            overlap: false,
            ..*options
        };
        let inquiry = Inquiry { files, options: Box::new(assumed) };
        let known = match &self.inside {
            Inside::Unknown => None,
            Inside::Looking(known) | Inside::Known(known, _) | Inside::Unreadable(known, _) => Some(known),
        };
        if inquiry.files.is_empty() || known == Some(&inquiry) {
            return None;
        }
        self.inside = Inside::Looking(inquiry.clone());
        Some(inquiry)
    }

    /// What lies in the files. What was asked for before something else was typed is of no use.
    pub fn inspected(&mut self, inquiry: Inquiry, result: Result<Arc<Inspected>, String>) {
        if !matches!(&self.inside, Inside::Looking(asked) if *asked == inquiry) {
            return;
        }
        self.trace = None;
        self.inside = match result {
            Ok(inspected) => {
                if self.lines[Row::NAME].is_empty() {
                    self.lines[Row::NAME] = Line::new(&contents::name(&inspected));
                    // A proposal: what is typed takes its place.
                    self.lines[Row::NAME].select(self.focus == Row::NAME);
                }
                Inside::Known(inquiry, inspected)
            }
            Err(reason) => Inside::Unreadable(inquiry, reason),
        };
    }

    /// Paths that begin as what was typed does: goes on as far as all of them agree.
    pub fn complete(&mut self, typed: &str, paths: Vec<String>) {
        let text = self.lines[Row::FILES].text();
        let Some(before) = text.strip_suffix(typed).filter(|_| last_path(&text) == typed) else { return };
        let Some((first, others)) = paths.split_first() else {
            self.course = Course::Refused("no path begins like this".into());
            return;
        };
        let common = others.iter().fold(first.as_str(), |common, other| {
            let agreed = common.char_indices().zip(other.chars()).take_while(|((_, a), b)| a == b);
            &common[..agreed.last().map_or(0, |((at, letter), _)| at + letter.len_utf8())]
        });
        if common.len() > typed.len() {
            self.lines[Row::FILES] = Line::new(&format!("{before}{common}"));
        }
        self.candidates = if others.is_empty() { Vec::new() } else { paths };
    }

    /// What is typed as options, or what is wrong first.
    pub fn options(&self) -> Result<Options, Complaint> {
        let mut options = Options::default();
        for (place, (row, line)) in self.rows().enumerate() {
            let text = line.text();
            if !text.trim().is_empty() {
                (row.set)(&mut options, text.trim()).map_err(|text| Complaint { row: place, text })?;
                // Each row is understood by itself, so that what is wrong is found where it is.
                options
                    .plan()
                    .map_err(|error| Complaint { row: place, text: unflagged(&error.to_string()) })?;
            }
        }
        Ok(options)
    }

    /// What Enter would import, or what is wrong first; nothing while the files are being looked into.
    pub fn wanted(&self) -> Result<Option<Wanted>, Complaint> {
        let [files, name] = [Row::FILES, Row::NAME].map(|row| self.lines[row].text().trim().to_owned());
        if files.is_empty() {
            return Err(Complaint { row: Row::FILES, text: "name the recordings, or a BIDS folder".into() });
        }
        let options = self.options()?;
        match &self.inside {
            Inside::Unknown | Inside::Looking(_) => return Ok(None),
            Inside::Unreadable(_, reason) => {
                return Err(Complaint { row: Row::FILES, text: reason.clone() });
            }
            Inside::Known(..) => {}
        }
        if name.is_empty() {
            return Err(Complaint { row: Row::NAME, text: "give the data set a name".into() });
        }
        Ok(Some(Wanted { name, files, options }))
    }
}

/// A sentence about an option without the flag that it is called by on the command line.
fn unflagged(text: &str) -> String {
    let rest = text.strip_prefix("--").and_then(|text| text.split_once(' ')).map_or(text, |(_, rest)| rest);
    rest.to_owned()
}

/// The path that is being typed: what stands behind the last blank that is none of a name's.
fn last_path(text: &str) -> &str {
    let mut start = 0;
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        if letter == ' ' && !escaped {
            start = at + 1;
        }
        escaped = letter == '\\' && !escaped;
    }
    &text[start..]
}

/// The paths of a line: blanks stand between them, and behind a backslash in them.
pub fn paths(text: &str) -> Vec<String> {
    let (mut paths, mut path, mut escaped) = (Vec::new(), String::new(), false);
    for letter in text.chars() {
        match letter {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            ' ' if !escaped => paths.push(std::mem::take(&mut path)),
            letter => path.push(letter),
        }
        escaped = false;
    }
    paths.push(path);
    paths.retain(|path| !path.is_empty());
    paths
}

/// A path as it stands in a line.
pub fn written(path: &str) -> String {
    path.replace('\\', "\\\\").replace(' ', "\\ ")
}

/// Whether a file's name is one of those that a pattern with `*` stands for.
pub fn is_like(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|left| {
            (0..=left.len()).filter(|at| left.is_char_boundary(*at)).any(|at| is_like(rest, &left[at..]))
        }),
    }
}

#[cfg(test)]
mod tests;
