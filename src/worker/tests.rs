//! Workers on cards that fail as a test tells them to.

use super::{Calls, DataCache, Fastest, Machine, Options, Report, work};
use crate::dataset::tests::sample::{LABELS, sound, write_subject};
use crate::dataset::{self, DataSet};
use crate::model::{Activation, Model};
use crate::nn::device::Devices;
use crate::nn::device::fake::Cards;
use crate::notebook::{Notebook, RunState};
use crate::spec::Spec;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const DIED: &str = "DriverError(CUDA_ERROR_ILLEGAL_ADDRESS, \"an illegal memory access was encountered\")";
const FULL: &str = "CublasError(CUBLAS_STATUS_ALLOC_FAILED)";

/// A notebook, and eight tiny trials to train on.
struct Place {
    folder: tempfile::TempDir,
    data: DataSet,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let recordings = folder.path().join("data");
        std::fs::create_dir(&recordings).unwrap();
        write_subject(&recordings, "a", &sound(LABELS), &sound(LABELS));
        let data = dataset::load(None, &recordings).unwrap();
        Place { folder, data }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn notebook(&self) -> Notebook {
        Notebook::open(self.path("runs"))
    }

    fn enqueue(&self, seed: u64) -> String {
        let recipe = Spec::recipe(Model::eegnet(), Activation::Relu, self.data.source.clone());
        self.notebook().enqueue(&Spec { seed, epochs: 1, batch: 4, validation: 0.0, ..recipe }).unwrap()
    }

    fn state(&self, id: &str) -> (RunState, Option<String>) {
        let summary = self.notebook().summary(id).unwrap();
        (summary.state, summary.message)
    }

    /// A process that works until the queue is empty or its device dies.
    fn work(&self, cards: Cards, slots: usize) -> Report {
        let machine = Machine {
            devices: Devices::open(&"cuda:0".parse().unwrap(), Arc::new(cards)).unwrap(),
            fastest: Fastest::of(Path::new("never read")),
            threads: 1,
            data: DataCache::new(self.path("data")),
            notebook: self.notebook(),
        };
        let options = Options { slots, once: true, retries: 0, patience: Duration::ZERO, detached: false };
        work(machine, options, Arc::new(|_, _| {}), || Ok(Calls::within(Arc::default()))).unwrap()
    }
}

#[test]
fn a_device_that_dies_ends_the_process_and_the_run_is_tried_once_more() {
    let place = Place::new();
    let (one, two) = (place.enqueue(0), place.enqueue(1));
    let report = place.work(Cards::of(1).failing(&[Some(DIED)]), 1);
    assert!(report.device_died && !report.interrupted, "{report:?}");
    assert_eq!((report.finished, report.failed), (0, 0), "nothing more is tried in a dead process");
    let (state, message) = place.state(&one);
    assert_eq!(state, RunState::Queued);
    assert!(message.unwrap().starts_with("it is tried once more: cuda:0 could not be started"));
    let report = place.work(Cards::of(1), 1);
    assert_eq!((report.finished, report.device_died), (2, false));
    assert_eq!([&one, &two].map(|id| place.state(id).0), [RunState::Finished; 2]);
}

#[test]
fn a_run_under_which_the_device_dies_again_fails_by_name_and_the_next_goes_on() {
    let place = Place::new();
    let one = place.enqueue(0);
    assert!(place.work(Cards::of(1).failing(&[Some(DIED)]), 1).device_died);
    let two = place.enqueue(1);
    // The other run goes first now; then this one, in the same process.
    let report = place.work(Cards::of(1).failing(&[None, Some(DIED)]), 1);
    assert_eq!((report.finished, report.failed, report.device_died), (1, 1, false), "nothing is left to do");
    let (state, message) = place.state(&one);
    assert_eq!(state, RunState::Failed);
    assert!(message.unwrap().starts_with("the device failed for good under it twice: "));
    assert_eq!(place.state(&two).0, RunState::Finished);
    place.notebook().retry(&one).unwrap();
    assert!(place.work(Cards::of(1).failing(&[Some(DIED)]), 1).device_died, "a person's retry counts anew");
}

#[test]
fn runs_beside_the_one_under_which_a_device_died_are_not_blamed() {
    let place = Place::new();
    let ids = [place.enqueue(0), place.enqueue(1)];
    let report = place.work(Cards::of(1).failing(&[Some(DIED), Some(DIED)]), 2);
    assert!(report.device_died);
    let states = ids.map(|id| place.notebook().run(&id).unwrap().history().unwrap());
    assert_eq!(states.iter().filter(|history| history.died.is_some()).count(), 1);
    assert_eq!(place.work(Cards::of(1), 2).finished, 2);
}

#[test]
fn want_of_memory_fails_the_run_and_leaves_the_device_alone() {
    let place = Place::new();
    let (one, two) = (place.enqueue(0), place.enqueue(1));
    let report = place.work(Cards::of(1).failing(&[Some(FULL)]), 1);
    assert_eq!((report.finished, report.failed, report.device_died), (1, 1, false));
    let (state, message) = place.state(&one);
    assert_eq!(state, RunState::Failed);
    assert!(message.unwrap().starts_with("out of memory: take a smaller --batch"));
    assert_eq!(place.state(&two).0, RunState::Finished);
}

#[test]
fn a_broken_driver_is_told_with_each_run_that_auto_computes_on_the_cpu() {
    let place = Place::new();
    let id = place.enqueue(0);
    let cards = Arc::new(Cards::broken("driver/library version mismatch"));
    let machine = Machine {
        devices: Devices::open(&"auto".parse().unwrap(), cards).unwrap(),
        fastest: Fastest::of(Path::new("never read")),
        threads: 1,
        data: DataCache::new(place.path("data")),
        notebook: place.notebook(),
    };
    let options = Options { slots: 1, once: true, retries: 0, patience: Duration::ZERO, detached: false };
    let report = work(machine, options, Arc::new(|_, _| {}), || Ok(Calls::within(Arc::default()))).unwrap();
    assert_eq!(report.finished, 1);
    let started = place.notebook().summary(&id).unwrap().started.unwrap();
    assert_eq!(started.device, "cpu");
    let remark = started.remark.unwrap();
    assert!(remark.contains("computes on the CPU") && remark.contains("version mismatch"), "{remark}");
}
