//! From a name to a data set: a folder under the data folder, a path, the data folder itself, or the simulated set.

use super::findings::{self, Finding};
use super::{DataError, DataSet, folder, lies, memory, simulated};
use crate::disk::named;
use crate::spec::DataSource;
use std::io;
use std::path::{Path, PathBuf};

/// The folder that need not exist: nobody named it.
const DEFAULT_FOLDER: &str = "data";

/// Reads the data set that `--data-set NAME` means: `simulated`, a folder under `data_dir`, or any path. Without a name
/// it is `data_dir` itself if npz files lie in it, and the simulated set if nothing lies in it.
pub fn load(name: Option<&str>, data_dir: &Path) -> Result<DataSet, DataError> {
    match locate(name, data_dir)? {
        Some(folder) => read(&folder),
        None => Ok(simulated::simulate()),
    }
}

/// A data set and what was noticed about it.
#[derive(Clone, Debug)]
pub struct Looked {
    /// The set.
    pub data: DataSet,
    /// In the order of the table.
    pub findings: Vec<Finding>,
}

/// Reads the data set of a name as [`load`] does, and looks it over.
pub fn look(name: Option<&str>, data_dir: &Path) -> Result<Looked, DataError> {
    match locate(name, data_dir)? {
        None => Ok(Looked::simulated()),
        Some(folder) => look_over(&folder),
    }
}

impl Looked {
    fn simulated() -> Self {
        Looked::of(simulated::simulate(), Vec::new())
    }

    fn of(data: DataSet, in_files: Vec<Finding>) -> Self {
        let mut findings = in_files;
        findings.extend(findings::in_set(&data));
        Looked { data, findings }
    }
}

fn look_over(folder: &Path) -> Result<Looked, DataError> {
    let folder = rooted(folder)?;
    let mut apart = folder::files(&folder, memory::most_values())?;
    apart.beside = lies::unread(&folder)?;
    let findings = findings::in_files(&apart);
    Ok(Looked::of(folder::join(&folder, apart)?, findings))
}

/// Reads the data set that a spec was enqueued with, from where it was then or, if it has moved, by its name. Refuses it
/// if the recordings have changed since.
pub fn load_source(source: &DataSource, data_dir: &Path) -> Result<DataSet, DataError> {
    let data = found(source, data_dir, read)?.unwrap_or_else(simulated::simulate);
    unchanged(source, &data)?;
    Ok(data)
}

/// Reads the data set that a spec was enqueued with as [`load_source`] does, and looks it over.
pub fn look_source(source: &DataSource, data_dir: &Path) -> Result<Looked, DataError> {
    let looked = found(source, data_dir, look_over)?.unwrap_or_else(Looked::simulated);
    unchanged(source, &looked.data)?;
    Ok(looked)
}

/// What is read where a spec's recordings lie now; `None` for the simulated set.
fn found<T>(
    source: &DataSource,
    data_dir: &Path,
    read: impl Fn(&Path) -> Result<T, DataError>,
) -> Result<Option<T>, DataError> {
    let gone = |path: &Path| DataError::Gone {
        name: source.name.clone(),
        path: path.to_owned(),
        data_dir: data_dir.to_owned(),
    };
    match &source.path {
        None => Ok(None),
        Some(path) if lies::is_folder(path)? => read(path).map(Some),
        Some(path) => {
            let moved = data_dir.join(&source.name);
            if lies::is_folder(&moved)? { read(&moved).map(Some) } else { Err(gone(path)) }
        }
    }
}

fn unchanged(source: &DataSource, data: &DataSet) -> Result<(), DataError> {
    match data.source.fingerprint == source.fingerprint {
        true => Ok(()),
        false => Err(DataError::Changed {
            name: source.name.clone(),
            simulated: source.is_simulated(),
            expected: source.fingerprint.clone(),
            found: data.source.fingerprint.clone(),
        }),
    }
}

/// The folder that a name means; `None` for the simulated set.
pub fn locate(name: Option<&str>, data_dir: &Path) -> Result<Option<PathBuf>, DataError> {
    let Some(name) = name else {
        return match lies::is_folder(data_dir)? {
            true if !lies::subjects(data_dir)?.is_empty() => Ok(Some(data_dir.to_owned())),
            // Simulated trials never stand in for what a person has put there.
            true if lies::anything(data_dir)? => Err(lies::nothing_to_read(data_dir)),
            true => Ok(None),
            false if data_dir == Path::new(DEFAULT_FOLDER) => Ok(None),
            false => Err(DataError::NoFolder(data_dir.to_owned())),
        };
    };
    if name == DataSource::SIMULATED {
        return Ok(None);
    }
    let places = [data_dir.join(name), PathBuf::from(name)];
    for path in places.into_iter().filter(|_| !name.is_empty()) {
        if lies::is_folder(&path)? {
            return Ok(Some(path));
        }
    }
    Err(DataError::UnknownName { name: name.to_owned(), known: names(data_dir)? })
}

/// Names of the folders with recordings under the data folder, sorted; none where there is no data folder. A folder that can't be
/// looked into may hold some, and is among them.
pub fn names(data_dir: &Path) -> Result<Vec<String>, DataError> {
    let mut names = Vec::new();
    if !lies::is_folder(data_dir)? {
        return Ok(names);
    }
    for path in named::list(data_dir).map_err(DataError::folder(data_dir))? {
        let is_set = match lies::subjects(&path) {
            Ok(subjects) => !subjects.is_empty(),
            Err(DataError::Folder { error, .. }) => error.kind() != io::ErrorKind::NotADirectory,
            Err(_) => true,
        };
        if is_set && !lies::is_passed_over(&path) {
            names.extend(path.file_name().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    Ok(names)
}

fn read(folder: &Path) -> Result<DataSet, DataError> {
    folder::read(&rooted(folder)?, memory::most_values())
}

/// Without links and dots, so that a spec still finds it from another working directory.
fn rooted(folder: &Path) -> Result<PathBuf, DataError> {
    folder.canonicalize().map_err(DataError::folder(folder))
}
