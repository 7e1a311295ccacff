//! Weights in the order in which the kernels sum over them.

use super::memory::Memory;
use super::norm::Norm64;
use super::plan::{Head, Plan, Stage};
use super::tiles::Tiles;
use crate::nn::kernels::{self, Packed, Rows, Tiling, padded};

/// A stage's filters for the pass forwards, and with them how it convolves.
pub(super) enum Filters {
    /// (tap, input channel) → output channel.
    Direct(Packed),
    /// The two halves of a depthwise front: electrodes first, then each channel along time.
    Halves(Packed, Vec<f32>),
    /// By tiles; rounds twice as much.
    Tiled(Tiles),
}

impl Filters {
    /// Of stage `s` in evaluation.
    pub fn for_evaluation(plan: &Plan, s: usize, theta: &[f32], norms: &[Norm64]) -> Self {
        Self::new(plan, s, plan.stages[s].tiling(), theta, norms)
    }

    /// Of stage `s` in training.
    pub fn for_training(plan: &Plan, s: usize, theta: &[f32], norms: &[Norm64]) -> Self {
        Self::new(plan, s, plan.stages[s].training_tiling(), theta, norms)
    }

    fn new(plan: &Plan, s: usize, tiling: Option<Tiling>, theta: &[f32], norms: &[Norm64]) -> Self {
        let stage = &plan.stages[s];
        match &stage.conv {
            Some(conv) => {
                let weights = &theta[conv.weight.clone()];
                match tiling {
                    Some(tiling) => Filters::Tiled(Tiles::forward(stage, tiling, weights)),
                    None => Filters::Direct(forward(stage, weights)),
                }
            }
            None if plan.front.is_depthwise() => {
                let (spatial, temporal) = plan.front.halves(theta, norms);
                Filters::Halves(spatial, temporal)
            }
            None => {
                let (terms, outputs) = (stage.taps * stage.before.1, stage.after.1);
                let filter = plan.front.compose(theta, norms);
                let packed =
                    Packed::new(terms, outputs, |term, output| filter[term * outputs + output] as f32);
                Filters::Direct(packed)
            }
        }
    }

    /// The convolution of one trial.
    pub fn convolve(&self, stage: &Stage, memory: &Memory, output: &mut [f32], input: &[f32]) {
        match self {
            Filters::Direct(weights) => kernels::correlate(output, input, stage.rows(), weights),
            Filters::Tiled(tiles) => tiles.convolve(stage, memory, output, input),
            Filters::Halves(spatial, temporal) => {
                let columns = stage.columns();
                let mut joined = memory.lease(input.len() / stage.stride() * columns);
                join_electrodes(&mut joined, input, stage, spatial);
                output.fill(0.0);
                kernels::depthwise(output, &joined, temporal, columns);
            }
        }
    }
}

/// The convolution over electrodes of every row of a trial's input, with the padding's zeros.
pub(super) fn join_electrodes(joined: &mut [f32], input: &[f32], stage: &Stage, spatial: &Packed) {
    let (stride, width) = (stage.stride(), stage.before.1);
    let count = input.len() / stride;
    kernels::correlate(joined, input, Rows { count, stride, taps: 1, width }, spatial);
}

/// A later stage's filters for the pass forwards: (tap, input channel) → output channel.
fn forward(stage: &Stage, weights: &[f32]) -> Packed {
    let (inputs, taps) = (stage.before.1, stage.taps);
    Packed::new(taps * inputs, stage.after.1, |term, output| {
        weights[(output * inputs + term % inputs) * taps + term / inputs]
    })
}

/// The same filters for the pass backwards: (tap, output channel) → input channel, taps in reverse.
pub(super) fn backward(stage: &Stage, weights: &[f32]) -> Packed {
    let (inputs, outputs, taps) = (stage.before.1, stage.after.1, stage.taps);
    Packed::new(taps * outputs, inputs, |term, input| {
        weights[(term % outputs * inputs + input) * taps + (taps - 1 - term / outputs)]
    })
}

/// Adds a gradient (tap, input channel, padded output channel) to `out`, laid out as the weights.
pub(super) fn add_gradient(out: &mut [f32], gradient: &[f32], stage: &Stage) {
    let (inputs, taps, columns) = (stage.before.1, stage.taps, stage.columns());
    for (term, row) in gradient.chunks_exact(columns).take(taps * inputs).enumerate() {
        for (output, &value) in row[..stage.after.1].iter().enumerate() {
            out[(output * inputs + term % inputs) * taps + term / inputs] += value;
        }
    }
}

impl Head {
    /// Where the classifier's weight for a feature in (sample, padded feature) order lies, for class 0.
    fn place(&self, at: usize) -> Option<usize> {
        let columns = padded(self.features);
        let (sample, feature) = (at / columns, at % columns);
        (feature < self.features).then(|| feature * self.samples + sample)
    }

    /// Features → classes.
    pub fn forward(&self, weights: &[f32]) -> Packed {
        let inputs = self.samples * self.features;
        Packed::new(self.input_len(), self.classes, |at, class| {
            self.place(at).map_or(0.0, |place| weights[class * inputs + place])
        })
    }

    /// Classes → features.
    pub fn backward(&self, weights: &[f32]) -> Packed {
        let inputs = self.samples * self.features;
        Packed::new(self.classes, self.input_len(), |class, at| {
            self.place(at).map_or(0.0, |place| weights[class * inputs + place])
        })
    }

    /// Adds a gradient (class, feature) to `out`, laid out as the weights.
    pub fn add_gradient(&self, out: &mut [f32], gradient: &[f32]) {
        let inputs = self.samples * self.features;
        for (class, row) in gradient.chunks_exact(self.input_len()).take(self.classes).enumerate() {
            for (at, &value) in row.iter().enumerate() {
                if let Some(place) = self.place(at) {
                    out[class * inputs + place] += value;
                }
            }
        }
    }
}
