//! `eeg-tui show`: one run with its epochs.

use super::list::fields;
use super::text::{duration, percent, table};
use super::{Failure, Global, Outcome, print, print_json};
use crate::event::Epoch;
use crate::notebook::{Notebook, RunDir, RunSummary};
use crate::printable::printable;
use crate::spec::Rule;
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
    let run = notebook.summary(dir.id())?;
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

fn page(dir: &RunDir, run: &RunSummary, epochs: &[Epoch], notes: &str) -> Result<String, Failure> {
    let mut text = String::new();
    let spec = &run.spec;
    let simulated = if spec.data.is_simulated() { " (simulated recordings)" } else { "" };
    writeln!(text, "{}", run.id)?;
    writeln!(text, "{}, epoch {} of {}, {}", run.state, run.epoch, spec.epochs, duration(run.seconds))?;
    if let Some(message) = &run.message {
        writeln!(text, "{}", printable(message))?;
    }
    writeln!(text, "\n{} with {}, seed {}", spec.model.title(), spec.activation.title(), spec.seed)?;
    writeln!(text, "data set {}{simulated}", printable(&spec.data.name))?;
    writeln!(
        text,
        "batch {}, lr {}, weight decay {}, dropout {}, validation {}",
        spec.batch, spec.lr, spec.weight_decay, spec.dropout, spec.validation
    )?;
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
    }
    for rule in Rule::ALL.iter().filter(|&&rule| run.accuracy(rule).is_some()) {
        let optimistic = if *rule == Rule::BestTest { " (picked on the test set: optimistic)" } else { "" };
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
