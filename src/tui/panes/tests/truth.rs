//! What panes say is so and is whole: nothing is cut that tells things apart, nothing stands there that isn't true.

use super::{THEME, app, press, screen, shows};
use crate::model::Model;
use crate::notebook::{RunState, RunSummary};
use crate::spec::{DataSource, Rule, Spec};
use crate::tui::app::App;
use crate::tui::effect::{Effect, Message};
use crate::tui::fixture;
use crate::tui::pane::Pane;
use crate::tui::update::update;
use std::sync::Arc;

#[track_caller]
fn lacks(app: &App, text: &str) {
    let screen = screen(app, &THEME);
    assert!(!screen.contains(text), "'{text}' in\n{screen}");
}

/// The fixture's runs, changed.
fn with(app: &mut App, change: impl Fn(&mut RunSummary)) {
    let mut runs = app.runs.to_vec();
    runs.iter_mut().for_each(change);
    update(app, Message::Runs(Arc::new(runs)));
}

#[test]
fn what_was_asked_and_differs_has_a_column_before_the_losses() {
    let mut app = app((200, 60), Pane::Runs);
    let head = |app: &App| screen(app, &THEME).lines().nth(1).unwrap().to_owned();
    assert!(!head(&app).contains(" lr "), "{}", head(&app));
    with(&mut app, |run| run.spec.lr = if run.spec.seed == 0 { 0.001 } else { 0.0375 });
    shows(&app, "0.0375");
    assert!(head(&app).contains(" lr "), "{}", head(&app));
    // Half a number would be read as another.
    with(&mut app, |run| run.spec.lr = if run.spec.seed == 0 { 0.001 } else { 1e12 });
    shows(&app, " 10000… ");
}

#[test]
fn however_long_a_filter_is_it_says_how_many_runs_it_hides() {
    let mut app = app((40, 10), Pane::Runs);
    app.list.marks.clear();
    let typed = "model=eegnet and (act=relu or act=elu) seed=0";
    update(&mut app, Message::Key("/".parse().unwrap()));
    update(&mut app, Message::Paste(typed.into()));
    press(&mut app, "enter");
    shows(&app, "… ");
    shows(&app, " of 12 runs");
}

#[test]
fn a_name_that_no_run_has_is_answered_with_those_that_there_are() {
    let mut app = app((80, 24), Pane::Runs);
    press(&mut app, "/ s t a t e = d o n e enter");
    shows(&app, "No run matches. esc shows all again.");
    shows(&app, "Here state is cancelled, failed, finished, paused, queued, running.");
    press(&mut app, "/ ctrl-u a c c > 9 9 enter");
    lacks(&app, "Here ");
}

#[test]
fn what_the_rule_says_stands_once_and_what_is_not_finished_is_marked() {
    let mut app = app((120, 35), Pane::Compare);
    shows(&app, "best test*");
    app.rule = Rule::BestTest;
    lacks(&app, "best test*");
    shows(&app, "best_test*");
    let mut app = super::app((120, 35), Pane::Runs);
    app.list.marks.clear();
    let cancelled = app.runs.iter().find(|run| run.state == RunState::Cancelled).unwrap().id.clone();
    let runs = app.runs.clone();
    app.list.select_id(&cancelled, &runs);
    press(&mut app, "3");
    shows(&app, "~");
}

#[test]
fn a_legend_keeps_how_many_runs_a_curve_is_of() {
    let mut app = app((120, 35), Pane::Runs);
    app.list.marks = app
        .runs
        .iter()
        .filter(|run| run.spec.model.name() == "eegnet" && run.epoch > 0)
        .map(|run| run.id.clone())
        .collect();
    press(&mut app, "3");
    let legend = screen(&app, &THEME);
    let curve = legend.lines().find(|line| line.contains("● ") || line.contains("▲ LeakyReLU")).unwrap();
    assert!(!curve.contains('…'), "{legend}");
    shows(&app, "LeakyReLU (2)");
}

