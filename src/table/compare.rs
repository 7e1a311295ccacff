//! Two groups of runs against one another, on the test trials that they share.

use super::EvidenceOf;
use super::recipe::{Recipe, recipes};
use super::sample::Sample;
use crate::metric::{Inference, Metric};
use crate::notebook::{RunState, RunSummary};
use crate::predictions::Predictions;
use crate::spec::Rule;
use crate::stats::{Difference, SeedsNeeded, difference, seed_variances, seeds_needed};
use std::collections::BTreeMap;

/// One of the two.
#[derive(Clone, Debug, PartialEq)]
pub struct Party {
    /// What its runs are, such as `EEGNet ELU 0.3`; several cells are joined by `+`.
    pub title: String,
    /// Mean of the metric over its runs.
    pub mean: f64,
    /// Its runs.
    pub runs: Vec<String>,
    /// Whether nothing in it is left to a seed: a baseline.
    pub fixed: bool,
}

/// First minus second, with all that may be said about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The first.
    pub a: Party,
    /// The second.
    pub b: Party,
    /// What they are compared in.
    pub metric: &'static Metric,
    /// How each run's epoch was chosen.
    pub rule: Rule,
    /// First minus second, in the metric's own unit.
    pub difference: Difference,
    /// How many seeds of each would tell them apart.
    pub seeds_needed: SeedsNeeded,
    /// Test trials that both were judged on.
    pub trials: usize,
    /// Whose trials these are.
    pub subjects: Vec<String>,
    /// Whether a run of both is in the comparison under different recipes.
    pub other_recipe: bool,
}

/// Why two groups can't be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompareError {
    /// Nothing to compare.
    #[error(
        "no finished run with a test score under rule {rule} matches '{filter}'; 'eeg-tui list' shows what there is"
    )]
    NoRun {
        /// What was asked for.
        filter: String,
        /// The rule.
        rule: &'static str,
    },
    /// Different experiments in one group.
    #[error(
        "'{filter}' matches runs of {count} recipes and the other side shares none; narrow it, such as with epochs=300 or data=scp1"
    )]
    Recipes {
        /// What was asked for.
        filter: String,
        /// How many.
        count: usize,
    },
    /// The same runs.
    #[error("both sides are the same runs; name two that differ")]
    Same,
    /// Nothing to pair.
    #[error(
        "run {0} has no predictions for this rule, so its trials can't be paired; 'eeg-tui retry {0}' makes them again"
    )]
    NoPredictions(String),
    /// Not the same trials.
    #[error(
        "the two sides were tested on different trials ({0} and {1}); only runs on the same test trials can be compared"
    )]
    Trials(String, String),
    /// A figure without inference.
    #[error("{0} allows no test: {1}; take another --metric")]
    Metric(&'static str, &'static str),
}

/// A filter as typed, and the runs that it matches.
pub struct Side<'a> {
    /// As typed.
    pub filter: &'a str,
    /// What it matches, in whatever state.
    pub runs: Vec<&'a RunSummary>,
}

