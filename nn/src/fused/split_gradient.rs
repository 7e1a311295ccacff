//! What a split first stage's weights get from the gradient: from the kernels' sums over trials and the moments of the
//! pass forwards. The formulas are on the page beside this file ("The split first stage").

use super::filter_moments::{FilterMoments, joint_weights};
use super::first_conv::FirstConvPass;
use super::norm::Coefficients;
use super::plan::Plan;
use super::split::{SplitShape, SplitSums};
use crate::kernels::DEPTH;

/// What [`add`] needs of the pass forwards.
pub(super) struct FinishedPass<'a> {
    pub first_conv: &'a FirstConvPass,
    pub filter_moments: &'a FilterMoments,
    pub coefficients: &'a Coefficients,
    /// Values of one output over the batch.
    pub count: f64,
}

/// Adds the gradients of all of the first stage's weights to `out`, laid out as theta.
///
/// With u = scale · (z − mean) + beta and z = Σₑ wₑ yₑ, normalisation gives dz = scale · du − constant − along · z
/// (see [`NormBackward`](super::norm::NormBackward)). Its first term has gone through the kernels; the rest of any sum of dz
/// times yₑ or xₑ is one of means that [`FilterMoments`] has.
pub(super) fn add(
    out: &mut [f32],
    sums: &SplitSums,
    plan: &Plan,
    shape: SplitShape,
    theta: &[f32],
    pass: &FinishedPass,
) {
    let (Some(conv), Some(norm)) = (&plan.first_conv, &plan.stages[0].norm) else { return };
    let FinishedPass { first_conv, filter_moments, coefficients, count } = pass;
    let mut filters: Vec<Vec<f64>> = (0..shape.filters).map(|f| shape.by_tap(&sums.filters, f)).collect();
    let mut by_scale = vec![0.0; shape.filters];
    for output in 0..conv.outputs() {
        let f = output / DEPTH;
        let weights = joint_weights(conv, theta, &first_conv.norms, output);
        let (sum, products) = sums.of(shape, output);
        let statistics = coefficients.statistics[output];
        let (mean, unit) = (statistics.mean, statistics.unit(norm.eps));
        let along_z: f64 = weights.iter().zip(&products).map(|(weight, product)| weight * product).sum();
        let by_gamma = unit * (along_z - mean * sum);
        out[norm.beta.start + output] = sum as f32;
        out[norm.gamma.start + output] = by_gamma as f32;
        let scale = f64::from(theta[norm.gamma.start + output]) * unit;
        let along = scale * unit * by_gamma / count;
        let constant = scale * sum / count - along * mean;
        for (e, product) in products.iter().enumerate() {
            let rest = constant * filter_moments.means[f][e] + along * filter_moments.product(f, e, &weights);
            let gradient = scale * product - count * rest;
            let place = output * shape.electrodes + e;
            out[conv.spatial.weight.start + place] += (first_conv.norms[f].scale * gradient) as f32;
            by_scale[f] += f64::from(theta[conv.spatial.weight.start + place]) * gradient;
            let means = filter_moments.crossed.means(e);
            for (k, filter) in filters[f].iter_mut().enumerate() {
                let along_z: f64 = (0..shape.electrodes)
                    .map(|b| weights[b] * filter_moments.along[f][e * shape.electrodes + b][k])
                    .sum();
                *filter -= count * weights[e] * (constant * means[k] + along * along_z);
            }
        }
    }
    for (f, (gradient, by_scale)) in filters.into_iter().zip(by_scale).enumerate() {
        conv.norm_backward(out, f, gradient, by_scale, theta, first_conv);
    }
}
