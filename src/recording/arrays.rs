//! Arrays of trials as a script saved them (npz, npy, MAT), whatever they are called and whichever axis comes first.

use super::assume::Assume;
use super::channel::{self, Channel};
use super::event::Segment;
use super::mat5::Value;
use super::trials::Part;
use super::{Content, ReadError, Recording, Trials, true_labels};
use crate::dataset::most_values;
use crate::dataset::npy::{Header, to_c_order};
use crate::dataset::npz::{Npz, values};
use crate::disk::named;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

/// Names that arrays of trials, of labels, of rates and of electrodes go by, compared without case.
pub const SIGNALS: [&str; 8] = ["signal", "x", "data", "trials", "epochs", "eeg", "signals", "samples"];
const LABELS: [&str; 9] =
    ["label", "y", "target", "targets", "classlabel", "true_y", "class", "classes", "labels"];
const RATES: [&str; 8] = ["sfreq", "fs", "srate", "rate", "sampling_rate", "samplerate", "freq", "sf"];
const ELECTRODES: [&str; 9] =
    ["ch_names", "channels", "chan", "chans", "electrodes", "channel_names", "clab", "chnames", "labels"];
const UNITS: [&str; 2] = ["unit", "units"];
/// What there may be of each trial beside its label.
const PER_TRIAL: [&str; 3] = ["subject", "session", "run"];

/// An array of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Array {
    /// Numbers, the last index fastest.
    Numbers {
        /// The size of each dimension.
        shape: Vec<usize>,
        /// All values.
        values: Vec<f64>,
    },
    /// Texts.
    Texts(Vec<String>),
}

/// A file's arrays by name, and those that can't be read with the reason.
#[derive(Debug, Default)]
pub struct Arrays {
    named: Vec<(String, Array)>,
    unread: Vec<String>,
}

/// The arrays of an npz file.
pub fn npz(path: &Path) -> Result<Arrays, ReadError> {
    let mut npz = Npz::open(BufReader::new(regular(path)?)).map_err(foreign)?;
    let mut arrays = Arrays::default();
    let mut left = most_values();
    for name in npz.names() {
        let array = match npz.numbers(&name, left, |value| value) {
            Ok(Some(numbers)) => Ok(Array::Numbers { shape: numbers.shape, values: numbers.values }),
            Ok(None) => continue,
            Err(first) => match npz.texts(&name, left.min(1 << 20)) {
                Ok(Some(texts)) => Ok(Array::Texts(texts)),
                _ => Err(first),
            },
        };
        match array {
            Ok(array) => {
                left = left.saturating_sub(array.len());
                arrays.named.push((name, array));
            }
            // Pandas and MNE leave arrays of objects; those beside it can be read all the same.
            Err(error @ crate::dataset::npz::NpzError::BadArray { .. }) => {
                arrays.unread.push(error.to_string())
            }
            Err(error) => return Err(foreign(error)),
        }
    }
    Ok(arrays)
}

/// The array of an npy file, named `signal`, with the labels that lie beside it.
pub fn npy(path: &Path, assume: &Assume) -> Result<Arrays, ReadError> {
    let mut arrays = Arrays { named: vec![("signal".into(), one(path)?)], unread: Vec::new() };
    let labels = match &assume.labels {
        Some(named) => Some(PathBuf::from(named)),
        None => labels_beside(path)?,
    };
    if let Some(labels) = labels {
        let name = labels.to_string_lossy().into_owned();
        let array = one(&labels).map_err(|error| ReadError::Companion(name, error.to_string()))?;
        arrays.named.push(("label".into(), array));
    }
    Ok(arrays)
}

/// `X_train.npy` has its labels in `y_train.npy`, `signal.npy` in `label.npy` or `labels.npy`.
pub fn labels_beside(path: &Path) -> io::Result<Option<PathBuf>> {
    for candidate in labels_candidates(path).unwrap_or_default() {
        if candidate != path && named::is_file(&candidate)? {
            return Ok(Some(candidate));
        }
    }
    Ok(None)
}

fn labels_candidates(path: &Path) -> Option<Vec<PathBuf>> {
    let stem = path.file_stem()?.to_str()?;
    let words: Vec<&str> = stem.split(['_', '-', '.']).collect();
    let place = words.iter().position(|word| SIGNALS.iter().any(|name| name.eq_ignore_ascii_case(word)))?;
    let separators: Vec<char> = stem.chars().filter(|c| ['_', '-', '.'].contains(c)).collect();
    let candidates =
        LABELS.iter().flat_map(|label| [(*label).to_owned(), label.to_uppercase()]).map(|label| {
            let mut name = String::new();
            for (index, word) in words.iter().enumerate() {
                name.push_str(if index == place { &label } else { word });
                name.extend(separators.get(index));
            }
            path.with_file_name(name + ".npy")
        });
    Some(candidates.collect())
}

