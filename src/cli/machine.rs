//! What the global options say about where to train.

use super::{Failure, Global};
use crate::catalogue::{Catalogue, FOLDER};
use crate::nn::{DeviceChoice, DeviceError};
use crate::notebook::Notebook;
use crate::tui::config::Config;
use crate::worker::{DataCache, Machine};
use candle_core::Device;

/// Starts the device that was asked for.
pub fn device(global: &Global) -> Result<Device, Failure> {
    let choice: DeviceChoice = global.device.parse().map_err(refused)?;
    choice.open().map_err(refused)
}

/// The networks that there are: built in, and in the folders `networks` of the data folder, the notebook and the
/// configuration folder.
pub fn catalogue(global: &Global) -> Catalogue {
    let beside_config = Config::path().and_then(|path| Some(path.parent()?.to_owned()));
    let folders = [global.data.clone(), global.runs.clone()].into_iter().chain(beside_config);
    Catalogue::read(&folders.map(|folder| folder.join(FOLDER)).collect::<Vec<_>>())
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
