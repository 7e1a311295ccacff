//! The metrics of a classifier, in one table: what each is called, its unit, which way is better, how it follows from
//! predictions (scikit-learn's definitions), and what inference it allows. Detail, tables and every format read this table
//! alone; knows nothing of runs.

mod shapes;

pub use shapes::Shapes;

use crate::predictions::{Prediction, Predictions};
use crate::stats::{Confusion, Scale};

/// One run, as metrics see it.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<'a> {
    /// The accuracy that the run itself recorded, for where predictions are missing.
    pub accuracy: f64,
    /// Seconds of training.
    pub seconds: f64,
    /// What it said about each test trial.
    pub predictions: Option<&'a Predictions>,
}

/// A figure of merit.
#[derive(Debug)]
pub struct Metric {
    /// The name on the command line and in files.
    pub name: &'static str,
    /// The name in tables and on the screen.
    pub title: &'static str,
    /// What its values are measured in.
    pub unit: Unit,
    /// Whether more is better.
    pub higher_is_better: bool,
    /// Its value, where it can be computed.
    pub of: fn(&Outcome) -> Option<f64>,
    /// What may be inferred from it.
    pub inference: Inference,
}

/// What a metric's values are measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A fraction, shown in percent.
    Percent,
    /// A number without a unit.
    Plain,
    /// Seconds.
    Seconds,
}

/// How an interval and a test follow from one value a trial.
#[derive(Clone, Copy, Debug)]
pub enum Inference {
    /// From hits: Wilson's interval, exact tests.
    Hits,
    /// From one value a trial, on a scale: jackknife pseudo-values, or the metric's own summands.
    Trials(Scale, fn(&Predictions) -> Option<Vec<f64>>),
    /// None, and why.
    None(&'static str),
}

/// Every metric, in the order of tables.
pub static METRICS: [Metric; 9] = [
    Metric {
        name: "accuracy",
        title: "accuracy",
        unit: Unit::Percent,
        higher_is_better: true,
        of: |outcome| Some(outcome.predictions.map_or(outcome.accuracy, Predictions::accuracy)),
        inference: Inference::Hits,
    },
    Metric {
        name: "balanced_accuracy",
        title: "balanced accuracy",
        unit: Unit::Percent,
        higher_is_better: true,
        of: |outcome| confusion(outcome.predictions?).balanced_accuracy(),
        inference: Inference::Trials(Scale::Logit, |said| jackknife(said, Confusion::balanced_accuracy)),
    },
    Metric {
        name: "kappa",
        title: "kappa",
        unit: Unit::Plain,
        higher_is_better: true,
        of: |outcome| confusion(outcome.predictions?).kappa(),
        inference: Inference::Trials(Scale::Plain { least: -1, greatest: Some(1) }, |said| {
            jackknife(said, Confusion::kappa)
        }),
    },
    Metric {
        name: "auc",
        title: "AUC",
        unit: Unit::Plain,
        higher_is_better: true,
        of: |outcome| Some(area(outcome.predictions?)?.0),
        inference: Inference::Trials(Scale::Logit, |said| area(said).map(|(_, pseudo_values)| pseudo_values)),
    },
    Metric {
        name: "f1",
        title: "macro F1",
        unit: Unit::Plain,
        higher_is_better: true,
        of: |outcome| confusion(outcome.predictions?).macro_f1(),
        inference: Inference::None("no interval is worked out for F1"),
    },
    Metric {
        name: "log_loss",
        title: "log loss",
        unit: Unit::Plain,
        higher_is_better: false,
        of: |outcome| mean(&losses(outcome.predictions?)?),
        inference: Inference::Trials(Scale::Plain { least: 0, greatest: None }, losses),
    },
    Metric {
        name: "brier",
        title: "Brier score",
        unit: Unit::Plain,
        higher_is_better: false,
        of: |outcome| mean(&squares(outcome.predictions?)?),
        inference: Inference::Trials(Scale::Plain { least: 0, greatest: Some(2) }, squares),
    },
    Metric {
        name: "ece",
        title: "ECE",
        unit: Unit::Plain,
        higher_is_better: false,
        of: |outcome| calibration_error(outcome.predictions?, ECE_BINS),
        inference: Inference::None("biased up at this number of trials"),
    },
    Metric {
        name: "seconds",
        title: "training time",
        unit: Unit::Seconds,
        higher_is_better: false,
        of: |outcome| Some(outcome.seconds),
        inference: Inference::None("it depends on the machine"),
    },
];

/// Equal bins of confidence that the expected calibration error is taken over.
pub const ECE_BINS: usize = 15;

/// The largest class may have so many times the trials of the smallest before accuracy misleads.
const UNEQUAL: f64 = 1.5;

impl Metric {
    /// The metric of a name, or what there is.
    pub fn named(name: &str) -> Result<&'static Metric, UnknownMetric> {
        METRICS.iter().find(|metric| metric.name == name).ok_or_else(|| UnknownMetric(name.into()))
    }

