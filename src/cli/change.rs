//! `eeg-tui pause|resume|cancel|retry|remove|restore|move|empty-trash|note|tag`: changes runs and says what it did.

use super::accept::Accept;
use super::{Failure, Global, Outcome, print, print_json};
use crate::counted::counted;
use crate::dataset;
use crate::notebook::{Done, Notebook, NotebookError, Place, Problem, RunState};
use crate::printable::printable;
use crate::spec::Spec;
use std::io::Write;

/// Which runs a change is about.
#[derive(Debug, clap::Args)]
pub struct Runs {
    /// Runs, or the beginnings of their names
    #[arg(required_unless_present = "state", conflicts_with = "state", value_name = "ID")]
    ids: Vec<String>,
    /// All runs in these states instead: queued, running, interrupted, paused, cancelled, failed, finished
    #[arg(long, value_name = "STATE", value_delimiter = ',', value_parser = RunState::ALL.map(RunState::name))]
    state: Vec<String>,
    /// A JSON array: what was done to each
    #[arg(long)]
    json: bool,
}

/// Which runs to train again.
#[derive(Debug, clap::Args)]
pub struct Retry {
    #[command(flatten)]
    runs: Runs,
    #[command(flatten)]
    accept: Accept,
}

/// Where in the queue to move runs to.
#[derive(Debug, clap::Args)]
pub struct Move {
    /// Runs, or the beginnings of their names
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    place: PlaceFlags,
    /// A JSON array: what was done to each
    #[arg(long)]
    json: bool,
}

/// One place.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct PlaceFlags {
    /// To the front
    #[arg(long)]
    first: bool,
    /// To the end
    #[arg(long)]
    last: bool,
    /// One place earlier
    #[arg(long)]
    up: bool,
    /// One place later
    #[arg(long)]
    down: bool,
    /// Right before this run
    #[arg(long, value_name = "ID")]
    before: Option<String>,
}

/// What to take back from the trash.
#[derive(Debug, clap::Args)]
pub struct Restore {
    /// Runs; none takes back what was removed last
    #[arg(value_name = "ID")]
    ids: Vec<String>,
}

/// A run's notes.
#[derive(Debug, clap::Args)]
pub struct Note {
    /// The run, or the beginning of its name
    id: String,
    /// The new notes; without them they are printed, and '' removes them
    text: Option<String>,
}

/// A run's tags.
#[derive(Debug, clap::Args)]
pub struct Tag {
    /// The run, or the beginning of its name
    id: String,
    /// Tags to put on
    tags: Vec<String>,
    /// Tags to take off
    #[arg(long, value_name = "TAG", value_delimiter = ',')]
    off: Vec<String>,
}

/// Does one thing to each of the runs. One that can't be done does not keep the others from it.
pub fn each(
    global: &Global,
    runs: &Runs,
    change: impl Fn(&Notebook, &str) -> Result<Done, NotebookError>,
) -> Outcome {
    let notebook = Notebook::open(&global.runs);
    let meant = runs.meant(&notebook)?;
    report(meant.into_iter().map(|id| change(&notebook, &id?)).collect(), runs.json)
}

impl Runs {
    /// The runs that are meant, as they were named. One that can't be read for a moment may be in any state, and is an error.
    fn meant(&self, notebook: &Notebook) -> Result<Vec<Result<String, NotebookError>>, Failure> {
        if self.state.is_empty() {
            return Ok(self.ids.iter().cloned().map(Ok).collect());
        }
        let index = notebook.index()?.complete();
        let wanted = index.runs().iter().filter(|run| self.state.iter().any(|name| name == run.state.name()));
        let refused = index.problems().iter().filter(|problem| problem.refused);
        let left_out = |it: &Problem| NotebookError::LeftOut { id: it.id.clone(), what: it.sentence.clone() };
        Ok(wanted.map(|run| Ok(run.id.clone())).chain(refused.map(|it| Err(left_out(it)))).collect())
    }
}

