//! `eeg-tui list`: every run in a line.

use super::machine::check_device;
use super::text::{duration, percent, table};
use super::{Failure, Global, Outcome, print, print_json};
use crate::notebook::{Index, Notebook, Problem, ProblemKind, RunState, RunSummary};
use crate::plan::Pace;
use crate::printable::printable;
use crate::spec::{Rule, field};
use crate::worker::{Notice, slurm};
use serde_json::{Value, json};
use std::io::Write;

/// What `list` understands.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only runs in these states: queued, running, interrupted, paused, cancelled, failed, finished, newer, damaged
    #[arg(long, value_name = "STATE", value_delimiter = ',', value_parser = clap::builder::PossibleValuesParser::new(states()))]
    state: Vec<String>,
    /// Only the newest N
    #[arg(short = 'n', long, value_name = "N")]
    limit: Option<usize>,
    /// What is in the trash instead
    #[arg(long, conflicts_with_all = ["state", "limit"])]
    trash: bool,
    /// A JSON array
    #[arg(long)]
    json: bool,
}

/// The states of runs, and what stands in their place for those that are left alone.
fn states() -> Vec<&'static str> {
    let known = RunState::ALL.into_iter().map(RunState::name);
    known.chain(ProblemKind::ALL.into_iter().map(ProblemKind::name)).collect()
}

/// Runs the command.
pub fn run(global: &Global, args: &Args) -> Outcome {
    let notebook = Notebook::open(&global.runs);
    if args.trash {
        let removed = notebook.trashed()?;
        return match args.json {
            true => print_json(&removed),
            false => print(&removed.iter().map(|id| format!("{id}\n")).collect::<String>()),
        };
    }
    let index = notebook.index()?.complete();
    warn(&index);
    say_devices(global, &notebook);
    let wanted =
        |run: &&RunSummary| args.state.is_empty() || args.state.iter().any(|state| state == run.state.name());
    let runs: Vec<&RunSummary> = index.runs().iter().filter(wanted).collect();
    let limit = args.limit.unwrap_or(usize::MAX);
    let problems = index.problems().iter().filter(|problem| {
        args.state.is_empty() || args.state.iter().any(|state| state == problem.kind.name())
    });
    let problems: Vec<&Problem> = problems.collect();
    if args.json {
        let known = runs.iter().map(|run| (run.id.as_str(), fields(run)));
        let unknown =
            problems.iter().map(|problem| (problem.id.as_str(), problem_fields(&notebook, problem)));
        return print_json(&newest_first(known.chain(unknown), limit));
    }
    if index.total() == 0 && index.problems().is_empty() {
        return print("no runs yet; 'eeg-tui add' enqueues one, 'eeg-tui work' trains what is queued\n");
    }
    let pace = Pace::learn(index.runs(), &crate::worker::host());
    let head = ["id", "state", "epoch", "validation", "last", "best*", ""].map(String::from).to_vec();
    let known = runs.iter().map(|run| (run.id.as_str(), row(run, &pace)));
    let unknown = problems.iter().map(|problem| (problem.id.as_str(), problem_row(problem)));
    let rows: Vec<Vec<String>> =
        std::iter::once(head).chain(newest_first(known.chain(unknown), limit)).collect();
    print(&(table(&rows) + "test accuracy in %; * picked on the test set, optimistic\n"))?;
    if index.queue().is_empty() {
        return Ok(());
    }
    match slurm::queue(notebook.disk(), notebook.root()) {
        // Work waits, and nobody is about to take it.
        Ok(jobs) if jobs.is_empty() => {
            let past = slurm::past(notebook.disk(), notebook.root());
            print(&past.iter().map(|past| format!("{}\n", printable(&past.to_string()))).collect::<String>())
        }
        Ok(jobs) => {
            print(&jobs.iter().map(|job| format!("{}\n", printable(&job.to_string()))).collect::<String>())
        }
        Err(error) => {
            let sentence = format!("what Slurm has of this notebook can't be seen: {error}");
            let _ = writeln!(std::io::stderr(), "eeg-tui: {}", printable(&sentence));
            Ok(())
        }
    }
}

/// Runs that can't be read are named on standard error, and cost the others nothing.
pub fn warn(index: &Index) {
    for problem in index.problems() {
        let sentence = printable(&problem.sentence);
        let _ = match problem.kind {
            ProblemKind::Newer => writeln!(std::io::stderr(), "eeg-tui: {sentence}"),
            ProblemKind::Damaged => {
                let id = printable(&problem.id);
                writeln!(std::io::stderr(), "eeg-tui: run {id} is left out: {sentence}")
            }
        };
    }
}

/// What is wrong with the device that was asked for here, and what workers had to say of theirs, on standard error: the runs
/// are listed all the same.
fn say_devices(global: &Global, notebook: &Notebook) {
    let (Err(Failure::Work(sentence)) | Err(Failure::Usage(sentence))) = check_device(global) else {
        for Notice { host, sentence, refused, .. } in Notice::all(notebook) {
            let what = if refused { "no worker trains" } else { "the worker" };
            let sentence = format!("{what} on {host}: {sentence}");
            let _ = writeln!(std::io::stderr(), "eeg-tui: {}", printable(&sentence));
        }
        return;
    };
    let _ = writeln!(std::io::stderr(), "eeg-tui: {}", printable(&sentence));
}

