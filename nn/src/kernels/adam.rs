//! A step of Adam on slices.

use super::dispatched;
use super::registers::Registers;

/// What a step of Adam multiplies by.
#[derive(Clone, Copy, Debug)]
pub struct AdamFactors {
    /// Of the means of the gradient and of its square.
    pub betas: [f32; 2],
    /// Added to the gradient, times theta.
    pub weight_decay: f32,
    /// The learning rate over the first mean's correction.
    pub rate: f32,
    /// One over the root of the second mean's correction.
    pub root: f32,
    /// Added to the root of the second mean.
    pub epsilon: f32,
}

/// Moves `theta` a step against `gradient`, with its means `m` and `v`. Each operation is rounded by itself, as in PyTorch.
pub fn adam(theta: &mut [f32], m: &mut [f32], v: &mut [f32], gradient: &[f32], factors: AdamFactors) {
    assert!([m.len(), v.len(), gradient.len()] == [theta.len(); 3]);
    run_adam(theta, m, v, gradient, factors);
}

dispatched!(
    fn run_adam(theta: &mut [f32], m: &mut [f32], v: &mut [f32], gradient: &[f32], factors: AdamFactors) = adam_with
);

#[inline(always)]
fn adam_with<R: Registers>(
    theta: &mut [f32],
    m: &mut [f32],
    v: &mut [f32],
    gradient: &[f32],
    factors: AdamFactors,
) {
    let AdamFactors { betas: [one, two], weight_decay, rate, root, epsilon } = factors;
    for (((theta, m), v), gradient) in theta.iter_mut().zip(m).zip(v).zip(gradient) {
        let gradient = gradient + weight_decay * *theta;
        *m = one * *m + (1.0 - one) * gradient;
        *v = two * *v + (1.0 - two) * gradient * gradient;
        *theta -= rate * *m / (v.sqrt() * root + epsilon);
    }
}
