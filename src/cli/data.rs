//! `eeg-tui data`: which recordings there are, and whether they are sound.

mod import;
mod peek;

use super::{Failure, Global, Outcome, print, print_json};
use crate::dataset::{self, DataError, FileReport, Listing, PartReport, Report, SetReport};
use crate::printable::printable;

/// What a recording may leave unsaid, and a person then has to say.
#[derive(Debug, clap::Args)]
pub struct Unsaid {
    /// Samples a second, for files that don't say
    #[arg(long, value_name = "HZ")]
    rate: Option<f64>,
    /// The array that holds the trials
    #[arg(long, value_name = "NAME")]
    signal: Option<String>,
    /// The array (or npy file) that holds their labels
    #[arg(long, value_name = "NAME")]
    labels: Option<String>,
}

/// What `data` understands.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The data sets that --data-set can name
    List {
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Look at every file of a data set: shapes, missing samples, classes, checksums
    Check {
        /// As for --data-set [default: what a run would take]
        name: Option<String>,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Look into a recording: channels, units, rate, values, events
    Peek(peek::Args),
    /// Make a data set of recordings: EDF, BDF, GDF, BrainVision, EEGLAB, MAT, npz, npy, or a BIDS folder
    Import(Box<import::Args>),
}

/// Runs the command.
pub fn run(global: &Global, args: &Args) -> Outcome {
    match &args.action {
        Action::Peek(args) => peek::run(args),
        Action::Import(args) => import::run(global, args),
        Action::List { json } => {
            let listings = dataset::list(&global.data)?;
            if *json { print_json(&listings) } else { print(&list_text(&listings)) }
        }
        Action::Check { name, json } => {
            let report = dataset::check(name.as_deref(), &global.data).map_err(|error| match error {
                DataError::UnknownName { .. } => Failure::usage(error.to_string()),
                _ => Failure::work(error.to_string()),
            })?;
            if *json {
                print_json(&report)?
            } else {
                print(&report_text(&report))?
            }
            match &report.wrongs()[..] {
                [] => Ok(()),
                [problem] => Err(Failure::work(problem)),
                [problem, others @ ..] => {
                    let count = 1 + others.len();
                    Err(Failure::work(format!(
                        "{count} things are wrong with {}; the first: {problem}",
                        report.name
                    )))
                }
            }
        }
    }
}

fn list_text(listings: &[Listing]) -> String {
    let mut text = String::new();
    for listing in listings {
        let name = printable(&listing.name);
        let mark = if listing.default { "*" } else { " " };
        let what = match (listing.train, listing.test, listing.samples, listing.electrodes) {
            (Some(train), Some(test), Some(samples), Some(electrodes)) => {
                format!("{train} + {test} trials of {samples} samples × {electrodes} electrodes")
            }
            _ => printable(listing.problem.as_deref().unwrap_or("not readable")).into_owned(),
        };
        let subjects = printable(&listing.subjects.join(" ")).into_owned();
        let marked = if listing.simulated { "; no real recordings" } else { "" };
        text += &format!("{mark} {name:<16} {what}; {subjects}{marked}\n");
    }
    text + "* is used without --data-set\n"
}

fn report_text(report: &Report) -> String {
    let name = printable(&report.name);
    let mut text = match &report.path {
        Some(path) => format!("{name} in {}\n", printable(&path.to_string_lossy())),
        None => format!("{name}: made up by this program, no real recordings\n"),
    };
    for file in &report.files {
        text += &file_text(file);
    }
    if let Some(set) = &report.set {
        text += &set_text(set);
    }
    for problem in &report.problems {
        text += &format!("! {}\n", printable(problem));
    }
    for finding in &report.findings {
        text += &format!("{}: {}\n", finding.severity.name(), printable(&finding.sentence()));
    }
    let is_sound = report.problems.is_empty() && report.findings.is_empty();
    if is_sound { text + "nothing is wrong with it\n" } else { text }
}

fn file_text(file: &FileReport) -> String {
    let what = match (file.shape, file.missing, file.trials_with_missing) {
        (Some([trials, samples, electrodes]), Some(missing), Some(touched)) => {
            format!("{trials} × {samples} × {electrodes}, {}", missing_text(missing, touched))
        }
        _ => "not usable".to_owned(),
    };
    let published = match file.published {
        Some(true) => " (the published file)",
        Some(false) => " (NOT the published file)",
        None => "",
    };
    let sha256 = file.sha256.as_deref().unwrap_or("unreadable");
    format!("  {}  {what}\n    sha256 {sha256}{published}\n", printable(&file.file))
}

fn set_text(set: &SetReport) -> String {
    let rate = set
        .sfreq
        .map_or("unknown rate".to_owned(), |rate| format!("{rate} Hz, {:.2} s", set.samples as f64 / rate));
    let electrodes = printable(&set.electrodes.join(" ")).into_owned();
    let mut text = format!("  trials of {} samples ({rate}) from {electrodes}\n", set.samples);
    for (name, part) in [("train", &set.train), ("test", &set.test)] {
        text += &part_text(name, part, set);
    }
    text + &format!("  fingerprint {}\n", set.fingerprint)
}

fn part_text(name: &str, part: &PartReport, set: &SetReport) -> String {
    let counts = |counts: &[usize]| {
        let classes = set.classes.iter().map(|class| printable(class));
        let each = classes.zip(counts).map(|(class, count)| format!("{count} of class {class}"));
        each.collect::<Vec<_>>().join(", ")
    };
    let mut text = format!(
        "  {name}: {} trials, {}; {}\n",
        part.trials,
        counts(&part.per_class),
        missing_text(part.missing, part.trials_with_missing)
    );
    for (subject, per_class) in set.subjects.iter().zip(&part.per_subject) {
        text += &format!("    {}: {}\n", printable(subject), counts(per_class));
    }
    text
}

fn missing_text(missing: usize, trials: usize) -> String {
    if missing == 0 { "no NaN".into() } else { format!("{missing} NaN in {trials} trials") }
}
