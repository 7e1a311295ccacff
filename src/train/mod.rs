//! Training: a plain function from a spec, prepared trials and a device to a stream of events and an outcome. Knows no
//! terminal, no disk layout and no queue; all it has to say goes to a [`Sink`].
//!
//! One spec and seed give bit-identical events and weights, however many threads train it and however often it is
//! interrupted: every random number is addressed by (seed, purpose, epoch, batch), and a stopped epoch is trained again
//! from its start.

mod checkpoint;
mod clock;
mod selection;
mod stop;

pub use checkpoint::Checkpoint;
pub use clock::{Clock, SystemClock};
pub use selection::{Candidate, Picks};
pub use stop::{Stop, StopRequest};

use crate::event::{Event, Failed, Finished};
use crate::nn::SavedWeights;
use crate::predictions::Predictions;
use crate::spec::Rule;

/// Where and by whom a run is trained; copied into its `started` event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The program's commit, where it was built from one.
    pub commit: Option<String>,
    /// The command line.
    pub command: Vec<String>,
    /// The host's name.
    pub host: String,
    /// Such as `cpu` or `cuda:0 NVIDIA H100`.
    pub device: String,
}

/// Takes what a training has to say. An error ends the training: nothing is trained that can't be kept.
pub trait Sink: Send {
    /// Something happened. `started` comes first; the closing event is the last.
    fn event(&mut self, event: Event) -> Result<(), SinkError>;

    /// A state to go on from, which replaces the one before.
    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), SinkError>;

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
    /// The weights after that epoch.
    pub weights: SavedWeights,
    /// What they say about the test trials.
    pub predictions: Predictions,
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