    /// Test accuracy.
    pub fn accuracy() -> &'static Metric {
        &METRICS[0]
    }

    /// What a table leads with: accuracy, or balanced accuracy where the classes of its test trials are unequal.
    pub fn leading(predictions: Option<&Predictions>) -> &'static Metric {
        let counts = predictions.map(class_counts).unwrap_or_default();
        let present = counts.iter().copied().filter(|&count| count > 0);
        let unequal = match (present.clone().min(), present.max()) {
            (Some(least), Some(most)) => most as f64 > UNEQUAL * least as f64,
            _ => false,
        };
        if unequal { &METRICS[1] } else { &METRICS[0] }
    }

    /// Its place in [`METRICS`].
    pub fn place(&self) -> usize {
        METRICS.iter().position(|metric| metric.name == self.name).unwrap_or(0)
    }

    /// A value as tables show it, without its unit.
    pub fn format(&self, value: f64) -> String {
        match self.unit {
            Unit::Percent => format!("{:.1}", 100.0 * value),
            Unit::Plain => format!("{value:.3}"),
            Unit::Seconds => format!("{value:.0}"),
        }
    }

    /// Title and unit, as the head of a column has them.
    pub fn heading(&self) -> String {
        match self.unit {
            Unit::Percent => format!("{} %", self.title),
            Unit::Plain => self.title.to_owned(),
            Unit::Seconds => "s/run".to_owned(),
        }
    }

    /// The least and the greatest value that there can be.
    pub fn bounds(&self) -> (f64, f64) {
        match (self.unit, self.inference) {
            (_, Inference::Trials(Scale::Plain { least, greatest }, _)) => {
                (least.into(), greatest.map_or(f64::INFINITY, f64::from))
            }
            (Unit::Seconds, _) => (0.0, f64::INFINITY),
            // Shares, and what is made of them.
            _ => (0.0, 1.0),
        }
    }

    /// A value as a chart draws it: percent for fractions.
    pub fn drawn(&self, value: f64) -> f64 {
        if self.unit == Unit::Percent { 100.0 * value } else { value }
    }
}

