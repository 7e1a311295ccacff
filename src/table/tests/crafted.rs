//! Notebooks that once got a wrong sentence, and what each may say.

use super::*;

fn standing(table: &Matrix, model: Model, activation: Activation) -> Standing {
    cell(table, model, activation).verdict.standing
}

fn cell(table: &Matrix, model: Model, activation: Activation) -> &Cell {
    table.cells.iter().find(|cell| cell.model == model && cell.activation == activation).unwrap()
}

/// Six cells, EEGNet's around 90 % and DeepConvNet's around 60 %.
fn power(seeds: u64) -> Book {
    let mut book = Book::new();
    for seed in 0..seeds {
        for (model, base) in [(Model::eegnet(), 0.90), (Model::deepconvnet(), 0.60)] {
            for (place, activation) in crate::lab::ACTIVATIONS.into_iter().enumerate() {
                let wobble = 0.01 * ((seed * 7 + place as u64 * 3) % 5) as f64 - 0.02;
                book.reach(model.clone(), activation, seed, base + wobble);
            }
        }
    }
    book
}

#[test]
fn ninety_is_told_from_sixty_by_one_two_and_three_seeds() {
    for seeds in [1, 2, 3] {
        let table = power(seeds).table();
        for activation in crate::lab::ACTIVATIONS {
            assert_eq!(standing(&table, Model::deepconvnet(), activation), Standing::Behind, "{seeds} seeds");
            assert_ne!(standing(&table, Model::eegnet(), activation), Standing::Behind, "{seeds} seeds");
        }
        let verdict = &table.verdicts()[0];
        assert!(verdict.starts_with("EEGNet"), "{verdict}");
        assert!(verdict.contains("Behind: DeepConvNet ReLU (p < 0.001)"), "{verdict}");
        assert_eq!(verdict.contains("of these runs"), seeds == 1, "{verdict}");
        assert!(verdict.ends_with("All on this subject's data."), "{verdict}");
    }
}

#[test]
fn equal_predictions_are_never_called_equal() {
    let mut book = Book::new();
    for seed in 0..5 {
        let hits = book.hits(0.85 + 0.01 * seed as f64);
        book.finish(Model::eegnet(), RELU, seed, &hits);
        book.finish(Model::eegnet(), LEAKY, seed, &hits);
    }
    let table = book.table();
    let verdict = &table.verdicts()[0];
    assert!(
        verdict.starts_with("EEGNet ReLU has the highest mean; not told apart from it or from each other as best: EEGNet LeakyReLU."),
        "{verdict}"
    );
    assert!(!verdict.contains("equal"));
    let gap = cell(&table, Model::eegnet(), LEAKY).verdict.difference.unwrap();
    assert_eq!((gap.mean, gap.p), (0.0, 1.0));
    assert!(gap.low < 0.0 && gap.high > 0.0, "{gap:?}");
    assert!(table.needed_notes()[0].contains("nothing tells them apart"), "{:?}", table.needed_notes());
}

#[test]
fn equal_seeds_leave_an_interval_and_a_run_at_chance_is_named() {
    let mut book = Book::new();
    for seed in 0..5 {
        book.reach(Model::eegnet(), RELU, seed, 0.90);
        book.reach(Model::deepconvnet(), RELU, seed, 0.50);
    }
    let table = book.table();
    assert!(
        table.verdicts()[0].starts_with("EEGNet ReLU is best of these 2 (95 %)."),
        "{:?}",
        table.verdicts()
    );
    let interval = cell(&table, Model::eegnet(), RELU).summary.as_ref().unwrap().interval.unwrap();
    assert!(interval.high - interval.low > 0.02, "{interval:?}");
    assert_eq!(interval.covers, Covers::SeedsAndTrials);
    assert_eq!(table.chance.unwrap().hits, 165);
    assert_eq!(table.at_chance().len(), 5);
    assert!(table.at_chance()[0].starts_with("DeepConvNet ReLU seed 0"));
    let note = table.guessing_note().unwrap();
    assert!(note.ends_with(" In the mean of their runs: DeepConvNet ReLU."), "{note}");
}

