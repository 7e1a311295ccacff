//! Draws one run: all at once in a large window, else a part.

use super::part::{ASIDE, Part, is_large};
use super::{curves, head, results, text};
use crate::metric::Shapes;
use crate::predictions::Predictions;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::loaded::RunDetail;
use crate::tui::pane::Pane;
use crate::tui::panes::shapes;
use crate::tui::sheet::Sheet;
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

/// Lines from which ROC curve and reliability stand under the curves of a large window.
const TALL: u16 = 36;

/// What the run said at the epoch that the rule picks.
fn said<'a>(app: &App, detail: Option<&'a RunDetail>) -> Option<&'a Predictions> {
    detail?.predictions.get(&app.rule)
}

/// Draws the pane.
pub fn render(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let Some(run) = app.selected() else {
        let mut sheet = Sheet::within(theme, area.width);
        let new = app.keymap.label(Action::NewRun, theme.utf8);
        sheet.sentence(
            Tone::Dim,
            &format!("No run is selected. Choose one in Runs, or ask for one with {new}."),
        );
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
        let said = said(app, detail).filter(|_| left.height >= TALL);
        let share = if said.is_some() { Constraint::Fill(1) } else { Constraint::Length(0) };
        let [above, below] = Layout::vertical([Constraint::Fill(2), share]).areas(left);
        curves::both(app, theme, detail, above, frame);
        if let Some(said) = said {
            shapes::render(&Shapes::of(&[said]), theme, below, frame);
        }
        return text::everything(app, theme, run, detail).render(place.row, right, frame);
    }
    match Part::ALL[place.part.min(Part::ALL.len() - 1)] {
        Part::Curves => curves::one(app, theme, detail, body, frame),
        Part::Shapes => match said(app, detail) {
            Some(said) => shapes::render(&Shapes::of(&[said]), theme, body, frame),
            None => {
                let mut sheet = Sheet::within(theme, body.width);
                results::awaits_checkpoint(&mut sheet, run, "ROC curve and reliability");
                sheet.render(0, body, frame);
            }
        },
        part => text::part(app, theme, run, detail, part, body.width).render(place.row, body, frame),
    }
}
