//! Makes a data set of recordings: what a person asks for is in `options`, one recording is cut in `cut`, and the set is
//! written in `write` with its `provenance`. Knows the data set's form on disk and nothing of runs.

mod cut;
mod draft;
mod error;
mod options;
mod provenance;
mod select;
mod tally;
mod trace;
mod who;
mod write;

pub use error::ImportError;
pub use options::{Class, Options, Plan, Test, Unit};
pub use provenance::{FILE as PROVENANCE, Provenance, Source, Written, origin};
pub use select::counts as event_counts;
pub use tally::Lost;
pub use trace::{Trace, TraceChannel};
pub use who::Who;

use super::trials::Part;
use super::{Assume, Channel, Content, Event, ReadError, Recording, Watch, arrays, bids, open};
use crate::dataset::electrode;
use crate::dataset::findings::Finding;
use crate::disk::named;
use cut::{Cut, Trial, cut};
use draft::Draft;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tally::Tally;
use write::{Block, Form};

/// A set that was made.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Its name.
    pub name: String,
    /// Its folder.
    pub path: PathBuf,
    /// How many trials it has; without a test part all are for training until a run's split says otherwise.
    pub trials: Parts,
    /// Names of the electrodes.
    pub channels: Vec<String>,
    /// Samples of a trial.
    pub samples: usize,
    /// Hz.
    pub sfreq: Option<f64>,
    /// How many trials each class has.
    pub classes: BTreeMap<String, usize>,
    /// Whose they are.
    pub subjects: Vec<String>,
    /// The trials that were not taken.
    pub lost: Vec<Lost>,
    /// Names and checksums of its files.
    pub files: Vec<Written>,
    /// Of the set.
    pub fingerprint: Option<String>,
    /// What was noticed about the set.
    pub findings: Vec<Finding>,
    /// What is worth knowing.
    pub notes: Vec<String>,
}

/// Trials of either part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Parts {
    /// For training.
    pub train: usize,
    /// For the test.
    pub test: usize,
}

/// What lies in files that might be imported.
#[derive(Debug, Serialize)]
pub struct Inspected {
    /// One for each recording.
    pub files: Vec<InspectedFile>,
}

/// A recording that might be imported.
#[derive(Debug, Serialize)]
pub struct InspectedFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its format.
    pub format: &'static str,
    /// Hz.
    pub sfreq: Option<f64>,
    /// Samples of the longest channel; of a trial where these are cut already.
    pub samples: u64,
    /// Trials, where they are cut already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trials: Option<usize>,
    /// Whose it is.
    pub subject: String,
    /// On which day.
    pub session: Option<String>,
    /// Which of the day's.
    pub run: String,
    /// Its channels.
    pub channels: Vec<InspectedChannel>,
    /// Its events, or the labels of its trials.
    pub events: Vec<InspectedEvent>,
    /// What is worth knowing.
    pub notes: Vec<String>,
    /// The beginning of its signal, of the first recording alone.
    #[serde(skip)]
    pub trace: Option<Trace>,
}

/// A channel, in short.
#[derive(Debug, Serialize)]
pub struct InspectedChannel {
    /// Its name.
    pub name: String,
    /// Its unit in the file.
    pub unit: String,
    /// What it measured.
    pub kind: super::Kind,
}

/// An event, counted.
#[derive(Debug, Serialize)]
pub struct InspectedEvent {
    /// What it is called.
    pub name: String,
    /// How often it happens.
    pub count: usize,
}

/// The recordings that a person's files stand for: folders give theirs, and arrays of labels go with their trials.
pub fn recordings(files: &[PathBuf]) -> Result<Vec<PathBuf>, ImportError> {
    let mut all = Vec::new();
    for file in files {
        if named::is_folder(file).map_err(refused(file))? {
            all.extend(bids::recordings(file)?);
        } else {
            all.push(file.clone());
        }
    }
    let mut labels = Vec::new();
    for path in &all {
        labels.extend(arrays::labels_beside(path).map_err(refused(path))?);
    }
    all.retain(|path| path.extension().is_none_or(|it| it != "npy") || !labels.contains(path));
    match all.is_empty() {
        true => Err(ImportError::Usage("name the recordings to import".into())),
        false => Ok(all),
    }
}

