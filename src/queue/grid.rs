//! From lists of values to specs: every combination, in the order in which a table fills evenly.

use crate::dataset::{DataError, DataSet, prepare};
use crate::model::{Activation, Model};
use crate::spec::{DataSource, NanPolicy, Spec, SpecError, Standardize};
use std::collections::HashSet;

/// The lab's experiments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// All of it exactly as the lab did it, both of what follows: nothing held out, its filling of missing samples.
    Lab,
    /// Both networks with each of the three activations, with an honest validation split.
    Activations,
    /// Both networks with ELU's α from 0.9 to 0.1.
    Alpha,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Preset; 3] = [Preset::Lab, Preset::Activations, Preset::Alpha];
    /// The α values of the lab's sweep.
    pub const ALPHAS: [f64; 9] = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Preset::Lab => "lab",
            Preset::Activations => "activations",
            Preset::Alpha => "alpha",
        }
    }
}

/// Lists of values. An empty list means the preset's values, or without a preset the recipe's one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    /// Where the lists are empty.
    pub preset: Option<Preset>,
    /// Networks.
    pub models: Vec<Model>,
    /// Names of activation functions.
    pub activations: Vec<String>,
    /// ELU's α or LeakyReLU's slope; ReLU goes without.
    pub alphas: Vec<f64>,
    /// Seeds.
    pub seeds: Vec<u64>,
    /// Passes over the training trials.
    pub epochs: Vec<u32>,
    /// Trials of a step.
    pub batches: Vec<usize>,
    /// Learning rates.
    pub rates: Vec<f64>,
    /// L2 terms.
    pub weight_decays: Vec<f64>,
    /// Dropout probabilities.
    pub dropouts: Vec<f64>,
    /// Shares held out.
    pub validations: Vec<f64>,
    /// Scalings.
    pub scalings: Vec<Standardize>,
    /// What stands in for missing samples.
    pub nans: Vec<NanPolicy>,
}

/// Why a grid can't be enqueued.
#[derive(Debug, thiserror::Error)]
pub enum GridError {
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
const MOST: usize = 10_000;

impl Grid {
    /// Every combination, each once. Seeds change slowest, so that a table fills evenly.
    pub fn specs(&self, data: &DataSource) -> Result<Vec<Spec>, GridError> {
        let models = self.models();
        let mut specs = Vec::new();
        for &seed in &or(&self.seeds, &[0]) {
            for model in &models {
                for activation in self.activations(model)? {
                    let base = Spec { seed, ..Spec::recipe(model.clone(), activation, data.clone()) };
                    let lab = self.preset == Some(Preset::Lab);
                    specs.extend(self.variants(if lab { base.as_in_the_lab() } else { base }));
                    if specs.len() > MOST {
                        let wanted = "at most 10000 runs at once";
                        return Err(SpecError { field: "the grid", value: "larger".into(), wanted }.into());
                    }
                }
            }
        }
        for spec in &specs {
            spec.check()?;
        }
        let mut seen = HashSet::new();
        specs.retain(|spec| seen.insert(spec.hash()));
        Ok(specs)
    }

    fn models(&self) -> Vec<Model> {
        let preset = if self.preset.is_some() { Model::lab().to_vec() } else { vec![Model::eegnet()] };
        or(&self.models, &preset)
    }

    fn activations(&self, model: &Model) -> Result<Vec<Activation>, GridError> {
        if !model.has_open_activation() {
            if self.activations.is_empty() && self.alphas.is_empty() {
                return Ok(vec![Activation::None]);
            }
            return Err(GridError::Activation(format!(
                "{model} has no layer of the type \"activation\"; leave --activation and --alpha out"
            )));
        }
        let alpha_means_elu = !self.alphas.is_empty() || self.preset == Some(Preset::Alpha);
        let names: Vec<String> = match self.preset {
            _ if !self.activations.is_empty() => self.activations.clone(),
            _ if alpha_means_elu => vec!["elu".into()],
            Some(_) => Activation::LAB.iter().map(|activation| activation.name().into()).collect(),
            None => return Ok(vec![model.default_activation()]),
        };
        let sweep: &[f64] = if self.preset == Some(Preset::Alpha) { &Preset::ALPHAS } else { &[] };
        let alphas = or(&self.alphas, sweep);
        let mut activations = Vec::new();
        let whole_lab = self.preset == Some(Preset::Lab) && self.activations.is_empty() && alphas.is_empty();
        for name in &names {
            if alphas.is_empty() || (name == "relu" && names.len() > 1) {
                activations.push(Activation::new(name, None).map_err(GridError::Activation)?);
            } else {
                for &alpha in &alphas {
                    activations.push(Activation::new(name, Some(alpha)).map_err(GridError::Activation)?);
                }
            }
        }
        if whole_lab {
            activations.extend(Preset::ALPHAS.map(|alpha| Activation::Elu { alpha }));
        }
        Ok(activations)
    }

