//! From the runs of a notebook to the cells of a table.

use super::choice::chosen;
use super::guessing;
use super::judge::{Judged, judge};
use super::place::{Basis, Place, Scheme, Unit, by_unit};
use super::sample::{Run, Sample};
use super::{Cell, Interval, Kind, Matrix, Method, Pending, Recipe, Score, Summary, Verdict};
use crate::metric::{self, METRICS, Metric, Outcome, Shapes};
use crate::model::{Activation, Model};
use crate::notebook::{Evidence, RunState, RunSummary};
use crate::predictions::Predictions;
use crate::spec::Rule;
use crate::stats::{self, Chance, Confusion, Covers};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Where it is read what a finished run has to show for the epoch that a rule picks, by the run's id.
pub type EvidenceOf<'a> = dyn Fn(&str, Rule) -> Arc<Evidence> + 'a;

impl Matrix {
    /// Both tables of a recipe: by activation and by α. What each run has to show is read once for the two.
    pub fn both(
        runs: &[RunSummary],
        recipe: &Recipe,
        rule: Rule,
        metric: Option<&'static Metric>,
        evidence: &EvidenceOf<'_>,
    ) -> (Matrix, Matrix) {
        let runs: Vec<RunSummary> = runs.iter().filter(|run| recipe.includes(&run.spec)).cloned().collect();
        let read: RefCell<HashMap<(String, Rule), Arc<Evidence>>> = RefCell::default();
        let once = |id: &str, rule: Rule| {
            let mut read = read.borrow_mut();
            read.entry((id.to_owned(), rule)).or_insert_with(|| evidence(id, rule)).clone()
        };
        let activations = Matrix::activations(&runs, recipe, rule, metric, &once);
        (activations, Matrix::alpha_sweep(&runs, recipe, rule, metric, &once))
    }

    /// Models against activation functions: the lab's three, and others where there are such runs; a column `none` for
    /// networks that leave none open. Other α of ELU belong to the sweep. Judged by `metric`, or by what the classes of the test trials ask for.
    pub fn activations(
        runs: &[RunSummary],
        recipe: &Recipe,
        rule: Rule,
        metric: Option<&'static Metric>,
        evidence: &EvidenceOf<'_>,
    ) -> Matrix {
        let mut columns = crate::lab::ACTIVATIONS.to_vec();
        let slopes = networks(runs, recipe).map(|run| run.spec.activation);
        for activation in slopes.filter(|activation| !matches!(activation, Activation::Elu { .. })) {
            if !columns.contains(&activation) {
                columns.push(activation);
            }
        }
        in_order(&mut columns);
        build(Kind::Activations, columns, runs, recipe, rule, metric, evidence)
    }

    /// Models against ELU's α, ascending. Without any run but α = 1 there is no column.
    pub fn alpha_sweep(
        runs: &[RunSummary],
        recipe: &Recipe,
        rule: Rule,
        metric: Option<&'static Metric>,
        evidence: &EvidenceOf<'_>,
    ) -> Matrix {
        let mut alphas: Vec<f64> = networks(runs, recipe)
            .filter_map(|run| match run.spec.activation {
                Activation::Elu { alpha } => Some(alpha),
                _ => None,
            })
            .collect();
        alphas.sort_by(f64::total_cmp);
        alphas.dedup();
        if alphas == [1.0] {
            alphas.clear();
        }
        let columns = alphas.into_iter().map(|alpha| Activation::Elu { alpha }).collect();
        build(Kind::AlphaSweep, columns, runs, recipe, rule, metric, evidence)
    }
}

/// The runs of networks that follow a recipe.
fn networks<'a>(runs: &'a [RunSummary], recipe: &Recipe) -> impl Iterator<Item = &'a RunSummary> {
    runs.iter().filter(|run| run.spec.model.baseline().is_none() && recipe.includes(&run.spec))
}

/// Columns by activation, then by parameter, whatever the order of enqueuing.
fn in_order(columns: &mut [Activation]) {
    let rank = |activation: &Activation| {
        crate::lab::ACTIVATIONS.iter().position(|lab| lab.name() == activation.name()).unwrap_or(usize::MAX)
    };
    let alpha = |activation: &Activation| activation.alpha().unwrap_or(0.0);
    columns.sort_by(|a, b| rank(a).cmp(&rank(b)).then(alpha(a).total_cmp(&alpha(b))));
}

