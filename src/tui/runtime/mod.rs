//! Runs the screen: feeds what happens to [`update`], carries out what comes of it, and draws when something changed, at
//! most ten times a second. The only part that touches terminal, clock and threads.

mod desk;
mod draft;
#[cfg(test)]
mod fixture;
mod importer;
mod jobs;
mod library;
mod local;
mod permission;
mod refresh;
mod restarts;
mod sampler;
mod signals;
mod tables;
mod watch;

use super::app::App;
use super::config::{Config, ConfigError, Settings, state_folder};
use super::effect::{Effect, Message, Mouse};
use super::eta::{self, Backlog};
use super::key::Key;
use super::memory::Memory;
use super::messages::Kind;
use super::term::{self, Term};
use super::theme::Theme;
use super::update::update;
use super::view;
use crate::catalogue::Catalogue;
use crate::counted::counted;
use crate::disk::{self, Access, named, private_folder};
use crate::duration;
use crate::nn::device::DeviceChoice;
use crate::notebook::Notebook;
use crossterm::event::{self, Event, KeyEventKind, MouseEventKind};
use importer::Importer;
use jiff::tz::TimeZone;
use permission::Permission;
use refresh::{FRAME, Refresh};
use std::ffi::OsString;
use std::io::{self, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

/// How often the clock is told when nothing else happens.
const TICK: Duration = Duration::from_secs(1);

/// What the screen is opened with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The notebook's folder.
    pub runs: PathBuf,
    /// The folder of recordings.
    pub data: PathBuf,
    /// Which of them new runs are about; `None` for the usual ones.
    pub data_set: Option<String>,
    /// The networks that there are.
    pub networks: Catalogue,
    /// Another config file than the person's own.
    pub config: Option<PathBuf>,
    /// What a worker started from here computes on.
    pub device: DeviceChoice,
    /// Arguments that a worker started from here is given, so that it trains on the same device.
    pub worker: Vec<OsString>,
}

/// Why the screen can't be opened, or closed by itself.
#[derive(Debug, thiserror::Error)]
pub enum ScreenError {
    /// Standard input or output is no terminal.
    #[error("the screen needs a terminal; 'eeg-tui list' and 'eeg-tui matrix' work without one")]
    NoTerminal,
    /// The terminal or the log file refused.
    #[error("cannot use the terminal: {0}")]
    Terminal(#[from] io::Error),
    /// There is no place for a log.
    #[error("{reason}, and {} can't be written either ({error}); set HOME or XDG_STATE_HOME to a folder of yours", .place.display())]
    NoFolder {
        /// What is wrong with the usual place.
        reason: String,
        /// The other place.
        place: PathBuf,
        /// What is wrong with it.
        error: io::Error,
    },
    /// The config file can't be followed.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A thread panicked; it was printed.
    #[error("a part of the program failed; the runs in training are not touched")]
    Panicked,
    /// A signal asked to go.
    #[error("ended by signal {0}")]
    Signal(i32),
}

/// What reaches the loop from other threads.
enum News {
    /// For the state.
    Message(Message),
    /// Some thread panicked.
    Panicked,
    /// A signal asked to end.
    End(i32),
    /// A signal asked to stop for a while.
    Stop,
    /// The process was stopped and goes on: the terminal may be in any mode.
    Continued,
}

/// Opens the screen and returns when the person leaves it.
pub fn run(options: &Options) -> Result<(), ScreenError> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(ScreenError::NoTerminal);
    }
    let Settings { config, keymap, themes } = Config::find(options.config.as_deref())?;
    let (folder, homeless) = own_folder()?;
    let abilities = config.abilities(|name| std::env::var(name).ok());
    let (tell, news) = mpsc::channel();
    let panicked = tell.clone();
    term::guard_panics(move || drop(panicked.send(News::Panicked)));
    let mut app = App::new(keymap, crate::clock::now());
    let memory = Memory::load(&folder);
    app.ahead = TimeZone::system().to_offset(app.now).seconds();
    app.host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    app.notebook = std::path::absolute(&options.runs).unwrap_or_default().to_string_lossy().into_owned();
    (app.themes, app.depth, app.configured_theme) = (themes, abilities.depth, config.theme.clone());
    app.remember(memory);
    app.networks = options.networks.models().to_vec();
    for fault in options.networks.faults() {
        app.messages.push(app.now, Kind::Failed, fault.to_string());
    }
    for reason in std::mem::take(&mut app.themes.refused) {
        app.messages.push(app.now, Kind::Failed, reason);
    }
    if let Some(reason) = homeless {
        app.messages.push(app.now, Kind::Failed, reason);
    }
    signals::listen(tell.clone());
    let screen = Term::take(config.mouse, &folder.join("screen.log"))?;
    log();
    let notebook = Notebook::open(&options.runs);
    let in_use = Arc::default();
    sampler::start(Arc::clone(&in_use), tell.clone());
    let permission = Arc::new(Permission::new(config.worker, &options.runs, &app.host));
    let poke = watch::start(&notebook, options, permission.clone(), in_use, tell.clone());
    let tables = tables::start(&notebook, tell.clone());
    let library = library::start(options.data.clone(), app.first_set(options.data_set.clone()), tell.clone());
    let importer = Importer::start(options.data.clone(), tell.clone());
    let jobs = jobs::start(&notebook, tell.clone());
    let desk = desk::start(&notebook, permission, poke, jobs, tell);
    let left =
        Loop { app, abilities, screen, notebook, config, folder, desk, tables, library, importer, news }
            .run()?;
    farewell(left);
    Ok(())
}

