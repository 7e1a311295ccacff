//! Each data set is read once, however many runs are about it.

use crate::dataset::{DataError, DataSet, load_source};
use crate::spec::DataSource;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Data sets by fingerprint, shared by a worker's slots.
#[derive(Debug)]
pub struct DataCache {
    data_dir: PathBuf,
    sets: Mutex<HashMap<String, Arc<DataSet>>>,
}

impl DataCache {
    /// An empty cache over a data folder.
    pub fn new(data_dir: PathBuf) -> Self {
        DataCache { data_dir, sets: Mutex::default() }
    }

    /// The data set that a spec is about. Refused where the recordings are not those that the run was enqueued with.
    pub fn get(&self, source: &DataSource) -> Result<Arc<DataSet>, DataError> {
        // Held while reading: two slots that want one set shall not read it twice. A panic while reading leaves no half set.
        let mut sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(set) = sets.get(&source.fingerprint) {
            return Ok(set.clone());
        }
        let set = Arc::new(load_source(source, &self.data_dir)?);
        sets.insert(source.fingerprint.clone(), set.clone());
        Ok(set)
    }
}
