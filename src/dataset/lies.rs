//! What lies in a folder, by names alone, and what to say where none of it is a data set. Nobody's recordings are passed over
//! in silence.

use super::DataError;
use crate::disk::named;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a file or folder is by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// What is learned from of this subject.
    Train(String),
    /// What is judged on of this subject.
    Test(String),
    /// All trials of this subject.
    Whole(String),
    /// Meant as one of these, and named otherwise; how it should be named.
    Misnamed(String),
    /// Arrays or a recording that can be imported.
    Importable,
    /// Tensors that PyTorch saved.
    Tensors,
    /// A folder with a data set in it.
    Set(String),
    /// A folder with something importable in it.
    Recordings(String),
    /// Nothing that this program knows.
    Other,
}

/// Endings of files that `data import` reads.
const IMPORTABLE: [&str; 13] =
    ["npy", "mat", "edf", "bdf", "gdf", "rec", "vhdr", "eeg", "set", "fdt", "fif", "hdf5", "h5"];

/// Everything in a folder, in name order.
pub fn in_folder(folder: &Path) -> Result<Vec<(PathBuf, What)>, DataError> {
    let paths = named::list(folder).map_err(DataError::folder(folder))?;
    Ok(paths.into_iter().map(|path| (path.clone(), of_file(&path))).collect())
}

/// The files of one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Files {
    /// What networks learn from, and what they are judged on.
    Both(PathBuf, PathBuf),
    /// All trials, without such parts.
    Whole(PathBuf),
    /// The first of two alone.
    Train(PathBuf),
    /// The second of two alone.
    Test(PathBuf),
}

impl Files {
    /// The files that are there, the training file first.
    pub fn paths(&self) -> Vec<&Path> {
        match self {
            Files::Both(train, test) => vec![train, test],
            Files::Whole(path) | Files::Train(path) | Files::Test(path) => vec![path],
        }
    }

    /// What is learned from and, where the files have such parts, what is judged on; or which file is missing.
    pub fn parts(&self) -> Result<(&Path, Option<&Path>), DataError> {
        match self {
            Files::Both(train, test) => Ok((train, Some(test))),
            Files::Whole(path) => Ok((path, None)),
            Files::Train(have) => Err(DataError::Unpaired { have: have.clone(), lacks: "_test" }),
            Files::Test(have) => Err(DataError::Unpaired { have: have.clone(), lacks: "_train" }),
        }
    }
}

/// The recordings of a folder by the names of their files, in name order: those in two parts or, where there are none, those
/// in one. Other files are no recordings.
pub fn subjects(folder: &Path) -> Result<BTreeMap<String, Files>, DataError> {
    Ok(by_subject(&in_folder(folder)?))
}

fn by_subject(inside: &[(PathBuf, What)]) -> BTreeMap<String, Files> {
    let (mut train, mut test, mut whole) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for (path, what) in inside {
        let path = path.clone();
        match what {
            What::Train(subject) => drop(train.insert(subject.clone(), path)),
            What::Test(subject) => drop(test.insert(subject.clone(), path)),
            What::Whole(subject) => drop(whole.insert(subject.clone(), Files::Whole(path))),
            _ => {}
        }
    }
    if train.is_empty() && test.is_empty() {
        return whole;
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
    subjects
}

fn of_file(path: &Path) -> What {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if name.starts_with('.') {
        return What::Other;
    }
    if let Some(subject) = name.strip_suffix("_train.npz") {
        return What::Train(subject.to_owned());
    }
    if let Some(subject) = name.strip_suffix("_test.npz") {
        return What::Test(subject.to_owned());
    }
    let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
    match ending.to_ascii_lowercase().as_str() {
        "npz" => npz(stem, ending),
        "pt" | "pth" => What::Tensors,
        ending if IMPORTABLE.contains(&ending) => What::Importable,
        _ => What::Other,
    }
}

/// An npz file that is named neither `…_train.npz` nor `…_test.npz`.
fn npz(stem: &str, ending: &str) -> What {
    let lower = stem.to_lowercase();
    for part in ["train", "test"] {
        let Some(subject) = lower.strip_suffix(part).and_then(|rest| stem.get(..rest.len())) else {
            continue;
        };
        let subject = subject.trim_end_matches(['_', '-', '.', ' ']);
        // S1_Train, S1-train, train; but not "contest".
        if subject.is_empty() || subject.len() + part.len() < stem.len() {
            let subject = if subject.is_empty() { "S1" } else { subject };
            return What::Misnamed(format!("{subject}_{part}.npz"));
        }
    }
    if ending == "npz" { What::Whole(stem.to_owned()) } else { What::Misnamed(format!("{stem}.npz")) }
}

/// What a folder inside a folder is; looks one step into it.
fn of_folder(path: &Path) -> Result<What, DataError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let inside = in_folder(path)?;
    Ok(if !by_subject(&inside).is_empty() {
        What::Set(name)
    } else if inside.iter().any(|(_, what)| *what == What::Importable) {
        What::Recordings(name)
    } else {
        What::Other
    })
}

