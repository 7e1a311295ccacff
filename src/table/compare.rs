//! Two groups of runs against one another, on the test trials, folds or people that they share.

use super::EvidenceOf;
use super::guessing::is_at_chance;
use super::place::{Basis, Place, Scheme, Unit};
use super::recipe::{Recipe, recipes};
use super::sample::{Run, Sample, entrants};
use crate::counted::counted;
use crate::metric::{Inference, Metric};
use crate::notebook::{RunState, RunSummary};
use crate::predictions::Predictions;
use crate::spec::Rule;
use crate::stats::{Covers, Difference, LEAST_SUBJECTS, SeedsNeeded};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

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
    /// Whether its mean accuracy is no more than guessing, where both sides have the same test trials.
    pub guesses: bool,
    /// Runs of its recipe that failed or were given up: they are in no mean.
    pub lost: usize,
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
    /// How many seeds of each would tell them apart; `None` where it is folds or people that are wanting.
    pub seeds_needed: Option<SeedsNeeded>,
    /// Test trials that both were judged on.
    pub trials: usize,
    /// Over what the difference is judged.
    pub basis: Basis,
    /// How many trials, folds or people that is.
    pub units: usize,
    /// What one of them is called.
    pub unit: &'static str,
    /// Folds, sessions or people that only one side has: they are left out.
    pub left_out: Vec<String>,
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
    /// Too few folds or people in common.
    #[error(
        "the two sides have {common} {unit}(s) in common, and two or more are needed; 'eeg-tui matrix' says which are missing"
    )]
    Units {
        /// What one of them is called.
        unit: &'static str,
        /// How many there are.
        common: usize,
    },
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
    let scheme = scheme(&of_a, &of_b)?;
    let basis = scheme.basis();
    let (mut places_a, mut places_b) =
        (predictions(&of_a, rule, evidence)?, predictions(&of_b, rule, evidence)?);
    let left_out = common(basis, &mut places_a, &mut places_b);
    let first_of = |said: &[Said<'_>]| said.iter().map(|it| it.run.id.clone()).collect::<Vec<_>>();
    let all: Vec<&Said<'_>> = places_a.iter().chain(&places_b).collect();
    if !on_the_same_trials(basis, &all) {
        let name =
            |runs: &[&RunSummary]| runs.first().map(|run| run.spec.data.name.clone()).unwrap_or_default();
        return Err(CompareError::Trials(name(&of_a), name(&of_b)));
    }
    let metric = metric.unwrap_or_else(|| Metric::leading(all.first().map(|it| &it.said)));
    if let Inference::None(why) = metric.inference {
        return Err(CompareError::Metric(metric.title, why));
    }
    let sample = |said: &[Said<'_>]| {
        // A baseline is the same whatever the seed; several of them are several.
        let methods: BTreeSet<String> = said.iter().map(|it| it.run.spec.method()).collect();
        let seedless = methods.len() == 1 && said.iter().all(|it| it.run.spec.model.baseline().is_some());
        let runs: Vec<Run<'_>> = said.iter().map(Said::as_run).collect();
        Sample::of(basis, metric, &runs, seedless)
            .ok_or(CompareError::Metric(metric.title, "a class has fewer than two test trials"))
    };
    let (units, unit) = (all.len(), scheme.unit_name());
    if units == 0 {
        return Err(CompareError::Units { unit, common: 0 });
    }
    let (sample_a, sample_b) = (sample(&places_a)?, sample(&places_b)?);
    let judged = entrants(&[&sample_a, &sample_b]);
    let few = || CompareError::Units { unit, common: sample_a.size() };
    let found = judged[0].minus(&judged[1]).ok_or_else(few)?;
    let found = if sample_a.turned() {
        Difference { mean: -found.mean, low: -found.high, high: -found.low, ..found }
    } else {
        found
    };
    let party = |side: &Side, said: &[Said<'_>], sample: &Sample| Party {
        lost: lost(side, said),
        guesses: basis == Basis::Trials && guesses(said),
        title: title(said),
        mean: sample.mean(),
        runs: first_of(said),
        fixed: sample.is_fixed(),
    };
    let subjects: BTreeSet<String> =
        all.iter().flat_map(|it| it.said.subjects()).map(str::to_owned).collect();
    let judged_on: BTreeMap<&Unit, usize> =
        all.iter().map(|it| (&it.place.unit, it.said.rows.len())).collect();
    Ok(Comparison {
        a: party(&a, &places_a, &sample_a),
        b: party(&b, &places_b, &sample_b),
        metric,
        rule,
        difference: found,
        seeds_needed: judged[0].seeds_needed(&judged[1]),
        trials: judged_on.values().sum(),
        basis,
        units: sample_a.size(),
        unit,
        left_out,
        subjects: subjects.into_iter().collect(),
        other_recipe,
    })
}

