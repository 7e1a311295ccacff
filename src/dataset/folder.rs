//! A folder of recordings: `<subject>_train.npz` and `<subject>_test.npz`, or `<subject>.npz` where a run's split makes the
//! parts, joined into one data set.

use super::electrode;
use super::fingerprint::fingerprint;
use super::known;
use super::label::{self, Label, class_names, distinct};
use super::lies::{self, subjects};
use super::npz::NpzError;
use super::recording::{Recording, RecordingError};
use super::{DataError, DataSet, TrialSet};
use crate::disk::named;
use crate::spec::DataSource;
use std::fs::File;
use std::io;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// Reads a folder's recordings. `limit` is the most values that all of them together may hold.
pub fn read(folder: &Path, limit: usize) -> Result<DataSet, DataError> {
    join(folder, files(folder, limit)?)
}

/// Every recording of a folder, still apart.
pub fn files(folder: &Path, limit: usize) -> Result<Apart, DataError> {
    let subjects = subjects(folder)?;
    if subjects.is_empty() {
        return Err(lies::nothing_to_read(folder));
    }
    let mut apart = Apart::default();
    let mut left = limit;
    for (name, files) in &subjects {
        let (train, test) = files.parts()?;
        for (path, part) in [(Some(train), &mut apart.train), (test, &mut apart.test)] {
            let Some(path) = path else { continue };
            let recording = read_file(path, left)?;
            left -= recording.signal.len();
            part.push(Read { path: path.to_owned(), of: name.clone(), recording });
        }
    }
    Ok(apart)
}

/// The recordings of a folder, read and not yet joined.
#[derive(Clone, Debug, Default)]
pub struct Apart {
    /// What is learned from.
    pub train: Vec<Read>,
    /// What is judged on; none where a run's split makes that part.
    pub test: Vec<Read>,
    /// What lies beside them, looks like recordings and is not read; filled in by whoever reports on it.
    pub beside: Vec<PathBuf>,
}

/// A recording that was read.
#[derive(Clone, Debug)]
pub struct Read {
    /// From where.
    pub path: PathBuf,
    /// Whose it is by the file's name.
    pub of: String,
    /// What it holds.
    pub recording: Recording,
}

impl Apart {
    /// Training files, then test files.
    pub fn all(&self) -> impl Iterator<Item = &Read> {
        self.train.iter().chain(&self.test)
    }
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

/// Joins recordings to a set.
pub fn join(folder: &Path, apart: Apart) -> Result<DataSet, DataError> {
    let Some(Read { path: first_path, recording: first, .. }) = apart.all().next() else {
        return Err(lies::nothing_to_read(folder));
    };
    for Read { path, recording, .. } in apart.all() {
        if (recording.samples, recording.electrodes) != (first.samples, first.electrodes) {
            return Err(DataError::Shapes {
                path: path.clone(),
                shape: (recording.samples, recording.electrodes),
                other: first_path.clone(),
                other_shape: (first.samples, first.electrodes),
            });
        }
    }
    let mut sfreq =
        agreed("sampling rate", apart.all().filter_map(|it| Some((&it.path, it.recording.sfreq?))))?;
    let mut electrodes = electrodes(&apart)?;
    let named = apart.all().filter_map(|it| Some((&it.path, it.recording.class_names.clone()?)));
    let names_of_classes = agreed("class names", named)?;
    if (sfreq, &electrodes) == (None, &None) && known::are_published(apart.all().map(|it| it.path.as_path()))
    {
        sfreq = Some(known::SFREQ);
        electrodes = Some(known::ELECTRODES.map(str::to_owned).to_vec());
    }
    let unnamed = || (1..=first.electrodes).map(|index| format!("E{index}")).collect();
    let labels = labels(&apart)?;
    let test_labels = distinct(apart.test.iter().flat_map(|it| &it.recording.labels));
    let subjects = Names::of(apart.all().flat_map(|it| it.subjects().cloned()))?;
    let sessions = Names::of_all(&apart, |recording| recording.sessions.as_ref())?;
    let runs = Names::of_all(&apart, |recording| recording.runs.as_ref())?;
    let (samples, electrode_count) = (first.samples, first.electrodes);
    let join = |part: Vec<Read>| {
        let mut set = TrialSet { samples, electrodes: electrode_count, ..TrialSet::default() };
        for read in part {
            set.labels.extend(read.classes(&labels, &test_labels)?);
            set.subjects.extend(read.subjects().map(|name| subjects.index(name)));
            set.sessions.extend(sessions.indices(read.recording.sessions.as_ref()));
            set.runs.extend(runs.indices(read.recording.runs.as_ref()));
            set.signal.extend(read.recording.signal);
        }
        Ok::<TrialSet, DataError>(set)
    };
    let mut data = DataSet {
        source: DataSource {
            name: name_of(folder),
            path: Some(folder.to_owned()),
            fingerprint: String::new(),
        },
        electrodes: electrodes.unwrap_or_else(unnamed),
        sfreq,
        classes: class_names(&labels, names_of_classes.as_deref()),
        train: join(apart.train)?,
        test: join(apart.test)?,
        subjects: subjects.0,
        sessions: sessions.0,
        runs: runs.0,
    };
    data.source.fingerprint = fingerprint(&data);
    Ok(data)
}

impl Read {
    /// Whose each trial is: as the file says, else by its name.
    fn subjects(&self) -> impl Iterator<Item = &String> {
        let said = self.recording.subjects.as_deref();
        (0..self.recording.labels.len()).map(move |trial| said.map_or(&self.of, |said| &said[trial]))
    }

