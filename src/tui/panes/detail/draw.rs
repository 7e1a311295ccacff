//! Draws one run: all at once in a large window, else a part.

use super::part::{ASIDE, Part, is_large};
use super::{curves, head, text};
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::pane::Pane;
use crate::tui::sheet::Sheet;
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

/// Draws the pane.
pub fn render(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let Some(run) = app.selected() else {
        let mut sheet = Sheet::new(theme);
        let new = app.keymap.label(Action::NewRun, theme.utf8);
        sheet.line(Tone::Dim, format!("No run is selected. Choose one in Runs, or ask for one with {new}."));
        return sheet.render(0, area, frame);
    };
    let detail = app.detail(&run.id);
    let head = head::lines(app, theme, run, area);
    let rows = (head.len() as u16).min(area.height);
    let [top, body] = Layout::vertical([Constraint::Length(rows), Constraint::Fill(1)]).areas(area);
    head.render(0, top, frame);
    let place = app.place(Pane::Detail);
    if is_large(area) {
        let [left, _, right] =
            Layout::horizontal([Constraint::Fill(1), Constraint::Length(2), Constraint::Length(ASIDE)])
                .areas(body);
        curves::both(app, theme, detail, left, frame);
        return text::everything(app, theme, run, detail).render(place.row, right, frame);
    }
    match Part::ALL[place.part.min(Part::ALL.len() - 1)] {
        Part::Curves => curves::one(app, theme, detail, body, frame),
        part => text::part(app, theme, run, detail, part, body.width).render(place.row, body, frame),
    }
}
