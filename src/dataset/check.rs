//! What there is and whether it is sound: every file by itself, then the set as a whole.

use super::folder::{self, Files};
use super::recording::{self, Recording};
use super::{DataError, DataSet, TrialSet, known, lies, memory, simulated, source};
use crate::spec::DataSource;
use serde::Serialize;
use std::collections::BTreeMap;
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
    let mut folders: Vec<PathBuf> = source::names(data_dir).iter().map(|name| data_dir.join(name)).collect();
    let default = match source::locate(None, data_dir) {
        // Sets that can be named: none of them is taken unasked.
        Err(DataError::NoDataSet { .. }) => None,
        located => located?,
    };
    let usual = default.is_some() || lies::anything(data_dir);
    folders.splice(0..0, default.clone());
    let mut listings: Vec<Listing> =
        folders.iter().map(|path| listing(path, default.as_ref() == Some(path))).collect();
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

fn listing(path: &Path, default: bool) -> Listing {
    let subjects = folder::subjects(path).unwrap_or_default();
    let mut listing = Listing {
        name: folder::name_of(path),
        path: Some(path.to_owned()),
        simulated: false,
        default,
        subjects: subjects.keys().cloned().collect(),
        train: None,
        test: None,
        samples: None,
        electrodes: None,
        problem: None,
    };
    match headers(&subjects) {
        Ok([train, test, samples, electrodes]) => {
            (listing.train, listing.test) = (Some(train), Some(test));
            (listing.samples, listing.electrodes) = (Some(samples), Some(electrodes));
        }
        Err(error) => listing.problem = Some(error.to_string()),
    }
    listing
}

/// Training trials, test trials, samples and electrodes, from the headers alone.
fn headers(subjects: &BTreeMap<String, Files>) -> Result<[usize; 4], DataError> {
    let mut totals = [0; 4];
    for files in subjects.values() {
        let (train, test) = files.parts()?;
        for (part, path) in [Some(train), test].into_iter().enumerate() {
            let Some(path) = path else { continue };
            let [trials, samples, electrodes] = folder::open(path, recording::peek)?;
            totals[part] += trials;
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
    /// Each file by itself.
    pub files: Vec<FileReport>,
    /// The set as a whole, if it can be trained on.
    pub set: Option<SetReport>,
    /// All that is wrong, one sentence each; empty is sound.
    pub problems: Vec<String>,
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
        return Ok(Report {
            name: data.source.name.clone(),
            path: None,
            simulated: true,
            files: vec![],
            set: Some(set_report(&data)),
            problems: vec![],
        });
    };
    let subjects = folder::subjects(&path)?;
    let mut problems = Vec::new();
    let paths = subjects.values().flat_map(Files::paths);
    let files = paths.map(|path| file_report(path, &mut problems)).collect();
    problems.extend(subjects.values().filter_map(|files| files.parts().err()).map(|error| error.to_string()));
    let mut set = None;
    match folder::read(&path, memory::most_values()) {
        Ok(data) => set = Some(set_report(&data)),
        Err(error) => {
            let sentence = error.to_string();
            if !problems.contains(&sentence) {
                problems.push(sentence);
            }
        }
    }
    Ok(Report { name: folder::name_of(&path), path: Some(path), simulated: false, files, set, problems })
}

fn file_report(path: &Path, problems: &mut Vec<String>) -> FileReport {
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let sha256 = known::checksum(path).ok();
    let published = sha256.as_ref().and_then(|sha256| known::is_published(&file, sha256));
    if published == Some(false) {
        problems.push(format!(
            "{} is not the published file of that name (its SHA-256 differs); copy it again, or rename it if it is your own",
            path.display()
        ));
    }
    let recording =
        folder::read_file(path, memory::most_values()).map_err(|error| problems.push(error.to_string())).ok();
    let missing_in = |trial: &[f32]| trial.iter().filter(|value| value.is_nan()).count();
    FileReport {
        file,
        sha256,
        published,
        shape: recording.as_ref().map(|it| [it.labels.len(), it.samples, it.electrodes]),
        missing: recording.as_ref().map(|it| missing_in(&it.signal)),
        trials_with_missing: recording
            .as_ref()
            .map(|it: &Recording| it.trials().filter(|trial| missing_in(trial) > 0).count()),
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
    let mut per_subject = vec![vec![0; data.classes.len()]; data.subjects.len()];
    for (&subject, &label) in set.subjects.iter().zip(&set.labels) {
        per_subject[usize::from(subject)][label as usize] += 1;
    }
    let missing_in = |trial| set.trial(trial).iter().filter(|value| value.is_nan()).count();
    let missing: Vec<usize> = (0..set.len()).map(missing_in).filter(|&count| count > 0).collect();
    PartReport {
        trials: set.len(),
        per_class: set.per_class(data.classes.len()),
        per_subject,
        missing: missing.iter().sum(),
        trials_with_missing: missing.len(),
    }
}
