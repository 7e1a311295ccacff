//! From lists of values to specs: every combination, in the order in which a table fills evenly.

use crate::dataset::{DataError, DataSet, fits};
use crate::lab::{self, Preset};
use crate::model::{Activation, Model};
use crate::spec::{DataSource, FIELDS, Field, Role, Spec, SpecError, Value, field};
use std::collections::{BTreeMap, HashSet};

/// Lists of values. Without one a field has the preset's values, or without a preset the recipe's one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    preset: Option<Preset>,
    lists: BTreeMap<&'static str, Vec<Value>>,
    /// Networks that may be named beside the built-in ones.
    networks: Vec<Model>,
    /// Whether the data don't say their sampling rate, so that a preset can't filter them.
    rateless: bool,
}

/// Why a grid can't be enqueued.
#[derive(Debug, thiserror::Error)]
pub enum GridError {
    /// A network that there is not.
    #[error("{0}")]
    Model(String),
    /// An activation that there is not, or that has no such parameter.
    #[error("{0}")]
    Activation(String),
    /// A value that no run can have.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// A spec that the data don't fit.
    #[error(transparent)]
    Data(#[from] DataError),
}

/// The most runs of one grid: a slip of the finger should not make a million folders.
pub(super) const MOST: usize = 10_000;

pub(super) fn too_many() -> SpecError {
    let wanted = "at most 10000 runs at once".into();
    SpecError::Value { field: "the grid", value: "larger".into(), wanted }
}

impl Grid {
    /// A preset, that lists may change; without one the recipe's single run.
    pub fn new(preset: Option<Preset>) -> Self {
        Grid { preset, ..Grid::default() }
    }

    /// The grid with these networks, found by what its list of models says; without such a list nothing changes.
    pub fn naming(mut self, networks: Vec<Model>) -> Self {
        let names = networks.iter().map(|model| Value::Word(model.name().to_owned().into())).collect();
        if self.lists.contains_key("model") {
            self.lists.insert("model", names);
        }
        Grid { networks, ..self }
    }

    /// The grid for data with this sampling rate: without one a preset leaves out its bands.
    pub fn at(self, sfreq: Option<f64>) -> Self {
        Grid { rateless: sfreq.is_none(), ..self }
    }

    /// Whether a preset's bands are left out for want of a sampling rate.
    pub fn leaves_bands_out(&self) -> bool {
        let habit = self.preset.filter(|_| self.list("band").is_empty());
        self.rateless && habit.is_some_and(|preset| !preset.bands().is_empty())
    }

    /// The grid with these values of a field; an empty list changes nothing.
    pub fn with(mut self, field: &'static Field, values: Vec<Value>) -> Self {
        if !values.is_empty() {
            self.lists.insert(field.name, values);
        }
        self
    }

    /// The grid with as many seeds, counting on from each.
    pub fn counting_on(self, seeds: u64) -> Self {
        let Some(field) = FIELDS.iter().find(|field| field.name == "seed").filter(|_| seeds > 1) else {
            return self;
        };
        let zero = [Value::Whole(0)];
        let first = if self.list("seed").is_empty() { &zero[..] } else { self.list("seed") };
        let first = first.iter().filter_map(Value::whole);
        let all = first.flat_map(|seed| (0..seeds).map(move |more| Value::Whole(seed.saturating_add(more))));
        let all = all.collect();
        self.with(field, all)
    }

    /// Every combination, each once. Seeds change slowest, so that a table fills evenly.
    pub fn specs(&self, data: &DataSource) -> Result<Vec<Spec>, GridError> {
        let mut specs = Vec::new();
        for model in self.models()? {
            for activation in self.activations(&model)? {
                let recipe = Spec::recipe(model.clone(), activation, data.clone());
                let recipe = self.preset.map_or(recipe.clone(), |preset| preset.apply(recipe));
                specs.extend(self.bands(recipe)?);
            }
        }
        let of_role = |role| FIELDS.iter().filter(move |field| field.role == role);
        for field in of_role(Role::Recipe) {
            specs = self.spread(specs, field, Within::EachSpec)?;
        }
        for field in of_role(Role::Repetition) {
            specs = self.spread(specs, field, Within::AllSpecs)?;
        }
        for spec in &specs {
            spec.check()?;
        }
        let mut seen = HashSet::new();
        specs.retain(|spec| seen.insert(spec.hash()));
        Ok(specs)
    }

    /// The values of a field; empty where there is no list.
    pub fn list(&self, name: &str) -> &[Value] {
        self.lists.get(name).map_or(&[], Vec::as_slice)
    }

