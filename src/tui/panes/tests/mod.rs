//! Tests of the panes that draw data, over a fabricated notebook: pictures, and what keys do in each.

mod keys;
mod pictures;
mod room;
mod truth;

use crate::event::{EVENT_VERSION, Event, Finished, Record, Started, TrialCounts};
use crate::metric::{Metric, Shapes};
use crate::model::{Activation, Model};
use crate::notebook::{RunState, RunSummary};
use crate::predictions::{Prediction, Predictions};
use crate::spec::{DataSource, Rule, Spec};
use crate::stats::{Chance, Confusion, Covers, SeedsNeeded, standard_deviation, wilson};
use crate::table::{
    Cell, Chosen, Gap, Interval, Kind, Matrix, Method, Pending, Place, Recipe, Scheme, Score, Standing,
    Summary, Verdict,
};
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::effect::{Effect, Message};
use crate::tui::fixture;
use crate::tui::loaded::{Loaded, RunDetail, Tables};
use crate::tui::pane::Pane;
use crate::tui::theme::{Depth, Theme};
use crate::tui::update::{act, update};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::Arc;

const THEME: Theme = Theme::new(Depth::None, true);

/// Types keys, by their names.
fn press(app: &mut App, script: &str) -> Vec<Effect> {
    script.split_whitespace().flat_map(|key| update(app, Message::Key(key.parse().unwrap()))).collect()
}

#[track_caller]
fn shows(app: &App, text: &str) {
    let screen = screen(app, &THEME);
    assert!(screen.contains(text), "no '{text}' in\n{screen}");
}

/// The fixture's notebook with a finished run under the cursor, its predictions, and tables.
fn app(size: (u16, u16), pane: Pane) -> App {
    let mut app = fixture::app(size.0, size.1);
    update(&mut app, Message::Statistics(fixture::statistics()));
    let mut runs = app.runs.to_vec();
    for run in runs.iter_mut().filter(|run| run.epoch > 0) {
        run.started = Some(Box::new(started(run)));
    }
    app.details = runs.iter().map(|run| (run.id.clone(), Arc::new(detail(run)))).collect();
    let finished = runs.iter().find(|run| run.state == RunState::Finished).map(|run| run.id.clone()).unwrap();
    app.list.marks =
        runs.iter().filter(|run| run.state == RunState::Finished).map(|run| run.id.clone()).collect();
    app.tables = Loaded::Ready(Arc::new(tables(&runs)));
    app.list.select_id(&finished, &runs);
    update(&mut app, Message::Runs(Arc::new(runs)));
    act(&mut app, Action::Show(pane));
    update(&mut app, Message::Tick(fixture::now()));
    app
}

fn started(run: &RunSummary) -> Started {
    Started {
        epoch: 0,
        program: "0.1.0".into(),
        commit: Some("a6a6c23".into()),
        command: ["eeg-tui", "work"].map(String::from).into(),
        host: "bci-lab".into(),
        pid: 4242,
        job: None,
        device: "cpu".into(),
        threads: 2,
        fingerprint: run.spec.data.fingerprint.clone(),
        spec_hash: run.spec.hash(),
        trials: TrialCounts { train: 864, validation: 216, test: 1080 },
        remark: None,
    }
}

fn detail(run: &RunSummary) -> RunDetail {
    let mut detail = fixture::detail(run);
    let record = |event| Record { v: EVENT_VERSION, t: run.updated, event };
    if let Some(started) = &run.started {
        detail.records.push(record(Event::Started(started.clone())));
    }
    if run.state == RunState::Finished {
        let picked = [(Rule::Validation, 180), (Rule::Last, 300), (Rule::BestTest, 145)];
        detail.records.push(record(Event::Finished(Finished {
            id: run.id.clone(),
            test_acc: run.test_acc.clone(),
            picked: picked.map(|(rule, epoch)| (rule, Some(epoch))).into(),
            train_loss: 0.2,
            train_acc: 0.92,
            epochs: 300,
            seconds: 150.0,
            remark: None,
        })));
        detail.predictions = Rule::ALL.map(|rule| (rule, predictions())).into();
    }
    detail
}