#[test]
fn who_is_best_of_those_that_guess_is_said_to_guess() {
    let mut book = Book::new();
    for seed in 0..3 {
        book.reach(Model::eegnet(), RELU, seed, 0.53);
        book.reach(Model::deepconvnet(), RELU, seed, 0.44);
    }
    let table = book.table();
    let verdict = &table.verdicts()[0];
    assert!(verdict.contains("EEGNet ReLU itself is no better than guessing."), "{verdict}");
    assert_eq!(table.guessing_note().unwrap(), "Not one run of this table is better than guessing.");
    let of = |model: Model| Side {
        filter: "of one model",
        runs: book.runs.iter().filter(|run| run.spec.model == model).collect(),
    };
    let against = |a: Model, b: Model| {
        compare(of(a), of(b), Rule::Validation, None, &|id, _| book.read(id)).unwrap().sentences()
    };
    let said = against(Model::eegnet(), Model::deepconvnet());
    assert!(said.contains(&"Neither is better than guessing.".to_owned()), "{said:?}");
    // One that guesses in the mean beside one that doesn't.
    let mut book = Book::new();
    for (seed, share) in (0..).zip([0.52, 0.53, 0.57]) {
        book.reach(Model::eegnet(), RELU, seed, 0.9);
        book.reach(Model::deepconvnet(), RELU, seed, share);
    }
    let table = book.table();
    assert!(!table.verdicts()[0].contains("itself"), "{:?}", table.verdicts());
    assert_eq!(
        table.guessing_note().unwrap(),
        "No better than guessing, unlike others: DeepConvNet ReLU seed 0, DeepConvNet ReLU seed 1. In the mean of \
         their runs: DeepConvNet ReLU."
    );
}

#[test]
fn an_unlucky_seed_makes_no_winner_of_the_wrong_cell() {
    let mut book = Book::new();
    for (seed, share) in (0..).zip([0.50, 0.95, 0.95, 0.95, 0.95]) {
        book.reach(Model::eegnet(), RELU, seed, share);
    }
    book.reach(Model::deepconvnet(), RELU, 0, 0.85);
    let table = book.table();
    assert_eq!(standing(&table, Model::eegnet(), RELU), Standing::NotToldApart);
    assert_eq!(standing(&table, Model::deepconvnet(), RELU), Standing::NotToldApart);
    assert!(cell(&table, Model::eegnet(), RELU).verdict.leads);
    assert_eq!(table.at_chance(), ["EEGNet ReLU seed 0"]);

    // Behind on every common seed, ahead over all: no claim in either direction.
    let mut book = Book::new();
    for (seed, share) in (0..).zip([0.80, 0.81, 0.79, 0.95, 0.95, 0.95, 0.95, 0.95, 0.95]) {
        book.reach(Model::eegnet(), RELU, seed, share);
    }
    for (seed, share) in (0..).zip([0.90, 0.905, 0.893]) {
        book.reach(Model::deepconvnet(), RELU, seed, share);
    }
    let table = book.table();
    assert!(table.cells.iter().all(|cell| cell.verdict.standing != Standing::Best));
    assert!(table.verdicts()[0].contains("not told apart"), "{:?}", table.verdicts());
}

#[test]
fn seeds_need_not_match() {
    let mut book = Book::new();
    for seed in 0..5 {
        book.reach(Model::eegnet(), RELU, seed, 0.89 + 0.005 * seed as f64);
        book.reach(Model::deepconvnet(), RELU, seed + 10, 0.59 + 0.005 * seed as f64);
    }
    let table = book.table();
    assert_eq!(standing(&table, Model::eegnet(), RELU), Standing::Best);
    assert_eq!(standing(&table, Model::deepconvnet(), RELU), Standing::Behind);
    let gap = cell(&table, Model::deepconvnet(), RELU).verdict.difference.unwrap();
    assert!(gap.mean < -0.25 && gap.high < 0.0 && gap.p_adjusted < 0.001, "{gap:?}");
}

