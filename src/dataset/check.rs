//! What there is and whether it is sound: every file by itself, then the set as a whole.

use super::findings::{self, Finding, Severity};
use super::folder::{self, Apart, Read};
use super::lies::{self, Files};
use super::recording::{self, Recording};
use super::{DataError, DataSet, TrialSet, known, memory, simulated, source};
use crate::spec::DataSource;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// A data set that could be trained on, without its signals having been read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Listing {
    /// What `--data-set` calls it.
    pub name: String,
    /// Where it lies; `None` for the simulated set.
    pub path: Option<PathBuf>,
    /// Whether these are no real recordings.
    pub simulated: bool,
    /// Whether it is what is used without `--data-set`.
    pub default: bool,
    /// Names of the subjects.
    pub subjects: Vec<String>,
    /// Trials to learn from, if the files say so.
    pub train: Option<usize>,
    /// Trials to be judged on.
    pub test: Option<usize>,
    /// Samples and electrodes of a trial.
    pub samples: Option<usize>,
    /// Electrodes of a sample.
    pub electrodes: Option<usize>,
    /// The first thing that is wrong with it.
    pub problem: Option<String>,
}

/// All data sets that can be named: recordings in the data folder and below, and the simulated set. Fails only if the
/// folder was named and is not there.
pub fn list(data_dir: &Path) -> Result<Vec<Listing>, DataError> {
    let mut folders: Vec<PathBuf> = source::names(data_dir)?.iter().map(|name| data_dir.join(name)).collect();
    let default = match source::locate(None, data_dir) {
        // Sets that can be named: none of them is taken unasked.
        Err(DataError::NoDataSet { .. }) => None,
        located => located?,
    };
    let usual = default.is_some() || lies::anything(data_dir)?;
    folders.splice(0..0, default.clone());
    let mut listings: Vec<Listing> =
        folders.iter().filter_map(|path| listing(path, default.as_ref() == Some(path))).collect();
    listings.push(Listing {
        name: DataSource::SIMULATED.into(),
        path: None,
        simulated: true,
        default: !usual,
        subjects: simulated::names(),
        train: Some(simulated::trials()),
        test: Some(simulated::trials()),
        samples: Some(simulated::SAMPLES),
        electrodes: Some(simulated::ELECTRODES),
        problem: None,
    });
    Ok(listings)
}

/// What a folder's files say; nothing where it holds no recordings after all, and could not be looked into before.
fn listing(path: &Path, default: bool) -> Option<Listing> {
    let subjects = lies::subjects(path);
    match &subjects {
        Ok(subjects) if subjects.is_empty() => return None,
        Err(DataError::Folder { error, .. }) if error.kind() == io::ErrorKind::NotADirectory => return None,
        _ => {}
    }
    let mut listing = Listing {
        name: folder::name_of(path),
        path: Some(path.to_owned()),
        simulated: false,
        default,
        subjects: subjects.iter().flat_map(BTreeMap::keys).cloned().collect(),
        train: None,
        test: None,
        samples: None,
        electrodes: None,
        problem: None,
    };
    match subjects.and_then(|subjects| headers(&subjects)) {
        Ok([train, test, samples, electrodes]) => {
            (listing.train, listing.test) = (Some(train), Some(test));
            (listing.samples, listing.electrodes) = (Some(samples), Some(electrodes));
        }
        Err(error) => listing.problem = Some(error.to_string()),
    }
    Some(listing)
}

/// Training trials, test trials, samples and electrodes, from the headers alone.
fn headers(subjects: &BTreeMap<String, Files>) -> Result<[usize; 4], DataError> {
    let mut totals = [0; 4];
    let mut first: Option<(PathBuf, (usize, usize))> = None;
    for files in subjects.values() {
        let (train, test) = files.parts()?;
        for (part, path) in [Some(train), test].into_iter().enumerate() {
            let Some(path) = path else { continue };
            let [trials, samples, electrodes] = folder::open(path, recording::peek)?;
            totals[part] += trials;
            let (other, other_shape) = first.get_or_insert_with(|| (path.to_owned(), (samples, electrodes)));
            if *other_shape != (samples, electrodes) {
                return Err(DataError::Shapes {
                    path: path.to_owned(),
                    shape: (samples, electrodes),
                    other: other.clone(),
                    other_shape: *other_shape,
                });
            }
            (totals[2], totals[3]) = (samples, electrodes);
        }
    }
    Ok(totals)
}

