//! Everything against scikit-learn, pyRiemann and SciPy, on recordings of the shared material.

mod shared;

use super::*;
use crate::model::Baseline;
use crate::signal::PassBand;
use faer::Mat;
use std::collections::HashMap;

fn wave(trial: usize, electrode: usize, sample: usize) -> f64 {
    let (trial, electrode, sample) = (trial as f64, electrode as f64, sample as f64);
    (sample * (0.3 + 0.11 * electrode) + trial * 1.7).sin() * (1.0 + 0.3 * (trial * 2.3 + electrode).cos())
}

/// Two classes; the second is louder on electrode 0 and shifted on electrode 1.
fn two_classes(trials: usize, electrodes: usize, samples: usize) -> (Trials, Vec<u32>) {
    let labels: Vec<u32> = (0..trials as u32).map(|trial| trial % 2).collect();
    let trial = |number: usize| {
        Mat::from_fn(electrodes, samples, |electrode, sample| {
            let value = wave(number, electrode, sample);
            match (labels[number], electrode) {
                (1, 0) => value * 2.0,
                (1, 1) => value + 0.5,
                _ => value,
            }
        })
    };
    (Trials::new((0..trials).map(trial).collect()), labels)
}

fn decisions(fitted: &Fitted, trials: &Trials) -> Vec<f64> {
    fitted.scores(trials).unwrap().chunks(2).map(|scores| scores[1] - scores[0]).collect()
}

#[test]
fn every_pipeline_learns_what_differs() {
    let (trials, labels) = two_classes(24, 3, 128);
    for baseline in Baseline::ALL {
        let fitted = Fitted::fit(baseline, None, &trials, &labels, 2).unwrap();
        let right = decisions(&fitted, &trials)
            .iter()
            .zip(&labels)
            .filter(|(decision, label)| (**decision > 0.0) == (**label == 1))
            .count();
        assert!(right >= 22, "{}: {right} of 24", baseline.name());
    }
}

#[test]
fn a_common_factor_changes_nothing_but_a_band_does() {
    let (trials, labels) = two_classes(16, 3, 128);
    let volts = Trials::new(trials.iter().map(|trial| trial.to_owned() * faer::Scale(1e-6)).collect());
    let band: PassBand = "8-30".parse().unwrap();
    for baseline in Baseline::ALL {
        let fit = |trials: &Trials, band| Fitted::fit(baseline, band, trials, &labels, 2).unwrap();
        let (here, there) = (decisions(&fit(&trials, None), &trials), decisions(&fit(&volts, None), &volts));
        let worst = here.iter().zip(&there).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(worst < 1e-6, "{}: {worst}", baseline.name());
        assert_ne!(decisions(&fit(&trials, Some((band, Some(125.0)))), &trials), here);
    }
}

#[test]
fn the_saved_form_gives_the_same_scores() {
    let (trials, labels) = two_classes(12, 3, 96);
    let band: PassBand = "8-30".parse().unwrap();
    for baseline in Baseline::ALL {
        let fitted = Fitted::fit(baseline, Some((band, Some(125.0))), &trials, &labels, 2).unwrap();
        let bytes = fitted.to_bytes(HashMap::new()).unwrap();
        assert!(Fitted::is_saved(&bytes));
        let back = Fitted::from_bytes(&bytes).unwrap();
        assert_eq!(back, fitted);
        assert_eq!(back.scores(&trials), fitted.scores(&trials));
    }
    assert!(!Fitted::is_saved(b"no"));
    assert!(Fitted::from_bytes(b"no").is_err());
}

#[test]
fn too_few_trials_for_the_features_are_shrunk_and_said() {
    let (trials, labels) = two_classes(8, 12, 64);
    let fitted = Fitted::fit(Baseline::LogVar, None, &trials, &labels, 2).unwrap();
    assert_eq!(
        fitted.remark(),
        Some("8 training trials vary in 6 of 12 features only, so their covariance was shrunk")
    );
}

#[test]
fn what_cannot_be_fitted_is_said_in_a_sentence() {
    let (trials, labels) = two_classes(12, 3, 96);
    let fit = |baseline, trials: &Trials, labels: &[u32], classes| {
        Fitted::fit(baseline, None, trials, labels, classes).map(|_| ())
    };
    for baseline in Baseline::ALL {
        let alone = BaselineError::FewTrials { class: 3, trials: 0 };
        assert_eq!(fit(baseline, &trials, &labels, 3), Err(alone));
    }
    let mut with_flat: Vec<Mat<f64>> = trials.iter().map(|trial| trial.to_owned()).collect();
    with_flat[5] = Mat::full(3, 96, 7.0);
    let with_flat = Trials::new(with_flat);
    for baseline in [Baseline::LogVar, Baseline::Csp, Baseline::Tangent] {
        assert_eq!(fit(baseline, &with_flat, &labels, 2), Err(BaselineError::Flat { trial: 5 }));
    }
    let (short, labels) = two_classes(12, 3, 20);
    let error = BaselineError::Short { samples: 20, block: 32 };
    assert_eq!(fit(Baseline::Blocks, &short, &labels, 2), Err(error));
    let equal = Trials::new(vec![short.iter().next().unwrap().to_owned(); 12]);
    for baseline in [Baseline::LogVar, Baseline::Csp] {
        assert_eq!(fit(baseline, &equal, &labels, 2), Err(BaselineError::Constant));
    }
    let no_rate = Fitted::fit(Baseline::Csp, Some(("8-30".parse().unwrap(), None)), &trials, &labels, 2);
    assert_eq!(no_rate.map(|_| ()), Err(BaselineError::NoRate));
    let fitted = Fitted::fit(Baseline::LogVar, None, &trials, &labels, 2).unwrap();
    let shape = BaselineError::Shape { what: "samples a trial", fitted: 96, found: 20 };
    assert_eq!(fitted.scores(&short), Err(shape));
}

#[test]
fn a_flat_electrode_and_a_copied_one_do_not_stop_a_fit() {
    let (trials, labels) = two_classes(24, 3, 96);
    let odd = |trial: faer::MatRef<'_, f64>| {
        Mat::from_fn(5, 96, |electrode, sample| match electrode {
            3 => 0.0,
            4 => trial[(0, sample)],
            _ => trial[(electrode, sample)],
        })
    };
    let trials = Trials::new(trials.iter().map(odd).collect());
    for baseline in Baseline::ALL {
        let fitted = Fitted::fit(baseline, None, &trials, &labels, 2).unwrap();
        assert!(fitted.scores(&trials).unwrap().iter().all(|score| score.is_finite()), "{}", baseline.name());
    }
}
