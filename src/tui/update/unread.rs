//! What a filter or an order asks for beyond the list, read once it is asked for.

use crate::notebook::RunState;
use crate::tui::app::App;
use crate::tui::effect::Effect;

/// Reads of what was not read yet.
pub fn unread(app: &mut App) -> Vec<Effect> {
    [notes(app), scores(app)].into_iter().flatten().collect()
}

fn notes(app: &App) -> Option<Effect> {
    if !app.list.asks_for_notes() {
        return None;
    }
    let unread = app.runs.iter().filter(|run| run.has_notes && !app.known.notes.contains_key(&run.id));
    let unread: Vec<String> = unread.map(|run| run.id.clone()).collect();
    (!unread.is_empty()).then_some(Effect::ReadAllNotes(unread))
}

fn scores(app: &mut App) -> Option<Effect> {
    if !app.list.asks_for_scores() {
        return None;
    }
    let known = |id: &String| app.scored.contains(id) || app.known.kappa.contains_key(id);
    let finished = app.runs.iter().filter(|run| run.state == RunState::Finished && !known(&run.id));
    let ids: Vec<String> = finished.map(|run| run.id.clone()).collect();
    app.scored.extend(ids.iter().cloned());
    (!ids.is_empty()).then_some(Effect::ReadScores(ids, app.rule))
}
