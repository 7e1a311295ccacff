//! Folds, sessions and people in the place of shared test trials.

use super::super::render::{csv, json, latex, markdown};
use super::*;
use crate::spec::{Split, Subjects};
use crate::stats::{over_folds, over_subjects};

fn split(text: &str) -> Split {
    text.parse().unwrap()
}

impl Book {
    /// A finished run of one fold of five: 300 trials judged on, 1200 learned from.
    fn fold(&mut self, model: Model, seed: u64, fold: u64, share: f64) -> &mut RunSummary {
        let run = self.reach(model, RELU, seed, share);
        (run.spec.split, run.spec.fold) = (split("kfold:5"), Some(fold));
        if let Some(started) = &mut run.started {
            started.trials = TrialCounts { train: 960, validation: 240, test: 300 };
        }
        run
    }

    /// A finished run that was judged on one person.
    fn person(&mut self, model: Model, seed: u64, name: &'static str, share: f64) -> &mut RunSummary {
        self.subjects = vec![name; 300];
        self.reach(model, RELU, seed, share)
    }
}

const EEG: [f64; 5] = [0.90, 0.86, 0.92, 0.88, 0.84];
const DEEP: [f64; 5] = [0.80, 0.78, 0.84, 0.76, 0.77];

/// Two seeds of five folds, a point apart on either side of these shares.
fn folds() -> Book {
    let mut book = Book::new();
    for (model, shares) in [(Model::eegnet(), EEG), (Model::deepconvnet(), DEEP)] {
        for (fold, share) in (0..).zip(shares) {
            for (seed, aside) in [(0, -0.01), (1, 0.01)] {
                book.fold(model.clone(), seed, fold, share + aside);
            }
        }
    }
    book
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-12, "{found} instead of {expected}");
}

#[test]
fn folds_of_one_seed_are_no_repetitions_of_one_another() {
    let table = folds().table();
    let cell = table.cell(0, 0);
    assert_eq!((cell.scores.len(), cell.scores[0].trials), (10, 300));
    let summary = cell.summary.as_ref().unwrap();
    near(summary.mean, EEG.iter().sum::<f64>() / 5.0);
    near(summary.sd.unwrap(), crate::stats::standard_deviation(&EEG).unwrap());
    let (interval, expected) = (summary.interval.unwrap(), over_folds(&EEG, 0.25).unwrap());
    near(interval.low, expected.low);
    near(interval.high, expected.high.min(1.0));
    assert_eq!((interval.method, interval.covers), (Method::NadeauBengio, Covers::Folds));
    assert_eq!(cell.figure(table.metric, false), "88.0 ± 3.2 (5 folds × 2 seeds)");
    assert_eq!(table.chance.unwrap().trials, 1500);
}

#[test]
fn folds_are_told_apart_by_the_corrected_t_and_not_by_pooled_trials() {
    let table = folds().table();
    let gap = table.cell(1, 0).verdict.difference.unwrap();
    let differences: Vec<f64> = DEEP.iter().zip(EEG).map(|(deep, eeg)| deep - eeg).collect();
    let expected = over_folds(&differences, 0.25).unwrap();
    near(gap.mean, expected.mean);
    near(gap.low, expected.low);
    near(gap.high, expected.high);
    near(gap.p, expected.p);
    assert_eq!((gap.df, gap.covers), (4.0, Covers::Folds));
    let verdict = &table.verdicts()[0];
    assert!(verdict.starts_with("EEGNet ReLU is best of these 2 (95 %)."), "{verdict}");
    let end = "Over 5 folds, seeds averaged within each; all on this subject's data.";
    assert!(verdict.ends_with(end), "{verdict}");
    assert!(table.needed_notes().is_empty(), "{:?}", table.needed_notes());
}

