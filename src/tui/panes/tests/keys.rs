//! Keystroke scripts: what keys do in each pane, seen on the screen or in the effects.

use super::{app, screen};
use crate::spec::Rule;
use crate::tui::app::App;
use crate::tui::effect::{Effect, Message};
use crate::tui::loaded::{Loaded, Tables};
use crate::tui::pane::Pane;
use crate::tui::theme::{Depth, Theme};
use crate::tui::update::update;
use std::sync::Arc;

const THEME: Theme = Theme::new(Depth::None, true);

fn press(app: &mut App, script: &str) -> Vec<Effect> {
    script.split_whitespace().flat_map(|key| update(app, Message::Key(key.parse().unwrap()))).collect()
}

/// The 80×24 screen of a pane after a script.
fn after(pane: Pane, script: &str) -> String {
    let mut app = app((80, 24), pane);
    press(&mut app, script);
    screen(&app, &THEME)
}

#[track_caller]
fn shows(screen: &str, text: &str) {
    assert!(screen.contains(text), "no '{text}' in\n{screen}");
}

#[test]
fn a_cursor_reads_all_curves_at_an_epoch() {
    shows(&after(Pane::Detail, "h"), "epoch 300  ● train ");
    shows(&after(Pane::Detail, "h h h h"), "epoch 297  ● train ");
    shows(&after(Pane::Detail, "h g"), "epoch 1  ● train ");
    let released = after(Pane::Detail, "h esc");
    assert!(!released.contains("epoch 300  ● train"), "{released}");
}

#[test]
fn zoom_shows_fewer_epochs_around_the_cursor() {
    let axis = |script: &str| after(Pane::Detail, script).lines().last().unwrap().to_owned();
    assert!(axis("").contains("100") && axis("").contains("300"));
    let zoomed = axis("+ + +");
    assert!(zoomed.contains("300") && !zoomed.contains("100"), "{zoomed}");
    assert_eq!(axis("+ + + 0"), axis(""));
    let start = axis("h g + + +");
    assert!(start.contains("20") && !start.contains("100"), "{start}");
}

#[test]
fn metric_logarithm_and_smoothing_name_themselves_and_stay() {
    shows(&after(Pane::Detail, "v"), "loss");
    shows(&after(Pane::Detail, "L"), "error %, log");
    shows(&after(Pane::Detail, "v L m m"), "loss, log (smoothed 0.9)");
    // What was chosen in one pane holds in the other.
    shows(&after(Pane::Detail, "v m 3"), "test loss (smoothed 0.6)");
}

#[test]
fn brackets_turn_the_parts_of_a_run() {
    let results = after(Pane::Detail, "]");
    shows(&results, "confusion (rule validation)");
    shows(&results, "per subject");
    shows(&results, "[83.8–87.9]");
    shows(&after(Pane::Detail, "] ]"), "learning rate");
    shows(&after(Pane::Detail, "] ] ]"), "17,874 parameters");
    shows(&after(Pane::Detail, "] ] ] ]"), "no tags");
    shows(&after(Pane::Detail, "] ] ] ] ]"), "accuracy %");
    shows(&after(Pane::Detail, "] ["), "accuracy %");
}

#[test]
fn what_is_not_finished_shows_its_best_so_far_and_calls_it_provisional() {
    for state in ["running", "cancelled"] {
        let mut app = app((80, 24), Pane::Runs);
        app.list.marks.clear();
        let typed: String = format!("state={state}").chars().map(|letter| format!("{letter} ")).collect();
        press(&mut app, &format!("/ {typed} enter"));
        let best = app.selected().unwrap().provisional(Rule::Validation).unwrap();
        shows(&screen(&app, &THEME), &format!("~{:.1}", 100.0 * best));
        press(&mut app, "enter");
        shows(&screen(&app, &THEME), &format!("~{:.2} % provisional", 100.0 * best));
        press(&mut app, "]");
        let results = screen(&app, &THEME);
        assert_eq!(results.matches("provisional: not finished").count(), 3, "{results}");
    }
}

#[test]
fn text_scrolls_to_its_end_and_no_further() {
    let end = after(Pane::Detail, "] ] j j j j j j j j j j j j j j j j j j j j j j j j j j");
    shows(&end, "finished 300 epochs");
    assert_eq!(end, after(Pane::Detail, "] ] G"));
}

