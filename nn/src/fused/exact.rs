//! Decisions as exact arithmetic would take them. Which sample of a window is the largest, and on which side of its kink a
//! value lies, can hang on the last digits that single precision has; one decision that falls the other way moves a small
//! batch's gradient by up to some per cent. So the few values that are nearer to a tie or a kink than rounding could have
//! moved them are computed again in f64, from the signal on, and put in their place with the decision made plain.
//!
//! Not for functions that fall somewhere (GELU, SiLU, the square) ahead of a maximum: there the larger value of two is not
//! that of the larger argument.

use super::norm::{Coefficients, Norm64, nudged};
use super::plan::Plan;
use super::pooling::{self, Mask, conv_output};
use super::saved::SavedForward;
use super::split::Split;
use super::stage::{Linear, Pool, Stage};
use crate::kernels::{self, ConvOutput, PoolKind, Undecided};
use crate::threads;
use std::ops::Range;
use std::sync::OnceLock;

/// Half a unit in the last place of 1: what one operation in f32 may be off by.
const UNIT: f64 = f32::EPSILON as f64 / 2.0;

/// Standard deviations of rounding that count as possible: 1 value in 16,000 is further off, and it would have to lie next to
/// a tie as well.
const DEVIATIONS: f64 = 4.0;

/// What a convolution's rounding comes to, in units of [`UNIT`] times the root of the sum of its squared terms: measured.
fn own_rounding(stage: &Stage) -> f64 {
    match stage.training_tiling() {
        Some(tiling) if tiling.blocks == 1 => 10.0,
        Some(_) => 16.0,
        None => 4.0,
    }
}

/// How far a stage's values may be off.
pub(super) struct Bounds {
    /// Of `z`, by channel, padded with zeros.
    z: Vec<f32>,
    /// Of a split stage's outputs, as [`Split::near_kinks`] takes them.
    split: Vec<f32>,
    /// Standard deviations of the error of what the next stage takes.
    passed_on: Vec<f64>,
}

/// Settles the near ties of one pass forwards.
pub(super) struct Exact<'a> {
    plan: &'a Plan,
    theta: &'a [f32],
    x: &'a [f32],
    norms: &'a [Norm64],
    /// By stage, the filter in one: (tap, input, output). Made when the first value is computed again.
    filters: Vec<OnceLock<Vec<f64>>>,
    bounds: Vec<Bounds>,
}

/// One trial in f64, as far as it was asked for.
struct Trial<'a> {
    exact: &'a Exact<'a>,
    signal: &'a [f32],
    coefficients: &'a [Coefficients],
    masks: Vec<Mask>,
    /// Rows of `z` and of the input, by stage.
    rows: Vec<Vec<Option<Vec<f64>>>>,
    inputs: Vec<Vec<Option<Vec<f64>>>>,
}

/// Whether a stage decides anything that rounding may turn.
fn decides(stage: &Stage) -> bool {
    chooses(stage) || stage.has_kink()
}

fn chooses(stage: &Stage) -> bool {
    stage.takes_maxima() && stage.never_falls()
}

impl<'a> Exact<'a> {
    /// For a pass over the trials `x`; `norms` are those inside the first convolution.
    pub fn new(plan: &'a Plan, theta: &'a [f32], x: &'a [f32], norms: &'a [Norm64]) -> Self {
        let filters = plan.stages.iter().map(|_| OnceLock::new()).collect();
        Exact { plan, theta, x, norms, filters, bounds: Vec::new() }
    }

    fn filter(&self, s: usize) -> &[f64] {
        self.filters[s].get_or_init(|| self.compose(s))
    }