#[test]
fn what_folds_are_missing_is_said_everywhere() {
    let mut book = folds();
    book.runs.retain(|run| run.spec.model != Model::eegnet() || !matches!(run.spec.fold, Some(1 | 4)));
    let mut failed = waiting(Model::eegnet(), RELU, 0, RunState::Failed);
    (failed.spec.split, failed.spec.fold) = (split("kfold:5"), Some(1));
    book.runs.push(failed);
    for (fold, share) in (0..).zip(DEEP) {
        book.fold(Model::deepconvnet(), 0, fold, share).spec.activation = ELU;
    }
    let table = book.table();
    assert_eq!(table.cell(0, 0).figure(table.metric, false), "90.0 ± 2.0 (3 of 5 folds × 2 seeds; 1 failed)");
    // What has other folds than most is not judged with them.
    assert_eq!(table.cell(0, 0).verdict.standing, Standing::Untested);
    let verdict = &table.verdicts()[0];
    assert!(verdict.contains("Not tested, as it has other folds than those: EEGNet ReLU."), "{verdict}");
    let note = "Incomplete: EEGNet ReLU (3 of 5 folds, without 1, 4).";
    assert_eq!(table.incomplete_notes(), [note]);
    // Nor is it chosen, whatever validation says.
    assert!(
        table
            .chosen
            .as_ref()
            .is_none_or(|chosen| chosen.activation != RELU || chosen.model != Model::eegnet())
    );
    for text in [markdown(&table), latex(&table)] {
        assert!(text.contains(note) && text.contains("3 of 5 folds"), "{text}");
    }
    let value = json(&table);
    assert_eq!(value["cells"][0]["coverage"]["missing"], serde_json::json!(["1", "4"]));
    assert_eq!((&value["over"], &value["cells"][0]["runs"][0]["fold"]), (&"folds".into(), &0.into()));
    assert!(csv([&table]).lines().nth(1).unwrap().ends_with(",fold,5,1;4"), "{}", csv([&table]));
    assert!(table.explanation(table.cell(0, 0))[0].ends_with("over 3 of 5 folds × 2 seeds; 1 failed."));
}

#[test]
fn a_cell_lacks_the_folds_that_no_run_did() {
    let mut book = folds();
    let gone = |run: &RunSummary| run.spec.model == Model::eegnet() && run.spec.fold == Some(2);
    book.runs.retain(|run| !gone(run));
    let table = book.table();
    let lacks = lacking(&book.runs, &table, table.cell(0, 0), None);
    let places: Vec<_> = lacks.iter().map(|spec| (spec.fold, spec.seed)).collect();
    assert_eq!(places, [(Some(2), 0), (Some(2), 1)]);
    assert_eq!(lacking(&book.runs, &table, table.cell(0, 1), None).len(), 10);
    assert_eq!(lacking(&book.runs, &table, table.cell(1, 0), None), []);
}

#[test]
fn shuffles_are_repetitions_of_the_folds() {
    let mut book = Book::new();
    for (model, shares) in [(Model::eegnet(), EEG), (Model::deepconvnet(), DEEP)] {
        for (fold, share) in (0..).zip(shares) {
            for seed in 0..2 {
                let run = book.fold(model.clone(), seed, fold, share);
                run.spec.split = split("kfold:5:shuffled");
            }
        }
    }
    let table = book.table();
    let twice: Vec<f64> = EEG.iter().chain(&EEG).copied().collect();
    let expected = over_folds(&twice, 0.25).unwrap();
    let interval = table.cell(0, 0).summary.as_ref().unwrap().interval.unwrap();
    near(interval.low, expected.low);
    assert_eq!(interval.df, Some(9.0));
    assert_eq!(table.cell(0, 0).figure(table.metric, false), "88.0 ± 3.0 (10 folds)");
}

