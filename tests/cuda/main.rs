//! The CUDA kernels of `nn/src/cuda` without a card: the launches that the program ships, played by the same source compiled as C++,
//! against PyTorch's answers and against the CPU's executor, dropout masks and whole epochs included; with the threads in another
//! order, and each run of a group alone.
//!
//! Where there is no C++ compiler the tests say that they were skipped. With `EEG_TUI_CARD` set, in a build with `--features cuda`, all
//! of this runs on the machine's first card, and missing files fail (`scripts/check-gpu` does that).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test helper may fail loudly

#[path = "../support/parity.rs"]
mod parity;

use candle_core::{Device, Tensor};
use eeg_tui::model::{Activation, Geometry, Model, Network};
use eeg_tui::nn::cuda::emulated::Emulation;
use eeg_tui::nn::cuda::{Compiled, EpochOrder, EvaluationOrder, Group, Player, SetId};
use eeg_tui::nn::{self, Adam, Batch, Composed, Executor, TrainingState, Weights};
use eeg_tui::random::{Purpose, normal, shuffle, stream};
use parity::{Case, Worst, files, folder, relative, say};
use std::path::Path;

/// Asks for the machine's first card instead of the emulation.
const CARD: &str = "EEG_TUI_CARD";

/// What plays: the card that is asked for, or the emulation. `None` where neither can be had, which is then said.
fn player(seed: u64) -> Option<Box<dyn Player>> {
    if std::env::var_os(CARD).is_some() {
        return Some(card());
    }
    let emulation = Emulation::of_this_machine();
    if emulation.is_none() {
        say("cuda: skipped, there is no C++ compiler");
    }
    Some(emulation?.player(seed))
}

#[cfg(feature = "cuda")]
fn card() -> Box<dyn Player> {
    Box::new(nn::cuda::driver::Card::open(0).unwrap())
}

#[cfg(not(feature = "cuda"))]
fn card() -> Box<dyn Player> {
    panic!("{CARD} asks for a card, and these tests were built without --features cuda")
}

/// One run: its network, where it begins, Adam's rate and decay.
struct Run {
    network: Network,
    state: TrainingState,
    lr: f64,
    weight_decay: f64,
}

impl Run {
    fn new(network: Network, weights: &Weights, lr: f64, weight_decay: f64) -> Self {
        let (theta, running) = (weights.theta().to_vec1().unwrap(), weights.running().to_vec1().unwrap());
        Run { network, state: TrainingState::at_the_start(theta, running), lr, weight_decay }
    }

    /// Trains on these batches; without dropout where `epoch` is none.
    fn order(&self, set: SetId, batches: Vec<Vec<u32>>, epoch: Option<(u64, u32)>) -> EpochOrder {
        let masks = |(seed, epoch)| {
            (0..).take(batches.len()).map(move |step| nn::dropout_masks(&self.network, seed, epoch, step))
        };
        EpochOrder {
            network: Compiled::new(&self.network).unwrap(),
            state: self.state.clone(),
            lr: self.lr,
            weight_decay: self.weight_decay,
            set,
            masks: epoch.map_or(vec![Vec::new(); batches.len()], |epoch| masks(epoch).collect()),
            batches,
        }
    }

    fn evaluation(&self, set: SetId) -> EvaluationOrder {
        EvaluationOrder {
            network: Compiled::new(&self.network).unwrap(),
            theta: self.state.theta.clone().into(),
            running: self.state.running.clone().into(),
            set,
        }
    }
}

/// Trains every run; gives each one's losses and how many were right.
fn train(group: &mut Group, runs: &mut [Run], orders: &[EpochOrder]) -> Vec<Vec<[f32; 2]>> {
    let results = group.train(&orders.iter().collect::<Vec<_>>(), &|| false).unwrap().unwrap();
    let mut progress = Vec::new();
    for (run, result) in runs.iter_mut().zip(results) {
        run.state = result.state;
        progress.push(result.progress);
    }
    progress
}

