//! The pass forwards in training. A stage's batch statistics need all trials, so the pass is cut there: each part
//! normalises, activates and pools the previous stage's output of a trial and convolves it while it is in cache.

use super::filters::Filters;
use super::front::{Moments, Windows};
use super::memory::{Lease, Memory};
use super::norm::{Coefficients, Norm64, Statistics, update_running};
use super::plan::{Affine, Plan, Stage};
use crate::nn::breakdown::{Part, timed};
use crate::nn::kernels::{self, Normed, Packed, Rows, padded};
use crate::random::DropoutMask;
use rayon::prelude::*;

/// What the pass backwards needs of the pass forwards.
pub(super) struct Pass {
    pub trials: usize,
    /// Before each convolution, with its padding; the last one is the classifier's input.
    pub inputs: Vec<Lease>,
    /// After each convolution.
    pub outputs: Vec<Lease>,
    pub coefficients: Vec<Coefficients>,
    pub front: FrontPass,
    pub masks: Vec<DropoutMask>,
}

/// The batch normalisation inside the front.
pub(super) struct FrontPass {
    pub norms: Vec<Norm64>,
    pub windows: Option<(Moments, Vec<Statistics>)>,
}

/// Trials that one thread takes in one go. A function of the batch alone, because sums are taken chunk by chunk and then
/// over the chunks in order: so they are the same bits for any number of threads.
pub(super) fn chunk(trials: usize) -> usize {
    trials.div_ceil(16).max(8)
}

/// What follows the convolution of a stage, for one trial.
pub(super) fn normed<'a>(
    stage: &Stage,
    z: &'a [f32],
    coefficients: &'a Coefficients,
    mask: Option<&DropoutMask>,
    trial: usize,
) -> Normed<'a> {
    Normed {
        z,
        scale: &coefficients.scale,
        shift: &coefficients.shift,
        activation: stage.activation,
        pool: stage.pool,
        kernel: stage.kernel,
        features: stage.after.1,
        mask: mask.map(|mask| (mask.trial(trial), stage.keep_scale)),
    }
}

/// Copies or computes a trial's input of a stage between the padding's zeros.
pub(super) fn pad(input: &mut [f32], stage: &Stage) {
    let inner = stage.inner();
    input[..inner.start].fill(0.0);
    input[inner.end..].fill(0.0);
}

/// Logits (trial, class), the running statistics afterwards, and what the pass backwards needs.
pub(super) fn forward(
    plan: &Plan,
    memory: &Memory,
    x: &[f32],
    theta: &[f32],
    running: &[f32],
    masks: &[DropoutMask],
) -> (Vec<f32>, Vec<f32>, Pass) {
    let trials = x.len() / plan.input.0;
    let mut running = running.to_vec();
    let front = timed(Part::Front, || front(plan, x, theta, &mut running));
    let mut pass = Pass {
        trials,
        inputs: Vec::new(),
        outputs: Vec::new(),
        coefficients: Vec::new(),
        front,
        masks: masks.to_vec(),
    };
    for s in 0..plan.stages.len() {
        let stage = &plan.stages[s];
        let weights = timed(Part::Weights, || Filters::new(plan, s, theta, &pass.front.norms));
        let offset = offset(plan, s, theta, &pass.front.norms);
        let (input, output, statistics) = convolve(plan, memory, s, x, &pass, &weights);
        let count = (trials * stage.after.0) as f64;
        update_running(&mut running, &stage.norm, &statistics, &offset, count);
        pass.inputs.push(input);
        pass.outputs.push(output);
        pass.coefficients.push(Coefficients::new(statistics, &stage.norm, theta));
    }
    let (features, logits) = classify(plan, memory, &pass, theta);
    pass.inputs.push(features);
    (logits, running, pass)
}

/// The statistics inside the front, from the input's autocorrelation.
fn front(plan: &Plan, x: &[f32], theta: &[f32], running: &mut [f32]) -> FrontPass {
    let front = &plan.front;
    let Some(norm) = &front.norm else {
        return FrontPass { norms: vec![Norm64::IDENTITY; front.filters], windows: None };
    };
    let (len, electrodes) = plan.input;
    let parts: Vec<Windows> = x
        .par_chunks(chunk(x.len() / len) * len)
        .map(|part| {
            let mut windows = Windows::new(&plan.stages[0]);
            part.chunks_exact(len).for_each(|trial| windows.add(trial, electrodes));
            windows
        })
        .collect();
    let mut windows = Windows::new(&plan.stages[0]);
    parts.iter().for_each(|part| windows.merge(part));
    let moments = windows.moments();
    let statistics: Vec<_> =
        (0..front.filters).map(|f| moments.statistics(front.temporal_filter(theta, f))).collect();
    let norms = (0..front.filters).map(|f| Norm64::new(statistics[f], norm, theta, f)).collect();
    let bias = |f: usize| front.temporal.bias.as_ref().map_or(0.0, |bias| f64::from(theta[bias.start + f]));
    let offset: Vec<f64> = (0..front.filters).map(bias).collect();
    update_running(running, norm, &statistics, &offset, moments.count());
    FrontPass { norms, windows: Some((moments, statistics)) }
}

