//! Whole screens on a terminal in memory, at three sizes, in colour, without colour and in ASCII; and random keys at
//! random sizes, which must neither panic nor lock anyone in.

use crate::notebook::RunState;
use crate::tui::app::App;
use crate::tui::effect::Message;
use crate::tui::pane::Pane;
use crate::tui::theme::{Depth, Theme};
use crate::tui::update::update;
use crate::tui::{fixture, view};
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use std::sync::Arc;

const SIZES: [(u16, u16); 3] = [(40, 10), (80, 24), (200, 60)];
const COLOUR: Theme = Theme::new(Depth::Ansi, true);
const MONOCHROME: Theme = Theme::new(Depth::None, true);

fn draw(app: &App, theme: &Theme) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(app.size.0, app.size.1)).unwrap();
    terminal.draw(|frame| view::render(app, theme, frame)).unwrap();
    terminal.backend().buffer().clone()
}

/// The screen as text, a line a row.
fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let row = |cells: &[ratatui::buffer::Cell]| {
        cells.iter().map(|cell| cell.symbol()).collect::<String>().trim_end().to_owned()
    };
    buffer.content().chunks(width).map(row).collect::<Vec<_>>().join("\n")
}

/// A fresh screen after some keys, separated by blanks.
fn app(size: (u16, u16), keys: &str) -> App {
    let mut app = fixture::app(size.0, size.1);
    press(&mut app, keys);
    app
}

fn press(app: &mut App, keys: &str) {
    for key in keys.split(' ').filter(|key| !key.is_empty()) {
        update(app, Message::Key(key.parse().unwrap()));
    }
}

/// What a person may see, and the keys that lead there.
const SCREENS: [(&str, &str); 11] = [
    ("runs", ""),
    ("sorted_and_marked", "space down space s s s s s s"),
    ("filter_being_typed", "/ e e g n e t space a c c > 0 . 8 5"),
    ("filter_not_understood", "/ a c > 1"),
    ("help", "?"),
    ("palette", ": p a u"),
    ("form", "n down down 0 . 1 . . 0 . 5"),
    ("form_with_a_mistake", "n down down down down ctrl-u"),
    ("notes", "w"),
    ("limits", "V"),
    ("a_question", "/ f a i l e d enter R"),
];

#[test]
fn every_screen_at_every_size_and_look() {
    for (name, keys) in SCREENS {
        for size in SIZES {
            let app = app(size, keys);
            let place = format!("{name}_{}x{}", size.0, size.1);
            insta::assert_snapshot!(format!("{place}_utf8"), text(&draw(&app, &MONOCHROME)));
            insta::assert_snapshot!(format!("{place}_ascii"), text(&draw(&app, &Theme::PLAIN)));
        }
    }
}

#[test]
fn colours_say_nothing_that_the_text_does_not() {
    for (name, keys) in SCREENS {
        for size in SIZES {
            let app = app(size, keys);
            let colourful = draw(&app, &COLOUR);
            assert_eq!(text(&colourful), text(&draw(&app, &MONOCHROME)), "{name}");
            let place = format!("{name}_{}x{}_colours", size.0, size.1);
            insta::assert_snapshot!(place, fixture::styles(&colourful));
        }
    }
}

#[test]
fn ascii_is_ascii_everywhere() {
    for pane in 1..=8 {
        for (_, keys) in SCREENS {
            let app = app((120, 40), &format!("{pane} {keys}"));
            let text = text(&draw(&app, &Theme::PLAIN));
            let strange: Vec<char> = text.chars().filter(|letter| !letter.is_ascii()).collect();
            assert!(strange.is_empty(), "pane {pane}, keys {keys}: {strange:?}\n{text}");
        }
    }
}

#[test]
fn an_empty_notebook_says_what_to_press() {
    for size in SIZES {
        let mut app = fixture::app(size.0, size.1);
        update(&mut app, Message::Runs(Arc::new(Vec::new())));
        insta::assert_snapshot!(format!("empty_{}x{}", size.0, size.1), text(&draw(&app, &MONOCHROME)));
    }
}

