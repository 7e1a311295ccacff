//! `eeg-tui data import`: recordings made into a data set.

use super::Unsaid;
use crate::cli::{Failure, Global, Outcome, print, print_json};
use crate::printable::printable;
use crate::recording::Watch;
use crate::recording::import::{self, ImportError, Inspected, Lost, Options, Report};
use crate::worker::Calls;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What `data import` understands.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The data set's name: a folder under --data [default with --from: the name then]
    name: Option<String>,
    /// Recordings, or BIDS folders of them
    files: Vec<PathBuf>,
    /// The events that are the classes, in their order; EVENT=CLASS gives a class another name
    #[arg(long, value_name = "EVENT,…", value_delimiter = ',')]
    events: Vec<String>,
    /// Seconds from the event: from, up to and without, such as 0..4 or -0.5..3.5
    #[arg(long, value_name = "FROM..TO", allow_hyphen_values = true)]
    window: Option<String>,
    /// What is for the test: run:12, session:2, subject:S3 (lists allowed), the last share of each recording such as 0.3,
    /// or none
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    test: Vec<String>,
    /// The unit of channels that don't say theirs: V, mV, uV or nV
    #[arg(long)]
    unit: Option<String>,
    /// Take the events from this channel's codes
    #[arg(long, value_name = "CHANNEL")]
    stim: Option<String>,
    /// The channels to take, in this order [default: all EEG channels]
    #[arg(long, value_name = "CHANNEL,…", value_delimiter = ',')]
    picks: Vec<String>,
    /// What is taken away from every channel: average (of all EEG channels), none, or channels
    #[arg(long, value_name = "CHANNEL,…", value_delimiter = ',')]
    reference: Vec<String>,
    /// Hz that pass a Butterworth filter of order 4, run forwards and backwards: 8..30, 0.5.. or ..40
    #[arg(long, value_name = "LOW..HIGH")]
    band: Option<String>,
    /// The new sampling rate
    #[arg(long, value_name = "HZ")]
    resample: Option<f64>,
    /// Drop trials in which an electrode goes further than this many µV from peak to peak, or those marked as artifacts
    #[arg(long, value_name = "UV|artifacts", value_delimiter = ',')]
    reject: Vec<String>,
    /// A file with the classes of all trials, one a line; one for each recording
    #[arg(long, value_name = "FILE")]
    true_labels: Vec<PathBuf>,
    /// The subject of all recordings [default: by the file's name]
    #[arg(long, value_name = "NAME")]
    subject: Option<String>,
    /// The session of all recordings
    #[arg(long, value_name = "NAME")]
    session: Option<String>,
    /// The run of all recordings
    #[arg(long, value_name = "NAME")]
    run: Option<String>,
    /// How file names tell subject, session and run, such as 'S{subject}R{run}'
    #[arg(long)]
    pattern: Option<String>,
    #[command(flatten)]
    unsaid: Unsaid,
    /// The order of the array's axes, such as trial,channel,time
    #[arg(long, value_name = "AXIS,…", value_delimiter = ',')]
    axes: Vec<String>,
    /// Let trials share samples
    #[arg(long)]
    overlap: bool,
    /// Make a set again from its provenance.toml, bit by bit
    #[arg(long, value_name = "FILE", conflicts_with_all = ["files", "events", "window", "test", "unit", "stim", "picks",
        "reference", "band", "resample", "reject", "true_labels", "subject", "session", "run", "pattern", "rate", "signal",
        "labels", "axes", "overlap", "dry_run"])]
    from: Option<PathBuf>,
    /// Replace a set of this name
    #[arg(long)]
    replace: bool,
    /// Say what the recordings hold, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl Args {
    fn options(&self) -> Options {
        Options {
            events: self.events.clone(),
            window: self.window.clone(),
            test: self.test.clone(),
            unit: self.unit.clone(),
            stim: self.stim.clone(),
            picks: self.picks.clone(),
            reference: self.reference.clone(),
            band: self.band.clone(),
            resample: self.resample,
            reject: self.reject.clone(),
            true_labels: self.true_labels.clone(),
            subject: self.subject.clone(),
            session: self.session.clone(),
            run: self.run.clone(),
            pattern: self.pattern.clone(),
            rate: self.unsaid.rate,
            signal: self.unsaid.signal.clone(),
            labels: self.unsaid.labels.clone(),
            axes: self.axes.clone(),
            overlap: self.overlap,
        }
    }
}

/// Runs the command.
pub fn run(global: &Global, args: &Args) -> Outcome {
    if let Some(from) = &args.from {
        let reading = Reading::new(0)?;
        let report = import::again(args.name.as_deref(), from, &global.data, args.replace, &reading.watch());
        drop(reading);
        return conclude(&report.map_err(failure)?, args.json);
    }
    let name = args.name.as_deref().ok_or_else(|| {
        Failure::usage("name the data set and its recordings: eeg-tui data import NAME FILE…")
    })?;
    if args.files.is_empty() {
        return Err(Failure::usage(format!("name the recordings that '{name}' is made of")));
    }
    let options = args.options();
    let reading = Reading::new(import::bytes(&args.files))?;
    if args.dry_run {
        let inspected = import::inspect(&args.files, &options, &reading.watch()).map_err(failure)?;
        drop(reading);
        return if args.json { print_json(&inspected) } else { print(&inspected_text(&inspected)) };
    }
    let report = import::import(name, &args.files, &options, &global.data, args.replace, &reading.watch());
    drop(reading);
    conclude(&report.map_err(failure)?, args.json)
}

