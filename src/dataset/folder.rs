//! A folder of recordings: `<subject>_train.npz` and `<subject>_test.npz`, joined into one data set.

use super::fingerprint::fingerprint;
use super::known;
use super::npz::NpzError;
use super::recording::{Recording, RecordingError};
use super::{DataError, DataSet, TrialSet};
use crate::disk::named;
use crate::spec::DataSource;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// The files of one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Files {
    /// What networks learn from, and what they are judged on.
    Both(PathBuf, PathBuf),
    /// The first alone.
    Train(PathBuf),
    /// The second alone.
    Test(PathBuf),
}

impl Files {
    /// The files that are there, the training file first.
    pub fn paths(&self) -> Vec<&Path> {
        match self {
            Files::Both(train, test) => vec![train, test],
            Files::Train(path) | Files::Test(path) => vec![path],
        }
    }

    /// Both files, or which one is missing.
    pub fn pair(&self) -> Result<(&Path, &Path), DataError> {
        match self {
            Files::Both(train, test) => Ok((train, test)),
            Files::Train(have) => Err(DataError::Unpaired { have: have.clone(), lacks: "_test" }),
            Files::Test(have) => Err(DataError::Unpaired { have: have.clone(), lacks: "_train" }),
        }
    }
}

/// The npz files of a folder by subject, in name order; files of other names are no recordings.
pub fn subjects(folder: &Path) -> Result<BTreeMap<String, Files>, DataError> {
    let unreadable = |error| DataError::Folder { path: folder.to_owned(), error };
    let (mut train, mut test) = (BTreeMap::new(), BTreeMap::new());
    for path in named::list(folder).map_err(unreadable)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(subject) = name.strip_suffix("_train.npz") {
            train.insert(subject.to_owned(), path);
        } else if let Some(subject) = name.strip_suffix("_test.npz") {
            test.insert(subject.to_owned(), path);
        }
    }
    let mut subjects = BTreeMap::new();
    for (subject, path) in train {
        let files = match test.remove(&subject) {
            Some(test) => Files::Both(path, test),
            None => Files::Train(path),
        };
        subjects.insert(subject, files);
    }
    subjects.extend(test.into_iter().map(|(subject, path)| (subject, Files::Test(path))));
    Ok(subjects)
}

/// Reads a folder's recordings. `limit` is the most values that all of them together may hold.
pub fn read(folder: &Path, limit: usize) -> Result<DataSet, DataError> {
    let subjects = subjects(folder)?;
    if subjects.is_empty() {
        return Err(DataError::EmptyFolder(folder.to_owned()));
    }
    if subjects.len() > usize::from(u16::MAX) {
        return Err(DataError::TooManySubjects(subjects.len()));
    }
    let (mut train, mut test) = (Vec::new(), Vec::new());
    let mut left = limit;
    for files in subjects.values() {
        let (train_path, test_path) = files.pair()?;
        for (path, part) in [(train_path, &mut train), (test_path, &mut test)] {
            let recording = read_file(path, left)?;
            left -= recording.signal.len();
            part.push((path.to_owned(), recording));
        }
    }
    join(folder, subjects.into_keys().collect(), train, test)
}

/// Reads one recording.
pub fn read_file(path: &Path, limit: usize) -> Result<Recording, DataError> {
    open(path, |reader| Recording::read(reader, limit))
}

/// Opens a file for a reader of recordings; what that finds wrong gets the file's name.
pub fn open<T>(
    path: &Path,
    read: impl FnOnce(BufReader<File>) -> Result<T, RecordingError>,
) -> Result<T, DataError> {
    let opened = named::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidInput => NpzError::NoFile,
        _ => error.into(),
    });
    opened
        .map_err(RecordingError::from)
        .and_then(|file| read(BufReader::new(file)))
        .map_err(|fault| DataError::Recording { path: path.to_owned(), fault: Box::new(fault) })
}

type Part = Vec<(PathBuf, Recording)>;

fn join(folder: &Path, subjects: Vec<String>, train: Part, test: Part) -> Result<DataSet, DataError> {
    let all = || train.iter().chain(&test);
    let Some((first_path, first)) = all().next() else {
        return Err(DataError::EmptyFolder(folder.to_owned()));
    };
    for (path, recording) in all() {
        if (recording.samples, recording.electrodes) != (first.samples, first.electrodes) {
            return Err(DataError::Shapes {
                path: path.clone(),
                shape: (recording.samples, recording.electrodes),
                other: first_path.clone(),
                other_shape: (first.samples, first.electrodes),
            });
        }
    }
    let mut sfreq = agreed("sampling rate", all().filter_map(|(path, it)| Some((path, it.sfreq?))))?;
    let mut electrodes =
        agreed("electrode names", all().filter_map(|(path, it)| Some((path, it.names.clone()?))))?;
    if (sfreq, &electrodes) == (None, &None) && known::are_published(all().map(|(path, _)| path.as_path())) {
        sfreq = Some(known::SFREQ);
        electrodes = Some(known::ELECTRODES.map(str::to_owned).to_vec());
    }
    let unnamed = || (1..=first.electrodes).map(|index| format!("E{index}")).collect();
    let classes = classes(&train)?;
    let mut data = DataSet {
        source: DataSource {
            name: name_of(folder),
            path: Some(folder.to_owned()),
            fingerprint: String::new(),
        },
        electrodes: electrodes.unwrap_or_else(unnamed),
        sfreq,
        classes: classes.iter().map(f64::to_string).collect(),
        subjects,
        train: concatenate(train, &classes)?,
        test: concatenate(test, &classes)?,
    };
    data.source.fingerprint = fingerprint(&data);
    Ok(data)
}

/// The last part of the folder's path.
pub fn name_of(folder: &Path) -> String {
    match folder.file_name() {
        Some(name) => name.to_string_lossy().into_owned(),
        None => folder.display().to_string(),
    }
}

/// What all files that say something say; `None` where none does.
fn agreed<'a, T: PartialEq + 'a>(
    what: &'static str,
    said: impl Iterator<Item = (&'a PathBuf, T)>,
) -> Result<Option<T>, DataError> {
    let mut first: Option<(&PathBuf, T)> = None;
    for (path, value) in said {
        match &first {
            Some((other, known)) if *known != value => {
                return Err(DataError::Disagree { what, path: path.clone(), other: (*other).clone() });
            }
            Some(_) => {}
            None => first = Some((path, value)),
        }
    }
    Ok(first.map(|(_, value)| value))
}

/// The distinct labels of the training trials, ascending.
fn classes(train: &[(PathBuf, Recording)]) -> Result<Vec<f64>, DataError> {
    let mut labels: Vec<f64> = train.iter().flat_map(|(_, recording)| &recording.labels).copied().collect();
    labels.sort_by(f64::total_cmp);
    labels.dedup();
    match (&labels[..], train) {
        ([label], [(path, _), ..]) => Err(DataError::OneClass { path: path.clone(), label: *label }),
        _ => Ok(labels),
    }
}

fn concatenate(part: Part, classes: &[f64]) -> Result<TrialSet, DataError> {
    let mut set = TrialSet::default();
    for (subject, (path, recording)) in part.into_iter().enumerate() {
        for label in &recording.labels {
            let class = classes
                .iter()
                .position(|class| class == label)
                .ok_or_else(|| DataError::UnknownLabel { path: path.clone(), label: *label })?;
            set.labels.push(class as u32);
            set.subjects.push(subject as u16);
        }
        set.samples = recording.samples;
        set.electrodes = recording.electrodes;
        set.signal.extend(recording.signal);
    }
    Ok(set)
}
