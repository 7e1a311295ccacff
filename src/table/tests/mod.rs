mod building;
mod judging;
mod rendering;

use super::*;
use crate::event::{Started, TrialCounts};
use crate::model::Activation;
use crate::notebook::{RunState, RunSummary};
use crate::predictions::{Prediction, Predictions};
use crate::spec::{DataSource, Spec};
use jiff::Timestamp;
use std::collections::BTreeMap;

const ELU: Activation = Activation::Elu { alpha: 1.0 };

fn data(name: &str) -> DataSource {
    DataSource { name: name.into(), path: Some("data".into()), fingerprint: name.into() }
}

/// A finished run with 100 test trials and this accuracy under every rule.
fn run(model: Model, activation: Activation, seed: u64, accuracy: f64) -> RunSummary {
    let spec = Spec { seed, ..Spec::recipe(model, activation, data("IIIb")) };
    RunSummary {
        id: format!("{}-{}-{seed}", spec.model.name(), activation.title()),
        state: RunState::Finished,
        epoch: spec.epochs,
        spec,
        test_acc: Rule::ALL.into_iter().map(|rule| (rule, Some(accuracy))).collect(),
        last: None,
        loss_tail: vec![],
        created: Timestamp::UNIX_EPOCH,
        updated: Timestamp::UNIX_EPOCH,
        started: Some(Box::new(started())),
        seconds: 60.0,
        message: None,
        position: None,
        tags: vec![],
        has_notes: false,
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
        trials: TrialCounts { train: 80, validation: 20, test: 100 },
        remark: None,
    }
}

fn waiting(model: Model, activation: Activation, seed: u64, state: RunState) -> RunSummary {
    RunSummary { state, test_acc: BTreeMap::new(), started: None, ..run(model, activation, seed, 0.0) }
}

fn recipe_of(run: &RunSummary) -> Recipe {
    Recipe::of(&run.spec)
}

fn table(runs: &[RunSummary]) -> Matrix {
    Matrix::activations(runs, &recipe_of(&runs[0]), Rule::Validation, &|_, _| None)
}

/// Predictions for 100 trials of two subjects, wrong where told.
fn predictions(wrong: impl Fn(usize) -> bool) -> Predictions {
    let rows = (0..100).map(|trial| {
        let label = trial as u32 % 2;
        Prediction {
            subject: if trial < 50 { "a" } else { "b" }.into(),
            label,
            predicted: if wrong(trial) { 1 - label } else { label },
            probabilities: vec![0.5, 0.5],
        }
    });
    Predictions { classes: vec!["1".into(), "2".into()], rows: rows.collect() }
}
