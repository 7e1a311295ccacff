//! What is measured of every trial, once for all that look at it.

use crate::dataset::{DataSet, TrialSet};

/// How far beyond the usual trial's peak an outlying one goes.
pub const FAR: f64 = 10.0;

/// One electrode of one trial; NaN throughout where nothing was recorded.
#[derive(Clone, Copy, Debug)]
pub struct Trace {
    pub mean: f64,
    pub sd: f64,
    pub least: f64,
    pub most: f64,
}

impl Trace {
    fn of(samples: impl Iterator<Item = f32> + Clone) -> Self {
        let known = || samples.clone().filter(|value| !value.is_nan()).map(f64::from);
        let count = known().count() as f64;
        let mean = known().sum::<f64>() / count;
        let sd = (known().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
        let (least, most) = (known().fold(f64::NAN, f64::min), known().fold(f64::NAN, f64::max));
        Trace { mean, sd, least, most }
    }

    /// Whether it holds one value, or none.
    pub fn is_flat(self) -> bool {
        self.mean.is_nan() || self.least == self.most
    }
}

/// The traces of one part of a set.
pub struct Part<'a> {
    pub name: &'static str,
    pub set: &'a TrialSet,
    traces: Vec<Trace>,
}

impl<'a> Part<'a> {
    /// Measures every trial.
    pub fn of(name: &'static str, set: &'a TrialSet) -> Self {
        let trials = 0..set.len();
        let of_trial = |trial| (0..set.electrodes).map(move |electrode| (trial, electrode));
        let trace = |(trial, electrode): (usize, usize)| {
            let samples = set.trial(trial).iter().skip(electrode).step_by(set.electrodes.max(1)).copied();
            Trace::of(samples)
        };
        Part { name, set, traces: trials.flat_map(of_trial).map(trace).collect() }
    }

    pub fn trace(&self, trial: usize, electrode: usize) -> Trace {
        self.traces[trial * self.set.electrodes + electrode]
    }

    /// A figure of an electrode in the usual one of these trials; NaN where it is flat in all.
    pub fn usual(
        &self,
        electrode: usize,
        trials: impl Iterator<Item = usize>,
        figure: fn(Trace) -> f64,
    ) -> f64 {
        let traces = trials.map(|trial| self.trace(trial, electrode)).filter(|trace| !trace.is_flat());
        median(traces.map(figure).collect())
    }

    /// The usual standard deviation of an electrode, of electrodes in the median; NaN where all are flat.
    pub fn scale(&self, trials: &[usize]) -> f64 {
        let of = |electrode| self.usual(electrode, trials.iter().copied(), |trace| trace.sd);
        median((0..self.set.electrodes).map(of).collect())
    }

    /// How many times as far as the usual trial each goes from the middle, at the electrode where it goes furthest.
    pub fn reach(&self) -> Vec<f64> {
        let trials = || 0..self.set.len();
        let electrodes = 0..self.set.electrodes;
        let middle: Vec<(f64, f64)> = electrodes
            .map(|electrode| {
                (
                    self.usual(electrode, trials(), |trace| trace.mean),
                    self.usual(electrode, trials(), |trace| trace.sd),
                )
            })
            .collect();
        let peak = |trial: usize| {
            let at = |(electrode, &(mean, sd)): (usize, &(f64, f64))| {
                let trace = self.trace(trial, electrode);
                (trace.most - mean).max(mean - trace.least) / sd
            };
            middle.iter().enumerate().map(at).filter(|peak| peak.is_finite()).fold(0.0, f64::max)
        };
        let peaks: Vec<f64> = trials().map(peak).collect();
        let usual = median(peaks.clone());
        peaks.into_iter().map(|peak| if peak > 0.0 { peak / usual } else { 0.0 }).collect()
    }

    /// Trials that go more than ten times as far as the usual one, at some electrode.
    pub fn outlying(&self) -> Vec<usize> {
        let reach = self.reach();
        (0..self.set.len()).filter(|&trial| reach[trial] > FAR).collect()
    }
}

/// A set with the traces of its trials.
pub struct Measured<'a> {
    pub data: &'a DataSet,
    pub train: Part<'a>,
    pub test: Part<'a>,
}

impl<'a> Measured<'a> {
    pub fn of(data: &'a DataSet) -> Self {
        Measured { data, train: Part::of("training", &data.train), test: Part::of("test", &data.test) }
    }

    /// Training trials, then test trials.
    pub fn parts(&self) -> [&Part<'a>; 2] {
        [&self.train, &self.test]
    }
}

/// The trials of a set that go more than ten times as far as the usual one, ascending.
pub fn outlying(set: &TrialSet) -> Vec<usize> {
    Part::of("", set).outlying()
}

/// The median of what is a number; NaN of nothing.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.retain(|value| !value.is_nan());
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        count => (values[(count - 1) / 2] + values[count / 2]) / 2.0,
    }
}