#[test]
fn without_a_data_set_the_list_stays_and_the_pane_says_what_there_is() {
    for size in SIZES {
        let mut app = fixture::app(size.0, size.1);
        update(&mut app, Message::Data(Err("no data set was chosen yet".into())));
        update(&mut app, Message::Sets(vec!["S4b".into(), "scp1".into()]));
        let place = format!("no_data_{}x{}", size.0, size.1);
        insta::assert_snapshot!(format!("{place}_runs"), text(&draw(&app, &MONOCHROME)));
        press(&mut app, "7");
        insta::assert_snapshot!(format!("{place}_data"), text(&draw(&app, &MONOCHROME)));
    }
}

#[test]
fn bad_news_leaves_most_of_a_low_window_to_the_list() {
    let mut app = fixture::app(40, 10);
    update(&mut app, Message::Failed("a long sentence that goes on and on, ".repeat(8)));
    let screen = text(&draw(&app, &MONOCHROME));
    let lines = screen.lines().filter(|line| line.contains("sentence") || line.contains("goes on")).count();
    assert!((1..=3).contains(&lines), "{screen}");
}

#[test]
fn help_is_folded_and_never_cut() {
    for size in [(40, 10), (80, 24), (200, 60)] {
        let mut app = app(size, "?");
        for _ in 0..40 {
            let page = text(&draw(&app, &MONOCHROME));
            // A title may be cut, and a text may have dots of its own.
            assert!(page.lines().skip(1).all(|line| !line.contains("… │")), "{page}");
            press(&mut app, "pagedown");
        }
        let end = text(&draw(&app, &MONOCHROME));
        assert!(end.contains("returns"), "the last of all keys is Ctrl-Z: {end}");
    }
}

#[test]
fn a_queue_without_a_worker_is_shown_loudly() {
    let mut app = fixture::app(80, 24);
    let mut runs = fixture::runs();
    runs.retain(|run| run.state != RunState::Running);
    update(&mut app, Message::Runs(Arc::new(runs)));
    update(&mut app, Message::Worker(false));
    assert!(text(&draw(&app, &COLOUR)).contains("2 queued, no worker"));
    let mut runs = fixture::runs();
    runs.retain(|run| run.state == RunState::Paused);
    update(&mut app, Message::Runs(Arc::new(runs)));
    assert!(text(&draw(&app, &COLOUR)).contains("queue empty, 1 paused"));
}

#[test]
fn the_header_says_what_would_start_what_waits() {
    use crate::tui::effect::Hold;
    let mut app = fixture::app(80, 24);
    let mut runs = fixture::runs();
    runs.retain(|run| run.state != RunState::Running);
    update(&mut app, Message::Runs(Arc::new(runs)));
    update(&mut app, Message::Worker(false));
    for (hold, said) in [(Hold::Ask, "no worker: B starts one"), (Hold::NeverHere, "no worker: never here")] {
        update(&mut app, Message::Hold(Some(hold)));
        assert!(text(&draw(&app, &COLOUR)).contains(said), "{hold:?}");
    }
}

#[test]
fn jobs_in_slurm_s_queue_are_shown_and_given_up_after_a_question() {
    use crate::tui::effect::Effect;
    use crate::worker::slurm::Waiting;
    let mut app = fixture::app(80, 24);
    let mut runs = fixture::runs();
    runs.retain(|run| run.state != RunState::Running);
    update(&mut app, Message::Runs(Arc::new(runs)));
    update(&mut app, Message::Worker(false));
    press(&mut app, "Z");
    assert!(app.popup.is_none() && text(&draw(&app, &COLOUR)).contains("no job of this notebook"));
    let element = |number: u8, state: &str, start: Option<&str>, node: Option<&str>| Waiting {
        job: format!("7_{number}"),
        of: "7".into(),
        state: state.into(),
        start: start.map(Into::into),
        node: node.map(Into::into),
        reason: None,
    };
    let pending = element(1, "PENDING", Some("2026-11-26T03:05:00"), None);
    update(&mut app, Message::Jobs(vec![element(0, "RUNNING", None, Some("node1")), pending]));
    let head = text(&draw(&app, &COLOUR)).lines().next().unwrap().to_owned();
    assert!(head.contains("2 queued, pending on Slurm, start 03:05"), "{head}");
    press(&mut app, "Z");
    let words = text(&draw(&app, &COLOUR)).replace('│', " ");
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    shows(&words, "job 7_0 is running on node node1");
    let key = "y".parse().unwrap();
    assert_eq!(
        update(&mut app, Message::Key(key))[0],
        Effect::CancelJobs(vec!["7".into()]),
        "once for all elements"
    );
}

