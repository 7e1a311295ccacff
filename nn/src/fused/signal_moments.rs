//! Sums over a batch's signal from which the statistics of any temporal filter's output follow, in f64: mean and variance
//! of a filter's output are a linear and a quadratic form of the filter in the window's moments. Nothing here knows of
//! weights. A window is the `taps` samples that one output sample sums over.
//!
//! See "Statistics without the data" in `README.md` beside this file.

use super::norm::Statistics;
use super::stage::Stage;
use crate::kernels::{lags, total};

/// What a batch's windows add up to.
#[derive(Clone)]
pub(super) struct SignalSums {
    taps: usize,
    /// Zeros ahead of a trial, and windows of one trial.
    left: usize,
    windows: usize,
    /// SignalSums of one electrode in all: trials × output samples.
    count: f64,
    electrodes: Vec<Series>,
    /// Of electrodes a ≤ b, in the order (0, 0), (0, 1), …, (1, 1), …; or one that all electrodes share.
    pairs: Vec<Pair>,
    which: ElectrodePairs,
}

/// Which products of electrodes are summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ElectrodePairs {
    /// Each with itself, all in one sum.
    Own,
    /// Every two.
    All,
}

/// One electrode's sums of samples.
#[derive(Clone)]
struct Series {
    total: f64,
    /// The first and the last taps − 1 samples, with the padding's zeros.
    first: Vec<f64>,
    last: Vec<f64>,
}

/// Sums of products of two electrodes' samples a and b.
#[derive(Clone)]
struct Pair {
    /// Σ a[t] b[t + lag] and Σ a[t + lag] b[t], by lag.
    ahead: Vec<f64>,
    behind: Vec<f64>,
    /// Σ a[k] b[l] over trials, of the first and the last taps − 1 samples.
    first: Vec<f64>,
    last: Vec<f64>,
}

/// Means over all windows, of one electrode or of all together.
pub(super) struct SignalMoments {
    taps: usize,
    /// Values that the means are over.
    pub count: f64,
    /// Of x[t + k].
    means: Vec<f64>,
    /// Of x[t + k] · x[t + l].
    products: Vec<f64>,
}

/// Means of xₐ[t + k] by electrode, and of xₐ[t + k] · x_b[t + l] for every two electrodes.
pub(super) struct CrossMoments {
    taps: usize,
    means: Vec<Vec<f64>>,
    products: Vec<Vec<f64>>,
}

fn add_all(to: &mut [f64], from: &[f64]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
}

/// Σ a · b.
pub(super) fn dot(a: &[f64], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, &b)| a * f64::from(b)).sum()
}

/// Adds a[k] · b[l] for all k and l.
fn add_products(to: &mut [f64], a: &[f64], b: &[f64]) {
    for (row, &a) in to.chunks_exact_mut(b.len()).zip(a).filter(|(_, a)| **a != 0.0) {
        row.iter_mut().zip(b).for_each(|(to, b)| *to += a * b);
    }
}

/// A trial's samples of one electrode, and its first and last taps − 1 with the padding's zeros.
struct Samples {
    all: Vec<f64>,
    first: Vec<f64>,
    last: Vec<f64>,
}

impl Samples {
    fn new(all: Vec<f64>, windows: usize, taps: usize, left: usize) -> Self {
        let edge = |start: usize| {
            let at = |i: usize| (start + i).checked_sub(left).and_then(|at| all.get(at)).copied();
            (0..taps - 1).map(|i| at(i).unwrap_or(0.0)).collect()
        };
        let (first, last) = (edge(0), edge(windows));
        Samples { all, first, last }
    }
}

impl SignalSums {
    /// Nothing yet, for the convolution of a first stage.
    pub fn new(stage: &Stage, which: ElectrodePairs) -> Self {
        let (taps, electrodes) = (stage.taps.count, stage.input.channels);
        let edge = taps - 1;
        let series = Series { total: 0.0, first: vec![0.0; edge], last: vec![0.0; edge] };
        let square = vec![0.0; edge * edge];
        let pair =
            Pair { ahead: vec![0.0; taps], behind: vec![0.0; taps], first: square.clone(), last: square };
        let pairs = match which {
            ElectrodePairs::Own => 1,
            ElectrodePairs::All => electrodes * (electrodes + 1) / 2,
        };
        SignalSums {
            taps,
            left: stage.taps.left,
            windows: stage.output.samples,
            count: 0.0,
            electrodes: vec![series; electrodes],
            pairs: vec![pair; pairs],
            which,
        }
    }

