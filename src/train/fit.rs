//! A baseline as a run: fitted once, to all training trials. What a network does epoch after epoch it does at once, so that
//! its one state is what every honest rule picks, and there is nothing to go on from.

use super::report;
use super::saved::{Saved, SavedBaseline};
use super::{Job, Outcome, Pick, Sink, Stop, StopRequest, TrainError};
use crate::baseline::{Fitted, Trials};
use crate::dataset::{Prepared, TrialSet};
use crate::event::{Epoch, Event, Finished, Stopped, TrialCounts};
use crate::model::Baseline;
use crate::predictions::{Prediction, Predictions};
use crate::spec::Rule;

/// Its only epoch, so that what reads epochs reads baselines too.
const FIT: u32 = 1;

/// Fits a baseline and says what it reaches. A request to stop is seen before and after the fit, which takes seconds.
pub(super) fn fit(
    job: &Job,
    baseline: Baseline,
    stop: &Stop,
    sink: &mut dyn Sink,
) -> Result<Outcome, TrainError> {
    let data = job.data;
    job.spec.check()?;
    let trials = TrialCounts { train: data.train.len(), validation: 0, test: data.test.len() };
    sink.event(Event::Started(Box::new(report::started(job, 0, trials))))?;
    if let Some(request) = stop.requested() {
        return stopped(request, sink);
    }
    let began = job.clock.now();
    let band = job.spec.band.map(|band| (band, data.sfreq));
    let train = Trials::of(&data.train);
    let fitted = Fitted::fit(baseline, band, &train, &data.train.labels, data.classes.len())?;
    let places: Vec<usize> = (0..train.len()).collect();
    let train = said(data, &data.train, &places, &fitted.scores(&train)?);
    let test = said(data, &data.test, &data.judged, &fitted.scores(&Trials::of(&data.test))?);
    if let Some(request) = stop.requested() {
        return stopped(request, sink);
    }
    let epoch = Epoch {
        epoch: FIT,
        train_loss: train.loss,
        train_acc: train.predictions.accuracy(),
        val_loss: None,
        val_acc: None,
        test_loss: test.loss,
        test_acc: test.predictions.accuracy(),
        seconds: (job.clock.now() - began).as_secs_f64(),
    };
    sink.event(Event::Epoch(epoch.clone()))?;
    let applies = |rule: &Rule| rule.applies(job.spec);
    for rule in Rule::ALL.into_iter().filter(applies) {
        let about = report::about(job, data.geometry(), rule, FIT);
        let weights = Saved::Baseline(SavedBaseline { fitted: fitted.clone(), about });
        let predictions = test.predictions.clone();
        sink.picked(rule, &Pick { epoch: FIT, weights, predictions, validation: None })?;
    }
    let by_rule = |rule: Rule| applies(&rule).then_some(epoch.test_acc);
    let finished = Finished {
        test_acc: Rule::ALL.map(|rule| (rule, by_rule(rule))).into(),
        picked: Rule::ALL.map(|rule| (rule, applies(&rule).then_some(FIT))).into(),
        remark: fitted.remark().map(str::to_owned),
        ..report::finished(job, &epoch, FIT, epoch.seconds)
    };
    sink.event(Event::Finished(finished.clone()))?;
    Ok(Outcome::Finished(finished))
}

/// There is no checkpoint: what is taken up again starts from nothing.
fn stopped(request: StopRequest, sink: &mut dyn Sink) -> Result<Outcome, TrainError> {
    let stopped = Stopped { epoch: 0, reason: None };
    Ok(match request {
        StopRequest::Cancel => {
            sink.event(Event::Cancelled(stopped))?;
            Outcome::Cancelled
        }
        StopRequest::Pause => {
            sink.event(Event::Paused(stopped))?;
            Outcome::Paused
        }
        StopRequest::Interrupt => Outcome::Interrupted,
    })
}

/// What is said about trials, and its mean cross-entropy.
pub(super) struct Said {
    pub(super) predictions: Predictions,
    pub(super) loss: f64,
}

/// Scores, (trial, class) in row order, in words: their softmax is the probability of each class. `places` are where each trial
/// of the set comes from.
pub(super) fn said(data: &Prepared, set: &TrialSet, places: &[usize], scores: &[f64]) -> Said {
    let mut loss = 0.0;
    let row = |(trial, scores): (usize, &[f64])| {
        let (largest, logs) = log_softmax(scores);
        let label = set.labels[trial];
        loss -= logs[label as usize];
        Prediction {
            trial: places.get(trial).copied().unwrap_or(trial),
            subject: data.subjects.get(usize::from(set.subjects[trial])).cloned().unwrap_or_default(),
            label,
            predicted: largest as u32,
            probabilities: logs.iter().map(|log| log.exp()).collect(),
        }
    };
    let rows: Vec<Prediction> = scores.chunks(data.classes.len().max(1)).enumerate().map(row).collect();
    let loss = loss / rows.len().max(1) as f64;
    Said { predictions: Predictions { classes: data.classes.clone(), rows }, loss }
}

/// The place of the largest score, the first of equals, and the logarithm of each class's probability.
fn log_softmax(scores: &[f64]) -> (usize, Vec<f64>) {
    let mut largest = 0;
    for (class, score) in scores.iter().enumerate() {
        if *score > scores[largest] {
            largest = class;
        }
    }
    let top = scores.get(largest).copied().unwrap_or(0.0);
    let total = top + scores.iter().map(|score| (score - top).exp()).sum::<f64>().ln();
    (largest, scores.iter().map(|score| score - total).collect())
}
