//! Butterworth filters of order 4, run forwards and backwards so that nothing is shifted in time. Design, order of the
//! sections, padding and initial states are those of SciPy (`butter(4, …, output='sos')`, `sosfiltfilt`), to rounding.

use std::f64::consts::PI;
use std::fmt;
use std::str::FromStr;

/// Order of the low-pass that each filter is made from. A band-pass has twice as many poles, and both passes together
/// twice as many again.
const ORDER: usize = 4;

/// Which frequencies pass, in Hz: between the two, above the one or below the other. Written `8-30`, `1-` and `-40`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PassBand {
    low: Option<f64>,
    high: Option<f64>,
}

/// Why a signal can't be filtered so.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FilterError {
    /// The edges make no band.
    #[error("{0} is no band of frequencies; write two numbers of Hz, the lower first, such as 8-30")]
    Band(String),
    /// An edge above what the sampling rate can hold.
    #[error("the band {band} Hz does not fit signals of {sfreq} Hz; its edges must lie below {} Hz", sfreq / 2.0)]
    Rate {
        /// What was to pass.
        band: PassBand,
        /// Samples a second.
        sfreq: f64,
    },
    /// Fewer samples than the padding at the ends is made from.
    #[error("a signal of {samples} samples is too short for this filter; it needs more than {padding}")]
    Short {
        /// How many there are.
        samples: usize,
        /// How many the padding needs.
        padding: usize,
    },
}

impl PassBand {
    /// A band between `low` and `high`, or open at one end.
    pub fn new(low: Option<f64>, high: Option<f64>) -> Result<Self, FilterError> {
        let band = PassBand { low, high };
        let edges = || low.iter().chain(&high);
        let positive = edges().all(|edge| edge.is_finite() && *edge > 0.0);
        let ordered = !low.zip(high).is_some_and(|(low, high)| low >= high);
        match positive && ordered && edges().next().is_some() {
            true => Ok(band),
            false => Err(FilterError::Band(format!("'{band}'"))),
        }
    }
}

impl fmt::Display for PassBand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let edge = |edge: Option<f64>| edge.map(|hz| hz.to_string()).unwrap_or_default();
        write!(f, "{}-{}", edge(self.low), edge(self.high))
    }
}

impl FromStr for PassBand {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        let wrong = || FilterError::Band(format!("'{text}'"));
        let (low, high) = text.split_once('-').ok_or_else(wrong)?;
        let edge = |text: &str| match text.trim() {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| wrong()),
        };
        PassBand::new(edge(low)?, edge(high)?)
    }
}

/// A filter for one sampling rate.
#[derive(Clone, Debug, PartialEq)]
pub struct Butterworth {
    /// Applied one after another: the poles nearest to the unit circle come last, the gain is in the first.
    sections: Vec<Section>,
}

/// (b₀ + b₁z⁻¹ + b₂z⁻²) / (1 + a₁z⁻¹ + a₂z⁻²).
#[derive(Clone, Copy, Debug, PartialEq)]
struct Section {
    b: [f64; 3],
    a: [f64; 2],
}

impl Butterworth {
    /// The filter that lets `band` pass of signals with `sfreq` samples a second.
    pub fn design(band: PassBand, sfreq: f64) -> Result<Self, FilterError> {
        let edges = [band.low, band.high];
        let fits = |hz: &f64| *hz < sfreq / 2.0;
        if !(sfreq.is_finite() && edges.iter().flatten().all(fits)) {
            return Err(FilterError::Rate { band, sfreq });
        }
        let prototype = (0..ORDER / 2).map(|pair| {
            let angle = PI * (2 * pair + 1) as f64 / (2 * ORDER) as f64;
            Complex::new(-angle.cos(), angle.sin())
        });
        // The bilinear transform bends frequencies; edges are bent the other way first. Its own rate cancels: 2.
        let bent = |hz: f64| 4.0 * (PI * hz / sfreq).tan();
        let (poles, zeros_at_one, zeros_at_minus_one, gain): (Vec<Complex>, _, _, f64) =
            match edges.map(|edge| edge.map(bent)) {
                [Some(low), Some(high)] => {
                    let (width, centre) = (high - low, (low * high).sqrt());
                    let split = |pole: Complex| {
                        let half = pole.times(width / 2.0);
                        let root = (half.squared() - Complex::new(centre * centre, 0.0)).root();
                        // The two lie in different half planes; each stands for itself and its conjugate.
                        [half + root, half - root]
                    };
                    (prototype.flat_map(split).collect(), ORDER, ORDER, width.powi(ORDER as i32))
                }
                [Some(low), None] => {
                    let poles: Vec<Complex> =
                        prototype.map(|pole| Complex::new(low, 0.0).divided_by(pole)).collect();
                    // The prototype's poles multiply to 1, so the gain stays 1.
                    (poles, ORDER, 0, 1.0)
                }
                [None, high] => {
                    let high = high.unwrap_or_default();
                    (prototype.map(|pole| pole.times(high)).collect(), 0, ORDER, high.powi(ORDER as i32))
                }
            };
        // Zeros of the analogue filter at 0 become 1, and those at infinity −1: s = 4 (z − 1)/(z + 1).
        let four = Complex::new(4.0, 0.0);
        let below: f64 = poles.iter().map(|&pole| (four - pole).squared_length()).product();
        let gain = gain * 4f64.powi(zeros_at_one as i32) / below;
        let mut poles: Vec<Complex> =
            poles.into_iter().map(|pole| (four + pole).divided_by(four - pole)).collect();
        poles.sort_by(|a, b| b.squared_length().total_cmp(&a.squared_length()));
        Ok(Butterworth { sections: sections(&poles, zeros_at_one / 2, zeros_at_minus_one / 2, gain) })
    }

