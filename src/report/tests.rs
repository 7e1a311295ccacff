//! What a report must say, and what it must never hold.

use super::*;
use crate::event::{Started, TrialCounts};
use crate::model::{Activation, Model};
use crate::notebook::Evidence;
use crate::notebook::RunState;
use crate::predictions::{Prediction, Predictions};
use crate::spec::{By, DataSource, Outliers, Spec, Split, Standardize, Subjects};
use std::sync::Arc;

fn run(activation: Activation, seed: u64, path: Option<&str>) -> RunSummary {
    let data = DataSource {
        name: if path.is_some() { "set <b>one</b>".into() } else { DataSource::SIMULATED.into() },
        path: path.map(Into::into),
        fingerprint: "0123456789abcdef".into(),
    };
    let spec = Spec { seed, ..Spec::recipe(Model::eegnet(), activation, data) };
    let started = Started {
        epoch: 0,
        program: "0.1.0".into(),
        commit: None,
        command: Vec::new(),
        host: "here".into(),
        pid: 1,
        job: None,
        device: "cpu".into(),
        threads: 2,
        fingerprint: "0123456789abcdef".into(),
        spec_hash: spec.hash(),
        trials: TrialCounts { train: 32, validation: 8, test: 40 },
        remark: None,
    };
    let id = format!("20260101-000000-eegnet-{}-s{seed}-0000", spec.activation.name());
    RunSummary {
        test_acc: Rule::ALL.map(|rule| (rule, Some(0.75))).into(),
        started: Some(Box::new(started)),
        ..RunSummary::finished(id, spec)
    }
}

/// Forty trials; three in four are found, others in each run.
fn evidence(id: &str, _: Rule) -> Arc<Evidence> {
    let shift = id.bytes().map(usize::from).sum::<usize>();
    let row = |trial: usize| {
        let label = (trial % 2) as u32;
        let predicted = if (trial + shift).is_multiple_of(4) { 1 - label } else { label };
        let sure = if predicted == 0 { vec![0.8, 0.2] } else { vec![0.2, 0.8] };
        Prediction { trial, subject: "S".into(), label, predicted, probabilities: sure }
    };
    let said = Predictions { classes: vec!["left".into(), "right".into()], rows: (0..40).map(row).collect() };
    Arc::new(Evidence { test: Some(said), ..Evidence::default() })
}

fn epochs(_: &str) -> Vec<Epoch> {
    let epoch = |epoch: u32| Epoch {
        epoch,
        train_loss: 1.0 / f64::from(epoch),
        train_acc: 0.5,
        val_loss: None,
        val_acc: None,
        test_loss: 0.6,
        test_acc: 0.5 + 0.001 * f64::from(epoch),
        seconds: 0.1,
    };
    (1..=300).map(epoch).collect()
}

fn report(runs: &[RunSummary], rule: Rule) -> Report {
    Report::of(&Source {
        runs,
        rule,
        metric: None,
        evidence: &evidence,
        epochs: &epochs,
        origin: &|_| None,
        folder: "../runs".into(),
        at: jiff::Timestamp::UNIX_EPOCH,
    })
}

fn table(path: Option<&str>) -> Vec<RunSummary> {
    let sweep = [0.2, 0.3, 1.0].map(|alpha| Activation::Elu { alpha });
    let functions = [Activation::Relu].into_iter().chain(sweep);
    functions.flat_map(|function| (0..2).map(move |seed| run(function, seed, path))).collect()
}

