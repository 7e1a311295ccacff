//! `eeg-tui report`: one page about the notebook, for a colleague, a thesis or a paper.

use super::output::write_file;
use super::{Failure, Global, Outcome, list, matrix, print};
use crate::counted::counted;
use crate::filter::{Context, Filter, Known};
use crate::metric::Metric;
use crate::notebook::{Notebook, RunSummary};
use crate::recording::import;
use crate::report::{self, Report, Source};
use crate::spec::Rule;
use std::path::{Component, Path, PathBuf};

/// What `report` understands.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only runs that this filter finds, as in the screen's list: 'data=scp1', 'eegnet epochs=300' [default: all]
    filter: Vec<String>,
    /// Where to write it: .html, .md or .tex
    #[arg(long, value_name = "FILE", default_value = "report.html")]
    out: PathBuf,
    /// How each run's epoch is chosen; best_test is the lab's, and optimistic
    #[arg(long, value_name = "RULE", default_value = "validation", value_parser = matrix::rule())]
    rule: Rule,
    /// What cells are judged by [default: accuracy, or balanced_accuracy where the classes are unequal]
    #[arg(long, value_name = "METRIC", value_parser = matrix::metric())]
    metric: Option<&'static Metric>,
}

/// How a report is printed.
type Form = fn(&Report) -> String;

/// The forms by the end of the file's name.
const FORMS: [(&str, Form); 4] =
    [("html", report::html), ("htm", report::html), ("md", report::markdown), ("tex", report::latex)];

/// Runs the command.
pub fn run(global: &Global, args: &Args) -> Outcome {
    let end = args.out.extension().and_then(|end| end.to_str()).unwrap_or_default().to_lowercase();
    let Some((_, form)) = FORMS.iter().find(|(name, _)| *name == end) else {
        return Err(Failure::usage(format!(
            "'{}' says no form; let the name end in .html, .md or .tex",
            args.out.display()
        )));
    };
    let notebook = Notebook::open(&global.runs);
    let index = notebook.index()?.complete();
    list::warn(&index);
    let runs = wanted(index.runs(), args)?;
    let reading = notebook.reading();
    let source = Source {
        runs: &runs,
        rule: args.rule,
        metric: args.metric,
        evidence: &|id, rule| reading.evidence(id, rule),
        epochs: &|id| reading.epochs(id),
        origin: &import::origin,
        folder: way(&args.out, &global.runs),
        at: crate::clock::now(),
    };
    let text = form(&Report::of(&source));
    reading.end()?;
    write_file(&args.out, text.as_bytes())?;
    print(&format!("{} reported in {}\n", counted(runs.len(), "run"), args.out.display()))
}

fn wanted(runs: &[RunSummary], args: &Args) -> Result<Vec<RunSummary>, Failure> {
    let filter = Filter::parse(&args.filter.join(" ")).map_err(|error| Failure::usage(error.to_string()))?;
    let known = Known::default();
    let context = Context { rule: args.rule, now: crate::clock::now(), known: &known };
    let found: Vec<RunSummary> = runs.iter().filter(|run| filter.accepts(run, context)).cloned().collect();
    if found.is_empty() {
        let why = if runs.is_empty() { "there are no runs yet" } else { "no run fits the filter" };
        return Err(Failure::work(format!("{why}, so there is nothing to report")));
    }
    Ok(found)
}

/// The way from the page's folder to the folder of runs, as a link has it.
fn way(page: &Path, runs: &Path) -> String {
    let folder = page.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (from, to) = (whole(folder), whole(runs));
    let plain = |path: &Path| -> Vec<String> {
        let named = path.components().filter(|part| matches!(part, Component::Normal(_)));
        named.map(|part| encoded(part.as_os_str().as_encoded_bytes())).collect()
    };
    let (from, to) = (plain(&from), plain(&to));
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), from.len() - shared);
    let steps: Vec<String> = up.chain(to[shared..].iter().cloned()).collect();
    if steps.is_empty() { ".".into() } else { steps.join("/") }
}

/// A name in a link: bytes that mean something there are written as numbers (RFC 3986).
fn encoded(name: &[u8]) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let byte = |&byte: &u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    name.iter().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_from_the_page_to_the_runs() {
        assert_eq!(way(Path::new("report.html"), Path::new("runs")), "runs");
        assert_eq!(way(Path::new("out/page.html"), Path::new("runs")), "../runs");
        assert_eq!(way(Path::new("/a/b/page.html"), Path::new("/a/c/runs")), "../c/runs");
        assert_eq!(way(Path::new("page.html"), Path::new("a #1%/rüns")), "a%20%231%25/r%C3%BCns");
    }
}