#[test]
fn best_test_is_called_optimistic_wherever_it_stands() {
    for pane in [Pane::Detail, Pane::Matrix, Pane::Alpha] {
        let mut app = app((80, 24), pane);
        press(&mut app, "r r");
        assert_eq!(app.rule, Rule::BestTest);
        let Loaded::Ready(tables) = &app.tables else { panic!() };
        let mut tables = Tables::clone(tables);
        tables.matrices.iter_mut().chain(&mut tables.sweeps).for_each(|table| table.rule = app.rule);
        update(&mut app, Message::Tables(Arc::new(tables)));
        let screen = screen(&app, &THEME);
        shows(&screen, "optimistic");
        assert!(pane == Pane::Detail || screen.contains("87.4* ± "), "{screen}");
    }
}

#[test]
fn compare_shows_what_differs_and_opens_a_run() {
    let screen = after(Pane::Compare, "");
    // Two seeds of one experiment are one curve.
    shows(&screen, "▸● EEGNet ELU 1.0 ");
    shows(&screen, "▲ DeepConvNet ReLU (2)");
    shows(&screen, "seeds together, mean ± sd (b turns)");
    shows(&screen, "all: data set IIIb");
    shows(&after(Pane::Compare, "]"), "train accuracy %");
    let mut app = app((80, 24), Pane::Compare);
    press(&mut app, "b j enter");
    assert_eq!(app.pane, Pane::Detail);
    shows(&super::screen(&app, &THEME), "DeepConvNet ReLU seed 1");
}

#[test]
fn curves_are_laid_together_by_seed_or_field_and_dropped_together() {
    let single = after(Pane::Compare, "b");
    shows(&single, "EEGNet ELU 1.0 s0");
    shows(&single, "each run");
    shows(&after(Pane::Compare, "b b"), "by model");
    shows(&after(Pane::Compare, "b b"), "EEGNet (4)");
    // A cursor reads the mean and its spread.
    shows(&after(Pane::Compare, "h"), " ± ");
    let mut app = app((80, 24), Pane::Compare);
    press(&mut app, "j enter");
    assert_eq!(app.pane, Pane::Runs);
    assert_eq!(app.list.shown().len(), 2);
    let mut app = super::app((80, 24), Pane::Compare);
    let marked = app.list.marks.len();
    press(&mut app, "j space");
    assert_eq!(app.list.marks.len(), marked - 2, "both seeds of the curve under the cursor");
    press(&mut app, "A d e e p enter");
    assert_eq!(app.list.marks.len(), marked - 1);
}

#[test]
fn no_value_is_cut_in_a_comparison() {
    for columns in [40, 60, 80, 119] {
        for keys in ["", "h", "b h"] {
            let mut app = app((columns, 24), Pane::Compare);
            press(&mut app, keys);
            let screen = screen(&app, &THEME);
            let rows = screen.lines().filter(|line| line.contains("86.0") || line.contains("88.0"));
            assert!(rows.count() > 0, "{columns}: {screen}");
        }
    }
}

#[test]
fn a_wide_window_shows_list_curves_and_recipe() {
    for size in [(120, 40), (200, 60)] {
        let mut app = app(size, Pane::Runs);
        app.list.marks.clear();
        let shown = screen(&app, &THEME);
        for text in ["state", "accuracy %", "loss", "learning rate"] {
            shows(&shown, text);
        }
        press(&mut app, "* 1");
        shows(&screen(&app, &THEME), "test accuracy %");
    }
}

#[test]
fn the_machine_and_the_log_have_a_pane() {
    let mut app = app((80, 24), Pane::Runs);
    app.list.marks.clear();
    let id = app.selected().unwrap().id.clone();
    let effects = press(&mut app, "O");
    assert!(effects.contains(&Effect::ReadLog));
    let lines = ["started", &format!("WARN {id} failed"), "later"].map(String::from);
    update(&mut app, Message::Log(lines.into()));
    shows(&screen(&app, &THEME), "line 2 of 3");
    press(&mut app, "[");
    shows(&screen(&app, &THEME), "CPU % of 2 cores");
}

#[test]
fn the_selected_cell_says_what_it_lacks_and_one_key_enqueues_it() {
    let mut app = app((80, 24), Pane::Matrix);
    press(&mut app, "l");
    shows(&screen(&app, &THEME), "E enqueues 4 missing runs: EEGNet LeakyReLU, seed 1 2 3 4");
    let effects = press(&mut app, "E");
    let specs = effects.iter().find_map(|effect| match effect {
        Effect::Enqueue(specs) => Some(specs),
        _ => None,
    });
    let made: Vec<_> = specs.unwrap().iter().map(|spec| (spec.activation.title(), spec.seed)).collect();
    assert_eq!(made, (1..5).map(|seed| ("LeakyReLU".to_owned(), seed)).collect::<Vec<_>>());
}

