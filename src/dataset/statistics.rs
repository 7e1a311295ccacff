//! What a person looks at before they train: ranges and gaps of each electrode, the course and the spectrum of each class,
//! how far each trial goes. Measured once for a set; figures alone, what to make of them is [`super::findings`]'.

use super::measured::{FAR, Part, Trace, median};
use super::{DataSet, TrialSet};
use crate::signal::Welch;
use rayon::prelude::*;

/// Seconds of a spectrum's segments: neighbouring frequencies are half a hertz apart.
const SEGMENT: f64 = 2.0;
/// Samples of a segment where the rate is not known.
const UNTIMED: usize = 256;

/// The figures of a set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    /// Of which set: its fingerprint.
    pub fingerprint: String,
    /// Training part, then test part.
    pub parts: [PartStatistics; 2],
    /// Frequencies of the spectra: Hz, or cycles a sample where the rate is not known.
    pub frequencies: Vec<f64>,
    /// Classes of the training part, in their order, electrode by electrode.
    pub classes: Vec<Vec<ClassCourse>>,
}

/// The figures of one part of a set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartStatistics {
    /// Electrode by electrode.
    pub electrodes: Vec<ElectrodeRange>,
    /// Trials of each subject and class.
    pub per_subject: Vec<Vec<usize>>,
    /// Trials in which samples are missing.
    pub incomplete: usize,
    /// How many times as far as the usual trial each goes, at the electrode where it goes furthest.
    pub reach: Vec<f64>,
    /// The trials, those that go furthest first.
    pub furthest: Vec<usize>,
}

/// One electrode in all trials of a part, µV; NaN where nothing was recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ElectrodeRange {
    /// The lowest value.
    pub low: f64,
    /// The highest.
    pub high: f64,
    /// The standard deviation within a trial, of all trials in the median.
    pub sd: f64,
    /// Samples that are missing.
    pub missing: usize,
}

/// One class at one electrode, over the training trials.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassCourse {
    /// The mean over trials at each sample, µV.
    pub mean: Vec<f64>,
    /// The standard deviation over trials at each sample (over n − 1), µV; NaN of a single trial.
    pub sd: Vec<f64>,
    /// The mean power spectral density of trials without gaps, µV² per unit of [`Statistics::frequencies`]; empty without any.
    pub spectrum: Vec<f64>,
}

impl PartStatistics {
    /// Whether a trial goes so far that it is told of as outlying.
    pub fn is_outlying(&self, trial: usize) -> bool {
        self.reach.get(trial).is_some_and(|reach| *reach > FAR)
    }
}

impl Statistics {
    /// Looks at every sample, in all threads.
    pub fn of(data: &DataSet) -> Self {
        let samples = data.train.samples;
        let rate = data.sfreq.filter(|rate| rate.is_finite() && *rate > 0.0);
        let segment = rate.map_or(UNTIMED, |rate| (SEGMENT * rate).round() as usize).clamp(1, samples.max(1));
        let welch = Welch::new(segment, rate.unwrap_or(1.0));
        let electrodes: Vec<Vec<ClassCourse>> = (0..data.train.electrodes)
            .into_par_iter()
            .map(|electrode| courses(&data.train, electrode, data.classes.len(), &welch))
            .collect();
        let of_class = |class: usize| electrodes.iter().map(|courses| courses[class].clone()).collect();
        Statistics {
            fingerprint: data.source.fingerprint.clone(),
            parts: [part(&data.train, data), part(&data.test, data)],
            frequencies: welch.frequencies(),
            classes: (0..data.classes.len()).map(of_class).collect(),
        }
    }

    /// The power spectrum of an electrode over all training trials: of the classes in the mean.
    pub fn spectrum(&self, electrode: usize) -> Vec<f64> {
        let spectra = || self.classes.iter().filter_map(|class| class.get(electrode));
        let known: Vec<&Vec<f64>> =
            spectra().map(|course| &course.spectrum).filter(|spectrum| !spectrum.is_empty()).collect();
        let at = |bin: usize| known.iter().map(|spectrum| spectrum[bin]).sum::<f64>() / known.len() as f64;
        if known.is_empty() { Vec::new() } else { (0..self.frequencies.len()).map(at).collect() }
    }
}

