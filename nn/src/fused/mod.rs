//! The fused executor: the whole network as one candle operation on the CPU, (signal, theta) → logits, with its own pass
//! backwards. Agrees with the composed executor; safe code over [`kernels`](super::kernels).
//!
//! `README.md` beside this file has a drawing of one trial's way, the mathematics, and a glossary.

mod backward;
mod chain;
mod conv_backward;
mod conv_forward;
mod evaluation;
mod exact;
mod filter_moments;
mod first_conv;
mod forward;
mod input_means;
mod memory;
mod norm;
mod places;
mod plan;
mod pooling;
mod saved;
mod signal_moments;
mod split;
mod split_gradient;
mod stage;
mod tiles;
mod to_and_fro;

use super::{Executor, TrainingPass, Unsupported, Weights};
use crate::model::Network;
use crate::random::DropoutMask;
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Storage, Tensor, bail};
use memory::Memory;
use plan::Plan;
use saved::SavedForward;
use stage::Size;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Trains and evaluates one network on the CPU, on the threads of the current rayon pool.
pub struct Fused {
    plan: Arc<Plan>,
    memory: Memory,
}

impl Fused {
    /// An executor for this network, or what of it the kernels can't run.
    pub fn new(network: &Network) -> std::result::Result<Self, Unsupported> {
        Ok(Fused { plan: Arc::new(Plan::new(network)?), memory: Memory::default() })
    }
}

impl Executor for Fused {
    fn train(&self, weights: &Weights, x: &Tensor, masks: &[DropoutMask]) -> Result<TrainingPass> {
        if !masks.is_empty() && masks.len() != self.plan.dropouts {
            bail!("{} dropout masks were given for {} dropout layers", masks.len(), self.plan.dropouts)
        }
        let results = Arc::new(Results::default());
        let step = Step {
            plan: self.plan.clone(),
            memory: self.memory.clone(),
            running: with_values(weights.running(), |values| Ok(values.to_vec()))?,
            masks: masks.to_vec(),
            results: results.clone(),
        };
        let logits = x.apply_op2(weights.theta(), step)?;
        let Some(running) = results.running.get() else { bail!("the operation gave no running statistics") };
        let running = Tensor::from_slice(running, running.len(), x.device())?;
        Ok(TrainingPass { logits, running })
    }

    fn evaluate(&self, weights: &Weights, x: &Tensor) -> Result<Tensor> {
        let trials = self.plan.trials(x.shape())?;
        let logits = with_values(x, |x| {
            with_values(weights.theta(), |theta| {
                with_values(weights.running(), |running| {
                    self.plan.check(theta, running)?;
                    Ok(evaluation::evaluate(&self.plan, &self.memory, x, theta, running))
                })
            })
        })?;
        Tensor::from_vec(logits, (trials, self.plan.head.classes), x.device())
    }
}

/// One training step as a candle operation.
struct Step {
    plan: Arc<Plan>,
    memory: Memory,
    running: Vec<f32>,
    masks: Vec<DropoutMask>,
    results: Arc<Results>,
}

/// What leaves the operation beside its output.
#[derive(Default)]
struct Results {
    running: OnceLock<Vec<f32>>,
    pass: Mutex<Option<SavedForward>>,
}

impl CustomOp2 for Step {
    fn name(&self) -> &'static str {
        "fused-network"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        theta: &CpuStorage,
        theta_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let trials = self.plan.trials(x_layout.shape())?;
        let (x, theta) = (values(x, x_layout)?, values(theta, theta_layout)?);
        self.plan.check(theta, &self.running)?;
        let (logits, running, pass) =
            forward::forward(&self.plan, &self.memory, x, theta, &self.running, &self.masks);
        // A second call with the same operation would give the same statistics.
        let _ = self.results.running.set(running);
        *self.results.pass.lock().unwrap_or_else(PoisonError::into_inner) = Some(pass);
        Ok((CpuStorage::F32(logits), (trials, self.plan.head.classes).into()))
    }

    fn bwd(
        &self,
        _x: &Tensor,
        theta: &Tensor,
        _logits: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let pass = self.results.pass.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(pass) = pass.as_ref() else { bail!("the fused network was not run forwards") };
        let gradient = gradient.contiguous()?;
        let theta_gradient = with_values(theta, |theta| {
            with_values(&gradient, |gradient| {
                Ok(backward::backward(&self.plan, &self.memory, pass, theta, gradient))
            })
        })?;
        // The signal is data: nobody asks for its gradient.
        Ok((None, Some(Tensor::from_vec(theta_gradient, theta.shape(), theta.device())?)))
    }
}

impl Plan {
    /// The number of trials of a signal (trial, sample, electrode).
    fn trials(&self, shape: &Shape) -> Result<usize> {
        let (trials, samples, electrodes) = shape.dims3()?;
        if trials == 0 || (Size { samples, channels: electrodes }) != self.signal {
            bail!("the network takes trials of {:?}, not {shape:?}", self.signal)
        }
        Ok(trials)
    }

    fn check(&self, theta: &[f32], running: &[f32]) -> Result<()> {
        if (theta.len(), running.len()) != (self.theta, self.running) {
            bail!("these weights belong to another network")
        }
        Ok(())
    }
}

/// The values of a contiguous f32 tensor in memory.
fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(values), Some((start, end))) => Ok(&values[start..end]),
        _ => bail!("the fused network takes contiguous f32 tensors"),
    }
}

/// Runs `f` on the values of a tensor without copying them.
fn with_values<T>(tensor: &Tensor, f: impl FnOnce(&[f32]) -> Result<T>) -> Result<T> {
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(storage) => f(values(storage, layout)?),
        _ => bail!("the fused network runs on the CPU"),
    }
}

#[cfg(test)]
mod tests;
