use super::*;
use crate::tui::fixture;

fn typed(field: &str, text: &str) -> Form {
    let mut form = Form::new(None);
    form.lines[place(field)] = Line::new(text);
    form
}

#[test]
fn the_form_as_it_opens_is_the_activation_comparison() {
    let specs = Form::new(None).specs(&fixture::data()).unwrap();
    let activations: Vec<Activation> = specs.iter().map(|spec| spec.activation).collect();
    assert_eq!(activations, lab::ACTIVATIONS);
    assert!(specs.iter().all(|spec| spec.epochs == 300 && spec.validation == 0.2 && spec.dropout == 0.25));
}

#[test]
fn alphas_multiply_only_what_takes_one() {
    let specs = typed("alpha", "0.1..0.3").specs(&fixture::data()).unwrap();
    assert_eq!(specs.len(), 1 + 3 + 3);
    let mut form = typed("seed", "0..4");
    form.lines[0] = Line::new("eegnet,deepconvnet");
    assert_eq!(form.specs(&fixture::data()).unwrap().len(), 2 * 3 * 5);
}

#[test]
fn words_are_chosen_with_the_arrows_or_typed() {
    let mut form = typed("activation", "relu,elu");
    assert_eq!(form.specs(&fixture::data()).unwrap().len(), 2);
    form.focus = place("activation");
    form.key("right".parse().unwrap(), None);
    assert_eq!(form.lines[form.focus].text(), "relu");
    form.key("right".parse().unwrap(), None);
    assert_eq!(form.lines[form.focus].text(), "leaky_relu");
    let mut form = Form::new(None);
    form.key("right".parse().unwrap(), None);
    assert_eq!(form.lines[0].text(), "deepconvnet");
}

#[test]
fn each_mistake_is_found_where_it_is() {
    let mistakes = [
        ("activation", "tanh"),
        ("alpha", "high"),
        ("seed", "-1"),
        ("seed", ""),
        ("model", "resnet"),
        ("epochs", "0"),
        ("epochs", "many"),
        ("batch", "0"),
        ("lr", "-1"),
        ("weight_decay", "nan"),
        ("dropout", "1"),
        ("validation", "1.5"),
        ("nan", "zero"),
    ];
    for (field, text) in mistakes {
        let complaint = typed(field, text).specs(&fixture::data()).unwrap_err();
        assert_eq!(complaint.field, field, "{text}: {}", complaint.text);
    }
}

#[test]
fn enter_goes_to_the_mistake_instead() {
    let (mut form, data) = (typed("batch", "0"), fixture::data());
    assert_eq!(form.key("enter".parse().unwrap(), Some(&data)), Outcome::Stay);
    assert_eq!(form.focus(), place("batch"));
    form.lines[place("batch")] = Line::new("64");
    assert!(
        matches!(form.key("enter".parse().unwrap(), Some(&data)), Outcome::Enqueue(specs) if specs.len() == 3)
    );
}