/// Of things by the id of a run, the newest; as many as are wanted.
fn newest_first<'a, T>(things: impl Iterator<Item = (&'a str, T)>, limit: usize) -> Vec<T> {
    let mut things: Vec<(&str, T)> = things.collect();
    things.sort_by(|a, b| b.0.cmp(a.0));
    things.into_iter().take(limit).map(|(_, thing)| thing).collect()
}

/// The line of a run that is left alone.
fn problem_row(problem: &Problem) -> Vec<String> {
    let none = || "–".to_owned();
    let sentence = printable(&problem.sentence).into_owned();
    vec![problem.id.clone(), problem.kind.name().into(), none(), none(), none(), none(), sentence]
}

/// A run that is left alone, as JSON: what its spec says, as far as it can be read, and why.
pub fn problem_fields(notebook: &Notebook, problem: &Problem) -> Value {
    let written = notebook.run(&problem.id).and_then(|dir| dir.spec_as_written()).unwrap_or_default();
    let said = |name: &str| written.get(name).map_or(Value::Null, |value| json!(value));
    let of_data = |name: &str| written.get("data").and_then(|data| data.get(name)).map(|value| json!(value));
    let mut document = json!({ "id": problem.id, "state": problem.kind.name() });
    for name in ["model", "activation", "alpha", "seed", "split", "fold", "group", "subjects"] {
        document[name] = said(name);
    }
    document["data_set"] = of_data("name").unwrap_or(Value::Null);
    document["epoch"] = Value::Null;
    document["epochs"] = said("epochs");
    document["test_acc"] = Rule::ALL.iter().map(|rule| (rule.name().to_owned(), Value::Null)).collect();
    document["message"] = json!(problem.sentence);
    document
}

fn row(run: &RunSummary, pace: &Pace) -> Vec<String> {
    let state = match run.position {
        Some(position) if run.state == RunState::Queued => format!("queued {}", position + 1),
        _ => run.state.to_string(),
    };
    let accuracy = |rule| percent(run.accuracy(rule));
    vec![
        run.id.clone(),
        state,
        format!("{}/{}", run.epoch, run.spec.epochs),
        accuracy(Rule::Validation),
        accuracy(Rule::Last),
        accuracy(Rule::BestTest),
        remark(run, pace),
    ]
}

fn remark(run: &RunSummary, pace: &Pace) -> String {
    let mut parts = Vec::new();
    if let Some(message) = &run.message {
        parts.push(printable(message).into_owned());
    }
    if (run.state.awaits_worker() || run.state == RunState::Running)
        && let Some(seconds) = pace.remaining(run)
    {
        parts.push(format!("needs {}", duration(seconds)));
    }
    if let Some(place) = elsewhere(run) {
        parts.push(place);
    }
    if run.spec.data.is_simulated() {
        parts.push("simulated data".into());
    }
    parts.extend(run.tags.iter().map(|tag| format!("#{}", printable(tag))));
    parts.join(", ")
}

/// Where a run is trained, where that is another machine or a batch system's job.
fn elsewhere(run: &RunSummary) -> Option<String> {
    let started = run.started.as_ref().filter(|_| run.state == RunState::Running)?;
    let job = started.job.as_ref().map(|job| format!(", job {}", printable(&job.to_string())));
    let is_here = started.host == crate::worker::host() && job.is_none();
    (!is_here).then(|| format!("on {}{}", printable(&started.host), job.unwrap_or_default()))
}

/// A run's fields, as JSON.
pub fn fields(run: &RunSummary) -> Value {
    let accuracy: serde_json::Map<String, Value> =
        Rule::ALL.iter().map(|&rule| (rule.name().to_owned(), json!(run.accuracy(rule)))).collect();
    json!({
        "id": run.id,
        "state": run.state,
        "model": run.spec.model.name(),
        "activation": run.spec.activation.name(),
        "alpha": run.spec.activation.alpha(),
        "split": run.spec.split.to_string(),
        "fold": run.spec.fold,
        "group": run.spec.group,
        "subjects": run.spec.subjects.to_string(),
        "seed": field("seed").and_then(|seed| seed.value(&run.spec)),
        "band": field("band").and_then(|band| band.value(&run.spec)),
        "data_set": run.spec.data.name,
        "simulated": run.spec.data.is_simulated(),
        "epoch": run.epoch,
        "epochs": run.spec.epochs,
        "test_acc": accuracy,
        "seconds": run.seconds,
        "created": run.created,
        "updated": run.updated,
        "host": run.started.as_ref().map(|started| started.host.clone()),
        "job": run.started.as_ref().and_then(|started| Some(started.job.as_ref()?.id.clone())),
        "element": run.started.as_ref().and_then(|started| started.job.as_ref()?.element.clone()),
        "position": run.position,
        "message": run.message,
        "tags": run.tags,
    })
}
