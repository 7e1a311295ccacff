//! The filter language: words and comparisons, all of which a run must satisfy.
//!
//! `eegnet elu acc>0.85 state=failed seed=0,1 -tag=pilot`: a word is found anywhere in what describes a run; a field is
//! compared; commas mean "or"; a leading `-` means "not".

use super::duration;
use crate::notebook::RunSummary;
use crate::spec::Rule;
use jiff::Timestamp;

/// What a filter compares a run by, besides the run itself.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// The rule that `acc` is about.
    pub rule: Rule,
    /// The time that `age` is measured from.
    pub now: Timestamp,
}

/// A filter that was understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq)]
struct Term {
    negated: bool,
    test: Test,
}

#[derive(Clone, Debug, PartialEq)]
enum Test {
    /// Found anywhere, in lower case.
    Word(String),
    /// A number that is compared with one of several.
    Number(Field, Comparison, Vec<f64>),
    /// A text that contains one of several, or (`true`) does not.
    Text(Field, bool, Vec<String>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Comparison {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Field {
    Accuracy,
    Age,
    Alpha,
    Activation,
    Batch,
    Data,
    Dropout,
    Epoch,
    Epochs,
    Id,
    Loss,
    Lr,
    Model,
    Seed,
    State,
    Tag,
    Validation,
}

/// Names that people type, and whether the field is a number.
const FIELDS: [(&str, Field, bool); 17] = [
    ("acc", Field::Accuracy, true),
    ("act", Field::Activation, false),
    ("age", Field::Age, true),
    ("alpha", Field::Alpha, true),
    ("batch", Field::Batch, true),
    ("data", Field::Data, false),
    ("dropout", Field::Dropout, true),
    ("epoch", Field::Epoch, true),
    ("epochs", Field::Epochs, true),
    ("id", Field::Id, false),
    ("loss", Field::Loss, true),
    ("lr", Field::Lr, true),
    ("model", Field::Model, false),
    ("seed", Field::Seed, true),
    ("state", Field::State, false),
    ("tag", Field::Tag, false),
    ("validation", Field::Validation, true),
];

/// Longer ones first, so that `<=` is not read as `<`.
const COMPARISONS: [(&str, Comparison); 6] = [
    ("!=", Comparison::Unequal),
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("=", Comparison::Equal),
    ("<", Comparison::Less),
    (">", Comparison::More),
];

/// Why a filter is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// No such field.
    #[error(
        "no field '{0}': there are acc act age alpha batch data dropout epoch epochs id loss lr model seed state tag validation"
    )]
    Field(String),
    /// Not a number.
    #[error("{field} wants a number, not '{value}'")]
    Number {
        /// The field.
        field: String,
        /// What stands there.
        value: String,
    },
    /// `state<failed`.
    #[error("{0} is no number: compare it with = or !=")]
    Order(String),
}

impl Filter {
    /// Understands what a person typed. Nothing typed lets every run through.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        text.split_whitespace().map(term).collect::<Result<_, _>>().map(|terms| Filter { terms })
    }

    /// Whether every run passes.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a run passes.
    pub fn accepts(&self, run: &RunSummary, context: Context) -> bool {
        self.terms.iter().all(|term| term.test.holds(run, context) != term.negated)
    }
}

fn term(word: &str) -> Result<Term, FilterError> {
    let (negated, word) = match word.strip_prefix('-') {
        Some(rest) if !rest.is_empty() => (true, rest),
        _ => (false, word),
    };
    let found = COMPARISONS
        .iter()
        .filter_map(|(sign, comparison)| word.find(sign).map(|place| (place, *sign, *comparison)))
        .min_by_key(|(place, sign, _)| (*place, std::cmp::Reverse(sign.len())));
    let test = match found {
        None | Some((0, ..)) => Test::Word(word.to_lowercase()),
        Some((place, sign, comparison)) => compare(&word[..place], comparison, &word[place + sign.len()..])?,
    };
    Ok(Term { negated, test })
}

