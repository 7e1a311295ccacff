//! Where there is little room: what has none is left out as a whole, is turned to with a key or gives way to what tells more.

use super::{THEME, app, press, screen, shows};
use crate::dataset::{DataSet, Statistics, TrialSet};
use crate::model::Activation;
use crate::notebook::{RunState, RunSummary};
use crate::spec::{DataSource, Rule};
use crate::table::Matrix;
use crate::tui::app::App;
use crate::tui::effect::Message;
use crate::tui::fixture;
use crate::tui::loaded::{Loaded, Tables};
use crate::tui::pane::Pane;
use crate::tui::update::update;
use std::sync::Arc;

const SMALL: (u16, u16) = (40, 10);
const USUAL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (200, 60);

/// The Data pane over recordings of so many electrodes.
fn recorded(size: (u16, u16), electrodes: usize) -> App {
    let set = |trials: usize| TrialSet {
        signal: (0..trials * 160 * electrodes).map(|place| (place as f32 * 0.7).sin() * 20.0).collect(),
        samples: 160,
        electrodes,
        labels: (0..trials as u32).map(|trial| trial % 2).collect(),
        subjects: vec![0; trials],
        ..TrialSet::default()
    };
    let data = DataSet {
        electrodes: (1..=electrodes).map(|number| format!("E{number:02}")).collect(),
        sfreq: Some(160.0),
        train: set(6),
        test: set(4),
        subjects: vec!["S1".into()],
        ..fixture::data()
    };
    let mut app = app(size, Pane::Data);
    let statistics = Arc::new(Statistics::of(&data));
    update(&mut app, fixture::opened(data));
    update(&mut app, Message::Statistics(statistics));
    app
}

/// The electrodes whose names stand beside the chart.
fn beside(app: &App) -> Vec<String> {
    let screen = screen(app, &THEME);
    let named =
        screen.lines().filter_map(|line| line.split_once('┤')).map(|(name, _)| name.trim().to_owned());
    named.filter(|name| name.starts_with('E')).collect()
}

#[test]
fn as_many_electrodes_are_shown_as_can_be_read_and_keys_turn_to_the_others() {
    let mut app = recorded(USUAL, 64);
    shows(&app, "electrodes 1–7 of 64 (pgdn pgup others), ");
    assert_eq!(beside(&app), ["E01", "E02", "E03", "E04", "E05", "E06", "E07"]);
    press(&mut app, "pagedown");
    shows(&app, "electrodes 8–14 of 64");
    // They stay on show in the next trial, and among the test trials.
    press(&mut app, "j ]");
    shows(&app, "test trial 1 of 4");
    shows(&app, "electrodes 8–14 of 64");
    press(&mut app, "pageup pageup pageup");
    shows(&app, "electrodes 1–7 of 64");
    // The last ones fill the chart too.
    press(&mut app, &"pagedown ".repeat(20));
    shows(&app, "electrodes 58–64 of 64");
    assert_eq!(beside(&app).last().unwrap(), "E64");
    press(&mut app, "pageup");
    shows(&app, "electrodes 51–57 of 64");
    // In the smallest window and in a large one.
    shows(&recorded(SMALL, 64), "electrodes 1–2 of 64 (pgdn pgup)");
    assert_eq!(beside(&recorded(LARGE, 64)).len(), 25);
    // Where all fit nothing is left to turn to, and a table of electrodes turns by screens.
    let few = recorded(USUAL, 4);
    let text = screen(&few, &THEME);
    assert!(text.contains("4 channels, ") && !text.contains("pgdn"), "{text}");
    let mut table = recorded(USUAL, 64);
    press(&mut table, "] ] pagedown");
    shows(&table, "electrode E19, 19 of 64   (j k another)");
}