#[test]
fn who_names_the_largest_class_wins_nothing() {
    let mut book = Book::new();
    book.labels = (0..300).map(|trial| u32::from(trial >= 270)).collect();
    let majority: Vec<bool> = book.labels.iter().map(|&label| label == 0).collect();
    for seed in 0..3 {
        book.finish(Model::eegnet(), RELU, seed, &majority);
    }
    book.reach(Model::deepconvnet(), RELU, 0, 0.8);
    let table = book.table();
    assert_eq!(table.metric.name, "balanced_accuracy");
    assert_eq!(cell(&table, Model::eegnet(), RELU).summary.as_ref().unwrap().mean, 0.5);
    assert!(cell(&table, Model::deepconvnet(), RELU).verdict.leads);
    assert_ne!(standing(&table, Model::eegnet(), RELU), Standing::Best);
    assert_eq!(table.chance.unwrap().share, 0.9);
    assert_eq!(table.at_chance().len(), 3, "{:?}", table.at_chance());
    let notes = table.notes();
    assert!(notes.iter().any(|note| note.contains("classes are unequal")));
    // The single run is labelled as one in this metric too.
    assert!(notes.iter().any(|note| note.contains("a new seed is not covered")), "{notes:?}");
}

#[test]
fn failed_and_cancelled_seeds_stay_counted() {
    let mut book = Book::new();
    for seed in 0..3 {
        book.reach(Model::eegnet(), RELU, seed, 0.9);
    }
    book.runs.push(waiting(Model::eegnet(), RELU, 3, RunState::Failed));
    book.runs.push(waiting(Model::eegnet(), RELU, 4, RunState::Failed));
    book.reach(Model::eegnet(), ELU, 0, 0.8);
    book.runs.push(waiting(Model::eegnet(), ELU, 1, RunState::Cancelled));
    let table = book.table();
    let text = |activation| cell(&table, Model::eegnet(), activation).figure(table.metric, false);
    assert_eq!(text(RELU), "90.0 ± 0.0 (3 of 5; 2 failed)");
    assert!(text(ELU).ends_with("(1 of 2; 1 cancelled)"), "{}", text(ELU));
    let said = "Runs without a result are in no mean: EEGNet ReLU (2 failed), EEGNet ELU 1.0 (1 cancelled).";
    assert!(table.notes().iter().any(|note| note == said), "{:?}", table.notes());
    let of = |activation| Side {
        filter: "of one activation",
        runs: book.runs.iter().filter(|run| run.spec.activation == activation).collect(),
    };
    let found = compare(of(RELU), of(ELU), Rule::Validation, None, &|id, _| book.read(id)).unwrap();
    assert_eq!((found.a.lost, found.b.lost), (2, 1));
    let sentences = found.sentences();
    assert!(
        sentences.contains(&"2 runs of EEGNet ReLU gave no result: in no mean.".to_owned()),
        "{sentences:?}"
    );
    // A seed that was tried again with success is not lost.
    book.reach(Model::eegnet(), RELU, 3, 0.9);
    assert_eq!(
        cell(&book.table(), Model::eegnet(), RELU).pending,
        Pending { failed: 1, ..Pending::default() }
    );
}

#[test]
fn recipes_are_not_mixed() {
    let mut book = Book::new();
    book.reach(Model::eegnet(), RELU, 0, 0.9);
    book.reach(Model::eegnet(), RELU, 1, 0.8).spec.epochs = 30;
    book.reach(Model::eegnet(), RELU, 2, 0.7).spec.lr = 0.01;
    book.reach(Model::eegnet(), RELU, 3, 0.6).spec.validation = 0.0;
    book.reach(Model::eegnet(), RELU, 4, 0.55).spec.data = data("other");
    assert_eq!(recipes(&book.runs).len(), 5);
    assert_eq!(cell(&book.table(), Model::eegnet(), RELU).scores.len(), 1);
    assert_eq!(book.table().verdicts(), [] as [String; 0]);
}

