//! The layers ahead of the first activation are linear, so they are one convolution with a filter that is computed from
//! their weights: (tap, electrode) → output channel. Batch normalisation between them needs the variance of a filter's
//! output, which is a quadratic form of the filter with the input's autocorrelation: no filter output is ever computed.
//! All of it is small and in f64.

use super::forward::FrontPass;
use super::norm::{Norm64, Statistics};
use super::plan::{Affine, Front, Stage};
use crate::nn::kernels::{Packed, autocorrelation, padded};

/// Sums over a batch from which the statistics of any temporal filter's output follow.
#[derive(Clone, Default)]
pub(super) struct Windows {
    taps: usize,
    padding: usize,
    /// Filter outputs in all: trials × electrodes × samples.
    count: f64,
    total: f64,
    /// Σ x[t] x[t + lag], by lag.
    lags: Vec<f64>,
    /// The first and the last taps − 1 samples with the padding's zeros: sums, and sums of products (k, l).
    first: Edge,
    last: Edge,
}

#[derive(Clone, Default)]
struct Edge {
    sums: Vec<f64>,
    products: Vec<f64>,
}

/// The windows' second moments: means of x[t + k] and of x[t + k] · x[t + l] over all windows.
pub(super) struct Moments {
    taps: usize,
    count: f64,
    means: Vec<f64>,
    products: Vec<f64>,
}

impl Edge {
    fn new(samples: usize) -> Self {
        Edge { sums: vec![0.0; samples], products: vec![0.0; samples * samples] }
    }

    fn add(&mut self, samples: &[f64]) {
        let n = samples.len();
        for (k, &sample) in samples.iter().enumerate().filter(|(_, sample)| **sample != 0.0) {
            self.sums[k] += sample;
            for (product, other) in self.products[k * n..][..n].iter_mut().zip(samples) {
                *product += sample * other;
            }
        }
    }

    fn merge(&mut self, other: &Edge) {
        add_all(&mut self.sums, &other.sums);
        add_all(&mut self.products, &other.products);
    }
}

fn add_all(to: &mut [f64], from: &[f64]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
}

impl Windows {
    /// Nothing yet, for the convolution of a first stage.
    pub fn new(stage: &Stage) -> Self {
        let edge = Edge::new(stage.taps - 1);
        Windows {
            taps: stage.taps,
            padding: stage.padding,
            lags: vec![0.0; stage.taps],
            first: edge.clone(),
            last: edge,
            ..Windows::default()
        }
    }

    /// Adds one trial (sample, electrode).
    pub fn add(&mut self, trial: &[f32], electrodes: usize) {
        let values: Vec<f64> = trial.iter().map(|&x| f64::from(x)).collect();
        let samples = values.len() / electrodes;
        let windows = samples + 2 * self.padding + 1 - self.taps;
        self.count += (windows * electrodes) as f64;
        self.total += values.iter().sum::<f64>();
        autocorrelation(&mut self.lags, &values, electrodes);
        let mut edge = vec![0.0; self.taps - 1];
        for electrode in 0..electrodes {
            for (of, start) in [(&mut self.first, 0), (&mut self.last, windows)] {
                for (i, value) in edge.iter_mut().enumerate() {
                    let inside = (start + i).checked_sub(self.padding).filter(|&at| at < samples);
                    *value = inside.map_or(0.0, |at| values[at * electrodes + electrode]);
                }
                of.add(&edge);
            }
        }
    }

    /// Adds what another part of the batch gave.
    pub fn merge(&mut self, other: &Windows) {
        self.count += other.count;
        self.total += other.total;
        add_all(&mut self.lags, &other.lags);
        self.first.merge(&other.first);
        self.last.merge(&other.last);
    }

    /// The moments. Window sums at tap k + 1 differ from those at tap k by one sample at either end of the trial.
    pub fn moments(&self) -> Moments {
        let taps = self.taps;
        let edge = taps - 1;
        let mut means = vec![self.total - self.last.sums.iter().sum::<f64>(); taps];
        let mut products = vec![0.0; taps * taps];
        for k in 0..edge {
            means[k + 1] = means[k] - self.first.sums[k] + self.last.sums[k];
        }
        for lag in 0..taps {
            let beyond: f64 = (0..edge - lag.min(edge)).map(|j| self.last.products[j * edge + j + lag]).sum();
            let mut value = self.lags[lag] - beyond;
            for k in 0..taps - lag {
                let l = k + lag;
                products[k * taps + l] = value;
                products[l * taps + k] = value;
                if l < edge {
                    value += self.last.products[k * edge + l] - self.first.products[k * edge + l];
                }
            }
        }
        means.iter_mut().chain(&mut products).for_each(|value| *value /= self.count);
        Moments { taps, count: self.count, means, products }
    }
}

