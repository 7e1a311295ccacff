//! Every pane at three sizes, in Unicode and in ASCII, and its colours.

use super::{app, drawn, screen};
use crate::tui::fixture;
use crate::tui::pane::Pane;
use crate::tui::theme::{Depth, Theme};
use ratatui::buffer::Cell;
use ratatui::style::Color;

const SIZES: [(u16, u16); 3] = [(40, 10), (80, 24), (200, 60)];
const COLOUR: Theme = Theme::new(Depth::Ansi, true);
const MONOCHROME: Theme = Theme::new(Depth::None, true);

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
            insta::assert_snapshot!(name(*pane, size, "colours"), fixture::styles(&drawn(&app, &COLOUR)));
        }
    }
}

#[test]
fn no_size_breaks_a_pane() {
    for pane in &Pane::ALL[1..] {
        let mut app = app((80, 24), *pane);
        for columns in [20, 21, 30, 47, 66, 107, 126, 181] {
            for rows in [5, 6, 7, 9, 10, 13, 19, 31] {
                app.size = (columns, rows);
                screen(&app, &MONOCHROME);
                crate::tui::panes::extent(&app);
            }
        }
    }
}
