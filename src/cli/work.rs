//! `eeg-tui work`: trains what is queued.

use super::machine::machine;
use super::text::percent;
use super::{Failure, Global, Outcome};
use crate::event::{Event, Record};
use crate::notebook::Notebook;
use crate::printable::printable;
use crate::spec::Rule;
use crate::worker::{self, Calls, LogFile, Notice, Options, Report, Watch, log_path, slurm};
use std::ffi::OsString;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long a worker waits with an empty queue before it ends.
const PATIENCE: Duration = Duration::from_secs(600);

/// What `work` understands.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Runs at once, on each card where --device names several; they share the threads
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    slots: u16,
    /// End when the queue is empty, instead of after 10 idle minutes
    #[arg(long)]
    once: bool,
    /// Try a failed run again, up to N times
    #[arg(long, value_name = "N", default_value_t = 0)]
    retries: u32,
    /// What a process did in whose place this one is, as FINISHED,FAILED
    #[arg(long, hide = true, num_args = 1, value_delimiter = ',', require_equals = true)]
    so_far: Vec<usize>,
    /// Belong to no terminal (as the screen starts it)
    #[arg(long, hide = true)]
    detached: bool,
}

/// Runs the command.
pub fn run(global: &Global, args: &Args) -> Outcome {
    if args.detached {
        worker::become_session()?;
    }
    let notebook = Notebook::open(&global.runs);
    let machine = machine(global, usize::from(args.slots))
        .inspect_err(|failure| notice(global, true, failure.sentence()).post(&notebook))?;
    // Held to the end: they say that there is one detached worker, and that a worker lives.
    let _only = match args.detached {
        true => match notebook.detached_lock()? {
            None => return Ok(()),
            lock => lock,
        },
        false => None,
    };
    let _alive = notebook.worker_lock()?;
    // Without a log there is still the notebook, which says all that matters.
    if let Ok(log) = LogFile::open(log_path(&global.runs)) {
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(Mutex::new(SharedLog(Arc::new(log))))
            .finish();
        let _ = tracing::subscriber::set_global_default(subscriber);
    }
    match machine.devices.remark() {
        None => Notice::withdraw(&notebook),
        Some(remark) => {
            tracing::warn!("{remark}");
            notice(global, false, remark).post(&notebook);
        }
    }
    if !args.detached {
        super::list::warn(&notebook.index()?.complete());
    }
    let options = Options {
        slots: usize::from(args.slots) * machine.devices.side_by_side(),
        once: args.once,
        retries: args.retries,
        patience: PATIENCE,
        detached: args.detached,
    };
    let quiet = args.detached;
    tracing::info!(pid = std::process::id(), slots = options.slots, "worker started");
    let watch: Watch = Arc::new(move |id, record| say(id, record, quiet));
    let requeue = Arc::new(AtomicBool::new(false));
    let asked = requeue.clone();
    let detached = args.detached;
    let mut report = worker::work(machine, options, watch, move || Calls::listen(detached, asked))?;
    if let [finished, failed] = args.so_far[..] {
        report.finished += finished;
        report.failed += failed;
    }
    tracing::info!(finished = report.finished, failed = report.failed, "worker ended");
    if requeue.load(Ordering::Relaxed)
        && report.interrupted
        && let Some(job) = slurm::this_job()
    {
        // Slurm ends what is left of this process when it puts the element back.
        slurm::requeue(&job)?;
    }
    if report.device_died {
        tracing::warn!("a process in the place of this one goes on");
        let arguments = go_on(std::env::args_os().skip(1), &report);
        // Gives back an error alone: where it succeeds this process is another one.
        return Err(Command::new(std::env::current_exe()?).args(arguments).exec().into());
    }
    conclude(&report)
}

fn notice(global: &Global, refused: bool, sentence: &str) -> Notice {
    Notice::of_this_machine(&global.device, refused, sentence)
}

