//! Tapes: what the runner of `nn/src/cuda` plays. The order of the words is that of `runner.cpp`.

use crate::blocks::{Block, blocks};
use eeg_tui::model::{Activation, Layer, Layout, Network};
use eeg_tui::random::DropoutMask;

const EVALUATE: i32 = 1;
const DIFFERENTIATE: i32 = 2;
const TRAIN: i32 = 3;
const READ: i32 = 4;
const PROGRESS: i32 = 5;

/// One run of a group.
pub struct Run {
    /// Its network: that of the others but for the functions' parameters.
    pub network: Network,
    pub theta: Vec<f32>,
    pub running: Vec<f32>,
    pub lr: f64,
    pub weight_decay: f64,
}

/// The trials that all runs share, in rows (trial, sample, electrode).
pub struct Data {
    pub x: Vec<f32>,
    pub labels: Vec<u32>,
}

/// What a runner is told, and how many numbers it answers.
pub struct Tape {
    bytes: Vec<u8>,
    runs: usize,
    classes: usize,
    steps: usize,
    lengths: [usize; 2],
    answers: Vec<usize>,
}

impl Tape {
    /// Begins with a group of runs; `batch` and `steps` are the most there will be.
    pub fn new(runs: &[Run], data: &Data, batch: usize, steps: usize) -> Self {
        let network = &runs[0].network;
        let layout = Layout::of(network);
        let lengths = layout.lengths();
        let geometry = network.geometry;
        let mut tape = Tape {
            bytes: b"EEGTAPE1".to_vec(),
            runs: runs.len(),
            classes: geometry.classes,
            steps,
            lengths,
            answers: Vec::new(),
        };
        let head = network.layers.last().unwrap();
        let at =
            |suffix: &str| layout.parameter(&format!("{}.{suffix}", head.layer.name())).unwrap().range.start;
        let dropouts =
            network.shapes().filter(|(layer, ..)| matches!(layer, Layer::Dropout { p } if *p > 0.0));
        tape.integers(&[
            runs.len(),
            batch,
            geometry.samples,
            geometry.channels,
            geometry.classes,
            lengths[0],
            lengths[1],
            dropouts.count(),
            head.before.len(),
            at("weight"),
            at("bias"),
            data.labels.len(),
            steps,
        ]);
        tape.integers(&[layout.limits().len()]);
        for limit in layout.limits() {
            tape.integers(&[limit.range.start, limit.outputs, limit.range.len() / limit.outputs]);
            tape.numbers(&[limit.norm as f32]);
        }
        let each: Vec<Vec<Block>> = runs.iter().map(|run| blocks(&run.network)).collect();
        tape.integers(&[each[0].len()]);
        for number in 0..each[0].len() {
            tape.block(&each.iter().map(|blocks| &blocks[number]).collect::<Vec<_>>());
        }
        tape.numbers(&data.x);
        tape.words(data.labels.iter().map(|&label| label as i32));
        runs.iter().for_each(|run| tape.numbers(&run.theta));
        runs.iter().for_each(|run| tape.numbers(&run.running));
        runs.iter().for_each(|run| tape.numbers(&[run.lr as f32]));
        runs.iter().for_each(|run| tape.numbers(&[run.weight_decay as f32]));
        tape
    }