    /// Samples that the padding at each end is made from; a signal must be longer.
    pub fn padding(&self) -> usize {
        3 * (2 * self.sections.len() + 1)
    }

    /// Filters a signal forwards and then backwards. Its ends are continued by turning it about its first and last
    /// sample, and the filter starts as if the first of these had always been there.
    pub fn forwards_and_backwards(&self, signal: &[f64]) -> Result<Vec<f64>, FilterError> {
        let padding = self.padding();
        let samples = signal.len();
        if samples <= padding {
            return Err(FilterError::Short { samples, padding });
        }
        let (first, last) = (signal[0], signal[samples - 1]);
        let before = signal[1..=padding].iter().rev().map(|value| 2.0 * first - value);
        let after = signal[samples - 1 - padding..samples - 1].iter().rev().map(|value| 2.0 * last - value);
        let mut extended: Vec<f64> = before.chain(signal.iter().copied()).chain(after).collect();
        for _ in 0..2 {
            self.run(&mut extended);
            extended.reverse();
        }
        extended.truncate(padding + samples);
        extended.drain(..padding);
        Ok(extended)
    }

    /// One pass, beginning in the state that a signal ends up in which has always been its first value.
    fn run(&self, signal: &mut [f64]) {
        let Some(&first) = signal.first() else { return };
        let mut steady = first;
        for section in &self.sections {
            let Section { b: [b0, b1, b2], a: [a1, a2] } = *section;
            let gain = (b0 + b1 + b2) / (1.0 + a1 + a2);
            let (mut z1, mut z2) = (steady * (gain - b0), steady * (b2 - a2 * gain));
            for value in signal.iter_mut() {
                let x = *value;
                let y = b0 * x + z1;
                z1 = b1 * x - a1 * y + z2;
                z2 = b2 * x - a2 * y;
                *value = y;
            }
            steady *= gain;
        }
    }
}

/// Pairs poles with the zeros nearest to them, those nearest to the unit circle first; these become the last sections.
/// `poles` (one of each conjugate pair) fall in length.
fn sections(poles: &[Complex], mut at_one: usize, mut at_minus_one: usize, gain: f64) -> Vec<Section> {
    let mut sections: Vec<Section> = poles
        .iter()
        .map(|pole| {
            let one_is_nearer = pole.re > 0.0;
            let take_one = at_minus_one == 0 || (one_is_nearer && at_one > 0);
            let (left, middle) = if take_one { (&mut at_one, -2.0) } else { (&mut at_minus_one, 2.0) };
            *left -= 1;
            Section { b: [1.0, middle, 1.0], a: [-2.0 * pole.re, pole.squared_length()] }
        })
        .collect();
    sections.reverse();
    if let Some(first) = sections.first_mut() {
        first.b = first.b.map(|coefficient| coefficient * gain);
    }
    sections
}

/// The little of complex arithmetic that a design needs.
#[derive(Clone, Copy, Debug)]
struct Complex {
    re: f64,
    im: f64,
}

impl Complex {
    fn new(re: f64, im: f64) -> Self {
        Complex { re, im }
    }

    fn times(self, factor: f64) -> Self {
        Complex::new(self.re * factor, self.im * factor)
    }

    fn squared_length(self) -> f64 {
        self.re * self.re + self.im * self.im
    }

    fn squared(self) -> Self {
        Complex::new(self.re * self.re - self.im * self.im, 2.0 * self.re * self.im)
    }

    /// The square root to the right of the imaginary axis.
    fn root(self) -> Self {
        let length = self.squared_length().sqrt();
        let half = |twice: f64| (twice / 2.0).max(0.0).sqrt();
        Complex::new(half(length + self.re), half(length - self.re).copysign(self.im))
    }