fn assume(options: &Options, plan: &Plan, place: usize) -> Assume {
    Assume {
        rate: options.rate,
        signal: options.signal.clone(),
        labels: options.labels.clone(),
        axes: plan.axes,
        true_labels: options.true_labels.get(place).cloned(),
    }
}

/// Opens recordings one after another: some formats lie in memory while they are open.
fn opened<'a>(
    paths: &'a [PathBuf],
    options: &'a Options,
    plan: &'a Plan,
) -> Result<impl Iterator<Item = Result<Recording, ImportError>> + 'a, ImportError> {
    let told = options.true_labels.len();
    if told > 0 && told != paths.len() {
        return Err(ImportError::Usage(format!(
            "--true-labels names {told} files for {} recordings; name one for each",
            paths.len()
        )));
    }
    let open = |(place, path): (usize, &PathBuf)| Ok(open(path, &assume(options, plan, place))?);
    Ok(paths.iter().enumerate().map(open))
}

fn told(paths: &[PathBuf], options: &Options) -> Result<Vec<Who>, ImportError> {
    who::of(&paths.iter().map(PathBuf::as_path).collect::<Vec<_>>(), options)
}

/// Looks at recordings without making anything of them.
pub fn inspect(files: &[PathBuf], options: &Options, watch: &Watch) -> Result<Inspected, ImportError> {
    let plan = options.plan()?;
    let paths = recordings(files)?;
    let who = told(&paths, options)?;
    let files = opened(&paths, options, &plan)?.zip(who).enumerate().map(|(place, (recording, who))| {
        let mut recording = recording?;
        let path = recording.path.clone();
        let mut events: Vec<Event> = std::mem::take(&mut recording.events);
        let mut trials = None;
        let trace = (place == 0).then(|| Trace::of(&mut recording, watch));
        let trace = trace.transpose().map_err(|error: ReadError| error.of(&path))?;
        match &mut recording.content {
            Content::Continuous(samples) => {
                if let Some(name) = &options.stim {
                    let index = select::stim(&path, &recording.channels, name)?;
                    let codes = cut::codes(samples.as_mut(), &recording.channels, index, watch);
                    events = codes.map_err(|error: ReadError| error.of(&path))?;
                }
            }
            Content::Trials(cut) => {
                trials = Some(cut.len());
                events = cut.names.iter().flatten().map(|name| Event::new(0.0, 0.0, name.as_str())).collect();
            }
        }
        let channel = |it: &Channel| InspectedChannel {
            name: it.name.clone(),
            unit: it.file_unit.clone(),
            kind: it.kind,
        };
        let counts = event_counts(&events).into_iter();
        Ok(InspectedFile {
            format: recording.format,
            sfreq: recording.rate(),
            samples: recording.samples(),
            trials,
            subject: who.subject,
            session: who.session,
            run: who.run,
            channels: recording.channels.iter().map(channel).collect(),
            events: counts.map(|(name, count)| InspectedEvent { name: name.to_owned(), count }).collect(),
            notes: recording.notes,
            trace,
            path,
        })
    });
    Ok(Inspected { files: files.collect::<Result<_, ImportError>>()? })
}

/// How many bytes an import reads, roughly: for a progress bar.
pub fn bytes(files: &[PathBuf]) -> u64 {
    let paths = recordings(files).unwrap_or_default();
    let companions = |path: PathBuf| {
        let beside =
            ["eeg", "dat", "fdt"].map(|it| path.with_extension(it)).into_iter().filter(|it| *it != path);
        beside.chain([path.clone()]).collect::<Vec<_>>()
    };
    paths.into_iter().flat_map(companions).filter_map(|path| fs::metadata(path).ok()).map(|it| it.len()).sum()
}

