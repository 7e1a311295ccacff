//! Keystroke scripts: what is typed, and what comes of it.

use super::*;
use crate::notebook::Place;
use crate::spec::Rule;
use crate::tui::app::Popup;
use crate::tui::effect::{Ended, Mouse, Undo};
use crate::tui::fixture;
use crate::tui::messages::Kind;
use crate::tui::pane::Pane;
use std::sync::Arc;

/// Types keys, separated by blanks, and gives the effects other than reading.
fn keys(app: &mut App, script: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for key in script.split(' ').filter(|key| !key.is_empty()) {
        effects.extend(update(app, Message::Key(key.parse().unwrap())));
    }
    effects
        .retain(|effect| !matches!(effect, Effect::ReadRun(_) | Effect::Tabulate(..) | Effect::Remember(..)));
    effects
}

/// The effects of a script on a fresh screen.
fn typed(script: &str) -> Vec<Effect> {
    keys(&mut fixture::app(80, 24), script)
}

/// Ids of the fixture's runs, by their place in the list as it opens.
fn id(place: usize) -> String {
    let app = fixture::app(80, 24);
    app.runs[app.list.shown()[place]].id.clone()
}

#[test]
fn one_key_enqueues_the_activation_comparison() {
    for (key, model) in [("e", "eegnet"), ("d", "deepconvnet")] {
        let [Effect::Enqueue(specs)] = &typed(key)[..] else { panic!("{key}") };
        let made: Vec<_> = specs.iter().map(|spec| (spec.model.name(), spec.activation.title())).collect();
        assert_eq!(made, [(model, "ReLU".into()), (model, "LeakyReLU".into()), (model, "ELU 1.0".into())]);
    }
    // The fourth run is a DeepConvNet: the sweep is about what is selected.
    let [Effect::Enqueue(specs)] = &typed("down down down a")[..] else { panic!() };
    assert_eq!(specs.len(), 10);
    assert!(specs.iter().all(|spec| spec.model.name() == "deepconvnet"));
}

#[test]
fn without_data_a_sentence_comes_instead() {
    let mut app = fixture::app(80, 24);
    update(&mut app, Message::Data(Err("There is no S4b_train.npz.".into())));
    assert_eq!(keys(&mut app, "e"), []);
    assert_eq!(app.messages.current(app.now).unwrap().text, "There is no S4b_train.npz.");
}

#[test]
fn changes_are_for_the_marked_runs_or_else_the_selected_one() {
    assert_eq!(typed("p"), [Effect::Pause(vec![id(0)])]);
    assert_eq!(typed("space space x"), [Effect::Cancel(vec![id(0), id(1)])]);
    assert_eq!(typed("down down down p"), [Effect::Resume(vec![id(3)])]);
    assert_eq!(typed("G D"), [Effect::Remove(vec![id(11)])]);
    assert_eq!(typed("down K"), [Effect::Move(vec![id(1)], Place::Up)]);
    assert_eq!(typed("J"), [], "a run that trains has no place in the queue");
}

#[test]
fn only_what_cannot_be_undone_asks_first() {
    let mut app = fixture::app(80, 24);
    keys(&mut app, "/ s t a t e = f a i l e d enter");
    assert_eq!(keys(&mut app, "R"), []);
    assert!(matches!(app.popup, Some(Popup::Confirm(..))));
    assert_eq!(keys(&mut app, "n"), []);
    assert!(app.popup.is_none());
    let failed = app.selected().unwrap().id.clone();
    assert_eq!(keys(&mut app, "R y"), [Effect::Retry(vec![failed])]);
}

#[test]
fn undo_takes_back_the_last_change_first() {
    let mut app = fixture::app(80, 24);
    for id in ["first", "second"] {
        let undo = Undo { what: "removal".into(), effect: Effect::Restore(vec![id.into()]) };
        update(&mut app, Message::Done("Removed.".into(), Some(undo)));
    }
    let restored = |id: &str| Effect::Restore(vec![id.into()]);
    assert_eq!(keys(&mut app, "u u u"), [restored("second"), restored("first")]);
}

#[test]
fn a_filter_narrows_while_it_is_typed_and_esc_lets_go() {
    let mut app = fixture::app(80, 24);
    keys(&mut app, "/ a c c > 8 5");
    let narrowed = app.list.shown().len();
    assert!(narrowed > 0 && narrowed < app.runs.len());
    keys(&mut app, "enter");
    assert!(app.popup.is_none());
    assert_eq!(app.list.shown().len(), narrowed);
    keys(&mut app, "esc");
    assert_eq!(app.list.shown().len(), app.runs.len());
    // Letters in a filter are letters.
    keys(&mut app, "/ q u");
    assert!(!app.quitting);
    update(&mut app, Message::Paste("eue\n".into()));
    assert_eq!(app.list.filter, "queue ");
}

#[test]
fn the_palette_finds_and_does() {
    assert_eq!(typed(": p a u s e enter"), [Effect::Pause(vec![id(0)])]);
    let mut app = fixture::app(80, 24);
    keys(&mut app, ": m a t r i x enter");
    assert_eq!(app.pane, Pane::Matrix);
    assert!(app.popup.is_none());
}