    fn divided_by(self, other: Self) -> Self {
        let length = other.squared_length();
        Complex::new(
            (self.re * other.re + self.im * other.im) / length,
            (self.im * other.re - self.re * other.im) / length,
        )
    }
}

impl std::ops::Add for Complex {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Complex::new(self.re + other.re, self.im + other.im)
    }
}

impl std::ops::Sub for Complex {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Complex::new(self.re - other.re, self.im - other.im)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn band(text: &str) -> PassBand {
        text.parse().unwrap()
    }

    fn filter(text: &str, sfreq: f64) -> Butterworth {
        Butterworth::design(band(text), sfreq).unwrap()
    }

    /// SciPy's coefficients, where the shared material is there.
    fn shared(file: &str) -> Option<serde_json::Value> {
        let root =
            std::env::var_os("EEG_TUI_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
        match std::fs::read(root.join(file)) {
            Ok(bytes) => serde_json::from_slice(&bytes).ok(),
            Err(_) => {
                eprintln!("skipped: no {file} in ../shared (set EEG_TUI_SHARED)");
                None
            }
        }
    }

    fn agrees(filter: &Butterworth, expected: &serde_json::Value) {
        let expected: Vec<Vec<f64>> = serde_json::from_value(expected.clone()).unwrap();
        assert_eq!(filter.sections.len(), expected.len());
        for (section, expected) in filter.sections.iter().zip(&expected) {
            let found = [&section.b[..], &[1.0], &section.a[..]].concat();
            let error = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(error < 1e-12, "{section:?} is not {expected:?}");
        }
    }

    #[test]
    fn the_sections_are_those_of_scipy() {
        if let Some(epochs) = shared("epochs/expected.json") {
            agrees(&filter("8-30", 160.0), &epochs["filter"]["sos_8_30_at_160"]);
        }
        if let Some(baselines) = shared("baselines/expected.json") {
            agrees(&filter("8-30", 256.0), &baselines["results"]["scp1/8-30"]["_data"]["sos"]);
        }
    }

    /// Height of a sine of `hz` after the filter, away from the ends.
    fn response(filter: &Butterworth, hz: f64, sfreq: f64) -> f64 {
        let sine: Vec<f64> = (0..4000).map(|n| (2.0 * PI * hz * n as f64 / sfreq).sin()).collect();
        let filtered = filter.forwards_and_backwards(&sine).unwrap();
        filtered[1000..3000].iter().fold(0.0, |most: f64, value| most.max(value.abs()))
    }

    #[test]
    fn both_passes_halve_an_edge_and_keep_the_middle() {
        for (text, edges, kept, gone) in [
            ("8-30", vec![8.0, 30.0], 15.5, 60.0),
            ("4-", vec![4.0], 40.0, 0.5),
            ("-40", vec![40.0], 5.0, 75.0),
        ] {
            let filter = filter(text, 160.0);
            for edge in edges {
                assert!((response(&filter, edge, 160.0) - 0.5).abs() < 0.01, "{text} at {edge} Hz");
            }
            assert!((response(&filter, kept, 160.0) - 1.0).abs() < 0.01, "{text} at {kept} Hz");
            assert!(response(&filter, gone, 160.0) < 1e-3, "{text} at {gone} Hz");
        }
    }

    #[test]
    fn a_constant_vanishes_from_a_band_and_stays_in_a_low_pass() {
        let constant = [3.0; 100];
        let largest = |values: Vec<f64>| values.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
        assert!(largest(filter("8-30", 160.0).forwards_and_backwards(&constant).unwrap()) < 1e-12);
        let kept = filter("-30", 160.0).forwards_and_backwards(&constant).unwrap();
        assert!(kept.iter().all(|value| (value - 3.0).abs() < 1e-12));
        assert_eq!(kept.len(), 100);
    }

    #[test]
    fn what_makes_no_filter_is_refused_in_a_sentence() {
        for text in ["", "-", "8", "30-8", "8-8", "a-b", "0-30", "8-nan", "8-inf"] {
            assert!(matches!(text.parse::<PassBand>(), Err(FilterError::Band(_))), "{text}");
        }
        assert_eq!(band("8-30").to_string(), "8-30");
        assert_eq!(band("0.5-").to_string(), "0.5-");
        let error = Butterworth::design(band("8-62.5"), 125.0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the band 8-62.5 Hz does not fit signals of 125 Hz; its edges must lie below 62.5 Hz"
        );
        let filter = filter("8-30", 160.0);
        assert_eq!(
            filter.forwards_and_backwards(&[0.0; 27]),
            Err(FilterError::Short { samples: 27, padding: 27 })
        );
        assert!(filter.forwards_and_backwards(&[0.0; 28]).is_ok());
    }
}
