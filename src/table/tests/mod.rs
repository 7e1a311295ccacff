mod building;
mod crafted;
mod folds;
mod rendering;

use super::*;
use crate::event::{Started, TrialCounts};
use crate::model::Activation;
use crate::notebook::{Evidence, RunState, RunSummary};
use crate::predictions::{Prediction, Predictions};
use crate::random::shuffle;
use crate::spec::{DataSource, Spec};
use jiff::Timestamp;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::collections::BTreeMap;
use std::sync::Arc;

const ELU: Activation = Activation::Elu { alpha: 1.0 };
const RELU: Activation = Activation::Relu;
const LEAKY: Activation = Activation::LeakyRelu { slope: 0.01 };

/// Runs and what they said, without a disk.
struct Book {
    runs: Vec<RunSummary>,
    evidence: BTreeMap<String, Evidence>,
    rng: ChaCha8Rng,
    labels: Vec<u32>,
    subjects: Vec<&'static str>,
}

impl Book {
    /// 300 trials of one subject, two classes in turn.
    fn new() -> Self {
        let rng = ChaCha8Rng::seed_from_u64(1);
        Book {
            runs: vec![],
            evidence: BTreeMap::new(),
            rng,
            labels: (0..300).map(|trial| trial % 2).collect(),
            subjects: vec!["s"; 300],
        }
    }

    /// This share of the trials, drawn at random.
    fn hits(&mut self, share: f64) -> Vec<bool> {
        let trials = self.labels.len();
        let right = (share * trials as f64).round() as usize;
        let mut hits: Vec<bool> = (0..trials).map(|trial| trial < right).collect();
        shuffle(&mut self.rng, &mut hits);
        hits
    }

    /// A finished run that was right on these trials.
    fn finish(&mut self, model: Model, activation: Activation, seed: u64, hits: &[bool]) -> &mut RunSummary {
        let classes = self.labels.iter().max().map_or(0, |most| most + 1);
        let rows = hits.iter().enumerate().map(|(trial, &hit)| {
            let label = self.labels[trial];
            let predicted = if hit { label } else { (label + 1) % classes };
            let probability = |class| if class == predicted { 0.9 } else { 0.1 / f64::from(classes - 1) };
            Prediction {
                trial,
                subject: self.subjects[trial].into(),
                label,
                predicted,
                probabilities: (0..classes).map(probability).collect(),
            }
        });
        let said = Predictions {
            classes: (1..=classes).map(|class| class.to_string()).collect(),
            rows: rows.collect(),
        };
        let mut run = run(model, activation, seed, said.accuracy());
        run.id = format!("{}-{:03}", run.id, self.runs.len());
        let evidence = Evidence { epoch: Some(300), test: Some(said), ..Evidence::default() };
        self.evidence.insert(run.id.clone(), evidence);
        self.runs.push(run);
        self.runs.last_mut().unwrap()
    }

    /// A finished run that was right on this share of the trials.
    fn reach(&mut self, model: Model, activation: Activation, seed: u64, share: f64) -> &mut RunSummary {
        let hits = self.hits(share);
        self.finish(model, activation, seed, &hits)
    }

    /// What validation says of a cell's runs.
    fn validated(&mut self, model: Model, activation: Activation, accuracy: f64) {
        for run in self.runs.iter().filter(|run| run.spec.model == model && run.spec.activation == activation)
        {
            self.evidence.entry(run.id.clone()).or_default().validation_accuracy = Some(accuracy);
        }
    }

    fn table(&self) -> Matrix {
        self.under(Rule::Validation)
    }

    fn under(&self, rule: Rule) -> Matrix {
        Matrix::activations(&self.runs, &recipe_of(&self.runs[0]), rule, None, &|id, _| self.read(id))
    }

    fn sweep(&self) -> Matrix {
        let recipe = recipe_of(&self.runs[0]);
        Matrix::alpha_sweep(&self.runs, &recipe, Rule::Validation, None, &|id, _| self.read(id))
    }

    fn read(&self, id: &str) -> Arc<Evidence> {
        Arc::new(self.evidence.get(id).cloned().unwrap_or_default())
    }
}

fn data(name: &str) -> DataSource {
    DataSource { name: name.into(), path: Some("data".into()), fingerprint: name.into() }
}

/// A finished run with 300 test trials and this accuracy under every rule.
fn run(model: Model, activation: Activation, seed: u64, accuracy: f64) -> RunSummary {
    let spec = Spec { seed, ..Spec::recipe(model, activation, data("IIIb")) };
    let id = format!("{}-{}-{seed}", spec.model.name(), activation.title());
    RunSummary {
        test_acc: Rule::ALL.into_iter().map(|rule| (rule, Some(accuracy))).collect(),
        started: Some(Box::new(started())),
        seconds: 60.0,
        ..RunSummary::finished(id, spec)
    }
}

fn started() -> Started {
    Started {
        epoch: 0,
        program: String::new(),
        commit: None,
        command: vec![],
        host: String::new(),
        pid: 1,
        job: None,
        device: "cpu".into(),
        threads: 1,
        fingerprint: String::new(),
        spec_hash: String::new(),
        trials: TrialCounts { train: 80, validation: 20, test: 300 },
        remark: None,
    }
}

fn waiting(model: Model, activation: Activation, seed: u64, state: RunState) -> RunSummary {
    let id = format!("waiting-{}-{}-{seed}", model.name(), activation.title());
    RunSummary { id, state, test_acc: BTreeMap::new(), started: None, ..run(model, activation, seed, 0.0) }
}

fn recipe_of(run: &RunSummary) -> Recipe {
    Recipe::of(&run.spec)
}

/// A table of runs whose predictions are gone.
fn table(runs: &[RunSummary]) -> Matrix {
    Matrix::activations(runs, &recipe_of(&runs[0]), Rule::Validation, None, &|_, _| Arc::default())
}
