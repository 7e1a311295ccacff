//! `eeg-tui compare`: two cells, or any two filters, against one another on the test trials that they share.

use super::{Failure, Global, Outcome, list, matrix, print, print_json};
use crate::counted::counted;
use crate::filter::{Context, Filter, Known};
use crate::metric::Metric;
use crate::model::Model;
use crate::notebook::{Notebook, RunSummary};
use crate::printable::printable;
use crate::spec::{Rule, field};
use crate::stats::SeedsNeeded;
use crate::table::{Basis, Comparison, Party, Side, compare};
use serde_json::{Value, json};

/// What `compare` understands.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The first: a cell such as 'eegnet relu', 'eegnet elu 0.3' or 'csp 8-30', or any filter, such as 'eegnet lr=0.001 -tag=pilot'
    #[arg(value_name = "A", allow_hyphen_values = true)]
    a: String,
    /// The second
    #[arg(value_name = "B", allow_hyphen_values = true)]
    b: String,
    /// What they are compared in [default: accuracy, or balanced_accuracy where the classes are unequal]
    #[arg(long, value_name = "METRIC", value_parser = matrix::metric())]
    metric: Option<&'static Metric>,
    /// How each run's epoch is chosen; best_test is the lab's, and optimistic
    #[arg(long, value_name = "RULE", default_value = "validation", value_parser = matrix::rule())]
    rule: Rule,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(global: &Global, args: &Args) -> Outcome {
    let (of_a, of_b) = (Selection::parse(&args.a)?, Selection::parse(&args.b)?);
    let notebook = Notebook::open(&global.runs);
    let index = notebook.index()?.complete();
    list::warn(&index);
    let known = Known::default();
    let context = Context { rule: args.rule, now: crate::clock::now(), known: &known };
    let side = |selection: &Selection, filter| Side {
        filter,
        runs: index.runs().iter().filter(|run| selection.accepts(run, context)).collect(),
    };
    let reading = notebook.reading();
    let evidence = |id: &str, rule: Rule| reading.evidence(id, rule);
    let sides = (side(&of_a, args.a.as_str()), side(&of_b, args.b.as_str()));
    let found = compare(sides.0, sides.1, args.rule, args.metric, &evidence);
    reading.end()?;
    let found = found?;
    if args.json { print_json(&document(&found, args)) } else { print(&page(&found)) }
}

/// A filter in which the names of networks and activation functions, and a number after the latter, are exact: `elu` is not
/// found in `relu`.
struct Selection {
    model: Option<Model>,
    activation: Option<String>,
    alpha: Option<f64>,
    /// As the field's value is written, `none` included.
    band: Option<String>,
    rest: Filter,
}

impl Selection {
    fn parse(text: &str) -> Result<Self, Failure> {
        let (mut model, mut activation, mut alpha, mut band) = (None, None, None, None);
        let mut rest: Vec<&str> = Vec::new();
        for word in text.split_whitespace() {
            let name = word.to_lowercase();
            if let Ok(named) = name.parse::<Model>() {
                model = Some(named);
            } else if crate::lab::ACTIVATIONS.iter().any(|known| known.name() == name) {
                activation = Some(name);
            } else if let (Some(_), Ok(number)) = (&activation, name.parse::<f64>()) {
                alpha = Some(number);
            } else if let (Some(true), Some(value)) = (is_baseline(&model), band_of(&name)) {
                band = Some(value);
            } else {
                rest.push(word);
            }
        }
        // What stands in quotes or brackets stays as it was typed.
        let exact = model.is_some() || activation.is_some();
        let rest = if exact { rest.join(" ") } else { text.to_owned() };
        let rest = Filter::parse(&rest).map_err(|error| Failure::usage(error.to_string()))?;
        Ok(Selection { model, activation, alpha, band, rest })
    }

