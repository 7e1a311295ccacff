//! What filters let through, and what is said of those that are not understood.

use super::*;
use crate::tui::fixture;

fn passed(filter: &str, known: &Known) -> Vec<String> {
    let context = Context { rule: Rule::Validation, now: fixture::now(), known };
    let filter = Filter::parse(filter).unwrap();
    let runs = fixture::runs();
    runs.iter().filter(|run| filter.accepts(run, context)).map(|run| run.spec.activation.title()).collect()
}

fn count(filter: &str) -> usize {
    passed(filter, &Known::default()).len()
}

#[test]
fn words_and_comparisons_must_all_hold() {
    let all = fixture::runs().len();
    assert_eq!(count(""), all);
    assert_eq!(count("eegnet") + count("deepconvnet"), all);
    assert_eq!(count("eegnet") + count("-eegnet"), all);
    assert_eq!(count("state=failed"), 1);
    assert_eq!(count("acc>0.85"), count("acc>85"));
    assert!(count("acc>0.85") > 0 && count("acc>0.85") < all);
    assert_eq!(count("seed=0,1"), count("seed<=1"));
    assert_eq!(count("relu") + count("leaky_relu") + count("elu"), all);
    assert_eq!(count("age<30m") + count("age>=30m"), all);
    assert_eq!(count("state="), all);
}

#[test]
fn equality_is_of_whole_names_and_a_tilde_finds_parts() {
    let all = fixture::runs().len();
    let only = |filter: &str, names: &[&str]| {
        let found = passed(filter, &Known::default());
        assert!(!found.is_empty() && found.iter().all(|name| names.contains(&name.as_str())), "{found:?}");
    };
    only("act=relu", &["ReLU"]);
    only("activation=LeakyReLU", &["LeakyReLU"]);
    only("act:\"elu 0.3\"", &["ELU 0.3"]);
    assert!(passed("act!=relu", &Known::default()).contains(&"LeakyReLU".into()));
    assert_eq!(count("act=relu") + count("act!=relu"), all);
    assert_eq!(count("act~relu"), count("act=relu,leaky_relu"));
    assert_eq!(count("act~/^relu$/"), count("act=relu"));
    assert_eq!(count("act!~relu"), count("act=elu"));
    assert_eq!(count("model:eegnet"), count("network=EEGNet"));
    assert_eq!(count("model=eeg"), 0);
    assert_eq!(count("data=IIIb"), all);
    assert_eq!(count("alpha!=0.3"), all - count("alpha=0.3"), "what has no alpha has not this one either");
    assert_eq!(count("seed=0..1"), all);
    assert_eq!(count("batch=256 lr=0.001"), all);
}

#[test]
fn or_not_and_brackets_combine() {
    assert_eq!(count("act=relu or act=elu"), count("act=relu,elu"));
    assert_eq!(count("not act=relu"), count("act!=relu"));
    assert_eq!(count("seed=1 (act=relu or deepconvnet)"), 3);
    assert_eq!(count("-(act=relu or deepconvnet)"), count("act!=relu and eegnet"));
    assert_eq!(count("eegnet or seed=1 act=relu"), count("eegnet or (seed=1 act=relu)"));
    assert_eq!(count("/leaky|failed/"), count("leaky or failed"));
}

#[test]
fn what_was_read_of_runs_can_be_asked_for() {
    let runs = fixture::runs();
    let known = Known {
        kappa: [(runs[4].id.clone(), 0.7)].into(),
        subjects: [(runs[4].id.clone(), vec!["S4b".into(), "X11b".into()])].into(),
        notes: [(runs[0].id.clone(), "looks steady".into())].into(),
    };
    for filter in ["kappa>0.6", "κ>0.6", "subject=x11b", "notes~steady", "note~/^looks/"] {
        assert_eq!(passed(filter, &known).len(), 1, "{filter}");
    }
    assert_eq!(passed("notes=steady", &known).len(), 0);
    assert!(Filter::parse("eegnet or (notes~steady)").unwrap().asks_for("notes"));
    assert!(count("val_acc>50") > 0);
    assert_eq!(count("tags=pilot"), count("tag=pilot"));
}

#[test]
fn what_is_not_understood_is_said() {
    let complaint = |text: &str| Filter::parse(text).unwrap_err();
    assert_eq!(complaint("sed=0"), FilterError::Field("sed".into()));
    assert!(complaint("sed=0").to_string().contains("kappa"));
    assert!(matches!(complaint("acc>high"), FilterError::Number { .. }));
    assert!(matches!(complaint("acc>"), FilterError::Number { .. }));
    assert_eq!(complaint("state<failed"), FilterError::Order("state".into()));
    assert_eq!(complaint("acc~8"), FilterError::Part("acc".into()));
    assert_eq!(complaint("(elu"), FilterError::Bracket);
    assert_eq!(complaint("elu)"), FilterError::Bracket);
    assert_eq!(complaint("elu or"), FilterError::Missing("or"));
    assert_eq!(complaint("not"), FilterError::Missing("not"));
    assert_eq!(complaint("act~/[/"), FilterError::Pattern("[".into()));
}

#[test]
fn a_name_that_no_run_has_is_answered_with_those_that_stand_there() {
    let (runs, known) = (fixture::runs(), Known::default());
    let context = Context { rule: Rule::Validation, now: fixture::now(), known: &known };
    let unmet = |text: &str| Filter::parse(text).unwrap().unmet(&runs, context);
    let states = "state is cancelled, failed, finished, paused, queued, running";
    assert_eq!(unmet("state=done").as_deref(), Some(states));
    assert_eq!(unmet("eegnet state=done").as_deref(), Some(states));
    assert_eq!(unmet("act=tanh").as_deref(), Some("activation is elu, leaky_relu, relu"));
    assert_eq!(unmet("seed=99").as_deref(), Some("seed is 0, 1"));
    for met in
        ["state=failed", "state~x", "acc=1", "state=done or seed=0", "not state=done", "word", "state="]
    {
        assert_eq!(unmet(met), None, "{met}");
    }
}
