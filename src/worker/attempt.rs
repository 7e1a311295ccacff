//! One attempt at one run: from a held run to its closing event, whatever goes wrong on the way.

use super::data::DataCache;
use super::fastest::Fastest;
use super::grouping::common;
use super::recorder::Recorder;
use super::slurm::this_job;
use crate::dataset::{DataError, Prepared, prepare};
use crate::event::{Event, Failed, Queued, Record, Stopped};
use crate::model::Network;
use crate::nn::device::{Backend, DeviceError, Devices, Fault, Place, Turn};
use crate::notebook::{Held, Notebook, NotebookError};
use crate::spec::Spec;
use crate::train::{self, Checkpoint, Job, Outcome, Provenance, Stop, SystemClock};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What the pause of a run on a full disk says. Such a run goes on by itself.
pub const DISK_FULL: &str = "no space left on the disk; it goes on by itself when there is";

/// The most runs of a group: a sweep of both networks over nine values of α has eighteen. How many of them are computed at once follows
/// from the card's memory (`nn/src/cuda/group.rs`); each more costs this process a thread.
pub(super) const GROUP: usize = 32;

/// What trains: shared by all attempts of a process.
#[derive(Debug)]
pub struct Machine {
    /// Where the networks are computed.
    pub devices: Devices,
    /// Which of them computes a network the fastest, where that is to be found.
    pub fastest: Fastest,
    /// Threads for one run.
    pub threads: usize,
    /// The recordings.
    pub data: DataCache,
    /// The notebook, to be rung when a run's state changes.
    pub notebook: Notebook,
}

impl Machine {
    /// A device of its own for a network; everything of its run is computed there.
    pub fn turn(&self, network: &Network, batch: usize) -> Result<Turn<'_>, DeviceError> {
        if !self.devices.by_speed() {
            return self.devices.turn();
        }
        let disk = self.notebook.disk();
        self.devices.turn_at(self.fastest.place(disk, &self.devices, self.threads, network, batch)?)
    }

    /// The same for a run; baselines are fitted on the CPU, whatever there is beside it.
    pub fn turn_of(&self, spec: &Spec, data: &Prepared) -> Result<Turn<'_>, DeviceError> {
        // A network that can't be built says so when it is trained.
        let Ok(network) = spec.model.network(data.geometry(), spec.activation, spec.dropout) else {
            return self.devices.turn_at(Place::Cpu);
        };
        let own = || self.turn(&network, spec.batch);
        match self.devices.may_group().then(|| common(spec)).flatten() {
            Some(common) => self.devices.turn_with(&common, GROUP, own),
            None => own(),
        }
    }

    /// The training of a run on a device.
    pub fn job<'a>(
        &'a self,
        device: &'a Backend,
        id: &'a str,
        spec: &'a Spec,
        data: &'a Prepared,
        clock: &'a SystemClock,
    ) -> Job<'a> {
        Job {
            id,
            spec,
            data,
            device,
            threads: self.threads,
            provenance: Provenance::of_this_process(device, this_job()),
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
    /// The device failed for good, and this process with it: the run waits for the next, to be tried once more.
    DeviceDied(String),
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
            Err(Trouble::Lasting(sentence)) if !unwritable => match Fault::said_in(&sentence) {
                Some(Fault::Dead) => close_dead(machine, held, watch, sentence),
                Some(Fault::OutOfMemory) => close_failed(machine, held, watch, out_of_memory(&sentence)),
                None => close_failed(machine, held, watch, sentence),
            },
            Err(Trouble::Passing(sentence) | Trouble::Lasting(sentence)) => Ended::Unwritable(sentence),
        }
    }
}

/// Why a run could not be trained, as a sentence.
enum Trouble {
    /// The system refused to read what the notebook keeps, or recordings. It may not the next time: the run has not failed.
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

impl From<DataError> for Trouble {
    fn from(error: DataError) -> Self {
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
    let data = machine.data.get(&spec.data)?;
    let prepared = prepare(&data, &spec).map_err(|error| lasting(&error))?;
    let resume = recorder.checkpoint_bytes()?;
    let recorded = recorder.epochs();
    recorder.remark = machine.devices.remark().map(str::to_owned);
    let resume = resume.and_then(|bytes| {
        usable(&bytes, &spec, recorded)
            .inspect_err(|trouble| {
                tracing::warn!(run = dir.id(), trouble, "the checkpoint can't be used");
                let anew = format!("its checkpoint can't be used, {trouble}: it is trained from nothing");
                recorder.remark = Some(match recorder.remark.take() {
                    Some(remark) => format!("{anew}; {remark}"),
                    None => anew,
                });
            })
            .ok()
    });
    let clock = SystemClock::default();
    let turn = machine.turn_of(&spec, &prepared).map_err(|error| lasting(&error))?;
    let job = machine.job(&turn.device, dir.id(), &spec, &prepared, &clock);
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

/// After an error that every further call repeats. The run under which it showed first is put back into the queue, once;
/// what else this process trained is interrupted, and goes on in the next.
fn close_dead(
    machine: &Machine,
    held: &mut Held,
    watch: &mut (dyn FnMut(&Record) + Send),
    sentence: String,
) -> Ended {
    if !machine.devices.died() {
        return Ended::Interrupted;
    }
    if let Some(first) = &held.history().died {
        let twice = format!("the device failed for good under it twice: {sentence}; the first time: {first}");
        return close_failed(machine, held, watch, twice);
    }
    let from_checkpoint = held.dir().has_checkpoint();
    match held.append(Event::Queued(Queued { from_checkpoint, after: Some(sentence.clone()) })) {
        Ok(record) => {
            machine.notebook.ring();
            watch(&record);
            Ended::DeviceDied(sentence)
        }
        Err(error) => Ended::Unwritable(error.to_string()),
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

/// The same in one word for all drivers.
fn out_of_memory(sentence: &str) -> String {
    format!("out of memory: take a smaller --batch, fewer --slots or --device cpu ({sentence})")
}

fn panic_sentence(panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    format!("a defect of the program ended it ({}); please report it", said.unwrap_or("no message"))
}
