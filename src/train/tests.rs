use super::*;
use crate::dataset::TrialSet;
use crate::event::Epoch;
use crate::model::{Activation, Model};
use crate::random::{Purpose, normal, stream};
use crate::spec::DataSource;
use crate::train::LoadedWeights;
use std::sync::Mutex;

/// A clock that moves four seconds whenever it is read, so that every third epoch or so a checkpoint is due.
#[derive(Default)]
struct Ticks(Mutex<u64>);

impl Clock for Ticks {
    fn now(&self) -> std::time::Duration {
        let mut ticks = self.0.lock().unwrap();
        *ticks += 1;
        std::time::Duration::from_secs(4 * *ticks)
    }
}

/// Keeps all that a training says, and may ask it to stop.
#[derive(Default)]
struct Recorder {
    events: Vec<Event>,
    checkpoints: Vec<Vec<u8>>,
    picks: Vec<(Rule, Pick)>,
    provisional: Vec<(Rule, Pick)>,
    /// Called after each event.
    after: Option<After>,
}

type After = Box<dyn FnMut(&Event) -> Result<(), SinkError> + Send>;

impl Recorder {
    fn epochs(&self) -> Vec<Epoch> {
        let epoch = |event: &Event| match event {
            Event::Epoch(epoch) => Some(epoch.metrics()),
            _ => None,
        };
        self.events.iter().filter_map(epoch).collect()
    }

    fn last_checkpoint(&self) -> Checkpoint {
        Checkpoint::from_bytes(self.checkpoints.last().unwrap()).unwrap()
    }
}

impl Sink for Recorder {
    fn event(&mut self, event: Event) -> Result<(), SinkError> {
        let answer = self.after.as_mut().map_or(Ok(()), |after| after(&event));
        self.events.push(event);
        answer
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), SinkError> {
        self.checkpoints.push(checkpoint.to_bytes()?);
        Ok(())
    }

    fn provisional(&mut self, rule: Rule, pick: &Pick) -> Result<(), SinkError> {
        self.provisional.push((rule, pick.clone()));
        Ok(())
    }

    fn picked(&mut self, rule: Rule, pick: &Pick) -> Result<(), SinkError> {
        self.picks.push((rule, pick.clone()));
        Ok(())
    }
}

/// Two classes that differ in the slow part of the first electrode.
fn trials(count: usize, seed: u64) -> TrialSet {
    let mut rng = stream(seed, Purpose::Simulation, 0, 0);
    let labels: Vec<u32> = (0..count as u32).map(|trial| trial % 2).collect();
    let shift = |value: usize| if value.is_multiple_of(2) { 0.6 } else { 0.0 };
    let signal = labels.iter().flat_map(|&label| {
        let sign = if label == 0 { -1.0 } else { 1.0 };
        (0..64).map(|value| (normal(&mut rng) + sign * shift(value)) as f32).collect::<Vec<_>>()
    });
    TrialSet {
        signal: signal.collect(),
        samples: 32,
        electrodes: 2,
        labels: labels.clone(),
        subjects: (0..count).map(|trial| (trial % 3) as u16).collect(),
        ..TrialSet::default()
    }
}

fn data() -> Prepared {
    Prepared {
        train: trials(44, 1),
        validation: Some(trials(16, 2)),
        held_out: (0..16).map(|trial| 3 * trial).collect(),
        test: trials(30, 3),
        judged: (0..30).collect(),
        filling: None,
        classes: vec!["left".into(), "right".into()],
        subjects: vec!["A".into(), "B".into(), "C".into()],
        electrodes: vec!["C3".into(), "C4".into()],
        sfreq: None,
        fingerprint: "f".into(),
    }
}

fn spec() -> Spec {
    let data = DataSource { name: "tiny".into(), path: None, fingerprint: "f".into() };
    Spec { epochs: 8, batch: 16, ..Spec::recipe(Model::eegnet(), Activation::Elu { alpha: 1.0 }, data) }
}

fn run(
    spec: &Spec,
    data: &Prepared,
    threads: usize,
    resume: Option<Checkpoint>,
    stop: &Stop,
    recorder: &mut Recorder,
) -> Result<Outcome, TrainError> {
    let clock = Ticks::default();
    let provenance = Provenance::of_this_process(&Backend::CPU, None);
    let job = Job { id: "tiny", spec, data, device: &Backend::CPU, threads, provenance, clock: &clock };
    train(&job, resume, stop, recorder)
}

