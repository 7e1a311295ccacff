//! A key press as people write it: `q`, `ctrl-c`, `shift-tab`, `pagedown`. Knows nothing of what keys mean.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt;
use std::str::FromStr;

/// A key with its modifiers. Shift is part of a letter (`G`), and named elsewhere (`shift-tab`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which key.
    pub code: KeyCode,
    /// Held with Control.
    pub ctrl: bool,
    /// Held with Alt.
    pub alt: bool,
    /// Held with Shift, for keys that are no characters.
    pub shift: bool,
}

/// Keys with a name, with the name first and its short form for tight places second.
const NAMED: [(KeyCode, &str, &str); 14] = [
    (KeyCode::Enter, "enter", "⏎"),
    (KeyCode::Esc, "esc", "esc"),
    (KeyCode::Char(' '), "space", "space"),
    (KeyCode::Tab, "tab", "tab"),
    (KeyCode::Backspace, "backspace", "⌫"),
    (KeyCode::Delete, "delete", "del"),
    (KeyCode::Up, "up", "↑"),
    (KeyCode::Down, "down", "↓"),
    (KeyCode::Left, "left", "←"),
    (KeyCode::Right, "right", "→"),
    (KeyCode::Home, "home", "home"),
    (KeyCode::End, "end", "end"),
    (KeyCode::PageUp, "pageup", "pgup"),
    (KeyCode::PageDown, "pagedown", "pgdn"),
];

impl Key {
    /// A key without modifiers.
    pub fn plain(code: KeyCode) -> Self {
        Key { code, ctrl: false, alt: false, shift: false }
    }

    /// The short form for a footer: arrows as arrows where the terminal has them.
    pub fn label(self, utf8: bool) -> String {
        let named = NAMED.iter().find(|(code, ..)| *code == self.code);
        match named {
            Some((_, _, short)) if utf8 && !self.ctrl && !self.alt && !self.shift => (*short).into(),
            _ => self.to_string(),
        }
    }
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        let held = |modifier| event.modifiers.contains(modifier);
        let (code, shift) = match event.code {
            KeyCode::BackTab => (KeyCode::Tab, true),
            KeyCode::Char(letter) if held(KeyModifiers::CONTROL) => {
                (KeyCode::Char(letter.to_ascii_lowercase()), false)
            }
            KeyCode::Char(letter) => (KeyCode::Char(letter), false),
            other => (other, held(KeyModifiers::SHIFT)),
        };
        Key { code, ctrl: held(KeyModifiers::CONTROL), alt: held(KeyModifiers::ALT), shift }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            if held {
                f.write_str(name)?;
            }
        }
        if let Some((_, name, _)) = NAMED.iter().find(|(code, ..)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::Char(letter) => write!(f, "{letter}"),
            KeyCode::F(number) => write!(f, "f{number}"),
            other => write!(f, "{other:?}"),
        }
    }
}

impl FromStr for Key {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut key = Key::plain(KeyCode::Null);
        let mut rest = text;
        loop {
            // A lone or last `-` is the key itself.
            match rest.split_once('-') {
                Some(("ctrl", name)) if !name.is_empty() => (key.ctrl, rest) = (true, name),
                Some(("alt", name)) if !name.is_empty() => (key.alt, rest) = (true, name),
                Some(("shift", name)) if !name.is_empty() => (key.shift, rest) = (true, name),
                _ => break,
            }
        }
        key.code = code(rest).ok_or_else(|| {
            format!(
                "'{text}' is no key; write a character, or a name such as ctrl-c, shift-tab, pagedown, f5"
            )
        })?;
        if let KeyCode::Char(letter) = key.code
            && key.shift
        {
            key = Key { code: KeyCode::Char(letter.to_ascii_uppercase()), shift: false, ..key };
        }
        Ok(key)
    }
}

/// The key of a name without modifiers.
fn code(name: &str) -> Option<KeyCode> {
    if let Some((code, ..)) = NAMED.iter().find(|(_, known, _)| *known == name) {
        return Some(*code);
    }
    let mut letters = name.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) => Some(KeyCode::Char(letter)),
        (Some('f'), Some(_)) => name.get(1..)?.parse().ok().filter(|n| (1..=24).contains(n)).map(KeyCode::F),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for name in [
            "q",
            "G",
            "?",
            "-",
            "ctrl-c",
            "ctrl--",
            "alt-x",
            "shift-tab",
            "shift-up",
            "space",
            "f5",
            "pagedown",
        ] {
            assert_eq!(name.parse::<Key>().unwrap().to_string(), name);
        }
        assert_eq!("shift-g".parse::<Key>().unwrap(), "G".parse().unwrap());
        for wrong in ["", "ctrl-", "hyper-x", "f99", "enterr"] {
            assert!(wrong.parse::<Key>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn terminals_spell_shift_in_two_ways() {
        let back_tab = KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT);
        assert_eq!(Key::from(back_tab), "shift-tab".parse().unwrap());
        let shifted = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(Key::from(shifted), "G".parse().unwrap());
    }
}
