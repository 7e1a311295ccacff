//! The real program in a pseudo-terminal: from an empty notebook to a finished run, how it leaves the terminal whatever
//! ends it, and how many bytes it sends.

#[path = "../support/mod.rs"]
mod support;
mod terminal;

use eeg_tui::tui::term::{self, Term};
use std::path::Path;
use std::time::{Duration, Instant};
use terminal::Terminal;

/// Bytes a second that a live screen may send, over a slow line.
const LIVE: f64 = 10_000.0;

/// What the first full pictures cost, beside what follows.
const PICTURES: f64 = 30_000.0;

/// What one picture may cost that goes out at once: the line is given two seconds for it.
const PICTURE: f64 = 2.0 * LIVE;

#[test]
fn from_an_empty_notebook_to_a_finished_run() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::open(80, 24, home.path(), &[]);
    terminal.wait_for("Nothing was trained here yet");
    terminal.wait_for("simulated data 1080+1080");
    terminal.keys("n");
    terminal.wait_for("3 runs on simulated, roughly");
    // Activation: ReLU alone; epochs: 3.
    terminal.keys("\x1b[B\x15relu\x1b[B\x1b[B\x1b[B\x153");
    terminal.wait_for("1 run on simulated, roughly");
    let (bytes, start) = (terminal.bytes(), Instant::now());
    terminal.keys("\r");
    terminal.wait_for("✓ finished");
    let sent = (terminal.bytes() - bytes) as f64;
    let allowed = PICTURES + LIVE * start.elapsed().as_secs_f64();
    assert!(sent < allowed, "{sent} bytes in {:?}", start.elapsed());
    terminal.keys("4");
    terminal.wait_for("simulated data: no real recordings");
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
    terminal.assert_restored();
    terminal::end_workers(home.path());
}

#[test]
fn a_card_that_is_not_there_is_named_when_the_screen_opens_and_no_worker_is_started() {
    let home = tempfile::tempdir().unwrap();
    let lab = support::Lab::at(home.path().to_owned());
    lab.add(&["--epochs", "1"]);
    std::fs::create_dir_all(home.path().join("data")).unwrap();
    let path = |name: &str| home.path().join(name).display().to_string();
    let arguments = ["--runs", &path("runs"), "--data", &path("data"), "--device", "cuda:99"];
    let environment = [("HOME", path("")), ("TERM", "xterm-256color".into())];
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let program = Path::new(env!("CARGO_BIN_EXE_eeg-tui"));
    let mut terminal = Terminal::run(80, 24, program, &arguments, &environment);
    terminal.wait_for("1 queued, no worker: no cuda:99");
    terminal.wait_for("or take --device cpu");
    assert!(!home.path().join("runs/.worker.log").exists());
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
    let mut refused = Terminal::run(80, 24, program, &["--device", "cuda:0,0"], &environment);
    refused.wait_for("cuda:0 is named twice in --device");
    assert_eq!(refused.exit_code(), 2);
}

#[test]
fn opening_the_screen_trains_nothing_until_it_is_told_to_and_notes_are_there_again() {
    let home = tempfile::tempdir().unwrap();
    let lab = support::Lab::at(home.path().to_owned());
    lab.add(&["--epochs", "2"]);
    let mut terminal = Terminal::open(100, 30, home.path(), &[]);
    terminal.wait_for("1 queued, no worker: B starts one");
    terminal.keys("w");
    terminal.wait_for("esc keeps and closes");
    terminal.keys("seen by me\x1b");
    terminal.wait_for("The notes are kept.");
    terminal.keys("w");
    terminal.wait_for("seen by me");
    terminal.keys("\x1b");
    terminal.wait_while("esc keeps and closes");
    assert!(!lab.notebook().has_worker());
    terminal.keys("B");
    terminal.wait_for("✓ finished");
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
    terminal::end_workers(home.path());
}

#[test]
fn a_large_window_of_fast_training_stays_within_a_slow_line() {
    let home = tempfile::tempdir().unwrap();
    // Tiny recordings: as many epochs a second as the machine can.
    let lab = support::Lab::at(home.path().to_owned());
    lab.add(&["--epochs", "100000"]);
    let _worker = lab.start(&["work", "--once"]);
    let mut terminal = Terminal::open(200, 60, home.path(), &[("COLORTERM", "truecolor")]);
    terminal.wait_for("running");
    terminal.keys("\r");
    terminal.wait_for("epochs/s");
    // The picture that the key asked for comes at once, and is no part of the rate.
    std::thread::sleep(Duration::from_secs(3));
    let (bytes, start) = (terminal.bytes(), Instant::now());
    std::thread::sleep(Duration::from_secs(6));
    let sent = (terminal.bytes() - bytes) as f64;
    // A picture at the very end of the span is paid for after it.
    let allowed = PICTURE + LIVE * start.elapsed().as_secs_f64();
    assert!(sent > 0.0 && sent < allowed, "{sent} bytes in {:?}", start.elapsed());
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn nothing_is_sent_while_nothing_happens() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::open(80, 24, home.path(), &[]);
    terminal.wait_for("simulated data 1080+1080");
    // Whatever was on its way arrives, late on a busy machine; a message would fade after eight seconds, and there is none.
    let is_still = || {
        let before = terminal.bytes();
        std::thread::sleep(Duration::from_secs(4));
        terminal.bytes() == before
    };
    assert!((0..5).any(|_| is_still()));
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn signals_give_the_terminal_back() {
    use rustix::process::Signal;
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let home = tempfile::tempdir().unwrap();
        let mut terminal = Terminal::open(80, 24, home.path(), &[]);
        terminal.wait_for("[1 Runs]");
        terminal.signal(signal);
        assert_eq!(terminal.exit_code(), 1, "{signal:?}");
        terminal.assert_restored();
    }
}

