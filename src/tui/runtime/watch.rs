//! Watches the notebook: reads its index, the newest runs first, and again whenever something changed; sees that a
//! worker lives while runs wait.

use super::permission::Permission;
use super::restarts::Restarts;
use super::{News, Options};
use crate::nn::device::{DeviceChoice, RealDrivers};
use crate::notebook::{Index, Notebook, NotebookError, Problem};
use crate::tui::effect::{Hold, Message};
use crate::tui::machine::InUse;
use crate::worker::{Notice, slurm, spawn_detached};
use std::ffi::OsString;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often the notebook is looked at.
const PERIOD: Duration = Duration::from_millis(500);
/// The largest share of one core that looking may take, as a divisor: in a huge notebook on a slow disk, less often.
const SHARE: u32 = 100;
/// Runs that are loaded between two looks at the first reading.
const BATCH: usize = 2000;

/// Starts watching. A unit sent to the result makes it look at once.
pub fn start(
    notebook: &Notebook,
    options: &Options,
    permission: Arc<Permission>,
    in_use: Arc<Mutex<InUse>>,
    tell: Sender<News>,
) -> Sender<()> {
    let (poke, poked) = mpsc::channel();
    let watch = Watch {
        notebook: notebook.clone(),
        worker: options.worker.clone(),
        permission,
        in_use,
        host: crate::worker::host(),
        tell,
        alive: None,
        hold: None,
        missing: None,
        asked_for: options.device.clone(),
        device: None,
        restarts: Restarts::default(),
        unread: Vec::new(),
        refused: None,
    };
    std::thread::spawn(move || watch.run(&poked));
    poke
}

struct Watch {
    notebook: Notebook,
    worker: Vec<OsString>,
    permission: Arc<Permission>,
    /// What this machine's runs in training are computed on.
    in_use: Arc<Mutex<InUse>>,
    host: String,
    tell: Sender<News>,
    /// What was told last of a worker.
    alive: Option<bool>,
    /// What was told last of why there is none.
    hold: Option<Hold>,
    /// What a worker started from here would compute on, and that this machine has none where that is so.
    asked_for: DeviceChoice,
    missing: Option<Notice>,
    /// What was told last of the worker's device.
    device: Option<Notice>,
    /// When one was started.
    restarts: Restarts,
    /// What was told last of folders that can't be read as runs.
    unread: Vec<Problem>,
    /// The last complaint, so that it is made once.
    refused: Option<String>,
}

/// The loop is gone: nobody listens.
struct Closed;

impl Watch {
    fn run(mut self, poked: &Receiver<()>) {
        let Some(mut index) = self.open(poked) else { return };
        // Once, behind the first picture: a driver may take a second to answer.
        self.missing = Notice::of_missing(&self.asked_for, &RealDrivers);
        loop {
            let start = Instant::now();
            if self.look(&mut index).is_err() {
                return;
            }
            // Every poke so far is answered by the look that comes next.
            let pause = PERIOD.max(start.elapsed() * SHARE);
            match poked.recv_timeout(pause) {
                Ok(()) | Err(mpsc::RecvTimeoutError::Timeout) => while poked.try_recv().is_ok() {},
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Opens the index and shows its newest runs at once, the rest as it is read.
    fn open(&mut self, poked: &Receiver<()>) -> Option<Index> {
        let mut index = loop {
            match self.notebook.index() {
                Ok(index) => break index,
                Err(error) => {
                    self.complain(&error).ok()?;
                    if let Err(mpsc::RecvTimeoutError::Disconnected) = poked.recv_timeout(PERIOD) {
                        return None;
                    }
                }
            }
        };
        self.show(&index).ok()?;
        while !index.is_complete() {
            index.fill(BATCH);
            self.show(&index).ok()?;
        }
        Some(index)
    }

    fn look(&mut self, index: &mut Index) -> Result<(), Closed> {
        match index.refresh() {
            Ok(true) => self.show(index)?,
            Ok(false) => {}
            Err(error) => self.complain(&error)?,
        }
        self.tell_unread(index)?;
        let queue = index.queue();
        let waiting = || queue.iter().map(|run| &run.id);
        let alive = self.notebook.has_worker();
        if self.alive != Some(alive) {
            self.alive = Some(alive);
            self.send(Message::Worker(alive))?;
        }
        if self.permission.is_newly_asked(waiting()) {
            self.restarts.ask();
        }
        let hold = self.permission.hold(waiting());
        if self.hold != hold {
            self.hold = hold;
            self.send(Message::Hold(hold))?;
        }
        if alive {
            self.restarts.lives();
        }
        self.tell_device()?;
        if !queue.is_empty() && !alive && hold.is_none() && self.restarts.is_due(Instant::now()) {
            self.restarts.started(Instant::now());
            let in_slurm = slurm::queue(self.notebook.disk(), self.notebook.root());
            if let Some(why) = slurm::keeps(&in_slurm) {
                self.send(Message::Failed(format!("no worker is started here: {why}")))?;
            } else if let Err(error) = spawn_detached(self.notebook.root(), &self.worker) {
                self.send(Message::Failed(format!("cannot start a worker: {error}")))?;
            }
        }
        Ok(())
    }

    /// What the worker had to say of its device, or else that there is none, where that changed.
    fn tell_device(&mut self) -> Result<(), Closed> {
        let of_this =
            |notice: &Notice| !notice.refused || notice.device.parse() == Ok(self.asked_for.clone());
        let said = Notice::of(&self.notebook, &self.host).filter(of_this);
        let notice = said.or_else(|| self.missing.clone());
        if notice == self.device {
            return Ok(());
        }
        if notice.as_ref().is_some_and(|notice| notice.refused) {
            self.restarts.refused();
        }
        self.device = notice.clone();
        self.send(Message::Device(notice))
    }

    /// What can't be read as a run, where that changed.
    fn tell_unread(&mut self, index: &Index) -> Result<(), Closed> {
        let names = |problems: &[Problem]| -> Vec<(String, String)> {
            problems.iter().map(|problem| (problem.id.clone(), problem.sentence.clone())).collect()
        };
        if names(index.problems()) == names(&self.unread) {
            return Ok(());
        }
        self.unread = index.problems().to_vec();
        self.send(Message::Unread(self.unread.clone()))
    }

    fn show(&mut self, index: &Index) -> Result<(), Closed> {
        self.refused = None;
        *self.in_use.lock().unwrap_or_else(PoisonError::into_inner) = InUse::by(index.runs(), &self.host);
        self.send(Message::Runs(Arc::new(index.runs().to_vec())))
    }

    fn complain(&mut self, error: &NotebookError) -> Result<(), Closed> {
        let sentence = error.to_string();
        if self.refused.as_ref() == Some(&sentence) {
            return Ok(());
        }
        self.refused = Some(sentence.clone());
        self.send(Message::Failed(sentence))
    }

    fn send(&self, message: Message) -> Result<(), Closed> {
        self.tell.send(News::Message(message)).map_err(|_| Closed)
    }
}
