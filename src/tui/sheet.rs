//! Text of a pane: lines in tones, in the terminal's alphabet, scrolled where they are more than fit. What comes from
//! files or people is made harmless on the way in.

use super::input;
use super::theme::{Theme, Tone};
use crate::printable::printable;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns of the label before a value.
const LABEL: usize = 16;

/// Lines of text.
pub struct Sheet<'t> {
    theme: &'t Theme,
    lines: Vec<Line<'static>>,
    /// Columns into which sentences and values are folded.
    width: usize,
    /// How one gets to see what has no room, where it isn't scrolled.
    rest: String,
}

impl<'t> Sheet<'t> {
    /// An empty one.
    pub fn new(theme: &'t Theme) -> Self {
        Sheet { theme, lines: Vec::new(), width: usize::MAX, rest: String::new() }
    }

    /// An empty one that folds sentences and values into so many columns.
    pub fn within(theme: &'t Theme, width: u16) -> Self {
        Sheet { width: width.into(), ..Sheet::new(theme) }
    }

    /// Says how one gets to see what has no room: where no key scrolls, lines that are left must not be a dead end.
    pub fn rest(&mut self, how: &str) {
        self.rest = format!(": {how}");
    }

    /// Number of lines.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// A text in the terminal's alphabet, to measure and pad it by.
    pub fn spell(&self, text: &str) -> String {
        alphabet(text, self.theme.utf8)
    }

    /// A line of parts, each in its tone.
    pub fn parts<T: AsRef<str>>(&mut self, parts: impl IntoIterator<Item = (Tone, T)>) {
        let span = |(tone, text): (Tone, T)| {
            Span::styled(alphabet(text.as_ref(), self.theme.utf8), self.theme.tone(tone))
        };
        self.lines.push(parts.into_iter().map(span).collect());
    }

    /// A line.
    pub fn line(&mut self, tone: Tone, text: impl AsRef<str>) {
        self.parts([(tone, text)]);
    }

    /// A line of parts in at most so many columns. Each has its spellings, the fullest first, and an empty one where it can be
    /// done without: where they don't fit the last part is shortened first, and none of them in the middle of a word.
    pub fn fitting<T: AsRef<str>>(&mut self, width: usize, parts: &[(Tone, &[T])]) {
        let columns = |text: &T| alphabet(text.as_ref(), self.theme.utf8).width();
        let mut taken = vec![0; parts.len()];
        let wide = |taken: &[usize]| {
            let each = parts.iter().zip(taken).filter_map(|((_, spellings), &taken)| spellings.get(taken));
            each.map(columns).sum::<usize>()
        };
        while wide(&taken) > width {
            let shorter = (0..parts.len()).rev().find(|&part| taken[part] + 1 < parts[part].1.len());
            let Some(part) = shorter else { break };
            taken[part] += 1;
        }
        let said = parts
            .iter()
            .zip(taken)
            .filter_map(|((tone, spellings), taken)| spellings.get(taken).map(|text| (*tone, text.as_ref())));
        self.parts(said.collect::<Vec<_>>());
    }

    /// A line of parts, reversed where it is the selected one, but for those with a style of their own.
    pub fn mark<const N: usize>(&mut self, selected: bool, parts: [(Tone, String, Option<Style>); N]) {
        let base = if selected { self.theme.selected() } else { Style::new() };
        let span = |(tone, text, style): (Tone, String, Option<Style>)| {
            let style = style.unwrap_or_else(|| self.theme.tone(tone).patch(base));
            Span::styled(alphabet(&text, self.theme.utf8), style)
        };
        let line: Line = parts.into_iter().map(span).collect();
        self.lines.push(line);
    }

