//! `eeg-tui export`: runs in the forms of other tools.

use super::{Failure, Global, Outcome, list, print};
use crate::dataset;
use crate::disk::{self, named};
use crate::event::Epoch;
use crate::export::onnx::{self, Surroundings};
use crate::export::{self, Table, tensorboard};
use crate::notebook::{Notebook, RunDir, RunState, RunSummary};
use crate::predictions::Predictions;
use crate::spec::{Rule, Standardize};
use crate::train::LoadedWeights;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

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
    /// The network of one finished run, for onnxruntime and whatever reads ONNX
    #[arg(long, value_name = "FILE")]
    onnx: Option<PathBuf>,
    /// Whose epoch goes into the ONNX model: validation, last or best_test [default: validation, else last]
    #[arg(long, requires = "onnx", value_parser = Rule::ALL.map(Rule::name))]
    rule: Option<String>,
    /// Go on writing event files until no run is queued or training any more
    #[arg(long, requires = "tensorboard")]
    follow: bool,
}

/// How often a followed run is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Runs the command.
pub fn run(global: &Global, args: &Args) -> Outcome {
    if [&args.csv, &args.parquet, &args.tensorboard, &args.onnx].iter().all(|form| form.is_none()) {
        let sentence = "nothing to export to; say --csv DIR, --parquet DIR, --tensorboard DIR or --onnx FILE";
        return Err(Failure::usage(sentence));
    }
    let notebook = Notebook::open(&global.runs);
    let runs = wanted(&notebook, &args.ids)?;
    if args.csv.is_some() || args.parquet.is_some() {
        let tables = tables(&notebook, &runs)?;
        for (name, table) in &tables {
            if let Some(folder) = &args.csv {
                write(folder, &format!("{name}.csv"), table.to_csv().as_bytes())?;
            }
            if let Some(folder) = &args.parquet {
                let bytes = export::to_parquet(table).map_err(|error| {
                    Failure::work(format!("the table {name} can't be made Parquet: {error}"))
                })?;
                write(folder, &format!("{name}.parquet"), &bytes)?;
            }
        }
    }
    if let Some(path) = &args.onnx {
        let [run] = runs.as_slice() else {
            return Err(Failure::usage("an ONNX model is of one run; name it"));
        };
        let bytes = onnx_model(global, &notebook.run(&run.id)?, args.rule.as_deref())?;
        named::write(path, &bytes).map_err(|error| Failure::unwritable(path, &error))?;
    }
    if let Some(folder) = &args.tensorboard {
        let mut logs = runs.iter().map(|run| Log::begin(folder, run)).collect::<Result<Vec<_>, _>>()?;
        while advance(&notebook, &mut logs)? && args.follow {
            std::thread::sleep(LOOK_EVERY);
        }
    }
    print(&format!("{} runs exported\n", runs.len()))
}

fn wanted(notebook: &Notebook, ids: &[String]) -> Result<Vec<RunSummary>, Failure> {
    if ids.is_empty() {
        let index = notebook.index()?.complete();
        list::warn(&index);
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

/// A finished run's network with the weights of the epoch that a rule picks.
fn onnx_model(global: &Global, dir: &RunDir, rule: Option<&str>) -> Result<Vec<u8>, Failure> {
    let spec = dir.spec()?;
    if !matches!(spec.standardize, Standardize::None | Standardize::Zscore) {
        return Err(Failure::work(format!(
            "{} is trained with --standardize {}, which the ONNX model can't hold; it can hold none and zscore",
            dir.id(),
            spec.standardize.name()
        )));
    }
    for rule in Rule::ALL.into_iter().filter(|known| rule.is_none_or(|rule| rule == known.name())) {
        let Some(bytes) = dir.weights(rule)? else { continue };
        let saved = LoadedWeights::from_bytes(&bytes)?;
        let data = dataset::load_source(&spec.data, &global.data)?;
        let network = spec.model.network(data.geometry(), spec.activation, 0.0)?;
        let said = [
            ("classes", serde_json::to_string(&data.classes)?),
            ("electrodes", serde_json::to_string(&data.electrodes)?),
            ("run", dir.id().to_owned()),
            ("rule", rule.name().to_owned()),
            ("spec_hash", spec.hash()),
        ];
        let metadata = said.map(|(key, value)| (key.to_owned(), value)).into();
        let scaling = match spec.standardize {
            Standardize::Zscore => dataset::zscore(&data, &spec)?,
            _ => Vec::new(),
        };
        let surroundings = Surroundings { scaling, metadata };
        return Ok(onnx::to_bytes(&network, &saved.tensors, &surroundings)?);
    }
    Err(Failure::work(format!(
        "{} has no saved weights{}",
        dir.id(),
        rule.map(|rule| format!(" under rule {rule}")).unwrap_or_default()
    )))
}

/// One run's event file.
struct Log {
    id: String,
    file: File,
    path: PathBuf,
    /// Records of the run that are in it.
    written: usize,
}

impl Log {
    fn begin(folder: &Path, run: &RunSummary) -> Result<Self, Failure> {
        let folder = folder.join(&run.id);
        let created = run.created.as_second();
        let path = folder.join(format!("{}.{created}.eeg-tui", tensorboard::PREFIX));
        let opening = tensorboard::opening(&run.id, &run.spec, created as f64);
        let file = named::make_folders(&folder)
            .and_then(|()| named::write(&path, &opening))
            .and_then(|()| disk::open_to_append(&path))
            .map_err(|error| Failure::unwritable(&path, &error))?;
        Ok(Log { id: run.id.clone(), file, path, written: 0 })
    }

    /// Adds what has happened since.
    fn catch_up(&mut self, dir: &RunDir) -> Result<(), Failure> {
        let events = dir.events()?;
        let new: Vec<u8> = events.iter().skip(self.written).flat_map(tensorboard::of_record).collect();
        self.written = events.len();
        self.file.write_all(&new).map_err(|error| Failure::unwritable(&self.path, &error))
    }
}

/// Brings every file up to date; says whether more is to come.
fn advance(notebook: &Notebook, logs: &mut [Log]) -> Result<bool, Failure> {
    let mut more = false;
    for log in logs {
        let dir = notebook.run(&log.id)?;
        // The state first: what a run says while it ends is then not missed.
        let state = dir.state()?;
        log.catch_up(&dir)?;
        more |= state.awaits_worker() || state == RunState::Running;
    }
    Ok(more)
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Failure> {
    let path = folder.join(name);
    named::make_folders(folder)
        .and_then(|()| named::write(&path, bytes))
        .map_err(|error| Failure::unwritable(&path, &error))
}
