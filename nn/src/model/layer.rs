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

/// Zeros around a trial, ahead of a convolution along time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// As many on either side.
    Zeros(usize),
    /// So many that the length stays: ⌊(k − 1)/2⌋ on the left, the rest of k − 1 on the right, as Keras and PyTorch do.
    Same,
}

impl Padding {
    /// Zeros on the left and on the right of a trial, for a kernel of this length.
    pub fn sides(self, kernel: usize) -> (usize, usize) {
        match self {
            Padding::Zeros(zeros) => (zeros, zeros),
            Padding::Same => ((kernel - 1) / 2, kernel - 1 - (kernel - 1) / 2),
        }
    }
}

/// One layer. `name` is the prefix of its tensors in the `state_dict`. `max_norm` is the largest norm that the weights of
/// one output may have after a step of the optimiser (see [`crate::step`]).
#[derive(Clone, Debug, PartialEq)]
pub enum Layer {
    /// Convolution along time, each electrode alike: PyTorch's `Conv2d(in, filters, (1, kernel), (1, stride), groups)`.
    TemporalConv {
        /// Prefix in the `state_dict`.
        name: String,
        /// Output feature maps.
        filters: usize,
        /// Taps.
        kernel: usize,
        /// Samples from one output to the next.
        stride: usize,
        /// Zeros around the trial.
        padding: Padding,
        /// Groups; the number of input feature maps makes it depthwise.
        groups: usize,
        /// Whether it has a bias.
        bias: bool,
        /// Largest norm of a filter.
        max_norm: Option<f64>,
    },
    /// Convolution over all electrodes at once: PyTorch's `Conv2d(in, filters, (C, 1), groups)`.
    SpatialConv {
        /// Prefix in the `state_dict`.
        name: String,
        /// Output feature maps.
        filters: usize,
        /// Groups; the number of input feature maps makes it depthwise.
        groups: usize,
        /// Whether it has a bias.
        bias: bool,
        /// Largest norm of a filter.
        max_norm: Option<f64>,
    },
    /// Batch normalisation over trials, electrodes and time: affine, with an unbiased running variance.
    BatchNorm {
        /// Prefix in the `state_dict`.
        name: String,
        /// Added to a variance before its root is taken.
        eps: f64,
        /// Share of the newest batch in the running statistics (PyTorch's sense; Keras's 0.99 is 0.01 here).
        momentum: f64,
    },
    /// Element-wise function.
    Activation(Activation),
    /// Mean over `kernel` samples, a remainder dropped.
    AvgPool {
        /// Width.
        kernel: usize,
        /// Samples from one window to the next.
        stride: usize,
    },
    /// Maximum over `kernel` samples, a remainder dropped; the first of equals wins.
    MaxPool {
        /// Width.
        kernel: usize,
        /// Samples from one window to the next.
        stride: usize,
    },
    /// Inverted dropout: zero with probability `p`, else times 1/(1−p); in training alone.
    Dropout {
        /// Probability of a zero.
        p: f64,
    },
    /// Flatten in the order (feature, electrode, sample), then an affine map to class logits.
    Linear {
        /// Prefix in the `state_dict`.
        name: String,
        /// Number of classes.
        outputs: usize,
        /// Largest norm of a class's weights.
        max_norm: Option<f64>,
    },
}

impl Layer {
    /// Its prefix in the `state_dict`; empty for a layer without tensors.
    pub fn name(&self) -> &str {
        match self {
            Layer::TemporalConv { name, .. }
            | Layer::SpatialConv { name, .. }
            | Layer::BatchNorm { name, .. }
            | Layer::Linear { name, .. } => name,
            _ => "",
        }
    }

    /// The largest norm that the weights of one output may have after a step.
    pub fn max_norm(&self) -> Option<f64> {
        match self {
            Layer::TemporalConv { max_norm, .. }
            | Layer::SpatialConv { max_norm, .. }
            | Layer::Linear { max_norm, .. } => *max_norm,
            _ => None,
        }
    }

    /// Shape after this layer for a shape before it, or what is too short: `the pool of 75 is longer than …`.
    pub fn output(&self, input: Shape) -> Result<Shape, String> {
        let slide = |what: &str, padded: usize, kernel: usize, stride: usize| {
            if padded < kernel {
                return Err(format!(
                    "the {what} of {kernel} is longer than the {padded} samples that reach it"
                ));
            }
            Ok(Shape { samples: (padded - kernel) / stride + 1, ..input })
        };
        match *self {
            Layer::TemporalConv { filters, kernel, stride, padding, .. } => {
                let (left, right) = padding.sides(kernel);
                let shape = slide("kernel", input.samples + left + right, kernel, stride)?;
                Ok(Shape { features: filters, ..shape })
            }
            Layer::SpatialConv { filters, .. } => Ok(Shape { features: filters, electrodes: 1, ..input }),
            Layer::AvgPool { kernel, stride } | Layer::MaxPool { kernel, stride } => {
                slide("pool", input.samples, kernel, stride)
            }
            Layer::Linear { outputs, .. } => Ok(Shape { features: outputs, electrodes: 1, samples: 1 }),
            Layer::BatchNorm { .. } | Layer::Activation(_) | Layer::Dropout { .. } => Ok(input),
        }
    }
}

/// A layer in its place: the shapes of one trial before and after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// The layer.
    pub layer: Layer,
    /// One trial ahead of it.
    pub before: Shape,
    /// One trial behind it.
    pub after: Shape,
}

/// A network: what it is for, and its layers from the trial to the logits. [`Model::network`] makes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Which architecture this is.
    pub model: Model,
    /// Trial size and classes.
    pub geometry: Geometry,
    /// The layers in order; the last is [`Layer::Linear`].
    pub layers: Vec<Placed>,
}

impl Network {
    /// The shape of one trial at the input.
    pub fn input(&self) -> Shape {
        Shape { features: 1, electrodes: self.geometry.channels, samples: self.geometry.samples }
    }

    /// Each layer with the shapes before and after it.
    pub fn shapes(&self) -> impl Iterator<Item = (&Layer, Shape, Shape)> {
        self.layers.iter().map(|placed| (&placed.layer, placed.before, placed.after))
    }
}
