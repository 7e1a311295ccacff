//! A run in a line of the list: which columns there are, and what stands in them.

use super::extent::wide;
use crate::duration;
use crate::notebook::{RunState, RunSummary};
use crate::spec::{Accepts, FIELDS};
use crate::tui::app::App;
use crate::tui::eta;
use crate::tui::list::Column;
use crate::tui::regions::body;
use crate::tui::sheet::{alphabet, cut, pad};
use crate::tui::theme::{Theme, Tone};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Columns and their widths in the order in which room is given to them; they stand in the order of [`Column::all`].
/// What was asked and differs from run to run comes after them; the loss takes what room is left.
const WIDE: [(Column, usize); 8] = [
    (Column::State, 11),
    (Column::Model, 11),
    (Column::Activation, 10),
    (Column::Accuracy, 6),
    (Column::Epoch, 7),
    (Column::Data, 9),
    (Column::Seed, 4),
    (Column::Age, 8),
];

/// The state has its symbol at the beginning of the line.
const NARROW: [(Column, usize); 7] = [
    (Column::Activation, 8),
    (Column::Accuracy, 5),
    (Column::Model, 6),
    (Column::Data, 9),
    (Column::Epoch, 7),
    (Column::Age, 8),
    (Column::Seed, 4),
];

/// The widths at which the built-in names are whole.
const WHOLE: [(Column, usize); 2] = [(Column::Activation, 9), (Column::Model, 11)];

/// The first of them say which run it is and how well it does; what tells it from the others comes next.
const NAMED: usize = 4;

/// The widest that a loss, or the sentence of a failure in its place, is drawn.
const WIDEST: usize = 60;

/// Every column that a list of this width may have, the most wanted first: of what was asked, that in which runs differ.
fn wanted(app: &App, width: u16) -> Vec<(Column, usize)> {
    let named = |column: Column| (column, column.name().len().max(6));
    let differing = app.list.differing.iter().map(|column| named(*column));
    if width < 72 {
        let (first, others) = NARROW.split_at(NAMED);
        let first = named_whole(app, first, width);
        return first.into_iter().chain(differing).chain(others.iter().copied()).collect();
    }
    let others = Column::asked().filter(|column| !app.list.differing.contains(column)).map(named);
    let figures = [(Column::Loss, 12), (Column::Tags, 12), (Column::Kappa, 6)];
    WIDE.into_iter().chain(differing).chain(figures).chain(others).collect()
}

/// The first columns of a narrow list. Names of data sets take what they need, and what that leaves goes to those of networks
/// and functions.
fn named_whole(app: &App, first: &[(Column, usize)], width: u16) -> Vec<(Column, usize)> {
    let names = app.runs.iter().map(|run| alphabet(&run.spec.data.name, true).width()).max().unwrap_or(0);
    let fitted = |&(column, width): &(Column, usize)| match column {
        Column::Data => (column, names.clamp(column.name().len(), width)),
        _ => (column, width),
    };
    let mut first: Vec<(Column, usize)> = first.iter().map(fitted).collect();
    let taken: usize = first.iter().map(|(_, width)| width + 1).sum();
    let mut room = usize::from(width).saturating_sub(4 + taken);
    for (column, whole) in WHOLE {
        for (_, width) in first.iter_mut().filter(|(known, _)| *known == column) {
            let more = whole.saturating_sub(*width).min(room);
            (*width, room) = (*width + more, room - more);
        }
    }
    first
}

/// The columns that fit and are wanted, with their widths. Where one in which runs differ has no room, one that tells nothing
/// gives its own.
pub fn columns(app: &App, width: u16) -> Vec<(Column, usize)> {
    let hidden = |column: &Column| app.list.hidden_columns.contains(column.name());
    let mut wanted: Vec<(Column, usize)> =
        wanted(app, width).into_iter().filter(|(column, _)| !hidden(column)).collect();
    let telling = |(shown, _): &(Vec<(Column, usize)>, usize)| {
        shown.iter().filter(|(column, _)| app.list.differing.contains(column)).count()
    };
    let all = app.list.differing.iter().filter(|column| !hidden(column)).count();
    let mut best = fitting(&wanted, width);
    for column in app.list.yielding.iter().filter(|column| **column != app.list.column) {
        if telling(&best) == all {
            break;
        }
        wanted.retain(|(known, _)| known != column);
        let fewer = fitting(&wanted, width);
        if telling(&fewer) > telling(&best) {
            best = fewer;
        }
    }
    let (mut shown, room) = best;
    if let Some((_, width)) = shown.iter_mut().find(|(column, _)| *column == Column::Loss) {
        *width = (*width + room).min(WIDEST);
    }
    shown.sort_by_key(|(column, _)| Column::all().position(|known| known == *column));
    shown
}

