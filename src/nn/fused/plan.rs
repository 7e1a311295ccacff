//! Reads a network's list of layers as stages: a convolution along time, batch normalisation, activation, pool and
//! dropout. The layers before the first activation form one stage too, whose filter the [`front`](super::front) makes.

use super::split;
use crate::model::{Activation, Layer, Network, Shape};
use crate::nn::kernels::{PoolKind, Rows, Tiling, padded};
use candle_core::{Result, bail};
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

/// Hands out the places of a network's tensors in the order in which the lab lists them.
#[derive(Default)]
struct Places {
    theta: usize,
    running: usize,
}

impl Places {
    fn take(next: &mut usize, count: usize) -> Range<usize> {
        let start = *next;
        *next += count;
        start..*next
    }

    fn affine(&mut self, weights: usize, outputs: usize, bias: bool) -> Affine {
        let weight = Self::take(&mut self.theta, weights);
        Affine { weight, bias: bias.then(|| Self::take(&mut self.theta, outputs)) }
    }

    fn norm(&mut self, features: usize) -> Norm {
        Norm {
            factor: Self::take(&mut self.theta, features),
            offset: Self::take(&mut self.theta, features),
            mean: Self::take(&mut self.running, features),
            variance: Self::take(&mut self.running, features),
        }
    }
}

/// The layers still to be read.
struct Reader<'a> {
    layers: std::iter::Peekable<std::vec::IntoIter<(&'a Layer, Shape, Shape)>>,
    places: Places,
}

impl Plan {
    /// Reads the network's layers.
    pub fn new(network: &Network) -> Result<Self> {
        let layers = network.shapes().collect::<Vec<_>>().into_iter().peekable();
        let mut reader = Reader { layers, places: Places::default() };
        let (front, first) = reader.front()?;
        let mut stages = vec![first];
        while matches!(reader.layers.peek(), Some((Layer::TemporalConv { .. }, ..))) {
            stages.push(reader.stage()?);
        }
        let head = reader.head()?;
        let Places { theta, running } = reader.places;
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
    fn front(&mut self) -> Result<(Front, Stage)> {
        let Some((&Layer::TemporalConv { filters, kernel, padding, bias, .. }, before, _)) =
            self.layers.next()
        else {
            bail!("the fused executor needs a network that starts with a temporal convolution")
        };
        let temporal = self.places.affine(filters * kernel, filters, bias);
        let norm = match self.layers.peek() {
            Some((Layer::BatchNorm { .. }, ..)) => {
                self.layers.next();
                Some(self.places.norm(filters))
            }
            _ => None,
        };
        let Some((&Layer::SpatialConv { filters: outputs, groups, bias, .. }, inner, after)) =
            self.layers.next()
        else {
            bail!("the fused executor needs a spatial convolution after the first temporal one")
        };
        let electrodes = before.electrodes;
        let spatial = self.places.affine(outputs * (filters / groups) * electrodes, outputs, bias);
        let front = Front { temporal, norm, spatial, filters, groups, electrodes };
        let shapes = ((before.samples, electrodes), (inner.samples, after.features));
        Ok((front, self.rest(None, (kernel, padding), shapes)?))
    }

    fn stage(&mut self) -> Result<Stage> {
        let Some((&Layer::TemporalConv { filters, kernel, padding, bias, .. }, before, after)) =
            self.layers.next()
        else {
            bail!("a stage of the fused executor starts with a temporal convolution")
        };
        let conv = self.places.affine(filters * before.features * kernel, filters, bias);
        let shapes = ((before.samples, before.features), (after.samples, filters));
        self.rest(Some(conv), (kernel, padding), shapes)
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
            Some(Layer::BatchNorm { .. }),
            Some(&Layer::Activation(activation)),
            Some(pool),
            Some(&Layer::Dropout { p }),
        ) = (next(), next(), next(), next())
        else {
            bail!("a stage of the fused executor ends with batch-norm, activation, pool and dropout")
        };
        let (pool, kernel) = match *pool {
            Layer::AvgPool { kernel } => (PoolKind::Mean, kernel),
            Layer::MaxPool { kernel } => (PoolKind::Max, kernel),
            _ => bail!("a stage of the fused executor needs a pool after its activation"),
        };
        let norm = self.places.norm(after.1);
        let keep_scale = (1.0 - p).recip() as f32;
        Ok(Stage { conv, taps, padding, before, after, norm, activation, pool, kernel, keep_scale })
    }

    fn head(&mut self) -> Result<Head> {
        let (Some((&Layer::Linear { outputs, .. }, before, _)), None) =
            (self.layers.next(), self.layers.peek())
        else {
            bail!("the fused executor needs a network that ends with one linear layer")
        };
        let affine = self.places.affine(outputs * before.len(), outputs, true);
        Ok(Head { affine, samples: before.samples, features: before.features, classes: outputs })
    }
}