#[test]
fn views_of_a_table_keep_the_place_and_copies_are_of_what_is_on_show() {
    let mut app = app((80, 24), Pane::Matrix);
    press(&mut app, "j j ] ]");
    shows(&screen(&app, &THEME), "simulated data: no real recordings");
    let copied = |app: &mut App, key: &str| {
        press(app, key).into_iter().find_map(|effect| match effect {
            Effect::Copy { text, file } => Some((text, file)),
            _ => None,
        })
    };
    let (text, kappa) = copied(&mut app, "y").unwrap();
    assert!(text.contains("kappa") && text.contains("0.748"), "{text}");
    press(&mut app, "k k");
    let (_, other) = copied(&mut app, "y").unwrap();
    assert!(kappa.starts_with("matrix-simulated") && other.starts_with("matrix-IIIb"), "{kappa} {other}");
    press(&mut app, "[");
    assert_ne!(copied(&mut app, "y").unwrap().1, other);
}

#[test]
fn the_labs_figures_stand_only_beside_its_recordings() {
    shows(&after(Pane::Matrix, ""), "lab 87.13");
    shows(&after(Pane::Matrix, ""), "one seed; here:");
    shows(&after(Pane::Matrix, ""), "validation 0.2, nan train");
    let elsewhere = after(Pane::Matrix, "j j");
    assert!(!elsewhere.contains("lab 8"), "{elsewhere}");
    let mut app = app((80, 24), Pane::Alpha);
    app.lab_data = None;
    assert!(!screen(&app, &THEME).contains("lab EEGNet"));
}

#[test]
fn enter_opens_the_runs_behind_a_cell() {
    let mut app = app((80, 24), Pane::Matrix);
    press(&mut app, "enter");
    assert_eq!(app.pane, Pane::Runs);
    let shown: Vec<_> = app.list.shown().iter().map(|row| &app.runs[*row].spec).collect();
    assert_eq!(shown.len(), 2);
    assert!(shown.iter().all(|spec| spec.model.name() == "eegnet" && spec.activation.name() == "relu"));
}

#[test]
fn tables_are_turned_by_row_and_views_by_brackets() {
    shows(&after(Pane::Matrix, "]"), "balanced accuracy");
    shows(&after(Pane::Matrix, "] ]"), "kappa");
    shows(&after(Pane::Matrix, "["), "subject X11b");
    shows(&after(Pane::Matrix, "[ [ ["), "training time");
    assert!(!after(Pane::Matrix, "j").contains("simulated"));
    shows(&after(Pane::Matrix, "j j"), "simulated data: no real recordings");
}

#[test]
fn the_alpha_cursor_walks_the_table_and_the_curve() {
    shows(&after(Pane::Alpha, "l"), "α 0.2  ● EEGNet 87.00");
    shows(&after(Pane::Alpha, "G"), "▸83.8");
    shows(&after(Pane::Alpha, "j"), "▸83.4");
}

#[test]
fn models_turn_from_network_to_network_to_activations() {
    shows(&after(Pane::Models, ""), "17,874");
    shows(&after(Pane::Models, "]"), "150,977");
    // The activations are the part after the last network.
    shows(&after(Pane::Models, "["), "activation functions, in use ELU 1.0");
}

#[test]
fn trials_are_browsed_one_by_one_and_read_at_a_sample() {
    shows(&after(Pane::Data, "j"), "train trial 2 of 540  class 2  subject S4b");
    shows(&after(Pane::Data, "G"), "train trial 540 of 540");
    let mut other = app((80, 24), Pane::Data);
    update(&mut other, Message::Sets(vec!["IIIb".into(), "scp1".into()]));
    shows(&screen(&other, &THEME), "also here (o takes one): scp1");
    shows(&after(Pane::Data, "/ 3 1 7 enter"), "train trial 317 of 540");
    shows(&after(Pane::Data, "G / 3 1 7 esc"), "train trial 540 of 540");
    let mut app = app((80, 24), Pane::Data);
    press(&mut app, "/ 0 enter");
    assert_eq!(
        app.messages.current(app.now).unwrap().text,
        "There is no trial '0' here; they go from 1 to 540."
    );
    shows(&after(Pane::Data, "]"), "test trial 1 of 540");
    shows(&after(Pane::Data, "h"), "s 5.992");
}
