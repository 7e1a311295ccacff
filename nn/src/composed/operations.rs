//! Each layer's meaning in candle operations. Activations are (trial, electrode, sample, feature), parameters have
//! PyTorch's shapes. Every function is differentiable in all its inputs unless it says otherwise.

use crate::model::Activation;
use candle_core::{DType, Device, Result, Tensor};

/// Terms of a sum that are added up before they join the rest.
const BLOCK: usize = 64;

/// For each window of `kernel` samples, one every `stride`, the samples in it, one after another; a remainder is dropped.
/// `samples` counts the padding's zeros.
pub(super) fn windows(samples: usize, kernel: usize, stride: usize, device: &Device) -> Result<Tensor> {
    let first = (0..samples + 1 - kernel).step_by(stride);
    let indices: Vec<u32> = first.flat_map(|first| first..first + kernel).map(|i| i as u32).collect();
    let count = indices.len();
    Tensor::from_vec(indices, count, device)
}

/// Convolution along time: a matrix product over what lies under the taps (candle's gradient of `conv1d` is wrong on
/// the CPU for more than one trial). `weight` is (filter, feature of the group, 1, tap), `padding` the zeros on the left
/// and on the right, `taps` the [`windows`] of the padded trial.
pub(super) fn temporal_conv(
    h: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    groups: usize,
    (left, right): (usize, usize),
    taps: &Tensor,
) -> Result<Tensor> {
    let (trials, electrodes, _, features) = h.dims4()?;
    let (filters, per_group, _, kernel) = weight.dims4()?;
    let outputs = taps.dim(0)? / kernel;
    let h = if left + right > 0 { h.pad_with_zeros(2, left, right)? } else { h.clone() };
    let under_taps = h.contiguous()?.index_select(taps, 2)?;
    let rows = trials * electrodes * outputs;
    let h = if groups == 1 {
        let under_taps = under_taps.reshape((rows, kernel * features))?;
        let weight = weight.permute((2, 3, 1, 0))?.reshape((kernel * features, filters))?;
        matmul_in_blocks(&under_taps, &weight)?
    } else {
        // (group, row, tap and feature of the group) times (group, tap and feature of the group, filter of the group).
        let under_taps = under_taps.reshape((rows, kernel, groups, per_group))?.permute((2, 0, 1, 3))?;
        let under_taps = under_taps.reshape((groups, rows, kernel * per_group))?;
        let weight = weight.reshape((groups, filters / groups, per_group, kernel))?.permute((0, 3, 2, 1))?;
        let weight = weight.reshape((groups, kernel * per_group, filters / groups))?;
        matmul_in_blocks(&under_taps, &weight)?.transpose(0, 1)?.contiguous()?
    };
    add_bias(h.reshape((trials, electrodes, outputs, filters))?, bias)
}

/// A matrix product whose sums are taken in blocks. In single precision the rounding of one long sum is enough to turn
/// near ties in a max pool, and each turned tie moves a small batch's gradient by up to a hundredth.
fn matmul_in_blocks(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (columns, rows) = (a.rank() - 1, b.rank() - 2);
    let inner = b.dim(rows)?;
    let block = |first: usize| {
        let length = BLOCK.min(inner - first);
        let a = a.narrow(columns, first, length)?.contiguous()?;
        a.matmul(&b.narrow(rows, first, length)?.contiguous()?)
    };
    (BLOCK..inner).step_by(BLOCK).try_fold(block(0)?, |sum, first| sum.add(&block(first)?))
}

/// Convolution over all electrodes. `weight` is (filter, feature of the group, electrode, 1).
pub(super) fn spatial_conv(
    h: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    groups: usize,
) -> Result<Tensor> {
    let (trials, electrodes, samples, features) = h.dims4()?;
    let filters = weight.dim(0)?;
    let (per_group, outputs) = (features / groups, filters / groups);
    let h = h.reshape((trials, electrodes, samples, groups, per_group))?.permute((3, 0, 2, 1, 4))?;
    let h = h.reshape((groups, trials * samples, electrodes * per_group))?;
    let weight = weight.reshape((groups, outputs, per_group, electrodes))?.permute((0, 3, 2, 1))?;
    let h = h.matmul(&weight.reshape((groups, electrodes * per_group, outputs))?)?;
    add_bias(h.transpose(0, 1)?.reshape((trials, 1, samples, filters))?, bias)
}

