//! Which kernels are launched, in which order, with which sizes: a training step or an evaluation of a group of runs, from its form and
//! the places of its buffers alone. README.md has the drawing.

use super::arguments::{
    Adam, Address, BiasGradient, Convolution, Head, Limit, Norm, NormBack, PairSums, Put, Tail, View, bytes,
};
use super::blocks::{self, Block, SLICE_WEIGHTS, TILE_FEATURES, TILE_SAMPLES};
use super::form::Form;
use super::memory::{CHUNK, Memory, StateParts};
use super::player::{Kernel, Launch, THREADS};
use crate::model::Shape;

/// The launches of a group of so many runs.
pub(super) struct Plan<'a> {
    pub(super) form: &'a Form,
    pub(super) memory: &'a Memory,
    pub(super) runs: usize,
    /// Steps of the epoch.
    pub(super) steps: usize,
}

/// The trials of one step or of one part of an evaluation.
#[derive(Clone, Copy)]
pub(super) struct Pass {
    /// Of each run.
    pub(super) trials: usize,
    /// All trials that there are, (trial, sample, electrode), and their labels.
    pub(super) data: Address,
    pub(super) labels: Address,
    /// (run, trial): which of them.
    pub(super) rows: Address,
    /// (run, trial, class).
    pub(super) logits: Address,
    /// (dropout, run); none in evaluation.
    pub(super) masks: Address,
    /// Which of the epoch's steps; none in evaluation.
    pub(super) step: Option<usize>,
}

/// Launches, one after another.
#[derive(Default)]
struct Launches(Vec<Launch>);

impl Launches {
    fn push(&mut self, kernel: Kernel, grid: [usize; 3], arguments: &impl Put) {
        self.0.push(Launch { kernel, grid: grid.map(count), arguments: vec![bytes(arguments)] });
    }
}

