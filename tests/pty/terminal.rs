//! A pseudo-terminal with a program in it, and a screen that follows what the program sends.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test helper may fail loudly

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Longer than anything takes on the slowest machine; reached only by what never comes.
const PATIENCE: Duration = Duration::from_secs(240);

pub struct Terminal {
    seen: Arc<Mutex<Seen>>,
    master: Option<Box<dyn MasterPty + Send>>,
    input: Option<Box<dyn Write + Send>>,
    child: Box<dyn Child + Send + Sync>,
    reader: JoinHandle<()>,
}

struct Seen {
    screen: vt100::Parser,
    bytes: Vec<u8>,
}

impl Terminal {
    /// Opens the notebook `home/runs` on simulated data, nothing of the person's own environment in it.
    pub fn open(columns: u16, rows: u16, home: &Path, environment: &[(&str, &str)]) -> Self {
        std::fs::create_dir_all(home.join("data")).unwrap();
        let path = |name: &str| home.join(name).display().to_string();
        let (runs, data) = (path("runs"), path("data"));
        let home = path("");
        let own = [("HOME", home.as_str()), ("LC_ALL", "C.UTF-8"), ("TERM", "xterm-256color")];
        let environment = [&own[..], environment].concat();
        let program = Path::new(env!("CARGO_BIN_EXE_eeg-tui"));
        Terminal::run(columns, rows, program, &["--runs", &runs, "--data", &data], &environment)
    }

    /// Runs a program.
    pub fn run(
        columns: u16,
        rows: u16,
        program: &Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        for name in
            ["NO_COLOR", "COLORTERM", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "EEG_TUI_CONFIG", "RUST_BACKTRACE"]
        {
            command.env_remove(name);
        }
        environment.iter().for_each(|(name, value)| command.env(name, value));
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let seen = Arc::new(Mutex::new(Seen {
            screen: vt100::Parser::new(cells(rows), cells(columns), 0),
            bytes: Vec::new(),
        }));
        let (mut output, told) = (pair.master.try_clone_reader().unwrap(), seen.clone());
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 65_536];
            while let Ok(count @ 1..) = output.read(&mut buffer) {
                let mut seen = told.lock().unwrap();
                seen.screen.process(&buffer[..count]);
                seen.bytes.extend_from_slice(&buffer[..count]);
            }
        });
        let input = pair.master.take_writer().unwrap();
        Terminal { seen, master: Some(pair.master), input: Some(input), child, reader }
    }

    /// Types.
    pub fn keys(&mut self, keys: &str) {
        let input = self.input.as_mut().unwrap();
        input.write_all(keys.as_bytes()).unwrap();
        input.flush().unwrap();
    }

    /// What is on the screen.
    pub fn text(&self) -> String {
        self.seen.lock().unwrap().screen.screen().contents()
    }

    /// Waits until a text is on the screen.
    pub fn wait_for(&mut self, text: &str) {
        self.wait(text, true, "came");
    }

    /// Waits until a text is on the screen no more. After an escape: what is typed at once behind it would be Alt and a key.
    pub fn wait_while(&mut self, text: &str) {
        self.wait(text, false, "went");
    }

    fn wait(&mut self, text: &str, is_there: bool, verb: &str) {
        let start = Instant::now();
        while self.text().contains(text) != is_there {
            assert!(start.elapsed() < PATIENCE, "'{text}' never {verb}:\n{}", self.text());
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("it ended with {status:?} before '{text}' {verb}:\n{}", self.text());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Bytes sent so far.
    pub fn bytes(&self) -> usize {
        self.seen.lock().unwrap().bytes.len()
    }

    /// Waits until these bytes were sent.
    pub fn wait_for_bytes(&mut self, wanted: &[u8]) {
        let start = Instant::now();
        while !self.seen.lock().unwrap().bytes.windows(wanted.len()).any(|bytes| bytes == wanted) {
            assert!(start.elapsed() < PATIENCE, "{wanted:?} never came");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Gives the window another size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.seen.lock().unwrap().screen.screen_mut().set_size(cells(rows), cells(columns));
        self.master.as_ref().unwrap().resize(size).unwrap();
    }

    /// Sends a signal to the program.
    pub fn signal(&mut self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    fn pid(&self) -> Pid {
        self.child.process_id().and_then(|pid| Pid::from_raw(pid as i32)).unwrap()
    }

    /// Waits until the program has stopped, as for a shell's `fg`.
    pub fn wait_for_stop(&mut self) {
        let start = Instant::now();
        let options = WaitOptions::UNTRACED | WaitOptions::NOHANG;
        loop {
            match waitpid(Some(self.pid()), options).unwrap() {
                Some((_, status)) if status.stopped() => return,
                Some((_, status)) => panic!("it ended with {status:?} instead of stopping"),
                None => assert!(start.elapsed() < PATIENCE, "it never stopped:\n{}", self.text()),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Takes the line away, as a broken connection does.
    pub fn hang_up(&mut self) {
        self.input = None;
        self.master = None;
        // The reading end is a copy; the program is told as a terminal's driver would tell it.
        self.signal(Signal::HUP);
    }

    /// Waits for the program's end, and for the last that it sent: nothing it leaves behind may hold the terminal.
    pub fn exit_code(&mut self) -> u32 {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap()
                && self.reader.is_finished()
            {
                return status.exit_code();
            }
            assert!(start.elapsed() < PATIENCE, "it, or the terminal, never ended:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until what was sent before a stop has arrived, then asserts as much.
    pub fn wait_until_restored(&self) {
        let start = Instant::now();
        while self.seen.lock().unwrap().screen.screen().alternate_screen() && start.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(20));
        }
        self.assert_restored();
    }

    /// Whether all modes are off again.
    pub fn assert_restored(&self) {
        let seen = self.seen.lock().unwrap();
        let screen = seen.screen.screen();
        assert!(!screen.alternate_screen(), "still on the alternate screen");
        assert!(!screen.hide_cursor(), "the cursor is hidden");
        assert!(!screen.bracketed_paste(), "pastes are bracketed");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    }

    fn any(&self, test: impl Fn(&vt100::Cell) -> bool) -> bool {
        let seen = self.seen.lock().unwrap();
        let (rows, columns) = seen.screen.screen().size();
        let places = (0..rows.get()).flat_map(|row| (0..columns.get()).map(move |column| (row, column)));
        places.filter_map(|(row, column)| seen.screen.screen().cell(row, column)).any(test)
    }

    /// Whether every cell is so.
    pub fn all(&self, test: impl Fn(&vt100::Cell) -> bool) -> bool {
        !self.any(|cell| !test(cell))
    }

    /// Whether any cell has a colour.
    pub fn has_colours(&self) -> bool {
        self.any(|cell| cell.fgcolor() != vt100::Color::Default || cell.bgcolor() != vt100::Color::Default)
    }

    /// Whether any cell is in reverse video.
    pub fn has_reverse(&self) -> bool {
        self.any(|cell| cell.inverse())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap()
}

/// Ends the workers that were started for a notebook: they would wait for work for minutes.
pub fn end_workers(home: &Path) {
    for run in std::fs::read_dir(home.join("runs")).unwrap().flatten() {
        let events = std::fs::read_to_string(run.path().join("events.jsonl")).unwrap_or_default();
        let pids =
            events.split("\"pid\":").skip(1).filter_map(|rest| rest.split([',', '}']).next()?.parse().ok());
        for pid in pids.filter_map(Pid::from_raw) {
            // It may have ended by itself.
            let _ = kill_process(pid, Signal::TERM);
        }
    }
}
