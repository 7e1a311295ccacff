//! The loop over epochs.

use super::selection::Candidate;
use super::trials::{Scores, Trials, trials_of};
use super::{
    Checkpoint, CheckpointError, Job, Outcome, Picks, Sink, Stop, StopRequest, TrainError, deciding, report,
};
use crate::event::{Epoch, Event, Failed, Started, Stopped, TrialCounts};
use crate::model::Network;
use crate::nn::TrainingState;
use crate::nn::trainer::{self, Beginning, Trainer, trainer};
use crate::spec::Rule;
use candle_core::Result as DeviceResult;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

/// Time of training after which a checkpoint is due.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(10);

/// A training under way.
pub(super) struct Training<'a> {
    job: &'a Job<'a>,
    stop: &'a Stop,
    sink: &'a mut dyn Sink,
    network: Network,
    trainer: Box<dyn Trainer>,
    train: Trials,
    validation: Option<Trials>,
    test: Trials,
    /// Epochs done.
    epoch: u32,
    /// Seconds that they took.
    seconds: f64,
    last: Option<Epoch>,
    picks: Picks,
    /// When the last checkpoint was written.
    saved: Duration,
    /// The epochs whose results were kept so far, by rule.
    provisional: BTreeMap<Rule, u32>,
}

/// How an epoch ended.
enum EpochEnd {
    /// With its figures, and what the network says about the test trials now.
    Done(Epoch, Scores),
    /// It was given up; the training stands where it was before.
    Stopped(StopRequest),
    /// A loss is no number any more, for the reason given.
    Diverged(String),
}

impl<'a> Training<'a> {
    /// Puts everything where it is computed, at the start or where the checkpoint left off.
    pub(super) fn begin(
        job: &'a Job<'a>,
        resume: Option<Checkpoint>,
        stop: &'a Stop,
        sink: &'a mut dyn Sink,
    ) -> Result<Self, TrainError> {
        let (spec, data) = (job.spec, job.data);
        spec.check()?;
        let network = spec.model.network(data.geometry(), spec.activation, spec.dropout)?;
        // The places of the sets among those that the trainer has.
        let sets = [Some(&data.train), Some(&data.test), data.validation.as_ref()];
        let beginning = Beginning {
            seed: spec.seed,
            lr: spec.lr,
            weight_decay: spec.weight_decay,
            sets: sets.into_iter().flatten().map(trials_of).collect(),
        };
        let labelled = |set, place| Trials::new(set, data.classes.len(), place);
        let mut training = Training {
            trainer: trainer(job.device, &network, &beginning)?,
            network,
            train: labelled(&data.train, 0),
            validation: data.validation.as_ref().map(|set| labelled(set, 2)),
            test: labelled(&data.test, 1),
            epoch: 0,
            seconds: 0.0,
            last: None,
            picks: Picks::default(),
            saved: job.clock.now(),
            provisional: BTreeMap::new(),
            job,
            stop,
            sink,
        };
        if let Some(checkpoint) = resume {
            training.go_on_from(checkpoint)?;
        }
        Ok(training)
    }

    /// Trains to the end, or until it is told to stop.
    pub(super) fn run(mut self) -> Result<Outcome, TrainError> {
        self.sink.event(Event::Started(Box::new(self.started())))?;
        while self.epoch < self.job.spec.epochs {
            match self.next_epoch()? {
                EpochEnd::Done(figures, test) => self.keep(figures, &test)?,
                EpochEnd::Stopped(request) => return self.stop(request),
                EpochEnd::Diverged(error) => return self.fail(error),
            }
        }
        self.finish()
    }

    /// Trains and evaluates one epoch for the clock alone; gives the time of each. The figures are thrown away.
    pub(super) fn timed_epoch(&mut self) -> Result<(Duration, Duration), TrainError> {
        let began = self.job.clock.now();
        let _ = self.train_batches()?;
        let trained = self.job.clock.now();
        self.test.evaluate(self.trainer.as_mut())?;
        self.epoch += 1;
        Ok((trained - began, self.job.clock.now() - trained))
    }