#[test]
fn several_subjects_get_verdicts_of_their_own() {
    let mut book = Book::new();
    book.labels = (0..300).map(|trial| trial * 7 % 3).collect();
    book.subjects = (0..300).map(|trial| if trial < 200 { "A" } else { "B" }).collect();
    for seed in 0..4 {
        book.reach(Model::eegnet(), RELU, seed, 0.7);
        for alpha in [0.5, 0.1, 1.0] {
            book.reach(Model::eegnet(), Activation::Elu { alpha }, seed, 0.6 + 0.1 * alpha);
        }
    }
    let table = book.table();
    assert!(table.verdicts()[0].ends_with("All on these 2 subjects' data, not for new people."));
    let own = table.subject_verdicts();
    assert!(own[0].starts_with("A: EEGNet") && own[1].starts_with("B: EEGNet"), "{own:?}");
    let relu = cell(&table, Model::eegnet(), RELU);
    assert_eq!(relu.subjects.len(), 2);
    assert_eq!(
        relu.summary.as_ref().unwrap().over_subjects.unwrap().interval.unwrap().covers,
        Covers::Subjects
    );
    let alphas: Vec<_> = book.sweep().columns.iter().filter_map(|column| column.alpha()).collect();
    assert_eq!(alphas, [0.1, 0.5, 1.0]);
}

#[test]
fn validation_chooses_and_the_test_score_follows() {
    let mut book = Book::new();
    for seed in 0..3 {
        book.reach(Model::eegnet(), RELU, seed, 0.92);
        book.reach(Model::eegnet(), ELU, seed, 0.87);
    }
    book.validated(Model::eegnet(), RELU, 0.80);
    book.validated(Model::eegnet(), ELU, 0.85);
    let note = book.table().choice_note().unwrap();
    assert!(note.starts_with("chosen by validation: EEGNet ELU 1.0; its test accuracy 87.0 [8"), "{note}");
    book.validated(Model::eegnet(), RELU, 0.85);
    let tied = book.table().choice_note().unwrap();
    assert!(
        tied.starts_with("chosen by validation loss, of 2 cells with the same validation accuracy: EEGNet "),
        "{tied}"
    );
    book.validated(Model::eegnet(), RELU, 0.80);
    let claim = book.table().claim_note().unwrap();
    assert!(
        claim.starts_with(
            "choosing by the test trials would have claimed EEGNet ReLU with 92.0: 5.0 points better"
        ),
        "{claim}"
    );
    assert!(book.under(Rule::BestTest).choice_note().unwrap().contains("87.0* ["));
}

