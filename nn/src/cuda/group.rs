//! A group of runs on a device: their data, which stay there, and epochs and evaluations of as many runs at once as its memory holds.
//! What a run is between two epochs lies on the host: an epoch takes it there and brings it back, and no run's numbers are read by
//! another. So a run may come, go, fail or be repeated without a trace in the others.

use super::arguments::{Address, Mask, Put};
use super::form::{Form, Parameters, probabilities};
use super::memory::{Memory, Size, StateParts};
use super::plan::{MASK, Pass, Plan};
use super::player::{Player, numbers, singles};
use crate::Unsupported;
use crate::model::Network;
use crate::random::DropoutMask;
use crate::state::TrainingState;
use candle_core::{Result, bail};
use std::sync::Arc;

/// Trials on the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SetId(usize);

struct Set {
    x: Address,
    labels: Address,
    /// Numbers of the signal, and trials.
    lengths: [usize; 2],
}

/// A run's network as the kernels take it.
#[derive(Clone, Debug)]
pub struct Compiled {
    form: Arc<Form>,
    parameters: Parameters,
    probabilities: Vec<f64>,
}

impl Compiled {
    /// Reads a network, or says what of it the kernels can't compute.
    pub fn new(network: &Network) -> std::result::Result<Self, Unsupported> {
        let (form, parameters) = Form::of(network)?;
        Ok(Compiled { form: Arc::new(form), parameters, probabilities: probabilities(network).collect() })
    }
}

/// One epoch of one run.
#[derive(Clone, Debug)]
pub struct EpochOrder {
    /// Its network.
    pub network: Compiled,
    /// Where it begins.
    pub state: TrainingState,
    /// Adam's rate.
    pub lr: f64,
    /// Adam's decay.
    pub weight_decay: f64,
    /// The trials.
    pub set: SetId,
    /// Which of them make each step; all steps have as many as the first but for the last.
    pub batches: Vec<Vec<u32>>,
    /// Each step's masks, one a dropout layer; no masks means no dropout.
    pub masks: Vec<Vec<DropoutMask>>,
}

/// What comes of an epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct EpochResult {
    /// Where the run stands.
    pub state: TrainingState,
    /// Each step's mean loss, and how many of its trials were right.
    pub progress: Vec<[f32; 2]>,
}

/// One run's evaluation of all trials of a set.
#[derive(Clone, Debug)]
pub struct EvaluationOrder {
    /// Its network.
    pub network: Compiled,
    /// All trainable values.
    pub theta: Arc<[f32]>,
    /// All running statistics.
    pub running: Arc<[f32]>,
    /// The trials.
    pub set: SetId,
}

impl EpochOrder {
    /// Whether both can be computed in the same launches.
    pub(super) fn goes_with(&self, other: &Self) -> bool {
        let lengths = |order: &Self| order.batches.iter().map(Vec::len).collect::<Vec<_>>();
        self.set == other.set
            && lengths(self) == lengths(other)
            && self.drops() == other.drops()
            && self.network.form == other.network.form
    }

    fn drops(&self) -> bool {
        self.masks.first().is_some_and(|masks| !masks.is_empty())
    }

    fn batch(&self) -> usize {
        self.batches.iter().map(Vec::len).max().unwrap_or(0)
    }
}

impl EvaluationOrder {
    /// Whether both can be computed in the same launches.
    pub(super) fn goes_with(&self, other: &Self) -> bool {
        self.set == other.set && self.network.form == other.network.form
    }
}

/// The device's side.
pub struct Group {
    player: Box<dyn Player>,
    sets: Vec<Set>,
    room: Option<Room>,
}

/// Memory for runs of one form.
struct Room {
    form: Arc<Form>,
    size: Size,
    memory: Memory,
}

/// The most trials of one evaluation's launches.
const EVALUATED_AT_ONCE: usize = 256;

impl Group {
    /// A group that has nothing on its device yet.
    pub fn new(player: Box<dyn Player>) -> Self {
        Group { player, sets: Vec::new(), room: None }
    }

