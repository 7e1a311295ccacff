//! The report as one page without scripts: style and drawings are in it, so that it can be mailed, printed and kept.

use super::curves::{Group, Quantity};
use super::{Experiment, Report, chart};
use crate::notebook::RunSummary;
use crate::printable::printable;
use crate::table::{Across, Cell, Kind, Matrix, Standing, render};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("style.css");

/// The page.
pub fn html(report: &Report) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "EEG classification: report" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { "Report" }
                @for warning in report.warnings() { p.warning { (warning) } }
                @if report.experiments.is_empty() { p { "There are no runs yet." } }
                @for (place, experiment) in report.experiments.iter().enumerate() {
                    (section(report, experiment, place))
                }
                @for across in &report.across { (over_sets(across)) }
                footer { (report.foot()) }
            }
        }
    };
    // Names may hold what would turn text around or hide it; line ends mean nothing here.
    printable(&page.into_string()).into_owned()
}

/// What several data sets say together: ranks, and a line as long as they must be apart.
fn over_sets(across: &Across) -> Markup {
    html! {
        section {
            h2 { "Over data sets" }
            div.wide {
                table {
                    tr { th {} @for set in &across.sets { th { (set) } } th { "mean rank" } }
                    @for method in &across.methods {
                        tr {
                            th { (method.title) }
                            @for rank in &method.ranks { td { (rank) } }
                            td { (format!("{:.2}", method.mean_rank)) }
                        }
                    }
                }
            }
            (chart::mean_ranks(across, "Mean ranks over data sets, and the critical difference"))
            @for sentence in across.sentences() { p { (sentence) } }
        }
    }
}

fn section(report: &Report, experiment: &Experiment, place: usize) -> Markup {
    let chance = experiment.tables.first().and_then(|table| table.chance).map(|chance| chance.accuracy);
    html! {
        section {
            h2 { (experiment.recipe.data_set) }
            p.recipe { (experiment.recipe.to_string()) }
            @for (number, table) in experiment.tables.iter().enumerate() {
                (judged(report, table, &format!("t{place}-{number}")))
            }
            @if !experiment.curves.is_empty() {
                h3 { "Curves" }
                p.small { "Mean over seeds, their number in parentheses; the band reaches from the least to the greatest of them." }
                @for (model, groups) in &experiment.curves { (curves(model, groups, chance)) }
            }
            @if !experiment.confused.is_empty() {
                h3 { "Confusion matrices" }
                p.small { "Rows: the true class. Columns: what was said. Trials of all runs of a cell added up." }
                div.matrices {
                    @for cell in &experiment.confused { (confusion(cell, &trace(experiment, place, cell))) }
                }
            }
            h3 { "Methods" }
            p { (experiment.methods) }
            (runs(report, experiment))
        }
    }
}

fn judged(report: &Report, table: &Matrix, anchor: &str) -> Markup {
    let title = match table.kind {
        Kind::Activations => "Networks and activations",
        Kind::AlphaSweep => "ELU's α",
    };
    let filled = || table.all().enumerate().filter(|(_, cell)| cell.summary.is_some());
    let first = table.baselines.len();
    html! {
        h3 { (title) }
        p.small { (table.title()) }
        div.wide {
            table {
                thead { tr { th {} @for column in &table.columns { th { (column.title()) } } } }
                tbody {
                    @for (place, cell) in table.baselines.iter().enumerate() {
                        tr {
                            th { (cell.title()) }
                            (entry(table, cell, &format!("{anchor}-{place}"), table.columns.len()))
                        }
                    }
                    @for (row, model) in table.rows.iter().enumerate() {
                        tr {
                            th { (model.title()) }
                            @for (column, cell) in table.row(row).iter().enumerate() {
                                @let place = first + row * table.columns.len() + column;
                                (entry(table, cell, &format!("{anchor}-{place}"), 1))
                            }
                        }
                    }
                }
            }
        }
        div.wide { (chart::forest(table, &format!("{title}: means, 95 % intervals and seeds"))) }
        @if table.kind == Kind::AlphaSweep { div.wide { (chart::sweep(table, "The metric against ELU's α")) } }
        @let subjects = render::subject_rows(table);
        @if !subjects.is_empty() {
            h4 { "Each subject alone" }
            div.wide { (subject_table(table, &subjects, anchor)) }
        }
        ul.notes { @for note in table.notes() { li { (note) } } }
        details {
            summary { "How each number came about" }
            @for (place, cell) in filled() {
                div.trace id=(format!("{anchor}-{place}")) {
                    @for line in table.explanation(cell) { p { (traced(report, cell, &line)) } }
                }
            }
        }
    }
}

/// A line of how a number came about; the file that it names is linked to.
fn traced(report: &Report, cell: &Cell, line: &str) -> Markup {
    let named = cell.scores.iter().find_map(|score| {
        let (before, rest) = line.split_once(&format!("{}/", score.id))?;
        let (file, after) = rest.split_once(')')?;
        Some((before, format!("{}/{file}", score.id), after))
    });
    html! {
        @match named {
            Some((before, file, after)) => {
                (before) a href=(format!("{}/{file}", report.folder)) { (file) } ")" (after)
            }
            None => (line),
        }
    }
}

