//! Every pane at three sizes, in Unicode and in ASCII, and its colours.

use super::{app, drawn, screen};
use crate::tui::app::Pane;
use crate::tui::theme::{Depth, Theme};
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

const SIZES: [(u16, u16); 3] = [(40, 10), (80, 24), (200, 60)];
const COLOUR: Theme = Theme { depth: Depth::Ansi, utf8: true };
const MONOCHROME: Theme = Theme { depth: Depth::None, utf8: true };

fn name(pane: Pane, (columns, rows): (u16, u16), look: &str) -> String {
    format!("{}_{columns}x{rows}_{look}", pane.title().to_lowercase())
}

#[test]
fn every_pane_at_every_size_in_unicode_and_in_ascii() {
    for pane in &Pane::ALL[1..] {
        for size in SIZES {
            let app = app(size, *pane);
            insta::assert_snapshot!(name(*pane, size, "utf8"), screen(&app, &MONOCHROME));
            let ascii = screen(&app, &Theme::PLAIN);
            assert!(ascii.is_ascii(), "{pane:?}: {ascii}");
            insta::assert_snapshot!(name(*pane, size, "ascii"), ascii);
        }
    }
}

#[test]
fn colours_say_nothing_that_text_does_not() {
    for pane in &Pane::ALL[1..] {
        for size in SIZES {
            let app = app(size, *pane);
            assert_eq!(screen(&app, &COLOUR), screen(&app, &MONOCHROME));
            let plain = drawn(&app, &MONOCHROME);
            let uncoloured = |cell: &Cell| cell.fg == Color::Reset && cell.bg == Color::Reset;
            assert!(plain.content().iter().all(uncoloured), "{pane:?} has colours without colours");
        }
        let size = (80, 24);
        insta::assert_snapshot!(name(*pane, size, "colours"), styles(&drawn(&app(size, *pane), &COLOUR)));
    }
}

/// A letter for the look of each cell: the colour's initial, upper case where bold, `~` for dim and `#` for reversed.
fn styles(buffer: &Buffer) -> String {
    let letter = |cell: &Cell| {
        let colour = match cell.fg {
            Color::Reset => '.',
            Color::Cyan => 'c',
            Color::Green => 'g',
            Color::Yellow => 'y',
            Color::Red => 'r',
            Color::Blue => 'b',
            Color::Magenta => 'm',
            _ => '?',
        };
        match (cell.symbol(), cell.modifier) {
            (_, modifier) if modifier.contains(Modifier::REVERSED) => '#',
            (" ", _) => ' ',
            (_, modifier) if modifier.contains(Modifier::BOLD) && colour == '.' => 'B',
            (_, modifier) if modifier.contains(Modifier::BOLD) => colour.to_ascii_uppercase(),
            (_, modifier) if modifier.contains(Modifier::DIM) && colour == '.' => '~',
            _ => colour,
        }
    };
    let width = usize::from(buffer.area.width);
    let rows = buffer.content().chunks(width).map(|row| row.iter().map(letter).collect::<String>());
    rows.map(|row| row.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

#[test]
fn no_size_breaks_a_pane() {
    for pane in &Pane::ALL[1..] {
        let mut app = app((80, 24), *pane);
        for columns in [20, 21, 30, 47, 66, 107, 126, 181] {
            for rows in [5, 6, 7, 9, 10, 13, 19, 31] {
                app.size = (columns, rows);
                screen(&app, &MONOCHROME);
                super::super::extent(&app);
            }
        }
    }
}
