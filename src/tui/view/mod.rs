//! What the state looks like. Pure: the state goes in, cells of a frame come out. One file a pane; what only the picture
//! knows (how far its cursor goes, what Enter would open, what copying gives) each pane answers too.

pub mod alpha;
pub mod compare;
mod complete;
mod curves;
pub mod data;
mod delimited;
pub mod detail;
mod fields;
mod form;
mod frame;
mod grid;
mod help;
mod lab;
mod layers;
pub mod matrix;
mod measure;
mod messages;
pub mod models;
mod palette;
#[cfg(test)]
mod panes;
mod popup;
pub mod runs;
mod sheet;
mod tables;
mod trial;

use super::app::{App, Extent, Format, Pane, Popup};
use super::theme::{Theme, Tone};
use crate::spec::Spec;
use frame::Regions;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};

/// What Enter opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Open {
    /// One run, in Detail.
    Run(String),
    /// These runs, in Runs.
    Runs(Vec<String>),
}

/// What lies under the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A tab.
    Pane(Pane),
    /// A line of the list of runs.
    Run(usize),
}

/// Draws everything, on the theme's paper.
pub fn render(app: &App, theme: &Theme, frame: &mut Frame) {
    draw(app, theme, frame);
    theme.paint(frame.buffer_mut());
}

fn draw(app: &App, theme: &Theme, frame: &mut Frame) {
    let area = frame.area();
    if is_too_small((area.width, area.height)) {
        return too_small(app, theme, area, frame);
    }
    let regions = Regions::of(area);
    frame::render(app, theme, &regions, frame);
    pane(app, theme, regions.body, frame);
    match &app.popup {
        None | Some(Popup::Filter(_)) => {}
        Some(Popup::Help(top)) => help::render(app, theme, *top, area, frame),
        Some(Popup::Palette(palette)) => palette::render(app, theme, palette, area, frame),
        Some(Popup::Form(form)) => form::render(app, theme, form, area, frame),
        Some(Popup::Trial(line)) => popup::trial(app, theme, line, area, frame),
        Some(Popup::Tags(line)) => popup::tags(app, theme, line, area, frame),
        Some(Popup::Notes(id, page)) => popup::notes(theme, id, page, area, frame),
        Some(Popup::Confirm(question, _)) => popup::confirm(theme, question, area, frame),
        Some(Popup::Messages(top)) => messages::render(app, theme, *top, area, frame),
    }
}

fn pane(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    match app.pane {
        Pane::Runs => runs::render(app, theme, area, frame),
        Pane::Detail => detail::render(app, theme, area, frame),
        Pane::Compare => compare::render(app, theme, area, frame),
        Pane::Matrix => matrix::render(app, theme, area, frame),
        Pane::Alpha => alpha::render(app, theme, area, frame),
        Pane::Models => models::render(app, theme, area, frame),
        Pane::Data => data::render(app, theme, area, frame),
    }
}

/// Whether nothing but a word fits. Keys other than `q` do nothing then: no one sees what they would do.
pub fn is_too_small((columns, rows): (u16, u16)) -> bool {
    columns < 20 || rows < 5
}

fn too_small(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let quit = app.keymap.label(super::action::Action::Quit, theme.utf8);
    let lines = [format!("{quit} quits"), "needs 20x5".into(), format!("is {}x{}", area.width, area.height)];
    let text = Text::from_iter(lines.map(|line| Line::styled(line, theme.tone(Tone::Plain))));
    frame.render_widget(text, area);
}

/// Where the body of the screen lies.
pub(super) fn body(size: (u16, u16)) -> Rect {
    Regions::of(Rect::new(0, 0, size.0, size.1)).body
}

/// How far what is read in a popup can be scrolled.
pub fn scrollable(app: &App, popup: &Popup) -> usize {
    match popup {
        Popup::Help(_) => help::end(app),
        Popup::Messages(_) => messages::end(app),
        _ => 0,
    }
}

/// How far the cursor of the pane on show can go.
pub fn extent(app: &App) -> Extent {
    match app.pane {
        Pane::Runs => Extent::default(),
        Pane::Detail => detail::extent(app),
        Pane::Compare => compare::extent(app),
        Pane::Matrix => matrix::extent(app),
        Pane::Alpha => alpha::extent(app),
        Pane::Models => models::extent(app),
        Pane::Data => data::extent(app),
    }
}

/// What Enter opens in the pane on show.
pub fn opened(app: &App) -> Option<Open> {
    match app.pane {
        Pane::Runs => app.selected().map(|run| Open::Run(run.id.clone())),
        Pane::Compare => compare::opened(app),
        Pane::Matrix => matrix::opened(app),
        Pane::Alpha => alpha::opened(app),
        Pane::Detail | Pane::Models | Pane::Data => None,
    }
}

/// What the selected cell lacks.
pub fn missing(app: &App) -> Vec<Spec> {
    match app.pane {
        Pane::Matrix => matrix::missing(app),
        Pane::Alpha => alpha::missing(app),
        _ => Vec::new(),
    }
}

/// What the pane on show gives to the clipboard.
pub fn copied(app: &App, format: Format) -> Option<String> {
    match app.pane {
        Pane::Runs => runs::copied(app, format),
        Pane::Detail => detail::copied(app, format),
        Pane::Compare => compare::copied(app, format),
        Pane::Matrix => matrix::copied(app, format),
        Pane::Alpha => alpha::copied(app, format),
        Pane::Models => models::copied(app, format),
        Pane::Data => None,
    }
}

/// What lies under a column and row of the screen.
pub fn target(app: &App, column: u16, row: u16) -> Option<Target> {
    let regions = Regions::of(Rect::new(0, 0, app.size.0, app.size.1));
    if row == regions.tabs.y {
        return frame::tab_at(app, regions.tabs, column).map(Target::Pane);
    }
    let line = row.checked_sub(regions.body.y + runs::HEAD)?;
    let inside = app.pane == Pane::Runs && usize::from(line) < runs::list_height(app);
    let line = app.list.top + usize::from(line);
    (inside && line < app.list.shown().len()).then_some(Target::Run(line))
}
