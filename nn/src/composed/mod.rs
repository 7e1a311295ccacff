//! The network in candle's own operations, for every device that candle knows; the reference that the fused kernels are
//! compared with. Where candle's gradient of an operation is wrong (its pools, and `conv1d` on the CPU), the operation is
//! put together from ones whose gradient is right.

mod dropout;
mod operations;

use super::{Executor, TrainingPass, Weights};
use crate::model::{Layer, Network};
use crate::random::DropoutMask;
use candle_core::{Device, Result, Tensor};
use dropout::Dropout;

/// The most values of one evaluation batch's signal, so that its memory is bounded whatever a trial's size.
const EVALUATION_VALUES: usize = 1 << 20;
/// The most trials of one evaluation batch.
const EVALUATION_TRIALS: usize = 256;

/// Runs a network as composed operations.
pub struct Composed {
    /// Each layer with what it keeps on the device.
    layers: Vec<(Layer, Kept)>,
}

/// What a layer keeps on the device, so that nothing need be copied there while training.
enum Kept {
    Nothing,
    /// A temporal convolution's or a pool's [`operations::windows`].
    Windows(Tensor),
    /// The dropout, and its number among the network's.
    Dropout(Dropout, usize),
}

/// What differs between training and evaluation.
enum Mode<'a> {
    /// Batch statistics; the new running statistics are collected. Masks may be empty: no dropout.
    Train { masks: &'a [DropoutMask], running: Vec<Tensor> },
    /// Running statistics, no dropout, no graph.
    Evaluate,
}

impl Composed {
    /// Prepares a network for a device.
    pub fn new(network: &Network, device: &Device) -> Result<Self> {
        let mut dropouts = 0..;
        let layers = network.shapes().map(|(layer, before, _)| {
            let windows = |samples, kernel, stride| {
                operations::windows(samples, kernel, stride, device).map(Kept::Windows)
            };
            let kept = match *layer {
                Layer::TemporalConv { kernel, stride, padding, .. } => {
                    let (left, right) = padding.sides(kernel);
                    windows(left + before.samples + right, kernel, stride)?
                }
                Layer::AvgPool { kernel, stride } | Layer::MaxPool { kernel, stride } => {
                    windows(before.samples, kernel, stride)?
                }
                Layer::Dropout { p } if p > 0.0 => {
                    Kept::Dropout(Dropout::new(p, before, device)?, dropouts.next().unwrap_or_default())
                }
                _ => Kept::Nothing,
            };
            Ok((layer.clone(), kept))
        });
        Ok(Composed { layers: layers.collect::<Result<_>>()? })
    }

    fn forward(&self, weights: &Weights, x: &Tensor, mode: &mut Mode) -> Result<Tensor> {
        // (trial, sample, electrode) to (trial, electrode, sample, feature).
        let x = x.transpose(1, 2)?.unsqueeze(3)?;
        self.layers.iter().try_fold(x, |h, (layer, kept)| layer_forward(layer, kept, weights, &h, mode))
    }
}

fn layer_forward(
    layer: &Layer,
    kept: &Kept,
    weights: &Weights,
    h: &Tensor,
    mode: &mut Mode,
) -> Result<Tensor> {
    let parameter = |name: &str, tensor: &str| {
        let value = weights.parameter(&format!("{name}.{tensor}"))?;
        Ok::<_, candle_core::Error>(match mode {
            Mode::Train { .. } => value,
            Mode::Evaluate => value.detach(),
        })
    };
    let bias_of = |name: &str, bias: bool| bias.then(|| parameter(name, "bias")).transpose();
    match (layer, kept) {
        (Layer::TemporalConv { name, kernel, padding, groups, bias, .. }, Kept::Windows(taps)) => {
            let (bias, sides) = (bias_of(name, *bias)?, padding.sides(*kernel));
            operations::temporal_conv(h, &parameter(name, "weight")?, bias.as_ref(), *groups, sides, taps)
        }
        (Layer::SpatialConv { name, groups, bias, .. }, _) => {
            let bias = bias_of(name, *bias)?;
            operations::spatial_conv(h, &parameter(name, "weight")?, bias.as_ref(), *groups)
        }
        (Layer::BatchNorm { name, eps, momentum }, _) => {
            let affine = [&parameter(name, "weight")?, &parameter(name, "bias")?];
            let statistic = |what: &str| weights.statistic(&format!("{name}.{what}"));
            let statistics = [&statistic("running_mean")?, &statistic("running_var")?];
            match mode {
                Mode::Train { running, .. } => {
                    let norm = operations::Norm { eps: *eps, momentum: *momentum };
                    let (h, new) = operations::batch_norm(h, norm, affine, statistics)?;
                    running.extend(new);
                    Ok(h)
                }
                Mode::Evaluate => operations::normalise(h, *eps, affine, statistics),
            }
        }
        (Layer::Activation(activation), _) => operations::activate(h, *activation),
        (Layer::AvgPool { kernel, .. }, Kept::Windows(windows)) => operations::avg_pool(h, *kernel, windows),
        (Layer::MaxPool { kernel, .. }, Kept::Windows(windows)) => operations::max_pool(h, *kernel, windows),
        (Layer::Dropout { .. }, Kept::Dropout(dropout, index)) => match mode {
            Mode::Train { masks, .. } if !masks.is_empty() => match masks.get(*index) {
                Some(mask) => dropout.apply(h, *mask),
                None => candle_core::bail!("{} dropout masks do not do for this network", masks.len()),
            },
            _ => Ok(h.clone()),
        },
        (Layer::Dropout { .. }, _) => Ok(h.clone()),
        (Layer::Linear { name, .. }, _) => {
            operations::linear(h, &parameter(name, "weight")?, &parameter(name, "bias")?)
        }
        (layer @ (Layer::TemporalConv { .. } | Layer::AvgPool { .. } | Layer::MaxPool { .. }), _) => {
            candle_core::bail!("{layer:?} was not prepared")
        }
    }
}

impl Executor for Composed {
    fn train(&self, weights: &Weights, x: &Tensor, masks: &[DropoutMask]) -> Result<TrainingPass> {
        let mut mode = Mode::Train { masks, running: Vec::new() };
        let logits = self.forward(weights, x, &mut mode)?;
        let running = match mode {
            Mode::Train { running, .. } if !running.is_empty() => Tensor::cat(&running, 0)?,
            _ => weights.running().clone(),
        };
        let (detached, theta) = (logits.detach(), weights.theta().clone());
        let backward = move |gradient: &Tensor| {
            let product = (&logits * gradient)?.sum_all()?;
            let Some(gradient) = product.backward()?.remove(&theta) else {
                candle_core::bail!("the logits do not depend on the weights")
            };
            Ok(gradient)
        };
        Ok(TrainingPass { logits: detached, running, backward: Box::new(backward) })
    }

    fn evaluate(&self, weights: &Weights, x: &Tensor) -> Result<Tensor> {
        let (trials, samples, electrodes) = x.dims3()?;
        let batch = (EVALUATION_VALUES / (samples * electrodes).max(1)).clamp(1, EVALUATION_TRIALS);
        let logits = (0..trials).step_by(batch).map(|first| {
            let x = x.narrow(0, first, batch.min(trials - first))?;
            self.forward(weights, &x, &mut Mode::Evaluate)
        });
        Tensor::cat(&logits.collect::<Result<Vec<_>>>()?, 0)
    }
}