fn uninterrupted(spec: &Spec, threads: usize) -> Recorder {
    let mut recorder = Recorder::default();
    let outcome = run(spec, &data(), threads, None, &Stop::new(), &mut recorder).unwrap();
    assert!(matches!(outcome, Outcome::Finished(_)), "{outcome:?}");
    recorder
}

#[test]
fn one_spec_and_seed_give_the_same_run_on_any_number_of_threads() {
    let (one, three) = (uninterrupted(&spec(), 1), uninterrupted(&spec(), 3));
    assert_eq!(one.epochs(), three.epochs());
    assert_eq!(one.picks, three.picks);
    let other = uninterrupted(&Spec { seed: 1, ..spec() }, 1);
    assert_ne!(one.epochs(), other.epochs());
}

#[test]
fn it_learns_what_can_be_learnt() {
    let epochs = uninterrupted(&Spec { epochs: 20, ..spec() }, 2).epochs();
    let (first, last) = (&epochs[0], &epochs[19]);
    assert!(last.train_loss < 0.8 * first.train_loss, "{first:?} to {last:?}");
    assert!(last.test_acc > 0.8, "{last:?}");
}

#[test]
fn a_finished_run_says_what_each_rule_picks() {
    let recorder = uninterrupted(&spec(), 1);
    let epochs = recorder.epochs();
    let Some(Event::Finished(finished)) = recorder.events.last() else { panic!("not finished") };
    assert!(matches!(recorder.events[0], Event::Started(_)));
    assert_eq!((finished.id.as_str(), finished.epochs), ("tiny", 8));
    assert_eq!(recorder.picks.iter().map(|(rule, _)| *rule).collect::<Vec<_>>(), Rule::ALL);
    for (rule, pick) in &recorder.picks {
        let epoch = &epochs[pick.epoch as usize - 1];
        assert_eq!(finished.picked[rule], Some(pick.epoch));
        assert_eq!(finished.test_acc[rule], Some(epoch.test_acc), "{rule:?}");
        assert_eq!(pick.predictions.accuracy(), epoch.test_acc);
        assert_eq!(pick.predictions.rows.len(), 30);
        assert_eq!(pick.predictions.rows[4].subject, "B");
        // 44 trials in batches of 16 are three steps.
        let Saved::Network(weights) = &pick.weights else { panic!("a network's weights") };
        assert_eq!(weights.steps, 3 * u64::from(pick.epoch));
        let best = match rule {
            Rule::Validation => epochs.iter().all(|other| epoch.val_loss <= other.val_loss),
            Rule::BestTest => epochs.iter().all(|other| epoch.test_acc >= other.test_acc),
            Rule::Last => pick.epoch == 8,
        };
        assert!(best, "{rule:?} picks {epoch:?}");
    }
}

#[test]
fn a_held_out_trial_that_alone_decides_the_epoch_is_named() {
    let remark = |data: &Prepared| {
        let mut recorder = Recorder::default();
        run(&Spec { epochs: 20, ..spec() }, data, 1, None, &Stop::new(), &mut recorder).unwrap();
        let Some(Event::Finished(finished)) = recorder.events.pop() else { panic!("not finished") };
        finished.remark
    };
    assert_eq!(remark(&data()), None);
    // An artifact in a trial whose class nobody could tell: the more is learned, the surer the network is of the other.
    let mut spoilt = data();
    let held_out = spoilt.validation.as_mut().unwrap();
    let values = held_out.trial_len();
    held_out.labels[5] = 1 - held_out.labels[5];
    held_out.signal[5 * values..6 * values].iter_mut().for_each(|value| *value *= 1e3);
    let said = remark(&spoilt).unwrap();
    assert!(
        said.contains("without trial 15 of the data set (C,") && said.contains("--outliers drop"),
        "{said}"
    );
}

#[test]
fn without_held_out_trials_the_validation_rule_does_not_apply() {
    let mut recorder = Recorder::default();
    let data = Prepared { validation: None, ..data() };
    run(&Spec { validation: 0.0, epochs: 1, ..spec() }, &data, 1, None, &Stop::new(), &mut recorder).unwrap();
    let Some(Event::Finished(finished)) = recorder.events.last() else { panic!("not finished") };
    assert_eq!(finished.test_acc[&Rule::Validation], None);
    assert_eq!(recorder.epochs()[0].val_loss, None);
    assert_eq!(
        recorder.picks.iter().map(|(rule, _)| *rule).collect::<Vec<_>>(),
        [Rule::Last, Rule::BestTest]
    );
}

