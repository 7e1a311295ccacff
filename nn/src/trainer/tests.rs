use super::*;
use crate::cuda::emulated::Emulation;
use crate::device::Card;
use crate::model::{Activation, Geometry, Model};
use crate::random::{Purpose, normal, shuffle, stream};
use crate::{Composed, Executor, Fused, Weights};
use candle_core::{Device, Tensor};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const GEOMETRY: Geometry = Geometry { channels: 2, samples: 64, classes: 2, sfreq: None };

/// Trials whose classes differ.
struct Set {
    x: Vec<f32>,
    labels: Vec<u32>,
}

impl Set {
    fn of(count: usize) -> Self {
        let labels: Vec<u32> = (0..count as u32).map(|trial| trial % 2).collect();
        let mut rng = stream(1, Purpose::Simulation, 0, 0);
        let x = labels.iter().flat_map(|&label| {
            let values = (0..64 * 2).map(|at| {
                let wave = if at % 2 == label as usize { (f64::from(at as u32) * 0.4).sin() } else { 0.0 };
                (normal(&mut rng) + 2.0 * wave) as f32
            });
            values.collect::<Vec<_>>()
        });
        Set { x: x.collect(), labels }
    }

    fn beginning(&self, seed: u64) -> Beginning<'_> {
        let trials = Trials { x: &self.x, labels: &self.labels, shape: (64, 2) };
        Beginning { seed, lr: 1e-3 * (1 + seed) as f64, weight_decay: 1e-2, sets: vec![trials] }
    }
}

fn network(alpha: f64) -> Network {
    Model::eegnet().network(GEOMETRY, Activation::Elu { alpha }, 0.25).unwrap()
}

/// An epoch's batches in the order of a seed; the last is smaller.
fn batches(seed: u64, epoch: u32, count: usize) -> Vec<Vec<u32>> {
    let mut order: Vec<u32> = (0..count as u32).collect();
    shuffle(&mut stream(seed, Purpose::Shuffle, epoch, 0), &mut order);
    order.chunks(5).map(<[u32]>::to_vec).collect()
}

fn never() -> Stopped {
    Arc::new(|| false)
}

/// An emulated card, where there is a C++ compiler.
fn card() -> Option<Backend> {
    let emulation = Emulation::of_this_machine()?;
    Some(Backend::Card(Card::new("cuda:0 emulated".into(), emulation.player(1), None)))
}

/// Trains these epochs.
fn train(trainer: &mut dyn Trainer, seed: u64, epochs: std::ops::RangeInclusive<u32>) -> Vec<StepFigures> {
    let epoch = |epoch| trainer.train(epoch, &batches(seed, epoch, 12), &never()).unwrap().unwrap();
    epochs.flat_map(epoch).collect()
}

#[test]
fn evaluation_does_not_depend_on_its_batches() {
    let network = network(1.0);
    let weights = Weights::initialise(&network, 0, &Device::Cpu).unwrap();
    let (fused, composed) = (Fused::new(&network).unwrap(), Composed::new(&network, &Device::Cpu).unwrap());
    for executor in [&fused as &dyn Executor, &composed] {
        let logits = |count: usize| {
            let x = Tensor::from_vec(Set::of(count).x, (count, 64, 2), &Device::Cpu).unwrap();
            executor.evaluate(&weights, &x).unwrap().to_vec2::<f32>().unwrap()
        };
        let (few, many) = (logits(3), logits(259));
        assert!(few.iter().flatten().zip(many.iter().flatten()).all(|(a, b)| (a - b).abs() < 1e-6));
        assert_eq!(many.len(), 259);
    }
}

