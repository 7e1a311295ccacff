//! The CUDA kernels of `nn/src/cuda` without a card: the same source, compiled as C++, against PyTorch's answers and against the CPU's
//! executor, dropout masks and whole epochs included; with the threads in another order, and each run of a group alone.
//!
//! Where there is no C++ compiler the tests say that they were skipped. `EEG_TUI_CARD` names the kernels as PTX: then all of this
//! runs on the machine's first card, and missing files fail (`scripts/check-gpu` does that).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test helper may fail loudly

mod blocks;
#[path = "../support/parity.rs"]
mod parity;
mod runner;
mod tape;

use candle_core::{Device, Tensor};
use eeg_tui::model::{Activation, Geometry, Model, Network};
use eeg_tui::nn::{self, Adam, Batch, Composed, Executor, Weights};
use eeg_tui::random::{Purpose, normal, shuffle, stream};
use parity::{Case, Worst, files, folder, relative, say};
use runner::{CARD, Runner};
use std::path::Path;
use tape::{Data, Run, Tape};

/// A file's network, weights and batch.
fn of_case(case: &Case) -> (Run, Data, Weights) {
    let weights = Weights::from_state_dict(&case.network, &case.under("param/"), &Device::Cpu).unwrap();
    let batch = case.batch(&Device::Cpu).unwrap();
    let data =
        Data { x: batch.x.flatten_all().unwrap().to_vec1().unwrap(), labels: batch.y.to_vec1().unwrap() };
    let (network, lr, weight_decay) = (case.network.clone(), case.lr, case.weight_decay);
    (run_of(network, &weights, lr, weight_decay), data, weights)
}

fn run_of(network: Network, weights: &Weights, lr: f64, weight_decay: f64) -> Run {
    let (theta, running) = (weights.theta().to_vec1().unwrap(), weights.running().to_vec1().unwrap());
    Run { network, theta, running, lr, weight_decay }
}

/// Evaluation, gradient and five steps of a file.
fn judge(runner: &Runner, case: &Case) -> Worst {
    let (run, data, weights) = of_case(case);
    let count = data.labels.len();
    let rows = [(0..count as u32).collect::<Vec<u32>>()];
    let mut tape = Tape::new(&[run], &data, count, 5);
    tape.evaluate(&rows);
    tape.differentiate(&rows);
    for step in 0..5 {
        tape.train(&rows, step, &[]);
        if step == 0 || step == 4 {
            tape.read();
        }
    }
    let answers = runner.play(tape.end(), 1);
    let mut worst = Worst::default();
    worst.note(0, relative(&answers[0], case.values("eval/logits")), "evaluation");
    case.compare_gradient(&answers[1], answers[2][0], &answers[3], &weights, &mut worst);
    let start = case.under("param/");
    for (quantity, prefix, at) in [(4, "step1/", 4), (5, "step5/", 8)] {
        let (theta, running) = (answers[at].clone(), answers[at + 3].clone());
        let after = Weights::from_flat(&case.network, theta, running, &Device::Cpu).unwrap();
        case.compare_step(quantity, prefix, &start, &after.state_dict().unwrap(), &mut worst);
    }
    worst
}

