//! The devices of one machine, each by its kind and number.

use std::fmt;

/// One device of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The CPU.
    Cpu,
    /// The NVIDIA card with this number.
    Cuda(usize),
    /// The Apple GPU.
    Metal,
}

/// A kind of device that the program may be built without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accelerator {
    /// NVIDIA's cards.
    Cuda,
    /// Apple's GPU.
    Metal,
}

impl Accelerator {
    /// All of them, in the order in which `auto` looks for them.
    pub const ALL: [Accelerator; 2] = [Accelerator::Cuda, Accelerator::Metal];

    /// Cargo's feature.
    pub fn feature(self) -> &'static str {
        match self {
            Accelerator::Cuda => "cuda",
            Accelerator::Metal => "metal",
        }
    }

    /// What one of them is called.
    pub fn title(self) -> &'static str {
        match self {
            Accelerator::Cuda => "NVIDIA card",
            Accelerator::Metal => "Apple GPU",
        }
    }

    /// The first of them.
    pub fn first(self) -> Place {
        match self {
            Accelerator::Cuda => Place::Cuda(0),
            Accelerator::Metal => Place::Metal,
        }
    }
}

impl Place {
    /// What kind of accelerator it is; `None` of the CPU.
    pub fn accelerator(self) -> Option<Accelerator> {
        match self {
            Place::Cpu => None,
            Place::Cuda(_) => Some(Accelerator::Cuda),
            Place::Metal => Some(Accelerator::Metal),
        }
    }

    /// Its number among its kind, from 0.
    pub fn number(self) -> usize {
        match self {
            Place::Cuda(number) => number,
            Place::Cpu | Place::Metal => 0,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Cpu => f.pad("cpu"),
            Place::Cuda(number) => write!(f, "cuda:{number}"),
            Place::Metal => f.pad("metal"),
        }
    }
}
