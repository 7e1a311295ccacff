//! The report as Markdown: for a README, an issue, a notebook.

use super::{Report, confusion_rows, standing};
use crate::table::render;

/// All of it; without the charts.
pub fn markdown(report: &Report) -> String {
    let mut text = "# Report\n\n".to_owned();
    for warning in report.warnings() {
        text += &format!("> {warning}\n\n");
    }
    if report.experiments.is_empty() {
        text += "There are no runs yet.\n\n";
    }
    for experiment in &report.experiments {
        text += &format!("## {}\n\n", render::markdown_text(&experiment.recipe.data_set));
        for table in &experiment.tables {
            text += &render::markdown(table);
            text.push('\n');
        }
        if !experiment.confused.is_empty() {
            text += "### Confusion matrices\n\nTrials of all runs of a cell added up.\n\n";
            text += &format!("{}\n", render::markdown_rows(&confusion_rows(&experiment.confused)));
        }
        let methods = render::markdown_text(&experiment.methods);
        text += &format!("### Methods\n\n{methods}\n\n### Runs\n\n");
        for run in &experiment.runs {
            let said = render::markdown_text(&standing(run, report.rule));
            text += &format!("- [{0}]({1}/{0}/): {said}\n", run.id, report.folder);
        }
        text.push('\n');
    }
    for across in &report.across {
        text += &format!("## Over data sets\n\n{}\n\n", render::markdown_text(&across.sentences().join(" ")));
    }
    text + &format!("{}\n", report.foot())
}
