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

/// Columns of the label before a value.
const LABEL: usize = 16;

/// Lines of text.
pub struct Sheet<'t> {
    theme: &'t Theme,
    lines: Vec<Line<'static>>,
}

impl<'t> Sheet<'t> {
    /// An empty one.
    pub fn new(theme: &'t Theme) -> Self {
        Sheet { theme, lines: Vec::new() }
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
        self.parts([(Tone::Dim, format!(" {name:<LABEL$}")), (Tone::Plain, value.as_ref().to_owned())]);
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
                if line.len() > 1 && line.chars().count() + 1 + word.chars().count() > width {
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
        let mut shown: Vec<Line> = self.lines.into_iter().skip(top).take(rows).collect();
        if below > 0
            && rows > 2
            && let Some(last) = shown.last_mut()
        {
            let down = self.theme.text("↓", "v");
            *last = Line::styled(format!(" {down} {} more lines", below + 1), self.theme.tone(Tone::Dim));
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
        let kept: String = span.content.chars().take(room).collect();
        room -= kept.chars().count();
        spans.push(Span::styled(kept, span.style));
    }
    spans.push(Span::raw(mark.to_string()));
    Line::from(spans).style(line.style)
}

/// A text in at most so many columns; what is cut off leaves a mark.
pub fn cut(text: &str, width: usize, theme: &Theme) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mark = theme.text("…", "..");
    let kept = width.saturating_sub(mark.chars().count());
    text.chars().take(kept).chain(mark.chars()).take(width).collect()
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
    let columns =
        |text: &str| alphabet(text, true).chars().count().max(alphabet(text, false).chars().count());
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
    fn prose_is_broken_at_blanks() {
        let mut sheet = Sheet::new(&Theme::PLAIN);
        sheet.prose(Tone::Plain, "one two three\nfour", 8);
        let lines: Vec<String> = sheet.lines.iter().map(Line::to_string).collect();
        assert_eq!(lines, [" one two", " three", " four"]);
    }
}
