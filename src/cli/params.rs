//! `eeg-tui params`: a network's parameters, layer by layer.

use super::text::table;
use super::{Failure, Global, Outcome, print, print_json};
use crate::model::{Activation, Geometry, LayerRow, Model, Network, thousands};
use serde_json::{Value, json};

/// What `params` understands.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// eegnet or deepconvnet
    #[arg(long, value_name = "MODEL", default_value = "eegnet")]
    model: Model,
    /// Electrodes of a trial
    #[arg(long, value_name = "C", default_value_t = Geometry::LAB.channels)]
    channels: usize,
    /// Samples of a trial
    #[arg(long, value_name = "T", default_value_t = Geometry::LAB.samples)]
    samples: usize,
    /// Number of classes
    #[arg(long, value_name = "K", default_value_t = Geometry::LAB.classes)]
    classes: usize,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(_global: &Global, args: &Args) -> Outcome {
    let geometry = Geometry { channels: args.channels, samples: args.samples, classes: args.classes };
    // Neither the activation nor dropout has parameters.
    let network = args
        .model
        .network(geometry, Activation::Relu, args.model.default_dropout())
        .map_err(|error| Failure::usage(error.to_string()))?;
    if args.json { print_json(&document(&network)) } else { print(&page(&network)) }
}

fn document(network: &Network) -> Value {
    let layers: Vec<Value> = network
        .parameters()
        .iter()
        .map(|tensor| json!({ "name": tensor.name, "shape": tensor.shape, "count": tensor.count() }))
        .collect();
    json!({ "model": network.model.name(), "total": network.parameter_count(), "layers": layers })
}

fn page(network: &Network) -> String {
    let header = ["", "layer", "output", "parameters", "multiply-adds a trial"].map(String::from).to_vec();
    let rows = network.rows();
    let multiply_adds: usize = rows.iter().map(|row| row.multiply_adds).sum();
    let total =
        ["total", "", "", &thousands(network.parameter_count()), &thousands(multiply_adds)].map(String::from);
    let lines: Vec<_> =
        std::iter::once(header).chain(rows.iter().map(cells)).chain([total.to_vec()]).collect();
    let Geometry { channels, samples, classes } = network.geometry;
    format!("{} for {channels} × {samples} and {classes} classes\n\n{}", network.model.title(), table(&lines))
}

fn cells(row: &LayerRow) -> Vec<String> {
    let shape = row.output;
    let output = match (shape.electrodes, shape.samples) {
        (1, 1) => shape.features.to_string(),
        (electrodes, samples) => format!("{} × {electrodes} × {samples}", shape.features),
    };
    let count = |number: usize| if number == 0 { "–".to_string() } else { thousands(number) };
    vec![row.name.into(), row.what.clone(), output, count(row.parameters), count(row.multiply_adds)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network() -> Network {
        Model::EegNet.network(Geometry::LAB, Activation::Relu, 0.25).unwrap()
    }

    #[test]
    fn counts_add_up_to_the_total() {
        let document = document(&network());
        assert_eq!(document["total"], 17_874);
        let layers = document["layers"].as_array().unwrap();
        assert_eq!(layers.iter().map(|layer| layer["count"].as_u64().unwrap()).sum::<u64>(), 17_874);
        assert_eq!(layers[0], json!({ "name": "firstconv.0.weight", "shape": [16, 1, 1, 51], "count": 816 }));
    }

    #[test]
    fn the_page_has_a_line_a_layer() {
        let page = page(&network());
        assert_eq!(page.lines().count(), 2 + 1 + network().layers.len() + 1, "{page}");
        assert!(page.contains("17,874") && page.contains("AvgPool 1×4"), "{page}");
        assert_eq!([0, 999, 1000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
    }
}
