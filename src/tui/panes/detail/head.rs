//! What stands above one run's parts: which it is, how far it is, how well it does.

use super::part::{Part, is_large};
use crate::duration;
use crate::notebook::{RunState, RunSummary};
use crate::spec::Rule;
use crate::tui::app::App;
use crate::tui::chart::bar;
use crate::tui::eta;
use crate::tui::pane::Pane;
use crate::tui::sheet::Sheet;
use crate::tui::theme::{Theme, Tone};
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// Columns of the bar of epochs.
const BAR: usize = 12;

/// Two lines or three, by the room there is.
pub fn lines<'t>(app: &App, theme: &'t Theme, run: &RunSummary, area: Rect) -> Sheet<'t> {
    let mut sheet = Sheet::new(theme);
    let spec = &run.spec;
    let mut title = vec![
        (tone(run.state), format!("{} ", run.state)),
        (Tone::Strong, spec.title()),
        (Tone::Dim, format!("  {}", spec.data.name)),
    ];
    if spec.data.is_simulated() {
        title.push((Tone::Caution, " (not real recordings)".into()));
    }
    if let Some(started) =
        run.started.as_ref().filter(|it| run.state == RunState::Running && it.host != app.host)
    {
        title.push((Tone::Active, format!("  on node {}", started.host)));
    }
    sheet.parts(title);
    if area.height >= 8 {
        progress(&mut sheet, app, theme, run, area.width);
    }
    if let Some(message) = run.message.as_ref().filter(|_| area.height >= 8) {
        sheet.prose(tone(run.state), message, area.width.into());
    }
    if area.height >= 8 && !is_large(area) {
        parts(&mut sheet, app);
    }
    sheet
}

/// The tone of a state.
fn tone(state: RunState) -> Tone {
    match state {
        RunState::Running => Tone::Active,
        RunState::Finished => Tone::Good,
        RunState::Failed => Tone::Bad,
        RunState::Paused | RunState::Interrupted => Tone::Caution,
        RunState::Queued | RunState::Cancelled => Tone::Dim,
    }
}

/// Epochs done, speed, time left, and the accuracy under the rule.
fn progress(sheet: &mut Sheet, app: &App, theme: &Theme, run: &RunSummary, width: u16) {
    let share = f64::from(run.epoch) / f64::from(run.spec.epochs.max(1));
    let mut parts = vec![(Tone::Plain, format!(" epoch {}/{} ", run.epoch, run.spec.epochs))];
    if run.epoch > 0 && run.seconds > 0.0 {
        parts.push((Tone::Plain, format!(" {:.2} epochs/s", f64::from(run.epoch) / run.seconds)));
    }
    match run.state {
        RunState::Running => {
            if let Some(seconds) = eta::remaining(run, &app.pace) {
                parts.push((Tone::Active, format!("  eta {}", duration::short(seconds))));
            }
        }
        _ if run.seconds > 0.0 => parts.push((Tone::Dim, format!("  took {}", duration::fine(run.seconds)))),
        _ => {}
    }
    let provisional = run.provisional(app.rule);
    if let Some(accuracy) = run.accuracy(app.rule).or(provisional) {
        let sign = if provisional.is_some() { "~" } else { "test " };
        parts.push((Tone::Strong, format!("  {sign}{:.2} %", 100.0 * accuracy)));
        if provisional.is_some() {
            parts.push((Tone::Caution, " provisional".into()));
        }
        let (tone, how) = match app.rule {
            Rule::BestTest => (Tone::Caution, "best_test: optimistic"),
            rule => (Tone::Dim, rule.name()),
        };
        parts.push((tone, format!(" ({how})")));
    }
    // Where both have no room the figures stay, and what draws the first of them gives way.
    let taken: usize = parts.iter().map(|(_, text)| text.width()).sum();
    if run.state != RunState::Finished && taken + BAR + 3 <= usize::from(width) {
        let (left, right) = (theme.glyph('▕', '['), theme.glyph('▏', ']'));
        parts.insert(1, (Tone::Dim, format!("{left}{}{right} ", bar(share, BAR, theme.utf8))));
    }
    sheet.parts(parts);
}

/// The parts of the pane, the one on show in brackets.
fn parts(sheet: &mut Sheet, app: &App) {
    let shown = app.place(Pane::Detail).part;
    sheet.parts(Part::ALL.iter().enumerate().map(|(place, part)| match place == shown {
        true => (Tone::Strong, format!(" [{}]", part.title())),
        false => (Tone::Dim, format!("  {} ", part.title())),
    }));
}