fn build(
    kind: Kind,
    columns: Vec<Activation>,
    runs: &[RunSummary],
    recipe: &Recipe,
    rule: Rule,
    metric: Option<&'static Metric>,
    evidence: &EvidenceOf<'_>,
) -> Matrix {
    let fitted = baselines(runs, recipe, rule, evidence);
    let runs: Vec<&RunSummary> = networks(runs, recipe).collect();
    let of_baselines = fitted.iter().flat_map(|cell| &cell.places).cloned();
    let scheme = Scheme::of(recipe, runs.iter().map(|run| Place::of(&run.spec)).chain(of_baselines));
    let others = runs.iter().map(|run| run.spec.model.clone()).filter(|model| !model.is_the_labs());
    let others: BTreeSet<Model> = others.collect();
    let rows: Vec<Model> = Model::lab().into_iter().chain(others).collect();
    let count = fitted.len();
    let mut gathered: Vec<Gathered> = fitted;
    for model in &rows {
        for &activation in &columns {
            let of_cell = |run: &&&RunSummary| run.spec.model == *model && run.spec.activation == activation;
            let runs: Vec<&RunSummary> = runs.iter().filter(of_cell).copied().collect();
            gathered.push(Gathered::new(Cell::unfilled(model.clone(), activation), &runs, rule, evidence));
        }
    }
    let judged_on = gathered.iter().find_map(Gathered::judged_on);
    let metric = metric.unwrap_or_else(|| Metric::leading(judged_on.as_ref()));
    let chance = chance(judged_on.as_ref(), &runs);
    let people: BTreeSet<&str> = gathered.iter().flat_map(Gathered::people).collect();
    let several = people.len() > 1;
    let mut judged: Vec<Judged> =
        gathered.iter().map(|cell| cell.measured(metric, &scheme, several)).collect();
    // What is compared with what: every cell and baseline with every other, or α within a model, baselines looking on.
    match kind {
        Kind::Activations => judge(&mut judged),
        Kind::AlphaSweep => {
            let (fitted, cells) = judged.split_at_mut(count);
            fitted.chunks_mut(1).for_each(judge);
            cells.chunks_mut(columns.len().max(1)).for_each(judge);
        }
    }
    let mut baselines: Vec<Cell> = judged.into_iter().map(|judged| judged.cell).collect();
    let cells = baselines.split_off(count);
    let chosen = chosen(&cells);
    Matrix {
        kind,
        rule,
        metric,
        recipe: recipe.clone(),
        scheme,
        rows,
        columns,
        cells,
        baselines,
        chance,
        chosen,
    }
}

/// The baselines on a recipe's data: by pipeline, the whole signal before a band of it.
fn baselines<'a>(
    runs: &'a [RunSummary],
    recipe: &Recipe,
    rule: Rule,
    evidence: &EvidenceOf<'_>,
) -> Vec<Gathered<'a>> {
    let alike = |run: &&RunSummary| run.spec.model.baseline().is_some() && recipe.includes(&run.spec);
    let mut by_method: BTreeMap<(Model, String), Vec<&RunSummary>> = BTreeMap::new();
    for run in runs.iter().filter(alike) {
        let band = run.spec.band.map(|band| band.to_string()).unwrap_or_default();
        by_method.entry((run.spec.model.clone(), band)).or_default().push(run);
    }
    let gathered = |runs: Vec<&'a RunSummary>| {
        let spec = &runs.first()?.spec;
        let cell = Cell { band: spec.band, ..Cell::unfilled(spec.model.clone(), spec.activation) };
        Some(Gathered::new(cell, &runs, rule.for_spec(spec), evidence))
    };
    by_method.into_values().filter_map(gathered).collect()
}

/// The threshold of guessing on the test trials; as for two equal classes where no run's predictions are left.
fn chance(said: Option<&Predictions>, runs: &[&RunSummary]) -> Option<Chance> {
    if let Some(said) = said {
        return Chance::new(said.rows.len(), metric::guessed_share(said));
    }
    let started = runs.iter().find_map(|run| run.started.as_ref())?;
    Chance::new(started.trials.test, 0.5)
}

/// The runs of one cell.
struct Gathered<'a> {
    /// The cell, unfilled.
    cell: Cell,
    /// The last finished run of each place to which the rule applies.
    finished: BTreeMap<Place, (&'a RunSummary, Arc<Evidence>)>,
    /// Of all its runs, in whatever state.
    places: BTreeSet<Place>,
    pending: Pending,
    /// By which their epoch was chosen.
    rule: Rule,
}

