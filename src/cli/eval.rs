//! `eeg-tui eval`: scores saved weights on a test set: ours, or a PyTorch `state_dict` saved as safetensors.

use super::machine::catalogue;
use super::text::percent;
use super::{Failure, Global, Outcome, print, print_json};
use crate::baseline::Fitted;
use crate::dataset::{self, DataSet, Prepared};
use crate::disk::named;
use crate::model::{Activation, Model};
use crate::printable::printable;
use crate::spec::{Spec, Split, Subjects, Value, field};
use crate::train::{self, Evaluation, LoadedWeights, SavedError, TrainedOn};
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

/// What `eval` understands.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A run's weights, or a state_dict that PyTorch saved as safetensors or with torch.save
    #[arg(long, value_name = "FILE")]
    weights: PathBuf,
    /// A folder under --data, a path, or 'simulated' [default: what the weights were trained on]
    #[arg(long, value_name = "NAME")]
    data_set: Option<String>,
    /// The network: a name, or a text file [default: what the weights say, else the built-in one they look like]
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// The activation function [default: what the weights say, else the network's own, as a guess]
    #[arg(long, value_name = "NAME", value_parser = Activation::choices().map(Activation::name).collect::<Vec<_>>())]
    activation: Option<String>,
    /// ELU's α or LeakyReLU's slope [default: what the weights say, else 1 and 0.01]
    #[arg(long, value_name = "X", allow_hyphen_values = true)]
    alpha: Option<f64>,
    /// Scaling of the signal: none, zscore, per_subject, ema [default: as in training]
    #[arg(long, value_name = "HOW", value_parser = super::spec_flags::one("standardize"))]
    standardize: Option<Value>,
    /// Filling of missing samples: train, reference [default: as in training, else train]
    #[arg(long, value_name = "HOW", value_parser = super::spec_flags::one("nan"))]
    nan: Option<Value>,
    /// Print one JSON document, with the logits of every trial
    #[arg(long)]
    json: bool,
}

/// No weights of these networks come near it.
const LARGEST: u64 = 1 << 32;

/// Runs the command.
pub fn run(global: &Global, args: &Args) -> Outcome {
    let path = args.weights.display();
    let bytes = named::read(&args.weights, LARGEST)
        .map_err(|error| Failure::work(format!("the weights {path} can't be read: {error}")))?;
    // The sentences of a file that PyTorch saved have a line of Python in them, with the file's name.
    let refused = |error: SavedError| {
        Failure::work(format!("{path}: {}", error.to_string().replace("FILE", &path.to_string())))
    };
    if Fitted::is_saved(&bytes) {
        return baseline(global, args, &bytes);
    }
    let saved = LoadedWeights::from_bytes(&bytes).map_err(refused)?;
    let model = match &args.model {
        Some(name) => catalogue(global).find(name).map_err(|error| Failure::usage(error.to_string()))?,
        None => saved.model()?,
    };
    let model = saved.as_saved(&model);
    let (activation, assumed) = activation(args, &model, &saved)?;
    let data = data_set(global, args, &saved)?;
    heed(&saved, &data)?;
    let prepared = prepare(args, &model, &saved, activation, &data)?;
    let machine = super::machine::machine(global, 1)?;
    let spec = Spec::recipe(model.clone(), activation, data.source.clone());
    let turn = machine.turn_of(&spec, &prepared)?;
    let result = train::evaluate(&saved, &model, activation, &prepared, &turn.device, global.threads())?;
    if assumed {
        eprintln!(
            "{path} does not say its activation function; {} is a guess, --activation says otherwise",
            activation.title()
        );
    }
    if args.json {
        print_json(&document(&result, activation, &data))
    } else {
        print(&line(&result, &format!("{} with {}", model.title(), activation.title()), &data))
    }
}

/// Refuses data of another kind than the weights were trained on, and says what else differs.
fn heed(saved: &LoadedWeights, data: &DataSet) -> Result<(), Failure> {
    for remark in TrainedOn::said_in(&saved.metadata).compare(data)? {
        let _ = writeln!(std::io::stderr(), "{}", printable(&remark));
    }
    Ok(())
}

