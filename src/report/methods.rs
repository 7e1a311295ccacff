//! The methods paragraph: how these runs were trained, chosen and compared, in words that a paper can take over. Each
//! sentence says what is true of these runs, and nothing is said that they do not show.

use crate::counted::counted;
use crate::event::Started;
use crate::metric::Inference;
use crate::notebook::{RunState, RunSummary};
use crate::spec::{NanPolicy, Outliers, Rule, Spec, Split, Standardize};
use crate::table::{Basis, Cell, Matrix, Recipe};
use std::collections::BTreeSet;

/// The paragraph on the runs of one recipe.
pub fn paragraph(
    recipe: &Recipe,
    tables: &[Matrix],
    runs: &[RunSummary],
    rule: Rule,
    origin: Option<String>,
) -> String {
    let finished = runs.iter().filter(|run| run.state == RunState::Finished);
    let (baselines, finished): (Vec<&RunSummary>, Vec<&RunSummary>) =
        finished.partition(|run| run.spec.model.baseline().is_some());
    let Some(spec) = finished.first().map(|run| &run.spec) else {
        let Some(fitted) = fitted(&baselines) else { return "No run is finished yet.".to_owned() };
        let Some(spec) = baselines.first().map(|run| &run.spec) else { return fitted };
        let mut sentences = vec![data(recipe, &baselines)];
        sentences.extend(origin);
        sentences.extend(prepared(recipe, spec));
        sentences.push(fitted);
        sentences.extend(inference(tables));
        sentences.extend(machine(&baselines));
        return sentences.join(" ");
    };
    let mut sentences = vec![data(recipe, &finished), networks(&finished)];
    sentences.extend(origin);
    sentences.extend(prepared(recipe, spec));
    sentences.push(training(spec, &finished));
    sentences.push(choice(recipe, spec, rule).to_owned());
    sentences.push(seeds(tables));
    sentences.extend(fitted(&baselines));
    sentences.extend(inference(tables));
    sentences.extend(machine(&finished));
    sentences.join(" ")
}

fn data(recipe: &Recipe, finished: &[&RunSummary]) -> String {
    let simulated = if recipe.simulated { "simulated " } else { "" };
    let counts = finished.iter().find_map(|run| Some(run.started.as_deref()?.trials));
    let trials = counts.map_or(String::new(), |trials| {
        let held_out =
            if trials.validation > 0 { format!(", {} held out", trials.validation) } else { String::new() };
        let which = match recipe.split() {
            Split::Given => String::new(),
            split => format!(", split {split}; in one of its parts"),
        };
        format!("{which}, {} trials trained on{held_out}, {} tested on", trials.train, trials.test)
    });
    format!(
        "The {simulated}data set is {} (fingerprint {}{trials}).",
        recipe.data_set,
        recipe.fingerprint.get(..12).unwrap_or(&recipe.fingerprint)
    )
}

/// Some networks leave their function to the run, others have functions for good.
fn networks(finished: &[&RunSummary]) -> String {
    let (open, closed): (Vec<&Spec>, Vec<&Spec>) =
        finished.iter().map(|run| &run.spec).partition(|spec| spec.model.has_open_activation());
    let titles = |specs: &[&Spec]| -> BTreeSet<String> {
        specs.iter().map(|spec| spec.model.title().to_owned()).collect()
    };
    let (free, own) = (titles(&open), titles(&closed));
    let functions: BTreeSet<String> = open.iter().map(|spec| spec.activation.title()).collect();
    let said =
        if free.len() * functions.len() + own.len() == 1 { "The network was" } else { "Compared were" };
    let free = (!open.is_empty()).then(|| format!("{} with {}", listed(free), listed(functions)));
    let whose = if own.len() == 1 { "its own functions" } else { "their own functions" };
    let own = (!closed.is_empty()).then(|| format!("{} with {whose}", listed(own)));
    let named: Vec<String> = free.into_iter().chain(own).collect();
    format!("{said} {}.", named.join("; "))
}

/// The classical baselines, where there are any.
fn fitted(baselines: &[&RunSummary]) -> Option<String> {
    let methods: BTreeSet<String> = baselines.iter().map(|run| run.spec.method()).collect();
    (!methods.is_empty()).then(|| {
        format!(
            "Baselines were {}, each fitted once to all training trials: no seed decides anything in them.",
            listed(methods)
        )
    })
}

