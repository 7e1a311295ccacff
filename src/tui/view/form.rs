//! The form for new runs, with what is wrong, how many runs it makes and how long they take.

use crate::counted::counted;
use crate::dataset::findings;
use crate::duration;
use crate::plan::smaller_batches;
use crate::tui::app::App;
use crate::tui::eta;
use crate::tui::form::{Form, Row};
use crate::tui::input::Line as Typed;
use crate::tui::loaded::Loaded;
use crate::tui::sheet::{alphabet, cut, folded, typed};
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::Clear;

/// Columns of the box.
const WIDTH: u16 = 76;
/// Columns before what is typed: a pointer and the row's name.
const LABEL: usize = 19;

/// Draws the form. Where it doesn't fit, the row that takes the keys is on show, and marks say how many others there are.
pub fn render(app: &App, theme: &Theme, form: &Form, area: Rect, frame: &mut Frame) {
    let inside = super::popup::open(theme, "new runs", (WIDTH, Row::count() as u16 + 7), area, frame);
    // What has no room is left out: first the keys, then what would be accepted.
    let [hint, verdict, keys] = match inside.height {
        14.. => [2, 2, 1],
        7.. => [1, 1, 0],
        _ => [0, 1, 0],
    };
    let heights = [
        Constraint::Fill(1),
        Constraint::Length(hint),
        Constraint::Length(verdict),
        Constraint::Length(keys),
    ];
    let [body, hint, foot, last] = Layout::vertical(heights).areas(inside);
    let (said, tone, wrong) = self::verdict(app, form);
    rows(theme, form, wrong, body, frame);
    prose(theme, &format!("{}: {}", form.row().title(), form.hint(form.row())), Tone::Dim, hint, frame);
    prose(theme, &said, tone, foot, frame);
    let keys = "enter enqueues, arrows move and choose, ctrl-r begins anew, esc closes";
    prose(theme, keys, Tone::Dim, last, frame);
}

/// Running text in a tone.
pub fn prose(theme: &Theme, text: &str, tone: Tone, area: Rect, frame: &mut Frame) {
    let lines = folded(text, area.width.into(), area.height.into(), theme);
    frame.render_widget(Text::from_iter(lines.into_iter().map(Line::raw)).style(theme.tone(tone)), area);
}

fn rows(theme: &Theme, form: &Form, wrong: Option<&'static str>, area: Rect, frame: &mut Frame) {
    let height = usize::from(area.height).max(1);
    let focus = form.focus();
    let top = (focus + 1).saturating_sub(height);
    for (place, (row, line)) in form.rows().enumerate().skip(top).take(height) {
        let spot = Rect { y: area.y + (place - top) as u16, height: 1, ..area }.intersection(area);
        let tone = if wrong == Some(row.name()) { Tone::Bad } else { Tone::Plain };
        let pointer = if place == focus { theme.pointer() } else { ' ' };
        let mut spans = vec![Span::styled(format!("{pointer} {:>15}  ", row.title()), theme.tone(tone))];
        let room = usize::from(area.width).saturating_sub(LABEL + 4);
        spans.extend(value(theme, form, row, line, (place == focus).then_some(room), room + 4));
        frame.render_widget(Line::from(spans), spot);
    }
    marks(theme, top, Row::count().saturating_sub(top + height), area, frame);
}

/// How many rows lie above and below what is on show.
pub fn marks(theme: &Theme, above: usize, below: usize, area: Rect, frame: &mut Frame) {
    let marks = [
        (above, area.y, theme.text("↑", "^")),
        (below, area.bottom().saturating_sub(1), theme.text("↓", "v")),
    ];
    for (count, y, sign) in marks.into_iter().filter(|(count, ..)| *count > 0) {
        let text = format!(" {sign} {count} more");
        let width = (text.chars().count() as u16).min(area.width);
        let spot = Rect { x: area.right() - width, y, width, height: 1 }.intersection(area);
        frame.render_widget(Clear, spot);
        frame.render_widget(Line::styled(text, theme.tone(Tone::Dim)), spot);
    }
}

/// What stands in a row; with `room` columns where it takes the keys.
fn value<'a>(
    theme: &Theme,
    form: &Form,
    row: Row,
    line: &'a Typed,
    room: Option<usize>,
    width: usize,
) -> Vec<Span<'a>> {
    let Some(room) = room else {
        return vec![Span::raw(cut(&alphabet(&line.text(), theme.utf8), width, theme))];
    };
    // What can be turned with the arrows says so.
    let turns = form.choices(row).contains(&line.text());
    let (left, right) = if turns { (theme.text("◂ ", "< "), theme.text(" ▸", " >")) } else { ("", "") };
    let arrow = |text: &'static str| Span::styled(text, theme.tone(Tone::Strong));
    std::iter::once(arrow(left)).chain(typed(line, room)).chain([arrow(right)]).collect()
}

/// What Enter would do, or what is wrong and where.
fn verdict(app: &App, form: &Form) -> (String, Tone, Option<&'static str>) {
    let data = match &app.data {
        Loaded::Ready(data) => data,
        Loaded::Waiting => return ("the recordings are still being read".into(), Tone::Dim, None),
        Loaded::Failed(reason) => {
            let text = format!("{}: {reason}; choose one above", Row::Data.title());
            return (text, Tone::Bad, Some(Row::Data.name()));
        }
    };
    match form.specs(data) {
        Err(complaint) => {
            let row = Row::all().find(|row| row.name() == complaint.row);
            let title = row.map_or(complaint.row, Row::title);
            (format!("{title}: {}", complaint.text), Tone::Bad, Some(complaint.row))
        }
        Ok(specs) => {
            let time = match eta::grid(&specs, app) {
                Some((seconds, true)) => format!(", about {} on this machine", duration::short(seconds)),
                Some((seconds, false)) => {
                    format!(", roughly {}: none was timed here yet", duration::short(seconds))
                }
                None => String::new(),
            };
            let runs = counted(specs.len(), "run");
            let remarks: String =
                smaller_batches(&specs, data).iter().map(|remark| format!("; {remark}")).collect();
            let stopping = findings::kinds(&app.stopping(&specs)).join(", ");
            let (stopped, tone) = match stopping.is_empty() {
                true => (String::new(), Tone::Good),
                false => (format!("; they would mean nothing: {stopping}"), Tone::Caution),
            };
            (format!("{runs} on {}{stopped}{time}{remarks}", data.source.name), tone, None)
        }
    }
}
