//! The fields that a filter knows: what was asked of a run, and what became of it.

use super::Context;
use crate::duration;
use crate::model::Activation;
use crate::notebook::RunSummary;
use crate::spec;
use regex::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Contains,
    Without,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// What a field is compared with.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    /// A number, or a stretch with both its ends.
    Number(f64, f64),
    /// A text in lower case.
    Text(String),
    /// A regular expression.
    Pattern(Regex),
}

/// A field.
#[derive(Debug)]
pub(super) struct Field {
    /// What it is called.
    pub(super) name: &'static str,
    /// What else it may be called.
    aliases: &'static [&'static str],
    value: Value,
}

/// Where a field's value comes from.
#[derive(Debug)]
enum Value {
    /// A number.
    Number(fn(&RunSummary, Context) -> Option<f64>),
    /// A share, which may be asked for in percent.
    Share(fn(&RunSummary, Context) -> Option<f64>),
    /// Seconds, which may be asked for as `30m`.
    Seconds(fn(&RunSummary, Context) -> Option<f64>),
    /// Names or texts, any of which may be the one that is asked for.
    Texts(fn(&RunSummary, Context) -> Vec<String>),
    /// A field of the run's spec.
    Spec(&'static spec::Field),
}

/// What became of a run.
static OUTCOMES: [Field; 13] = [
    Field {
        name: "acc",
        aliases: &["accuracy", "test_acc", "test"],
        value: Value::Share(|run, context| run.accuracy(context.rule)),
    },
    Field {
        name: "val_acc",
        aliases: &["validation_accuracy", "val"],
        value: Value::Share(|run, _| run.last.as_ref().and_then(|epoch| epoch.val_acc)),
    },
    Field {
        name: "kappa",
        aliases: &["κ"],
        value: Value::Number(|run, context| context.known.kappa.get(&run.id).copied()),
    },
    Field {
        name: "loss",
        aliases: &["train_loss"],
        value: Value::Number(|run, _| run.last.as_ref().map(|epoch| epoch.train_loss)),
    },
    Field { name: "epoch", aliases: &[], value: Value::Number(|run, _| Some(f64::from(run.epoch))) },
    Field {
        name: "age",
        aliases: &[],
        value: Value::Seconds(|run, context| Some(context.now.duration_since(run.updated).as_secs_f64())),
    },
    Field { name: "state", aliases: &[], value: Value::Texts(|run, _| vec![run.state.name().into()]) },
    Field {
        name: "data",
        aliases: &["data_set", "data-set", "dataset", "set"],
        value: Value::Texts(|run, _| vec![run.spec.data.name.clone()]),
    },
    Field {
        name: "subject",
        aliases: &["subjects"],
        value: Value::Texts(|run, context| context.known.subjects.get(&run.id).cloned().unwrap_or_default()),
    },
    Field { name: "tag", aliases: &["tags", "label"], value: Value::Texts(|run, _| run.tags.clone()) },
    Field {
        name: "notes",
        aliases: &["note"],
        value: Value::Texts(|run, context| context.known.notes.get(&run.id).cloned().into_iter().collect()),
    },
    Field {
        name: "host",
        aliases: &["machine"],
        value: Value::Texts(|run, _| run.started.iter().map(|started| started.host.clone()).collect()),
    },
    Field { name: "id", aliases: &["run"], value: Value::Texts(|run, _| vec![run.id.clone()]) },
];

/// What was asked of a run.
static ASKED: LazyLock<Vec<Field>> = LazyLock::new(|| {
    let asked = |field: &'static spec::Field| Field {
        name: field.name,
        aliases: field.aliases,
        value: Value::Spec(field),
    };
    spec::FIELDS.iter().map(asked).collect()
});

/// Every field there is.
fn fields() -> impl Iterator<Item = &'static Field> {
    OUTCOMES.iter().chain(ASKED.iter())
}

/// The field of a name, in any case, with `-` for `_` where one likes.
pub(super) fn find(name: &str) -> Option<&'static Field> {
    let name = name.to_lowercase().replace('-', "_");
    let is = |known: &&str| known.replace('-', "_") == name;
    fields().find(|field| is(&field.name) || field.aliases.iter().any(is))
}

/// All names, for whoever mistyped one.
pub(super) fn names() -> String {
    let mut names: Vec<&str> = fields().map(|field| field.name).collect();
    names.sort_unstable();
    names.join(" ")
}

impl Field {
    pub(super) fn is_number(&self) -> bool {
        match &self.value {
            Value::Texts(_) => false,
            Value::Spec(field) => field.words().is_empty(),
            _ => true,
        }
    }

