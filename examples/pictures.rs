//! Pictures of the real screens, for the README: runs the program in a pseudo-terminal over a notebook, types, and writes
//! what the terminal shows as SVG. `scripts/pictures` makes the notebook first.
//!
//! ```text
//! cargo run --release --example pictures -- RUNS FOLDER
//! ```

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::error::Error;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A picture's name, the keys that lead to it, columns and rows.
const PICTURES: [(&str, &str, u16, u16); 7] = [
    ("runs", "", 100, 30),
    ("detail", "\r", 160, 44),
    ("compare", "    3", 100, 30),
    ("matrix", "4", 100, 30),
    ("alpha", "5", 100, 30),
    ("models", "6", 120, 36),
    ("data", "7", 100, 30),
];

/// Size of a cell, and of its letters, in the picture.
const CELL: (f64, f64, f64) = (8.4, 18.0, 14.0);
const PAPER: &str = "#16181d";
const INK: &str = "#d7dae0";

/// The sixteen colours of a terminal, dark first.
const PALETTE: [&str; 16] = [
    "#16181d", "#e06c75", "#7fb36b", "#d9b36a", "#5b9bd5", "#c188d0", "#56b6c2", "#d7dae0", "#6b7280",
    "#f0858d", "#98c987", "#ebcb8b", "#7fb7ea", "#d6a6e2", "#7fd0da", "#ffffff",
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [runs, folder] = arguments.as_slice() else {
        return Err("give a notebook and a folder for pictures".into());
    };
    for (name, keys, columns, rows) in PICTURES {
        let screen = capture(runs, keys, columns, rows)?;
        std::fs::write(folder.join(format!("{name}.svg")), svg(&screen))?;
        println!("{name}.svg");
    }
    Ok(())
}

/// The screen after the keys, once it has come to rest.
fn capture(runs: &Path, keys: &str, columns: u16, rows: u16) -> Result<vt100::Screen, Box<dyn Error>> {
    let pair =
        native_pty_system().openpty(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 })?;
    // The example lies in target/…/examples, the program one folder up.
    let program = std::env::current_exe()?.with_file_name("../eeg-tui");
    let mut command = CommandBuilder::new(program);
    command.args(["--runs".as_ref(), runs.as_os_str()]);
    for (variable, value) in [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LC_ALL", "C.UTF-8")] {
        command.env(variable, value);
    }
    let mut child = pair.slave.spawn_command(command)?;
    drop(pair.slave);
    let cells = |count| NonZero::new(count).ok_or("an empty screen");
    let parser = Arc::new(Mutex::new(vt100::Parser::new(cells(rows)?, cells(columns)?, 0)));
    let (mut output, shown) = (pair.master.try_clone_reader()?, parser.clone());
    std::thread::spawn(move || {
        let mut buffer = [0; 65_536];
        while let Ok(count @ 1..) = output.read(&mut buffer) {
            if let Ok(mut parser) = shown.lock() {
                parser.process(&buffer[..count]);
            }
        }
    });
    let mut input = pair.master.take_writer()?;
    std::thread::sleep(Duration::from_secs(3));
    for key in keys.chars() {
        write!(input, "{key}")?;
        input.flush()?;
        std::thread::sleep(Duration::from_millis(500));
    }
    std::thread::sleep(Duration::from_secs(2));
    let screen = parser.lock().map_err(|_| "the reader failed")?.screen().clone();
    write!(input, "q")?;
    input.flush()?;
    child.wait()?;
    Ok(screen)
}

/// Cells as text of equal width, on the paper of a dark terminal.
fn svg(screen: &vt100::Screen) -> String {
    let (rows, columns) = screen.size();
    let (width, height, letters) = CELL;
    let size = (f64::from(columns.get()) * width + 16.0, f64::from(rows.get()) * height + 16.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0} {:.0}\" font-family=\"DejaVu Sans Mono, Menlo, \
         Consolas, monospace\" font-size=\"{letters}\">\n<rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{PAPER}\"/>\n",
        size.0, size.1
    );
    for row in 0..rows.get() {
        let mut column = 0;
        while let Some(first) = screen.cell(row, column) {
            let (mut text, start) = (String::new(), column);
            while let Some(cell) = screen.cell(row, column).filter(|cell| look(cell) == look(first)) {
                text += if cell.has_contents() { cell.contents() } else { " " };
                column += 1;
            }
            stretch(&mut svg, &text, look(first), (start, row));
        }
    }
    svg + "</svg>\n"
}

/// How a cell looks: ink, paper, bold.
fn look(cell: &vt100::Cell) -> (String, String, bool, bool) {
    let ink = colour(cell.fgcolor(), INK);
    let paper = colour(cell.bgcolor(), PAPER);
    let (ink, paper) = if cell.inverse() { (paper, ink) } else { (ink, paper) };
    (ink, paper, cell.bold(), cell.dim())
}

fn stretch(svg: &mut String, text: &str, look: (String, String, bool, bool), (column, row): (u16, u16)) {
    let (ink, paper, bold, dim) = look;
    let (width, height, letters) = CELL;
    let (x, y) = (8.0 + f64::from(column) * width, 8.0 + f64::from(row) * height);
    let length = text.chars().count() as f64 * width;
    if paper != PAPER {
        let _ = writeln!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{length:.1}\" height=\"{height}\" fill=\"{paper}\"/>"
        );
    }
    if text.trim().is_empty() {
        return;
    }
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let weight = if bold { " font-weight=\"bold\"" } else { "" };
    let faint = if dim { " opacity=\"0.65\"" } else { "" };
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{:.1}\" textLength=\"{length:.1}\" xml:space=\"preserve\" fill=\"{ink}\"{weight}{faint}>{text}</text>",
        y + letters
    );
}

fn colour(colour: vt100::Color, default: &str) -> String {
    match colour {
        vt100::Color::Default => default.into(),
        vt100::Color::Idx(index) => PALETTE.get(usize::from(index)).copied().unwrap_or(default).into(),
        vt100::Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
    }
}