/// As many of these as fit, and the room that is left.
fn fitting(wanted: &[(Column, usize)], width: u16) -> (Vec<(Column, usize)>, usize) {
    let mut room = usize::from(width).saturating_sub(4);
    let shown = wanted.iter().map_while(|&(column, width)| {
        let left = (width <= room).then(|| room.saturating_sub(width + 1))?;
        room = left;
        Some((column, width))
    });
    (shown.collect(), room)
}

/// What tells a run from the others of the list and has no column, as `lr 0.01, batch 32`; empty where there is none.
pub fn untold(app: &App, run: &RunSummary) -> String {
    let shown = shown_columns(app);
    let said = app.list.differing.iter().filter(|column| !shown.contains(column));
    let said = said.filter_map(|column| match column {
        Column::Asked(place) if FIELDS[*place].concerns.covers(&run.spec.model) => {
            Some(format!("{} {}", FIELDS[*place].name, FIELDS[*place].print(&run.spec)))
        }
        _ => None,
    });
    said.collect::<Vec<_>>().join(", ")
}

/// The columns that the list has in this window, in their order.
pub fn shown_columns(app: &App) -> Vec<Column> {
    let body = body(app.size);
    let width = wide(body).map_or(body.width, |wide| wide.list.width);
    columns(app, width).into_iter().map(|(column, _)| column).collect()
}

/// Whether a column is of numbers, which stand right.
fn is_right(column: Column) -> bool {
    use Column as C;
    match column {
        C::Seed | C::Epoch | C::Accuracy | C::Age | C::Kappa => true,
        C::Asked(place) => matches!(FIELDS[place].accepts, Accepts::Whole | Accepts::Real),
        _ => false,
    }
}

/// The columns' names, the one that is sorted by marked.
pub fn header<'a>(app: &App, theme: &Theme, columns: &[(Column, usize)]) -> Line<'a> {
    let arrow = match app.list.reverse {
        false => theme.glyph('▾', 'v'),
        true => theme.glyph('▴', '^'),
    };
    let mut text = String::from("    ");
    for &(column, width) in columns {
        let mut name = column.name().to_owned();
        if column == app.list.column {
            name.push(arrow);
        }
        text += &if is_right(column) { format!("{name:>width$} ") } else { format!("{name:<width$} ") };
    }
    Line::styled(text, theme.tone(Tone::Dim))
}

/// A run in a line.
///
/// A marked run that is drawn beside the list, as the curve of this number, is marked as that curve is.
pub fn entry<'a>(
    app: &App,
    theme: &Theme,
    run: &RunSummary,
    (chosen, curve): (bool, Option<usize>),
    columns: &[(Column, usize)],
) -> Line<'a> {
    let pointer = if chosen { theme.pointer() } else { ' ' };
    let mark = match (app.list.marks.contains(&run.id), curve) {
        (false, _) => Span::raw(" "),
        (true, None) => Span::raw(theme.text("◆", "*").to_owned()),
        (true, Some(n)) => Span::styled(theme.marker(n).to_string(), theme.series(n)),
    };
    let (symbol, tone) = look(theme, run.state);
    let mut spans =
        vec![Span::raw(pointer.to_string()), mark, Span::styled(format!("{symbol} "), theme.tone(tone))];
    for &(column, width) in columns {
        let (text, style) = cell(app, theme, run, column, width);
        // Half a number would be read as another: what is cut says so, on either side.
        let text = cut(&text, width, theme);
        let text = if is_right(column) { format!("{text:>width$} ") } else { pad(&text, width + 1) };
        spans.push(Span::styled(text, style));
    }
    Line::from(spans)
}

