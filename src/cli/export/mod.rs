//! `eeg-tui export`: runs in the forms of other tools.

mod boards;
mod network;

use super::output::write_below;
use super::{Failure, Global, Outcome, list, print};
use crate::counted::counted;
use crate::event::Epoch;
use crate::export::{self, Table};
use crate::notebook::{Notebook, RunSummary};
use crate::predictions::Predictions;
use crate::report::card::Form;
use crate::spec::Rule;
use std::path::{Path, PathBuf};

/// What `export` understands.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Runs, or the beginnings of their names [default: all]
    ids: Vec<String>,
    /// Long tables runs.csv, epochs.csv and trials.csv
    #[arg(long, value_name = "DIR")]
    csv: Option<PathBuf>,
    /// The same tables as Parquet files
    #[arg(long, value_name = "DIR")]
    parquet: Option<PathBuf>,
    /// An event file a run, with its hyperparameters: tensorboard --logdir DIR
    #[arg(long, value_name = "DIR")]
    tensorboard: Option<PathBuf>,
    /// The same as MLflow keeps it: mlflow ui --backend-store-uri DIR
    #[arg(long, value_name = "DIR")]
    mlflow: Option<PathBuf>,
    /// Logs of Weights & Biases: wandb sync DIR/offline-run-*
    #[arg(long, value_name = "DIR")]
    wandb: Option<PathBuf>,
    /// The network of one finished run, for onnxruntime and whatever reads ONNX, and its card (FILE.md) beside it
    #[arg(long, value_name = "FILE")]
    onnx: Option<PathBuf>,
    /// Its tensors alone, by their PyTorch names, and its card beside them
    #[arg(long, value_name = "FILE")]
    safetensors: Option<PathBuf>,
    /// Whose epoch's weights these are: validation, last or best_test [default: validation, else last]
    #[arg(long, value_parser = Rule::ALL.map(Rule::name))]
    rule: Option<String>,
    /// Go on writing event files until no run is queued or training any more
    #[arg(long, requires = "tensorboard")]
    follow: bool,
}

/// Runs the command.
pub fn run(global: &Global, args: &Args) -> Outcome {
    let networks = [(&args.onnx, Form::Onnx), (&args.safetensors, Form::Safetensors)];
    let networks: Vec<(&Path, Form)> =
        networks.into_iter().filter_map(|(path, form)| Some((path.as_deref()?, form))).collect();
    let folders = [&args.csv, &args.parquet, &args.tensorboard, &args.mlflow, &args.wandb];
    if networks.is_empty() && folders.iter().all(|form| form.is_none()) {
        let sentence = "nothing to export to; say --csv DIR, --parquet DIR, --tensorboard DIR, --mlflow DIR, --wandb DIR, \
                        --onnx FILE or --safetensors FILE";
        return Err(Failure::usage(sentence));
    }
    if args.rule.is_some() && networks.is_empty() {
        return Err(Failure::usage(
            "--rule says whose weights --onnx or --safetensors takes; name one of them",
        ));
    }
    let notebook = Notebook::open(&global.runs);
    let runs = wanted(&notebook, &args.ids)?;
    if args.csv.is_some() || args.parquet.is_some() {
        let tables = tables(&notebook, &runs)?;
        for (name, table) in &tables {
            if let Some(folder) = &args.csv {
                write_below(folder, Path::new(&format!("{name}.csv")), table.to_csv().as_bytes())?;
            }
            if let Some(folder) = &args.parquet {
                let bytes = export::to_parquet(table).map_err(|error| {
                    Failure::work(format!("the table {name} can't be made Parquet: {error}"))
                })?;
                write_below(folder, Path::new(&format!("{name}.parquet")), &bytes)?;
            }
        }
    }
    for (path, form) in networks {
        let [run] = runs.as_slice() else {
            return Err(Failure::usage("a network is of one run; name it"));
        };
        network::write(global, &notebook, run, args.rule.as_deref(), (path, form))?;
    }
    if let Some(folder) = &args.mlflow {
        boards::mlflow(&notebook, &runs, folder)?;
    }
    if let Some(folder) = &args.wandb {
        boards::wandb(&notebook, &runs, folder)?;
    }
    if let Some(folder) = &args.tensorboard {
        boards::tensorboard(&notebook, &runs, folder, args.follow)?;
    }
    print(&format!("{} exported\n", counted(runs.len(), "run")))
}

fn wanted(notebook: &Notebook, ids: &[String]) -> Result<Vec<RunSummary>, Failure> {
    if ids.is_empty() {
        let index = notebook.index()?.complete();
        list::warn(&index);
        if index.runs().is_empty() {
            return Err(Failure::work("there are no runs yet, so there is nothing to export"));
        }
        return Ok(index.runs().to_vec());
    }
    ids.iter().map(|id| Ok(notebook.summary(id)?)).collect()
}

/// The long tables by name.
fn tables(notebook: &Notebook, runs: &[RunSummary]) -> Result<[(&'static str, Table); 3], Failure> {
    let mut epochs: Vec<(&RunSummary, Vec<Epoch>)> = Vec::new();
    let mut trials: Vec<(&RunSummary, Rule, Predictions)> = Vec::new();
    for run in runs {
        let dir = notebook.run(&run.id)?;
        epochs.push((run, dir.epochs()?));
        for rule in Rule::ALL {
            if let Some(text) = dir.predictions(rule)? {
                let said = Predictions::from_csv(&text).map_err(|error| {
                    Failure::work(format!("{}: {error}", dir.predictions_path(rule).display()))
                })?;
                trials.push((run, rule, said));
            }
        }
    }
    let epochs: Vec<export::RunEpochs<'_>> =
        epochs.iter().map(|(run, epochs)| (*run, epochs.as_slice())).collect();
    let trials: Vec<export::RunTrials<'_>> =
        trials.iter().map(|(run, rule, said)| (*run, *rule, said)).collect();
    Ok([
        ("runs", export::runs(runs)),
        ("epochs", export::epochs(&epochs)),
        ("trials", export::trials(&trials)),
    ])
}