/// The arguments of the process that goes on where a device failed for good: a dead CUDA context goes with its process
/// alone. How often that may be is bounded: each time costs a run one of its two tries.
fn go_on(arguments: impl Iterator<Item = OsString>, report: &Report) -> Vec<OsString> {
    const SO_FAR: &str = "--so-far=";
    let own = arguments.filter(|argument| !argument.as_encoded_bytes().starts_with(SO_FAR.as_bytes()));
    own.chain([format!("{SO_FAR}{},{}", report.finished, report.failed).into()]).collect()
}

struct SharedLog(Arc<LogFile>);

impl Write for SharedLog {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        (&*self.0).write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        (&*self.0).flush()
    }
}

/// What a worker's report comes to: nothing to say where all that was asked is done.
pub fn conclude(report: &Report) -> Outcome {
    let Report { finished, failed, interrupted, device_died: _, disk_full, left, unheard } = report;
    if *interrupted {
        return Err(Failure::Unfinished(
            "ended on request with work left; what was being trained goes on with the next 'eeg-tui work'"
                .into(),
        ));
    }
    if let Some(left) = first_of(left) {
        return Err(Failure::work(format!("not all is done: {left}")));
    }
    if *disk_full {
        return Err(Failure::work("runs wait for space on the disk; make room, then 'eeg-tui work' again"));
    }
    if *failed > 0 {
        let all = finished + failed;
        return Err(Failure::work(format!("{failed} of {all} runs failed; 'eeg-tui list' says why")));
    }
    match first_of(unheard) {
        Some(unheard) => Err(Failure::Unfinished(format!("not all is done: {unheard}"))),
        None => Ok(()),
    }
}

/// The first of several sentences, and how many more there are.
fn first_of(sentences: &[String]) -> Option<String> {
    match sentences {
        [] => None,
        [one] => Some(one.clone()),
        [first, others @ ..] => Some(format!("{first} (and {} more)", others.len())),
    }
}

/// Says what happened to a run: in the log, and in the foreground on the terminal.
fn say(id: &str, record: &Record, quiet: bool) {
    let Some(what) = sentence(&record.event) else { return };
    let what = printable(&what).into_owned();
    tracing::info!(run = id, "{what}");
    if !quiet {
        // Training goes on though nobody listens any more.
        let _ = writeln!(std::io::stdout(), "{id}: {what}");
    }
}

fn sentence(event: &Event) -> Option<String> {
    Some(match event {
        Event::Queued(queued) => {
            return queued.after.as_ref().map(|said| format!("waits to be tried once more: {said}"));
        }
        Event::Epoch(_) => return None,
        Event::Started(started) if started.epoch > 0 => format!("goes on at epoch {}", started.epoch + 1),
        Event::Started(started) => match &started.remark {
            Some(remark) => format!("started on {}; {remark}", started.device),
            None => format!("started on {}", started.device),
        },
        Event::Paused(stopped) => match &stopped.reason {
            Some(reason) => format!("paused at epoch {}: {reason}", stopped.epoch),
            None => format!("paused at epoch {}", stopped.epoch),
        },
        Event::Cancelled(stopped) => format!("cancelled at epoch {}", stopped.epoch),
        Event::Failed(failed) => format!("failed at epoch {}: {}", failed.epoch, failed.error),
        Event::Finished(finished) => {
            let accuracy = |rule: &Rule| finished.test_acc.get(rule).copied().flatten();
            let said = Rule::ALL.iter().filter(|&rule| accuracy(rule).is_some());
            let said: Vec<String> =
                said.map(|rule| format!("{} {} %", rule.name(), percent(accuracy(rule)))).collect();
            format!("finished in {:.1} s, test accuracy: {}", finished.seconds, said.join(", "))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_that_goes_on_does_the_same_and_knows_what_was_done() {
        let report = Report { finished: 5, failed: 1, ..Report::default() };
        let words = ["--device", "cuda:0,1", "work", "--once", "--so-far=3,0"];
        let again = go_on(words.map(OsString::from).into_iter(), &report);
        assert_eq!(again, ["--device", "cuda:0,1", "work", "--once", "--so-far=5,1"]);
    }
}
