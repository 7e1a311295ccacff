//! Cards for tests: they count, start and fail as told, and compute on the CPU or in emulation.
#![allow(clippy::unwrap_used)] // a test may fail loudly

use super::backend::{Backend, Card};
use super::driver::Drivers;
use super::error::Absent;
use super::place::{Accelerator, Place};
use crate::cuda::emulated::Emulation;
use crate::model::Network;
use std::collections::VecDeque;
use std::sync::Mutex;

/// NVIDIA's cards as a test wants them.
#[derive(Debug)]
pub struct Cards {
    /// How many there are, or why none.
    pub count: Result<usize, Absent>,
    /// Whether a card that was opened computes, or what it says instead.
    pub computes: Result<(), String>,
    /// What the next starts of a card say, in order; after these, all is well.
    pub failures: Mutex<VecDeque<Option<String>>>,
    /// Seconds of a step: on the CPU, on a card.
    pub seconds: (f64, f64),
    /// Where devices were started, in order.
    pub started: Mutex<Vec<Place>>,
    /// How often steps were timed.
    pub measured: Mutex<usize>,
    /// What computes on them, in place of the CPU.
    pub emulation: Option<Emulation>,
}

impl Cards {
    /// So many cards, and all is well.
    pub fn of(count: usize) -> Self {
        Cards {
            count: Ok(count),
            computes: Ok(()),
            failures: Mutex::default(),
            seconds: (1.0, 0.1),
            started: Mutex::default(),
            measured: Mutex::default(),
            emulation: None,
        }
    }

    /// A program built without cards.
    pub fn not_built_in() -> Self {
        Cards { count: Err(Absent::NotBuiltIn), ..Self::of(0) }
    }

    /// A driver that doesn't count its cards, for this reason.
    pub fn broken(reason: &str) -> Self {
        Cards { count: Err(Absent::Driver(reason.into())), ..Self::of(0) }
    }

    /// Cards that say these, one after another, when runs start on them.
    pub fn failing(self, said: &[Option<&str>]) -> Self {
        // The first start is the one that opens the device.
        let said = std::iter::once(&None).chain(said).map(|said| said.map(str::to_owned)).collect();
        Cards { failures: Mutex::new(said), ..self }
    }

    /// Cards on which the kernels for cards compute, emulated.
    pub fn emulated(self, emulation: &Emulation) -> Self {
        Cards { emulation: Some(emulation.clone()), ..self }
    }

    /// Where devices were started, in order.
    pub fn started_at(&self) -> Vec<Place> {
        self.started.lock().unwrap().clone()
    }

    /// How often steps were timed.
    pub fn times_measured(&self) -> usize {
        *self.measured.lock().unwrap()
    }
}

impl Drivers for Cards {
    fn count(&self, accelerator: Accelerator) -> Result<usize, Absent> {
        match accelerator {
            Accelerator::Cuda => self.count.clone(),
            Accelerator::Metal => Err(Absent::NotBuiltIn),
        }
    }

    fn start(&self, place: Place) -> Result<Backend, String> {
        self.started.lock().unwrap().push(place);
        match self.failures.lock().unwrap().pop_front() {
            Some(Some(said)) => Err(said),
            _ => Ok(match (&self.emulation, place) {
                (Some(emulation), Place::Cuda(number)) => {
                    Backend::Card(Card::new(format!("cuda:{number} emulated"), emulation.player(1), None))
                }
                _ => Backend::CPU,
            }),
        }
    }

    fn compute(&self, _: Place, _: &Backend) -> Result<(), String> {
        self.computes.clone()
    }

    fn seconds_a_step(&self, place: Place, _: &Backend, _: &Network, _: usize) -> Result<f64, String> {
        *self.measured.lock().unwrap() += 1;
        Ok(if place == Place::Cpu { self.seconds.0 } else { self.seconds.1 })
    }
}
