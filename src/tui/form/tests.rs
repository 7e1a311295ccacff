use super::*;
use crate::model::Activation;
use crate::tui::fixture;

fn typed(field: Field, text: &str) -> Form {
    let mut form = Form::new(None);
    form.lines[field as usize] = Line::new(text);
    form
}

#[test]
fn the_form_as_it_opens_is_the_activation_comparison() {
    let specs = Form::new(None).specs(&fixture::data()).unwrap();
    let activations: Vec<Activation> = specs.iter().map(|spec| spec.activation).collect();
    assert_eq!(activations, Activation::LAB);
    assert!(specs.iter().all(|spec| spec.epochs == 300 && spec.validation == 0.2 && spec.dropout == 0.25));
}

#[test]
fn alphas_multiply_only_what_takes_one() {
    let specs = typed(Field::Alpha, "0.1..0.3").specs(&fixture::data()).unwrap();
    assert_eq!(specs.len(), 1 + 3 + 3);
    let mut form = typed(Field::Seed, "0..4");
    form.key("right".parse().unwrap(), None);
    form.key("right".parse().unwrap(), None);
    assert_eq!(form.text(Field::Model), "eegnet,deepconvnet");
    assert_eq!(form.specs(&fixture::data()).unwrap().len(), 2 * 3 * 5);
}

#[test]
fn each_mistake_is_found_where_it_is() {
    let mistakes = [
        (Field::Activation, "tanh"),
        (Field::Alpha, "high"),
        (Field::Seed, "-1"),
        (Field::Model, "resnet"),
        (Field::Epochs, "0"),
        (Field::Epochs, "many"),
        (Field::Batch, "0"),
        (Field::Lr, "-1"),
        (Field::WeightDecay, "nan"),
        (Field::Dropout, "1"),
        (Field::Validation, "1.5"),
    ];
    for (field, text) in mistakes {
        let complaint = typed(field, text).specs(&fixture::data()).unwrap_err();
        assert_eq!(complaint.field, field, "{text}: {}", complaint.text);
    }
}

#[test]
fn enter_goes_to_the_mistake_instead() {
    let (mut form, data) = (typed(Field::Batch, "0"), fixture::data());
    assert_eq!(form.key("enter".parse().unwrap(), Some(&data)), Outcome::Stay);
    assert_eq!(form.focus(), Field::Batch);
    form.lines[Field::Batch as usize] = Line::new("64");
    assert!(
        matches!(form.key("enter".parse().unwrap(), Some(&data)), Outcome::Enqueue(specs) if specs.len() == 3)
    );
}
