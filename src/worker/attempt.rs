//! One attempt at one run: from a held run to its closing event, whatever goes wrong on the way.

use super::data::DataCache;
use super::recorder::Recorder;
use super::slurm::this_job;
use crate::dataset::{Prepared, prepare};
use crate::event::{Event, Failed, Record, Stopped};
use crate::notebook::{Held, Notebook, NotebookError};
use crate::spec::Spec;
use crate::train::{self, Checkpoint, Job, Outcome, Provenance, Stop, SystemClock};
use candle_core::Device;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What the pause of a run on a full disk says. Such a run goes on by itself.
pub const DISK_FULL: &str = "no space left on the disk; it goes on by itself when there is";

/// What trains: shared by all attempts of a process.
#[derive(Debug)]
pub struct Machine {
    /// Where the networks are computed.
    pub device: Device,
    /// Threads for one run.
    pub threads: usize,
    /// The recordings.
    pub data: DataCache,
    /// The notebook, to be rung when a run's state changes.
    pub notebook: Notebook,
}

impl Machine {
    /// The training of a run on it.
    pub fn job<'a>(
        &'a self,
        id: &'a str,
        spec: &'a Spec,
        data: &'a Prepared,
        clock: &'a SystemClock,
    ) -> Job<'a> {
        Job {
            id,
            spec,
            data,
            device: &self.device,
            threads: self.threads,
            provenance: Provenance::of_this_process(&self.device, this_job()),
            clock,
        }
    }
}

/// How an attempt ended.
#[derive(Debug)]
pub enum Ended {
    /// All epochs are done.
    Finished,
    /// Set aside on request.
    Paused,
    /// Given up on request.
    Cancelled,
    /// The process is ending; the next worker goes on.
    Interrupted,
    /// Ended by an error, which is in the run's events.
    Failed(String),
    /// The disk is full: the run is set aside until there is space.
    DiskFull,
    /// The notebook can't be read or written for another reason: nothing could be said in the run's events.
    Unwritable(String),
}

/// One attempt at a held run.
pub struct Attempt<'a> {
    /// What trains.
    pub machine: &'a Machine,
    /// The run.
    pub held: &'a mut Held,
    /// Read between batches.
    pub stop: &'a Stop,
    /// Sees each event once it is written.
    pub watch: &'a mut (dyn FnMut(&Record) + Send),
}

impl Attempt<'_> {
    /// Trains the run from its checkpoint, or from the start, and closes it.
    pub fn run(self) -> Ended {
        let Attempt { machine, held, stop, watch } = self;
        let mut recorder = Recorder::new(held, watch, &machine.notebook);
        let attempt = AssertUnwindSafe(|| train_held(machine, &mut recorder, stop));
        let outcome = catch_unwind(attempt)
            .unwrap_or_else(|panic| Err(Trouble::Lasting(panic_sentence(panic.as_ref()))));
        let (disk_full, unwritable) = (recorder.disk_full, recorder.unwritable);
        match outcome {
            Ok(Outcome::Finished(_)) => {
                // What it would go on from is of no use any more; if it can't be removed it does no harm.
                let _ = held.drop_checkpoint();
                Ended::Finished
            }
            Ok(Outcome::Paused) => Ended::Paused,
            Ok(Outcome::Cancelled) => Ended::Cancelled,
            Ok(Outcome::Interrupted) => Ended::Interrupted,
            Ok(Outcome::Failed(failed)) => Ended::Failed(failed.error),
            Err(_) if disk_full => close_full(machine, held, watch),
            Err(Trouble::Lasting(sentence)) if !unwritable => {
                close_failed(machine, held, watch, name_memory(sentence))
            }
            Err(Trouble::Passing(sentence) | Trouble::Lasting(sentence)) => Ended::Unwritable(sentence),
        }
    }
}

/// Why a run could not be trained, as a sentence.
enum Trouble {
    /// The system refused to read what the notebook keeps. It may not the next time: the run has not failed.
    Passing(String),
    /// It would be so again.
    Lasting(String),
}

