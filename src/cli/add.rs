//! `eeg-tui add`: puts a grid of runs into the queue.

use super::machine::check_device;
use super::spec_flags::SpecFlags;
use super::text::duration;
use super::{Failure, Global, Outcome, print, print_json};
use crate::counted::counted;
use crate::dataset::{DataSet, Division, divide};
use crate::notebook::{Index, Notebook, NotebookError};
use crate::plan::{Pace, rough_epoch_seconds, smaller_batches};
use crate::printable::printable;
use crate::spec::Spec;
use serde_json::json;
use std::fmt::Write;

/// What `add` understands.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    spec: SpecFlags,
    /// As many seeds, counting on from --seed
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    seeds: u64,
    /// Leave out what is in the notebook already, whatever became of it
    #[arg(long)]
    only_new: bool,
    /// One JSON document: the runs, and how long they will take
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(global: &Global, args: &Args) -> Outcome {
    check_device(global)?;
    let notebook = Notebook::open(&global.runs);
    let (specs, data) = args.spec.many(global, args.seeds)?;
    let mut known = known(&notebook, &specs, args.only_new)?;
    let mut specs = specs;
    if args.only_new {
        let mut keep = known.iter().map(Vec::is_empty);
        specs.retain(|_| keep.next().unwrap_or(true));
        known.retain(Vec::is_empty);
    }
    let index = notebook.index()?;
    let (seconds, measured) = estimate(&index, &specs, &data, global.threads())?;
    let remarks = smaller_batches(&specs, &data);
    let ids = if specs.is_empty() { Vec::new() } else { notebook.enqueue_all(&specs)? };
    if args.json {
        let runs: Vec<_> =
            ids.iter().zip(&known).map(|(id, known)| json!({ "id": id, "identical_to": known })).collect();
        let about = if measured { "past runs" } else { "a rough figure" };
        return print_json(
            &json!({ "count": ids.len(), "seconds": seconds, "estimated_from": about, "remarks": remarks, "runs": runs }),
        );
    }
    let remarks: String = remarks.iter().map(|remark| format!("{remark}\n")).collect();
    print(&(report(&ids, &known, seconds, measured, data.is_simulated()) + &remarks))
}

/// For each spec the runs that have it already. One that can't be read may be the same: that is said, and where it decides what is
/// enqueued, nothing is.
fn known(notebook: &Notebook, specs: &[Spec], decides: bool) -> Result<Vec<Vec<String>>, NotebookError> {
    use std::io::Write as _;
    let same = |spec| match notebook.same_spec(spec) {
        Err(error) if !decides => {
            let said = format!("whether the notebook has the same run already can't be seen: {error}");
            let _ = writeln!(std::io::stderr(), "warning: {}", printable(&said));
            Ok(Vec::new())
        }
        same => same,
    };
    specs.iter().map(same).collect()
}

fn report(ids: &[String], known: &[Vec<String>], seconds: f64, measured: bool, simulated: bool) -> String {
    let mut text = String::new();
    for (id, known) in ids.iter().zip(known) {
        let _ = match known.as_slice() {
            [] => writeln!(text, "{id}"),
            [.., other] => writeln!(text, "{id}  (the same experiment as {})", printable(other)),
        };
    }
    let on = if simulated { " on simulated data" } else { "" };
    let about = if measured { "from past runs here" } else { "a rough figure: nothing like it ran here yet" };
    let runs = counted(ids.len(), "run");
    let _ = match ids.len() {
        0 => writeln!(text, "nothing new to enqueue"),
        _ => writeln!(text, "enqueued {runs}{on}; about {} of training ({about})", duration(seconds)),
    };
    text
}

/// Seconds of training that the specs need, and whether they were measured. The newest runs suffice to know.
fn estimate(index: &Index, specs: &[Spec], data: &DataSet, threads: usize) -> Result<(f64, bool), Failure> {
    let pace = Pace::learn(index.runs(), &crate::worker::host());
    let (mut seconds, mut measured) = (0.0, true);
    for spec in specs {
        let epoch = match pace.epoch_seconds(spec) {
            Some(epoch) => epoch,
            None => {
                measured = false;
                let Division { learned, judged } = divide(data, spec)?;
                rough_epoch_seconds(spec, data.geometry(), learned.len(), judged.len(), threads)?
            }
        };
        seconds += epoch * f64::from(spec.epochs);
    }
    Ok((seconds, measured))
}
