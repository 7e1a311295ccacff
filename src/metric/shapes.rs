//! How well probabilities separate the classes, and how honest they are, as curves to look at.

use super::{reliability, roc};
use crate::predictions::Predictions;

/// Both curves of one run, or of the runs of a cell together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shapes {
    /// False and true positive rates, the mean over runs (and, of more than two classes, over one against the rest); empty where
    /// no curve can be had.
    pub roc: Vec<(f64, f64)>,
    /// Bins of confidence over all runs' trials: mean confidence, share right, trials.
    pub reliability: Vec<(f64, f64, usize)>,
}

/// Places along the false positive rate at which curves are averaged.
const PLACES: usize = 50;
/// Bins of confidence: few, so that each has trials enough to be looked at.
const BINS: usize = 10;

impl Shapes {
    /// Of runs on any trials.
    pub fn of(runs: &[&Predictions]) -> Self {
        let curves: Vec<Vec<(f64, f64)>> = runs.iter().flat_map(|said| curves(said)).collect();
        let mean = |place: usize| {
            let rate = place as f64 / PLACES as f64;
            (rate, curves.iter().map(|curve| at(curve, rate)).sum::<f64>() / curves.len() as f64)
        };
        let roc = if curves.is_empty() { Vec::new() } else { (0..=PLACES).map(mean).collect() };
        Shapes { roc, reliability: pooled(runs) }
    }
}

/// One curve where there are two classes, one a class where there are more.
fn curves(said: &Predictions) -> Vec<Vec<(f64, f64)>> {
    let classes = said.classes.len();
    let positive = if classes == 2 { 1..2 } else { 0..classes };
    positive.map(|class| roc(said, class)).filter(|curve| !curve.is_empty()).collect()
}

/// The true positive rate at a false one: straight between the curve's corners, its upper end where it rises there.
fn at(curve: &[(f64, f64)], rate: f64) -> f64 {
    let after = curve.partition_point(|(false_rate, _)| *false_rate <= rate);
    match (after.checked_sub(1).and_then(|before| curve.get(before)), curve.get(after)) {
        (Some(&(x, y)), Some(&(next_x, next_y))) => y + (next_y - y) * (rate - x) / (next_x - x),
        (Some(&(_, y)), None) => y,
        _ => 0.0,
    }
}

fn pooled(runs: &[&Predictions]) -> Vec<(f64, f64, usize)> {
    let rows = runs.iter().flat_map(|said| said.rows.iter().cloned()).collect();
    let classes = runs.first().map(|said| said.classes.clone()).unwrap_or_default();
    reliability(&Predictions { classes, rows }, BINS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predictions::Prediction;

    fn said(right: &[(u32, f64)]) -> Predictions {
        let row = |(trial, &(label, p)): (usize, &(u32, f64))| Prediction {
            trial,
            subject: "s".into(),
            label,
            predicted: u32::from(p > 0.5),
            probabilities: vec![1.0 - p, p],
        };
        Predictions {
            classes: vec!["a".into(), "b".into()],
            rows: right.iter().enumerate().map(row).collect(),
        }
    }

    #[test]
    fn a_perfect_run_and_a_reversed_one_average_to_the_diagonals_middle() {
        let perfect = said(&[(0, 0.1), (0, 0.2), (1, 0.8), (1, 0.9)]);
        let reversed = said(&[(0, 0.9), (0, 0.8), (1, 0.2), (1, 0.1)]);
        let of = |runs: &[&Predictions]| Shapes::of(runs).roc;
        assert!(of(&[&perfect]).iter().all(|(_, rate)| *rate == 1.0));
        assert_eq!(of(&[&perfect, &reversed])[25], (0.5, 0.5));
    }

    #[test]
    fn confidence_is_set_against_hits_over_all_runs() {
        let (right, wrong) = (said(&[(1, 0.75)]), said(&[(0, 0.75)]));
        assert_eq!(Shapes::of(&[&right, &wrong]).reliability, [(0.75, 0.5, 2)]);
        assert_eq!(Shapes::of(&[]), Shapes::default());
    }
}
