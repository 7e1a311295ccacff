//! Devices that were opened: each computed a tiny step, so that what does not work is said before a run is taken up.

use super::backend::{Backend, OpenGroup};
use super::choice::DeviceChoice;
use super::driver::Drivers;
use super::error::{Absent, DeviceError};
use super::place::{Accelerator, Place};
use crate::model::Network;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The devices that runs are computed on.
#[derive(Debug)]
pub struct Devices {
    drivers: Arc<dyn Drivers>,
    places: Vec<Place>,
    by_speed: bool,
    groups_runs: bool,
    remark: Option<String>,
    /// How many runs are computed at each place.
    busy: Mutex<Vec<usize>>,
    /// Groups that further runs may join: what their runs have in common, and where they are.
    groups: Mutex<Vec<(String, usize, OpenGroup)>>,
    dead: AtomicBool,
}

/// A run's turn at a place, with a device that is its own. Given back when it is dropped.
#[derive(Debug)]
pub struct Turn<'a> {
    devices: &'a Devices,
    index: usize,
    /// Everything of the run is computed on it: it has its own stream and handles.
    pub device: Backend,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut busy = self.devices.busy();
        busy[self.index] = busy[self.index].saturating_sub(1);
    }
}

impl Devices {
    /// Opens what was asked for. `auto` takes the CPU, and beside it the first accelerator that computes; where one should
    /// and does not, [`Devices::remark`] says so.
    pub fn open(choice: &DeviceChoice, drivers: Arc<dyn Drivers>) -> Result<Self, DeviceError> {
        let named = choice.named();
        let mut groups_runs = !named.is_empty();
        for &place in &named {
            groups_runs &= prove(drivers.as_ref(), place)?;
        }
        if !named.is_empty() {
            return Ok(Devices { groups_runs, ..Self::at(named, false, None, drivers) });
        }
        let mut remark = None;
        for accelerator in Accelerator::ALL {
            match prove(drivers.as_ref(), accelerator.first()) {
                Ok(_) => {
                    return Ok(Self::at(vec![Place::Cpu, accelerator.first()], true, None, drivers));
                }
                Err(DeviceError::NotBuiltIn { .. }) => {}
                // A machine without a card is no fault.
                Err(DeviceError::NoneHere { reason, .. }) if reason.is_empty() => {}
                Err(error) => {
                    remark.get_or_insert_with(|| format!("--device auto computes on the CPU: {error}"));
                }
            }
        }
        Ok(Self::at(vec![Place::Cpu], false, remark, drivers))
    }

    fn at(places: Vec<Place>, by_speed: bool, remark: Option<String>, drivers: Arc<dyn Drivers>) -> Self {
        let busy = Mutex::new(vec![0; places.len()]);
        let groups = Mutex::default();
        let dead = AtomicBool::new(false);
        Devices { drivers, places, by_speed, groups_runs: false, remark, busy, groups, dead }
    }

    /// Whether what was asked for is there, as far as that can be told without opening it. Nothing that was left open
    /// (`auto`) is missing.
    pub fn check(choice: &DeviceChoice, drivers: &dyn Drivers) -> Result<(), DeviceError> {
        choice.named().into_iter().try_for_each(|place| look(drivers, place))
    }

    /// Where runs are computed; more than one place where they are spread over cards, or the fastest is to be found.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// Whether a network is computed at the fastest of the places, instead of at the one with the fewest runs.
    pub fn by_speed(&self) -> bool {
        self.by_speed
    }

    /// How many runs are computed side by side where each place has one.
    pub fn side_by_side(&self) -> usize {
        if self.by_speed { 1 } else { self.places.len() }
    }

    /// What a person should know of the choice, such as why a card is not used.
    pub fn remark(&self) -> Option<&str> {
        self.remark.as_deref()
    }

