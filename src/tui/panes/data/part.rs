//! What the pane is made of, in the order in which brackets turn it.

use crate::dataset::{DataSet, TrialSet};

/// Training or test trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    Train,
    Test,
}

impl Set {
    pub const ALL: [Set; 2] = [Set::Train, Set::Test];

    pub fn name(self) -> &'static str {
        match self {
            Set::Train => "train",
            Set::Test => "test",
        }
    }

    pub fn of(self, data: &DataSet) -> &TrialSet {
        match self {
            Set::Train => &data.train,
            Set::Test => &data.test,
        }
    }
}

/// One part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// One trial after another.
    Trials(Set),
    /// Figures of each electrode.
    Electrodes,
    /// The course of each class at an electrode.
    Means,
    /// The power of each class at an electrode.
    Spectrum,
    /// What was noticed, and how many trials there are of what.
    Findings,
}

impl Part {
    pub const ALL: [Part; 6] = [
        Part::Trials(Set::Train),
        Part::Trials(Set::Test),
        Part::Electrodes,
        Part::Means,
        Part::Spectrum,
        Part::Findings,
    ];

    /// The part at a place of [`Part::ALL`].
    pub fn at(place: usize) -> Part {
        Part::ALL[place.min(Part::ALL.len() - 1)]
    }

    pub fn title(self) -> &'static str {
        match self {
            Part::Trials(Set::Train) => "train trials",
            Part::Trials(Set::Test) => "test trials",
            Part::Electrodes => "electrodes",
            Part::Means => "class means",
            Part::Spectrum => "spectrum",
            Part::Findings => "findings",
        }
    }

    /// Whether its rows are electrodes.
    pub fn is_of_electrodes(self) -> bool {
        matches!(self, Part::Electrodes | Part::Means | Part::Spectrum)
    }
}
