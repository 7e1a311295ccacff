//! A model card: what stands beside the weights of one run where they leave the notebook, in Markdown. What goes in and
//! comes out, how well it does and on whom that was measured, how it was trained, and what nobody should take it for.

use super::{Experiment, Report, Source};
use crate::dataset::DataSet;
use crate::metric::METRICS;
use crate::model::{Network, thousands};
use crate::notebook::{RunState, RunSummary};
use crate::printable::printable;
use crate::spec::{By, NanPolicy, Rule, Spec, Split, Standardize};
use crate::table::render::markdown_text as plain;
use crate::table::{Cell, Matrix};

/// The kinds of files that a card lies beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A whole network, from signals to logits.
    Onnx,
    /// The tensors alone, by their PyTorch names.
    Safetensors,
}

/// What a card is about.
pub struct Exported<'a> {
    /// The run.
    pub run: &'a RunSummary,
    /// Whose epoch's weights they are.
    pub rule: Rule,
    /// That epoch.
    pub epoch: Option<u32>,
    /// The network.
    pub network: &'a Network,
    /// What it was trained on.
    pub data: &'a DataSet,
    /// The file's name.
    pub file: &'a str,
    /// What is in it.
    pub form: Form,
}

/// The card. `source` is of this run alone, by the same rule.
pub fn card(exported: &Exported<'_>, source: &Source<'_>) -> String {
    let Exported { run, .. } = exported;
    let report = Report::of(source);
    let shown = |experiment: &Experiment| {
        format!(
            "## How well it does\n\n{}\n## How it was trained\n\n{}\n\n## What it is not\n\n{}\n",
            results(run, experiment),
            plain(&experiment.methods),
            limits(run, experiment)
        )
    };
    let warnings = report.warnings().into_iter().map(|warning| format!("> {warning}\n\n"));
    let parts = [
        format!("# {} on {}\n\n", plain(&run.spec.method()), plain(&run.spec.data.name)),
        warnings.collect(),
        format!("{}\n\n", head(exported)),
        format!("## What goes in and comes out\n\n{}\n", interface(exported)),
        // A run has one recipe.
        report.experiments.iter().map(shown).collect(),
        format!("## The network\n\n```toml\n{}\n```\n\n", network_text(&run.spec)),
        format!("## Where it comes from\n\n{}\n{}\n", origin(run), report.foot()),
    ];
    parts.concat()
}

fn head(exported: &Exported<'_>) -> String {
    let what = match exported.form {
        Form::Onnx => "the network as an ONNX model",
        Form::Safetensors => "the network's tensors by their PyTorch names",
    };
    let epoch = exported.epoch.map(|epoch| format!("epoch {epoch}")).unwrap_or_else(|| "an epoch".into());
    let chosen = match exported.rule {
        Rule::Validation => "the one with the least loss on the trials that were held out",
        Rule::Last => "the last one",
        Rule::BestTest => "the best one on the test trials, so that its test accuracy is optimistic",
    };
    format!(
        "`{}` holds {what}: {epoch} of the run `{}`, {chosen}. {} parameters.",
        exported.file,
        exported.run.id,
        thousands(exported.network.parameter_count())
    )
}

/// Shapes, units, orders, and what happens to a signal before it goes in.
fn interface(exported: &Exported<'_>) -> String {
    let (geometry, data, spec) = (exported.network.geometry, exported.data, &exported.run.spec);
    let (shape, name) = match exported.form {
        Form::Onnx => ("(trial, electrode, sample)", "`signal`, "),
        Form::Safetensors => ("(trial, 1, electrode, sample)", ""),
    };
    let rate = data.sfreq.map(|rate| format!(" at {rate} Hz")).unwrap_or_default();
    let mut lines = vec![
        format!(
            "In: {name}float32, {shape}, {} electrodes × {} samples{rate}, in µV. Electrodes in this order: {}.",
            geometry.channels,
            geometry.samples,
            names(&data.electrodes)
        ),
        format!("Out: logits, (trial, class). Classes in this order: {}.", names(&data.classes)),
    ];
    let included = exported.form == Form::Onnx;
    lines.push(match (spec.nan, included) {
        (NanPolicy::Train, true) => {
            "Missing samples (NaN) are filled in the model, with each electrode's mean over the training trials.".into()
        }
        (NanPolicy::Train, false) => {
            "Missing samples (NaN) are yours to fill; in training each electrode's mean over the training trials stood in.".into()
        }
        (NanPolicy::Reference, _) => {
            "Missing samples (NaN) are yours to fill; in training one mean over all samples of a set stood in.".into()
        }
    });
    lines.push(match (spec.standardize, included) {
        (Standardize::None, _) => "The signal is taken as it was recorded; it is not scaled.".into(),
        (Standardize::Zscore, true) => {
            "Each electrode is scaled in the model, by its mean and standard deviation over the training trials.".into()
        }
        (how, _) => format!("The signal must be scaled first as it was in training: {}.", how.name()),
    });
    lines.push(match exported.form {
        Form::Onnx => format!(
            "`onnxruntime.InferenceSession(\"{}\").run([\"logits\"], {{\"signal\": x}})`",
            exported.file
        ),
        Form::Safetensors => format!("`safetensors.torch.load_file(\"{}\")`", exported.file),
    });
    lines.iter().map(|line| format!("- {line}\n")).collect()
}