    fn next_epoch(&mut self) -> Result<EpochEnd, TrainError> {
        let began = self.job.clock.now();
        let (train_loss, train_acc) = match self.train_batches()? {
            ControlFlow::Continue(figures) => figures,
            ControlFlow::Break(end) => return Ok(end),
        };
        let trainer = self.trainer.as_mut();
        let validation = self.validation.as_ref().map(|trials| trials.evaluate(trainer)).transpose()?;
        let test = self.test.evaluate(trainer)?;
        let figures = Epoch {
            epoch: self.epoch + 1,
            train_loss,
            train_acc,
            val_loss: validation.as_ref().map(|scores| scores.loss),
            val_acc: validation.as_ref().map(|scores| scores.accuracy),
            test_loss: test.loss,
            test_acc: test.accuracy,
            seconds: (self.job.clock.now() - began).as_secs_f64(),
        };
        if !(figures.val_loss.unwrap_or(0.0) + figures.test_loss).is_finite() {
            let what = "the loss on validation or test trials";
            return Ok(EpochEnd::Diverged(report::diverged(what, figures.epoch, self.job.spec)));
        }
        Ok(EpochEnd::Done(figures, test))
    }

    /// Trains on all batches of the next epoch; gives loss and accuracy. An epoch that is given up leaves nothing behind.
    fn train_batches(&mut self) -> Result<ControlFlow<EpochEnd, (f64, f64)>, TrainError> {
        let (spec, epoch) = (self.job.spec, self.epoch + 1);
        let batches = self.train.shuffled(spec.seed, epoch, spec.batch)?;
        let stop = self.stop.clone();
        let stopped: trainer::Stopped = Arc::new(move || stop.requested().is_some());
        let steps = loop {
            if let Some(steps) = self.trainer.train(epoch, &batches, &stopped)? {
                break steps;
            }
            // Unless the request was taken back meanwhile.
            if let Some(request) = self.stop.requested() {
                return Ok(ControlFlow::Break(EpochEnd::Stopped(request)));
            }
        };
        if let Some(batch) = steps.iter().position(|[loss, _]| !loss.is_finite()) {
            self.trainer.undo();
            let error = report::diverged(&format!("the loss of batch {}", batch + 1), epoch, spec);
            return Ok(ControlFlow::Break(EpochEnd::Diverged(error)));
        }
        let trials = batches.iter().map(|rows| rows.len() as f64);
        let loss: f64 = steps.iter().zip(trials).map(|(&[loss, _], trials)| f64::from(loss) * trials).sum();
        let right: f64 = steps.iter().map(|&[_, right]| f64::from(right)).sum();
        let all = self.train.len().max(1) as f64;
        Ok(ControlFlow::Continue((loss / all, right / all)))
    }

    /// Takes a finished epoch into the records.
    fn keep(&mut self, figures: Epoch, test: &Scores) -> Result<(), TrainError> {
        self.epoch = figures.epoch;
        self.seconds += figures.seconds;
        let mut picks = std::mem::take(&mut self.picks);
        picks.consider(&figures, |score| self.candidate(score, test))?;
        self.picks = picks;
        self.last = Some(figures.clone());
        self.sink.event(Event::Epoch(figures))?;
        let due = self.job.clock.now() - self.saved >= CHECKPOINT_EVERY;
        if due && self.epoch < self.job.spec.epochs { self.save() } else { Ok(()) }
    }

    /// The present weights, as something that a rule may pick.
    fn candidate(&self, score: f64, test: &Scores) -> DeviceResult<Candidate> {
        let (theta, running) = self.trainer.values()?;
        let (step, logits) = (self.trainer.step(), test.logits.clone());
        Ok(Candidate { epoch: self.epoch, score, step, theta, running, logits })
    }

    fn save(&mut self) -> Result<(), TrainError> {
        let TrainingState { theta, running, m, v, step } = self.trainer.state()?;
        let checkpoint = Checkpoint {
            spec_hash: self.job.spec.hash(),
            epoch: self.epoch,
            seconds: self.seconds,
            last: self.last.clone(),
            theta,
            running,
            m,
            v,
            step,
            picks: self.picks.clone(),
        };
        self.sink.checkpoint(&checkpoint)?;
        self.keep_best()?;
        self.saved = self.job.clock.now();
        Ok(())
    }

    /// Keeps weights and predictions of the best epochs so far, where they changed since.
    fn keep_best(&mut self) -> Result<(), TrainError> {
        let best = [(Rule::Validation, &self.picks.validation), (Rule::BestTest, &self.picks.best_test)];
        let changed = best.into_iter().filter_map(|(rule, candidate)| Some((rule, candidate.clone()?)));
        let changed: Vec<_> = changed
            .filter(|(rule, candidate)| self.provisional.get(rule) != Some(&candidate.epoch))
            .collect();
        for (rule, candidate) in changed {
            self.keep_provisional(rule, candidate)?;
        }
        Ok(())
    }

    fn keep_provisional(&mut self, rule: Rule, candidate: Candidate) -> Result<(), TrainError> {
        self.provisional.insert(rule, candidate.epoch);
        let held_out = self.on_validation(Some(&candidate))?;
        let pick = report::pick(self.job, &self.network, rule, candidate, held_out)?;
        Ok(self.sink.provisional(rule, &pick)?)
    }