#[test]
fn a_run_on_another_set_shows_its_network_as_it_was_built_for_that() {
    let mut app = app((80, 24), Pane::Runs);
    app.list.marks.clear();
    let source =
        DataSource { name: "scp1".into(), path: Some("/rec/scp1".into()), fingerprint: "d".repeat(64) };
    with(&mut app, |run| {
        run.spec = Spec { data: source.clone(), model: Model::eegnet(), ..run.spec.clone() };
    });
    update(&mut app, Message::Sets(vec!["IIIb".into(), "scp1".into()]));
    let wanted = Effect::Survey(vec!["scp1".into()]);
    assert!(press(&mut app, "2").contains(&wanted), "it is looked at");
    assert!(!press(&mut app, "[ [").contains(&wanted), "once");
    shows(&app, "17,874 parameters");
    shows(&app, "for the lab's trials of 2×750: scp1 can't be read here");
    update(&mut app, Message::Surveyed("scp1".into(), Ok(fixture::survey())));
    shows(&app, "18,322 parameters");
    lacks(&app, "for the lab's trials");
}

#[test]
fn what_will_not_come_is_not_promised() {
    for (state, said) in [
        (RunState::Failed, "It failed before a checkpoint was kept: there are no confusion, kappa and"),
        (RunState::Running, "With the first checkpoint come confusion, kappa and subjects."),
    ] {
        let mut app = app((100, 30), Pane::Runs);
        app.list.marks.clear();
        let id = app.runs.iter().find(|run| run.state == state).unwrap().id.clone();
        let runs = app.runs.clone();
        app.list.select_id(&id, &runs);
        press(&mut app, "2 ]");
        shows(&app, said);
    }
}

#[test]
fn the_log_says_when_what_and_to_which_run_and_follows_its_end() {
    let mut app = app((80, 24), Pane::Runs);
    press(&mut app, "8 ]");
    let line = |at: &str, text: &str| format!("{at}  INFO eeg_tui::cli::work: {text}");
    let today = fixture::now().strftime("%Y-%m-%d").to_string();
    let mut lines = vec![
        line("2026-01-02T03:04:05.678901Z", "worker started pid=7 slots=1"),
        line(&format!("{today}T08:00:01.5Z"), "started on cpu run=\"20261126-162746-eegnet-elu1-s0-dcfe\""),
        "thread 'main' panicked at src/lib.rs".to_owned(),
    ];
    update(&mut app, Message::Log(lines.clone()));
    shows(&app, "worker's log, line 3 of 3");
    shows(&app, "01-02 03:04:05 worker started pid=7 slots=1");
    shows(&app, "  08:00:01 started on cpu: 20261126-162746-eegnet-elu1-s0-dcfe");
    shows(&app, "▸ thread 'main' panicked at src/lib.rs");
    lines.push(format!(
        "{today}T08:00:02.5Z  WARN eeg_tui::worker: the disk is full: {}end",
        "word ".repeat(30)
    ));
    update(&mut app, Message::Log(lines.clone()));
    shows(&app, "worker's log, line 4 of 4");
    shows(&app, "▸ 08:00:02 warn the disk is full");
    // A row can't hold it: under the cursor it is told in full.
    shows(&app, "word end");
    press(&mut app, "[ ]");
    shows(&app, "worker's log, line 4 of 4");
    // Beside the machine in a larger window too.
    press(&mut app, "[");
    update(&mut app, Message::Resize(120, 35));
    shows(&app, "worker's log, line 4 of 4");
    update(&mut app, Message::Resize(80, 24));
    press(&mut app, "] g");
    lines.push("later".into());
    update(&mut app, Message::Log(lines));
    shows(&app, "worker's log, line 1 of 5");
}

#[test]
fn the_machines_past_is_counted_in_whole_seconds_then_minutes() {
    use crate::tui::machine::Load;
    let mut app = app((120, 35), Pane::Load);
    app.loads = Default::default();
    let later = |app: &mut App, seconds: i64| {
        update(app, Message::Tick(fixture::now() + jiff::SignedDuration::from_secs(seconds)));
        update(app, Message::Load(Load { cores: 2, cpu: Some(0.5), ..Load::default() }));
    };
    (0..20).for_each(|n| later(&mut app, 2 * n));
    shows(&app, "seconds");
    shows(&app, "-20");
    (20..300).for_each(|n| later(&mut app, 2 * n));
    shows(&app, "minutes");
    // Nor is anything less than nothing.
    lacks(&app, "-0.");
    lacks(&app, "-1.0");
}
