//! The panes, and where the cursor stands in one. What rows, columns and parts are is each pane's own business.

/// The panes, in the order of their number keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pane {
    /// Queue and history.
    #[default]
    Runs,
    /// One run.
    Detail,
    /// Marked runs, overlaid.
    Compare,
    /// Model × activation.
    Matrix,
    /// Accuracy against ELU's α.
    Alpha,
    /// The networks and the activations.
    Models,
    /// The recordings.
    Data,
    /// The machine over time, and the worker's log.
    Load,
}

impl Pane {
    /// Every pane.
    pub const ALL: [Pane; 8] = [
        Pane::Runs,
        Pane::Detail,
        Pane::Compare,
        Pane::Matrix,
        Pane::Alpha,
        Pane::Models,
        Pane::Data,
        Pane::Load,
    ];

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Pane::Runs => "Runs",
            Pane::Detail => "Detail",
            Pane::Compare => "Compare",
            Pane::Matrix => "Matrix",
            Pane::Alpha => "Alpha",
            Pane::Models => "Models",
            Pane::Data => "Data",
            Pane::Load => "Load",
        }
    }
}

/// Where the cursor of a pane other than Runs stands. What rows, columns and parts are is the pane's own business; how
/// many there are it says in its `extent`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Up and down: a line, a table's row, a trial.
    pub row: usize,
    /// Left and right: a table's column, an epoch or sample to read values at. `None`: no cursor in the plot.
    pub column: Option<usize>,
    /// Brackets: which model, subject, table …
    pub part: usize,
    /// How often the horizontal axis of the pane's plot was halved.
    pub zoom: u8,
    /// Of what is laid under one another and doesn't fit at once, the first on show.
    pub first: usize,
}

impl Place {
    /// The deepest zoom: 1/256 of the whole.
    pub const DEEPEST: u8 = 8;

    /// The part of `0..length` epochs or samples that is on show: around the cursor, or at the end where there is none.
    /// Never empty unless there is nothing.
    pub fn window(&self, length: usize) -> std::ops::Range<usize> {
        let width = (length >> self.zoom.min(Self::DEEPEST)).max(length.min(8));
        let middle = self.column.unwrap_or(length).min(length);
        let start = middle.saturating_sub(width / 2).min(length - width);
        start..start + width
    }
}

/// How far the cursor of a pane can go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Rows there are.
    pub rows: usize,
    /// Columns there are.
    pub columns: usize,
    /// Parts there are.
    pub parts: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_follows_the_cursor_and_stays_inside() {
        let window = |zoom, column, length| Place { zoom, column, ..Place::default() }.window(length);
        assert_eq!(window(0, Some(7), 300), 0..300);
        assert_eq!(window(2, None, 400), 300..400);
        assert_eq!(window(2, Some(200), 400), 150..250);
        assert_eq!(window(2, Some(3), 400), 0..100);
        assert_eq!(window(8, Some(10), 20), 6..14);
        assert_eq!(window(2, None, 0), 0..0);
        assert_eq!(window(2, None, 3), 0..3);
    }
}
