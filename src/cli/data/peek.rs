//! `eeg-tui data peek`: what a recording holds.

use super::Unsaid;
use super::import::{Reading, failure};
use crate::cli::text::table;
use crate::cli::{Failure, Outcome, print, print_json};
use crate::printable::printable;
use crate::recording::{self, Assume, Summary};
use std::path::PathBuf;

/// What `data peek` understands.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The recording
    file: PathBuf,
    #[command(flatten)]
    unsaid: Unsaid,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> Outcome {
    if args.unsaid.rate.is_some_and(|rate| !(rate.is_finite() && rate > 0.0)) {
        return Err(Failure::usage("--rate must be a positive number of Hz"));
    }
    let assume = Assume {
        rate: args.unsaid.rate,
        signal: args.unsaid.signal.clone(),
        labels: args.unsaid.labels.clone(),
        ..Assume::default()
    };
    let reading = Reading::new(recording::import::bytes(std::slice::from_ref(&args.file)))?;
    let summary = recording::open(&args.file, &assume)
        .and_then(|opened| recording::peek(opened, &reading.watch()).map_err(|error| error.of(&args.file)))
        .map_err(|error| failure(error.into()))?;
    drop(reading);
    if args.json { print_json(&summary) } else { print(&text(&summary)) }
}

fn text(summary: &Summary) -> String {
    let number = |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.3}"));
    let rate = summary.sfreq.map_or("unknown rate".into(), |rate| format!("{rate} Hz"));
    let length = match (summary.trials, summary.seconds) {
        (Some(trials), _) => format!("{trials} trials of {} samples", summary.samples),
        (None, Some(seconds)) => format!("{} samples, {seconds:.1} s", summary.samples),
        (None, None) => format!("{} samples", summary.samples),
    };
    let mut text = format!("{}: {} channels, {rate}, {length}\n", summary.format, summary.channels.len());
    let mut rows =
        vec![["channel", "kind", "unit", "mean", "sd", "missing", "rate"].map(str::to_owned).to_vec()];
    for channel in &summary.channels {
        let kind = format!("{:?}", channel.kind).to_lowercase();
        let rate = channel.rate.map_or("–".to_owned(), |rate| rate.to_string());
        rows.push(vec![
            printable(&channel.name).into_owned(),
            kind,
            printable(&channel.unit).into_owned(),
            number(channel.mean),
            number(channel.sd),
            channel.missing.to_string(),
            rate,
        ]);
    }
    text += &table(&rows);
    let counts = recording::import::event_counts(&summary.events);
    let labels = summary.labels.iter().map(|(name, count)| (name.as_str(), *count));
    for (name, count) in counts.into_iter().chain(labels) {
        text += &format!("event {:<20} {count}\n", printable(name));
    }
    for (name, changes) in &summary.stim {
        text += &format!("trigger {} changes to a code {} times\n", printable(name), changes.len());
    }
    if summary.outside > 0 {
        text += &format!("{} events lie outside the recording\n", summary.outside);
    }
    for note in &summary.notes {
        text += &format!("note: {}\n", printable(note));
    }
    text
}