/// What a batch normalisation knows beside its tensors.
#[derive(Clone, Copy)]
pub(super) struct Norm {
    /// Added to a variance before its root is taken.
    pub eps: f64,
    /// Share of the newest batch in the running statistics.
    pub momentum: f64,
}

/// Batch normalisation by the batch's own statistics. Also gives the running mean and (unbiased) variance after this
/// batch, outside the graph.
///
/// On the CPU all sums are taken in double precision, as PyTorch takes them there: what a filter's scale has to do with the
/// loss cancels but for [`Norm::eps`], and a mean that is off in its last digits is off for every term alike.
pub(super) fn batch_norm(
    h: &Tensor,
    norm: Norm,
    [scale, shift]: [&Tensor; 2],
    [running_mean, running_variance]: [&Tensor; 2],
) -> Result<(Tensor, [Tensor; 2])> {
    let narrow = h.dtype();
    let wide = if h.device().is_cpu() { DType::F64 } else { narrow };
    let cast = |tensors: [&Tensor; 2], dtype| -> Result<[Tensor; 2]> {
        let [a, b] = tensors;
        Ok([a.to_dtype(dtype)?, b.to_dtype(dtype)?])
    };
    let ([scale, shift], [running_mean, running_variance]) =
        (cast([scale, shift], wide)?, cast([running_mean, running_variance], wide)?);
    let h = &h.to_dtype(wide)?;
    let (trials, electrodes, samples, _) = h.dims4()?;
    let count = (trials * electrodes * samples) as f64;
    let mean = mean_per_feature(h)?;
    let variance = mean_per_feature(&h.broadcast_sub(&mean)?.sqr()?)?;
    let unbiased = (variance.detach() * (count / (count - 1.0)))?;
    let share = norm.momentum;
    let moved = |old: &Tensor, new: &Tensor| (old * (1.0 - share))?.add(&(new.detach() * share)?);
    let running = cast([&moved(&running_mean, &mean)?, &moved(&running_variance, &unbiased)?], narrow)?;
    let normalised = normalise(h, norm.eps, [&scale, &shift], [&mean, &variance])?;
    Ok((normalised.to_dtype(narrow)?, running))
}

/// (h − mean) / √(variance + ε) · scale + shift, each a value per feature.
pub(super) fn normalise(
    h: &Tensor,
    eps: f64,
    [scale, shift]: [&Tensor; 2],
    [mean, variance]: [&Tensor; 2],
) -> Result<Tensor> {
    let factor = (scale / (variance + eps)?.sqrt()?)?;
    h.broadcast_sub(mean)?.broadcast_mul(&factor)?.broadcast_add(shift)
}

/// The activation function. At 0 the derivative is the negative side's, as in PyTorch; candle's own ReLU has 1 there.
pub(super) fn activate(h: &Tensor, activation: Activation) -> Result<Tensor> {
    let negative = match activation {
        Activation::None => return Ok(h.clone()),
        Activation::Elu { alpha } => return h.elu(alpha),
        Activation::Gelu => return h.gelu_erf(),
        Activation::Silu => return h.silu(),
        Activation::Square => return h.sqr(),
        Activation::Log { eps } => {
            let least = (h.zeros_like()? + eps)?;
            return h.ge(&least)?.where_cond(h, &least)?.log();
        }
        Activation::Relu => h.zeros_like()?,
        Activation::LeakyRelu { slope } => (h * slope)?,
    };
    h.gt(&h.zeros_like()?)?.where_cond(h, &negative)
}

/// Mean over each of the [`windows`] of `kernel` samples.
pub(super) fn avg_pool(h: &Tensor, kernel: usize, windows: &Tensor) -> Result<Tensor> {
    in_windows(h, kernel, windows)?.mean(3)
}

