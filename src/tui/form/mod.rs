//! The form for new runs: every field of a spec, lists allowed, checked while it is typed.

mod parse;

use super::input::Line;
use super::key::Key;
use crate::dataset::DataSet;
use crate::notebook::RunSummary;
use crate::queue::{Grid, GridError};
use crate::spec::Spec;
use crossterm::event::KeyCode;

/// A field of the form, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Which networks.
    Model,
    /// Which activation functions.
    Activation,
    /// Their parameter.
    Alpha,
    /// Seeds.
    Seed,
    /// Passes over the training trials.
    Epochs,
    /// Trials of a step.
    Batch,
    /// Learning rate.
    Lr,
    /// L2 term.
    WeightDecay,
    /// Dropout probability.
    Dropout,
    /// Share held out.
    Validation,
    /// Scaling.
    Standardize,
    /// Missing samples.
    Nan,
}

impl Field {
    /// Every field.
    pub const ALL: [Field; 12] = [
        Field::Model,
        Field::Activation,
        Field::Alpha,
        Field::Seed,
        Field::Epochs,
        Field::Batch,
        Field::Lr,
        Field::WeightDecay,
        Field::Dropout,
        Field::Validation,
        Field::Standardize,
        Field::Nan,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Field::Model => "model",
            Field::Activation => "activation",
            Field::Alpha => "alpha",
            Field::Seed => "seed",
            Field::Epochs => "epochs",
            Field::Batch => "batch",
            Field::Lr => "learning rate",
            Field::WeightDecay => "weight decay",
            Field::Dropout => "dropout",
            Field::Validation => "validation",
            Field::Standardize => "standardize",
            Field::Nan => "missing samples",
        }
    }

    /// What may stand there.
    pub fn hint(self) -> &'static str {
        match self {
            Field::Model => "a network; commas for several",
            Field::Activation => "relu, leaky_relu, elu; commas for several",
            Field::Alpha => "of elu and leaky_relu; empty: 1.0 and 0.01; 0.1..1 is ten of them",
            Field::Seed => "0, or 0..4 for five seeds",
            Field::Epochs => "passes over the training trials",
            Field::Batch => "trials of one step",
            Field::Lr => "of Adam",
            Field::WeightDecay => "L2, coupled",
            Field::Dropout => "empty: the model's own",
            Field::Validation => "share held out to choose the epoch; 0: none",
            Field::Standardize => "none or zscore",
            Field::Nan => "train: training means; reference: the lab's",
        }
    }

    /// The words it takes; empty where it takes text.
    pub fn choices(self) -> &'static [&'static str] {
        match self {
            Field::Model => &["eegnet", "deepconvnet", "eegnet,deepconvnet"],
            Field::Standardize => &["none", "zscore"],
            Field::Nan => &["train", "reference"],
            _ => &[],
        }
    }

    fn default(self) -> &'static str {
        match self {
            Field::Model => "eegnet",
            Field::Activation => "relu,leaky_relu,elu",
            Field::Alpha | Field::Dropout => "",
            Field::Seed => "0",
            Field::Epochs => "300",
            Field::Batch => "256",
            Field::Lr => "0.001",
            Field::WeightDecay => "0.01",
            Field::Validation => "0.2",
            Field::Standardize => "none",
            Field::Nan => "train",
        }
    }
}

/// What is typed so far.
#[derive(Clone, Debug)]
pub struct Form {
    lines: Vec<Line>,
    focus: usize,
}

/// What a key did to the form.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It stays open.
    Stay,
    /// It is done: these runs are wanted.
    Enqueue(Vec<Spec>),
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Which.
    pub field: Field,
    /// A sentence.
    pub text: String,
}

impl Form {
    /// The lab's recipe, for the model of the run under the cursor.
    pub fn new(like: Option<&RunSummary>) -> Self {
        let mut form = Form { lines: Field::ALL.map(|field| Line::new(field.default())).into(), focus: 0 };
        if let Some(run) = like {
            form.lines[0] = Line::new(run.spec.model.name());
        }
        form
    }

    /// The field that takes the keys.
    pub fn focus(&self) -> Field {
        Field::ALL[self.focus]
    }

    /// What stands in a field.
    pub fn line(&self, field: Field) -> &Line {
        &self.lines[field as usize]
    }

