//! Adam as PyTorch has it (Kingma and Ba 2015), with weight decay as an L2 term in the gradient: coupled, not AdamW.
//! One pass over the flat vector, so parameters without a gradient still decay.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, Var, bail};

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// The optimiser and its memory.
#[derive(Clone, Debug)]
pub struct Adam {
    lr: f64,
    weight_decay: f64,
    m: Tensor,
    v: Tensor,
    step: u64,
}

impl Adam {
    /// Before the first step, for a vector like `theta`.
    pub fn new(theta: &Tensor, lr: f64, weight_decay: f64) -> Result<Self> {
        Ok(Adam { lr, weight_decay, m: theta.zeros_like()?, v: theta.zeros_like()?, step: 0 })
    }

    /// After `step` steps, with the memory that [`Self::m`] and [`Self::v`] gave then.
    pub fn restored(self, m: Tensor, v: Tensor, step: u64) -> Self {
        Adam { m, v, step, ..self }
    }

    /// Moves `theta` one step against `gradient`.
    pub fn update(&mut self, theta: &Var, gradient: &Tensor) -> Result<()> {
        self.step += 1;
        let correction = |beta: f64| 1.0 - beta.powf(self.step as f64);
        let (rate, root) = (self.lr / correction(BETA1), correction(BETA2).sqrt().recip());
        if theta.device().is_cpu() {
            return self.update_in_loops(theta, gradient, rate as f32, root as f32);
        }
        let gradient = gradient.add(&(theta.as_tensor().detach() * self.weight_decay)?)?;
        self.m = ((&self.m * BETA1)? + (&gradient * (1.0 - BETA1))?)?;
        self.v = ((&self.v * BETA2)? + (gradient.sqr()? * (1.0 - BETA2))?)?;
        let root = ((self.v.sqrt()? * root)? + EPSILON)?;
        let change = ((&self.m / root)? * rate)?;
        theta.set(&theta.as_tensor().detach().sub(&change)?)
    }

    /// The same as three loops. candle's own would be fifteen, each with threads that wait for one another by spinning.
    fn update_in_loops(&mut self, theta: &Var, gradient: &Tensor, rate: f32, root: f32) -> Result<()> {
        let values = theta.as_tensor();
        let decay = self.weight_decay as f32;
        let (one, two, epsilon) = (BETA1 as f32, BETA2 as f32, EPSILON as f32);
        self.m =
            zip3(&self.m, gradient, values, move |m, g, theta| one * m + (1.0 - one) * (g + decay * theta))?;
        self.v = zip3(&self.v, gradient, values, move |v, g, theta| {
            let g = g + decay * theta;
            two * v + (1.0 - two) * g * g
        })?;
        theta.set(&zip3(values, &self.m, &self.v, move |theta, m, v| {
            theta - rate * m / (v.sqrt() * root + epsilon)
        })?)
    }

    /// Mean of the gradient.
    pub fn m(&self) -> &Tensor {
        &self.m
    }

    /// Mean of the squared gradient.
    pub fn v(&self) -> &Tensor {
        &self.v
    }

    /// Steps done.
    pub fn step(&self) -> u64 {
        self.step
    }
}

/// `f` of three vectors' values, one by one.
fn zip3(a: &Tensor, b: &Tensor, c: &Tensor, f: impl Fn(f32, f32, f32) -> f32) -> Result<Tensor> {
    a.apply_op3_no_bwd(b, c, &Zip3(f))
}

struct Zip3<F>(F);

impl<F: Fn(f32, f32, f32) -> f32> CustomOp3 for Zip3<F> {
    fn name(&self) -> &'static str {
        "adam"
    }

    fn cpu_fwd(
        &self,
        a: &CpuStorage,
        a_layout: &Layout,
        b: &CpuStorage,
        b_layout: &Layout,
        c: &CpuStorage,
        c_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (a, b, c) = (values(a, a_layout)?, values(b, b_layout)?, values(c, c_layout)?);
        let zipped = a.iter().zip(b).zip(c).map(|((&a, &b), &c)| self.0(a, b, c)).collect();
        Ok((CpuStorage::F32(zipped), a_layout.shape().clone()))
    }
}

fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(values), Some((start, end))) => Ok(&values[start..end]),
        _ => bail!("Adam takes contiguous f32 vectors"),
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
