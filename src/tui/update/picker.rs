//! Keys while a list to choose from is open.

use super::{act, runs};
use crate::tui::app::{App, Popup};
use crate::tui::choices;
use crate::tui::effect::Effect;
use crate::tui::key::Key;
use crate::tui::picker::{Picker, Purpose};
use crate::tui::presets;
use crossterm::event::KeyCode;

/// A key for an open list.
pub fn press(app: &mut App, mut picker: Picker, key: Key) -> Vec<Effect> {
    match key.code {
        KeyCode::Enter => return take(app, picker),
        KeyCode::Up => picker.chosen = picker.chosen.saturating_sub(1),
        KeyCode::Down => picker.chosen += 1,
        KeyCode::PageUp => picker.chosen = picker.chosen.saturating_sub(10),
        KeyCode::PageDown => picker.chosen += 10,
        _ if picker.line.key(key) => picker.chosen = 0,
        _ => {}
    }
    picker.chosen = picker.chosen.min(choices::entries(app, &picker).len().saturating_sub(1));
    app.popup = Some(Popup::Picker(picker));
    Vec::new()
}

/// Takes the chosen entry. Lists of what is on or off stay open.
fn take(app: &mut App, picker: Picker) -> Vec<Effect> {
    let Some(entry) = choices::chosen(app, &picker) else {
        app.popup = Some(Popup::Picker(picker));
        return Vec::new();
    };
    match picker.purpose {
        Purpose::Preset => {
            let specs = presets::specs(app, &entry.key);
            runs::enqueue_on_data(app, specs)
        }
        Purpose::DataSet => act::open_data(app, entry.key),
        Purpose::Columns => {
            if !app.list.hidden_columns.remove(&entry.key) {
                app.list.hidden_columns.insert(entry.key);
            }
            app.popup = Some(Popup::Picker(picker));
            vec![act::remember(app)]
        }
        Purpose::Runs => {
            if !app.list.marks.remove(&entry.key) {
                app.list.marks.insert(entry.key);
            }
            app.popup = Some(Popup::Picker(picker));
            Vec::new()
        }
    }
}
