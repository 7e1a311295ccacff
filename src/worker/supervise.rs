//! The worker's loop: fills its slots from the queue, passes requests and signals on, waits for space on a full disk, and
//! ends when there is nothing to do. No failed look at the notebook ends it or keeps it from hearing requests and signals:
//! it is said, and tried again, less and less often.

use super::attempt::{Attempt, Ended, GROUP, Machine, set_aside};
use super::elsewhere::Hearing;
use super::grouping::common;
use super::respite::Respites;
use super::signals::Calls;
use crate::event::{Event, Queued, Record};
use crate::notebook::{
    Broken, Held, Index, Lease, Notebook, NotebookError, Request, RunDir, RunState, RunSummary, Standing,
};
use crate::train::{Stop, StopRequest};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How often requests are looked for.
pub(super) const TICK: Duration = Duration::from_millis(100);
/// How often the queue is looked at while a slot is free.
const LOOK: Duration = Duration::from_millis(500);
/// The largest share of one core that looking may take, as a divisor: in a huge notebook on a slow disk, less often.
const SHARE: u32 = 50;
/// How often a run may refuse to be started, or the notebook to be looked at, before a worker that is to end when its work is done gives it up: some 16 seconds.
const MOST_TRIES: u32 = 6;
/// Bytes that must be free before a run is started or goes on, beside what its files need.
const ROOM: u64 = 1 << 20;

/// How a worker works.
#[derive(Clone, Debug)]
pub struct Options {
    /// Runs at once; on a card a group of runs that are computed together counts as one.
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Runs brought to their end.
    pub finished: usize,
    /// Runs that failed, after all retries.
    pub failed: usize,
    /// Whether it was told to end, and left work.
    pub interrupted: bool,
    /// Whether its device failed for good and left work, with which a process in its place can go on.
    pub device_died: bool,
    /// Whether it ended with runs waiting for space on the disk.
    pub disk_full: bool,
    /// What else it left undone, a sentence each: runs that it could not start or read, a notebook that it could not look at.
    pub left: Vec<String>,
    /// Runs that other machines have and may have died with, a sentence each.
    pub unheard: Vec<String>,
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

/// Trains what is queued until there is nothing left to do or a call asks to end.
pub fn work(
    machine: Machine,
    options: Options,
    watch: Watch,
    calls: impl FnOnce() -> std::io::Result<Calls>,
) -> Result<Report, WorkerError> {
    // One thread supervises: what it does are short looks at files. Training has threads of its own.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(options.slots * GROUP + 4)
        .build()?;
    let index = machine.notebook.index()?.complete();
    let worker = Worker {
        machine: Arc::new(machine),
        options,
        watch,
        index,
        running: HashMap::new(),
        tasks: JoinSet::new(),
        failures: HashMap::new(),
        shunned: Respites::default(),
        starved: Respites::default(),
        blind: None,
        elsewhere: Hearing::default(),
        ending: false,
        asked: false,
        report: Report::default(),
    };
    runtime.block_on(async { Ok(worker.supervise(calls()?).await) })
}

struct Worker {
    machine: Arc<Machine>,
    options: Options,
    watch: Watch,
    index: Index,
    /// What each run in training reads between batches.
    running: HashMap<String, Training>,
    tasks: JoinSet<(String, Ended)>,
    /// How often each run failed here.
    failures: HashMap<String, u32>,
    /// Runs that could not be started, read or written.
    shunned: Respites,
    /// Runs that the disk had no space for.
    starved: Respites,
    /// How often in a row the notebook could not be looked at, and why.
    blind: Option<(u32, String)>,
    /// What is heard of the runs that other machines have.
    elsewhere: Hearing,
    /// Whether it takes up no more runs.
    ending: bool,
    /// Whether someone asked it to end.
    asked: bool,
    report: Report,
}

impl Worker {
    async fn supervise(mut self, mut calls: Calls) -> Report {
        let mut tick = tokio::time::interval(TICK);
        let mut idle_since = Instant::now();
        let mut next_look = Instant::now();
        loop {
            let free = !self.ending && (self.taken() < self.options.slots || self.has_room_in_a_group());
            if free && Instant::now() >= next_look {
                let began = Instant::now();
                self.look();
                next_look = Instant::now() + LOOK.max(began.elapsed() * SHARE);
                if self.running.is_empty() && self.is_done(idle_since.elapsed()) {
                    return self.report;
                }
            }
            if !self.running.is_empty() {
                idle_since = Instant::now();
            } else if self.ending {
                let leaves_work = self.leaves_work();
                self.report.device_died = leaves_work && !self.asked && self.machine.devices.is_dead();
                self.report.interrupted = leaves_work && !self.report.device_died;
                return self.report;
            }
            tokio::select! {
                Some(done) = self.tasks.join_next() => {
                    // A task can't fail: what panics inside an attempt ends as a failed run.
                    if let Ok((id, ended)) = done {
                        self.ended(&id, ended);
                    }
                    next_look = Instant::now();
                }
                _ = tick.tick() => self.pass_requests_on(),
                () = calls.asked_to_end() => {
                    self.asked = true;
                    self.leave();
                }
            }
        }
    }

