//! `eeg-tui show`: one run with its epochs.

use super::list::fields;
use super::text::{duration, percent, table};
use super::{Failure, Global, Outcome, print, print_json};
use crate::event::Epoch;
use crate::notebook::{Notebook, NotebookError, ProblemKind, RunDir, RunSummary};
use crate::printable::printable;
use crate::spec::{Role, Rule};
use serde_json::json;
use std::fmt::Write;

/// What `show` understands.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The run, or the beginning of its name
    id: String,
    /// One JSON document
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(global: &Global, args: &Args) -> Outcome {
    let notebook = Notebook::open(&global.runs);
    let dir = notebook.run(&args.id)?;
    let run = match notebook.summary(dir.id()) {
        Err(newer @ NotebookError::NewerRun { .. }) => return left_alone(&dir, &newer, args.json),
        read => read?,
    };
    let history = dir.history()?;
    let notes = dir.notes()?;
    if args.json {
        let mut document = fields(&run);
        document["spec"] = json!(run.spec);
        document["spec_hash"] = json!(run.spec.hash());
        document["started"] = json!(history.started);
        document["epochs"] = json!(history.epochs);
        document["notes"] = json!(notes);
        return print_json(&document);
    }
    print(&page(&dir, &run, &history.epochs, &notes)?)
}

/// What there is to see of a run that a newer program made.
fn left_alone(dir: &RunDir, newer: &NotebookError, json: bool) -> Outcome {
    let written = dir.spec_as_written()?;
    if json {
        let message = newer.to_string();
        return print_json(
            &json!({ "id": dir.id(), "state": ProblemKind::Newer.name(), "message": message, "spec": written }),
        );
    }
    let spec: String = written.to_string().lines().map(|line| format!("  {}\n", printable(line))).collect();
    print(&format!("{}\n{newer}\n\n{spec}", dir.id()))
}

fn page(dir: &RunDir, run: &RunSummary, epochs: &[Epoch], notes: &str) -> Result<String, Failure> {
    let mut text = String::new();
    let spec = &run.spec;
    let simulated = if spec.data.is_simulated() { " (simulated recordings)" } else { "" };
    writeln!(text, "{}", run.id)?;
    writeln!(text, "{}, epoch {} of {}, {}", run.state, run.epoch, spec.epochs, duration(run.seconds))?;
    if let Some(message) = &run.message {
        writeln!(text, "{}", printable(message))?;
    }
    let repetition = spec.prose(Role::Repetition);
    writeln!(text, "\n{} with {}, {repetition}", spec.model.title(), spec.activation.title())?;
    writeln!(text, "data set {}{simulated}", printable(&spec.data.name))?;
    writeln!(text, "{}", spec.prose(Role::Recipe))?;
    if let Some(started) = &run.started {
        let program = printable(&started.program);
        let commit = started.commit.as_deref().map(|commit| format!(" ({})", printable(commit)));
        writeln!(
            text,
            "trained by eeg-tui {program}{} on {}, {}, {} threads",
            commit.unwrap_or_default(),
            printable(&started.host),
            printable(&started.device),
            started.threads
        )?;
        if let Some(remark) = &started.remark {
            writeln!(text, "{}", printable(remark))?;
        }
    }
    for rule in Rule::ALL.iter().filter(|&&rule| run.accuracy(rule).is_some()) {
        let optimistic = if rule.is_optimistic() { " (picked on the test set: optimistic)" } else { "" };
        writeln!(text, "test accuracy, {}: {} %{optimistic}", rule.name(), percent(run.accuracy(*rule)))?;
    }
    if !notes.is_empty() {
        let lines: String = notes.lines().map(|line| format!("  {}\n", printable(line))).collect();
        write!(text, "\n{lines}")?;
    }
    writeln!(text, "\n{}", printable(&dir.path().display().to_string()))?;
    if !epochs.is_empty() {
        write!(text, "\n{}", figures(epochs))?;
    }
    Ok(text)
}

fn figures(epochs: &[Epoch]) -> String {
    let head = ["epoch", "train loss", "val loss", "test loss", "train %", "val %", "test %", "seconds"];
    let loss = |loss: Option<f64>| loss.map_or("–".into(), |loss| format!("{loss:.5}"));
    let row = |epoch: &Epoch| {
        vec![
            epoch.epoch.to_string(),
            loss(Some(epoch.train_loss)),
            loss(epoch.val_loss),
            loss(Some(epoch.test_loss)),
            percent(Some(epoch.train_acc)),
            percent(epoch.val_acc),
            percent(Some(epoch.test_acc)),
            format!("{:.2}", epoch.seconds),
        ]
    };
    let rows: Vec<Vec<String>> =
        std::iter::once(head.map(String::from).to_vec()).chain(epochs.iter().map(row)).collect();
    table(&rows)
}