    /// Takes a key; Enter enqueues when nothing is wrong.
    pub fn key(&mut self, key: Key, data: Option<&DataSet>) -> Outcome {
        let last = Field::ALL.len() - 1;
        let choices = self.focus().choices();
        match key.code {
            KeyCode::Enter => {
                return match data.map(|data| self.specs(data)) {
                    Some(Ok(specs)) => Outcome::Enqueue(specs),
                    Some(Err(complaint)) => {
                        self.focus = complaint.field as usize;
                        Outcome::Stay
                    }
                    None => Outcome::Stay,
                };
            }
            KeyCode::Tab if key.shift => self.focus = self.focus.checked_sub(1).unwrap_or(last),
            KeyCode::Tab => self.focus = (self.focus + 1) % (last + 1),
            KeyCode::Up => self.focus = self.focus.saturating_sub(1),
            KeyCode::Down => self.focus = (self.focus + 1).min(last),
            KeyCode::Left if !choices.is_empty() => self.choose(choices, choices.len() - 1),
            KeyCode::Right | KeyCode::Char(' ') if !choices.is_empty() => self.choose(choices, 1),
            _ if choices.is_empty() => drop(self.lines[self.focus].key(key)),
            _ => {}
        }
        Outcome::Stay
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) {
        if self.focus().choices().is_empty() {
            self.lines[self.focus].insert(text);
        }
    }

    fn choose(&mut self, choices: &[&str], steps: usize) {
        let now = self.lines[self.focus].text();
        let place = choices.iter().position(|choice| *choice == now).unwrap_or(0);
        self.lines[self.focus] = Line::new(choices[(place + steps) % choices.len()]);
    }

    fn text(&self, field: Field) -> String {
        self.line(field).text()
    }

    /// The runs that the form describes, or what is wrong first.
    pub fn specs(&self, data: &DataSet) -> Result<Vec<Spec>, Complaint> {
        let words =
            |field| self.text(field).split(',').map(|word| word.trim().to_owned()).collect::<Vec<_>>();
        let grid = Grid {
            preset: None,
            models: self.each(Field::Model, |word| word.parse().ok())?,
            activations: words(Field::Activation).into_iter().filter(|word| !word.is_empty()).collect(),
            alphas: parse::numbers(&self.text(Field::Alpha)).map_err(at(Field::Alpha))?,
            seeds: parse::seeds(&self.text(Field::Seed)).map_err(at(Field::Seed))?,
            epochs: self.each(Field::Epochs, |word| word.parse().ok())?,
            batches: self.each(Field::Batch, |word| word.parse().ok())?,
            rates: self.each(Field::Lr, |word| word.parse().ok())?,
            weight_decays: self.each(Field::WeightDecay, |word| word.parse().ok())?,
            dropouts: match self.text(Field::Dropout).trim() {
                "" => Vec::new(),
                _ => self.each(Field::Dropout, |word| word.parse().ok())?,
            },
            validations: self.each(Field::Validation, |word| word.parse().ok())?,
            scalings: self.each(Field::Standardize, named)?,
            nans: self.each(Field::Nan, named)?,
        };
        let specs = grid.specs(&data.source).map_err(complain)?;
        specs.iter().try_for_each(|spec| check(spec, data))?;
        Ok(specs)
    }

    /// A field's words, each understood; at least one.
    fn each<T>(&self, field: Field, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, Complaint> {
        let text = self.text(field);
        let one = |word: &str| {
            read(word.trim()).ok_or_else(|| Complaint {
                field,
                text: format!("'{}' won't do: {}", word.trim(), field.hint()),
            })
        };
        text.split(',').map(one).collect()
    }
}

/// A value by its name in files.
fn named<T: serde::de::DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(word.into()).ok()
}

fn at(field: Field) -> impl Fn(String) -> Complaint {
    move |text| Complaint { field, text }
}

/// Finds the field of what no run can have.
fn complain(error: GridError) -> Complaint {
    let field = match &error {
        GridError::Spec(wrong) => match wrong.field {
            "alpha" => Field::Alpha,
            "epochs" => Field::Epochs,
            "batch" => Field::Batch,
            "lr" => Field::Lr,
            "weight_decay" => Field::WeightDecay,
            "dropout" => Field::Dropout,
            "validation" => Field::Validation,
            _ => Field::Seed,
        },
        _ => Field::Activation,
    };
    Complaint { field, text: error.to_string() }
}

/// Refuses what these data don't allow. Cheap: it is asked with every key.
fn check(spec: &Spec, data: &DataSet) -> Result<(), Complaint> {
    let network = spec.model.network(data.geometry(), spec.activation, spec.dropout);
    network.map(drop).map_err(|error| Complaint { field: Field::Model, text: error.to_string() })
}

#[cfg(test)]
mod tests;