/// Makes a data set in `data_dir` of recordings.
pub fn import(
    name: &str,
    files: &[PathBuf],
    options: &Options,
    data_dir: &Path,
    replace: bool,
    watch: &Watch,
) -> Result<Report, ImportError> {
    let target = target(name, data_dir, replace)?;
    let plan = options.plan()?;
    let paths = recordings(files)?;
    let who = told(&paths, options)?;
    let mut tally = Tally::default();
    let mut cuts: Vec<(Who, Cut)> = Vec::new();
    let mut provenance = Provenance::new(name, &options.settled()?);
    for (recording, who) in opened(&paths, options, &plan)?.zip(who) {
        let recording = recording?;
        let path = recording.path.clone();
        let own_classes =
            matches!(recording.content, Content::Trials(_)) || recording.format.starts_with("BioSig");
        if plan.classes.is_empty() && !own_classes && options.stim.is_none() {
            let has = select::has(&recording.events);
            return Err(ImportError::Work(format!(
                "{}: say which events are the classes with --events; {has}",
                path.display()
            )));
        }
        for note in &recording.notes {
            tally.note(format!("{}: {note}", path.display()));
        }
        provenance.sources.push(source(&path, recording.format, &who)?);
        let in_first_order = cuts.first().and_then(|(_, first)| reordered(&recording, first, options));
        let cut = cut(recording, in_first_order.as_ref().unwrap_or(options), &plan, &mut tally, watch)?;
        if let Some((first, other)) = cuts.first().map(|(_, first)| (first, &paths[0])) {
            same_form(first, other, &cut, &path)?;
        }
        cuts.push((who, reject(cut, &plan, &mut tally)));
    }
    one_part_where_all_is_held_out(&mut cuts, &plan, options, &mut tally);
    let set = Set::new(cuts, &plan, &tally)?;
    write(name, &target, set, provenance, replace, tally, data_dir)
}

/// A recording of test trials alone, whose classes a person told, is a set of its own.
fn one_part_where_all_is_held_out(
    cuts: &mut [(Who, Cut)],
    plan: &Plan,
    options: &Options,
    tally: &mut Tally,
) {
    let mut trials = cuts.iter_mut().flat_map(|(_, cut)| &mut cut.trials).peekable();
    if plan.test != Test::AsGiven || options.true_labels.is_empty() || trials.peek().is_none() {
        return;
    }
    let mut trials: Vec<&mut Trial> = trials.collect();
    if trials.iter().all(|trial| trial.part == Some(Part::Test)) {
        trials.iter_mut().for_each(|trial| trial.part = None);
        tally.note(
            "every trial was kept for a test: the set has one part, of which a run's split makes two".into(),
        );
    }
}

fn target(name: &str, data_dir: &Path, replace: bool) -> Result<PathBuf, ImportError> {
    let odd = name.is_empty()
        || name.starts_with('.')
        || name == "simulated"
        || name.chars().any(|c| matches!(c, '/' | '\\') || c.is_control());
    if odd {
        return Err(ImportError::Usage(format!("'{name}' can't be a data set's name; take a plain word")));
    }
    let target = data_dir.join(name);
    match named::kind(&target).map_err(refused(&target))? {
        Some(_) if !replace => Err(ImportError::Work(format!(
            "{} is there already; take another name, or replace it with --replace",
            target.display()
        ))),
        _ => Ok(target),
    }
}

/// Wraps what the system said about a recording or a folder.
fn refused(path: &Path) -> impl FnOnce(std::io::Error) -> ImportError {
    let path = path.to_owned();
    move |error| ImportError::Recording(ReadError::Io(error).of(&path))
}

fn source(path: &Path, format: &str, who: &Who) -> Result<Source, ImportError> {
    Ok(Source {
        path: fs::canonicalize(path).map_err(refused(path))?,
        format: format.to_owned(),
        bytes: fs::metadata(path).map_err(refused(path))?.len(),
        sha256: draft::sha256(path).map_err(refused(path))?,
        subject: who.subject.clone(),
        session: who.session.clone(),
        run: who.run.clone(),
    })
}

/// Options that take a recording's EEG channels in the order of the first recording's, where it has just these.
fn reordered(recording: &Recording, first: &Cut, options: &Options) -> Option<Options> {
    let eeg = recording.channels.iter().filter(|channel| channel.kind == super::Kind::Eeg);
    let mut names: Vec<String> = eeg.map(|channel| electrode::plain(&channel.name)).collect();
    let mut wanted = first.plain_names();
    names.sort_unstable();
    wanted.sort_unstable();
    let same = options.picks.is_empty() && names == wanted;
    same.then(|| Options { picks: first.electrodes.clone(), ..options.clone() })
}

