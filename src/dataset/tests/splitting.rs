//! Folds and groups, against the lists of scikit-learn in `../shared/splits`, and what a run gets of them.

use crate::dataset::folds::{SplitMix64, shuffled, stratified};
use crate::dataset::{DataSet, TrialSet, prepare};
use crate::model::{Activation, Model};
use crate::spec::{By, DataSource, Spec, Split, Standardize, Subjects};
use serde_json::Value;
use std::path::PathBuf;

const SAMPLES: usize = 40;

/// A set without a split: one electrode, each sample of a trial tells its place.
fn data(labels: &[u32], subjects: &[u16], runs: &[u16]) -> DataSet {
    let most = |of: &[u16]| of.iter().max().map_or(0, |&most| most + 1);
    let names = |of: &[u16]| (0..most(of)).map(|place| place.to_string()).collect::<Vec<_>>();
    let train = TrialSet {
        signal: (0..labels.len()).flat_map(|trial| [trial as f32; SAMPLES]).collect(),
        samples: SAMPLES,
        electrodes: 1,
        labels: labels.to_vec(),
        subjects: subjects.to_vec(),
        sessions: vec![],
        runs: runs.to_vec(),
    };
    DataSet {
        source: DataSource { name: "made".into(), path: None, fingerprint: "f".into() },
        electrodes: vec!["Cz".into()],
        sfreq: None,
        classes: (0..=labels.iter().copied().max().unwrap()).map(|class| class.to_string()).collect(),
        subjects: names(subjects),
        sessions: vec![],
        runs: names(runs),
        test: TrialSet { samples: SAMPLES, electrodes: 1, ..TrialSet::default() },
        train,
    }
}

fn spec(data: &DataSet, split: Split) -> Spec {
    let recipe = Spec::recipe(Model::eegnet(), Activation::Relu, data.source.clone());
    Spec { split, validation: 0.0, ..recipe }
}

const FIVE: Split = Split::KFold { folds: 5, shuffled: false };

fn numbers<T: TryFrom<u64>>(list: &Value) -> Vec<T> {
    let numbers = list.as_array().unwrap().iter();
    numbers.map(|number| number.as_u64().unwrap().try_into().ok().unwrap()).collect()
}

#[test]
fn folds_and_groups_are_those_of_scikit_learn() {
    let shared = std::env::var_os("EEG_TUI_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let Ok(text) = std::fs::read_to_string(shared.join("splits/expected.json")) else {
        eprintln!("skipped: there is no splits/expected.json in {}", shared.display());
        return;
    };
    let expected: Value = serde_json::from_str(&text).unwrap();
    for (name, set) in expected["sets"].as_object().unwrap() {
        let mut labels: Vec<u32> = numbers(&set["labels"]);
        let first = *labels.iter().min().unwrap();
        labels.iter_mut().for_each(|label| *label -= first);
        assert_eq!(stratified(&labels, 5).unwrap(), numbers::<usize>(&set["test_fold"]), "{name}");
        for (seed, folds) in set["shuffled_test_fold"].as_object().unwrap() {
            let mut stream = SplitMix64::new(seed.parse().unwrap());
            assert_eq!(shuffled(&labels, 5, &mut stream).unwrap(), numbers::<usize>(folds), "{name} {seed}");
        }
        let alone = data(&labels, &vec![0; labels.len()], &[]);
        let first = prepare(&alone, &Spec { fold: Some(0), ..spec(&alone, FIVE) }).unwrap();
        assert_eq!(first.judged, numbers::<usize>(&set["fold0"]["test"]), "{name}");
        let train: Vec<usize> =
            (0..first.train.len()).map(|trial| first.train.trial(trial)[0] as usize).collect();
        assert_eq!(train, numbers::<usize>(&set["fold0"]["train"]), "{name}");
        for group in set["leave_one_group_out"].as_array().into_iter().flatten() {
            let names: Vec<String> = set["groups"].as_array().unwrap().iter().map(words).collect();
            let mut sorted = names.clone();
            sorted.sort();
            sorted.dedup();
            let runs = names.iter().map(|name| sorted.iter().position(|one| one == name).unwrap() as u16);
            let mut grouped = data(&labels, &vec![0; labels.len()], &runs.collect::<Vec<_>>());
            grouped.runs = sorted;
            let left_out =
                Spec { group: Some(words(&group["group"])), ..spec(&grouped, Split::LeaveOut(By::Run)) };
            let prepared = prepare(&grouped, &left_out).unwrap();
            assert_eq!(prepared.judged, numbers::<usize>(&group["test"]), "{name}");
            assert_eq!(prepared.train.len() as u64, group["train_size"].as_u64().unwrap(), "{name}");
        }
    }
}

fn words(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Two subjects of twenty trials, classes in turn, four runs each.
fn two() -> DataSet {
    let labels: Vec<u32> = (0..40).map(|trial| trial % 2).collect();
    let subjects: Vec<u16> = (0..40).map(|trial| trial / 20).collect();
    let runs: Vec<u16> = (0..40).map(|trial| trial / 5 % 4).collect();
    data(&labels, &subjects, &runs)
}

#[test]
fn every_fold_has_its_share_of_every_subject() {
    let data = two();
    let mut seen = Vec::new();
    for fold in 0..5 {
        let prepared = prepare(&data, &Spec { fold: Some(fold), ..spec(&data, FIVE) }).unwrap();
        assert_eq!(prepared.judged.iter().filter(|&&trial| trial < 20).count(), 4);
        assert_eq!(prepared.test.per_class(2), [4, 4]);
        seen.extend(prepared.judged);
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..40).collect::<Vec<_>>());
}