/// What a stage's biases add to its output. They are left out of it: batch normalisation takes them away again, and only
/// its running mean ever sees them.
pub(super) fn offset(plan: &Plan, s: usize, theta: &[f32], norms: &[Norm64]) -> Vec<f64> {
    let stage = &plan.stages[s];
    let bias = |conv: &Affine, i: usize| conv.bias.as_ref().map_or(0.0, |at| f64::from(theta[at.start + i]));
    match &stage.conv {
        Some(conv) => (0..stage.after.1).map(|i| bias(conv, i)).collect(),
        None => plan.front.constant(theta, norms),
    }
}

/// Prepares the inputs of stage `s`, convolves them, and takes the statistics of the outputs.
fn convolve(
    plan: &Plan,
    memory: &Memory,
    s: usize,
    x: &[f32],
    pass: &Pass,
    filters: &Filters,
) -> (Lease, Lease, Vec<Statistics>) {
    let stage = &plan.stages[s];
    let (trials, columns) = (pass.trials, stage.columns());
    let (input_len, output_len) = (stage.input_len(), stage.output_len());
    let mut input = memory.lease(trials * input_len);
    let mut output = memory.lease(trials * output_len);
    let per_chunk = chunk(trials);
    let sums: Vec<[Vec<f64>; 2]> = input
        .par_chunks_mut(per_chunk * input_len)
        .zip(output.par_chunks_mut(per_chunk * output_len))
        .enumerate()
        .map(|(c, (inputs, outputs))| {
            let mut sums = [vec![0.0; columns], vec![0.0; columns]];
            let trials = inputs.chunks_exact_mut(input_len).zip(outputs.chunks_exact_mut(output_len));
            for (i, (input, output)) in trials.enumerate() {
                pad(input, stage);
                fill_input(plan, s, x, pass, c * per_chunk + i, &mut input[stage.inner()]);
                timed(Part::Convolve, || filters.convolve(stage, memory, output, input));
                let [sum, square] = &mut sums;
                timed(Part::Moments, || kernels::moments(sum, square, output));
            }
            sums
        })
        .collect();
    let count = (trials * stage.after.0) as f64;
    let statistics = (0..stage.after.1)
        .map(|c| {
            let total = |which: usize| sums.iter().map(|part| part[which][c]).sum();
            Statistics::from_sums(total(0), total(1), count)
        })
        .collect();
    (input, output, statistics)
}

/// The samples of one trial that stage `s` convolves: the signal, or what the stage before makes of its output.
fn fill_input(plan: &Plan, s: usize, x: &[f32], pass: &Pass, trial: usize, to: &mut [f32]) {
    match s.checked_sub(1) {
        None => to.copy_from_slice(&x[trial * plan.input.0..][..plan.input.0]),
        Some(before) => {
            let stage = &plan.stages[before];
            let z = &pass.outputs[before][trial * stage.output_len()..][..stage.output_len()];
            let coefficients = &pass.coefficients[before];
            let from = normed(stage, z, coefficients, pass.masks.get(before), trial);
            timed(Part::Activate, || kernels::forward(to, from));
        }
    }
}

/// The classifier's inputs and its logits.
fn classify(plan: &Plan, memory: &Memory, pass: &Pass, theta: &[f32]) -> (Lease, Vec<f32>) {
    let head = &plan.head;
    let (len, classes) = (head.input_len(), head.classes);
    let weights = timed(Part::Weights, || head.forward(&theta[head.affine.weight.clone()]));
    let per_chunk = chunk(pass.trials);
    let mut features = memory.lease(pass.trials * len);
    let mut logits = vec![0.0; pass.trials * classes];
    features
        .par_chunks_mut(per_chunk * len)
        .zip(logits.par_chunks_mut(per_chunk * classes))
        .enumerate()
        .for_each(|(c, (features, logits))| {
            for (i, features) in features.chunks_exact_mut(len).enumerate() {
                fill_input(plan, plan.stages.len(), &[], pass, c * per_chunk + i, features);
            }
            timed(Part::Classify, || score(plan, theta, &weights, features, logits));
        });
    (features, logits)
}

/// Logits of a few trials.
pub(super) fn score(plan: &Plan, theta: &[f32], weights: &Packed, features: &[f32], logits: &mut [f32]) {
    let head = &plan.head;
    let (len, columns) = (head.input_len(), padded(head.classes));
    let count = features.len() / len;
    let mut scores = vec![0.0; count * columns];
    kernels::correlate(&mut scores, features, Rows { count, stride: len, taps: 1, width: len }, weights);
    let bias = head.affine.bias.as_ref().map_or(&[] as &[f32], |bias| &theta[bias.clone()]);
    for (logits, scores) in logits.chunks_exact_mut(head.classes).zip(scores.chunks_exact(columns)) {
        for (i, (logit, score)) in logits.iter_mut().zip(scores).enumerate() {
            *logit = score + bias.get(i).copied().unwrap_or(0.0);
        }
    }
}
