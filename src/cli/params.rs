//! `eeg-tui params`: a network's parameters, layer by layer.

use super::machine::{catalogue, devices};
use super::text::table;
use super::{Failure, Global, Outcome, print, print_json};
use crate::model::{Geometry, LayerRow, Model, Network, thousands};
use crate::nn::Execution;
use serde_json::{Value, json};

/// What `params` understands.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A network by name, or a text file
    #[arg(long, value_name = "MODEL", default_value = "eegnet")]
    model: String,
    #[command(flatten)]
    size: Size,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// What a network is built for. The defaults are the lab's trials, but at the rate that most published networks are made
/// for: half a second is 64 samples then, as in their papers.
#[derive(Debug, clap::Args)]
pub struct Size {
    /// Electrodes of a trial
    #[arg(long, value_name = "C", default_value_t = Geometry::LAB.channels)]
    channels: usize,
    /// Samples of a trial
    #[arg(long, value_name = "T", default_value_t = Geometry::LAB.samples)]
    samples: usize,
    /// Number of classes
    #[arg(long, value_name = "K", default_value_t = Geometry::LAB.classes)]
    classes: usize,
    /// Sampling rate in Hz, for kernels that are times
    #[arg(long, value_name = "HZ", default_value_t = RATE)]
    sfreq: f64,
}

/// Samples a second where nobody says how many.
pub(super) const RATE: f64 = 128.0;

/// Runs the command.
pub fn run(global: &Global, args: &Args) -> Outcome {
    let model = catalogue(global).find(&args.model).map_err(|error| Failure::usage(error.to_string()))?;
    show(global, &network(&model, &args.size)?, args.json)
}

/// The network for trials of this size. Neither the activation nor dropout has parameters.
pub(super) fn network(model: &Model, size: &Size) -> Result<Network, Failure> {
    let &Size { channels, samples, classes, sfreq } = size;
    if !(sfreq.is_finite() && sfreq > 0.0) {
        return Err(Failure::usage(format!("--sfreq is {sfreq}; it must be a positive number")));
    }
    model
        .network(
            Geometry { channels, samples, classes, sfreq: Some(sfreq) },
            model.default_activation(),
            model.default_dropout(),
        )
        .map_err(|error| Failure::usage(error.to_string()))
}

/// Prints its table, and what computes it.
pub(super) fn show(global: &Global, network: &Network, json: bool) -> Outcome {
    let devices = devices(global)?;
    let execution = devices.turn()?.device.execution(network);
    if json { print_json(&document(network, &execution)) } else { print(&page(network, &execution)) }
}

fn document(network: &Network, execution: &Execution) -> Value {
    let layers: Vec<Value> = network
        .parameters()
        .iter()
        .map(|tensor| json!({ "name": tensor.name, "shape": tensor.shape, "count": tensor.count() }))
        .collect();
    json!({
        "model": network.model.name(),
        "total": network.parameter_count(),
        "layers": layers,
        "executor": execution.name(),
        "not_fused": execution.reason(),
    })
}

fn page(network: &Network, execution: &Execution) -> String {
    let header = ["", "layer", "output", "parameters", "multiply-adds a trial"].map(String::from).to_vec();
    let rows = network.rows();
    let multiply_adds: usize = rows.iter().map(|row| row.multiply_adds).sum();
    let total =
        ["total", "", "", &thousands(network.parameter_count()), &thousands(multiply_adds)].map(String::from);
    let lines: Vec<_> =
        std::iter::once(header).chain(rows.iter().map(cells)).chain([total.to_vec()]).collect();
    let Geometry { channels, samples, classes, .. } = network.geometry;
    let title = network.model.title();
    let computed = match execution.reason() {
        None => execution.name().to_owned(),
        Some(reason) => format!("{}, not by the fused kernels: {reason}", execution.name()),
    };
    format!(
        "{title} for {channels} × {samples} and {classes} classes\n\n{}\nexecutor: {computed}\n",
        table(&lines)
    )
}

fn cells(row: &LayerRow) -> Vec<String> {
    let shape = row.output;
    let output = match (shape.electrodes, shape.samples) {
        (1, 1) => shape.features.to_string(),
        (electrodes, samples) => format!("{} × {electrodes} × {samples}", shape.features),
    };
    let count = |number: usize| if number == 0 { "–".to_string() } else { thousands(number) };
    vec![row.name.clone(), row.what.clone(), output, count(row.parameters), count(row.multiply_adds)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network() -> Network {
        use crate::model::Activation;
        Model::eegnet().network(Geometry::LAB, Activation::Relu, 0.25).unwrap()
    }

    #[test]
    fn counts_add_up_to_the_total() {
        let document = document(&network(), &Execution::Fused);
        assert_eq!(document["total"], 17_874);
        let layers = document["layers"].as_array().unwrap();
        assert_eq!(layers.iter().map(|layer| layer["count"].as_u64().unwrap()).sum::<u64>(), 17_874);
        assert_eq!(layers[0], json!({ "name": "firstconv.0.weight", "shape": [16, 1, 1, 51], "count": 816 }));
    }

    #[test]
    fn the_page_has_a_line_a_layer() {
        let page = page(&network(), &Execution::Fused);
        assert_eq!(page.lines().count(), 2 + 1 + network().layers.len() + 1 + 2, "{page}");
        assert!(page.contains("17,874") && page.contains("AvgPool 1×4"), "{page}");
        assert_eq!([0, 999, 1000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
    }
}
