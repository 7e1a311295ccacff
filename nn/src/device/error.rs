//! Why a device can't be had, in sentences.

use super::place::{Accelerator, Place};

/// Why there is nothing of a kind to be counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Absent {
    /// The program was built without it.
    NotBuiltIn,
    /// The driver does not answer, for the reason that it gives.
    Driver(String),
}

/// Why a device can't be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// No device has this name.
    #[error("no device is called '{0}'; there are auto, cpu, cuda, cuda:N, cuda:N,M and metal")]
    Unknown(String),
    /// One is named more than once.
    #[error("{device} is named twice in --device; name each card once")]
    Twice {
        /// Which.
        device: Place,
    },
    /// The program was built without it.
    #[error(
        "this eeg-tui was built without {device}; build it with 'cargo build --release --features {feature}', or take --device cpu"
    )]
    NotBuiltIn {
        /// As it was asked for.
        device: Place,
        /// Cargo's feature.
        feature: &'static str,
    },
    /// There is no such device on this machine, or its driver can't be asked.
    #[error(
        "{device} can't be used: no {title} is seen on this machine{reason}; check its driver, or take --device cpu",
        title = .kind.title(), reason = in_brackets(.reason)
    )]
    NoneHere {
        /// As it was asked for.
        device: Place,
        /// Of which kind there is none.
        kind: Accelerator,
        /// What the driver says; empty where it says that there are none.
        reason: String,
    },
    /// There are some, but not so many.
    #[error("there is no {device}: {}", how_many(*.count))]
    NoSuchCard {
        /// As it was asked for.
        device: Place,
        /// How many there are.
        count: usize,
    },
    /// It is there but does not start, or does not compute.
    #[error("{device} could not be started ({reason}); check its driver, or take --device cpu")]
    Unavailable {
        /// As it was asked for.
        device: Place,
        /// What the driver says.
        reason: String,
    },
}

impl DeviceError {
    /// Whether asking for it makes no sense with this program or on this machine, whatever its driver does next.
    pub fn is_bad_usage(&self) -> bool {
        !matches!(self, DeviceError::NoneHere { .. } | DeviceError::Unavailable { .. })
    }
}

fn in_brackets(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(" ({reason})") }
}

fn how_many(count: usize) -> String {
    match count {
        1 => "this machine has 1 card, cuda:0".into(),
        2 => "this machine has 2 cards, cuda:0 and cuda:1".into(),
        count => format!("this machine has {count} cards, cuda:0 to cuda:{}", count.saturating_sub(1)),
    }
}
