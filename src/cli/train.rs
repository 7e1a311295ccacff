//! `eeg-tui train`: one run in the foreground, recorded in the notebook like any other.

use super::machine::{check_device, machine};
use super::spec_flags::SpecFlags;
use super::text::{duration, percent};
use super::{Failure, Global, Outcome, print, print_json_line};
use crate::counted::counted;
use crate::event::{Epoch, Event, Finished, Record};
use crate::plan::smaller_batch;
use crate::printable::printable;
use crate::spec::{Rule, Spec};
use crate::worker::{Ended, foreground};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};

/// What `train` understands.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    spec: SpecFlags,
    /// One event a line, as in events.jsonl; the last one is 'finished'
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(global: &Global, args: &Args) -> Outcome {
    // Before the recordings are read and looked at.
    check_device(global)?;
    let (spec, _) = args.spec.one(global)?;
    let machine = machine(global, 1)?;
    let held = machine.notebook.begin(&spec)?;
    let id = held.dir().id().to_owned();
    let ended = if args.json {
        foreground(machine, held, |record| {
            // The run goes on though nobody listens any more: it is in the notebook.
            let _ = print_json_line(record);
        })?
    } else {
        let mut progress = Progress::new(&id, &spec);
        foreground(machine, held, move |record| progress.show(record))?
    };
    conclude(&id, ended)
}

fn conclude(id: &str, ended: Ended) -> Outcome {
    match ended {
        Ended::Finished => Ok(()),
        Ended::Paused => Err(Failure::work(format!("{id} was paused; 'eeg-tui resume {id}' goes on"))),
        Ended::Cancelled => Err(Failure::work(format!("{id} was cancelled"))),
        Ended::Interrupted => {
            Err(Failure::work(format!("{id} was interrupted; 'eeg-tui work' goes on from its checkpoint")))
        }
        Ended::DeviceDied(error) => Err(Failure::work(format!(
            "the device failed for good under {id} ({error}); 'eeg-tui work' tries it once more"
        ))),
        Ended::DiskFull => Err(Failure::work(format!(
            "{id} is paused, the disk is full; make room, then 'eeg-tui work' goes on"
        ))),
        Ended::Failed(error) | Ended::Unwritable(error) => {
            Err(Failure::work(format!("{id} failed: {error}")))
        }
    }
}

/// A bar on a terminal, a line now and then elsewhere.
struct Progress {
    bar: Option<ProgressBar>,
    epochs: u32,
    batch: usize,
}

impl Progress {
    fn new(id: &str, spec: &Spec) -> Self {
        let shown = std::io::stderr().is_terminal();
        let simulated = if spec.data.is_simulated() { ", simulated recordings" } else { "" };
        let long = match spec.model.baseline() {
            Some(_) => "fitted once".to_owned(),
            None => counted(spec.epochs as usize, "epoch"),
        };
        let _ = writeln!(std::io::stderr(), "{id}: {}, {long}{simulated}", spec.method());
        let bar = shown.then(|| {
            let bar = ProgressBar::new(u64::from(spec.epochs));
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len}  {msg}  eta {eta}") {
                bar.set_style(style);
            }
            bar
        });
        Progress { bar, epochs: spec.epochs, batch: spec.batch }
    }

    fn show(&mut self, record: &Record) {
        match &record.event {
            Event::Started(started) => {
                let smaller = smaller_batch(self.batch, started.trials.train);
                for remark in started.remark.iter().chain(&smaller) {
                    let _ = writeln!(std::io::stderr(), "{}", printable(remark));
                }
                if let Some(bar) = &self.bar {
                    bar.set_position(u64::from(started.epoch));
                    bar.reset_eta();
                }
            }
            Event::Epoch(epoch) => self.epoch(epoch),
            Event::Finished(finished) => {
                self.clear();
                let _ = print(&result(finished));
                if let Some(remark) = &finished.remark {
                    let _ = writeln!(std::io::stderr(), "{}", printable(remark));
                }
            }
            _ => self.clear(),
        }
    }

    fn epoch(&self, epoch: &Epoch) {
        let figures = format!(
            "loss {:.4}  train {} %  test {} %",
            epoch.train_loss,
            percent(Some(epoch.train_acc)),
            percent(Some(epoch.test_acc))
        );
        match &self.bar {
            Some(bar) => {
                bar.set_message(figures);
                bar.set_position(u64::from(epoch.epoch));
            }
            None if epoch.epoch.is_multiple_of((self.epochs / 10).max(1)) => {
                let _ = writeln!(std::io::stderr(), "epoch {}/{}  {figures}", epoch.epoch, self.epochs);
            }
            None => {}
        }
    }

    fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn result(finished: &Finished) -> String {
    let epochs = counted(finished.epochs as usize, "epoch");
    let mut text = format!("{}: {epochs} in {}\n", finished.id, duration(finished.seconds));
    for rule in Rule::ALL {
        let accuracy = finished.test_acc.get(&rule).copied().flatten();
        let epoch = finished.picked.get(&rule).copied().flatten();
        if let (Some(accuracy), Some(epoch)) = (accuracy, epoch) {
            let optimistic = if rule.is_optimistic() { ", optimistic: picked on the test set" } else { "" };
            text += &format!(
                "test accuracy {} %  ({}, epoch {epoch}{optimistic})\n",
                percent(Some(accuracy)),
                rule.name()
            );
        }
    }
    printable_lines(&text)
}

fn printable_lines(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", printable(line))).collect()
}
