//! The pass backwards: the gradient of theta from that of the logits. A stage's batch normalisation needs two sums over
//! all trials before any gradient can pass it, so the pass is cut there, as the pass forwards is.

use super::filters;
use super::forward::{Pass, chunk, normed};
use super::memory::{Lease, Memory};
use super::norm::Backward;
use super::plan::{Plan, Stage};
use crate::nn::kernels::{self, Packed, Rows, padded};
use rayon::prelude::*;

/// Σ dy and Σ dy · ẑ of one stage, by channel.
type Sums = [Vec<f64>; 2];

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
    for s in (0..plan.stages.len()).rev() {
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
        let weights = head.backward(&self.theta[head.affine.weight.clone()]);
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
                kernels::correlate(after, logits, rows, &weights);
                let mut own = self.memory.zeros(columns * len);
                kernels::correlate_weights(&mut own, logits, rows, features, len);
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
        let back = stage.conv.as_ref().map(|conv| filters::backward(stage, &self.theta[conv.weight.clone()]));
        let per_chunk = chunk(trials);
        let before_len = if back.is_some() { stage.before.0 * stage.stride() } else { 1 };
        let mut before = self.memory.lease(trials * before_len);
        let parts: Vec<(Lease, Sums)> = before
            .par_chunks_mut(per_chunk * before_len)
            .enumerate()
            .map(|(c, before)| {
                let weights = self.chunk_stage(s, c * per_chunk, after, &norm, back.as_ref(), before);
                let sums = match s.checked_sub(1) {
                    Some(previous) => self.chunk_sums(previous, c * per_chunk, before),
                    None => Sums::default(),
                };
                (weights, sums)
            })
            .collect();
        self.add_weights(s, parts.iter().map(|(weights, _)| weights), gradient);
        (before, total(parts.into_iter().map(|(_, sums)| sums)))
    }

    /// The trials from `first` on that `before` has room for: fills `before`, and gives the gradient of the filters.
    fn chunk_stage(
        &self,
        s: usize,
        first: usize,
        after: &[f32],
        norm: &Backward,
        back: Option<&Packed>,
        before: &mut [f32],
    ) -> Lease {
        let stage = &self.plan.stages[s];
        let (columns, pad) = (stage.columns(), stage.back_padding() * stage.columns());
        let mut weights = self.memory.zeros(stage.taps * stage.before.1 * columns);
        let mut padded = self.memory.zeros(stage.output_len() + 2 * pad);
        let before_len = before.len().min(if back.is_some() { stage.before.0 * stage.stride() } else { 1 });
        for (i, before) in before.chunks_exact_mut(before_len).enumerate() {
            let trial = first + i;
            let dz = &mut padded[pad..][..stage.output_len()];
            self.through_norm(s, trial, after, norm, dz);
            let input = &self.pass.inputs[s][trial * stage.input_len()..][..stage.input_len()];
            kernels::correlate_weights(&mut weights, input, stage.rows(), dz, columns);
            if let Some(back) = back {
                kernels::correlate(before, &padded, stage.back_rows(), back);
            }
        }
        weights
    }

    /// One trial's gradient of the convolution's output.
    fn through_norm(&self, s: usize, trial: usize, after: &[f32], norm: &Backward, dz: &mut [f32]) {
        let stage = &self.plan.stages[s];
        let len = stage.pooled() * stage.columns();
        let from = self.normed(s, trial);
        let after = &after[trial * len..][..len];
        kernels::backward(dz, after, from, &norm.by_gradient, &norm.by_value, &norm.constant);
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
            kernels::sums(&mut sum, &mut product, after, from, &coefficients.unit, &coefficients.centre);
            for (total, part) in sums.iter_mut().zip([sum, product]) {
                total.iter_mut().zip(part).for_each(|(total, part)| *total += f64::from(part));
            }
        }
        sums
    }

    fn normed(&self, s: usize, trial: usize) -> kernels::Normed<'_> {
        let stage = &self.plan.stages[s];
        let z = &self.pass.outputs[s][trial * stage.output_len()..][..stage.output_len()];
        normed(stage, z, &self.pass.coefficients[s], self.pass.masks.get(s), trial)
    }

    /// Adds the chunks' gradients of the filters to theta's.
    fn add_weights<'l>(&self, s: usize, parts: impl Iterator<Item = &'l Lease>, gradient: &mut [f32]) {
        let stage = &self.plan.stages[s];
        match &stage.conv {
            Some(conv) => {
                for part in parts {
                    filters::add_gradient(&mut gradient[conv.weight.clone()], part, stage);
                }
            }
            None => {
                let filter = whole_filter(stage, parts);
                let front = &self.pass.front;
                let windows = front.windows.as_ref().map(|(moments, of)| (moments, of.as_slice()));
                self.plan.front.backward(gradient, &filter, self.theta, &front.norms, windows);
            }
        }
    }
}

/// The gradient of the front's filter in one: (term, output).
fn whole_filter<'l>(stage: &Stage, parts: impl Iterator<Item = &'l Lease>) -> Vec<f64> {
    let outputs = stage.after.1;
    let mut filter = vec![0.0; stage.taps * stage.before.1 * outputs];
    for part in parts {
        for (filter, part) in filter.chunks_exact_mut(outputs).zip(part.chunks_exact(stage.columns())) {
            filter.iter_mut().zip(part).for_each(|(filter, &part)| *filter += f64::from(part));
        }
    }
    filter
}

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