    fn models(&self) -> Result<Vec<Model>, GridError> {
        let named = self.list("model").iter();
        let find = |value: &Value| {
            let name = value.to_string();
            let own = self.networks.iter().find(|model| model.name() == name).cloned();
            own.map_or_else(|| name.parse().map_err(GridError::Model), Ok)
        };
        let named: Vec<Model> = named.map(find).collect::<Result<_, _>>()?;
        Ok(match (named.is_empty(), self.preset) {
            (false, _) => named,
            (true, Some(preset)) => preset.models(),
            (true, None) => vec![Model::eegnet()],
        })
    }

    /// Activation functions, each with every parameter that it takes.
    fn activations(&self, model: &Model) -> Result<Vec<Activation>, GridError> {
        let named: Vec<String> = self.list("activation").iter().map(Value::to_string).collect();
        let alphas: Vec<f64> = self.list("alpha").iter().filter_map(Value::number).collect();
        if !model.has_open_activation() {
            if named.is_empty() && alphas.is_empty() {
                return Ok(vec![Activation::None]);
            }
            let what = match model.baseline() {
                Some(_) => "activation",
                None => "layer of the type \"activation\"",
            };
            let sentence = format!("{model} has no {what}; leave --activation and --alpha out");
            return Err(GridError::Activation(sentence));
        }
        let names = match self.preset {
            _ if !named.is_empty() => named,
            _ if !alphas.is_empty() => vec!["elu".into()],
            Some(preset) if !preset.activations().is_empty() => return Ok(preset.activations()),
            _ => return Ok(vec![model.default_activation()]),
        };
        let swept =
            if alphas.is_empty() && self.preset == Some(Preset::Alpha) { &lab::ALPHAS[..] } else { &alphas };
        let mut activations = Vec::new();
        for name in &names {
            let one = |alpha| Activation::new(name, alpha).map_err(GridError::Activation);
            if swept.is_empty() || (name == "relu" && names.len() > 1) {
                activations.push(one(None)?);
            } else {
                for &alpha in swept {
                    activations.push(one(Some(alpha))?);
                }
            }
        }
        Ok(activations)
    }

    /// A spec with every band: of a baseline the listed ones, else the preset's.
    fn bands(&self, spec: Spec) -> Result<Vec<Spec>, GridError> {
        let listed = self.list("band");
        let habit = self.preset.filter(|_| listed.is_empty() && spec.model.baseline().is_some());
        let bands = habit.map_or(listed, |preset| preset.bands());
        match field("band") {
            Some(field) if !bands.is_empty() && !self.leaves_bands_out() => {
                Ok(bands.iter().map(|band| with(&spec, field, band)).collect::<Result<_, _>>()?)
            }
            _ => Ok(vec![spec]),
        }
    }