    /// Puts trials on the device, unless the very same lie there. `x` is (trial, sample, electrode).
    pub fn add_set(&mut self, x: &[f32], labels: &[u32]) -> Result<SetId> {
        let (signal, classes) = (singles(x), words(labels.iter().copied()));
        for (number, set) in self.sets.iter().enumerate() {
            if set.lengths == [x.len(), labels.len()]
                && self.player.download(set.labels, classes.len())? == classes
                && self.player.download(set.x, signal.len())? == signal
            {
                return Ok(SetId(number));
            }
        }
        let mut filled = |bytes: &[u8]| {
            let at = self.player.allocate(bytes.len().max(4))?;
            self.player.upload(at, bytes)?;
            Ok::<_, candle_core::Error>(at)
        };
        let set = Set { x: filled(&signal)?, labels: filled(&classes)?, lengths: [x.len(), labels.len()] };
        self.sets.push(set);
        Ok(SetId(self.sets.len() - 1))
    }

    /// Trains an epoch of each run; all go with the first ([`EpochOrder`]). `None` where `stopped` said so between two steps.
    pub fn train(
        &mut self,
        orders: &[&EpochOrder],
        stopped: &dyn Fn() -> bool,
    ) -> Result<Option<Vec<EpochResult>>> {
        let Some(first) = orders.first() else { return Ok(Some(Vec::new())) };
        let form = first.network.form.clone();
        let need = Size { runs: 1, batch: first.batch(), steps: first.batches.len(), trials: 0 };
        let at_once = self.make_room(&form, need, orders.len())?;
        let mut results = Vec::new();
        for orders in orders.chunks(at_once) {
            match self.train_at_once(&form, orders, stopped)? {
                Some(more) => results.extend(more),
                None => return Ok(None),
            }
        }
        Ok(Some(results))
    }

    /// Logits (trial, class) of each run; all go with the first.
    pub fn evaluate(&mut self, orders: &[&EvaluationOrder]) -> Result<Vec<Vec<f32>>> {
        let Some(first) = orders.first() else { return Ok(Vec::new()) };
        let form = first.network.form.clone();
        let [_, trials] = self.set(first.set)?.lengths;
        let need = Size { runs: 1, batch: trials.clamp(1, EVALUATED_AT_ONCE), steps: 1, trials };
        let at_once = self.make_room(&form, need, orders.len())?;
        let mut results = Vec::new();
        for orders in orders.chunks(at_once) {
            results.extend(self.evaluate_at_once(&form, orders)?);
        }
        Ok(results)
    }

    /// The gradient of the last step, of the first of its runs: for comparisons.
    pub fn last_gradient(&mut self) -> Result<Vec<f32>> {
        let Some(room) = &self.room else { bail!("no step was computed yet") };
        let bytes = self.player.download(room.memory.gradient, 4 * room.form.parameters)?;
        Ok(numbers(&bytes))
    }

    /// The logits (trial, class) of the last step of so many trials, of the first of its runs: for comparisons.
    pub fn last_logits(&mut self, trials: usize) -> Result<Vec<f32>> {
        let Some(room) = &self.room else { bail!("no step was computed yet") };
        let bytes = self.player.download(room.memory.logits, 4 * trials * room.form.classes)?;
        Ok(numbers(&bytes))
    }

    fn set(&self, id: SetId) -> Result<&Set> {
        match self.sets.get(id.0) {
            Some(set) => Ok(set),
            None => bail!("these trials are not on the device"),
        }
    }