fn one(path: &Path) -> Result<Array, ReadError> {
    let file = regular(path)?;
    let len = file.metadata()?.len();
    let mut reader = BufReader::new(file);
    let header = Header::read(&mut reader)
        .map_err(|error| ReadError::header(format!("it is no array that can be read: {error}")))?;
    let bytes = header.bytes().map(|bytes| bytes as u64 + header.len as u64);
    if bytes != Some(len) {
        return Err(ReadError::cut_off(format!("its header and its {len} bytes don't fit together")));
    }
    if header.dtype.is_number() {
        let values = values("array", &header, reader, most_values(), |dtype, bytes| dtype.number(bytes));
        let values = values.map_err(foreign)?;
        let values = if header.fortran { to_c_order(&values, &header.shape) } else { values };
        Ok(Array::Numbers { shape: header.shape, values })
    } else {
        values("array", &header, reader, 1 << 20, |dtype, bytes| dtype.text(bytes))
            .map(Array::Texts)
            .map_err(foreign)
    }
}

fn regular(path: &Path) -> Result<File, ReadError> {
    match std::fs::metadata(path)?.is_file() {
        true => Ok(named::open(path)?),
        false => Err(ReadError::NoFile),
    }
}

fn foreign(error: crate::dataset::npz::NpzError) -> ReadError {
    ReadError::Foreign(error.to_string())
}

/// The arrays of a MAT-file, those within a struct by its name and theirs (`data.X`).
pub fn mat(variables: Vec<(String, Value)>) -> Arrays {
    let mut arrays = Arrays::default();
    for (name, value) in variables {
        take(&mut arrays, name, value, 0);
    }
    arrays
}

fn take(arrays: &mut Arrays, name: String, value: Value, depth: usize) {
    match value {
        Value::Numbers { shape, values } => {
            // MATLAB's first index is the fastest.
            let values = to_c_order(&values, &shape);
            arrays.named.push((name, Array::Numbers { shape, values }));
        }
        Value::Unread(what) => arrays.unread.push(format!("'{name}' is {what}")),
        Value::Struct { names, fields } if fields.len() == names.len() && depth < 4 => {
            for (field, value) in names.into_iter().zip(fields) {
                take(arrays, format!("{name}.{field}"), value, depth + 1);
            }
        }
        Value::Cell(mut items) if items.len() == 1 && matches!(items[0], Value::Struct { .. }) => {
            if let Some(item) = items.pop() {
                take(arrays, name, item, depth + 1);
            }
        }
        value => match value.texts() {
            Some(texts) => arrays.named.push((name, Array::Texts(texts))),
            None => arrays.unread.push(format!("'{name}' is an array of structs or cells")),
        },
    }
}

impl Array {
    fn len(&self) -> usize {
        match self {
            Array::Numbers { values, .. } => values.len(),
            Array::Texts(texts) => texts.len(),
        }
    }

    /// A list: at most one dimension is longer than 1.
    fn is_list(&self) -> bool {
        match self {
            Array::Numbers { shape, .. } => shape.iter().filter(|&&size| size != 1).count() <= 1,
            Array::Texts(_) => true,
        }
    }

    /// Whether its values occur twice and more, as classes do.
    fn repeats(&self) -> bool {
        let mut distinct = self.texts();
        distinct.sort_unstable();
        distinct.dedup();
        !distinct.is_empty() && 2 * distinct.len() <= self.len()
    }

    fn texts(&self) -> Vec<String> {
        match self {
            // A whole number prints without its fraction.
            Array::Numbers { values, .. } => values.iter().map(f64::to_string).collect(),
            Array::Texts(texts) => texts.clone(),
        }
    }
}

impl Arrays {
    fn last_part(name: &str) -> &str {
        name.rsplit('.').next().unwrap_or(name)
    }