    /// The specs with every value of a field; where it has no list, as they are.
    fn spread(&self, specs: Vec<Spec>, field: &Field, within: Within) -> Result<Vec<Spec>, GridError> {
        let values = self.list(field.name);
        if values.is_empty() {
            return Ok(specs);
        }
        if specs.len().saturating_mul(values.len()) > MOST {
            return Err(too_many().into());
        }
        let spread: Result<Vec<Spec>, SpecError> = match within {
            Within::EachSpec => {
                specs.iter().flat_map(|spec| values.iter().map(|value| with(spec, field, value))).collect()
            }
            Within::AllSpecs => {
                values.iter().flat_map(|value| specs.iter().map(|spec| with(spec, field, value))).collect()
            }
        };
        Ok(spread?)
    }
}

/// A spec with another value of a field.
fn with(spec: &Spec, field: &Field, value: &Value) -> Result<Spec, SpecError> {
    let mut spec = spec.clone();
    field.set(&mut spec, value).map(|()| spec)
}

/// Whether the values of a field change within each spec so far, or only after all of them.
#[derive(Clone, Copy)]
enum Within {
    EachSpec,
    AllSpecs,
}

/// Refuses specs that the data don't fit, before any of them is enqueued: too short trials, a share held out or a fold that
/// leaves a class empty, subjects that there are not.
pub fn check(specs: &[Spec], data: &DataSet) -> Result<(), GridError> {
    Ok(specs.iter().try_for_each(|spec| fits(data, spec))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::NanPolicy;

    fn data() -> DataSource {
        DataSource { name: "simulated".into(), path: None, fingerprint: "ab".into() }
    }

    /// Lists as people type them.
    fn grid(lists: &[(&str, &str)]) -> Grid {
        lists.iter().fold(Grid::default(), |grid, (name, text)| {
            let field = field(name).unwrap();
            grid.with(field, field.list(text).unwrap())
        })
    }

    fn names(grid: &Grid) -> Vec<String> {
        let title = |spec: &Spec| format!("{} {} {}", spec.model, spec.activation.title(), spec.seed);
        grid.specs(&data()).unwrap().iter().map(title).collect()
    }

    #[test]
    fn nothing_asked_is_the_recipe() {
        assert_eq!(names(&Grid::default()), ["eegnet ReLU 0"]);
    }

    #[test]
    fn presets_are_the_labs_experiments() {
        let preset = |preset| Grid { preset: Some(preset), ..Grid::default() };
        assert_eq!(names(&preset(Preset::Activations)).len(), 6);
        assert_eq!(names(&preset(Preset::Alpha)).len(), 18);
        let lab = preset(Preset::Lab).specs(&data()).unwrap();
        assert_eq!(lab.len(), 6 + 18);
        assert!(lab.iter().all(|spec| spec.validation == 0.0 && spec.nan == NanPolicy::Reference));
        let relu = Grid { preset: Some(Preset::Lab), ..grid(&[("activation", "relu")]) };
        assert_eq!(names(&relu), ["eegnet ReLU 0", "deepconvnet ReLU 0"]);
        let asked = Grid { preset: Some(Preset::Lab), ..grid(&[("validation", "0.2")]) };
        assert!(asked.specs(&data()).unwrap().iter().all(|spec| spec.validation == 0.2));
    }

    #[test]
    fn baselines_come_on_the_whole_signal_and_on_a_band_and_are_fitted_once() {
        let preset = Grid::new(Some(Preset::Baselines));
        let names: Vec<String> = preset.specs(&data()).unwrap().iter().map(Spec::title).collect();
        assert_eq!(names.len(), 8);
        assert_eq!(names[2..4], ["CSP + LDA", "CSP + LDA 8-30 Hz"]);
        assert_eq!(preset.clone().at(Some(100.0)).specs(&data()).unwrap().len(), 8);
        let rateless = preset.at(None);
        assert!(rateless.leaves_bands_out() && rateless.specs(&data()).unwrap().len() == 4);
        let csp = grid(&[("model", "csp"), ("band", "8-30,none,1-40")]);
        assert_eq!(csp.specs(&data()).unwrap().len(), 3);
        for (lists, said) in [
            (&[("model", "csp"), ("activation", "relu")], "csp has no activation; leave --activation"),
            (&[("model", "eegnet,csp"), ("epochs", "5")], "csp has no epochs; leave --epochs out"),
            (&[("model", "eegnet"), ("band", "8-30")], "eegnet has no band; leave --band out"),
        ] {
            let error = grid(lists).specs(&data()).unwrap_err().to_string();
            assert!(error.starts_with(said), "{error}");
        }
        let seeds = grid(&[("model", "csp")]).counting_on(5).specs(&data()).unwrap_err().to_string();
        assert_eq!(seeds, "csp has no seed; leave --seed out");
    }

    #[test]
    fn lists_multiply_and_seeds_change_slowest() {
        let three = grid(&[("activation", "relu,elu"), ("alpha", "0.5,0.5,1"), ("seed", "0..1")]);
        let expected = ["ReLU 0", "ELU 0.5 0", "ELU 1.0 0", "ReLU 1", "ELU 0.5 1", "ELU 1.0 1"];
        assert_eq!(names(&three), expected.map(|name| format!("eegnet {name}")));
        let two = grid(&[("lr", "0.001,0.0001"), ("batch", "32,64")]);
        assert_eq!(two.specs(&data()).unwrap().len(), 4);
    }

    #[test]
    fn alpha_alone_means_elu_and_relu_takes_none() {
        assert_eq!(names(&grid(&[("alpha", "0.3")])), ["eegnet ELU 0.3 0"]);
        let wrong = grid(&[("activation", "relu"), ("alpha", "0.3")]);
        assert!(wrong.specs(&data()).unwrap_err().to_string().contains("relu has no alpha"));
        let alpha = field("alpha").unwrap();
        let wrong = Grid::default().with(alpha, vec![Value::Real(f64::NAN)]);
        assert!(wrong.specs(&data()).is_err());
    }

    #[test]
    fn a_slip_of_the_finger_is_refused() {
        let seeds = (0..20_000).map(Value::Whole).collect();
        let grid = Grid::default().with(field("seed").unwrap(), seeds);
        assert!(grid.specs(&data()).unwrap_err().to_string().contains("10000"));
    }
}
