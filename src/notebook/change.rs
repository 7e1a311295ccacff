//! Changing runs: pause, resume, cancel, retry, remove. Each works on a run in any state, says what it did, and leaves
//! the writing of events to whoever holds the run's lock: this process where nobody trains the run, else the one that does,
//! which is asked by a small file in the run's folder.

use super::error::NotebookError;
use super::held::Held;
use super::history::Standing;
use super::run_dir::{Request, RunDir};
use super::{Notebook, RunState};
use crate::event::{Event, Queued, Stopped};

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

impl Notebook {
    /// Sets a run aside; it keeps its place in the queue. A run in training keeps a checkpoint and frees the device.
    pub fn pause(&self, id: &str) -> Result<Done, NotebookError> {
        let asked = "will pause after the batch at hand";
        self.change(id, Some((Request::Pause, asked)), |mut held| {
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
        let dir = self.run(id)?;
        let Some(mut held) = self.hold(&dir)? else {
            let pending = dir.request().is_some();
            dir.clear_request();
            return Ok(if pending {
                Done::changed(dir.id(), "goes on; the request to stop it is taken back")
            } else {
                Done::nothing(dir.id(), "is being trained")
            });
        };
        dir.clear_request();
        match held.standing() {
            None | Some(Standing::Queued) => return Ok(Done::nothing(dir.id(), "is in the queue already")),
            Some(Standing::Training) => {
                return Ok(Done::nothing(dir.id(), "was interrupted; the next worker goes on with it"));
            }
            Some(Standing::Finished) => {
                return Ok(Done::nothing(dir.id(), "is finished; 'retry' trains its spec again"));
            }
            Some(Standing::Paused | Standing::Cancelled | Standing::Failed) => {}
        }
        let from_checkpoint = dir.checkpoint_path().is_file();
        held.append(Event::Queued(Queued { from_checkpoint }))?;
        self.ring();
        let from =
            if from_checkpoint { "from its checkpoint" } else { "from the start: there is no checkpoint" };
        Ok(Done::changed(dir.id(), format!("is back in the queue, to go on {from}")))
    }

    /// Gives a run up. What it has reached stays, and it can be resumed.
    pub fn cancel(&self, id: &str) -> Result<Done, NotebookError> {
        let asked = "will be cancelled after the batch at hand";
        self.change(id, Some((Request::Cancel, asked)), |mut held| {
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
        self.change(id, None, |mut held| match held.standing() {
            None => Ok(Done::nothing(dir.id(), "is in the queue already")),
            Some(Standing::Finished) => Ok(finished(&self.enqueue(&spec)?)),
            Some(_) => {
                held.append(Event::Queued(Queued { from_checkpoint: false }))?;
                held.drop_checkpoint()?;
                Ok(Done::changed(dir.id(), "is in the queue again, to start from nothing"))
            }
        })
    }

    /// Moves a run to the trash, from where [`Notebook::restore`] takes it back.
    pub fn remove(&self, id: &str) -> Result<Done, NotebookError> {
        let asked = "will be stopped and moved to the trash after the batch at hand";
        self.change(id, Some((Request::Remove, asked)), |held| self.discard(&held))
    }

    /// Does a change under the run's lock, or asks the process that holds it.
    fn change(
        &self,
        id: &str,
        ask: Option<(Request, &str)>,
        change: impl FnOnce(Held) -> Result<Done, NotebookError>,
    ) -> Result<Done, NotebookError> {
        let dir = self.run(id)?;
        if let Some(held) = self.hold(&dir)? {
            dir.clear_request();
            return self.rung(change(held));
        }
        let Some((request, sentence)) = ask else {
            return Ok(Done::nothing(dir.id(), "is being trained; cancel it first"));
        };
        dir.set_request(request)?;
        // The holder may have left before it could see the request.
        match self.hold(&dir)? {
            Some(held) => {
                dir.clear_request();
                self.rung(change(held))
            }
            None => Ok(Done::changed(dir.id(), sentence)),
        }
    }

    fn rung(&self, done: Result<Done, NotebookError>) -> Result<Done, NotebookError> {
        self.ring();
        done
    }

    /// Takes a run's lock, to train or change it; `None` where another process has it.
    pub fn hold(&self, dir: &RunDir) -> Result<Option<Held>, NotebookError> {
        self.writable()?;
        Held::take(dir, self.clock)
    }
}