struct Loop {
    app: App,
    abilities: Theme,
    screen: Term,
    notebook: Notebook,
    config: Config,
    folder: PathBuf,
    desk: Sender<Effect>,
    tables: Sender<tables::Wanted>,
    library: Sender<library::Wish>,
    importer: Importer,
    news: Receiver<News>,
}

impl Loop {
    /// Until the person leaves; gives what is left to train.
    fn run(mut self) -> Result<Backlog, ScreenError> {
        let size = self.screen.terminal.size()?;
        self.take(Message::Resize(size.width, size.height))?;
        let (mut refresh, mut ticked) = (Refresh::new(), Instant::now());
        while !self.app.quitting {
            if refresh.wait(Instant::now()) == Some(Duration::ZERO) {
                let bytes = self.draw()?;
                refresh.drew(Instant::now(), bytes);
            }
            if self.input(refresh.wait(Instant::now()).map_or(FRAME, |wait| wait.min(FRAME)))? {
                refresh.asked();
            }
            while let Ok(news) = self.news.try_recv() {
                self.hear(news)?;
                refresh.changed();
            }
            if ticked.elapsed() >= TICK {
                self.take(Message::Tick(crate::clock::now()))?;
                refresh.changed();
                ticked = Instant::now();
            }
        }
        Ok(eta::backlog(&self.app.runs, &self.app.pace))
    }

    /// Draws a frame; gives the bytes that it sent.
    fn draw(&mut self) -> io::Result<usize> {
        self.app.now = crate::clock::now();
        let theme = Theme { scheme: self.app.themes.scheme(), ..self.abilities };
        let terminal = &mut self.screen.terminal;
        let before = terminal.backend().sent();
        terminal.draw(|frame| view::render(&self.app, &theme, frame))?;
        Ok(terminal.backend().sent() - before)
    }

    /// Waits for input at most so long, and takes all there is: a storm of resizes is drawn once.
    fn input(&mut self, patience: Duration) -> Result<bool, ScreenError> {
        let mut some = false;
        let mut patience = patience;
        while event::poll(patience)? {
            if let Some(message) = translate(event::read()?) {
                self.take(message)?;
                some = true;
            }
            if self.app.quitting {
                break;
            }
            patience = Duration::ZERO;
        }
        Ok(some)
    }

