//! `eeg-tui matrix`: the model × activation table over the notebook, and the α sweep beneath it.

use super::text::table;
use super::{Global, Outcome, list, print, print_json};
use crate::metric::{METRICS, Metric};
use crate::notebook::{Notebook, Reading, RunSummary};
use crate::printable::printable;
use crate::spec::Rule;
use crate::table::{Across, Matrix, Recipe, across, recipes, render};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::json;

/// What `matrix` understands.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How each run's epoch is chosen; best_test is the lab's, and optimistic
    #[arg(long, value_name = "RULE", default_value = "validation", value_parser = rule())]
    rule: Rule,
    /// What the cells are judged by [default: accuracy, or balanced_accuracy where the classes are unequal]
    #[arg(long, value_name = "METRIC", value_parser = metric())]
    metric: Option<&'static Metric>,
    /// Only the recipe (data, epochs, batch …) that was enqueued last, not every one that occurs
    #[arg(long)]
    latest: bool,
    /// Print one JSON document
    #[arg(long, group = "format")]
    json: bool,
    /// Print Markdown
    #[arg(long, group = "format")]
    markdown: bool,
    /// Print one CSV line a cell
    #[arg(long, group = "format")]
    csv: bool,
    /// Print LaTeX tabulars
    #[arg(long, group = "format")]
    latex: bool,
}

/// A metric by its name.
pub fn metric() -> impl TypedValueParser<Value = &'static Metric> {
    PossibleValuesParser::new(METRICS.iter().map(|metric| metric.name))
        .map(|name| Metric::named(&name).unwrap_or(Metric::accuracy()))
}

/// A selection rule by its name.
pub fn rule() -> impl TypedValueParser<Value = Rule> {
    PossibleValuesParser::new(Rule::ALL.map(Rule::name))
        .map(|name| Rule::ALL.into_iter().find(|rule| rule.name() == name).unwrap_or_default())
}

/// The tables of one recipe.
struct Tables {
    recipe: Recipe,
    runs: usize,
    activations: Matrix,
    /// `None` without a run of another α than 1.
    sweep: Option<Matrix>,
}

/// Runs the command.
pub fn run(global: &Global, args: &Args) -> Outcome {
    let notebook = Notebook::open(&global.runs);
    let index = notebook.index()?.complete();
    list::warn(&index);
    let reading = notebook.reading();
    let tables = tables(&reading, index.runs(), args);
    reading.end()?;
    if args.json {
        return print_json(&document(&tables, args.rule));
    }
    if args.csv {
        return print(&render::csv(each(&tables)));
    }
    if tables.is_empty() {
        return print("no runs yet; 'eeg-tui add --preset activations' enqueues the table's\n");
    }
    let render = match (args.markdown, args.latex) {
        (true, _) => render::markdown,
        (_, true) => render::latex,
        _ => plain,
    };
    let tables_text = each(&tables).map(render).collect::<Vec<_>>().join("\n");
    let sentences = across(each(&tables)).iter().flat_map(Across::sentences).collect::<Vec<_>>();
    let said: String = sentences.iter().map(|sentence| said(sentence, args)).collect();
    print(&(tables_text + &said))
}

/// A sentence about all tables, in the form of these.
fn said(sentence: &str, args: &Args) -> String {
    match (args.markdown, args.latex) {
        (true, _) => format!("\n{}\n", render::markdown_text(sentence)),
        (_, true) => format!("\n{}\\par\n", render::latex_text(sentence)),
        _ => format!("\n{}\n", printable(sentence)),
    }
}

/// Tables of every recipe, the one that was used last first.
fn tables(reading: &Reading<'_>, runs: &[RunSummary], args: &Args) -> Vec<Tables> {
    let evidence = |id: &str, rule: Rule| reading.evidence(id, rule);
    let wanted = if args.latest { 1 } else { usize::MAX };
    let build = |(recipe, count): (Recipe, usize)| {
        let (activations, sweep) = Matrix::both(runs, &recipe, args.rule, args.metric, &evidence);
        Tables { runs: count, activations, sweep: (!sweep.columns.is_empty()).then_some(sweep), recipe }
    };
    recipes(runs).into_iter().take(wanted).map(build).collect()
}

fn each(tables: &[Tables]) -> impl Iterator<Item = &Matrix> {
    tables.iter().flat_map(|tables| std::iter::once(&tables.activations).chain(&tables.sweep))
}

fn document(tables: &[Tables], rule: Rule) -> serde_json::Value {
    let experiments = tables.iter().map(|tables| {
        json!({
            "recipe": tables.recipe,
            "runs": tables.runs,
            "matrix": render::json(&tables.activations),
            "alpha_sweep": tables.sweep.as_ref().map(render::json),
        })
    });
    json!({
        "rule": rule.name(),
        "optimistic": rule.is_optimistic(),
        "across_data_sets": across(each(tables)),
        "experiments": experiments.collect::<Vec<_>>(),
    })
}

/// Columns for the terminal.
fn plain(matrix: &Matrix) -> String {
    let mut text = format!("{}\n{}\n\n", printable(&matrix.recipe.to_string()), matrix.title());
    text += &table(&render::rows(matrix));
    for rows in [render::detail_rows(matrix), render::subject_rows(matrix)] {
        if !rows.is_empty() {
            text += &format!("\n{}", table(&rows));
        }
    }
    text.push('\n');
    for note in matrix.notes() {
        text += &format!("{}\n", printable(&note));
    }
    text
}