    /// The spec with every combination of the remaining lists.
    fn variants(&self, base: Spec) -> Vec<Spec> {
        let mut specs = vec![base];
        spread(&mut specs, &self.epochs, |spec, epochs| spec.epochs = epochs);
        spread(&mut specs, &self.batches, |spec, batch| spec.batch = batch);
        spread(&mut specs, &self.rates, |spec, lr| spec.lr = lr);
        spread(&mut specs, &self.weight_decays, |spec, decay| spec.weight_decay = decay);
        spread(&mut specs, &self.dropouts, |spec, dropout| spec.dropout = dropout);
        spread(&mut specs, &self.validations, |spec, share| spec.validation = share);
        spread(&mut specs, &self.scalings, |spec, scaling| spec.standardize = scaling);
        spread(&mut specs, &self.nans, |spec, nan| spec.nan = nan);
        specs
    }
}

/// The list, or what stands for an empty one.
fn or<T: Clone>(list: &[T], default: &[T]) -> Vec<T> {
    if list.is_empty() { default.to_vec() } else { list.to_vec() }
}

/// Puts every value in place of the one that is there; an empty list leaves it.
fn spread<T: Copy>(specs: &mut Vec<Spec>, values: &[T], set: impl Fn(&mut Spec, T)) {
    if values.is_empty() {
        return;
    }
    let with = |spec: &Spec, value| {
        let mut spec = spec.clone();
        set(&mut spec, value);
        spec
    };
    *specs = specs.iter().flat_map(|spec| values.iter().map(move |&value| with(spec, value))).collect();
}

/// Refuses specs that the data don't fit, before any of them is enqueued: too short trials, a batch larger than the data,
/// a held-out share that leaves a class empty.
pub fn check(specs: &[Spec], data: &DataSet) -> Result<(), GridError> {
    // What can go wrong does not depend on the other fields, and preparing trials costs a copy of them.
    let mut checked = HashSet::new();
    for spec in specs {
        if checked.insert((spec.model.clone(), spec.batch, spec.validation.to_bits())) {
            prepare(data, spec)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data() -> DataSource {
        DataSource { name: "simulated".into(), path: None, fingerprint: "ab".into() }
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
        let relu = Grid { activations: vec!["relu".into()], ..preset(Preset::Lab) };
        assert_eq!(names(&relu), ["eegnet ReLU 0", "deepconvnet ReLU 0"]);
        let asked = Grid { validations: vec![0.2], ..preset(Preset::Lab) };
        assert!(asked.specs(&data()).unwrap().iter().all(|spec| spec.validation == 0.2));
    }

    #[test]
    fn lists_multiply_and_seeds_change_slowest() {
        let grid = Grid {
            activations: vec!["relu".into(), "elu".into()],
            alphas: vec![0.5, 0.5, 1.0],
            seeds: vec![0, 1],
            ..Grid::default()
        };
        let expected = ["ReLU 0", "ELU 0.5 0", "ELU 1.0 0", "ReLU 1", "ELU 0.5 1", "ELU 1.0 1"];
        assert_eq!(names(&grid), expected.map(|name| format!("eegnet {name}")));
        let two = Grid { rates: vec![1e-3, 1e-4], batches: vec![32, 64], ..Grid::default() };
        assert_eq!(two.specs(&data()).unwrap().len(), 4);
    }

    #[test]
    fn alpha_alone_means_elu_and_relu_takes_none() {
        assert_eq!(names(&Grid { alphas: vec![0.3], ..Grid::default() }), ["eegnet ELU 0.3 0"]);
        let wrong = Grid { activations: vec!["relu".into()], alphas: vec![0.3], ..Grid::default() };
        assert!(wrong.specs(&data()).unwrap_err().to_string().contains("relu has no alpha"));
        let wrong = Grid { alphas: vec![f64::NAN], ..Grid::default() };
        assert!(wrong.specs(&data()).is_err());
    }

    #[test]
    fn a_slip_of_the_finger_is_refused() {
        let grid = Grid { seeds: (0..20_000).collect(), ..Grid::default() };
        assert!(grid.specs(&data()).unwrap_err().to_string().contains("10000"));
    }
}