#[test]
fn a_cell_says_what_its_seeds_took_each_class_for() {
    let mut book = Book::new();
    for (seed, wrong) in (0..).zip([0..30, 100..130]) {
        let hits: Vec<bool> = (0..300).map(|trial| !wrong.contains(&trial)).collect();
        book.finish(Model::eegnet(), RELU, seed, &hits);
    }
    let table = book.table();
    let relu = cell(&table, Model::eegnet(), RELU);
    let lines = table.explanation(relu);
    assert!(lines.contains(&"Of class 1: 270 said 1, 30 said 2.".to_owned()), "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("As an ensemble")), "{lines:?}");
    let json = super::super::render::json(&table);
    assert_eq!(json["cells"][0]["confusion"], serde_json::json!([[270, 30], [30, 270]]));
    let reliability = &relu.summary.as_ref().unwrap().shapes.reliability;
    assert_eq!((reliability.len(), reliability[0].1, reliability[0].2), (1, 0.9, 600));
}

#[test]
fn methods_are_ranked_over_data_sets() {
    let mut book = Book::new();
    for (set, (relu, elu, deep)) in
        [("a", (0.9, 0.8, 0.7)), ("b", (0.85, 0.86, 0.6)), ("c", (0.95, 0.7, 0.8))]
    {
        for seed in 0..2 {
            for (model, activation, share) in [
                (Model::eegnet(), RELU, relu),
                (Model::eegnet(), ELU, elu),
                (Model::deepconvnet(), RELU, deep),
            ] {
                book.reach(model, activation, seed, share).spec.data = data(set);
            }
        }
    }
    book.reach(Model::deepconvnet(), ELU, 0, 0.9).spec.data = data("a");
    let tables: Vec<Matrix> = recipes(&book.runs)
        .iter()
        .map(|(recipe, _)| {
            Matrix::activations(&book.runs, recipe, Rule::Validation, None, &|id, _| book.read(id))
        })
        .collect();
    let found = across(&tables);
    assert_eq!((found.len(), found[0].sets.len(), found[0].methods.len()), (1, 3, 3));
    let best = &found[0].methods[0];
    assert_eq!((best.title.as_str(), best.mean_rank), ("EEGNet ReLU", 4.0 / 3.0));
    // 2.343 √(3 · 4 / (6 · 3))
    assert!((found[0].critical_difference.unwrap() - 1.913).abs() < 1e-3, "{found:?}");
    let sentences = found[0].sentences();
    assert!(sentences[1].starts_with("None is told apart from EEGNet ReLU"), "{sentences:?}");
    assert_eq!(across(&tables[..1]), []);
}

#[test]
fn a_comparison_has_its_direction_and_its_limits() {
    let mut book = power(3);
    book.reach(Model::eegnet(), RELU, 0, 0.9).spec.epochs = 30;
    let of = |model: Model, activation: Activation, filter: &'static str| Side {
        filter,
        runs: book
            .runs
            .iter()
            .filter(|run| run.spec.model == model && run.spec.activation == activation)
            .collect(),
    };
    let against = |a, b, metric| compare(a, b, Rule::Validation, metric, &|id, _| book.read(id));
    let (deep, eeg) =
        (of(Model::deepconvnet(), RELU, "deepconvnet relu"), of(Model::eegnet(), RELU, "eegnet relu"));
    let found = against(deep, eeg, None).unwrap();
    assert_eq!((found.a.runs.len(), found.b.runs.len()), (3, 3));
    assert!(found.difference.mean < -0.2 && found.difference.p < 1e-3);
    let sentences = found.sentences();
    assert!(
        sentences[0].starts_with("EEGNet ReLU is better than DeepConvNet ReLU in accuracy: -"),
        "{sentences:?}"
    );
    // Less is better, and the sentence knows it.
    let loss = Metric::named("log_loss").ok();
    let (deep, eeg) =
        (of(Model::deepconvnet(), RELU, "deepconvnet relu"), of(Model::eegnet(), RELU, "eegnet relu"));
    let found = against(deep, eeg, loss).unwrap();
    assert!(found.difference.mean > 0.0, "{found:?}");
    assert!(found.sentences()[0].starts_with("EEGNet ReLU is better than DeepConvNet ReLU in log loss: +"));
    let same = || of(Model::eegnet(), RELU, "eegnet relu");
    assert_eq!(against(same(), same(), None), Err(CompareError::Same));
    let none = Side { filter: "tag=none", runs: vec![] };
    assert!(matches!(against(same(), none, None), Err(CompareError::NoRun { .. })));
    let time = Metric::named("seconds").ok();
    let refused = against(of(Model::eegnet(), ELU, "eegnet elu"), same(), time).unwrap_err().to_string();
    assert!(refused.contains("training time allows no test"), "{refused}");
}

