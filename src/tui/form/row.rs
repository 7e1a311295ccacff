//! The rows of the form: which data set, then the table of spec fields.

use super::There;
use crate::model::Model;
use crate::spec::{FIELDS, Field};

/// One row.
#[derive(Clone, Copy, Debug)]
pub enum Row {
    /// The data set that the runs are about.
    Data,
    /// A field of their specs; several values make several runs.
    Field(&'static Field),
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Row {
    /// Every row, in its order on the screen.
    pub fn all() -> impl Iterator<Item = Row> {
        std::iter::once(Row::Data).chain(FIELDS.iter().map(Row::Field))
    }

    /// How many there are.
    pub fn count() -> usize {
        FIELDS.len() + 1
    }

    /// The row at a place.
    pub fn at(place: usize) -> Row {
        place.checked_sub(1).and_then(|field| FIELDS.get(field)).map_or(Row::Data, Row::Field)
    }

    /// Tells it from the others.
    pub fn name(self) -> &'static str {
        match self {
            Row::Data => "data_set",
            Row::Field(field) => field.name,
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Row::Data => "data set",
            Row::Field(field) => field.title,
        }
    }

    /// The words that the arrow keys turn through; several of a field are typed with commas.
    pub fn choices(self, there: &There) -> Vec<String> {
        match self {
            Row::Data => there.sets.clone(),
            Row::Field(field) if field.name == "model" => {
                let models = there.networks.iter().chain(Model::baselines());
                models.map(|model| model.name().to_owned()).collect()
            }
            Row::Field(field) => field.words().into_iter().map(Into::into).collect(),
        }
    }

    /// What may stand there.
    pub fn hint(self, there: &There) -> String {
        let words = self.choices(there).join(", ");
        let Row::Field(field) = self else { return format!("one of {words}, or a path") };
        let what = if words.is_empty() { field.help.to_owned() } else { words };
        let empty = field.default_by.map(|default| format!("empty: {default}"));
        let list = Some(field.list_example).filter(|list| !list.is_empty());
        [Some(what), empty, list.map(Into::into)].into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}