impl Plan<'_> {
    /// Logits of trials, from the running statistics.
    pub(super) fn evaluation(&self, pass: Pass) -> Vec<Launch> {
        let mut launches = Launches::default();
        self.forwards(&mut launches, pass);
        launches.0
    }

    /// A training step: forwards, backwards, Adam, largest norms.
    pub(super) fn step(&self, pass: Pass) -> Vec<Launch> {
        let mut launches = Launches::default();
        self.forwards(&mut launches, pass);
        self.backwards(&mut launches, pass);
        self.update(&mut launches, pass.step.unwrap_or(0));
        launches.0
    }

    fn theta(&self) -> Address {
        self.memory.state
    }

    fn parts(&self) -> StateParts {
        StateParts::of(self.form, self.runs, self.steps)
    }

    fn running(&self) -> Address {
        self.memory.state.plus(self.parts().running)
    }

    /// A thread for each value of each trial of each run.
    fn over(&self, values: usize, trials: usize) -> [usize; 3] {
        [values.div_ceil(THREADS as usize), trials, self.runs]
    }

    fn forwards(&self, launches: &mut Launches, pass: Pass) {
        for (at, block) in self.form.blocks.iter().enumerate() {
            if let Some(c) = &block.convolution {
                let tiles = (c.after.features / c.groups).div_ceil(TILE_FEATURES);
                let grid = [
                    self.runs * pass.trials * c.after.electrodes,
                    c.groups * tiles,
                    c.after.samples.div_ceil(TILE_SAMPLES),
                ];
                launches.push(Kernel::Convolve, grid, &self.convolution(at, c, pass, false));
            }
            let Some(tail) = &block.tail else { continue };
            if let Some(norm) = &tail.norm {
                let numbers = self.norm(at, tail, norm, pass);
                let each = self.over(tail.before.features, 1);
                if pass.step.is_some() {
                    let z = self.worked_on(at, pass, false);
                    self.sum_pairs(launches, z, z, tail.before, pass);
                    launches.push(Kernel::NormOfBatch, each, &numbers);
                } else {
                    launches.push(Kernel::NormOfRunning, each, &numbers);
                }
            }
            let grid = self.over(tail.after.len(), pass.trials);
            launches.push(Kernel::Tail, grid, &self.tail(at, tail, pass, false));
        }
        let head = self.head(pass);
        launches.push(Kernel::Head, [pass.trials, 1, self.runs], &head);
        if pass.step.is_some() {
            launches.push(Kernel::KeepProgress, self.over(1, 1), &head);
        }
    }

    fn backwards(&self, launches: &mut Launches, pass: Pass) {
        let (head, inputs) = (self.head(pass), self.form.head.inputs);
        launches.push(Kernel::HeadWeights, self.over(self.form.classes * (inputs + 1), 1), &head);
        launches.push(Kernel::HeadBack, self.over(inputs, pass.trials), &head);
        for (at, block) in self.form.blocks.iter().enumerate().rev() {
            if let Some(tail) = &block.tail {
                self.tail_backwards(launches, at, tail, pass);
            }
            if let Some(convolution) = &block.convolution {
                self.convolution_backwards(launches, at, convolution, block, pass);
            }
        }
    }

    fn tail_backwards(&self, launches: &mut Launches, at: usize, tail: &blocks::Tail, pass: Pass) {
        let (dy, z) = (self.worked_on(at, pass, true), self.worked_on(at, pass, false));
        let each = self.over(tail.before.len(), pass.trials);
        launches.0.push(Launch {
            kernel: Kernel::TailBack,
            grid: each.map(count),
            arguments: vec![bytes(&self.tail(at, tail, pass, true)), bytes(&dy)],
        });
        let Some(norm) = &tail.norm else { return };
        self.sum_pairs(launches, dy, z, tail.before, pass);
        let numbers = self.norm(at, tail, norm, pass);
        launches.push(Kernel::NormGradient, self.over(tail.before.features, 1), &numbers);
        let Norm { mean, inverse, scale, by_sum, by_product, .. } = numbers;
        let back = NormBack {
            trials: int(pass.trials),
            features: int(tail.before.features),
            electrodes: int(tail.before.electrodes),
            samples: int(tail.before.samples),
            dy,
            z,
            mean,
            inverse,
            scale,
            by_sum,
            by_product,
        };
        launches.push(Kernel::NormBack, each, &back);
    }

    fn convolution_backwards(
        &self,
        launches: &mut Launches,
        at: usize,
        c: &blocks::Convolution,
        block: &Block,
        pass: Pass,
    ) {
        let back = self.convolution(at, c, pass, true);
        if let Some(bias) = c.bias {
            // Normalisation takes a bias ahead of it away again: its gradient is zero.
            let counts = block.tail.as_ref().is_none_or(|tail| tail.norm.is_none());
            if counts {
                self.sum_pairs(launches, back.out, back.out, c.after, pass);
            }
            let gradient = BiasGradient {
                features: int(c.after.features),
                chunks: int(chunks(pass)),
                parameters: int(self.form.parameters),
                bias: int(bias),
                partial: if counts { self.memory.pairs } else { Address::NONE },
                gradient: self.memory.gradient,
            };
            launches.push(Kernel::BiasGradient, self.over(c.after.features, 1), &gradient);
        }
        let (in_group, out_group) = (c.before.features / c.groups, c.after.features / c.groups);
        let weights = Convolution { input: self.input(at, pass, false), ..back };
        let grid = [
            (in_group * c.taps.1).div_ceil(SLICE_WEIGHTS) * c.taps.0,
            c.groups * out_group.div_ceil(TILE_FEATURES),
            self.runs * chunks(pass),
        ];
        launches.push(Kernel::ConvolveWeights, grid, &weights);
        launches.push(Kernel::AddChunks, self.over(c.weights(), 1), &weights);
        if at == 0 {
            return;
        }
        let grid = [
            self.runs * pass.trials * c.before.electrodes,
            c.groups * in_group.div_ceil(TILE_FEATURES),
            c.before.samples.div_ceil(TILE_SAMPLES),
        ];
        launches.push(Kernel::ConvolveBack, grid, &back);
    }

    fn update(&self, launches: &mut Launches, step: usize) {
        let (memory, parts) = (self.memory, self.parts());
        let parameters = int(self.form.parameters);
        let adam = Adam {
            parameters,
            theta: self.theta(),
            m: memory.state.plus(parts.m),
            v: memory.state.plus(parts.v),
            gradient: memory.gradient,
            rate: memory.rates.plus(step * self.runs),
            root: memory.roots.plus(step * self.runs),
            decay: memory.decay,
        };
        launches.push(Kernel::Adam, self.over(self.form.parameters, 1), &adam);
        for limit in &self.form.limits {
            let arguments = Limit {
                parameters,
                at: int(limit.at),
                rows: int(limit.rows),
                length: int(limit.length),
                norm: limit.norm as f32,
                theta: self.theta(),
            };
            launches.push(Kernel::LimitNorm, [limit.rows, 1, self.runs], &arguments);
        }
    }

    /// Values as the kernels write them: samples next to one another, then electrodes, features, trials, runs.
    fn planar(values: Address, trials: usize, shape: Shape) -> View {
        View {
            values,
            rows: Address::NONE,
            run: long(trials * shape.len()),
            trial: long(shape.len()),
            feature: long(shape.electrodes * shape.samples),
            electrode: long(shape.samples),
            sample: 1,
        }
    }

    /// What a block takes, or its gradient. The first takes rows of the data.
    fn input(&self, at: usize, pass: Pass, gradient: bool) -> View {
        let Some(before) = at.checked_sub(1) else {
            let electrodes = self.form.electrodes;
            return View {
                values: pass.data,
                rows: pass.rows,
                run: 0,
                trial: long(self.form.samples * electrodes),
                feature: 0,
                electrode: 1,
                sample: long(electrodes),
            };
        };
        let (block, memory) = (&self.form.blocks[before], &self.memory.blocks[before]);
        match (&block.tail, &block.convolution) {
            (Some(tail), _) => {
                Self::planar(if gradient { memory.dout } else { memory.out }, pass.trials, tail.after)
            }
            (None, Some(c)) => {
                Self::planar(if gradient { memory.dz } else { memory.z }, pass.trials, c.after)
            }
            (None, None) => View::default(),
        }
    }

    /// What a block's tail works on: its convolution's output, or what came in.
    fn worked_on(&self, at: usize, pass: Pass, gradient: bool) -> View {
        let memory = &self.memory.blocks[at];
        match &self.form.blocks[at].convolution {
            None => self.input(at, pass, gradient),
            Some(c) => Self::planar(if gradient { memory.dz } else { memory.z }, pass.trials, c.after),
        }
    }

    fn convolution(&self, at: usize, c: &blocks::Convolution, pass: Pass, back: bool) -> Convolution {
        let memory = &self.memory.blocks[at];
        Convolution {
            trials: int(pass.trials),
            groups: int(c.groups),
            in_features: int(c.before.features),
            in_electrodes: int(c.before.electrodes),
            in_samples: int(c.before.samples),
            features: int(c.after.features),
            electrodes: int(c.after.electrodes),
            samples: int(c.after.samples),
            taps_e: int(c.taps.0),
            taps: int(c.taps.1),
            stride: int(c.stride),
            left: int(c.left),
            at_once: int(c.at_once),
            weight: int(c.weight),
            bias: place(c.bias),
            chunk: int(CHUNK),
            chunks: int(chunks(pass)),
            parameters: int(self.form.parameters),
            input: self.input(at, pass, back),
            out: Self::planar(if back { memory.dz } else { memory.z }, pass.trials, c.after),
            theta: self.theta(),
            gradient: self.memory.gradient,
            partial: self.memory.partial,
        }
    }

    fn tail(&self, at: usize, tail: &blocks::Tail, pass: Pass, back: bool) -> Tail {
        let memory = &self.memory.blocks[at];
        let pool = tail.pool.as_ref();
        let masks = match tail.dropout {
            Some(dropout) if pass.masks != Address::NONE => pass.masks.plus(dropout * self.runs * MASK),
            _ => Address::NONE,
        };
        Tail {
            trials: int(pass.trials),
            features: int(tail.before.features),
            electrodes: int(tail.before.electrodes),
            in_samples: int(tail.before.samples),
            samples: int(tail.after.samples),
            pool: pool.map_or(0, |pool| if pool.averages { 1 } else { 2 }),
            kernel: pool.map_or(1, |pool| int(pool.kernel)),
            stride: pool.map_or(1, |pool| int(pool.stride)),
            activation: tail.activation.number,
            function: tail.function.number,
            gamma: place(tail.norm.as_ref().map(|norm| norm.gamma)),
            parameters: int(self.form.parameters),
            input: self.worked_on(at, pass, false),
            out: Self::planar(if back { memory.dout } else { memory.out }, pass.trials, tail.after),
            pooled: memory.pooled,
            scale: memory.scale,
            shift: memory.shift,
            alpha: memory.alpha,
            function_alpha: memory.function_alpha,
            masks,
            theta: self.theta(),
        }
    }

    fn norm(&self, at: usize, tail: &blocks::Tail, norm: &blocks::Norm, pass: Pass) -> Norm {
        let memory = &self.memory.blocks[at];
        Norm {
            features: int(tail.before.features),
            chunks: int(chunks(pass)),
            parameters: int(self.form.parameters),
            statistics: int(self.form.statistics),
            gamma: int(norm.gamma),
            mean_at: int(norm.mean),
            variance_at: int(norm.variance),
            eps: norm.eps as f32,
            momentum: norm.momentum as f32,
            count: (pass.trials * tail.before.electrodes * tail.before.samples) as f64,
            partial: self.memory.pairs,
            theta: self.theta(),
            gradient: self.memory.gradient,
            running: self.running(),
            mean: memory.mean,
            inverse: memory.inverse,
            scale: memory.scale,
            shift: memory.shift,
            by_sum: memory.by_sum,
            by_product: memory.by_product,
        }
    }

    fn sum_pairs(&self, launches: &mut Launches, u: View, v: View, shape: Shape, pass: Pass) {
        let sums = PairSums {
            trials: int(pass.trials),
            features: int(shape.features),
            electrodes: int(shape.electrodes),
            samples: int(shape.samples),
            chunk: int(CHUNK),
            chunks: int(chunks(pass)),
            u,
            v,
            partial: self.memory.pairs,
        };
        launches.push(Kernel::PairSums, [shape.features, chunks(pass), self.runs], &sums);
    }

    fn head(&self, pass: Pass) -> Head {
        let (memory, last) = (self.memory, self.form.blocks.len());
        let head = &self.form.head;
        Head {
            trials: int(pass.trials),
            inputs: int(head.inputs),
            classes: int(self.form.classes),
            weight: int(head.weight),
            bias: int(head.bias),
            parameters: int(self.form.parameters),
            input: self.input(last, pass, false).values,
            in_gradient: self.input(last, pass, true).values,
            theta: self.theta(),
            gradient: memory.gradient,
            logits: pass.logits,
            logits_gradient: memory.logits_gradient,
            loss: if pass.step.is_some() { memory.loss } else { Address::NONE },
            right: memory.right,
            labels: pass.labels,
            rows: pass.rows,
            progress: memory.state.plus(self.parts().progress),
            step: int(pass.step.unwrap_or(0)),
            steps: int(self.steps),
        }
    }
}

