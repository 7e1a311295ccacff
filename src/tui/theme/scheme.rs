//! Colours by meaning: a scheme, the ones that come with the program, and what becomes of a colour where the terminal has
//! fewer. Schemes with a paper of their own bring their background along, so that they hold on any terminal.

use super::Depth;
use ratatui::style::Color;

/// How many curves have a colour of their own.
pub const SERIES: usize = 6;

/// What each meaning looks like. `Color::Reset` is the terminal's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// Ordinary text.
    pub ink: Color,
    /// What it is written on.
    pub paper: Color,
    /// Text of less weight; the terminal's own means that it is drawn faint.
    pub dim: Color,
    /// What goes on.
    pub active: Color,
    /// What ended well.
    pub good: Color,
    /// What wants a look.
    pub caution: Color,
    /// What failed.
    pub bad: Color,
    /// Curves.
    pub series: [Color; SERIES],
}

const fn rgb(hex: u32) -> Color {
    Color::Rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

impl Scheme {
    /// The terminal's own palette, for backgrounds of any kind. Its curves are near Okabe and Ito's colours, lighter or
    /// darker where black or white would swallow them.
    pub const TERMINAL: Scheme = Scheme {
        ink: Color::Reset,
        paper: Color::Reset,
        dim: Color::Reset,
        active: Color::Cyan,
        good: Color::Green,
        caution: Color::Yellow,
        bad: Color::Red,
        series: [rgb(0x1e82d2), rgb(0xe6a800), rgb(0x1a9a6e), rgb(0xd682b4), rgb(0xcc4400), rgb(0x7dc8f5)],
    };

    /// For a dark room, whatever the terminal's background.
    pub const DARK: Scheme = Scheme {
        ink: rgb(0xd7dae0),
        paper: rgb(0x16181d),
        dim: rgb(0x8b93a1),
        active: rgb(0x4fc3d9),
        good: rgb(0x7cc46a),
        caution: rgb(0xe8b339),
        bad: rgb(0xff7b72),
        series: [rgb(0x4d8bf5), rgb(0xecd30f), rgb(0x83996a), rgb(0xe16ab2), rgb(0xe2510d), rgb(0xd3f7ff)],
    };

    /// For daylight and projectors, likewise.
    pub const LIGHT: Scheme = Scheme {
        ink: rgb(0x22262d),
        paper: rgb(0xfafaf7),
        dim: rgb(0x666e7a),
        active: rgb(0x006a80),
        good: rgb(0x1b7a34),
        caution: rgb(0x8a5a00),
        bad: rgb(0xb3261e),
        series: [rgb(0x0a84e0), rgb(0xc27c00), rgb(0x47675b), rgb(0x8e2f91), rgb(0x941303), rgb(0x14201f)],
    };

    /// Nothing faint: every text seven times as bright as what it stands on, or more.
    pub const CONTRAST: Scheme = Scheme {
        ink: rgb(0xffffff),
        paper: rgb(0x000000),
        dim: Color::Gray,
        active: rgb(0x5ff0ff),
        good: rgb(0x6dff6d),
        caution: rgb(0xffd84a),
        bad: rgb(0xff8f8f),
        series: [rgb(0x819bf9), rgb(0xfff20f), rgb(0x7dff8f), rgb(0xb794b3), rgb(0xfc7100), rgb(0xd6ffff)],
    };

    /// Those that come with the program, by name; the first is what one gets.
    pub const BUILT_IN: [(&'static str, Scheme); 4] = [
        ("terminal", Scheme::TERMINAL),
        ("dark", Scheme::DARK),
        ("light", Scheme::LIGHT),
        ("contrast", Scheme::CONTRAST),
    ];

    /// What stands in for colours that a terminal with sixteen lacks. Of blue, magenta and red the bright ones: the others
    /// can hardly be read on black.
    const SIXTEEN: Scheme = Scheme {
        series: [
            Color::LightBlue,
            Color::Yellow,
            Color::Cyan,
            Color::LightMagenta,
            Color::LightRed,
            Color::Green,
        ],
        ..Scheme::TERMINAL
    };

    /// One of the colours, as a terminal of this depth can show it: the nearest of 256; of sixteen, the terminal's own for
    /// the same meaning.
    pub fn at(&self, depth: Depth, of: impl Fn(&Scheme) -> Color) -> Color {
        match (depth, of(self)) {
            (Depth::None, _) => Color::Reset,
            (Depth::Indexed, Color::Rgb(r, g, b)) => Color::Indexed(nearest([r, g, b])),
            (Depth::Ansi, Color::Rgb(..) | Color::Indexed(16..)) => of(&Scheme::SIXTEEN),
            (_, colour) => colour,
        }
    }
}

/// Brightness of xterm's cube of 6 × 6 × 6, along each side.
const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The nearest of xterm's 256 colours beyond the first sixteen, which people change: from the cube or from the greys.
fn nearest(colour: [u8; 3]) -> u8 {
    let distance = |other: [u8; 3]| -> u32 {
        colour.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
    };
    let side = |value: u8| (0..6u8).min_by_key(|step| CUBE[usize::from(*step)].abs_diff(value)).unwrap_or(0);
    let steps = colour.map(side);
    let in_cube = steps.map(|step| CUBE[usize::from(step)]);
    let grey = (0..24u8).min_by_key(|step| distance([8 + 10 * step; 3])).unwrap_or(0);
    if distance(in_cube) <= distance([8 + 10 * grey; 3]) {
        16 + 36 * steps[0] + 6 * steps[1] + steps[2]
    } else {
        232 + grey
    }
}

#[cfg(test)]
mod tests;