/// 1080 trials of two subjects, of which every seventh, or every fifth of X11b, is taken for the other class.
fn predictions() -> Predictions {
    let row = |trial: u32| {
        let (subject, every) = if trial < 540 { ("S4b", 7) } else { ("X11b", 5) };
        let label = trial % 2;
        let predicted = if trial.is_multiple_of(every) { 1 - label } else { label };
        Prediction {
            trial: trial as usize,
            subject: subject.into(),
            label,
            predicted,
            probabilities: vec![0.5, 0.5],
        }
    };
    Predictions { classes: vec!["1".into(), "2".into()], rows: (0..1080).map(row).collect() }
}

/// A table with a lead, a tie, a cell behind, one run alone, one that is pending and an empty one.
fn tables(runs: &[RunSummary]) -> Tables {
    let recipe = Recipe::of(&runs[0].spec);
    let levels =
        [Some((0.874, 5)), Some((0.879, 5)), Some((0.841, 5)), Some((0.832, 5)), Some((0.829, 1)), None];
    let standings = [
        Standing::NotToldApart,
        Standing::NotToldApart,
        Standing::Behind,
        Standing::Behind,
        Standing::Untested,
        Standing::Empty,
    ];
    let places = Model::lab()
        .into_iter()
        .flat_map(|model| crate::lab::ACTIVATIONS.map(|activation| (model.clone(), activation)));
    let cells =
        places.zip(levels).zip(standings).map(|((place, level), standing)| cell(place, level, standing));
    let matrix = Matrix {
        kind: Kind::Activations,
        rule: Rule::Validation,
        metric: Metric::accuracy(),
        recipe: recipe.clone(),
        scheme: Scheme::default(),
        rows: Model::lab().into(),
        columns: crate::lab::ACTIVATIONS.into(),
        cells: cells.collect(),
        baselines: Vec::new(),
        chance: Chance::new(1080, 0.5),
        chosen: None,
    };
    let chosen = Chosen {
        model: Model::eegnet(),
        activation: crate::lab::ACTIVATIONS[0],
        validation: 0.86,
        test: 0.874,
        interval: matrix.cells[0].summary.as_ref().and_then(|summary| summary.interval),
        among: 5,
        alike: 1,
    };
    let matrix = Matrix { chosen: Some(chosen), ..matrix };
    let simulated = Matrix {
        recipe: {
            let data =
                DataSource { name: DataSource::SIMULATED.into(), path: None, fingerprint: "5".repeat(64) };
            Recipe::of(&Spec { data, ..runs[0].spec.clone() })
        },
        ..matrix.clone()
    };
    let alphas: Vec<Activation> =
        (1..=10).map(|tenth| Activation::Elu { alpha: f64::from(tenth) / 10.0 }).collect();
    let cells = Model::lab().into_iter().enumerate().flat_map(|(row, model)| {
        let level = move |n: usize| 0.88 - 0.004 * n as f64 - 0.04 * row as f64;
        let cells = alphas.iter().enumerate().map(move |(n, &alpha)| {
            let level = (n < 8 || row == 0).then_some((level(n), 3));
            cell(
                (model.clone(), alpha),
                level,
                if level.is_some() { Standing::NotToldApart } else { Standing::Empty },
            )
        });
        cells.collect::<Vec<_>>()
    });
    let cells = cells.collect();
    let sweep = Matrix { kind: Kind::AlphaSweep, columns: alphas, cells, chosen: None, ..matrix.clone() };
    Tables { matrices: vec![matrix, simulated], sweeps: vec![sweep] }
}