impl Moments {
    /// Values that the statistics are over.
    pub fn count(&self) -> f64 {
        self.count
    }

    /// Σₗ E[x[t + k] x[t + l]] · filter[l], for every k.
    fn apply(&self, filter: &[f32]) -> Vec<f64> {
        self.products.chunks_exact(self.taps).map(|row| dot(row, filter)).collect()
    }

    /// Mean and variance of a filter's output.
    pub fn statistics(&self, filter: &[f32]) -> Statistics {
        let mean = dot(&self.means, filter);
        let square = dot(&self.apply(filter), filter);
        Statistics { mean, variance: (square - mean * mean).max(0.0) }
    }

    /// The gradient of the variance of a filter's output.
    fn variance_slope(&self, filter: &[f32], mean: f64) -> impl Iterator<Item = f64> {
        self.apply(filter).into_iter().zip(&self.means).map(move |(along, own)| 2.0 * (along - mean * own))
    }
}

fn dot(a: &[f64], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, &b)| a * f64::from(b)).sum()
}

impl Front {
    fn taps(&self) -> usize {
        self.temporal.weight.len() / self.filters
    }

    /// Output channels.
    pub fn outputs(&self) -> usize {
        self.spatial.weight.len() / self.electrodes / self.filters_of_group()
    }

    fn filters_of_group(&self) -> usize {
        self.filters / self.groups
    }