    /// Memory for as many of these runs as fit, of one of which `need` tells; how many that are.
    fn make_room(&mut self, form: &Arc<Form>, need: Size, runs: usize) -> Result<usize> {
        let had = self.room.as_ref().filter(|room| room.form == *form).map(|room| room.size);
        let need = had.map_or(need, |had| Size { runs: 1, ..had.max(need) });
        if let Some(had) = had
            && had == (Size { runs: had.runs, ..need })
            && had.runs >= runs
        {
            return Ok(runs);
        }
        let freed = self.room.as_ref().map_or(0, |room| Memory::bytes(&room.form, room.size));
        let free = self.player.free_bytes()?.map(|free| free + freed);
        let fits = |runs: &usize| {
            let bytes = Memory::bytes(form, Size { runs: *runs, ..need });
            // A tenth is left: for what a driver needs, and for memory in pieces.
            free.is_none_or(|free| bytes <= free / 10 * 9)
        };
        let Some(fit) = (1..=runs).rev().find(fits) else {
            bail!(
                "out of memory: a run at this size of batch needs {} MB on the card, and {} MB are free",
                Memory::bytes(form, need) >> 20,
                free.unwrap_or(0) >> 20
            )
        };
        if had.is_some_and(|had| had == Size { runs: had.runs, ..need } && had.runs >= fit) {
            return Ok(had.map_or(fit, |had| had.runs.min(runs)));
        }
        self.give_room_back()?;
        let mut size = Size { runs: fit, ..need };
        let memory = loop {
            match self.reserve(form, size) {
                Ok(memory) => break memory,
                // Another slot or program was faster, or what is free lies in pieces.
                Err(_) if size.runs > 1 => size.runs /= 2,
                Err(error) => return Err(error),
            }
        };
        self.room = Some(Room { form: form.clone(), size, memory });
        Ok(size.runs)
    }

    /// All buffers or none.
    fn reserve(&mut self, form: &Form, size: Size) -> Result<Memory> {
        let (player, mut taken) = (&mut self.player, Vec::new());
        let reserved = Memory::reserve(form, size, &mut |bytes| {
            taken.push(player.allocate(bytes)?);
            Ok(taken[taken.len() - 1])
        });
        if reserved.is_err() {
            // What can't be given back either goes with the card's context.
            taken.into_iter().for_each(|memory| drop(player.free(memory)));
        }
        reserved
    }

    fn give_room_back(&mut self) -> Result<()> {
        let Some(room) = self.room.take() else { return Ok(()) };
        room.memory.all.into_iter().try_for_each(|memory| self.player.free(memory))
    }

    fn room(&self) -> Result<&Room> {
        match &self.room {
            Some(room) => Ok(room),
            None => bail!("the group has no memory on its device"),
        }
    }

    fn train_at_once(
        &mut self,
        form: &Arc<Form>,
        orders: &[&EpochOrder],
        stopped: &dyn Fn() -> bool,
    ) -> Result<Option<Vec<EpochResult>>> {
        let (runs, first) = (orders.len(), orders[0]);
        let lengths: Vec<usize> = first.batches.iter().map(Vec::len).collect();
        let (batch, steps) = (first.batch(), lengths.len());
        let (x, labels) = (self.set(first.set)?.x, self.set(first.set)?.labels);
        check(form, orders, self.set(first.set)?.lengths[1])?;
        let memory = self.room()?.memory.clone();
        let states: Vec<&TrainingState> = orders.iter().map(|order| &order.state).collect();
        self.upload_states(memory.state, &states)?;
        self.upload_parameters(&memory, orders.iter().map(|order| &order.network))?;
        let player = self.player.as_mut();
        player.upload(memory.rows, &rows(orders, batch))?;
        player.upload(memory.decay, &singles(&each(orders, |order| order.weight_decay as f32)))?;
        player
            .upload(memory.rates, &singles(&rates(orders, |order, step| order.lr / correction(0.9, step))))?;
        let root = |_: &EpochOrder, step| correction(0.999, step).sqrt().recip();
        player.upload(memory.roots, &singles(&rates(orders, root)))?;
        if first.drops() {
            player.upload(memory.masks, &masks(orders))?;
        }
        let plan = Plan { form, memory: &memory, runs, steps };
        for (step, &trials) in lengths.iter().enumerate() {
            if stopped() {
                return Ok(None);
            }
            let pass = Pass {
                trials,
                data: x,
                labels,
                rows: memory.rows.plus(step * runs * batch),
                logits: memory.logits,
                masks: match first.drops() {
                    true => memory.masks.plus(step * form.dropouts * runs * MASK),
                    false => Address::NONE,
                },
                step: Some(step),
            };
            plan.step(pass).iter().try_for_each(|launch| launch.play(player))?;
        }
        let parts = StateParts::of(form, runs, steps);
        let all = numbers(&player.download(memory.state, 4 * parts.end)?);
        let of_run = |from: usize, length: usize, run: usize| all[from + run * length..][..length].to_vec();
        let result = |run: usize| EpochResult {
            state: TrainingState {
                theta: of_run(0, form.parameters, run),
                m: of_run(parts.m, form.parameters, run),
                v: of_run(parts.v, form.parameters, run),
                running: of_run(parts.running, form.statistics, run),
                step: orders[run].state.step + steps as u64,
            },
            progress: of_run(parts.progress, 2 * steps, run).as_chunks::<2>().0.to_vec(),
        };
        Ok(Some((0..runs).map(result).collect()))
    }