fn conclude(report: &Report, json: bool) -> Outcome {
    if json { print_json(report) } else { print(&report_text(report)) }
}

/// An import's error as a command's. The lines that convert a foreign format are printed as lines.
pub fn failure(error: ImportError) -> Failure {
    let usage = matches!(error, ImportError::Usage(_));
    let text = error.to_string();
    let sentence = match text.split_once("\n\n") {
        Some((sentence, lines)) => {
            let _ = writeln!(std::io::stderr(), "{lines}\n");
            format!("{} with the lines above", sentence.trim_end_matches(':'))
        }
        None => text,
    };
    if usage { Failure::usage(sentence) } else { Failure::work(sentence) }
}

/// A long read: a bar on a terminal, and an ear for whoever wants to stop it.
pub struct Reading {
    bar: ProgressBar,
    advance: Box<dyn Fn(u64)>,
    stop: Arc<AtomicBool>,
}

impl Reading {
    /// Begins to listen. `bytes` is what one pass over the files reads.
    pub fn new(bytes: u64) -> Result<Self, Failure> {
        let bar = match std::io::stderr().is_terminal() && bytes > 0 {
            true => ProgressBar::new(bytes),
            false => ProgressBar::hidden(),
        };
        if let Ok(style) = ProgressStyle::with_template("reading {bar:30} {bytes}/{total_bytes}  eta {eta}") {
            bar.set_style(style);
        }
        let stop = Arc::new(AtomicBool::new(false));
        listen(Arc::clone(&stop));
        let moving = bar.clone();
        let advance = Box::new(move |read: u64| {
            // A reference, or more channels than fit into memory, take a second pass.
            if moving.position() + read > moving.length().unwrap_or(0) {
                moving.set_length(moving.position() + read);
            }
            moving.inc(read);
        });
        Ok(Reading { bar, advance, stop })
    }

    /// For whoever reads.
    pub fn watch(&self) -> Watch<'_> {
        Watch { stop: &self.stop, progress: &*self.advance }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Sets the flag when the person asks the program to end. Where no signal can be caught, they end it as always.
fn listen(stop: Arc<AtomicBool>) {
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            if let Ok(mut calls) = Calls::listen(false, Arc::default()) {
                calls.asked_to_end().await;
                stop.store(true, Ordering::Relaxed);
            }
        });
    });
}

fn inspected_text(inspected: &Inspected) -> String {
    let mut text = String::new();
    for file in &inspected.files {
        let rate = file.sfreq.map_or("unknown rate".into(), |rate| format!("{rate} Hz"));
        let length = match file.trials {
            Some(trials) => format!("{trials} trials of {} samples", file.samples),
            None => format!("{} samples", file.samples),
        };
        let session = file.session.as_ref().map_or(String::new(), |session| format!(", session {session}"));
        text += &printable(&format!(
            "{}: {}, {} channels, {rate}, {length}; subject {}{session}, run {}",
            file.path.display(),
            file.format,
            file.channels.len(),
            file.subject,
            file.run
        ));
        text.push('\n');
        for event in &file.events {
            text += &format!("  event {:<20} {}\n", printable(&event.name), event.count);
        }
        for note in &file.notes {
            text += &format!("  note: {}\n", printable(note));
        }
    }
    text + "nothing was written (--dry-run)\n"
}

fn report_text(report: &Report) -> String {
    let rate = report.sfreq.map_or("unknown rate".into(), |rate| format!("{rate} Hz"));
    let parts = match report.trials.test {
        0 => format!("{} trials, no test part (a run's split makes one)", report.trials.train),
        test => format!("{} + {test} trials", report.trials.train),
    };
    let mut text = format!(
        "{} in {}: {parts} of {} samples × {} electrodes, {rate}; {}\n",
        report.name,
        report.path.display(),
        report.samples,
        report.channels.len(),
        report.subjects.join(" ")
    );
    for (class, count) in &report.classes {
        text += &format!("  class {class:<20} {count}\n");
    }
    for lost in &report.lost {
        text += &format!("  {}: {}\n", Lost::said(lost.count), lost.why);
    }
    for note in &report.notes {
        text += &format!("  note: {note}\n");
    }
    for finding in &report.findings {
        text += &format!("  {}: {}\n", finding.severity.name(), finding.sentence());
    }
    if let Some(fingerprint) = &report.fingerprint {
        text += &format!("  fingerprint {fingerprint}\n");
    }
    text.lines().map(|line| format!("{}\n", printable(line))).collect()
}
