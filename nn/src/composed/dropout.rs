//! Dropout masks as tensors. On the CPU they are the very masks of [`DropoutMask`], so that both executors agree. Other
//! devices make their own from the mask's key, by integer arithmetic that every backend has: nothing is copied from the
//! host in the middle of an epoch.

use crate::model::Shape;
use crate::random::DropoutMask;
use candle_core::{DType, Device, Result, Tensor};
use rayon::prelude::*;
use std::sync::{Mutex, PoisonError};

/// One dropout layer on a device.
pub(super) struct Dropout {
    p: f64,
    /// Values of one trial.
    elements: usize,
    /// Absent on the CPU.
    arithmetic: Option<Arithmetic>,
}

impl Dropout {
    pub(super) fn new(p: f64, shape: Shape, device: &Device) -> Result<Self> {
        let elements = shape.len();
        let arithmetic = (!device.is_cpu()).then(|| Arithmetic::new(elements, device)).transpose()?;
        Ok(Dropout { p, elements, arithmetic })
    }

    /// Zero where the mask drops, times 1/(1−p) elsewhere. `h` is (trial, electrode, sample, feature).
    pub(super) fn apply(&self, h: &Tensor, mask: DropoutMask) -> Result<Tensor> {
        let trials = h.dim(0)?;
        let kept = match &self.arithmetic {
            None => self.host_mask(trials, mask)?,
            Some(arithmetic) => arithmetic.mask(trials, mask.key(), self.p)?,
        };
        h.mul(&(kept.reshape(h.dims())? * (1.0 / (1.0 - self.p)))?)
    }

    /// Elements are numbered (electrode, sample, feature).
    fn host_mask(&self, trials: usize, mask: DropoutMask) -> Result<Tensor> {
        let mut kept = vec![0f32; trials * self.elements];
        kept.par_chunks_mut(self.elements).enumerate().for_each(|(trial, kept)| {
            let mask = mask.trial(trial);
            for (element, kept) in (0..).zip(kept) {
                *kept = f32::from(mask.keeps(element));
            }
        });
        Tensor::from_vec(kept, (trials, self.elements), &Device::Cpu)
    }
}

/// The prime 2³¹ − 1: squares of residues fit an i64.
const PRIME: i64 = (1 << 31) - 1;
/// Primitive roots of that prime (Park and Miller 1988), which spread neighbouring numbers.
const ELEMENT_FACTOR: i64 = 48_271;
const TRIAL_FACTOR: i64 = 16_807;
/// Any number but 0 and −2, for which squaring is known to be a poor generator.
const ROUND_ADDEND: i64 = 69_621;

/// Random residues as a pure function of (key, trial, element): two rounds of squaring modulo a prime. Affine
/// operations are avoided since Metal does them in single precision, whatever the type.
struct Arithmetic {
    /// ELEMENT_FACTOR · element mod PRIME, (1, element).
    elements: Tensor,
    /// TRIAL_FACTOR · trial mod PRIME for as many trials as the largest batch had, (trial, 1).
    trials: Mutex<Tensor>,
    prime: Tensor,
    addend: Tensor,
}

impl Arithmetic {
    fn new(count: usize, device: &Device) -> Result<Self> {
        Ok(Arithmetic {
            elements: multiples(ELEMENT_FACTOR, count, device)?.reshape((1, count))?,
            trials: Mutex::new(multiples(TRIAL_FACTOR, 1, device)?),
            prime: Tensor::new(&[[PRIME]], device)?,
            addend: Tensor::new(&[[ROUND_ADDEND]], device)?,
        })
    }

    /// 1 for a kept element, 0 for a dropped one: (trial, element), f32.
    fn mask(&self, trials: usize, key: u64, p: f64) -> Result<Tensor> {
        let device = self.elements.device();
        let key = Tensor::full((key % PRIME as u64) as i64, (1, 1), device)?;
        let of_trial = self.trials(trials)?.broadcast_add(&key)?;
        let mut residues = self.modulo(&of_trial.broadcast_add(&self.elements)?)?;
        for _ in 0..2 {
            residues = self.modulo(&residues.mul(&residues)?.broadcast_add(&self.addend)?)?;
        }
        let threshold = Tensor::full((p * PRIME as f64) as i64, (1, 1), device)?;
        residues.broadcast_ge(&threshold)?.to_dtype(DType::F32)
    }