#[test]
fn what_is_undone_or_stopped_leaves_no_trace() {
    let set = Set::of(12);
    for backend in [Some(Backend::CPU), card()].into_iter().flatten() {
        let begin = || trainer(&backend, &network(1.0), &set.beginning(3)).unwrap();
        let mut straight = begin();
        let figures = train(straight.as_mut(), 3, 1..=2);
        let mut other = begin();
        train(other.as_mut(), 3, 7..=7);
        other.undo();
        train(other.as_mut(), 3, 1..=1);
        let stopped: Stopped = Arc::new(|| true);
        assert_eq!(other.train(2, &batches(3, 2, 12), &stopped).unwrap(), None);
        let state = other.state().unwrap();
        assert_eq!(state.step, 3);
        let mut third = begin();
        third.set_state(state).unwrap();
        assert_eq!(train(third.as_mut(), 3, 2..=2), figures[3..]);
        assert_eq!(third.state().unwrap(), straight.state().unwrap(), "{}", backend.name());
        assert!(third.set_state(TrainingState::default()).is_err());
    }
}

#[test]
fn a_card_trains_what_the_cpu_trains() {
    let Some(card) = card() else { return };
    let set = Set::of(12);
    let of = |backend| {
        let mut trainer = trainer(backend, &network(0.6), &set.beginning(1)).unwrap();
        let figures = train(trainer.as_mut(), 1, 1..=1);
        (figures, trainer.evaluate(0).unwrap())
    };
    let (ours, cpu) = (of(&card), of(&Backend::CPU));
    for (ours, cpu) in ours.0.iter().flatten().chain(&ours.1).zip(cpu.0.iter().flatten().chain(&cpu.1)) {
        assert!((ours - cpu).abs() < 2e-3, "{ours} on the card, {cpu} on the CPU");
    }
    assert_eq!(card.name(), "cuda:0 emulated");
    assert_eq!(card.execution(&network(1.0)).name(), "fused");
}

#[test]
fn a_network_that_the_kernels_for_cards_cannot_compute_is_refused_in_a_sentence() {
    let Some(card) = card() else { return };
    let mut network = network(1.0);
    network.layers.remove(0);
    let said = trainer(&card, &network, &Set::of(4).beginning(0)).map(drop).unwrap_err().to_string();
    assert!(said.contains("begin with a convolution") && said.contains("--device cpu"), "{said}");
    assert_eq!(card.execution(&network).name(), "composed");
}

/// Four runs of a group in threads of their own: one leaves after an epoch, one is stopped and goes on, one diverges.
#[test]
fn what_becomes_of_one_run_of_a_group_leaves_the_others_untouched() {
    let Some(card) = card() else { return };
    let set = Set::of(12);
    let alphas = [1.0, 0.3, 0.3, 0.7];
    let alone = |run: usize| {
        let Some(card) = self::card() else { return Vec::new() };
        let mut trainer = trainer(&card, &network(alphas[run]), &set.beginning(run as u64)).unwrap();
        train(trainer.as_mut(), run as u64, 1..=3)
    };
    let in_group = |run: usize, card: Backend| {
        let mut trainer = trainer(&card, &network(alphas[run]), &set.beginning(run as u64)).unwrap();
        drop(card);
        let mut figures = train(trainer.as_mut(), run as u64, 1..=1);
        match run {
            0 => return figures,
            1 => {
                let asked = AtomicBool::new(false);
                let once: Stopped = Arc::new(move || !asked.swap(true, Ordering::Relaxed));
                assert_eq!(trainer.train(2, &batches(1, 2, 12), &once).unwrap(), None);
            }
            2 => {
                let mut state = trainer.state().unwrap();
                state.theta.fill(f32::NAN);
                trainer.set_state(state).unwrap();
            }
            _ => {}
        }
        figures.extend(train(trainer.as_mut(), run as u64, 2..=3));
        figures
    };
    let figures: Vec<Vec<StepFigures>> = std::thread::scope(|scope| {
        let cards: Vec<Backend> = (0..4).map(|_| card.join()).collect();
        drop(card);
        let runs = cards.into_iter().enumerate().map(|(run, card)| scope.spawn(move || in_group(run, card)));
        let runs: Vec<_> = runs.collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert_eq!(figures[0], alone(0)[..3]);
    assert_eq!((&figures[1], &figures[3]), (&alone(1), &alone(3)));
    assert!(figures[2][3..].iter().all(|[loss, _]| loss.is_nan()));
}