/// A data set looked at in full.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// What `--data-set` calls it.
    pub name: String,
    /// Where it lies; `None` for the simulated set.
    pub path: Option<PathBuf>,
    /// Whether these are no real recordings.
    pub simulated: bool,
    /// Whose trials they are.
    pub subjects: Vec<String>,
    /// Names of the electrodes; none where the files don't fit each other.
    pub channels: Vec<String>,
    /// Samples of a trial, where all have as many.
    pub samples: Option<usize>,
    /// Names of the classes; none where the files don't fit each other.
    pub classes: Vec<String>,
    /// What was noticed.
    pub findings: Vec<Finding>,
    /// Each file by itself.
    pub files: Vec<FileReport>,
    /// The set as a whole, if it can be trained on.
    pub set: Option<SetReport>,
    /// All that keeps it from being read, one sentence each.
    pub problems: Vec<String>,
}

impl Report {
    /// Of a set that nothing is known of yet; without a path it is the simulated one.
    fn blank(name: String, path: Option<PathBuf>) -> Self {
        Report {
            name,
            simulated: path.is_none(),
            path,
            subjects: vec![],
            channels: vec![],
            samples: None,
            classes: vec![],
            findings: vec![],
            files: vec![],
            set: None,
            problems: vec![],
        }
    }

    /// All that is wrong: what keeps it from being read, and findings with which results would mean nothing.
    pub fn wrongs(&self) -> Vec<String> {
        let bad = self.findings.iter().filter(|finding| finding.severity == Severity::Error);
        self.problems.iter().cloned().chain(bad.map(Finding::sentence)).collect()
    }
}

/// One file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FileReport {
    /// Its name.
    pub file: String,
    /// Its checksum.
    pub sha256: Option<String>,
    /// Whether that is the published file's; `None` where no file of this name was published.
    pub published: Option<bool>,
    /// Trials, samples, electrodes.
    pub shape: Option<[usize; 3]>,
    /// NaN samples, all electrodes counted.
    pub missing: Option<usize>,
    /// Trials with at least one of them.
    pub trials_with_missing: Option<usize>,
}

/// A set that can be trained on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SetReport {
    /// Names of the electrodes.
    pub electrodes: Vec<String>,
    /// Samples a second.
    pub sfreq: Option<f64>,
    /// Samples of a trial.
    pub samples: usize,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// Names of the subjects.
    pub subjects: Vec<String>,
    /// What networks learn from.
    pub train: PartReport,
    /// What they are judged on.
    pub test: PartReport,
    /// What a run's spec will hold.
    pub fingerprint: String,
}

/// Training or test trials of a set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PartReport {
    /// How many.
    pub trials: usize,
    /// How many of each class.
    pub per_class: Vec<usize>,
    /// How many of each class, subject by subject.
    pub per_subject: Vec<Vec<usize>>,
    /// NaN samples, all electrodes counted.
    pub missing: usize,
    /// Trials with at least one of them.
    pub trials_with_missing: usize,
}

/// Looks at the data set of a name (see [`super::load`]) in full. Fails only if there is none.
pub fn check(name: Option<&str>, data_dir: &Path) -> Result<Report, DataError> {
    let Some(path) = source::locate(name, data_dir)? else {
        let data = simulated::simulate();
        return Ok(Report::blank(data.source.name.clone(), None).about(&data));
    };
    let subjects = lies::subjects(&path)?;
    if subjects.is_empty() {
        return Err(lies::nothing_to_read(&path));
    }
    let mut report = Report::blank(folder::name_of(&path), Some(path.clone()));
    report.subjects = subjects.keys().cloned().collect();
    let Some(mut apart) = report.read(&subjects) else { return Ok(report) };
    apart.beside = lies::unread(&path)?;
    report.findings = findings::in_files(&apart);
    report.samples = agreed_samples(&apart);
    match folder::join(&path, apart) {
        Ok(data) => Ok(report.about(&data)),
        Err(error) => {
            // What is wrong with labels or axes was noticed above.
            let is_said = matches!(error, DataError::UnknownLabel { .. } | DataError::OneClass { .. });
            if !is_said || report.findings.iter().all(|finding| finding.severity != Severity::Error) {
                report.problems.push(error.to_string());
            }
            Ok(report)
        }
    }
}

