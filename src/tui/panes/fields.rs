//! A spec as names and values that people read and compare.

use crate::spec::{FIELDS, Field, Role, Spec};
use std::collections::BTreeSet;

/// The data set and every field that there is something to say of, in the order in which people think of them.
pub fn of(spec: &Spec) -> Vec<(&'static str, String)> {
    let said = every(spec).into_iter().filter(|(name, _)| is_said(name, &[spec]));
    said.collect()
}

/// The data set and every field.
fn every(spec: &Spec) -> Vec<(&'static str, String)> {
    let mark: String = spec.data.fingerprint.chars().take(8).collect();
    let data = std::iter::once(("data set", format!("{} ({mark})", spec.data.name)));
    let model = ("model", spec.model.title().to_owned());
    let activation = ("activation", spec.activation.title());
    // α is a part of the activation's title.
    let others = FIELDS.iter().filter(|field| !["model", "activation", "alpha"].contains(&field.name));
    data.chain([model, activation]).chain(others.map(|field| (field.title, field.print(spec)))).collect()
}

/// The field of a title.
pub fn titled(title: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.title == title)
}

/// Whether there is something to say of a field: one that came later is as it always was in most runs.
fn is_said(title: &str, specs: &[&Spec]) -> bool {
    titled(title).is_none_or(|field| specs.iter().any(|spec| field.is_said(spec)))
}

/// The fields in which specs differ, each with a value a spec, and those that all share.
pub struct Comparison {
    /// Name, and one value a spec.
    pub differing: Vec<(&'static str, Vec<String>)>,
    /// Name and the one value.
    pub shared: Vec<(&'static str, String)>,
}

/// Compares specs field by field. Dropout is a model's own unless someone chose another: it tells nothing more then.
pub fn compare(specs: &[&Spec]) -> Comparison {
    let mut comparison = Comparison { differing: Vec::new(), shared: Vec::new() };
    let mut all: Vec<_> = specs.iter().map(|spec| every(spec)).collect();
    if are_told_apart_by_name(specs) {
        // The fingerprint would tell nothing more.
        all.iter_mut().zip(specs).for_each(|(fields, spec)| fields[0].1.clone_from(&spec.data.name));
    }
    let Some(first) = all.first() else { return comparison };
    for (place, (name, value)) in first.iter().enumerate().filter(|(_, (name, _))| is_said(name, specs)) {
        let values: Vec<String> = all.iter().map(|fields| fields[place].1.clone()).collect();
        let own = titled(name).and_then(|field| {
            field
                .default_by
                .filter(|_| field.role == Role::Recipe && specs.iter().all(|spec| field.is_default(spec)))
        });
        if let Some(own) = own {
            comparison.shared.push((name, own.into()));
        } else if values.iter().all(|other| other == value) {
            comparison.shared.push((name, value.clone()));
        } else {
            comparison.differing.push((name, values));
        }
    }
    comparison
}

/// Whether specs are about several data sets, no two of which are called the same.
fn are_told_apart_by_name(specs: &[&Spec]) -> bool {
    let distinct = |of: fn(&Spec) -> &str| specs.iter().map(|spec| of(spec)).collect::<BTreeSet<_>>().len();
    let sets = distinct(|spec| &spec.data.fingerprint);
    sets > 1 && sets == distinct(|spec| &spec.data.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Activation, Model};
    use crate::spec::DataSource;

    #[test]
    fn only_what_differs_is_told_apart() {
        let data = DataSource { name: "IIIb".into(), path: None, fingerprint: "ab".into() };
        let one = Spec::recipe(Model::eegnet(), Activation::Relu, data);
        let other = Spec { activation: Activation::Elu { alpha: 0.3 }, seed: 1, ..one.clone() };
        let comparison = compare(&[&one, &other]);
        let values = |name: &str| {
            comparison.differing.iter().find(|field| field.0 == name).map(|field| field.1.clone())
        };
        assert_eq!(comparison.differing.len(), 2);
        assert_eq!(values("activation"), Some(vec!["ReLU".into(), "ELU 0.3".into()]));
        assert_eq!(comparison.shared.len(), of(&one).len() - 2);
    }

    #[test]
    fn sets_of_different_names_are_told_apart_by_these_alone() {
        let data = |name: &str, fingerprint: &str| DataSource {
            name: name.into(),
            path: None,
            fingerprint: fingerprint.into(),
        };
        let spec = |data| Spec::recipe(Model::eegnet(), Activation::Relu, data);
        let values = |one, other| compare(&[&spec(one), &spec(other)]).differing[0].1.clone();
        assert_eq!(values(data("scp1", "a1"), data("IIIb", "b2")), ["scp1", "IIIb"]);
        assert_eq!(values(data("IIIb", "a1"), data("IIIb", "b2")), ["IIIb (a1)", "IIIb (b2)"]);
    }

    #[test]
    fn what_a_model_has_not_is_listed_only_beside_one_that_has_it() {
        let data = DataSource { name: "IIIb".into(), path: None, fingerprint: "ab".into() };
        let network = Spec::recipe(Model::eegnet(), Activation::Relu, data.clone());
        let csp = Spec::recipe(Model::named("csp").unwrap(), Activation::None, data);
        let csp = Spec { band: "8-30".parse().ok(), ..csp };
        let names = |spec: &Spec| of(spec).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert!(names(&csp).contains(&"band") && !names(&csp).contains(&"epochs"));
        assert!(!names(&network).contains(&"band"));
        let comparison = compare(&[&network, &csp]);
        let epochs = comparison.differing.iter().find(|(name, _)| *name == "epochs").unwrap();
        assert_eq!(epochs.1, ["300", "none"]);
    }
}
