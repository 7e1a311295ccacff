//! One run: its curves, results, recipe, parameters and notes. A large window shows all at once; a small one a part at a
//! time.

mod curves;
mod head;
mod parameters;
mod recipe;
mod results;

use super::sheet::Sheet;
use crate::notebook::RunSummary;
use crate::tui::app::{App, Extent, Format, Pane, RunDetail};
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

/// What the pane is made of, in the order in which a small window turns them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Curves,
    Results,
    Recipe,
    Parameters,
    Notes,
}

impl Part {
    const ALL: [Part; 5] = [Part::Curves, Part::Results, Part::Recipe, Part::Parameters, Part::Notes];

    fn title(self) -> &'static str {
        match self {
            Part::Curves => "curves",
            Part::Results => "results",
            Part::Recipe => "recipe",
            Part::Parameters => "parameters",
            Part::Notes => "notes",
        }
    }
}

/// Columns of the text beside the curves.
const ASIDE: u16 = 66;

/// Whether everything fits at once.
fn is_large(area: Rect) -> bool {
    area.width >= ASIDE + 60 && area.height >= 24
}

/// Draws the pane.
pub fn render(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let Some(run) = app.selected() else {
        let mut sheet = Sheet::new(theme);
        sheet.line(Tone::Dim, "No run is selected. Choose one in Runs, or press e to train EEGNet.");
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
        return everything(app, theme, run, detail).render(place.row, right, frame);
    }
    match Part::ALL[place.part.min(Part::ALL.len() - 1)] {
        Part::Curves => curves::one(app, theme, detail, body, frame),
        part => text(app, theme, run, detail, part, body.width).render(place.row, body, frame),
    }
}

/// All that is said in words, for a large window.
fn everything<'t>(app: &App, theme: &'t Theme, run: &RunSummary, detail: Option<&RunDetail>) -> Sheet<'t> {
    let mut sheet = Sheet::new(theme);
    for part in &Part::ALL[1..] {
        write(&mut sheet, app, theme, run, detail, *part, ASIDE);
    }
    sheet
}

/// What is said in words in one part.
fn text<'t>(
    app: &App,
    theme: &'t Theme,
    run: &RunSummary,
    detail: Option<&RunDetail>,
    part: Part,
    width: u16,
) -> Sheet<'t> {
    let mut sheet = Sheet::new(theme);
    write(&mut sheet, app, theme, run, detail, part, width);
    sheet
}

fn write(
    sheet: &mut Sheet,
    app: &App,
    theme: &Theme,
    run: &RunSummary,
    detail: Option<&RunDetail>,
    part: Part,
    width: u16,
) {
    match part {
        Part::Curves => {}
        Part::Results => results::write(sheet, app, run, detail, theme),
        Part::Recipe => recipe::write(sheet, run, detail),
        Part::Parameters => parameters::write(sheet, app, run, width),
        Part::Notes => notes(sheet, app, theme, run, detail, width),
    }
}

/// Labels and the person's own words.
fn notes(
    sheet: &mut Sheet,
    app: &App,
    theme: &Theme,
    run: &RunSummary,
    detail: Option<&RunDetail>,
    width: u16,
) {
    use crate::tui::action::Action;
    sheet.heading("notes");
    let label = |action| app.keymap.label(action, theme.utf8);
    if run.tags.is_empty() {
        sheet.line(Tone::Dim, format!(" no tags; {} sets some", label(Action::Tags)));
    } else {
        sheet.entry("tags", run.tags.join(" "));
    }
    match detail.map(|detail| detail.notes.as_str()) {
        Some(notes) if !notes.trim().is_empty() => sheet.prose(Tone::Plain, notes, width.into()),
        Some(_) => sheet.line(
            Tone::Dim,
            format!(
                " no notes; {} writes them here, {} in your editor",
                label(Action::Notes),
                label(Action::NotesInEditor)
            ),
        ),
        None => sheet.line(Tone::Dim, " reading …"),
    }
}

/// How far its cursor can go.
pub fn extent(app: &App) -> Extent {
    let Some(run) = app.selected() else { return Extent::default() };
    let detail = app.detail(&run.id);
    let body = super::body(app.size);
    let theme = Theme::PLAIN;
    let head = head::lines(app, &theme, run, body).len();
    let large = is_large(body);
    let part = Part::ALL[app.place(Pane::Detail).part.min(Part::ALL.len() - 1)];
    let lines = match (large, part) {
        (true, _) => everything(app, &theme, run, detail).len(),
        (false, part) => text(app, &theme, run, detail, part, body.width).len(),
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
