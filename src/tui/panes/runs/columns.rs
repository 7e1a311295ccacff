//! A run in a line of the list: which columns there are, and what stands in them.

use crate::notebook::{RunState, RunSummary};
use crate::tui::app::App;
use crate::tui::list::Column;
use crate::tui::sheet::{alphabet, cut};
use crate::tui::theme::{Theme, Tone};
use crate::tui::{duration, eta};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// A column: what it sorts by, its name, its width. Those at the end go first where there is no room; the last takes
/// what room is left.
type Columns = &'static [(Column, &'static str, usize)];

const WIDE: Columns = &[
    (Column::State, "state", 11),
    (Column::Model, "model", 11),
    (Column::Activation, "act", 11),
    (Column::Seed, "seed", 4),
    (Column::Epoch, "epoch", 9),
    (Column::Accuracy, "acc", 6),
    (Column::Age, "age", 9),
    (Column::Loss, "loss", 8),
];

/// The state has its symbol at the beginning of the line.
const NARROW: Columns = &[
    (Column::Activation, "act", 9),
    (Column::Accuracy, "acc", 5),
    (Column::Model, "model", 11),
    (Column::Epoch, "epoch", 7),
    (Column::Age, "age", 9),
    (Column::Seed, "seed", 4),
];

/// The widest that a loss, or the sentence of a failure in its place, is drawn.
const WIDEST: usize = 60;

/// The columns that fit, with their widths.
fn columns(width: u16) -> impl Iterator<Item = (Column, &'static str, usize)> {
    let mut room = usize::from(width).saturating_sub(4);
    let columns = if width >= 72 { WIDE } else { NARROW };
    columns.iter().map_while(move |&(column, name, least)| {
        let width = if column == Column::Loss { room.clamp(least, WIDEST) } else { least };
        let fits = width <= room;
        room = room.saturating_sub(width + 1);
        fits.then_some((column, name, width))
    })
}

/// The columns' names, the one that is sorted by marked.
pub fn header<'a>(app: &App, theme: &Theme, width: u16) -> Line<'a> {
    let arrow = match app.list.reverse {
        false => theme.glyph('▾', 'v'),
        true => theme.glyph('▴', '^'),
    };
    let mut text = String::from("    ");
    for (column, name, width) in columns(width) {
        let name = if column == app.list.column { format!("{name}{arrow}") } else { name.into() };
        text += &match column {
            Column::Seed | Column::Epoch | Column::Accuracy | Column::Age => format!("{name:>width$} "),
            _ => format!("{name:<width$} "),
        };
    }
    Line::styled(text, theme.tone(Tone::Dim))
}

/// A run in a line.
pub fn entry<'a>(app: &App, theme: &Theme, run: &RunSummary, chosen: bool, width: u16) -> Line<'a> {
    let pointer = if chosen { theme.pointer() } else { ' ' };
    let mark = if app.list.marks.contains(&run.id) { theme.glyph('◆', '*') } else { ' ' };
    let (symbol, tone) = look(theme, run.state);
    let mut spans =
        vec![Span::raw(format!("{pointer}{mark}")), Span::styled(format!("{symbol} "), theme.tone(tone))];
    for (column, _, width) in columns(width) {
        let (text, style) = cell(app, theme, run, column, width);
        let text = match column {
            Column::Seed | Column::Epoch | Column::Accuracy | Column::Age => {
                format!("{text:>width$.width$} ")
            }
            _ => format!("{text:<width$.width$} "),
        };
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
    match column {
        Column::State | Column::Queue => (run.state.name().into(), theme.tone(look(theme, run.state).1)),
        Column::Model => (run.spec.model.name().into(), plain),
        Column::Activation => (run.spec.activation.title(), plain),
        Column::Seed => (run.spec.seed.to_string(), plain),
        Column::Epoch => (format!("{}/{}", run.epoch, run.spec.epochs), plain),
        Column::Accuracy => accuracy(app, theme, run),
        Column::Age => (age(app, run), theme.tone(Tone::Dim)),
        Column::Loss => match &run.message {
            Some(message) => (cut(&alphabet(message, theme.utf8), width, theme), theme.tone(Tone::Caution)),
            None => (crate::tui::chart::sparkline(&run.loss_tail, width, theme.utf8), theme.tone(Tone::Dim)),
        },
    }
}

/// Under the rule for a finished run; for another, marked and dim, the newest test accuracy.
fn accuracy(app: &App, theme: &Theme, run: &RunSummary) -> (String, Style) {
    let percent = |share: f64| format!("{:.2}", 100.0 * share);
    match (run.accuracy(app.rule), &run.last) {
        (Some(accuracy), _) => (percent(accuracy), theme.tone(Tone::Strong)),
        (None, Some(last)) if run.state != RunState::Finished => {
            (format!("~{:.1}", 100.0 * last.test_acc), theme.tone(Tone::Dim))
        }
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
