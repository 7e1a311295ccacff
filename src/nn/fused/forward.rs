//! The pass forwards in training. A stage's batch statistics need all trials, so the pass is cut there: each part
//! normalises, activates and pools the previous stage's output of a trial and convolves it while it is in cache.

use super::filters::Filters;
use super::memory::{Lease, Memory};
use super::norm::{Coefficients, Norm64, Statistics, update_running};
use super::plan::{Affine, Plan, Stage};
use super::reach::{self, Reach};
use super::split::{Purpose, Split};
use super::windows::{Among, Moments, Windows};
use crate::nn::breakdown::{Part, timed};
use crate::nn::kernels::{self, Normed, Packed, Rows, padded};
use crate::random::{DropoutMask, TrialMask};
use rayon::prelude::*;

/// What the pass backwards needs of the pass forwards.
pub(super) struct Pass {
    pub trials: usize,
    /// Before each convolution, with its padding; the last one is the classifier's input. Empty for a split first stage.
    pub inputs: Vec<Lease>,
    /// After each convolution; of a split first stage, what it keeps.
    pub outputs: Vec<Lease>,
    pub coefficients: Vec<Coefficients>,
    pub front: FrontPass,
    pub split: Option<Split>,
    pub masks: Vec<DropoutMask>,
}

impl Pass {
    /// Dropout behind stage `s` of one trial, and what it multiplies the kept values by.
    pub fn dropout(&self, s: usize, stage: &Stage, trial: usize) -> Option<(TrialMask, f32)> {
        self.masks.get(s).map(|mask| (mask.trial(trial), stage.keep_scale))
    }
}

/// The batch normalisation inside the front.
pub(super) struct FrontPass {
    pub norms: Vec<Norm64>,
    pub windows: Option<(Moments, Vec<Statistics>)>,
    /// Of a split first stage.
    pub reach: Option<Reach>,
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
    mask: Option<(TrialMask, f32)>,
) -> Normed<'a> {
    Normed {
        z,
        scale: &coefficients.scale,
        shift: &coefficients.shift,
        activation: stage.activation,
        pool: stage.pool,
        kernel: stage.kernel,
        features: stage.after.1,
        mask,
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
    let context = Context { plan, memory, x };
    let trials = x.len() / plan.input.0;
    let mut running = running.to_vec();
    let front = timed(Part::Front, || front(plan, x, theta, &mut running));
    let mut pass = Pass {
        trials,
        inputs: Vec::new(),
        outputs: Vec::new(),
        coefficients: Vec::new(),
        front,
        split: None,
        masks: masks.to_vec(),
    };
    let mut kept = split_stage(plan, memory, theta, &mut running, &mut pass);
    for s in plan.first()..plan.stages.len() {
        let stage = &plan.stages[s];
        let weights = timed(Part::Weights, || Filters::for_training(plan, s, theta, &pass.front.norms));
        let offset = offset(plan, s, theta, &pass.front.norms);
        let (input, output, statistics) = context.convolve(s, &pass, &weights, kept.as_deref_mut());
        pass.outputs.extend(kept.take());
        let count = (trials * stage.after.0) as f64;
        update_running(&mut running, &stage.norm, &statistics, &offset, count);
        pass.inputs.push(input);
        pass.outputs.push(output);
        pass.coefficients.push(Coefficients::new(statistics, &stage.norm, theta));
    }
    let (features, logits) = context.classify(&pass, theta);
    pass.inputs.push(features);
    (logits, running, pass)
}

/// The weights and normalisation of a split first stage, which goes through with the second one; memory for what it keeps.
fn split_stage(
    plan: &Plan,
    memory: &Memory,
    theta: &[f32],
    running: &mut [f32],
    pass: &mut Pass,
) -> Option<Lease> {
    let (shape, reach) = (plan.split?, pass.front.reach.as_ref()?);
    let (front, norms) = (&plan.front, &pass.front.norms);
    let norm = &plan.stages[0].norm;
    let statistics = reach::statistics(front, theta, norms, reach);
    let count = (pass.trials * plan.stages[0].after.0) as f64;
    update_running(running, norm, &statistics, &offset(plan, 0, theta, norms), count);
    let coefficients = Coefficients::new(statistics, norm, theta);
    pass.split = Some(Split::new(shape, front, theta, norms, &coefficients, Purpose::Training));
    pass.coefficients.push(coefficients);
    pass.inputs.push(memory.lease(0));
    Some(memory.lease(pass.trials * shape.kept_len()))
}

