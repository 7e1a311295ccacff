//! Folders as BIDS has them: `sub-01_task-x_eeg.edf` with `sub-01_task-x_events.tsv` and `sub-01_task-x_channels.tsv` beside
//! it, whose words count before the file's own. What is not beside it may lie further up, for all recordings below: the nearest
//! counts. <https://bids-specification.readthedocs.io/en/stable/common-principles.html#the-inheritance-principle>

#![allow(clippy::disallowed_methods, reason = "folders of recordings are walked, and nothing is opened")]

use super::bytes::text;
use super::event::in_order;
use super::{Event, ReadError, Recording, RecordingError};
use crate::disk::{Kind, named};
use std::fs;
use std::path::{Path, PathBuf};

/// How the name of a recording ends, before its extension.
const SUFFIX: &str = "_eeg";
/// Folders within folders that are looked into.
const DEEPEST: usize = 8;

/// The recordings of a folder, in the order of their names.
pub fn recordings(folder: &Path) -> Result<Vec<PathBuf>, RecordingError> {
    let mut found = Vec::new();
    walk(folder, 0, &mut found).map_err(|error| ReadError::from(error).of(folder))?;
    found.sort();
    match found.is_empty() {
        true => {
            let what = "holds no recording of a BIDS name (such as sub-01_task-imagery_eeg.edf); name the files themselves";
            Err(ReadError::Foreign(what.into()).of(folder))
        }
        false => Ok(found),
    }
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let name = entry.file_name().to_string_lossy().into_owned();
        if kind.is_dir()
            && depth < DEEPEST
            && !name.starts_with('.')
            && name != "derivatives"
            && name != "sourcedata"
        {
            walk(&path, depth + 1, found)?;
        } else if kind.is_file() || kind.is_symlink() {
            let ends =
                ["edf", "bdf", "vhdr", "set"].iter().any(|it| name.ends_with(&format!("{SUFFIX}.{it}")));
            if ends && name.starts_with("sub-") {
                found.push(path);
            }
        }
    }
    Ok(())
}

/// The value of an entity in a file's name: `01` of `sub` in `sub-01_task-x_eeg.edf`.
pub fn entity(path: &Path, key: &str) -> Option<String> {
    let stem = path.file_stem()?.to_str()?;
    if !stem.starts_with("sub-") {
        return None;
    }
    stem.split('_').find_map(|part| part.strip_prefix(key)?.strip_prefix('-')).map(str::to_owned)
}

/// Puts what the tables beside a recording say in the place of what the file says.
pub fn amend(mut recording: Recording) -> Result<Recording, RecordingError> {
    let own = whole(&recording.path);
    let beside = |ending| inherited(&own, ending).map_err(|error| error.of(&own));
    if let Some(path) = beside("channels.tsv")? {
        channels(&mut recording, &path).map_err(|error| error.of(&path))?;
    }
    if let Some(path) = beside("events.tsv")? {
        let (events, untimed) = events(&path).map_err(|error| error.of(&path))?;
        if untimed > 0 {
            recording.notes.push(format!("{untimed} of its events have no onset and are left out"));
        }
        let tolerance = recording.rate().map_or(0.0, |rate| 0.5 / rate);
        (recording.events, recording.outside) = in_order(events, &recording.segments, tolerance);
    }
    if let Some(path) = beside("events.json")? {
        let meanings = meanings(&path).map_err(|error| error.of(&path))?;
        let told = |(event, meaning): &(String, String)| {
            let occurs = recording.events.iter().any(|it| it.name == *event);
            (occurs && event != meaning).then(|| format!("{event} is {meaning}"))
        };
        let told: Vec<String> = meanings.iter().filter_map(told).collect();
        if !told.is_empty() {
            recording.notes.push(format!("its events: {}", told.join("; ")));
        }
    }
    recording.notes.extend(participant(&own));
    Ok(recording)
}

