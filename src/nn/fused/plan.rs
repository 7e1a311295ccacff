//! Reads a network's list of layers as stages: a convolution along time, batch normalisation, activation, pool and
//! dropout. The layers before the first activation form one stage too, whose filter the [`front`](super::front) makes.

use super::split;
use crate::model::{Activation, Layer, Layout, Network, Shape};
use crate::nn::Unsupported;
use crate::nn::kernels::{PoolKind, Rows, Tiling, padded};
use std::ops::Range;

/// A network as the fused executor runs it.
pub(super) struct Plan {
    pub front: Front,
    /// How the first stage is split, if it is.
    pub split: Option<split::Shape>,
    pub stages: Vec<Stage>,
    pub head: Head,
    /// Values of one trial at the input, and its electrodes.
    pub input: (usize, usize),
    /// Lengths of [`Weights::theta`](crate::nn::Weights::theta) and its running statistics.
    pub theta: usize,
    pub running: usize,
}

/// A weight and an optional bias in theta.
#[derive(Clone, Debug)]
pub(super) struct Affine {
    pub weight: Range<usize>,
    pub bias: Option<Range<usize>>,
}

/// A batch normalisation's values: factor and offset in theta, mean and variance in the running statistics.
#[derive(Clone, Debug)]
pub(super) struct Norm {
    pub factor: Range<usize>,
    pub offset: Range<usize>,
    pub mean: Range<usize>,
    pub variance: Range<usize>,
    /// Added to a variance before its root is taken.
    pub eps: f64,
    /// Share of the newest batch in the running statistics.
    pub momentum: f64,
}

/// The first stage's linear part: convolution along time, perhaps batch normalisation, convolution over electrodes.
pub(super) struct Front {
    pub temporal: Affine,
    pub norm: Option<Norm>,
    pub spatial: Affine,
    pub filters: usize,
    pub groups: usize,
    pub electrodes: usize,
}

/// One stage. `taps`, `padding` and the shapes are those of its convolution.
pub(super) struct Stage {
    /// Of the convolution from the second stage on; the first one's filter comes from the front.
    pub conv: Option<Affine>,
    pub taps: usize,
    pub padding: usize,
    /// Samples and channels before and after the convolution.
    pub before: (usize, usize),
    pub after: (usize, usize),
    pub norm: Norm,
    pub activation: Activation,
    pub pool: PoolKind,
    pub kernel: usize,
    /// What dropout multiplies the kept values by: 1/(1 − p).
    pub keep_scale: f32,
}

/// The classifier.
pub(super) struct Head {
    pub affine: Affine,
    pub samples: usize,
    pub features: usize,
    pub classes: usize,
}

impl Stage {
    /// Floats of a row before the convolution: whole vectors, but for the input itself.
    pub fn stride(&self) -> usize {
        if self.conv.is_some() { padded(self.before.1) } else { self.before.1 }
    }

    /// Floats of a row after it.
    pub fn columns(&self) -> usize {
        padded(self.after.1)
    }

    /// Floats of one trial before the convolution, with the padding's zeros.
    pub fn input_len(&self) -> usize {
        (self.before.0 + 2 * self.padding) * self.stride()
    }

    /// Floats of one trial after it.
    pub fn output_len(&self) -> usize {
        self.after.0 * self.columns()
    }

    /// Where the trial's own samples lie in its input.
    pub fn inner(&self) -> Range<usize> {
        self.padding * self.stride()..(self.padding + self.before.0) * self.stride()
    }

    /// The view that the convolution sums over.
    pub fn rows(&self) -> Rows {
        Rows { count: self.after.0, stride: self.stride(), taps: self.taps, width: self.before.1 }
    }

    /// Zeros on either side of the gradient of the output, for the convolution that leads it back to the input.
    pub fn back_padding(&self) -> usize {
        self.taps - 1 - self.padding
    }

    /// The view that the convolution backwards sums over.
    pub fn back_rows(&self) -> Rows {
        Rows { count: self.before.0, stride: self.columns(), taps: self.taps, width: self.after.1 }
    }

    /// How its convolution is cut into tiles backwards and in evaluation, where that pays: not at the few channels of the
    /// signal itself.
    pub fn tiling(&self) -> Option<Tiling> {
        self.conv.as_ref().and_then(|_| Tiling::large(self.taps))
    }

    /// The same forwards in training: not ahead of a pool of maxima, as a rounding may turn its choice.
    pub fn training_tiling(&self) -> Option<Tiling> {
        self.conv.as_ref().filter(|_| self.pool == PoolKind::Mean).and_then(|_| Tiling::small(self.taps))
    }

    /// Rows of the pooled output.
    pub fn pooled(&self) -> usize {
        self.after.0 / self.kernel
    }
}

impl Head {
    /// Floats of one trial's features, rows of whole vectors.
    pub fn input_len(&self) -> usize {
        self.samples * padded(self.features)
    }
}

/// The layers still to be read.
struct Reader<'a> {
    layers: std::iter::Peekable<std::vec::IntoIter<(&'a Layer, Shape, Shape)>>,
    layout: Layout,
}

type Result<T> = std::result::Result<T, Unsupported>;

/// A convolution along time: tensors, filters, taps and padding, shapes before and after it.
type ReadConv = (Affine, usize, (usize, usize), Shape, Shape);

/// What the kernels have no way for.
fn unsupported<T>(what: impl Into<String>) -> Result<T> {
    Err(Unsupported(what.into()))
}