    /// A number as it is typed for this field: `0.85`, `85` and `85%` of a share, `30m` of a time, `0..4` of any.
    pub(super) fn number_of(&self, text: &str) -> Option<Wanted> {
        let one = |text: &str| match self.value {
            Value::Seconds(_) => duration::parse(text),
            Value::Share(_) => {
                let share: f64 = text.trim_end_matches('%').parse().ok()?;
                Some(if share > 1.0 || text.ends_with('%') { share / 100.0 } else { share })
            }
            _ => text.parse().ok(),
        };
        match text.split_once("..") {
            Some((from, to)) => Some(Wanted::Number(one(from)?, one(to)?)),
            None => one(text).map(|number| Wanted::Number(number, number)),
        }
    }

    /// Whether a run's value compares so with one of several; `!=` and `!~` with none of them.
    pub(super) fn holds(
        &self,
        comparison: Comparison,
        wanted: &[Wanted],
        run: &RunSummary,
        context: Context,
    ) -> bool {
        match comparison {
            Comparison::Unequal => !self.holds(Comparison::Equal, wanted, run, context),
            Comparison::Without => !self.holds(Comparison::Contains, wanted, run, context),
            _ if self.is_number() => self.number(run, context).is_some_and(|have| {
                wanted.iter().any(|wanted| match wanted {
                    Wanted::Number(from, to) => compares(comparison, have, *from, *to),
                    Wanted::Text(_) | Wanted::Pattern(_) => false,
                })
            }),
            _ => {
                let texts = self.texts(run, context);
                wanted.iter().any(|wanted| texts.iter().any(|have| matches(comparison, have, wanted)))
            }
        }
    }

    /// What stands there in these runs, as `state is failed, finished`; nothing of measured numbers, nor where nothing does.
    pub(super) fn found(&self, runs: &[RunSummary], context: Context) -> Option<String> {
        const MOST: usize = 12;
        let names: BTreeSet<String> =
            runs.iter().filter_map(|run| self.texts(run, context).into_iter().next()).collect();
        if names.is_empty() {
            return None;
        }
        let rest = if names.len() > MOST { " …" } else { "" };
        let names: Vec<String> = names.into_iter().take(MOST).collect();
        Some(format!("{} is {}{rest}", self.name, names.join(", ")))
    }

    fn number(&self, run: &RunSummary, context: Context) -> Option<f64> {
        match &self.value {
            Value::Number(of) | Value::Share(of) | Value::Seconds(of) => of(run, context),
            Value::Spec(field) => field.value(&run.spec)?.number(),
            Value::Texts(_) => None,
        }
    }

    fn texts(&self, run: &RunSummary, context: Context) -> Vec<String> {
        match &self.value {
            Value::Texts(of) => of(run, context),
            Value::Spec(field) => {
                // `activation="ELU 0.3"` is what the list shows.
                let title = match field.name {
                    "model" => Some(run.spec.model.title().to_owned()),
                    "activation" => Some(run.spec.activation.title()),
                    _ => None,
                };
                std::iter::once(field.print(&run.spec)).chain(title).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn compares(comparison: Comparison, have: f64, from: f64, to: f64) -> bool {
    match comparison {
        Comparison::Less => have < from,
        Comparison::AtMost => have <= to,
        Comparison::More => have > to,
        Comparison::AtLeast => have >= from,
        _ => (from..=to).contains(&have),
    }
}

fn matches(comparison: Comparison, have: &str, wanted: &Wanted) -> bool {
    match wanted {
        Wanted::Pattern(pattern) => pattern.is_match(have),
        Wanted::Text(text) if comparison == Comparison::Contains => have.to_lowercase().contains(text),
        Wanted::Text(text) => bare(have) == bare(text),
        Wanted::Number(..) => false,
    }
}

/// A name without what people leave out or write otherwise: LeakyReLU is leaky_relu.
fn bare(name: &str) -> String {
    let letters = name.chars().filter(|letter| !matches!(letter, '_' | '-' | ' '));
    letters.flat_map(char::to_lowercase).collect()
}

/// What describes a run, for words that name no field.
pub(super) fn description(run: &RunSummary) -> Vec<String> {
    let spec = &run.spec;
    let names = [
        spec.model.name().to_owned(),
        spec.activation.name().to_owned(),
        spec.activation.title(),
        run.state.name().to_owned(),
        spec.data.name.clone(),
        run.id.clone(),
    ];
    names.into_iter().chain(run.tags.iter().cloned()).collect()
}

/// Whether a word is found in what describes a run. The whole name of an activation means that one: `relu` finds ReLU and
/// not LeakyReLU.
pub(super) fn describes(run: &RunSummary, word: &str) -> bool {
    if Activation::choices().any(|known| bare(known.name()) == bare(word)) {
        return bare(run.spec.activation.name()) == bare(word);
    }
    description(run).iter().any(|text| text.to_lowercase().contains(word))
}