#[test]
fn the_form_enqueues_what_it_says() {
    let [Effect::Enqueue(specs)] = &typed("n down down down backspace 0 . . 4 enter")[..] else { panic!() };
    assert_eq!(specs.len(), 15);
    assert_eq!(typed("n esc"), []);
}

#[test]
fn sorting_goes_through_the_columns_and_round() {
    let mut app = fixture::app(80, 24);
    let start = app.list.shown().to_vec();
    keys(&mut app, "s s s s s s");
    assert_eq!(app.list.column, crate::tui::list::Column::Accuracy);
    keys(&mut app, "S");
    assert!(app.list.reverse);
    keys(&mut app, "s s s");
    assert_eq!(app.list.shown(), start);
}

#[test]
fn tags_and_notes_are_written_in_place() {
    assert_eq!(typed("t ctrl-u b e s t enter"), [Effect::SetTags(vec![(id(0), vec!["best".into()])])]);
    assert_eq!(typed("w enter h m esc"), [Effect::SetNotes(id(0), "Looks steady.\nhm\n".into())]);
    assert_eq!(typed("w esc"), [], "nothing new, nothing written");
    assert_eq!(typed("W"), [Effect::EditNotes(id(0))]);
}

#[test]
fn choices_about_curves_are_remembered() {
    let mut app = fixture::app(80, 24);
    let effects = update(&mut app, Message::Key("L".parse().unwrap()));
    assert_eq!(effects, [Effect::Remember(app.plot, Rule::Validation, "terminal".into())]);
    assert!(app.plot.log);
    keys(&mut app, "r r");
    assert_eq!(app.rule, Rule::BestTest);
}

#[test]
fn themes_are_turned_and_remembered() {
    let mut app = fixture::app(80, 24);
    let effects = update(&mut app, Message::Key("T".parse().unwrap()));
    assert_eq!(effects, [Effect::Remember(app.plot, app.rule, "dark".into())]);
    assert_eq!(app.messages.current(app.now).unwrap().text, "Theme dark.");
    keys(&mut app, "T T T");
    assert_eq!(app.themes.name(), "terminal");
    app.depth = crate::tui::theme::Depth::None;
    keys(&mut app, ": t h e m e enter");
    assert_eq!(app.themes.name(), "dark");
    assert!(app.messages.current(app.now).unwrap().text.contains("NO_COLOR"));
}

#[test]
fn the_end_of_runs_and_of_the_queue_is_told_once() {
    let mut app = fixture::app(80, 24);
    let mut runs = fixture::runs();
    for run in &mut runs[..3] {
        run.state = crate::notebook::RunState::Finished;
        run.position = None;
    }
    let effects = update(&mut app, Message::Runs(Arc::new(runs.clone())));
    let told: Vec<Ended> = effects
        .iter()
        .filter_map(|effect| if let Effect::Notify(ended, _) = effect { Some(*ended) } else { None })
        .collect();
    assert_eq!(told, [Ended::Run, Ended::Run, Ended::Run, Ended::Queue]);
    let again = update(&mut app, Message::Runs(Arc::new(runs)));
    assert!(!again.iter().any(|effect| matches!(effect, Effect::Notify(..))));
}

#[test]
fn a_run_is_read_when_it_is_looked_at_and_changed() {
    let mut app = fixture::app(80, 24);
    let moved = update(&mut app, Message::Key("down".parse().unwrap()));
    assert_eq!(moved, [Effect::ReadRun(id(1))]);
    assert_eq!(update(&mut app, Message::Tick(fixture::now())), [], "not twice");
    let mut runs = fixture::runs();
    runs[1].updated = fixture::now();
    runs[1].epoch = 1;
    let effects = update(&mut app, Message::Runs(Arc::new(runs)));
    assert!(effects.contains(&Effect::ReadRun(id(1))));
}

#[test]
fn what_is_not_drawn_takes_no_keys_but_one_can_always_leave() {
    let mut app = fixture::app(80, 24);
    keys(&mut app, "n");
    update(&mut app, Message::Resize(10, 3));
    assert_eq!(keys(&mut app, "enter D e"), []);
    keys(&mut app, "q");
    assert!(app.quitting);
}

#[test]
fn bad_news_stays_until_a_key_is_pressed() {
    let mut app = fixture::app(80, 24);
    update(&mut app, Message::Failed("The disk is full.".into()));
    let later = app.now + jiff::SignedDuration::from_hours(1);
    update(&mut app, Message::Tick(later));
    assert_eq!(app.messages.current(app.now).unwrap().kind, Kind::Failed);
    keys(&mut app, "down");
    assert!(app.messages.current(app.now).is_none());
}

#[test]
fn the_mouse_selects_tabs_and_runs() {
    let mut app = fixture::app(80, 24);
    let first = crate::tui::regions::body(app.size).y + panes::runs::HEAD;
    update(&mut app, Message::Mouse(Mouse::Click(10, first + 2)));
    assert_eq!(app.list.cursor(), 2);
    update(&mut app, Message::Mouse(Mouse::Wheel(1)));
    assert_eq!(app.list.cursor(), 3);
    update(&mut app, Message::Mouse(Mouse::Click(12, 1)));
    assert_eq!(app.pane, Pane::Detail);
}
