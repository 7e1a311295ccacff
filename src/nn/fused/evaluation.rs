//! The pass forwards in evaluation: running statistics, no dropout, nothing kept. A trial goes through all stages at
//! once.

use super::filters::Filters;
use super::forward::{chunk, normed, offset, pad, score};
use super::memory::{Lease, Memory};
use super::norm::{Coefficients, Norm64, Statistics};
use super::plan::{Norm, Plan};
use super::tiles::Tiles;
use crate::nn::breakdown::{Part, timed};
use crate::nn::kernels;
use rayon::prelude::*;

/// Logits (trial, class).
pub(super) fn evaluate(plan: &Plan, memory: &Memory, x: &[f32], theta: &[f32], running: &[f32]) -> Vec<f32> {
    let (len, classes) = (plan.input.0, plan.head.classes);
    let trials = x.len() / len;
    let per_chunk = chunk(trials);
    let stages = stages(plan, theta, running);
    let head = plan.head.forward(&theta[plan.head.affine.weight.clone()]);
    let mut logits = vec![0.0; trials * classes];
    logits.par_chunks_mut(per_chunk * classes).zip(x.par_chunks(per_chunk * len)).for_each(|(logits, x)| {
        let mut features = memory.lease(x.len() / len * plan.head.input_len());
        for (x, features) in x.chunks_exact(len).zip(features.chunks_exact_mut(plan.head.input_len())) {
            trial(plan, memory, &stages, x, features);
        }
        score(plan, theta, &head, &features, logits);
    });
    logits
}

/// Every stage's filters and normalisation; the biases are in the latter.
fn stages(plan: &Plan, theta: &[f32], running: &[f32]) -> Vec<(Filters, Coefficients)> {
    let of = |norm: &Norm, c: usize| Statistics {
        mean: f64::from(running[norm.mean.start + c]),
        variance: f64::from(running[norm.variance.start + c]),
    };
    let norms: Vec<Norm64> = (0..plan.front.filters)
        .map(|f| {
            plan.front.norm.as_ref().map_or(Norm64::IDENTITY, |norm| Norm64::new(of(norm, f), norm, theta, f))
        })
        .collect();
    (0..plan.stages.len())
        .map(|s| {
            let stage = &plan.stages[s];
            let norm = &stage.norm;
            let offset = offset(plan, s, theta, &norms);
            let filters = match (&stage.conv, stage.tiling()) {
                (Some(conv), Some(tiling)) => {
                    Filters::Tiled(Tiles::forward(stage, tiling, &theta[conv.weight.clone()]))
                }
                _ => Filters::new(plan, s, theta, &norms),
            };
            let statistics = offset
                .iter()
                .enumerate()
                .map(|(c, offset)| {
                    let of = of(norm, c);
                    Statistics { mean: of.mean - offset, ..of }
                })
                .collect();
            (filters, Coefficients::new(statistics, norm, theta))
        })
        .collect()
}

/// One trial's features.
fn trial(plan: &Plan, memory: &Memory, stages: &[(Filters, Coefficients)], x: &[f32], features: &mut [f32]) {
    let mut before: Option<(usize, Lease)> = None;
    for (s, (weights, _)) in stages.iter().enumerate() {
        let stage = &plan.stages[s];
        let mut input = memory.lease(stage.input_len());
        pad(&mut input, stage);
        match &before {
            None => input[stage.inner()].copy_from_slice(x),
            Some((before, z)) => {
                let from = normed(&plan.stages[*before], z, &stages[*before].1, None, 0);
                timed(Part::EvaluateActivate, || kernels::forward(&mut input[stage.inner()], from));
            }
        }
        let mut z = memory.lease(stage.output_len());
        timed(Part::EvaluateConvolve, || weights.convolve(stage, memory, &mut z, &input));
        before = Some((s, z));
    }
    if let Some((last, z)) = &before {
        let from = normed(&plan.stages[*last], z, &stages[*last].1, None, 0);
        timed(Part::EvaluateActivate, || kernels::forward(features, from));
    }
}
