//! How long an epoch takes: the training's own code, timed, with nothing recorded.

use super::run::Training;
use super::{Checkpoint, Job, Pick, Sink, SinkError, Stop, TrainError};
use crate::event::Event;
use crate::nn::breakdown::{self, Part};
use crate::spec::Rule;
use std::time::Duration;

/// Seconds per epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct Pace {
    /// Training, median over the epochs.
    pub train: f64,
    /// Evaluation of the test trials, likewise.
    pub evaluation: f64,
    /// Seconds of all threads by kind of work, mean over the epochs; empty unless it was asked for.
    pub parts: Vec<(Part, f64)>,
}

/// Trains `epochs` epochs after one that warms up, and times them.
pub fn pace(job: &Job, epochs: usize, parts: bool) -> Result<Pace, TrainError> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(job.threads.max(1))
        .build()
        .map_err(TrainError::Threads)?;
    pool.install(|| {
        let (stop, mut nowhere) = (Stop::new(), Nowhere);
        let mut training = Training::begin(job, None, &stop, &mut nowhere)?;
        training.timed_epoch()?;
        breakdown::count(parts);
        let times: Result<Vec<_>, _> = (0..epochs.max(1)).map(|_| training.timed_epoch()).collect();
        let counted = if parts { breakdown::counted() } else { Vec::new() };
        breakdown::count(false);
        let (train, evaluation): (Vec<_>, Vec<_>) = times?.into_iter().unzip();
        let per_epoch = |time: Duration| time.as_secs_f64() / train.len() as f64;
        let parts = counted.into_iter().map(|(part, time)| (part, per_epoch(time))).collect();
        Ok(Pace { train: median(&train), evaluation: median(&evaluation), parts })
    })
}

fn median(times: &[Duration]) -> f64 {
    let mut seconds: Vec<f64> = times.iter().map(Duration::as_secs_f64).collect();
    seconds.sort_by(f64::total_cmp);
    let middle = seconds.len() / 2;
    match seconds.len() % 2 {
        0 => (seconds[middle - 1] + seconds[middle]) / 2.0,
        _ => seconds[middle],
    }
}

/// Takes everything and keeps nothing.
struct Nowhere;

impl Sink for Nowhere {
    fn event(&mut self, _: Event) -> Result<(), SinkError> {
        Ok(())
    }

    fn checkpoint(&mut self, _: &Checkpoint) -> Result<(), SinkError> {
        Ok(())
    }

    fn picked(&mut self, _: Rule, _: &Pick) -> Result<(), SinkError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_is_between_the_middle_two() {
        let seconds = |of: &[u64]| of.iter().map(|&s| Duration::from_secs(s)).collect::<Vec<_>>();
        assert_eq!(median(&seconds(&[5, 1, 3])), 3.0);
        assert_eq!(median(&seconds(&[4, 1, 3, 100])), 3.5);
    }
}
