//! Keystroke scripts: what keys do in each pane, seen on the screen or in the effects.

use super::{THEME, app, press, screen};
use crate::spec::Rule;
use crate::tui::app::App;
use crate::tui::effect::{Effect, Message};
use crate::tui::loaded::{Loaded, Tables};
use crate::tui::pane::Pane;
use crate::tui::update::update;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::sync::Arc;

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
}

#[test]
fn metric_logarithm_and_smoothing_are_each_charts_own() {
    shows(&after(Pane::Detail, "v m v"), "accuracy %");
    assert!(!after(Pane::Detail, "v m v").contains("smoothed"));
    shows(&after(Pane::Detail, "v m v v"), "loss (smoothed 0.6)");
    let elsewhere = after(Pane::Detail, "L 3");
    shows(&elsewhere, "test accuracy %");
    // Where several charts are on show, one is pointed at, and that is the one that keys change.
    let mut large = app((200, 60), Pane::Detail);
    shows(&screen(&large, &THEME), "▸accuracy %");
    press(&mut large, "v L");
    let both = screen(&large, &THEME);
    shows(&both, "▸loss, log");
    shows(&both, " accuracy %");
}

#[test]
fn curves_run_over_epochs_training_time_or_the_time_of_the_day() {
    let axis = |script: &str| after(Pane::Detail, script).lines().last().unwrap().to_owned();
    assert!(axis("").starts_with("epoch"));
    // 300 epochs of half a second.
    assert!(axis("X").starts_with("s trained") && axis("X").contains("100"), "{}", axis("X"));
    assert!(axis("X X").starts_with("clock") && axis("X X").contains(":00"), "{}", axis("X X"));
    assert_eq!(axis("X X X"), axis(""));
    shows(&after(Pane::Detail, "X h h"), "s trained 149.5  ● train");
    shows(&after(Pane::Detail, "X X h"), "clock ");
    // Seeds that were trained one after another are no mean of a time of the day.
    let compared = after(Pane::Compare, "X X");
    shows(&compared, "▲ DeepConvNet ReLU (2)");
    // The axis of one pane is none of another's.
    assert!(after(Pane::Detail, "X 3").contains("epoch  "));
}

#[test]
fn the_vertical_axis_takes_limits_and_gives_them_back() {
    shows(&after(Pane::Detail, "V 2 0 space 1 4 0 enter"), "140┤");
    let mut app = app((80, 24), Pane::Detail);
    press(&mut app, "V 9 0 . . 8 0 enter");
    let complaint = &app.messages.current(app.now).unwrap().text;
    assert!(complaint.contains("'90..80' are no limits"), "{complaint}");
    press(&mut app, "L V 0 space 1 0 0 enter");
    assert!(app.messages.current(app.now).unwrap().text.contains("no place for 0"));
    press(&mut app, "L V 2 0 space 1 4 0 enter");
    shows(&screen(&app, &THEME), "140┤");
    // What stands there is selected: deleting it and Enter let the axis follow the data again.
    press(&mut app, "V backspace enter");
    assert!(!screen(&app, &THEME).contains("140┤"));
}

#[test]
fn brackets_turn_the_parts_of_a_run() {
    let results = after(Pane::Detail, "]");
    shows(&results, "confusion (rule validation)");
    shows(&results, "per subject");
    shows(&results, "[83.8–87.9]");
    shows(&after(Pane::Detail, "] ]"), "reliability: share right");
    shows(&after(Pane::Detail, "] ] ]"), "learning rate");
    shows(&after(Pane::Detail, "] ] ] ]"), "17,874 parameters");
    shows(&after(Pane::Detail, "] ] ] ] ]"), "no tags");
    shows(&after(Pane::Detail, "] ] ] ] ] ]"), "accuracy %");
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
        shows(&screen(&app, &THEME), &format!("~{:.2} % provisional (validation)", 100.0 * best));
        press(&mut app, "]");
        let results = screen(&app, &THEME);
        assert_eq!(results.matches("provisional: not finished").count(), 3, "{results}");
    }
}