/// What is done with trials before anything learns from them: a sentence each.
fn prepared(recipe: &Recipe, spec: &Spec) -> Vec<String> {
    let whose = match recipe.value("subjects").map(ToString::to_string).as_deref() {
        None | Some("all") => None,
        Some("each") => Some(
            "Each subject has a model of their own, which learned from and was tested on their trials alone."
                .into(),
        ),
        Some(names) => Some(format!("Trials of these subjects alone were used: {names}.")),
    };
    let outliers = match spec.outliers {
        Outliers::Keep => None,
        Outliers::Drop => Some(
            "Trials that go more than ten times as far as the usual one, at some electrode, were dropped from those that are \
             learned from, and from no others."
                .to_owned(),
        ),
    };
    let missing = match spec.nan {
        NanPolicy::Train => "each electrode's mean over the training trials",
        NanPolicy::Reference => "one mean over all samples of a set, train and test each by its own",
    };
    let scaling = match spec.standardize {
        Standardize::None => "The signal was taken as recorded, without scaling.",
        Standardize::Zscore => {
            "Each electrode was scaled to mean 0 and standard deviation 1, both taken from the training trials."
        }
        Standardize::PerSubject => {
            "Each electrode was scaled to mean 0 and standard deviation 1 for each subject, by that subject's training trials; by \
             all of their trials, without the classes, where there are none."
        }
        Standardize::Ema => {
            "Each electrode of each trial was standardised by its exponentially moving mean and variance (Schirrmeister et al. \
             2017)."
        }
    };
    let filling = format!("Missing samples, where there were any, were filled with {missing}.");
    whose.into_iter().chain(outliers).chain([filling, scaling.to_owned()]).collect()
}

/// What is shared is said of all; what each network has of its own (dropout, mostly) is said of each.
fn training(spec: &Spec, finished: &[&RunSummary]) -> String {
    let mut shares: Vec<(f64, BTreeSet<String>)> = Vec::new();
    for spec in finished.iter().map(|run| &run.spec) {
        let title = spec.model.title().to_owned();
        match shares.iter_mut().find(|(share, _)| *share == spec.dropout) {
            Some((_, titles)) => _ = titles.insert(title),
            None => shares.push((spec.dropout, BTreeSet::from([title]))),
        }
    }
    shares.sort_by(|a, b| a.0.total_cmp(&b.0));
    let dropout = match &shares[..] {
        [(share, _)] => format!("dropout {share}"),
        several => {
            let each = several
                .iter()
                .map(|(share, titles)| format!("{share} in {}", listed(titles.iter().cloned())));
            format!("dropout {}", listed(each))
        }
    };
    format!(
        "Each was trained for {} on the mean cross-entropy with Adam (Kingma and Ba 2015; learning rate {}, an L2 term of {} \
         added to the gradient), in batches of at most {} trials drawn anew each epoch, with {dropout}.",
        counted(spec.epochs as usize, "epoch"),
        spec.lr,
        spec.weight_decay,
        spec.batch,
    )
}

fn choice(recipe: &Recipe, spec: &Spec, rule: Rule) -> String {
    let how = match recipe.split() {
        Split::Given | Split::KFold { shuffled: true, .. } => "drawn by each run's seed",
        Split::KFold { shuffled: false, .. } | Split::LeaveOut(_) => "the last of each",
    };
    let held_out = format!(
        "{} % of the training trials, the same share of every class and subject and {how}, were held out",
        (1e4 * spec.validation).round() / 1e2
    );
    match (rule, recipe.has_validation()) {
        (Rule::Validation, true) => {
            format!("{held_out}; the epoch with the least loss on them was scored on the test trials.")
        }
        (Rule::Validation, false) => {
            "No trials were held out, so that no epoch could be chosen by validation.".into()
        }
        (Rule::Last, true) => {
            format!("{held_out}, and not used: the last epoch was scored on the test trials.")
        }
        (Rule::Last, false) => "The last epoch was scored on the test trials.".into(),
        (Rule::BestTest, _) => {
            "The epoch with the highest accuracy on the test trials was taken, which is optimistic.".into()
        }
    }
}

