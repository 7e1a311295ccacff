//! Which device computes a network the fastest: measured once for each network, size of batch and set of devices of a machine,
//! and kept in the notebook, so that all runs of one experiment are computed alike, and a run goes on where it began.

use crate::disk::Disk;
use crate::model::Network;
use crate::nn::device::{DeviceError, Devices, Place};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The longest that is read: some ten thousand measurements.
const LIMIT: u64 = 1 << 22;

/// One device's time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Measured {
    /// Where, as in `--device`.
    device: String,
    /// What it is called there: another card in its place is measured anew.
    name: String,
    /// Seconds of a training step.
    seconds: f64,
}

/// Measurements by machine, network and batch.
type Table = BTreeMap<String, Vec<Measured>>;

/// The measurements of a notebook.
#[derive(Debug)]
pub struct Fastest {
    path: PathBuf,
    /// Held while measuring: two runs that measured side by side would measure one another.
    measuring: Mutex<()>,
}

impl Fastest {
    /// Those in a notebook's folder.
    pub fn of(runs: &Path) -> Self {
        Fastest { path: runs.join(".step-seconds"), measuring: Mutex::new(()) }
    }

    /// The place that computes a network the fastest. A device that fails at it is not the fastest.
    pub fn place(
        &self,
        disk: &dyn Disk,
        devices: &Devices,
        threads: usize,
        network: &Network,
        batch: usize,
    ) -> Result<Place, DeviceError> {
        let _alone = self.measuring.lock().unwrap_or_else(PoisonError::into_inner);
        let key = key(network, batch, threads);
        let mut table = self.read(disk);
        let known = table.get(&key).and_then(|rows| fastest(devices.places(), rows));
        if let Some(place) = known {
            return Ok(place);
        }
        let mut rows = Vec::new();
        let mut failed = None;
        for &place in devices.places() {
            match devices.seconds_a_step(place, network, batch) {
                Ok((name, seconds)) => {
                    tracing::info!(device = name, seconds, key, "measured a training step");
                    rows.push(Measured { device: place.to_string(), name, seconds });
                }
                Err(error) => {
                    tracing::warn!(%error, key, "a training step can't be measured");
                    rows.push(Measured { device: place.to_string(), name: String::new(), seconds: f64::MAX });
                    failed = Some(error);
                }
            }
        }
        let place = fastest(devices.places(), &rows);
        let computes = rows.iter().any(|row| row.seconds < f64::MAX);
        table.insert(key, rows);
        self.write(disk, &table);
        match (place, failed) {
            (Some(place), _) if computes => Ok(place),
            (_, Some(error)) => Err(error),
            (_, None) => Ok(Place::Cpu),
        }
    }

    fn read(&self, disk: &dyn Disk) -> Table {
        let text = disk.read_text(&self.path, LIMIT).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// What can't be kept is measured again.
    fn write(&self, disk: &dyn Disk, table: &Table) {
        if let Ok(text) = serde_json::to_string_pretty(table)
            && let Err(error) = disk.replace(&self.path, text.as_bytes())
        {
            tracing::warn!(%error, "the measured times of the devices can't be kept");
        }
    }
}

/// The fastest of the places; `None` where one of them was not measured.
fn fastest(places: &[Place], rows: &[Measured]) -> Option<Place> {
    let seconds = |place: &Place| {
        let name = place.to_string();
        rows.iter().find(|row| row.device == name).map(|row| row.seconds)
    };
    let timed: Option<Vec<(f64, Place)>> =
        places.iter().map(|place| Some((seconds(place)?, *place))).collect();
    // The first of equals: the CPU.
    timed?.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, place)| place)
}

fn key(network: &Network, batch: usize, threads: usize) -> String {
    let geometry = network.geometry;
    format!(
        "{} {} of {} values, {} x {}, batch {batch}, {threads} threads",
        super::host(),
        network.model.name(),
        network.parameter_count(),
        geometry.channels,
        geometry.samples
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk;
    use crate::model::{Activation, Geometry, Model};
    use crate::nn::device::fake::Cards;
    use std::sync::Arc;

    fn network() -> Network {
        let geometry = Geometry { channels: 2, samples: 64, classes: 2, sfreq: None };
        Model::eegnet().network(geometry, Activation::Relu, 0.0).unwrap()
    }

    fn place(runs: &Path, cards: &Arc<Cards>, batch: usize) -> Result<Place, DeviceError> {
        let devices = Devices::open(&"auto".parse().unwrap(), cards.clone()).unwrap();
        Fastest::of(runs).place(disk::real().as_ref(), &devices, 2, &network(), batch)
    }

    #[test]
    fn the_faster_device_is_taken_and_measured_once() {
        let runs = tempfile::tempdir().unwrap();
        let cards = Arc::new(Cards::of(1));
        assert_eq!(place(runs.path(), &cards, 256), Ok(Place::Cuda(0)));
        assert_eq!(place(runs.path(), &cards, 256), Ok(Place::Cuda(0)));
        assert_eq!(cards.times_measured(), 2, "the CPU and the card, once each");
        let slow = Arc::new(Cards { seconds: (0.1, 0.5), ..Cards::of(1) });
        assert_eq!(place(runs.path(), &slow, 32), Ok(Place::Cpu));
        assert_eq!(place(runs.path(), &slow, 256), Ok(Place::Cuda(0)), "as it was measured before");
    }
}