    /// A turn at the place with the fewest runs.
    pub fn turn(&self) -> Result<Turn<'_>, DeviceError> {
        let index = {
            let mut busy = self.busy();
            let index = (0..busy.len()).min_by_key(|&index| busy[index]).unwrap_or(0);
            busy[index] += 1;
            index
        };
        self.start(index)
    }

    /// A turn at one of the places.
    pub fn turn_at(&self, place: Place) -> Result<Turn<'_>, DeviceError> {
        let index = self.places.iter().position(|&one| one == place).unwrap_or(0);
        self.busy()[index] += 1;
        self.start(index)
    }

    /// A turn beside runs that have `common` in common, to be computed with them on their card; else, and where there are `most` of them
    /// already, one of its own, which others may join.
    pub fn turn_with<'a>(
        &'a self,
        common: &str,
        most: usize,
        own: impl FnOnce() -> Result<Turn<'a>, DeviceError>,
    ) -> Result<Turn<'a>, DeviceError> {
        // Held while a card is started: whoever comes next finds it.
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let joined = groups.iter().filter(|(other, ..)| other == common);
        let joined = joined.filter_map(|(_, index, group)| Some((*index, group.join(most)?))).next();
        if let Some((index, device)) = joined {
            self.busy()[index] += 1;
            return Ok(Turn { devices: self, index, device });
        }
        let turn = own()?;
        if let Some(group) = turn.device.group() {
            groups.retain(|(.., group)| group.is_open());
            groups.push((common.to_owned(), turn.index, group));
        }
        Ok(turn)
    }

    /// Whether runs are computed on cards by kernels that take several at once.
    pub fn may_group(&self) -> bool {
        self.groups_runs
    }

    /// Starts a device for a place whose runs count one more already.
    fn start(&self, index: usize) -> Result<Turn<'_>, DeviceError> {
        let place = self.places[index];
        match self.drivers.start(place) {
            Ok(device) => Ok(Turn { devices: self, index, device }),
            Err(reason) => {
                self.busy()[index] -= 1;
                Err(DeviceError::Unavailable { device: place, reason })
            }
        }
    }

    /// The name of a place's device, and the seconds that a training step of a network takes there.
    pub fn seconds_a_step(
        &self,
        place: Place,
        network: &Network,
        batch: usize,
    ) -> Result<(String, f64), DeviceError> {
        let failed = |reason| DeviceError::Unavailable { device: place, reason };
        let device = self.drivers.start(place).map_err(failed)?;
        let seconds = self.drivers.seconds_a_step(place, &device, network, batch).map_err(failed)?;
        Ok((device.name(), seconds))
    }

    /// Takes note that this process can't compute any more. Whether that is news.
    pub fn died(&self) -> bool {
        !self.dead.swap(true, Ordering::Relaxed)
    }

    /// Whether this process can't compute any more.
    pub fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    fn busy(&self) -> std::sync::MutexGuard<'_, Vec<usize>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether there is such a device, as its driver counts them.
fn look(drivers: &dyn Drivers, place: Place) -> Result<(), DeviceError> {
    let Some(kind) = place.accelerator() else { return Ok(()) };
    let none = |reason| DeviceError::NoneHere { device: place, kind, reason };
    match drivers.count(kind) {
        Err(Absent::NotBuiltIn) => Err(DeviceError::NotBuiltIn { device: place, feature: kind.feature() }),
        Err(Absent::Driver(reason)) => Err(none(reason)),
        Ok(0) => Err(none(String::new())),
        Ok(count) if place.number() >= count => Err(DeviceError::NoSuchCard { device: place, count }),
        Ok(_) => Ok(()),
    }
}

/// Starts a device and has it compute a tiny step. What was started is closed again: each run starts its own. Whether several runs can
/// be computed together there.
fn prove(drivers: &dyn Drivers, place: Place) -> Result<bool, DeviceError> {
    if place == Place::Cpu {
        return Ok(false);
    }
    look(drivers, place)?;
    let failed = |reason| DeviceError::Unavailable { device: place, reason };
    let device = drivers.start(place).map_err(failed)?;
    drivers.compute(place, &device).map_err(failed)?;
    Ok(device.group().is_some())
}

#[cfg(test)]
mod tests {
    use super::super::fake::Cards;
    use super::*;