#[test]
fn who_is_left_out_is_the_unit() {
    let mut book = Book::new();
    let names = ["S1", "S2", "S3", "S4", "S5", "S6"];
    let (mut of_eeg, mut of_deep) = (Vec::new(), Vec::new());
    for (place, name) in names.into_iter().enumerate() {
        let (eeg, deep) = (0.90 - 0.01 * place as f64, 0.78 + 0.01 * place as f64);
        of_eeg.push(eeg);
        of_deep.push(deep);
        for (model, share) in [(Model::eegnet(), eeg), (Model::deepconvnet(), deep)] {
            let run = book.person(model, 0, name, share);
            (run.spec.split, run.spec.group) = (split("leave_out:subject"), Some(name.into()));
        }
    }
    let table = book.table();
    let expected = over_subjects(&of_eeg).unwrap();
    let interval = table.cell(0, 0).summary.as_ref().unwrap().interval.unwrap();
    near(interval.low, expected.low);
    assert_eq!((interval.method, interval.covers), (Method::StudentT, Covers::Subjects));
    let differences: Vec<f64> = of_deep.iter().zip(&of_eeg).map(|(deep, eeg)| deep - eeg).collect();
    let gap = table.cell(1, 0).verdict.difference.unwrap();
    near(gap.p, over_subjects(&differences).unwrap().p);
    assert_eq!(gap.p, 2.0 / 64.0);
    let verdict = &table.verdicts()[0];
    assert!(verdict.contains("best of these 2"), "{verdict}");
    assert!(verdict.ends_with("Over 6 subjects, for new people like them."), "{verdict}");
    // On each one's trials there is a verdict of its own, with the trials' interval.
    assert_eq!(table.subject_verdicts().len(), 6);
    assert_eq!(table.cell(0, 0).subjects[0].interval.unwrap().method, Method::Wilson);
}

#[test]
fn a_model_for_each_subject_is_one_experiment_and_five_people_prove_nothing() {
    let mut book = Book::new();
    for (name, share) in [("S1", 0.9), ("S2", 0.8), ("S3", 0.85), ("S4", 0.95), ("S5", 0.7)] {
        for seed in 0..3 {
            for (model, share) in [(Model::eegnet(), share), (Model::deepconvnet(), share - 0.15)] {
                let run = book.person(model, seed, name, share);
                run.spec.subjects = Subjects::Named(vec![name.into()]);
            }
        }
    }
    assert_eq!(recipes(&book.runs).len(), 1);
    assert!(recipes(&book.runs)[0].0.to_string().contains("subjects each"));
    let table = book.table();
    let cell = table.cell(0, 0);
    assert_eq!(cell.figure(table.metric, false), "84.0 ± 9.6 (5 subjects × 3 seeds)");
    assert_eq!(table.cell(1, 0).verdict.difference.unwrap().p, 2.0 / 32.0);
    assert_eq!(table.cell(1, 0).verdict.standing, Standing::NotToldApart);
    let verdict = &table.verdicts()[0];
    assert!(verdict.contains("With 5 subjects no difference can reach p < 0.05"), "{verdict}");
    let own = table.subject_verdicts();
    assert!(own[0].starts_with("S1: EEGNet ReLU is best of these 2"), "{own:?}");
    let of = &cell.subjects[0];
    assert_eq!((of.name.as_str(), of.interval.unwrap().covers), ("S1", Covers::SeedsAndTrials));
    let rows = super::super::render::subject_rows(&table);
    assert_eq!(rows[0], ["subject", "EEGNet ReLU", "DeepConvNet ReLU"]);
    assert!(rows[1][1].starts_with("90.0 [") && rows[1][1].ends_with("] best"), "{rows:?}");
    // One who lacks a cell is missing there.
    book.runs.retain(|run| {
        run.spec.model != Model::eegnet() || run.spec.seed != 0 || run.spec.subjects.to_string() != "S2"
    });
    assert_eq!(book.table().cell(0, 0).count(), "5 subjects, 14 runs");
}

