//! How long things will take, judged by how long they took. What was never trained here has no estimate.

use super::list;
use crate::model::Model;
use crate::notebook::{RunState, RunSummary};
use crate::spec::Spec;

/// Seconds that an epoch of this run takes: its own, or those of the newest run of the same model and data.
pub fn seconds_per_epoch(spec: &Spec, own: Option<&RunSummary>, runs: &[RunSummary]) -> Option<f64> {
    own.and_then(measured).or_else(|| {
        let alike = |run: &&RunSummary| {
            run.spec.model == spec.model && run.spec.data.fingerprint == spec.data.fingerprint
        };
        runs.iter().filter(alike).filter(|run| run.epoch > 0).max_by_key(|run| run.updated).and_then(measured)
    })
}

fn measured(run: &RunSummary) -> Option<f64> {
    (run.epoch > 0 && run.seconds > 0.0).then(|| run.seconds / f64::from(run.epoch))
}

/// Seconds until a run that trains is done.
pub fn remaining(run: &RunSummary, runs: &[RunSummary]) -> Option<f64> {
    seconds_per_epoch(&run.spec, Some(run), runs).map(|seconds| seconds * f64::from(run.remaining()))
}

/// What is left to do: how many runs, and the seconds until the last is done, one after another.
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
pub fn backlog(runs: &[RunSummary]) -> Backlog {
    let training: Vec<&RunSummary> = runs.iter().filter(|run| run.state == RunState::Running).collect();
    let waiting = list::queue(runs);
    let mut costs = Costs::default();
    let busy = training.iter().map(|run| costs.of(run, runs)).sum::<Option<f64>>();
    let idle = waiting.iter().map(|run| costs.of(run, runs)).sum::<Option<f64>>();
    let slots = training.len().max(1) as f64;
    let seconds = busy.zip(idle).map(|(busy, idle)| (busy + idle) / slots);
    Backlog { training: training.len(), waiting: waiting.len(), seconds }
}

/// Seconds that these runs would take, one after another.
pub fn grid(specs: &[Spec], runs: &[RunSummary]) -> Option<f64> {
    let per_model = Model::ALL.map(|model| {
        specs.iter().find(|spec| spec.model == model).map(|spec| seconds_per_epoch(spec, None, runs))
    });
    specs
        .iter()
        .map(|spec| {
            let known = per_model[Model::ALL.iter().position(|model| *model == spec.model)?];
            known.flatten().map(|seconds| seconds * f64::from(spec.epochs))
        })
        .sum()
}

/// Seconds per epoch by model and data, looked up once each: thousands of runs may wait.
#[derive(Default)]
struct Costs<'a> {
    known: Vec<((Model, &'a str), Option<f64>)>,
}

impl<'a> Costs<'a> {
    fn of(&mut self, run: &'a RunSummary, runs: &[RunSummary]) -> Option<f64> {
        let key = (run.spec.model, run.spec.data.fingerprint.as_str());
        let found = self.known.iter().find(|(known, _)| *known == key).map(|(_, seconds)| *seconds);
        let typical = found.unwrap_or_else(|| {
            let seconds = seconds_per_epoch(&run.spec, None, runs);
            self.known.push((key, seconds));
            seconds
        });
        measured(run).or(typical).map(|seconds| seconds * f64::from(run.remaining()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;

    #[test]
    fn a_queue_takes_as_long_as_its_runs_took_before() {
        let runs = fixture::runs();
        let backlog = backlog(&runs);
        assert_eq!((backlog.training, backlog.waiting), (1, 2));
        // 88 epochs of the one that trains, 300 each of two EEGNets that wait, 0.5 s an epoch.
        assert_eq!(backlog.seconds, Some((88.0 + 600.0) * 0.5));
        assert_eq!(super::backlog(&[]).seconds, Some(0.0));
    }

    #[test]
    fn what_was_never_trained_here_has_no_estimate() {
        let mut spec = fixture::runs()[0].spec.clone();
        assert!(grid(&[spec.clone()], &fixture::runs()).is_some());
        spec.data.fingerprint = "of other data".into();
        assert_eq!(grid(&[spec], &fixture::runs()), None);
    }
}
