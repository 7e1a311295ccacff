//! What the global options say about where to train.

use super::{Failure, Global};
use crate::nn::{DeviceChoice, DeviceError};
use crate::notebook::Notebook;
use crate::worker::{DataCache, Machine};
use candle_core::Device;

/// Starts the device that was asked for.
pub fn device(global: &Global) -> Result<Device, Failure> {
    let choice: DeviceChoice = global.device.parse().map_err(refused)?;
    choice.open().map_err(refused)
}

/// A device that there can't be is bad usage; one that does not start is not.
fn refused(error: DeviceError) -> Failure {
    match error {
        DeviceError::Unknown(_) | DeviceError::NotBuiltIn { .. } => Failure::usage(error.to_string()),
        DeviceError::Unavailable { .. } => Failure::work(error.to_string()),
    }
}

/// What trains, with the threads shared out among this many runs at once.
pub fn machine(global: &Global, slots: usize) -> Result<Machine, Failure> {
    Ok(Machine {
        device: device(global)?,
        threads: (global.threads() / slots.max(1)).max(1),
        data: DataCache::new(global.data.clone()),
        notebook: Notebook::open(&global.runs),
    })
}