#[test]
fn whoever_stops_it_gets_the_terminal_until_it_goes_on() {
    use rustix::process::Signal;
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::open(80, 24, home.path(), &[]);
    for key in [Some("\x1a"), None] {
        terminal.wait_for("[1 Runs]");
        match key {
            Some(key) => terminal.keys(key),
            None => terminal.signal(Signal::TSTP),
        }
        terminal.wait_for_stop();
        terminal.wait_until_restored();
        terminal.signal(Signal::CONT);
    }
    terminal.wait_for("[1 Runs]");
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn copying_reaches_the_clipboard_over_the_line_and_a_file() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::open(80, 24, home.path(), &[]);
    terminal.wait_for("simulated data 1080+1080");
    terminal.keys("6y");
    terminal.wait_for("Copied, and written to");
    let text = std::fs::read(home.path().join("runs/exports/models.md")).unwrap();
    assert!(text.starts_with(b"| "), "{text:?}");
    terminal.wait_for_bytes(format!("\x1b]52;c;{}", base64(&text)).as_bytes());
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
}

/// Three bytes in four letters, after RFC 4648.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, place| bits << 8 | usize::from(*three.get(place).unwrap_or(&0)));
        let letters = (0..4).map(|place| char::from(LETTERS[bits >> (18 - 6 * place) & 63]));
        text.extend(letters.take(three.len() + 1));
        text.push_str(&"=".repeat(3 - three.len()));
    }
    text
}

#[test]
fn a_terminal_that_goes_away_ends_the_program() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::open(80, 24, home.path(), &[]);
    terminal.wait_for("[1 Runs]");
    terminal.hang_up();
    // That it ends is what counts: a program that reads a line that is gone spins for ever.
    terminal.exit_code();
}

#[test]
fn a_storm_of_resizes_ends_in_a_sound_picture() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::open(80, 24, home.path(), &[]);
    terminal.wait_for("[1 Runs]");
    for step in 0..60u16 {
        terminal.resize(10 + step * 3, 2 + step);
    }
    terminal.resize(20, 5);
    terminal.wait_for("[1 Runs]");
    terminal.resize(12, 3);
    terminal.wait_for("q quits");
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_theme_of_ones_own_is_turned_to_and_remembered() {
    let home = tempfile::tempdir().unwrap();
    let themes = home.path().join(".config/eeg-tui/themes");
    std::fs::create_dir_all(&themes).unwrap();
    std::fs::write(themes.join("dusk.toml"), "paper = \"#102030\"\n").unwrap();
    std::fs::write(themes.join("night.toml"), "paper = \"mauve\"\n").unwrap();
    let truecolour = [("COLORTERM", "truecolor")];
    let mut terminal = Terminal::open(80, 24, home.path(), &truecolour);
    // A file that can't be used is complained about, and is no reason not to start.
    terminal.wait_for("'mauve' is no colour");
    terminal.keys("TTTT");
    terminal.wait_for("Theme dusk.");
    let paper = vt100::Color::Rgb(0x10, 0x20, 0x30);
    assert!(terminal.all(|cell| cell.bgcolor() == paper || cell.inverse()));
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
    let mut terminal = Terminal::open(80, 24, home.path(), &truecolour);
    // It stands below everything else: a part of the first frame may have no paper yet.
    terminal.wait_for("'mauve' is no colour");
    assert!(terminal.all(|cell| cell.bgcolor() == paper || cell.inverse()));
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn without_colours_a_selection_still_shows() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::open(80, 24, home.path(), &[("NO_COLOR", "1"), ("LC_ALL", "C")]);
    terminal.wait_for("[1 Runs]");
    assert!(!terminal.has_colours());
    assert!(terminal.text().is_ascii());
    assert!(terminal.has_reverse(), "the tab on show is reversed; a bare CSI m would cancel that");
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
}

/// Not a test of its own: the child of the next one. Takes the terminal it is run in, and panics.
#[test]
#[ignore = "panics on purpose, in a pseudo-terminal"]
fn panics_with_the_terminal_in_hand() {
    let log = std::env::var("PANIC_LOG").unwrap();
    term::guard_panics(|| ());
    let mut term = Term::take(true, Path::new(&log)).unwrap();
    term.terminal.draw(|frame| frame.render_widget("drawn", frame.area())).unwrap();
    // What anything else prints must not reach the screen.
    println!("chatter of a driver");
    panic!("on purpose");
}

#[test]
fn a_panic_gives_the_terminal_back_and_then_says_what_happened() {
    let home = tempfile::tempdir().unwrap();
    let log = home.path().join("log");
    let program = std::env::current_exe().unwrap();
    let arguments = ["--ignored", "--exact", "--nocapture", "panics_with_the_terminal_in_hand"];
    let log_path = log.display().to_string();
    let mut terminal = Terminal::run(80, 24, &program, &arguments, &[("PANIC_LOG", &log_path)]);
    assert_ne!(terminal.exit_code(), 0);
    terminal.assert_restored();
    assert!(terminal.text().contains("on purpose"), "{}", terminal.text());
    assert!(!terminal.text().contains("chatter"), "{}", terminal.text());
    assert!(std::fs::read_to_string(log).unwrap().contains("chatter of a driver"));
}
