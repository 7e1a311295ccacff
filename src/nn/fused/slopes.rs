//! What a split first stage's weights get from the gradient: the kernels' sums over trials, and from them, together with
//! the moments of the pass forwards, the gradients.

use super::forward::FrontPass;
use super::norm::Coefficients;
use super::plan::Plan;
use super::reach::{Reach, joint_weights};
use super::split::Shape;
use crate::nn::kernels::DEPTH;

/// What the weights get from some trials: of the filters at every point (point, block, filter), and the sums of
/// [`kernels::join_backward`].
pub(super) struct Slopes {
    pub filters: Vec<f32>,
    pub sums: Vec<f64>,
}

impl Slopes {
    /// Adds what other trials gave.
    pub fn add(&mut self, other: &Slopes) {
        self.filters.iter_mut().zip(&other.filters).for_each(|(own, other)| *own += other);
        self.sums.iter_mut().zip(&other.sums).for_each(|(own, other)| *own += other);
    }

    /// Σ du of an output, and Σ du · y by electrode.
    fn of(&self, shape: Shape, output: usize) -> (f64, Vec<f64>) {
        let at = |i: usize| self.sums[Shape::place(output / DEPTH, output % DEPTH, shape.electrodes + 1, i)];
        (at(0), (1..=shape.electrodes).map(at).collect())
    }

    /// Adds the gradients of all of the first stage's weights to `out`, laid out as theta.
    ///
    /// With u = scale · (z − mean) + offset and z = Σₑ wₑ yₑ, normalisation gives dz = scale · du − constant − along · z
    /// (see [`Backward`](super::norm::Backward)). Its first term has gone through the kernels; the rest of any sum of dz
    /// times yₑ or xₑ is one of means that [`Reach`] has.
    pub fn finish(&self, out: &mut [f32], plan: &Plan, shape: Shape, theta: &[f32], pass: &FinishedPass) {
        let (front, stage) = (&plan.front, &plan.stages[0]);
        let FinishedPass { front: front_pass, reach, coefficients, count } = pass;
        let mut filters: Vec<Vec<f64>> = (0..shape.filters).map(|f| shape.by_tap(&self.filters, f)).collect();
        let mut by_scale = vec![0.0; shape.filters];
        for output in 0..front.outputs() {
            let f = output / DEPTH;
            let weights = joint_weights(front, theta, &front_pass.norms, output);
            let (sum, products) = self.of(shape, output);
            let statistics = coefficients.statistics[output];
            let (mean, unit) = (statistics.mean, statistics.unit(coefficients.eps));
            let along_z: f64 = weights.iter().zip(&products).map(|(weight, product)| weight * product).sum();
            let by_factor = unit * (along_z - mean * sum);
            out[stage.norm.offset.start + output] = sum as f32;
            out[stage.norm.factor.start + output] = by_factor as f32;
            let scale = f64::from(theta[stage.norm.factor.start + output]) * unit;
            let along = scale * unit * by_factor / count;
            let constant = scale * sum / count - along * mean;
            for (e, product) in products.iter().enumerate() {
                let rest = constant * reach.means[f][e] + along * reach.product(f, e, &weights);
                let slope = scale * product - count * rest;
                let place = output * shape.electrodes + e;
                out[front.spatial.weight.start + place] += (front_pass.norms[f].scale * slope) as f32;
                by_scale[f] += f64::from(theta[front.spatial.weight.start + place]) * slope;
                let means = reach.crossed.means(e);
                for (k, filter) in filters[f].iter_mut().enumerate() {
                    let along_z: f64 = (0..shape.electrodes)
                        .map(|b| weights[b] * reach.along[f][e * shape.electrodes + b][k])
                        .sum();
                    *filter -= count * weights[e] * (constant * means[k] + along * along_z);
                }
            }
        }
        for (f, (slopes, by_scale)) in filters.into_iter().zip(by_scale).enumerate() {
            front.norm_backward(out, f, slopes, by_scale, theta, front_pass);
        }
    }
}

/// What [`Slopes::finish`] needs of the pass forwards.
pub(super) struct FinishedPass<'a> {
    pub front: &'a FrontPass,
    pub reach: &'a Reach,
    pub coefficients: &'a Coefficients,
    /// Values of one output over the batch.
    pub count: f64,
}
