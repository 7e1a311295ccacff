//! Text being typed: one line, and a page of lines. Keys in, text and cursor out.

use super::key::Key;
use crossterm::event::KeyCode;

/// A line with a cursor, in characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    text: Vec<char>,
    cursor: usize,
    /// Whether all of it is selected: what is typed then takes its place.
    selected: bool,
}

impl Line {
    /// A line to go on with, the cursor at its end.
    pub fn new(text: &str) -> Self {
        let text: Vec<char> = text.chars().filter(|letter| !letter.is_control()).collect();
        Line { cursor: text.len(), text, selected: false }
    }

    /// Selects all of it, or lets go of that.
    pub fn select(&mut self, selected: bool) {
        self.selected = selected && !self.text.is_empty();
    }

    /// Whether all of it is selected.
    pub fn is_selected(&self) -> bool {
        self.selected
    }

    /// What was typed.
    pub fn text(&self) -> String {
        self.text.iter().collect()
    }

    /// Where the next character goes.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Puts pasted or typed text at the cursor; line breaks become spaces.
    pub fn insert(&mut self, text: &str) {
        self.give_way();
        for letter in text.chars() {
            let letter = if letter == '\n' || letter == '\t' { ' ' } else { letter };
            if !letter.is_control() {
                self.text.insert(self.cursor, letter);
                self.cursor += 1;
            }
        }
    }

    /// What is selected makes room for what comes.
    fn give_way(&mut self) {
        if std::mem::take(&mut self.selected) {
            self.text.clear();
            self.cursor = 0;
        }
    }

    /// Takes a key as readline would; one that deletes, deletes what is selected. False: it is not for a line.
    pub fn key(&mut self, key: Key) -> bool {
        if self.selected && matches!(key.code, KeyCode::Backspace | KeyCode::Delete) {
            self.give_way();
            return true;
        }
        let taken = self.edit(key);
        self.selected &= !taken;
        taken
    }

    fn edit(&mut self, key: Key) -> bool {
        match (key.code, key.ctrl) {
            (KeyCode::Char('a'), true) | (KeyCode::Home, _) => self.cursor = 0,
            (KeyCode::Char('e'), true) | (KeyCode::End, _) => self.cursor = self.text.len(),
            (KeyCode::Char('u'), true) => drop(self.text.drain(..std::mem::take(&mut self.cursor))),
            (KeyCode::Char('k'), true) => self.text.truncate(self.cursor),
            (KeyCode::Char('w'), true) => self.delete_word(),
            (KeyCode::Char(letter), false) if !key.alt => self.insert(letter.encode_utf8(&mut [0; 4])),
            (KeyCode::Left, false) => self.cursor = self.cursor.saturating_sub(1),
            (KeyCode::Right, false) => self.cursor = (self.cursor + 1).min(self.text.len()),
            (KeyCode::Backspace, _) if self.cursor > 0 => {
                self.cursor -= 1;
                self.text.remove(self.cursor);
            }
            (KeyCode::Backspace, _) => {}
            (KeyCode::Delete, _) if self.cursor < self.text.len() => drop(self.text.remove(self.cursor)),
            (KeyCode::Delete, _) => {}
            _ => return false,
        }
        true
    }

    fn delete_word(&mut self) {
        let before = &self.text[..self.cursor];
        let end = before.iter().rposition(|letter| *letter != ' ').map_or(0, |last| last + 1);
        let start = before[..end].iter().rposition(|letter| *letter == ' ').map_or(0, |blank| blank + 1);
        self.text.drain(start..self.cursor);
        self.cursor = start;
    }
}

/// Lines with a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    lines: Vec<Line>,
    row: usize,
}

impl Page {
    /// A text to go on with, the cursor at its end.
    pub fn new(text: &str) -> Self {
        let mut lines: Vec<Line> = text.lines().map(Line::new).collect();
        if lines.is_empty() {
            lines.push(Line::default());
        }
        Page { row: lines.len() - 1, lines }
    }

    /// What was typed; ends with a line break unless it is empty.
    pub fn text(&self) -> String {
        let text = self.lines.iter().map(Line::text).collect::<Vec<_>>().join("\n");
        if text.trim().is_empty() { String::new() } else { text + "\n" }
    }

    /// The lines.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The line under the cursor.
    pub fn row(&self) -> usize {
        self.row
    }

    /// Puts text at the cursor.
    pub fn insert(&mut self, text: &str) {
        for (place, piece) in text.replace('\r', "\n").split('\n').enumerate() {
            if place > 0 {
                self.split();
            }
            self.lines[self.row].insert(piece);
        }
    }

    /// Takes a key. False: it is not for a text.
    pub fn key(&mut self, key: Key) -> bool {
        match key.code {
            KeyCode::Enter => self.split(),
            KeyCode::Up => self.go(self.row.saturating_sub(1)),
            KeyCode::Down => self.go(self.row + 1),
            KeyCode::PageUp => self.go(0),
            KeyCode::PageDown => self.go(self.lines.len()),
            KeyCode::Backspace if self.lines[self.row].cursor == 0 => self.join(),
            _ => return self.lines[self.row].key(key),
        }
        true
    }

    fn go(&mut self, row: usize) {
        let column = self.lines[self.row].cursor;
        self.row = row.min(self.lines.len() - 1);
        let line = &mut self.lines[self.row];
        line.cursor = column.min(line.text.len());
    }

    fn split(&mut self) {
        let line = &mut self.lines[self.row];
        let rest = line.text.split_off(line.cursor);
        self.row += 1;
        self.lines.insert(self.row, Line { text: rest, ..Line::default() });
    }

    fn join(&mut self) {
        if self.row > 0 {
            let rest = self.lines.remove(self.row);
            self.row -= 1;
            let line = &mut self.lines[self.row];
            line.cursor = line.text.len();
            line.text.extend(rest.text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(line: &mut Line, keys: &str) {
        for key in keys.split(' ') {
            assert!(line.key(key.parse().unwrap()), "{key}");
        }
    }

    #[test]
    fn a_line_takes_the_keys_of_readline() {
        let mut line = Line::new("elu acc");
        press(&mut line, "> 1 left backspace <");
        assert_eq!(line.text(), "elu acc<1");
        press(&mut line, "ctrl-e ctrl-w");
        assert_eq!(line.text(), "elu ");
        press(&mut line, "ctrl-a delete é ctrl-k");
        assert_eq!((line.text(), line.cursor()), ("é".into(), 1));
        assert!(!line.key("enter".parse().unwrap()));
    }

    #[test]
    fn what_is_selected_gives_way_to_what_is_typed() {
        let selected = || {
            let mut line = Line::new("relu");
            line.select(true);
            line
        };
        let typed = |keys: &str| {
            let mut line = selected();
            press(&mut line, keys);
            line.text()
        };
        assert_eq!([typed("e l u"), typed("backspace"), typed("end , e")], ["elu", "", "relu,e"]);
        let mut pasted = selected();
        pasted.insert("silu");
        assert_eq!((pasted.text(), pasted.is_selected()), ("silu".into(), false));
        assert!(!Line::default().is_selected());
    }

    #[test]
    fn a_page_splits_and_joins_lines() {
        let mut page = Page::new("one\ntwo\n");
        for key in ["enter", "x", "up", "home", "backspace", "end"] {
            assert!(page.key(key.parse().unwrap()));
        }
        assert_eq!(page.text(), "onetwo\nx\n");
        page.insert("3\r4");
        assert_eq!(page.text(), "onetwo3\n4\nx\n");
    }
}
