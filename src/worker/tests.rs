//! Workers on cards that fail as a test tells them to.

use super::{Calls, DataCache, Fastest, Machine, Options, Report, Watch, work};
use crate::dataset::tests::sample::{LABELS, sound, write_subject};
use crate::dataset::{self, DataSet};
use crate::event::Event;
use crate::model::{Activation, Model};
use crate::nn::cuda::emulated::Emulation;
use crate::nn::device::Devices;
use crate::nn::device::fake::Cards;
use crate::notebook::{Notebook, RunState};
use crate::spec::{Rule, Spec};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
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
        self.work_watched(&Arc::new(cards), slots, Arc::new(|_, _| {}))
    }

    fn work_watched(&self, cards: &Arc<Cards>, slots: usize, watch: Watch) -> Report {
        let machine = Machine {
            devices: Devices::open(&"cuda:0".parse().unwrap(), cards.clone()).unwrap(),
            fastest: Fastest::of(Path::new("never read")),
            threads: 1,
            data: DataCache::new(self.path("data")),
            notebook: self.notebook(),
        };
        let options = Options { slots, once: true, retries: 0, patience: Duration::ZERO, detached: false };
        work(machine, options, watch, || Ok(Calls::within(Arc::default()))).unwrap()
    }

    /// A run of a sweep, of three epochs.
    fn enqueue_of_sweep(&self, alpha: f64, seed: u64) -> String {
        let recipe = Spec::recipe(Model::eegnet(), Activation::Elu { alpha }, self.data.source.clone());
        self.notebook().enqueue(&Spec { seed, epochs: 3, batch: 4, validation: 0.0, ..recipe }).unwrap()
    }

    /// The first epoch of each lasts until all have started; `then` is told of each.
    fn when_all_have_started(&self, ids: &[String], then: impl Fn(&str) + Send + Sync + 'static) -> Watch {
        let ids = ids.to_vec();
        let (started, news) = (Mutex::new(0), Condvar::new());
        Arc::new(move |id, record| match &record.event {
            Event::Started(_) if ids.iter().any(|one| one == id) => {
                *started.lock().unwrap() += 1;
                news.notify_all();
            }
            Event::Epoch(epoch) if epoch.epoch == 1 && ids.iter().any(|one| one == id) => {
                drop(news.wait_while(started.lock().unwrap(), |started| *started < ids.len()).unwrap());
                then(id);
            }
            _ => {}
        })
    }

    /// What a finished run computed: losses of all epochs, and what its last weights say.
    fn computed(&self, id: &str) -> (Vec<[f64; 2]>, Option<String>) {
        let dir = self.notebook().run(id).unwrap();
        let epochs = dir.epochs().unwrap();
        let losses = epochs.iter().map(|epoch| [epoch.train_loss, epoch.test_loss]).collect();
        (losses, dir.predictions(Rule::Last).unwrap())
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

/// Runs of a sweep on an emulated card; where there is no C++ compiler there is none.
#[test]
fn runs_that_go_together_are_computed_together_on_a_card_with_the_bits_of_each_alone() {
    let Some(emulation) = Emulation::of_this_machine() else { return };
    let sweep = [(1.0, 0), (0.3, 0), (0.3, 1)];
    let place = Place::new();
    let ids = sweep.map(|(alpha, seed)| place.enqueue_of_sweep(alpha, seed));
    let another = place.enqueue(0);
    let cards = Arc::new(Cards::of(1).emulated(emulation));
    // A person gives one of them up.
    let (notebook, cancelled) = (place.notebook(), ids[1].clone());
    let watch = place.when_all_have_started(&ids, move |id| {
        if id == cancelled {
            notebook.cancel(id).unwrap();
        }
    });
    let report = place.work_watched(&cards, 1, watch);
    assert_eq!(report.failed, 0, "{report:?}");
    assert_eq!(
        cards.started_at().len(),
        3,
        "to open it, for the group, and for the run that is no part of it"
    );
    assert_eq!(place.state(&another).0, RunState::Finished);
    for (id, (alpha, seed)) in [0, 2].map(|at| (&ids[at], sweep[at])) {
        assert_eq!(place.state(id).0, RunState::Finished);
        let alone = Place::new();
        let again = alone.enqueue_of_sweep(alpha, seed);
        alone.work(Cards::of(1).emulated(emulation), 1);
        assert_eq!(place.computed(id), alone.computed(&again), "α {alpha}, seed {seed}");
    }
}

#[test]
fn pausing_failing_and_resuming_one_run_of_a_group_leaves_the_others_the_bits_of_each_alone() {
    let Some(emulation) = Emulation::of_this_machine() else { return };
    let cards = || Arc::new(Cards::of(1).emulated(emulation));
    let place = Place::new();
    let (steady, paused) = (place.enqueue_of_sweep(1.0, 0), place.enqueue_of_sweep(0.3, 0));
    let spec = place.notebook().run(&steady).unwrap().spec().unwrap();
    let failing = place.notebook().enqueue(&Spec { seed: 7, lr: 1e30, ..spec }).unwrap();
    let ids = [steady.clone(), paused.clone(), failing.clone()];
    let (notebook, asked) = (place.notebook(), paused.clone());
    let watch = place.when_all_have_started(&ids, move |id| {
        if id == asked {
            notebook.pause(id).unwrap();
        }
    });
    let first = cards();
    let report = place.work_watched(&first, 1, watch);
    assert_eq!((report.finished, report.failed), (1, 1), "{report:?}");
    assert_eq!(first.started_at().len(), 2, "to open it, and for the group");
    let states = [&steady, &paused, &failing].map(|id| place.state(id).0);
    assert_eq!(states, [RunState::Finished, RunState::Paused, RunState::Failed]);
    // It goes on from its checkpoint in a group with another.
    place.notebook().resume(&paused).unwrap();
    let later = place.enqueue_of_sweep(0.6, 2);
    let second = cards();
    let none = place.when_all_have_started(&[], |_| {});
    assert_eq!(place.work_watched(&second, 1, none).finished, 2);
    assert_eq!(second.started_at().len(), 2, "to open it, and for both");
    for (id, (alpha, seed)) in [(&steady, (1.0, 0)), (&paused, (0.3, 0)), (&later, (0.6, 2))] {
        let alone = Place::new();
        let again = alone.enqueue_of_sweep(alpha, seed);
        alone.work_watched(&cards(), 1, Arc::new(|_, _| {}));
        assert_eq!(place.computed(id), alone.computed(&again), "α {alpha}, seed {seed}");
    }
}