    /// Adds one trial (sample, electrode).
    pub fn add(&mut self, trial: &[f32]) {
        let electrodes = self.electrodes.len();
        self.count += self.windows as f64;
        let samples: Vec<Samples> = (0..electrodes)
            .map(|e| {
                let all = trial.chunks_exact(electrodes).map(|row| f64::from(row[e])).collect();
                Samples::new(all, self.windows, self.taps, self.left)
            })
            .collect();
        for (series, samples) in self.electrodes.iter_mut().zip(&samples) {
            series.total += total(&samples.all);
            add_all(&mut series.first, &samples.first);
            add_all(&mut series.last, &samples.last);
        }
        match self.which {
            ElectrodePairs::Own => samples.iter().for_each(|own| self.pairs[0].add(own, own, true)),
            ElectrodePairs::All => {
                let mut pairs = self.pairs.iter_mut();
                for (i, a) in samples.iter().enumerate() {
                    for ((j, b), pair) in samples.iter().enumerate().skip(i).zip(&mut pairs) {
                        pair.add(a, b, i == j);
                    }
                }
            }
        }
    }

    /// Adds what another part of the batch gave.
    pub fn merge(&mut self, other: &SignalSums) {
        self.count += other.count;
        for (own, other) in self.electrodes.iter_mut().zip(&other.electrodes) {
            own.total += other.total;
            add_all(&mut own.first, &other.first);
            add_all(&mut own.last, &other.last);
        }
        for (own, other) in self.pairs.iter_mut().zip(&other.pairs) {
            add_all(&mut own.ahead, &other.ahead);
            add_all(&mut own.behind, &other.behind);
            add_all(&mut own.first, &other.first);
            add_all(&mut own.last, &other.last);
        }
    }

    /// Sums of x[t + k] over the windows, of one electrode. Those at tap k + 1 differ from those at tap k by one sample at
    /// either end of the trial.
    fn sums(&self, electrode: usize) -> Vec<f64> {
        let Series { total, first, last } = &self.electrodes[electrode];
        let mut sums = vec![total - last.iter().sum::<f64>(); self.taps];
        for k in 0..self.taps - 1 {
            sums[k + 1] = sums[k] - first[k] + last[k];
        }
        sums
    }

    /// The moments of all electrodes together, and those of every two if they were summed among [`ElectrodePairs::All`].
    pub fn moments(&self) -> (SignalMoments, Option<CrossMoments>) {
        let products: Vec<Vec<f64>> = self.pairs.iter().map(|pair| pair.products(self.taps)).collect();
        (self.together(&products), (self.which == ElectrodePairs::All).then(|| self.crossed(&products)))
    }

    fn together(&self, of_pairs: &[Vec<f64>]) -> SignalMoments {
        let taps = self.taps;
        let electrodes = self.electrodes.len();
        let (mut means, mut products) = (vec![0.0; taps], vec![0.0; taps * taps]);
        (0..electrodes).for_each(|e| add_all(&mut means, &self.sums(e)));
        match self.which {
            ElectrodePairs::Own => add_all(&mut products, &of_pairs[0]),
            ElectrodePairs::All => {
                (0..electrodes).for_each(|e| add_all(&mut products, &of_pairs[self.place(e, e)]))
            }
        }
        let count = self.count * electrodes as f64;
        means.iter_mut().chain(&mut products).for_each(|value| *value /= count);
        SignalMoments { taps, count, means, products }
    }

    fn crossed(&self, of_pairs: &[Vec<f64>]) -> CrossMoments {
        let (taps, electrodes) = (self.taps, self.electrodes.len());
        let mean = |sums: &[f64]| sums.iter().map(|sum| sum / self.count).collect();
        let products = (0..electrodes * electrodes)
            .map(|at| {
                let (a, b) = (at / electrodes, at % electrodes);
                let products = &of_pairs[self.place(a.min(b), a.max(b))];
                if a <= b { mean(products) } else { mean(&transposed(products, taps)) }
            })
            .collect();
        CrossMoments { taps, means: (0..electrodes).map(|e| mean(&self.sums(e))).collect(), products }
    }