/// Recordings of one set have the same electrodes, rate and length of trials.
fn same_form(first: &Cut, first_path: &Path, cut: &Cut, path: &Path) -> Result<(), ImportError> {
    let (file, other) = (path.display(), first_path.display());
    let rate = |rate: Option<f64>| rate.map_or("an unknown rate".into(), |rate| format!("{rate} Hz"));
    if first.rate != cut.rate {
        let rates = format!("{file} has {}, {other} has {}", rate(cut.rate), rate(first.rate));
        return Err(ImportError::Work(format!("{rates}; bring all to one with --resample")));
    }
    // Names are compared without case; the first recording's are the set's.
    if first.plain_names() != cut.plain_names() {
        let only = |a: &Cut, b: &Cut| {
            let names: Vec<String> = a
                .electrodes
                .iter()
                .filter(|it| !b.plain_names().contains(&electrode::plain(it)))
                .cloned()
                .collect();
            if names.is_empty() { "none".to_owned() } else { names.join(" ") }
        };
        return Err(ImportError::Work(format!(
            "{file} and {other} have different channels (only the first: {}; only the second: {}); take \
             those that all have with --picks",
            only(cut, first),
            only(first, cut)
        )));
    }
    if first.samples != cut.samples {
        let (a, b) = (cut.samples, first.samples);
        return Err(ImportError::Work(format!(
            "{file} has trials of {a} samples, {other} of {b}; cut them alike with --window"
        )));
    }
    Ok(())
}

/// Drops trials in which nothing was recorded or too much.
fn reject(cut: Cut, plan: &Plan, tally: &mut Tally) -> Cut {
    let electrodes = cut.electrodes.len();
    let size = cut.samples * electrodes;
    let too_much = |trial: &[f32]| {
        plan.reject.is_some_and(|limit| {
            (0..electrodes).any(|electrode| {
                let values =
                    trial.iter().skip(electrode).step_by(electrodes).copied().filter(|value| !value.is_nan());
                let (low, high) = values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| {
                    (low.min(value), high.max(value))
                });
                f64::from(high) - f64::from(low) > limit
            })
        })
    };
    let mut kept = Cut { trials: Vec::new(), signal: Vec::new(), ..cut.clone_form() };
    for (trial, signal) in cut.trials.into_iter().zip(cut.signal.chunks_exact(size.max(1))) {
        if signal.iter().all(|value| value.is_nan()) {
            tally.lose("nothing was recorded", 1);
        } else if too_much(signal) {
            tally.lose("an electrode goes further than --reject allows", 1);
        } else {
            kept.trials.push(trial);
            kept.signal.extend_from_slice(signal);
        }
    }
    kept
}

impl Cut {
    /// Names as they are compared.
    fn plain_names(&self) -> Vec<String> {
        self.electrodes.iter().map(|name| electrode::plain(name)).collect()
    }

    fn clone_form(&self) -> Cut {
        Cut { electrodes: self.electrodes.clone(), rate: self.rate, samples: self.samples, ..Cut::default() }
    }
}

/// A set before it is written: blocks by file name.
struct Set {
    form: Form,
    blocks: BTreeMap<String, Block>,
    trials: Parts,
    classes: Vec<(String, usize)>,
    subjects: Vec<String>,
}

