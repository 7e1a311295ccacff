//! A notebook in a passing folder, on a disk that a test can fill.

use crate::disk::{self, Access, Disk, Entry, OpenFile, SharedDisk, Stat};
use crate::model::{Activation, Model};
use crate::notebook::{Notebook, RunDir};
use crate::spec::{DataSource, Spec};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A notebook with one queued run, and a folder for copies.
pub struct Place {
    root: tempfile::TempDir,
    disk: Arc<Filling>,
    id: String,
}

impl Place {
    pub fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let disk = Arc::new(Filling { disk: disk::real(), full: AtomicBool::new(false) });
        let mut place = Place { root, disk, id: String::new() };
        place.id = place.notebook().enqueue(&spec(0)).unwrap();
        place
    }

    pub fn notebook(&self) -> Notebook {
        Notebook::on(self.disk.clone(), self.root.path().join("runs"), crate::clock::now)
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn run(&self) -> RunDir {
        self.notebook().run(&self.id).unwrap()
    }

    pub fn folder(&self) -> &Path {
        self.root.path()
    }

    /// From now on nothing new can be written.
    pub fn fill(&self) {
        self.disk.full.store(true, Ordering::Relaxed);
    }
}

/// A run's spec, by its seed.
pub fn spec(seed: u64) -> Spec {
    let data = DataSource { name: "simulated".into(), path: None, fingerprint: "ab".into() };
    Spec { seed, ..Spec::recipe(Model::eegnet(), Activation::Relu, data) }
}

/// The machine's disk, until it is full.
#[derive(Debug)]
struct Filling {
    disk: SharedDisk,
    full: AtomicBool,
}

impl Disk for Filling {
    fn open(&self, path: &Path, access: Access) -> io::Result<Box<dyn OpenFile>> {
        match access {
            Access::New if self.full.load(Ordering::Relaxed) => Err(io::ErrorKind::StorageFull.into()),
            access => self.disk.open(path, access),
        }
    }

    fn stat(&self, path: &Path) -> io::Result<Stat> {
        self.disk.stat(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        self.disk.list(folder)
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.disk.make_folder(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.disk.rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.disk.remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.disk.remove_folder(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.disk.sync_folder(folder)
    }

    fn free_space(&self, folder: &Path) -> io::Result<u64> {
        self.disk.free_space(folder)
    }
}