    /// Looks at the notebook and starts what there is to do.
    fn look(&mut self) {
        if self.refresh() {
            self.go_on_where_there_is_space();
            self.fill_slots();
        }
    }

    /// Brings the index up to date, where the notebook lets itself be looked at.
    fn refresh(&mut self) -> bool {
        match self.index.refresh() {
            Ok(_) => {
                self.blind = None;
                true
            }
            Err(error) => {
                let tries = self.blind.as_ref().map_or(0, |(tries, _)| *tries);
                if tries == 0 {
                    tracing::warn!(%error, "the notebook can't be looked at; trying again");
                }
                self.blind = Some((tries + 1, error.to_string()));
                false
            }
        }
    }

    /// Whether an idle worker may end. Says in the report what it leaves undone.
    fn is_done(&mut self, idle: Duration) -> bool {
        let report = &mut self.report;
        report.disk_full = starved(&self.index).next().is_some();
        report.left.clear();
        let problems = self.index.problems().iter().filter(|problem| problem.refused);
        report.left.extend(problems.map(|problem| problem.sentence.clone()));
        let mut waits = false;
        for run in self.index.queue() {
            match self.shunned.get(&run.id) {
                Some(respite) if respite.tries >= MOST_TRIES && respite.why.is_some() => {
                    report.left.extend(respite.why.clone());
                }
                _ => waits = true,
            }
        }
        let blind = self.blind.as_ref().map(|(tries, why)| {
            report.left.push(why.clone());
            *tries
        });
        match self.options.once {
            // Nothing can be taken up while nothing is seen: what waited when it was seen last is no reason to stay.
            true => match blind {
                Some(tries) => tries >= MOST_TRIES * 2,
                None => !waits && !self.may_be_read_yet() && !self.awaits_news(),
            },
            false => !waits && !report.disk_full && idle >= self.options.patience,
        }
    }

    /// Whether a run that could not be read has been tried a few times only.
    fn may_be_read_yet(&self) -> bool {
        self.index.problems().iter().any(|problem| problem.refused && problem.tries < MOST_TRIES)
    }

    /// Whether another machine that has a run will be heard of soon, if it lives. Says in the report which should have been.
    fn awaits_news(&mut self) -> bool {
        let trained = self.index.runs().iter().filter(|run| run.state == RunState::Running);
        let notebook = &self.machine.notebook;
        let news = self.elsewhere.listen(trained.filter_map(|run| notebook.run(&run.id).ok()));
        self.report.unheard = news.unheard;
        news.awaited
    }

    /// Whether there is anything that the next worker can do.
    fn leaves_work(&mut self) -> bool {
        !self.refresh()
            || !self.index.queue().is_empty()
            || starved(&self.index).next().is_some()
            || self.index.problems().iter().any(|one| one.refused)
    }

    /// Asks every training to keep a checkpoint and end.
    fn leave(&mut self) {
        self.ending = true;
        tracing::info!(running = self.running.len(), "ending: keeping checkpoints");
        for training in self.running.values() {
            training.stop.request(StopRequest::Interrupt);
        }
    }

    fn pass_requests_on(&self) {
        self.running.values().for_each(Training::look_after);
    }

    fn fill_slots(&mut self) {
        // A run that killed its process again and again (for want of memory, mostly) must not keep the others waiting.
        let (good, deadly): (Vec<_>, Vec<_>) =
            self.index.queue().into_iter().partition(|run| run.message.is_none());
        let queue: Vec<String> = good.into_iter().chain(deadly).map(|run| run.id.clone()).collect();
        let waiting: HashSet<&str> = queue.iter().map(String::as_str).collect();
        self.shunned.keep(|id| waiting.contains(id));
        for id in &queue {
            let full = self.taken() >= self.options.slots;
            if full && !self.has_room_in_a_group() {
                break;
            }
            if self.running.contains_key(id) || self.shunned.holds(id) {
                continue;
            }
            let group = self.group_of(id);
            // Further back there may be one that goes with those that are trained.
            if !full || self.has_room(group.as_deref()) {
                self.start(id, group);
            }
        }
    }

