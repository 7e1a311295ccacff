//! One layer's meaning, and a network as a list of them.

use super::{Activation, Geometry, Model};

/// The shape of one trial's activations between layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Feature maps; 1 at the input.
    pub features: usize,
    /// Electrodes that are still apart; 1 after a spatial convolution.
    pub electrodes: usize,
    /// Samples.
    pub samples: usize,
}

impl Shape {
    /// Values of one trial.
    pub fn len(self) -> usize {
        self.features * self.electrodes * self.samples
    }

    /// Whether nothing is left.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// One layer. `name` is the prefix of its tensors in the lab's `state_dict`.
#[derive(Clone, Debug, PartialEq)]
pub enum Layer {
    /// Convolution along time, each electrode alike: PyTorch's `Conv2d(in, filters, (1, kernel), padding (0, padding))`.
    TemporalConv {
        /// Prefix in the `state_dict`.
        name: &'static str,
        /// Output feature maps.
        filters: usize,
        /// Taps.
        kernel: usize,
        /// Zeros on either side.
        padding: usize,
        /// Whether it has a bias.
        bias: bool,
    },
    /// Convolution over all electrodes at once: PyTorch's `Conv2d(in, filters, (C, 1), groups)`.
    SpatialConv {
        /// Prefix in the `state_dict`.
        name: &'static str,
        /// Output feature maps.
        filters: usize,
        /// Groups; the number of input feature maps makes it depthwise.
        groups: usize,
        /// Whether it has a bias.
        bias: bool,
    },
    /// Batch normalisation over trials, electrodes and time: eps 1e-5, momentum 0.1, affine, unbiased running variance.
    BatchNorm {
        /// Prefix in the `state_dict`.
        name: &'static str,
    },
    /// Element-wise activation.
    Activation(Activation),
    /// Mean over `kernel` samples, stride the same, a remainder dropped.
    AvgPool {
        /// Width and stride.
        kernel: usize,
    },
    /// Maximum over `kernel` samples, stride the same, a remainder dropped; the first of equals wins.
    MaxPool {
        /// Width and stride.
        kernel: usize,
    },
    /// Inverted dropout: zero with probability `p`, else times 1/(1−p); in training alone.
    Dropout {
        /// Probability of a zero.
        p: f64,
    },
    /// Flatten in the order (feature, sample), then an affine map to class logits.
    Linear {
        /// Prefix in the `state_dict`.
        name: &'static str,
        /// Number of classes.
        outputs: usize,
    },
}

impl Layer {
    /// Shape after this layer for a shape before it. Lengths must be long enough: [`Model::network`] checks that.
    pub fn output(&self, input: Shape) -> Shape {
        match *self {
            Layer::TemporalConv { filters, kernel, padding, .. } => {
                Shape { features: filters, samples: input.samples + 2 * padding + 1 - kernel, ..input }
            }
            Layer::SpatialConv { filters, .. } => Shape { features: filters, electrodes: 1, ..input },
            Layer::AvgPool { kernel } | Layer::MaxPool { kernel } => {
                Shape { samples: input.samples / kernel, ..input }
            }
            Layer::Linear { outputs, .. } => Shape { features: outputs, electrodes: 1, samples: 1 },
            Layer::BatchNorm { .. } | Layer::Activation(_) | Layer::Dropout { .. } => input,
        }
    }
}

/// A network: what it is for, and its layers from the trial to the logits.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Which architecture this is.
    pub model: Model,
    /// Trial size and classes.
    pub geometry: Geometry,
    /// The layers in order; the last is [`Layer::Linear`].
    pub layers: Vec<Layer>,
}

impl Network {
    /// The shape of one trial at the input.
    pub fn input(&self) -> Shape {
        Shape { features: 1, electrodes: self.geometry.channels, samples: self.geometry.samples }
    }

    /// Each layer with the shapes before and after it.
    pub fn shapes(&self) -> impl Iterator<Item = (&Layer, Shape, Shape)> {
        self.layers.iter().scan(self.input(), |shape, layer| {
            let before = *shape;
            *shape = layer.output(before);
            Some((layer, before, *shape))
        })
    }
}