#[test]
fn the_page_stands_alone_and_every_number_leads_to_its_run() {
    let mut runs = table(Some("data"));
    for (place, run) in runs.iter_mut().enumerate() {
        run.id = format!("{}-{place}", run.id);
    }
    let page = html(&report(&runs, Rule::Validation));
    for never in ["<script", "src=", "http:", "https:", "@import", "url("] {
        assert!(!page.contains(never), "{never}");
    }
    assert!(page.contains("set &lt;b&gt;one&lt;/b&gt;") && !page.contains("<b>one"), "names are text");
    for run in &runs {
        let link = format!("href=\"../runs/{}/predictions-validation.csv\"", run.id);
        assert!(
            page.matches(&link).count() >= 2,
            "in the list of runs, and where its cell's number is explained"
        );
    }
    // Each filled cell's figure leads to how it came about.
    let anchors = page.matches("href=\"#t0-").count();
    assert!(anchors >= 5, "{anchors}");
    for place in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(page.contains(&format!("id=\"{place}\"")), "{place}");
    }
    assert!(page.matches("<svg").count() >= 4, "intervals, curves of accuracy and loss, the sweep");
    assert!(!page.contains("NaN"));
}

#[test]
fn simulated_data_and_optimistic_rules_are_said_in_every_form() {
    let forms: [fn(&Report) -> String; 3] = [html, markdown, latex];
    let (plain, made) = (table(Some("data")), table(None));
    for form in forms {
        assert!(form(&report(&made, Rule::Validation)).contains("simulated data: no conclusion"));
        assert!(form(&report(&plain, Rule::BestTest)).contains("optimistic"));
        let honest = form(&report(&plain, Rule::Validation));
        assert!(!honest.contains("optimistic") && !honest.contains("simulated"), "{honest}");
    }
}

#[test]
fn the_methods_are_true_of_the_runs() {
    let said = |runs: &[RunSummary], rule| report(runs, rule).experiments[0].methods.clone();
    let runs = table(Some("data"));
    let text = said(&runs, Rule::Validation);
    for part in [
        "fingerprint 0123456789ab",
        "32 trials trained on, 8 held out, 40 tested on",
        "300 epochs",
        "20 % of the training trials",
        "Each cell is 2 runs (seeds 0 and 1)",
        "Student's t",
        "eeg-tui 0.1.0 on cpu",
    ] {
        assert!(text.contains(part), "no '{part}' in: {text}");
    }
    let single: Vec<RunSummary> = runs.iter().filter(|run| run.spec.seed == 0).cloned().collect();
    let text = said(&single, Rule::Last);
    assert!(text.contains("single run (seed 0)") && text.contains("McNemar"), "{text}");
    assert!(text.contains("the last epoch was scored"), "{text}");
    type Change = fn(&mut Spec);
    let changed = |change: Change| {
        let mut runs = runs.clone();
        runs.iter_mut().for_each(|run| change(&mut run.spec));
        said(&runs, Rule::Validation)
    };
    let cases: [(Change, &[&str]); 7] = [
        (|_| (), &["with dropout 0.25.", "without scaling", "drawn by each run's seed"]),
        (|spec| spec.outliers = Outliers::Drop, &["ten times as far", "were dropped"]),
        (
            |spec| spec.standardize = Standardize::PerSubject,
            &["for each subject, by that subject's training trials"],
        ),
        (|spec| spec.standardize = Standardize::Zscore, &["both taken from the training trials"]),
        (
            |spec| spec.subjects = Subjects::Named(vec!["A".into(), "B".into()]),
            &["these subjects alone were used: A,B"],
        ),
        (
            |spec| spec.subjects = Subjects::Named(vec!["A".into()]),
            &["Each subject has a model of their own"],
        ),
        (|spec| spec.split = Split::LeaveOut(By::Subject), &["and the last of each, were held out"]),
    ];
    for (change, parts) in cases {
        let text = changed(change);
        for part in parts {
            assert!(text.contains(part), "no '{part}' in: {text}");
        }
    }
    let mut mixed = runs.clone();
    let data = mixed[0].spec.data.clone();
    mixed[0].spec = Spec::recipe(Model::named("shallowconvnet").unwrap(), Activation::None, data);
    let text = said(&mixed, Rule::Validation);
    assert!(
        text.contains("EEGNet with ELU") && text.contains("; ShallowConvNet with its own functions."),
        "{text}"
    );
    let mut unfinished = runs;
    for run in &mut unfinished {
        run.state = RunState::Queued;
    }
    assert_eq!(said(&unfinished, Rule::Validation), "No run is finished yet.");
}

