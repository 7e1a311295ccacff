//! The pass forwards in training. A stage's batch statistics need all trials, so the pass is cut there: each part
//! normalises, activates and pools the previous stage's output of a trial and convolves it while it is in cache.
//!
//! See "One trial's way" in `README.md` beside this file.

use super::conv_forward::{ConvForward, biases};
use super::exact::Exact;
use super::filter_moments;
use super::first_conv;
use super::input_means::InputSums;
use super::memory::{Lease, Memory};
use super::norm::{Coefficients, Statistics, update_running};
use super::plan::{Plan, trials_per_chunk};
use super::saved::{Output, SavedForward, blocks_len};
use super::split::Split;
use super::stage::{Mode, Stage};
use super::to_and_fro::Way;
use crate::breakdown::{Part, timed};
use crate::kernels::{self, Packed, Rows, padded};
use crate::random::DropoutMask;

/// Sets the padding's zeros around a trial's input of a stage.
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
) -> (Vec<f32>, Vec<f32>, SavedForward) {
    let context = Forward { plan, memory, x };
    let trials = x.len() / plan.signal_len();
    let mut running = running.to_vec();
    let first_conv = timed(Part::Front, || first_conv::statistics(plan, x, theta, &mut running));
    let mut pass = SavedForward {
        trials,
        inputs: Vec::new(),
        outputs: Vec::new(),
        coefficients: Vec::new(),
        first_conv,
        split: None,
        masks: masks.to_vec(),
    };
    split_stage(plan, memory, theta, &mut running, &mut pass);
    let norms = pass.first_conv.norms.clone();
    let mut exact = Exact::new(plan, theta, x, &norms);
    if pass.split.is_some() {
        timed(Part::Weights, || exact.note(0, x, &pass.coefficients[0]));
    }
    for s in plan.first()..plan.stages.len() {
        let stage = &plan.stages[s];
        let weights = timed(Part::Weights, || {
            ConvForward::for_training(plan, memory, s, theta, &pass.first_conv.norms)
        });
        let biases = biases(plan, s, theta, &pass.first_conv.norms, Mode::Training);
        let Convolved { input, output, statistics, input_sums } =
            context.convolve(s, &mut pass, &weights, &exact);
        pass.inputs.push(input);
        pass.outputs.push(output);
        pass.coefficients.push(match &stage.norm {
            Some(norm) => {
                let count = (trials * stage.output.samples) as f64;
                update_running(&mut running, norm, &statistics, &biases, count);
                let mut coefficients = Coefficients::new(statistics, norm, theta);
                if let (Some(sums), Some(chain)) = (input_sums, stage.chain()) {
                    coefficients.recentre(&sums.output_means(stage, &chain.filter64(theta), count));
                }
                coefficients
            }
            None => Coefficients::of_biases(&biases),
        });
        timed(Part::Weights, || exact.note(s, &pass.inputs[s], &pass.coefficients[s]));
    }
    let (features, logits) = context.classify(&mut pass, theta, &exact);
    pass.inputs.push(features);
    (logits, running, pass)
}

/// The weights and normalisation of a split first stage, which goes through with the second one; memory for what it keeps.
fn split_stage(plan: &Plan, memory: &Memory, theta: &[f32], running: &mut [f32], pass: &mut SavedForward) {
    let (Some(shape), Some(first_conv)) = (plan.split, &plan.first_conv) else { return };
    let (Some(moments), Some(norm)) = (&pass.first_conv.filter_moments, &plan.stages[0].norm) else { return };
    let norms = &pass.first_conv.norms;
    let statistics = filter_moments::statistics(first_conv, theta, norms, moments);
    let count = (pass.trials * plan.stages[0].output.samples) as f64;
    update_running(running, norm, &statistics, &biases(plan, 0, theta, norms, Mode::Training), count);
    let coefficients = Coefficients::new(statistics, norm, theta);
    pass.split = Some(Split::new(shape, first_conv, theta, norms, &coefficients, Mode::Training));
    pass.coefficients.push(coefficients);
    pass.inputs.push(memory.lease(0));
    let z = memory.lease(pass.trials * shape.kept_len());
    pass.outputs.push(Output { z, blocks: memory.lease(pass.trials) });
}

