//! What a row of the table of fields says, and what follows from it: how a value is typed, printed, defaulted and refused. Knows no
//! field by its name.

use super::{DataSource, Spec, SpecError, Value};
use crate::model::{Activation, Model};
use crate::signal::PassBand;

/// A field of a spec.
#[derive(Debug)]
pub struct Field {
    /// Its name in `spec.toml`, in JSON and in filters.
    pub name: &'static str,
    /// Its flag, without the dashes.
    pub flag: &'static str,
    /// What else people may call it in a filter.
    pub aliases: &'static [&'static str],
    /// Its name for people.
    pub title: &'static str,
    /// What it is: the help of its flag and the hint in the form.
    pub help: &'static str,
    /// An example of several values at once, where there is more to it than commas.
    pub list_example: &'static str,
    /// What a flag's value is called.
    pub placeholder: &'static str,
    /// What may be written there.
    pub accepts: Accepts,
    /// What its default is, where that depends on another field.
    pub default_by: Option<&'static str>,
    /// The first version of `spec.toml` that has it.
    pub since: u32,
    /// What tables make of runs that differ in it.
    pub role: Role,
    /// Which models have it.
    pub concerns: Concerns,
    /// How it is said in a line, with `{}` for the value.
    pub(super) phrase: &'static str,
    /// Whether such a line leaves it out where it has its default.
    pub(super) unsaid_by_default: bool,
    pub(super) get: fn(&Spec) -> Option<Value>,
    pub(super) set: fn(&mut Spec, &Value) -> Result<(), String>,
    pub(super) allowed: fn(&Spec) -> bool,
    pub(super) wanted: &'static str,
}

/// What may be written for a field.
#[derive(Clone, Copy, Debug)]
pub enum Accepts {
    /// A whole number from 0 on.
    Whole,
    /// A finite number.
    Real,
    /// One of these words.
    Words(fn() -> Vec<&'static str>),
    /// A name; these come with the program.
    Name(fn() -> Vec<&'static str>),
    /// Names with commas between them, which are one value; these words too.
    Names(fn() -> Vec<&'static str>),
    /// A band of frequencies, or `none`.
    Band,
}

/// Which models have a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concerns {
    /// Every one.
    All,
    /// What is trained epoch by epoch.
    Networks,
    /// What is fitted at once.
    Baselines,
}

impl Concerns {
    /// Whether a model is among them.
    pub fn covers(self, model: &Model) -> bool {
        match self {
            Concerns::All => true,
            Concerns::Networks => model.baseline().is_none(),
            Concerns::Baselines => model.baseline().is_some(),
        }
    }
}

/// What tables make of runs that differ in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// They stand in different rows or columns.
    Axis,
    /// They are repetitions of one experiment, and are averaged.
    Repetition,
    /// They belong to different tables.
    Recipe,
}

impl Field {
    /// Its value in a spec; `None` where there is none, such as ReLU's α or the epochs of a baseline.
    pub fn value(&self, spec: &Spec) -> Option<Value> {
        (self.get)(spec).filter(|_| self.concerns.covers(&spec.model))
    }

    /// Whether a spec says what its model is like anyway, of a field that its model does not have: that a baseline holds out
    /// nothing, say.
    pub(super) fn is_void(&self, spec: &Spec) -> bool {
        let bare = Spec::recipe(spec.model.clone(), spec.activation, spec.data.clone());
        (self.get)(spec) == (self.get)(&bare)
    }

    /// The default where no other field has a say, as text.
    pub fn plain_default(&self) -> String {
        let data = DataSource { name: String::new(), path: None, fingerprint: String::new() };
        self.print(&Spec::recipe(Model::eegnet(), Activation::Relu, data))
    }

    /// Its value in a spec, for people.
    pub fn print(&self, spec: &Spec) -> String {
        self.value(spec).map_or("none".into(), |value| value.to_string())
    }