    fn block(&mut self, of_runs: &[&Block]) {
        let Block { convolution, tail } = of_runs[0];
        self.integers(&[usize::from(convolution.is_some()), usize::from(tail.is_some())]);
        if let Some(c) = convolution {
            let (before, after) = (c.before, c.after);
            self.integers(&[
                c.groups,
                before.features,
                before.electrodes,
                before.samples,
                after.features,
                after.electrodes,
                after.samples,
                c.taps.0,
                c.taps.1,
                c.stride,
                c.left,
                c.weight,
            ]);
            self.words([c.bias.map_or(-1, |bias| bias as i32)]);
        }
        let Some(t) = tail else { return };
        let (pool, kernel, stride) = match t.pool {
            None => (0, 1, 1),
            Some((averages, kernel, stride)) => (if averages { 1 } else { 2 }, kernel, stride),
        };
        self.integers(&[t.before.features, t.before.electrodes, t.before.samples, t.after.samples]);
        self.integers(&[pool, kernel, stride, function(t.activation), function(t.function)]);
        let place = |at: Option<usize>| at.map_or(-1, |at| at as i32);
        let norm = t.norm.as_ref();
        self.words([
            place(norm.map(|norm| norm.gamma)),
            norm.map_or(0, |norm| norm.mean as i32),
            norm.map_or(0, |norm| norm.variance as i32),
            place(t.dropout),
        ]);
        self.numbers(&[
            norm.map_or(0.0, |norm| norm.eps as f32),
            norm.map_or(0.0, |norm| norm.momentum as f32),
        ]);
        let tails = || of_runs.iter().map(|block| block.tail.as_ref().unwrap());
        let parameter = |function: Activation| function.parameter().map_or(0.0, |(_, value)| value as f32);
        self.numbers(&tails().map(|tail| parameter(tail.activation)).collect::<Vec<_>>());
        self.numbers(&tails().map(|tail| parameter(tail.function)).collect::<Vec<_>>());
    }

    /// Logits of each run's trials.
    pub fn evaluate(&mut self, rows: &[Vec<u32>]) {
        self.batch(EVALUATE, rows, 0, &[]);
        self.answers.push(self.runs * rows[0].len() * self.classes);
    }

    /// Logits, progress and gradients, without dropout.
    pub fn differentiate(&mut self, rows: &[Vec<u32>]) {
        self.batch(DIFFERENTIATE, rows, 0, &[]);
        self.answers.push(self.runs * rows[0].len() * self.classes);
        self.answers.push(self.runs * self.steps * 2);
        self.answers.push(self.runs * self.lengths[0]);
    }

    /// A step; each run has its trials and its masks, or none has.
    pub fn train(&mut self, rows: &[Vec<u32>], step: usize, masks: &[Vec<(DropoutMask, f64)>]) {
        self.batch(TRAIN, rows, step, masks);
    }

    fn batch(&mut self, what: i32, rows: &[Vec<u32>], step: usize, masks: &[Vec<(DropoutMask, f64)>]) {
        let drops = masks.first().is_some_and(|masks| !masks.is_empty());
        self.words([what, rows[0].len() as i32, step as i32, i32::from(drops)]);
        rows.iter().for_each(|rows| self.words(rows.iter().map(|&row| row as i32)));
        for layer in 0..if drops { masks[0].len() } else { 0 } {
            for (mask, p) in masks.iter().map(|masks| masks[layer]) {
                let (key, threshold) = (mask.key(), (p * f64::from(u32::MAX)) as u32);
                self.words([key as u32 as i32, (key >> 32) as i32, threshold as i32]);
                self.numbers(&[(1.0 / (1.0 - p)) as f32]);
            }
        }
    }

    /// Trainable values, Adam's two, running statistics.
    pub fn read(&mut self) {
        self.words([READ]);
        self.answers.extend([self.runs * self.lengths[0]; 3]);
        self.answers.push(self.runs * self.lengths[1]);
    }

    /// Mean loss and how many were right, of every step.
    pub fn progress(&mut self) {
        self.words([PROGRESS]);
        self.answers.push(self.runs * self.steps * 2);
    }

    /// The tape, and how many numbers each answer has.
    pub fn end(mut self) -> (Vec<u8>, Vec<usize>) {
        self.words([0]);
        (self.bytes, self.answers)
    }

    fn words(&mut self, words: impl IntoIterator<Item = i32>) {
        words.into_iter().for_each(|word| self.bytes.extend(word.to_le_bytes()));
    }

    fn integers(&mut self, values: &[usize]) {
        self.words(values.iter().map(|&value| value as i32));
    }

    fn numbers(&mut self, values: &[f32]) {
        values.iter().for_each(|value| self.bytes.extend(value.to_le_bytes()));
    }
}

/// A function's number in `kernels.cu`.
fn function(activation: Activation) -> usize {
    match activation {
        Activation::None => 0,
        Activation::Relu => 1,
        Activation::LeakyRelu { .. } => 2,
        Activation::Elu { .. } => 3,
        Activation::Gelu => 4,
        Activation::Silu => 5,
        Activation::Square => 6,
        Activation::Log { .. } => 7,
    }
}