/// Numbers of four bytes in a mask.
pub(super) const MASK: usize = 4;

fn chunks(pass: Pass) -> usize {
    pass.trials.div_ceil(CHUNK)
}

fn count(blocks: usize) -> u32 {
    u32::try_from(blocks).unwrap_or(u32::MAX)
}

fn int(value: usize) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

fn place(at: Option<usize>) -> i32 {
    at.map_or(-1, int)
}

fn long(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

impl blocks::Convolution {
    /// Its weights.
    pub(super) fn weights(&self) -> usize {
        self.before.features / self.groups * self.taps.0 * self.taps.1 * self.after.features
    }
}

#[cfg(test)]
mod tests {
    use super::super::memory::Size;
    use super::*;
    use crate::model::{Activation, Geometry, Model};

    fn launches(model: &Model, runs: usize) -> (Vec<Launch>, Vec<Launch>) {
        let network = model.network(Geometry::LAB, Activation::Elu { alpha: 1.0 }, 0.5).unwrap();
        let (form, _) = Form::of(&network).unwrap();
        let size = Size { runs, batch: 64, steps: 1, trials: 64 };
        let mut next = 512;
        let memory = Memory::reserve(&form, size, &mut |bytes| {
            next += bytes.next_multiple_of(512) as u64;
            Ok::<_, ()>(Address(next))
        });
        let (memory, none) = (memory.unwrap(), Address::NONE);
        let plan = Plan { form: &form, memory: &memory, runs, steps: 1 };
        let pass = Pass {
            trials: 64,
            data: none,
            labels: none,
            rows: memory.rows,
            logits: memory.logits,
            masks: memory.masks,
            step: Some(0),
        };
        (plan.step(pass), plan.evaluation(Pass { step: None, masks: none, ..pass }))
    }

    #[test]
    fn a_step_has_the_same_launches_whatever_the_size_of_the_group() {
        for (model, step, evaluation) in [(Model::eegnet(), 37, 10), (Model::deepconvnet(), 58, 0)] {
            let (one, of_one) = launches(&model, 1);
            let (many, _) = launches(&model, 18);
            assert_eq!((one.len(), many.len()), (step, step), "{model}");
            assert!(evaluation == 0 || of_one.len() == evaluation, "{model}: {}", of_one.len());
            let kernels = |launches: &[Launch]| launches.iter().map(|one| one.kernel).collect::<Vec<_>>();
            assert_eq!(kernels(&one), kernels(&many));
        }
    }
}