#[test]
fn a_model_of_several_people_is_judged_over_them_too() {
    let mut book = Book::new();
    book.subjects = (0..300).map(|trial| ["A", "B", "C"][trial / 100]).collect();
    for seed in 0..3 {
        book.reach(Model::eegnet(), RELU, seed, 0.9);
        book.reach(Model::deepconvnet(), RELU, seed, 0.6);
    }
    let table = book.table();
    let people = table.people_verdicts();
    assert!(people[0].starts_with("Over these 3 subjects, for new people: EEGNet ReLU"), "{people:?}");
    let opinion = table.cell(0, 0).summary.as_ref().unwrap().over_subjects.unwrap();
    assert_eq!(opinion.interval.unwrap().covers, Covers::Subjects);
    let value = json(&table);
    assert_eq!(value["cells"][0]["over_subjects"]["covers"], "subjects");
    assert!(value["cells"][1 + 2]["over_subjects"]["p"].as_f64().is_some(), "{value}");
}

#[test]
fn sides_over_folds_are_compared_on_those_they_share() {
    let mut book = folds();
    book.runs.retain(|run| run.spec.model != Model::deepconvnet() || run.spec.fold != Some(4));
    let side = |model: Model, filter| Side {
        filter,
        runs: book.runs.iter().filter(|run| run.spec.model == model).collect(),
    };
    let (a, b) = (side(Model::eegnet(), "eegnet"), side(Model::deepconvnet(), "deepconvnet"));
    let found = compare(a, b, Rule::Validation, None, &|id, _| book.read(id)).unwrap();
    let differences: Vec<f64> = EEG.iter().zip(DEEP).map(|(eeg, deep)| eeg - deep).take(4).collect();
    let expected = over_folds(&differences, 0.25).unwrap();
    near(found.difference.p, expected.p);
    near(found.difference.low, expected.low);
    assert_eq!((found.units, found.trials, found.seeds_needed), (4, 1200, None));
    let sentences = found.sentences().join(" ");
    assert!(sentences.contains("Over 4 folds of this data set"), "{sentences}");
    assert!(sentences.contains("Left out, as only one side has it: fold 4."), "{sentences}");
    // A fixed test set against folds has nothing to pair.
    let mut given = Book::new();
    given.reach(Model::eegnet(), ELU, 0, 0.9);
    let given = Side { filter: "elu", runs: given.runs.iter().collect() };
    let b = side(Model::deepconvnet(), "deepconvnet");
    let refused = compare(given, b, Rule::Validation, None, &|id, _| book.read(id)).unwrap_err();
    assert!(matches!(refused, CompareError::Trials(..)), "{refused}");
}

#[test]
fn people_of_several_data_sets_are_judged_together_by_stouffers_method() {
    let mut book = Book::new();
    let people = ["S1", "S2", "S3", "S4", "S5"];
    for set in ["a", "b"] {
        for (number, person) in people.iter().enumerate() {
            for (model, lead) in [(Model::eegnet(), 0.05), (Model::deepconvnet(), 0.0)] {
                let share = 0.7 + 0.02 * number as f64 + lead;
                let run = book.person(model, 0, person, share);
                run.spec.subjects = Subjects::Named(vec![(*person).into()]);
                run.spec.data = data(set);
            }
        }
    }
    let tables: Vec<Matrix> = recipes(&book.runs)
        .iter()
        .map(|(recipe, _)| {
            Matrix::activations(&book.runs, recipe, Rule::Validation, None, &|id, _| book.read(id))
        })
        .collect();
    let found = &across(&tables)[0];
    let [pair] = &found.over_people[..] else { panic!("{found:?}") };
    assert_eq!((pair.first.as_str(), pair.people.as_slice()), ("EEGNet ReLU", &[5, 5][..]));
    // Five people on either set reach p 2/32; together p = erfc(z / √2), z = √2 · 1.8627.
    near_by(pair.p, 0.008431);
    let said = found.sentences().pop().unwrap();
    assert!(said.starts_with("Over the 10 people of these data sets (Stouffer"), "{said}");
    assert!(said.ends_with("EEGNet ReLU is better than DeepConvNet ReLU (p 0.008)."), "{said}");
    // Where one set's runs share their trials, its people prove nothing.
    assert!(across(&tables[..1]).is_empty());
}

fn near_by(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-4, "{found} instead of {expected}");
}
