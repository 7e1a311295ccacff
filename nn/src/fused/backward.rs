//! The pass backwards: the gradient of theta from that of the logits. A stage's batch normalisation needs two sums over
//! all trials before any gradient can pass it, so the pass is cut there, as the pass forwards is.
//!
//! See "One trial's way" in `README.md` beside this file.

use super::by_tap;
use super::conv_backward::ConvBackward;
use super::conv_forward;
use super::memory::{Lease, Memory};
use super::norm::NormBackward;
use super::plan::{Plan, trials_per_chunk};
use super::pooling::{conv_output, windows};
use super::saved::SavedForward;
use super::split::{Split, SplitSums};
use super::split_gradient::{self, FinishedPass};
use super::stage::{Linear, Stage};
use super::to_and_fro::Way;
use crate::breakdown::{Part, timed};
use crate::kernels::{self, Packed, Rows, padded};
use crate::threads;

/// Σ dy and Σ dy · ẑ of one stage, by channel.
type Sums = [Vec<f64>; 2];

/// A gradient of what a stage's first step pooled, with the sums that its batch normalisation needs.
struct Pooled {
    /// Of the pooled output.
    whole: Lease,
    /// Chunk by chunk of the pooled blocks, where windows are made of them.
    blocks: Vec<Lease>,
    sums: Sums,
}

/// What a chunk of trials gives beside a stage's own gradients.
enum Through {
    /// Before it is the signal.
    Signal,
    /// The blocks' gradient, if there are windows, and the sums of the stage before.
    Stage(Option<Lease>, Sums),
    /// The sums of a split first stage.
    Split(SplitSums),
}

/// What the parts of this pass have in common.
struct Backward<'a> {
    plan: &'a Plan,
    memory: &'a Memory,
    pass: &'a SavedForward,
    theta: &'a [f32],
}

/// The gradient of theta.
pub(super) fn backward(
    plan: &Plan,
    memory: &Memory,
    pass: &SavedForward,
    theta: &[f32],
    logits_gradient: &[f32],
) -> Vec<f32> {
    let context = Backward { plan, memory, pass, theta };
    let mut gradient = vec![0.0; theta.len()];
    let mut pooled = context.head(logits_gradient, &mut gradient);
    for s in (plan.first()..plan.stages.len()).rev() {
        if let Some(norm) = &plan.stages[s].norm {
            let [sums, products] = &pooled.sums;
            for (c, (sum, product)) in sums.iter().zip(products).take(norm.beta.len()).enumerate() {
                gradient[norm.beta.start + c] = *sum as f32;
                gradient[norm.gamma.start + c] = *product as f32;
            }
        }
        pooled = context.stage(s, &pooled, &mut gradient);
    }
    gradient
}

