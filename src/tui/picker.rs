//! A list to choose from, narrowed by what is typed: presets, data sets, columns, runs to compare. What it lists follows from
//! the state each time it is looked at: [`super::choices`].

use super::input::Line;

/// What is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Experiments to enqueue.
    Preset,
    /// The data that new runs are about.
    DataSet,
    /// Columns of the list of runs.
    Columns,
    /// Runs that Compare shows.
    Runs,
}

impl Purpose {
    /// What stands above the list.
    pub fn title(self) -> &'static str {
        match self {
            Purpose::Preset => "experiments",
            Purpose::DataSet => "data sets",
            Purpose::Columns => "columns of the list",
            Purpose::Runs => "runs to compare",
        }
    }

    /// What Enter does, beside the title where there is room.
    pub fn keys(self) -> &'static str {
        match self {
            Purpose::Preset => "enter enqueues, esc closes",
            Purpose::DataSet => "enter takes one for new runs, esc closes",
            Purpose::Columns => "enter shows or hides, esc closes",
            Purpose::Runs => "enter adds or drops, esc closes",
        }
    }
}

/// An open list.
#[derive(Clone, Debug)]
pub struct Picker {
    /// What for.
    pub purpose: Purpose,
    /// What is typed.
    pub line: Line,
    /// The chosen entry, counted among those that fit.
    pub chosen: usize,
}

/// One that can be chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Tells it from the others.
    pub key: String,
    /// Its name.
    pub name: String,
    /// What is to be known of it.
    pub about: String,
    /// Whether it is on, where entries are turned on and off.
    pub on: Option<bool>,
}

impl Picker {
    /// An empty one.
    pub fn new(purpose: Purpose) -> Self {
        Picker { purpose, line: Line::default(), chosen: 0 }
    }
}