    /// What a run that is given up has reached: its checkpoint, and the best and the last epoch.
    fn keep_all(&mut self) -> Result<(), TrainError> {
        if self.epoch == 0 {
            return Ok(());
        }
        self.save()?;
        let test = self.test.evaluate(self.trainer.as_mut())?;
        let last = self.candidate(test.accuracy, &test)?;
        self.keep_provisional(Rule::Last, last)
    }

    fn go_on_from(&mut self, checkpoint: Checkpoint) -> Result<(), TrainError> {
        if checkpoint.spec_hash != self.job.spec.hash() {
            return Err(CheckpointError::OtherSpec.into());
        }
        let Checkpoint { epoch, seconds, last, theta, running, m, v, step, picks, .. } = checkpoint;
        if m.len() != theta.len() || v.len() != theta.len() {
            return Err(CheckpointError::Damaged("Adam's memory has another length".into()).into());
        }
        self.trainer.set_state(TrainingState { theta, running, m, v, step })?;
        (self.epoch, self.seconds, self.last, self.picks) = (epoch, seconds, last, picks);
        Ok(())
    }

    fn stop(mut self, request: StopRequest) -> Result<Outcome, TrainError> {
        let stopped = Stopped { epoch: self.epoch, reason: None };
        match request {
            StopRequest::Cancel => {
                self.keep_all()?;
                self.sink.event(Event::Cancelled(stopped))?;
                Ok(Outcome::Cancelled)
            }
            StopRequest::Pause => {
                self.save()?;
                self.sink.event(Event::Paused(stopped))?;
                Ok(Outcome::Paused)
            }
            StopRequest::Interrupt => {
                self.save()?;
                Ok(Outcome::Interrupted)
            }
        }
    }

    fn fail(self, error: String) -> Result<Outcome, TrainError> {
        let failed = Failed { epoch: self.epoch, error };
        self.sink.event(Event::Failed(failed.clone()))?;
        Ok(Outcome::Failed(failed))
    }

    /// Gives the picks away and closes the run.
    fn finish(mut self) -> Result<Outcome, TrainError> {
        let test = self.test.evaluate(self.trainer.as_mut())?;
        let last = self.candidate(test.accuracy, &test)?;
        let picks = std::mem::take(&mut self.picks);
        let held_out = [
            self.on_validation(picks.validation.as_ref())?,
            self.on_validation(Some(&last))?,
            self.on_validation(picks.best_test.as_ref())?,
        ];
        let Training { job, sink, network, seconds, last: figures, epoch, .. } = self;
        let Some(figures) = figures else {
            return Err(CheckpointError::Damaged("it has no figures of its last epoch".into()).into());
        };
        let chosen = [
            (Rule::Validation, picks.validation),
            (Rule::Last, Some(last)),
            (Rule::BestTest, picks.best_test),
        ];
        let mut finished = report::finished(job, &figures, epoch, seconds);
        if let ((Some(picked), Some(said)), Some(in_last)) = ((&chosen[0].1, &held_out[0]), &held_out[1]) {
            finished.remark =
                deciding::remark(job, (picked.epoch, said.as_slice()), (epoch, in_last.as_slice()));
        }
        for ((rule, candidate), held_out) in chosen.into_iter().zip(held_out) {
            let pick = candidate.map(|candidate| report::pick(job, &network, rule, candidate, held_out));
            let pick = pick.transpose()?;
            finished.test_acc.insert(rule, pick.as_ref().map(|pick| pick.predictions.accuracy()));
            finished.picked.insert(rule, pick.as_ref().map(|pick| pick.epoch));
            if let Some(pick) = pick {
                sink.picked(rule, &pick)?;
            }
        }
        sink.event(Event::Finished(finished.clone()))?;
        Ok(Outcome::Finished(finished))
    }

    /// What a picked epoch's weights say about the trials held out, as logits.
    fn on_validation(&mut self, candidate: Option<&Candidate>) -> Result<Option<Vec<f32>>, TrainError> {
        let (Some(candidate), Some(trials)) = (candidate, &self.validation) else { return Ok(None) };
        Ok(Some(self.trainer.evaluate_with(trials.place(), &candidate.theta, &candidate.running)?))
    }

    fn started(&self) -> Started {
        let held_out = self.validation.as_ref().map_or(0, Trials::len);
        let trials = TrialCounts { train: self.train.len(), validation: held_out, test: self.test.len() };
        report::started(self.job, self.epoch, trials)
    }
}