    fn hear(&mut self, news: News) -> Result<(), ScreenError> {
        match news {
            News::Message(message) => self.take(message),
            News::Panicked => Err(ScreenError::Panicked),
            News::End(signal) => Err(ScreenError::Signal(signal)),
            News::Stop => {
                self.screen.leave();
                signals::stop();
                Ok(self.screen.enter()?)
            }
            News::Continued => Ok(self.screen.refresh()?),
        }
    }

    fn take(&mut self, message: Message) -> Result<(), ScreenError> {
        for effect in update(&mut self.app, message) {
            if let Some(effect) = self.carry_out(effect)? {
                // The desk lives as long as the loop; where it panicked, that is on its way here.
                let _ = self.desk.send(effect);
            }
        }
        Ok(())
    }
}

/// Lines of the worker's log that are shown.
const LOG_LINES: usize = 500;
/// Bytes of it that are read: more than so many lines.
const LOG_BYTES: u64 = 1 << 17;

/// The end of the worker's log, oldest line first; nothing where there is none.
fn log_tail(runs: &std::path::Path) -> Vec<String> {
    let read = || -> io::Result<Vec<u8>> {
        let file = disk::real().open(&crate::worker::log_path(runs), Access::Read)?;
        let length = file.stat()?.length;
        let mut bytes = Vec::new();
        file.from(length.saturating_sub(LOG_BYTES)).take(LOG_BYTES).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<String> =
        text.lines().map(|line| crate::printable::printable(line).into_owned()).collect();
    lines[lines.len().saturating_sub(LOG_LINES)..].to_vec()
}

/// Where log and memories go; and why they are forgotten with this session, where they are.
fn own_folder() -> Result<(PathBuf, Option<String>), ScreenError> {
    let reason = match state_folder() {
        None => "HOME is not set: choices and the log are not kept".into(),
        Some(folder) => match named::make_folders(&folder).and_then(|()| named::try_writing(&folder)) {
            Ok(()) => return Ok((folder, None)),
            Err(error) => {
                format!("{} can't be written ({error}): choices and the log are not kept", folder.display())
            }
        },
    };
    let folder = private_folder().map_err(|error| {
        let place = std::env::temp_dir();
        ScreenError::NoFolder { reason: reason.clone(), place, error }
    })?;
    Ok((folder, Some(reason)))
}

/// What the program logs goes to standard error, which is a file while the screen is open. `EEG_TUI_LOG` says how much.
fn log() {
    let asked = std::env::var("EEG_TUI_LOG").ok().and_then(|level| level.parse().ok());
    let level = asked.unwrap_or(tracing::Level::WARN);
    let log = tracing_subscriber::fmt().with_max_level(level).with_ansi(false).with_writer(io::stderr);
    // Whoever set up another log before wants that one.
    let _ = log.try_init();
}

/// On the terminal that is the person's again: what goes on without the screen.
fn farewell(left: Backlog) {
    let runs = left.training + left.waiting;
    if runs == 0 {
        return;
    }
    let time =
        left.seconds.map(|seconds| format!(", about {}", duration::short(seconds))).unwrap_or_default();
    let many = counted(runs, "run");
    // A terminal that is gone needs no farewell.
    let _ = writeln!(io::stdout(), "Training goes on: {many} left{time}. 'eeg-tui' shows it again.");
}

/// What the terminal said, as far as it concerns the state.
fn translate(event: Event) -> Option<Message> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => Some(Message::Key(Key::from(key))),
        Event::Paste(text) => Some(Message::Paste(text)),
        Event::Resize(columns, rows) => Some(Message::Resize(columns, rows)),
        Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::Down(_) => Some(Message::Mouse(Mouse::Click(mouse.column, mouse.row))),
            MouseEventKind::ScrollUp => Some(Message::Mouse(Mouse::Wheel(-1))),
            MouseEventKind::ScrollDown => Some(Message::Mouse(Mouse::Wheel(1))),
            _ => None,
        },
        _ => None,
    }
}