/// A run and what it said.
struct Said<'a> {
    run: &'a RunSummary,
    place: Place,
    said: Predictions,
}

impl Said<'_> {
    fn as_run(&self) -> Run<'_> {
        let trials = self.run.started.as_ref().map(|started| started.trials);
        Run { place: &self.place, said: Cow::Borrowed(&self.said), trials }
    }
}

/// How both sides part their trials.
fn scheme(a: &[&RunSummary], b: &[&RunSummary]) -> Result<Scheme, CompareError> {
    let of = |runs: &[&RunSummary], all: &[&RunSummary]| {
        let recipe = runs.first().map(|run| Recipe::of(&run.spec));
        recipe
            .map(|recipe| Scheme::of(&recipe, all.iter().map(|run| Place::of(&run.spec))))
            .unwrap_or_default()
    };
    let all: Vec<&RunSummary> = a.iter().chain(b).copied().collect();
    match (of(a, &all), of(b, &all)) {
        (of_a, of_b) if of_a == of_b => Ok(of_a),
        _ => Err(CompareError::Trials(parted(a), parted(b))),
    }
}

/// The data of runs and how they are parted, in words.
fn parted(runs: &[&RunSummary]) -> String {
    let words = |run: &&RunSummary| format!("{}, split {}", run.spec.data.name, run.spec.split);
    runs.first().map(words).unwrap_or_default()
}