/// Evaluation, gradient and five steps of a file.
fn judge(player: Box<dyn Player>, case: &Case) -> Worst {
    let weights = Weights::from_state_dict(&case.network, &case.under("param/"), &Device::Cpu).unwrap();
    let batch = case.batch(&Device::Cpu).unwrap();
    let x: Vec<f32> = batch.x.flatten_all().unwrap().to_vec1().unwrap();
    let labels: Vec<u32> = batch.y.to_vec1().unwrap();
    let mut group = Group::new(player);
    let set = group.add_set(&x, &labels).unwrap();
    let rows: Vec<u32> = (0..labels.len() as u32).collect();
    let mut runs = [Run::new(case.network.clone(), &weights, case.lr, case.weight_decay)];
    let mut worst = Worst::default();
    let logits = group.evaluate(&[&runs[0].evaluation(set)]).unwrap().remove(0);
    worst.note(0, relative(&logits, case.values("eval/logits")), "evaluation");
    let start = case.under("param/");
    for (quantity, prefix, steps) in [(4, "step1/", 1), (5, "step5/", 4)] {
        let order = runs[0].order(set, vec![rows.clone(); steps], None);
        let progress = train(&mut group, &mut runs, &[order]);
        if steps == 1 {
            let (logits, gradient) = (group.last_logits(rows.len()).unwrap(), group.last_gradient().unwrap());
            case.compare_gradient(&logits, progress[0][0][0], &gradient, &weights, &mut worst);
        }
        let TrainingState { theta, running, .. } = runs[0].state.clone();
        let after = Weights::from_flat(&case.network, theta, running, &Device::Cpu).unwrap();
        case.compare_step(quantity, prefix, &start, &after.state_dict().unwrap(), &mut worst);
    }
    worst
}