    fn evaluate_at_once(&mut self, form: &Arc<Form>, orders: &[&EvaluationOrder]) -> Result<Vec<Vec<f32>>> {
        let (runs, set) = (orders.len(), self.set(orders[0].set)?);
        let (x, labels, trials) = (set.x, set.labels, set.lengths[1]);
        if orders
            .iter()
            .any(|order| [order.theta.len(), order.running.len()] != [form.parameters, form.statistics])
        {
            bail!("the weights belong to another network")
        }
        let memory = self.room()?.memory.clone();
        let theta = orders.iter().flat_map(|order| order.theta.iter().copied());
        let running = orders.iter().flat_map(|order| order.running.iter().copied());
        let parts = StateParts::of(form, runs, 1);
        let (theta, running): (Vec<f32>, Vec<f32>) = (theta.collect(), running.collect());
        self.player.upload(memory.state, &singles(&theta))?;
        self.player.upload(memory.state.plus(parts.running), &singles(&running))?;
        self.upload_parameters(&memory, orders.iter().map(|order| &order.network))?;
        let firsts: Vec<usize> = (0..trials).step_by(EVALUATED_AT_ONCE).collect();
        let length = |first: usize| EVALUATED_AT_ONCE.min(trials - first);
        let rows = firsts.iter().flat_map(|&first| {
            (0..runs).flat_map(move |_| first as u32..(first + EVALUATED_AT_ONCE.min(trials - first)) as u32)
        });
        let player = self.player.as_mut();
        player.upload(memory.rows, &words(rows))?;
        let plan = Plan { form, memory: &memory, runs, steps: 1 };
        for &first in &firsts {
            let pass = Pass {
                trials: length(first),
                data: x,
                labels,
                rows: memory.rows.plus(runs * first),
                logits: memory.logits.plus(runs * first * form.classes),
                masks: Address::NONE,
                step: None,
            };
            plan.evaluation(pass).iter().try_for_each(|launch| launch.play(player))?;
        }
        let all = numbers(&player.download(memory.logits, 4 * runs * trials * form.classes)?);
        let of_run = |run: usize| {
            let parts = firsts.iter().flat_map(|&first| {
                let count = length(first) * form.classes;
                all[runs * first * form.classes + run * count..][..count].iter().copied()
            });
            parts.collect()
        };
        Ok((0..runs).map(of_run).collect())
    }

    fn upload_states(&mut self, to: Address, states: &[&TrainingState]) -> Result<()> {
        let mut all: Vec<f32> = Vec::new();
        for part in 0..4 {
            states
                .iter()
                .for_each(|state| all.extend([&state.theta, &state.m, &state.v, &state.running][part]));
        }
        self.player.upload(to, &singles(&all))
    }

