//! Experiments that one key enqueues: the lab's report and its parts, with how many runs and how long.

use super::app::App;
use super::eta;
use super::picker::Entry;
use crate::counted::counted;
use crate::duration;
use crate::lab::{self, Preset};
use crate::model::{Activation, Model};
use crate::plan::Grid;
use crate::spec::{Spec, Value, field};

/// One experiment.
struct Experiment {
    key: String,
    name: String,
    about: String,
    grid: Grid,
}

/// The network that an experiment is about where it is about one: the selected run's.
pub fn model(app: &App) -> Model {
    let [first, ..] = lab::models();
    let selected = app.selected().map(|run| run.spec.model.clone());
    selected.filter(|model| model.baseline().is_none()).unwrap_or(first)
}

/// Every preset, the activations with seeds enough to test differences, and what is about the selected run's network alone.
fn experiments(app: &App) -> Vec<Experiment> {
    let of = |preset: Preset| Experiment {
        key: preset.name().into(),
        name: preset.name().into(),
        about: preset.help().into(),
        grid: Grid::new(Some(preset)),
    };
    let seeds = Experiment {
        key: "activations-5".into(),
        name: "activations, 5 seeds".into(),
        about: "As above with seeds 0 to 4, so that differences can be tested".into(),
        grid: Grid::new(Some(Preset::Activations)).counting_on(5),
    };
    let model = model(app);
    let own = |preset: Preset| {
        let name = Value::Word(model.name().to_owned().into());
        Experiment {
            key: format!("own-{}", preset.name()),
            name: format!("{}: {}", model.title(), preset.name()),
            about: "The selected run's network alone".into(),
            grid: with(Grid::new(Some(preset)), "model", vec![name]).naming(vec![model.clone()]),
        }
    };
    let alone = [Preset::Activations, Preset::Alpha].map(own);
    Preset::ALL.map(of).into_iter().chain([seeds]).chain(alone).collect()
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
    let entry = |experiment: Experiment| {
        let (specs, about) = (specs_of(app, &experiment.grid), experiment.about);
        // Why an experiment can't be made is the same for all: what each of them is comes before it.
        let about = match specs.is_empty() {
            true => format!("{about} ({})", extent(app, &specs)),
            false => format!("{}: {about}", extent(app, &specs)),
        };
        Entry { key: experiment.key, name: experiment.name, about, on: None }
    };
    experiments(app).into_iter().map(entry).collect()
}

/// The runs of an experiment on the data at hand.
pub fn specs(app: &App, key: &str) -> Vec<Spec> {
    let found = experiments(app).into_iter().find(|experiment| experiment.key == key);
    found.map(|experiment| specs_of(app, &experiment.grid)).unwrap_or_default()
}

fn specs_of(app: &App, grid: &Grid) -> Vec<Spec> {
    let grid = grid.clone().at(app.data.ready().and_then(|data| data.sfreq));
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
    let alphas = std::iter::once(1.0).chain(lab::ALPHAS);
    alphas.map(|alpha| Spec::recipe(model.clone(), Activation::Elu { alpha }, source.clone())).collect()
}

/// How much that is, as `3 runs × 300 epochs, about 12m`.
pub fn extent(app: &App, specs: &[Spec]) -> String {
    let Some(first) = specs.first() else {
        return app.without_data().unwrap_or_else(|| "nothing that these data allow".into());
    };
    let epochs = match specs.iter().all(|spec| spec.epochs == first.epochs) {
        true if first.model.baseline().is_some() => String::new(),
        true => format!(" × {}", counted(first.epochs as usize, "epoch")),
        false => String::new(),
    };
    let time = match eta::grid(specs, app) {
        Some((seconds, true)) => format!(", about {}", duration::short(seconds)),
        Some((seconds, false)) => format!(", roughly {}", duration::short(seconds)),
        None => String::new(),
    };
    format!("{}{epochs}{time}", counted(specs.len(), "run"))
}
