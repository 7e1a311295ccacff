//! Changing runs: pause, resume, cancel, retry, remove. Each works on a run in any state, says what it did, and leaves
//! the writing of events to whoever holds the run's lock: this process where nobody trains the run, else the one that does,
//! which is asked by a small file in the run's folder.
//!
//! Whoever asks writes the request and then tries the lock once more; whoever holds the lock frees it and then looks for
//! requests once more ([`Notebook::release`]). So each request is seen by one of the two.

use super::error::NotebookError;
use super::held::Held;
use super::history::Standing;
use super::run_dir::{Request, RunDir};
use super::{Notebook, RunState};
use crate::event::{Event, Queued, Stopped};
use std::time::{Duration, Instant};

/// What a change came to.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Done {
    /// The run.
    pub id: String,
    /// Whether anything changed.
    pub changed: bool,
    /// What was done, or why there was nothing to do.
    pub sentence: String,
}

impl std::fmt::Display for Done {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl Done {
    pub(super) fn changed(id: &str, what: impl std::fmt::Display) -> Self {
        Done { id: id.into(), changed: true, sentence: format!("{id}: {what}") }
    }

    pub(super) fn nothing(id: &str, why: impl std::fmt::Display) -> Self {
        Done { id: id.into(), changed: false, sentence: format!("{id}: {why}") }
    }
}

/// How long a change waits for a run that is not in training and still in another process's hands.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(20);

/// How often requests that came in while a run was held are looked for. Each look answers one.
const LOOKS: u32 = 16;

/// What is said of a run that somebody moved to the trash because that was asked of it.
const REMOVED: &str = "is in the trash, as was asked before";

impl Notebook {
    /// Sets a run aside; it keeps its place in the queue. A run in training keeps a checkpoint and frees the device.
    pub fn pause(&self, id: &str) -> Result<Done, NotebookError> {
        let asked = "will pause after the batch at hand, unless that finishes it";
        self.change(id, Some((Request::Pause, asked)), |held| {
            let id = held.dir().id().to_owned();
            let epoch = held.history().epoch();
            match held.standing() {
                None | Some(Standing::Queued | Standing::Training) => {}
                // Paused by itself (a full disk): a person's word makes it stay so.
                Some(Standing::Paused) if held.history().message.is_some() => {}
                Some(Standing::Paused) => return Ok(Done::nothing(&id, "is paused already")),
                Some(other) => {
                    let state = Standing::state(Some(other), false);
                    return Ok(Done::nothing(&id, format!("is {state}, there is nothing to pause")));
                }
            }
            held.append(Event::Paused(Stopped { epoch, reason: None }))?;
            Ok(Done::changed(&id, format!("paused at epoch {epoch}; it keeps its place in the queue")))
        })
    }

    /// Puts a paused, cancelled or failed run back into the queue, to go on from its checkpoint.
    pub fn resume(&self, id: &str) -> Result<Done, NotebookError> {
        let pending = self.run(id)?.request();
        let asked = match pending {
            None | Some(Request::Resume) => "goes on; it is being trained",
            Some(_) => "goes on; the request to stop it is taken back",
        };
        let done = self.change(id, Some((Request::Resume, asked)), |held| {
            let id = held.dir().id().to_owned();
            match held.standing() {
                None | Some(Standing::Queued) => return Ok(Done::nothing(&id, "is in the queue already")),
                Some(Standing::Training) => {
                    return Ok(Done::nothing(&id, "was interrupted; the next worker goes on with it"));
                }
                Some(Standing::Finished) => {
                    return Ok(Done::nothing(&id, "is finished; 'retry' trains its spec again"));
                }
                Some(Standing::Paused | Standing::Cancelled | Standing::Failed) => {}
            }
            let from_checkpoint = held.dir().has_checkpoint();
            held.append(Event::Queued(Queued { from_checkpoint, after: None }))?;
            let from = if from_checkpoint {
                "from its checkpoint"
            } else {
                "from the start: there is no checkpoint"
            };
            Ok(Done::changed(&id, format!("is back in the queue, to go on {from}")))
        })?;
        Ok(Done { changed: done.changed && !done.sentence.ends_with("being trained"), ..done })
    }

