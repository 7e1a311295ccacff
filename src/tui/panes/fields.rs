//! A spec as names and values that people read and compare.

use crate::spec::{NanPolicy, Spec, Standardize};

/// Every field, in the order in which people think of them.
pub fn of(spec: &Spec) -> Vec<(&'static str, String)> {
    let standardize = match spec.standardize {
        Standardize::None => "none",
        Standardize::Zscore => "z-score",
    };
    let missing = match spec.nan {
        NanPolicy::Train => "training means",
        NanPolicy::Reference => "the lab's one mean",
    };
    let held_out = if spec.validation > 0.0 { spec.validation.to_string() } else { "none".into() };
    vec![
        (
            "data set",
            format!("{} ({})", spec.data.name, spec.data.fingerprint.chars().take(8).collect::<String>()),
        ),
        ("model", spec.model.title().into()),
        ("activation", spec.activation.title()),
        ("seed", spec.seed.to_string()),
        ("epochs", spec.epochs.to_string()),
        ("batch", spec.batch.to_string()),
        ("learning rate", spec.lr.to_string()),
        ("weight decay", spec.weight_decay.to_string()),
        ("dropout", spec.dropout.to_string()),
        ("held out", held_out),
        ("standardize", standardize.into()),
        ("missing samples", missing.into()),
    ]
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
    let all: Vec<_> = specs.iter().map(|spec| of(spec)).collect();
    let Some(first) = all.first() else { return comparison };
    for (place, (name, value)) in first.iter().enumerate() {
        let values: Vec<String> = all.iter().map(|fields| fields[place].1.clone()).collect();
        let by_model =
            *name == "dropout" && specs.iter().all(|spec| spec.dropout == spec.model.default_dropout());
        if by_model {
            comparison.shared.push((name, "the model's own".into()));
        } else if values.iter().all(|other| other == value) {
            comparison.shared.push((name, value.clone()));
        } else {
            comparison.differing.push((name, values));
        }
    }
    comparison
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
}
