//! Training: a plain function from a spec, prepared trials and a device to a stream of events and an outcome; networks
//! epoch by epoch, baselines in one fit. Knows no terminal, no disk layout and no queue; all it has to say goes to a [`Sink`].
//!
//! One spec and seed give bit-identical events and weights, however many threads train it and however often it is
//! interrupted: every random number is addressed by (seed, purpose, epoch, batch), and a stopped epoch is trained again
//! from its start.

mod checkpoint;
mod clock;
mod deciding;
mod evaluation;
mod fit;
mod pace;
mod provenance;
mod report;
mod run;
mod saved;
mod selection;
mod stop;
mod trained_on;
mod trials;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use clock::{Clock, SystemClock};
pub use evaluation::{Evaluation, EvaluationError, evaluate, evaluate_baseline};
pub use pace::{Pace, pace};
pub use provenance::Provenance;
pub use saved::{About, LoadedWeights, Saved, SavedBaseline, SavedError, SavedWeights};
pub use selection::{Candidate, Picks};
pub use stop::{Stop, StopRequest};
pub use trained_on::{OtherKind, TrainedOn};

use crate::baseline::BaselineError;
use crate::dataset::Prepared;
use crate::event::{Event, Failed, Finished};
use crate::model::ModelError;
use crate::nn::{Backend, WeightsError};
use crate::predictions::Predictions;
use crate::spec::{Rule, Spec, SpecError};
use run::Training;

/// What is to be trained, and with what.
pub struct Job<'a> {
    /// The run's id.
    pub id: &'a str,
    /// What was asked.
    pub spec: &'a Spec,
    /// The trials, made ready for this spec.
    pub data: &'a Prepared,
    /// Where it is computed.
    pub device: &'a Backend,
    /// Threads on the CPU. [`train`] makes a pool of its own of this size, so that runs side by side share the cores.
    pub threads: usize,
    /// For the `started` event.
    pub provenance: Provenance,
    /// Times epochs, and says when a checkpoint is due.
    pub clock: &'a dyn Clock,
}

/// Trains a run, from the start or from a checkpoint. A request to stop is seen between two batches; the epoch under
/// way is then given up, and trained again from its start later.
///
/// On an error the sink has got no closing event: what the error means for the run is the caller's to say.
pub fn train(
    job: &Job,
    resume: Option<Checkpoint>,
    stop: &Stop,
    sink: &mut dyn Sink,
) -> Result<Outcome, TrainError> {
    pool(job.threads)?.install(|| match job.spec.model.baseline() {
        Some(baseline) => fit::fit(job, baseline, stop, sink),
        None => Training::begin(job, resume, stop, sink)?.run(),
    })
}

/// Threads to compute with.
fn pool(threads: usize) -> Result<rayon::ThreadPool, rayon::ThreadPoolBuildError> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.max(1))
        .thread_name(|number| format!("train-{number}"))
        .build()
}

/// Why a run could not be trained.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The spec has a value that no run can have.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The network can't be built for these trials.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The checkpoint can't be used.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The checkpoint's values don't fit the network.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The baseline can't be fitted.
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    /// The device failed, for instance for want of memory.
    #[error("the device could not compute ({0}); if its memory is full, take a smaller --batch")]
    Device(#[from] candle_core::Error),
    /// No threads to be had.
    #[error("the threads for training could not be started ({0}); take fewer --threads")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// What happened could not be kept.
    #[error("the run could not be recorded: {0}")]
    Sink(#[from] SinkError),
}

/// Takes what a training has to say. An error ends the training: nothing is trained that can't be kept.
pub trait Sink: Send {
    /// Something happened. `started` comes first; the closing event is the last.
    fn event(&mut self, event: Event) -> Result<(), SinkError>;

    /// A state to go on from, in the form that [`Checkpoint::to_bytes`] gives. It replaces the one before.
    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), SinkError>;

    /// The epoch that a rule would pick so far, of a run that is not finished; it may come again and again.
    fn provisional(&mut self, _rule: Rule, _pick: &Pick) -> Result<(), SinkError> {
        Ok(())
    }
    /// The epoch that a rule picks. Comes once for each rule that applies, before `finished`.
    fn picked(&mut self, rule: Rule, pick: &Pick) -> Result<(), SinkError>;
}

/// Why a sink could not take something, for instance a full disk.
pub type SinkError = Box<dyn std::error::Error + Send + Sync>;

/// The epoch that a selection rule picks.
#[derive(Clone, Debug, PartialEq)]
pub struct Pick {
    /// Counted from 1.
    pub epoch: u32,
    /// The weights after that epoch; [`Saved::to_bytes`] gives the file.
    pub weights: Saved,
    /// What they say about the test trials.
    pub predictions: Predictions,
    /// What they say about the trials held out, each under its place in the training trials; `None` where there are none.
    pub validation: Option<Predictions>,
}

/// How a training ended. All but `Interrupted` have their closing event.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// All epochs are done.
    Finished(Finished),
    /// Set aside on request; a checkpoint is kept.
    Paused,
    /// Given up on request.
    Cancelled,
    /// The process is ending; a checkpoint is kept and there is no closing event.
    Interrupted,
    /// The loss is no number any more.
    Failed(Failed),
}

#[cfg(test)]
mod tests;
