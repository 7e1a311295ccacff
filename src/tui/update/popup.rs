//! Keys while something lies over the pane. These keys are fixed: text fields take letters.

use super::unread::unread;
use super::{act, import, picker, runs};
use crate::tui::app::{App, Popup};
use crate::tui::effect::Effect;
use crate::tui::form::Outcome;
use crate::tui::key::Key;
use crate::tui::messages::Kind;
use crate::tui::pane::Pane;
use crate::tui::{panes, plot, reading};
use crossterm::event::KeyCode;
use std::collections::BTreeSet;

/// A key for the popup that is open.
pub fn press(app: &mut App, key: Key) -> Vec<Effect> {
    let Some(popup) = app.popup.take() else { return Vec::new() };
    // A form that reads files says itself what Esc means.
    if let Popup::Import(form) = popup {
        return import::press(app, form, key);
    }
    if key == Key::plain(KeyCode::Esc) {
        return escape(app, popup);
    }
    match popup {
        Popup::Import(_) => {}
        Popup::Help(top) => reading(app, key, top, Popup::Help),
        Popup::Verdict(top) => reading(app, key, top, Popup::Verdict),
        // Any key closes what is only looked at.
        Popup::Inside => {}
        Popup::Messages(top) => reading(app, key, top, Popup::Messages),
        Popup::Confirm(question, effect) => match key.code {
            KeyCode::Char('y') | KeyCode::Enter => return vec![effect],
            KeyCode::Char('n' | 'q') => {}
            _ => app.popup = Some(Popup::Confirm(question, effect)),
        },
        Popup::Palette(mut palette) => {
            match key.code {
                KeyCode::Enter => {
                    return palette
                        .action(&app.keymap, app.pane)
                        .map_or_else(Vec::new, |action| act(app, action));
                }
                KeyCode::Up => palette.chosen = palette.chosen.saturating_sub(1),
                KeyCode::Down => {
                    let last = palette.matches(&app.keymap, app.pane).len().saturating_sub(1);
                    palette.chosen = (palette.chosen + 1).min(last);
                }
                _ if palette.line.key(key) => palette.chosen = 0,
                _ => {}
            }
            app.popup = Some(Popup::Palette(palette));
        }
        Popup::Form(mut form) => match form.key(key, app.data.ready().map(|data| &**data)) {
            Outcome::Enqueue(specs) => {
                app.form = Some(form.texts());
                return runs::enqueue(app, specs);
            }
            Outcome::Open(set) => {
                app.popup = Some(Popup::Form(form));
                return act::open_data(app, set);
            }
            Outcome::Stay => app.popup = Some(Popup::Form(form)),
        },
        Popup::Filter(mut line) => {
            if key.code == KeyCode::Enter {
                return Vec::new();
            }
            // The list can be looked through while the filter is typed.
            let runs = app.runs.clone();
            match key.code {
                KeyCode::Up => app.list.step(-1, &runs),
                KeyCode::Down => app.list.step(1, &runs),
                _ if line.key(key) => {
                    let effects = filter(app, &line.text());
                    app.popup = Some(Popup::Filter(line));
                    return effects;
                }
                _ => {}
            }
            app.popup = Some(Popup::Filter(line));
        }
        Popup::Trial(mut line) => {
            if key.code == KeyCode::Enter {
                find_trial(app, &line.text());
                return Vec::new();
            }
            line.key(key);
            app.popup = Some(Popup::Trial(line));
        }
        Popup::Limits(mut line) => {
            if key.code == KeyCode::Enter {
                return limit(app, &line.text());
            }
            line.key(key);
            app.popup = Some(Popup::Limits(line));
        }
        Popup::Tags(mut line) => {
            if key.code == KeyCode::Enter {
                return tag(app, &line.text());
            }
            line.key(key);
            app.popup = Some(Popup::Tags(line));
        }
        Popup::Notes(mut notes) => {
            notes.key(key);
            app.popup = Some(Popup::Notes(notes));
        }
        Popup::Picker(picker) => return picker::press(app, picker, key),
    }
    Vec::new()
}