#[test]
fn the_validation_trials_are_blocks_of_the_training_part() {
    let data = two();
    let kept = Spec { fold: Some(1), validation: 0.25, ..spec(&data, FIVE) };
    let prepared = prepare(&data, &kept).unwrap();
    assert_eq!(prepared.judged, [4, 5, 6, 7, 24, 25, 26, 27]);
    assert_eq!(prepared.held_out, [16, 17, 18, 19, 36, 37, 38, 39]);
    // Another seed holds out the same trials: chance has no part in blocks.
    assert_eq!(prepare(&data, &Spec { seed: 1, ..kept.clone() }).unwrap(), prepared);
    let mixed = Split::KFold { folds: 5, shuffled: true };
    let mixed = |seed| prepare(&data, &Spec { split: mixed, seed, ..kept.clone() }).unwrap().judged;
    assert_ne!(mixed(0), mixed(1));
}

#[test]
fn train_and_test_files_are_one_set_for_a_split_of_its_own() {
    let mut data = two();
    let (train, test): (Vec<usize>, Vec<usize>) = (0..40).partition(|trial| trial % 20 < 10);
    (data.train, data.test) = (data.train.select(&train), data.train.select(&test));
    let prepared = prepare(&data, &Spec { fold: Some(0), ..spec(&data, FIVE) }).unwrap();
    assert_eq!(prepared.train.len() + prepared.test.len(), 40);
    assert_eq!(prepared.judged, [0, 1, 2, 3, 10, 11, 12, 13]);
    let given = prepare(&data, &spec(&data, Split::Given)).unwrap();
    assert_eq!(given.judged, (0..20).collect::<Vec<_>>());
}

#[test]
fn some_subjects_can_be_chosen() {
    let data = two();
    let named = |name: &str| Subjects::Named(vec![name.into()]);
    let alone = Spec { subjects: named("1"), fold: Some(0), ..spec(&data, FIVE) };
    let prepared = prepare(&data, &alone).unwrap();
    assert_eq!(prepared.judged, [20, 21, 22, 23]);
    let unknown = prepare(&data, &Spec { subjects: named("7"), ..alone }).unwrap_err().to_string();
    assert_eq!(unknown, "there is no subject '7' in the data; there are 0, 1");
}

#[test]
fn what_cannot_be_split_is_said() {
    let data = two();
    let refused = |spec: Spec| prepare(&data, &spec).unwrap_err().to_string();
    let of = |split| spec(&data, split);
    assert!(
        refused(of(Split::Given)).contains("no test part; let the run make one, such as --split kfold:5")
    );
    assert!(refused(of(FIVE)).contains("name one from --fold 0 to 4"));
    assert!(refused(Spec { fold: Some(5), ..of(FIVE) }).contains("fold is 5; it must be below"));
    assert!(
        refused(Spec { fold: Some(0), ..of(Split::Given) }).contains("left out where the split is no kfold")
    );
    let many = Split::KFold { folds: 21, shuffled: false };
    assert!(refused(Spec { fold: Some(0), ..of(many) }).contains("the largest has 20; take fewer folds"));
    let by_run = of(Split::LeaveOut(By::Run));
    assert!(refused(by_run.clone()).contains("name one with --group (0, 1, 2, 3)"));
    assert!(
        refused(Spec { group: Some("9".into()), ..by_run })
            .contains("no run '9' in the data; there are 0, 1")
    );
    assert!(refused(of(Split::LeaveOut(By::Session))).contains("don't say the session"));
    let alone = Spec { subjects: Subjects::Named(vec!["0".into()]), ..of(Split::LeaveOut(By::Subject)) };
    assert!(refused(alone).contains("all trials are of subject 0"));
    // A subject who has a class for themselves.
    let mut one_sided = two();
    one_sided.train.labels = (0..40).map(|trial| u32::from(trial >= 20)).collect();
    let without = Spec { group: Some("1".into()), ..of(Split::LeaveOut(By::Subject)) };
    let sentence = prepare(&one_sided, &without).unwrap_err().to_string();
    assert!(sentence.contains("no trial of class 1 is left to learn from"), "{sentence}");
}

#[test]
fn scaling_per_subject_knows_only_training_trials_but_of_who_has_none() {
    let data = two();
    let scaled = |split, group: Option<&str>, fold| {
        let group = group.map(str::to_owned);
        let spec = Spec { standardize: Standardize::PerSubject, group, fold, ..spec(&data, split) };
        prepare(&data, &spec).unwrap()
    };
    let mean = |set: &TrialSet, subject: u16| {
        let own: Vec<f32> = (0..set.len())
            .filter(|&trial| set.subjects[trial] == subject)
            .map(|trial| set.trial(trial)[0])
            .collect();
        own.iter().sum::<f32>() / own.len() as f32
    };
    let folds = scaled(FIVE, None, Some(0));
    assert!(mean(&folds.train, 0).abs() < 1e-5 && mean(&folds.train, 1).abs() < 1e-5);
    assert!(mean(&folds.test, 0) < -1.0, "the first trials of a subject lie below the others");
    let left_out = scaled(Split::LeaveOut(By::Subject), Some("1"), None);
    assert!(mean(&left_out.test, 1).abs() < 1e-5);
}
