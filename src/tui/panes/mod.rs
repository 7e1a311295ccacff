//! The panes: what each draws, how far its cursor goes, what Enter opens and what copying gives. Pure: the state goes in;
//! cells, extents and texts come out. Knows nothing of keys, effects or what surrounds a pane.

mod alpha;
pub mod compare;
mod confusion;
mod curves;
mod data;
mod detail;
mod fields;
mod forest;
mod inside;
mod layers;
mod load;
mod matrix;
mod measure;
mod models;
mod open;
pub mod runs;
mod shapes;
mod tables;
#[cfg(test)]
mod tests;

use super::app::App;
use super::delimited::Format;
use super::pane::{Extent, Pane};
use super::theme::Theme;
use crate::model::Model;
use crate::spec::Spec;
use crate::table::Matrix;
use ratatui::Frame;
use ratatui::layout::Rect;

pub use curves::look;
pub use data::{laid, stacked};
pub use inside::render as inside;
pub use open::Open;

/// Draws the pane on show.
pub fn draw(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    match app.pane {
        Pane::Runs => runs::render(app, theme, area, frame),
        Pane::Detail => detail::render(app, theme, area, frame),
        Pane::Compare => compare::render(app, theme, area, frame),
        Pane::Matrix => matrix::render(app, theme, area, frame),
        Pane::Alpha => alpha::render(app, theme, area, frame),
        Pane::Models => models::render(app, theme, area, frame),
        Pane::Data => data::render(app, theme, area, frame),
        Pane::Load => load::render(app, theme, area, frame),
    }
}

/// How far the cursor of the pane on show can go.
pub fn extent(app: &App) -> Extent {
    match app.pane {
        Pane::Runs => Extent::default(),
        Pane::Detail => detail::extent(app),
        Pane::Compare => compare::extent(app),
        Pane::Matrix | Pane::Alpha => tables::extent(app, app.pane),
        Pane::Models => models::extent(app),
        Pane::Data => data::extent(app),
        Pane::Load => load::extent(app),
    }
}

/// How many epochs or samples the chart of the pane on show is of.
pub fn length(app: &App) -> usize {
    match app.pane {
        Pane::Runs if runs::is_wide(app) && !app.list.marks.is_empty() => compare::extent(app).columns,
        Pane::Runs => detail::extent(app).columns,
        _ => extent(app).columns,
    }
}

/// What the next part of the pane on show is called.
pub fn next_part(app: &App) -> Option<String> {
    let extent = extent(app);
    let next = (app.place(app.pane).part + 1) % extent.parts.max(1);
    match app.pane {
        Pane::Detail => detail::part_title(next),
        Pane::Compare => compare::part_title(next),
        Pane::Matrix | Pane::Alpha => tables::part_title(app, app.pane, next),
        Pane::Models => models::part_title(app, next),
        Pane::Data => data::part_title(next),
        Pane::Load => load::part_title(next),
        Pane::Runs => None,
    }
}

/// Whether two parts of a pane are about the same rows, so that the cursor stays where it is.
pub fn share_rows(pane: Pane, part: usize, other: usize) -> bool {
    match pane {
        Pane::Matrix | Pane::Alpha => true,
        Pane::Data => data::share_rows(part, other),
        _ => false,
    }
}

/// The row at which a pane of tables opens.
pub fn newest(tables: &[Matrix]) -> usize {
    tables::newest(tables)
}

/// Turns the Data pane to trials, if it shows none.
pub fn to_trials(app: &mut App) {
    data::to_trials(app);
}

/// Turns the Data pane to the next or the former electrodes of a trial; `false` where all are on show.
pub fn turn_electrodes(app: &mut App, forward: bool) -> bool {
    data::turn_electrodes(app, forward)
}

/// The row of the Data pane at which a trial is, counted as it was recorded.
pub fn row_of_trial(app: &App, trial: usize) -> usize {
    data::row_of_trial(app, trial)
}

/// What a file with the pane's copy is called, without its extension: tables of several recipes and views do not
/// overwrite one another.
pub fn copied_as(app: &App) -> String {
    let pane = app.pane.title().to_lowercase();
    match app.pane {
        Pane::Matrix | Pane::Alpha => tables::copied_as(app, app.pane).unwrap_or(pane),
        _ => pane,
    }
}

/// What Enter opens in the pane on show.
pub fn opened(app: &App) -> Option<Open> {
    match app.pane {
        Pane::Runs => app.selected().map(|run| Open::Run(run.id.clone())),
        Pane::Compare => compare::opened(app),
        Pane::Matrix | Pane::Alpha => tables::opened(app, app.pane),
        Pane::Detail | Pane::Models | Pane::Data | Pane::Load => None,
    }
}

/// What the selected cell lacks.
pub fn missing(app: &App) -> Vec<Spec> {
    match app.pane {
        Pane::Matrix | Pane::Alpha => {
            tables::view(app, app.pane).map(|view| tables::missing(app, &view)).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// The network under the cursor of Models.
pub fn shown_network(app: &App) -> Option<Model> {
    models::shown(app).cloned()
}

/// Whether the pane on show has a table.
pub fn has_table(app: &App) -> bool {
    matches!(app.pane, Pane::Matrix | Pane::Alpha) && tables::view(app, app.pane).is_some()
}

/// How the verdict on the selected cell came about, a paragraph a line; nothing in panes without a table.
pub fn explanation(app: &App) -> Vec<String> {
    match app.pane {
        Pane::Matrix | Pane::Alpha => tables::explanation(app, app.pane),
        _ => Vec::new(),
    }
}

/// What the pane on show gives to the clipboard.
pub fn copied(app: &App, format: Format) -> Option<String> {
    match app.pane {
        Pane::Runs => runs::copied(app, format),
        Pane::Detail => detail::copied(app, format),
        Pane::Compare => compare::copied(app, format),
        Pane::Matrix | Pane::Alpha => tables::copied(app, app.pane, format),
        Pane::Models => models::copied(app, format),
        Pane::Data => None,
        Pane::Load => (!app.log.is_empty()).then(|| app.log.join("\n") + "\n"),
    }
}