/// The statistics inside the front, from the input's autocorrelation.
fn front(plan: &Plan, x: &[f32], theta: &[f32], running: &mut [f32]) -> FrontPass {
    let front = &plan.front;
    let Some(norm) = &front.norm else {
        return FrontPass { norms: vec![Norm64::IDENTITY; front.filters], windows: None, reach: None };
    };
    let len = plan.input.0;
    let among = if plan.split.is_some() { Among::Each } else { Among::Themselves };
    let parts: Vec<Windows> = x
        .par_chunks(chunk(x.len() / len) * len)
        .map(|part| {
            let mut windows = Windows::new(&plan.stages[0], among);
            part.chunks_exact(len).for_each(|trial| windows.add(trial));
            windows
        })
        .collect();
    let mut windows = Windows::new(&plan.stages[0], among);
    parts.iter().for_each(|part| windows.merge(part));
    let (moments, crossed) = windows.moments();
    let statistics: Vec<_> =
        (0..front.filters).map(|f| moments.statistics(front.temporal_filter(theta, f))).collect();
    let norms = (0..front.filters).map(|f| Norm64::new(statistics[f], norm, theta, f)).collect();
    let bias = |f: usize| front.temporal.bias.as_ref().map_or(0.0, |bias| f64::from(theta[bias.start + f]));
    let offset: Vec<f64> = (0..front.filters).map(bias).collect();
    update_running(running, norm, &statistics, &offset, moments.count);
    let reach = crossed.map(|crossed| Reach::new(front, theta, crossed));
    FrontPass { norms, windows: Some((moments, statistics)), reach }
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

/// What the parts of this pass have in common.
#[derive(Clone, Copy)]
struct Context<'a> {
    plan: &'a Plan,
    memory: &'a Memory,
    /// Trials (trial, sample, electrode).
    x: &'a [f32],
}

impl Context<'_> {
    /// Prepares the inputs of stage `s`, convolves them, and takes the statistics of the outputs. Fills `kept` if the stage
    /// before is a split one.
    fn convolve(
        &self,
        s: usize,
        pass: &Pass,
        filters: &Filters,
        kept: Option<&mut [f32]>,
    ) -> (Lease, Lease, Vec<Statistics>) {
        let Context { plan, memory, .. } = *self;
        let stage = &plan.stages[s];
        let (trials, columns) = (pass.trials, stage.columns());
        let (input_len, output_len) = (stage.input_len(), stage.output_len());
        let mut input = memory.lease(trials * input_len);
        let mut output = memory.lease(trials * output_len);
        let per_chunk = chunk(trials);
        let kept_len = plan.split.map_or(0, |shape| shape.kept_len());
        let kept_chunks: Vec<Option<&mut [f32]>> = match kept {
            Some(kept) => kept.chunks_mut(per_chunk * kept_len).map(Some).collect(),
            None => (0..trials.div_ceil(per_chunk)).map(|_| None).collect(),
        };
        let sums: Vec<[Vec<f64>; 2]> = input
            .par_chunks_mut(per_chunk * input_len)
            .zip(output.par_chunks_mut(per_chunk * output_len))
            .zip(kept_chunks)
            .enumerate()
            .map(|(c, ((inputs, outputs), mut kept))| {
                let mut sums = [vec![0.0; columns], vec![0.0; columns]];
                let trials = inputs.chunks_exact_mut(input_len).zip(outputs.chunks_exact_mut(output_len));
                for (i, (input, output)) in trials.enumerate() {
                    pad(input, stage);
                    let kept = kept.as_deref_mut().map(|kept| &mut kept[i * kept_len..][..kept_len]);
                    self.fill_input(s, pass, c * per_chunk + i, kept, &mut input[stage.inner()]);
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

    /// The samples of one trial that stage `s` convolves: the signal, or what the stage before makes of its output; where
    /// that is a split one it also fills `kept`.
    fn fill_input(&self, s: usize, pass: &Pass, trial: usize, kept: Option<&mut [f32]>, to: &mut [f32]) {
        let Context { plan, memory, x } = *self;
        let signal = || &x[trial * plan.input.0..][..plan.input.0];
        let Some(before) = s.checked_sub(1) else { return to.copy_from_slice(signal()) };
        let stage = &plan.stages[before];
        let mask = pass.dropout(before, stage, trial);
        match (&pass.split, kept) {
            (Some(split), Some(kept)) => {
                timed(Part::Convolve, || split.convolve(memory, signal(), kept));
                timed(Part::Activate, || split.pool(stage, kept, to, mask));
            }
            _ => {
                let z = &pass.outputs[before][trial * stage.output_len()..][..stage.output_len()];
                let from = normed(stage, z, &pass.coefficients[before], mask);
                timed(Part::Activate, || kernels::forward(to, from));
            }
        }
    }

    /// The classifier's inputs and its logits.
    fn classify(&self, pass: &Pass, theta: &[f32]) -> (Lease, Vec<f32>) {
        let Context { plan, memory, .. } = *self;
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
                    self.fill_input(plan.stages.len(), pass, c * per_chunk + i, None, features);
                }
                timed(Part::Classify, || score(plan, theta, &weights, features, logits));
            });
        (features, logits)
    }
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
