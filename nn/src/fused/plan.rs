//! Reads a network's list of layers as stages: linear layers, batch normalisation, activation, pool, another function,
//! dropout, each of them present or not. A stage ends where the next layer is none that may still follow. The layers ahead
//! of the spatial convolution are part of the first stage, whose filter [`first_conv`](super::first_conv) computes.

use super::chain::{Chain, Conv};
use super::places::{Affine, Norm};
use super::split::SplitShape;
use super::stage::{Dropout, FirstConv, Head, Linear, Pool, Size, Stage, Taps};
use crate::Unsupported;
use crate::kernels::{PoolKind, padded};
use crate::model::{Activation, Layer, Layout, Network, Shape};

/// A network as the fused executor runs it.
pub(super) struct Plan {
    /// Where the first stage filters the electrodes before they are joined.
    pub first_conv: Option<FirstConv>,
    /// How the first stage is split, if it is.
    pub split: Option<SplitShape>,
    pub stages: Vec<Stage>,
    pub head: Head,
    /// One trial at the input; its channels are the electrodes.
    pub signal: Size,
    /// Lengths of [`Weights::theta`](crate::Weights::theta) and its running statistics.
    pub theta: usize,
    pub running: usize,
    /// Layers that drop.
    pub dropouts: usize,
}

type Result<T> = std::result::Result<T, Unsupported>;

/// What the kernels have no way for.
fn unsupported<T>(what: impl Into<String>) -> Result<T> {
    Err(Unsupported(what.into()))
}

/// The layers still to be read.
struct Reader<'a> {
    layers: std::iter::Peekable<std::vec::IntoIter<(&'a Layer, Shape, Shape)>>,
    layout: Layout,
    dropouts: usize,
}

/// The linear part of a stage, and what comes in and goes out.
struct Front {
    linear: Linear,
    taps: Taps,
    input: Size,
    output: Size,
    stride: usize,
}

impl Plan {
    /// Reads the network's layers.
    pub fn new(network: &Network) -> Result<Self> {
        let layers = network.shapes().collect::<Vec<_>>().into_iter().peekable();
        let mut reader = Reader { layers, layout: Layout::of(network), dropouts: 0 };
        let input = network.input();
        let signal = Size { samples: input.samples, channels: input.electrodes };
        let (first_conv, front) = reader.first_stage(signal)?;
        let mut stages = vec![reader.rest(front)?];
        while !matches!(reader.layers.peek(), None | Some((Layer::Linear { .. }, ..))) {
            let front = reader.front(stages.last().map_or(signal, pooled))?;
            stages.push(reader.rest(front)?);
        }
        let head = reader.head()?;
        let [theta, running] = reader.layout.lengths();
        let split =
            first_conv.as_ref().and_then(|first_conv| SplitShape::of(first_conv, &stages[0], stages.len()));
        Ok(Plan { first_conv, split, stages, head, signal, theta, running, dropouts: reader.dropouts })
    }

    /// Floats of one trial's signal.
    pub fn signal_len(&self) -> usize {
        self.signal.samples * self.signal.channels
    }

    /// The first stage that is run by itself: a split one goes through with the second.
    pub fn first(&self) -> usize {
        usize::from(self.split.is_some())
    }
}

