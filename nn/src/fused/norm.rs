//! Batch normalisation's few numbers a channel: statistics to coefficients, forwards and backwards, in f64.
//!
//! See "Batch normalisation" in `README.md` beside this file.

use super::places::Norm;
use crate::kernels::padded;

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
        let scale = f64::from(theta[norm.gamma.start + c]) * statistics.unit(norm.eps);
        Norm64 { scale, shift: f64::from(theta[norm.beta.start + c]) - scale * statistics.mean }
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
    /// y = scale · z + shift, not rounded.
    pub exact: Vec<Norm64>,
    /// Added to each variance.
    pub eps: f64,
}

impl Coefficients {
    /// Without batch normalisation: y = z + bias.
    pub fn of_biases(biases: &[f64]) -> Self {
        let columns = padded(biases.len());
        let row = |value: &dyn Fn(f64) -> f64| {
            let values = biases.iter().map(|&bias| value(bias) as f32);
            values.chain(std::iter::repeat(0.0)).take(columns).collect()
        };
        Coefficients {
            scale: row(&|_| 1.0),
            shift: row(&|bias| bias),
            unit: row(&|_| 0.0),
            centre: row(&|_| 0.0),
            statistics: Vec::new(),
            exact: biases.iter().map(|&shift| Norm64 { scale: 1.0, shift }).collect(),
            eps: 0.0,
        }
    }

    /// From the statistics of z and the gamma and beta in `theta`.
    pub fn new(statistics: Vec<Statistics>, norm: &Norm, theta: &[f32]) -> Self {
        let columns = padded(statistics.len());
        let mut new = Coefficients {
            scale: vec![0.0; columns],
            shift: vec![0.0; columns],
            unit: vec![0.0; columns],
            centre: vec![0.0; columns],
            statistics: Vec::new(),
            exact: Vec::new(),
            eps: norm.eps,
        };
        for (c, &of) in statistics.iter().enumerate() {
            let exact = Norm64::new(of, norm, theta, c);
            let Norm64 { scale, shift } = exact;
            new.exact.push(exact);
            new.scale[c] = scale as f32;
            new.shift[c] = shift as f32;
            new.unit[c] = of.unit(norm.eps) as f32;
            new.centre[c] = (-of.mean * of.unit(norm.eps)) as f32;
        }
        Coefficients { statistics, ..new }
    }

    /// Takes these means for the exact normalisation, in the place of those of the rounded values.
    pub fn recentre(&mut self, means: &[f64]) {
        for ((exact, statistics), mean) in self.exact.iter_mut().zip(&self.statistics).zip(means) {
            exact.shift += exact.scale * (statistics.mean - mean);
        }
    }
}

/// dz = by_gradient · dy + by_value · z + constant.
pub(super) struct NormBackward {
    pub by_gradient: Vec<f32>,
    pub by_value: Vec<f32>,
    pub constant: Vec<f32>,
}

impl NormBackward {
    /// Without batch normalisation: dz = dy.
    pub fn identity(channels: usize) -> Self {
        let columns = padded(channels);
        let by_gradient = (0..columns).map(|c| f32::from(u8::from(c < channels))).collect();
        NormBackward { by_gradient, by_value: vec![0.0; columns], constant: vec![0.0; columns] }
    }

    /// From Σ dy and Σ dy · ẑ over `count` values: dz = scale · (dy − Σdy/n − ẑ · Σ(dy ẑ)/n).
    pub fn new(sums: &[f64], products: &[f64], forward: &Coefficients, gamma: &[f32], count: f64) -> Self {
        let columns = padded(gamma.len());
        let zeros = || vec![0.0; columns];
        let mut new = NormBackward { by_gradient: zeros(), by_value: zeros(), constant: zeros() };
        for (c, &gamma) in gamma.iter().enumerate() {
            let (mean, unit) = (forward.statistics[c].mean, forward.statistics[c].unit(forward.eps));
            let scale = f64::from(gamma) * unit;
            let by_value = -scale * unit * products[c] / count;
            new.by_gradient[c] = scale as f32;
            new.by_value[c] = by_value as f32;
            new.constant[c] = (-scale * sums[c] / count - by_value * mean) as f32;
        }
        new
    }
}

/// The running statistics after a batch whose values had these statistics; `biases` are what every value has on top.
pub(super) fn update_running(
    running: &mut [f32],
    norm: &Norm,
    statistics: &[Statistics],
    biases: &[f64],
    count: f64,
) {
    let blend = |old: f32, new: f64| (f64::from(old) * (1.0 - norm.momentum) + norm.momentum * new) as f32;
    let unbiased = count / (count - 1.0).max(1.0);
    for (c, (statistics, bias)) in statistics.iter().zip(biases).enumerate() {
        let (mean, variance) = (norm.mean.start + c, norm.variance.start + c);
        running[mean] = blend(running[mean], statistics.mean + bias);
        running[variance] = blend(running[variance], statistics.variance * unbiased);
    }
}

/// The nearest value upwards or downwards that is `right`, if one of the next few is.
pub(super) fn nudged(start: f32, upwards: bool, right: impl Fn(f32) -> bool) -> f32 {
    let mut value = start;
    for _ in 0..32 {
        if right(value) {
            return value;
        }
        value = if upwards { value.next_up() } else { value.next_down() };
    }
    start
}