#[test]
fn a_device_that_does_not_open_is_named_in_the_header_and_said_once() {
    use crate::worker::Notice;
    let mut app = fixture::app(80, 24);
    let mut runs = fixture::runs();
    runs.retain(|run| run.state != RunState::Running);
    update(&mut app, Message::Runs(Arc::new(runs)));
    update(&mut app, Message::Worker(false));
    let said = "there is no cuda:1: this machine has 1 card, cuda:0";
    let notice = Notice::of_this_machine("cuda:1", true, said);
    update(&mut app, Message::Device(Some(notice)));
    let picture = text(&draw(&app, &COLOUR));
    assert!(picture.lines().next().unwrap().contains("2 queued, no worker: no cuda:1"), "{picture}");
    assert_eq!(picture.matches(said).count(), 1, "{picture}");
    update(&mut app, Message::Hold(Some(crate::tui::effect::Hold::Ask)));
    shows(&text(&draw(&app, &COLOUR)), "2 queued, no worker: no cuda:1");
    update(&mut app, Message::Hold(None));
    update(&mut app, Message::Device(None));
    assert!(!text(&draw(&app, &COLOUR)).contains("no worker: no cuda:1"));
}

#[test]
fn a_narrow_header_still_says_what_would_start_what_waits() {
    use crate::tui::effect::Hold;
    for columns in [20, 30, 40, 60] {
        let mut app = fixture::app(columns, 12);
        let mut runs = fixture::runs();
        runs.retain(|run| run.state != RunState::Running);
        update(&mut app, Message::Runs(Arc::new(runs)));
        update(&mut app, Message::Worker(false));
        update(&mut app, Message::Hold(Some(Hold::Ask)));
        shows(&text(&draw(&app, &COLOUR)), ": B starts one");
    }
}

#[test]
fn what_is_chosen_is_told_in_full_in_a_narrow_window() {
    for size in [(40, 10), (80, 24)] {
        let mut app = app(size, "P");
        let words = |text: &str| text.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        let screen = words(&text(&draw(&app, &COLOUR)));
        shows(&screen, "24 runs × 300 epochs");
        assert!(screen.contains(" experiments "), "{screen}");
        app.popup = None;
        press(&mut app, "V");
        shows(&words(&text(&draw(&app, &COLOUR))), "two numbers, such as 60 100; nothing: as the data are");
    }
}

#[test]
fn a_set_that_is_called_like_its_subject_says_so_once() {
    let mut app = fixture::app(80, 24);
    let mut data = fixture::data();
    data.source.name = "scp1".into();
    data.subjects = vec!["scp1".into()];
    update(&mut app, fixture::opened(data));
    let first = text(&draw(&app, &COLOUR)).lines().next().unwrap().to_owned();
    assert_eq!(first.matches("scp1").count(), 1, "{first}");
}

#[test]
fn the_footer_offers_what_applies_to_the_selected_run() {
    let footer = |state: &str| {
        let typed: String = format!("state={state}").chars().map(|letter| format!("{letter} ")).collect();
        let app = app((200, 60), &format!("/ {typed} enter"));
        text(&draw(&app, &COLOUR)).lines().last().unwrap().to_owned()
    };
    let offers = |footer: &str| {
        ["p pause", "p resume", "x cancel", "R retry", "R train again"].map(|hint| footer.contains(hint))
    };
    assert_eq!(offers(&footer("running")), [true, false, true, false, false]);
    assert_eq!(offers(&footer("failed")), [false, true, false, true, false]);
    assert_eq!(offers(&footer("finished")), [false, false, false, false, true]);
    assert_eq!(offers(&footer("paused")), [false, true, true, true, false]);
}

/// The screen after some keys, at a size.
fn seen(size: (u16, u16), keys: &str) -> String {
    text(&draw(&app(size, keys), &COLOUR))
}

#[track_caller]
fn shows(screen: &str, wanted: &str) {
    assert!(screen.contains(wanted), "no '{wanted}' in\n{screen}");
}

#[test]
fn what_trains_says_how_much_before_it_is_chosen() {
    shows(&seen((120, 35), ": e e g n e t"), "3 runs × 300 epochs, about 7m30: train EEGNet");
    shows(&seen((120, 35), "P"), "24 runs × 300 epochs");
    shows(&seen((80, 24), "n"), "3 runs on IIIb, about");
}

