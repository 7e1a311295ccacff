//! The worker's loop: fills its slots from the queue, passes requests and signals on, waits for space on a full disk, and
//! ends when there is nothing to do.

use super::attempt::{Attempt, Ended, Machine, set_aside};
use super::signals::Signals;
use crate::event::{Event, Queued, Record, Stopped};
use crate::notebook::{
    Held, Index, Notebook, NotebookError, Request, RunDir, RunState, Standing, free_space,
};
use crate::train::{Stop, StopRequest};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How often requests are looked for.
pub(super) const TICK: Duration = Duration::from_millis(100);
/// How often the queue is looked at while a slot is free.
const LOOK: Duration = Duration::from_millis(500);
/// How long a run that could not be written or was in use is left alone.
const RESPITE: Duration = Duration::from_secs(5);
/// Bytes that must be free before a run is started or goes on, beside what its files need.
const ROOM: u64 = 1 << 20;

/// How a worker works.
#[derive(Clone, Debug)]
pub struct Options {
    /// Runs at once.
    pub slots: usize,
    /// Ends when the queue is empty.
    pub once: bool,
    /// How often a failed run is tried again.
    pub retries: u32,
    /// How long it waits with an empty queue before it ends.
    pub patience: Duration,
    /// Whether a hang-up of the terminal is none of its business.
    pub detached: bool,
}

/// What a worker has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Runs brought to their end.
    pub finished: usize,
    /// Runs that failed, after all retries.
    pub failed: usize,
    /// Whether it ended because it was told to, with work left.
    pub interrupted: bool,
    /// Whether it ended with runs waiting for space on the disk.
    pub disk_full: bool,
}

