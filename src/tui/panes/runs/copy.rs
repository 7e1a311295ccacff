//! The listed runs for the clipboard.

use crate::notebook::RunSummary;
use crate::spec::FIELDS;
use crate::tui::app::App;
use crate::tui::delimited::{Format, Table};

/// The listed runs as a table.
pub fn copied(app: &App, format: Format) -> Option<String> {
    let runs: Vec<&RunSummary> = app.list.shown().iter().filter_map(|row| app.runs.get(*row)).collect();
    if runs.is_empty() {
        return None;
    }
    let accuracy = format!("test_acc_{}", app.rule.name());
    let so_far = format!("{accuracy}_so_far");
    let asked = FIELDS.iter().map(|field| field.name);
    let head = ["id", "state", "data_set"].into_iter().chain(asked);
    let head = head.chain(["epoch", "tags", &accuracy, &so_far]);
    let mut table = Table::new(head.map(String::from));
    for run in runs {
        let share = |share: Option<f64>| share.map(|share| format!("{share:.4}")).unwrap_or_default();
        let spec = &run.spec;
        let asked = FIELDS.iter().map(|field| field.value(spec).map(|value| value.to_string()));
        let first = [run.id.clone(), run.state.name().into(), spec.data.name.clone()];
        let last = [
            run.epoch.to_string(),
            run.tags.join(" "),
            share(run.accuracy(app.rule)),
            share(run.provisional(app.rule)),
        ];
        table.row(first.into_iter().chain(asked.map(Option::unwrap_or_default)).chain(last));
    }
    Some(table.text(format))
}