#[test]
fn the_bracket_says_which_part_comes_next() {
    shows(&seen((80, 24), "2"), "] results");
    shows(&seen((80, 24), "2 ]"), "] roc");
    shows(&seen((80, 24), "6"), "] DeepConvNet");
    shows(&seen((80, 24), "7"), "] test trials");
    shows(&seen((80, 24), "8"), "] log");
}

#[test]
fn a_form_that_does_not_fit_says_how_many_rows_lie_beyond() {
    let all = crate::tui::form::Row::count();
    shows(&seen((40, 10), "n"), "↓");
    let last = seen((40, 10), &format!("n {}", "down ".repeat(all)));
    shows(&last, "more");
    shows(&last, "↑");
    assert!(!last.contains('↓'), "{last}");
}

#[test]
fn data_sets_are_offered_with_their_trials_subjects_and_gaps() {
    use crate::tui::survey::Survey;
    let mut app = app((120, 35), "o");
    let subjects = vec!["S4b".into(), "X11b".into()];
    let survey = Survey {
        train: 1080,
        test: 1060,
        subjects,
        incomplete: 3,
        findings: 2,
        errors: 1,
        ..fixture::survey()
    };
    update(&mut app, Message::Sets(vec!["IIIb".into(), "broken".into()]));
    update(&mut app, Message::Surveyed("IIIb".into(), Ok(survey)));
    update(&mut app, Message::Surveyed("broken".into(), Err("S1_train.npz is cut off".into())));
    let offered = text(&draw(&app, &COLOUR));
    shows(&offered, "1080 + 1060 trials of 6×896, S4b X11b, 3 trials with gaps");
    shows(&offered, "2 findings, 1 stops runs; 1080");
    shows(&offered, "S1_train.npz is cut off");
    shows(&offered, "reading …");
}

#[test]
fn a_column_that_is_wanted_and_has_no_room_says_so() {
    shows(&seen((80, 24), "C k a p p a"), "no room now, hide others: Cohen's kappa");
    let shown = seen((80, 24), "C t e s t");
    shows(&shown, "test accuracy % by the rule");
    assert!(!shown.contains("no room now, hide others: test accuracy"), "{shown}");
}

#[test]
fn a_card_is_shown_over_time_where_there_is_one() {
    use crate::tui::machine::{Gpu, Load};
    let mut app = app((200, 60), "8");
    let gpu = Gpu { name: "H100".into(), busy: 0.5, memory: (10 << 30, 80 << 30) };
    update(&mut app, Message::Load(Load { cores: 2, cpu: Some(0.5), memory: None, gpu: Some(gpu) }));
    let screen = text(&draw(&app, &COLOUR));
    shows(&screen, "H100 %");
    shows(&screen, "H100 memory GB of 80");
}

#[test]
fn what_is_reported_is_never_overdrawn() {
    let mut app = app((80, 24), "2");
    let sentence = "It is long enough to take two lines of the window, as it tells what was wrong with what and what to do about it.";
    update(&mut app, Message::Failed(sentence.into()));
    let screen = text(&draw(&app, &COLOUR));
    let last: Vec<&str> = screen.lines().rev().take(2).collect();
    let shown = format!("{} {}", last[1].trim(), last[0].trim());
    assert_eq!(shown, sentence);
}

#[test]
fn no_key_means_two_things_but_those_that_look_and_those_that_write() {
    use crate::tui::action::Action;
    use std::collections::{BTreeMap, BTreeSet};
    let keymap = crate::tui::keymap::Keymap::default();
    let mut meanings: BTreeMap<String, BTreeSet<Action>> = BTreeMap::new();
    for binding in keymap.bindings() {
        for key in &binding.keys {
            meanings.entry(key.to_string()).or_default().insert(binding.action);
        }
    }
    meanings.retain(|_, actions| actions.len() > 1);
    // `/` looks for something everywhere; `w` is words: a person's on a run, the program's on a verdict.
    assert_eq!(meanings.keys().collect::<Vec<_>>(), ["/", "w"], "{meanings:?}");
}

