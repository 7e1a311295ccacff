//! What a device is tried with: a tiny training step before it is said to work, and a few steps of a network to learn how
//! long one takes.

use crate::model::{Activation, Geometry, Model, Network};
use crate::random::{Purpose, stream};
use crate::{Adam, Batch, Weights, dropout_masks, executor, step};
use candle_core::{Device, Result, Tensor, bail};
use rand_chacha::rand_core::Rng;
use std::time::Instant;

/// Steps that are timed, after one that loads what a first step loads.
const STEPS: u32 = 3;

/// Trains one step of the lab's EEGNet on eight trials and evaluates them. It loads every kernel that training and
/// evaluation need: what a driver or a card is too old for shows here, not in a run.
pub(super) fn compute(device: &Device) -> std::result::Result<(), String> {
    let geometry = Geometry { channels: 2, samples: 64, classes: 2, sfreq: None };
    let network = Model::eegnet()
        .network(geometry, Activation::Elu { alpha: 1.0 }, 0.25)
        .map_err(|error| error.to_string())?;
    train(&network, device, 8, 1).map(drop).map_err(|error| error.to_string())
}

/// Seconds of a training step of this network with this many trials, the least of a few.
pub(super) fn seconds_a_step(network: &Network, device: &Device, batch: usize) -> Result<f64> {
    let seconds = train(network, device, batch, 1 + STEPS)?;
    Ok(seconds.into_iter().skip(1).fold(f64::INFINITY, f64::min))
}

/// Trains on noise; gives the seconds of each step.
fn train(network: &Network, device: &Device, batch: usize, steps: u32) -> Result<Vec<f64>> {
    let geometry = network.geometry;
    let mut weights = Weights::initialise(network, 0, device)?;
    let mut adam = Adam::new(weights.theta(), 1e-3, 1e-2)?;
    let executor = executor(network, device)?;
    let trials = noise(geometry, batch, device)?;
    let mut seconds = Vec::new();
    for number in 0..steps {
        let began = Instant::now();
        let masks = dropout_masks(network, 0, 1, number);
        let progress = step(executor.as_ref(), &mut weights, &mut adam, &trials, &masks)?;
        // Reading waits for the device.
        if !progress.loss.to_scalar::<f32>()?.is_finite() {
            bail!("a tiny training step gave no finite loss");
        }
        seconds.push(began.elapsed().as_secs_f64());
    }
    let logits = executor.evaluate(&weights, &trials.x)?.flatten_all()?.to_vec1::<f32>()?;
    if logits.iter().any(|logit| !logit.is_finite()) {
        bail!("a tiny evaluation gave no finite numbers");
    }
    Ok(seconds)
}

fn noise(geometry: Geometry, batch: usize, device: &Device) -> Result<Batch> {
    let Geometry { channels, samples, classes, .. } = geometry;
    let mut rng = stream(0, Purpose::Shuffle, 0, 0);
    let values: Vec<f32> = (0..batch * samples * channels)
        .map(|_| 10.0 * (rng.next_u32() as f32 / u32::MAX as f32 - 0.5))
        .collect();
    let labels: Vec<u32> = (0..batch as u32).map(|trial| trial % classes as u32).collect();
    Ok(Batch {
        x: Tensor::from_vec(values, (batch, samples, channels), device)?,
        y: Tensor::new(labels, device)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_computes_its_tiny_step_and_a_step_takes_time() {
        compute(&Device::Cpu).unwrap();
        let geometry = Geometry { channels: 2, samples: 64, classes: 2, sfreq: None };
        let network = Model::eegnet().network(geometry, Activation::Relu, 0.0).unwrap();
        assert!(seconds_a_step(&network, &Device::Cpu, 8).unwrap() > 0.0);
    }
}
