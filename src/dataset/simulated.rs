//! The built-in data set, for a notebook without recordings: two made-up people imagine moving the left or the right
//! hand. It has the reference set's geometry and its flaws, is the same on every machine, and is no real EEG: whatever
//! shows it says so.
//!
//! A trial is a 1/f background, part of which both electrodes share, and mu and beta rhythms that weaken over the
//! hemisphere opposite to the hand during imagery (event-related desynchronisation, Pfurtscheller and Lopes da Silva
//! 1999). How much they weaken differs from trial to trial, in some not at all, so that no classifier can be perfect.

use super::{DataSet, TrialSet, fingerprint::fingerprint};
use crate::random::{self, Purpose};
use crate::spec::DataSource;
use rand_chacha::rand_core::Rng;
use rayon::prelude::*;

const SFREQ: f64 = 125.0;
/// Samples of a trial.
pub const SAMPLES: usize = 750;
/// Electrodes of a sample.
pub const ELECTRODES: usize = 2;
/// Trials of one person in one set.
const TRIALS: usize = 540;
/// The amplifier's step, µV. Rounding to it hides the last bits, in which mathematical libraries differ.
const STEP: f64 = 1.0 / 64.0;
/// Names this set among all that the stream for simulations could make.
const SEED: u64 = 0x0045_4547;

/// What is particular to a person.
struct Subject {
    name: &'static str,
    /// Standard deviation of the background, µV.
    background: f64,
    /// Standard deviation of the rhythms at rest, µV, and their frequencies, Hz.
    mu: (f64, f64),
    beta: (f64, f64),
    /// Share of the rhythms' amplitude that imagery takes away: mean and standard deviation over trials.
    desynchronisation: (f64, f64),
    /// Share of the trials in which the person does not attend.
    absent: f64,
    /// The amplifier's range, ± µV.
    range: f64,
    /// Share of the trials with a run of missing samples.
    missing: f64,
}

const PEOPLE: [Subject; 2] = [
    Subject {
        name: "sim1",
        background: 6.5,
        mu: (4.5, 10.5),
        beta: (2.0, 20.0),
        desynchronisation: (0.45, 0.2),
        absent: 0.19,
        range: 50.0,
        missing: 0.1,
    },
    Subject {
        name: "sim2",
        background: 3.2,
        mu: (2.4, 11.5),
        beta: (1.2, 22.0),
        desynchronisation: (0.5, 0.2),
        absent: 0.15,
        range: 100.0,
        missing: 0.0,
    },
];

/// Makes the set; a few hundredths of a second.
pub fn simulate() -> DataSet {
    let mut data = DataSet {
        source: DataSource { name: DataSource::SIMULATED.into(), path: None, fingerprint: String::new() },
        electrodes: vec!["C3".into(), "C4".into()],
        sfreq: Some(SFREQ),
        classes: vec!["1".into(), "2".into()],
        subjects: names(),
        sessions: vec![],
        runs: vec![],
        train: session(0),
        test: session(1),
    };
    data.source.fingerprint = fingerprint(&data);
    data
}

/// Names of the two people.
pub fn names() -> Vec<String> {
    PEOPLE.iter().map(|person| person.name.to_owned()).collect()
}

/// Trials of a set, both people's.
pub fn trials() -> usize {
    PEOPLE.len() * TRIALS
}

/// One set of both people's trials.
fn session(session: u32) -> TrialSet {
    let mut set = TrialSet { samples: SAMPLES, electrodes: ELECTRODES, ..TrialSet::default() };
    for (subject, person) in PEOPLE.iter().enumerate() {
        let part = session * PEOPLE.len() as u32 + subject as u32;
        let mut labels: Vec<u32> = (0..TRIALS as u32).map(|trial| trial % 2).collect();
        random::shuffle(&mut random::stream(SEED, Purpose::Simulation, part, u32::MAX), &mut labels);
        let trials: Vec<Vec<f32>> = labels
            .par_iter()
            .enumerate()
            .map(|(trial, &class)| {
                person.trial(class, &mut random::stream(SEED, Purpose::Simulation, part, trial as u32))
            })
            .collect();
        set.signal.extend(trials.into_iter().flatten());
        set.labels.extend(labels);
        set.subjects.extend([subject as u16; TRIALS]);
    }
    set
}

impl Subject {
    /// One trial, (sample, electrode). Class 0 is the left hand, which the right hemisphere (C4) moves.
    fn trial(&self, class: u32, rng: &mut impl Rng) -> Vec<f32> {
        let attends = random::unit(rng) >= self.absent;
        let (mean, sd) = self.desynchronisation;
        let strength = (mean + sd * random::normal(rng)).clamp(0.0, 0.95);
        let onset = SFREQ * (1.0 + 0.8 * random::unit(rng));
        let shared = pink(rng);
        let mut signal = vec![0.0; SAMPLES * ELECTRODES];
        for electrode in 0..ELECTRODES {
            let contralateral = electrode as u32 != class;
            let lost = match (attends, contralateral) {
                (false, _) => 0.0,
                (true, true) => strength,
                (true, false) => 0.3 * strength,
            };
            let (own, mu, beta) = (pink(rng), rhythm(self.mu, rng), rhythm(self.beta, rng));
            for sample in 0..SAMPLES {
                let left = 1.0 - lost * during_imagery(sample as f64 - onset);
                let background = self.background * (0.6 * shared[sample] + 0.8 * own[sample]);
                signal[sample * ELECTRODES + electrode] = background + left * (mu[sample] + beta[sample]);
            }
        }
        self.blink_and_drift(&mut signal, rng);
        self.record(&signal, rng)
    }

