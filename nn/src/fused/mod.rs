//! The fused executor: the whole network in one on the CPU, (signal, theta) → logits, with its own pass backwards. Agrees
//! with the composed executor; safe code over [`kernels`].
//!
//! `README.md` beside this file has a drawing of one trial's way, the mathematics, and a glossary.

mod backward;
mod by_tap;
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
use crate::host::with_values;
use crate::kernels;
use crate::model::Network;
use crate::random::DropoutMask;
use candle_core::{Result, Shape, Tensor, bail};
use memory::Memory;
use plan::Plan;
use stage::Size;
use std::sync::Arc;

/// Trains and evaluates one network on the CPU, on the threads of the current rayon pool.
pub struct Fused {
    plan: Arc<Plan>,
    memory: Memory,
}

impl Fused {
    /// An executor for this network, or what of it the kernels can't run.
    pub fn new(network: &Network) -> std::result::Result<Self, Unsupported> {
        kernels::keep_freed_memory();
        Ok(Fused { plan: Arc::new(Plan::new(network)?), memory: Memory::default() })
    }
}

impl Executor for Fused {
    fn train(&self, weights: &Weights, x: &Tensor, masks: &[DropoutMask]) -> Result<TrainingPass> {
        if !masks.is_empty() && masks.len() != self.plan.dropouts {
            bail!("{} dropout masks were given for {} dropout layers", masks.len(), self.plan.dropouts)
        }
        let trials = self.plan.trials(x.shape())?;
        let values_of = |theta: &[f32], running: &[f32], x: &[f32]| {
            self.plan.check(theta, running)?;
            Ok(forward::forward(&self.plan, &self.memory, x, theta, running, masks))
        };
        let (logits, running, pass) = with_values(x, |x| {
            with_values(weights.theta(), |theta| {
                with_values(weights.running(), |running| values_of(theta, running, x))
            })
        })?;
        let (plan, memory, theta) = (self.plan.clone(), self.memory.clone(), weights.theta().clone());
        let backward = move |gradient: &Tensor| {
            let gradient = with_values(&theta, |theta| {
                with_values(&gradient.contiguous()?, |gradient| {
                    Ok(backward::backward(&plan, &memory, &pass, theta, gradient))
                })
            })?;
            Tensor::from_vec(gradient, theta.shape(), theta.device())
        };
        Ok(TrainingPass {
            logits: Tensor::from_vec(logits, (trials, self.plan.head.classes), x.device())?,
            running: Tensor::from_vec(running, weights.running().shape(), x.device())?,
            backward: Box::new(backward),
        })
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

#[cfg(test)]
mod tests;