impl<'a> Gathered<'a> {
    fn new(cell: Cell, runs: &[&'a RunSummary], rule: Rule, evidence: &EvidenceOf<'_>) -> Self {
        // Runs of one place are one experiment done twice: the last one counts.
        let mut finished: BTreeMap<Place, &RunSummary> = BTreeMap::new();
        let mut last_try: BTreeMap<Place, &RunSummary> = BTreeMap::new();
        let mut in_time: Vec<&RunSummary> = runs.to_vec();
        in_time.sort_by(|a, b| a.id.cmp(&b.id));
        for run in in_time {
            let place = Place::of(&run.spec);
            if run.state == RunState::Finished && run.accuracy(rule).is_some() {
                finished.insert(place.clone(), run);
            }
            last_try.insert(place, run);
        }
        let places = last_try.keys().cloned().collect();
        last_try.retain(|place, _| !finished.contains_key(place));
        let read = |(place, run): (Place, &'a RunSummary)| (place, (run, evidence(&run.id, rule)));
        let finished = finished.into_iter().map(read).collect();
        Gathered { cell, finished, places, pending: pending(last_try.into_values()), rule }
    }

    /// Every trial that the cell was judged on, once, with what a run said about it; `None` without predictions.
    fn judged_on(&self) -> Option<Predictions> {
        let mut of_part: BTreeMap<Unit, &Predictions> = BTreeMap::new();
        for (place, (_, evidence)) in &self.finished {
            if let Some(said) = &evidence.test {
                // Trials that were mixed in another way are the same trials.
                of_part.entry(Unit { shuffle: None, ..place.unit.clone() }).or_insert(said);
            }
        }
        let mut parts = of_part.into_values();
        let first = parts.next()?.clone();
        Some(parts.fold(first, |mut all, part| {
            all.rows.extend(part.rows.iter().cloned());
            all
        }))
    }

    /// Whose trials they are.
    fn people(&self) -> impl Iterator<Item = &str> {
        let said = self.finished.values().filter_map(|(_, evidence)| evidence.test.as_ref());
        said.flat_map(Predictions::subjects).filter(|name| !name.is_empty())
    }

    fn measured(&self, metric: &'static Metric, scheme: &Scheme, several: bool) -> Judged {
        let Gathered { cell, finished, pending, rule, .. } = self;
        let seedless = cell.is_baseline();
        let basis = scheme.basis();
        let scores: Vec<Score> =
            finished.iter().map(|(place, (run, evidence))| score(place, run, *rule, evidence)).collect();
        // What is averaged is what is tested: a run without predictions leaves the cell untested.
        let runs: Vec<Run<'_>> = finished.iter().map(as_run).collect::<Option<_>>().unwrap_or_default();
        let names: BTreeSet<&str> = self.people().filter(|_| several).collect();
        let own = |name: &&str| {
            let own: Vec<Run<'_>> = runs.iter().filter_map(|run| run.of_subject(name)).collect();
            ((*name).to_owned(), Sample::of(scheme.within_a_subject(), metric, &own, seedless))
        };
        // With a model for each person the whole is about people already.
        let of_people = (several && basis == Basis::Trials)
            .then(|| Sample::over_people(metric, &runs, seedless))
            .flatten();
        let summary = summary(&scores, metric, basis, &runs);
        let verdict = Verdict {
            standing: if summary.is_some() { super::Standing::Untested } else { super::Standing::Empty },
            ..Verdict::default()
        };
        let coverage = scheme.coverage(scores.iter().map(|score| &score.place), seedless);
        Judged {
            whole: Sample::of(basis, metric, &runs, seedless),
            subjects: names.iter().map(own).collect(),
            over_subjects: of_people,
            cell: Cell { scores, summary, verdict, pending: *pending, coverage, ..cell.clone() },
        }
    }
}

/// A finished run as inference sees it; `None` without predictions.
fn as_run<'a>((place, (run, evidence)): (&'a Place, &'a (&RunSummary, Arc<Evidence>))) -> Option<Run<'a>> {
    let trials = run.started.as_ref().map(|started| started.trials);
    Some(Run { place, said: Cow::Borrowed(evidence.test.as_ref()?), trials })
}

fn score(place: &Place, run: &RunSummary, rule: Rule, evidence: &Evidence) -> Score {
    let test = evidence.test.as_ref();
    let recorded = run.accuracy(rule).unwrap_or(f64::NAN);
    let outcome = Outcome { accuracy: recorded, seconds: run.seconds, predictions: test };
    let accuracy = test.map_or(recorded, Predictions::accuracy);
    let share = |name: &str| test.map(|said| (name.to_owned(), said.of_subject(name).accuracy()));
    let trials = match test {
        Some(said) => said.rows.len(),
        None => run.started.as_ref().map_or(0, |started| started.trials.test),
    };
    Score {
        id: run.id.clone(),
        place: place.clone(),
        accuracy,
        values: METRICS.iter().map(|metric| (metric.of)(&outcome)).collect(),
        trials,
        seconds: run.seconds,
        subjects: test.map(Predictions::subjects).unwrap_or_default().into_iter().filter_map(share).collect(),
        validation: evidence.validation.as_ref().map(Predictions::accuracy).or(evidence.validation_accuracy),
        validation_loss: evidence.validation_loss,
        at_chance: guessing::is_at_chance(trials, accuracy, test),
    }
}

fn summary(scores: &[Score], metric: &'static Metric, basis: Basis, runs: &[Run<'_>]) -> Option<Summary> {
    let over_units = |value: &dyn Fn(&Score) -> Option<f64>| -> Vec<f64> {
        let there = scores.iter().filter_map(|score| Some((&score.place, value(score)?)));
        by_unit(basis, there).into_iter().map(|(_, value)| value).collect()
    };
    let of_metric = over_units(&|score| score.value(metric));
    let mean_of =
        |place: usize| stats::mean(&over_units(&|score| score.values.get(place).copied().flatten()));
    let has_validation = scores.iter().all(|score| score.validation.is_some());
    let mut by_subject: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (name, accuracy) in scores.iter().flat_map(|score| &score.subjects) {
        by_subject.entry(name).or_default().push(*accuracy);
    }
    Some(Summary {
        n: scores.len(),
        mean: stats::mean(&of_metric)?,
        sd: stats::standard_deviation(&of_metric),
        interval: alone(scores, metric).filter(|_| basis == Basis::Trials),
        values: (0..METRICS.len()).map(mean_of).collect(),
        ensemble: ensemble(basis, runs),
        confusion: added_up(runs),
        shapes: Shapes::of(&runs.iter().map(|run| run.said.as_ref()).collect::<Vec<_>>()),
        classes: runs.first().map(|run| run.said.classes.clone()).unwrap_or_default(),
        subjects: by_subject
            .into_iter()
            .filter_map(|(name, accuracies)| Some((name.to_owned(), stats::mean(&accuracies)?)))
            .collect(),
        seconds: stats::mean(&scores.iter().map(|score| score.seconds).collect::<Vec<_>>())?,
        validation: stats::mean(&over_units(&|score| score.validation)).filter(|_| has_validation),
        over_subjects: None,
    })
}

/// Every metric of the mean probabilities of the seeds that were judged on the same trials; nothing where there is but one.
fn ensemble(basis: Basis, runs: &[Run<'_>]) -> Vec<Option<f64>> {
    let mut of_unit: BTreeMap<&Unit, Vec<&Predictions>> = BTreeMap::new();
    for run in runs {
        of_unit.entry(&run.place.unit).or_default().push(&run.said);
    }
    if of_unit.is_empty() || of_unit.values().any(|seeds| seeds.len() < 2) {
        return Vec::new();
    }
    let averaged = |(unit, seeds): (&&Unit, &Vec<&Predictions>)| {
        let place = Place { unit: (*unit).clone(), ..Place::default() };
        Some((place, Predictions::averaged(seeds)?))
    };
    let Some(means) = of_unit.iter().map(averaged).collect::<Option<Vec<_>>>() else { return Vec::new() };
    let of_metric = |metric: &Metric| {
        let value = |said| (metric.of)(&Outcome { accuracy: 0.0, seconds: 0.0, predictions: Some(said) });
        let values = means.iter().map(|(place, said)| Some((place, value(said)?)));
        let by_unit = by_unit(basis, values.collect::<Option<Vec<_>>>()?);
        stats::mean(&by_unit.into_iter().map(|(_, value)| value).collect::<Vec<_>>())
    };
    // An ensemble takes as long as all its members; that is no figure of its own.
    METRICS.iter().map(|metric| of_metric(metric).filter(|_| metric.name != "seconds")).collect()
}

/// Truth against prediction, the trials of all runs added up; `None` without predictions.
fn added_up(runs: &[Run<'_>]) -> Option<Confusion> {
    let mut of_runs = runs.iter().map(|run| metric::confusion(&run.said));
    let first = of_runs.next()?;
    let alike = runs.windows(2).all(|pair| pair[0].said.classes == pair[1].said.classes);
    alike.then(|| of_runs.fold(first, |sum, run| sum.plus(&run)))
}

/// The interval of a single run without predictions: its accuracy and number of trials are enough.
fn alone(scores: &[Score], metric: &Metric) -> Option<Interval> {
    let [score] = scores else { return None };
    let (low, high) =
        stats::wilson(score.accuracy, score.trials).filter(|_| *metric == *Metric::accuracy())?;
    Some(Interval { low, high, method: Method::Wilson, covers: Covers::Trials, df: None })
}

fn pending<'a>(runs: impl Iterator<Item = &'a RunSummary>) -> Pending {
    let mut pending = Pending::default();
    for run in runs {
        match run.state {
            RunState::Queued | RunState::Interrupted => pending.queued += 1,
            RunState::Running => pending.running += 1,
            RunState::Paused => pending.paused += 1,
            RunState::Failed => pending.failed += 1,
            RunState::Cancelled => pending.cancelled += 1,
            RunState::Finished => {}
        }
    }
    pending
}
