//! Notes of a run while they are typed: what was read from disk, and what stands there now.

use super::input::Page;
use super::key::Key;

/// An open editor. Keys that come before the notes were read wait for them.
#[derive(Clone, Debug, PartialEq)]
pub struct Notes {
    /// Whose.
    pub id: String,
    /// What was on disk when they were read, over which alone they may be saved; `None` before.
    pub read: Option<String>,
    /// What stands there.
    pub page: Page,
    waiting: Vec<Key>,
}

impl Notes {
    /// An editor whose notes are still to be read.
    pub fn of(id: &str) -> Self {
        Notes { id: id.into(), read: None, page: Page::new(""), waiting: Vec::new() }
    }

    /// An editor with words that are not on disk yet, over what is.
    pub fn unsaved(id: &str, text: &str, read: &str) -> Self {
        Notes { id: id.into(), read: Some(read.into()), page: Page::new(text), waiting: Vec::new() }
    }

    /// Takes in what is on disk, and the keys that waited for it. An editor that has its notes keeps what stands there.
    pub fn arrived(&mut self, text: &str) {
        if self.read.is_some() {
            return;
        }
        self.page = Page::new(text);
        self.read = Some(text.into());
        for key in std::mem::take(&mut self.waiting) {
            self.page.key(key);
        }
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key) {
        if self.read.is_some() {
            self.page.key(key);
        } else {
            self.waiting.push(key);
        }
    }

    /// What is to be saved, and over what; `None` where nothing changed.
    pub fn changed(&self) -> Option<(String, String)> {
        let read = self.read.clone()?;
        // An end of line more or less is no change.
        (self.page.text().trim_end() != read.trim_end()).then(|| (self.page.text(), read))
    }
}

/// Both texts, where someone else wrote while one typed.
pub fn both(theirs: &str, mine: &str) -> String {
    format!("{}\n\n--- the above was written meanwhile; yours: ---\n\n{mine}", theirs.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_wait_for_the_notes_and_nothing_is_saved_before() {
        let mut notes = Notes::of("run");
        notes.key("x".parse().unwrap());
        assert_eq!(notes.changed(), None);
        notes.arrived("old");
        assert_eq!(notes.changed(), Some(("oldx\n".into(), "old".into())));
        notes.arrived("newer");
        assert_eq!(notes.page.text(), "oldx\n");
        assert_eq!(Notes::unsaved("run", "same", "same\n").changed(), None);
    }
}
