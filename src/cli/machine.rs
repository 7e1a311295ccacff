//! What the global options say about where to train.

use super::{Failure, Global};
use crate::catalogue::{Catalogue, FOLDER};
use crate::nn::device::{DeviceChoice, DeviceError, Devices, RealDrivers};
use crate::notebook::Notebook;
use crate::tui::config::Config;
use crate::worker::{DataCache, Fastest, Machine};
use std::sync::Arc;

/// Opens the devices that were asked for.
pub fn devices(global: &Global) -> Result<Devices, Failure> {
    Devices::open(&choice(global)?, Arc::new(RealDrivers)).map_err(refused)
}

/// Refuses a device that this machine does not have, without opening one: what `--device` says must make sense in commands
/// that compute nothing, too.
pub fn check_device(global: &Global) -> Result<(), Failure> {
    Devices::check(&choice(global)?, &RealDrivers).map_err(refused)
}

/// The devices that were asked for, whether there are any or not.
pub fn choice(global: &Global) -> Result<DeviceChoice, Failure> {
    global.device.parse().map_err(refused)
}

/// Refuses to ask a cluster for cards that this program would not compute on. Which cards there are only the machine that trains knows.
pub fn check_cards(global: &Global, gpus: u32) -> Result<(), Failure> {
    let choice = choice(global)?;
    let asked = match choice {
        DeviceChoice::Auto if gpus > 0 => DeviceChoice::Cuda(vec![0]),
        DeviceChoice::Cpu if gpus > 0 => {
            return Err(Failure::usage(
                "--gpus asks for cards on which --device cpu does not compute; leave one of them out",
            ));
        }
        choice => choice,
    };
    match Devices::check(&asked, &RealDrivers) {
        Err(error @ DeviceError::NotBuiltIn { .. }) => Err(refused(error)),
        _ => Ok(()),
    }
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
    match error.is_bad_usage() {
        true => Failure::usage(error.to_string()),
        false => Failure::work(error.to_string()),
    }
}

/// What trains, with this many runs at once on each card, which share out the threads.
pub fn machine(global: &Global, slots: usize) -> Result<Machine, Failure> {
    let devices = devices(global)?;
    let runs = slots.max(1) * devices.side_by_side();
    Ok(Machine {
        fastest: Fastest::of(&global.runs),
        threads: (global.threads() / runs).max(1),
        devices,
        data: DataCache::new(global.data.clone()),
        notebook: Notebook::open(&global.runs),
    })
}