/// Keeps the folds, sessions or people that both sides have; says which go.
fn common(basis: Basis, a: &mut Vec<Said<'_>>, b: &mut Vec<Said<'_>>) -> Vec<String> {
    if basis == Basis::Trials {
        return Vec::new();
    }
    let units = |said: &[Said<'_>]| said.iter().map(|it| it.place.unit.clone()).collect::<BTreeSet<_>>();
    let (of_a, of_b) = (units(a), units(b));
    let both: BTreeSet<&Unit> = of_a.intersection(&of_b).collect();
    a.retain(|it| both.contains(&it.place.unit));
    b.retain(|it| both.contains(&it.place.unit));
    of_a.symmetric_difference(&of_b).map(Unit::to_string).collect()
}

/// Whether all runs that should share their test trials do.
fn on_the_same_trials(basis: Basis, all: &[&Said<'_>]) -> bool {
    let mut of_unit: BTreeMap<Option<&Unit>, &Predictions> = BTreeMap::new();
    all.iter().all(|it| {
        let unit = (basis != Basis::Trials).then_some(&it.place.unit);
        same_trials(of_unit.entry(unit).or_insert(&it.said), &it.said)
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

/// Whether the mean accuracy of runs on the same trials is no more than guessing.
fn guesses(said: &[Said<'_>]) -> bool {
    let accuracies: Vec<f64> = said.iter().map(|it| it.said.accuracy()).collect();
    let (Some(first), Some(mean)) = (said.first(), crate::stats::mean(&accuracies)) else { return false };
    is_at_chance(first.said.rows.len(), mean, Some(&first.said))
}

/// Experiments of a side's recipe of which no run gave a result.
fn lost(side: &Side, said: &[Said<'_>]) -> usize {
    let Some(recipe) = said.first().map(|it| Recipe::of(&it.run.spec)) else { return 0 };
    let finished = side.runs.iter().filter(|run| run.state == RunState::Finished);
    let finished: BTreeSet<String> = finished.map(|run| run.spec.hash()).collect();
    let tried = side.runs.iter().filter(|run| matches!(run.state, RunState::Failed | RunState::Cancelled));
    let tried = tried.filter(|run| recipe.includes(&run.spec)).map(|run| run.spec.hash());
    tried.collect::<BTreeSet<String>>().difference(&finished).count()
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

fn predictions<'a>(
    runs: &[&'a RunSummary],
    rule: Rule,
    evidence: &EvidenceOf<'_>,
) -> Result<Vec<Said<'a>>, CompareError> {
    let of = |&run: &&'a RunSummary| {
        let evidence = evidence(&run.id, rule.for_spec(&run.spec));
        let said = evidence.test.clone().ok_or_else(|| CompareError::NoPredictions(run.id.clone()))?;
        Ok(Said { run, place: Place::of(&run.spec), said })
    };
    runs.iter().map(of).collect()
}

fn same_trials(a: &Predictions, b: &Predictions) -> bool {
    a.classes == b.classes
        && a.rows.len() == b.rows.len()
        && a.rows.iter().zip(&b.rows).all(|(a, b)| a.label == b.label && a.subject == b.subject)
}

/// Each model and activation among runs, once.
fn title(said: &[Said<'_>]) -> String {
    let mut titles: Vec<String> = Vec::new();
    for it in said {
        let title = it.run.spec.method();
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
        if let Some(needed) = self.seeds_needed.filter(|_| !self.is_told_apart()) {
            let whom = if let [one] = seeded[..] { one.title.as_str() } else { "each" };
            sentences.push(format!("{}.", super::words::capital(&super::words::needed(needed, seeds, whom))));
        }
        sentences.push(match covers {
            Covers::Trials if seeded.is_empty() => "New trials; no seed decides anything.".into(),
            Covers::Trials => "These two runs on new trials; new seeds are not covered.".into(),
            Covers::BorrowedSeedsAndTrials => {
                "New seeds and new trials; a single run's seed variance is taken from the other side.".into()
            }
            Covers::SeedsAndTrials => "New seeds and new trials.".to_owned(),
            Covers::Folds => format!(
                "Over {} {}s of this data set (Nadeau and Bengio's corrected t), seeds averaged within each.",
                self.units, self.unit
            ),
            Covers::Subjects => {
                format!("Over {} subjects, seeds averaged within each: for new people like them.", self.units)
            }
        });
        if covers == Covers::Subjects && self.units < LEAST_SUBJECTS {
            sentences.push(super::words::too_few_subjects(self.units));
        }
        match (self.a.guesses, self.b.guesses) {
            (true, true) => sentences.push("Neither is better than guessing.".into()),
            (true, false) => sentences.push(format!("{} is no better than guessing.", self.a.title)),
            (false, true) => sentences.push(format!("{} is no better than guessing.", self.b.title)),
            (false, false) => {}
        }
        for party in [&self.a, &self.b].into_iter().filter(|party| party.lost > 0) {
            let runs = counted(party.lost, "run");
            sentences.push(format!("{runs} of {} gave no result: in no mean.", party.title));
        }
        if !self.left_out.is_empty() {
            let unit = self.unit;
            sentences
                .push(format!("Left out, as only one side has it: {unit} {}.", self.left_out.join(", ")));
        }
        match self.subjects.len() {
            _ if covers == Covers::Subjects => {}
            0 | 1 => sentences.push("All on this subject's data.".into()),
            people => sentences.push(format!("All on these {people} subjects' data, not for new people.")),
        }
        if self.other_recipe {
            sentences.push("Their recipes differ in more than model and activation.".into());
        }
        sentences
    }
}