impl PartialEq for Metric {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// A name that no metric has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no metric is called '{0}'; there are {names}", names = METRICS.iter().map(|metric| metric.name).collect::<Vec<_>>().join(", "))]
pub struct UnknownMetric(String);

/// Truth against prediction.
pub fn confusion(predictions: &Predictions) -> Confusion {
    Confusion::new(predictions.classes.len(), predictions.rows.iter().map(|row| (row.label, row.predicted)))
}

/// Test trials of each class.
pub fn class_counts(predictions: &Predictions) -> Vec<usize> {
    let mut counts = vec![0; predictions.classes.len()];
    for row in &predictions.rows {
        if let Some(count) = counts.get_mut(row.label as usize) {
            *count += 1;
        }
    }
    counts
}

/// What a guesser gets right on average: one in the number of classes, or the largest class's share where they are unequal.
pub fn guessed_share(predictions: &Predictions) -> f64 {
    let counts = class_counts(predictions);
    counts.iter().copied().max().unwrap_or(0) as f64 / predictions.rows.len().max(1) as f64
}

/// Bins of confidence: mean confidence, share right, trials. Empty bins are left out.
pub fn reliability(predictions: &Predictions, bins: usize) -> Vec<(f64, f64, usize)> {
    let mut sums = vec![(0.0, 0usize, 0usize); bins];
    for row in &predictions.rows {
        let (class, confidence) = most_confident(&row.probabilities);
        let bin = ((confidence * bins as f64).ceil() as usize).saturating_sub(1).min(bins - 1);
        let (confidences, right, trials) = &mut sums[bin];
        *confidences += confidence;
        *right += usize::from(class == row.label as usize);
        *trials += 1;
    }
    let filled = sums.into_iter().filter(|(_, _, trials)| *trials > 0);
    filled.map(|(sum, right, trials)| (sum / trials as f64, right as f64 / trials as f64, trials)).collect()
}

/// The ROC curve of one class against the rest, from (0, 0) to (1, 1): false and true positive rates as the threshold falls.
/// Empty where the class, or every other, has no trial.
pub fn roc(predictions: &Predictions, class: usize) -> Vec<(f64, f64)> {
    let mut scored: Vec<(f64, bool)> = predictions
        .rows
        .iter()
        .filter_map(|row| Some((*row.probabilities.get(class)?, row.label as usize == class)))
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let positives = scored.iter().filter(|(_, positive)| *positive).count();
    let negatives = scored.len() - positives;
    if positives == 0 || negatives == 0 {
        return Vec::new();
    }
    let mut curve = vec![(0.0, 0.0)];
    let (mut hits, mut alarms) = (0usize, 0usize);
    for (place, (score, positive)) in scored.iter().enumerate() {
        if *positive {
            hits += 1
        } else {
            alarms += 1
        }
        // Equal scores are one step.
        if scored.get(place + 1).is_none_or(|(next, _)| next != score) {
            curve.push((alarms as f64 / negatives as f64, hits as f64 / positives as f64));
        }
    }
    curve
}

/// Whether jackknife values can be had: every class that occurs has two trials.
fn can_leave_one_out(predictions: &Predictions) -> bool {
    predictions.classes.len() > 1 && class_counts(predictions).iter().all(|&count| count >= 2)
}

/// N θ − (N − 1) θ without trial i, of a metric that follows from the confusion matrix.
fn jackknife(predictions: &Predictions, metric: fn(&Confusion) -> Option<f64>) -> Option<Vec<f64>> {
    if !can_leave_one_out(predictions) {
        return None;
    }
    let whole = confusion(predictions);
    let (n, theta) = (predictions.rows.len() as f64, metric(&whole)?);
    let without = |truth: u32, said: u32| metric(&whole.without(truth, said));
    let classes = predictions.classes.len() as u32;
    // Trials of one cell of the matrix have one value.
    let table: Vec<Option<f64>> =
        (0..classes).flat_map(|truth| (0..classes).map(move |said| without(truth, said))).collect();
    let of_row = |row: &Prediction| {
        let left = table[(row.label * classes + row.predicted) as usize]?;
        Some(n * theta - (n - 1.0) * left)
    };
    predictions.rows.iter().map(of_row).collect()
}

/// The area under the ROC curve, for more than two classes the mean of one against the rest, and its pseudo-values. A trial's
/// share in the area is the part of its pairs that are in order, so that leaving it out costs a subtraction.
fn area(predictions: &Predictions) -> Option<(f64, Vec<f64>)> {
    let classes = predictions.classes.len();
    let counts = class_counts(predictions);
    if classes < 2 || counts.contains(&0) {
        return None;
    }
    let positive_classes: Vec<usize> = if classes == 2 { vec![1] } else { (0..classes).collect() };
    let n = predictions.rows.len();
    let (mut theta, mut left) = (0.0, vec![0.0; n]);
    for &class in &positive_classes {
        let (positives, negatives) = (counts[class] as f64, (n - counts[class]) as f64);
        let in_order = pairs_in_order(predictions, class)?;
        let of_positives =
            predictions.rows.iter().zip(&in_order).filter(|(row, _)| row.label as usize == class);
        let all: f64 = of_positives.map(|(_, pairs)| pairs).sum();
        theta += all / (positives * negatives);
        for ((left, row), pairs) in left.iter_mut().zip(&predictions.rows).zip(&in_order) {
            let remaining = match row.label as usize == class {
                true => (positives - 1.0) * negatives,
                false => positives * (negatives - 1.0),
            };
            *left += (all - pairs) / remaining;
        }
    }
    let (curves, size) = (positive_classes.len() as f64, n as f64);
    let theta = theta / curves;
    let pseudo_values = left.into_iter().map(|left| size * theta - (size - 1.0) * left / curves);
    Some((theta, pseudo_values.collect()))
}

/// For each trial, its pairs with a trial from the other side whose scores are in order; ties count half.
fn pairs_in_order(predictions: &Predictions, class: usize) -> Option<Vec<f64>> {
    let score = |row: &Prediction| row.probabilities.get(class).copied();
    let scores: Vec<f64> = predictions.rows.iter().map(score).collect::<Option<_>>()?;
    let sorted = |positive: bool| {
        let rows = predictions.rows.iter().zip(&scores);
        let side = rows.filter(|(row, _)| (row.label as usize == class) == positive);
        let mut scores: Vec<f64> = side.map(|(_, score)| *score).collect();
        scores.sort_by(f64::total_cmp);
        scores
    };
    let (positives, negatives) = (sorted(true), sorted(false));
    let below = |scores: &[f64], score: f64| {
        let less = scores.partition_point(|other| *other < score);
        let not_more = scores.partition_point(|other| *other <= score);
        0.5 * (less + not_more) as f64
    };
    let of_row = |(row, &score): (&Prediction, &f64)| match row.label as usize == class {
        true => below(&negatives, score),
        false => positives.len() as f64 - below(&positives, score),
    };
    Some(predictions.rows.iter().zip(&scores).map(of_row).collect())
}

/// −ln of the true class's probability, kept off 0 and 1 by the spacing of f64 as scikit-learn does.
fn losses(predictions: &Predictions) -> Option<Vec<f64>> {
    let loss = |row: &Prediction| {
        let probability = row.probabilities.get(row.label as usize)?;
        Some(-probability.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln())
    };
    predictions.rows.iter().map(loss).collect()
}

/// Each trial's squared error: of the second class's probability where there are two, summed over classes where there are
/// more (scikit-learn's `brier_score_loss`).
fn squares(predictions: &Predictions) -> Option<Vec<f64>> {
    let first = if predictions.classes.len() == 2 { 1 } else { 0 };
    let square = |row: &Prediction| {
        let errors = row.probabilities.iter().enumerate().skip(first);
        let squares = errors.map(|(class, p)| (p - f64::from(u8::from(class == row.label as usize))).powi(2));
        (row.probabilities.len() > first).then(|| squares.sum())
    };
    predictions.rows.iter().map(square).collect()
}

/// How far confidence and share of hits are apart on average, over equal bins.
fn calibration_error(predictions: &Predictions, bins: usize) -> Option<f64> {
    if predictions.rows.is_empty() || predictions.classes.is_empty() {
        return None;
    }
    let apart = reliability(predictions, bins);
    let sum: f64 =
        apart.iter().map(|(confidence, right, trials)| (confidence - right).abs() * *trials as f64).sum();
    Some(sum / predictions.rows.len() as f64)
}

fn most_confident(probabilities: &[f64]) -> (usize, f64) {
    let mut best = (0, probabilities.first().copied().unwrap_or(0.0));
    for (class, &probability) in probabilities.iter().enumerate() {
        if probability > best.1 {
            best = (class, probability);
        }
    }
    best
}

fn mean(values: &[f64]) -> Option<f64> {
    crate::stats::mean(values)
}

#[cfg(test)]
mod tests;
