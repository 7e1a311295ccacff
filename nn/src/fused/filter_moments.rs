//! Statistics of a split first stage's two normalisations, from the signal's moments: a filter's output at an electrode is
//! linear in the signal, and an output of the stage in those.
//!
//! See "The split first stage" in `README.md` beside this file.

use super::norm::{Norm64, Statistics};
use super::signal_moments::{CrossMoments, dot};
use super::stage::FirstConv;
use crate::kernels::DEPTH;
use crate::threads;

/// SignalMoments of the temporal filters' outputs before normalisation, from those of the signal.
pub(super) struct FilterMoments {
    electrodes: usize,
    pub crossed: CrossMoments,
    /// Mean of xₐ[t + k] times the output at electrode b, by filter and by a · electrodes + b: a vector over k.
    pub along: Vec<Vec<Vec<f64>>>,
    /// Mean output, and mean product of the outputs at two electrodes, likewise.
    pub means: Vec<Vec<f64>>,
    squares: Vec<Vec<f64>>,
}

impl FilterMoments {
    /// Of a batch whose signal has these moments.
    pub fn new(conv: &FirstConv, theta: &[f32], crossed: CrossMoments) -> Self {
        let electrodes = conv.electrodes;
        let pairs = || (0..electrodes).flat_map(move |a| (0..electrodes).map(move |b| (a, b)));
        let filter = |f: usize| conv.temporal_filter(theta, f);
        let along = threads::map((0..conv.filters).collect(), |f| {
            pairs().map(|pair| crossed.apply(pair, filter(f))).collect::<Vec<_>>()
        });
        let means = |f: usize| (0..electrodes).map(|e| crossed.mean(e, filter(f))).collect();
        let squares = |f: usize| along[f].iter().map(|along| dot(along, filter(f))).collect();
        let (means, squares) = (0..conv.filters).map(|f| (means(f), squares(f))).unzip();
        FilterMoments { electrodes, crossed, along, means, squares }
    }

    /// Mean and variance of Σ over electrodes of weight · output, of a filter.
    fn statistics(&self, f: usize, weights: &[f64]) -> Statistics {
        let mean = weights.iter().zip(&self.means[f]).map(|(weight, mean)| weight * mean).sum::<f64>();
        let square: f64 = (0..self.electrodes).map(|a| weights[a] * self.product(f, a, weights)).sum();
        Statistics { mean, variance: (square - mean * mean).max(0.0) }
    }

    /// Mean of the output at electrode a times Σ over electrodes of weight · output.
    pub fn product(&self, f: usize, a: usize, weights: &[f64]) -> f64 {
        let own = &self.squares[f][a * self.electrodes..][..self.electrodes];
        own.iter().zip(weights).map(|(square, weight)| square * weight).sum()
    }
}

/// The spatial weights of an output by electrode, with its filter's normalisation.
pub(super) fn joint_weights(conv: &FirstConv, theta: &[f32], norms: &[Norm64], output: usize) -> Vec<f64> {
    let scale = norms[output / DEPTH].scale;
    conv.spatial(theta, output * conv.electrodes).iter().map(|&weight| scale * f64::from(weight)).collect()
}

/// Statistics of every output of the first stage, but for what biases add.
pub(super) fn statistics(
    conv: &FirstConv,
    theta: &[f32],
    norms: &[Norm64],
    moments: &FilterMoments,
) -> Vec<Statistics> {
    let of = |output: usize| moments.statistics(output / DEPTH, &joint_weights(conv, theta, norms, output));
    (0..conv.outputs()).map(of).collect()
}