/// What lies in a folder that this program knows something to do with; nothing where there is no folder.
fn known(folder: &Path) -> Result<Vec<(PathBuf, What)>, DataError> {
    let mut known = Vec::new();
    if !is_folder(folder)? {
        return Ok(known);
    }
    for (path, what) in in_folder(folder)? {
        let what = match what {
            What::Other if !is_passed_over(&path) && is_folder(&path)? => of_folder(&path)?,
            what => what,
        };
        if what != What::Other {
            known.push((path, what));
        }
    }
    Ok(known)
}

/// Whether a folder lies there.
pub fn is_folder(path: &Path) -> Result<bool, DataError> {
    named::is_folder(path).map_err(DataError::folder(path))
}

/// Whether a folder is no place for recordings by its name alone: a hidden one, or what a file system keeps for itself and lets
/// nobody look into.
pub fn is_passed_over(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') || name == "lost+found"
}

/// Whether anything lies there that could be meant as recordings.
pub fn anything(folder: &Path) -> Result<bool, DataError> {
    Ok(!known(folder)?.is_empty())
}

/// Files beside those of a data set that look like recordings and are not read.
pub fn unread(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let inside = in_folder(folder)?;
    let subjects = by_subject(&inside);
    let read: Vec<&Path> = subjects.values().flat_map(Files::paths).collect();
    let mut unread = Vec::new();
    for (path, what) in &inside {
        let is_read = *what == What::Other || read.contains(&path.as_path());
        if !is_read && named::is_file(path).map_err(DataError::folder(path))? {
            unread.push(path.clone());
        }
    }
    Ok(unread)
}

/// Says what lies in a folder that is no data set, and what can be made of it; or why it can't be looked into.
pub fn nothing_to_read(folder: &Path) -> DataError {
    let known = match known(folder) {
        Ok(known) => known,
        Err(error) => return error,
    };
    let lies = known.iter().map(|(path, what)| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if matches!(what, What::Set(_) | What::Recordings(_)) { format!("{name}/") } else { name }
    });
    DataError::NoDataSet { folder: folder.to_owned(), lies: lies.collect(), remedy: remedy(folder, &known) }
}

fn remedy(folder: &Path, known: &[(PathBuf, What)]) -> String {
    let names = |is: fn(&What) -> Option<&String>| -> Vec<&str> {
        known.iter().filter_map(|(_, what)| is(what)).map(String::as_str).collect()
    };
    let sets = names(|what| match what {
        What::Set(name) => Some(name),
        _ => None,
    });
    if let [first, ..] = sets[..] {
        return match sets.len() {
            1 => format!("name the set with --data-set {first}"),
            _ => format!("name one of the sets with --data-set: {}", sets.join(", ")),
        };
    }
    if let Some((path, What::Misnamed(name))) =
        known.iter().find(|(_, what)| matches!(what, What::Misnamed(_)))
    {
        return format!("rename {} to {name}", path.file_name().unwrap_or_default().to_string_lossy());
    }
    let importable = known.iter().find(|(_, what)| matches!(what, What::Importable | What::Recordings(_)));
    if let Some((path, _)) = importable {
        return format!("'eeg-tui data import NAME {}' makes a data set of it", path.display());
    }
    if known.iter().any(|(_, what)| *what == What::Tensors) {
        return "save the tensors with numpy.savez, as 'eeg-tui help data' describes".into();
    }
    format!("put <subject>_train.npz and <subject>_test.npz into {}, or <subject>.npz", folder.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(name: &str) -> What {
        of_file(Path::new(name))
    }

    #[test]
    fn files_are_known_by_their_names() {
        assert_eq!(what("S1_train.npz"), What::Train("S1".into()));
        assert_eq!(what("S1.npz"), What::Whole("S1".into()));
        assert_eq!(what("contest.npz"), What::Whole("contest".into()));
        for name in ["S1_Train.npz", "S1-train.npz", "S1_train.NPZ"] {
            assert_eq!(what(name), What::Misnamed("S1_train.npz".into()), "{name}");
        }
        assert_eq!(what("test.npz"), What::Misnamed("S1_test.npz".into()));
        assert_eq!(what("S1.NPZ"), What::Misnamed("S1.npz".into()));
        assert_eq!(what("X_train.npy"), What::Importable);
        assert_eq!(what("A01T.gdf"), What::Importable);
        for name in ["README.md", "provenance.toml", ".hidden_train.npz", "notes"] {
            assert_eq!(what(name), What::Other, "{name}");
        }
    }
}
