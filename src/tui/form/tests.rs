use super::*;
use crate::tui::fixture;

fn there() -> There {
    There { sets: vec!["IIIb".into(), "scp1".into()], networks: Model::built_in().to_vec() }
}

fn form() -> Form {
    Form::new(there(), Some("IIIb"), None, None)
}

fn place(name: &str) -> usize {
    Row::all().position(|row| row.name() == name).unwrap()
}

fn typed(field: &str, text: &str) -> Form {
    let mut form = form();
    form.lines[place(field)] = Line::new(text);
    form
}

#[test]
fn the_form_as_it_opens_is_the_activation_comparison() {
    let specs = form().specs(&fixture::data()).unwrap();
    let activations: Vec<Activation> = specs.iter().map(|spec| spec.activation).collect();
    assert_eq!(activations, lab::ACTIVATIONS);
    assert!(specs.iter().all(|spec| spec.epochs == 300 && spec.validation == 0.2 && spec.dropout == 0.25));
}

#[test]
fn alphas_multiply_only_what_takes_one() {
    let specs = typed("alpha", "0.1..0.3").specs(&fixture::data()).unwrap();
    assert_eq!(specs.len(), 1 + 3 + 3);
    let mut form = typed("seed", "0..4");
    form.lines[place("model")] = Line::new("eegnet,deepconvnet");
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
    let mut form = self::form();
    form.key("right".parse().unwrap(), None);
    assert_eq!(form.lines[place("model")].text(), "deepconvnet");
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
        assert_eq!(complaint.row, field, "{text}: {}", complaint.text);
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

fn press(form: &mut Form, keys: &str) -> Outcome {
    let data = fixture::data();
    let mut outcome = Outcome::Stay;
    for key in keys.split(' ') {
        outcome = form.key(key.parse().unwrap(), Some(&data));
    }
    outcome
}

#[test]
fn what_is_typed_takes_the_place_of_what_stands_there() {
    let mut form = form();
    press(&mut form, "down down down 4 down 5");
    let specs = form.specs(&fixture::data()).unwrap();
    assert!(specs.iter().all(|spec| (spec.seed, spec.epochs) == (4, 5)));
}

#[test]
fn the_last_values_are_there_again_until_one_begins_anew() {
    let mut first = form();
    press(&mut first, "down down down down 7");
    let mut again = Form::new(there(), Some("scp1"), None, Some(&first.texts()));
    assert_eq!(again.lines[place("epochs")].text(), "7");
    assert_eq!(again.lines[0].text(), "scp1", "the data set is the one at hand");
    press(&mut again, "ctrl-r");
    assert_eq!(again.lines[place("epochs")].text(), "300");
}

#[test]
fn a_data_set_is_asked_for_where_it_is_chosen_or_typed() {
    let mut form = form();
    assert_eq!(press(&mut form, "up right"), Outcome::Open("scp1".into()));
    form.took("IIIb");
    assert_eq!(press(&mut form, "m i n e"), Outcome::Stay, "a name half typed is none");
    assert_eq!(press(&mut form, "down"), Outcome::Open("mine".into()));
    form.took("IIIb");
    assert_eq!(press(&mut form, "up down"), Outcome::Stay);
}

#[test]
fn networks_in_files_are_offered_and_taken() {
    let text = Model::named("shallowconvnet").unwrap().text().replace("\"shallowconvnet\"", "\"mine\"");
    let mine = Model::from_text(&text).unwrap();
    let networks = Model::built_in().iter().cloned().chain([mine.clone()]).collect();
    let mut form = Form::new(There { sets: Vec::new(), networks }, None, None, None);
    press(&mut form, "down left left left left left");
    assert_eq!(form.lines[place("model")].text(), "mine", "before the baselines");
    form.lines[place("activation")] = Line::default();
    assert_eq!(form.specs(&fixture::data()).unwrap()[0].model, mine);
    let complaint = typed("model", "resnet").specs(&fixture::data()).unwrap_err();
    assert!(complaint.text.contains("there are eegnet, deepconvnet"), "{}", complaint.text);
}

#[test]
fn a_baseline_needs_no_epochs_and_beside_a_network_the_form_says_so() {
    let mut form = typed("model", "csp");
    form.lines[place("band")] = Line::new("8-30");
    let specs = form.specs(&fixture::data()).unwrap();
    assert_eq!((specs.len(), specs[0].title()), (1, "CSP + LDA 8-30 Hz".into()));
    let complaint = typed("model", "eegnet,csp").specs(&fixture::data()).unwrap_err();
    assert!(complaint.text.starts_with("csp has no activation"), "{}", complaint.text);
}