#[test]
fn a_window_that_is_too_small_says_so() {
    insta::assert_snapshot!(text(&draw(&app((19, 4), ""), &COLOUR)), @r"
    q quits
    needs 20x5
    is 19x4
    ");
}

#[test]
fn an_empty_notebook_without_recordings_offers_nothing_that_needs_them() {
    let mut app = crate::tui::app::App::new(crate::tui::keymap::Keymap::default(), fixture::now());
    for message in [
        Message::Resize(80, 24),
        Message::Runs(Arc::new(Vec::new())),
        Message::Data(Err("no data set was chosen yet".into())),
    ] {
        update(&mut app, message);
    }
    for pane in 1..=8 {
        press(&mut app, &pane.to_string());
        let screen = text(&draw(&app, &MONOCHROME));
        let footer = screen.lines().last().unwrap();
        for word in ["why", "inside", "copy", "smooth", "rule", "undo", "filter", "sort", "group", "acc/loss"]
        {
            // Networks are there without runs.
            assert!(pane == 6 || !footer.contains(word), "pane {pane} offers {word}: {footer}");
        }
        assert!(!screen.contains("Reading the notebook"), "{screen}");
    }
    press(&mut app, "4");
    assert!(text(&draw(&app, &MONOCHROME)).contains("No run is here yet, and no data set is chosen."));
}

#[test]
fn a_picture_that_stands_still_says_so_at_any_width() {
    for size in [(40, 10), (60, 20), (80, 24), (120, 35), (200, 60)] {
        for pane in 1..=3 {
            let tabs =
                text(&draw(&app(size, &format!("{pane} f")), &MONOCHROME)).lines().nth(1).unwrap().to_owned();
            assert!(tabs.contains("frozen") || tabs.contains("held"), "{size:?}: {tabs}");
        }
    }
}

#[test]
fn a_list_to_choose_from_says_how_much_of_it_is_not_on_show() {
    for size in [(40, 10), (80, 24)] {
        for keys in ["C", ":"] {
            let screen = text(&draw(&app(size, keys), &MONOCHROME));
            assert!(screen.contains(" more"), "{keys} at {size:?}\n{screen}");
        }
    }
    // What the chosen action does is said in full where its line can't hold it.
    let palette = text(&draw(&app((80, 24), ": w r i t e space r e p o r t"), &MONOCHROME));
    assert!(palette.contains("curves and methods (HTML)"), "{palette}");
}

#[test]
fn without_recordings_experiments_say_what_they_are_before_what_is_missing() {
    let mut app = app((80, 24), "");
    update(&mut app, Message::Data(Err("no data set was chosen yet".into())));
    press(&mut app, "P");
    let screen = text(&draw(&app, &MONOCHROME));
    assert!(screen.contains("Both of what follows"), "{screen}");
}

#[test]
fn the_smallest_window_still_lists_runs() {
    insta::assert_snapshot!("runs_20x5", text(&draw(&app((20, 5), ""), &MONOCHROME)));
}

#[test]
fn ten_thousand_runs_are_drawn_at_once() {
    let mut app = fixture::app(80, 24);
    let some = fixture::runs();
    let many = (0..10_000).map(|place| {
        let mut run = some[place % some.len()].clone();
        run.id = format!("{}-{place}", run.id);
        run
    });
    update(&mut app, Message::Runs(Arc::new(many.collect())));
    press(&mut app, "G k k / e l u enter");
    assert!(text(&draw(&app, &COLOUR)).contains("of 10000 runs"));
}

/// Keys that mean something somewhere, and some that never do.
fn any_key() -> impl Strategy<Value = String> {
    let named = [
        "enter",
        "esc",
        "tab",
        "shift-tab",
        "up",
        "down",
        "left",
        "right",
        "home",
        "end",
        "pageup",
        "pagedown",
        "backspace",
        "delete",
        "space",
        "ctrl-u",
        "ctrl-w",
        "ctrl-k",
        "ctrl-a",
        "ctrl-e",
        "ctrl-l",
        "f5",
        "alt-x",
    ];
    let named = proptest::sample::select(named.to_vec()).prop_map(String::from);
    prop_oneof![named, proptest::char::range('!', '~').prop_map(String::from), Just("α".to_owned())]
}

#[derive(Clone, Debug)]
enum Happening {
    Key(String),
    Resize(u16, u16),
    Paste(String),
    Runs(usize),
}

fn anything() -> impl Strategy<Value = Happening> {
    prop_oneof![
        12 => any_key().prop_map(Happening::Key),
        1 => (0u16..220, 0u16..70).prop_map(|(columns, rows)| Happening::Resize(columns, rows)),
        1 => "\\PC{0,12}".prop_map(Happening::Paste),
        1 => (0usize..12).prop_map(Happening::Runs),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_keys_at_no_size_panic_or_lock_anyone_in(happenings in proptest::collection::vec(anything(), 1..60)) {
        let mut app = fixture::app(80, 24);
        for happening in happenings {
            let message = match happening {
                // Leaving is what is tested at the end.
                Happening::Key(key) if key == "q" => continue,
                Happening::Key(key) => Message::Key(key.parse().unwrap()),
                Happening::Resize(columns, rows) => Message::Resize(columns, rows),
                Happening::Paste(text) => Message::Paste(text),
                Happening::Runs(count) => Message::Runs(Arc::new(fixture::runs().split_off(count))),
            };
            update(&mut app, message);
            if app.size.0 > 0 && app.size.1 > 0 {
                draw(&app, &MONOCHROME);
            }
        }
        let mut hurried = app.clone();
        press(&mut hurried, "ctrl-c");
        prop_assert!(hurried.quitting);
        press(&mut app, "esc q");
        prop_assert!(app.quitting, "{:?} {:?}", app.pane, app.popup);
    }
}

#[test]
fn every_pane_has_a_key_and_a_tab() {
    for (place, pane) in Pane::ALL.into_iter().enumerate() {
        let app = app((80, 24), &(place + 1).to_string());
        assert_eq!(app.pane, pane);
        assert!(text(&draw(&app, &COLOUR)).contains(&format!("[{} {}]", place + 1, pane.title())));
    }
}

#[test]
fn a_question_grows_with_its_text_and_keeps_its_answers() {
    use crate::tui::app::Popup;
    use crate::tui::effect::Effect;
    for size in SIZES {
        let mut app = app(size, "");
        let question =
            format!("Enqueue 3 runs though they would mean nothing? {}", "units: volts ".repeat(20));
        app.popup = Some(Popup::Confirm(question, Effect::Redraw));
        let screen = text(&draw(&app, &COLOUR));
        shows(&screen, "y yes   n no");
        shows(&screen, "Enqueue 3 runs though");
        assert!(size.1 == 10 || screen.matches("volts").count() == 20, "{screen}");
    }
}

#[test]
fn the_import_form_shows_what_lies_in_the_files_what_is_wrong_and_how_far_it_is() {
    use crate::tui::app::Popup;
    use crate::tui::import::{Inquiry, Inside};
    let inspected = Arc::new(fixture::inspected(&["4"]));
    for size in [(40, 10), (80, 24), (120, 35), (200, 60)] {
        let mut app = app(size, "7 I");
        shows(&text(&draw(&app, &COLOUR)), "name the recordings");
        press(&mut app, "a . e d f down");
        let Some(Popup::Import(form)) = &app.popup else { panic!() };
        let Inside::Looking(inquiry) = &form.inside else { panic!() };
        let inquiry: Inquiry = inquiry.clone();
        update(&mut app, Message::Inspected(inquiry, Ok(inspected.clone())));
        let known = text(&draw(&app, &COLOUR));
        shows(&known, "enter makes the data set 'S1R4'");
        shows(&known, "1 recording: EDF+, 1 EEG channel");
        assert!(size.1 == 10 || known.contains("events T1 ×8"), "{known}");
        press(&mut app, "ctrl-t");
        insta::assert_snapshot!(
            format!("import_signal_{}x{}", size.0, size.1),
            text(&draw(&app, &MONOCHROME))
        );
        assert!(text(&draw(&app, &Theme::PLAIN)).is_ascii());
        press(&mut app, "esc");
        shows(&text(&draw(&app, &COLOUR)), "enter makes the data set 'S1R4'");
        press(&mut app, "down down x");
        shows(&text(&draw(&app, &COLOUR)), "window: x is not understood");
        press(&mut app, "ctrl-u enter");
        update(&mut app, Message::ImportRead(1_000_000, 4_000_000));
        let reading = text(&draw(&app, &COLOUR));
        shows(&reading, "1.0 of 4.0 MB");
        assert!(size.1 == 10 || reading.contains("esc stops"), "{reading}");
        assert!(text(&draw(&app, &Theme::PLAIN)).is_ascii());
    }
}
