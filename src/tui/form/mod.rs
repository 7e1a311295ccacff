//! The form for new runs: every field of a spec, lists allowed, checked while it is typed.

use super::input::Line;
use super::key::Key;
use crate::dataset::DataSet;
use crate::lab;
use crate::model::Activation;
use crate::notebook::RunSummary;
use crate::plan::{Grid, GridError};
use crate::spec::{FIELDS, Field, Spec, SpecError, field};
use crossterm::event::KeyCode;

/// What is typed so far.
#[derive(Clone, Debug)]
pub struct Form {
    /// A line for each of [`FIELDS`].
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
    /// Which, by its name.
    pub field: &'static str,
    /// A sentence.
    pub text: String,
}

impl Form {
    /// The lab's recipe with its three activations, for the model of the run under the cursor.
    pub fn new(like: Option<&RunSummary>) -> Self {
        let opening = |field: &Field| match (field.name, field.default_by) {
            ("model", _) => like.map_or_else(|| field.plain_default(), |run| field.print(&run.spec)),
            ("activation", _) => lab::ACTIVATIONS.map(Activation::name).join(","),
            (_, Some(_)) => String::new(),
            (_, None) => field.plain_default(),
        };
        Form { lines: FIELDS.iter().map(|field| Line::new(&opening(field))).collect(), focus: 0 }
    }

    /// The place of the field that takes the keys.
    pub fn focus(&self) -> usize {
        self.focus
    }

    /// Every field with what stands there.
    pub fn rows(&self) -> impl Iterator<Item = (&'static Field, &Line)> {
        FIELDS.iter().zip(&self.lines)
    }

    /// Takes a key; Enter enqueues when nothing is wrong.
    pub fn key(&mut self, key: Key, data: Option<&DataSet>) -> Outcome {
        let last = FIELDS.len() - 1;
        let choices = choices(&FIELDS[self.focus]);
        match key.code {
            KeyCode::Enter => {
                return match data.map(|data| self.specs(data)) {
                    Some(Ok(specs)) => Outcome::Enqueue(specs),
                    Some(Err(complaint)) => {
                        self.focus = place(complaint.field);
                        Outcome::Stay
                    }
                    None => Outcome::Stay,
                };
            }
            KeyCode::Tab if key.shift => self.focus = self.focus.checked_sub(1).unwrap_or(last),
            KeyCode::Tab => self.focus = (self.focus + 1) % (last + 1),
            KeyCode::Up => self.focus = self.focus.saturating_sub(1),
            KeyCode::Down => self.focus = (self.focus + 1).min(last),
            KeyCode::Left if !choices.is_empty() => self.choose(&choices, choices.len() - 1),
            KeyCode::Right | KeyCode::Char(' ') if !choices.is_empty() => self.choose(&choices, 1),
            _ => drop(self.lines[self.focus].key(key)),
        }
        Outcome::Stay
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) {
        self.lines[self.focus].insert(text);
    }

    fn choose(&mut self, choices: &[String], steps: usize) {
        let now = self.lines[self.focus].text();
        let next = match choices.iter().position(|choice| *choice == now) {
            Some(place) => (place + steps) % choices.len(),
            None => 0,
        };
        self.lines[self.focus] = Line::new(&choices[next]);
    }

    /// The runs that the form describes, or what is wrong first.
    pub fn specs(&self, data: &DataSet) -> Result<Vec<Spec>, Complaint> {
        let mut grid = Grid::default();
        for (field, line) in self.rows() {
            let values = field.list(&line.text()).map_err(|error| about(field, &error))?;
            if values.is_empty() && field.default_by.is_none() {
                return Err(Complaint {
                    field: field.name,
                    text: format!("it is empty; give {}", hint(field)),
                });
            }
            grid = grid.with(field, values);
        }
        let specs = grid.specs(&data.source).map_err(complain)?;
        specs.iter().try_for_each(|spec| check(spec, data))?;
        Ok(specs)
    }
}

/// The words that a field takes or offers, for the arrow keys; several are typed with commas.
pub fn choices(field: &Field) -> Vec<String> {
    field.words().into_iter().map(Into::into).collect()
}

/// What may stand in a field.
pub fn hint(field: &Field) -> String {
    let words = field.words();
    let what = if words.is_empty() { field.help.to_owned() } else { words.join(", ") };
    let empty = field.default_by.map(|default| format!("empty: {default}"));
    let list = Some(field.list_example).filter(|list| !list.is_empty());
    [Some(what), empty, list.map(Into::into)].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn place(name: &str) -> usize {
    FIELDS.iter().position(|field| field.name == name).unwrap_or(0)
}

fn about(field: &Field, error: &SpecError) -> Complaint {
    Complaint { field: field.name, text: format!("'{}' won't do; it must be {}", error.value, error.wanted) }
}

/// Finds the field of what no run can have.
fn complain(error: GridError) -> Complaint {
    let known = match &error {
        GridError::Spec(wrong) => field(wrong.field).map_or("seed", |field| field.name),
        GridError::Model(_) => "model",
        _ => "activation",
    };
    Complaint { field: known, text: error.to_string() }
}

/// Refuses what these data don't allow. Cheap: it is asked with every key.
fn check(spec: &Spec, data: &DataSet) -> Result<(), Complaint> {
    let network = spec.model.network(data.geometry(), spec.activation, spec.dropout);
    network.map(drop).map_err(|error| Complaint { field: "model", text: error.to_string() })
}

#[cfg(test)]
mod tests;
