//! `eeg-tui verify`: trains a finished run again from its spec and says which epoch differs first, or that none does.

use super::machine::machine;
use super::{Failure, Global, Outcome, print, print_json};
use crate::baseline::Fitted;
use crate::counted::counted;
use crate::dataset::prepare;
use crate::event::{Epoch, Event};
use crate::notebook::{Notebook, RunDir, RunState};
use crate::printable::printable;
use crate::spec::Rule;
use crate::train::{
    self, Checkpoint, LoadedWeights, Pick, Saved, Sink, SinkError, Stop, StopRequest, SystemClock,
};
use serde_json::json;

/// What `verify` understands.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The run, or the beginning of its name
    id: String,
    /// One JSON document: {"id","identical","epochs","difference"}
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(global: &Global, args: &Args) -> Outcome {
    let dir = Notebook::open(&global.runs).run(&args.id)?;
    let id = dir.id().to_owned();
    if dir.state()? != RunState::Finished {
        return Err(Failure::work(format!("{id} is {}; only a finished run can be verified", dir.state()?)));
    }
    let (mut comparison, device) = train_again(global, &dir)?;
    comparison.compare_length();
    if args.json {
        print_json(&json!({
            "id": id,
            "identical": comparison.difference.is_none(),
            "epochs": comparison.seen,
            "difference": comparison.difference,
        }))?;
    } else if comparison.difference.is_none() {
        let what = match dir.spec()?.model.baseline() {
            Some(_) => "its figures".to_owned(),
            None => counted(comparison.seen, "epoch"),
        };
        print(&format!("{id}: {what} and the weights are the same to the last bit\n"))?;
    }
    let Some(difference) = comparison.difference else { return Ok(()) };
    let elsewhere = match dir.history()?.started {
        Some(started) if started.device != device => {
            format!(" (it was trained on {}, this is {device})", printable(&started.device))
        }
        _ => String::new(),
    };
    Err(Failure::work(format!("{id} is not reproduced: {difference}{elsewhere}")))
}

/// Trains the spec again, comparing as it goes. Nothing is written anywhere.
fn train_again(global: &Global, dir: &RunDir) -> Result<(Comparison, String), Failure> {
    let spec = dir.spec()?;
    let machine = machine(global, 1)?;
    let prepared = prepare(&*machine.data.get(&spec.data)?, &spec)?;
    let stop = Stop::new();
    let mut comparison = Comparison {
        dir: dir.clone(),
        recorded: dir.epochs()?,
        seen: 0,
        difference: None,
        stop: stop.clone(),
    };
    let clock = SystemClock::default();
    let turn = machine.turn_of(&spec, &prepared)?;
    let job = machine.job(&turn.device, dir.id(), &spec, &prepared, &clock);
    train::train(&job, None, &stop, &mut comparison)?;
    Ok((comparison, turn.device.name()))
}

/// Takes a training's events and holds them against what was recorded.
struct Comparison {
    dir: RunDir,
    recorded: Vec<Epoch>,
    /// Epochs that were the same.
    seen: usize,
    /// The first difference, as a sentence.
    difference: Option<String>,
    stop: Stop,
}

impl Comparison {
    fn differs(&mut self, what: String) {
        self.difference.get_or_insert(what);
        self.stop.request(StopRequest::Cancel);
    }

    fn compare_length(&mut self) {
        if self.difference.is_none() && self.seen != self.recorded.len() {
            let recorded = self.recorded.len();
            self.differs(format!("{recorded} epochs are recorded, training again gave {}", self.seen));
        }
    }

    fn epoch(&mut self, now: &Epoch) {
        // As it would be read from the file: reading a number may change its last bit, in the same way each time.
        let now =
            serde_json::to_string(now).and_then(|line| serde_json::from_str(&line)).unwrap_or(now.clone());
        match self.recorded.get(self.seen).map(Epoch::metrics) {
            Some(then) if then == now.metrics() => self.seen += 1,
            Some(then) => {
                let sentence = format!(
                    "epoch {} differs first: train loss {} then, {} now; test accuracy {} then, {} now",
                    now.epoch, then.train_loss, now.train_loss, then.test_acc, now.test_acc
                );
                self.differs(sentence);
            }
            None => self.differs(format!("epoch {} is not recorded", now.epoch)),
        }
    }
}

impl Sink for Comparison {
    fn event(&mut self, event: Event) -> Result<(), SinkError> {
        if let Event::Epoch(epoch) = &event {
            self.epoch(epoch);
        }
        Ok(())
    }

    fn checkpoint(&mut self, _: &Checkpoint) -> Result<(), SinkError> {
        Ok(())
    }

    fn picked(&mut self, rule: Rule, pick: &Pick) -> Result<(), SinkError> {
        let recorded = self.dir.weights(rule)?;
        let same = match (&pick.weights, recorded) {
            (_, None) => false,
            (Saved::Network(now), Some(bytes)) => {
                let then = LoadedWeights::from_bytes(&bytes)?;
                now.tensors.iter().all(|(name, tensor)| then.tensors.get(name) == Some(tensor))
            }
            (Saved::Baseline(now), Some(bytes)) => Fitted::from_bytes(&bytes)? == now.fitted,
        };
        if !same {
            self.differs(format!("the weights that rule {} picks differ, or are missing", rule.name()));
        }
        Ok(())
    }
}
