//! One run: its curves, results, recipe, parameters and notes. A large window shows all at once; a small one a part at a
//! time.

mod curves;
mod draw;
mod head;
mod parameters;
mod part;
mod recipe;
mod results;
mod text;

use crate::tui::app::App;
use crate::tui::delimited::Format;
use crate::tui::pane::{Extent, Pane};
use crate::tui::regions::body;
use crate::tui::theme::Theme;
use part::{Part, is_large};

pub use draw::render;

/// What a part is called.
pub fn part_title(part: usize) -> Option<String> {
    Part::ALL.get(part).map(|part| part.title().into())
}

/// How far its cursor can go.
pub fn extent(app: &App) -> Extent {
    let Some(run) = app.selected() else { return Extent::default() };
    let detail = app.detail(&run.id);
    let body = body(app.size);
    let theme = Theme::PLAIN;
    let head = head::lines(app, &theme, run, body).len();
    let large = is_large(body);
    let part = Part::ALL[app.place(Pane::Detail).part.min(Part::ALL.len() - 1)];
    let lines = match (large, part) {
        (true, _) => text::everything(app, &theme, run, detail).len(),
        (false, part) => text::part(app, &theme, run, detail, part, body.width).len(),
    };
    Extent {
        // The last screenful is the end.
        rows: (lines + head + 1).saturating_sub(body.height.into()).max(1),
        columns: detail.map_or(0, |detail| detail.epochs.len()),
        parts: if large { 1 } else { Part::ALL.len() },
    }
}

/// The epochs, for the clipboard.
pub fn copied(app: &App, format: Format) -> Option<String> {
    let detail = app.detail(&app.selected()?.id)?;
    curves::copied(&detail.epochs, format)
}
