use super::*;
use crate::predictions::Prediction;
use crate::stats::{Components, metric_interval, seed_variances};
use serde_json::Value;

/// Predictions of a label and the probabilities of each class, a pair a trial.
fn said(rows: &[(u32, &[f64])]) -> Predictions {
    let row = |&(label, probabilities): &(u32, &[f64])| Prediction {
        trial: 0,
        subject: "s".into(),
        label,
        predicted: most_confident(probabilities).0 as u32,
        probabilities: probabilities.to_vec(),
    };
    let classes = rows.first().map_or(0, |(_, probabilities)| probabilities.len());
    Predictions {
        classes: (0..classes).map(|class| class.to_string()).collect(),
        rows: rows.iter().map(row).collect(),
    }
}

fn value(name: &str, predictions: &Predictions) -> Option<f64> {
    let metric = Metric::named(name).unwrap();
    (metric.of)(&Outcome { accuracy: 0.0, seconds: 0.0, predictions: Some(predictions) })
}

#[test]
fn every_figure_is_scikit_learns() {
    let binary = said(&[
        (0, &[0.8, 0.2]),
        (0, &[0.4, 0.6]),
        (1, &[0.3, 0.7]),
        (1, &[0.65, 0.35]),
        (1, &[0.0, 1.0]),
        (0, &[0.4, 0.6]),
    ]);
    let three = said(&[
        (0, &[0.7, 0.2, 0.1]),
        (0, &[0.3, 0.4, 0.3]),
        (1, &[0.2, 0.5, 0.3]),
        (2, &[0.1, 0.1, 0.8]),
        (2, &[0.5, 0.3, 0.2]),
    ]);
    // scikit-learn 1.9.1, figures of both sets in the order of the names.
    for (name, of_two, of_three) in SKLEARN {
        for (predictions, expected) in [(&binary, of_two), (&three, of_three)] {
            let found = value(name, predictions).unwrap();
            assert!((found - expected).abs() < 1e-12, "{name}: {found} instead of {expected}");
        }
    }
}

const SKLEARN: [(&str, f64, f64); 8] = [
    ("accuracy", 0.5, 0.6),
    ("balanced_accuracy", 0.5, 0.6666666666666666),
    ("kappa", 0.0, 0.41176470588235303),
    ("auc", 0.7777777777777778, 0.8333333333333334),
    ("f1", 0.4857142857142857, 0.611111111111111),
    ("log_loss", 0.5770370139166551, 0.8172752785145848),
    ("brier", 0.21208333333333332, 0.45999999999999996),
    ("ece", 0.3916666666666668, 0.18),
];

#[test]
fn pseudo_values_are_what_leaving_a_trial_out_makes() {
    let rows: Vec<(u32, Vec<f64>)> = (0..24u32)
        .map(|trial| {
            let scores = [0.2, 0.3 + f64::from(trial % 7), f64::from(trial * trial % 5)];
            let total: f64 = scores.iter().sum();
            (trial % 3, scores.iter().map(|score| score / total).collect())
        })
        .collect();
    let rows: Vec<(u32, &[f64])> = rows.iter().map(|(label, row)| (*label, row.as_slice())).collect();
    let whole = said(&rows);
    for name in ["balanced_accuracy", "kappa", "auc"] {
        let Inference::Trials(_, of) = Metric::named(name).unwrap().inference else { panic!("{name}") };
        let pseudo_values = of(&whole).unwrap();
        for (left_out, pseudo_value) in pseudo_values.iter().enumerate() {
            let mut fewer = whole.clone();
            fewer.rows.remove(left_out);
            let (n, theta) = (rows.len() as f64, value(name, &whole).unwrap());
            let expected = n * theta - (n - 1.0) * value(name, &fewer).unwrap();
            assert!((pseudo_value - expected).abs() < 1e-10, "{name} without {left_out}");
        }
    }
}

