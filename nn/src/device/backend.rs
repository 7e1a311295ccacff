//! What computes at a place. Everything of a run is computed on one.

use crate::cuda::{Compiled, Invitation, Member, Player};
use crate::model::Network;
use crate::{Execution, Unsupported, choose};
use candle_core::{Device, DeviceLocation};
use std::sync::Arc;

/// What computes at a place.
#[derive(Clone, Debug)]
pub enum Backend {
    /// candle's operations, and on the CPU the fused kernels.
    Candle(Device),
    /// An NVIDIA card, by kernels of its own.
    Card(Card),
}

/// An NVIDIA card that was opened for a run or a group of runs.
#[derive(Clone, Debug)]
pub struct Card {
    name: String,
    member: Arc<Member>,
    composed: Option<Device>,
}

/// A card on which runs are trained that others may be computed with. It keeps none of them waiting.
#[derive(Clone, Debug)]
pub struct OpenGroup {
    name: String,
    invitation: Invitation,
    composed: Option<Device>,
}

impl OpenGroup {
    /// Whether someone is there.
    pub fn is_open(&self) -> bool {
        self.invitation.is_open()
    }

    /// The card for one more run, unless there are `most` already, or none any more.
    pub fn join(&self, most: usize) -> Option<Backend> {
        let member = Arc::new(self.invitation.accept(most)?);
        Some(Backend::Card(Card { name: self.name.clone(), member, composed: self.composed.clone() }))
    }
}

impl Card {
    /// A card by the name that provenance gives it, such as `cuda:0 NVIDIA H100`. `composed` is the same card for candle's operations,
    /// for networks that the kernels can't compute.
    pub fn new(name: String, player: Box<dyn Player>, composed: Option<Device>) -> Self {
        Card { name, member: Arc::new(Member::first(player)), composed }
    }

    /// Its place in the group.
    pub(crate) fn member(&self) -> Arc<Member> {
        self.member.clone()
    }

    /// The card for candle's operations.
    pub(crate) fn composed(&self) -> Option<&Device> {
        self.composed.as_ref()
    }
}

impl Backend {
    /// The CPU.
    pub const CPU: Backend = Backend::Candle(Device::Cpu);

    /// Its name for a run's provenance, such as `cpu` or `cuda:0 NVIDIA H100`.
    pub fn name(&self) -> String {
        match self {
            Backend::Card(card) => card.name.clone(),
            Backend::Candle(device) => match device.location() {
                DeviceLocation::Cpu => "cpu".into(),
                DeviceLocation::Cuda { gpu_id } => format!("cuda:{gpu_id}"),
                DeviceLocation::Metal { .. } => "metal".into(),
            },
        }
    }

    /// The device for candle's operations, where there is one.
    pub fn candle(&self) -> Option<&Device> {
        match self {
            Backend::Candle(device) => Some(device),
            Backend::Card(card) => card.composed(),
        }
    }

    /// Which executor computes this network here.
    pub fn execution(&self, network: &Network) -> Execution {
        let kernels = match self {
            Backend::Candle(device) => choose(network, device).map(drop),
            Backend::Card(_) => Compiled::new(network).map(drop),
        };
        match kernels {
            Ok(()) => Execution::Fused,
            Err(Unsupported(reason)) => Execution::Composed(reason),
        }
    }

    /// The same device for one more run. On a card the two are computed together, where their networks go together.
    pub fn join(&self) -> Self {
        match self {
            Backend::Candle(device) => Backend::Candle(device.clone()),
            Backend::Card(card) => {
                Backend::Card(Card { member: Arc::new(card.member.join()), ..card.clone() })
            }
        }
    }

    /// For further runs on the same card.
    pub fn group(&self) -> Option<OpenGroup> {
        let Backend::Card(card) = self else { return None };
        let (name, composed) = (card.name.clone(), card.composed.clone());
        Some(OpenGroup { name, invitation: card.member.invitation(), composed })
    }
}