/// The path from the root on, so that folders above the one that a person works in are seen; a link's own name is kept, since
/// data sets under git-annex have links in place of files.
fn whole(path: &Path) -> PathBuf {
    let folder = path.parent().map(|it| if it.as_os_str().is_empty() { Path::new(".") } else { it });
    match (folder.and_then(|it| fs::canonicalize(it).ok()), path.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// The folders from a recording's own up to the data set's.
fn folders(path: &Path) -> Vec<&Path> {
    let mut folders = Vec::new();
    let mut next = path.parent();
    while let Some(folder) = next {
        folders.push(folder);
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_within = name == "eeg" || name.starts_with("ses-") || name.starts_with("sub-");
        next = folder.parent().filter(|_| is_within);
    }
    folders
}

/// Whom `participants.tsv` describes as the recorded person: worth knowing, and no reason to refuse a recording.
fn participant(path: &Path) -> Option<String> {
    let id = format!("sub-{}", entity(path, "sub")?);
    for folder in folders(path) {
        let table = folder.join("participants.tsv");
        match named::is_file(&table) {
            Ok(true) => return described(&table, &id),
            Ok(false) => {}
            Err(error) => return Some(format!("participants.tsv tells nothing of {id}: {error}")),
        }
    }
    None
}

/// What a table says of a person.
fn described(table: &Path, id: &str) -> Option<String> {
    let read = Table::read(table).and_then(|table| {
        let named = table.column("participant_id");
        named
            .map(|column| (table, column))
            .ok_or_else(|| ReadError::header("it has no column 'participant_id'"))
    });
    let (table, named) = match read {
        Ok(read) => read,
        Err(error) => return Some(format!("participants.tsv tells nothing of {id}: {error}")),
    };
    let Some(row) = table.rows.iter().find(|row| row[named] == id) else {
        return Some(format!("participants.tsv has no line on {id}"));
    };
    let said = table.columns.iter().zip(row).enumerate().filter(|(column, _)| *column != named);
    let said: Vec<String> =
        said.filter_map(|(_, (column, cell))| Some(format!("{column} {}", known(cell)?))).collect();
    (!said.is_empty()).then(|| format!("{id}: {}", said.join(", ")))
}

/// The nearest file that ends so and is about this recording: in its own folder, or further up to the data set's. All that such
/// a file's name says must be true of the recording; of several in a folder the one that says most counts.
fn inherited(path: &Path, ending: &str) -> Result<Option<PathBuf>, ReadError> {
    let stem = path.file_stem().and_then(|stem| stem.to_str()?.strip_suffix(SUFFIX));
    let Some(stem) = stem else { return Ok(None) };
    let own: Vec<&str> = stem.split('_').collect();
    let about = |path: &Path| {
        let said = path.file_name()?.to_str()?.strip_suffix(ending)?;
        let parts: Vec<&str> = said.split('_').filter(|part| !part.is_empty()).collect();
        let whole = said.is_empty() || said.ends_with('_');
        (whole && parts.iter().all(|part| own.contains(part))).then_some(parts.len())
    };
    for folder in folders(path) {
        let mut nearest = None;
        for path in named::list(folder)? {
            let Some(parts) = about(&path) else { continue };
            match named::kind(&path)? {
                Some(Kind::File) => nearest = nearest.max(Some((parts, path))),
                Some(_) => {}
                None => return Err(to_be_fetched(&path)),
            }
        }
        if let Some((_, path)) = nearest {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// A table whose name is listed and that is not there: a link, as those under git-annex are, to what was not fetched.
fn to_be_fetched(path: &Path) -> ReadError {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    ReadError::Companion(name, "it is a link to what is not here; fetch it, as with 'git annex get'".into())
}

/// What the levels of the events' columns mean, as `events.json` describes them.
fn meanings(path: &Path) -> Result<Vec<(String, String)>, ReadError> {
    let document: serde_json::Value = serde_json::from_str(&text(path)?)
        .map_err(|error| ReadError::header(format!("it is no JSON: {error}")))?;
    let levels =
        ["trial_type", "value"].into_iter().filter_map(|column| document[column]["Levels"].as_object());
    let said = levels.flatten().filter_map(|(event, meaning)| {
        // Some describe a level in a sentence, some in an object with a Description.
        let meaning = meaning.as_str().or_else(|| meaning["Description"].as_str())?;
        Some((event.clone(), meaning.to_owned()))
    });
    Ok(said.collect())
}

/// A table of named columns.
struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn read(path: &Path) -> Result<Self, ReadError> {
        let text = text(path)?;
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        let cells = |line: &str| line.split('\t').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
        let columns = cells(lines.next().ok_or(ReadError::Empty)?);
        let rows: Vec<Vec<String>> = lines.map(cells).collect();
        match rows.iter().position(|row| row.len() != columns.len()) {
            Some(row) => {
                Err(ReadError::header(format!("line {} has not {} columns", row + 2, columns.len())))
            }
            None => Ok(Table { columns, rows }),
        }
    }

    fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }
}

fn known(cell: &str) -> Option<&str> {
    Some(cell).filter(|cell| !matches!(*cell, "" | "n/a" | "N/A"))
}

/// The events of a table, and how many say nothing of when they happened.
fn events(path: &Path) -> Result<(Vec<Event>, usize), ReadError> {
    let table = Table::read(path)?;
    let onset = table.column("onset").ok_or_else(|| ReadError::header("it has no column 'onset'"))?;
    let duration = table.column("duration");
    let names = [table.column("trial_type"), table.column("value")];
    let (mut events, mut untimed) = (Vec::new(), 0);
    for (index, row) in table.rows.iter().enumerate() {
        let number = |cell: &str| cell.parse::<f64>().ok().filter(|value| value.is_finite());
        if known(&row[onset]).is_none() {
            untimed += 1;
            continue;
        }
        let onset = number(&row[onset]).ok_or_else(|| {
            ReadError::header(format!("the onset in line {} is '{}'", index + 2, row[onset]))
        })?;
        let duration = duration.and_then(|column| number(&row[column])).filter(|it| *it > 0.0).unwrap_or(0.0);
        if let Some(name) = names.iter().flatten().find_map(|&column| known(&row[column])) {
            events.push(Event::new(onset, duration, name));
        }
    }
    Ok((events, untimed))
}

fn channels(recording: &mut Recording, path: &Path) -> Result<(), ReadError> {
    let table = Table::read(path)?;
    let name = table.column("name").ok_or_else(|| ReadError::header("it has no column 'name'"))?;
    let (kinds, units, status) = (table.column("type"), table.column("units"), table.column("status"));
    let mut bad = Vec::new();
    for row in &table.rows {
        let Some(index) = super::channel::find(&recording.channels, &row[name]) else { continue };
        let channel = &mut recording.channels[index];
        if let Some(kind) = kinds.and_then(|column| known(&row[column])) {
            channel.told_kind(kind);
        }
        if let Some(told) = units.and_then(|column| known(&row[column])) {
            // A file's own voltage has been applied to its samples already.
            if channel.file_unit.is_empty() {
                channel.measured_in(told);
            }
        }
        if status.is_some_and(|column| row[column] == "bad") {
            bad.push(channel.name.clone());
        }
    }
    if !bad.is_empty() {
        recording
            .notes
            .push(format!("its channels {} are marked bad; leave them out with --picks", bad.join(" ")));
    }
    Ok(())
}
