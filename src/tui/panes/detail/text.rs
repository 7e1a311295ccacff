//! What is said of one run in words, part by part.

use super::part::{ASIDE, Part};
use super::{parameters, recipe, results};
use crate::notebook::RunSummary;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::loaded::RunDetail;
use crate::tui::sheet::Sheet;
use crate::tui::theme::{Theme, Tone};

/// All that is said in words, for a large window.
pub fn everything<'t>(
    app: &App,
    theme: &'t Theme,
    run: &RunSummary,
    detail: Option<&RunDetail>,
) -> Sheet<'t> {
    let mut sheet = Sheet::within(theme, ASIDE);
    for part in &Part::ALL[1..] {
        write(&mut sheet, app, theme, run, detail, *part, ASIDE);
    }
    sheet
}

/// What is said in words in one part.
pub fn part<'t>(
    app: &App,
    theme: &'t Theme,
    run: &RunSummary,
    detail: Option<&RunDetail>,
    part: Part,
    width: u16,
) -> Sheet<'t> {
    let mut sheet = Sheet::within(theme, width);
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
        Part::Curves | Part::Shapes => {}
        Part::Results => results::write(sheet, app, run, detail, theme),
        Part::Recipe => recipe::write(sheet, run, detail, width),
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
    sheet.heading("notes");
    let label = |action| app.keymap.label(action, theme.utf8);
    if run.tags.is_empty() {
        sheet.sentence(Tone::Dim, &format!("no tags; {} sets some", label(Action::Tags)));
    } else {
        sheet.entry("tags", run.tags.join(" "));
    }
    match detail.map(|detail| detail.notes.as_str()) {
        Some(notes) if !notes.trim().is_empty() => sheet.prose(Tone::Plain, notes, width.into()),
        Some(_) => sheet.sentence(
            Tone::Dim,
            &format!(
                "no notes; {} writes them here, {} in your editor",
                label(Action::Notes),
                label(Action::NotesInEditor)
            ),
        ),
        None => sheet.line(Tone::Dim, " reading …"),
    }
}
