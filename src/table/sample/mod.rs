//! What inference needs of a cell, and what it makes of cells on the same trials, folds or people.

mod crossed;
mod units;

use super::place::{Basis, Place};
use super::{Interval, Method};
use crate::event::TrialCounts;
use crate::metric::Metric;
use crate::predictions::Predictions;
use crate::stats::{Difference, SeedVariance, SeedsNeeded, seed_variances};
use crossed::Crossed;
use std::borrow::Cow;
use units::Units;

/// A finished run with what it said.
#[derive(Clone, Debug)]
pub struct Run<'a> {
    /// Where it stands in its cell.
    pub place: &'a Place,
    /// What it said about each test trial.
    pub said: Cow<'a, Predictions>,
    /// How many trials it had for what.
    pub trials: Option<TrialCounts>,
}

impl<'a> Run<'a> {
    /// The same on one subject's trials; `None` where it has none.
    pub fn of_subject(&self, name: &str) -> Option<Run<'a>> {
        let own = self.said.of_subject(name);
        (!own.rows.is_empty()).then(|| Run { said: Cow::Owned(own), ..self.clone() })
    }
}

/// A cell's runs, as inference sees them.
#[derive(Clone, Debug)]
pub enum Sample {
    /// Seeds × trials, or seeds × people.
    Crossed(Crossed),
    /// One value a fold or person.
    Units(Units),
}

/// What two samples must share to be judged together.
#[derive(Clone, Debug, PartialEq)]
pub enum Ground<'a> {
    /// So many trials or people.
    Size(usize),
    /// These folds or people.
    Units(&'a [String]),
}

impl Sample {
    /// Of runs that all have predictions; `None` where the metric allows no inference. In a method without a seed nothing but
    /// the trials is left to chance.
    pub fn of(basis: Basis, metric: &'static Metric, runs: &[Run<'_>], seedless: bool) -> Option<Self> {
        match basis {
            Basis::Trials => {
                let said: Vec<&Predictions> = runs.iter().map(|run| run.said.as_ref()).collect();
                let crossed = Crossed::of(metric, &said)?;
                Some(Sample::Crossed(if seedless { crossed.fixed() } else { crossed }))
            }
            Basis::Folds | Basis::Subjects => Units::of(basis, metric, runs).map(Sample::Units),
        }
    }

    /// Of models that were each judged on several people: their own accuracies instead of trials.
    pub fn over_people(metric: &'static Metric, runs: &[Run<'_>], seedless: bool) -> Option<Self> {
        let said: Vec<&Predictions> = runs.iter().map(|run| run.said.as_ref()).collect();
        let crossed = Crossed::over_people(metric, &said)?;
        Some(Sample::Crossed(if seedless { crossed.fixed() } else { crossed }))
    }

    /// What it is judged on.
    pub fn ground(&self) -> Ground<'_> {
        match self {
            Sample::Crossed(crossed) => Ground::Size(crossed.size()),
            Sample::Units(units) => Ground::Units(units.names()),
        }
    }

    /// How many trials, folds or people that is.
    pub fn size(&self) -> usize {
        match self {
            Sample::Crossed(crossed) => crossed.size(),
            Sample::Units(units) => units.names().len(),
        }
    }

    /// The mean of the metric.
    pub fn mean(&self) -> f64 {
        match self {
            Sample::Crossed(crossed) => crossed.mean(),
            Sample::Units(units) => units.mean(),
        }
    }

    /// Whether less is better, so that what is judged is the metric's negative.
    pub fn turned(&self) -> bool {
        match self {
            Sample::Crossed(crossed) => crossed.turned(),
            Sample::Units(units) => units.turned(),
        }
    }

    /// Whether nothing in it is left to a seed.
    pub fn is_fixed(&self) -> bool {
        matches!(self, Sample::Crossed(crossed) if crossed.is_fixed())
    }
}

/// A sample among those that it is judged with: from these comes what little is known of seeds.
#[derive(Clone, Copy, Debug)]
pub struct Entrant<'a> {
    sample: &'a Sample,
    seed: SeedVariance,
}

/// Samples on one ground, ready to be judged together.
pub fn entrants<'a>(samples: &[&'a Sample]) -> Vec<Entrant<'a>> {
    let components: Vec<_> = samples
        .iter()
        .filter_map(|sample| match sample {
            Sample::Crossed(crossed) => Some(crossed.judged_components()),
            Sample::Units(_) => None,
        })
        .collect();
    let mut seeds = seed_variances(&components).into_iter();
    let entrant = |sample: &&'a Sample| {
        let seed = match sample {
            Sample::Crossed(_) => seeds.next().unwrap_or_default(),
            Sample::Units(_) => SeedVariance::default(),
        };
        Entrant { sample, seed }
    };
    samples.iter().map(entrant).collect()
}

impl Entrant<'_> {
    /// The mean, more being better.
    pub fn judged_mean(&self) -> f64 {
        match self.sample {
            Sample::Crossed(crossed) => crossed.judged_components().mean,
            Sample::Units(units) => units.judged_mean(),
        }
    }

    /// The 95 % interval of the metric.
    pub fn interval(&self) -> Option<Interval> {
        match self.sample {
            Sample::Crossed(crossed) => crossed.interval(self.seed),
            Sample::Units(units) => units.interval(),
        }
    }

    /// This minus another, more being better; `None` where no difference can be judged, as of single folds.
    pub fn minus(&self, other: &Entrant<'_>) -> Option<Difference> {
        match (self.sample, other.sample) {
            (Sample::Crossed(a), Sample::Crossed(b)) => Some(a.minus(self.seed, b, other.seed)),
            (Sample::Units(a), Sample::Units(b)) => a.minus(b),
            _ => None,
        }
    }

    /// How many seeds of each would tell the two apart; `None` where it is folds or people that are wanting.
    pub fn seeds_needed(&self, other: &Entrant<'_>) -> Option<SeedsNeeded> {
        match (self.sample, other.sample) {
            (Sample::Crossed(a), Sample::Crossed(b)) => a.seeds_needed(self.seed, b, other.seed),
            _ => None,
        }
    }
}
