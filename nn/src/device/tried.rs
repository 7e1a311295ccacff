//! What a device is tried with: a tiny training step before it is said to work, and a few steps of a network to learn how
//! long one takes.

use super::backend::Backend;
use crate::model::{Activation, Geometry, Model, Network};
use crate::random::{Purpose, stream};
use crate::trainer::{Beginning, Trainer, Trials, trainer};
use candle_core::{Result, bail};
use rand_chacha::rand_core::Rng;
use std::sync::Arc;
use std::time::Instant;

/// Steps that are timed, after one that loads what a first step loads.
const STEPS: usize = 3;

/// Trains one step of the lab's EEGNet on eight trials and evaluates them. It loads every kernel that training and
/// evaluation need: what a driver or a card is too old for shows here, not in a run.
pub(super) fn compute(device: &Backend) -> std::result::Result<(), String> {
    let geometry = Geometry { channels: 2, samples: 64, classes: 2, sfreq: None };
    let network = Model::eegnet()
        .network(geometry, Activation::Elu { alpha: 1.0 }, 0.25)
        .map_err(|error| error.to_string())?;
    try_out(&network, device, 8, 0).map(drop).map_err(|error| error.to_string())
}

/// Seconds of a training step of this network with this many trials, the mean of a few.
pub(super) fn seconds_a_step(network: &Network, device: &Backend, batch: usize) -> Result<f64> {
    try_out(network, device, batch, STEPS)
}

/// Trains a step on noise, evaluates, and trains `steps` more; gives the seconds of each of these.
fn try_out(network: &Network, device: &Backend, batch: usize, steps: usize) -> Result<f64> {
    let geometry = network.geometry;
    let (x, labels) = noise(geometry, batch);
    let trials = Trials { x: &x, labels: &labels, shape: (geometry.samples, geometry.channels) };
    let beginning = Beginning { seed: 0, lr: 1e-3, weight_decay: 1e-2, sets: vec![trials] };
    let mut trainer = trainer(device, network, &beginning)?;
    train(trainer.as_mut(), batch, 1)?;
    if trainer.evaluate(0)?.iter().any(|logit| !logit.is_finite()) {
        bail!("a tiny evaluation gave no finite numbers");
    }
    let began = Instant::now();
    if steps > 0 {
        train(trainer.as_mut(), batch, steps)?;
    }
    Ok(began.elapsed().as_secs_f64() / steps.max(1) as f64)
}

/// Trains so many steps on all trials. Reading what they leave waits for the device.
fn train(trainer: &mut dyn Trainer, batch: usize, steps: usize) -> Result<()> {
    let all: Vec<u32> = (0..batch as u32).collect();
    let never: crate::trainer::Stopped = Arc::new(|| false);
    let figures = trainer.train(1, &vec![all; steps], &never)?.unwrap_or_default();
    match figures.len() == steps && figures.iter().all(|[loss, _]| loss.is_finite()) {
        true => Ok(()),
        false => bail!("a tiny training step gave no finite loss"),
    }
}

/// Signal (trial, sample, electrode) and labels.
fn noise(geometry: Geometry, batch: usize) -> (Vec<f32>, Vec<u32>) {
    let Geometry { channels, samples, classes, .. } = geometry;
    let mut rng = stream(0, Purpose::Shuffle, 0, 0);
    let values =
        (0..batch * samples * channels).map(|_| 10.0 * (rng.next_u32() as f32 / u32::MAX as f32 - 0.5));
    (values.collect(), (0..batch as u32).map(|trial| trial % classes as u32).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_computes_its_tiny_step_and_a_step_takes_time() {
        compute(&Backend::CPU).unwrap();
        let geometry = Geometry { channels: 2, samples: 64, classes: 2, sfreq: None };
        let network = Model::eegnet().network(geometry, Activation::Relu, 0.0).unwrap();
        assert!(seconds_a_step(&network, &Backend::CPU, 8).unwrap() > 0.0);
    }
}
