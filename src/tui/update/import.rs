//! The import form: its keys, and what comes back from the files.

use super::act;
use crate::recording::import::{Inspected, Lost, Report};
use crate::tui::app::{App, Popup};
use crate::tui::effect::Effect;
use crate::tui::import::{Course, Import, Inquiry, Outcome};
use crate::tui::key::Key;
use crate::tui::messages::Kind;
use crossterm::event::KeyCode;
use std::sync::Arc;

/// A key for the form. While files are read, only Esc means something: it stops.
pub fn press(app: &mut App, mut form: Box<Import>, key: Key) -> Vec<Effect> {
    let escapes = key == Key::plain(KeyCode::Esc);
    let effect = match form.course {
        Course::Reading(..) | Course::Stopping if escapes => {
            form.course = Course::Stopping;
            Some(Effect::StopImport)
        }
        Course::Reading(..) | Course::Stopping => None,
        _ if escapes && form.trace.is_some() => {
            form.trace = None;
            None
        }
        _ if escapes => {
            app.import = Some(form);
            return vec![Effect::StopImport];
        }
        _ => match form.key(key) {
            Outcome::Stay => None,
            Outcome::Complete(typed) => Some(Effect::CompletePath(typed)),
            Outcome::Inspect(inquiry) => Some(Effect::Inspect(inquiry)),
            Outcome::Import(wanted) => Some(Effect::Import(wanted)),
        },
    };
    app.popup = Some(Popup::Import(form));
    effect.into_iter().collect()
}

/// The form that is open.
fn opened(app: &mut App) -> Option<&mut Import> {
    match &mut app.popup {
        Some(Popup::Import(form)) => Some(form),
        _ => None,
    }
}

/// Paths that go on as what was typed.
pub fn completed(app: &mut App, typed: &str, paths: Vec<String>) {
    if let Some(form) = opened(app) {
        form.complete(typed, paths);
    }
}

/// What lies in files.
pub fn inspected(app: &mut App, inquiry: Inquiry, found: Result<Arc<Inspected>, String>) {
    if let Some(form) = opened(app) {
        form.inspected(inquiry, found);
    }
}

/// How far a read is.
pub fn read(app: &mut App, bytes: u64, all: u64) {
    if let Some(form) = opened(app)
        && matches!(form.course, Course::Reading(..))
    {
        form.course = Course::Reading(bytes, all);
    }
}

/// What became of an import: a set that was made is taken for new runs.
pub fn imported(app: &mut App, result: Result<Arc<Report>, String>) -> Vec<Effect> {
    match result {
        Ok(report) => {
            if opened(app).is_some() {
                app.popup = None;
            }
            let lost: usize = report.lost.iter().map(|lost| lost.count).sum();
            let lost = if lost == 0 { String::new() } else { format!("; {}", Lost::said(lost)) };
            let text = format!(
                "Made the data set {} of {} + {} trials{lost}. It is taken for new runs.",
                report.name, report.trials.train, report.trials.test
            );
            app.messages.push(app.now, Kind::Done, text);
            act::open_data(app, report.name.clone())
        }
        Err(reason) => {
            match opened(app) {
                Some(form) => form.course = Course::Refused(reason),
                None => app.messages.push(app.now, Kind::Failed, reason),
            }
            Vec::new()
        }
    }
}