/// First minus second in a metric, or in what the classes of the test trials ask for.
pub fn compare(
    a: Side,
    b: Side,
    rule: Rule,
    metric: Option<&'static Metric>,
    evidence: &EvidenceOf<'_>,
) -> Result<Comparison, CompareError> {
    let (of_a, of_b) = (finished(&a, rule)?, finished(&b, rule)?);
    let (of_a, of_b, other_recipe) = of_one_recipe((&a, of_a), (&b, of_b))?;
    let ids = |runs: &[&RunSummary]| runs.iter().map(|run| run.id.clone()).collect::<Vec<_>>();
    if ids(&of_a) == ids(&of_b) {
        return Err(CompareError::Same);
    }
    let (said_a, said_b) = (predictions(&of_a, rule, evidence)?, predictions(&of_b, rule, evidence)?);
    let all: Vec<&Predictions> = said_a.iter().chain(&said_b).collect();
    if !all.windows(2).all(|pair| same_trials(pair[0], pair[1])) {
        let name =
            |runs: &[&RunSummary]| runs.first().map(|run| run.spec.data.name.clone()).unwrap_or_default();
        return Err(CompareError::Trials(name(&of_a), name(&of_b)));
    }
    let metric = metric.unwrap_or_else(|| Metric::leading(all.first().copied()));
    if let Inference::None(why) = metric.inference {
        return Err(CompareError::Metric(metric.title, why));
    }
    let sample = |runs: &[&RunSummary], said: &[Predictions]| {
        // A baseline is the same whatever the seed; several of them are several.
        let fixed = said.len() == 1 && runs.iter().all(|run| run.spec.model.baseline().is_some());
        Sample::of(metric, &said.iter().collect::<Vec<_>>())
            .map(|sample| if fixed { sample.fixed() } else { sample })
            .ok_or(CompareError::Metric(metric.title, "a class has fewer than two test trials"))
    };
    let (sample_a, sample_b) = (sample(&of_a, &said_a)?, sample(&of_b, &said_b)?);
    let seeds = seed_variances(&[sample_a.judged_components(), sample_b.judged_components()]);
    let (side_a, side_b) = (sample_a.side(seeds[0]), sample_b.side(seeds[1]));
    let found = difference(side_a, side_b);
    let found = if sample_a.turned() {
        Difference { mean: -found.mean, low: -found.high, high: -found.low, ..found }
    } else {
        found
    };
    let party = |runs: &[&RunSummary], sample: &Sample| Party {
        title: title(runs),
        mean: sample.mean(),
        runs: ids(runs),
        fixed: sample.is_fixed(),
    };
    Ok(Comparison {
        a: party(&of_a, &sample_a),
        b: party(&of_b, &sample_b),
        metric,
        rule,
        difference: found,
        seeds_needed: seeds_needed(side_a, side_b),
        trials: sample_a.size(),
        subjects: all
            .first()
            .map(|said| said.subjects().iter().map(|name| (*name).to_owned()).collect())
            .unwrap_or_default(),
        other_recipe,
    })
}

/// Finished runs to which the rule applies, the last of those that are one experiment.
fn finished<'a>(side: &Side<'a>, rule: Rule) -> Result<Vec<&'a RunSummary>, CompareError> {
    let mut by_experiment: BTreeMap<String, &RunSummary> = BTreeMap::new();
    let mut in_time = side.runs.clone();
    in_time.sort_by(|a, b| a.id.cmp(&b.id));
    for run in in_time {
        if run.state == RunState::Finished && run.accuracy(rule.for_spec(&run.spec)).is_some() {
            by_experiment.insert(run.spec.hash(), run);
        }
    }
    let mut runs: Vec<&RunSummary> = by_experiment.into_values().collect();
    runs.sort_by(|a, b| a.id.cmp(&b.id));
    match runs.is_empty() {
        true => Err(CompareError::NoRun { filter: side.filter.into(), rule: rule.name() }),
        false => Ok(runs),
    }
}

type Narrowed<'a> = (Vec<&'a RunSummary>, Vec<&'a RunSummary>, bool);

/// Both narrowed to the recipe used last that they share; where they share none, each must have but one.
fn of_one_recipe<'a>(
    (a, of_a): (&Side<'a>, Vec<&'a RunSummary>),
    (b, of_b): (&Side<'a>, Vec<&'a RunSummary>),
) -> Result<Narrowed<'a>, CompareError> {
    let cloned = |runs: &[&RunSummary]| runs.iter().map(|&run| run.clone()).collect::<Vec<_>>();
    let (recipes_a, recipes_b) = (recipes(&cloned(&of_a)), recipes(&cloned(&of_b)));
    let in_both = |(recipe, _): &&(Recipe, usize)| {
        [&of_a, &of_b].iter().all(|runs| runs.iter().any(|run| recipe.includes(&run.spec)))
    };
    if let Some((recipe, _)) = recipes_a.iter().chain(&recipes_b).find(in_both) {
        let of = |runs: Vec<&'a RunSummary>| -> Vec<&'a RunSummary> {
            runs.into_iter().filter(|run| recipe.includes(&run.spec)).collect()
        };
        return Ok((of(of_a), of(of_b), false));
    }
    for (side, recipes) in [(a, &recipes_a), (b, &recipes_b)] {
        if recipes.len() > 1 {
            return Err(CompareError::Recipes { filter: side.filter.into(), count: recipes.len() });
        }
    }
    Ok((of_a, of_b, true))
}

