//! `!`: what was reported in this session.

use crate::duration;
use crate::tui::app::App;
use crate::tui::messages::Kind;
use crate::tui::sheet::alphabet;
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

/// Draws the messages from the `top`-th newest on.
pub fn render(app: &App, theme: &Theme, top: usize, area: Rect, frame: &mut Frame) {
    let entries = app.messages.newest_first();
    // Some lines for sentences that are broken.
    let height = (entries.len() as u16 + 6).min(18);
    let inside = super::popup::open(theme, "messages, newest first (esc closes)", (100, height), area, frame);
    let lines: Vec<Line> = entries
        .skip(top)
        .take(inside.height.into())
        .map(|entry| {
            let tone = if entry.kind == Kind::Failed { Tone::Bad } else { Tone::Plain };
            let ago = duration::ago(app.now.duration_since(entry.at).as_secs_f64());
            Line::from(vec![
                Span::styled(format!("{ago:>4}  "), theme.tone(Tone::Dim)),
                Span::styled(alphabet(&entry.text, theme.utf8), theme.tone(tone)),
            ])
        })
        .collect();
    let nothing = lines.is_empty();
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), inside);
    if nothing {
        frame.render_widget(Line::styled("nothing was reported yet", theme.tone(Tone::Dim)), inside);
    }
}
