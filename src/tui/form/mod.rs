//! The form for new runs: the data set and every field of a spec, lists allowed, checked while it is typed.

mod row;

use super::input::Line;
use super::key::Key;
use crate::dataset::{DataSet, divide};
use crate::lab;
use crate::model::{Activation, Model};
use crate::notebook::RunSummary;
use crate::plan::{Grid, GridError, complete};
use crate::spec::{Field, Spec, SpecError, field};
use crossterm::event::KeyCode;

pub use row::Row;

/// What is typed so far.
#[derive(Clone, Debug)]
pub struct Form {
    /// A line for each of [`Row::ALL`].
    lines: Vec<Line>,
    focus: usize,
    /// What stood there when it was first opened.
    opening: Vec<String>,
    there: There,
    /// The data set that was asked for and has not come yet.
    asked: Option<String>,
}

/// What there is to choose from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct There {
    /// Names of the data sets.
    pub sets: Vec<String>,
    /// The networks, those in files too.
    pub networks: Vec<Model>,
}

/// What a key did to the form.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It stays open.
    Stay,
    /// It stays open, and wants the data set of this name.
    Open(String),
    /// It is done: these runs are wanted.
    Enqueue(Vec<Spec>),
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Which, by its name.
    pub row: &'static str,
    /// A sentence.
    pub text: String,
}

impl Form {
    /// With the lab's recipe and its three activations, for the model of the run under the cursor; and what was typed into
    /// it last, where it was open before.
    pub fn new(there: There, set: Option<&str>, like: Option<&RunSummary>, last: Option<&[String]>) -> Self {
        let of_field = |field: &Field| match (field.name, field.default_by) {
            ("model", _) => like.map_or_else(|| field.plain_default(), |run| field.print(&run.spec)),
            ("activation", _) => lab::ACTIVATIONS.map(Activation::name).join(","),
            (_, Some(_)) => String::new(),
            (_, None) => field.plain_default(),
        };
        let opening: Vec<String> = Row::all()
            .map(|row| match row {
                Row::Data => set.unwrap_or_default().to_owned(),
                Row::Field(field) => of_field(field),
            })
            .collect();
        let kept = |place: usize| last.and_then(|last| last.get(place)).filter(|_| place > 0);
        let lines = opening.iter().enumerate().map(|(place, text)| Line::new(kept(place).unwrap_or(text)));
        let mut form = Form { lines: lines.collect(), focus: 0, opening, there, asked: None };
        form.go(usize::from(set.is_some()));
        form
    }

    /// The data set of this name was read.
    pub fn took(&mut self, set: &str) {
        self.lines[0] = Line::new(set);
        self.asked = None;
        self.go(self.focus);
    }

    /// The place of the row that takes the keys.
    pub fn focus(&self) -> usize {
        self.focus
    }

    /// Every row with what stands there.
    pub fn rows(&self) -> impl Iterator<Item = (Row, &Line)> {
        Row::all().zip(&self.lines)
    }

    /// What stands in each row, to begin with the next time.
    pub fn texts(&self) -> Vec<String> {
        self.lines.iter().map(Line::text).collect()
    }

    /// The row that takes the keys.
    pub fn row(&self) -> Row {
        Row::at(self.focus)
    }

    /// The words that may be chosen in a row.
    pub fn choices(&self, row: Row) -> Vec<String> {
        row.choices(&self.there)
    }

    /// What may stand in a row.
    pub fn hint(&self, row: Row) -> String {
        row.hint(&self.there)
    }

    /// Takes a key; Enter enqueues when nothing is wrong.
    pub fn key(&mut self, key: Key, data: Option<&DataSet>) -> Outcome {
        let last = self.lines.len() - 1;
        let choices = self.choices(self.row());
        let before = self.focus;
        let mut turned = false;
        match (key.code, key.ctrl) {
            (KeyCode::Enter, _) => return self.enter(data),
            (KeyCode::Tab, _) if key.shift => self.go(self.focus.checked_sub(1).unwrap_or(last)),
            (KeyCode::Tab, _) => self.go((self.focus + 1) % (last + 1)),
            (KeyCode::Up, _) => self.go(self.focus.saturating_sub(1)),
            (KeyCode::Down, _) => self.go((self.focus + 1).min(last)),
            (KeyCode::Char('r'), true) => self.begin_anew(),
            (KeyCode::Left, _) if !choices.is_empty() => turned = self.choose(&choices, choices.len() - 1),
            (KeyCode::Right | KeyCode::Char(' '), false) if !choices.is_empty() => {
                turned = self.choose(&choices, 1);
            }
            _ => drop(self.lines[self.focus].key(key)),
        }
        let left = before != self.focus || turned;
        match self.wanted_set(data).filter(|_| Row::at(before) == Row::Data && left) {
            Some(set) => self.ask(set),
            None => Outcome::Stay,
        }
    }

