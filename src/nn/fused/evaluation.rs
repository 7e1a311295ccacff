//! The pass forwards in evaluation: running statistics, no dropout, nothing kept. A trial goes through all stages at
//! once.

use super::filters::Filters;
use super::forward::{chunk, normed, offset, pad, score};
use super::memory::{Lease, Memory};
use super::norm::{Coefficients, Norm64, Statistics};
use super::plan::{Norm, Plan, Stage};
use super::split::{Purpose, Split};
use crate::nn::breakdown::{Part, timed};
use crate::nn::kernels;
use rayon::prelude::*;

/// Logits (trial, class).
pub(super) fn evaluate(plan: &Plan, memory: &Memory, x: &[f32], theta: &[f32], running: &[f32]) -> Vec<f32> {
    let (len, classes) = (plan.input.0, plan.head.classes);
    let trials = x.len() / len;
    let per_chunk = chunk(trials);
    let evaluator = timed(Part::Weights, || Evaluator::new(plan, theta, running));
    let head = plan.head.forward(&theta[plan.head.affine.weight.clone()]);
    let mut logits = vec![0.0; trials * classes];
    logits.par_chunks_mut(per_chunk * classes).zip(x.par_chunks(per_chunk * len)).for_each(|(logits, x)| {
        let mut features = memory.lease(x.len() / len * plan.head.input_len());
        for (x, features) in x.chunks_exact(len).zip(features.chunks_exact_mut(plan.head.input_len())) {
            evaluator.trial(plan, memory, x, features);
        }
        score(plan, theta, &head, &features, logits);
    });
    logits
}

/// What evaluation needs of the weights.
struct Evaluator {
    split: Option<Split>,
    /// How each stage convolves, and its normalisation with the biases in it; a split first stage is left out.
    stages: Vec<(Filters, Coefficients)>,
}

impl Evaluator {
    fn new(plan: &Plan, theta: &[f32], running: &[f32]) -> Self {
        let front = &plan.front;
        let norm = |norm: &Norm, f: usize| Norm64::new(running_statistics(norm, running, f), norm, theta, f);
        let norms: Vec<Norm64> = (0..front.filters)
            .map(|f| front.norm.as_ref().map_or(Norm64::IDENTITY, |of| norm(of, f)))
            .collect();
        let coefficients = |s: usize| {
            let of = &plan.stages[s].norm;
            let statistics = offset(plan, s, theta, &norms).into_iter().enumerate().map(|(c, offset)| {
                let statistics = running_statistics(of, running, c);
                Statistics { mean: statistics.mean - offset, ..statistics }
            });
            Coefficients::new(statistics.collect(), of, theta)
        };
        let split = plan
            .split
            .map(|shape| Split::new(shape, front, theta, &norms, &coefficients(0), Purpose::Evaluation));
        let stages = (plan.first()..plan.stages.len())
            .map(|s| (Filters::for_evaluation(plan, s, theta, &norms), coefficients(s)))
            .collect();
        Evaluator { split, stages }
    }

    /// One trial's features.
    fn trial(&self, plan: &Plan, memory: &Memory, x: &[f32], features: &mut [f32]) {
        let mut before: Option<(&Stage, &Coefficients, Lease)> = None;
        for (stage, (filters, coefficients)) in plan.stages[plan.first()..].iter().zip(&self.stages) {
            let mut input = memory.lease(stage.input_len());
            pad(&mut input, stage);
            let inner = &mut input[stage.inner()];
            match (&before, &self.split) {
                (Some((stage, coefficients, z)), _) => {
                    let from = normed(stage, z, coefficients, None);
                    timed(Part::EvaluateActivate, || kernels::forward(inner, from));
                }
                (None, Some(split)) => {
                    let mut kept = memory.lease(split.kept_len());
                    timed(Part::EvaluateConvolve, || split.convolve(memory, x, &mut kept));
                    timed(Part::EvaluateActivate, || split.pool(&plan.stages[0], &kept, inner, None));
                }
                (None, None) => inner.copy_from_slice(x),
            }
            let mut z = memory.lease(stage.output_len());
            timed(Part::EvaluateConvolve, || filters.convolve(stage, memory, &mut z, &input));
            before = Some((stage, coefficients, z));
        }
        if let Some((stage, coefficients, z)) = &before {
            let from = normed(stage, z, coefficients, None);
            timed(Part::EvaluateActivate, || kernels::forward(features, from));
        }
    }
}

fn running_statistics(norm: &Norm, running: &[f32], c: usize) -> Statistics {
    Statistics {
        mean: f64::from(running[norm.mean.start + c]),
        variance: f64::from(running[norm.variance.start + c]),
    }
}