impl Set {
    fn new(cuts: Vec<(Who, Cut)>, plan: &Plan, tally: &Tally) -> Result<Self, ImportError> {
        let mut classes: Vec<(String, usize)> =
            class_names(&cuts, plan).into_iter().map(|name| (name, 0)).collect();
        let numeric = plan.classes.is_empty() && classes.iter().all(|(name, _)| name.parse::<i64>().is_ok());
        let Some((_, first)) = cuts.first() else {
            return Err(ImportError::Usage("name the recordings to import".into()));
        };
        let form = Form {
            samples: first.samples,
            electrodes: first.electrodes.clone(),
            sfreq: first.rate,
            classes: (!numeric).then(|| classes.iter().map(|(name, _)| name.clone()).collect()),
        };
        let all: usize = cuts.iter().map(|(_, cut)| cut.trials.len()).sum();
        if all == 0 {
            return Err(ImportError::Work(format!("not one trial is left{}", because(tally.lost()))));
        }
        form.check(all)?;
        let size = form.samples * form.electrodes.len();
        let mut sorted: Vec<(Part, Trial, Who, Vec<f32>)> = Vec::new();
        for (who, cut) in cuts {
            let parts = parts(&who, &cut, plan);
            for ((trial, signal), part) in
                cut.trials.into_iter().zip(cut.signal.chunks_exact(size)).zip(parts)
            {
                let [subject, session, run] = trial.own.clone();
                let who = Who {
                    subject: subject.unwrap_or_else(|| who.subject.clone()),
                    session: session.or_else(|| who.session.clone()),
                    run: run.unwrap_or_else(|| who.run.clone()),
                };
                sorted.push((part, trial, who, signal.to_vec()));
            }
        }
        let trials = Parts {
            train: sorted.iter().filter(|it| it.0 == Part::Train).count(),
            test: sorted.iter().filter(|it| it.0 == Part::Test).count(),
        };
        check_parts(trials, plan, &sorted)?;
        let mut subjects: Vec<String> = sorted.iter().map(|it| it.2.subject.clone()).collect();
        subjects.sort();
        subjects.dedup();
        // Where a whole subject is for the test, its training file would be missing: all go into one pair of files.
        let has =
            |subject: &String, part: Part| sorted.iter().any(|it| it.0 == part && it.2.subject == *subject);
        let pooled =
            trials.test > 0 && !subjects.iter().all(|it| has(it, Part::Train) && has(it, Part::Test));
        let mut blocks: BTreeMap<String, Block> = BTreeMap::new();
        for (part, trial, who, signal) in sorted {
            let place = classes.iter().position(|(name, _)| *name == trial.class).unwrap_or(0);
            classes[place].1 += 1;
            let label = if numeric { trial.class.parse().unwrap_or(0) } else { place as i64 };
            let stem = if pooled { "all".to_owned() } else { file_name(&who.subject) };
            let end = match (trials.test, part) {
                (0, _) => "",
                (_, Part::Train) => "_train",
                (_, Part::Test) => "_test",
            };
            let block = blocks.entry(format!("{stem}{end}.npz")).or_default();
            block.signal.extend(signal);
            block.labels.push(label);
            block.subjects.push(who.subject);
            block.runs.push(who.run);
            block.sessions.extend(who.session);
        }
        match classes.iter().find(|(_, count)| *count == 0) {
            Some((class, _)) => Err(ImportError::Work(format!(
                "not one trial of the class '{class}' is left{}; --dry-run lists the events that there are",
                because(tally.lost())
            ))),
            None => Ok(Set { form, blocks, trials, classes, subjects }),
        }
    }
}

/// The classes in their order: that of `--events`, else of the files' labels, sorted as numbers where they are numbers.
fn class_names(cuts: &[(Who, Cut)], plan: &Plan) -> Vec<String> {
    if !plan.classes.is_empty() {
        return plan.classes.iter().map(|class| class.name.clone()).collect();
    }
    let mut names: Vec<String> =
        cuts.iter().flat_map(|(_, cut)| &cut.trials).map(|trial| trial.class.clone()).collect();
    names.sort_by(|a, b| match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a.total_cmp(&b),
        _ => a.cmp(b),
    });
    names.dedup();
    names
}

/// The part of each trial of a recording.
fn parts(who: &Who, cut: &Cut, plan: &Plan) -> Vec<Part> {
    let trials = &cut.trials;
    match &plan.test {
        Test::AsGiven => trials.iter().map(|trial| trial.part.unwrap_or(Part::Train)).collect(),
        Test::Share(share) => {
            let test = (share * trials.len() as f64).round_ties_even() as usize;
            let train = trials.len() - test.min(trials.len());
            (0..trials.len()).map(|place| if place < train { Part::Train } else { Part::Test }).collect()
        }
        Test::Named(unit, names) => {
            let of = |trial: &Trial| {
                let [subject, session, run] = &trial.own;
                let name = match unit {
                    Unit::Subject => subject.as_ref().or(Some(&who.subject)),
                    Unit::Session => session.as_ref().or(who.session.as_ref()),
                    Unit::Run => run.as_ref().or(Some(&who.run)),
                };
                let test = name.is_some_and(|name| names.iter().any(|wanted| who::means(wanted, name)));
                if test { Part::Test } else { Part::Train }
            };
            trials.iter().map(of).collect()
        }
    }
}

fn check_parts(
    trials: Parts,
    plan: &Plan,
    sorted: &[(Part, Trial, Who, Vec<f32>)],
) -> Result<(), ImportError> {
    if plan.test == Test::AsGiven && trials.train > 0 {
        return Ok(());
    }
    let (lacks, what) = match (trials.train, trials.test) {
        (0, _) => ("training", "leave some out of --test"),
        (_, 0) => ("test", "see --test"),
        _ => return Ok(()),
    };
    let mut names: Vec<String> = match &plan.test {
        Test::Named(unit, _) => sorted
            .iter()
            .map(|(_, _, who, _)| match unit {
                Unit::Subject => who.subject.clone(),
                Unit::Session => who.session.clone().unwrap_or_else(|| "none".into()),
                Unit::Run => who.run.clone(),
            })
            .collect(),
        _ => Vec::new(),
    };
    names.sort();
    names.dedup();
    let there = match (&plan.test, names.is_empty()) {
        (Test::Named(unit, _), false) => format!(" (there is {} {})", unit.name(), names.join(", ")),
        _ => String::new(),
    };
    Err(ImportError::Work(format!("no trial is left for {lacks}; {what}{there}")))
}