    fn accepts(&self, run: &RunSummary, context: Context) -> bool {
        let spec = &run.spec;
        self.model.as_ref().is_none_or(|model| *model == spec.model)
            && self.activation.as_ref().is_none_or(|name| name == spec.activation.name())
            && self.alpha.is_none_or(|alpha| spec.activation.alpha() == Some(alpha))
            && self.band.as_ref().is_none_or(|band| field("band").is_some_and(|it| it.print(spec) == *band))
            && self.rest.accepts(run, context)
    }
}

fn is_baseline(model: &Option<Model>) -> Option<bool> {
    model.as_ref().map(|model| model.baseline().is_some())
}

/// A band as it is written everywhere, or `none`.
fn band_of(word: &str) -> Option<String> {
    field("band")?.parse(word).ok().map(|value| value.to_string())
}

fn document(found: &Comparison, args: &Args) -> Value {
    let party = |party: &Party, filter: &str| json!({"filter": filter, "title": party.title, "mean": party.mean, "n": party.runs.len(), "lost": party.lost, "at_chance": party.guesses, "runs": party.runs});
    let (kind, seeds, trials) = match found.seeds_needed {
        Some(SeedsNeeded::Seeds(seeds)) => (Some("seeds"), Some(seeds), None),
        Some(SeedsNeeded::Never { trials }) => (Some("never"), None, trials),
        Some(SeedsNeeded::Unknown) => (Some("unknown"), None, None),
        None => (None, None, None),
    };
    json!({
        "a": party(&found.a, &args.a),
        "b": party(&found.b, &args.b),
        "metric": found.metric.name,
        "rule": found.rule.name(),
        "optimistic": found.rule == Rule::BestTest,
        "trials": found.trials,
        "over": found.basis,
        "units": found.units,
        "left_out": found.left_out,
        "difference": found.difference.mean,
        "interval": {"low": found.difference.low, "high": found.difference.high, "covers": found.difference.covers},
        "p": found.difference.p,
        "p_greater": found.difference.p_greater,
        "p_less": found.difference.p_less,
        "df": found.difference.df,
        "covers": found.difference.covers,
        "told_apart": found.is_told_apart(),
        "seeds_needed": seeds,
        "seeds_needed_kind": kind,
        "trials_needed": trials,
        "verdict": found.sentences().join(" "),
    })
}

fn page(found: &Comparison) -> String {
    let star = if found.rule == Rule::BestTest { "*" } else { "" };
    let line = |sign: &str, party: &Party| {
        let runs = counted(party.runs.len(), "run");
        let mean = found.metric.format(party.mean);
        let lost = if party.lost > 0 { format!("; {} without a result", party.lost) } else { String::new() };
        format!("{sign}  {}: {} {mean}{star} ({runs}{lost})\n", party.title, found.metric.heading())
    };
    let mut text = line("A", &found.a) + &line("B", &found.b);
    let over = match found.basis {
        Basis::Trials => String::new(),
        Basis::Folds | Basis::Subjects => format!(" of {} {}s", found.units, found.unit),
    };
    text += &format!("rule {}, {} test trials{over}\n\n", found.rule.name(), found.trials);
    for sentence in found.sentences() {
        text += &format!("{}\n", printable(&sentence));
    }
    if found.rule == Rule::BestTest {
        text += "* The epoch was picked on the test trials themselves: optimistic.\n";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact_and_the_rest_is_a_filter() {
        let cell = Selection::parse("EEGNet elu 0.3 lr=0.001").unwrap();
        assert_eq!((cell.activation.as_deref(), cell.alpha), (Some("elu"), Some(0.3)));
        assert!(cell.model.is_some() && !cell.rest.is_empty());
        let csp = Selection::parse("csp 8-30").unwrap();
        assert_eq!((csp.band.as_deref(), csp.rest.is_empty()), (Some("8-30"), true));
        let filter = Selection::parse("seed=0,1 -tag=pilot").unwrap();
        assert!(filter.model.is_none() && filter.activation.is_none() && !filter.rest.is_empty());
        assert!(Selection::parse("colour=red").is_err());
    }
}