fn pooled(stage: &Stage) -> Size {
    Size { samples: stage.pooled(), channels: stage.output.channels }
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

    /// The batch normalisation that comes next, if one does.
    fn norm(&mut self) -> Result<Option<Norm>> {
        let Some((Layer::BatchNorm { name, eps, momentum }, ..)) =
            self.layers.next_if(|(layer, ..)| matches!(layer, Layer::BatchNorm { .. }))
        else {
            return Ok(None);
        };
        let Affine { weight: gamma, bias: Some(beta) } = self.affine(name)? else {
            return unsupported(format!("a batch norm '{name}' without a bias"));
        };
        let range =
            |tensor: &str| self.layout.statistic(&format!("{name}.{tensor}")).map(|slot| slot.range.clone());
        match (range("running_mean"), range("running_var")) {
            (Some(mean), Some(variance)) => {
                Ok(Some(Norm { gamma, beta, mean, variance, eps: *eps, momentum: *momentum }))
            }
            _ => unsupported(format!("a batch norm '{name}' without running statistics")),
        }
    }

    /// The convolution along time or over a single electrode that comes next, if one does.
    fn conv(&mut self) -> Result<Option<(Conv, Taps)>> {
        let is_conv = |(layer, before, _): &(&Layer, Shape, Shape)| match layer {
            Layer::TemporalConv { .. } => before.electrodes == 1,
            Layer::SpatialConv { .. } => before.electrodes == 1 || before.features == 1,
            _ => false,
        };
        let Some((layer, before, after)) = self.layers.next_if(is_conv) else { return Ok(None) };
        let affine = self.affine(layer.name())?;
        // Electrodes of one feature are channels; what joins them is a convolution of one tap.
        let (inputs, outputs) = (before.features * before.electrodes, after.features);
        Ok(Some(match *layer {
            Layer::TemporalConv { kernel, stride, padding, groups, .. } => {
                let (left, right) = padding.sides(kernel);
                let taps = Taps { count: kernel, step: stride, left, right };
                (Conv { affine, inputs, outputs, taps: kernel, groups }, taps)
            }
            Layer::SpatialConv { groups, .. } => {
                (Conv { affine, inputs, outputs, taps: 1, groups }, Taps { count: 1, ..IN_PLACE })
            }
            _ => return Ok(None),
        }))
    }

    /// The linear part of the first stage.
    fn first_stage(&mut self, signal: Size) -> Result<(Option<FirstConv>, Front)> {
        let mut ahead = self.layers.clone().map(|(layer, ..)| layer);
        let first = ahead.next();
        let spatial = ahead.find(|layer| !matches!(layer, Layer::BatchNorm { .. }));
        let filters_first =
            matches!((first, spatial), (Some(Layer::TemporalConv { .. }), Some(Layer::SpatialConv { .. })));
        if !filters_first {
            if signal.channels > 1 && !matches!(first, Some(Layer::SpatialConv { .. })) {
                return unsupported(
                    "anything but a convolution along time and batch norm while the electrodes are apart",
                );
            }
            let front = self.front(signal)?;
            return Ok((None, Front { stride: signal.channels, ..front }));
        }
        let Some((&Layer::TemporalConv { ref name, filters, kernel, stride, padding, .. }, ..)) =
            self.layers.next()
        else {
            return unsupported("a network without a convolution along time");
        };
        let temporal = self.affine(name)?;
        let norm = self.norm()?;
        if norm.is_some() && stride != 1 {
            return unsupported(format!(
                "a stride ('{name}') with batch norm ahead of the convolution over electrodes"
            ));
        }
        let Some((Layer::SpatialConv { name, groups, .. }, inner, after)) = self.layers.next() else {
            return unsupported(
                "anything but batch norm between the first convolution and that over electrodes",
            );
        };
        let (left, right) = padding.sides(kernel);
        let spatial = self.affine(name)?;
        let first_conv =
            FirstConv { temporal, norm, spatial, filters, groups: *groups, electrodes: signal.channels };
        let front = Front {
            linear: Linear::First,
            taps: Taps { count: kernel, step: stride, left, right },
            input: signal,
            output: Size { samples: inner.samples, channels: after.features },
            stride: signal.channels,
        };
        Ok((Some(first_conv), front))
    }

    /// The convolutions that come next, as many as are one without loss.
    fn front(&mut self, input: Size) -> Result<Front> {
        let (stride, mut output) = (padded(input.channels), input);
        let Some((conv, mut taps)) = self.conv()? else {
            return Ok(Front { linear: Linear::Identity, taps: IN_PLACE, input, output, stride });
        };
        let after = |samples: usize, taps: Taps, channels: usize| Size {
            samples: (samples + taps.left + taps.right - taps.count) / taps.step + 1,
            channels,
        };
        output = after(output.samples, taps, conv.outputs);
        let mut chain = Chain(vec![conv]);
        while let Some(joined) = self.joined(&chain, taps) {
            let Some((conv, own)) = self.conv()? else { break };
            output = after(output.samples, own, conv.outputs);
            chain.0.push(conv);
            taps = joined;
        }
        Ok(Front { linear: Linear::Chain(chain), taps, input, output, stride })
    }

    /// The taps of the chain with the convolution that comes next, if that one may be part of it. It may if padding stays at
    /// the ends of the whole, so that the filter in one is exact there too.
    fn joined(&mut self, chain: &Chain, taps: Taps) -> Option<Taps> {
        let (layer, before, after) = self.layers.peek()?;
        let (kernel, step, (left, right), groups) = match **layer {
            Layer::TemporalConv { kernel, stride, padding, groups, .. } => {
                (kernel, stride, padding.sides(kernel), groups)
            }
            Layer::SpatialConv { groups, .. } => (1, 1, (0, 0), groups),
            _ => return None,
        };
        let affine = Affine { weight: 0..0, bias: None };
        let next = Conv { affine, inputs: before.features, outputs: after.features, taps: kernel, groups };
        let padded = left + right > 0;
        let has_bias = chain.0.iter().any(|conv| conv.affine.bias.is_some());
        let ends_agree = !padded || (taps == IN_PLACE && !has_bias);
        let steps_agree = taps.step == 1 || kernel == 1;
        (ends_agree && steps_agree && chain.gains_by(&next)).then_some(Taps {
            count: taps.count + (kernel - 1) * taps.step,
            step: taps.step * step,
            left: taps.left + left,
            right: taps.right + right,
        })
    }

    /// What may follow: batch normalisation, an activation, a pool, another function, dropout.
    fn rest(&mut self, front: Front) -> Result<Stage> {
        let norm = self.norm()?;
        let activation = self.activation();
        let pool = match self
            .layers
            .next_if(|(layer, ..)| matches!(layer, Layer::AvgPool { .. } | Layer::MaxPool { .. }))
        {
            Some((&Layer::AvgPool { kernel, stride }, ..)) => Pool { kind: PoolKind::Mean, kernel, stride },
            Some((&Layer::MaxPool { kernel, stride }, ..)) => Pool { kind: PoolKind::Max, kernel, stride },
            _ => Pool::NONE,
        };
        // Without a pool a second function is the next stage's.
        let last = if pool == Pool::NONE { Activation::None } else { self.activation() };
        let dropout = match self.layers.next_if(|(layer, ..)| matches!(layer, Layer::Dropout { .. })) {
            Some((&Layer::Dropout { p }, ..)) if p > 0.0 => {
                self.dropouts += 1;
                Some(Dropout { index: self.dropouts - 1, keep_scale: (1.0 - p).recip() as f32 })
            }
            _ => None,
        };
        let Front { linear, taps, input, output, stride } = front;
        // The logarithm is the one function that the vectors lack; behind a pool of one sample it is taken by itself.
        let (activation, last) = match (activation, last, pool == Pool::NONE) {
            (log @ Activation::Log { .. }, Activation::None, true) => (Activation::None, log),
            (Activation::Log { .. }, ..) => return unsupported("a logarithm ahead of a pool"),
            (activation, last, _) => (activation, last),
        };
        Ok(Stage { linear, taps, input, output, stride, norm, activation, pool, last, dropout })
    }

    fn activation(&mut self) -> Activation {
        match self.layers.next_if(|(layer, ..)| matches!(layer, Layer::Activation(_))) {
            Some((&Layer::Activation(activation), ..)) => activation,
            _ => Activation::None,
        }
    }

    fn head(&mut self) -> Result<Head> {
        let (Some((Layer::Linear { name, outputs, .. }, before, _)), None) =
            (self.layers.next(), self.layers.peek())
        else {
            return unsupported("a network that does not end with one linear layer");
        };
        let affine = self.affine(name)?;
        Ok(Head { affine, samples: before.samples, features: before.features, classes: *outputs })
    }
}

/// The taps of what leaves every sample where it is.
const IN_PLACE: Taps = Taps { count: 1, step: 1, left: 0, right: 0 };

/// Trials that one thread takes in one go. A function of the batch alone, because sums are taken chunk by chunk and then
/// over the chunks in order: so they are the same bits for any number of threads.
pub(super) fn trials_per_chunk(trials: usize) -> usize {
    trials.div_ceil(16).max(8)
}