#[test]
fn every_parity_file_holds_within_the_cpus_limits() {
    let Some(runner) = Runner::new() else { return };
    let Some(folder) = folder() else {
        assert!(std::env::var_os(CARD).is_none(), "a card is to be checked, and there are no files to do it");
        return say("cuda: skipped, there is no ../shared/parity");
    };
    let mut failures = Vec::new();
    for name in ["parity", "networks-parity"] {
        for path in files(&folder.with_file_name(name)) {
            let worst = judge(runner, &Case::read(&path));
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            say(&format!("{name}{}", worst.line()));
            failures.extend(worst.failures().map(|failure| format!("{name}: {failure}")));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A small set of trials whose classes differ a little.
fn trials(geometry: Geometry, count: usize) -> Data {
    let Geometry { channels, samples, classes, .. } = geometry;
    let mut rng = stream(3, Purpose::Simulation, 0, 0);
    let labels: Vec<u32> = (0..count as u32).map(|trial| trial % classes as u32).collect();
    let mut x = Vec::new();
    for &label in &labels {
        for sample in 0..samples {
            for electrode in 0..channels {
                let size = if label as usize == electrode { 3.0 } else { 1.0 };
                x.push((normal(&mut rng) + size * (sample as f64 * 0.7).sin()) as f32);
            }
        }
    }
    Data { x, labels }
}

const GEOMETRY: Geometry = Geometry { channels: 2, samples: 140, classes: 2, sfreq: None };
const TRIALS: usize = 20;
const BATCH: usize = 8;

/// One epoch's batches, in the order of a seed; the last is smaller.
fn batches(seed: u64, epoch: u32) -> Vec<Vec<u32>> {
    let mut order: Vec<u32> = (0..TRIALS as u32).collect();
    shuffle(&mut stream(seed, Purpose::Shuffle, epoch, 0), &mut order);
    order.chunks(BATCH).map(<[u32]>::to_vec).collect()
}

/// The run with this seed, and its function's parameter.
fn start(model: &Model, alpha: f64, seed: u64) -> (Run, Weights) {
    let dropout = if *model == Model::eegnet() { 0.25 } else { 0.5 };
    let network = model.network(GEOMETRY, Activation::Elu { alpha }, dropout).unwrap();
    let weights = Weights::initialise(&network, seed, &Device::Cpu).unwrap();
    (run_of(network, &weights, 1e-3 * (1.0 + (seed % 2) as f64), 1e-2), weights)
}

/// Two epochs of runs (α, seed), each with its own batches and dropout masks: losses of all steps, then what they end with.
fn two_epochs(runner: &Runner, model: &Model, runs: &[(f64, u64)], seed: u64) -> Vec<Vec<f32>> {
    let data = trials(GEOMETRY, TRIALS);
    let group: Vec<Run> = runs.iter().map(|&(alpha, seed)| start(model, alpha, seed).0).collect();
    let steps = 2 * TRIALS.div_ceil(BATCH);
    let mut tape = Tape::new(&group, &data, BATCH, steps);
    let p = if *model == Model::eegnet() { 0.25 } else { 0.5 };
    let mut step = 0;
    for epoch in 1..=2 {
        let of_runs: Vec<Vec<Vec<u32>>> = runs.iter().map(|&(_, seed)| batches(seed, epoch)).collect();
        for number in 0..of_runs[0].len() {
            let rows: Vec<Vec<u32>> = of_runs.iter().map(|batches| batches[number].clone()).collect();
            let masks = |(run, &(_, seed)): (&Run, &(f64, u64))| {
                let masks = nn::dropout_masks(&run.network, seed, epoch, number as u32);
                masks.into_iter().map(|mask| (mask, p)).collect::<Vec<_>>()
            };
            let masks: Vec<_> = group.iter().zip(runs).map(masks).collect();
            tape.train(&rows, step, &masks);
            step += 1;
        }
    }
    tape.progress();
    tape.read();
    tape.evaluate(&vec![(0..BATCH as u32).collect(); runs.len()]);
    runner.play(tape.end(), seed)
}

/// Losses, weights and running statistics of a run.
type Trained = [Vec<f32>; 3];

/// The same run on the CPU, by the executor that trains or by candle's operations.
fn on_the_cpu(model: &Model, alpha: f64, seed: u64, composed: bool) -> Trained {
    let data = trials(GEOMETRY, TRIALS);
    let (run, mut weights) = start(model, alpha, seed);
    let x = Tensor::new(data.x, &Device::Cpu).unwrap().reshape((TRIALS, 140, 2)).unwrap();
    let y = Tensor::new(data.labels, &Device::Cpu).unwrap();
    let executor: Box<dyn Executor> = match composed {
        true => Box::new(Composed::new(&run.network, &Device::Cpu).unwrap()),
        false => nn::executor(&run.network, &Device::Cpu).unwrap(),
    };
    let mut adam = Adam::new(weights.theta(), run.lr, run.weight_decay).unwrap();
    let mut losses = Vec::new();
    for epoch in 1..=2 {
        for (number, rows) in (0..).zip(batches(seed, epoch)) {
            let rows = Tensor::new(rows, &Device::Cpu).unwrap();
            let batch = Batch { x: x.index_select(&rows, 0).unwrap(), y: y.index_select(&rows, 0).unwrap() };
            let masks = nn::dropout_masks(&run.network, seed, epoch, number);
            let progress = nn::step(executor.as_ref(), &mut weights, &mut adam, &batch, &masks).unwrap();
            losses.extend([progress.loss.to_scalar::<f32>().unwrap(), progress.correct.to_scalar().unwrap()]);
        }
    }
    [losses, weights.theta().to_vec1().unwrap(), weights.running().to_vec1().unwrap()]
}

/// Rounding grows from step to step, by how much depends on the network: candle's operations on the CPU say how much two correct
/// programs in single precision differ after these epochs. The kernels may differ three times as much from the CPU's.
#[test]
fn whole_epochs_with_dropout_are_the_cpus_within_single_precision() {
    let Some(runner) = Runner::new() else { return };
    for model in Model::lab() {
        let (alpha, seed) = (0.7, 4);
        let answers = two_epochs(runner, &model, &[(alpha, seed)], 1);
        let kernels = [0, 1, 4].map(|answer: usize| answers[answer].clone());
        let (fused, composed) =
            (on_the_cpu(&model, alpha, seed, false), on_the_cpu(&model, alpha, seed, true));
        let begin = start(&model, alpha, seed).0.theta;
        let way = |a: &[f32]| a.iter().zip(&begin).map(|(a, b)| a - b).collect::<Vec<f32>>();
        let errors = |of: &Trained| {
            [
                relative(&of[0], &fused[0]),
                relative(&way(&of[1]), &way(&fused[1])),
                relative(&of[2], &fused[2]),
            ]
        };
        let (found, usual) = (errors(&kernels), errors(&composed));
        for ((what, found), usual) in
            ["losses", "way of the weights", "running statistics"].iter().zip(found).zip(usual)
        {
            say(&format!("{model}, {what}: {found:.1e}, candle's operations {usual:.1e}"));
            assert!(found <= 3.0 * usual.max(1e-6), "{model}, {what}: {found:.1e}");
        }
    }
}

#[test]
fn threads_in_another_order_give_the_same_bits() {
    let Some(runner) = Runner::new() else { return };
    for model in Model::lab() {
        assert_eq!(two_epochs(runner, &model, &[(1.0, 1)], 1), two_epochs(runner, &model, &[(1.0, 1)], 99));
    }
}

#[test]
fn a_run_s_bits_do_not_depend_on_its_group() {
    let Some(runner) = Runner::new() else { return };
    let runs = [(1.0, 1), (0.3, 1), (0.3, 2)];
    let all = two_epochs(runner, &Model::eegnet(), &runs, 1);
    for (place, &run) in runs.iter().enumerate() {
        let alone = two_epochs(runner, &Model::eegnet(), &[run], 7);
        for (all, alone) in all.iter().zip(&alone) {
            let own = &all[place * alone.len()..][..alone.len()];
            assert_eq!(own, alone.as_slice(), "run {place} of the group");
        }
    }
}

/// Not a test but a measurement, for a card: seconds of a step at the lab's size, by how many runs are in the group.
#[test]
#[ignore = "it measures; in emulation that means nothing"]
fn seconds_a_step() {
    let Some(runner) = Runner::new() else { return };
    let geometry = Geometry { channels: 2, samples: 750, classes: 2, sfreq: None };
    let on_card = std::env::var_os(CARD).is_some();
    let (batch, steps, groups) = if on_card { (256, 20, vec![1, 6, 18]) } else { (8, 1, vec![1]) };
    let data = trials(geometry, batch);
    for model in Model::lab() {
        for &size in &groups {
            let network = model.network(geometry, Activation::Elu { alpha: 1.0 }, 0.25).unwrap();
            let run = |seed| {
                let weights = Weights::initialise(&network, seed, &Device::Cpu).unwrap();
                run_of(network.clone(), &weights, 1e-3, 1e-2)
            };
            let runs: Vec<Run> = (0..size).map(run).collect();
            let mut tape = Tape::new(&runs, &data, batch, steps);
            let rows = vec![(0..batch as u32).collect::<Vec<u32>>(); runs.len()];
            for step in 0..steps {
                let masks = |seed| {
                    let masks = nn::dropout_masks(&network, seed, 1, step as u32);
                    masks.into_iter().map(|mask| (mask, 0.25)).collect::<Vec<_>>()
                };
                tape.train(&rows, step, &(0..size).map(masks).collect::<Vec<_>>());
            }
            tape.progress();
            say(&format!("{model}, {size} runs in the group:"));
            let losses = runner.play(tape.end(), 1).remove(0);
            assert!(losses.iter().all(|loss| loss.is_finite()));
        }
    }
}

/// The emulation is worth something: without a barrier its shuffled threads give other bits.
#[test]
fn a_missing_barrier_is_seen() {
    if std::env::var_os(CARD).is_some() {
        return;
    }
    let inside = "if (t < half) shared[t] += shared[t + half];\n        SYNCHRONISE;";
    let racing = |source: String| {
        assert!(source.contains(inside));
        source.replace(inside, inside.trim_end_matches("SYNCHRONISE;"))
    };
    let Some(runner) = Runner::compile("racing", racing) else { return };
    let bits = |seed| two_epochs(&runner, &Model::eegnet(), &[(1.0, 1)], seed);
    assert_ne!(bits(1), bits(2));
}

/// The kernels that are kept as PTX are those of the source: the source's hash stands in the PTX.
#[test]
fn the_kept_ptx_is_of_this_source() {
    use sha2::{Digest, Sha256};
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("nn/src/cuda");
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let hash = Sha256::new().chain_update(read("kernels.cu")).chain_update(read("arguments.h")).finalize();
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let ptx = String::from_utf8(read("kernels.ptx")).unwrap();
    let line = format!("// kernels.cu and arguments.h: {hash}");
    assert!(ptx.starts_with(&line), "scripts/ptx makes kernels.ptx anew; it should begin with {line}");
}