/// The same of a fitted baseline, which says all of itself.
fn baseline(global: &Global, args: &Args, bytes: &[u8]) -> Outcome {
    let fitted = Fitted::from_bytes(bytes)
        .map_err(|error| Failure::work(format!("{}: {error}", args.weights.display())))?;
    let name = fitted.baseline().name();
    let foreign = [
        ("--model", args.model.as_ref().is_some_and(|model| model != name)),
        ("--activation", args.activation.is_some()),
        ("--alpha", args.alpha.is_some()),
    ];
    if let Some((flag, _)) = foreign.iter().find(|(_, given)| *given) {
        return Err(Failure::usage(format!("the weights are those of {name}; leave {flag} out")));
    }
    let saved = LoadedWeights::from_bytes(bytes)?;
    let model = saved.model()?;
    let data = data_set(global, args, &saved)?;
    heed(&saved, &data)?;
    let prepared = prepare(args, &model, &saved, Activation::None, &data)?;
    let result = train::evaluate_baseline(&fitted, &model, &prepared)?;
    if args.json {
        print_json(&document(&result, Activation::None, &data))
    } else {
        let method = saved.spec().map_or_else(|| model.title().to_owned(), |spec| spec.method());
        print(&line(&result, &method, &data))
    }
}

/// The activation function, and whether it had to be assumed.
fn activation(args: &Args, model: &Model, saved: &LoadedWeights) -> Result<(Activation, bool), Failure> {
    if !model.has_open_activation() {
        return match &args.activation {
            None => Ok((Activation::None, false)),
            Some(_) => Err(Failure::usage(format!(
                "{model} has no layer of the type \"activation\"; leave --activation out"
            ))),
        };
    }
    let said = saved.activation().filter(|said| *said != Activation::None);
    let name = match (&args.activation, said) {
        (Some(name), _) => name,
        (None, Some(said)) => said.name(),
        (None, None) => model.default_activation().name(),
    };
    let said = said.or(Some(model.default_activation()));
    let alpha = args.alpha.or(said.filter(|said| said.name() == name).and_then(Activation::alpha));
    let activation = Activation::new(name, alpha).map_err(Failure::usage)?;
    Ok((activation, args.activation.is_none() && saved.activation().is_none()))
}

fn data_set(global: &Global, args: &Args, saved: &LoadedWeights) -> Result<DataSet, Failure> {
    Ok(match (&args.data_set, saved.spec()) {
        (None, Some(spec)) => dataset::load_source(&spec.data, &global.data)?,
        (name, _) => dataset::load(name.as_deref(), &global.data)?,
    })
}

/// The test trials, made ready as they were in training.
fn prepare(
    args: &Args,
    model: &Model,
    saved: &LoadedWeights,
    activation: Activation,
    data: &DataSet,
) -> Result<Prepared, Failure> {
    let foreign = Spec::recipe(model.clone(), activation, data.source.clone());
    let trained = saved.spec().unwrap_or(Spec { validation: 0.0, ..foreign });
    // Nothing is trained here: any data set is large enough.
    let mut spec = Spec { batch: 1, model: model.clone(), activation, data: data.source.clone(), ..trained };
    if saved.spec().is_some_and(|trained| trained.data.fingerprint != data.source.fingerprint) {
        // The parts of another set mean nothing here: its own test part is scored.
        (spec.split, spec.fold, spec.group, spec.subjects) = (Split::Given, None, None, Subjects::All);
    }
    for (name, value) in [("standardize", &args.standardize), ("nan", &args.nan)] {
        if let (Some(field), Some(value)) = (field(name), value) {
            field.set(&mut spec, value).map_err(|error| Failure::usage(error.to_string()))?;
        }
    }
    Ok(dataset::prepare(data, &spec)?)
}

fn document(result: &Evaluation, activation: Activation, data: &DataSet) -> serde_json::Value {
    json!({
        "accuracy": result.accuracy,
        "trials": result.labels.len(),
        "logits": result.logits,
        "labels": result.labels,
        "loss": result.loss,
        "classes": data.classes,
        "model": result.model.name(),
        "activation": activation.name(),
        "alpha": activation.alpha(),
        "data_set": data.source.name,
    })
}

fn line(result: &Evaluation, method: &str, data: &DataSet) -> String {
    let simulated = if data.is_simulated() { " (no real recordings)" } else { "" };
    format!(
        "{method} on {}{simulated}: {} % of {} test trials, loss {:.4}\n",
        printable(&data.source.name),
        percent(Some(result.accuracy)),
        result.labels.len(),
        result.loss
    )
}