    /// The list that could be labels of trials of these sizes, where no other could and none is called so: arrays that were
    /// saved without names. Times and numbers of trials are each there once, classes are not.
    fn only_list(&self, sizes: &[usize]) -> Option<(&str, &Array)> {
        let bare = |name: &str| part_of(&Self::last_part(name).to_lowercase()).0.to_owned();
        if self.named.iter().any(|(name, _)| LABELS.contains(&bare(name).as_str())) {
            return None;
        }
        let is_known = |name: &str| {
            let name = bare(name);
            ELECTRODES.contains(&name.as_str()) || PER_TRIAL.contains(&name.as_str())
        };
        let fits = |(name, array): &&(String, Array)| {
            array.is_list() && array.repeats() && sizes.contains(&array.len()) && !is_known(name)
        };
        let mut fitting = self.named.iter().filter(fits);
        match (fitting.next(), fitting.next()) {
            (Some((name, array)), None) => Some((name, array)),
            _ => None,
        }
    }

    /// An array by one of these names; a part of the set (`_train`) may stand behind it.
    fn among(&self, names: &[&str], part: Option<Part>, fits: impl Fn(&Array) -> bool) -> Option<&Array> {
        let called = |name: &str, wanted: &str| {
            let name = Self::last_part(name).to_lowercase();
            let (bare, own) = part_of(&name);
            (bare == wanted && (own == part || own.is_none())) || name == wanted
        };
        names.iter().find_map(|wanted| {
            self.named
                .iter()
                .find(|(name, array)| called(name, wanted) && fits(array))
                .map(|(_, array)| array)
        })
    }

    fn named(&self, wanted: &str) -> Result<&Array, ReadError> {
        let found = self.named.iter().find(|(name, _)| name == wanted);
        found
            .map(|(_, array)| array)
            .ok_or_else(|| ReadError::Ask(format!("has no array '{wanted}'; {}", self.said())))
    }

    fn said(&self) -> String {
        let shape = |array: &Array| match array {
            Array::Numbers { shape, .. } => shape.iter().map(usize::to_string).collect::<Vec<_>>().join("×"),
            Array::Texts(texts) => format!("{} texts", texts.len()),
        };
        let held: Vec<String> =
            self.named.iter().map(|(name, array)| format!("{name} ({})", shape(array))).collect();
        let held = if held.is_empty() { "nothing that can be read".to_owned() } else { held.join(", ") };
        let unread =
            if self.unread.is_empty() { String::new() } else { format!("; {}", self.unread.join("; ")) };
        format!("it holds {held}{unread}")
    }

    /// Arrays that hold trials, with the part of a set that their names say.
    fn signals(&self, assume: &Assume) -> Result<Vec<(&Array, Option<Part>)>, ReadError> {
        if let Some(name) = &assume.signal {
            return Ok(vec![(self.named(name)?, part_of(&name.to_lowercase()).1)]);
        }
        let solid: Vec<_> = self
            .named
            .iter()
            .filter(|(_, array)| matches!(array, Array::Numbers { shape, values } if squeezed(shape).len() == 3 && !values.is_empty()))
            .map(|(name, array)| {
                let name = Self::last_part(name).to_lowercase();
                let (bare, part) = part_of(&name);
                (bare.to_owned(), array, part)
            })
            .collect();
        let known: Vec<_> = solid.iter().filter(|(name, _, _)| SIGNALS.contains(&name.as_str())).collect();
        let chosen = match (&known[..], &solid[..]) {
            ([], [only]) => vec![only],
            ([], []) => {
                let what = format!("has no array of three dimensions; {}", self.said());
                return Err(ReadError::Ask(what));
            }
            ([], _) => {
                let what = "has several arrays that could hold the trials; name one with --signal";
                return Err(ReadError::Ask(format!("{what}; {}", self.said())));
            }
            (known, _) => known.to_vec(),
        };
        let parts = chosen.iter().filter(|(_, _, part)| part.is_some()).count();
        if chosen.len() > 1 && parts != chosen.len() {
            let what = "has several arrays that could hold the trials; name one with --signal";
            return Err(ReadError::Ask(format!("{what}; {}", self.said())));
        }
        Ok(chosen.into_iter().map(|&(_, array, part)| (array, part)).collect())
    }
}

/// The axes of trials, without those of one value that are more than three: networks take (trial, 1, electrode, time).
fn squeezed(shape: &[usize]) -> Vec<usize> {
    let mut shape = shape.to_vec();
    while shape.len() > 3
        && let Some(axis) = (1..shape.len()).find(|&axis| shape[axis] == 1)
    {
        shape.remove(axis);
    }
    shape
}

/// `x_train` is the training part of `x`.
fn part_of(name: &str) -> (&str, Option<Part>) {
    const ENDS: [(&str, Part); 6] = [
        ("_train", Part::Train),
        ("train", Part::Train),
        ("_test", Part::Test),
        ("test", Part::Test),
        ("_eval", Part::Test),
        ("_valid", Part::Test),
    ];
    let ends = ENDS.iter().find_map(|&(end, part)| name.strip_suffix(end).map(|bare| (bare, Some(part))));
    ends.filter(|(bare, _)| !bare.is_empty()).unwrap_or((name, None))
}

