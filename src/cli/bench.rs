//! `eeg-tui bench`: seconds per epoch on this machine, on 1080 + 1080 simulated trials of the lab's size.

use super::machine::machine;
use super::text::table;
use super::{Failure, Global, Outcome, print, print_json};
use crate::dataset::{self, Prepared};
use crate::lab;
use crate::model::{Activation, Model, ModelError};
use crate::spec::{DataSource, Spec};
use crate::train::{Pace, SystemClock, pace};
use crate::worker::Machine;
use serde::Serialize;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;

/// What `bench` understands.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Networks to measure [default: the lab's two]
    #[arg(long, value_delimiter = ',', value_name = "MODEL")]
    model: Vec<Model>,
    /// Activation function: relu, leaky_relu or elu
    #[arg(long, value_name = "NAME", default_value = "elu")]
    activation: String,
    /// Epochs to time, after one to warm up
    #[arg(long, value_name = "N", default_value = "5")]
    epochs: NonZeroUsize,
    /// Trials of one step
    #[arg(long, value_delimiter = ',', value_name = "B", default_value = "256")]
    batch: Vec<NonZeroUsize>,
    /// Also seconds of all threads by kind of work
    #[arg(long)]
    breakdown: bool,
    /// One object, or an array where there are several models or batch sizes
    #[arg(long)]
    json: bool,
}

/// One measurement. Times are seconds, medians over the epochs.
#[derive(Debug, Serialize)]
struct Row {
    model: String,
    train_s: f64,
    eval_s: f64,
    epoch_s: f64,
    threads: usize,
    device: String,
    executor: &'static str,
    batch: usize,
    activation: String,
    epochs: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    breakdown_s: Option<BTreeMap<&'static str, f64>>,
}

/// Runs the command.
pub fn run(global: &Global, args: &Args) -> Outcome {
    let chosen = Activation::new(&args.activation, None).map_err(Failure::usage)?;
    let activation = |model: &Model| if model.has_open_activation() { chosen } else { Activation::None };
    let machine = machine(global, 1)?;
    if let Some(remark) = machine.devices.remark() {
        eprintln!("{remark}");
    }
    let data = dataset::load(Some(DataSource::SIMULATED), &global.data)?;
    let models = if args.model.is_empty() { Model::lab().to_vec() } else { args.model.clone() };
    if let Some(baseline) = models.iter().find(|model| model.baseline().is_some()) {
        return Err(Failure::usage(ModelError::NoLayers(baseline.clone()).to_string()));
    }
    let mut rows = Vec::new();
    for model in &models {
        for &batch in &args.batch {
            let recipe =
                lab::as_in_the_report(Spec::recipe(model.clone(), activation(model), data.source.clone()));
            let spec = Spec { batch: batch.get(), ..recipe };
            let prepared = dataset::prepare(&data, &spec)?;
            rows.push(measure(&machine, args, &spec, &prepared)?);
        }
    }
    match (args.json, &rows[..]) {
        (true, [row]) => print_json(row),
        (true, rows) => print_json(&rows),
        (false, rows) => print(&text(rows)),
    }
}

fn measure(machine: &Machine, args: &Args, spec: &Spec, data: &Prepared) -> Result<Row, Failure> {
    let network = spec.model.network(data.geometry(), spec.activation, spec.dropout)?;
    let turn = machine.turn(&network, spec.batch)?;
    let clock = SystemClock::default();
    let job = machine.job(&turn.device, "bench", spec, data, &clock);
    let epochs = args.epochs.get();
    let Pace { train, evaluation, parts } = pace(&job, epochs, args.breakdown)?;
    let named = || parts.iter().map(|(part, seconds)| (part.name(), *seconds)).collect();
    Ok(Row {
        model: spec.model.name().to_owned(),
        train_s: train,
        eval_s: evaluation,
        epoch_s: train + evaluation,
        threads: job.threads,
        device: turn.device.name(),
        executor: turn.device.execution(&network).name(),
        batch: spec.batch,
        activation: spec.activation.title(),
        epochs,
        breakdown_s: args.breakdown.then(named),
    })
}

/// The rows as a table, each with its breakdown below.
fn text(rows: &[Row]) -> String {
    let head =
        ["model", "batch", "train s", "test s", "epoch s", "threads", "device", "executor"].map(String::from);
    let mut cells = vec![head.to_vec()];
    for row in rows {
        cells.push(vec![
            row.model.clone(),
            row.batch.to_string(),
            format!("{:.3}", row.train_s),
            format!("{:.3}", row.eval_s),
            format!("{:.3}", row.epoch_s),
            row.threads.to_string(),
            row.device.clone(),
            row.executor.to_owned(),
        ]);
    }
    let mut text = table(&cells);
    for row in rows {
        let Some(parts) = &row.breakdown_s else { continue };
        text += &format!("\n{} with batches of {}, seconds of all threads an epoch:\n", row.model, row.batch);
        let mut parts: Vec<_> = parts.iter().collect();
        parts.sort_by(|a, b| b.1.total_cmp(a.1));
        let line = |(name, seconds): &(&&str, &f64)| vec![name.to_string(), format!("{seconds:.4}")];
        text += &table(&parts.iter().map(line).collect::<Vec<_>>());
    }
    text
}
