use super::*;
use crate::spec::Value;

#[test]
fn seeds_are_pooled_and_unlike_runs_are_not() {
    let mut runs: Vec<RunSummary> =
        (0..3).map(|seed| run(Model::eegnet(), ELU, seed, 0.80 + 0.02 * seed as f64)).collect();
    let mut longer = run(Model::eegnet(), ELU, 9, 0.99);
    longer.spec.epochs = 600;
    let mut elsewhere = run(Model::eegnet(), ELU, 8, 0.10);
    elsewhere.spec.data = data("other");
    runs.extend([longer, elsewhere]);
    let matrix = table(&runs);
    let summary = matrix.cell(0, 2).summary.as_ref().unwrap();
    assert_eq!(summary.n, 3);
    assert!((summary.mean - 0.82).abs() < 1e-12 && (summary.sd.unwrap() - 0.02).abs() < 1e-12);
    // Without predictions there is nothing to tell seeds from trials by.
    assert_eq!((summary.interval, matrix.cell(0, 2).verdict.standing), (None, Standing::Untested));
    assert_eq!(recipes(&runs).iter().map(|(_, count)| *count).max(), Some(3));
    assert_eq!(recipes(&runs).len(), 3);
}

#[test]
fn moved_data_and_each_models_own_dropout_are_one_recipe() {
    let mut moved = run(Model::eegnet(), ELU, 0, 0.8);
    moved.spec.data.path = Some("/elsewhere".into());
    let runs = [run(Model::deepconvnet(), ELU, 0, 0.8), moved];
    assert_eq!(recipes(&runs).len(), 1);
}

#[test]
fn the_recipe_that_was_used_last_comes_first() {
    let early = run(Model::eegnet(), ELU, 0, 0.8);
    let mut late = run(Model::eegnet(), ELU, 0, 0.8);
    late.spec.epochs = 60;
    late.created = Timestamp::from_second(1).unwrap();
    assert_eq!(recipes(&[early.clone(), late.clone()])[0].0.value("epochs"), Some(&Value::Whole(60)));
    assert_eq!(recipes(&[late, early])[0].0.value("epochs"), Some(&Value::Whole(60)));
}

#[test]
fn a_single_run_has_a_wilson_interval_and_no_spread() {
    let matrix = table(&[run(Model::eegnet(), ELU, 0, 0.87)]);
    let summary = matrix.cell(0, 2).summary.as_ref().unwrap();
    let interval = summary.interval.unwrap();
    assert_eq!((summary.sd, interval.method), (None, Method::Wilson));
    // scipy.stats.binomtest(261, 300).proportion_ci(method="wilson")
    assert!(
        (interval.low - 0.827219570707).abs() < 1e-9 && (interval.high - 0.903424630587).abs() < 1e-9,
        "{interval:?}"
    );
    assert_eq!(interval.covers, Covers::Trials);
}

#[test]
fn a_seed_that_was_run_twice_counts_once() {
    let mut again = run(Model::eegnet(), ELU, 0, 0.7);
    again.id += "-later";
    let matrix = table(&[again, run(Model::eegnet(), ELU, 0, 0.9)]);
    let scores = &matrix.cell(0, 2).scores;
    assert_eq!(scores.len(), 1);
    assert_eq!(scores[0].accuracy, 0.7);
}

#[test]
fn what_is_not_finished_is_counted_and_not_averaged() {
    use RunState::{Cancelled, Failed, Interrupted, Paused, Queued, Running};
    let states = [Queued, Interrupted, Running, Paused, Failed, Cancelled];
    let runs: Vec<RunSummary> = (0..)
        .zip(states)
        .map(|(seed, state)| waiting(Model::deepconvnet(), Activation::Relu, seed, state))
        .collect();
    let matrix = table(&runs);
    let cell = matrix.cell(1, 0);
    assert_eq!(cell.pending, Pending { queued: 2, running: 1, paused: 1, failed: 1, cancelled: 1 });
    assert_eq!((cell.summary.clone(), cell.verdict.standing), (None, Standing::Empty));
}

#[test]
fn a_rule_that_does_not_apply_fills_no_cell() {
    let mut run = run(Model::eegnet(), ELU, 0, 0.8);
    run.spec.validation = 0.0;
    run.test_acc.insert(Rule::Validation, None);
    let matrix = table(&[run]);
    assert_eq!(matrix.cell(0, 2).summary, None);
    assert!(matrix.notes().iter().any(|note| note.contains("does not apply")), "{:?}", matrix.notes());
}

#[test]
fn columns_follow_the_runs() {
    let [little, large] = [0.1, 0.3].map(|slope| Activation::LeakyRelu { slope });
    let runs = [
        run(Model::eegnet(), large, 0, 0.8),
        run(Model::eegnet(), little, 0, 0.8),
        run(Model::eegnet(), Activation::Elu { alpha: 0.3 }, 0, 0.8),
        run(Model::eegnet(), Activation::Elu { alpha: 0.1 }, 0, 0.8),
    ];
    assert_eq!(table(&runs).columns, [RELU, LEAKY, little, large, ELU]);
    let sweep = |runs: &[RunSummary]| {
        let nothing = |_: &str, _| Arc::default();
        Matrix::alpha_sweep(runs, &recipe_of(&runs[0]), Rule::Last, None, &nothing).columns
    };
    assert_eq!(sweep(&runs), [0.1, 0.3].map(|alpha| Activation::Elu { alpha }));
    assert_eq!(sweep(&[run(Model::eegnet(), ELU, 0, 0.8)]), []);
}

#[test]
fn predictions_give_kappa_and_each_subjects_accuracy() {
    let mut book = Book::new();
    book.subjects = (0..300).map(|trial| if trial < 150 { "a" } else { "b" }).collect();
    let hits: Vec<bool> = (0..300).map(|trial| trial >= 30).collect();
    book.finish(Model::eegnet(), ELU, 0, &hits);
    let matrix = book.table();
    let summary = matrix.cell(0, 2).summary.as_ref().unwrap();
    assert_eq!(summary.subjects, [("a".to_owned(), 0.8), ("b".to_owned(), 1.0)]);
    let kappa = summary.value(Metric::named("kappa").unwrap()).unwrap();
    assert!((kappa - 0.8).abs() < 1e-12);
}

#[test]
fn an_ensemble_is_more_than_its_members() {
    let mut book = Book::new();
    for (seed, wrong) in (0..).zip([0..30, 100..130, 200..230]) {
        let hits: Vec<bool> = (0..300).map(|trial| !wrong.contains(&trial)).collect();
        book.finish(Model::eegnet(), ELU, seed, &hits);
    }
    let matrix = book.table();
    let summary = matrix.cell(0, 2).summary.as_ref().unwrap();
    assert_eq!((summary.mean, summary.ensemble[0]), (0.9, Some(1.0)));
}
