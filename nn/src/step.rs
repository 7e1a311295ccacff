//! One training step: loss, gradient, Adam, maximum norms. Training and the comparison with PyTorch go through here alike.

use super::{Adam, Batch, Executor, TrainingPass, Weights};
use crate::model::{Layer, Network};
use crate::random::{DropoutMask, Purpose, stream};
use candle_core::{DType, Result, Tensor, Var};

/// The loss of one batch and its gradient. Everything stays on the device.
pub struct Gradient {
    /// Mean cross-entropy over the batch, a scalar.
    pub loss: Tensor,
    /// (trial, class), outside the graph.
    pub logits: Tensor,
    /// With respect to all trainable values, laid out as they are.
    pub theta: Tensor,
    /// The running statistics after the batch.
    pub running: Tensor,
}

/// What a training step leaves to be read at the end of the epoch: scalars on the device.
pub struct Progress {
    /// Mean cross-entropy over the batch, before the step.
    pub loss: Tensor,
    /// How many of the batch's trials were classified right, f32.
    pub correct: Tensor,
}

/// Cross-entropy of a batch in training mode, and its gradient.
pub fn gradient(
    executor: &dyn Executor,
    weights: &Weights,
    batch: &Batch,
    masks: &[DropoutMask],
) -> Result<Gradient> {
    let TrainingPass { logits, running, backward } = executor.train(weights, &batch.x, masks)?;
    // The graph begins at the logits, so that the executor's way back need be none of candle's operations.
    let logits = Var::from_tensor(&logits)?;
    let loss = candle_nn::loss::cross_entropy(&logits, &batch.y)?;
    let Some(logits_gradient) = loss.backward()?.remove(&logits) else {
        candle_core::bail!("the loss does not depend on the logits")
    };
    let theta = backward(&logits_gradient)?;
    Ok(Gradient { loss: loss.detach(), logits: logits.as_detached_tensor(), theta, running })
}

/// Trains on one batch. Maximum norms are held after the step, as published: never at the start nor in the pass forwards,
/// and Adam's moments know nothing of them.
pub fn step(
    executor: &dyn Executor,
    weights: &mut Weights,
    adam: &mut Adam,
    batch: &Batch,
    masks: &[DropoutMask],
) -> Result<Progress> {
    let Gradient { loss, logits, theta, running } = gradient(executor, weights, batch, masks)?;
    adam.update(weights.theta(), &theta)?;
    weights.limit_norms()?;
    weights.set_running(running);
    let correct = logits.argmax(1)?.eq(&batch.y)?.to_dtype(DType::F32)?.sum_all()?;
    Ok(Progress { loss, correct })
}

/// The dropout masks of one batch, a mask for each dropout layer; none where nothing is dropped.
pub fn dropout_masks(network: &Network, seed: u64, epoch: u32, batch: u32) -> Vec<DropoutMask> {
    let mut rng = stream(seed, Purpose::Dropout, epoch, batch);
    let probabilities = network.layers.iter().filter_map(|placed| match placed.layer {
        Layer::Dropout { p } if p > 0.0 => Some(p),
        _ => None,
    });
    probabilities.map(|p| DropoutMask::draw(&mut rng, p)).collect()
}
