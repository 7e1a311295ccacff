//! `eeg-tui model`: networks as text: which there are, whether a file is one, and a new one to begin with.

use super::machine::catalogue;
use super::{Failure, Global, Outcome, params, print, print_json};
use crate::catalogue::{self, Catalogue, FOLDER};
use crate::disk::named;
use crate::model::{Geometry, Model, thousands};
use crate::printable::printable;
use serde_json::json;
use std::fmt::Write as _;
use std::path::PathBuf;

/// What `model` understands.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Every network: built in, and in the folders 'networks'
    List {
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Read a network's file, and say what is wrong with it or what it is
    Check {
        /// The file, or a network's name
        #[arg(value_name = "FILE")]
        file: String,
        /// What it is built for
        #[command(flatten)]
        size: params::Size,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Write a new network's file into the data folder's 'networks', to be edited
    New {
        /// Its name: small letters, digits and dashes
        name: String,
        /// A network whose layers it begins with
        #[arg(long, value_name = "MODEL", default_value = "eegnet")]
        like: String,
    },
}

/// Runs the command.
pub fn run(global: &Global, command: &Command) -> Outcome {
    match command {
        Command::List { json } => list(&catalogue(global), *json),
        Command::Check { file, size, json } => {
            let network = params::network(&find(global, file)?, size)?;
            params::show(global, &network, *json)
        }
        Command::New { name, like } => new(global, name, like),
    }
}

fn find(global: &Global, name: &str) -> Result<Model, Failure> {
    catalogue(global).find(name).map_err(|error| Failure::work(error.to_string()))
}

fn list(catalogue: &Catalogue, json: bool) -> Outcome {
    let count = |model: &Model| {
        let geometry = Geometry { sfreq: Some(params::RATE), ..Geometry::LAB };
        let network = model.network(geometry, model.default_activation(), model.default_dropout());
        network.ok().map(|network| network.parameter_count())
    };
    if json {
        let models: Vec<_> = catalogue
            .models()
            .iter()
            .map(|model| {
                json!({
                    "name": model.name(),
                    "title": model.title(),
                    "built_in": Model::built_in().contains(model),
                    "activation": model.default_activation().name(),
                    "dropout": model.default_dropout(),
                    "parameters": count(model),
                })
            })
            .collect();
        return print_json(&models);
    }
    let mut text = String::new();
    for model in catalogue.models() {
        let parameters = count(model).map_or("too long for 750 samples".into(), |count| {
            format!("{} parameters for 2 × 750 and two classes", thousands(count))
        });
        let whose = if Model::built_in().contains(model) { "" } else { "  (a file)" };
        let _ = writeln!(text, "{:<20} {:<22} {parameters}{whose}", model.name(), printable(model.title()));
    }
    for fault in catalogue.faults() {
        eprintln!("{}", printable(&fault.to_string()));
    }
    print(&text)
}

/// The text of another network under a new name.
fn new(global: &Global, name: &str, like: &str) -> Outcome {
    let model = catalogue(global).find(like).map_err(|error| Failure::usage(error.to_string()))?;
    let text = renamed(&model, name);
    let read = Model::from_text(&text).map_err(|error| Failure::usage(error.sentence))?;
    if catalogue(global).models().iter().any(|known| known.name() == read.name()) {
        let sentence = format!("there is a network '{name}' already; take another name, or remove its file");
        return Err(Failure::usage(sentence));
    }
    let path: PathBuf = global.data.join(FOLDER).join(format!("{name}.toml"));
    let unwritten = |error: std::io::Error| Failure::unwritable(&path, &error);
    named::make_folders(&global.data.join(FOLDER)).map_err(unwritten)?;
    named::write_new(&path, text.as_bytes()).map_err(unwritten)?;
    catalogue::read_file(&path).map_err(|error| Failure::work(error.to_string()))?;
    print(&format!("{}\nedit it, then: eeg-tui model check {name}\n", path.display()))
}

/// The same layers: the first line says whose, name and title are new.
fn renamed(model: &Model, name: &str) -> String {
    let mut text = format!("# Begun with the layers of {}.\n", model.name());
    for line in model.text().lines() {
        let key = line.split('=').next().unwrap_or_default().trim();
        match key {
            "name" => {
                let _ = writeln!(text, "name = {}", toml::Value::from(name));
            }
            "title" => (),
            _ if line.starts_with('#') => (),
            _ => {
                let _ = writeln!(text, "{line}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_network_has_the_layers_of_the_old_one() {
        for model in Model::built_in() {
            let new = Model::from_text(&renamed(model, "mine")).unwrap();
            assert_eq!((new.name(), new.title(), new.lines()), ("mine", "mine", model.lines()));
            assert_eq!(new.default_activation(), model.default_activation());
        }
    }
}