/// Maximum over each of the [`windows`] of `kernel` samples; the gradient goes to the first of equals.
pub(super) fn max_pool(h: &Tensor, kernel: usize, windows: &Tensor) -> Result<Tensor> {
    let windows = in_windows(h, kernel, windows)?;
    let sample = |index| windows.narrow(3, index, 1)?.squeeze(3)?.contiguous();
    (1..kernel).try_fold(sample(0)?, |largest, index| {
        let next = sample(index)?;
        largest.ge(&next)?.where_cond(&largest, &next)
    })
}

/// (…, sample, feature) as (…, window, sample of the window, feature).
fn in_windows(h: &Tensor, kernel: usize, windows: &Tensor) -> Result<Tensor> {
    let (trials, electrodes, _, features) = h.dims4()?;
    let count = windows.dim(0)? / kernel;
    let chosen = h.contiguous()?.index_select(windows, 2)?;
    chosen.reshape((trials, electrodes, count, kernel, features))
}

/// Flattens each trial, whose electrodes are merged, in the order (feature, sample) and maps it to logits.
pub(super) fn linear(h: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    let flat = h.transpose(2, 3)?.flatten_from(1)?;
    flat.matmul(&weight.t()?)?.broadcast_add(bias)
}

fn add_bias(h: Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    match bias {
        Some(bias) => h.broadcast_add(bias),
        None => Ok(h),
    }
}