/// What the parts of this pass have in common.
#[derive(Clone, Copy)]
struct Forward<'a> {
    plan: &'a Plan,
    memory: &'a Memory,
    /// Trials (trial, sample, electrode).
    x: &'a [f32],
}

/// What a stage's convolution gives.
struct Convolved {
    input: Lease,
    output: Output,
    statistics: Vec<Statistics>,
    /// Where the stage's kink asks for exact means.
    input_sums: Option<InputSums>,
}

/// What one trial of the stage before has in memory.
struct Before<'a> {
    exact: &'a Exact<'a>,
    z: &'a mut [f32],
    blocks: &'a mut [f32],
}

impl Forward<'_> {
    /// The floats of a trial that a stage's output has, and those of its blocks.
    fn output_lens(&self, s: Option<usize>) -> [usize; 2] {
        match (s, self.plan.split) {
            (Some(0), Some(shape)) => [shape.kept_len(), 1],
            (Some(s), _) => [self.plan.stages[s].output_len(), blocks_len(&self.plan.stages[s])],
            (None, _) => [1, 1],
        }
    }

    /// The output of the stage before `s`, to be read and, of a split one, filled; ahead of the first one nothing.
    fn take_output(&self, pass: &mut SavedForward) -> Output {
        let nothing = || Output { z: self.memory.lease(pass.trials), blocks: self.memory.lease(pass.trials) };
        match pass.outputs.pop() {
            Some(output) => output,
            None => nothing(),
        }
    }

    /// Prepares the inputs of stage `s`, convolves them, and takes the statistics of the outputs, if there is a batch
    /// normalisation.
    fn convolve(&self, s: usize, pass: &mut SavedForward, filters: &ConvForward, exact: &Exact) -> Convolved {
        let Forward { plan, memory, .. } = *self;
        let stage = &plan.stages[s];
        let (trials, columns) = (pass.trials, stage.columns());
        let (input_len, output_len) = (stage.input_len(), stage.output_len());
        let mut input = memory.lease(trials * input_len);
        let mut output = memory.lease(trials * output_len);
        let per_chunk = trials_per_chunk(trials);
        let [z_len, blocks_len_before] = self.output_lens(s.checked_sub(1));
        let mut before = self.take_output(pass);
        let saved = &*pass;
        let at_once = filters.trials_at_once(stage);
        let needs_means = stage.norm.is_some() && stage.has_kink() && stage.chain().is_some();
        let chunks = input
            .chunks_mut(per_chunk * input_len)
            .zip(output.chunks_mut(per_chunk * output_len))
            .zip(before.z.chunks_mut(per_chunk * z_len))
            .zip(before.blocks.chunks_mut(per_chunk * blocks_len_before))
            .enumerate();
        let sums: Vec<([Vec<f64>; 2], Option<InputSums>)> =
            Way::forward(s).over(chunks, |(c, (((inputs, outputs), z), blocks))| {
                let mut sums = [vec![0.0; columns], vec![0.0; columns]];
                let mut input_sums = needs_means.then(|| InputSums::new(stage)).flatten();
                let mut before = z.chunks_exact_mut(z_len).zip(blocks.chunks_exact_mut(blocks_len_before));
                let groups = inputs.chunks_mut(at_once * input_len);
                for (g, (inputs, outputs)) in groups.zip(outputs.chunks_mut(at_once * output_len)).enumerate()
                {
                    let first = c * per_chunk + g * at_once;
                    for (i, (input, (z, blocks))) in
                        inputs.chunks_exact_mut(input_len).zip(&mut before).enumerate()
                    {
                        pad(input, stage);
                        let before = Before { exact, z, blocks };
                        self.fill_input(s, saved, first + i, before, &mut input[stage.inner()]);
                    }
                    timed(Part::Convolve, || filters.convolve(stage, memory, outputs, inputs));
                    if let Some(sums) = &mut input_sums {
                        let inputs = inputs.chunks_exact(input_len);
                        timed(Part::Moments, || inputs.for_each(|input| sums.add_trial(input)));
                    }
                    if stage.norm.is_some() {
                        let [sum, square] = &mut sums;
                        let outputs = outputs.chunks_exact(output_len);
                        timed(Part::Moments, || {
                            outputs.for_each(|output| kernels::moments(sum, square, output));
                        });
                    }
                }
                (sums, input_sums)
            });
        if s > 0 {
            pass.outputs.push(before);
        }
        let count = (trials * stage.output.samples) as f64;
        let statistics = (0..stage.output.channels)
            .map(|c| {
                let total = |which: usize| sums.iter().map(|(part, _)| part[which][c]).sum();
                Statistics::from_sums(total(0), total(1), count)
            })
            .collect();
        let input_sums = sums.into_iter().map(|(_, of)| of).reduce(|all, of| {
            let (mut all, of) = (all?, of?);
            all.add(&of);
            Some(all)
        });
        let output = Output { z: output, blocks: memory.lease(trials * blocks_len(stage)) };
        Convolved { input, output, statistics, input_sums: input_sums.flatten() }
    }

    /// The samples of one trial that stage `s` convolves: the signal, or what the stage before makes of its output; where
    /// that is a split one its output is filled first.
    fn fill_input(&self, s: usize, pass: &SavedForward, trial: usize, before: Before, to: &mut [f32]) {
        let Forward { plan, memory, x } = *self;
        let signal = || &x[trial * plan.signal_len()..][..plan.signal_len()];
        let Some(p) = s.checked_sub(1) else { return to.copy_from_slice(signal()) };
        let stage = &plan.stages[p];
        let mask = pass.dropout(stage, trial);
        let Before { exact, z, blocks } = before;
        match pass.split.as_ref().filter(|_| p == 0) {
            Some(split) => {
                timed(Part::Convolve, || split.convolve(memory, signal(), z));
                timed(Part::Activate, || exact.settle_split(pass, split, trial, z));
                timed(Part::Activate, || split.pool(stage, z, to, mask));
            }
            None => {
                timed(Part::Activate, || exact.pool(p, pass, trial, z, (blocks, to)));
            }
        }
    }

    /// The classifier's inputs and its logits.
    fn classify(&self, pass: &mut SavedForward, theta: &[f32], exact: &Exact) -> (Lease, Vec<f32>) {
        let Forward { plan, memory, .. } = *self;
        let head = &plan.head;
        let (len, classes, last) = (head.input_len(), head.classes, plan.stages.len());
        let weights = timed(Part::Weights, || head.forward(&theta[head.affine.weight.clone()]));
        let per_chunk = trials_per_chunk(pass.trials);
        let mut features = memory.lease(pass.trials * len);
        let mut logits = vec![0.0; pass.trials * classes];
        let [z_len, blocks_len] = self.output_lens(last.checked_sub(1));
        let mut before = self.take_output(pass);
        let saved = &*pass;
        let chunks = features
            .chunks_mut(per_chunk * len)
            .zip(logits.chunks_mut(per_chunk * classes))
            .zip(before.z.chunks_mut(per_chunk * z_len))
            .zip(before.blocks.chunks_mut(per_chunk * blocks_len))
            .enumerate();
        Way::forward(last).over(chunks, |(c, (((features, logits), z), blocks))| {
            let before = z.chunks_exact_mut(z_len).zip(blocks.chunks_exact_mut(blocks_len));
            for (i, (features, (z, blocks))) in features.chunks_exact_mut(len).zip(before).enumerate() {
                self.fill_input(last, saved, c * per_chunk + i, Before { exact, z, blocks }, features);
            }
            timed(Part::Classify, || score(plan, theta, &weights, features, logits));
        });
        pass.outputs.push(before);
        (features, logits)
    }
}

/// Logits of a few trials.
pub(super) fn score(plan: &Plan, theta: &[f32], weights: &Packed, features: &[f32], logits: &mut [f32]) {
    let head = &plan.head;
    let (len, columns) = (head.input_len(), padded(head.classes));
    let count = features.len() / len;
    let mut scores = vec![0.0; count * columns];
    let rows = Rows { count, step: len, stride: len, taps: 1, width: len };
    kernels::correlate(&mut scores, features, rows, weights);
    let bias = head.affine.bias.as_ref().map_or(&[] as &[f32], |bias| &theta[bias.clone()]);
    for (logits, scores) in logits.chunks_exact_mut(head.classes).zip(scores.chunks_exact(columns)) {
        for (i, (logit, score)) in logits.iter_mut().zip(scores).enumerate() {
            *logit = score + bias.get(i).copied().unwrap_or(0.0);
        }
    }
}
