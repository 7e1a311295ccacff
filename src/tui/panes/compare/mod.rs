//! Marked runs, one over the other, and only what tells them apart.

mod choice;
mod draw;

use super::open::Open;
use crate::spec::Rule;
use crate::tui::app::App;
use crate::tui::delimited::{Format, Table};
use crate::tui::pane::{Extent, Pane};
use crate::tui::regions::body;
use choice::{SETS, compared, comparison, groups, is_large, longest};
use std::collections::BTreeMap;

pub use choice::differing;
pub use draw::{chart, render};

/// What a part is called.
pub fn part_title(part: usize) -> Option<String> {
    SETS.get(part).map(|set| set.name().into())
}

/// How far its cursor can go.
pub fn extent(app: &App) -> Extent {
    let parts = if is_large(body(app.size)) { 1 } else { SETS.len() };
    Extent { rows: groups(app).len(), columns: longest(app), parts }
}

/// The comparison as a table, for the clipboard.
pub fn copied(app: &App, format: Format) -> Option<String> {
    let runs = compared(app);
    let comparison = comparison(&runs);
    let differing = comparison.differing.iter().map(|(name, _)| (*name).to_owned());
    let figures = [
        "epoch".to_owned(),
        format!("test_acc_{}", app.rule.name()),
        "best_test_acc".into(),
        "best_test_epoch".into(),
    ];
    let mut table = Table::new(std::iter::once("id".to_owned()).chain(differing).chain(figures));
    for (place, run) in runs.iter().enumerate() {
        let values = comparison.differing.iter().map(|(_, values)| values[place].clone());
        let best = app.detail(&run.id).and_then(|detail| detail.picked(Rule::BestTest));
        let figures = [
            run.epoch.to_string(),
            run.accuracy(app.rule).map(|share| share.to_string()).unwrap_or_default(),
            best.map(|epoch| epoch.test_acc.to_string()).unwrap_or_default(),
            best.map(|epoch| epoch.epoch.to_string()).unwrap_or_default(),
        ];
        table.row(std::iter::once(run.id.clone()).chain(values).chain(figures));
    }
    (!runs.is_empty()).then(|| table.text(format))
}

/// The number of the curve to which each compared run belongs.
pub fn curves(app: &App) -> BTreeMap<&str, usize> {
    let groups = groups(app).into_iter().enumerate();
    groups.flat_map(|(n, group)| group.runs.into_iter().map(move |run| (run.id.as_str(), n))).collect()
}

/// The run under the cursor, or the runs that are one curve there.
pub fn opened(app: &App) -> Option<Open> {
    let group = groups(app).into_iter().nth(app.place(Pane::Compare).row)?;
    match &group.runs[..] {
        [one] => Some(Open::Run(one.id.clone())),
        several => Some(Open::Runs(several.iter().map(|run| run.id.clone()).collect())),
    }
}