    /// A line of parts of which some are under the cursor.
    pub fn selectable(&mut self, parts: impl IntoIterator<Item = (Tone, String, bool)>) {
        let span = |(tone, text, selected): (Tone, String, bool)| {
            let base = if selected { self.theme.selected() } else { Style::new() };
            Span::styled(alphabet(&text, self.theme.utf8), self.theme.tone(tone).patch(base))
        };
        self.lines.push(parts.into_iter().map(span).collect());
    }

    /// A heading, with a blank line before it unless it is the first.
    pub fn heading(&mut self, text: impl AsRef<str>) {
        if !self.lines.is_empty() {
            self.blank();
        }
        self.line(Tone::Strong, text);
    }

    /// A name and its value.
    pub fn entry(&mut self, name: &str, value: impl AsRef<str>) {
        let room = self.width.saturating_sub(LABEL + 1).max(1);
        let value = alphabet(value.as_ref(), self.theme.utf8);
        let pieces = if value.width() > room { broken_anywhere(&value, room) } else { vec![value] };
        for (place, piece) in pieces.into_iter().enumerate() {
            let name = if place == 0 { name } else { "" };
            self.parts([(Tone::Dim, format!(" {name:<LABEL$}")), (Tone::Plain, piece)]);
        }
    }

    /// A sentence, folded to fit.
    pub fn sentence(&mut self, tone: Tone, text: &str) {
        self.prose(tone, text, self.width);
    }

    /// An empty line.
    pub fn blank(&mut self) {
        self.lines.push(Line::default());
    }

    /// Running text, broken at blanks to fit `width` columns; its own line ends are kept.
    pub fn prose(&mut self, tone: Tone, text: &str, width: usize) {
        for paragraph in text.lines() {
            let mut line = String::from(" ");
            for word in paragraph.split_whitespace() {
                if line.len() > 1 && line.width() + 1 + word.width() > width {
                    self.line(tone, std::mem::replace(&mut line, " ".into()));
                }
                if line.len() > 1 {
                    line.push(' ');
                }
                line.push_str(word);
            }
            self.line(tone, line);
        }
    }

    /// Draws it from line `top` on; the last row of several says how many lines are left where there are more.
    pub fn render(self, top: usize, area: Rect, frame: &mut Frame) {
        let rows = usize::from(area.height);
        let below = self.lines.len().saturating_sub(top + rows);
        let rest = self.rest;
        let mut shown: Vec<Line> = self.lines.into_iter().skip(top).take(rows).collect();
        if below > 0
            && rows > 2
            && let Some(last) = shown.last_mut()
        {
            let down = self.theme.text("↓", "v");
            *last =
                Line::styled(format!(" {down} {} more lines{}", below + 1, rest), self.theme.tone(Tone::Dim));
        }
        let mark = self.theme.glyph('…', '>');
        let clipped = shown.into_iter().map(|line| clip(line, area.width.into(), mark));
        frame.render_widget(Paragraph::new(clipped.collect::<Vec<_>>()), area);
    }
}

/// A line in at most so many columns; one that is cut says so, as half a number would be read as another.
fn clip(line: Line<'static>, width: usize, mark: char) -> Line<'static> {
    let end = line.spans.iter().rposition(|span| !span.content.trim_end().is_empty());
    let wide: usize = line.spans.iter().take(end.map_or(0, |end| end + 1)).map(Span::width).sum();
    let blank = end.map_or("", |end| line.spans[end].content.as_ref());
    if wide - (blank.len() - blank.trim_end().len()) <= width {
        return line;
    }
    let mut room = width.saturating_sub(1);
    let mut spans = Vec::new();
    for span in line.spans {
        let kept = beginning(&span.content, room);
        room -= kept.width();
        spans.push(Span::styled(kept, span.style));
    }
    spans.push(Span::raw(mark.to_string()));
    Line::from(spans).style(line.style)
}

/// A text in at most so many columns; what is cut off leaves a mark.
pub fn cut(text: &str, width: usize, theme: &Theme) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mark = theme.text("…", "..");
    let kept = beginning(text, width.saturating_sub(mark.width()));
    kept + &beginning(mark, width)
}

