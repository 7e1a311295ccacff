//! The listed runs for the clipboard.

use crate::notebook::RunSummary;
use crate::tui::app::App;
use crate::tui::delimited::{Format, Table};

/// The listed runs as a table.
pub fn copied(app: &App, format: Format) -> Option<String> {
    let runs: Vec<&RunSummary> = app.list.shown().iter().filter_map(|row| app.runs.get(*row)).collect();
    if runs.is_empty() {
        return None;
    }
    let accuracy = format!("test_acc_{}", app.rule.name());
    let head = [
        "id",
        "state",
        "data_set",
        "model",
        "activation",
        "seed",
        "epoch",
        "epochs",
        "batch",
        "lr",
        "validation",
        "tags",
        &accuracy,
    ];
    let mut table = Table::new(head.map(String::from));
    for run in runs {
        let accuracy = run.accuracy(app.rule).map(|accuracy| format!("{accuracy:.4}")).unwrap_or_default();
        let spec = &run.spec;
        table.row([
            run.id.clone(),
            run.state.name().into(),
            spec.data.name.clone(),
            spec.model.name().into(),
            spec.activation.title(),
            spec.seed.to_string(),
            run.epoch.to_string(),
            spec.epochs.to_string(),
            spec.batch.to_string(),
            spec.lr.to_string(),
            spec.validation.to_string(),
            run.tags.join(" "),
            accuracy,
        ]);
    }
    Some(table.text(format))
}