/// The trials of a file's arrays.
pub fn read(
    path: &Path,
    format: &'static str,
    arrays: &Arrays,
    assume: &Assume,
) -> Result<Recording, ReadError> {
    let rate = match arrays.among(&RATES, None, |it| it.len() == 1) {
        Some(Array::Numbers { values, .. }) => values.first().copied(),
        _ => None,
    };
    if let Some(rate) = rate.filter(|rate| !(rate.is_finite() && *rate > 0.0)) {
        return Err(ReadError::header(format!("its sampling rate is {rate} Hz")));
    }
    let rate = assume.rate.or(rate);
    let mut trials = Trials::default();
    let mut notes = Vec::new();
    let mut channels = Vec::new();
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    let (_, part_of_file) = part_of(&stem);
    for (signal, part) in arrays.signals(assume)? {
        let mut more = block(arrays, signal, part, assume, &mut notes)?;
        if part.is_none() {
            more.parts.fill(part_of_file);
        }
        if channels.is_empty() {
            channels = describe(arrays, &more, rate);
        } else if (more.samples, more.channels) != (trials.samples, trials.channels) {
            return Err(ReadError::Ask("has training and test trials of unlike size; cut them alike".into()));
        }
        (trials.samples, trials.channels) = (more.samples, more.channels);
        trials.signal.extend(more.signal);
        trials.names.extend(more.names);
        trials.parts.extend(more.parts);
        trials.subjects = more.subjects;
        trials.sessions = more.sessions;
        trials.runs = more.runs;
    }
    true_labels::of_trials(&mut trials, assume)?;
    notes.extend(arrays.unread.iter().map(|unread| format!("left out: {unread}")));
    let segments = Segment::whole(trials.samples as f64 * trials.len() as f64 / rate.unwrap_or(1.0));
    Ok(Recording {
        path: path.to_owned(),
        format,
        channels,
        events: Vec::new(),
        outside: Vec::new(),
        segments,
        content: Content::Trials(trials),
        notes,
    })
}

/// One array's trials, with its labels.
fn block(
    arrays: &Arrays,
    signal: &Array,
    part: Option<Part>,
    assume: &Assume,
    notes: &mut Vec<String>,
) -> Result<Trials, ReadError> {
    let Array::Numbers { shape, values } = signal else {
        return Err(ReadError::Ask("holds text where trials should be".into()));
    };
    let &[a, b, c] = &squeezed(shape)[..] else {
        let sizes = shape.iter().map(usize::to_string).collect::<Vec<_>>().join("×");
        return Err(ReadError::Ask(format!(
            "has trials of shape {sizes}; three axes are needed: trial, time, electrode"
        )));
    };
    let sizes = [a, b, c];
    let mut labels = match &assume.labels {
        Some(name) if !name.ends_with(".npy") => Some(arrays.named(name)?),
        _ => {
            let fits = |array: &Array| array.is_list() && sizes.contains(&array.len());
            // The names of the classes may be as many as there are electrodes.
            let labels = arrays.among(&LABELS, part, |array| fits(array) && array.repeats());
            labels.or_else(|| arrays.among(&LABELS, part, fits))
        }
    };
    if labels.is_none()
        && let Some((name, only)) = arrays.only_list(&sizes)
    {
        notes.push(format!("its labels are taken from '{name}'; say otherwise with --labels"));
        labels = Some(only);
    }
    let Some(labels) = labels else {
        let what = "has no list of labels with one a trial; name one with --labels";
        return Err(ReadError::Ask(format!("{what}; {}", arrays.said())));
    };
    let names = arrays.among(&ELECTRODES, None, |array| matches!(array, Array::Texts(_)));
    let axes = match assume.axes {
        Some(axes) => axes,
        None => guess(sizes, labels.len(), names.map(Array::len))?,
    };
    let [trial, time, electrode] = axes;
    if labels.len() != sizes[trial] {
        return Err(ReadError::Ask(format!("has {} labels for {} trials", labels.len(), sizes[trial])));
    }
    if axes != [0, 1, 2] {
        let word = |axis| match axis {
            axis if axis == trial => "trial",
            axis if axis == time => "time",
            _ => "electrode",
        };
        notes.push(format!(
            "its axes are taken as ({}, {}, {}); say otherwise with --axes",
            word(0),
            word(1),
            word(2)
        ));
    }
    let strides = [b * c, c, 1];
    let mut ordered = Vec::with_capacity(values.len());
    for i in 0..sizes[trial] {
        for j in 0..sizes[time] {
            let from = i * strides[trial] + j * strides[time];
            ordered.extend((0..sizes[electrode]).map(|k| values[from + k * strides[electrode]]));
        }
    }
    let per_trial = |name: &str| {
        let fits = |array: &Array| array.is_list() && array.len() == sizes[trial];
        arrays.among(&[name], part, fits).map(Array::texts)
    };
    let [subjects, sessions, runs] = PER_TRIAL.map(per_trial);
    Ok(Trials {
        signal: ordered,
        samples: sizes[time],
        channels: sizes[electrode],
        start: None,
        names: labels.texts().into_iter().map(|name| vec![name]).collect(),
        parts: vec![part; sizes[trial]],
        subjects,
        sessions,
        runs,
    })
}