fn part(set: &TrialSet, data: &DataSet) -> PartStatistics {
    let measured = Part::of("", set);
    let trials = || 0..set.len();
    let range = |electrode: usize| {
        let of = |figure: fn(f64, f64) -> f64, value: fn(Trace) -> f64| {
            trials().map(|trial| value(measured.trace(trial, electrode))).fold(f64::NAN, figure)
        };
        let sds = trials().map(|trial| measured.trace(trial, electrode).sd).collect();
        let missing = |trial| set.electrode(trial, electrode).filter(|value| value.is_nan()).count();
        ElectrodeRange {
            low: of(f64::min, |trace| trace.least),
            high: of(f64::max, |trace| trace.most),
            sd: median(sds),
            missing: trials().map(missing).sum(),
        }
    };
    let reach = measured.reach();
    let mut furthest: Vec<usize> = trials().collect();
    furthest.sort_by(|&a, &b| reach[b].total_cmp(&reach[a]));
    PartStatistics {
        electrodes: (0..set.electrodes).map(range).collect(),
        per_subject: set.per_subject(data.subjects.len(), data.classes.len()),
        incomplete: set.incomplete(),
        reach,
        furthest,
    }
}

/// Sums over the trials of a class at one electrode.
struct Sums {
    /// Trials at each sample: gaps are passed over.
    trials: Vec<f64>,
    mean: Vec<f64>,
    /// Squared deviations, after B. P. Welford (1962): an offset costs no digits.
    squares: Vec<f64>,
    spectrum: Vec<f64>,
    spectra: f64,
}

impl Sums {
    fn of(samples: usize) -> Self {
        let zeros = || vec![0.0; samples];
        Sums { trials: zeros(), mean: zeros(), squares: zeros(), spectrum: Vec::new(), spectra: 0.0 }
    }

    fn take(&mut self, signal: &[f64], welch: &Welch) {
        for (place, &value) in signal.iter().enumerate().filter(|(_, value)| value.is_finite()) {
            self.trials[place] += 1.0;
            let from = value - self.mean[place];
            self.mean[place] += from / self.trials[place];
            self.squares[place] += from * (value - self.mean[place]);
        }
        if let Some(density) = welch.density(signal) {
            self.spectrum.resize(density.len(), 0.0);
            self.spectrum.iter_mut().zip(density).for_each(|(sum, power)| *sum += power);
            self.spectra += 1.0;
        }
    }

    fn course(mut self) -> ClassCourse {
        for place in 0..self.mean.len() {
            let trials = self.trials[place];
            let sd = if trials > 1.0 { (self.squares[place] / (trials - 1.0)).sqrt() } else { f64::NAN };
            self.squares[place] = sd;
            if trials == 0.0 {
                self.mean[place] = f64::NAN;
            }
        }
        self.spectrum.iter_mut().for_each(|sum| *sum /= self.spectra);
        ClassCourse { mean: self.mean, sd: self.squares, spectrum: self.spectrum }
    }
}