fn because(lost: &[Lost]) -> String {
    let reasons: Vec<String> = lost.iter().map(|lost| format!("{} × {}", lost.count, lost.why)).collect();
    if reasons.is_empty() {
        "; see what the recordings hold with 'eeg-tui data peek'".into()
    } else {
        format!(": {}", reasons.join(", "))
    }
}

/// A subject's name as a file's.
fn file_name(subject: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
    let name: String = subject.chars().map(plain).collect();
    match name.trim_start_matches('.') {
        "" => "subject".into(),
        name => name.to_owned(),
    }
}

fn write(
    name: &str,
    target: &Path,
    set: Set,
    mut provenance: Provenance,
    replace: bool,
    mut tally: Tally,
    data_dir: &Path,
) -> Result<Report, ImportError> {
    let draft = Draft::begin(target)?;
    for (file, block) in &set.blocks {
        let sha256 = draft.file(file, |writer| write::npz(block, &set.form, writer))?;
        provenance.written.push(Written { file: file.clone(), trials: block.labels.len(), sha256 });
    }
    provenance.lost = tally.lost().to_vec();
    let text = toml::to_string(&provenance)
        .map_err(|error| ImportError::Work(format!("the provenance can't be written: {error}")))?;
    draft.file(provenance::FILE, |writer| std::io::Write::write_all(writer, text.as_bytes()))?;
    draft.finish(replace)?;
    let (fingerprint, findings) = match crate::dataset::look(Some(name), data_dir) {
        Ok(looked) => (Some(looked.data.source.fingerprint), looked.findings),
        Err(error) if error.is_refusal() => {
            let target = target.display();
            return Err(ImportError::Work(format!(
                "{target} is written, and could not be looked over: {error}; let 'eeg-tui data check {name}' do it"
            )));
        }
        // A set that no run can be made of, such as one of a single class, is written all the same: its owner is told.
        Err(error) => {
            tally.note(format!("no run can be made of the set as it is: {error}"));
            let report = crate::dataset::check(Some(name), data_dir);
            (None, report.map(|report| report.findings).unwrap_or_default())
        }
    };
    Ok(Report {
        name: name.to_owned(),
        path: target.to_owned(),
        trials: set.trials,
        channels: set.form.electrodes,
        samples: set.form.samples,
        sfreq: set.form.sfreq,
        classes: set.classes.into_iter().collect(),
        subjects: set.subjects,
        lost: provenance.lost,
        files: provenance.written,
        fingerprint,
        findings,
        notes: tally.notes(),
    })
}

/// Makes a set again from its provenance, perhaps under another name, and compares it with what was made then.
pub fn again(
    name: Option<&str>,
    from: &Path,
    data_dir: &Path,
    replace: bool,
    watch: &Watch,
) -> Result<Report, ImportError> {
    let before = Provenance::read(from)?;
    let name = name.unwrap_or(&before.name);
    target(name, data_dir, replace)?;
    for source in &before.sources {
        let found = draft::sha256(&source.path).map_err(|error| ReadError::Io(error).of(&source.path))?;
        if found != source.sha256 {
            return Err(ImportError::Work(format!(
                "{} is not the recording that the set was made of (SHA-256 {found}, then {}); put the old one back",
                source.path.display(),
                source.sha256
            )));
        }
    }
    let files: Vec<PathBuf> = before.sources.iter().map(|source| source.path.clone()).collect();
    let report = import(name, &files, &before.options, data_dir, replace, watch)?;
    let other = report.files.iter().zip(&before.written).find(|(now, then)| now.sha256 != then.sha256);
    match other {
        Some((now, _)) => Err(ImportError::Work(format!(
            "{} was made, but {} is not bit for bit what {} made",
            report.path.display(),
            now.file,
            before.program
        ))),
        None => Ok(report),
    }
}
