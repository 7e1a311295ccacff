//! `eeg-tui show`: one run with its epochs.

use super::list::fields;
use super::text::{duration, percent, table};
use super::{Failure, Global, Outcome, print, print_json};
use crate::dataset::findings::Finding;
use crate::dataset::look_source;
use crate::event::Epoch;
use crate::metric::{self, METRICS};
use crate::notebook::{Evidence, Notebook, NotebookError, ProblemKind, RunDir, RunSummary};
use crate::predictions::Predictions;
use crate::printable::printable;
use crate::spec::{Role, Rule};
use crate::stats::Chance;
use serde_json::{Map, Value, json};
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
        document["rules"] =
            Value::Object(results(&dir, &run)?.iter().map(|found| found.json(&run)).collect());
        document["notes"] = json!(notes);
        document["data_checks"] = match checks(global, &run) {
            Ok(findings) => json!({"findings": findings, "problem": null}),
            Err(why) => json!({"findings": null, "problem": why}),
        };
        return print_json(&document);
    }
    print(&page(global, &dir, &run, &history.epochs, &notes)?)
}

/// What is noticed about the run's data, as 'data check' tells it, or why that can't be said.
fn checks(global: &Global, run: &RunSummary) -> Result<Vec<Finding>, String> {
    let looked = look_source(&run.spec.data, &global.data).map_err(|error| error.to_string())?;
    Ok(looked.findings)
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

/// What a finished run reached at the epoch that a rule picks.
struct Found {
    rule: Rule,
    evidence: Evidence,
}

/// One a rule that applies.
fn results(dir: &RunDir, run: &RunSummary) -> Result<Vec<Found>, NotebookError> {
    let rules = Rule::ALL.into_iter().filter(|&rule| run.accuracy(rule).is_some());
    rules.map(|rule| Ok(Found { rule, evidence: dir.evidence(rule)? })).collect()
}

impl Found {
    /// Every metric that can be had, by its place in the table of metrics.
    fn values(&self, run: &RunSummary) -> Vec<Option<f64>> {
        let accuracy = run.accuracy(self.rule).unwrap_or(f64::NAN);
        let outcome =
            metric::Outcome { accuracy, seconds: run.seconds, predictions: self.evidence.test.as_ref() };
        METRICS.iter().map(|metric| (metric.of)(&outcome)).collect()
    }

    fn json(&self, run: &RunSummary) -> (String, Value) {
        let values = METRICS.iter().zip(self.values(run));
        let metrics: Map<String, Value> =
            values.map(|(metric, value)| (metric.name.to_owned(), json!(value))).collect();
        let test = self.evidence.test.as_ref();
        let chance = test.and_then(chance);
        let subjects = test.map(|said| {
            let share = |name: &str| (name.to_owned(), json!(said.of_subject(name).accuracy()));
            said.subjects().into_iter().map(share).collect::<Map<_, _>>()
        });
        let document = json!({
            "picked_epoch": self.evidence.epoch,
            "optimistic": self.rule == Rule::BestTest,
            "kappa": metrics.get("kappa"),
            "metrics": metrics,
            "classes": test.map(|said| &said.classes),
            "confusion": test.map(|said| metric::confusion(said).rows()),
            "subjects": subjects,
            "chance": chance,
            "at_chance": chance.zip(run.accuracy(self.rule)).map(|(chance, it)| !chance.is_exceeded(it)),
            "validation": {"accuracy": self.evidence.validation_accuracy, "loss": self.evidence.validation_loss},
        });
        (self.rule.name().to_owned(), document)
    }
}

/// The threshold of guessing on a run's test trials.
fn chance(said: &Predictions) -> Option<Chance> {
    Chance::new(said.rows.len(), metric::guessed_share(said))
}

/// Every metric in a line a rule, then the confusion matrix of the first rule that applies.
fn reached(found: &[Found], run: &RunSummary) -> String {
    let mut rows = vec![["rule", "epoch"].map(String::from).to_vec()];
    rows[0].extend(METRICS.iter().map(|metric| metric.heading()));
    for found in found {
        let star = if found.rule == Rule::BestTest { "*" } else { "" };
        let epoch = found.evidence.epoch.map_or("–".into(), |epoch| epoch.to_string());
        let mut row = vec![format!("{}{star}", found.rule.name()), epoch];
        let values = METRICS.iter().zip(found.values(run));
        row.extend(values.map(|(metric, it)| it.map_or("–".into(), |it| metric.format(it))));
        rows.push(row);
    }
    let mut text = format!("\n{}", table(&rows));
    if found.iter().any(|found| found.rule == Rule::BestTest) {
        text += "* picked on the test set: optimistic\n";
    }
    let Some((rule, said)) = found.iter().find_map(|found| Some((found.rule, found.evidence.test.as_ref()?)))
    else {
        return text;
    };
    if let Some(chance) = chance(said) {
        let verdict = match run.accuracy(rule).is_some_and(|it| chance.is_exceeded(it)) {
            true => "",
            false => "; this run is no better than guessing",
        };
        text += &format!("more than guessing from {} % on{verdict}\n", percent(Some(chance.accuracy)));
    }
    let mut rows = vec![vec![format!("truth \\ {}", rule.name())]];
    rows[0].extend(said.classes.iter().map(|class| printable(class).into_owned()));
    for (class, counts) in said.classes.iter().zip(metric::confusion(said).rows()) {
        let counts = counts.iter().map(ToString::to_string);
        rows.push(std::iter::once(printable(class).into_owned()).chain(counts).collect());
    }
    text + "\n" + &table(&rows)
}

fn page(
    global: &Global,
    dir: &RunDir,
    run: &RunSummary,
    epochs: &[Epoch],
    notes: &str,
) -> Result<String, Failure> {
    let mut text = String::new();
    let spec = &run.spec;
    let simulated = if spec.data.is_simulated() { " (simulated recordings)" } else { "" };
    writeln!(text, "{}", run.id)?;
    writeln!(text, "{}, epoch {} of {}, {}", run.state, run.epoch, spec.epochs, duration(run.seconds))?;
    if let Some(message) = &run.message {
        writeln!(text, "{}", printable(message))?;
    }
    writeln!(text, "\n{}", spec.title())?;
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
    let found = results(dir, run)?;
    if !found.is_empty() {
        text += &reached(&found, run);
    }
    if !notes.is_empty() {
        let lines: String = notes.lines().map(|line| format!("  {}\n", printable(line))).collect();
        write!(text, "\n{lines}")?;
    }
    match checks(global, run) {
        Ok(findings) if findings.is_empty() => writeln!(text, "\nnothing is wrong with the data")?,
        Ok(findings) => {
            writeln!(text)?;
            for finding in findings {
                writeln!(text, "data, {}: {}", finding.severity.name(), printable(&finding.sentence()))?;
            }
        }
        Err(why) => writeln!(text, "\nthe data could not be checked: {}", printable(&why))?,
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