    /// Its default in a spec like this one: some follow the network or the activation.
    pub fn default(&self, like: &Spec) -> Option<Value> {
        let mut bare = Spec::recipe(like.model.clone(), like.activation, like.data.clone());
        if let Ok(function) = Activation::new(like.activation.name(), None) {
            bare.activation = function;
        }
        self.value(&bare)
    }

    /// Whether a spec has the default there.
    pub fn is_default(&self, spec: &Spec) -> bool {
        self.value(spec) == self.default(spec)
    }

    /// Whether a file says it: all of version 1 is said, later fields where they are not as it was before there were any.
    pub fn is_said(&self, spec: &Spec) -> bool {
        self.concerns.covers(&spec.model) && (self.since == 1 || !self.is_default(spec))
    }

    /// Puts a value into a spec. What no run can have is found by [`Spec::check`].
    pub fn set(&self, spec: &mut Spec, value: &Value) -> Result<(), SpecError> {
        (self.set)(spec, value).map_err(|wanted| self.refuse(&value.to_string(), &wanted))?;
        match self.concerns.covers(&spec.model) || self.is_void(spec) {
            true => Ok(()),
            false => Err(self.foreign(&spec.model)),
        }
    }

    pub(super) fn foreign(&self, model: &Model) -> SpecError {
        SpecError::Foreign {
            field: self.name,
            title: self.title,
            flag: self.flag,
            model: model.name().into(),
        }
    }

    /// Understands one value as a person types it.
    pub fn parse(&self, text: &str) -> Result<Value, SpecError> {
        let text = text.trim();
        match self.accepts {
            Accepts::Whole => text.parse().map(Value::Whole).map_err(|_| self.refuse(text, "a whole number")),
            Accepts::Real => match text.parse() {
                Ok(number) if f64::is_finite(number) => Ok(Value::Real(number)),
                _ => Err(self.refuse(text, "a finite number")),
            },
            Accepts::Name(_) | Accepts::Names(_) if text.is_empty() => Err(self.refuse(text, "a name")),
            Accepts::Name(_) | Accepts::Names(_) => Ok(Value::Word(text.to_owned().into())),
            Accepts::Band => match pass_band(text) {
                Ok(Some(band)) => Ok(Value::Word(band.to_string().into())),
                Ok(None) => Ok(Value::word("none")),
                Err(wanted) => Err(self.refuse(text, &wanted)),
            },
            Accepts::Words(words) => match words().iter().find(|word| **word == text) {
                Some(word) => Ok(Value::word(word)),
                None => Err(self.refuse(text, &words().join(" or "))),
            },
        }
    }

    /// The words that it takes, or offers; none where it takes numbers.
    pub fn words(&self) -> Vec<&'static str> {
        match self.accepts {
            Accepts::Words(words) | Accepts::Name(words) | Accepts::Names(words) => words(),
            _ => Vec::new(),
        }
    }

    pub(super) fn refuse(&self, value: &str, wanted: &str) -> SpecError {
        SpecError::Value { field: self.name, value: value.into(), wanted: wanted.into() }
    }

    /// The value in a line of prose; `None` where it goes without saying.
    pub fn say(&self, spec: &Spec) -> Option<String> {
        let unsaid = self.unsaid_by_default && self.is_default(spec);
        let value = self.value(spec).filter(|_| !unsaid)?;
        let value = value.to_string();
        // A number before its noun: `300 epochs`, `1 epoch`.
        let one = self.phrase.strip_suffix('s').filter(|phrase| phrase.starts_with("{} ") && value == "1");
        Some(one.unwrap_or(self.phrase).replace("{}", &value))
    }
}

/// A band as it is typed; `None` for all frequencies.
pub(super) fn pass_band(text: &str) -> Result<Option<PassBand>, String> {
    match text {
        "none" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| "two numbers of Hz, the lower first, such as 8-30, or none".into()),
    }
}