fn seeds(tables: &[Matrix]) -> String {
    let cells = || tables.iter().flat_map(|table| &table.cells);
    let counts: BTreeSet<usize> = cells().map(|cell| cell.scores.len()).filter(|&count| count > 0).collect();
    let seeds: BTreeSet<u64> = cells().flat_map(|cell| &cell.scores).map(|score| score.place.seed).collect();
    let lost: usize = cells().map(|cell| cell.pending.lost()).sum();
    let named = listed(seeds.iter().map(u64::to_string));
    let lost = match lost {
        0 => String::new(),
        1 => " One further run failed or was given up; it is counted in its cell.".to_owned(),
        lost => format!(" {lost} further runs failed or were given up; they are counted in their cells."),
    };
    let covered: BTreeSet<String> =
        cells().filter(|cell| !cell.scores.is_empty() && cell.coverage.is_some()).map(Cell::count).collect();
    if !covered.is_empty() {
        let noun = if seeds.len() == 1 { "seed" } else { "seeds" };
        return format!("Cells are of {} ({noun} {named}).{lost}", listed(covered));
    }
    match (counts.first(), counts.last()) {
        (Some(1), Some(1)) => format!("Each cell is a single run (seed {named}).{lost}"),
        (Some(least), Some(most)) if least == most => {
            format!("Each cell is {most} runs (seeds {named}).{lost}")
        }
        (Some(least), Some(most)) => format!("Cells are of {least} to {most} runs (seeds {named}).{lost}"),
        _ => format!("No run has a score under this rule.{lost}"),
    }
}

/// What was tested, and how, where anything was.
fn inference(tables: &[Matrix]) -> Option<String> {
    let metric = tables.first()?.metric;
    if let Inference::None(why) = metric.inference {
        return Some(format!("No interval and no test is given for {}: {why}.", metric.title));
    }
    let cells = || tables.iter().flat_map(Matrix::all);
    let tested = cells().any(|cell: &Cell| cell.verdict.p.is_some());
    if let Some(over_units) = over_units(tables.first()?.scheme.basis()) {
        return Some(if tested { format!("{over_units} {BEST}") } else { over_units.to_owned() });
    }
    let several = cells().any(|cell| cell.scores.len() > 1);
    let intervals = match (&metric.inference, several) {
        (Inference::Hits, true) => {
            "Intervals are 95 % and cover new seeds and new test trials: Wilson's, with the number of independent trials that \
             crossed seeds and trials amount to (Gallas 2006)."
        }
        (Inference::Hits, false) => {
            "Intervals are Wilson's, 95 %, and cover new test trials of the same run; a new seed is not covered."
        }
        _ => {
            "Intervals are 95 %, from one value a trial (jackknife pseudo-values where the metric needs them), seeds crossed with trials."
        }
    };
    if !tested {
        return Some(intervals.to_owned());
    }
    let pairs = if several {
        "Pairs were compared by the same crossed model with Student's t"
    } else {
        "Pairs were compared by McNemar's exact test"
    };
    Some(format!("{intervals} {pairs}. {BEST}"))
}

/// How a family of cells is judged, whatever its cells are judged over.
const BEST: &str = "The set of the best holds the truly best cell with 95 % (multiple comparisons with the best, Hsu 1981), and \
                    differences of pairs are adjusted by Holm's method.";

/// How folds and people are judged; `None` of shared trials.
fn over_units(basis: Basis) -> Option<&'static str> {
    match basis {
        Basis::Trials => None,
        Basis::Folds => Some(
            "Seeds were averaged within each fold; intervals (95 %) and tests are Student's t over folds, the variance being corrected \
             for training sets that overlap (Nadeau and Bengio 2003), and speak for this data set.",
        ),
        Basis::Subjects => Some(
            "Seeds and folds were averaged within each subject; intervals (95 %) are Student's t over subjects, and differences were \
             tested by exact sign flips (Wilcoxon's test above 20 subjects), two-sided.",
        ),
    }
}

fn machine(finished: &[&RunSummary]) -> Option<String> {
    let started = || finished.iter().filter_map(|run| run.started.as_deref());
    let all = |of: &dyn Fn(&Started) -> String| started().map(of).collect::<BTreeSet<String>>();
    let programs = all(&|it| match &it.commit {
        Some(commit) => format!("eeg-tui {} ({commit})", it.program),
        None => format!("eeg-tui {}", it.program),
    });
    if programs.is_empty() {
        return None;
    }
    Some(format!("Trained by {} on {}.", listed(programs), listed(all(&|it| it.device.clone()))))
}

/// `a, b and c`.
fn listed(words: impl IntoIterator<Item = String>) -> String {
    let words: Vec<String> = words.into_iter().collect();
    match words.split_last() {
        None => "none".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}