/// Trains until something stops it, in as many parts as it takes.
fn in_parts(
    spec: &Spec,
    mut stopper: impl FnMut(&Stop, u32) -> Box<dyn FnMut(&Event) + Send>,
) -> Vec<Recorder> {
    let mut parts: Vec<Recorder> = Vec::new();
    loop {
        let stop = Stop::new();
        let mut after = stopper(&stop, parts.len() as u32);
        let mut recorder = Recorder {
            after: Some(Box::new(move |event| {
                after(event);
                Ok(())
            })),
            ..Recorder::default()
        };
        let resume = parts.last().map(Recorder::last_checkpoint);
        let outcome = run(spec, &data(), 1 + parts.len() % 2, resume, &stop, &mut recorder).unwrap();
        parts.push(recorder);
        match outcome {
            Outcome::Finished(_) => return parts,
            Outcome::Interrupted => assert!(parts.len() < 100, "it never ends"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn an_interrupted_run_equals_an_uninterrupted_one() {
    let whole = uninterrupted(&spec(), 1);
    // At the end of the second epoch of each part, then ever later within the third.
    for delay in [0, 200, 1000, 4000] {
        let parts = in_parts(&spec(), |stop, _| {
            let (stop, mut epochs) = (stop.clone(), 0);
            Box::new(move |event| {
                epochs += u32::from(matches!(event, Event::Epoch(_)));
                let (stop, delay) = (stop.clone(), std::time::Duration::from_micros(delay));
                if epochs == 2 && delay.is_zero() {
                    stop.request(StopRequest::Interrupt);
                } else if epochs == 2 {
                    std::thread::spawn(move || {
                        std::thread::sleep(delay);
                        stop.request(StopRequest::Interrupt);
                    });
                }
            })
        });
        assert!(delay > 0 || parts.len() == 4, "{} parts", parts.len());
        let epochs: Vec<Epoch> = parts.iter().flat_map(Recorder::epochs).collect();
        assert_eq!(epochs, whole.epochs(), "after {delay} µs");
        assert_eq!(parts.last().unwrap().picks, whole.picks, "after {delay} µs");
        for part in &parts[..parts.len() - 1] {
            assert!(!matches!(part.events.last(), Some(Event::Paused(_) | Event::Finished(_))));
        }
    }
}

#[test]
fn a_killed_run_goes_on_from_any_checkpoint() {
    let whole = uninterrupted(&spec(), 1);
    assert!(whole.checkpoints.len() > 1, "the clock makes checkpoints due");
    for bytes in &whole.checkpoints {
        let checkpoint = Checkpoint::from_bytes(bytes).unwrap();
        let done = checkpoint.epoch as usize;
        let mut rest = Recorder::default();
        run(&spec(), &data(), 2, Some(checkpoint), &Stop::new(), &mut rest).unwrap();
        assert!(matches!(&rest.events[0], Event::Started(started) if started.epoch as usize == done));
        assert_eq!(rest.epochs(), whole.epochs()[done..]);
        assert_eq!(rest.picks, whole.picks);
    }
}

fn asked(request: StopRequest) -> (Outcome, Recorder) {
    let stop = Stop::new();
    let asking = stop.clone();
    let mut recorder = Recorder {
        after: Some(Box::new(move |event| {
            if matches!(event, Event::Epoch(epoch) if epoch.epoch == 3) {
                asking.request(request);
            }
            Ok(())
        })),
        ..Recorder::default()
    };
    let outcome = run(&spec(), &data(), 1, None, &stop, &mut recorder).unwrap();
    (outcome, recorder)
}

#[test]
fn a_pause_keeps_a_checkpoint_and_says_so() {
    let (outcome, recorder) = asked(StopRequest::Pause);
    assert_eq!(outcome, Outcome::Paused);
    assert!(matches!(recorder.events.last(), Some(Event::Paused(stopped)) if stopped.epoch == 3));
    assert_eq!(recorder.last_checkpoint().epoch, 3);
}

#[test]
fn a_cancelled_run_picks_nothing_and_keeps_its_best_so_far() {
    let (outcome, recorder) = asked(StopRequest::Cancel);
    assert_eq!(outcome, Outcome::Cancelled);
    assert!(matches!(recorder.events.last(), Some(Event::Cancelled(stopped)) if stopped.epoch == 3));
    assert!(recorder.picks.is_empty());
    assert_eq!(recorder.last_checkpoint().epoch, 3);
    let mut kept: Vec<Rule> = recorder.provisional.iter().map(|(rule, _)| *rule).collect();
    kept.sort();
    kept.dedup();
    let mut wanted = [Rule::Last, Rule::BestTest].to_vec();
    if recorder.epochs().iter().any(|epoch| epoch.val_loss.is_some()) {
        wanted.push(Rule::Validation);
    }
    wanted.sort();
    assert_eq!(kept, wanted);
}

#[test]
fn a_loss_that_is_no_number_fails_the_run_with_advice() {
    let mut recorder = Recorder::default();
    let spec = Spec { lr: 1e30, ..spec() };
    let outcome = run(&spec, &data(), 1, None, &Stop::new(), &mut recorder).unwrap();
    let Outcome::Failed(failed) = outcome else { panic!("{outcome:?}") };
    assert_eq!(recorder.events.last(), Some(&Event::Failed(failed.clone())));
    assert!(failed.error.contains(&format!("in epoch {}", failed.epoch + 1)), "{}", failed.error);
    assert!(failed.error.contains("--lr") && failed.error.contains("zscore"), "{}", failed.error);
}

#[test]
fn a_sink_that_fails_ends_the_training() {
    let mut recorder =
        Recorder { after: Some(Box::new(|_| Err("the disk is full".into()))), ..Recorder::default() };
    let error = run(&spec(), &data(), 1, None, &Stop::new(), &mut recorder).unwrap_err();
    assert!(error.to_string().contains("the disk is full"), "{error}");
}

#[test]
fn a_checkpoint_of_another_spec_is_refused() {
    let (_, recorder) = asked(StopRequest::Pause);
    let other = Spec { seed: 9, ..spec() };
    let checkpoint = Some(recorder.last_checkpoint());
    let error = run(&other, &data(), 1, checkpoint, &Stop::new(), &mut Recorder::default()).unwrap_err();
    assert!(matches!(error, TrainError::Checkpoint(CheckpointError::OtherSpec)), "{error}");
}

#[test]
fn saved_weights_score_again_what_was_recorded() {
    let recorder = uninterrupted(&spec(), 1);
    for (rule, pick) in &recorder.picks {
        let saved = LoadedWeights::from_bytes(&pick.weights.to_bytes().unwrap()).unwrap();
        assert_eq!(saved.spec(), Some(spec()));
        let again = evaluate(&saved, &spec().model, spec().activation, &data(), &Backend::CPU, 2).unwrap();
        assert_eq!(again.accuracy, pick.predictions.accuracy(), "{rule:?}");
        for (logits, row) in again.logits.iter().zip(&pick.predictions.rows) {
            let logits: Vec<f32> = logits.iter().map(|&logit| logit as f32).collect();
            let again: Vec<f64> = trials::softmax(&logits).into_iter().map(f64::from).collect();
            assert_eq!(again, row.probabilities);
        }
    }
}

#[test]
fn weights_for_other_data_are_refused_in_words() {
    let recorder = uninterrupted(&Spec { epochs: 1, ..spec() }, 1);
    let saved = LoadedWeights::from_bytes(&recorder.picks[0].1.weights.to_bytes().unwrap()).unwrap();
    let three = Prepared { classes: ["a", "b", "c"].map(String::from).into(), ..data() };
    let error = evaluate(&saved, &Model::eegnet(), Activation::Relu, &three, &Backend::CPU, 1)
        .unwrap_err()
        .to_string();
    assert!(error.contains("2 channels and 2 classes") && error.contains("3 classes"), "{error}");
    let mut broken = saved.clone();
    broken.tensors.get_mut("classify.bias").unwrap().1[0] = f32::NAN;
    let error = evaluate(&broken, &Model::eegnet(), Activation::Relu, &data(), &Backend::CPU, 1).unwrap_err();
    assert!(matches!(error, EvaluationError::NotFinite), "{error}");
}
