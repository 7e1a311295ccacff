//! One run's network with its trained weights, as a file of its own and a card beside it.

use crate::cli::output::write_file;
use crate::cli::{Failure, Global};
use crate::dataset;
use crate::export::onnx::{self, Surroundings};
use crate::notebook::{Notebook, RunDir, RunSummary};
use crate::recording::import;
use crate::report::Source;
use crate::report::card::{Exported, Form, card};
use crate::spec::{Rule, Spec, Standardize};
use crate::train::LoadedWeights;
use std::path::Path;

/// Writes a finished run's network with the weights of the epoch that a rule picks, and its card beside it, whose name is the
/// file's and `.md`.
pub fn write(
    global: &Global,
    notebook: &Notebook,
    run: &RunSummary,
    rule: Option<&str>,
    (path, form): (&Path, Form),
) -> Result<(), Failure> {
    let dir = notebook.run(&run.id)?;
    let spec = dir.spec()?;
    let (rule, weights) = weights(&dir, rule)?;
    let data = dataset::load_source(&spec.data, &global.data)?;
    let network = spec.model.network(data.geometry(), spec.activation, 0.0)?;
    let bytes = match form {
        Form::Safetensors => weights,
        Form::Onnx => {
            let said = [
                ("classes", serde_json::to_string(&data.classes)?),
                ("electrodes", serde_json::to_string(&data.electrodes)?),
                ("run", run.id.clone()),
                ("rule", rule.name().to_owned()),
                ("spec_hash", spec.hash()),
            ];
            let metadata = said.map(|(key, value)| (key.to_owned(), value)).into();
            let surroundings = Surroundings { fitted: fitted(&dir, &data, &spec)?, metadata };
            onnx::to_bytes(&network, &LoadedWeights::from_bytes(&weights)?.tensors, &surroundings)?
        }
    };
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let epoch = dir.evidence(rule)?.epoch;
    let exported = Exported { run, rule, epoch, network: &network, data: &data, file: &file, form };
    let runs = std::slice::from_ref(run);
    let reading = notebook.reading();
    let source = Source {
        runs,
        rule,
        metric: None,
        evidence: &|id, rule| reading.evidence(id, rule),
        epochs: &|_| Vec::new(),
        origin: &import::origin,
        folder: String::new(),
        at: crate::clock::now(),
    };
    let card = card(&exported, &source);
    reading.end()?;
    write_file(path, &bytes)?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".md");
    write_file(Path::new(&beside), card.as_bytes())
}

/// The first rule that has weights, or the one that was asked for.
fn weights(dir: &RunDir, rule: Option<&str>) -> Result<(Rule, Vec<u8>), Failure> {
    for rule in Rule::ALL.into_iter().filter(|known| rule.is_none_or(|rule| rule == known.name())) {
        if let Some(bytes) = dir.weights(rule)? {
            return Ok((rule, bytes));
        }
    }
    Err(Failure::work(format!(
        "{} has no saved weights{}; they are saved when a run is finished",
        dir.id(),
        rule.map(|rule| format!(" under rule {rule}")).unwrap_or_default()
    )))
}

/// What the model does to a signal before its first layer.
fn fitted(dir: &RunDir, data: &dataset::DataSet, spec: &Spec) -> Result<dataset::Fitted, Failure> {
    if !matches!(spec.standardize, Standardize::None | Standardize::Zscore) {
        return Err(Failure::work(format!(
            "{} is trained with --standardize {}, which the ONNX model can't hold; it can hold none and zscore",
            dir.id(),
            spec.standardize.name()
        )));
    }
    Ok(dataset::fitted(data, spec)?)
}