    fn open(choice: &str, cards: Cards) -> Result<Devices, DeviceError> {
        Devices::open(&choice.parse().unwrap(), Arc::new(cards))
    }

    fn refused(choice: &str, cards: Cards) -> String {
        open(choice, cards).unwrap_err().to_string()
    }

    #[test]
    fn a_program_without_cuda_names_the_feature() {
        let said = refused("cuda:1", Cards::not_built_in());
        assert!(said.contains("without cuda:1") && said.contains("--features cuda"), "{said}");
        assert_eq!(open("auto", Cards::not_built_in()).unwrap().remark(), None);
        assert_eq!(
            open("auto", Cards::of(0)).unwrap().remark(),
            None,
            "a machine without a card is no fault"
        );
    }

    #[test]
    fn a_machine_without_a_card_says_so() {
        let said = refused("cuda", Cards::of(0));
        assert!(said.starts_with("cuda:0 can't be used: no NVIDIA card is seen on this machine;"), "{said}");
        let said = refused("cuda", Cards::broken("libcuda.so: not found"));
        assert!(said.contains("(libcuda.so: not found)") && said.contains("--device cpu"), "{said}");
    }

    #[test]
    fn a_number_too_high_is_told_how_many_cards_there_are() {
        assert_eq!(refused("cuda:0,1", Cards::of(1)), "there is no cuda:1: this machine has 1 card, cuda:0");
        assert_eq!(
            refused("cuda:2", Cards::of(2)),
            "there is no cuda:2: this machine has 2 cards, cuda:0 and cuda:1"
        );
        assert!(refused("cuda:9", Cards::of(4)).ends_with("4 cards, cuda:0 to cuda:3"));
    }

    #[test]
    fn a_card_that_starts_and_does_not_compute_is_refused_when_it_is_opened() {
        let cards = || Cards { computes: Err("CUDA_ERROR_NO_BINARY_FOR_GPU".into()), ..Cards::of(1) };
        let said = refused("cuda", cards());
        assert!(said.starts_with("cuda:0 could not be started (CUDA_ERROR_NO_BINARY_FOR_GPU)"), "{said}");
        let auto = open("auto", cards()).unwrap();
        assert_eq!(auto.places(), [Place::Cpu]);
        let remark = auto.remark().unwrap();
        assert!(remark.starts_with("--device auto computes on the CPU: cuda:0 could not be"), "{remark}");
    }

    #[test]
    fn auto_says_why_a_broken_driver_is_not_used_and_weighs_a_card_that_works() {
        let auto = open("auto", Cards::broken("driver/library version mismatch")).unwrap();
        assert!(auto.remark().unwrap().contains("driver/library version mismatch"));
        let auto = open("auto", Cards::of(2)).unwrap();
        assert_eq!((auto.places(), auto.by_speed()), (&[Place::Cpu, Place::Cuda(0)][..], true));
        assert_eq!((auto.remark(), auto.side_by_side()), (None, 1));
    }

    #[test]
    fn runs_are_spread_over_the_cards_and_each_has_a_device_of_its_own() {
        let cards = Arc::new(Cards::of(2));
        let devices = Devices::open(&"cuda:0,1".parse().unwrap(), cards.clone()).unwrap();
        let opened = cards.started_at().len();
        let (one, two, three) = (devices.turn().unwrap(), devices.turn().unwrap(), devices.turn().unwrap());
        drop(two);
        let four = devices.turn().unwrap();
        assert_eq!(cards.started_at()[opened..], [0, 1, 0, 1].map(Place::Cuda));
        drop((one, three, four));
        assert!(devices.busy().iter().all(|&runs| runs == 0));
        assert_eq!(devices.side_by_side(), 2);
    }

    #[test]
    fn a_look_opens_nothing() {
        let cards = Cards::of(1);
        assert!(Devices::check(&"cuda:1".parse().unwrap(), &cards).is_err());
        Devices::check(&"cuda:0".parse().unwrap(), &cards).unwrap();
        Devices::check(&"auto".parse().unwrap(), &cards).unwrap();
        assert!(cards.started_at().is_empty());
    }
}