    /// The first rows of the trials' multiples; made anew only for a batch larger than all before.
    fn trials(&self, count: usize) -> Result<Tensor> {
        let mut trials = self.trials.lock().unwrap_or_else(PoisonError::into_inner);
        if trials.dim(0)? < count {
            *trials = multiples(TRIAL_FACTOR, count, self.elements.device())?;
        }
        trials.narrow(0, 0, count)
    }

    fn modulo(&self, x: &Tensor) -> Result<Tensor> {
        x.sub(&x.broadcast_div(&self.prime)?.broadcast_mul(&self.prime)?)
    }
}

/// factor · 0, factor · 1, … mod PRIME, (count, 1).
fn multiples(factor: i64, count: usize, device: &Device) -> Result<Tensor> {
    let multiples: Vec<i64> = (0..count as i64).map(|number| factor * number % PRIME).collect();
    Tensor::from_vec(multiples, (count, 1), device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    fn device_mask(seed: u64, trials: usize, p: f64) -> Vec<Vec<f32>> {
        let mask = DropoutMask::draw(&mut stream(seed, Purpose::Dropout, 1, 0), p);
        let arithmetic = Arithmetic::new(4096, &Device::Cpu).unwrap();
        arithmetic.mask(trials, mask.key(), p).unwrap().to_vec2().unwrap()
    }

    fn share(mask: impl Iterator<Item = bool>) -> f64 {
        let (kept, all) = mask.fold((0, 0), |(kept, all), keeps| (kept + usize::from(keeps), all + 1));
        f64::from(kept as u32) / f64::from(all)
    }

    #[test]
    fn a_device_mask_drops_its_share_in_every_trial() {
        for p in [0.25, 0.5] {
            for trial in device_mask(7, 8, p) {
                assert!((share(trial.iter().map(|&k| k == 1.0)) - (1.0 - p)).abs() < 0.04);
            }
        }
    }

    #[test]
    fn device_masks_of_neighbours_and_of_other_keys_are_unrelated() {
        let (one, other) = (device_mask(1, 2, 0.5), device_mask(2, 2, 0.5));
        let agree = |a: &[f32], b: &[f32]| share(a.iter().zip(b).map(|(a, b)| a == b));
        assert!((agree(&one[0], &one[1]) - 0.5).abs() < 0.04, "neighbouring trials");
        assert!((agree(&one[0], &other[0]) - 0.5).abs() < 0.04, "other keys");
        for lag in [1, 2, 16, 17, 160] {
            let agreement = agree(&one[0][lag..], &one[0][..one[0].len() - lag]);
            assert!((agreement - 0.5).abs() < 0.04, "elements {lag} apart: {agreement}");
        }
    }

    #[test]
    fn a_trials_mask_does_not_depend_on_the_batches_before() {
        let arithmetic = Arithmetic::new(64, &Device::Cpu).unwrap();
        let mask = |trials| arithmetic.mask(trials, 7, 0.5).unwrap().to_vec2::<f32>().unwrap();
        let (three, five, again) = (mask(3), mask(5), mask(3));
        assert_eq!(three, five[..3]);
        assert_eq!(three, again);
    }

    #[test]
    fn the_host_mask_is_the_streams_own() {
        let shape = Shape { features: 3, electrodes: 1, samples: 5 };
        let mask = DropoutMask::draw(&mut stream(3, Purpose::Dropout, 1, 0), 0.5);
        let dropout = Dropout::new(0.5, shape, &Device::Cpu).unwrap();
        let h = Tensor::ones((2, 1, 5, 3), DType::F32, &Device::Cpu).unwrap();
        let h = dropout.apply(&h, mask).unwrap().flatten_from(1).unwrap().to_vec2::<f32>().unwrap();
        for (trial, values) in h.iter().enumerate() {
            for (element, &value) in (0..).zip(values) {
                assert_eq!(value, if mask.trial(trial).keeps(element) { 2.0 } else { 0.0 });
            }
        }
    }
}
