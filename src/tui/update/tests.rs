//! Keystroke scripts: what is typed, and what comes of it.

use super::*;
use crate::dataset::DataSet;
use crate::notebook::{Place, RunState, RunSummary};
use crate::spec::{DataSource, Rule, Spec};
use crate::tui::app::Popup;
use crate::tui::effect::{Change, Ended, Mouse, Report};
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
        .retain(|effect| !matches!(effect, Effect::ReadRun(_) | Effect::Tabulate(..) | Effect::Remember(_)));
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
    let told = &app.messages.current(app.now).unwrap().text;
    assert_eq!(told, "There is no S4b_train.npz: o chooses one of simulated.");
}

/// A screen over a folder of several sets, of which none was named.
fn undecided() -> App {
    let mut app = fixture::app(80, 24);
    update(&mut app, Message::Data(Err("no data set was chosen yet".into())));
    update(&mut app, Message::Sets(vec!["S4b".into(), "scp1".into()]));
    app
}

#[test]
fn a_folder_of_several_sets_lets_the_person_choose_one() {
    let mut app = undecided();
    assert!(app.messages.current(app.now).is_none(), "nothing lies over the list");
    assert_eq!(app.messages.newest_first().len(), 1, "and all the same it can be read");
    keys(&mut app, "7 enter");
    assert!(matches!(app.popup, Some(Popup::Picker(_))), "{:?}", app.popup);
    assert_eq!(keys(&mut app, "down enter"), [Effect::OpenData("scp1".into())]);
    // What a person chose and can't have is told over the pane.
    update(&mut app, Message::Data(Err("scp1 is damaged".into())));
    assert_eq!(app.messages.current(app.now).unwrap().text, "scp1 is damaged");
}

