//! `eeg-tui list`: every run in a line.

use super::text::{duration, percent, table};
use super::{Global, Outcome, print, print_json};
use crate::notebook::{Index, Notebook, RunState, RunSummary};
use crate::printable::printable;
use crate::queue::Pace;
use crate::spec::Rule;
use serde_json::{Value, json};
use std::io::Write;

/// What `list` understands.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only runs in these states: queued, running, interrupted, paused, cancelled, failed, finished
    #[arg(long, value_name = "STATE", value_delimiter = ',', value_parser = RunState::ALL.map(RunState::name))]
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
    let wanted =
        |run: &&RunSummary| args.state.is_empty() || args.state.iter().any(|state| state == run.state.name());
    let runs: Vec<&RunSummary> =
        index.runs().iter().filter(wanted).take(args.limit.unwrap_or(usize::MAX)).collect();
    if args.json {
        return print_json(&runs.iter().map(|run| fields(run)).collect::<Vec<_>>());
    }
    if index.total() == 0 {
        return print("no runs yet; 'eeg-tui add' enqueues one, 'eeg-tui work' trains what is queued\n");
    }
    let pace = Pace::learn(index.runs(), &crate::worker::host());
    let head = ["id", "state", "epoch", "validation", "last", "best*", ""].map(String::from).to_vec();
    let rows: Vec<Vec<String>> =
        std::iter::once(head).chain(runs.iter().map(|run| row(run, &pace))).collect();
    print(&(table(&rows) + "test accuracy in %; * picked on the test set, optimistic\n"))
}

/// Folders that can't be read are named on standard error, and cost the others nothing.
pub fn warn(index: &Index) {
    for problem in index.problems() {
        let sentence = printable(&problem.sentence);
        let _ =
            writeln!(std::io::stderr(), "eeg-tui: run {} is left out: {sentence}", printable(&problem.id));
    }
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
        "seed": run.spec.seed,
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