fn compare(name: &str, comparison: Comparison, values: &str) -> Result<Test, FilterError> {
    let name = name.to_lowercase();
    let (_, field, numeric) = *FIELDS
        .iter()
        .find(|(known, ..)| *known == name)
        .ok_or_else(|| FilterError::Field(crate::notebook::printable(&name).into_owned()))?;
    let values = values.split(',').filter(|value| !value.is_empty());
    if !numeric {
        let wanted = match comparison {
            Comparison::Equal => true,
            Comparison::Unequal => false,
            _ => return Err(FilterError::Order(name)),
        };
        return Ok(Test::Text(field, wanted, values.map(str::to_lowercase).collect()));
    }
    let number = |value: &str| {
        let parsed = if field == Field::Age { duration::parse(value) } else { value.parse().ok() };
        // 85 % may be written 0.85 or 85.
        let parsed = parsed.map(|n: f64| if field == Field::Accuracy && n > 1.0 { n / 100.0 } else { n });
        parsed.ok_or_else(|| FilterError::Number { field: name.clone(), value: value.into() })
    };
    let numbers = values.map(number).collect::<Result<Vec<_>, _>>()?;
    if numbers.is_empty() {
        return Err(FilterError::Number { field: name.clone(), value: String::new() });
    }
    Ok(Test::Number(field, comparison, numbers))
}

impl Test {
    fn holds(&self, run: &RunSummary, context: Context) -> bool {
        match self {
            Test::Word(word) => describes(run, word),
            Test::Text(field, wanted, values) => {
                let text = text(*field, run).to_lowercase();
                // A word while it is typed (`state=`) hides nothing.
                values.is_empty() || values.iter().any(|value| text.contains(value)) == *wanted
            }
            Test::Number(field, comparison, values) => number(*field, run, context).is_some_and(|have| {
                let one = |value: &f64| comparison.holds(have, *value);
                if *comparison == Comparison::Unequal {
                    values.iter().all(one)
                } else {
                    values.iter().any(one)
                }
            }),
        }
    }
}

impl Comparison {
    fn holds(self, have: f64, wanted: f64) -> bool {
        match self {
            Comparison::Equal => have == wanted,
            Comparison::Unequal => have != wanted,
            Comparison::Less => have < wanted,
            Comparison::AtMost => have <= wanted,
            Comparison::More => have > wanted,
            Comparison::AtLeast => have >= wanted,
        }
    }
}

/// Whether a word is found in what describes a run. `relu` finds ReLU but not LeakyReLU, for names that are whole.
fn describes(run: &RunSummary, word: &str) -> bool {
    let activation = run.spec.activation.name();
    if word == "relu" || word == "elu" {
        return activation == word;
    }
    [run.spec.model.name(), activation, run.state.name(), &run.spec.data.name]
        .iter()
        .any(|text| text.to_lowercase().contains(word))
        || run.tags.iter().any(|tag| tag.to_lowercase().contains(word))
        || run.spec.activation.title().to_lowercase().contains(word)
        || run.id.contains(word)
}

fn text(field: Field, run: &RunSummary) -> String {
    match field {
        Field::Model => run.spec.model.name().into(),
        Field::Activation => run.spec.activation.name().into(),
        Field::State => run.state.name().into(),
        Field::Tag => run.tags.join(" "),
        Field::Data => run.spec.data.name.clone(),
        _ => run.id.clone(),
    }
}

fn number(field: Field, run: &RunSummary, context: Context) -> Option<f64> {
    match field {
        Field::Accuracy => run.accuracy(context.rule),
        Field::Age => Some(context.now.duration_since(run.updated).as_secs_f64()),
        Field::Alpha => run.spec.activation.alpha(),
        Field::Batch => Some(run.spec.batch as f64),
        Field::Dropout => Some(run.spec.dropout),
        Field::Epoch => Some(f64::from(run.epoch)),
        Field::Epochs => Some(f64::from(run.spec.epochs)),
        Field::Loss => run.last.as_ref().map(|epoch| epoch.train_loss),
        Field::Lr => Some(run.spec.lr),
        Field::Seed => Some(run.spec.seed as f64),
        Field::Validation => Some(run.spec.validation),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;

    fn count(filter: &str) -> usize {
        let context = Context { rule: Rule::Validation, now: fixture::now() };
        let filter = Filter::parse(filter).unwrap();
        fixture::runs().iter().filter(|run| filter.accepts(run, context)).count()
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
    fn what_is_not_understood_is_said() {
        assert_eq!(Filter::parse("sed=0"), Err(FilterError::Field("sed".into())));
        assert!(matches!(Filter::parse("acc>high"), Err(FilterError::Number { .. })));
        assert!(matches!(Filter::parse("acc>"), Err(FilterError::Number { .. })));
        assert_eq!(Filter::parse("state<failed"), Err(FilterError::Order("state".into())));
    }
}