/// Along time first: long sums in single precision stay exact enough when taken in two stages.
fn mean_per_feature(h: &Tensor) -> Result<Tensor> {
    h.mean(2)?.mean((0, 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, normal, stream};
    use candle_core::Var;

    /// Normal numbers in double precision, so that a difference quotient can be trusted.
    fn random(shape: &[usize], seed: u64) -> Tensor {
        let mut rng = stream(seed, Purpose::Initialisation, 0, 0);
        let values: Vec<f64> = (0..shape.iter().product()).map(|_| normal(&mut rng)).collect();
        Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
    }

    /// Compares the gradient of a weighted sum of the output with difference quotients, for every input.
    fn check_gradient(name: &str, inputs: &[&[usize]], operation: impl Fn(&[Tensor]) -> Result<Tensor>) {
        let inputs: Vec<_> = (1..).zip(inputs).map(|(seed, shape)| random(shape, seed)).collect();
        let sum = |inputs: &[Tensor]| -> Result<Tensor> {
            let output = operation(inputs)?;
            output.mul(&random(output.dims(), 99))?.sum_all()
        };
        let variables: Vec<_> = inputs.iter().map(|input| Var::from_tensor(input).unwrap()).collect();
        let tracked: Vec<_> = variables.iter().map(|variable| variable.as_tensor().clone()).collect();
        let gradients = sum(&tracked).unwrap().backward().unwrap();
        for (which, input) in inputs.iter().enumerate() {
            let values = input.flatten_all().unwrap().to_vec1::<f64>().unwrap();
            let at = |index: usize, step: f64| {
                let mut moved = values.clone();
                moved[index] += step;
                let mut inputs = inputs.clone();
                inputs[which] = Tensor::from_vec(moved, input.dims(), &Device::Cpu).unwrap();
                sum(&inputs).unwrap().to_scalar::<f64>().unwrap()
            };
            let gradient = gradients.get(&variables[which]).unwrap().flatten_all().unwrap();
            for (index, ours) in gradient.to_vec1::<f64>().unwrap().into_iter().enumerate() {
                let numeric = (at(index, 1e-5) - at(index, -1e-5)) / 2e-5;
                assert!(
                    (ours - numeric).abs() < 1e-6,
                    "{name}, input {which}, {index}: {ours} not {numeric}"
                );
            }
        }
    }

    #[test]
    fn gradients_are_difference_quotients() {
        let h: &[usize] = &[3, 2, 11, 4];
        let merged: &[usize] = &[3, 1, 11, 4];
        check_gradient("temporal convolution", &[h, &[5, 4, 1, 3], &[5]], |i| {
            temporal_conv(&i[0], &i[1], Some(&i[2]), 1, (0, 0), &windows(11, 3, 1, &Device::Cpu)?)
        });
        check_gradient("with padding", &[h, &[5, 4, 1, 4]], |i| {
            temporal_conv(&i[0], &i[1], None, 1, (1, 2), &windows(14, 4, 1, &Device::Cpu)?)
        });
        check_gradient("in groups, with a stride", &[h, &[6, 2, 1, 3], &[6]], |i| {
            temporal_conv(&i[0], &i[1], Some(&i[2]), 2, (1, 1), &windows(13, 3, 2, &Device::Cpu)?)
        });
        check_gradient("depthwise along time", &[h, &[4, 1, 1, 70]], |i| {
            temporal_conv(&i[0], &i[1], None, 4, (34, 35), &windows(80, 70, 1, &Device::Cpu)?)
        });
        check_gradient("spatial convolution", &[h, &[3, 4, 2, 1], &[3]], |i| {
            spatial_conv(&i[0], &i[1], Some(&i[2]), 1)
        });
        check_gradient("depthwise", &[h, &[8, 1, 2, 1]], |i| spatial_conv(&i[0], &i[1], None, 4));
        for (kernel, stride) in [(4, 4), (2, 2), (5, 2), (2, 3), (1, 4)] {
            let windows = windows(11, kernel, stride, &Device::Cpu).unwrap();
            check_gradient("average pool", &[h], |i| avg_pool(&i[0], kernel, &windows));
            check_gradient("max pool", &[h], |i| max_pool(&i[0], kernel, &windows));
        }
        check_gradient("linear", &[merged, &[2, 44], &[2]], |i| linear(&i[0], &i[1], &i[2]));
        let statistic = Tensor::ones(4, DType::F64, &Device::Cpu).unwrap();
        check_gradient("batch norm", &[h, &[4], &[4]], |i| {
            let norm = Norm { eps: 1e-3, momentum: 0.01 };
            Ok(batch_norm(&i[0], norm, [&i[1], &i[2]], [&statistic, &statistic])?.0)
        });
        let log = Activation::Log { eps: 0.2 };
        for activation in Activation::choices().chain([Activation::Square, Activation::None, log]) {
            check_gradient("activation", &[h], |i| activate(&i[0], activation));
        }
    }

    #[test]
    fn at_zero_the_derivative_is_the_negative_sides() {
        for activation in Activation::choices() {
            let zero = Var::zeros(3, DType::F32, &Device::Cpu).unwrap();
            let gradients = activate(&zero, activation).unwrap().sum_all().unwrap().backward().unwrap();
            let slope = gradients.get(&zero).unwrap().to_vec1::<f32>().unwrap();
            assert_eq!(slope, [activation.slope(0.0) as f32; 3], "{activation:?}");
        }
    }

    #[test]
    fn the_first_of_equals_gets_the_max_pools_gradient() {
        let h = Var::from_vec(vec![1f32, 1.0, 2.0, 2.0, 0.0, 3.0, 9.0], (1, 1, 7, 1), &Device::Cpu).unwrap();
        let pooled = max_pool(&h, 2, &windows(7, 2, 2, &Device::Cpu).unwrap()).unwrap();
        assert_eq!(pooled.flatten_all().unwrap().to_vec1::<f32>().unwrap(), [1.0, 2.0, 3.0]);
        let gradients = pooled.sum_all().unwrap().backward().unwrap();
        let gradient = gradients.get(&h).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(gradient, [1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0]);
    }

    #[test]
    fn running_statistics_move_by_the_momentum_and_are_unbiased() {
        let h = Tensor::from_vec(vec![1f64, 2.0, 3.0, 6.0], (2, 1, 2, 1), &Device::Cpu).unwrap();
        let [scale, shift] = [1.0, 0.0].map(|value| Tensor::new(&[value], &Device::Cpu).unwrap());
        for momentum in [0.1, 0.01] {
            let norm = Norm { eps: 1e-5, momentum };
            let (_, running) = batch_norm(&h, norm, [&scale, &shift], [&shift, &scale]).unwrap();
            let [mean, variance] = running.map(|value| value.to_vec1::<f64>().unwrap()[0]);
            assert!((mean - momentum * 3.0).abs() < 1e-12);
            assert!((variance - (1.0 - momentum + momentum * 14.0 / 3.0)).abs() < 1e-12);
        }
    }
}
