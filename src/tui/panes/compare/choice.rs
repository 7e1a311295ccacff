//! Which runs are compared, what they are called, and how much of them fits at once.

use crate::event::Epoch;
use crate::notebook::RunSummary;
use crate::tui::app::App;
use crate::tui::panes::curves::Set;
use crate::tui::panes::fields::{self, Comparison};
use ratatui::layout::Rect;

/// The sets in the order in which a small window turns them.
pub const SETS: [Set; 3] = [Set::Test, Set::Train, Set::Validation];

/// The runs that are compared: the marked ones, else the selected one.
pub fn compared(app: &App) -> Vec<&RunSummary> {
    app.targets()
}

/// What tells them apart.
pub fn comparison(runs: &[&RunSummary]) -> Comparison {
    fields::compare(&runs.iter().map(|run| &run.spec).collect::<Vec<_>>())
}

/// A short name of each run: the values of what differs.
pub fn names(runs: &[&RunSummary], comparison: &Comparison) -> Vec<String> {
    let name = |place: usize| {
        let values = comparison.differing.iter().map(|(field, values)| match *field {
            "model" | "activation" | "data set" => values[place].clone(),
            "seed" => format!("s{}", values[place]),
            _ => format!("{field} {}", values[place]),
        });
        let name = values.collect::<Vec<_>>().join(" ");
        let run = runs[place];
        match (name.is_empty(), runs.len()) {
            (false, _) => name,
            (true, 1) => {
                format!("{} {} s{}", run.spec.model.title(), run.spec.activation.title(), run.spec.seed)
            }
            // Runs of one spec differ in their ids only.
            (true, _) => run.id.clone(),
        }
    };
    (0..runs.len()).map(name).collect()
}

/// A run's epochs, as far as they were read.
pub fn epochs<'a>(app: &'a App, run: &RunSummary) -> &'a [Epoch] {
    app.detail(&run.id).map_or(&[], |detail| &detail.epochs)
}

/// Epochs of the longest of the runs.
pub fn longest(app: &App) -> usize {
    compared(app).iter().map(|run| epochs(app, run).len()).max().unwrap_or(0)
}

/// Whether there is room for the lab's four figures at once.
pub fn is_large(area: Rect) -> bool {
    area.width >= 120 && area.height >= 30
}
