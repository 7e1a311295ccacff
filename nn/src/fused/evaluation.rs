//! The pass forwards in evaluation: running statistics, no dropout, nothing kept. A trial goes through all stages at
//! once.

use super::conv_forward::{ConvForward, biases};
use super::forward::{pad, score};
use super::memory::{Lease, Memory};
use super::norm::{Coefficients, Norm64, Statistics};
use super::places::Norm;
use super::plan::{Plan, trials_per_chunk};
use super::pooling;
use super::saved::blocks_len;
use super::split::Split;
use super::stage::{Mode, Stage};
use crate::breakdown::{Part, timed};
use rayon::prelude::*;

/// Logits (trial, class).
pub(super) fn evaluate(plan: &Plan, memory: &Memory, x: &[f32], theta: &[f32], running: &[f32]) -> Vec<f32> {
    let (len, classes) = (plan.signal_len(), plan.head.classes);
    let trials = x.len() / len;
    let per_chunk = trials_per_chunk(trials);
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
    stages: Vec<(ConvForward, Coefficients)>,
}

impl Evaluator {
    fn new(plan: &Plan, theta: &[f32], running: &[f32]) -> Self {
        let norm = |norm: &Norm, f: usize| Norm64::new(running_statistics(norm, running, f), norm, theta, f);
        let norms: Vec<Norm64> = plan.first_conv.as_ref().map_or_else(Vec::new, |conv| {
            let of = |f: usize| conv.norm.as_ref().map_or(Norm64::IDENTITY, |of| norm(of, f));
            (0..conv.filters).map(of).collect()
        });
        let coefficients = |s: usize| {
            let biases = biases(plan, s, theta, &norms, Mode::Evaluation);
            let Some(of) = &plan.stages[s].norm else { return Coefficients::of_biases(&biases) };
            let statistics = biases.into_iter().enumerate().map(|(c, bias)| {
                let statistics = running_statistics(of, running, c);
                Statistics { mean: statistics.mean - bias, ..statistics }
            });
            Coefficients::new(statistics.collect(), of, theta)
        };
        let split = plan
            .split
            .zip(plan.first_conv.as_ref())
            .map(|(shape, conv)| Split::new(shape, conv, theta, &norms, &coefficients(0), Mode::Evaluation));
        let stages = (plan.first()..plan.stages.len())
            .map(|s| (ConvForward::for_evaluation(plan, s, theta, &norms), coefficients(s)))
            .collect();
        Evaluator { split, stages }
    }

    /// One trial's features.
    fn trial(&self, plan: &Plan, memory: &Memory, x: &[f32], features: &mut [f32]) {
        let pool = |stage: &Stage, coefficients: &Coefficients, z: &[f32], to: &mut [f32]| {
            let mut blocks = memory.lease(blocks_len(stage));
            pooling::pool(stage, z, coefficients, None, &mut blocks, to);
        };
        let mut before: Option<(&Stage, &Coefficients, Lease)> = None;
        for (stage, (filters, coefficients)) in plan.stages[plan.first()..].iter().zip(&self.stages) {
            let mut input = memory.lease(stage.input_len());
            pad(&mut input, stage);
            let inner = &mut input[stage.inner()];
            match (&before, &self.split) {
                (Some((stage, coefficients, z)), _) => {
                    timed(Part::EvaluateActivate, || pool(stage, coefficients, z, inner));
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
            timed(Part::EvaluateActivate, || pool(stage, coefficients, z, features));
        }
    }
}

fn running_statistics(norm: &Norm, running: &[f32], c: usize) -> Statistics {
    Statistics {
        mean: f64::from(running[norm.mean.start + c]),
        variance: f64::from(running[norm.variance.start + c]),
    }
}
