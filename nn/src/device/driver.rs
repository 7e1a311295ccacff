//! What this machine's drivers say, behind a trait, so that tests can have cards that this machine has not.

use super::backend::Backend;
use super::error::Absent;
use super::place::{Accelerator, Place};
use super::tried;
use crate::model::Network;
use candle_core::Device;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What is asked of the drivers of accelerators. Errors are the driver's words, in one line.
pub trait Drivers: fmt::Debug + Send + Sync {
    /// How many of them there are.
    fn count(&self, accelerator: Accelerator) -> Result<usize, Absent>;

    /// Opens a device: with a stream and handles of its own, so that what is computed on it shares no order and no
    /// workspace with what others compute on the same card.
    fn start(&self, place: Place) -> Result<Backend, String>;

    /// Computes a tiny training step: whether the driver and the card can do what training needs.
    fn compute(&self, place: Place, device: &Backend) -> Result<(), String>;

    /// Seconds of a training step of a network.
    fn seconds_a_step(
        &self,
        place: Place,
        device: &Backend,
        network: &Network,
        batch: usize,
    ) -> Result<f64, String>;
}

/// The drivers that this program was built for.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDrivers;

impl Drivers for RealDrivers {
    fn count(&self, accelerator: Accelerator) -> Result<usize, Absent> {
        guarded(|| match accelerator {
            Accelerator::Cuda => cuda::count(),
            Accelerator::Metal => metal::count(),
        })
        .unwrap_or_else(|reason| Err(Absent::Driver(reason)))
    }

    fn start(&self, place: Place) -> Result<Backend, String> {
        guarded(|| match place {
            Place::Cpu => Ok(Backend::CPU),
            Place::Cuda(number) => cuda::start(number),
            Place::Metal => match Device::new_metal(0) {
                Ok(device) => Ok(Backend::Candle(device)),
                Err(error) => Err(first_line(&error.to_string())),
            },
        })?
    }

    fn compute(&self, _: Place, device: &Backend) -> Result<(), String> {
        guarded(|| tried::compute(device))?.map_err(|error| first_line(&error))
    }

    fn seconds_a_step(
        &self,
        _: Place,
        device: &Backend,
        network: &Network,
        batch: usize,
    ) -> Result<f64, String> {
        guarded(|| tried::seconds_a_step(network, device, batch))?
            .map_err(|error| first_line(&error.to_string()))
    }
}

/// A driver's binding may panic where it finds nothing, as over SSH on a Mac; that is a device that does not work.
fn guarded<T>(ask: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(ask)).map_err(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or(panic.downcast_ref::<&str>().copied()).unwrap_or("its binding gave up");
        first_line(said)
    })
}

/// A driver's error may carry a backtrace; people need its first line.
fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().to_string()
}

#[cfg(feature = "cuda")]
mod cuda {
    use super::first_line;
    use crate::cuda::driver;
    use crate::device::{Absent, Backend, Card};
    use candle_core::Device;

    pub(super) fn count() -> Result<usize, Absent> {
        driver::count().map_err(|said| Absent::Driver(first_line(&said)))
    }

    pub(super) fn start(number: usize) -> Result<Backend, String> {
        let said = |error: candle_core::Error| first_line(&error.to_string());
        let card = driver::Card::open(number).map_err(said)?;
        let name = match card.name() {
            Ok(name) => format!("cuda:{number} {name}"),
            Err(_) => format!("cuda:{number}"),
        };
        Ok(Backend::Card(Card::new(name, Box::new(card), composed(number)?)))
    }

    /// The same card for candle, with a stream and handles of its own.
    fn composed(number: usize) -> Result<Option<Device>, String> {
        match cfg!(feature = "cuda-composed") {
            true => match Device::new_cuda_with_stream(number) {
                Ok(device) => Ok(Some(device)),
                Err(error) => Err(first_line(&error.to_string())),
            },
            false => Ok(None),
        }
    }
}

#[cfg(not(feature = "cuda"))]
mod cuda {
    use crate::device::{Absent, Backend};

    pub(super) fn count() -> Result<usize, Absent> {
        Err(Absent::NotBuiltIn)
    }

    pub(super) fn start(_: usize) -> Result<Backend, String> {
        Err("this program was built without CUDA".into())
    }
}

mod metal {
    use crate::device::Absent;

    /// candle has no count. Its first device is asked for where there is one; where there is none, as over SSH without a
    /// session at the screen, that panics, which [`super::guarded`] makes a sentence of.
    pub(super) fn count() -> Result<usize, Absent> {
        match cfg!(feature = "metal") {
            true => Ok(1),
            false => Err(Absent::NotBuiltIn),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binding_that_panics_is_a_device_that_does_not_work() {
        let none: Vec<u8> = Vec::new();
        let said = guarded(|| none.clone().swap_remove(0)).unwrap_err();
        assert!(said.contains("swap_remove"), "{said}");
        assert_eq!(first_line("a\nb"), "a");
    }
}
