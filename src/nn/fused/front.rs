//! The layers ahead of the first activation are linear, so they are one convolution with a filter that is computed from
//! their weights: (tap, electrode) → output channel. Batch normalisation between them needs the variance of a filter's
//! output, which is a quadratic form of the filter with the input's autocorrelation: no filter output is ever computed.
//! All of it is small and in f64.

use super::forward::FrontPass;
use super::norm::Norm64;
use super::plan::{Affine, Front};
use crate::nn::kernels::{Packed, padded};

impl Front {
    pub fn taps(&self) -> usize {
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

    /// The weights by electrode at a place of the spatial convolution.
    pub fn spatial<'a>(&self, theta: &'a [f32], place: usize) -> &'a [f32] {
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

    /// Whether every output takes one temporal filter. Then the two convolutions one after the other are far fewer
    /// multiplications than the filter in one.
    pub fn is_depthwise(&self) -> bool {
        self.filters_of_group() == 1
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
            let slopes = through.iter().map(|value| scale * value).collect();
            let by_scale = through.iter().zip(filter).map(|(a, &b)| a * f64::from(b)).sum();
            self.norm_backward(out, from, slopes, by_scale, theta, pass);
        }
    }

    /// What one temporal filter and its batch normalisation get from the filter's gradient at a fixed scale of that
    /// normalisation, and from the scale's.
    pub fn norm_backward(
        &self,
        out: &mut [f32],
        from: usize,
        mut slopes: Vec<f64>,
        by_scale: f64,
        theta: &[f32],
        pass: &FrontPass,
    ) {
        if let (Some(norm), Some((moments, statistics))) = (&self.norm, &pass.windows) {
            let (filter, statistics) = (self.temporal_filter(theta, from), statistics[from]);
            let unit = statistics.unit(norm.eps);
            out[norm.factor.start + from] += (by_scale * unit) as f32;
            // scale = factor · (variance + ε)^(−1/2)
            let by_variance = -0.5 * by_scale * pass.norms[from].scale * unit * unit;
            for (slope, own) in slopes.iter_mut().zip(moments.variance_slope(filter, statistics.mean)) {
                *slope += by_variance * own;
            }
        }
        let own = &mut out[self.temporal.weight.start + from * self.taps()..];
        own.iter_mut().zip(slopes).for_each(|(own, slope)| *own += slope as f32);
    }
}