/// Each class at one electrode.
fn courses(set: &TrialSet, electrode: usize, classes: usize, welch: &Welch) -> Vec<ClassCourse> {
    let mut sums: Vec<Sums> = (0..classes).map(|_| Sums::of(set.samples)).collect();
    for (trial, &label) in set.labels.iter().enumerate() {
        let signal: Vec<f64> = set.electrode(trial, electrode).map(f64::from).collect();
        sums[label as usize].take(&signal, welch);
    }
    sums.into_iter().map(Sums::course).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::DataSource;
    use std::f64::consts::TAU;

    /// Four trials of two electrodes, 100 Hz: class 0 swings at 10 Hz at the first electrode, class 1 at 20 Hz; the second
    /// electrode is the trial's number.
    fn data() -> DataSet {
        let (samples, sfreq) = (400, 100.0);
        let labels = vec![0, 1, 0, 1];
        let mut signal = Vec::new();
        for (trial, &label) in labels.iter().enumerate() {
            let hertz = if label == 0 { 10.0 } else { 20.0 };
            for sample in 0..samples {
                signal.push((10.0 * (TAU * hertz * f64::from(sample) / sfreq).sin()) as f32);
                signal.push(trial as f32);
            }
        }
        let train = TrialSet {
            signal,
            samples: samples as usize,
            electrodes: 2,
            labels,
            subjects: vec![0, 0, 1, 1],
            ..TrialSet::default()
        };
        DataSet {
            source: DataSource { name: "made".into(), path: None, fingerprint: "f".into() },
            electrodes: vec!["C3".into(), "C4".into()],
            sfreq: Some(sfreq),
            classes: vec!["left".into(), "right".into()],
            subjects: vec!["A".into(), "B".into()],
            sessions: Vec::new(),
            runs: Vec::new(),
            test: TrialSet { samples: samples as usize, electrodes: 2, ..TrialSet::default() },
            train,
        }
    }

    #[test]
    fn spectra_of_classes_peak_where_they_swing() {
        let statistics = Statistics::of(&data());
        let peak = |class: usize| {
            let spectrum = &statistics.classes[class][0].spectrum;
            let place = (0..spectrum.len()).max_by(|&a, &b| spectrum[a].total_cmp(&spectrum[b])).unwrap();
            statistics.frequencies[place]
        };
        assert_eq!((peak(0), peak(1)), (10.0, 20.0));
        // The power of a swing of amplitude 10 is 50, wherever it lies.
        let power: f64 = statistics.classes[0][0].spectrum.iter().sum::<f64>() * 0.5;
        assert!((power - 50.0).abs() < 0.1, "{power}");
    }

    #[test]
    fn courses_are_means_over_trials_and_gaps_are_passed_over() {
        let mut data = data();
        let first = data.train.electrodes * 5 + 1;
        data.train.signal[first] = f32::NAN;
        let statistics = Statistics::of(&data);
        let second = &statistics.classes[0][1];
        assert_eq!((second.mean[0], second.sd[0]), (1.0, 2.0_f64.sqrt()));
        assert_eq!(second.mean[5], 2.0);
        assert!(second.sd[5].is_nan(), "of one trial there is no spread");
        let part = &statistics.parts[0];
        assert_eq!(part.incomplete, 1);
        assert_eq!(
            (part.electrodes[1].missing, part.electrodes[1].low, part.electrodes[1].high),
            (1, 0.0, 3.0)
        );
        assert!((part.electrodes[0].sd - 50.0_f64.sqrt()).abs() < 1e-5, "{:?}", part.electrodes[0]);
        assert_eq!(part.per_subject, [[1, 1], [1, 1]]);
    }

    #[test]
    fn trials_that_go_far_come_first() {
        let mut data = data();
        let trial = 2 * data.train.trial_len();
        data.train.signal[trial] = 1000.0;
        let statistics = Statistics::of(&data);
        assert_eq!(statistics.parts[0].furthest[0], 2);
        assert!(statistics.parts[0].reach[2] > 10.0 && statistics.parts[0].reach[0] < 2.0);
    }

    #[test]
    fn a_set_without_a_test_part_or_a_rate_has_figures_all_the_same() {
        let mut data = data();
        data.sfreq = None;
        let statistics = Statistics::of(&data);
        assert_eq!(statistics.frequencies.last(), Some(&0.5));
        assert!(statistics.parts[1].reach.is_empty());
        assert!(statistics.parts[1].electrodes[0].sd.is_nan());
        data.train = TrialSet { samples: 0, ..TrialSet::default() };
        assert_eq!(Statistics::of(&data).classes, [Vec::new(), Vec::new()]);
    }
}
