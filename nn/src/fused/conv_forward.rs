//! Weights in the order in which the kernels sum over them.

use super::by_tap::ByTap;
use super::memory::Memory;
use super::norm::Norm64;
use super::plan::Plan;
use super::stage::{Head, Linear, Mode, Stage};
use super::tiles::Tiles;
use crate::kernels::{self, Packed, Rows, Tiling, padded};

/// A stage's filters for the pass forwards, and with them how it convolves.
pub(super) enum ConvForward {
    /// (tap, input channel) → output channel.
    Direct(Packed),
    /// The two halves of a depthwise first convolution: electrodes first, then each channel along time.
    Halves(Packed, Vec<f32>),
    /// By tiles; rounds twice as much.
    Tiled(Tiles),
    /// Nothing but a copy.
    Identity,
}

impl ConvForward {
    /// Of stage `s` in evaluation.
    pub fn for_evaluation(plan: &Plan, memory: &Memory, s: usize, theta: &[f32], norms: &[Norm64]) -> Self {
        Self::new(plan, memory, s, plan.stages[s].tiling(), theta, norms)
    }

    /// Of stage `s` in training.
    pub fn for_training(plan: &Plan, memory: &Memory, s: usize, theta: &[f32], norms: &[Norm64]) -> Self {
        Self::new(plan, memory, s, plan.stages[s].training_tiling(), theta, norms)
    }

    fn new(
        plan: &Plan,
        memory: &Memory,
        s: usize,
        tiling: Option<Tiling>,
        theta: &[f32],
        norms: &[Norm64],
    ) -> Self {
        let stage = &plan.stages[s];
        match (&stage.linear, &plan.first_conv) {
            (Linear::Chain(chain), _) => {
                let weights = chain.filter(theta);
                match tiling {
                    Some(tiling) => ConvForward::Tiled(Tiles::forward(stage, memory, tiling, &weights)),
                    None => ConvForward::Direct(ByTap::forward(stage, memory, &weights).packed()),
                }
            }
            (Linear::First, Some(conv)) if stage.is_in_halves(plan.first_conv.as_ref()) => {
                let (spatial, temporal) = conv.halves(theta, norms);
                ConvForward::Halves(spatial, temporal)
            }
            (Linear::First, Some(conv)) => {
                let (terms, outputs) = (stage.taps.count * stage.input.channels, stage.output.channels);
                let filter = conv.compose(theta, norms);
                let packed =
                    Packed::new(terms, outputs, |term, output| filter[term * outputs + output] as f32);
                ConvForward::Direct(packed)
            }
            (Linear::Identity, _) | (Linear::First, None) => ConvForward::Identity,
        }
    }

    /// Trials that [`Self::convolve`] takes best at once.
    pub fn trials_at_once(&self, stage: &Stage) -> usize {
        match self {
            ConvForward::Tiled(tiles) => tiles.trials_at_once(stage),
            _ => 1,
        }
    }

    /// The convolution of a few trials.
    pub fn convolve(&self, stage: &Stage, memory: &Memory, outputs: &mut [f32], inputs: &[f32]) {
        if let ConvForward::Tiled(tiles) = self {
            return tiles.convolve(stage, memory, outputs, inputs);
        }
        let outputs = outputs.chunks_exact_mut(stage.output_len());
        for (output, input) in outputs.zip(inputs.chunks_exact(stage.input_len())) {
            self.convolve_one(stage, memory, output, input);
        }
    }

    fn convolve_one(&self, stage: &Stage, memory: &Memory, output: &mut [f32], input: &[f32]) {
        match self {
            ConvForward::Direct(weights) => kernels::correlate(output, input, stage.rows(), weights),
            ConvForward::Identity => {
                let rows = input.chunks_exact(stage.stride).zip(output.chunks_exact_mut(stage.columns()));
                for (input, output) in rows {
                    output.fill(0.0);
                    output[..stage.input.channels].copy_from_slice(&input[..stage.input.channels]);
                }
            }
            ConvForward::Tiled(tiles) => tiles.convolve(stage, memory, output, input),
            ConvForward::Halves(spatial, temporal) => {
                let columns = stage.columns();
                let mut joined = memory.lease(input.len() / stage.stride * columns);
                join_electrodes(&mut joined, input, stage, spatial);
                output.fill(0.0);
                kernels::depthwise(output, &joined, temporal, columns);
            }
        }
    }
}

/// The convolution over electrodes of every row of a trial's input, with the padding's zeros.
pub(super) fn join_electrodes(joined: &mut [f32], input: &[f32], stage: &Stage, spatial: &Packed) {
    let (stride, width) = (stage.stride, stage.input.channels);
    let count = input.len() / stride;
    kernels::correlate(joined, input, Rows { count, step: stride, stride, taps: 1, width }, spatial);
}

impl Head {
    /// Where each feature lies in (sample, padded feature) order, and where the classifier's weight for it, for class 0.
    fn places(&self) -> impl Iterator<Item = (usize, usize)> {
        let (columns, features, samples) = (padded(self.features), self.features, self.samples);
        (0..samples).flat_map(move |sample| {
            (0..features).map(move |feature| (sample * columns + feature, feature * samples + sample))
        })
    }

    /// Features → classes.
    pub fn forward(&self, weights: &[f32]) -> Packed {
        let columns = padded(self.classes);
        let mut rows = vec![0.0; self.input_len() * columns];
        for (class, weights) in self.of_classes(weights).enumerate() {
            self.places().for_each(|(at, place)| rows[at * columns + class] = weights[place]);
        }
        Packed::of_rows(&rows, columns)
    }

    /// Classes → features.
    pub fn backward(&self, weights: &[f32]) -> Packed {
        let columns = self.input_len();
        let mut rows = vec![0.0; self.classes * columns];
        for (row, weights) in rows.chunks_exact_mut(columns).zip(self.of_classes(weights)) {
            self.places().for_each(|(at, place)| row[at] = weights[place]);
        }
        Packed::of_rows(&rows, columns)
    }

    /// Adds a gradient (class, feature) to `out`, laid out as the weights.
    pub fn add_gradient(&self, out: &mut [f32], gradient: &[f32]) {
        let weights = self.samples * self.features;
        for (out, row) in out.chunks_exact_mut(weights).zip(gradient.chunks_exact(self.input_len())) {
            self.places().for_each(|(at, place)| out[place] += row[at]);
        }
    }

    fn of_classes<'a>(&self, weights: &'a [f32]) -> impl Iterator<Item = &'a [f32]> {
        weights.chunks_exact(self.samples * self.features)
    }
}

/// What a stage's biases add to its output. They are left out of it: batch normalisation takes them away again, and only
/// its running mean ever sees them; without it they are in the shift.
pub(super) fn biases(plan: &Plan, s: usize, theta: &[f32], norms: &[Norm64], mode: Mode) -> Vec<f64> {
    let stage = &plan.stages[s];
    match (&stage.linear, &plan.first_conv) {
        (Linear::Chain(chain), _) => chain.biases(theta),
        (Linear::First, Some(conv)) => conv.constant(theta, norms, mode),
        _ => vec![0.0; stage.output.channels],
    }
}