/// Trains runs again. Their data are looked over first, as those of new runs are.
pub fn retry(global: &Global, args: &Retry) -> Outcome {
    let notebook = Notebook::open(&global.runs);
    let meant = args.runs.meant(&notebook)?;
    let at_rest = |id: &String| {
        let dir = notebook.run(id)?;
        let rests = !matches!(dir.state()?, RunState::Queued | RunState::Running);
        rests.then(|| dir.spec()).transpose()
    };
    let mut sets: Vec<Vec<Spec>> = Vec::new();
    for id in meant.iter().flatten() {
        let spec = match at_rest(id) {
            Ok(Some(spec)) => spec,
            Err(error) if error.leaves_unknown() => return Err(error.into()),
            // What is no run, or none any more, is said below.
            Ok(None) | Err(_) => continue,
        };
        match sets.iter_mut().find(|specs| specs.iter().all(|known| known.data == spec.data)) {
            Some(specs) => specs.push(spec),
            None => sets.push(vec![spec]),
        }
    }
    for specs in &sets {
        let Some(Spec { data, .. }) = specs.first() else { continue };
        match dataset::look_source(data, &global.data) {
            Ok(looked) => args.accept.heed(&looked.findings, specs)?,
            // A worker elsewhere may have them.
            Err(error) => {
                let said = format!("its recordings could not be looked over here: {error}");
                let _ = writeln!(std::io::stderr(), "warning: {}", printable(&said));
            }
        }
    }
    report(meant.into_iter().map(|id| notebook.retry(&id?)).collect(), args.runs.json)
}

/// Moves runs in the queue.
pub fn move_to(global: &Global, args: &Move) -> Outcome {
    let notebook = Notebook::open(&global.runs);
    let place = match &args.place {
        PlaceFlags { first: true, .. } => Place::First,
        PlaceFlags { last: true, .. } => Place::Last,
        PlaceFlags { up: true, .. } => Place::Up,
        PlaceFlags { before: Some(other), .. } => Place::Before(notebook.run(other)?.id().into()),
        _ => Place::Down,
    };
    report(notebook.move_to(&args.ids, &place)?.into_iter().map(Ok).collect(), args.json)
}

/// Takes runs back from the trash.
pub fn restore(global: &Global, args: &Restore) -> Outcome {
    let notebook = Notebook::open(&global.runs);
    let mut ids = args.ids.clone();
    if ids.is_empty() {
        let last = notebook.trashed()?.into_iter().next();
        ids.push(last.ok_or_else(|| Failure::work("the trash is empty, there is nothing to take back"))?);
    }
    report(ids.iter().map(|id| notebook.restore(id)).collect(), false)
}

/// Deletes what is in the trash.
pub fn empty_trash(global: &Global) -> Outcome {
    let count = Notebook::open(&global.runs).empty_trash()?;
    print(&format!("deleted {} for good\n", counted(count, "run")))
}

/// Shows or replaces a run's notes.
pub fn note(global: &Global, args: &Note) -> Outcome {
    let dir = Notebook::open(&global.runs).run(&args.id)?;
    match &args.text {
        Some(text) => Ok(dir.set_notes(text)?),
        None => print(&dir.notes()?.lines().map(|line| format!("{}\n", printable(line))).collect::<String>()),
    }
}

/// Shows or changes a run's tags.
pub fn tag(global: &Global, args: &Tag) -> Outcome {
    let tags = Notebook::open(&global.runs).tag(&args.id, &args.tags, &args.off)?;
    print(&tags.iter().map(|tag| format!("{}\n", printable(tag))).collect::<String>())
}

fn report(results: Vec<Result<Done, NotebookError>>, json: bool) -> Outcome {
    let mut failures = Vec::new();
    let mut done = Vec::new();
    for result in results {
        match result {
            Ok(one) => done.push(one),
            Err(error) => failures.push(error.to_string()),
        }
    }
    if json {
        print_json(&done)?;
    } else {
        print(&done.iter().map(|done| format!("{}\n", printable(&done.sentence))).collect::<String>())?;
    }
    let Some(last) = failures.pop() else { return Ok(()) };
    for sentence in failures {
        let _ = writeln!(std::io::stderr(), "eeg-tui: {}", printable(&sentence));
    }
    Err(Failure::work(last))
}