    /// Adds what has nothing to do with the hand.
    fn blink_and_drift(&self, signal: &mut [f64], rng: &mut impl Rng) {
        let slope = self.background * random::normal(rng);
        let blinks = random::unit(rng) < 0.15;
        let at = SAMPLES as f64 * random::unit(rng);
        let height = self.background * (2.0 + 5.0 * random::unit(rng));
        for (sample, electrodes) in signal.chunks_exact_mut(ELECTRODES).enumerate() {
            let time = sample as f64;
            let drift = slope * (time / SAMPLES as f64 - 0.5);
            // A third of a second, rising and falling as a parabola.
            let blink = (1.0 - ((time - at) / (SFREQ / 6.0)).powi(2)).max(0.0);
            for value in electrodes {
                *value += drift + if blinks { height * blink } else { 0.0 };
            }
        }
    }

    /// What the amplifier makes of it: steps, a limited range, and sometimes nothing for a while.
    fn record(&self, signal: &[f64], rng: &mut impl Rng) -> Vec<f32> {
        let mut recorded: Vec<f32> = signal
            .iter()
            .map(|value| ((value / STEP).round() * STEP).clamp(-self.range, self.range) as f32)
            .collect();
        if random::unit(rng) < self.missing {
            let length = 5 + random::below(rng, 60) as usize;
            let start = random::below(rng, (SAMPLES - length) as u32) as usize;
            recorded[start * ELECTRODES..(start + length) * ELECTRODES].fill(f32::NAN);
        }
        recorded
    }
}

/// From 0 to 1 within half a second after the onset, and back at four seconds.
fn during_imagery(samples_since_onset: f64) -> f64 {
    let seconds = samples_since_onset / SFREQ;
    smooth_step(seconds / 0.5) - smooth_step((seconds - 3.5) / 0.5)
}

/// 0 below 0, 1 above 1, and 3x² − 2x³ between.
fn smooth_step(x: f64) -> f64 {
    let x = x.clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

/// White noise of unit variance: the sum of four uniform numbers, close to normal and the same on every machine.
/// Filtered, as it is everywhere here, no one can tell it from normal noise.
fn white(rng: &mut impl Rng) -> f64 {
    let bits = rng.next_u64();
    let sum: u64 = (0..4).map(|part| (bits >> (16 * part)) & 0xffff).sum();
    // Four uniform numbers from 0 to 65535: mean 2 · 65535, variance 4 · 65536² / 12.
    (sum as f64 - 131_070.0) / (65_536.0 / 3.0_f64.sqrt())
}

/// Noise whose power falls as 1/f from about 0.4 to 60 Hz, of unit variance: first-order low passes a factor 5 apart,
/// each with the same variance.
fn pink(rng: &mut impl Rng) -> Vec<f64> {
    let poles = [0.4, 2.0, 10.0, 50.0].map(|cutoff: f64| (-std::f64::consts::TAU * cutoff / SFREQ).exp());
    let mut states = [0.0; 4].map(|_: f64| 0.5 * white(rng));
    (0..SAMPLES)
        .map(|_| {
            for (state, pole) in states.iter_mut().zip(poles) {
                *state = pole * *state + 0.5 * (1.0 - pole * pole).sqrt() * white(rng);
            }
            states.iter().sum()
        })
        .collect()
}

/// A rhythm of (standard deviation, frequency): noise through a resonance about 1.5 Hz wide, so that it waxes and wanes.
fn rhythm((sd, frequency): (f64, f64), rng: &mut impl Rng) -> Vec<f64> {
    let turn = std::f64::consts::TAU * frequency / SFREQ;
    let radius = (-std::f64::consts::PI * 1.5 / SFREQ).exp();
    let (first, second) = (2.0 * radius * turn.cos(), -radius * radius);
    // Stationary variance of an AR(2) process (Box and Jenkins) under unit noise.
    let variance = (1.0 - second) / ((1.0 + second) * ((1.0 - second).powi(2) - first * first));
    let gain = sd / variance.sqrt();
    let (mut last, mut before) = (0.0, 0.0);
    let mut step = || {
        let next = first * last + second * before + gain * white(rng);
        before = last;
        last = next;
        next
    };
    // Long enough for the resonance to forget its start.
    (0..125).for_each(|_| _ = step());
    (0..SAMPLES).map(|_| step()).collect()
}
