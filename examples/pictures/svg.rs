//! A terminal's screen as SVG. Letters are text; lines, blocks and braille are drawn, because few fonts have them all and
//! none joins them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Size of a cell, of its letters, and of the margin.
const WIDTH: f64 = 8.4;
const HEIGHT: f64 = 18.0;
const LETTERS: f64 = 14.0;
const MARGIN: f64 = 10.0;

const PAPER: &str = "#16181d";
const INK: &str = "#d7dae0";

/// The sixteen colours of a terminal, dark first.
const PALETTE: [&str; 16] = [
    "#16181d", "#e06c75", "#7fb36b", "#d9b36a", "#5b9bd5", "#c188d0", "#56b6c2", "#d7dae0", "#6b7280",
    "#f0858d", "#98c987", "#ebcb8b", "#7fb7ea", "#d6a6e2", "#7fd0da", "#ffffff",
];

/// How a cell looks.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Look {
    ink: String,
    paper: String,
    bold: bool,
    dim: bool,
}

impl Look {
    fn of(cell: &vt100::Cell) -> Self {
        let (ink, paper) = (colour(cell.fgcolor(), INK), colour(cell.bgcolor(), PAPER));
        let (ink, paper) = if cell.inverse() { (paper, ink) } else { (ink, paper) };
        Look { ink, paper, bold: cell.bold(), dim: cell.dim() }
    }

    fn opacity(&self) -> &'static str {
        if self.dim { " opacity=\"0.65\"" } else { "" }
    }
}

