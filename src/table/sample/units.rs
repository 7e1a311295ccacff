//! One value a fold or person: what is independent where test trials are not shared.

use super::{Interval, Method, Run};
use crate::metric::{Inference, Metric, Outcome};
use crate::stats::{Difference, over_folds, over_subjects};
use crate::table::place::{Basis, by_unit};

/// A cell's values over folds or people, seeds averaged within each.
#[derive(Clone, Debug)]
pub struct Units {
    names: Vec<String>,
    values: Vec<f64>,
    /// Of folds, the test trials for each one that was learned from; `None` of people.
    test_share: Option<f64>,
    metric: &'static Metric,
}

impl Units {
    /// Of runs that all have predictions; `None` where the metric allows no inference.
    pub fn of(basis: Basis, metric: &'static Metric, runs: &[Run<'_>]) -> Option<Self> {
        if runs.is_empty() || matches!(metric.inference, Inference::None(_)) {
            return None;
        }
        let value = |run: &Run<'_>| {
            (metric.of)(&Outcome { accuracy: 0.0, seconds: 0.0, predictions: Some(&run.said) })
        };
        let values: Vec<f64> = runs.iter().map(value).collect::<Option<_>>()?;
        let by_unit = by_unit(basis, runs.iter().map(|run| run.place).zip(values));
        let (names, values) = by_unit.into_iter().unzip();
        let test_share = match basis {
            Basis::Folds => Some(test_share(runs)?),
            Basis::Trials | Basis::Subjects => None,
        };
        Some(Units { names, values, test_share, metric })
    }

    /// Which folds or people.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The mean over them, more being better.
    pub fn judged_mean(&self) -> f64 {
        self.sign() * self.mean()
    }

    /// Whether less is better.
    pub fn turned(&self) -> bool {
        !self.metric.higher_is_better
    }

    fn sign(&self) -> f64 {
        if self.turned() { -1.0 } else { 1.0 }
    }

    /// The mean over them.
    pub fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len() as f64
    }

    /// The interval of the mean; `None` of one fold or person, and where all are equal: that no width can be told from them is no
    /// proof of none.
    pub fn interval(&self) -> Option<Interval> {
        let found = self.judged(&self.values).filter(|found| found.variance > 1e-18)?;
        let (least, greatest) = self.metric.bounds();
        let method = if self.test_share.is_some() { Method::NadeauBengio } else { Method::StudentT };
        Some(Interval {
            low: found.low.max(least),
            high: found.high.min(greatest),
            method,
            covers: found.covers,
            df: Some(found.df),
        })
    }

    /// This minus another over the same folds or people, more being better.
    pub fn minus(&self, other: &Units) -> Option<Difference> {
        let pairs = self.values.iter().zip(&other.values);
        let differences: Vec<f64> = pairs.map(|(own, others)| self.sign() * (own - others)).collect();
        self.judged(&differences)
    }

    fn judged(&self, values: &[f64]) -> Option<Difference> {
        match self.test_share {
            Some(share) => over_folds(values, share),
            None => over_subjects(values),
        }
    }
}

/// Test trials for each trial that was learned from, those held out to choose the epoch by included, over all runs.
fn test_share(runs: &[Run<'_>]) -> Option<f64> {
    let counts: Vec<_> = runs.iter().map(|run| run.trials).collect::<Option<_>>()?;
    let test: usize = counts.iter().map(|count| count.test).sum();
    let learned: usize = counts.iter().map(|count| count.train + count.validation).sum();
    (learned > 0).then(|| test as f64 / learned as f64)
}