/// Which axis is which, as the places of (trial, time, electrode): the trials' axis is as long as the labels, the
/// electrodes' as their names where there are any, else the shorter of the two that are left.
fn guess(sizes: [usize; 3], labels: usize, names: Option<usize>) -> Result<[usize; 3], ReadError> {
    let trial = (0..3).find(|&axis| sizes[axis] == labels).ok_or_else(|| {
        ReadError::Ask(format!("has {labels} labels, which is the length of no axis of its trials"))
    })?;
    let rest: Vec<usize> = (0..3).filter(|&axis| axis != trial).collect();
    let &[first, second] = &rest[..] else {
        return Err(ReadError::Ask("has trials of less than three axes".into()));
    };
    let named: Vec<usize> = rest.iter().copied().filter(|&axis| names == Some(sizes[axis])).collect();
    let electrode = match named[..] {
        [axis] => axis,
        // Equally long: as the data set's own form has it.
        _ if sizes[first] < sizes[second] => first,
        _ => second,
    };
    Ok([trial, if electrode == first { second } else { first }, electrode])
}

fn describe(arrays: &Arrays, trials: &Trials, rate: Option<f64>) -> Vec<Channel> {
    let fits = |array: &Array| matches!(array, Array::Texts(names) if names.len() == trials.channels);
    let names = arrays.among(&ELECTRODES, None, fits).map(Array::texts);
    let unit = match arrays.among(&UNITS, None, |array| array.len() == 1) {
        Some(Array::Texts(texts)) => texts.first().cloned().unwrap_or_default(),
        _ => String::new(),
    };
    let name = |index: usize| {
        let named = names.as_ref().and_then(|names| names.get(index)).filter(|name| !name.is_empty());
        named.cloned().unwrap_or_else(|| format!("E{}", index + 1))
    };
    let channel = |index: usize| {
        let mut channel = Channel::new(&name(index), &unit, rate, trials.samples as u64);
        // The values are as the file has them.
        channel.factor = channel.scale();
        channel
    };
    let mut channels: Vec<Channel> = (0..trials.channels).map(channel).collect();
    channel::number_duplicates(&mut channels);
    channels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_told_by_labels_names_and_length() {
        assert_eq!(guess([10, 750, 2], 10, None).unwrap(), [0, 1, 2]);
        assert_eq!(guess([10, 2, 750], 10, None).unwrap(), [0, 2, 1]);
        assert_eq!(guess([2, 750, 10], 10, None).unwrap(), [2, 1, 0]);
        assert_eq!(guess([10, 64, 32], 10, Some(64)).unwrap(), [0, 2, 1], "names count before length");
        assert!(guess([10, 64, 32], 11, None).is_err());
    }

    #[test]
    fn axes_of_one_value_are_dropped_where_there_are_more_than_three() {
        assert_eq!(squeezed(&[30, 1, 5, 200]), [30, 5, 200]);
        assert_eq!(squeezed(&[30, 200, 5, 1]), [30, 200, 5]);
        assert_eq!(squeezed(&[30, 1, 1, 200]), [30, 1, 200], "one electrode");
        assert_eq!(squeezed(&[30, 1, 200]), [30, 1, 200]);
        assert_eq!(squeezed(&[30, 2, 5, 200]), [30, 2, 5, 200], "those have no meaning here");
    }

    #[test]
    fn a_name_says_the_part_of_a_set() {
        assert_eq!(part_of("x_train"), ("x", Some(Part::Train)));
        assert_eq!(part_of("ytest"), ("y", Some(Part::Test)));
        assert_eq!(part_of("x"), ("x", None));
        assert_eq!(part_of("test"), ("test", None));
    }
}