fn baseline(book: &mut Book, name: &str, band: Option<&str>, share: f64) {
    let run = book.reach(Model::named(name).unwrap(), Activation::None, 0, share);
    run.spec.band = band.map(|band| band.parse().unwrap());
    run.id += band.unwrap_or_default();
    run.test_acc.insert(Rule::BestTest, None);
    let (id, place) = (run.id.clone(), book.runs.len() - 1);
    let old = format!("{name}-none-0-{place:03}");
    let evidence = book.evidence.remove(&old).unwrap();
    book.evidence.insert(id, evidence);
}

#[test]
fn a_baseline_that_no_network_beats_is_said_to_be_in_the_set() {
    let mut book = power(3);
    baseline(&mut book, "csp", Some("8-30"), 0.90);
    baseline(&mut book, "logvar", None, 0.55);
    let table = book.table();
    let titles: Vec<String> = table.baselines.iter().map(Cell::title).collect();
    assert_eq!(titles, ["log-variance + LDA", "CSP + LDA 8-30 Hz"]);
    assert_eq!(table.baselines[0].verdict.standing, Standing::Behind);
    assert_eq!(table.baselines[1].verdict.standing, Standing::NotToldApart);
    assert!(table.cells.iter().all(|cell| cell.verdict.judged == 8));
    let interval = table.baselines[1].summary.as_ref().unwrap().interval.unwrap();
    assert_eq!((interval.method, interval.covers), (Method::Wilson, Covers::Trials));
    // The baseline leads: another one is told from it by trials alone, a network by its seeds too.
    assert!(table.baselines[1].verdict.leads);
    let covers = |cell: &Cell| cell.verdict.difference.unwrap().covers;
    assert_eq!(covers(&table.baselines[0]), Covers::Trials);
    assert_eq!(covers(cell(&table, Model::deepconvnet(), RELU)), Covers::SeedsAndTrials);
    assert!(table.verdicts()[0].contains("CSP + LDA 8-30 Hz"), "{:?}", table.verdicts());
}

#[test]
fn baselines_stand_under_every_rule_and_recipe_and_never_flatter() {
    let mut book = power(2);
    baseline(&mut book, "tangent", None, 0.6);
    for seed in 0..2 {
        book.reach(Model::eegnet(), RELU, seed, 0.8).spec.epochs = 30;
    }
    assert_eq!(recipes(&book.runs).len(), 2);
    for (recipe, _) in recipes(&book.runs) {
        for rule in Rule::ALL {
            let table = Matrix::activations(&book.runs, &recipe, rule, None, &|id, _| book.read(id));
            assert_eq!(table.baselines.len(), 1, "{rule:?}");
            let cell = &table.baselines[0];
            assert!(cell.summary.is_some() && !table.flatters(cell), "{rule:?}");
        }
    }
    let sweep = book.sweep();
    assert_eq!(sweep.baselines.len(), 1);
    assert!(sweep.verdicts().iter().all(|verdict| !verdict.contains("tangent")));
    // Filled otherwise, they are no baselines of this table.
    let last = book.runs.iter_mut().find(|run| run.spec.model.baseline().is_some()).unwrap();
    last.spec.nan = crate::spec::NanPolicy::Reference;
    assert_eq!(book.table().baselines, []);
    assert_eq!(recipes(&book.runs).len(), 3);
}

#[test]
fn baselines_alone_make_a_table_and_lack_no_network() {
    let mut book = Book::new();
    baseline(&mut book, "csp", None, 0.9);
    baseline(&mut book, "blocks", None, 0.6);
    let table = book.table();
    assert_eq!(table.baselines[0].verdict.standing, Standing::Best);
    assert!(table.verdicts()[0].starts_with("CSP + LDA is best of these 2"), "{:?}", table.verdicts());
    assert!(!table.notes().iter().any(|note| note.contains("does not apply")), "{:?}", table.notes());
    let empty = cell(&table, Model::eegnet(), RELU);
    let otherwise = Spec::recipe(Model::eegnet(), RELU, data("IIIb"));
    assert_eq!(lacking(&book.runs, &table, empty, Some(otherwise.clone())), [otherwise]);
}
