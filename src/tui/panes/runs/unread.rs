//! Runs that are left alone, under the list: a newer program made them, or they can't be read.

use crate::notebook::{Problem, ProblemKind};
use crate::tui::app::App;
use crate::tui::sheet::{Sheet, cut};
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::Rect;

/// Lines that they take at most.
const MOST: usize = 3;

/// Lines that they take in a list with room for so many.
pub fn height(app: &App, room: usize) -> usize {
    // A filter asks for what can be read.
    if app.list.is_narrowed() || room < 4 {
        return 0;
    }
    app.unread.len().min(if room < 10 { 1 } else { MOST })
}

/// Draws them, the newest first; the last line says how many more there are.
pub fn render(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let mut sheet = Sheet::new(theme);
    let mut all: Vec<&Problem> = app.unread.iter().collect();
    all.sort_by(|a, b| b.id.cmp(&a.id));
    let rows = usize::from(area.height);
    for (place, problem) in all.iter().enumerate().take(rows) {
        // Its name stands before it.
        let named = [format!("{}: ", problem.id), format!("run {} ", problem.id)];
        let bare = named.iter().find_map(|name| problem.sentence.strip_prefix(name.as_str()));
        let sentence = bare.unwrap_or(&problem.sentence);
        let others = all.len() - place - 1;
        let more =
            if place + 1 == rows && others > 0 { format!(" (and {others} more)") } else { String::new() };
        let line = format!("  ? {:<11} {}{more}: {sentence}", problem.kind.name(), problem.id);
        let tone = if problem.kind == ProblemKind::Newer { Tone::Caution } else { Tone::Bad };
        sheet.line(tone, cut(&sheet.spell(&line), area.width.into(), theme));
    }
    sheet.render(0, area, frame);
}
