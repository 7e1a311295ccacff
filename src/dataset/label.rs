//! What a file calls the class of a trial: a number or a name.

use std::cmp::Ordering;
use std::fmt;

/// A label as it stands in a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Label {
    /// Finite.
    Number(f64),
    /// As text.
    Name(String),
}

impl Label {
    /// Numbers as numbers and before all names, names as text.
    pub fn order(&self, other: &Label) -> Ordering {
        match (self, other) {
            (Label::Number(a), Label::Number(b)) => a.total_cmp(b),
            (Label::Number(_), Label::Name(_)) => Ordering::Less,
            (Label::Name(_), Label::Number(_)) => Ordering::Greater,
            (Label::Name(a), Label::Name(b)) => a.cmp(b),
        }
    }

    /// The number, where it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Label::Number(number) => Some(*number),
            Label::Name(_) => None,
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Label::Number(number) => write!(f, "{number}"),
            Label::Name(name) => f.write_str(name),
        }
    }
}

/// The distinct ones of many, in their order.
pub fn distinct<'a>(labels: impl Iterator<Item = &'a Label>) -> Vec<Label> {
    let mut distinct: Vec<&Label> = labels.collect();
    distinct.sort_by(|a, b| a.order(b));
    distinct.dedup();
    distinct.into_iter().cloned().collect()
}

/// What the classes with these labels are called: by the names that a file has for them, where each has one, else as the
/// labels are. Names go by the order of the labels, or by labels that count from 0 or from 1.
pub fn class_names(labels: &[Label], names: Option<&[String]>) -> Vec<String> {
    let own = || labels.iter().map(Label::to_string).collect();
    let Some(names) = names else { return own() };
    let numbers: Option<Vec<f64>> = labels.iter().map(Label::number).collect();
    let Some(numbers) = numbers else { return own() };
    if names.len() == labels.len() {
        return names.to_vec();
    }
    let from = |first: f64| -> Option<Vec<String>> {
        let named = numbers.iter().map(|number| {
            let place = number - first;
            let whole = place >= 0.0 && place.fract() == 0.0;
            names.get(if whole { place as usize } else { usize::MAX }).cloned()
        });
        named.collect()
    };
    from(0.0).or_else(|| from(1.0)).unwrap_or_else(own)
}

/// What test labels mean that no training trial has, and what to do: those of training counted from another number, or a
/// code for "not known". `None` where they are plain labels.
pub fn test_code(train: &[Label], test: &[Label]) -> Option<(String, String)> {
    let unknown = test.iter().any(|label| !train.contains(label));
    if !unknown || train.is_empty() {
        return None;
    }
    let numbers = |labels: &[Label]| labels.iter().map(Label::number).collect::<Option<Vec<f64>>>();
    let (train_numbers, test_numbers) = (numbers(train)?, numbers(test)?);
    let list = |labels: &[Label]| labels.iter().map(Label::to_string).collect::<Vec<_>>().join(", ");
    if let ([only], true) = (test, train.len() > 1) {
        return Some((
            format!(
                "every test trial has the label {only}, training has {}: a code for 'not known'",
                list(train)
            ),
            "the labels of this evaluation came separately: put them into the test file".into(),
        ));
    }
    let offset = test_numbers.first()? - train_numbers.first()?;
    let is_offset = test_numbers.len() == train_numbers.len()
        && train_numbers.iter().zip(&test_numbers).all(|(train, test)| train + offset == *test);
    is_offset.then(|| {
        (
            format!(
                "training has the labels {}, the test {}: the same, {offset} apart",
                list(train),
                list(test)
            ),
            format!("number the classes alike in both: save label - {offset} in the test files"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_named_by_the_order_of_their_labels_or_by_counting() {
        let numbers = |labels: &[f64]| labels.iter().copied().map(Label::Number).collect::<Vec<_>>();
        let names = ["left", "right", "feet"].map(String::from);
        let named = |labels: &[f64]| class_names(&numbers(labels), Some(&names));
        assert_eq!(named(&[769.0, 770.0, 771.0]), names);
        assert_eq!(named(&[0.0, 2.0]), ["left", "feet"]);
        assert_eq!(named(&[1.0, 3.0]), ["left", "feet"]);
        assert_eq!(named(&[1.5, 3.0]), ["1.5", "3"]);
        assert_eq!(class_names(&numbers(&[1.0, 2.0]), None), ["1", "2"]);
    }
}
