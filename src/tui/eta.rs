//! How long the queue and a grid will take, one run after another, judged by how long such runs took here.

use crate::notebook::{RunState, RunSummary};
use crate::plan::{Pace, rough_epoch_seconds};
use crate::spec::Spec;
use crate::tui::app::App;

/// What is left to do: how many runs, and the seconds until the last is done.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Backlog {
    /// Runs that train.
    pub training: usize,
    /// Runs that wait.
    pub waiting: usize,
    /// Seconds; `None` where some of it was never measured.
    pub seconds: Option<f64>,
}

/// All that trains and waits. Runs that train side by side are taken to end side by side.
pub fn backlog(runs: &[RunSummary], pace: &Pace) -> Backlog {
    let count = |wanted: &dyn Fn(RunState) -> bool| runs.iter().filter(|run| wanted(run.state)).count();
    let training = count(&|state| state == RunState::Running);
    let left = runs.iter().filter(|run| run.state == RunState::Running || run.state.awaits_worker());
    let seconds = left.map(|run| remaining(run, pace)).sum::<Option<f64>>();
    Backlog {
        training,
        waiting: count(&RunState::awaits_worker),
        seconds: seconds.map(|seconds| seconds / training.max(1) as f64),
    }
}

/// Seconds until a run is done, by its own epochs where it has some.
pub fn remaining(run: &RunSummary, pace: &Pace) -> Option<f64> {
    let own = (run.epoch > 0 && run.seconds > 0.0)
        .then(|| run.seconds / f64::from(run.epoch) * f64::from(run.remaining()));
    own.or_else(|| pace.remaining(run))
}

/// Seconds that new runs would take, and whether all of that was measured here rather than estimated from the networks'
/// size.
pub fn grid(specs: &[Spec], app: &App) -> Option<(f64, bool)> {
    let mut measured = true;
    let mut seconds = 0.0;
    for spec in specs {
        let epoch = match app.pace.epoch_seconds(spec) {
            Some(epoch) => epoch,
            None => {
                measured = false;
                let data = app.data.ready()?;
                let (train, test) = (data.train.len(), data.test.len());
                rough_epoch_seconds(spec, data.geometry(), train, test, app.load.cores).ok()?
            }
        };
        seconds += epoch * f64::from(spec.epochs);
    }
    Some((seconds, measured))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;

    #[test]
    fn a_queue_takes_as_long_as_its_runs_took_before() {
        let app = fixture::app(80, 24);
        let backlog = backlog(&app.runs, &app.pace);
        assert_eq!((backlog.training, backlog.waiting), (1, 2));
        // 88 epochs of the one that trains, 300 each of two EEGNets that wait, 0.5 s an epoch.
        assert_eq!(backlog.seconds, Some((88.0 + 600.0) * 0.5));
        assert_eq!(super::backlog(&[], &app.pace).seconds, Some(0.0));
    }

    #[test]
    fn what_was_never_trained_here_is_estimated_and_said_to_be() {
        let app = fixture::app(80, 24);
        let mut spec = app.runs[0].spec.clone();
        assert_eq!(grid(&[spec.clone()], &app), Some((150.0, true)));
        spec.data.fingerprint = "of other data".into();
        assert!(matches!(grid(&[spec], &app), Some((seconds, false)) if seconds > 0.0));
    }
}