#[test]
fn text_scrolls_to_its_end_and_no_further() {
    let end = after(Pane::Detail, "] ] ] j j j j j j j j j j j j j j j j j j j j j j j j j j");
    shows(&end, "finished 300 epochs");
    assert_eq!(end, after(Pane::Detail, "] ] ] G"));
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
fn runs_that_are_left_alone_have_a_row_that_says_why() {
    use crate::notebook::{Problem, ProblemKind};
    let problem = |id: &str, kind, why: &str| Problem {
        id: id.into(),
        kind,
        sentence: format!("{id}: {why}"),
        refused: false,
        tries: 1,
    };
    let mut app = app((80, 24), Pane::Runs);
    let newer = problem("20270101-run", ProblemKind::Newer, "a newer eeg-tui made it");
    let damaged = problem("20260101-run", ProblemKind::Damaged, "spec.toml is cut off");
    update(&mut app, Message::Unread(vec![damaged, newer]));
    let shown = screen(&app, &THEME);
    shows(&shown, "? newer       20270101-run: a newer eeg-tui made it");
    shows(&shown, "? damaged     20260101-run: spec.toml is cut off");
    update(&mut app, Message::Resize(80, 10));
    shows(&screen(&app, &THEME), "20270101-run (and 1 more):");
    press(&mut app, "/ e l u");
    assert!(!screen(&app, &THEME).contains("20270101"), "a filter is about what can be read");
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
fn kappa_and_subjects_have_the_star_of_a_rule_that_flatters() {
    let mut app = app((80, 24), Pane::Matrix);
    press(&mut app, "r r");
    let Loaded::Ready(tables) = &app.tables else { panic!() };
    let mut tables = Tables::clone(tables);
    tables.matrices.iter_mut().for_each(|table| table.rule = app.rule);
    update(&mut app, Message::Tables(Arc::new(tables)));
    press(&mut app, "] ] ]");
    shows(&screen(&app, &THEME), "0.748* (5)");
    press(&mut app, "[ [ [ [");
    shows(&screen(&app, &THEME), "subject X11b");
    shows(&screen(&app, &THEME), "* (5)");
}

#[test]
fn kappa_has_its_own_axis_and_its_cursor() {
    let kappa = after(Pane::Alpha, "] ]");
    shows(&kappa, "kappa");
    // The cursor reads kappa, not accuracy.
    shows(&after(Pane::Alpha, "] ] l"), "α 0.2  ● EEGNet 0.740");
    let mut perfect = app((80, 24), Pane::Alpha);
    let Loaded::Ready(tables) = &perfect.tables else { panic!() };
    let mut tables = Tables::clone(tables);
    for summary in
        tables.sweeps.iter_mut().flat_map(|table| &mut table.cells).filter_map(|cell| cell.summary.as_mut())
    {
        summary.values.iter_mut().for_each(|value| *value = Some(1.0));
    }
    update(&mut perfect, Message::Tables(Arc::new(tables)));
    press(&mut perfect, "] ]");
    let screen = screen(&perfect, &THEME);
    assert!(!screen.contains("1.1") && !screen.contains("1.05"), "no kappa is above 1:\n{screen}");
}

#[test]
fn intervals_are_looked_at_in_every_window() {
    for size in [(40, 10), (80, 24), (200, 60)] {
        let mut app = app(size, Pane::Matrix);
        press(&mut app, "] l l");
        let drawn = screen(&app, &THEME);
        shows(&drawn, "95 % intervals");
        // A dot a cell, the pointer at the selected one, the set of the best by its sign.
        let cells: Vec<&str> = drawn.lines().filter(|line| line.contains('●')).collect();
        assert!(cells.len() == 5, "{drawn}");
        assert!(cells.iter().any(|line| line.starts_with("▸EEGNet ELU 1.0")), "{drawn}");
        assert!(cells[0].contains('=') && !cells[3].contains('='), "{drawn}");
    }
    // Where there is room they stand beneath the table.
    let table = screen(&app((120, 35), Pane::Matrix), &THEME);
    assert!(table.contains("95 % intervals") && table.contains("may be the best"), "{table}");
}

#[test]
fn what_a_cell_lacks_shifts_no_line_of_its_row() {
    // The lab's figure stands in one line of a row, though one cell has runs under way and the others have none.
    let screen = after(Pane::Matrix, "");
    for model in [["lab 87.13", "lab 88.15", "lab 83.98"], ["lab 85.09", "lab 83.92", "lab 82.59"]] {
        let rows: Vec<&str> = screen.lines().filter(|line| line.contains(model[0])).collect();
        assert!(model.iter().all(|figure| rows[0].contains(figure)), "{screen}");
    }
}

#[test]
fn a_failure_is_told_in_full() {
    let mut app = app((80, 24), Pane::Runs);
    let mut runs = app.runs.to_vec();
    let failed = runs.iter_mut().find(|run| run.state == crate::notebook::RunState::Failed).unwrap();
    let reason = "the loss is not a number after epoch 17, at a learning rate of 0.5 and batches of 4 trials each; try a smaller --lr";
    failed.message = Some(reason.into());
    let id = failed.id.clone();
    update(&mut app, Message::Runs(Arc::new(runs.clone())));
    app.list.select_id(&id, &runs);
    press(&mut app, "enter");
    let screen = screen(&app, &THEME);
    let words = |text: &str| text.split_whitespace().map(String::from).collect::<Vec<_>>().join(" ");
    assert!(words(&screen).contains(reason), "{screen}");
}

#[test]
fn detail_has_every_figure_of_the_metric_table() {
    let mut app = app((80, 60), Pane::Detail);
    press(&mut app, "]");
    let shown = screen(&app, &THEME);
    for metric in &crate::metric::METRICS {
        shows(&shown, &metric.heading());
    }
    press(&mut app, "r r");
    let flattered = screen(&app, &THEME);
    assert!(
        flattered.lines().any(|line| line.contains("kappa") && line.trim_end().ends_with('*')),
        "{flattered}"
    );
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
    press(&mut app, "j j ] ] ]");
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
    shows(&after(Pane::Matrix, "]"), "95 % intervals");
    shows(&after(Pane::Matrix, "] ]"), "balanced accuracy");
    shows(&after(Pane::Matrix, "] ] ]"), "kappa");
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

#[test]
fn the_inside_of_a_cell_is_one_key_away() {
    let mut app = app((80, 24), Pane::Matrix);
    app.size = (100, 40);
    press(&mut app, "i");
    let mut terminal = Terminal::new(TestBackend::new(100, 40)).unwrap();
    terminal.draw(|frame| crate::tui::view::render(&app, &THEME, frame)).unwrap();
    let shown = terminal.backend().to_string();
    for text in [
        "inside the cell",
        "EEGNet ReLU",
        "as an ensemble",
        "confusion, 5 runs added up",
        "ROC: true positive rate",
    ] {
        shows(&shown, text);
    }
    press(&mut app, "x");
    assert!(app.popup.is_none());
}

#[test]
fn guessing_and_choosing_have_lines_in_charts() {
    shows(&after(Pane::Detail, ""), "chance");
    let mut app = app((200, 60), Pane::Alpha);
    press(&mut app, "5");
    shows(&screen(&app, &THEME), "chance");
    let mut app = super::app((120, 40), Pane::Compare);
    press(&mut app, "3");
    shows(&screen(&app, &THEME), "chance");
}

/// The Data pane over recordings with a far trial, findings, and figures.
fn noticed(size: (u16, u16)) -> App {
    use crate::dataset::Statistics;
    use crate::dataset::findings::{Finding, Severity};
    use crate::tui::loaded::Opened;
    let mut data = crate::tui::fixture::data();
    data.train = data.train.select(&(0..40).collect::<Vec<_>>());
    data.test = data.test.select(&(0..10).collect::<Vec<_>>());
    let trial = data.train.trial_len() * 16;
    data.train.signal[trial] = 4000.0;
    data.train.signal[trial + 1501] = f32::NAN;
    let finding = |id, severity, message: &str, remedy: &str| Finding {
        id,
        severity,
        place: "signal".into(),
        message: message.into(),
        remedy: remedy.into(),
    };
    let findings = vec![
        finding("units", Severity::Error, "this looks like volts", "multiply the signal by 1e6"),
        finding("outlier_trials", Severity::Warning, "1 of 40 training trials goes far", "leave it out"),
    ];
    let mut app = app(size, Pane::Data);
    let statistics = Arc::new(Statistics::of(&data));
    update(&mut app, Message::Data(Ok(Opened { again: "IIIb".into(), data: Arc::new(data), findings })));
    update(&mut app, Message::Statistics(statistics));
    app
}

#[test]
fn trials_come_with_outliers_first() {
    let mut app = noticed((80, 24));
    shows(&screen(&app, &THEME), "train trial 1 of 40  class 1  subject S4b   (j k another)");
    press(&mut app, "s");
    let first = screen(&app, &THEME);
    shows(&first, "train trial 17 of 40");
    shows(&first, "train trial 17 of 40, outliers first  class 1  subject S4b  peak 222.5 × usual");
    press(&mut app, "j");
    assert!(!screen(&app, &THEME).contains("trial 17"));
    // A number finds a trial in either order, and the other order begins at its first.
    press(&mut app, "/ 1 7 enter");
    shows(&screen(&app, &THEME), "train trial 17 of 40");
    press(&mut app, "s j");
    shows(&screen(&app, &THEME), "train trial 2 of 40");
    press(&mut app, "] ] / 3 enter");
    shows(&screen(&app, &THEME), "train trial 3 of 40");
}

#[test]
fn electrodes_have_their_range_spread_and_spectrum_with_a_unit() {
    let mut app = noticed((80, 24));
    press(&mut app, "] ]");
    let table = screen(&app, &THEME);
    shows(&table, "  µV     lowest  highest       sd  test sd     gaps  power to 62.5 Hz");
    shows(&table, "electrode C3, 1 of 2   (j k another)");
    let row = table.lines().find(|line| line.starts_with("▸ C3")).unwrap();
    assert!(row.contains("4000") && row.contains("▁"), "{row}");
    let row = table.lines().find(|line| line.starts_with("  C4")).unwrap();
    assert!(row.split_whitespace().any(|word| word == "1"), "{row}");
    let narrow = {
        let mut app = noticed((40, 10));
        press(&mut app, "] ]");
        screen(&app, &THEME)
    };
    shows(&narrow, "lowest  highest       sd");
    assert!(!narrow.contains('…'), "{narrow}");
}

#[test]
fn classes_are_laid_over_one_another_for_the_chosen_electrode() {
    let mut app = noticed((80, 24));
    press(&mut app, "] ] j ]");
    let means = screen(&app, &THEME);
    shows(&means, "C4 (2 of 2): mean ± sd over trials, µV");
    shows(&means, "class 1");
    press(&mut app, "h");
    shows(&screen(&app, &THEME), " ± ");
    press(&mut app, "esc ]");
    let spectrum = screen(&app, &THEME);
    shows(&spectrum, "C4 (2 of 2): power, dB of µV²/Hz");
    shows(&spectrum, "class 2");
    press(&mut app, "k h g l l");
    shows(&screen(&app, &THEME), "C3 (1 of 2)");
    shows(&screen(&app, &THEME), "Hz 1.5");
    let axis = |app: &App| screen(app, &THEME).lines().last().unwrap().to_owned();
    assert!(axis(&app).contains("60"), "{}", axis(&app));
    press(&mut app, "g +");
    assert!(!axis(&app).contains("60"), "zoomed in on the low frequencies: {}", axis(&app));
}

#[test]
fn findings_say_what_to_do_beside_the_counts() {
    let mut app = noticed((80, 24));
    shows(&screen(&app, &THEME), "1 finding stops runs, 1 warning: [ shows what to do");
    press(&mut app, "[");
    let shown = screen(&app, &THEME);
    for text in [
        "units (stops runs)",
        "this looks like volts.",
        "To do: multiply the signal by 1e6.",
        "outlier_trials",
    ] {
        shows(&shown, text);
    }
    shows(&shown, " train        40     20     20");
    shows(&after(Pane::Data, "["), "nothing: units, scales");
    shows(&after(Pane::Data, "["), "   S4b       270    135    135");
    let mut low = noticed((40, 10));
    press(&mut low, "[ G");
    shows(&screen(&low, &THEME), "test");
}

#[test]
fn a_wide_window_shows_the_electrodes_and_both_charts() {
    let mut app = noticed((120, 35));
    shows(&screen(&app, &THEME), "units (stops runs)");
    press(&mut app, "] ] ]");
    let wide = screen(&app, &THEME);
    for text in ["lowest", "▸C3 (1 of 2): mean ± sd", " C3 (1 of 2): power"] {
        shows(&wide, text);
    }
}

#[test]
fn figures_are_waited_for_and_those_of_another_set_are_none() {
    let mut app = app((80, 24), Pane::Data);
    let mut data = crate::tui::fixture::data();
    data.source.fingerprint = "0".repeat(64);
    update(&mut app, crate::tui::fixture::opened(data));
    press(&mut app, "] ]");
    shows(&screen(&app, &THEME), "Measuring the recordings …");
    press(&mut app, "j l G ] ] [ [ [ s");
    shows(&screen(&app, &THEME), "trial 1 of 540");
}

#[test]
fn in_detail_keys_and_footer_are_about_the_run_on_show() {
    let mut app = app((80, 24), Pane::Runs);
    let running = app.runs[0].id.clone();
    assert!(!app.list.marks.contains(&running) && !app.list.marks.is_empty());
    let runs = app.runs.clone();
    app.list.select_id(&running, &runs);
    press(&mut app, "enter");
    assert!(crate::tui::offers::applies(&app, crate::tui::action::Action::Cancel));
    let effects = press(&mut app, "p");
    assert!(effects.contains(&Effect::Pause(vec![running.clone()])), "{effects:?}");
    press(&mut app, "t");
    let effects = press(&mut app, "x y enter");
    let about = effects.iter().find_map(|effect| match effect {
        Effect::SetTags { ids, .. } => Some(ids.clone()),
        _ => None,
    });
    assert_eq!(about, Some(vec![running]));
}

#[test]
fn a_table_opens_on_the_newest_recipe_that_has_runs() {
    let mut app = app((80, 24), Pane::Matrix);
    let Loaded::Ready(tables) = &app.tables else { panic!() };
    let mut tables = Tables::clone(tables);
    for cell in &mut tables.matrices[0].cells {
        cell.summary = None;
        cell.scores.clear();
        cell.pending = Default::default();
    }
    let rows = tables.matrices[0].rows.len();
    app.tables = Loaded::Waiting;
    update(&mut app, Message::Tables(Arc::new(tables.clone())));
    assert_eq!(app.place(Pane::Matrix).row, rows);
    // Where one was looked at, newer tables don't take the place away.
    press(&mut app, "k");
    update(&mut app, Message::Tables(Arc::new(tables)));
    assert_eq!(app.place(Pane::Matrix).row, rows - 1);
}

#[test]
fn one_key_fits_the_baselines() {
    let mut app = app((80, 24), Pane::Runs);
    let [Effect::Enqueue(specs)] = &press(&mut app, "F")[..] else { panic!() };
    assert_eq!(specs.len(), 8);
    assert!(specs.iter().all(|spec| spec.model.baseline().is_some()));
}