impl Backward<'_> {
    /// Through the classifier: gradient of its inputs, and the last stage's sums.
    fn head(&self, logits_gradient: &[f32], gradient: &mut [f32]) -> Pooled {
        let head = &self.plan.head;
        let (len, classes, columns) = (head.input_len(), head.classes, padded(head.classes));
        let weights = timed(Part::Weights, || head.backward(&self.theta[head.affine.weight.clone()]));
        let per_chunk = trials_per_chunk(self.pass.trials);
        let last = self.plan.stages.len() - 1;
        let mut features_gradient = self.memory.lease(self.pass.trials * len);
        let chunks = features_gradient
            .chunks_mut(per_chunk * len)
            .zip(logits_gradient.chunks(per_chunk * classes))
            .zip(self.pass.inputs[last + 1].chunks(per_chunk * len))
            .enumerate();
        let parts: Vec<(Lease, (Option<Lease>, Sums))> =
            Way::backward(last + 1).over(chunks, |(c, ((features_gradient, logits), features))| {
                let count = logits.len() / classes;
                let rows = Rows { count, step: classes, stride: classes, taps: 1, width: classes };
                let mut own = self.memory.zeros(columns * len);
                timed(Part::Classify, || {
                    kernels::correlate(features_gradient, logits, rows, &weights);
                    kernels::correlate_weights(&mut own, logits, rows, features, len);
                });
                (own, self.chunk_pool(last, c * per_chunk, features_gradient))
            });
        let (own, pooled): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        if let Some(own) = added_up(own) {
            timed(Part::Weights, || head.add_gradient(&mut gradient[head.affine.weight.clone()], &own));
        }
        if let Some(bias) = &head.affine.bias {
            for (i, &value) in logits_gradient.iter().enumerate() {
                gradient[bias.start + i % classes] += value;
            }
        }
        let (blocks, sums): (Vec<_>, Vec<_>) = pooled.into_iter().unzip();
        let blocks = blocks.into_iter().flatten().collect();
        Pooled { whole: features_gradient, blocks, sums: total(sums.into_iter()) }
    }

    /// Through stage `s`, given the gradient of what it pooled: that of what the stage before pooled.
    fn stage(&self, s: usize, pooled: &Pooled, gradient: &mut [f32]) -> Pooled {
        let stage = &self.plan.stages[s];
        let trials = self.pass.trials;
        let norm = match &stage.norm {
            Some(norm) => {
                let gamma = &self.theta[norm.gamma.clone()];
                let count = (trials * stage.output.samples) as f64;
                let [sums, products] = &pooled.sums;
                NormBackward::new(sums, products, &self.pass.coefficients[s], gamma, count)
            }
            None => NormBackward::identity(stage.output.channels),
        };
        let back = timed(Part::Weights, || {
            ConvBackward::new(self.plan, self.memory, s, self.theta, &self.pass.first_conv.norms)
        });
        let per_chunk = trials_per_chunk(trials);
        let input_len = back.input_len(stage);
        let mut input_gradient = self.memory.lease(trials * input_len);
        let chunks = input_gradient.chunks_mut(per_chunk * input_len).enumerate();
        let parts: Vec<(Lease, Through)> = Way::backward(s).over(chunks, |(c, input_gradient)| {
            let weights = self.chunk_stage(s, c * per_chunk, pooled, &norm, &back, input_gradient);
            let through = match (s, &self.pass.split) {
                (0, _) => Through::Signal,
                (1, Some(split)) => Through::Split(self.chunk_split(split, c * per_chunk, input_gradient)),
                _ => {
                    let (blocks, sums) = self.chunk_pool(s - 1, c * per_chunk, input_gradient);
                    Through::Stage(blocks, sums)
                }
            };
            (weights, through)
        });
        let (weights, through): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        // Ahead of batch normalisation the outputs' gradients add up to nothing.
        let sums = stage.norm.is_none().then_some(pooled.sums[0].as_slice());
        timed(Part::Weights, || self.add_weights(s, &back, weights, sums, gradient));
        let (mut blocks, mut sums, mut of_split) = (Vec::new(), Vec::new(), Vec::new());
        for through in through {
            match through {
                Through::Signal => {}
                Through::Stage(own, of) => {
                    blocks.extend(own);
                    sums.push(of);
                }
                Through::Split(of) => of_split.push(of),
            }
        }
        timed(Part::Weights, || self.add_split(of_split, gradient));
        Pooled { whole: input_gradient, blocks, sums: total(sums.into_iter()) }
    }

    /// Through a split first stage: what its weights get from the trials from `first` on whose pooled gradients
    /// `output_gradient` holds.
    fn chunk_split(&self, split: &Split, first: usize, output_gradient: &[f32]) -> SplitSums {
        let stage = &self.plan.stages[0];
        let kept_len = split.kept_len();
        let kept = self.pass.outputs[0].z.chunks_exact(kept_len).skip(first);
        let (mut dy, mut scratch) = split.scratch(self.memory);
        let mut sums = split.sums();
        for (i, (gradient, kept)) in output_gradient.chunks_exact(stage.pooled_len()).zip(kept).enumerate() {
            let mask = self.pass.dropout(stage, first + i);
            split.backward(stage, kept, gradient, mask, &mut sums, (&mut dy, &mut scratch));
        }
        sums
    }

    /// Adds the chunks' sums of a split first stage to theta's.
    fn add_split(&self, parts: Vec<SplitSums>, gradient: &mut [f32]) {
        let (Some(shape), Some(filter_moments)) = (self.plan.split, &self.pass.first_conv.filter_moments)
        else {
            return;
        };
        let mut parts = parts.into_iter();
        let Some(mut sums) = parts.next() else { return };
        parts.for_each(|part| sums.add(&part));
        let pass = FinishedPass {
            first_conv: &self.pass.first_conv,
            filter_moments,
            coefficients: &self.pass.coefficients[0],
            count: (self.pass.trials * self.plan.stages[0].output.samples) as f64,
        };
        split_gradient::add(gradient, &sums, self.plan, shape, self.theta, &pass);
    }

    /// The trials from `first` on whose input gradients `input_gradient` holds: fills it, and gives the gradient of the
    /// filters.
    fn chunk_stage(
        &self,
        s: usize,
        first: usize,
        pooled: &Pooled,
        norm: &NormBackward,
        back: &ConvBackward,
        input_gradient: &mut [f32],
    ) -> Lease {
        let stage = &self.plan.stages[s];
        let trials = input_gradient.len() / back.input_len(stage);
        let inputs = &self.pass.inputs[s][first * stage.input_len()..][..trials * stage.input_len()];
        let mut weights = match back {
            ConvBackward::Tiled(_) => self.memory.lease(back.weights_len(stage)),
            _ => self.memory.zeros(back.weights_len(stage)),
        };
        let dz = |i: usize, dz: &mut [f32]| self.through_norm(s, first + i, pooled, norm, dz);
        match back {
            ConvBackward::Tiled(tiles) => {
                let mut scratch = tiles.scratch(stage, self.memory);
                let mut trial_dz = self.memory.lease(stage.output_len());
                let inputs = (inputs, input_gradient);
                tiles.backward_pass(stage, &mut scratch, &mut weights, inputs, dz, &mut trial_dz);
            }
            ConvBackward::Halves(spatial, reversed) => {
                self.halves(stage, inputs, dz, (spatial, reversed), &mut weights);
            }
            ConvBackward::Identity => {
                let trials = input_gradient.chunks_exact_mut(back.input_len(stage)).enumerate();
                for (i, input_gradient) in trials.filter(|_| s > 0) {
                    dz(i, input_gradient);
                }
            }
            ConvBackward::First | ConvBackward::Direct(_) => {
                let mut padded = self.memory.zeros(stage.back_samples() * stage.columns());
                let mut own = self.memory.lease(stage.output_len());
                let trials = inputs
                    .chunks_exact(stage.input_len())
                    .zip(input_gradient.chunks_exact_mut(back.input_len(stage)));
                for (i, (input, input_gradient)) in trials.enumerate() {
                    dz(i, &mut own);
                    timed(Part::Product, || {
                        kernels::correlate_weights(&mut weights, input, stage.rows(), &own, stage.columns());
                        if let ConvBackward::Direct(back) = back {
                            spread(&mut padded, &own, stage);
                            kernels::correlate(input_gradient, &padded, stage.back_rows(), back);
                        }
                    });
                }
            }
        }
        weights
    }

    /// The gradients of a depthwise first convolution's halves.
    fn halves(
        &self,
        stage: &Stage,
        inputs: &[f32],
        dz: impl Fn(usize, &mut [f32]),
        (spatial, reversed): (&Packed, &[f32]),
        weights: &mut [f32],
    ) {
        let columns = stage.columns();
        let inner = stage.back_row(0) * columns..stage.back_row(stage.output.samples) * columns;
        let mut padded = self.memory.zeros(stage.back_samples() * columns);
        let mut joined = self.memory.lease(stage.input_len() / stage.stride * columns);
        let mut back = self.memory.lease(stage.input.samples * columns);
        let (temporal, across) = weights.split_at_mut(stage.taps.count * columns);
        let electrodes = Rows {
            count: stage.input.samples,
            step: stage.stride,
            stride: stage.stride,
            taps: 1,
            width: stage.input.channels,
        };
        for (i, input) in inputs.chunks_exact(stage.input_len()).enumerate() {
            dz(i, &mut padded[inner.clone()]);
            timed(Part::Product, || {
                conv_forward::join_electrodes(&mut joined, input, stage, spatial);
                kernels::depthwise(temporal, &joined, &padded[inner.clone()], columns);
                back.fill(0.0);
                kernels::depthwise(&mut back, &padded, reversed, columns);
                kernels::correlate_weights(across, &input[stage.inner()], electrodes, &back, columns);
            });
        }
    }

    /// One trial's gradient of the convolution's output.
    fn through_norm(&self, s: usize, trial: usize, pooled: &Pooled, norm: &NormBackward, dz: &mut [f32]) {
        let stage = &self.plan.stages[s];
        let (len, per_chunk) = (stage.blocks_len(), trials_per_chunk(self.pass.trials));
        let gradient = match pooled.blocks.get(trial / per_chunk) {
            Some(blocks) => &blocks[trial % per_chunk * len..][..len],
            None => &pooled.whole[trial * len..][..len],
        };
        let mask = self.pass.dropout(stage, trial);
        let from = conv_output(stage, self.pass.z(s, stage, trial), &self.pass.coefficients[s], mask);
        timed(Part::Normalise, || {
            kernels::backward(dz, gradient, from, &norm.by_gradient, &norm.by_value, &norm.constant);
        });
    }

    /// Through the pool's windows of stage `s`, if there are any, for the trials from `first` on whose pooled gradients
    /// `output_gradient` holds: the blocks' gradients, and the sums over these trials.
    fn chunk_pool(&self, s: usize, first: usize, output_gradient: &[f32]) -> (Option<Lease>, Sums) {
        let stage = &self.plan.stages[s];
        if !stage.has_windows() {
            return (None, self.chunk_sums(s, first, output_gradient));
        }
        let trials = output_gradient.chunks_exact(stage.pooled_len());
        let mut blocks_gradient = self.memory.lease(trials.len() * stage.blocks_len());
        let blocks = blocks_gradient.chunks_exact_mut(stage.blocks_len());
        for (i, (gradient, blocks_gradient)) in trials.zip(blocks).enumerate() {
            let blocks = self.pass.blocks(s, stage, first + i);
            let from = windows(stage, blocks, self.pass.dropout(stage, first + i));
            timed(Part::Sums, || kernels::windows_backward(blocks_gradient, gradient, from));
        }
        let sums = self.chunk_sums(s, first, &blocks_gradient);
        (Some(blocks_gradient), sums)
    }

    /// The sums of stage `s` over the trials from `first` on whose pooled blocks' gradients are given.
    fn chunk_sums(&self, s: usize, first: usize, blocks_gradient: &[f32]) -> Sums {
        let stage = &self.plan.stages[s];
        let columns = stage.columns();
        let coefficients = &self.pass.coefficients[s];
        let mut sums = [vec![0.0; columns], vec![0.0; columns]];
        for (i, gradient) in blocks_gradient.chunks_exact(stage.blocks_len()).enumerate() {
            let (mut sum, mut product) = (vec![0.0; columns], vec![0.0; columns]);
            let mask = self.pass.dropout(stage, first + i);
            let from = conv_output(stage, self.pass.z(s, stage, first + i), coefficients, mask);
            timed(Part::Sums, || {
                kernels::sums(
                    &mut sum,
                    &mut product,
                    gradient,
                    from,
                    &coefficients.unit,
                    &coefficients.centre,
                );
            });
            for (total, part) in sums.iter_mut().zip([sum, product]) {
                total.iter_mut().zip(part).for_each(|(total, part)| *total += f64::from(part));
            }
        }
        sums
    }

    /// Adds the chunks' gradients of the filters, and the biases' from the sums of the outputs' gradients, to theta's.
    fn add_weights(
        &self,
        s: usize,
        back: &ConvBackward,
        parts: Vec<Lease>,
        sums: Option<&[f64]>,
        gradient: &mut [f32],
    ) {
        let stage = &self.plan.stages[s];
        let Some(filter) = added_up(parts) else { return };
        match (&stage.linear, &self.plan.first_conv) {
            (Linear::Chain(chain), _) => {
                let add = |out: &mut [f32]| match back {
                    ConvBackward::Tiled(tiles) => {
                        by_tap::add_gradient(out, &tiles.gradient_by_tap(&filter, stage), stage);
                    }
                    _ => by_tap::add_gradient(out, &filter, stage),
                };
                if let Some(plain) = chain.plain() {
                    add(&mut gradient[plain.weight.clone()]);
                    if let (Some(bias), Some(sums)) = (&plain.bias, sums) {
                        let bias = &mut gradient[bias.clone()];
                        bias.iter_mut().zip(sums).for_each(|(bias, &sum)| *bias += sum as f32);
                    }
                } else {
                    let channels = stage.input.channels * stage.output.channels;
                    let mut dense = vec![0.0; channels * stage.taps.count];
                    add(&mut dense);
                    let zeros = vec![0.0; stage.output.channels];
                    chain.backward(gradient, &dense, sums.unwrap_or(&zeros), self.theta);
                }
            }
            (Linear::First, Some(conv)) => {
                let saved = &self.pass.first_conv;
                if matches!(back, ConvBackward::Halves(..)) {
                    let (temporal, spatial) = filter.split_at(stage.taps.count * stage.columns());
                    conv.halves_backward(gradient, temporal, spatial, sums, self.theta, saved);
                } else {
                    let rows = filter.chunks_exact(stage.columns()).map(|row| &row[..stage.output.channels]);
                    let filter: Vec<f64> = rows.flatten().map(|&value| f64::from(value)).collect();
                    conv.backward(gradient, &filter, sums, self.theta, saved);
                }
            }
            _ => {}
        }
    }
}

/// Puts a trial's output gradient where the convolution backwards looks for it; between the rows and on either side zeros
/// stay.
fn spread(padded: &mut [f32], gradient: &[f32], stage: &Stage) {
    let columns = stage.columns();
    if stage.taps.step == 1 {
        padded[stage.back_row(0) * columns..][..gradient.len()].copy_from_slice(gradient);
        return;
    }
    for (t, row) in gradient.chunks_exact(columns).enumerate() {
        padded[stage.back_row(t) * columns..][..columns].copy_from_slice(row);
    }
}

/// Values that one thread adds up over all chunks, in order, in one go.
const PIECE: usize = 4096;

/// The sum of the chunks' gradients, in order.
fn added_up(parts: Vec<Lease>) -> Option<Lease> {
    let mut parts = parts.into_iter();
    let mut sum = parts.next()?;
    let rest: Vec<Lease> = parts.collect();
    threads::map(sum.chunks_mut(PIECE).enumerate().collect(), |(piece, sum)| {
        for part in &rest {
            let part = &part[piece * PIECE..][..sum.len()];
            sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
        }
    });
    Some(sum)
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
