//! Pictures of the real screens, for the documentation: runs the program in a pseudo-terminal over a notebook, types, and writes
//! what the terminal shows as SVG. `scripts/pictures` makes the notebook first.
//!
//! ```text
//! cargo run --release --example pictures -- RUNS FOLDER
//! ```

mod svg;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::error::Error;
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A picture's name, the keys that lead to it, columns and rows.
const PICTURES: [(&str, &str, u16, u16); 8] = [
    ("runs", "", 100, 30),
    ("detail", "\r", 160, 44),
    // The three activations that were enqueued first.
    ("compare", "Gkk   3", 160, 44),
    ("light", "TTGkk   m3", 100, 30),
    ("matrix", "4", 100, 30),
    ("alpha", "5", 100, 30),
    ("models", "6", 120, 36),
    ("data", "7", 100, 30),
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [runs, folder] = arguments.as_slice() else {
        return Err("give a notebook and a folder for pictures".into());
    };
    // A folder of its own for what the program remembers: neither a person's config nor the picture before shows.
    let home = std::env::temp_dir().join(format!("pictures-{}", std::process::id()));
    for (name, keys, columns, rows) in PICTURES {
        std::fs::create_dir_all(&home)?;
        let screen = capture(runs, &home, keys, (columns, rows))?;
        std::fs::remove_dir_all(&home)?;
        std::fs::write(folder.join(format!("{name}.svg")), svg::draw(&screen))?;
        println!("{name}.svg");
    }
    Ok(())
}

/// The screen once nothing has changed on it for two seconds and it is no longer reading; as it is after a minute, at most.
fn at_rest(parser: &Mutex<vt100::Parser>) -> Result<vt100::Screen, Box<dyn Error>> {
    let (begin, mut unchanged_since) = (Instant::now(), Instant::now());
    let mut before = String::new();
    loop {
        std::thread::sleep(Duration::from_millis(100));
        let screen = parser.lock().map_err(|_| "the reader failed")?.screen().clone();
        let text = screen.contents();
        if text != before || text.to_lowercase().contains("reading the") {
            (before, unchanged_since) = (text, Instant::now());
        }
        if unchanged_since.elapsed() > Duration::from_secs(2) || begin.elapsed() > Duration::from_secs(60) {
            return Ok(screen);
        }
    }
}

/// The screen after the keys, once it has come to rest.
fn capture(
    runs: &Path,
    home: &Path,
    keys: &str,
    (columns, rows): (u16, u16),
) -> Result<vt100::Screen, Box<dyn Error>> {
    let pair =
        native_pty_system().openpty(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 })?;
    // The example lies in target/…/examples, the program one folder up.
    let program = std::env::current_exe()?.with_file_name("../eeg-tui");
    let mut command = CommandBuilder::new(program);
    command.args(["--runs".as_ref(), runs.as_os_str()]);
    command.cwd(std::env::current_dir()?);
    for variable in ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"] {
        command.env(variable, home);
    }
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
    at_rest(&parser)?;
    for key in keys.chars() {
        write!(input, "{key}")?;
        input.flush()?;
        std::thread::sleep(Duration::from_millis(500));
    }
    let screen = at_rest(&parser)?;
    write!(input, "q")?;
    input.flush()?;
    child.wait()?;
    Ok(screen)
}
