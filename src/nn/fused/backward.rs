//! The pass backwards: the gradient of theta from that of the logits. A stage's batch normalisation needs two sums over
//! all trials before any gradient can pass it, so the pass is cut there, as the pass forwards is.

use super::back::Back;
use super::filters;
use super::forward::{Pass, chunk, normed};
use super::memory::{Lease, Memory};
use super::norm::Backward;
use super::plan::{Plan, Stage};
use super::slopes::{FinishedPass, Slopes};
use super::split::Split;
use crate::nn::breakdown::{Part, timed};
use crate::nn::kernels::{self, Packed, Rows, padded};
use rayon::prelude::*;

/// Σ dy and Σ dy · ẑ of one stage, by channel.
type Sums = [Vec<f64>; 2];

/// What a chunk of trials gives beside a stage's own gradients.
enum Through {
    /// Before it is the signal.
    Signal,
    /// The sums of the stage before.
    Stage(Sums),
    /// The slopes of a split first stage.
    Split(Slopes),
}

/// What the parts of this pass have in common.
struct Context<'a> {
    plan: &'a Plan,
    memory: &'a Memory,
    pass: &'a Pass,
    theta: &'a [f32],
}

/// The gradient of theta.
pub(super) fn backward(
    plan: &Plan,
    memory: &Memory,
    pass: &Pass,
    theta: &[f32],
    logits_gradient: &[f32],
) -> Vec<f32> {
    let context = Context { plan, memory, pass, theta };
    let mut gradient = vec![0.0; theta.len()];
    let (mut after, mut sums) = context.head(logits_gradient, &mut gradient);
    for s in (plan.first()..plan.stages.len()).rev() {
        let stage = &plan.stages[s];
        for (c, (sum, product)) in sums[0].iter().zip(&sums[1]).take(stage.after.1).enumerate() {
            gradient[stage.norm.offset.start + c] = *sum as f32;
            gradient[stage.norm.factor.start + c] = *product as f32;
        }
        (after, sums) = context.stage(s, &after, &sums, &mut gradient);
    }
    gradient
}