impl From<NotebookError> for Trouble {
    fn from(error: NotebookError) -> Self {
        match error.is_refusal() {
            true => Trouble::Passing(error.to_string()),
            false => Trouble::Lasting(error.to_string()),
        }
    }
}

fn train_held(machine: &Machine, recorder: &mut Recorder<'_>, stop: &Stop) -> Result<Outcome, Trouble> {
    let lasting = |error: &dyn std::error::Error| Trouble::Lasting(error.to_string());
    let dir = recorder.run().clone();
    let spec = dir.spec()?;
    let data = machine.data.get(&spec.data).map_err(|error| lasting(&error))?;
    let prepared = prepare(&data, &spec).map_err(|error| lasting(&error))?;
    let resume = recorder.checkpoint_bytes()?;
    let recorded = recorder.epochs();
    let resume = resume.and_then(|bytes| {
        usable(&bytes, &spec, recorded)
            .inspect_err(|trouble| {
                tracing::warn!(run = dir.id(), trouble, "the checkpoint can't be used");
                recorder.remark =
                    Some(format!("its checkpoint can't be used, {trouble}: it is trained from nothing"));
            })
            .ok()
    });
    let clock = SystemClock::default();
    let job = machine.job(dir.id(), &spec, &prepared, &clock);
    train::train(&job, resume, stop, recorder).map_err(|error| lasting(&error))
}

/// The checkpoint, where it can be gone on from, or why not: that costs the time to train again, and not the run.
fn usable(bytes: &[u8], spec: &Spec, recorded: u32) -> Result<Checkpoint, String> {
    match Checkpoint::from_bytes(bytes) {
        Ok(checkpoint) if checkpoint.spec_hash != spec.hash() => Err("it belongs to another spec".into()),
        // The epochs before a checkpoint reach the disk before it does: someone has cut the events.
        Ok(checkpoint) if checkpoint.epoch > recorded => Err("the events end before it".into()),
        Ok(checkpoint) => Ok(checkpoint),
        Err(error) => Err(error.to_string()),
    }
}

fn close_failed(
    machine: &Machine,
    held: &mut Held,
    watch: &mut (dyn FnMut(&Record) + Send),
    error: String,
) -> Ended {
    let epoch = held.history().epoch();
    match held.append(Event::Failed(Failed { epoch, error: error.clone() })) {
        Ok(record) => {
            machine.notebook.ring();
            watch(&record);
            Ended::Failed(error)
        }
        Err(unwritable) if unwritable.is_full_disk() => close_full(machine, held, watch),
        Err(unwritable) => Ended::Unwritable(unwritable.to_string()),
    }
}

/// Sets a run aside on a full disk. The few bytes that this takes are kept in reserve for it.
fn close_full(machine: &Machine, held: &mut Held, watch: &mut (dyn FnMut(&Record) + Send)) -> Ended {
    machine.notebook.release_reserve();
    match set_aside(held) {
        Ok(record) => {
            machine.notebook.ring();
            watch(&record);
        }
        Err(error) => tracing::warn!(run = held.dir().id(), %error, "the pause could not be written"),
    }
    Ended::DiskFull
}

/// Pauses a held run on a full disk.
pub fn set_aside(held: &mut Held) -> Result<Record, NotebookError> {
    let epoch = held.history().epoch();
    held.append(Event::Paused(Stopped { epoch, reason: Some(DISK_FULL.into()) }))
}

/// Says "out of memory" where a driver says it in its own words.
fn name_memory(sentence: String) -> String {
    let lower = sentence.to_lowercase();
    let memory = ["out of memory", "out_of_memory", "outofmemory", "memory allocation"];
    if memory.iter().any(|words| lower.contains(words)) {
        return format!("out of memory: take a smaller --batch, fewer --slots or --device cpu ({sentence})");
    }
    sentence
}

fn panic_sentence(panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    format!("a defect of the program ended it ({}); please report it", said.unwrap_or("no message"))
}