/// Why a worker can't work.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The notebook can't be used.
    #[error(transparent)]
    Notebook(#[from] NotebookError),
    /// The system gave no signals or no threads.
    #[error("the worker can't start: {0}")]
    System(#[from] std::io::Error),
}

/// Sees every event of every run as it is written.
pub type Watch = Arc<dyn Fn(&str, &Record) + Send + Sync>;

/// Trains what is queued until there is nothing left to do or a signal asks to end.
pub fn work(machine: Machine, options: Options, watch: Watch) -> Result<Report, WorkerError> {
    // One thread supervises: what it does are short looks at files. Training has threads of its own.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(options.slots + 4)
        .build()?;
    let index = machine.notebook.index()?.complete();
    runtime.block_on(
        Worker {
            machine: Arc::new(machine),
            options,
            watch,
            index,
            running: HashMap::new(),
            tasks: JoinSet::new(),
            failures: HashMap::new(),
            shunned: HashMap::new(),
            report: Report::default(),
        }
        .supervise(),
    )
}

struct Worker {
    machine: Arc<Machine>,
    options: Options,
    watch: Watch,
    index: Index,
    /// What each run in training reads between batches.
    running: HashMap<String, Stop>,
    tasks: JoinSet<(String, Ended)>,
    /// How often each run failed here.
    failures: HashMap<String, u32>,
    /// Runs to leave alone until then.
    shunned: HashMap<String, Instant>,
    report: Report,
}

impl Worker {
    async fn supervise(mut self) -> Result<Report, WorkerError> {
        let mut signals = Signals::listen(self.options.detached)?;
        let mut tick = tokio::time::interval(TICK);
        let mut idle_since = Instant::now();
        let mut looked: Option<Instant> = None;
        loop {
            let free = self.running.len() < self.options.slots && !self.report.interrupted;
            if free && looked.is_none_or(|at| at.elapsed() >= LOOK) {
                self.fill_slots()?;
                looked = Some(Instant::now());
            }
            if !self.running.is_empty() {
                idle_since = Instant::now();
            } else if self.report.interrupted || self.is_done(idle_since.elapsed()) {
                return Ok(self.report);
            }
            tokio::select! {
                Some(done) = self.tasks.join_next() => {
                    // A task can't fail: what panics inside an attempt ends as a failed run.
                    if let Ok((id, ended)) = done {
                        self.ended(&id, ended)?;
                    }
                    looked = None;
                }
                _ = tick.tick() => self.pass_requests_on(),
                () = signals.asked_to_end() => self.leave(),
            }
        }
    }

    /// Whether an idle worker may end.
    fn is_done(&mut self, idle: Duration) -> bool {
        let waits_for_space = self.index.runs().iter().any(|run| is_full(run.state, run.message.as_deref()));
        let nothing_queued = self.index.queue().is_empty();
        self.report.disk_full = waits_for_space;
        if self.options.once {
            return nothing_queued;
        }
        nothing_queued && !waits_for_space && idle >= self.options.patience
    }

    /// Asks every training to keep a checkpoint and end.
    fn leave(&mut self) {
        self.report.interrupted = true;
        tracing::info!(running = self.running.len(), "ending: keeping checkpoints");
        for stop in self.running.values() {
            stop.request(StopRequest::Interrupt);
        }
    }

    fn pass_requests_on(&self) {
        for (id, stop) in &self.running {
            if let Ok(dir) = self.machine.notebook.run(id) {
                pass_on(&dir, stop);
            }
        }
    }

    fn fill_slots(&mut self) -> Result<(), WorkerError> {
        self.index.refresh()?;
        self.go_on_where_there_is_space()?;
        self.shunned.retain(|_, until| *until > Instant::now());
        // A run that killed its process again and again (for want of memory, mostly) must not keep the others waiting.
        let (good, deadly): (Vec<_>, Vec<_>) =
            self.index.queue().into_iter().partition(|run| run.message.is_none());
        let queue: Vec<String> = good.into_iter().chain(deadly).map(|run| run.id.clone()).collect();
        for id in queue {
            if self.running.len() >= self.options.slots {
                break;
            }
            if !self.running.contains_key(&id) && !self.shunned.contains_key(&id) {
                self.start(&id);
            }
        }
        Ok(())
    }

    /// Starts a run if it may be started. Any trouble with one run leaves the others alone.
    fn start(&mut self, id: &str) {
        match self.take(id) {
            Ok(Some(held)) => self.spawn(id.to_owned(), held),
            Ok(None) => self.shun(id),
            Err(error) => {
                tracing::warn!(run = id, %error, "can't be started");
                self.shun(id);
            }
        }
    }

    fn shun(&mut self, id: &str) {
        self.shunned.insert(id.into(), Instant::now() + RESPITE);
    }

    /// Takes a run's lock and looks once more whether it is to be trained: someone may have been faster.
    fn take(&self, id: &str) -> Result<Option<Held>, NotebookError> {
        let notebook = &self.machine.notebook;
        let dir = notebook.run(id)?;
        let Some(mut held) = notebook.hold(&dir)? else { return Ok(None) };
        let waits = matches!(held.standing(), None | Some(Standing::Queued | Standing::Training));
        if !waits {
            return Ok(None);
        }
        if let Some(request) = dir.request() {
            // Asked of a process that died before it could.
            obey(notebook, held, request)?;
            return Ok(None);
        }
        if free_space(notebook.root()).is_ok_and(|free| free < room_for(&held)) {
            set_aside(&mut held)?;
            notebook.ring();
            return Ok(None);
        }
        Ok(Some(held))
    }

    fn spawn(&mut self, id: String, mut held: Held) {
        let stop = Stop::new();
        self.running.insert(id.clone(), stop.clone());
        let (machine, watch) = (self.machine.clone(), self.watch.clone());
        self.tasks.spawn_blocking(move || {
            let mut seen = |record: &Record| watch(&id, record);
            let ended = Attempt { machine: &machine, held: &mut held, stop: &stop, watch: &mut seen }.run();
            let ended = finish(&machine.notebook, held, ended);
            (id, ended)
        });
    }

    fn ended(&mut self, id: &str, ended: Ended) -> Result<(), WorkerError> {
        self.running.remove(id);
        match ended {
            Ended::Finished => self.report.finished += 1,
            Ended::Failed(error) => {
                tracing::warn!(run = id, error, "failed");
                let failures = self.failures.entry(id.into()).or_default();
                *failures += 1;
                if *failures <= self.options.retries && !self.report.interrupted {
                    self.try_again(id)?;
                } else {
                    self.report.failed += 1;
                }
            }
            Ended::DiskFull => tracing::warn!(run = id, "the disk is full; waiting for space"),
            Ended::Unwritable(error) => {
                tracing::warn!(run = id, error, "can't be written");
                self.shun(id);
            }
            Ended::Paused | Ended::Cancelled | Ended::Interrupted => {}
        }
        self.index.refresh()?;
        Ok(())
    }

    fn try_again(&self, id: &str) -> Result<(), WorkerError> {
        let notebook = &self.machine.notebook;
        let dir = notebook.run(id)?;
        if let Some(mut held) = notebook.hold(&dir)? {
            let from_checkpoint = dir.checkpoint_path().is_file();
            held.append(Event::Queued(Queued { from_checkpoint }))?;
            notebook.ring();
        }
        Ok(())
    }

    /// Puts runs that wait for space back into the queue, once there is some.
    fn go_on_where_there_is_space(&mut self) -> Result<(), WorkerError> {
        let notebook = &self.machine.notebook;
        let waiting: Vec<&str> = self
            .index
            .runs()
            .iter()
            .filter(|run| is_full(run.state, run.message.as_deref()))
            .map(|run| run.id.as_str())
            .collect();
        for id in &waiting {
            let dir = notebook.run(id)?;
            let Some(mut held) = notebook.hold(&dir)? else { continue };
            let still = held.standing() == Some(Standing::Paused) && held.history().message.is_some();
            if still && free_space(notebook.root()).is_ok_and(|free| free >= 2 * room_for(&held)) {
                let from_checkpoint = dir.checkpoint_path().is_file();
                held.append(Event::Queued(Queued { from_checkpoint }))?;
                notebook.ring();
            }
        }
        if waiting.is_empty() {
            notebook.keep_reserve();
        } else {
            self.index.refresh()?;
        }
        Ok(())
    }
}

/// Passes on what a person asked of a run in training.
pub(super) fn pass_on(dir: &RunDir, stop: &Stop) {
    match dir.request() {
        // The process is ending: what was asked is done when the run is next taken.
        _ if stop.requested() == Some(StopRequest::Interrupt) => {}
        Some(Request::Pause) => stop.request(StopRequest::Pause),
        Some(Request::Cancel | Request::Remove) => stop.request(StopRequest::Cancel),
        None => {}
    }
}

/// Whether a run waits for space on the disk: only that pauses a run with a reason.
fn is_full(state: RunState, message: Option<&str>) -> bool {
    state == RunState::Paused && message.is_some()
}

/// What must be free for a run: its checkpoint is written beside the old one, and its results are about as large.
fn room_for(held: &Held) -> u64 {
    let checkpoint = std::fs::metadata(held.dir().checkpoint_path()).map_or(0, |data| data.len());
    ROOM + 2 * checkpoint
}

/// Does what was asked of a run that nobody trains.
fn obey(notebook: &Notebook, mut held: Held, request: Request) -> Result<(), NotebookError> {
    let epoch = held.history().epoch();
    let stopped = Stopped { epoch, reason: None };
    match request {
        Request::Pause => drop(held.append(Event::Paused(stopped))?),
        Request::Cancel => drop(held.append(Event::Cancelled(stopped))?),
        Request::Remove => {
            held.answer_request();
            notebook.discard(&held)?;
        }
    }
    held.answer_request();
    notebook.ring();
    Ok(())
}

/// Answers the request that may have ended an attempt, while the run is still held.
pub(super) fn finish(notebook: &Notebook, held: Held, ended: Ended) -> Ended {
    let request = held.dir().request();
    if matches!(ended, Ended::Interrupted | Ended::DiskFull | Ended::Unwritable(_)) {
        return ended;
    }
    held.answer_request();
    if request == Some(Request::Remove)
        && let Err(error) = notebook.discard(&held)
    {
        tracing::warn!(run = held.dir().id(), %error, "can't be moved to the trash");
    }
    ended
}
