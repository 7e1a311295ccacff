//! The layers ahead of the first activation are linear, so they are one convolution with a filter that is computed from
//! their weights: (tap, electrode) → output channel. Batch normalisation between them needs the variance of a filter's
//! output, which is a quadratic form of the filter with the input's autocorrelation: no filter output is ever computed.
//! All of it is small and in f64.
//!
//! See "The first stage in one" in `README.md` beside this file.

use super::filter_moments::FilterMoments;
use super::norm::{Norm64, Statistics, update_running};
use super::plan::{Plan, trials_per_chunk};
use super::signal_moments::{ElectrodePairs, SignalMoments, SignalSums};
use super::stage::{FirstConv, Mode};
use crate::kernels::{Packed, padded};
use crate::threads;
use std::ops::Range;

/// The batch normalisation inside the first convolution, in one pass.
pub(super) struct FirstConvPass {
    pub norms: Vec<Norm64>,
    /// The moments of the signal, and the statistics of every filter's output.
    pub statistics: Option<(SignalMoments, Vec<Statistics>)>,
    /// Of a split first stage.
    pub filter_moments: Option<FilterMoments>,
}

impl FirstConv {
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

    /// What biases and normalisation add to every output. In training `norms` know nothing of the temporal convolution's
    /// bias, because it takes it away again; in evaluation the running mean has it.
    pub fn constant(&self, theta: &[f32], norms: &[Norm64], mode: Mode) -> Vec<f64> {
        let levels = self.levels(theta, norms, mode);
        let mut constant: Vec<f64> =
            (0..self.outputs()).map(|output| self.spatial.bias(theta, output)).collect();
        for (output, from, place) in self.connections() {
            constant[output] +=
                levels[from] * self.spatial(theta, place).iter().map(|&w| f64::from(w)).sum::<f64>();
        }
        constant
    }

    /// What bias and normalisation add to every temporal filter's output.
    fn levels(&self, theta: &[f32], norms: &[Norm64], mode: Mode) -> Vec<f64> {
        let taken_away = self.norm.is_some() && mode == Mode::Training;
        let level = |filter: usize| {
            let bias = if taken_away { 0.0 } else { self.temporal.bias(theta, filter) };
            norms[filter].scale * bias + norms[filter].shift
        };
        (0..self.filters).map(level).collect()
    }

    /// The two halves of a depthwise first convolution: (electrode → output) weights and (tap, padded output) filters, the latter
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

    /// What the weights get from the gradient of the filter in one, added to `out` (laid out as theta).
    /// `sums` are those of the outputs' gradients, where no batch normalisation follows that makes them zero.
    pub fn backward(
        &self,
        out: &mut [f32],
        gradient: &[f64],
        sums: Option<&[f64]>,
        theta: &[f32],
        pass: &FirstConvPass,
    ) {
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
        let levels = self.levels_backward(out, sums, theta, pass);
        self.temporal_backward(out, &through, &levels, theta, pass);
    }

    /// The same from the gradients of the two halves: (tap, padded output), (electrode, padded output).
    pub fn halves_backward(
        &self,
        out: &mut [f32],
        temporal: &[f32],
        spatial: &[f32],
        sums: Option<&[f64]>,
        theta: &[f32],
        pass: &FirstConvPass,
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
        let levels = self.levels_backward(out, sums, theta, pass);
        self.temporal_backward(out, &through, &levels, theta, pass);
    }

    /// What biases and spatial weights get from the sums of the outputs' gradients; gives what every temporal filter's
    /// level gets.
    fn levels_backward(
        &self,
        out: &mut [f32],
        sums: Option<&[f64]>,
        theta: &[f32],
        pass: &FirstConvPass,
    ) -> Vec<f64> {
        let mut by_level = vec![0.0; self.filters];
        let Some(sums) = sums else { return by_level };
        let levels = self.levels(theta, &pass.norms, Mode::Training);
        for (output, from, place) in self.connections() {
            let start = self.spatial.weight.start + place;
            for (out, &weight) in out[start..].iter_mut().zip(self.spatial(theta, place)) {
                *out += (levels[from] * sums[output]) as f32;
                by_level[from] += f64::from(weight) * sums[output];
            }
        }
        let mut add = |to: &Range<usize>, from: &[f64]| {
            out[to.clone()].iter_mut().zip(from).for_each(|(out, &value)| *out += value as f32);
        };
        if let Some(bias) = &self.spatial.bias {
            add(bias, sums);
        }
        match (&self.norm, &self.temporal.bias) {
            (Some(norm), _) => add(&norm.beta, &by_level),
            (None, Some(bias)) => add(bias, &by_level),
            (None, None) => {}
        }
        by_level
    }