    /// Gives a run up. What it has reached stays, and it can be resumed.
    pub fn cancel(&self, id: &str) -> Result<Done, NotebookError> {
        let asked = "will be cancelled after the batch at hand, unless that finishes it";
        self.change(id, Some((Request::Cancel, asked)), |held| {
            let id = held.dir().id().to_owned();
            let epoch = held.history().epoch();
            match held.standing() {
                None | Some(Standing::Queued | Standing::Training | Standing::Paused) => {
                    held.append(Event::Cancelled(Stopped { epoch, reason: None }))?;
                    Ok(Done::changed(&id, format!("cancelled at epoch {epoch}")))
                }
                Some(other) => {
                    let state = Standing::state(Some(other), false);
                    Ok(Done::nothing(&id, format!("is {state}, there is nothing to cancel")))
                }
            }
        })
    }

    /// Trains a run's spec again from the start: in place where it has no result, as a new run where it has one.
    pub fn retry(&self, id: &str) -> Result<Done, NotebookError> {
        let dir = self.run(id)?;
        let spec = dir.spec()?;
        let finished =
            |done: &str| Done::changed(dir.id(), format!("is kept; its spec is in the queue as {done}"));
        if dir.state()? == RunState::Finished {
            return Ok(finished(&self.enqueue(&spec)?));
        }
        self.change(id, None, |held| match held.standing() {
            None => Ok(Done::nothing(dir.id(), "is in the queue already")),
            Some(Standing::Finished) => Ok(finished(&self.enqueue(&spec)?)),
            Some(_) => {
                held.append(Event::Queued(Queued { from_checkpoint: false, after: None }))?;
                held.drop_checkpoint()?;
                Ok(Done::changed(dir.id(), "is in the queue again, to start from nothing"))
            }
        })
    }

    /// Moves a run to the trash, from where [`Notebook::restore`] takes it back.
    pub fn remove(&self, id: &str) -> Result<Done, NotebookError> {
        let asked = "will be stopped and moved to the trash after the batch at hand";
        self.change(id, Some((Request::Remove, asked)), |held| self.discard(held))
    }

    /// Does a change under the run's lock, or asks the process that holds it.
    fn change(
        &self,
        id: &str,
        ask: Option<(Request, &str)>,
        change: impl FnOnce(&mut Held) -> Result<Done, NotebookError>,
    ) -> Result<Done, NotebookError> {
        let dir = self.run(id)?;
        let held = match ask {
            None => self.hold_unless_trained(&dir)?,
            Some(_) => self.hold_at_rest(&dir)?,
        };
        if let Some(held) = held {
            return self.apply(held, change);
        }
        let Some((request, sentence)) = ask else {
            return Ok(Done::nothing(dir.id(), "is being trained; cancel it first"));
        };
        loop {
            // The holder may have left before it could see the request, or have done it already, or have ended the run.
            let asked = self.ask(&dir, request).and_then(|stays| Ok((stays, self.hold_at_rest(&dir)?)));
            if request == Request::Remove && !self.is_there(dir.path())? {
                return Ok(Done::changed(dir.id(), REMOVED));
            }
            let (stays, held) = asked?;
            if let Some(held) = held {
                return self.apply(held, change);
            }
            // Another command may have held it for a moment, and done away with the request as older than its own.
            match (dir.request(), stays) {
                (None, _) => {}
                (Some(_), None) => return Ok(Done::changed(dir.id(), sentence)),
                (Some(_), Some(before)) => return Ok(Done::nothing(dir.id(), outweighed_by(before))),
            }
        }
    }

    /// Asks whoever holds a run; gives what was asked of it before and stays asked instead, as it says more. One asks at a time.
    fn ask(&self, dir: &RunDir, request: Request) -> Result<Option<Request>, NotebookError> {
        let _lock = self.order().lock()?;
        let stays = dir.request().filter(|before| before.outweighs(request));
        if stays.is_none() {
            dir.set_request(request)?;
        }
        Ok(stays)
    }

    /// Takes note that what was asked of a held run is done, or can't be done any more. What was asked since then stays asked.
    fn answer(&self, held: &Held, request: Request) {
        // Nobody asks meanwhile. Where that can't be had, such a moment is unlikely.
        let _lock = self.order().lock();
        held.answer_request(request);
    }

    /// Does a change to a held run, after what was asked of it before: whoever asked was told that it will be done.
    fn apply(
        &self,
        mut held: Held,
        change: impl FnOnce(&mut Held) -> Result<Done, NotebookError>,
    ) -> Result<Done, NotebookError> {
        let done = match self.obey(&mut held) {
            Ok(true) => change(&mut held),
            Ok(false) => Ok(Done::changed(held.dir().id(), REMOVED)),
            Err(error) => Err(error),
        };
        self.release(held);
        self.ring();
        done
    }