    fn upload_parameters<'a>(
        &mut self,
        memory: &Memory,
        networks: impl Iterator<Item = &'a Compiled> + Clone,
    ) -> Result<()> {
        for (number, block) in memory.blocks.iter().enumerate() {
            for (which, to) in [block.alpha, block.function_alpha].into_iter().enumerate() {
                if to != Address::NONE {
                    let values: Vec<f32> =
                        networks.clone().map(|network| network.parameters[number][which]).collect();
                    self.player.upload(to, &singles(&values))?;
                }
            }
        }
        Ok(())
    }
}

/// Whether the orders are such as the kernels can trust: what they index is there.
fn check(form: &Form, orders: &[&EpochOrder], trials: usize) -> Result<()> {
    for order in orders {
        let EpochOrder { state, batches, masks, .. } = order;
        if [state.theta.len(), state.m.len(), state.v.len()] != [form.parameters; 3]
            || state.running.len() != form.statistics
        {
            bail!("the weights belong to another network")
        }
        if batches.is_empty() || batches.iter().flatten().any(|&row| row as usize >= trials) {
            bail!("a batch names a trial that there is not")
        }
        let [all @ .., _] = &batches[..] else { bail!("an epoch has no batches") };
        if all.iter().any(|rows| rows.len() != order.batch()) || batches.iter().any(Vec::is_empty) {
            bail!("only an epoch's last batch may be smaller")
        }
        let wanted = if order.drops() { form.dropouts } else { 0 };
        if masks.iter().any(|masks| masks.len() != wanted) || (wanted > 0 && masks.len() != batches.len()) {
            bail!("each batch takes {} dropout masks, or none does", form.dropouts)
        }
    }
    Ok(())
}

fn words(values: impl IntoIterator<Item = u32>) -> Vec<u8> {
    values.into_iter().flat_map(u32::to_ne_bytes).collect()
}

/// (run).
fn each(orders: &[&EpochOrder], value: impl Fn(&EpochOrder) -> f32) -> Vec<f32> {
    orders.iter().map(|order| value(order)).collect()
}

/// (step, run, trial); every step takes as much space as the largest.
fn rows(orders: &[&EpochOrder], batch: usize) -> Vec<u8> {
    let mut rows = Vec::new();
    for step in 0..orders[0].batches.len() {
        orders.iter().for_each(|order| rows.extend(&order.batches[step]));
        rows.resize((step + 1) * orders.len() * batch, 0);
    }
    words(rows)
}

/// (step, run): of Adam's step, counted from 1.
fn rates(orders: &[&EpochOrder], value: impl Fn(&EpochOrder, u64) -> f64) -> Vec<f32> {
    let steps = orders[0].batches.len() as u64;
    let of_step = |step: u64| orders.iter().map(move |order| (order, order.state.step + step));
    (1..=steps).flat_map(of_step).map(|(order, step)| value(order, step) as f32).collect()
}

/// Adam's correction of a mean that began at zero.
fn correction(beta: f64, step: u64) -> f64 {
    1.0 - beta.powf(step as f64)
}