fn predictions(
    runs: &[&RunSummary],
    rule: Rule,
    evidence: &EvidenceOf<'_>,
) -> Result<Vec<Predictions>, CompareError> {
    let of = |run: &&RunSummary| {
        evidence(&run.id, rule.for_spec(&run.spec))
            .test
            .ok_or_else(|| CompareError::NoPredictions(run.id.clone()))
    };
    runs.iter().map(of).collect()
}

fn same_trials(a: &Predictions, b: &Predictions) -> bool {
    a.classes == b.classes
        && a.rows.len() == b.rows.len()
        && a.rows.iter().zip(&b.rows).all(|(a, b)| a.label == b.label && a.subject == b.subject)
}

/// Each model and activation among runs, once.
fn title(runs: &[&RunSummary]) -> String {
    let mut titles: Vec<String> = Vec::new();
    for run in runs {
        let title = run.spec.method();
        if !titles.contains(&title) {
            titles.push(title);
        }
    }
    titles.join(" + ")
}

impl Comparison {
    /// Whether the two are told apart.
    pub fn is_told_apart(&self) -> bool {
        self.difference.p < crate::stats::LEVEL
    }

    /// What may be said, direction included; never that they are equal.
    pub fn sentences(&self) -> Vec<String> {
        let Difference { mean, low, high, p, covers, .. } = self.difference;
        let metric = self.metric;
        let figures = format!(
            "{} ({} to {}), {}",
            metric.difference(mean),
            metric.difference(low),
            metric.difference(high),
            super::words::p_value(p)
        );
        let better = (mean > 0.0) == metric.higher_is_better;
        let (first, second) = if better { (&self.a, &self.b) } else { (&self.b, &self.a) };
        let mut sentences = vec![match self.is_told_apart() {
            true => {
                format!("{} is better than {} in {}: {figures}.", first.title, second.title, metric.title)
            }
            false => format!(
                "{} and {} are not told apart in {}: {figures}.",
                self.a.title, self.b.title, metric.title
            ),
        }];
        let seeded: Vec<&Party> = [&self.a, &self.b].into_iter().filter(|party| !party.fixed).collect();
        let seeds = seeded.iter().map(|party| party.runs.len()).min().unwrap_or(0);
        if !self.is_told_apart() {
            let whom = if let [one] = seeded[..] { one.title.as_str() } else { "each" };
            sentences.push(format!("{}.", capital(&super::words::needed(self.seeds_needed, seeds, whom))));
        }
        sentences.push(match covers {
            crate::stats::Covers::Trials if seeded.is_empty() => {
                "New trials; no seed decides anything.".into()
            }
            crate::stats::Covers::Trials => "These two runs on new trials; new seeds are not covered.".into(),
            crate::stats::Covers::BorrowedSeedsAndTrials => {
                "New seeds and new trials; a single run's seed variance is taken from the other side.".into()
            }
            _ => "New seeds and new trials.".to_owned(),
        });
        sentences.push(match self.subjects.len() {
            0 | 1 => "All on this subject's data.".into(),
            people => format!("All on these {people} subjects' data, not for new people."),
        });
        if self.other_recipe {
            sentences.push("Their recipes differ in more than model and activation.".into());
        }
        sentences
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
