//! A network in training at one place: its values, the optimiser's memory and the trials, wherever they lie. One trait over what candle
//! computes and what the kernels for cards do; here alone is chosen which. Knows nothing of specs, metrics or disk.

mod candle;
mod card;

pub use crate::state::{Stopped, TrainingState};

use crate::cuda::Compiled;
use crate::device::Backend;
use crate::model::Network;
use candle::CandleTrainer;
use candle_core::{Error, Result};
use card::CardTrainer;

/// Trials on the host.
#[derive(Clone, Copy, Debug)]
pub struct Trials<'a> {
    /// (trial, sample, electrode).
    pub x: &'a [f32],
    /// Class indices.
    pub labels: &'a [u32],
    /// Samples and electrodes of a trial.
    pub shape: (usize, usize),
}

/// What a training begins with.
#[derive(Clone, Debug)]
pub struct Beginning<'a> {
    /// Of the weights at the start, and of dropout.
    pub seed: u64,
    /// Adam's rate.
    pub lr: f64,
    /// Adam's decay.
    pub weight_decay: f64,
    /// The first is trained on; any may be evaluated.
    pub sets: Vec<Trials<'a>>,
}

/// What a training step leaves: mean cross-entropy of the batch before the step, and how many of its trials were classified right.
pub type StepFigures = [f32; 2];

/// A network in training.
pub trait Trainer {
    /// Trains on these rows of the first set, a step each, as the epoch of this number. What the steps leave is read once, at the
    /// end. `None` where it was stopped: then the network is as it was.
    fn train(
        &mut self,
        epoch: u32,
        batches: &[Vec<u32>],
        stopped: &Stopped,
    ) -> Result<Option<Vec<StepFigures>>>;

    /// Takes the last [`Self::train`] back.
    fn undo(&mut self);

    /// Logits (trial, class) of all trials of a set, from the running statistics.
    fn evaluate(&mut self, set: usize) -> Result<Vec<f32>>;

    /// The same with other trainable values and running statistics.
    fn evaluate_with(&mut self, set: usize, theta: &[f32], running: &[f32]) -> Result<Vec<f32>>;

    /// Trainable values and running statistics.
    fn values(&self) -> Result<(Vec<f32>, Vec<f32>)>;

    /// Adam's steps done.
    fn step(&self) -> u64;

    /// All that a training goes on from.
    fn state(&self) -> Result<TrainingState>;

    /// Goes on from there.
    fn set_state(&mut self, state: TrainingState) -> Result<()>;
}

/// The training of a network on a device. On a card by kernels of its own where they can compute the network, else by candle's
/// operations where the program was built with them.
pub fn trainer(backend: &Backend, network: &Network, beginning: &Beginning<'_>) -> Result<Box<dyn Trainer>> {
    let (card, unsupported) = match backend {
        Backend::Candle(device) => return Ok(Box::new(CandleTrainer::new(device, network, beginning)?)),
        Backend::Card(card) => match Compiled::new(network) {
            Ok(compiled) => {
                return Ok(Box::new(CardTrainer::new(card.member(), compiled, network, beginning)?));
            }
            Err(unsupported) => (card, unsupported),
        },
    };
    match card.composed() {
        Some(device) => Ok(Box::new(CandleTrainer::new(device, network, beginning)?)),
        None => Err(Error::msg(format!(
            "{unsupported}; take --device cpu, or a program built with --features cuda-composed"
        ))),
    }
}

/// One of a trainer's sets.
fn of_number<T>(sets: &[T], number: usize) -> Result<&T> {
    sets.get(number).ok_or_else(|| Error::msg("there is no such set of trials"))
}

/// Whether all state vectors are as long as the network's.
fn check_lengths(state: &TrainingState, [trainable, running]: [usize; 2]) -> Result<()> {
    let TrainingState { theta, m, v, .. } = state;
    if [theta.len(), m.len(), v.len()] != [trainable; 3] || state.running.len() != running {
        candle_core::bail!("a training's state belongs to another network")
    }
    Ok(())
}

#[cfg(test)]
mod tests;