    fn has_room_in_a_group(&self) -> bool {
        let mut groups = self.running.values().filter_map(|training| training.group.as_deref());
        groups.any(|group| self.has_room(Some(group)))
    }

    /// What a run has in common with those that it may be computed with on a card.
    fn group_of(&self, id: &str) -> Option<String> {
        if !self.machine.devices.may_group() {
            return None;
        }
        common(&self.index.get(id)?.spec)
    }

    /// Whether a group is in training that may take one more.
    fn has_room(&self, group: Option<&str>) -> bool {
        !self.beside(group).is_multiple_of(GROUP)
    }

    /// How many runs of a group are in training.
    fn beside(&self, group: Option<&str>) -> usize {
        self.running.values().filter(|training| group.is_some() && training.group.as_deref() == group).count()
    }

    /// How many slots are taken: runs of a group take one, up to as many as a card computes together.
    fn taken(&self) -> usize {
        let alone = self.running.values().filter(|training| training.group.is_none()).count();
        let groups: HashSet<&str> =
            self.running.values().filter_map(|training| training.group.as_deref()).collect();
        alone + groups.into_iter().map(|group| self.beside(Some(group)).div_ceil(GROUP)).sum::<usize>()
    }

    /// Starts a run if it may be started. Any trouble with one run leaves the others alone.
    fn start(&mut self, id: &str, group: Option<String>) {
        match self.take(id) {
            Ok(Some(held)) => self.spawn(id.to_owned(), held, group),
            Ok(None) => self.shunned.grant(id, None),
            Err(error) => {
                tracing::warn!(run = id, %error, "can't be started");
                self.shunned.grant(id, Some(format!("{id} can't be started: {error}")));
            }
        }
    }

    /// Takes a run's lock and looks once more whether it is to be trained: someone may have been faster.
    fn take(&self, id: &str) -> Result<Option<Held>, NotebookError> {
        let notebook = &self.machine.notebook;
        let dir = notebook.run(id)?;
        let Some(mut held) = notebook.hold(&dir)? else { return Ok(None) };
        let may_be_trained =
            |held: &Held| matches!(held.standing(), None | Some(Standing::Queued | Standing::Training));
        // What was asked of a process that died before it could comes first.
        if !may_be_trained(&held) || !notebook.obey(&mut held)? || !may_be_trained(&held) {
            notebook.release(held);
            return Ok(None);
        }
        if notebook.free_space().is_ok_and(|free| free < room_for(&held)) {
            set_aside(&mut held)?;
            notebook.ring();
            notebook.release(held);
            return Ok(None);
        }
        Ok(Some(held))
    }

    fn spawn(&mut self, id: String, mut held: Held, group: Option<String>) {
        let stop = Stop::new();
        self.running.insert(id.clone(), Training { group, ..Training::of(&held, &stop) });
        let (machine, watch) = (self.machine.clone(), self.watch.clone());
        self.tasks.spawn_blocking(move || {
            let mut seen = |record: &Record| watch(&id, record);
            let ended = Attempt { machine: &machine, held: &mut held, stop: &stop, watch: &mut seen }.run();
            finish(&machine.notebook, held);
            (id, ended)
        });
    }

    fn ended(&mut self, id: &str, ended: Ended) {
        self.running.remove(id);
        if self.machine.devices.is_dead() && !self.ending {
            self.leave();
        }
        match ended {
            Ended::Finished => {
                self.report.finished += 1;
                self.starved.forget(id);
            }
            Ended::Failed(error) => {
                tracing::warn!(run = id, error, "failed");
                let failures = self.failures.entry(id.into()).or_default();
                *failures += 1;
                if *failures > self.options.retries || self.ending {
                    self.report.failed += 1;
                } else if let Err(error) = self.try_again(id) {
                    tracing::warn!(run = id, %error, "can't be put back into the queue");
                    self.report.failed += 1;
                }
            }
            Ended::DeviceDied(error) => {
                tracing::warn!(run = id, error, "the device failed for good; this process ends");
            }
            Ended::DiskFull => {
                tracing::warn!(run = id, "the disk is full; waiting for space");
                self.starved.grant(id, None);
            }
            Ended::Unwritable(error) => {
                tracing::warn!(run = id, error, "can't be read or written; trying again");
                self.shunned.grant(id, Some(format!("{id} can't be trained: {error}")));
            }
            Ended::Paused | Ended::Cancelled | Ended::Interrupted => {}
        }
        self.refresh();
    }

