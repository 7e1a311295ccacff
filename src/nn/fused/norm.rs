//! Batch normalisation's few numbers a channel: statistics to coefficients, forwards and backwards, in f64.

use super::plan::Norm;
use crate::nn::kernels::padded;

/// Mean and (biased) variance of one channel.
#[derive(Clone, Copy, Default)]
pub(super) struct Statistics {
    pub mean: f64,
    pub variance: f64,
}

impl Statistics {
    /// From a channel's sums over `count` values.
    pub fn from_sums(sum: f64, square: f64, count: f64) -> Self {
        let mean = sum / count;
        Statistics { mean, variance: (square / count - mean * mean).max(0.0) }
    }

    /// 1 / √(variance + ε).
    pub fn unit(self, eps: f64) -> f64 {
        (self.variance + eps).sqrt().recip()
    }
}

/// y = scale · z + shift in f64.
#[derive(Clone, Copy)]
pub(super) struct Norm64 {
    pub scale: f64,
    pub shift: f64,
}

impl Norm64 {
    /// No normalisation.
    pub const IDENTITY: Norm64 = Norm64 { scale: 1.0, shift: 0.0 };

    /// Of the channel of index `c`.
    pub fn new(statistics: Statistics, norm: &Norm, theta: &[f32], c: usize) -> Self {
        let scale = f64::from(theta[norm.factor.start + c]) * statistics.unit(norm.eps);
        Norm64 { scale, shift: f64::from(theta[norm.offset.start + c]) - scale * statistics.mean }
    }
}

/// What the pointwise passes need of one batch normalisation, a value a channel, padded with zeros.
pub(super) struct Coefficients {
    /// y = scale · z + shift.
    pub scale: Vec<f32>,
    pub shift: Vec<f32>,
    /// (z − mean) / deviation = unit · z + centre.
    pub unit: Vec<f32>,
    pub centre: Vec<f32>,
    pub statistics: Vec<Statistics>,
    /// Added to each variance.
    pub eps: f64,
}

impl Coefficients {
    /// From the statistics of z and the factor and offset in `theta`.
    pub fn new(statistics: Vec<Statistics>, norm: &Norm, theta: &[f32]) -> Self {
        let columns = padded(statistics.len());
        let mut new = Coefficients {
            scale: vec![0.0; columns],
            shift: vec![0.0; columns],
            unit: vec![0.0; columns],
            centre: vec![0.0; columns],
            statistics: Vec::new(),
            eps: norm.eps,
        };
        for (c, &of) in statistics.iter().enumerate() {
            let Norm64 { scale, shift } = Norm64::new(of, norm, theta, c);
            new.scale[c] = scale as f32;
            new.shift[c] = shift as f32;
            new.unit[c] = of.unit(norm.eps) as f32;
            new.centre[c] = (-of.mean * of.unit(norm.eps)) as f32;
        }
        Coefficients { statistics, ..new }
    }
}

/// dz = by_gradient · dy + by_value · z + constant.
pub(super) struct Backward {
    pub by_gradient: Vec<f32>,
    pub by_value: Vec<f32>,
    pub constant: Vec<f32>,
}

impl Backward {
    /// From Σ dy and Σ dy · ẑ over `count` values: dz = scale · (dy − Σdy/n − ẑ · Σ(dy ẑ)/n).
    pub fn new(sums: &[f64], products: &[f64], forward: &Coefficients, factor: &[f32], count: f64) -> Self {
        let columns = padded(factor.len());
        let zeros = || vec![0.0; columns];
        let mut new = Backward { by_gradient: zeros(), by_value: zeros(), constant: zeros() };
        for (c, &factor) in factor.iter().enumerate() {
            let (mean, unit) = (forward.statistics[c].mean, forward.statistics[c].unit(forward.eps));
            let scale = f64::from(factor) * unit;
            let by_value = -scale * unit * products[c] / count;
            new.by_gradient[c] = scale as f32;
            new.by_value[c] = by_value as f32;
            new.constant[c] = (-scale * sums[c] / count - by_value * mean) as f32;
        }
        new
    }
}

/// The running statistics after a batch whose values had these statistics; `offset` is what every value has on top.
pub(super) fn update_running(
    running: &mut [f32],
    norm: &Norm,
    statistics: &[Statistics],
    offset: &[f64],
    count: f64,
) {
    let blend = |old: f32, new: f64| (f64::from(old) * (1.0 - norm.momentum) + norm.momentum * new) as f32;
    let unbiased = count / (count - 1.0).max(1.0);
    for (c, (statistics, offset)) in statistics.iter().zip(offset).enumerate() {
        let (mean, variance) = (norm.mean.start + c, norm.variance.start + c);
        running[mean] = blend(running[mean], statistics.mean + offset);
        running[variance] = blend(running[variance], statistics.variance * unbiased);
    }
}