impl Context<'_> {
    /// Through the classifier: gradient of its inputs, and the last stage's sums.
    fn head(&self, logits_gradient: &[f32], gradient: &mut [f32]) -> (Lease, Sums) {
        let head = &self.plan.head;
        let (len, classes, columns) = (head.input_len(), head.classes, padded(head.classes));
        let weights = timed(Part::Weights, || head.backward(&self.theta[head.affine.weight.clone()]));
        let per_chunk = chunk(self.pass.trials);
        let mut after = self.memory.lease(self.pass.trials * len);
        let parts: Vec<(Lease, Sums)> = after
            .par_chunks_mut(per_chunk * len)
            .zip(logits_gradient.par_chunks(per_chunk * classes))
            .zip(self.pass.inputs[self.plan.stages.len()].par_chunks(per_chunk * len))
            .enumerate()
            .map(|(c, ((after, logits), features))| {
                let count = logits.len() / classes;
                let rows = Rows { count, stride: classes, taps: 1, width: classes };
                let mut own = self.memory.zeros(columns * len);
                timed(Part::Classify, || {
                    kernels::correlate(after, logits, rows, &weights);
                    kernels::correlate_weights(&mut own, logits, rows, features, len);
                });
                (own, self.chunk_sums(self.plan.stages.len() - 1, c * per_chunk, after))
            })
            .collect();
        for (own, _) in &parts {
            head.add_gradient(&mut gradient[head.affine.weight.clone()], own);
        }
        if let Some(bias) = &head.affine.bias {
            for (i, &value) in logits_gradient.iter().enumerate() {
                gradient[bias.start + i % classes] += value;
            }
        }
        (after, total(parts.into_iter().map(|(_, sums)| sums)))
    }

    /// Through stage `s`, given the gradient of its pooled output: gradient of its input, and the sums of the stage
    /// before.
    fn stage(&self, s: usize, after: &[f32], sums: &Sums, gradient: &mut [f32]) -> (Lease, Sums) {
        let stage = &self.plan.stages[s];
        let trials = self.pass.trials;
        let factor = &self.theta[stage.norm.factor.clone()];
        let count = (trials * stage.after.0) as f64;
        let norm = Backward::new(&sums[0], &sums[1], &self.pass.coefficients[s], factor, count);
        let back = timed(Part::Weights, || Back::new(self.plan, s, self.theta, &self.pass.front.norms));
        let per_chunk = chunk(trials);
        let before_len = back.before_len(stage);
        let mut before = self.memory.lease(trials * before_len);
        let parts: Vec<(Lease, Through)> = before
            .par_chunks_mut(per_chunk * before_len)
            .enumerate()
            .map(|(c, before)| {
                let weights = self.chunk_stage(s, c * per_chunk, after, &norm, &back, before);
                let through = match (s, &self.pass.split) {
                    (0, _) => Through::Signal,
                    (1, Some(split)) => Through::Split(self.chunk_split(split, c * per_chunk, before)),
                    _ => Through::Stage(self.chunk_sums(s - 1, c * per_chunk, before)),
                };
                (weights, through)
            })
            .collect();
        let (weights, through): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        timed(Part::Weights, || self.add_weights(s, &back, weights, gradient));
        let (mut sums, mut slopes) = (Vec::new(), Vec::new());
        for through in through {
            match through {
                Through::Signal => {}
                Through::Stage(of) => sums.push(of),
                Through::Split(of) => slopes.push(of),
            }
        }
        timed(Part::Weights, || self.add_split(slopes, gradient));
        (before, total(sums.into_iter()))
    }

    /// Through a split first stage: what its weights get from the trials from `first` on whose pooled gradients `after`
    /// holds.
    fn chunk_split(&self, split: &Split, first: usize, after: &[f32]) -> Slopes {
        let stage = &self.plan.stages[0];
        let kept_len = split.kept_len();
        let kept = self.pass.outputs[0].chunks_exact(kept_len).skip(first);
        let (mut scratch, mut room) = split.rooms(self.memory);
        let mut slopes = split.slopes();
        for (i, (after, kept)) in after.chunks_exact(stage.pooled() * stage.columns()).zip(kept).enumerate() {
            let mask = self.pass.dropout(0, stage, first + i);
            split.backward(stage, kept, after, mask, &mut slopes, (&mut scratch, &mut room));
        }
        slopes
    }

    /// Adds the chunks' slopes of a split first stage to theta's.
    fn add_split(&self, parts: Vec<Slopes>, gradient: &mut [f32]) {
        let (Some(shape), Some(reach)) = (self.plan.split, &self.pass.front.reach) else { return };
        let mut parts = parts.into_iter();
        let Some(mut slopes) = parts.next() else { return };
        parts.for_each(|part| slopes.add(&part));
        let pass = FinishedPass {
            front: &self.pass.front,
            reach,
            coefficients: &self.pass.coefficients[0],
            count: (self.pass.trials * self.plan.stages[0].after.0) as f64,
        };
        slopes.finish(gradient, self.plan, shape, self.theta, &pass);
    }

    /// The trials from `first` on that `before` has room for: fills `before`, and gives the gradient of the filters.
    fn chunk_stage(
        &self,
        s: usize,
        first: usize,
        after: &[f32],
        norm: &Backward,
        back: &Back,
        before: &mut [f32],
    ) -> Lease {
        let stage = &self.plan.stages[s];
        let (columns, pad) = (stage.columns(), stage.back_padding() * stage.columns());
        let trials = before.len() / back.before_len(stage);
        let inputs = &self.pass.inputs[s][first * stage.input_len()..][..trials * stage.input_len()];
        let mut weights = self.memory.zeros(back.weights_len(stage));
        if let Back::Tiled(tiles) = back {
            let mut room = tiles.room(stage, self.memory);
            let mut scratch = self.memory.lease(stage.output_len());
            let dz = |i: usize, dz: &mut [f32]| self.through_norm(s, first + i, after, norm, dz);
            tiles.backward_pass(stage, &mut room, &mut weights, (inputs, before), dz, &mut scratch);
            return weights;
        }
        if let Back::Halves(spatial, reversed) = back {
            self.halves(
                stage,
                inputs,
                |i, dz| self.through_norm(s, first + i, after, norm, dz),
                (spatial, reversed),
                &mut weights,
            );
            return weights;
        }
        let mut padded = self.memory.zeros(stage.output_len() + 2 * pad);
        let trials =
            inputs.chunks_exact(stage.input_len()).zip(before.chunks_exact_mut(back.before_len(stage)));
        for (i, (input, before)) in trials.enumerate() {
            let inner = pad..pad + stage.output_len();
            self.through_norm(s, first + i, after, norm, &mut padded[inner.clone()]);
            timed(Part::Product, || {
                kernels::correlate_weights(&mut weights, input, stage.rows(), &padded[inner], columns);
                if let Back::Direct(back) = back {
                    kernels::correlate(before, &padded, stage.back_rows(), back);
                }
            });
        }
        weights
    }

    /// The gradients of a depthwise front's halves.
    fn halves(
        &self,
        stage: &Stage,
        inputs: &[f32],
        dz: impl Fn(usize, &mut [f32]),
        (spatial, reversed): (&Packed, &[f32]),
        weights: &mut [f32],
    ) {
        let (columns, pad) = (stage.columns(), stage.back_padding() * stage.columns());
        let inner = pad..pad + stage.output_len();
        let mut padded = self.memory.zeros(stage.output_len() + 2 * pad);
        let mut joined = self.memory.lease(stage.input_len() / stage.stride() * columns);
        let mut back = self.memory.lease(stage.before.0 * columns);
        let (temporal, across) = weights.split_at_mut(stage.taps * columns);
        let electrodes =
            Rows { count: stage.before.0, stride: stage.stride(), taps: 1, width: stage.before.1 };
        for (i, input) in inputs.chunks_exact(stage.input_len()).enumerate() {
            dz(i, &mut padded[inner.clone()]);
            timed(Part::Product, || {
                filters::join_electrodes(&mut joined, input, stage, spatial);
                kernels::depthwise(temporal, &joined, &padded[inner.clone()], columns);
                back.fill(0.0);
                kernels::depthwise(&mut back, &padded, reversed, columns);
                kernels::correlate_weights(across, &input[stage.inner()], electrodes, &back, columns);
            });
        }
    }

    /// One trial's gradient of the convolution's output.
    fn through_norm(&self, s: usize, trial: usize, after: &[f32], norm: &Backward, dz: &mut [f32]) {
        let stage = &self.plan.stages[s];
        let len = stage.pooled() * stage.columns();
        let from = self.normed(s, trial);
        let after = &after[trial * len..][..len];
        timed(Part::Normalise, || {
            kernels::backward(dz, after, from, &norm.by_gradient, &norm.by_value, &norm.constant);
        });
    }

    /// The sums of stage `s` over the trials from `first` on whose pooled gradients `after` holds.
    fn chunk_sums(&self, s: usize, first: usize, after: &[f32]) -> Sums {
        let stage = &self.plan.stages[s];
        let columns = stage.columns();
        let coefficients = &self.pass.coefficients[s];
        let mut sums = [vec![0.0; columns], vec![0.0; columns]];
        for (i, after) in after.chunks_exact(stage.pooled() * columns).enumerate() {
            let (mut sum, mut product) = (vec![0.0; columns], vec![0.0; columns]);
            let from = self.normed(s, first + i);
            timed(Part::Sums, || {
                kernels::sums(&mut sum, &mut product, after, from, &coefficients.unit, &coefficients.centre);
            });
            for (total, part) in sums.iter_mut().zip([sum, product]) {
                total.iter_mut().zip(part).for_each(|(total, part)| *total += f64::from(part));
            }
        }
        sums
    }

    fn normed(&self, s: usize, trial: usize) -> kernels::Normed<'_> {
        let stage = &self.plan.stages[s];
        let z = &self.pass.outputs[s][trial * stage.output_len()..][..stage.output_len()];
        normed(stage, z, &self.pass.coefficients[s], self.pass.dropout(s, stage, trial))
    }

    /// Adds the chunks' gradients of the filters to theta's.
    fn add_weights(&self, s: usize, back: &Back, parts: Vec<Lease>, gradient: &mut [f32]) {
        let stage = &self.plan.stages[s];
        let mut parts = parts.into_iter();
        let Some(mut filter) = parts.next() else { return };
        let rest: Vec<Lease> = parts.collect();
        filter.par_chunks_mut(PIECE).enumerate().for_each(|(piece, filter)| {
            for part in &rest {
                let part = &part[piece * PIECE..][..filter.len()];
                filter.iter_mut().zip(part).for_each(|(filter, part)| *filter += part);
            }
        });
        match (&stage.conv, back) {
            (Some(conv), Back::Tiled(tiles)) => {
                tiles.add_gradient(&mut gradient[conv.weight.clone()], &filter, stage);
            }
            (Some(conv), _) => filters::add_gradient(&mut gradient[conv.weight.clone()], &filter, stage),
            (None, Back::Halves(..)) => {
                let (temporal, spatial) = filter.split_at(stage.taps * stage.columns());
                self.plan.front.halves_backward(gradient, temporal, spatial, self.theta, &self.pass.front);
            }
            (None, _) => {
                let rows = filter.chunks_exact(stage.columns()).map(|row| &row[..stage.after.1]);
                let filter: Vec<f64> = rows.flatten().map(|&value| f64::from(value)).collect();
                self.plan.front.backward(gradient, &filter, self.theta, &self.pass.front);
            }
        }
    }
}

/// Values that one thread adds up over all chunks, in order, in one go.
const PIECE: usize = 4096;

/// Adds up the chunks' sums in order.
fn total(parts: impl Iterator<Item = Sums>) -> Sums {
    let mut parts = parts;
    let mut sums = parts.next().unwrap_or_default();
    for part in parts {
        for (total, part) in sums.iter_mut().zip(part) {
            total.iter_mut().zip(part).for_each(|(total, part)| *total += part);
        }
    }
    sums
}