    fn try_again(&self, id: &str) -> Result<(), NotebookError> {
        let notebook = &self.machine.notebook;
        let dir = notebook.run(id)?;
        if let Some(mut held) = notebook.hold(&dir)? {
            let from_checkpoint = dir.has_checkpoint();
            held.append(Event::Queued(Queued { from_checkpoint, after: None }))?;
            notebook.release(held);
            notebook.ring();
        }
        Ok(())
    }

    /// Puts runs that wait for space back into the queue, once there is some.
    fn go_on_where_there_is_space(&mut self) {
        let waiting: Vec<String> = starved(&self.index).map(|run| run.id.clone()).collect();
        if waiting.is_empty() {
            self.machine.notebook.keep_reserve();
            return;
        }
        let mut changed = false;
        for id in waiting.iter().filter(|id| !self.starved.holds(id)).cloned().collect::<Vec<_>>() {
            // Doubled each time, until an epoch is done again: a quota shows only when something is written.
            self.starved.grant(&id, None);
            match self.feed(&id) {
                Ok(fed) => changed |= fed,
                Err(error) => tracing::warn!(run = id, %error, "still waits for space"),
            }
        }
        if changed {
            self.refresh();
        }
    }

    /// Puts a run that waits for space back into the queue if what it needs can be written.
    fn feed(&self, id: &str) -> Result<bool, NotebookError> {
        let notebook = &self.machine.notebook;
        let dir = notebook.run(id)?;
        let Some(mut held) = notebook.hold(&dir)? else { return Ok(false) };
        let still = held.standing() == Some(Standing::Paused) && held.history().message.is_some();
        let room = room_for(&held);
        let fits = still && notebook.free_space().is_ok_and(|free| free >= 2 * room);
        if fits {
            held.try_writing(room)?;
            let from_checkpoint = dir.has_checkpoint();
            held.append(Event::Queued(Queued { from_checkpoint, after: None }))?;
            notebook.ring();
        }
        notebook.release(held);
        Ok(fits)
    }
}

/// What a run in training needs from outside.
pub(super) struct Training {
    dir: RunDir,
    stop: Stop,
    lease: Arc<Lease>,
    /// What it has in common with those that it may be computed with.
    group: Option<String>,
}

impl Training {
    pub(super) fn of(held: &Held, stop: &Stop) -> Self {
        Training { dir: held.dir().clone(), stop: stop.clone(), lease: held.lease(), group: None }
    }

    /// Renews its lease and passes on what a person asked of it.
    pub(super) fn look_after(&self) {
        let stop = &self.stop;
        if self.lease.renew().is_err_and(|broken| matches!(broken, Broken::Lost)) {
            // Nothing that it does can be kept any more.
            stop.request(StopRequest::Interrupt);
        }
        match self.dir.request() {
            // The process is ending: what was asked is done when the run is freed.
            _ if stop.requested() == Some(StopRequest::Interrupt) => {}
            Some(Request::Pause) => stop.request(StopRequest::Pause),
            Some(Request::Cancel | Request::Remove) => stop.request(StopRequest::Cancel),
            Some(Request::Resume) => stop.withdraw(),
            None => {}
        }
    }
}

/// The runs that wait for space on the disk: only that pauses a run with a reason.
fn starved(index: &Index) -> impl Iterator<Item = &RunSummary> {
    index.runs().iter().filter(|run| run.state == RunState::Paused && run.message.is_some())
}

/// What must be free for a run: its checkpoint is written beside the old one, and its results are about as large.
fn room_for(held: &Held) -> u64 {
    ROOM + 2 * held.dir().checkpoint_length()
}

/// Answers the request that may have ended an attempt, frees the run, and answers what was asked meanwhile.
pub(super) fn finish(notebook: &Notebook, mut held: Held) {
    if let Err(error) = notebook.obey(&mut held) {
        tracing::warn!(run = held.dir().id(), %error, "what was asked can't be done");
    }
    notebook.release(held);
}