/// A state's symbol and tone; its name stands beside it.
pub fn look(theme: &Theme, state: RunState) -> (char, Tone) {
    match state {
        RunState::Queued => (theme.glyph('·', '.'), Tone::Plain),
        RunState::Running => (theme.glyph('▶', '>'), Tone::Active),
        RunState::Interrupted => (theme.glyph('↯', '~'), Tone::Caution),
        RunState::Paused => (theme.glyph('‖', '"'), Tone::Caution),
        RunState::Cancelled => (theme.glyph('✗', 'x'), Tone::Dim),
        RunState::Failed => ('!', Tone::Bad),
        RunState::Finished => (theme.glyph('✓', '+'), Tone::Good),
    }
}

fn cell(app: &App, theme: &Theme, run: &RunSummary, column: Column, width: usize) -> (String, Style) {
    let plain = Style::new();
    let (of_baseline, none) = (run.spec.model.baseline().is_some(), theme.text("–", "-").to_owned());
    match column {
        Column::State | Column::Queue => (run.state.name().into(), theme.tone(look(theme, run.state).1)),
        Column::Model => (run.spec.model.name().into(), plain),
        Column::Seed | Column::Epoch if of_baseline => (none, theme.tone(Tone::Dim)),
        Column::Activation => (run.spec.variant(), plain),
        Column::Seed => (run.spec.seed.to_string(), plain),
        Column::Epoch => (format!("{}/{}", run.epoch, run.spec.epochs), plain),
        Column::Accuracy => accuracy(app, theme, run),
        Column::Age => (age(app, run), theme.tone(Tone::Dim)),
        Column::Data if run.spec.data.is_simulated() => ("simulated".into(), theme.tone(Tone::Caution)),
        Column::Data => (alphabet(&run.spec.data.name, theme.utf8), plain),
        Column::Asked(place) => {
            let field = &FIELDS[place];
            if !field.concerns.covers(&run.spec.model) {
                return (none, theme.tone(Tone::Dim));
            }
            let tone = if field.is_default(&run.spec) { Tone::Dim } else { Tone::Plain };
            (alphabet(&field.print(&run.spec), theme.utf8), theme.tone(tone))
        }
        Column::Kappa => match app.known.kappa.get(&run.id) {
            Some(kappa) => (format!("{kappa:.3}"), plain),
            None => (none, theme.tone(Tone::Dim)),
        },
        Column::Tags => (alphabet(&run.tags.join(" "), theme.utf8), theme.tone(Tone::Dim)),
        Column::Loss => match &run.message {
            Some(message) => (cut(&alphabet(message, theme.utf8), width, theme), theme.tone(Tone::Caution)),
            // What is fitted in one step has no course.
            None if of_baseline => (String::new(), plain),
            None => (crate::tui::chart::sparkline(&run.loss_tail, width, theme.utf8), theme.tone(Tone::Dim)),
        },
    }
}

/// Under the rule for a finished run; for another, marked and dim, the best so far under it.
fn accuracy(app: &App, theme: &Theme, run: &RunSummary) -> (String, Style) {
    match (run.accuracy(app.rule), run.provisional(app.rule)) {
        (Some(accuracy), _) => (format!("{:.2}", 100.0 * accuracy), theme.tone(Tone::Strong)),
        (None, Some(so_far)) => (format!("~{:.1}", 100.0 * so_far), theme.tone(Tone::Dim)),
        _ => (theme.text("–", "-").into(), theme.tone(Tone::Dim)),
    }
}

fn age(app: &App, run: &RunSummary) -> String {
    let past = app.now.duration_since(run.updated).as_secs_f64();
    match run.state {
        RunState::Running => match eta::remaining(run, &app.pace) {
            Some(seconds) => format!("eta {}", duration::short(seconds)),
            None => "starting".into(),
        },
        RunState::Queued => run.position.map_or_else(|| "queued".into(), |place| format!("#{}", place + 1)),
        _ => duration::ago(past),
    }
}
