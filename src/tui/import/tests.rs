use super::*;
use crate::tui::fixture;

fn press(form: &mut Import, script: &str) -> Outcome {
    script.split_whitespace().fold(Outcome::Stay, |_, key| form.key(key.parse().unwrap()))
}

fn inspected() -> Arc<Inspected> {
    Arc::new(fixture::inspected(&["4", "8"]))
}

/// A form whose files were looked into.
fn looked() -> Import {
    let mut form = Import::default();
    let Outcome::Inspect(inquiry) = press(&mut form, "a . e d f down") else { panic!() };
    form.inspected(inquiry, Ok(inspected()));
    form
}

#[test]
fn files_are_looked_into_when_they_are_left_and_once() {
    let mut form = Import::default();
    assert!(
        matches!(press(&mut form, "a . e d f down"), Outcome::Inspect(inquiry) if inquiry.files == "a.edf")
    );
    assert_eq!(press(&mut form, "up down"), Outcome::Stay);
    assert_eq!(press(&mut form, "enter"), Outcome::Stay, "nothing is imported that was not looked into");
    assert!(matches!(press(&mut form, "up x enter"), Outcome::Inspect(inquiry) if inquiry.files == "a.edfx"));
    // What comes late is about other files.
    let Inside::Looking(late) = &looked_for("b.edf") else { panic!() };
    form.inspected(late.clone(), Ok(inspected()));
    assert!(matches!(form.inside, Inside::Looking(_)));
}

fn looked_for(files: &str) -> Inside {
    let options = Box::default();
    Inside::Looking(Inquiry { files: files.into(), options })
}

#[test]
fn enter_imports_what_was_typed() {
    let mut form = looked();
    assert_eq!(contents(&inspected())[0], "2 recordings: EDF+, 1 EEG channels, 160 Hz");
    assert_eq!(contents(&inspected())[1], "subject S1, run 4 8");
    assert_eq!(contents(&inspected())[2], "events T1 ×16");
    let Outcome::Import(wanted) = press(&mut form, "down T 1 , T 2 down 0 . . 4 down r u n : 8 enter") else {
        panic!("{form:?}")
    };
    assert_eq!((wanted.name.as_str(), wanted.files.as_str()), ("rec", "a.edf"));
    let expected = Options {
        events: vec!["T1".into(), "T2".into()],
        window: Some("0..4".into()),
        test: vec!["run:8".into()],
        ..Options::default()
    };
    assert_eq!(wanted.options, expected);
}

#[test]
fn a_name_is_proposed_and_gives_way_to_what_is_typed() {
    let mut form = looked();
    press(&mut form, "f i s t s");
    assert_eq!(form.rows().nth(Row::NAME).unwrap().1.text(), "fists");
}

#[test]
fn each_mistake_is_found_where_it_is() {
    for (downs, typed, title) in [
        (2, "4 . . 0", "window"),
        (3, "h a l f", "test"),
        (6, "3 0 . . 8", "band"),
        (7, "f a s t", "resample"),
        (8, "m u c h", "reject"),
        (10, "o h m", "unit"),
    ] {
        let mut form = looked();
        assert_eq!(
            press(&mut form, &format!("{} {typed} up up enter", "down ".repeat(downs))),
            Outcome::Stay
        );
        assert_eq!(Row::ALL[form.focus()].title, title);
        assert!(matches!(form.course, Course::Refused(_)), "{title}");
    }
}

#[test]
fn paths_are_completed_as_far_as_they_agree() {
    let mut form = Import::default();
    assert_eq!(press(&mut form, "x space r e c tab"), Outcome::Complete("rec".into()));
    form.complete("rec", vec!["rec/S1R4.edf".into(), "rec/S1R8.edf".into()]);
    assert_eq!(form.rows().next().unwrap().1.text(), "x rec/S1R");
    assert_eq!(form.candidates.len(), 2);
    form.complete("rec/S1R", vec!["rec/S1R4.edf".into()]);
    assert_eq!(form.rows().next().unwrap().1.text(), "x rec/S1R4.edf");
    assert!(form.candidates.is_empty());
    form.complete("rec/S1R4.edf", Vec::new());
    assert!(matches!(form.course, Course::Refused(_)));
}

#[test]
fn blanks_belong_to_names_behind_a_backslash_and_stars_stand_for_letters() {
    assert_eq!(paths("a.edf  b\\ c.edf "), ["a.edf", "b c.edf"]);
    assert_eq!(last_path("a.edf b\\ c"), "b\\ c");
    assert_eq!(paths(&written("b c\\d")), ["b c\\d"]);
    assert!(is_like("S1R*.edf", "S1R04.edf") && is_like("*", "x") && is_like("a*b*c", "a-b-c"));
    assert!(!is_like("S1R*.edf", "S1R04.edf.event") && !is_like("a", "ab"));
}

#[test]
fn every_option_of_an_import_has_a_row() {
    let typed: [(&str, &str); 22] = [
        ("files", "a.edf"),
        ("name", "mine"),
        ("classes", "T1=left,T2=right"),
        ("window", "0..4"),
        ("test", "run:8"),
        ("channels", "C3,C4"),
        ("reference", "average"),
        ("band", "8..30"),
        ("resample", "100"),
        ("reject", "artifacts"),
        ("stim channel", "STI"),
        ("unit", "uV"),
        ("true labels", "true.mat"),
        ("pattern", "S{subject}R{run}"),
        ("subject", "me"),
        ("session", "2"),
        ("run", "3"),
        ("rate", "250"),
        ("signal", "X"),
        ("labels", "y"),
        ("axes", "trial,electrode,time"),
        ("overlap", "yes"),
    ];
    assert_eq!(
        typed.map(|(title, _)| title).to_vec(),
        Row::ALL.iter().map(|row| row.title).collect::<Vec<_>>()
    );
    let mut options = Options::default();
    for (row, (_, text)) in Row::ALL.iter().zip(typed) {
        (row.set)(&mut options, text).unwrap();
    }
    // What is typed arrives: no option is as it was.
    let arrived = toml::Value::try_from(&options).unwrap();
    let before = toml::Value::try_from(Options::default()).unwrap();
    for (name, value) in arrived.as_table().unwrap() {
        assert_ne!(Some(value), before.get(name), "{name}");
    }
    assert_eq!(arrived.as_table().unwrap().len(), typed.len() - 2);
    assert!((Row::ALL[21].set)(&mut options, "perhaps").is_err());
}

#[test]
fn what_changes_what_lies_in_the_files_is_looked_for_anew() {
    let mut form = looked();
    let pattern = Row::ALL.iter().position(|row| row.title == "pattern").unwrap();
    let down = vec!["down"; pattern - 1].join(" ");
    assert_eq!(press(&mut form, &down), Outcome::Stay);
    let Outcome::Inspect(inquiry) = press(&mut form, "{ r u n } down") else { panic!("{form:?}") };
    assert_eq!(inquiry.options.pattern.as_deref(), Some("{run}"));
}

#[test]
fn the_signal_is_looked_at_and_left_again() {
    let mut form = Import::default();
    assert_eq!(press(&mut form, "ctrl-t"), Outcome::Stay, "nothing was named");
    let mut form = looked();
    press(&mut form, "ctrl-t down down down");
    assert_eq!(form.trace, Some(2), "the last of three channels");
    press(&mut form, "x up ctrl-t");
    assert_eq!(form.trace, None);
    assert_eq!(form.rows().nth(Row::NAME).unwrap().1.text(), "rec", "keys did not write into a hidden row");
}