/// Each subject's figures, the rows of [`render::subject_rows`]; each leads to how its cell's number came about.
fn subject_table(table: &Matrix, rows: &[Vec<String>], anchor: &str) -> Markup {
    // A column for each cell that has figures of subjects, in the table's order.
    let cells: Vec<usize> = table
        .all()
        .enumerate()
        .filter(|(_, cell)| !cell.subjects.is_empty())
        .map(|(place, _)| place)
        .collect();
    html! {
        table {
            @for (place, row) in rows.iter().enumerate() {
                tr { @for (column, text) in row.iter().enumerate() {
                    @if place == 0 || column == 0 {
                        th { (text) }
                    } @else if let Some(cell) = cells.get(column - 1) {
                        td { a href=(format!("#{anchor}-{cell}")) { (text) } }
                    }
                } }
            }
        }
    }
}

/// A cell as wide as so many columns.
fn entry(table: &Matrix, cell: &Cell, anchor: &str, columns: usize) -> Markup {
    let figure = cell.figure(table.metric, table.flatters(cell));
    let class = match cell.verdict.standing {
        Standing::Best => "best",
        Standing::NotToldApart => "tied",
        _ => "",
    };
    html! {
        td class=(class) colspan=[(columns > 1).then_some(columns)] {
            @if figure.is_empty() { "–" } @else {
                a href=(format!("#{anchor}")) { (figure) }
                @let mark = cell.verdict.standing.mark();
                @if !mark.is_empty() { " " span.mark { (mark) } }
                @if let Some(interval) = cell.summary.as_ref().and_then(|summary| summary.interval) {
                    @let interval = interval.text(table.metric);
                    // A single run's figure has it already.
                    @if !figure.contains(&interval) { br; span.small { (interval) } }
                }
            }
            @let pending = cell.pending_text();
            @if !pending.is_empty() { br; span.small { "(" (pending) ")" } }
        }
    }
}

fn curves(model: &str, groups: &[Group], chance: Option<f64>) -> Markup {
    html! {
        h4 { (model) }
        div.charts {
            div.wide {
                (chart::curves(groups, Quantity::Accuracy, chance, &format!("{model}: test accuracy by epoch")))
            }
            div.wide { (chart::curves(groups, Quantity::Loss, None, &format!("{model}: training loss by epoch"))) }
        }
    }
}

/// Where the page says how a cell's numbers came about: beneath the first table that has it.
fn trace(experiment: &Experiment, place: usize, cell: &Cell) -> String {
    let tables = experiment.tables.iter().enumerate();
    let at = tables.filter_map(|(number, table)| {
        Some((number, table.all().position(|other| other.title() == cell.title())?))
    });
    at.map(|(number, at)| format!("t{place}-{number}-{at}")).next().unwrap_or_default()
}

fn confusion(cell: &Cell, trace: &str) -> Markup {
    let summary = cell.summary.as_ref();
    let Some((summary, counts)) = summary.and_then(|it| Some((it, it.confusion.as_ref()?))) else {
        return html! {};
    };
    html! {
        table.confusion {
            caption { a href=(format!("#{trace}")) { (cell.title()) } }
            thead { tr { th {} @for class in &summary.classes { th { (class) } } } }
            tbody {
                @for (truth, class) in summary.classes.iter().enumerate() {
                    tr {
                        th { (class) }
                        @for predicted in 0..counts.classes() {
                            td class=(if truth == predicted { "hit" } else { "" }) { (counts.count(truth, predicted)) }
                        }
                    }
                }
            }
        }
    }
}

fn runs(report: &Report, experiment: &Experiment) -> Markup {
    let file = |run: &RunSummary, name: &str| format!("{}/{}/{name}", report.folder, run.id);
    let predictions = format!("predictions-{}.csv", report.rule.name());
    html! {
        h3 { "Runs" }
        div.wide {
            table.runs {
                thead { tr { th { "run" } th { "state" } th { "test accuracy %" } th { "files" } th { "trained by" } } }
                tbody {
                    @for run in &experiment.runs {
                        tr {
                            td { a href=(file(run, "")) { (run.id) } }
                            td { (run.state.name()) @if let Some(why) = &run.message { ": " (why) } }
                            td { @if let Some(accuracy) = run.accuracy(report.rule) { (format!("{:.1}", 100.0 * accuracy)) } @else { "–" } }
                            td {
                                a href=(file(run, "spec.toml")) { "spec" } " "
                                a href=(file(run, "events.jsonl")) { "events" }
                                @if run.accuracy(report.rule).is_some() { " " a href=(file(run, &predictions)) { "predictions" } }
                            }
                            td { @if let Some(started) = &run.started { (started.program) ", " (started.device) ", " (started.host) } }
                        }
                    }
                }
            }
        }
    }
}
