//! What the terminal can show, and how the notebook looks on it. One object, made once from the environment and injected
//! everywhere. Colours are the terminal's own wherever possible, so that light, dark and solarized terminals all work;
//! nothing is said by colour alone.

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

/// Okabe and Ito's colours, which colour-blind people tell apart, without the two that vanish on white or black.
const SERIES_RGB: [(u8, u8, u8); 6] =
    [(0, 114, 178), (230, 159, 0), (0, 158, 115), (204, 121, 167), (213, 94, 0), (86, 180, 233)];
/// The nearest of xterm's 256.
const SERIES_INDEXED: [u8; 6] = [32, 214, 36, 175, 166, 74];
/// In order of how far apart they stay on most palettes.
const SERIES_ANSI: [Color; 6] =
    [Color::Blue, Color::Yellow, Color::Cyan, Color::Magenta, Color::Red, Color::Green];
const MARKERS: [char; 6] = ['●', '▲', '■', '◆', '✚', '○'];
const MARKERS_ASCII: [char; 6] = ['o', '^', '#', 'x', '+', '@'];

impl Theme {
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
        Theme { depth, utf8 }
    }

    /// Neither colours nor characters beyond ASCII.
    pub const PLAIN: Theme = Theme { depth: Depth::None, utf8: false };

    /// The style of a meaning.
    pub fn tone(&self, tone: Tone) -> Style {
        let colour = |colour| if self.depth == Depth::None { Style::new() } else { Style::new().fg(colour) };
        match tone {
            Tone::Plain => Style::new(),
            Tone::Dim => Style::new().add_modifier(Modifier::DIM),
            Tone::Strong => Style::new().add_modifier(Modifier::BOLD),
            Tone::Active => colour(Color::Cyan).add_modifier(Modifier::BOLD),
            Tone::Good => colour(Color::Green),
            Tone::Caution => colour(Color::Yellow),
            Tone::Bad => colour(Color::Red).add_modifier(Modifier::BOLD),
        }
    }

    /// The line or cell under the cursor; draw [`Theme::pointer`] too, for terminals that lose reverse video.
    pub fn selected(&self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// Stands before the line under the cursor.
    pub fn pointer(&self) -> char {
        self.glyph('▸', '>')
    }

    /// The colour of the n-th curve; after six they repeat, with [`Theme::marker`] going on to differ.
    pub fn series(&self, n: usize) -> Style {
        let place = n % SERIES_ANSI.len();
        match self.depth {
            Depth::None => Style::new(),
            Depth::Ansi => Style::new().fg(SERIES_ANSI[place]),
            Depth::Indexed => Style::new().fg(Color::Indexed(SERIES_INDEXED[place])),
            Depth::True => {
                let (r, g, b) = SERIES_RGB[place];
                Style::new().fg(Color::Rgb(r, g, b))
            }
        }
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
mod tests {
    use super::*;

    fn detect(variables: &[(&str, &str)]) -> Theme {
        Theme::detect(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).into())
        })
    }

    #[test]
    fn the_environment_decides() {
        let rich = detect(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "en_US.UTF-8")]);
        assert_eq!(rich, Theme { depth: Depth::True, utf8: true });
        let tmux = detect(&[("TERM", "tmux-256color"), ("LC_CTYPE", "C.utf8")]);
        assert_eq!(tmux, Theme { depth: Depth::Indexed, utf8: true });
        let console = detect(&[("TERM", "linux"), ("LANG", "C")]);
        assert_eq!(console, Theme { depth: Depth::Ansi, utf8: false });
        let refused =
            detect(&[("TERM", "xterm-256color"), ("NO_COLOR", "1"), ("LC_ALL", "C"), ("LANG", "C.UTF-8")]);
        assert_eq!(refused, Theme::PLAIN);
        assert_eq!(detect(&[("TERM", "xterm"), ("NO_COLOR", "")]).depth, Depth::Ansi);
    }

    #[test]
    fn series_stay_apart_for_36_curves() {
        let theme = Theme { depth: Depth::Ansi, utf8: true };
        let looks: std::collections::HashSet<_> =
            (0..36).map(|n| (theme.series(n), theme.marker(n))).collect();
        assert_eq!(looks.len(), 36);
    }
}