/// Outlines that are filled and strokes, by colour: one path each.
#[derive(Default)]
struct Shapes {
    filled: BTreeMap<(String, &'static str), String>,
    stroked: BTreeMap<(String, &'static str, &'static str), String>,
}

/// Draws a screen.
pub fn draw(screen: &vt100::Screen) -> String {
    let (rows, columns) = screen.size();
    let size =
        (f64::from(columns.get()) * WIDTH + 2.0 * MARGIN, f64::from(rows.get()) * HEIGHT + 2.0 * MARGIN);
    let page = screen.cell(0, 0).map_or_else(|| PAPER.to_owned(), |cell| Look::of(cell).paper);
    let (mut backs, mut texts, mut shapes) = (String::new(), String::new(), Shapes::default());
    for row in 0..rows.get() {
        let mut column = 0;
        while let Some(first) = screen.cell(row, column) {
            let (look, start, mut text) = (Look::of(first), column, String::new());
            while let Some(cell) = screen.cell(row, column).filter(|cell| Look::of(cell) == look) {
                text.push(cell.contents().chars().next().unwrap_or(' '));
                column += 1;
            }
            let place = (MARGIN + f64::from(start) * WIDTH, MARGIN + f64::from(row) * HEIGHT);
            if look.paper != page {
                let width = f64::from(column - start) * WIDTH;
                let _ = writeln!(backs, "<rect{} fill=\"{}\"/>", corner(place, width, HEIGHT), look.paper);
            }
            stretch(&text, &look, place, &mut texts, &mut shapes);
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0} {:.0}\" font-family=\"DejaVu Sans Mono, Menlo, \
         Consolas, monospace\" font-size=\"{LETTERS}\">\n<rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{page}\"/>\n\
         {backs}{}{texts}</svg>\n",
        size.0,
        size.1,
        shapes.paths(),
    )
}

fn corner((x, y): (f64, f64), width: f64, height: f64) -> String {
    format!(" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"")
}

/// Cells of one look: words where they stand, and shapes.
fn stretch(text: &str, look: &Look, (x, y): (f64, f64), texts: &mut String, shapes: &mut Shapes) {
    let mut word = (0, String::new());
    for (place, letter) in text.chars().chain([' ']).enumerate() {
        let drawn = shapes.add(letter, look, (x + place as f64 * WIDTH, y));
        if drawn || letter == ' ' {
            write_word(&word.1, look, (x + word.0 as f64 * WIDTH, y), texts);
            word = (place + 1, String::new());
        } else {
            word.1.push(letter);
        }
    }
}

fn write_word(word: &str, look: &Look, (x, y): (f64, f64), texts: &mut String) {
    if word.is_empty() {
        return;
    }
    let length = word.chars().count() as f64 * WIDTH;
    let word = word.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let weight = if look.bold { " font-weight=\"bold\"" } else { "" };
    let _ = writeln!(
        texts,
        "<text x=\"{x:.1}\" y=\"{:.1}\" textLength=\"{length:.1}\" fill=\"{}\"{weight}{}>{word}</text>",
        y + LETTERS,
        look.ink,
        look.opacity()
    );
}

impl Shapes {
    /// Draws a character that is no letter; false where it is one.
    fn add(&mut self, letter: char, look: &Look, (x, y): (f64, f64)) -> bool {
        let code = u32::from(letter);
        let mut fill = |x: f64, y: f64, width: f64, height: f64| {
            let path = self.filled.entry((look.ink.clone(), look.opacity())).or_default();
            let _ = write!(path, "M{x:.1} {y:.1}h{width:.1}v{height:.1}h-{width:.1}z");
        };
        match code {
            0x2800..=0x28ff => {
                // Bits of the chart U+2800, column by column.
                for (bit, (column, row)) in
                    [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)].into_iter().enumerate()
                {
                    if code & 1 << bit != 0 {
                        let (right, down) = (f64::from(column) * WIDTH / 2.0, f64::from(row) * HEIGHT / 4.0);
                        fill(x + right + 0.8, y + down + 0.9, 2.6, 2.6);
                    }
                }
            }
            0x2581..=0x2588 => {
                let height = f64::from(code - 0x2580) * HEIGHT / 8.0;
                fill(x, y + HEIGHT - height, WIDTH, height);
            }
            0x2589..=0x258f => fill(x, y, f64::from(0x2590 - code) * WIDTH / 8.0, HEIGHT),
            0x2595 => fill(x + WIDTH * 7.0 / 8.0, y, WIDTH / 8.0, HEIGHT),
            _ => return self.line(letter, look, (x, y)),
        }
        true
    }

    /// Strokes from the middle of a cell to its sides.
    fn line(&mut self, letter: char, look: &Look, (x, y): (f64, f64)) -> bool {
        let (left, up, right, down) = match letter {
            '─' | '┄' => (true, false, true, false),
            '│' | '┊' => (false, true, false, true),
            '┌' => (false, false, true, true),
            '┐' => (true, false, false, true),
            '└' => (false, true, true, false),
            '┘' => (true, true, false, false),
            '┤' => (true, true, false, true),
            '┬' => (true, false, true, true),
            _ => return false,
        };
        let dashes = if matches!(letter, '┄' | '┊') { " stroke-dasharray=\"2 2\"" } else { "" };
        let path = self.stroked.entry((look.ink.clone(), look.opacity(), dashes)).or_default();
        let (middle_x, middle_y) = (x + WIDTH / 2.0, y + HEIGHT / 2.0);
        let ends = [
            (left, x, middle_y),
            (up, middle_x, y),
            (right, x + WIDTH, middle_y),
            (down, middle_x, y + HEIGHT),
        ];
        for (_, to_x, to_y) in ends.into_iter().filter(|(there, ..)| *there) {
            let _ = write!(path, "M{middle_x:.1} {middle_y:.1}L{to_x:.1} {to_y:.1}");
        }
        true
    }

    fn paths(&self) -> String {
        let mut svg = String::new();
        for ((ink, opacity), path) in &self.filled {
            let _ = writeln!(svg, "<path fill=\"{ink}\"{opacity} d=\"{path}\"/>");
        }
        for ((ink, opacity, dashes), path) in &self.stroked {
            let _ = writeln!(svg, "<path stroke=\"{ink}\"{opacity}{dashes} d=\"{path}\"/>");
        }
        svg
    }
}

fn colour(colour: vt100::Color, default: &str) -> String {
    match colour {
        vt100::Color::Default => default.into(),
        vt100::Color::Idx(index) => PALETTE.get(usize::from(index)).copied().unwrap_or(default).into(),
        vt100::Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
    }
}
