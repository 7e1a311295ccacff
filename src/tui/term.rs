//! The terminal, owned fully: what is switched on is switched off again whether the program ends, panics, is suspended or
//! is told to go. Nothing but frames reaches it: everything else that writes to standard output or error lands in a log.

mod backend;

pub use backend::{Quiet, Tty};

use crate::disk;
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::terminal::{self, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{QueueableCommand, cursor};
use ratatui::Terminal;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What must be given back; `None` while the terminal is not ours. Global, because a panic or a signal may end the
/// program from any thread.
static OWNED: Mutex<Option<Owned>> = Mutex::new(None);

struct Owned {
    tty: File,
    stdout: OwnedFd,
    stderr: OwnedFd,
}

/// A terminal in our hands, until it is dropped.
pub struct Term {
    /// To draw on.
    pub terminal: Terminal<Quiet>,
    tty: File,
    mouse: bool,
    log: PathBuf,
}

impl Term {
    /// Takes the terminal that standard output is. Whatever else writes there goes to the file `log` from now on.
    pub fn take(mouse: bool, log: &Path) -> io::Result<Self> {
        let tty = File::from(copy(io::stdout())?);
        // The theme leaves colours out where none are wanted. crossterm's own way of doing so writes a bare `CSI m`
        // for every colour, which cancels reverse video too.
        crossterm::style::force_color_output(true);
        let terminal = Terminal::new(Quiet::new(Tty::new(tty.try_clone()?)))?;
        let mut term = Term { terminal, tty, mouse, log: log.to_owned() };
        term.enter()?;
        Ok(term)
    }

    /// Switches everything on.
    pub fn enter(&mut self) -> io::Result<()> {
        let log = disk::open_to_append(&self.log)?;
        let owned =
            Owned { tty: self.tty.try_clone()?, stdout: copy(io::stdout())?, stderr: copy(io::stderr())? };
        terminal::enable_raw_mode()?;
        *OWNED.lock().unwrap_or_else(PoisonError::into_inner) = Some(owned);
        rustix::stdio::dup2_stdout(&log)?;
        rustix::stdio::dup2_stderr(&log)?;
        self.modes()?;
        self.terminal.clear()
    }

    /// Gives the terminal back for a while.
    pub fn leave(&mut self) {
        restore();
    }

    /// Sets all modes and draws every cell anew: after a stop that was none of ours, and on request.
    pub fn refresh(&mut self) -> io::Result<()> {
        terminal::enable_raw_mode()?;
        self.modes()?;
        self.terminal.clear()
    }

    fn modes(&mut self) -> io::Result<()> {
        let tty = &mut self.tty;
        tty.queue(EnterAlternateScreen)?.queue(EnableBracketedPaste)?.queue(cursor::Hide)?;
        if self.mouse {
            tty.queue(EnableMouseCapture)?;
        }
        tty.flush()
    }

    /// Sends a sequence that draws nothing: a bell, a notification, the clipboard.
    pub fn send(&mut self, sequence: &[u8]) -> io::Result<()> {
        self.tty.write_all(sequence)
    }
}

impl Drop for Term {
    fn drop(&mut self) {
        restore();
    }
}

/// Another descriptor of the same file, for this process alone: a worker that inherited it would hold the terminal open
/// long after this program has ended.
fn copy(stream: impl AsFd) -> io::Result<OwnedFd> {
    Ok(rustix::io::fcntl_dupfd_cloexec(stream, 3)?)
}

/// Whether we have the terminal now.
pub fn is_ours() -> bool {
    OWNED.lock().unwrap_or_else(PoisonError::into_inner).is_some()
}

/// Gives the terminal back as it was. Safe to call from anywhere, any number of times; errors have nobody to go to.
pub fn restore() {
    let Some(mut owned) = OWNED.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
    let mut sequence = Vec::new();
    let queued = sequence
        .queue(DisableMouseCapture)
        .and_then(|out| out.queue(DisableBracketedPaste))
        .and_then(|out| out.queue(cursor::Show))
        .and_then(|out| out.queue(LeaveAlternateScreen))
        .is_ok();
    if queued {
        let _ = owned.tty.write_all(&sequence);
    }
    let _ = terminal::disable_raw_mode();
    let _ = rustix::stdio::dup2_stdout(&owned.stdout);
    let _ = rustix::stdio::dup2_stderr(&owned.stderr);
}

/// Makes a panic, on whatever thread, log itself and give the terminal back before it is printed; `after` is told.
pub fn guard_panics(after: impl Fn() + Send + Sync + 'static) {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        tracing::error!("{panic}");
        restore();
        print(panic);
        after();
    }));
}