#[test]
fn every_parity_file_holds_within_the_cpus_limits() {
    if player(1).is_none() {
        return;
    }
    let Some(folder) = folder() else {
        assert!(std::env::var_os(CARD).is_none(), "a card is to be checked, and there are no files to do it");
        return say("cuda: skipped, there is no ../shared/parity");
    };
    let mut failures = Vec::new();
    for name in ["parity", "networks-parity"] {
        for path in files(&folder.with_file_name(name)) {
            let worst = judge(player(1).unwrap(), &Case::read(&path));
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            say(&format!("{name}{}", worst.line()));
            failures.extend(worst.failures().map(|failure| format!("{name}: {failure}")));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The trials that all runs share, in rows (trial, sample, electrode).
struct Data {
    x: Vec<f32>,
    labels: Vec<u32>,
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
    (Run::new(network, &weights, 1e-3 * (1.0 + (seed % 2) as f64), 1e-2), weights)
}

/// Two epochs of runs (α, seed), each with its own batches and dropout masks: of each run the losses of all steps, weights, running
/// statistics, Adam's memory, and logits at the end.
fn two_epochs(player: Box<dyn Player>, model: &Model, runs: &[(f64, u64)]) -> Vec<Vec<Vec<f32>>> {
    let data = trials(GEOMETRY, TRIALS);
    let mut group = Group::new(player);
    let set = group.add_set(&data.x, &data.labels).unwrap();
    let seeds: Vec<u64> = runs.iter().map(|&(_, seed)| seed).collect();
    let mut runs: Vec<Run> = runs.iter().map(|&(alpha, seed)| start(model, alpha, seed).0).collect();
    let mut losses = vec![Vec::new(); runs.len()];
    for epoch in 1..=2 {
        let order = |(run, &seed): (&Run, &u64)| run.order(set, batches(seed, epoch), Some((seed, epoch)));
        let orders: Vec<EpochOrder> = runs.iter().zip(&seeds).map(order).collect();
        for (losses, progress) in losses.iter_mut().zip(train(&mut group, &mut runs, &orders)) {
            losses.extend(progress.into_flattened());
        }
    }
    let orders: Vec<EvaluationOrder> = runs.iter().map(|run| run.evaluation(set)).collect();
    let logits = group.evaluate(&orders.iter().collect::<Vec<_>>()).unwrap();
    let of_run = |((run, losses), logits): ((Run, Vec<f32>), Vec<f32>)| {
        let TrainingState { theta, running, m, v, .. } = run.state;
        vec![losses, theta, running, m, v, logits]
    };
    runs.into_iter().zip(losses).zip(logits).map(of_run).collect()
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
    for model in Model::lab() {
        let (alpha, seed) = (0.7, 4);
        let Some(player) = player(1) else { return };
        let answers = two_epochs(player, &model, &[(alpha, seed)]);
        let kernels = [0, 1, 2].map(|answer: usize| answers[0][answer].clone());
        let (fused, composed) =
            (on_the_cpu(&model, alpha, seed, false), on_the_cpu(&model, alpha, seed, true));
        let begin = start(&model, alpha, seed).0.state.theta;
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
    for model in Model::lab() {
        let (Some(one), Some(other)) = (player(1), player(99)) else { return };
        assert_eq!(two_epochs(one, &model, &[(1.0, 1)]), two_epochs(other, &model, &[(1.0, 1)]));
    }
}

#[test]
fn a_run_s_bits_do_not_depend_on_its_group() {
    let Some(together) = player(1) else { return };
    let runs = [(1.0, 1), (0.3, 1), (0.3, 2)];
    let all = two_epochs(together, &Model::eegnet(), &runs);
    for (all, &run) in all.iter().zip(&runs) {
        let alone = two_epochs(player(7).unwrap(), &Model::eegnet(), &[run]);
        assert_eq!(*all, alone[0], "run {run:?} of the group");
    }
}

/// Not a test but a measurement, for a card: seconds of a step at the lab's size, by how many runs are in the group.
#[test]
#[ignore = "it measures; in emulation that means nothing"]
fn seconds_a_step() {
    let geometry = Geometry { channels: 2, samples: 750, classes: 2, sfreq: None };
    let on_card = std::env::var_os(CARD).is_some();
    let (batch, steps, groups) = if on_card { (256, 20, vec![1, 6, 18]) } else { (8, 1, vec![1]) };
    let data = trials(geometry, batch);
    for model in Model::lab() {
        for &size in &groups {
            let Some(player) = player(1) else { return };
            let mut group = Group::new(player);
            let set = group.add_set(&data.x, &data.labels).unwrap();
            let network = model.network(geometry, Activation::Elu { alpha: 1.0 }, 0.25).unwrap();
            let run = |seed| {
                let weights = Weights::initialise(&network, seed, &Device::Cpu).unwrap();
                Run::new(network.clone(), &weights, 1e-3, 1e-2)
            };
            let mut runs: Vec<Run> = (0..size).map(run).collect();
            let rows = || vec![(0..batch as u32).collect::<Vec<u32>>(); steps];
            // The first epoch loads and reserves what there is to load and reserve.
            for epoch in 1..=2 {
                let order = |(run, seed): (&Run, u64)| run.order(set, rows(), Some((seed, epoch)));
                let orders: Vec<EpochOrder> = runs.iter().zip(0..).map(order).collect();
                let began = std::time::Instant::now();
                let losses = train(&mut group, &mut runs, &orders);
                let seconds = began.elapsed().as_secs_f64() / steps as f64;
                assert!(losses.iter().flatten().flatten().all(|loss| loss.is_finite()));
                say(&format!("{model}, {size} runs in the group, epoch {epoch}: {seconds:.6} s a step"));
            }
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
    let Some(emulation) = Emulation::compile(racing) else { return };
    let bits = |seed| two_epochs(emulation.player(seed), &Model::eegnet(), &[(1.0, 1)]);
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
