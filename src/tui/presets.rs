//! Experiments that one key enqueues: the lab's report and its parts, with how many runs and how long.

use super::app::App;
use super::naming::count;
use super::picker::Entry;
use super::{duration, eta};
use crate::lab::{self, Preset};
use crate::model::{Activation, Model};
use crate::plan::Grid;
use crate::spec::{Spec, Value, field};

/// One experiment.
struct Experiment {
    key: &'static str,
    name: String,
    about: &'static str,
    grid: Grid,
}

/// The model that an experiment is about where it is about one: the selected run's.
pub fn model(app: &App) -> Model {
    app.selected().map_or_else(Model::eegnet, |run| run.spec.model.clone())
}

fn experiments(app: &App) -> Vec<Experiment> {
    let preset = |preset| Grid::new(Some(preset));
    let one = |chosen| {
        let name = Value::Word(model(app).name().to_owned().into());
        with(preset(chosen), "model", vec![name]).naming(vec![model(app)])
    };
    let model_here = model(app);
    let title = model_here.title();
    vec![
        Experiment {
            key: "lab",
            name: "the lab's report".into(),
            about: "both networks, activations and α sweep; nothing held out, best epoch on the test set",
            grid: preset(Preset::Lab),
        },
        Experiment {
            key: "activations",
            name: "activations".into(),
            about: "both networks with ReLU, LeakyReLU and ELU; validation 0.2",
            grid: preset(Preset::Activations),
        },
        Experiment {
            key: "alpha",
            name: "α sweep".into(),
            about: "both networks with ELU α 0.9 to 0.1; validation 0.2",
            grid: preset(Preset::Alpha),
        },
        Experiment {
            key: "activations-5",
            name: "activations, 5 seeds".into(),
            about: "as above with seeds 0 to 4, so that differences can be tested",
            grid: preset(Preset::Activations).counting_on(5),
        },
        Experiment {
            key: "own-activations",
            name: format!("{title}: activations"),
            about: "the selected run's network alone",
            grid: one(Preset::Activations),
        },
        Experiment {
            key: "own-alpha",
            name: format!("{title}: α sweep"),
            about: "the selected run's network alone",
            grid: one(Preset::Alpha),
        },
    ]
}

/// A grid with these values of a field.
fn with(grid: Grid, name: &str, values: Vec<Value>) -> Grid {
    match field(name) {
        Some(field) => grid.with(field, values),
        None => grid,
    }
}

/// What can be chosen, with how many runs it makes and how long they take.
pub fn entries(app: &App) -> Vec<Entry> {
    let entry = |experiment: Experiment| Entry {
        key: experiment.key.into(),
        name: experiment.name,
        about: format!("{}: {}", extent(app, &specs_of(app, &experiment.grid)), experiment.about),
        on: None,
    };
    experiments(app).into_iter().map(entry).collect()
}

/// The runs of an experiment on the data at hand.
pub fn specs(app: &App, key: &str) -> Vec<Spec> {
    let found = experiments(app).into_iter().find(|experiment| experiment.key == key);
    found.map(|experiment| specs_of(app, &experiment.grid)).unwrap_or_default()
}

fn specs_of(app: &App, grid: &Grid) -> Vec<Spec> {
    app.source().and_then(|source| grid.specs(source).ok()).unwrap_or_default()
}

/// The lab's activations for one model, on the data at hand.
pub fn activations(app: &App, model: Model) -> Vec<Spec> {
    let Some(source) = app.source() else { return Vec::new() };
    let activations = if model.has_open_activation() { &lab::ACTIVATIONS[..] } else { &[Activation::None] };
    activations.iter().map(|&one| Spec::recipe(model.clone(), one, source.clone())).collect()
}

/// The lab's ELU α for one model, from 1.0 down to 0.1.
pub fn sweep(app: &App, model: Model) -> Vec<Spec> {
    let Some(source) = app.source() else { return Vec::new() };
    let alphas = (1..=10).rev().map(|tenths| f64::from(tenths) / 10.0);
    alphas.map(|alpha| Spec::recipe(model.clone(), Activation::Elu { alpha }, source.clone())).collect()
}

/// How much that is, as `3 runs × 300 epochs, about 12m`.
pub fn extent(app: &App, specs: &[Spec]) -> String {
    let Some(first) = specs.first() else { return "no data yet".into() };
    let epochs = match specs.iter().all(|spec| spec.epochs == first.epochs) {
        true => format!(" × {} epochs", first.epochs),
        false => String::new(),
    };
    let time = match eta::grid(specs, app) {
        Some((seconds, true)) => format!(", about {}", duration::short(seconds)),
        Some((seconds, false)) => format!(", roughly {}", duration::short(seconds)),
        None => String::new(),
    };
    format!("{}{epochs}{time}", count(specs.len()))
}