fn agreed_samples(apart: &Apart) -> Option<usize> {
    let mut samples = apart.all().map(|it| it.recording.samples);
    let first = samples.next()?;
    samples.all(|other| other == first).then_some(first)
}

impl Report {
    /// Fills in what a joined set says.
    fn about(mut self, data: &DataSet) -> Self {
        self.subjects.clone_from(&data.subjects);
        self.channels.clone_from(&data.electrodes);
        self.samples = Some(data.train.samples);
        self.classes.clone_from(&data.classes);
        self.findings.extend(findings::in_set(data));
        self.set = Some(set_report(data));
        self
    }

    /// Reads every file; nothing where one can't be read, or lacks its other part.
    fn read(&mut self, subjects: &BTreeMap<String, Files>) -> Option<Apart> {
        let mut apart = Apart::default();
        let mut left = memory::most_values();
        let mut whole = true;
        for (name, files) in subjects {
            for (number, path) in files.paths().into_iter().enumerate() {
                let recording = self.read_file(path, left);
                let part = if number == 0 { &mut apart.train } else { &mut apart.test };
                match recording {
                    None => whole = false,
                    Some(recording) => {
                        left = left.saturating_sub(recording.signal.len());
                        part.push(Read { path: path.to_owned(), of: name.clone(), recording });
                    }
                }
            }
            if let Err(error) = files.parts() {
                whole = false;
                self.problems.push(error.to_string());
            }
        }
        whole.then_some(apart)
    }

    /// Reads one file and reports on it.
    fn read_file(&mut self, path: &Path, limit: usize) -> Option<Recording> {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let sha256 = known::checksum(path);
        let read = folder::read_file(path, limit);
        if let (Err(error), Ok(_)) = (&sha256, &read) {
            self.problems.push(format!("{} could not be read once of two times: {error}", path.display()));
        }
        let sha256 = sha256.ok();
        let published = sha256.as_ref().and_then(|sha256| known::is_published(&file, sha256));
        if published == Some(false) {
            self.problems.push(format!(
                "{} is not the published file of that name (its SHA-256 differs); copy it again, or rename it if it is your own",
                path.display()
            ));
        }
        let recording = read.map_err(|error| self.problems.push(error.to_string())).ok();
        let missing_in = |trial: &[f32]| trial.iter().filter(|value| value.is_nan()).count();
        let touched = |it: &Recording| it.trials().filter(|trial| missing_in(trial) > 0).count();
        self.files.push(FileReport {
            file,
            sha256,
            published,
            shape: recording.as_ref().map(|it| [it.labels.len(), it.samples, it.electrodes]),
            missing: recording.as_ref().map(|it| missing_in(&it.signal)),
            trials_with_missing: recording.as_ref().map(touched),
        });
        recording
    }
}

fn set_report(data: &DataSet) -> SetReport {
    SetReport {
        electrodes: data.electrodes.clone(),
        sfreq: data.sfreq,
        samples: data.train.samples,
        classes: data.classes.clone(),
        subjects: data.subjects.clone(),
        train: part_report(&data.train, data),
        test: part_report(&data.test, data),
        fingerprint: data.source.fingerprint.clone(),
    }
}

fn part_report(set: &TrialSet, data: &DataSet) -> PartReport {
    let missing_in = |trial| set.trial(trial).iter().filter(|value| value.is_nan()).count();
    let missing: Vec<usize> = (0..set.len()).map(missing_in).filter(|&count| count > 0).collect();
    PartReport {
        trials: set.len(),
        per_class: set.per_class(data.classes.len()),
        per_subject: set.per_subject(data.subjects.len(), data.classes.len()),
        missing: missing.iter().sum(),
        trials_with_missing: missing.len(),
    }
}
