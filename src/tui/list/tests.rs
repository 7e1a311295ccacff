//! What the list shows, in which order, and what stays selected.

use super::*;
use crate::filter::Known;
use crate::spec::Rule;
use crate::tui::fixture;

fn context() -> Context<'static> {
    static KNOWN: std::sync::LazyLock<Known> = std::sync::LazyLock::new(Known::default);
    Context { rule: Rule::Validation, now: fixture::now(), known: &KNOWN }
}

#[test]
fn the_default_order_is_what_happens_first() {
    let (mut list, runs) = (List::default(), fixture::runs());
    list.refresh(&runs, context());
    let states: Vec<RunState> = list.shown().iter().map(|row| runs[*row].state).collect();
    assert_eq!(states[0], RunState::Running);
    assert_eq!(states[1], RunState::Queued);
    assert_eq!(states.len(), runs.len());
}

#[test]
fn the_selection_stays_with_its_run() {
    let (mut list, mut runs) = (List::default(), fixture::runs());
    list.refresh(&runs, context());
    list.step(4, &runs);
    let chosen = runs[list.selected_row().unwrap()].id.clone();
    list.column = Column::Accuracy;
    runs.remove(list.shown()[0]);
    list.refresh(&runs, context());
    assert_eq!(runs[list.selected_row().unwrap()].id, chosen);
    list.set_filter("nothing-matches");
    list.refresh(&runs, context());
    assert_eq!(list.selected_row(), None);
    list.set_filter("failed");
    list.refresh(&runs, context());
    assert_ne!(runs[list.selected_row().unwrap()].id, chosen);
    // What a filter hid is selected again when the filter goes, unless another run was chosen meanwhile.
    list.set_filter("");
    list.refresh(&runs, context());
    assert_eq!(runs[list.selected_row().unwrap()].id, chosen);
}

#[test]
fn best_first_and_the_unknown_last() {
    let (mut list, runs) = (List { column: Column::Accuracy, ..List::default() }, fixture::runs());
    list.refresh(&runs, context());
    let accuracies: Vec<_> = list.shown().iter().map(|row| runs[*row].accuracy(Rule::Validation)).collect();
    assert!(accuracies.windows(2).all(|pair| pair[0] >= pair[1]), "{accuracies:?}");
    assert!(accuracies.last().unwrap().is_none());
    // What is provisional stands behind all that is not, and before what has no figure yet.
    let so_far: Vec<bool> =
        list.shown().iter().map(|row| runs[*row].provisional(Rule::Validation).is_some()).collect();
    let first = so_far.iter().position(|provisional| *provisional).unwrap();
    assert!(accuracies[..first].iter().all(Option::is_some) && so_far[first..first + 4].iter().all(|so| *so));
}

#[test]
fn every_field_of_a_spec_has_a_column_and_those_that_tell_runs_apart_come_first() {
    let (mut list, mut runs) = (List::default(), fixture::runs());
    list.refresh(&runs, context());
    assert_eq!(list.differing, [], "dropout is each network's own");
    runs[2].spec.lr = 0.01;
    list.refresh(&runs, context());
    assert_eq!(list.differing.iter().map(|column| column.name()).collect::<Vec<_>>(), ["lr"]);
    for field in &FIELDS {
        let named = Column::all().any(|column| column.name() == field.name);
        assert!(named || ELSEWHERE.contains(&field.name), "{}", field.name);
    }
}

#[test]
fn a_half_typed_filter_keeps_the_last_good_one() {
    let (mut list, runs) = (List::default(), fixture::runs());
    list.set_filter("state=failed");
    list.set_filter("state=failed acc>");
    list.refresh(&runs, context());
    assert!(list.complaint.is_some());
    assert_eq!(list.shown().len(), 1);
}

#[test]
fn the_window_scrolls_no_more_than_needed() {
    let (mut list, runs) = (List::default(), fixture::runs());
    list.refresh(&runs, context());
    list.select(5, &runs);
    list.scroll(3);
    assert_eq!(list.top, 3);
    list.select(4, &runs);
    list.scroll(3);
    assert_eq!(list.top, 3);
    list.select(0, &runs);
    list.scroll(3);
    assert_eq!(list.top, 0);
    list.scroll(100);
    assert_eq!(list.top, 0);
}