/// The figures on the test trials, each subject's own, and what was taken for what.
fn results(run: &RunSummary, experiment: &Experiment) -> String {
    let found = experiment.tables.iter().find_map(|table| {
        let cell = table.all().find(|cell| cell.summary.is_some())?;
        Some((table, cell))
    });
    let Some((table, cell)) = found else {
        return match run.state {
            RunState::Finished => "Its predictions are missing, so that nothing can be said of it.\n".into(),
            state => format!(
                "The run is {state}: these weights are provisional, and nothing is claimed of them.\n"
            ),
        };
    };
    let mut text = "| metric | on the test trials |\n|---|---|\n".to_owned();
    for metric in &METRICS {
        let value = cell.summary.as_ref().and_then(|summary| summary.value(metric));
        let Some(value) = value.filter(|_| metric.name != "seconds") else { continue };
        let interval = cell.summary.as_ref().and_then(|summary| summary.interval);
        let interval = interval.filter(|_| metric == table.metric);
        let interval = interval.map(|it| format!(" {}", plain(&it.text(metric)))).unwrap_or_default();
        text += &format!("| {} | {}{interval} |\n", metric.heading(), metric.format(value));
    }
    text.push('\n');
    if let Some(interval) = cell.summary.as_ref().and_then(|summary| summary.interval) {
        text += &format!("- In brackets: 95 %, {}.\n", interval.meaning());
    }
    text += &table.chance_note().map(|note| format!("- {note}\n")).unwrap_or_default();
    text += &subjects(table, cell);
    text + &confusion(cell)
}

fn subjects(table: &Matrix, cell: &Cell) -> String {
    let Some(summary) = cell.summary.as_ref().filter(|summary| summary.subjects.len() > 1) else {
        return String::new();
    };
    let each = summary
        .subjects
        .iter()
        .map(|(name, value)| format!("{} {}", plain(name), table.metric.format(*value)));
    format!("- Each subject's own {}: {}.\n", table.metric.heading(), each.collect::<Vec<_>>().join(", "))
}

fn confusion(cell: &Cell) -> String {
    let counts = cell.summary.as_ref().and_then(|it| Some((&it.classes, it.confusion.as_ref()?)));
    let Some((classes, counts)) = counts else { return String::new() };
    let heads: Vec<String> = classes.iter().map(|class| plain(class)).collect();
    let mut text = format!("\n| true class | {} |\n|---|{}\n", heads.join(" | "), "---|".repeat(heads.len()));
    for (class, row) in heads.iter().zip(counts.rows()) {
        let row: Vec<String> = row.iter().map(usize::to_string).collect();
        text += &format!("| {class} | {} |\n", row.join(" | "));
    }
    text
}

/// What the run does not show.
fn limits(run: &RunSummary, experiment: &Experiment) -> String {
    let whom = match run.spec.split {
        Split::LeaveOut(By::Subject) => {
            "It was tested on one person whom it was not trained on; how far that carries to others takes many people."
        }
        Split::LeaveOut(_) | Split::KFold { .. } | Split::Given => {
            "Nothing here says how it does on people whom it was not trained on, unless the test trials are theirs."
        }
    };
    let mut lines = vec![
        "It is one run of one seed: another seed gives another network, and the interval above does not cover that.",
        whom,
        "It was made for research, and was not checked for any use in which someone may come to harm.",
    ];
    if experiment.recipe.simulated {
        lines.insert(0, "The data are simulated: it has never seen a recording of a person.");
    }
    lines.iter().map(|line| format!("- {line}\n")).collect()
}

fn network_text(spec: &Spec) -> String {
    spec.model.text().trim_end().to_owned()
}

fn origin(run: &RunSummary) -> String {
    let mut rows = vec![
        ("run", run.id.clone()),
        ("hash of its spec", run.spec.hash()),
        ("fingerprint of the data", run.spec.data.fingerprint.clone()),
        ("seed", run.spec.seed.to_string()),
    ];
    if let Some(started) = &run.started {
        let commit = started.commit.as_ref().map(|commit| format!(" ({commit})")).unwrap_or_default();
        rows.push(("program", format!("eeg-tui {}{commit}", started.program)));
        rows.push(("device", started.device.clone()));
    }
    rows.iter().map(|(name, value)| format!("- {name}: `{}`\n", printable(value).replace('`', "'"))).collect()
}

fn names(names: &[String]) -> String {
    names.iter().map(|name| plain(name)).collect::<Vec<_>>().join(", ")
}
