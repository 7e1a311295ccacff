//! Training by the kernels for cards, an epoch at a time, as one of a group. Between two epochs all of the run lies on the host.

use super::{Beginning, StepFigures, Stopped, Trainer, TrainingState, check_lengths, of_number};
use crate::cuda::{Compiled, EpochOrder, EvaluationOrder, Member, SetId};
use crate::model::{Layout, Network};
use crate::{Weights, dropout_masks};
use candle_core::{Device, Result};
use std::sync::Arc;

pub(super) struct CardTrainer {
    member: Arc<Member>,
    compiled: Compiled,
    network: Network,
    seed: u64,
    lr: f64,
    weight_decay: f64,
    sets: Vec<SetId>,
    state: TrainingState,
    before: Option<TrainingState>,
}

impl CardTrainer {
    pub(super) fn new(
        member: Arc<Member>,
        compiled: Compiled,
        network: &Network,
        beginning: &Beginning<'_>,
    ) -> Result<Self> {
        let weights = Weights::initialise(network, beginning.seed, &Device::Cpu)?;
        let state = TrainingState::at_the_start(weights.theta().to_vec1()?, weights.running().to_vec1()?);
        let sets = beginning.sets.iter().map(|set| member.add_set(set.x, set.labels));
        Ok(CardTrainer {
            sets: sets.collect::<Result<_>>()?,
            network: network.clone(),
            seed: beginning.seed,
            lr: beginning.lr,
            weight_decay: beginning.weight_decay,
            before: None,
            member,
            compiled,
            state,
        })
    }

    fn logits(&self, set: usize, theta: &[f32], running: &[f32]) -> Result<Vec<f32>> {
        let network = self.compiled.clone();
        let (theta, running) = (theta.into(), running.into());
        let set = *of_number(&self.sets, set)?;
        self.member.evaluate(EvaluationOrder { network, theta, running, set })
    }
}

impl Trainer for CardTrainer {
    fn train(
        &mut self,
        epoch: u32,
        batches: &[Vec<u32>],
        stopped: &Stopped,
    ) -> Result<Option<Vec<StepFigures>>> {
        if stopped() {
            return Ok(None);
        }
        let masks =
            (0..).take(batches.len()).map(|step| dropout_masks(&self.network, self.seed, epoch, step));
        let order = EpochOrder {
            network: self.compiled.clone(),
            state: self.state.clone(),
            lr: self.lr,
            weight_decay: self.weight_decay,
            set: *of_number(&self.sets, 0)?,
            masks: masks.collect(),
            batches: batches.to_vec(),
        };
        let Some(result) = self.member.train(order, stopped.clone())? else { return Ok(None) };
        self.before = Some(std::mem::replace(&mut self.state, result.state));
        Ok(Some(result.progress))
    }

    fn undo(&mut self) {
        if let Some(before) = self.before.take() {
            self.state = before;
        }
    }

    fn evaluate(&mut self, set: usize) -> Result<Vec<f32>> {
        self.logits(set, &self.state.theta, &self.state.running)
    }

    fn evaluate_with(&mut self, set: usize, theta: &[f32], running: &[f32]) -> Result<Vec<f32>> {
        self.logits(set, theta, running)
    }

    fn values(&self) -> Result<(Vec<f32>, Vec<f32>)> {
        Ok((self.state.theta.clone(), self.state.running.clone()))
    }

    fn step(&self) -> u64 {
        self.state.step
    }

    fn state(&self) -> Result<TrainingState> {
        Ok(self.state.clone())
    }

    fn set_state(&mut self, state: TrainingState) -> Result<()> {
        check_lengths(&state, Layout::of(&self.network).lengths())?;
        (self.state, self.before) = (state, None);
        Ok(())
    }
}