    /// The class of each trial, a place in these labels of the training part.
    fn classes(&self, labels: &[Label], test_labels: &[Label]) -> Result<Vec<u32>, DataError> {
        let place = |label: &Label| {
            let place = labels.binary_search_by(|known| known.order(label));
            place.map(|place| place as u32).map_err(|_| {
                let remedy = label::test_code(labels, test_labels)
                    .map_or("take such trials out".into(), |(message, remedy)| {
                        format!("{message}; {remedy}")
                    });
                DataError::UnknownLabel { path: self.path.clone(), label: label.to_string(), remedy }
            })
        };
        self.recording.labels.iter().map(place).collect()
    }
}

/// Names that trials refer to by their places, in the order of text.
struct Names(Vec<String>);

impl Names {
    fn of(names: impl Iterator<Item = String>) -> Result<Self, DataError> {
        let mut names: Vec<String> = names.collect();
        names.sort_unstable();
        names.dedup();
        match names.len() > usize::from(u16::MAX) {
            true => Err(DataError::TooManySubjects(names.len())),
            false => Ok(Names(names)),
        }
    }

    /// The names that every file says; none where one doesn't.
    fn of_all(apart: &Apart, said: fn(&Recording) -> Option<&Vec<String>>) -> Result<Self, DataError> {
        let all: Option<Vec<&Vec<String>>> = apart.all().map(|it| said(&it.recording)).collect();
        Names::of(all.unwrap_or_default().into_iter().flatten().cloned())
    }

    fn index(&self, name: &str) -> u16 {
        // As many as fit were taken.
        self.0.binary_search_by(|known| known.as_str().cmp(name)).unwrap_or(0) as u16
    }

    fn indices(&self, names: Option<&Vec<String>>) -> Vec<u16> {
        match self.0.is_empty() {
            true => Vec::new(),
            false => names.into_iter().flatten().map(|name| self.index(name)).collect(),
        }
    }
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

/// The electrodes' names, as the first file that names them writes them.
fn electrodes(apart: &Apart) -> Result<Option<Vec<String>>, DataError> {
    let mut named = apart.all().filter_map(|it| Some((&it.path, it.recording.names.as_ref()?)));
    let Some((other, first)) = named.next() else { return Ok(None) };
    let plain = |names: &[String]| names.iter().map(|name| electrode::plain(name)).collect::<Vec<_>>();
    if let Some((path, names)) = named.find(|(_, names)| plain(names) != plain(first)) {
        let (path, other) = (path.clone(), other.clone());
        return Err(match electrode::same_set(first, names) {
            true => DataError::ElectrodeOrder {
                path,
                order: names.join(" "),
                other,
                other_order: first.join(" "),
            },
            false => DataError::Disagree { what: "electrode names", path, other },
        });
    }
    Ok(Some(first.clone()))
}

/// The distinct labels of the trials that are learned from, in their order.
fn labels(apart: &Apart) -> Result<Vec<Label>, DataError> {
    let labels = distinct(apart.train.iter().flat_map(|it| &it.recording.labels));
    match (&labels[..], &apart.train[..]) {
        ([label], [Read { path, .. }, ..]) => {
            Err(DataError::OneClass { path: path.clone(), label: label.to_string() })
        }
        _ => Ok(labels),
    }
}