/// Esc closes; notes are kept (undo takes them back), an unfinished filter is cleared, a form keeps what stands in it.
fn escape(app: &mut App, popup: Popup) -> Vec<Effect> {
    match popup {
        Popup::Notes(notes) => match notes.changed() {
            Some((text, over)) => vec![Effect::SetNotes { id: notes.id, text, over }],
            None => Vec::new(),
        },
        Popup::Filter(_) => filter(app, ""),
        Popup::Form(form) => {
            app.form = Some(form.texts());
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn reading(app: &mut App, key: Key, top: usize, popup: fn(usize) -> Popup) {
    let page = usize::from(app.size.1).saturating_sub(4).max(1);
    let top = match key.code {
        KeyCode::Up | KeyCode::Char('k') => top.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => top + 1,
        KeyCode::PageUp => top.saturating_sub(page),
        KeyCode::PageDown | KeyCode::Char(' ') => top + page,
        KeyCode::Home | KeyCode::Char('g') => 0,
        KeyCode::End | KeyCode::Char('G') => usize::MAX,
        _ => return,
    };
    let end = reading::end(app, &popup(top));
    app.popup = Some(popup(top.min(end)));
}

/// Takes in a filter; what it asks for beyond the list is read.
fn filter(app: &mut App, text: &str) -> Vec<Effect> {
    app.list.set_filter(text);
    super::relist(app);
    unread(app)
}

fn find_trial(app: &mut App, text: &str) {
    let last = panes::extent(app).rows;
    match text.trim().parse() {
        Ok(number) if (1..=last).contains(&number) => {
            app.places.entry(Pane::Data).or_default().row = panes::row_of_trial(app, number - 1);
        }
        _ => {
            let reason = format!("There is no trial '{}' here; they go from 1 to {last}.", text.trim());
            app.messages.push(app.now, Kind::Failed, reason);
        }
    }
}

/// Ends of the vertical axis of the chart that keys are about.
fn limit(app: &mut App, text: &str) -> Vec<Effect> {
    let understood = plot::limits(text);
    let look = app.plots.of_mut(app.pane).chosen();
    let refused = match understood {
        Ok(Some((low, _))) if look.log && low <= 0.0 => {
            Err("A logarithmic axis has no place for 0 and what is below; type a positive lower end.".into())
        }
        Ok(limits) => {
            look.limits = limits;
            Ok(())
        }
        Err(reason) => Err(reason),
    };
    if let Err(reason) = refused {
        app.messages.push(app.now, Kind::Failed, reason);
        return Vec::new();
    }
    vec![act::remember(app)]
}

/// The labels that all targets share are what was shown; what was typed differs from them by some that come and some that go.
fn tag(app: &App, text: &str) -> Vec<Effect> {
    let wanted: BTreeSet<&str> = text.split([' ', ',']).filter(|tag| !tag.is_empty()).collect();
    let shown = super::runs::common_tags(&app.targets());
    let missing = |tags: &[String]| wanted.iter().filter(|tag| !tags.iter().any(|own| own == *tag)).count();
    let add: Vec<String> = wanted.iter().map(|tag| (*tag).to_owned()).collect();
    let remove: Vec<String> = shown.into_iter().filter(|tag| !wanted.contains(tag.as_str())).collect();
    let ids: Vec<String> = app
        .targets()
        .iter()
        .filter(|run| missing(&run.tags) > 0 || run.tags.iter().any(|tag| remove.contains(tag)))
        .map(|run| run.id.clone())
        .collect();
    if ids.is_empty() { Vec::new() } else { vec![Effect::SetTags { ids, add, remove }] }
}

/// Pasted text goes where letters go, and nowhere else.
pub fn paste(app: &mut App, text: &str) -> Vec<Effect> {
    match &mut app.popup {
        Some(Popup::Palette(palette)) => palette.line.insert(text),
        Some(Popup::Form(form)) => form.paste(text),
        Some(Popup::Import(form)) => form.paste(text),
        Some(Popup::Filter(line)) => {
            line.insert(text);
            let text = line.text();
            return filter(app, &text);
        }
        Some(Popup::Tags(line) | Popup::Trial(line) | Popup::Limits(line)) => line.insert(text),
        Some(Popup::Notes(notes)) if notes.read.is_some() => notes.page.insert(text),
        Some(Popup::Picker(picker)) => picker.line.insert(text),
        _ => {}
    }
    Vec::new()
}
