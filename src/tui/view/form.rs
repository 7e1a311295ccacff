//! The form for new runs, with what is wrong, how many runs it makes and how long they take.

use crate::spec::{FIELDS, Field, field};
use crate::tui::app::App;
use crate::tui::form::{Form, choices, hint};
use crate::tui::input::Line as Typed;
use crate::tui::loaded::Loaded;
use crate::tui::sheet::alphabet;
use crate::tui::theme::{Theme, Tone};
use crate::tui::{duration, eta};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws the form. Where it doesn't fit, the field that takes the keys is on show.
pub fn render(app: &App, theme: &Theme, form: &Form, area: Rect, frame: &mut Frame) {
    let fields = FIELDS.len();
    let inside = super::popup::open(theme, "new runs", (76, fields as u16 + 5), area, frame);
    let (verdict, tone, wrong) = verdict(app, form);
    let rows = usize::from(inside.height.saturating_sub(2)).clamp(1, fields);
    let focus = form.focus();
    let top = (focus + 1).saturating_sub(rows);
    for (place, (field, line)) in form.rows().enumerate().skip(top).take(rows) {
        let spot = Rect { y: inside.y + (place - top) as u16, height: 1, ..inside }.intersection(inside);
        let style = if wrong == Some(field.name) { theme.tone(Tone::Bad) } else { theme.tone(Tone::Plain) };
        let pointer = if place == focus { theme.pointer() } else { ' ' };
        let mut spans = vec![Span::styled(format!("{pointer} {:>15}  ", field.title), style)];
        spans.extend(value(theme, field, line, place == focus));
        frame.render_widget(Line::from(spans), spot);
    }
    let foot =
        |up: u16| Rect { y: inside.bottom().saturating_sub(up), height: 1, ..inside }.intersection(inside);
    frame.render_widget(Line::styled(verdict, theme.tone(tone)), foot(2));
    let keys = "enter enqueues   up/down or tab another field   esc closes";
    frame.render_widget(Line::styled(keys, theme.tone(Tone::Dim)), foot(1));
}

fn value<'a>(theme: &Theme, field: &Field, line: &'a Typed, focused: bool) -> Vec<Span<'a>> {
    let (left, right) = (theme.glyph('◂', '<'), theme.glyph('▸', '>'));
    let text = line.text();
    // What was typed beside the offered words shows its cursor.
    let mut spans = match (focused, choices(field).contains(&text)) {
        (true, false) => crate::tui::sheet::typed(line, 24),
        (true, true) => vec![Span::styled(format!("{left} {text} {right}"), theme.tone(Tone::Strong))],
        (false, _) => vec![Span::raw(text)],
    };
    if focused {
        let hint = alphabet(&hint(field), theme.utf8);
        spans.push(Span::styled(format!("  {hint}"), theme.tone(Tone::Dim)));
    }
    spans
}

/// What Enter would do, or what is wrong and where.
fn verdict(app: &App, form: &Form) -> (String, Tone, Option<&'static str>) {
    let data = match &app.data {
        Loaded::Ready(data) => data,
        Loaded::Waiting => return ("the recordings are still being read".into(), Tone::Dim, None),
        Loaded::Failed(reason) => return (reason.clone(), Tone::Bad, None),
    };
    match form.specs(data) {
        Err(complaint) => {
            let title = field(complaint.field).map_or(complaint.field, |field| field.title);
            (format!("{title}: {}", complaint.text), Tone::Bad, Some(complaint.field))
        }
        Ok(specs) => {
            let time = match eta::grid(&specs, app) {
                Some((seconds, true)) => format!("about {} on this machine", duration::short(seconds)),
                Some((seconds, false)) => {
                    format!("roughly {}: none was timed here yet", duration::short(seconds))
                }
                None => String::new(),
            };
            let runs = if specs.len() == 1 { "1 run".into() } else { format!("{} runs", specs.len()) };
            (format!("{runs}, {time}"), Tone::Good, None)
        }
    }
}