/// (step, dropout, run).
fn masks(orders: &[&EpochOrder]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for step in 0..orders[0].batches.len() {
        for layer in 0..orders[0].masks[step].len() {
            for order in orders {
                let (mask, p) = (order.masks[step][layer], order.network.probabilities[layer]);
                let (key, threshold) = (mask.key(), mask.threshold());
                let scale = (1.0 / (1.0 - p)) as f32;
                Mask { key_low: key as u32, key_high: (key >> 32) as u32, threshold, scale }.put(&mut bytes);
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::super::player::Launch;
    use super::*;
    use crate::model::{Activation, Geometry, Model};
    use std::collections::HashMap;
    use std::sync::Mutex;

    /// Bytes by address.
    type Taken = Arc<Mutex<HashMap<u64, usize>>>;

    /// A card that has little memory, and computes nothing.
    struct Narrow {
        bytes: u64,
        /// Whether it tells how much is free.
        tells: bool,
        taken: Taken,
    }

    impl Narrow {
        fn left(&self) -> u64 {
            let taken = self.taken.lock().unwrap();
            self.bytes - taken.values().map(|&bytes| bytes as u64).sum::<u64>()
        }
    }

    impl Player for Narrow {
        fn allocate(&mut self, bytes: usize) -> Result<Address> {
            if self.left() < bytes as u64 {
                bail!("CUDA_ERROR_OUT_OF_MEMORY")
            }
            let mut taken = self.taken.lock().unwrap();
            let address = 1 + taken.keys().max().unwrap_or(&0);
            taken.insert(address, bytes);
            Ok(Address(address))
        }
        fn free(&mut self, memory: Address) -> Result<()> {
            assert!(self.taken.lock().unwrap().remove(&memory.0).is_some(), "given back twice");
            Ok(())
        }
        fn upload(&mut self, _: Address, _: &[u8]) -> Result<()> {
            Ok(())
        }
        fn download(&mut self, _: Address, bytes: usize) -> Result<Vec<u8>> {
            Ok(vec![0; bytes])
        }
        fn launch(&mut self, _: &Launch) -> Result<()> {
            Ok(())
        }
        fn free_bytes(&mut self) -> Result<Option<u64>> {
            Ok(self.tells.then(|| self.left()))
        }
    }

    /// Trains five runs where the buffers of `runs` fit: how many were computed at once, and how many pieces of memory are taken.
    fn train_five(runs: usize, tells: bool) -> (Result<usize>, usize) {
        let geometry = Geometry { channels: 2, samples: 64, classes: 2, sfreq: None };
        let network = Model::eegnet().network(geometry, Activation::Relu, 0.0).unwrap();
        let compiled = Compiled::new(&network).unwrap();
        let size = Size { runs, batch: 4, steps: 1, trials: 0 };
        let of_runs = if runs == 0 { 4096 } else { Memory::bytes(&compiled.form, size) };
        let taken = Taken::default();
        let bytes = 4 * (4 * 64 * 2 + 4) + of_runs / 9 * 10 + 64;
        let mut group = Group::new(Box::new(Narrow { bytes, tells, taken: taken.clone() }));
        let set = group.add_set(&[0.0; 4 * 64 * 2], &[0, 1, 0, 1]).unwrap();
        let [theta, running] = [compiled.form.parameters, compiled.form.statistics].map(|n| vec![0.0; n]);
        let order = EpochOrder {
            network: compiled,
            state: TrainingState::at_the_start(theta, running),
            lr: 1e-3,
            weight_decay: 0.0,
            set,
            batches: vec![vec![0, 1, 2, 3]],
            masks: vec![Vec::new()],
        };
        let trained = group.train(&[&order; 5], &|| false).map(|results| {
            assert_eq!(results.unwrap().len(), 5);
            group.room.as_ref().unwrap().size.runs
        });
        let pieces = taken.lock().unwrap().len();
        (trained, pieces)
    }

    #[test]
    fn as_many_runs_as_fit_are_computed_at_once() {
        for (runs, at_once) in [(1, 1), (3, 3), (5, 5), (9, 5)] {
            assert_eq!(train_five(runs, true).0.unwrap(), at_once);
        }
        let said = train_five(0, true).0.unwrap_err().to_string();
        assert!(said.starts_with("out of memory: a run at this size of batch needs "), "{said}");
    }

    #[test]
    fn where_memory_runs_out_all_the_same_fewer_are_computed_at_once_and_nothing_stays_taken() {
        let (at_once, pieces) = train_five(3, false);
        assert_eq!(at_once.unwrap(), 2, "half of five, which did not fit");
        assert_eq!(pieces, train_five(9, false).1, "what the first try had taken was given back");
        let (failed, pieces) = train_five(0, false);
        assert!(failed.unwrap_err().to_string().contains("OUT_OF_MEMORY"));
        assert_eq!(pieces, 2, "the trials alone");
    }
}
