//! What one run's pane is made of, and when all of it fits at once.

use ratatui::layout::Rect;

/// What the pane is made of, in the order in which a small window turns them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Accuracy and loss over the epochs.
    Curves,
    /// How well it did.
    Results,
    /// How its probabilities do: ROC curve and reliability.
    Shapes,
    /// What was asked, and where it was trained.
    Recipe,
    /// The network, layer by layer.
    Parameters,
    /// The person's words.
    Notes,
}

impl Part {
    /// All of them.
    pub const ALL: [Part; 6] =
        [Part::Curves, Part::Results, Part::Shapes, Part::Recipe, Part::Parameters, Part::Notes];

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Part::Curves => "curves",
            Part::Results => "results",
            Part::Shapes => "roc",
            Part::Recipe => "recipe",
            Part::Parameters => "parameters",
            Part::Notes => "notes",
        }
    }
}

/// Columns of the text beside the curves.
pub const ASIDE: u16 = 66;

/// Whether everything fits at once.
pub fn is_large(area: Rect) -> bool {
    area.width >= ASIDE + 60 && area.height >= 24
}