    /// Takes a run, and waits for whoever has one that is at rest: that one will be done in a moment, and may not look for a
    /// request. `None` where another may train it.
    fn hold_at_rest(&self, dir: &RunDir) -> Result<Option<Held>, NotebookError> {
        match self.hold(dir)? {
            None if is_at_rest(dir)? => self.hold_unless_trained(dir),
            held => Ok(held),
        }
    }

    /// Waits for whoever has the run for a moment; `None` where it is being trained.
    fn hold_unless_trained(&self, dir: &RunDir) -> Result<Option<Held>, NotebookError> {
        let began = Instant::now();
        loop {
            if let Some(held) = self.hold(dir)? {
                return Ok(Some(held));
            }
            if dir.history()?.standing == Some(Standing::Training) {
                return Ok(None);
            }
            if began.elapsed() >= PATIENCE {
                return Err(NotebookError::Busy { id: dir.id().into() });
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Takes a run's lock, to train or change it; `None` where another process has it. What a newer program made is left
    /// alone.
    pub fn hold(&self, dir: &RunDir) -> Result<Option<Held>, NotebookError> {
        self.writable()?;
        if let Err(newer @ NotebookError::NewerRun { .. }) = dir.spec() {
            return Err(newer);
        }
        Held::take(dir, self.clock, &self.sightings)
    }

    /// Frees a run, and does what was asked of it while it was held: whoever asked relies on that.
    pub fn release(&self, held: Held) {
        let dir = held.dir().clone();
        drop(held);
        for _ in 0..LOOKS {
            if dir.request().is_none() {
                return;
            }
            // Where another has taken it, that one looks.
            let Ok(Some(mut held)) = self.hold(&dir) else { return };
            if let Err(error) = self.obey(&mut held) {
                tracing::warn!(run = dir.id(), %error, "what was asked can't be done");
                return;
            }
        }
    }

    /// Does what was asked of a held run that is not in training (any more). Gives whether the run is still there.
    pub fn obey(&self, held: &mut Held) -> Result<bool, NotebookError> {
        let Some(request) = held.dir().request() else { return Ok(true) };
        if request == Request::Remove {
            return self.obey_removal(held);
        }
        let stopped = Stopped { epoch: held.history().epoch(), reason: None };
        let waits_for_space = held.standing() == Some(Standing::Paused) && held.history().message.is_some();
        match (request, held.standing()) {
            (Request::Pause, None | Some(Standing::Queued | Standing::Training)) => {
                held.append(Event::Paused(stopped))?;
            }
            (Request::Pause, _) if waits_for_space => drop(held.append(Event::Paused(stopped))?),
            (Request::Cancel, None | Some(Standing::Queued | Standing::Training | Standing::Paused)) => {
                held.append(Event::Cancelled(stopped))?;
            }
            (Request::Resume, Some(Standing::Paused | Standing::Cancelled | Standing::Failed)) => {
                let from_checkpoint = held.dir().has_checkpoint();
                held.append(Event::Queued(Queued { from_checkpoint, after: None }))?;
            }
            (Request::Pause | Request::Cancel | Request::Resume | Request::Remove, _) => {}
        }
        self.answer(held, request);
        self.ring();
        Ok(true)
    }

    /// Moves a held run to the trash, as was asked, unless that is taken back this moment: what is in the trash goes on no
    /// more, whatever was said.
    fn obey_removal(&self, held: &mut Held) -> Result<bool, NotebookError> {
        // Nobody asks meanwhile, as in `answer`.
        let lock = self.order().lock();
        if held.dir().request() != Some(Request::Remove) {
            drop(lock);
            return self.obey(held);
        }
        let name = self.move_to_trash(held)?;
        // After it is moved: a process that dies in between has not forgotten what it was asked.
        self.in_trash(&name).clear_request(Request::Remove);
        Ok(false)
    }
}

/// What is said of a run of which more was asked before.
fn outweighed_by(before: Request) -> String {
    let what = if before == Request::Remove { "stopped and moved to the trash" } else { "cancelled" };
    format!("will be {what} after the batch at hand, as was asked before; 'resume' takes that back")
}

/// Whether a run's last event says that nobody trains it or is about to.
fn is_at_rest(dir: &RunDir) -> Result<bool, NotebookError> {
    let standing = dir.history()?.standing;
    Ok(!matches!(standing, None | Some(Standing::Queued | Standing::Training)))
}
