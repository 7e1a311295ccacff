//! What happens to the screen's state: a message comes in, the state changes, effects go out. Pure; the runtime carries
//! the effects out.

mod act;
mod arrive;
mod import;
mod picker;
mod pointer;
mod popup;
mod runs;
mod unread;

use super::action::Action;
use super::app::{App, Popup};
use super::effect::{Effect, Message};
use super::key::Key;
use super::messages::Kind;
use super::panes;
use super::regions::is_too_small;

pub use act::act;

/// Takes in one message.
pub fn update(app: &mut App, message: Message) -> Vec<Effect> {
    let mut effects = match message {
        Message::Key(key) => press(app, key),
        Message::Paste(text) => popup::paste(app, &text),
        Message::Mouse(mouse) => pointer::point(app, mouse),
        Message::Resize(columns, rows) => {
            app.size = (columns, rows);
            Vec::new()
        }
        other => arrive::arrive(app, other),
    };
    settle(app);
    effects.extend(runs::wanted(app));
    effects
}

/// A key: to the popup that is open, else through the table.
fn press(app: &mut App, key: Key) -> Vec<Effect> {
    // Ctrl-C leaves from anywhere, whatever is open.
    if key == (Key { ctrl: true, ..Key::plain(crossterm::event::KeyCode::Char('c')) }) {
        return act(app, Action::Quit);
    }
    app.messages.dismiss();
    app.list.hold();
    if app.popup.is_some() && !is_too_small(app.size) {
        return popup::press(app, key);
    }
    match app.keymap.action(app.pane, key) {
        // What is not drawn takes no keys, but one can always leave.
        Some(action) if is_too_small(app.size) && action != Action::Quit => Vec::new(),
        Some(action) => act(app, action),
        None => {
            elsewhere(app, key);
            Vec::new()
        }
    }
}

/// Says of a key that means nothing here in which panes it does.
fn elsewhere(app: &mut App, key: Key) {
    let binding = app.keymap.bindings().iter().find(|binding| binding.keys.contains(&key));
    let panes = binding.and_then(|binding| Some((binding.panes()?, binding.help.clone())));
    if let Some((panes, help)) = panes.filter(|_| !is_too_small(app.size)) {
        let key = key.label(true);
        app.messages.push(app.now, Kind::Done, format!("{key} is a key of {panes}: {help}."));
    }
}

/// Brings what depends on other parts of the state in line with them.
fn settle(app: &mut App) {
    if app.popup.is_none()
        && let Some(notes) = app.unsaved.pop()
    {
        app.popup = Some(Popup::Notes(Box::new(notes)));
    }
    let height = panes::runs::list_height(app);
    app.list.scroll(height);
    let extent = panes::extent(app);
    if let Some(place) = app.places.get_mut(&app.pane) {
        place.row = place.row.min(extent.rows.saturating_sub(1));
        place.part = place.part.min(extent.parts.saturating_sub(1));
        if extent.columns > 0 {
            place.column = place.column.map(|column| column.min(extent.columns - 1));
        }
    }
}

/// Filters and sorts the list anew.
fn relist(app: &mut App) {
    let runs = app.runs.clone();
    let mut list = std::mem::take(&mut app.list);
    list.refresh(&runs, app.context());
    app.list = list;
}

#[cfg(test)]
mod tests;