    fn ask(&mut self, set: String) -> Outcome {
        self.asked = Some(set.clone());
        Outcome::Open(set)
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) {
        self.lines[self.focus].insert(text);
    }

    /// To another row, whose text is selected: what is typed there takes its place.
    fn go(&mut self, place: usize) {
        self.lines[self.focus].select(false);
        self.focus = place;
        self.lines[place].select(true);
    }

    /// Every field as the form first opens; the data set stays.
    fn begin_anew(&mut self) {
        for (line, text) in self.lines.iter_mut().zip(&self.opening).skip(1) {
            *line = Line::new(text);
        }
        self.go(self.focus);
    }

    fn choose(&mut self, choices: &[String], steps: usize) -> bool {
        let now = self.lines[self.focus].text();
        let next = match choices.iter().position(|choice| *choice == now) {
            Some(place) => (place + steps) % choices.len(),
            None => 0,
        };
        self.lines[self.focus] = Line::new(&choices[next]);
        self.lines[self.focus].select(true);
        true
    }

    /// The data set that is asked for, where it isn't the one at hand.
    fn wanted_set(&self, data: Option<&DataSet>) -> Option<String> {
        let text = self.lines[0].text().trim().to_owned();
        let here = data.map(|data| &data.source.name).or(self.asked.as_ref());
        (!text.is_empty() && here != Some(&text)).then_some(text)
    }

    fn enter(&mut self, data: Option<&DataSet>) -> Outcome {
        if let Some(set) = self.wanted_set(data) {
            return self.ask(set);
        }
        // What is being read comes by itself.
        let Some(data) = data else { return Outcome::Stay };
        match self.specs(data) {
            Ok(specs) => Outcome::Enqueue(specs),
            Err(complaint) => {
                let place = Row::all().position(|row| row.name() == complaint.row);
                self.go(place.unwrap_or(self.focus));
                Outcome::Stay
            }
        }
    }

    /// The runs that the form describes, or what is wrong first.
    pub fn specs(&self, data: &DataSet) -> Result<Vec<Spec>, Complaint> {
        let mut grid = Grid::default();
        let models = self.models()?;
        for (row, line) in self.rows() {
            let Row::Field(field) = row else { continue };
            // Baselines have neither epochs nor seeds, though something stands there.
            if !models.is_empty() && !models.iter().any(|model| field.concerns.covers(model)) {
                continue;
            }
            let values = field.list(&line.text()).map_err(|error| about(field, &error))?;
            if values.is_empty() && field.default_by.is_none() {
                let text = format!("it is empty; the usual is {}", field.plain_default());
                return Err(Complaint { row: field.name, text });
            }
            grid = grid.with(field, values);
        }
        let specs = grid.naming(models).specs(&data.source);
        let specs = specs.and_then(|specs| complete(specs, data)).map_err(complain)?;
        specs.iter().try_for_each(|spec| check(spec, data))?;
        Ok(specs)
    }

    /// The models that are named, those in files too.
    fn models(&self) -> Result<Vec<Model>, Complaint> {
        let line = self.rows().find(|(row, _)| row.name() == "model").map(|(_, line)| line.text());
        let known = || self.there.networks.iter().chain(Model::baselines());
        let find = |name: &str| {
            known().find(|model| model.name() == name).cloned().ok_or_else(|| {
                let known: Vec<&str> = known().map(Model::name).collect();
                let text = format!("no model is called '{name}'; there are {}", known.join(", "));
                Complaint { row: "model", text }
            })
        };
        let line = line.unwrap_or_default();
        line.split(',').map(str::trim).filter(|name| !name.is_empty()).map(find).collect()
    }
}

fn about(field: &Field, error: &SpecError) -> Complaint {
    let text = match error {
        SpecError::Value { value, wanted, .. } => format!("'{value}' won't do; it must be {wanted}"),
        foreign => foreign.to_string(),
    };
    Complaint { row: field.name, text }
}

/// Finds the field of what no run can have.
fn complain(error: GridError) -> Complaint {
    let known = match &error {
        GridError::Spec(wrong) => field(wrong.field()).map_or("seed", |field| field.name),
        GridError::Model(_) => "model",
        // What the data don't have is a subject or a part of the split.
        GridError::Data(_) => "split",
        _ => "activation",
    };
    Complaint { row: known, text: error.to_string() }
}

/// Refuses what these data don't allow. Cheap: it is asked with every key.
fn check(spec: &Spec, data: &DataSet) -> Result<(), Complaint> {
    if spec.model.baseline().is_none() {
        let network = spec.model.network(data.geometry(), spec.activation, spec.dropout);
        network.map(drop).map_err(|error| Complaint { row: "model", text: error.to_string() })?;
    }
    divide(data, spec).map(drop).map_err(|error| Complaint { row: "split", text: error.to_string() })
}

#[cfg(test)]
mod tests;