/// As many letters from the beginning as fit into so many columns: some letters take two, some none.
fn beginning(text: &str, width: usize) -> String {
    let mut used = 0;
    let fits = |letter: &char| {
        used += letter.width().unwrap_or(0);
        used <= width
    };
    text.chars().take_while(fits).collect()
}

/// A text followed by as many blanks as make it so many columns wide.
pub fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// Running text in at most so many lines of at most so many columns, broken at blanks; what is cut off leaves a mark.
pub fn folded(text: &str, width: usize, rows: usize, theme: &Theme) -> Vec<String> {
    let mut lines = broken(&alphabet(text, theme.utf8), width.max(1));
    if lines.len() > rows && rows > 0 {
        let rest = lines.split_off(rows - 1).join(" ");
        lines.push(rest);
    }
    lines.truncate(rows);
    lines.into_iter().map(|line| cut(&line, width, theme)).collect()
}

/// Running text in lines of at most so many columns, however the terminal spells it; a longer word has a line of its own.
pub fn broken(text: &str, width: usize) -> Vec<String> {
    let columns = |text: &str| alphabet(text, true).width().max(alphabet(text, false).width());
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if columns(line) + 1 + columns(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The same with longer words cut up: of an id or a path every letter counts.
fn broken_anywhere(text: &str, width: usize) -> Vec<String> {
    let pieces = broken(text, width).into_iter().map(|line| line.chars().collect::<Vec<char>>());
    pieces.flat_map(|line| line.chunks(width.max(1)).map(String::from_iter).collect::<Vec<_>>()).collect()
}

/// Text as the terminal can show it: harmless, and without UTF-8 in ASCII.
pub fn alphabet(text: &str, utf8: bool) -> String {
    let text = printable(text);
    if utf8 || text.is_ascii() {
        return text.into_owned();
    }
    let mut ascii = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '±' => ascii.push_str("+-"),
            '–' | '—' | '−' | '·' | '─' => ascii.push('-'),
            '×' => ascii.push('x'),
            'α' => ascii.push_str("alpha"),
            'κ' => ascii.push_str("kappa"),
            'µ' => ascii.push('u'),
            '→' => ascii.push_str("->"),
            '…' => ascii.push_str("..."),
            letter if letter.is_ascii() => ascii.push(letter),
            _ => ascii.push('?'),
        }
    }
    ascii
}