    fn compose(&self, s: usize) -> Vec<f64> {
        let stage = &self.plan.stages[s];
        match (&stage.linear, &self.plan.first_conv) {
            (Linear::First, Some(conv)) => conv.compose(self.theta, self.norms),
            (Linear::Chain(chain), _) => {
                let (taps, inputs) = (stage.taps.count, stage.input.channels);
                let filter = chain.filter64(self.theta);
                let outputs = stage.output.channels;
                let at = |place: usize| {
                    let (term, output) = (place / outputs, place % outputs);
                    filter[(output * inputs + term % inputs) * taps + term / inputs]
                };
                (0..filter.len()).map(at).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Σ over inputs of the input's share times the sum of its squared weights, by output.
    fn weighted_by_squares(&self, s: usize, shares: &[f64]) -> Vec<f64> {
        let stage = &self.plan.stages[s];
        let (inputs, outputs, taps) = (stage.input.channels, stage.output.channels, stage.taps.count);
        match (&stage.linear, &self.plan.first_conv) {
            (Linear::Identity, _) => shares.to_vec(),
            (Linear::Chain(chain), _) => {
                let filter = chain.filter(self.theta);
                threads::map(filter.chunks_exact(inputs * taps).collect(), |weights: &[f32]| {
                    let squares = weights.chunks_exact(taps);
                    let squares = squares.map(|taps| taps.iter().map(|&tap| f64::from(tap * tap)).sum());
                    squares.zip(shares).map(|(square, share): (f64, _)| square * share).sum()
                })
            }
            _ => {
                let mut squares = vec![0.0; inputs * outputs];
                for row in self.filter(s).chunks_exact(inputs * outputs) {
                    squares.iter_mut().zip(row).for_each(|(sum, weight)| *sum += weight * weight);
                }
                let mut sums = vec![0.0; outputs];
                for (row, share) in squares.chunks_exact(outputs).zip(shares) {
                    sums.iter_mut().zip(row).for_each(|(sum, square)| *sum += square * share);
                }
                sums
            }
        }
    }

    /// Notes how far the values of stage `s`, whose inputs are given, may be off.
    pub fn note(&mut self, s: usize, inputs: &[f32], coefficients: &Coefficients) {
        if !self.plan.stages[s..].iter().any(decides) {
            return;
        }
        let stage = &self.plan.stages[s];
        let squares = self.mean_squares(s, inputs);
        let own = own_rounding(stage) * UNIT;
        let nothing = vec![0.0; squares.len()];
        let before = self.bounds.last().map_or(&nothing, |bounds| &bounds.passed_on);
        let shares = squares.iter().zip(before).map(|(square, error)| own * own * square + error * error);
        let variances = self.weighted_by_squares(s, &shares.collect::<Vec<_>>());
        let mut z = vec![0.0; stage.columns()];
        z.iter_mut().zip(&variances).for_each(|(to, of)| *to = (DEVIATIONS * of.sqrt()) as f32);
        let kept = stage.dropout.map_or(1.0, |dropout| f64::from(dropout.keep_scale));
        let passed_on = variances.iter().zip(&coefficients.exact);
        let passed_on = passed_on.map(|(of, norm)| of.sqrt() * norm.scale.abs() * kept).collect();
        let split = match self.plan.split.filter(|_| s == 0) {
            Some(shape) => shape.by_output(|output| z[output] * coefficients.scale[output].abs()),
            None => Vec::new(),
        };
        self.bounds.push(Bounds { z, split, passed_on });
    }

    /// Mean square of a stage's input, by channel, over a sixteenth of the trials.
    fn mean_squares(&self, s: usize, inputs: &[f32]) -> Vec<f64> {
        let stage = &self.plan.stages[s];
        let channels = stage.input.channels;
        let (len, step) =
            if s == 0 { (self.plan.signal_len(), channels) } else { (stage.input_len(), stage.stride) };
        let inputs = if s == 0 { self.x } else { inputs };
        let mut sums = vec![0.0; channels];
        let mut count = 0.0;
        for trial in inputs.chunks_exact(len).step_by(16) {
            for row in trial.chunks_exact(step) {
                sums.iter_mut().zip(row).for_each(|(sum, &value)| *sum += f64::from(value * value));
                count += 1.0;
            }
        }
        sums.iter().map(|sum| sum / count).collect()
    }

    /// What stage `s` makes of its `z` in one trial, with what is undecided in it settled: fills `out`, and `blocks` if there are
    /// windows.
    pub fn pool(
        &self,
        s: usize,
        pass: &SavedForward,
        trial: usize,
        z: &mut [f32],
        (blocks, out): (&mut [f32], &mut [f32]),
    ) {
        let (stage, coefficients) = (&self.plan.stages[s], &pass.coefficients[s]);
        let mask = pass.dropout(stage, trial);
        let Some(bounds) = self.bounds.get(s).filter(|_| decides(stage)) else {
            return pooling::pool(stage, z, coefficients, mask, blocks, out);
        };
        let Pool { kernel, stride, .. } = stage.pool;
        let (bounds, kinks) = (&bounds.z, stage.has_kink());
        let from = conv_output(stage, z, coefficients, mask);
        let undecided = if chooses(stage) && !stage.has_windows() {
            let undecided = kernels::forward_watching(out, from, bounds, kinks);
            if undecided.is_empty() {
                return;
            }
            undecided
        } else if chooses(stage) {
            kernels::near_ties(ConvOutput { kernel, ..from }, stride, bounds, kinks)
        } else {
            kernels::near_kinks(from, bounds)
        };
        self.settle(s, pass, trial, z, undecided);
        pooling::pool(stage, z, coefficients, mask, blocks, out);
    }

    /// Settles what was found undecided in one trial of stage `s`.
    fn settle(&self, s: usize, pass: &SavedForward, trial: usize, z: &mut [f32], undecided: Vec<Undecided>) {
        let Some(bounds) = self.bounds.get(s).filter(|_| !undecided.is_empty()) else { return };
        let stage = &self.plan.stages[s];
        let (ties, kinks) = (chooses(stage), stage.has_kink());
        let Pool { kernel, stride, .. } = stage.pool;
        let mut own = self.trial(pass, trial);
        for Undecided { row, channel } in undecided {
            let samples = if ties { row * stride..row * stride + kernel } else { row..row + 1 };
            let bound = bounds.z[channel];
            if ties {
                own.settle_tie(s, samples.clone(), channel, z, bound);
            }
            for t in samples.filter(|_| kinks) {
                own.settle_kink(s, t, channel, &mut z[t * stage.columns() + channel], bound);
            }
        }
    }

    fn trial<'b>(&'b self, pass: &'b SavedForward, trial: usize) -> Trial<'b> {
        let masks = self.plan.stages.iter().map(|stage| pass.dropout(stage, trial)).collect();
        let rows = self.plan.stages.iter().map(|stage| vec![None; stage.output.samples]).collect();
        let inputs = self.plan.stages.iter().map(|stage| vec![None; stage.input.samples]).collect();
        let len = self.plan.signal_len();
        let signal = &self.x[trial * len..][..len];
        Trial { exact: self, signal, coefficients: &pass.coefficients, masks, rows, inputs }
    }

    /// The kinks of a split first stage in one trial, whose outputs it keeps in `kept`.
    pub fn settle_split(&self, pass: &SavedForward, split: &Split, trial: usize, kept: &mut [f32]) {
        let stage = &self.plan.stages[0];
        let Some(bounds) = self.bounds.first().filter(|_| stage.has_kink()) else { return };
        let undecided = split.near_kinks(stage, kept, &bounds.split);
        if undecided.is_empty() {
            return;
        }
        let mut own = self.trial(pass, trial);
        for Undecided { row, channel } in undecided {
            let z = own.value(0, row, channel);
            let Norm64 { scale, shift } = pass.coefficients[0].exact[channel];
            split.settle(kept, row, channel, scale * z + shift);
        }
    }
}

impl Trial<'_> {
    /// A row of `z` of stage `s`.
    fn z(&mut self, s: usize, t: usize) -> &[f64] {
        if self.rows[s][t].is_none() {
            let row = self.convolve(s, t);
            self.rows[s][t] = Some(row);
        }
        self.rows[s][t].as_deref().unwrap_or_default()
    }

    /// One value of `z`: of a row that nothing else needs.
    fn value(&mut self, s: usize, t: usize, channel: usize) -> f64 {
        if let Some(row) = &self.rows[s][t] {
            return row[channel];
        }
        let exact = self.exact;
        let stage = &exact.plan.stages[s];
        if matches!(stage.linear, Linear::Identity) {
            return self.input(s, t)[channel];
        }
        let (filter, outputs) = (exact.filter(s), stage.output.channels);
        let mut sum = 0.0;
        for (at, weights) in taps(stage, t, filter) {
            let weights = weights.iter().skip(channel).step_by(outputs);
            sum += self.input(s, at).iter().zip(weights).map(|(input, weight)| input * weight).sum::<f64>();
        }
        sum
    }

    fn convolve(&mut self, s: usize, t: usize) -> Vec<f64> {
        let exact = self.exact;
        let stage = &exact.plan.stages[s];
        if matches!(stage.linear, Linear::Identity) {
            return self.input(s, t).to_vec();
        }
        let mut sums = vec![0.0; stage.output.channels];
        for (at, weights) in taps(stage, t, exact.filter(s)) {
            kernels::add_products64(&mut sums, self.input(s, at), weights);
        }
        sums
    }

    /// A row of the input of stage `s`.
    fn input(&mut self, s: usize, t: usize) -> &[f64] {
        if self.inputs[s][t].is_none() {
            let row = self.pool(s, t);
            self.inputs[s][t] = Some(row);
        }
        self.inputs[s][t].as_deref().unwrap_or_default()
    }

    /// What the stage before `s` makes of its `z`; ahead of the first one the signal.
    fn pool(&mut self, s: usize, t: usize) -> Vec<f64> {
        let Some(p) = s.checked_sub(1) else {
            let electrodes = self.exact.plan.signal.channels;
            return self.signal[t * electrodes..][..electrodes].iter().map(|&x| f64::from(x)).collect();
        };
        let plan = self.exact.plan;
        let (stage, coefficients) = (&plan.stages[p], self.coefficients);
        let mut pooled = vec![0.0; stage.output.channels];
        for i in 0..stage.pool.kernel {
            let z = self.z(p, t * stage.pool.stride + i);
            for ((pooled, &z), norm) in pooled.iter_mut().zip(z).zip(&coefficients[p].exact) {
                let value = stage.activation.value(norm.scale * z + norm.shift);
                match stage.pool.kind {
                    PoolKind::Max if i == 0 || value > *pooled => *pooled = value,
                    PoolKind::Max => {}
                    PoolKind::Mean => *pooled += value / stage.pool.kernel as f64,
                }
            }
        }
        for (c, value) in pooled.iter_mut().enumerate() {
            *value = stage.last.value(*value);
            if let Some((mask, scale)) = self.masks[p] {
                let keeps = mask.keeps((t * stage.output.channels + c) as u32);
                *value *= if keeps { f64::from(scale) } else { 0.0 };
            }
        }
        pooled
    }

    /// Makes the sample that is the largest of a window the largest in `z` as well.
    fn settle_tie(&mut self, s: usize, samples: Range<usize>, channel: usize, z: &mut [f32], bound: f32) {
        let stage = &self.exact.plan.stages[s];
        let sign = if self.coefficients[s].scale[channel] > 0.0 { 1.0 } else { -1.0 };
        let columns = stage.columns();
        let key = |z: &[f32], t: usize| sign * z[t * columns + channel];
        let best = samples.clone().map(|t| key(z, t)).fold(f32::NEG_INFINITY, f32::max);
        let near: Vec<usize> = samples.filter(|&t| best - key(z, t) <= bound).collect();
        if near.len() < 2 {
            return;
        }
        let exact: Vec<f64> = near.iter().map(|&t| f64::from(sign) * self.value(s, t, channel)).collect();
        let mut winner = 0;
        for (i, value) in exact.iter().enumerate() {
            if *value > exact[winner] {
                winner = i;
            }
        }
        let top = exact[winner] as f32;
        for (i, (&t, &value)) in near.iter().zip(&exact).enumerate() {
            // The first of equals wins: one that is too early to be equal goes down by one digit.
            let value = value as f32;
            let value = if i < winner && value >= top { top.next_down() } else { value };
            z[t * columns + channel] = sign * value;
        }
    }

    /// Puts a value that is near its function's kink on the side where it belongs.
    fn settle_kink(&mut self, s: usize, t: usize, channel: usize, z: &mut f32, bound: f32) {
        let coefficients = &self.coefficients[s];
        let (scale, shift) = (coefficients.scale[channel], coefficients.shift[channel]);
        if (*z * scale + shift).abs() > bound * scale.abs() {
            return;
        }
        let Norm64 { scale: scale64, shift: shift64 } = coefficients.exact[channel];
        let exact = self.value(s, t, channel);
        let above = scale64 * exact + shift64 > 0.0;
        *z = nudged(exact as f32, above == (scale > 0.0), |z| {
            // With one rounding or two, as the machine has it.
            (z.mul_add(scale, shift) > 0.0) == above && (z * scale + shift > 0.0) == above
        });
    }
}

/// The samples of the input under the taps of output `t`, and their weights; the padding's zeros are left out.
fn taps<'a>(stage: &Stage, t: usize, filter: &'a [f64]) -> impl Iterator<Item = (usize, &'a [f64])> {
    let (first, left, samples) = (t * stage.taps.step, stage.taps.left, stage.input.samples);
    filter
        .chunks_exact(stage.input.channels * stage.output.channels)
        .enumerate()
        .filter_map(move |(tap, weights)| Some(((first + tap).checked_sub(left)?, weights)))
        .filter(move |(at, _)| *at < samples)
}

#[cfg(test)]
mod tests;
