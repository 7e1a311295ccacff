//! Weights in the order in which the kernels sum over them.

use super::plan::{Head, Stage};
use crate::nn::kernels::{Packed, padded};

/// A later stage's filters for the pass forwards: (tap, input channel) → output channel.
pub(super) fn forward(stage: &Stage, weights: &[f32]) -> Packed {
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
