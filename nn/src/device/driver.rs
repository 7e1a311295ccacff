//! What this machine's drivers say, behind a trait, so that tests can have cards that this machine has not.

use super::error::Absent;
use super::place::{Accelerator, Place};
use super::tried;
use crate::model::Network;
use candle_core::{Device, DeviceLocation};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What is asked of the drivers of accelerators. Errors are the driver's words, in one line.
pub trait Drivers: fmt::Debug + Send + Sync {
    /// How many of them there are.
    fn count(&self, accelerator: Accelerator) -> Result<usize, Absent>;

    /// Opens a device: with a stream and handles of its own, so that what is computed on it shares no order and no
    /// workspace with what others compute on the same card.
    fn start(&self, place: Place) -> Result<Device, String>;

    /// Computes a tiny training step: whether the driver and the card can do what training needs.
    fn compute(&self, place: Place, device: &Device) -> Result<(), String>;

    /// Seconds of a training step of a network.
    fn seconds_a_step(
        &self,
        place: Place,
        device: &Device,
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

    fn start(&self, place: Place) -> Result<Device, String> {
        guarded(|| match place {
            Place::Cpu => Ok(Device::Cpu),
            Place::Cuda(number) => cuda::start(number),
            Place::Metal => Device::new_metal(0).map_err(|error| first_line(&error.to_string())),
        })?
    }

    fn compute(&self, _: Place, device: &Device) -> Result<(), String> {
        guarded(|| tried::compute(device))?.map_err(|error| first_line(&error))
    }

    fn seconds_a_step(
        &self,
        _: Place,
        device: &Device,
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
    use crate::device::Absent;
    use candle_core::Device;
    use candle_core::cuda_backend::cudarc::driver::{CudaContext, DriverError};

    /// The kernels are built for Ampere and what came after it.
    const OLDEST: (i32, i32) = (8, 0);

    pub(super) fn count() -> Result<usize, Absent> {
        match CudaContext::device_count() {
            Ok(count) => Ok(usize::try_from(count).unwrap_or(0)),
            Err(error) if format!("{error:?}").contains("NO_DEVICE") => Ok(0),
            Err(error) => Err(Absent::Driver(said(&error))),
        }
    }

    pub(super) fn start(number: usize) -> Result<Device, String> {
        let context = CudaContext::new(number).map_err(|error| said(&error))?;
        let (major, minor) = context.compute_capability().map_err(|error| said(&error))?;
        if (major, minor) < OLDEST {
            return Err(format!(
                "its compute capability is {major}.{minor}, and 8.0, that of Ampere, is the least that this program computes on"
            ));
        }
        Device::new_cuda_with_stream(number).map_err(|error| first_line(&error.to_string()))
    }

    fn said(error: &DriverError) -> String {
        first_line(&format!("{error:?}"))
    }
}

#[cfg(not(feature = "cuda"))]
mod cuda {
    use crate::device::Absent;
    use candle_core::Device;

    pub(super) fn count() -> Result<usize, Absent> {
        Err(Absent::NotBuiltIn)
    }

    pub(super) fn start(_: usize) -> Result<Device, String> {
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

/// The device's name for a run's provenance, such as `cpu` or `cuda:0 NVIDIA H100`.
pub fn device_name(device: &Device) -> String {
    match device.location() {
        DeviceLocation::Cpu => "cpu".into(),
        DeviceLocation::Cuda { gpu_id } => match card_name(device) {
            Some(name) => format!("cuda:{gpu_id} {name}"),
            None => format!("cuda:{gpu_id}"),
        },
        DeviceLocation::Metal { .. } => "metal".into(),
    }
}

#[cfg(feature = "cuda")]
fn card_name(device: &Device) -> Option<String> {
    device.as_cuda_device().ok()?.cuda_stream().context().name().ok()
}

#[cfg(not(feature = "cuda"))]
fn card_name(_device: &Device) -> Option<String> {
    None
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