    /// What the temporal filters and their batch normalisation get from `through`, the gradient of the filters after
    /// normalisation: (filter, tap), and from the gradients of their levels: shift = β − scale · mean.
    fn temporal_backward(
        &self,
        out: &mut [f32],
        through: &[f64],
        levels: &[f64],
        theta: &[f32],
        pass: &FirstConvPass,
    ) {
        let taps = self.taps();
        for (from, through) in through.chunks_exact(taps).enumerate() {
            let filter = self.temporal_filter(theta, from);
            let scale = pass.norms[from].scale;
            let mut gradient: Vec<f64> = through.iter().map(|value| scale * value).collect();
            let mut by_scale = through.iter().zip(filter).map(|(a, &b)| a * f64::from(b)).sum();
            if let Some((moments, statistics)) = pass.statistics.as_ref().filter(|_| levels[from] != 0.0) {
                by_scale -= levels[from] * statistics[from].mean;
                let means = moments.means().iter();
                gradient.iter_mut().zip(means).for_each(|(to, mean)| *to -= scale * levels[from] * mean);
            }
            self.norm_backward(out, from, gradient, by_scale, theta, pass);
        }
    }

    /// What one temporal filter and its batch normalisation get from the filter's gradient at a fixed scale of that
    /// normalisation, and from the scale's.
    pub fn norm_backward(
        &self,
        out: &mut [f32],
        from: usize,
        mut gradient: Vec<f64>,
        by_scale: f64,
        theta: &[f32],
        pass: &FirstConvPass,
    ) {
        if let (Some(norm), Some((moments, statistics))) = (&self.norm, &pass.statistics) {
            let (filter, statistics) = (self.temporal_filter(theta, from), statistics[from]);
            let unit = statistics.unit(norm.eps);
            out[norm.gamma.start + from] += (by_scale * unit) as f32;
            // scale = γ · (variance + ε)^(−1/2)
            let by_variance = -0.5 * by_scale * pass.norms[from].scale * unit * unit;
            for (value, own) in gradient.iter_mut().zip(moments.variance_gradient(filter, statistics.mean)) {
                *value += by_variance * own;
            }
        }
        let own = &mut out[self.temporal.weight.start + from * self.taps()..];
        own.iter_mut().zip(gradient).for_each(|(own, value)| *own += value as f32);
    }
}

/// The statistics inside the first convolution, from the signal's moments.
pub(super) fn statistics(plan: &Plan, x: &[f32], theta: &[f32], running: &mut [f32]) -> FirstConvPass {
    let none = |filters: usize| FirstConvPass {
        norms: vec![Norm64::IDENTITY; filters],
        statistics: None,
        filter_moments: None,
    };
    let Some(conv) = &plan.first_conv else { return none(0) };
    let Some(norm) = &conv.norm else { return none(conv.filters) };
    let len = plan.signal_len();
    let which = if plan.split.is_some() { ElectrodePairs::All } else { ElectrodePairs::Own };
    let parts = x.chunks(trials_per_chunk(x.len() / len) * len).collect();
    let parts = threads::map(parts, |part: &[f32]| {
        let mut sums = SignalSums::new(&plan.stages[0], which);
        part.chunks_exact(len).for_each(|trial| sums.add(trial));
        sums
    });
    let mut sums = SignalSums::new(&plan.stages[0], which);
    parts.iter().for_each(|part| sums.merge(part));
    let (moments, crossed) = sums.moments();
    let statistics: Vec<_> =
        (0..conv.filters).map(|f| moments.statistics(conv.temporal_filter(theta, f))).collect();
    let norms = (0..conv.filters).map(|f| Norm64::new(statistics[f], norm, theta, f)).collect();
    let biases: Vec<f64> = (0..conv.filters).map(|f| conv.temporal.bias(theta, f)).collect();
    update_running(running, norm, &statistics, &biases, moments.count);
    let filter_moments = crossed.map(|crossed| FilterMoments::new(conv, theta, crossed));
    FirstConvPass { norms, statistics: Some((moments, statistics)), filter_moments }
}