    /// The temporal filter of index `filter`.
    pub fn temporal_filter<'a>(&self, theta: &'a [f32], filter: usize) -> &'a [f32] {
        let taps = self.taps();
        &theta[self.temporal.weight.start + filter * taps..][..taps]
    }

    /// Each (output, temporal filter it takes, place of its weights by electrode in the spatial convolution).
    fn connections(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let (outputs, inside) = (self.outputs(), self.filters_of_group());
        let outputs_of_group = outputs / self.groups;
        let electrodes = self.electrodes;
        (0..outputs).flat_map(move |output| {
            (0..inside).map(move |i| {
                let filter = output / outputs_of_group * inside + i;
                (output, filter, (output * inside + i) * electrodes)
            })
        })
    }

    fn spatial<'a>(&self, theta: &'a [f32], place: usize) -> &'a [f32] {
        &theta[self.spatial.weight.start + place..][..self.electrodes]
    }

    /// The filter in one: (tap · electrodes + electrode, output). `norms` are those of the batch normalisation in between,
    /// one a temporal filter.
    pub fn compose(&self, theta: &[f32], norms: &[Norm64]) -> Vec<f64> {
        let (outputs, electrodes) = (self.outputs(), self.electrodes);
        let mut filter = vec![0.0; self.taps() * electrodes * outputs];
        for (output, from, place) in self.connections() {
            let weights = self.spatial(theta, place);
            for (tap, &value) in self.temporal_filter(theta, from).iter().enumerate() {
                let value = norms[from].scale * f64::from(value);
                for (electrode, &weight) in weights.iter().enumerate() {
                    filter[(tap * electrodes + electrode) * outputs + output] += value * f64::from(weight);
                }
            }
        }
        filter
    }

    /// What biases and normalisation add to every output. `norms` know nothing of the temporal convolution's bias.
    pub fn constant(&self, theta: &[f32], norms: &[Norm64]) -> Vec<f64> {
        let bias = |affine: &Affine, i: usize| {
            affine.bias.as_ref().map_or(0.0, |range| f64::from(theta[range.start + i]))
        };
        let mut constant: Vec<f64> = (0..self.outputs()).map(|output| bias(&self.spatial, output)).collect();
        for (output, from, place) in self.connections() {
            let level = norms[from].scale * bias(&self.temporal, from) + norms[from].shift;
            constant[output] += level * self.spatial(theta, place).iter().map(|&w| f64::from(w)).sum::<f64>();
        }
        constant
    }

    /// Whether to convolve over electrodes first and then each channel along time: possible where every output takes one
    /// temporal filter, and far fewer multiplications than with the filter in one. At two electrodes, where it saves
    /// half of them, it was measured to be no faster: the filter in one makes better products.
    pub fn in_halves(&self) -> bool {
        self.filters_of_group() == 1 && self.electrodes > 2
    }

    /// The two halves of a depthwise front: (electrode → output) weights and (tap, padded output) filters, the latter
    /// with the batch normalisation in between.
    pub fn halves(&self, theta: &[f32], norms: &[Norm64]) -> (Packed, Vec<f32>) {
        let (outputs, electrodes) = (self.outputs(), self.electrodes);
        let columns = padded(outputs);
        let spatial = &theta[self.spatial.weight.clone()];
        let packed = Packed::new(electrodes, outputs, |e, output| spatial[output * electrodes + e]);
        let mut temporal = vec![0.0; self.taps() * columns];
        for (output, from, _) in self.connections() {
            for (tap, &value) in self.temporal_filter(theta, from).iter().enumerate() {
                temporal[tap * columns + output] = (norms[from].scale * f64::from(value)) as f32;
            }
        }
        (packed, temporal)
    }

    /// What the front's weights get from the gradient of the filter in one, added to `out` (laid out as theta).
    /// Constants get nothing: batch normalisation follows and takes them away.
    pub fn backward(&self, out: &mut [f32], gradient: &[f64], theta: &[f32], pass: &FrontPass) {
        let (taps, outputs, electrodes) = (self.taps(), self.outputs(), self.electrodes);
        let mut through = vec![0.0; self.filters * taps];
        for (output, from, place) in self.connections() {
            let filter = self.temporal_filter(theta, from);
            for (electrode, &weight) in self.spatial(theta, place).iter().enumerate() {
                let mut sum = 0.0;
                for tap in 0..taps {
                    let gradient = gradient[(tap * electrodes + electrode) * outputs + output];
                    sum += f64::from(filter[tap]) * gradient;
                    through[from * taps + tap] += f64::from(weight) * gradient;
                }
                out[self.spatial.weight.start + place + electrode] += (pass.norms[from].scale * sum) as f32;
            }
        }
        self.temporal_backward(out, &through, theta, pass);
    }

    /// The same from the gradients of the two halves: (tap, padded output), (electrode, padded output).
    pub fn halves_backward(
        &self,
        out: &mut [f32],
        temporal: &[f32],
        spatial: &[f32],
        theta: &[f32],
        pass: &FrontPass,
    ) {
        let (taps, columns) = (self.taps(), padded(self.outputs()));
        let mut through = vec![0.0; self.filters * taps];
        for (output, from, place) in self.connections() {
            for electrode in 0..self.electrodes {
                out[self.spatial.weight.start + place + electrode] += spatial[electrode * columns + output];
            }
            for (tap, through) in through[from * taps..][..taps].iter_mut().enumerate() {
                *through += f64::from(temporal[tap * columns + output]);
            }
        }
        self.temporal_backward(out, &through, theta, pass);
    }

    /// What the temporal filters and their batch normalisation get from `through`, the gradient of the filters after
    /// normalisation: (filter, tap).
    fn temporal_backward(&self, out: &mut [f32], through: &[f64], theta: &[f32], pass: &FrontPass) {
        let taps = self.taps();
        for (from, through) in through.chunks_exact(taps).enumerate() {
            let filter = self.temporal_filter(theta, from);
            let scale = pass.norms[from].scale;
            let mut slopes: Vec<f64> = through.iter().map(|value| scale * value).collect();
            if let (Some(norm), Some((moments, statistics))) = (&self.norm, &pass.windows) {
                let (by_scale, statistics) = (dot(through, filter), statistics[from]);
                let unit = statistics.unit();
                out[norm.factor.start + from] += (by_scale * unit) as f32;
                // scale = factor · (variance + ε)^(−1/2)
                let by_variance = -0.5 * by_scale * scale * unit * unit;
                for (slope, own) in slopes.iter_mut().zip(moments.variance_slope(filter, statistics.mean)) {
                    *slope += by_variance * own;
                }
            }
            for (tap, slope) in slopes.into_iter().enumerate() {
                out[self.temporal.weight.start + from * taps + tap] += slope as f32;
            }
        }
    }
}