#[test]
fn without_a_set_no_key_for_trials_is_offered_and_experiments_say_what_is_missing() {
    use crate::tui::{choices, offers};
    let mut app = undecided();
    keys(&mut app, "7");
    let of_trials = [Action::Sort, Action::FindTrial];
    for action in of_trials.into_iter().chain([Action::CompareLabs(0), Action::SweepAlpha, Action::Presets]) {
        assert!(!offers::applies(&app, action), "{action:?}");
    }
    assert!(offers::applies(&app, Action::Open));
    for key in ["s", "/"] {
        assert_eq!(keys(&mut app, key), []);
        assert!(app.popup.is_none() && !app.furthest_first, "{key}");
        let told = &app.messages.current(app.now).unwrap().text;
        assert_eq!(told, "There are no trials here: no data set: o chooses one.");
    }
    assert_eq!(keys(&mut app, "e"), []);
    let told = &app.messages.current(app.now).unwrap().text;
    assert_eq!(told, "No data set was chosen yet: o chooses one of S4b, scp1, simulated.");
    keys(&mut app, "P");
    let Some(Popup::Picker(picker)) = &app.popup else { panic!("{:?}", app.popup) };
    let entries = choices::entries(&app, picker);
    assert!(entries.iter().all(|entry| entry.about.ends_with("(no data set: o chooses one)")), "{entries:?}");
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
fn what_was_enqueued_elsewhere_is_not_trained_along_without_a_word() {
    use crate::tui::effect::Hold;
    let waiting = |script: &str| {
        let mut app = fixture::app(80, 24);
        update(&mut app, Message::Worker(false));
        update(&mut app, Message::Hold(Some(Hold::Ask)));
        let effects = keys(&mut app, script);
        (app, effects)
    };
    let (app, effects) = waiting("e");
    let Some(Popup::Confirm(question, Effect::Enqueue(specs))) = &app.popup else {
        panic!("{:?}", app.popup)
    };
    assert!(effects.is_empty() && specs.len() == 3);
    assert!(
        question.ends_with("A worker starts here then, and trains 2 runs that were enqueued elsewhere too.")
    );
    assert_eq!(waiting("e n").1, []);
    assert!(matches!(&waiting("e y").1[..], [Effect::Enqueue(_)]));
    // The fourth is paused, the second waits: to go on with it would train the others too.
    assert!(matches!(waiting("down down down p").0.popup, Some(Popup::Confirm(..))));
    // Where a worker is at work anyway, or the person was asked before, nothing changes.
    let mut app = fixture::app(80, 24);
    update(&mut app, Message::Hold(Some(Hold::Ask)));
    assert!(matches!(&keys(&mut app, "e")[..], [Effect::Enqueue(_)]));
}

#[test]
fn throughput_counts_what_was_trained_and_not_what_was_read_or_came_back() {
    let mut app = fixture::app(80, 24);
    assert_eq!(app.epochs_seen, 0, "what was there when the screen was opened was trained before");
    let mut runs = app.runs.to_vec();
    runs[0].epoch += 3;
    let gone = runs.remove(4);
    update(&mut app, Message::Runs(Arc::new(runs.clone())));
    assert_eq!(app.epochs_seen, 3);
    runs.push(gone);
    update(&mut app, Message::Runs(Arc::new(runs)));
    assert_eq!(app.epochs_seen, 3, "an undone removal trains nothing");
}

fn change(what: &str, back: Vec<Effect>) -> Change {
    Change { what: what.into(), back, again: Vec::new() }
}

fn done(app: &mut App, change: Change) {
    let report = Report { text: "Done.".into(), change: Some(change), ..Report::default() };
    update(app, Message::Done(report));
}

#[test]
fn undo_takes_back_the_last_change_first() {
    let mut app = fixture::app(80, 24);
    let removal = |id: &str| change(&format!("removal of {id}"), vec![Effect::Restore(vec![id.into()])]);
    for id in ["first", "second"] {
        done(&mut app, removal(id));
    }
    let back = |id: &str| Effect::TakeBack(removal(id));
    assert_eq!(keys(&mut app, "u u u"), [back("second"), back("first")]);
}

#[test]
fn taking_back_is_told_and_only_another_key_does_it_again() {
    let mut app = fixture::app(80, 24);
    let removal = change("removal of EEGNet ELU 0.3 seed 1", vec![Effect::Restore(vec!["a".into()])]);
    done(&mut app, removal.clone());
    assert_eq!(keys(&mut app, "u"), [Effect::TakeBack(removal.clone())]);
    update(&mut app, Message::TakenBack(removal.clone(), String::new()));
    let told = &app.messages.current(app.now).unwrap().text;
    assert!(told.starts_with("Taken back: removal of EEGNet ELU 0.3 seed 1."), "{told}");
    assert_eq!(keys(&mut app, "u u u"), [], "going on taking back never does it again");
    assert_eq!(keys(&mut app, "U"), [Effect::DoAgain(removal.clone())]);
    update(&mut app, Message::DoneAgain(removal.clone(), String::new()));
    assert_eq!(keys(&mut app, "u"), [Effect::TakeBack(removal)]);
}

#[test]
fn what_cannot_be_taken_back_says_so_and_does_not_block_the_way() {
    let mut app = fixture::app(80, 24);
    let labels = change("labels of a run", vec![Effect::Restore(vec!["a".into()])]);
    done(&mut app, labels.clone());
    done(&mut app, change("retry of a run", Vec::new()));
    assert!(app.messages.current(app.now).unwrap().text.contains("can't be taken back"));
    assert_eq!(keys(&mut app, "u"), []);
    assert_eq!(app.messages.current(app.now).unwrap().text, "The retry of a run can't be taken back.");
    assert_eq!(keys(&mut app, "u"), [Effect::TakeBack(labels)]);
}

#[test]
fn a_finished_run_is_trained_again_as_a_new_one() {
    let mut app = fixture::app(80, 24);
    keys(&mut app, "/ s t a t e = f i n i s h e d enter");
    let spec = app.selected().unwrap().spec.clone();
    assert_eq!(keys(&mut app, "R"), [Effect::Enqueue(vec![spec])]);
}

#[test]
fn pausing_many_never_revives_what_was_cancelled() {
    let mut app = fixture::app(80, 24);
    keys(&mut app, "/ s t a t e = c a n c e l l e d , p a u s e d enter *");
    let paused =
        app.targets().iter().find(|run| run.state == crate::notebook::RunState::Paused).unwrap().id.clone();
    assert_eq!(app.targets().len(), 2);
    assert_eq!(keys(&mut app, "p"), [Effect::Resume(vec![paused])]);
}

#[test]
fn a_sentence_about_training_goes_when_the_run_no_longer_trains() {
    let mut app = fixture::app(80, 24);
    let report = Report {
        text: "It will pause after the batch at hand.".into(),
        while_training: vec![id(0)],
        ..Report::default()
    };
    update(&mut app, Message::Done(report));
    update(&mut app, Message::Runs(Arc::new(fixture::runs())));
    assert!(app.messages.current(app.now).is_some());
    let mut runs = fixture::runs();
    runs[0].state = crate::notebook::RunState::Paused;
    update(&mut app, Message::Runs(Arc::new(runs)));
    assert!(app.messages.current(app.now).is_none());
}

#[test]
fn new_runs_are_scrolled_to() {
    let mut app = fixture::app(80, 24);
    let report = Report { enqueued: vec!["new".into()], ..Report::default() };
    update(&mut app, Message::Done(report));
    let mut runs = fixture::runs();
    let new = crate::notebook::RunSummary { id: "new".into(), ..runs[1].clone() };
    runs.push(new);
    update(&mut app, Message::Runs(Arc::new(runs)));
    assert_eq!(app.selected().unwrap().id, "new");
}

#[test]
fn what_takes_long_is_asked_first() {
    let mut app = fixture::app(80, 24);
    let mut runs = fixture::runs();
    for run in &mut runs {
        run.seconds *= 100.0;
    }
    update(&mut app, Message::Runs(Arc::new(runs)));
    assert_eq!(keys(&mut app, "e"), []);
    let Some(Popup::Confirm(question, _)) = &app.popup else { panic!("{:?}", app.popup) };
    assert!(question.starts_with("Enqueue 3 runs × 300 epochs, about 12h"), "{question}");
    assert!(matches!(&keys(&mut app, "y")[..], [Effect::Enqueue(specs)] if specs.len() == 3));
}

/// A screen with so few training trials that the lab's batch is larger.
fn few_trials() -> App {
    let mut app = fixture::app(80, 24);
    let mut data = fixture::data();
    data.train = data.train.select(&(0..50).collect::<Vec<_>>());
    update(&mut app, fixture::opened(data));
    app
}

#[test]
fn on_few_trials_the_keys_make_runs_and_say_that_a_batch_is_smaller() {
    for key in ["e", "d", "a"] {
        let mut app = few_trials();
        let effects = keys(&mut app, key);
        let [Effect::Enqueue(specs)] = &effects[..] else { panic!("{key}: {effects:?}") };
        let report = Report { text: "Enqueued.".into(), specs: specs.clone(), ..Report::default() };
        update(&mut app, Message::Done(report));
        let told = &app.messages.current(app.now).unwrap().text;
        // A fifth is held out.
        assert!(told.contains("more than the 40 training trials: each epoch is one smaller batch"), "{told}");
    }
}

/// A screen over recordings that look like volts.
fn volts() -> App {
    use crate::dataset::findings::{Finding, Severity};
    let mut app = fixture::app(80, 24);
    let finding = Finding {
        id: "units",
        severity: Severity::Error,
        place: "signal".into(),
        message: "this looks like volts".into(),
        remedy: "multiply the signal by 1e6".into(),
    };
    app.judged = [(app.source().unwrap().fingerprint.clone(), vec![finding])].into();
    app
}

#[test]
fn a_finding_that_makes_results_meaningless_stops_runs_until_it_is_accepted() {
    // Keys, the list of experiments, the form: whatever enqueues.
    for script in ["e", "d", "a", "P enter", "n enter"] {
        let mut app = volts();
        assert_eq!(keys(&mut app, script), [], "{script}");
        let Some(Popup::Confirm(question, _)) = &app.popup else { panic!("{script}: {:?}", app.popup) };
        assert!(
            question.contains("mean nothing? units: signal: this looks like volts; multiply"),
            "{question}"
        );
        assert_eq!(keys(&mut app, "n"), [], "{script}");
        assert!(app.popup.is_none());
        keys(&mut app, script);
        let effects = keys(&mut app, "y");
        let [Effect::Enqueue(specs)] = &effects[..] else { panic!("{script}: {effects:?}") };
        let report = Report { text: "Enqueued.".into(), specs: specs.clone(), ..Report::default() };
        update(&mut app, Message::Done(report));
        let told = &app.messages.current(app.now).unwrap().text;
        assert!(told.contains("Accepted: units."), "{told}");
    }
    // Scaled trials have no unit, and another set's findings are its own.
    let mut app = volts();
    let mut spec = super::runs::compare(&mut fixture::app(80, 24), crate::model::Model::eegnet());
    let Some(Effect::Enqueue(specs)) = &mut spec.pop() else { panic!() };
    specs.iter_mut().for_each(|spec| spec.standardize = crate::spec::Standardize::Zscore);
    assert!(app.stopping(specs).is_empty());
    specs.iter_mut().for_each(|spec| spec.standardize = crate::spec::Standardize::None);
    assert_eq!(app.stopping(specs).len(), 1);
    specs.iter_mut().for_each(|spec| spec.data.fingerprint = "0".into());
    assert!(app.stopping(specs).is_empty());
    let found = app.judged.values_mut().next().unwrap();
    found[0].severity = crate::dataset::findings::Severity::Warning;
    assert!(matches!(&keys(&mut app, "e")[..], [Effect::Enqueue(_)]));
}

#[test]
fn runs_on_another_set_are_judged_by_what_is_noticed_there() {
    let mut app = volts();
    let found = app.judged.values().next().unwrap().clone();
    let elsewhere = |spec: &Spec| {
        let data = DataSource { name: "mine".into(), path: None, fingerprint: "e".repeat(64) };
        Spec { data, ..spec.clone() }
    };
    let specs = vec![elsewhere(&app.runs[0].spec)];
    let source = specs[0].data.clone();
    let asked = super::runs::enqueue(&mut app, specs.clone());
    let waits = Effect::Enqueue(specs.clone());
    assert_eq!(asked, [Effect::Judge(source.clone(), Box::new(waits.clone()))], "nobody looked it over yet");
    // Sound: on with it, then and later.
    let mut sound = app.clone();
    let judged = |found| Message::Judged(source.clone(), found, Box::new(waits.clone()));
    assert_eq!(update(&mut sound, judged(Ok(vec![]))), [Effect::Enqueue(specs.clone())]);
    assert_eq!(super::runs::enqueue(&mut sound, specs.clone()), [Effect::Enqueue(specs.clone())]);
    // Not sound, or not to be read here: a question.
    for (found, said) in [(Ok(found), "mean nothing? units"), (Err("it is gone".into()), "it is gone")] {
        let mut app = app.clone();
        assert_eq!(update(&mut app, judged(found)), []);
        let Some(Popup::Confirm(question, effect)) = &app.popup else { panic!("{said}: {:?}", app.popup) };
        assert!(question.contains(said), "{question}");
        assert_eq!(*effect, Effect::Enqueue(specs.clone()));
    }
}

#[test]
fn runs_that_are_trained_again_are_judged_like_new_ones() {
    // On the set at hand, in which something was noticed.
    let mut app = volts();
    keys(&mut app, "/ s t a t e = f a i l e d enter");
    assert_eq!(keys(&mut app, "R"), []);
    let Some(Popup::Confirm(question, effect)) = &app.popup else { panic!("{:?}", app.popup) };
    let told = "Train 1 run again from nothing though they would mean nothing? units";
    assert!(question.starts_with(told), "{question}");
    let again = effect.clone();
    assert!(matches!(again, Effect::Retry(_)));
    assert_eq!(keys(&mut app, "y"), [again]);
    // On another that nobody looked over yet.
    let mut app = fixture::app(80, 24);
    keys(&mut app, "/ s t a t e = f a i l e d enter");
    let id = app.selected().unwrap().id.clone();
    let source = DataSource { name: "mine".into(), path: None, fingerprint: "e".repeat(64) };
    let mut runs: Vec<RunSummary> = app.runs.to_vec();
    runs.iter_mut().for_each(|run| run.spec.data = source.clone());
    app.runs = Arc::new(runs);
    let waits = Box::new(Effect::Retry(vec![id]));
    assert_eq!(keys(&mut app, "R"), [Effect::Judge(source.clone(), waits.clone())]);
    update(&mut app, Message::Judged(source, Ok(Vec::new()), waits));
    let Some(Popup::Confirm(question, _)) = &app.popup else { panic!("{:?}", app.popup) };
    assert!(question.starts_with("Train again from nothing? What was trained so far"), "{question}");
}

/// The import form over recordings that were looked into.
fn importing() -> App {
    let mut app = fixture::app(80, 24);
    let effects = keys(&mut app, "7 I r e c / * . e d f down");
    let [Effect::Inspect(inquiry)] = &effects[..] else { panic!("{effects:?}") };
    update(&mut app, Message::Inspected(inquiry.clone(), Ok(Arc::new(fixture::inspected(&["4", "8"])))));
    app
}

#[test]
fn a_data_set_is_made_of_recordings_and_taken_for_new_runs() {
    let mut app = importing();
    let effects = keys(&mut app, "down T 1 , T 2 down 0 . . 4 enter");
    let [Effect::Import(wanted)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((wanted.name.as_str(), wanted.files.as_str()), ("rec", "rec/*.edf"));
    assert_eq!(wanted.options.events, ["T1", "T2"]);
    update(&mut app, Message::ImportRead(1_000_000, 4_000_000));
    let report = crate::recording::import::Report {
        name: "rec".into(),
        path: "data/rec".into(),
        trials: crate::recording::import::Parts { train: 16, test: 0 },
        channels: vec!["C3".into()],
        samples: 640,
        sfreq: Some(160.0),
        classes: Default::default(),
        subjects: vec!["S1".into()],
        lost: Vec::new(),
        files: Vec::new(),
        fingerprint: None,
        findings: Vec::new(),
        notes: Vec::new(),
    };
    let mut effects = update(&mut app, Message::Imported(Ok(Arc::new(report))));
    effects.retain(|effect| !matches!(effect, Effect::Remember(_)));
    assert_eq!(effects, [Effect::OpenData("rec".into())]);
    assert!(app.popup.is_none());
    assert!(app.messages.current(app.now).unwrap().text.contains("rec of 16 + 0 trials"));
}

#[test]
fn an_import_is_stopped_by_esc_and_what_was_typed_stays() {
    let mut app = importing();
    keys(&mut app, "enter");
    assert_eq!(keys(&mut app, "x q enter"), [], "no key but esc means anything while files are read");
    assert_eq!(keys(&mut app, "esc"), [Effect::StopImport]);
    update(&mut app, Message::Imported(Err("rec/S1R4.edf was not read to its end: stopped".into())));
    assert!(matches!(&app.popup, Some(Popup::Import(_))));
    keys(&mut app, "esc");
    assert!(app.popup.is_none());
    keys(&mut app, "I");
    let Some(Popup::Import(form)) = &app.popup else { panic!() };
    assert_eq!(form.rows().next().unwrap().1.text(), "rec/*.edf");
}

#[test]
fn another_data_set_is_waited_for_before_anything_is_enqueued_on_it() {
    let mut app = fixture::app(80, 24);
    update(&mut app, Message::Sets(vec!["IIIb".into(), "scp1".into()]));
    assert_eq!(keys(&mut app, "n up right"), [Effect::OpenData("scp1".into())]);
    assert_eq!(keys(&mut app, "enter"), [], "it is still being read");
    let mut data = fixture::data();
    data.source.name = "scp1".into();
    update(&mut app, fixture::opened(data));
    let effects = keys(&mut app, "enter");
    let [Effect::Enqueue(specs)] = &effects[..] else { panic!("{effects:?}") };
    assert!(specs.iter().all(|spec| spec.data.name == "scp1"));
}

#[test]
fn a_set_that_cannot_be_read_says_why_in_the_form_and_another_can_be_taken() {
    let mut app = fixture::app(80, 24);
    assert_eq!(keys(&mut app, "n up s c p 2 down"), [Effect::OpenData("scp2".into())]);
    update(&mut app, Message::Data(Err("There is no scp2.".into())));
    assert_eq!(keys(&mut app, "up ctrl-u s c p 1 enter"), [Effect::OpenData("scp1".into())]);
}

#[test]
fn the_form_keeps_its_values_whether_it_enqueued_or_was_closed() {
    let mut app = fixture::app(80, 24);
    keys(&mut app, "n down down down 3 down 7 esc");
    let effects = keys(&mut app, "n enter");
    let [Effect::Enqueue(specs)] = &effects[..] else { panic!("{effects:?}") };
    assert!(specs.iter().all(|spec| (spec.seed, spec.epochs) == (3, 7)));
    let effects = keys(&mut app, "n ctrl-r enter");
    let [Effect::Enqueue(specs)] = &effects[..] else { panic!("{effects:?}") };
    assert!(specs.iter().all(|spec| (spec.seed, spec.epochs) == (0, 300)));
}

#[test]
fn the_labs_report_is_one_key_and_one_choice() {
    let mut app = fixture::app(80, 24);
    let effects = keys(&mut app, "P l a b enter");
    let [Effect::Enqueue(specs)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(specs.len(), 24);
    assert!(specs.iter().all(|spec| spec.validation == 0.0));
}

#[test]
fn a_data_set_is_chosen_from_those_that_are_there() {
    let mut app = fixture::app(80, 24);
    update(&mut app, Message::Sets(vec!["IIIb".into(), "scp1".into()]));
    let wanted = ["IIIb", "scp1", "simulated"].map(String::from);
    assert_eq!(keys(&mut app, "o"), [Effect::Survey(wanted.into())]);
    update(&mut app, Message::Surveyed("scp1".into(), Err("It is damaged.".into())));
    assert_eq!(keys(&mut app, "s c p enter"), [Effect::OpenData("scp1".into())]);
}

#[test]
fn each_notebook_opens_with_the_data_set_that_was_chosen_in_it() {
    let mut app = fixture::app(80, 24);
    app.notebook = "/one/runs".into();
    update(&mut app, Message::Sets(vec!["IIIb".into(), "scp1".into()]));
    keys(&mut app, "o s c p enter");
    let scp1 = DataSource { name: "scp1".into(), ..app.runs[0].spec.data.clone() };
    let effects = update(&mut app, fixture::opened(DataSet { source: scp1, ..fixture::data() }));
    let kept = effects.into_iter().find_map(|effect| match effect {
        Effect::Remember(memory) => Some(*memory),
        _ => None,
    });
    let opened = |notebook: &str, named: Option<&str>| {
        let mut app = fixture::app(80, 24);
        app.notebook = notebook.into();
        app.remember(kept.clone().unwrap());
        let first = app.first_set(named.map(Into::into));
        // Where it is gone, that is said: somebody chose it.
        update(&mut app, Message::Data(Err("There is no scp1.".into())));
        (first, app.messages.current(app.now).map(|entry| entry.text.clone()))
    };
    let gone = Some("There is no scp1.".to_owned());
    assert_eq!(opened("/one/runs", None), (Some("scp1".into()), gone));
    assert_eq!(opened("/another/runs", None), (None, None));
    // What the command line names is for that session, and nothing is remembered of it.
    assert_eq!(opened("/one/runs", Some("IIIb")), (Some("IIIb".into()), None));
}

#[test]
fn a_filter_that_is_not_understood_stays_on_show() {
    let mut app = fixture::app(80, 24);
    keys(&mut app, "/ s e d = 0 enter down");
    assert!(app.list.complaint.is_some());
    keys(&mut app, "/ ctrl-u s e e d = 0 enter");
    assert!(app.list.complaint.is_none());
}

#[test]
fn a_filter_for_notes_reads_them() {
    let mut app = fixture::app(80, 24);
    let effects = keys(&mut app, "/ n o t e s ~ s t e a d y");
    let Some(Effect::ReadAllNotes(ids)) = effects.first() else { panic!("{effects:?}") };
    let read = ids.iter().map(|id| (id.clone(), "Looks steady.".to_owned())).collect();
    let all = ids.len();
    update(&mut app, Message::AllNotes(read));
    assert_eq!(app.list.shown().len(), all);
}

#[test]
fn a_filter_for_kappa_reads_the_predictions_of_every_finished_run() {
    let mut app = fixture::app(80, 24);
    let effects = keys(&mut app, "/ k a p p a > 0 . 5");
    let [Effect::ReadScores(ids, Rule::Validation)] = &effects[..] else { panic!("{effects:?}") };
    let finished = app.runs.iter().filter(|run| run.state == crate::notebook::RunState::Finished).count();
    assert_eq!(ids.len(), finished, "whatever the recipe");
    let said = |kappa| crate::tui::effect::Said { id: ids[0].clone(), kappa: Some(kappa), subjects: vec![] };
    update(&mut app, Message::Scores(Rule::Last, vec![said(0.9)]));
    assert_eq!(app.list.shown().len(), 0, "another rule's figure is none of this one's");
    update(&mut app, Message::Scores(Rule::Validation, vec![said(0.7)]));
    assert_eq!(app.list.shown().len(), 1);
    assert!(matches!(&keys(&mut app, "enter r")[..], [Effect::ReadScores(_, Rule::Last)]), "asked anew");
}

#[test]
fn columns_are_hidden_and_that_is_remembered() {
    let mut app = fixture::app(80, 24);
    keys(&mut app, "C d a t a enter esc");
    assert!(app.list.hidden_columns.contains("data"));
    assert!(app.choices().hidden_columns.contains("data"));
}

#[test]
fn each_notebook_has_its_own_rule() {
    let mut app = fixture::app(80, 24);
    app.notebook = "/one/runs".into();
    keys(&mut app, "r r");
    let memory = app.choices();
    let mut other = fixture::app(80, 24);
    other.notebook = "/another/runs".into();
    other.remember(memory.clone());
    assert_eq!(other.rule, Rule::Validation);
    let mut again = fixture::app(80, 24);
    again.notebook = "/one/runs".into();
    again.remember(memory);
    assert_eq!(again.rule, Rule::BestTest);
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
fn tags_differ_by_what_was_typed() {
    let set = |ids: &[usize], add: &[&str], remove: &[&str]| Effect::SetTags {
        ids: ids.iter().map(|place| id(*place)).collect(),
        add: add.iter().map(|tag| (*tag).into()).collect(),
        remove: remove.iter().map(|tag| (*tag).into()).collect(),
    };
    assert_eq!(typed("t ctrl-u b e s t enter"), [set(&[0], &["best"], &["pilot"])]);
    // The second run has no labels: nothing is common to both, and nothing of the first's is taken from it.
    assert_eq!(typed("space space t b e s t enter"), [set(&[0, 1], &["best"], &[])]);
}

#[test]
fn notes_are_read_when_they_are_opened_and_saved_over_what_was_read() {
    let mut app = fixture::app(80, 24);
    assert_eq!(keys(&mut app, "w"), [Effect::ReadNotes(id(0))]);
    // Keys that come before the notes wait for them.
    keys(&mut app, "enter h");
    update(&mut app, Message::Notes(id(0), "On disk.\n".into()));
    let kept = Effect::SetNotes { id: id(0), text: "On disk.\nhm\n".into(), over: "On disk.\n".into() };
    assert_eq!(keys(&mut app, "m esc"), [kept]);
    keys(&mut app, "w");
    update(&mut app, Message::Notes(id(0), "On disk.\nhm\n".into()));
    assert_eq!(keys(&mut app, "esc"), [], "nothing new, nothing written");
    assert_eq!(typed("W"), [Effect::EditNotes(id(0))]);
}

#[test]
fn notes_that_could_not_be_kept_come_back() {
    let mut app = fixture::app(80, 24);
    keys(&mut app, "n");
    let back = Message::NotesBack {
        id: id(0),
        text: "theirs\nmine\n".into(),
        read: "theirs\n".into(),
        reason: "The notes were changed meanwhile.".into(),
    };
    update(&mut app, back);
    assert!(matches!(app.popup, Some(Popup::Form(_))), "what is being typed stays");
    keys(&mut app, "esc");
    assert!(matches!(app.popup, Some(Popup::Notes(_))));
    let kept = Effect::SetNotes { id: id(0), text: "theirs\nmine\n".into(), over: "theirs\n".into() };
    assert_eq!(keys(&mut app, "esc"), [kept]);
}

#[test]
fn notes_written_elsewhere_appear_in_detail() {
    let mut app = fixture::app(80, 24);
    keys(&mut app, "enter");
    let effects = update(&mut app, Message::Tick(fixture::now()));
    assert_eq!(effects, [Effect::ReadNotes(id(0))]);
    update(&mut app, Message::Notes(id(0), "from the command line".into()));
    assert_eq!(app.detail(&id(0)).unwrap().notes, "from the command line");
}

#[test]
fn choices_about_curves_are_remembered() {
    let mut app = fixture::app(80, 24);
    let effects = update(&mut app, Message::Key("L".parse().unwrap()));
    assert_eq!(effects, [Effect::Remember(Box::new(app.choices()))]);
    assert!(app.plots.of(Pane::Runs).look(crate::tui::plot::Metric::Accuracy).log);
    keys(&mut app, "r r");
    assert_eq!(app.rule, Rule::BestTest);
}

#[test]
fn themes_are_turned_and_remembered() {
    let mut app = fixture::app(80, 24);
    let effects = update(&mut app, Message::Key("T".parse().unwrap()));
    assert_eq!(effects, [Effect::Remember(Box::new(app.choices()))]);
    assert_eq!(app.choices().theme("terminal"), "dark");
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

#[test]
fn a_data_set_is_remembered_as_soon_as_it_is_chosen() {
    let mut app = fixture::app(80, 24);
    app.notebook = "/one/runs".into();
    update(&mut app, Message::Sets(vec!["IIIb".into(), "scp1".into()]));
    keys(&mut app, "o s c p");
    // Nothing was read yet: whoever leaves now finds the set again.
    let effects = update(&mut app, Message::Key("enter".parse().unwrap()));
    let kept = effects.into_iter().find_map(|effect| match effect {
        Effect::Remember(memory) => Some(memory.data_sets),
        _ => None,
    });
    assert_eq!(kept.unwrap()["/one/runs"], "scp1");
}

#[test]
fn what_is_read_piece_by_piece_begins_at_its_first_line() {
    let all = fixture::runs();
    let mut app = App::new(crate::tui::keymap::Keymap::default(), fixture::now());
    // The newest runs come first; those that stand above them in the list, later.
    update(&mut app, Message::Runs(Arc::new(all[5..].to_vec())));
    update(&mut app, Message::Runs(Arc::new(all.clone())));
    assert_eq!(app.selected().map(|run| &run.id), Some(&all[0].id));
    // Once somebody was here the selection stays with its run.
    keys(&mut app, "v");
    let mut later = all.clone();
    later[0].state = RunState::Finished;
    later[0].position = None;
    update(&mut app, Message::Runs(Arc::new(later)));
    assert_eq!(app.selected().map(|run| &run.id), Some(&all[0].id));
}

#[test]
fn a_key_that_changes_nothing_says_why() {
    let said = |keys: &str| {
        let mut app = fixture::app(80, 24);
        super::tests::keys(&mut app, keys);
        app.messages.current(app.now).map(|entry| entry.text.clone()).unwrap_or_default()
    };
    assert_eq!(said("-"), "All of it is shown.");
    assert_eq!(said("+"), "");
    assert_eq!(said("+ + + + + + + + +"), "There is nothing smaller to zoom in on.");
    assert_eq!(said("j +"), "There is no chart here to zoom in.");
    assert!(said("i").starts_with("i is a key of Matrix, Alpha: "), "{}", said("i"));
    assert_eq!(said("z"), "");
}
