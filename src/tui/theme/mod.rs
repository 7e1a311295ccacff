//! What the terminal can show, and how the notebook looks on it. One object, made once from the environment and injected
//! everywhere. Colours are the terminal's own wherever possible, so that light, dark and solarized terminals all work;
//! nothing is said by colour alone.

mod file;
mod scheme;

pub use file::{ThemeError, Themes};
pub use scheme::{SERIES, Scheme};

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

/// How many colours the terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None, or none wanted (`NO_COLOR`).
    None,
    /// The sixteen of the terminal's own palette.
    Ansi,
    /// The 256 of xterm.
    Indexed,
    /// 24 bits.
    True,
}

/// Abilities of a terminal and the look that follows from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Colours.
    pub depth: Depth,
    /// Whether characters beyond ASCII arrive; without, lines and braille are drawn in ASCII.
    pub utf8: bool,
    /// Which colours, where there are some.
    pub scheme: Scheme,
}

/// What a piece of text means; the theme decides how that looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Ordinary text.
    Plain,
    /// Of less weight: units, hints, the past.
    Dim,
    /// Headings and what is active.
    Strong,
    /// Going on.
    Active,
    /// Ended well.
    Good,
    /// Wants a look: paused, optimistic, simulated.
    Caution,
    /// Failed.
    Bad,
}

impl Tone {
    /// Every meaning.
    pub const ALL: [Tone; 7] =
        [Tone::Plain, Tone::Dim, Tone::Strong, Tone::Active, Tone::Good, Tone::Caution, Tone::Bad];
}

const MARKERS: [char; 6] = ['●', '▲', '■', '◆', '✚', '○'];
const MARKERS_ASCII: [char; 6] = ['o', '^', '#', 'x', '+', '@'];

impl Theme {
    /// A terminal with these abilities, in its own colours.
    pub const fn new(depth: Depth, utf8: bool) -> Self {
        Theme { depth, utf8, scheme: Scheme::TERMINAL }
    }

    /// What the environment says of the terminal. `get` reads a variable.
    pub fn detect(get: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| get(name).filter(|value| !value.is_empty());
        let term = set("TERM").unwrap_or_default();
        let depth = match set("COLORTERM").as_deref() {
            _ if set("NO_COLOR").is_some() || term == "dumb" || term.starts_with("vt") => Depth::None,
            Some("truecolor" | "24bit") => Depth::True,
            _ if term.contains("direct") => Depth::True,
            _ if term.contains("256color") => Depth::Indexed,
            _ => Depth::Ansi,
        };
        // The first that is set decides, as in the C library; people write UTF-8 and utf8.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).unwrap_or_default();
        let utf8 = locale.to_lowercase().replace('-', "").contains("utf8");
        Theme::new(depth, utf8)
    }

    /// Neither colours nor characters beyond ASCII.
    pub const PLAIN: Theme = Theme::new(Depth::None, false);

    /// The style of a meaning.
    pub fn tone(&self, tone: Tone) -> Style {
        let colour = |of: fn(&Scheme) -> Color| self.ink(of);
        match tone {
            Tone::Plain => Style::new(),
            Tone::Dim => match self.scheme.at(self.depth, |scheme| scheme.dim) {
                Color::Reset => Style::new().add_modifier(Modifier::DIM),
                dim => Style::new().fg(dim),
            },
            Tone::Strong => Style::new().add_modifier(Modifier::BOLD),
            Tone::Active => colour(|scheme| scheme.active).add_modifier(Modifier::BOLD),
            Tone::Good => colour(|scheme| scheme.good),
            Tone::Caution => colour(|scheme| scheme.caution),
            Tone::Bad => colour(|scheme| scheme.bad).add_modifier(Modifier::BOLD),
        }
    }

    /// Text in one of the scheme's colours; without colours, as it is.
    fn ink(&self, of: impl Fn(&Scheme) -> Color) -> Style {
        match self.scheme.at(self.depth, of) {
            Color::Reset => Style::new(),
            colour => Style::new().fg(colour),
        }
    }

    /// Lays the scheme's paper and ink under a whole frame that was drawn on the terminal's own.
    pub fn paint(&self, page: &mut Buffer) {
        let ink = self.scheme.at(self.depth, |scheme| scheme.ink);
        let paper = self.scheme.at(self.depth, |scheme| scheme.paper);
        for cell in &mut page.content {
            if cell.fg == Color::Reset {
                cell.fg = ink;
            }
            if cell.bg == Color::Reset {
                cell.bg = paper;
            }
        }
    }

    /// The line or cell under the cursor, in one colour whatever is in it; draw [`Theme::pointer`] too, for terminals that
    /// lose reverse video.
    pub fn selected(&self) -> Style {
        let plain = Style::new().fg(Color::Reset).bg(Color::Reset).remove_modifier(Modifier::DIM);
        plain.add_modifier(Modifier::REVERSED)
    }

    /// Stands before the line under the cursor.
    pub fn pointer(&self) -> char {
        self.glyph('▸', '>')
    }

    /// The colour of the n-th curve; after six they repeat, with [`Theme::marker`] going on to differ.
    pub fn series(&self, n: usize) -> Style {
        self.ink(|scheme| scheme.series[n % SERIES])
    }

    /// The mark of the n-th curve: in its legend, and on its line where colour doesn't tell.
    pub fn marker(&self, n: usize) -> char {
        // Shifted by one each round, so that a colour that repeats has another mark.
        let place = (n + n / MARKERS.len()) % MARKERS.len();
        self.glyph(MARKERS[place], MARKERS_ASCII[place])
    }

    /// One of two characters, by what the terminal can show.
    pub fn glyph(&self, utf8: char, ascii: char) -> char {
        if self.utf8 { utf8 } else { ascii }
    }

    /// Likewise for text.
    pub fn text(&self, utf8: &'static str, ascii: &'static str) -> &'static str {
        if self.utf8 { utf8 } else { ascii }
    }

    /// Frames of popups.
    pub fn border(&self) -> border::Set<'static> {
        const ASCII: border::Set<'static> = border::Set {
            top_left: "+",
            top_right: "+",
            bottom_left: "+",
            bottom_right: "+",
            vertical_left: "|",
            vertical_right: "|",
            horizontal_top: "-",
            horizontal_bottom: "-",
        };
        if self.utf8 { border::PLAIN } else { ASCII }
    }
}

#[cfg(test)]
mod tests;
