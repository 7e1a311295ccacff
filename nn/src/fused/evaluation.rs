//! The pass forwards in evaluation: running statistics, no dropout, nothing kept. A few trials go through all
//! stages at once.

use super::conv_forward::{ConvForward, biases};
use super::forward::{pad, score};
use super::memory::Memory;
use super::norm::{Coefficients, Norm64, Statistics};
use super::places::Norm;
use super::plan::Plan;
use super::pooling;
use super::saved::blocks_len;
use super::split::Split;
use super::stage::Mode;
use crate::breakdown::{Part, timed};
use crate::threads;
use std::ops::Range;

/// Trials that a thread takes at once: few enough that no thread waits long for another at the end.
const AT_ONCE: usize = 16;

/// Logits (trial, class).
pub(super) fn evaluate(plan: &Plan, memory: &Memory, x: &[f32], theta: &[f32], running: &[f32]) -> Vec<f32> {
    let (len, classes) = (plan.signal_len(), plan.head.classes);
    let trials = x.len() / len;
    let evaluator = timed(Part::Weights, || Evaluator::new(plan, memory, theta, running));
    let head = plan.head.forward(&theta[plan.head.affine.weight.clone()]);
    let mut logits = vec![0.0; trials * classes];
    let chunks = logits.chunks_mut(AT_ONCE * classes).zip(x.chunks(AT_ONCE * len));
    threads::map(chunks.collect(), |(logits, x)| {
        let features_len = plan.head.input_len();
        let mut features = memory.lease(x.len() / len * features_len);
        evaluator.fill(plan, memory, plan.stages.len(), x, &mut features, &(0..features_len));
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
    fn new(plan: &Plan, memory: &Memory, theta: &[f32], running: &[f32]) -> Self {
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
            .map(|s| (ConvForward::for_evaluation(plan, memory, s, theta, &norms), coefficients(s)))
            .collect();
        Evaluator { split, stages }
    }

    /// Fills in what stage `s` convolves of these trials, each at `place` of its share of `to`; behind the last stage, their
    /// features. Each stage before it takes as many trials at a time as are best for it.
    fn fill(&self, plan: &Plan, memory: &Memory, s: usize, x: &[f32], to: &mut [f32], place: &Range<usize>) {
        let len = plan.signal_len();
        let share = to.len() / (x.len() / len);
        let Some(before) = s.checked_sub(plan.first() + 1) else {
            for (x, to) in x.chunks_exact(len).zip(to.chunks_exact_mut(share)) {
                self.begin(plan, memory, x, &mut to[place.clone()]);
            }
            return;
        };
        let (stage, (filters, coefficients)) = (&plan.stages[s - 1], &self.stages[before]);
        let at_once = filters.trials_at_once(stage);
        for (x, to) in x.chunks(at_once * len).zip(to.chunks_mut(at_once * share)) {
            let trials = x.len() / len;
            let mut inputs = memory.lease(trials * stage.input_len());
            inputs.chunks_exact_mut(stage.input_len()).for_each(|input| pad(input, stage));
            self.fill(plan, memory, s - 1, x, &mut inputs, &stage.inner());
            let mut z = memory.lease(trials * stage.output_len());
            timed(Part::EvaluateConvolve, || filters.convolve(stage, memory, &mut z, &inputs));
            let mut blocks = memory.lease(blocks_len(stage));
            for (z, to) in z.chunks_exact(stage.output_len()).zip(to.chunks_exact_mut(share)) {
                let to = &mut to[place.clone()];
                timed(Part::EvaluateActivate, || {
                    pooling::pool(stage, z, coefficients, None, &mut blocks, to)
                });
            }
        }
    }

    /// What the first stage that is run by itself convolves of a trial: the signal, or what a split one makes of it.
    fn begin(&self, plan: &Plan, memory: &Memory, x: &[f32], to: &mut [f32]) {
        let Some(split) = &self.split else { return to.copy_from_slice(x) };
        let mut kept = memory.lease(split.kept_len());
        timed(Part::EvaluateConvolve, || split.convolve(memory, x, &mut kept));
        timed(Part::EvaluateActivate, || split.pool(&plan.stages[0], &kept, to, None));
    }
}

fn running_statistics(norm: &Norm, running: &[f32], c: usize) -> Statistics {
    Statistics {
        mean: f64::from(running[norm.mean.start + c]),
        variance: f64::from(running[norm.variance.start + c]),
    }
}