#[test]
fn the_references_metrics_and_intervals_hold() {
    for case in crate::stats::fixtures::cases("metrics") {
        let name = case["name"].as_str().unwrap();
        let labels: Vec<u32> =
            case["y"].as_array().unwrap().iter().map(|label| label.as_u64().unwrap() as u32).collect();
        let seed = |seed: &Value| {
            let row = |row: &Value| -> Vec<f64> {
                row.as_array().unwrap().iter().map(|p| p.as_f64().unwrap()).collect()
            };
            let rows: Vec<Vec<f64>> = seed.as_array().unwrap().iter().map(row).collect();
            said(&labels.iter().zip(&rows).map(|(&label, row)| (label, row.as_slice())).collect::<Vec<_>>())
        };
        let cells: Vec<Vec<Predictions>> = case["prob"]
            .as_array()
            .unwrap()
            .iter()
            .map(|cell| cell.as_array().unwrap().iter().map(seed).collect())
            .collect();
        for (cell, expected) in cells.iter().zip(case["expect"]["seeds"].as_array().unwrap()) {
            for (said, of) in cell.iter().zip(expected.as_array().unwrap()) {
                for metric in ["accuracy", "balanced_accuracy", "kappa", "auc"] {
                    crate::stats::fixtures::near(value(metric, said), &of[metric], name);
                }
                crate::stats::fixtures::near(calibration_error(said, 10), &of["ece10"], name);
            }
        }
        for metric in ["balanced_accuracy", "kappa", "auc"] {
            let Inference::Trials(scale, pseudo_values) = Metric::named(metric).unwrap().inference else {
                panic!("{metric}")
            };
            let components: Vec<Option<Components>> = cells
                .iter()
                .map(|cell| {
                    let rows: Vec<Vec<f64>> = cell.iter().map(pseudo_values).collect::<Option<_>>()?;
                    let means: Vec<f64> = cell.iter().filter_map(|said| value(metric, said)).collect();
                    Some(Components::of(&rows)?.about(mean(&means)?, scale))
                })
                .collect();
            let known: Vec<Components> = components.iter().flatten().copied().collect();
            let seeds = seed_variances(&known);
            let mut known = known.iter().zip(&seeds);
            for (components, of) in components.iter().zip(case["expect"][metric].as_array().unwrap()) {
                let found = components.and_then(|_| {
                    let (components, seed) = known.next()?;
                    metric_interval(components, *seed, scale)
                });
                for (found, field) in [
                    (found.map(|found| found.mean), "mean"),
                    (found.map(|found| found.variance), "var"),
                    (found.and_then(|found| found.df), "df"),
                    (found.map(|found| found.low), "lo"),
                    (found.map(|found| found.high), "hi"),
                ] {
                    crate::stats::fixtures::near(
                        found,
                        of.get(field).unwrap_or(&Value::Null),
                        &format!("{name} {metric} {field}"),
                    );
                }
            }
        }
    }
}

#[test]
fn unequal_classes_lead_with_balanced_accuracy() {
    let of = |ones: u32| {
        let rows: Vec<(u32, &[f64])> =
            (0..10).map(|trial| (u32::from(trial < ones), &[0.5, 0.5][..])).collect();
        said(&rows)
    };
    assert_eq!(Metric::leading(Some(&of(5))).name, "accuracy");
    assert_eq!(Metric::leading(Some(&of(9))).name, "balanced_accuracy");
    assert_eq!(Metric::leading(None).name, "accuracy");
    assert_eq!((guessed_share(&of(5)), guessed_share(&of(9))), (0.5, 0.9));
}

#[test]
fn the_area_under_the_curve_is_the_auc() {
    let rows = [(0, [0.9, 0.1]), (1, [0.6, 0.4]), (0, [0.6, 0.4]), (1, [0.2, 0.8]), (0, [0.3, 0.7])];
    let predictions = said(&rows.iter().map(|(label, row)| (*label, &row[..])).collect::<Vec<_>>());
    let curve = roc(&predictions, 1);
    let trapezoids = curve.windows(2).map(|step| (step[1].0 - step[0].0) * 0.5 * (step[0].1 + step[1].1));
    assert!((trapezoids.sum::<f64>() - value("auc", &predictions).unwrap()).abs() < 1e-12);
    assert_eq!((curve[0], curve[curve.len() - 1]), ((0.0, 0.0), (1.0, 1.0)));
}

#[test]
fn names_are_unique_and_unknown_ones_refused() {
    for metric in &METRICS {
        assert_eq!(Metric::named(metric.name).unwrap().place(), metric.place());
    }
    assert!(Metric::named("acuracy").unwrap_err().to_string().contains("balanced_accuracy"));
}