#[test]
fn why_a_run_failed_stands_in_every_form() {
    let mut runs = table(Some("data"));
    runs[0].state = RunState::Failed;
    runs[0].message = Some("the loss is NaN & <no> number".into());
    let report = report(&runs, Rule::Validation);
    assert!(html(&report).contains("failed: the loss is NaN &amp; &lt;no&gt; number"));
    assert!(markdown(&report).contains("failed: the loss is NaN"), "{}", markdown(&report));
    assert!(latex(&report).contains("failed: the loss is NaN \\& "), "{}", latex(&report));
}

#[test]
fn curves_are_thinned_and_keep_their_end() {
    let group = curves::Group::of("ELU".into(), &[epochs("a"), epochs("b")]).unwrap();
    assert!(group.accuracy.len() <= 122);
    let last = group.accuracy.last().unwrap();
    assert_eq!((last.epoch, last.low, last.high), (300, 0.8, 0.8));
    assert!(curves::Group::of("none".into(), &[Vec::new()]).is_none());
}

#[test]
fn a_page_of_many_runs_stays_small() {
    let functions = (0..24).map(|place| Activation::Elu { alpha: 0.1 + 0.1 * f64::from(place) });
    let runs: Vec<RunSummary> = functions.map(|function| run(function, 0, Some("data"))).collect();
    assert!(html(&report(&runs, Rule::Validation)).len() < 1 << 20);
}

#[test]
fn confusion_matrices_are_in_every_form_and_those_of_the_page_lead_to_their_cell() {
    let report = report(&table(Some("data")), Rule::Validation);
    assert!(
        markdown(&report).contains("| cell | true class | said left | said right |"),
        "{}",
        markdown(&report)
    );
    assert!(latex(&report).contains("cell & true class & said left & said right"), "{}", latex(&report));
    let page = html(&report);
    assert!(page.matches("<caption><a href=\"#t0-").count() >= 4, "{page}");
}

#[test]
fn each_subjects_figures_lead_to_their_cell() {
    let of_two = |id: &str, rule| {
        let mut evidence = (*evidence(id, rule)).clone();
        for row in evidence.test.iter_mut().flat_map(|said| &mut said.rows) {
            row.subject = if row.trial < 20 { "S" } else { "T" }.into();
        }
        Arc::new(evidence)
    };
    let page = html(&Report::of(&Source {
        runs: &table(Some("data")),
        rule: Rule::Validation,
        metric: None,
        evidence: &of_two,
        epochs: &epochs,
        origin: &|_| None,
        folder: "../runs".into(),
        at: jiff::Timestamp::UNIX_EPOCH,
    }));
    let rows: Vec<&str> = page.split("<tr>").filter(|row| row.contains("<th>T</th>")).collect();
    assert!(!rows.is_empty(), "{page}");
    for row in rows {
        let figures = row.matches("<td>").count();
        assert!(figures > 1 && row.matches("<td><a href=\"#t0-").count() == figures, "{row}");
    }
    for place in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(page.contains(&format!("id=\"{place}\"")), "{place}");
    }
}

#[test]
fn names_have_no_meaning_in_any_form() {
    let name = "a_b *c* [d](e) <script>x</script> | & % \\ `f` 50 $";
    let mut runs = table(Some("data"));
    for run in &mut runs {
        run.spec.data.name = name.into();
    }
    let report = report(&runs, Rule::Validation);
    let (page, text, paper) = (html(&report), markdown(&report), latex(&report));
    assert!(!page.contains("<script"), "{page}");
    for unescaped in ["a_b", " *c*", "[d](e)", " <script", " `f`"] {
        assert!(!text.contains(unescaped), "{unescaped} in {text}");
    }
    for unescaped in ["a_b", " & % ", " 50 $"] {
        assert!(!paper.contains(unescaped), "{unescaped} in {paper}");
    }
}

#[test]
fn no_runs_is_said() {
    for form in [html, markdown, latex] as [fn(&Report) -> String; 3] {
        assert!(form(&report(&[], Rule::Last)).contains("There are no runs yet."));
    }
}