    /// Where the pair of electrodes a ≤ b lies.
    fn place(&self, a: usize, b: usize) -> usize {
        a * self.electrodes.len() - a * (a + 1) / 2 + b
    }
}

fn transposed(square: &[f64], side: usize) -> Vec<f64> {
    (0..side * side).map(|at| square[at % side * side + at / side]).collect()
}

impl Pair {
    fn add(&mut self, a: &Samples, b: &Samples, same: bool) {
        lags(&mut self.ahead, &a.all, &b.all);
        if same {
            self.behind.copy_from_slice(&self.ahead);
        } else {
            lags(&mut self.behind, &b.all, &a.all);
        }
        add_products(&mut self.first, &a.first, &b.first);
        add_products(&mut self.last, &a.last, &b.last);
    }

    /// Σ a[t + k] b[t + l] over all windows, for all taps k and l.
    fn products(&self, taps: usize) -> Vec<f64> {
        let mut products = vec![0.0; taps * taps];
        for lag in 0..taps {
            self.diagonal(&mut products, taps, lag, self.ahead[lag], |k, l| (k, l));
            self.diagonal(&mut products, taps, lag, self.behind[lag], |k, l| (l, k));
        }
        products
    }

    /// The products of taps `lag` apart, where the one at `place(k, k + lag)` differs from the next one's by one product at
    /// either end of the trial. `sum` is that of all products of samples so far apart.
    fn diagonal(
        &self,
        products: &mut [f64],
        taps: usize,
        lag: usize,
        sum: f64,
        place: impl Fn(usize, usize) -> (usize, usize),
    ) {
        let edge = taps - 1;
        let at = |k: usize, side: usize| {
            let (row, column) = place(k, k + lag);
            row * side + column
        };
        let beyond: f64 = (0..edge - lag).map(|k| self.last[at(k, edge)]).sum();
        let mut value = sum - beyond;
        for k in 0..taps - lag {
            products[at(k, taps)] = value;
            if k + lag < edge {
                value += self.last[at(k, edge)] - self.first[at(k, edge)];
            }
        }
    }
}

impl SignalMoments {
    /// Mean of x[t + k], by k.
    pub fn means(&self) -> &[f64] {
        &self.means
    }

    /// Σₗ E[x[t + k] x[t + l]] · filter[l], for every k.
    fn apply(&self, filter: &[f32]) -> Vec<f64> {
        self.products.chunks_exact(self.taps).map(|row| dot(row, filter)).collect()
    }

    /// Mean and variance of a filter's output.
    pub fn statistics(&self, filter: &[f32]) -> Statistics {
        let mean = dot(&self.means, filter);
        let square = dot(&self.apply(filter), filter);
        Statistics { mean, variance: (square - mean * mean).max(0.0) }
    }

    /// The gradient of the variance of a filter's output.
    pub fn variance_gradient(&self, filter: &[f32], mean: f64) -> impl Iterator<Item = f64> {
        self.apply(filter).into_iter().zip(&self.means).map(move |(along, own)| 2.0 * (along - mean * own))
    }
}

impl CrossMoments {
    /// Mean of a filter's output at an electrode.
    pub fn mean(&self, electrode: usize, filter: &[f32]) -> f64 {
        dot(&self.means[electrode], filter)
    }

    /// Mean of xₐ[t + k], by k.
    pub fn means(&self, electrode: usize) -> &[f64] {
        &self.means[electrode]
    }

    /// Mean of xₐ[t + k] times the filter's output at electrode b, for every k.
    pub fn apply(&self, (a, b): (usize, usize), filter: &[f32]) -> Vec<f64> {
        let mut along = vec![0.0; self.taps];
        // By rows of the transposed products, which a compiler makes vectors of.
        for (row, &value) in self.products[b * self.means.len() + a].chunks_exact(self.taps).zip(filter) {
            along.iter_mut().zip(row).for_each(|(along, product)| *along += product * f64::from(value));
        }
        along
    }
}

#[cfg(test)]
mod tests;
