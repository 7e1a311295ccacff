//! What can be done where one stands: the footer and the palette offer only that, and say what it would do.

use super::action::Action;
use super::app::App;
use super::keymap::Binding;
use super::loaded::Loaded;
use super::pane::Pane;
use super::{panes, presets};
use crate::lab;
use crate::notebook::{RunState, RunSummary};

/// Whether an action would do something to what is marked or selected.
pub fn applies(app: &App, action: Action) -> bool {
    let some = |fits: &dyn Fn(&RunSummary) -> bool| app.targets().iter().any(|run| fits(run));
    let under_way = |run: &RunSummary| run.state.awaits_worker() || run.state == RunState::Running;
    match action {
        Action::PauseOrResume => some(&|run| {
            under_way(run) || matches!(run.state, RunState::Paused | RunState::Failed | RunState::Cancelled)
        }),
        Action::Cancel => some(&|run| under_way(run) || run.state == RunState::Paused),
        Action::Retry => some(&|run| !under_way(run)),
        // What is compared because it is selected has nothing to be dropped from.
        Action::Mark if app.pane == Pane::Compare => !app.list.marks.is_empty(),
        Action::Notes | Action::Mark => app.selected().is_some(),
        Action::EnqueueMissing => !panes::missing(app).is_empty(),
        Action::FindTrial
        | Action::CompareLabs(_)
        | Action::CompareShown
        | Action::SweepAlpha
        | Action::FitBaselines
        | Action::Presets => app.data.ready().is_some(),
        Action::Sort if app.pane == Pane::Data => app.data.ready().is_some(),
        Action::Open => match app.pane {
            // Nothing to look into, but a set can be taken.
            Pane::Data => matches!(app.data, Loaded::Failed(_)),
            _ => panes::opened(app).is_some(),
        },
        Action::NextPart if app.pane == Pane::Compare => !app.targets().is_empty(),
        Action::NextPart => panes::extent(app).parts > 1,
        Action::NextMetric | Action::ToggleLog | Action::ToggleSmoothing => app.selected().is_some(),
        Action::NextGrouping => app.targets().len() > 1,
        Action::Filter | Action::Sort | Action::NextRule => !app.runs.is_empty(),
        Action::Explain | Action::Inside => panes::has_table(app),
        Action::Copy => app.pane == Pane::Models || !app.runs.is_empty(),
        Action::Undo => app.history.has_any(),
        _ => true,
    }
}

/// The footer's word for an action, as it is now.
pub fn hint(app: &App, binding: &Binding) -> String {
    let stands = |wanted: RunState| app.targets().iter().all(|run| run.state == wanted);
    match binding.action {
        Action::NextPart => panes::next_part(app).unwrap_or_else(|| binding.hint.clone()),
        Action::PauseOrResume
            if !app.targets().is_empty()
                && (stands(RunState::Paused) || stands(RunState::Cancelled) || stands(RunState::Failed)) =>
        {
            "resume".into()
        }
        Action::Sort if app.pane == Pane::Data => {
            if app.furthest_first {
                "as recorded".into()
            } else {
                "outliers first".into()
            }
        }
        Action::Open if app.pane == Pane::Data => "take a data set".into(),
        Action::Mark if app.pane == Pane::Compare => "drop".into(),
        Action::Retry if stands(RunState::Finished) => "train again".into(),
        _ => binding.hint.clone(),
    }
}

/// How much an action would train; `None` where it trains nothing at once.
pub fn trains(app: &App, action: Action) -> Option<String> {
    let specs = match action {
        Action::CompareLabs(place) => presets::activations(app, lab::models()[place].clone()),
        Action::SweepAlpha => presets::sweep(app, presets::model(app)),
        Action::FitBaselines => presets::specs(app, lab::Preset::Baselines.name()),
        Action::EnqueueMissing if matches!(app.pane, Pane::Matrix | Pane::Alpha) => panes::missing(app),
        _ => return None,
    };
    (!specs.is_empty()).then(|| presets::extent(app, &specs))
}