impl Plan {
    /// Reads the network's layers.
    pub fn new(network: &Network) -> Result<Self> {
        let layers = network.shapes().collect::<Vec<_>>().into_iter().peekable();
        let mut reader = Reader { layers, layout: Layout::of(network) };
        let (front, first) = reader.front()?;
        let mut stages = vec![first];
        while matches!(reader.layers.peek(), Some((Layer::TemporalConv { .. }, ..))) {
            stages.push(reader.stage()?);
        }
        let head = reader.head()?;
        let [theta, running] = reader.layout.lengths();
        let input = network.input();
        let split = split::Shape::of(&front, &stages[0], stages.len());
        Ok(Plan { front, split, stages, head, input: (input.len(), input.electrodes), theta, running })
    }
}

impl Plan {
    /// The first stage that is run by itself: a split one goes through with the second.
    pub fn first(&self) -> usize {
        usize::from(self.split.is_some())
    }
}

impl Reader<'_> {
    fn affine(&self, name: &str) -> Result<Affine> {
        let range =
            |tensor: &str| self.layout.parameter(&format!("{name}.{tensor}")).map(|slot| slot.range.clone());
        match range("weight") {
            Some(weight) => Ok(Affine { weight, bias: range("bias") }),
            None => unsupported(format!("a layer '{name}' without weights")),
        }
    }

    fn norm(&self, name: &str, eps: f64, momentum: f64) -> Result<Norm> {
        let Affine { weight: factor, bias: Some(offset) } = self.affine(name)? else {
            return unsupported(format!("a batch norm '{name}' without an offset"));
        };
        let range =
            |tensor: &str| self.layout.statistic(&format!("{name}.{tensor}")).map(|slot| slot.range.clone());
        match (range("running_mean"), range("running_var")) {
            (Some(mean), Some(variance)) => Ok(Norm { factor, offset, mean, variance, eps, momentum }),
            _ => unsupported(format!("a batch norm '{name}' without running statistics")),
        }
    }

    fn front(&mut self) -> Result<(Front, Stage)> {
        let (temporal, filters, conv, before, _) = self.temporal_conv()?;
        let norm = match self.layers.next_if(|(layer, ..)| matches!(layer, Layer::BatchNorm { .. })) {
            Some((Layer::BatchNorm { name, eps, momentum }, ..)) => Some(self.norm(name, *eps, *momentum)?),
            _ => None,
        };
        let Some((Layer::SpatialConv { name, groups, .. }, inner, after)) = self.layers.next() else {
            return unsupported(
                "a convolution over electrodes that does not follow the first one along time",
            );
        };
        let electrodes = before.electrodes;
        let front =
            Front { temporal, norm, spatial: self.affine(name)?, filters, groups: *groups, electrodes };
        let shapes = ((before.samples, electrodes), (inner.samples, after.features));
        Ok((front, self.rest(None, conv, shapes)?))
    }

    fn stage(&mut self) -> Result<Stage> {
        let (affine, filters, conv, before, after) = self.temporal_conv()?;
        let shapes = ((before.samples, before.features), (after.samples, filters));
        self.rest(Some(affine), conv, shapes)
    }

    /// A convolution along time: tensors, filters, taps and padding, shapes.
    fn temporal_conv(&mut self) -> Result<ReadConv> {
        let Some((layer, before, after)) = self.layers.next() else {
            return unsupported("a network without a convolution along time");
        };
        let &Layer::TemporalConv { ref name, filters, kernel, stride, padding, groups, .. } = layer else {
            return unsupported("a network that does not begin with a convolution along time");
        };
        let (left, right) = padding.sides(kernel);
        if stride != 1 {
            return unsupported(format!("a stride of {stride} ('{name}')"));
        }
        if groups != 1 {
            return unsupported(format!("groups along time ('{name}')"));
        }
        if left != right {
            return unsupported(format!("padding of {left} and {right} zeros ('{name}')"));
        }
        Ok((self.affine(name)?, filters, (kernel, left), before, after))
    }

    /// Batch normalisation, activation, pool and dropout.
    fn rest(
        &mut self,
        conv: Option<Affine>,
        (taps, padding): (usize, usize),
        (before, after): ((usize, usize), (usize, usize)),
    ) -> Result<Stage> {
        let mut next = || self.layers.next().map(|(layer, ..)| layer);
        let (
            Some(Layer::BatchNorm { name, eps, momentum }),
            Some(&Layer::Activation(activation)),
            Some(pool),
            Some(&Layer::Dropout { p }),
        ) = (next(), next(), next(), next())
        else {
            return unsupported("a stage that is not batch norm, activation, pool and dropout");
        };
        if !matches!(activation, Activation::Relu | Activation::LeakyRelu { .. } | Activation::Elu { .. }) {
            return unsupported(format!("the activation {}", activation.name()));
        }
        let (pool, kernel) = match *pool {
            Layer::AvgPool { kernel, stride } if kernel == stride => (PoolKind::Mean, kernel),
            Layer::MaxPool { kernel, stride } if kernel == stride => (PoolKind::Max, kernel),
            Layer::AvgPool { .. } | Layer::MaxPool { .. } => {
                return unsupported("a pool whose stride is not its kernel");
            }
            _ => return unsupported("a stage without a pool after its activation"),
        };
        let norm = self.norm(name, *eps, *momentum)?;
        let keep_scale = (1.0 - p).recip() as f32;
        Ok(Stage { conv, taps, padding, before, after, norm, activation, pool, kernel, keep_scale })
    }

    fn head(&mut self) -> Result<Head> {
        let (Some((Layer::Linear { name, outputs, .. }, before, _)), None) =
            (self.layers.next(), self.layers.peek())
        else {
            return unsupported("a stage that does not begin with a convolution along time");
        };
        let affine = self.affine(name)?;
        Ok(Head { affine, samples: before.samples, features: before.features, classes: *outputs })
    }
}
