//! One value a seed and trial in a metric, and what they come to; or one a seed and person.

use super::{Interval, Method};
use crate::metric::{Inference, Metric, Outcome};
use crate::predictions::Predictions;
use crate::stats::{
    self, Components, Covers, Difference, Estimate, Scale, SeedVariance, SeedsNeeded, Side, difference,
    seeds_needed,
};

/// A cell's runs on the same trials.
#[derive(Clone, Debug)]
pub struct Crossed {
    /// A row a seed, a column a trial: hits, or pseudo-values.
    rows: Vec<Vec<f64>>,
    components: Components,
    metric: &'static Metric,
    /// Whether its columns are people instead of trials.
    people: bool,
    /// The same with more always better.
    judged: (Vec<Vec<f64>>, Components),
}

impl Crossed {
    /// Of runs that all have predictions on the same trials; `None` where the metric allows no inference.
    pub fn of(metric: &'static Metric, runs: &[&Predictions]) -> Option<Self> {
        let (scale, values): (_, Vec<Vec<f64>>) = match metric.inference {
            Inference::Hits => (None, runs.iter().map(|said| hits(said)).collect()),
            Inference::Trials(scale, of) => {
                (Some(scale), runs.iter().map(|said| of(said)).collect::<Option<_>>()?)
            }
            Inference::None(_) => return None,
        };
        let outcome = |said| Outcome { accuracy: 0.0, seconds: 0.0, predictions: Some(said) };
        let components = Components::of(&values)?;
        let components = match scale {
            None => components,
            Some(scale) => {
                let of_runs: Vec<f64> =
                    runs.iter().map(|said| (metric.of)(&outcome(said))).collect::<Option<_>>()?;
                components.about(stats::mean(&of_runs)?, scale)
            }
        };
        Some(Self::new(metric, values, components, false))
    }

    /// Of each subject's own accuracy instead of trials: what another person may expect. `None` of fewer than two people.
    pub fn over_people(metric: &'static Metric, runs: &[&Predictions]) -> Option<Self> {
        let row = |said: &&Predictions| -> Option<Vec<f64>> {
            let of = |name: &str| {
                let own = said.of_subject(name);
                (metric.of)(&Outcome { accuracy: 0.0, seconds: 0.0, predictions: Some(&own) })
            };
            said.subjects().into_iter().map(of).collect()
        };
        let rows: Vec<Vec<f64>> = runs.iter().map(row).collect::<Option<_>>()?;
        let components = Components::of(&rows)?;
        Some(Self::new(metric, rows, components, true))
    }

    fn new(metric: &'static Metric, rows: Vec<Vec<f64>>, components: Components, people: bool) -> Self {
        let judged = match metric.higher_is_better {
            true => (rows.clone(), components),
            false => {
                let turned = rows.iter().map(|row| row.iter().map(|value| -value).collect()).collect();
                (turned, Components { mean: -components.mean, ..components })
            }
        };
        Crossed { rows, components, metric, people, judged }
    }

    /// The same of a model in which nothing is left to a seed.
    pub fn fixed(self) -> Self {
        let (rows, components) = self.judged;
        Crossed { components: self.components.fixed(), judged: (rows, components.fixed()), ..self }
    }

    /// Whether it is one.
    pub fn is_fixed(&self) -> bool {
        self.components.fixed
    }

    /// Whether less is better, so that what is judged is the metric's negative.
    pub fn turned(&self) -> bool {
        !self.metric.higher_is_better
    }

    /// Units that it is about: trials, or subjects.
    pub fn size(&self) -> usize {
        self.components.trials
    }

    /// The mean over seeds.
    pub fn mean(&self) -> f64 {
        self.components.mean
    }

    /// What the rows come to with more being better.
    pub fn judged_components(&self) -> Components {
        self.judged.1
    }

    /// As one side of a pair.
    fn side(&self, seed: SeedVariance) -> Side<'_> {
        Side { rows: &self.judged.0, components: &self.judged.1, seed }
    }

    /// This minus another, more being better, given what is known of seeds.
    pub fn minus(&self, seed: SeedVariance, other: &Crossed, others: SeedVariance) -> Difference {
        let found = difference(self.side(seed), other.side(others));
        let covers = if self.people { Covers::Subjects } else { found.covers };
        Difference { covers, ..found }
    }

    /// How many seeds of each would tell the two apart; `None` of people, whom no seed adds.
    pub fn seeds_needed(
        &self,
        seed: SeedVariance,
        other: &Crossed,
        others: SeedVariance,
    ) -> Option<SeedsNeeded> {
        (!self.people).then(|| seeds_needed(self.side(seed), other.side(others)))
    }

    /// The interval, given what is known of seeds.
    pub fn interval(&self, seed: SeedVariance) -> Option<Interval> {
        if self.people {
            return self.peoples_interval(seed);
        }
        let covers = if self.rows.len() == 1 { Covers::Trials } else { Covers::SeedsAndTrials };
        let interval = |estimate: Estimate, method| {
            let Estimate { low, high, df, .. } = estimate;
            Interval { low, high, method, covers, df }
        };
        match self.metric.inference {
            Inference::Hits => {
                let estimate = stats::accuracy_interval(&self.components, seed);
                let method = if estimate.df.is_some() { Method::CrossedWilson } else { Method::Wilson };
                Some(interval(estimate, method))
            }
            Inference::Trials(scale, _) => stats::metric_interval(&self.components, seed, scale)
                .map(|it| interval(it, Method::Jackknife)),
            Inference::None(_) => None,
        }
    }

    /// The interval over people, by t.
    fn peoples_interval(&self, seed: SeedVariance) -> Option<Interval> {
        let scale = match self.metric.inference {
            Inference::Trials(plain @ Scale::Plain { .. }, _) => plain,
            _ => Scale::Plain { least: 0, greatest: Some(1) },
        };
        let Estimate { low, high, df, .. } = stats::metric_interval(&self.components, seed, scale)?;
        Some(Interval { low, high, method: Method::StudentT, covers: Covers::Subjects, df })
    }
}

fn hits(predictions: &Predictions) -> Vec<f64> {
    predictions.rows.iter().map(|row| f64::from(u8::from(row.label == row.predicted))).collect()
}
