use crate::dataset::{DataSet, Prepared, TrialSet, prepare};
use crate::model::{Activation, Model};
use crate::spec::{DataSource, NanPolicy, Spec, Standardize};
use std::collections::BTreeSet;

const SAMPLES: usize = 40;

/// Two subjects, two classes, `trials` training trials of each, one electrode; each sample tells its trial.
fn data(trials: usize) -> DataSet {
    let set = |trials: usize| {
        let labels: Vec<u32> = (0..4 * trials as u32).map(|trial| trial % 2).collect();
        TrialSet {
            signal: (0..labels.len()).flat_map(|trial| [trial as f32; SAMPLES]).collect(),
            samples: SAMPLES,
            electrodes: 1,
            subjects: (0..labels.len()).map(|trial| (trial / (2 * trials)) as u16).collect(),
            labels,
            ..TrialSet::default()
        }
    };
    DataSet {
        source: DataSource { name: "made".into(), path: None, fingerprint: "f".into() },
        electrodes: vec!["Cz".into()],
        sfreq: None,
        classes: vec!["1".into(), "2".into()],
        subjects: vec!["a".into(), "b".into()],
        sessions: vec![],
        runs: vec![],
        train: set(trials),
        test: set(1),
    }
}

fn spec(data: &DataSet) -> Spec {
    Spec { batch: 4, ..Spec::recipe(Model::eegnet(), Activation::Relu, data.source.clone()) }
}

fn first_samples(set: &TrialSet) -> BTreeSet<u32> {
    (0..set.len()).map(|trial| set.trial(trial)[0] as u32).collect()
}

fn refused(data: &DataSet, spec: &Spec) -> String {
    prepare(data, spec).unwrap_err().to_string()
}

#[test]
fn the_split_is_stratified_complete_and_follows_the_seed() {
    let data = data(10);
    let Prepared { train, validation, .. } = prepare(&data, &spec(&data)).unwrap();
    let validation = validation.unwrap();
    assert_eq!((train.len(), validation.len()), (32, 8));
    for subject in 0..2 {
        for class in 0..2 {
            let of = validation.subjects.iter().zip(&validation.labels);
            assert_eq!(of.filter(|&(&s, &c)| (s, c) == (subject, class)).count(), 2);
        }
    }
    let (kept, held_out) = (first_samples(&train), first_samples(&validation));
    assert!(kept.is_disjoint(&held_out));
    assert_eq!(kept.len() + held_out.len(), 40);
    let again = |seed| prepare(&data, &Spec { seed, ..spec(&data) }).unwrap().validation.unwrap();
    assert_eq!(again(0), validation);
    assert_ne!(again(1), validation);
}

#[test]
fn nothing_is_held_out_where_nothing_is_asked_for() {
    let data = data(3);
    let prepared = prepare(&data, &Spec { validation: 0.0, ..spec(&data) }).unwrap();
    assert_eq!(prepared.validation, None);
    assert_eq!(prepared.train, data.train);
}

#[test]
fn missing_samples_are_filled_from_the_trials_that_are_trained_on() {
    let mut data = data(10);
    data.test.signal[0] = f32::NAN;
    // Held-out trials get a value that would show.
    let held_out = prepare(&data, &spec(&data)).unwrap().validation.unwrap();
    for trial in first_samples(&held_out) {
        data.train.signal[trial as usize * SAMPLES..][..SAMPLES].fill(1e6);
    }
    let prepared = prepare(&data, &spec(&data)).unwrap();
    let mean = prepared.train.signal.iter().sum::<f32>() / prepared.train.signal.len() as f32;
    assert!((prepared.test.signal[0] - mean).abs() < 1e-3, "{} {mean}", prepared.test.signal[0]);
}

#[test]
fn the_reference_policy_fills_each_set_by_its_own_mean() {
    let mut data = data(2);
    data.train.signal[0] = f32::NAN;
    data.test.signal[SAMPLES] = f32::NAN;
    let reference = crate::lab::as_in_the_report(spec(&data));
    assert_eq!(reference.nan, NanPolicy::Reference);
    let prepared = prepare(&data, &reference).unwrap();
    let mean = |set: &TrialSet| {
        let known: Vec<f32> = set.signal.iter().copied().filter(|value| !value.is_nan()).collect();
        known.iter().sum::<f32>() / known.len() as f32
    };
    assert!((prepared.train.signal[0] - mean(&data.train)).abs() < 1e-5);
    assert!((prepared.test.signal[SAMPLES] - mean(&data.test)).abs() < 1e-5);
}

#[test]
fn zscore_is_fitted_on_training_trials_and_applied_to_all() {
    let mut data = data(10);
    data.test.signal.fill(1e4);
    let scaled = Spec { standardize: Standardize::Zscore, ..spec(&data) };
    let prepared = prepare(&data, &scaled).unwrap();
    let moments = |set: &TrialSet| {
        let n = set.signal.len() as f32;
        let mean = set.signal.iter().sum::<f32>() / n;
        (mean, (set.signal.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / n).sqrt())
    };
    let (mean, sd) = moments(&prepared.train);
    assert!(mean.abs() < 1e-4 && (sd - 1.0).abs() < 1e-4, "{mean} {sd}");
    // Had the test trials been fitted, they would be near 0.
    assert!(moments(&prepared.test).0 > 100.0);
}

#[test]
fn an_electrode_that_never_changes_is_only_centred() {
    let mut data = data(10);
    data.train.signal.fill(7.0);
    let prepared = prepare(&data, &Spec { standardize: Standardize::Zscore, ..spec(&data) }).unwrap();
    assert!(prepared.train.signal.iter().all(|&value| value == 0.0));
}

#[test]
fn a_spec_that_does_not_fit_the_data_is_refused() {
    let small = data(10);
    let whole = spec(&small);
    // As in PyTorch, a batch that is larger than the set is one smaller batch.
    assert!(prepare(&small, &Spec { batch: 41, ..whole.clone() }).is_ok());
    let sentence = refused(&small, &Spec { validation: 0.01, ..whole.clone() });
    assert!(sentence.contains("leaves no validation trial of class 1"), "{sentence}");
    let sentence = refused(&small, &Spec { validation: 0.99, ..whole.clone() });
    assert!(sentence.contains("leaves no training trial of class"), "{sentence}");
    let sentence = refused(&small, &Spec { model: Model::deepconvnet(), ..whole });
    assert!(sentence.contains("at least 76 samples, these have 40"), "{sentence}");
}
