//! How well one run did: accuracy under each rule with its interval, the confusion matrix, κ, and each subject apart.

use crate::metric::{self, METRICS, Metric, Outcome, Unit};
use crate::notebook::{RunState, RunSummary};
use crate::predictions::Predictions;
use crate::spec::Rule;
use crate::stats::wilson;
use crate::tui::app::App;
use crate::tui::chart::bar;
use crate::tui::loaded::RunDetail;
use crate::tui::panes::confusion::{self, clipped};
use crate::tui::sheet::Sheet;
use crate::tui::theme::{Theme, Tone};

/// Writes the part.
pub fn write(sheet: &mut Sheet, app: &App, run: &RunSummary, detail: Option<&RunDetail>, theme: &Theme) {
    sheet.heading("test accuracy %");
    rules(sheet, app, run, detail);
    let Some(predictions) = detail.and_then(|detail| detail.predictions.get(&app.rule)) else {
        awaits_checkpoint(sheet, run, "confusion, kappa and subjects");
        return;
    };
    sheet.heading(format!("confusion (rule {})", app.rule.name()));
    confusion::write(sheet, &predictions.classes, &metric::confusion(predictions));
    subjects(sheet, run, predictions, theme);
    figures(sheet, app.rule, run, predictions);
}

/// Says of a run that is not finished whether figures of single trials will come, or where it ended before they could.
pub fn awaits_checkpoint(sheet: &mut Sheet, run: &RunSummary, what: &str) {
    let text = match run.state {
        RunState::Finished => return,
        RunState::Failed | RunState::Cancelled => {
            format!("It {} before a checkpoint was kept: there are no {what}.", past(run.state))
        }
        _ => format!("With the first checkpoint come {what}."),
    };
    sheet.sentence(Tone::Dim, &text);
}

fn past(state: RunState) -> &'static str {
    if state == RunState::Failed { "failed" } else { "was cancelled" }
}

/// One line a rule: accuracy, Wilson interval, epoch.
fn rules(sheet: &mut Sheet, app: &App, run: &RunSummary, detail: Option<&RunDetail>) {
    let finished = detail.and_then(RunDetail::finished);
    let trials = run.started.as_ref().map_or(0, |started| started.trials.test);
    for rule in Rule::ALL {
        let epoch = finished.and_then(|finished| finished.picked.get(&rule).copied().flatten());
        let mut line = vec![(tone(rule, app.rule), format!(" {:<11}", rule.name()))];
        match run.accuracy(rule) {
            Some(accuracy) => {
                line.push((Tone::Strong, format!("{:>6.2}", 100.0 * accuracy)));
                if let Some((low, high)) = wilson(accuracy, trials) {
                    line.push((Tone::Plain, format!("  [{:.1}–{:.1}]", 100.0 * low, 100.0 * high)));
                }
                line.extend(epoch.map(|epoch| (Tone::Dim, format!("  epoch {epoch}"))));
                if rule.is_optimistic() {
                    line.push((Tone::Caution, "  optimistic".into()));
                }
            }
            None => match run.provisional(rule) {
                Some(accuracy) => {
                    line.push((Tone::Plain, format!("{:>6.2}", 100.0 * accuracy)));
                    let epoch = detail.and_then(|detail| detail.picked(rule)).map(|epoch| epoch.epoch);
                    line.extend(epoch.map(|epoch| (Tone::Dim, format!("  epoch {epoch}"))));
                    line.push((Tone::Caution, "  provisional: not finished".into()));
                }
                None if rule == Rule::Validation && run.spec.validation == 0.0 => {
                    line.push((Tone::Dim, "     –  nothing is held out".into()));
                }
                None if run.state == RunState::Finished => {
                    line.push((Tone::Dim, "     –  does not apply".into()));
                }
                None if matches!(run.state, RunState::Failed | RunState::Cancelled) => {
                    line.push((Tone::Dim, "     –  no epoch was done".into()));
                }
                None => line.push((Tone::Dim, "     –  no epoch yet".into())),
            },
        }
        sheet.parts(line);
    }
    if trials > 0 && run.state == RunState::Finished {
        sheet.sentence(Tone::Dim, &format!("[ ] 95 % Wilson interval, {trials} test trials"));
    }
}

fn tone(rule: Rule, current: Rule) -> Tone {
    if rule == current { Tone::Strong } else { Tone::Plain }
}

/// Every figure of merit, with a star where the rule flatters it.
fn figures(sheet: &mut Sheet, rule: Rule, run: &RunSummary, predictions: &Predictions) {
    sheet.heading(format!("figures (rule {})", rule.name()));
    let outcome = outcome(run, predictions);
    for metric in &METRICS {
        let star = if rule.is_optimistic() && metric.unit != Unit::Seconds { "*" } else { "" };
        if let Some(value) = (metric.of)(&outcome) {
            let value = format!("{}{star}", metric.format(value));
            sheet.parts([(Tone::Dim, format!(" {:<20}", metric.heading())), (Tone::Plain, value)]);
        }
    }
}

fn outcome<'a>(run: &RunSummary, predictions: &'a Predictions) -> Outcome<'a> {
    Outcome { accuracy: predictions.accuracy(), seconds: run.seconds, predictions: Some(predictions) }
}

/// Each subject's accuracy, κ and number of trials.
fn subjects(sheet: &mut Sheet, run: &RunSummary, predictions: &Predictions, theme: &Theme) {
    let beside: Vec<&Metric> = Metric::named("kappa").into_iter().collect();
    sheet.heading("per subject");
    for name in predictions.subjects() {
        let own = predictions.of_subject(name);
        let (outcome, accuracy) = (outcome(run, &own), own.accuracy());
        let mut line = vec![
            (Tone::Plain, format!(" {:<14} {:>5} % ", clipped(name), Metric::accuracy().format(accuracy))),
            (Tone::Dim, bar(accuracy, 10, theme.utf8)),
        ];
        for metric in &beside {
            let value = (metric.of)(&outcome).map_or("–".into(), |value| metric.format(value));
            line.push((Tone::Plain, format!("  {} {value}", metric.heading())));
        }
        line.push((Tone::Dim, format!("  {} trials", own.rows.len())));
        sheet.parts(line);
    }
}