fn cell((model, activation): (Model, Activation), level: Option<(f64, u64)>, standing: Standing) -> Cell {
    let score = |seed: u64, level: f64| {
        let accuracy = level + 0.006 * (seed as f64 - 2.0);
        Score {
            id: format!("run-{seed}"),
            place: Place { seed, ..Place::default() },
            accuracy,
            values: values(accuracy),
            trials: 1080,
            seconds: 150.0,
            subjects: vec![("S4b".into(), level + 0.03), ("X11b".into(), level - 0.03)],
            validation: Some(level - 0.01),
            validation_loss: Some(0.4),
            at_chance: false,
        }
    };
    let scores: Vec<Score> =
        level.map_or_else(Vec::new, |(level, n)| (0..n).map(|seed| score(seed, level)).collect());
    let accuracies: Vec<f64> = scores.iter().map(|score| score.accuracy).collect();
    let mean = accuracies.iter().sum::<f64>() / accuracies.len().max(1) as f64;
    let (method, covers) = match scores.len() {
        1 => (Method::Wilson, Covers::Trials),
        _ => (Method::CrossedWilson, Covers::SeedsAndTrials),
    };
    let ends = wilson(mean, 1080).filter(|_| !scores.is_empty());
    let summary = scores.first().map(|first| Summary {
        n: scores.len(),
        mean,
        sd: standard_deviation(&accuracies),
        interval: ends.map(|(low, high)| Interval { low, high, method, covers, df: None }),
        values: values(mean),
        ensemble: if scores.len() > 1 { values(mean + 0.01) } else { vec![] },
        confusion: Some(confusion(mean, scores.len())),
        classes: vec!["left".into(), "right".into()],
        shapes: Shapes {
            roc: (0..=10).map(|place| f64::from(place) / 10.0).map(|rate| (rate, rate.powf(0.3))).collect(),
            reliability: vec![(0.6, 0.55, 300), (0.8, 0.78, 400), (0.95, 0.9, 380)],
        },
        subjects: first.subjects.clone(),
        seconds: first.seconds,
        validation: first.validation,
        over_subjects: None,
    });
    let pending = if scores.len() == 1 {
        Pending { queued: 2, running: 1, ..Pending::default() }
    } else {
        Pending::default()
    };
    let verdict = verdict(standing, mean);
    Cell { scores, summary, verdict, pending, ..Cell::unfilled(model, activation) }
}

/// So many runs' trials, both classes alike.
fn confusion(accuracy: f64, runs: usize) -> Confusion {
    let right = (540.0 * accuracy).round() as usize;
    let trial = |trial: usize, class: u32| (class, if trial < right { class } else { 1 - class });
    let run = || (0..540).flat_map(move |place| [trial(place, 0), trial(place, 1)]);
    Confusion::new(2, (0..runs).flat_map(|_| run()))
}

/// The metrics' values of an accuracy, in their order.
fn values(accuracy: f64) -> Vec<Option<f64>> {
    let kappa = 2.0 * accuracy - 1.0;
    [accuracy, accuracy, kappa, accuracy + 0.04, accuracy, 0.35, 0.1, 0.03, 150.0].map(Some).into()
}

fn verdict(standing: Standing, mean: f64) -> Verdict {
    let leads = mean > 0.8785;
    let p = match standing {
        Standing::NotToldApart => 0.6,
        Standing::Behind => 0.003,
        _ => return Verdict { standing, ..Verdict::default() },
    };
    let (covers, difference) = (Covers::SeedsAndTrials, mean - 0.879);
    let gap = Gap {
        mean: difference,
        low: difference - 0.02,
        high: difference + 0.02,
        p,
        p_adjusted: p,
        df: 40.0,
        covers,
    };
    Verdict {
        standing,
        leads,
        p: Some(p),
        difference: Some(gap).filter(|_| !leads),
        seeds_needed: Some(SeedsNeeded::Seeds(12)),
        judged: 5,
        apart: false,
    }
}

/// The pane in cells, without what surrounds it.
fn drawn(app: &App, theme: &Theme) -> Buffer {
    let body = crate::tui::regions::body(app.size);
    let mut terminal = Terminal::new(TestBackend::new(app.size.0, app.size.1)).unwrap();
    terminal.draw(|frame| super::draw(app, theme, body, frame)).unwrap();
    let whole = terminal.backend().buffer();
    let mut pane = Buffer::empty(body);
    body.positions().for_each(|place| pane[place] = whole[place].clone());
    pane
}

/// The pane as text.
fn screen(app: &App, theme: &Theme) -> String {
    let buffer = drawn(app, theme);
    let row = |row: Rect| row.columns().map(|cell| buffer[(cell.x, cell.y)].symbol()).collect::<String>();
    buffer.area.rows().map(|cells| row(cells).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}
