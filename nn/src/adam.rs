//! Adam as PyTorch has it (Kingma and Ba 2015), with weight decay as an L2 term in the gradient: coupled, not AdamW.
//! One pass over the flat vector, so parameters without a gradient still decay.

use crate::host::with_values;
use crate::kernels::{self, AdamFactors};
use crate::threads;
use candle_core::{CpuStorage, Device, InplaceOp1, Layout, Result, Tensor, Var, bail};
use std::sync::{Arc, Mutex, PoisonError};

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// Values that a thread moves at once.
const PIECE: usize = 1 << 15;

/// The optimiser and its memory. Clones share the memory until one of them moves on.
#[derive(Clone, Debug)]
pub struct Adam {
    lr: f64,
    weight_decay: f64,
    means: Means,
    step: u64,
}

/// The means of the gradient and of its square.
#[derive(Clone, Debug)]
enum Means {
    /// In this program's own memory.
    Host([Arc<Vec<f32>>; 2]),
    /// Where candle computes.
    Device([Tensor; 2]),
}

impl Means {
    fn new(means: [Vec<f32>; 2], device: &Device) -> Result<Self> {
        Ok(match device {
            Device::Cpu => Means::Host(means.map(Arc::new)),
            _ => {
                let [m, v] = means.map(|values| Tensor::from_slice(&values, values.len(), device));
                Means::Device([m?, v?])
            }
        })
    }
}

impl Adam {
    /// Before the first step, for a vector like `theta`.
    pub fn new(theta: &Tensor, lr: f64, weight_decay: f64) -> Result<Self> {
        let zeros = vec![0.0; theta.elem_count()];
        let means = Means::new([zeros.clone(), zeros], theta.device())?;
        Ok(Adam { lr, weight_decay, means, step: 0 })
    }

    /// After `step` steps, with the means that [`Self::means`] gave then, for a vector on this device.
    pub fn restored(self, means: [Vec<f32>; 2], step: u64, device: &Device) -> Result<Self> {
        Ok(Adam { means: Means::new(means, device)?, step, ..self })
    }

    /// Moves `theta` one step against `gradient`.
    pub fn update(&mut self, theta: &Var, gradient: &Tensor) -> Result<()> {
        self.step += 1;
        let correction = |beta: f64| 1.0 - beta.powf(self.step as f64);
        let (rate, root) = (self.lr / correction(BETA1), correction(BETA2).sqrt().recip());
        match &mut self.means {
            Means::Host([m, v]) => {
                let factors = AdamFactors {
                    betas: [BETA1 as f32, BETA2 as f32],
                    weight_decay: self.weight_decay as f32,
                    rate: rate as f32,
                    root: root as f32,
                    epsilon: EPSILON as f32,
                };
                with_values(gradient, |gradient| {
                    let means = [m, v].map(|values| Arc::make_mut(values).as_mut_slice());
                    theta.inplace_op1(&Step { gradient, means: Mutex::new(means), factors })
                })
            }
            Means::Device([m, v]) => {
                let gradient = gradient.add(&(theta.as_tensor().detach() * self.weight_decay)?)?;
                *m = ((&*m * BETA1)? + (&gradient * (1.0 - BETA1))?)?;
                *v = ((&*v * BETA2)? + (gradient.sqr()? * (1.0 - BETA2))?)?;
                let root = ((v.sqrt()? * root)? + EPSILON)?;
                let change = ((&*m / root)? * rate)?;
                theta.set(&theta.as_tensor().detach().sub(&change)?)
            }
        }
    }

    /// Means of the gradient and of the squared gradient.
    pub fn means(&self) -> Result<[Vec<f32>; 2]> {
        match &self.means {
            Means::Host(means) => Ok(means.each_ref().map(|values| values.to_vec())),
            Means::Device([m, v]) => Ok([m.to_vec1()?, v.to_vec1()?]),
        }
    }

    /// Steps done.
    pub fn step(&self) -> u64 {
        self.step
    }
}

/// A step in one pass over memory. candle's own operations would be fifteen.
struct Step<'a> {
    gradient: &'a [f32],
    means: Mutex<[&'a mut [f32]; 2]>,
    factors: AdamFactors,
}

impl InplaceOp1 for Step<'_> {
    fn name(&self) -> &'static str {
        "adam"
    }

    fn cpu_fwd(&self, theta: &mut CpuStorage, layout: &Layout) -> Result<()> {
        let CpuStorage::F32(theta) = theta else { bail!("Adam takes f32") };
        let Some(theta) = layout.contiguous_offsets().and_then(|(start, end)| theta.get_mut(start..end))
        else {
            bail!("Adam takes contiguous vectors")
        };
        let mut means = self.means.lock().unwrap_or_else(PoisonError::into_inner);
        let [m, v] = &mut *means;
        if [m.len(), v.len(), self.gradient.len()] != [theta.len(); 3] {
            bail!("Adam's means and the gradient belong to another vector")
        }
        let means = m.chunks_mut(PIECE).zip(v.chunks_mut(PIECE));
        let pieces = theta.chunks_mut(PIECE).zip(means).zip(self.gradient.chunks(PIECE));
        threads::map(pieces.collect(), |((theta, (m, v)), gradient)| {
            kernels::adam(theta, m, v, gradient, self.factors);
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    /// Three steps of the recurrence in f64, one value at a time.
    fn by_hand(mut theta: f64, gradients: &[f64], lr: f64, decay: f64) -> f64 {
        let (mut m, mut v) = (0.0, 0.0);
        for (step, gradient) in (1..).zip(gradients) {
            let g = gradient + decay * theta;
            m = 0.9 * m + 0.1 * g;
            v = 0.999 * v + 0.001 * g * g;
            let (m_hat, v_hat) = (m / (1.0 - 0.9f64.powi(step)), v / (1.0 - 0.999f64.powi(step)));
            theta -= lr * m_hat / (v_hat.sqrt() + 1e-8);
        }
        theta
    }

    #[test]
    fn follows_the_published_recurrence() {
        let gradients = [[0.3f32, 0.0], [-0.2, 0.0], [0.05, 0.0]];
        let theta = Var::from_vec(vec![1.0f32, -2.0], 2, &Device::Cpu).unwrap();
        let mut adam = Adam::new(&theta, 0.01, 0.1).unwrap();
        for gradient in &gradients {
            adam.update(&theta, &Tensor::new(gradient, &Device::Cpu).unwrap()).unwrap();
        }
        let ours = theta.to_vec1::<f32>().unwrap();
        let expected = [by_hand(1.0, &[0.3, -0.2, 0.05], 0.01, 0.1), by_hand(-2.0, &[0.0; 3], 0.01, 0.1)];
        for (ours, expected) in ours.iter().zip(expected) {
            assert!((f64::from(*ours) - expected).abs() < 1e-6, "{ours} is not {expected}");
        }
        assert!(ours[1] > -2.0, "a parameter without gradient decays");
    }
}