#[test]
fn the_values_at_a_cursor_come_before_the_title_of_their_chart() {
    let mut app = recorded((120, 35), 64);
    press(&mut app, "] ] ]");
    shows(&app, "mean ± sd over trials, µV");
    press(&mut app, "h");
    shows(&app, "  ● class 1 ");
    press(&mut app, "esc");
    shows(&app, "mean ± sd over trials, µV");
}

#[test]
fn no_line_of_a_pane_is_cut_in_the_middle_of_a_word() {
    let mut failures = Vec::new();
    for pane in &Pane::ALL[1..] {
        for size in [SMALL, USUAL, LARGE] {
            for rule in Rule::ALL {
                let mut app = app(size, *pane);
                app.rule = rule;
                for _ in 0..crate::tui::panes::extent(&app).parts.clamp(1, 12) {
                    let text = screen(&app, &THEME);
                    let cut = text.lines().filter(|line| line.ends_with('…') && !line.ends_with(" …"));
                    failures.extend(cut.map(|line| format!("{pane:?} {size:?}: {line}")));
                    press(&mut app, "]");
                }
            }
        }
    }
    failures.sort();
    failures.dedup();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn a_table_says_which_of_how_many_it_is_before_its_rule() {
    let mut app = app(SMALL, Pane::Matrix);
    let heading = |app: &App| screen(app, &THEME).lines().next().unwrap().to_owned();
    assert_eq!(heading(&app), "test accuracy %  rule validation  1/2");
    press(&mut app, "] ] j j");
    assert_eq!(heading(&app), "test balanced accuracy %  2/2");
    press(&mut app, "k k");
    shows(&app, "E enqueues 3 missing runs");
    shows(&app, "= may be the best, ? not tested; w: why");
}

/// The fixture's finished runs, one of which was asked another learning rate.
fn two_rates(size: (u16, u16)) -> App {
    let mut app = app(size, Pane::Runs);
    let first = app.runs.iter().find(|run| run.state == RunState::Finished).cloned().unwrap();
    let with = |id: &str, lr: f64| {
        let mut run = first.clone();
        (run.id, run.spec.lr) = (id.into(), lr);
        run
    };
    let runs: Vec<RunSummary> = vec![with("20261124-1-a", 0.001), with("20261124-2-b", 0.0375)];
    update(&mut app, Message::Runs(Arc::new(runs)));
    app
}

#[test]
fn runs_that_differ_in_one_field_are_told_apart_at_any_width() {
    for size in [SMALL, USUAL, (120, 35), LARGE] {
        let app = two_rates(size);
        let text = screen(&app, &THEME);
        assert!(text.lines().nth(1).unwrap().contains(" lr"), "{size:?}\n{text}");
        assert!(text.contains("0.0375") && text.contains(" acc ") && text.contains("IIIb"), "{text}");
    }
    // What gave its room is the same in all of them, and the list of columns says so.
    let mut app = two_rates(USUAL);
    assert!(!screen(&app, &THEME).lines().nth(1).unwrap().contains("seed"));
    press(&mut app, "C");
    let entries = crate::tui::choices::entries(
        &app,
        &crate::tui::picker::Picker::new(crate::tui::picker::Purpose::Columns),
    );
    let seed = entries.iter().find(|entry| entry.name == "seed").unwrap();
    assert!(seed.about.starts_with("gives room to what tells runs apart"), "{}", seed.about);
}

#[test]
fn what_differs_and_has_no_column_stands_in_the_selected_runs_line() {
    let mut app = app(USUAL, Pane::Runs);
    app.list.marks.clear();
    let mut runs = app.runs.to_vec();
    for (place, run) in runs.iter_mut().enumerate() {
        run.spec.lr = 0.001 * (1 + place % 2) as f64;
        run.spec.batch = 16 + place % 3;
        run.spec.weight_decay = 0.02 * (1 + place % 2) as f64;
        run.spec.validation = 0.1 * (1 + place % 2) as f64;
    }
    update(&mut app, Message::Runs(Arc::new(runs)));
    let run = app.selected().unwrap();
    let text = screen(&app, &THEME);
    let line = text.lines().find(|line| line.starts_with(" ─ EEGNet")).unwrap();
    assert!(line.contains(&format!("validation {}", run.spec.validation)), "{text}");
}

#[test]
fn letters_of_two_columns_push_nothing_aside() {
    let mut app = app(USUAL, Pane::Runs);
    let mut runs = app.runs.to_vec();
    let data = DataSource { name: "脑电图数据集第一号".into(), ..runs[0].spec.data.clone() };
    runs.iter_mut().skip(3).for_each(|run| run.spec.data = data.clone());
    update(&mut app, Message::Runs(Arc::new(runs)));
    let text = screen(&app, &THEME);
    shows(&app, "脑 电 图 数 …");
    let aged = text.lines().filter(|line| line.contains("脑") && line.ends_with(['m', 'h'])).count();
    assert!(aged >= 5, "{text}");
}

#[test]
fn every_alpha_has_its_place_though_one_alone_was_tried() {
    let mut app = app(USUAL, Pane::Alpha);
    let tables = app.tables.ready().unwrap().clone();
    let mut sweep: Matrix = tables.sweeps[0].clone();
    for cell in sweep.cells.iter_mut().filter(|cell| cell.activation != Activation::Elu { alpha: 1.0 }) {
        *cell = crate::table::Cell::unfilled(cell.model.clone(), cell.activation);
    }
    app.tables = Loaded::Ready(Arc::new(Tables { sweeps: vec![sweep], matrices: tables.matrices.clone() }));
    let axis = screen(&app, &THEME).lines().find(|line| line.starts_with('α')).unwrap().to_owned();
    assert!(axis.contains("0.2") && axis.contains("1.0") && !axis.contains("1.05"), "{axis}");
}

#[test]
fn the_labs_figures_are_whole_in_a_usual_and_in_a_large_window() {
    for size in [USUAL, LARGE] {
        let matrix = app(size, Pane::Matrix);
        for figure in ["87.13", "88.15", "83.98", "85.09", "83.92", "82.59"] {
            shows(&matrix, &format!("lab {figure}"));
        }
        shows(&matrix, "lab: the lab's figure on set IIIb; best epoch on the test set, one seed; here:");
        let mut alpha = app(size, Pane::Alpha);
        shows(&alpha, "· lab EEGNet 86.30");
        press(&mut alpha, "l");
        shows(&alpha, "· lab EEGNet 87.96");
    }
    shows(&app(LARGE, Pane::Alpha), "· lab DeepConvNet 83.70");
}

#[test]
fn marked_runs_carry_the_marks_of_their_curves_where_these_stand_beside_the_list() {
    let app = app((120, 35), Pane::Runs);
    let text = screen(&app, &THEME);
    for mark in ["●✓ ", "▲✓ ", "■✓ "] {
        assert!(text.contains(mark), "{text}");
    }
    assert!(!text.contains("accuracy % +"), "{text}");
    // Where only the selected run's curve is shown a mark is a mark.
    assert!(screen(&super::app(USUAL, Pane::Runs), &THEME).contains('◆'));
}

#[test]
fn a_list_says_how_much_of_it_lies_beyond_the_window() {
    let mut app = app(USUAL, Pane::Runs);
    let some = app.runs.to_vec();
    let many =
        (0..60).map(|place| RunSummary { id: format!("20261124-{place:03}"), ..some[place % 12].clone() });
    update(&mut app, Message::Runs(Arc::new(many.collect())));
    press(&mut app, "g");
    shows(&app, " ↓ 50 ─");
    press(&mut app, "G");
    shows(&app, " ↑ 50 ─");
}

#[test]
fn names_are_whole_in_the_narrowest_list() {
    let mut app = app(SMALL, Pane::Runs);
    for _ in 0..3 {
        let text = screen(&app, &THEME);
        assert!(!text.contains('…'), "{text}");
        press(&mut app, "pagedown");
    }
}
