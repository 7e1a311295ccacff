//! The characters that charts are drawn with, in two alphabets: Unicode, and ASCII for terminals without it. Markers of
//! curves come with the curves.

/// The character for a braille bit pattern of the Unicode chart U+2800.
pub fn braille(dots: u8) -> char {
    char::from_u32(0x2800 + u32::from(dots)).unwrap_or(' ')
}

/// Lines and joints of axes and guides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strokes {
    /// The y axis.
    pub vertical: char,
    /// A tick on it.
    pub left_tick: char,
    /// Where the axes meet.
    pub corner: char,
    /// The x axis.
    pub horizontal: char,
    /// A tick on it.
    pub bottom_tick: char,
    /// A horizontal guide.
    pub guide: char,
    /// A vertical guide.
    pub upright: char,
    /// The cursor.
    pub cursor: char,
}

/// The strokes of an alphabet.
pub const fn strokes(utf8: bool) -> Strokes {
    if utf8 {
        Strokes {
            vertical: '│',
            left_tick: '┤',
            corner: '└',
            horizontal: '─',
            bottom_tick: '┬',
            guide: '┄',
            upright: '┊',
            cursor: '│',
        }
    } else {
        Strokes {
            vertical: '|',
            left_tick: '+',
            corner: '+',
            horizontal: '-',
            bottom_tick: '+',
            guide: '-',
            upright: ':',
            cursor: '|',
        }
    }
}