/// A line being typed, scrolled so that its cursor is on show.
pub fn typed<'a>(line: &input::Line, width: usize) -> Vec<Span<'a>> {
    let letters: Vec<char> = line.text().chars().chain([' ']).collect();
    let start = (line.cursor() + 1).saturating_sub(width.max(1));
    let piece = |range: std::ops::Range<usize>| letters[range].iter().collect::<String>();
    let end = letters.len().min(start + width.max(1));
    let cursor = Style::new().add_modifier(Modifier::REVERSED | Modifier::UNDERLINED);
    if line.is_selected() {
        let selected = Style::new().add_modifier(Modifier::REVERSED);
        return vec![
            Span::styled(piece(start..line.cursor()), selected),
            Span::raw(piece(line.cursor()..end)),
        ];
    }
    vec![
        Span::raw(piece(start..line.cursor())),
        Span::styled(piece(line.cursor()..line.cursor() + 1), cursor),
        Span::raw(piece((line.cursor() + 1).min(end)..end)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ascii_terminal_gets_ascii() {
        assert_eq!(
            alphabet("ELU α 0.3: 87.4 ± 0.6, 2×750 → κ é", false),
            "ELU alpha 0.3: 87.4 +- 0.6, 2x750 -> kappa ?"
        );
        assert_eq!(alphabet("α\u{1b}[31m", true), "α\u{fffd}[31m");
    }

    #[test]
    fn what_is_cut_off_leaves_a_mark() {
        let utf8 = Theme::new(crate::tui::theme::Depth::None, true);
        assert_eq!(cut("mark or unmark", 14, &utf8), "mark or unmark");
        assert_eq!(cut("mark or unmark", 8, &utf8), "mark or…");
        assert_eq!(cut("mark or unmark", 8, &Theme::PLAIN), "mark o..");
        assert_eq!(cut("mark", 1, &Theme::PLAIN), ".");
        // Letters of two columns.
        assert_eq!(cut("脑电图数据", 10, &utf8), "脑电图数据");
        assert_eq!(cut("脑电图数据", 9, &utf8), "脑电图数…");
        assert_eq!(cut("脑电图数据", 8, &utf8), "脑电图…");
        assert_eq!(pad("脑电", 6), "脑电  ");
    }

    #[test]
    fn a_line_that_is_cut_says_so() {
        let line = |text: &'static str| Line::from(vec![Span::raw("epoch "), Span::raw(text)]);
        assert_eq!(clip(line("25"), 8, '…').to_string(), "epoch 25");
        assert_eq!(clip(line("25   "), 8, '…').to_string(), "epoch 25   ");
        assert_eq!(clip(line("25"), 7, '…').to_string(), "epoch …");
        assert_eq!(clip(line("25"), 0, '…').to_string(), "…");
    }

    #[test]
    fn text_that_is_folded_loses_nothing_without_a_mark() {
        let utf8 = Theme::new(crate::tui::theme::Depth::None, true);
        assert_eq!(folded("one two three", 8, 3, &utf8), ["one two", "three"]);
        assert_eq!(folded("one two three four", 8, 2, &utf8), ["one two", "three f…"]);
        assert_eq!(folded("immeasurable", 6, 1, &utf8), ["immea…"]);
        assert_eq!(folded("one", 6, 0, &utf8), Vec::<String>::new());
    }

    #[test]
    fn a_line_that_must_fit_says_less_from_its_end_and_cuts_no_word() {
        let said = |width| {
            let mut sheet = Sheet::new(&Theme::PLAIN);
            let parts: [(Tone, &[&str]); 3] = [
                (Tone::Strong, &["test accuracy", "accuracy"]),
                (Tone::Plain, &["  rule last", ""]),
                (Tone::Dim, &["  table 2 of 7", "  2/7"]),
            ];
            sheet.fitting(width, &parts);
            sheet.lines[0].to_string()
        };
        assert_eq!(said(38), "test accuracy  rule last  table 2 of 7");
        assert_eq!(said(37), "test accuracy  rule last  2/7");
        assert_eq!(said(28), "test accuracy  2/7");
        assert_eq!(said(17), "accuracy  2/7");
        assert_eq!(said(3), "accuracy  2/7");
    }

    #[test]
    fn values_and_sentences_are_folded_and_lose_nothing() {
        let mut sheet = Sheet::within(&Theme::PLAIN, 25);
        sheet.entry("id", "20261124-run");
        sheet.entry("device", "cpu, 2 threads");
        sheet.sentence(Tone::Plain, "With the first checkpoint come curves.");
        let lines: Vec<String> = sheet.lines.iter().map(Line::to_string).collect();
        let gap = " ".repeat(17);
        let wanted = [
            " id              20261124".to_owned(),
            format!("{gap}-run"),
            " device          cpu, 2".into(),
            format!("{gap}threads"),
            " With the first".into(),
            " checkpoint come curves.".into(),
        ];
        assert_eq!(lines, wanted);
    }

    #[test]
    fn prose_is_broken_at_blanks() {
        let mut sheet = Sheet::new(&Theme::PLAIN);
        sheet.prose(Tone::Plain, "one two three\nfour", 8);
        let lines: Vec<String> = sheet.lines.iter().map(Line::to_string).collect();
        assert_eq!(lines, [" one two", " three", " four"]);
    }
}
