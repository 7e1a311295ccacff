//! Band-pass, high-pass and low-pass filters: Butterworth of order 4 in second-order sections, run forwards and backwards, so
//! that nothing is shifted in time. As SciPy has it: `butter(4, …, output='sos')`, then `sosfiltfilt` with its odd padding.

use std::f64::consts::PI;
use std::ops::{Add, Div, Mul, Sub};

/// The order of the low-pass prototype. A band-pass has twice as many poles, and both passes together twice that.
const ORDER: usize = 4;

/// What passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Band {
    /// What is between two frequencies in Hz.
    Between(f64, f64),
    /// What is above a frequency in Hz.
    Above(f64),
    /// What is below a frequency in Hz.
    Below(f64),
}

/// Why there is no such filter. The text completes "the band …".
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FilterError {
    /// An edge that isn't below half the sampling rate, or isn't positive.
    #[error("has an edge at {edge} Hz; edges lie between 0 and {nyquist} Hz, half the sampling rate")]
    Edge {
        /// In Hz.
        edge: f64,
        /// In Hz.
        nyquist: f64,
    },
    /// Edges in the wrong order.
    #[error("goes from {0} to {1} Hz; the lower edge comes first")]
    Order(f64, f64),
    /// A filter too narrow to be computed.
    #[error("is too narrow or too low for this sampling rate; take a wider one")]
    Unstable,
}

/// A section: `y = (b0 + b1 z⁻¹ + b2 z⁻²) / (1 + a1 z⁻¹ + a2 z⁻²) x`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Section {
    /// Numerator.
    pub b: [f64; 3],
    /// Denominator; its first coefficient is 1.
    pub a: [f64; 3],
}

/// A filter for one sampling rate.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    sections: Vec<Section>,
    /// For each section its state for a unit step that has always been.
    steady: Vec<[f64; 2]>,
    /// Samples that are added at either end.
    padding: usize,
}

/// A complex number: all that is needed of one.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Complex(f64, f64);

impl Complex {
    fn square_root(self) -> Complex {
        let size = self.0.hypot(self.1);
        let re = ((size + self.0) / 2.0).max(0.0).sqrt();
        let im = ((size - self.0) / 2.0).max(0.0).sqrt();
        Complex(re, if self.1 < 0.0 { -im } else { im })
    }

    fn abs(self) -> f64 {
        self.0.hypot(self.1)
    }

    fn times(self, factor: f64) -> Complex {
        Complex(self.0 * factor, self.1 * factor)
    }
}

impl Add for Complex {
    type Output = Complex;
    fn add(self, other: Complex) -> Complex {
        Complex(self.0 + other.0, self.1 + other.1)
    }
}

impl Sub for Complex {
    type Output = Complex;
    fn sub(self, other: Complex) -> Complex {
        Complex(self.0 - other.0, self.1 - other.1)
    }
}

impl Mul for Complex {
    type Output = Complex;
    fn mul(self, other: Complex) -> Complex {
        Complex(self.0 * other.0 - self.1 * other.1, self.0 * other.1 + self.1 * other.0)
    }
}

impl Div for Complex {
    type Output = Complex;
    fn div(self, other: Complex) -> Complex {
        let size = other.0 * other.0 + other.1 * other.1;
        Complex((self.0 * other.0 + self.1 * other.1) / size, (self.1 * other.0 - self.0 * other.1) / size)
    }
}

impl Filter {
    /// Designs the filter for signals of `rate` Hz.
    pub fn new(band: Band, rate: f64) -> Result<Self, FilterError> {
        let nyquist = rate / 2.0;
        let edge = |edge: f64| match edge > 0.0 && edge < nyquist {
            // The bilinear transform bends frequencies; the edges are bent beforehand so that they come out right.
            true => Ok(4.0 * (PI * edge / rate).tan()),
            false => Err(FilterError::Edge { edge, nyquist }),
        };
        // Left half of the unit circle, upper half of it: the others are their conjugates.
        let prototype = (0..ORDER / 2).map(|k| {
            let angle = PI * (2 * k + 1) as f64 / (2 * ORDER) as f64;
            Complex(-angle.sin(), angle.cos())
        });
        let (poles, zeros_at_one, zeros_at_minus_one, gain) = match band {
            Band::Between(low, high) => {
                let (low_edge, high_edge) = (edge(low)?, edge(high)?);
                if low >= high {
                    return Err(FilterError::Order(low, high));
                }
                let (width, center2) = (high_edge - low_edge, low_edge * high_edge);
                let poles: Vec<Complex> = prototype
                    .flat_map(|pole| {
                        let half = pole.times(width / 2.0);
                        let root = (half * half - Complex(center2, 0.0)).square_root();
                        [half + root, half - root]
                    })
                    .collect();
                (poles, ORDER, ORDER, width.powi(ORDER as i32))
            }
            Band::Above(low) => {
                let edge = edge(low)?;
                (prototype.map(|pole| Complex(edge, 0.0) / pole).collect(), ORDER, 0, 1.0)
            }
            Band::Below(high) => {
                let edge = edge(high)?;
                (prototype.map(|pole| pole.times(edge)).collect(), 0, ORDER, edge.powi(ORDER as i32))
            }
        };
        Self::bilinear(&poles, zeros_at_one, zeros_at_minus_one, gain)
    }

    /// From analogue poles (one of each conjugate pair) to sections, with SciPy's convention of a sampling rate of 2.
    fn bilinear(poles: &[Complex], at_one: usize, at_minus_one: usize, gain: f64) -> Result<Self, FilterError> {
        let double = Complex(4.0, 0.0);
        let digital: Vec<Complex> = poles.iter().map(|&pole| (double + pole) / (double - pole)).collect();
        // Each analogue zero at 0 gives a factor (4 − 0), each pole and its conjugate |4 − p|².
        let bent: f64 = poles.iter().map(|&pole| (double - pole).abs().powi(2)).product();
        let gain = gain * 4f64.powi(at_one as i32) / bent;
        let mut digital = digital;
        if digital.iter().any(|pole| !(pole.abs() < 1.0)) || !gain.is_finite() || gain == 0.0 {
            return Err(FilterError::Unstable);
        }
        // Poles nearest to the circle come last, so that no section before them makes large values.
        digital.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
        let mut zeros: Vec<f64> =
            std::iter::repeat_n(-1.0, at_minus_one).chain(std::iter::repeat_n(1.0, at_one)).collect();
        let mut sections = Vec::new();
        // The nearest pole takes the nearest zeros.
        for &pole in digital.iter().rev() {
            zeros.sort_by(|a, b| (b - pole.0).abs().total_cmp(&(a - pole.0).abs()));
            let (first, second) = (zeros.pop().unwrap_or(0.0), zeros.pop().unwrap_or(0.0));
            let b = [1.0, -(first + second), first * second];
            let a = [1.0, -2.0 * pole.0, pole.0 * pole.0 + pole.1 * pole.1];
            sections.push(Section { b, a });
        }
        sections.reverse();
        if let Some(section) = sections.first_mut() {
            section.b = section.b.map(|b| b * gain);
        }
        Ok(Self::of(sections))
    }

    fn of(sections: Vec<Section>) -> Self {
        let mut scale = 1.0;
        let steady = sections
            .iter()
            .map(|Section { b, a }| {
                let gain = (b[0] + b[1] + b[2]) / (1.0 + a[1] + a[2]);
                let state = [scale * (gain - b[0]), scale * (b[2] - a[2] * gain)];
                scale *= gain;
                state
            })
            .collect();
        let without_b2 = sections.iter().filter(|section| section.b[2] == 0.0).count();
        let without_a2 = sections.iter().filter(|section| section.a[2] == 0.0).count();
        let padding = 3 * (2 * sections.len() + 1 - without_b2.min(without_a2));
        Filter { sections, steady, padding }
    }

    /// The sections, in the order in which they are run.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// How many samples a signal must have more than.
    pub fn padding(&self) -> usize {
        self.padding
    }

    /// Filters a signal forwards and backwards. `None` where it isn't longer than [`Filter::padding`].
    pub fn both_ways(&self, signal: &[f64]) -> Option<Vec<f64>> {
        let (pad, len) = (self.padding, signal.len());
        if len <= pad {
            return None;
        }
        let (first, last) = (signal[0], signal[len - 1]);
        let before = signal[1..=pad].iter().rev().map(|value| 2.0 * first - value);
        let after = signal[len - 1 - pad..len - 1].iter().rev().map(|value| 2.0 * last - value);
        let mut padded: Vec<f64> = before.chain(signal.iter().copied()).chain(after).collect();
        self.forwards(&mut padded);
        padded.reverse();
        self.forwards(&mut padded);
        padded.reverse();
        Some(padded[pad..pad + len].to_vec())
    }

    /// One pass, as if the first value had always been (transposed direct form II).
    fn forwards(&self, signal: &mut [f64]) {
        let Some(&first) = signal.first() else { return };
        let mut states: Vec<[f64; 2]> = self.steady.iter().map(|state| state.map(|value| value * first)).collect();
        for value in signal {
            for (Section { b, a }, state) in self.sections.iter().zip(&mut states) {
                let x = *value;
                let y = b[0] * x + state[0];
                *state = [b[1] * x - a[1] * y + state[1], b[2] * x - a[2] * y];
                *value = y;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scipy.signal.butter(4, [8, 30], 'bandpass', output='sos', fs=160)`, SciPy 1.17.1.
    const SOS_8_30_AT_160: [[f64; 6]; 4] = [
        [0.01397742559072118, 0.02795485118144236, 0.01397742559072118, 1.0, -0.8160147868591654, 0.3112202785898096],
        [1.0, 2.0, 1.0, 1.0, -1.4180793140405759, 0.5614248698642595],
        [1.0, -2.0, 1.0, 1.0, -0.6691559641450513, 0.6400830173610834],
        [1.0, -2.0, 1.0, 1.0, -1.7615861237988146, 0.8580027030590058],
    ];

    #[test]
    fn the_sections_are_those_of_scipy() {
        let filter = Filter::new(Band::Between(8.0, 30.0), 160.0).unwrap();
        assert_eq!(filter.padding(), 27);
        for (section, expected) in filter.sections().iter().zip(SOS_8_30_AT_160) {
            for (ours, theirs) in section.b.iter().chain(&section.a).zip(expected) {
                assert!((ours - theirs).abs() < 1e-12, "{ours} instead of {theirs}");
            }
        }
    }

    #[test]
    fn one_edge_makes_two_sections() {
        for band in [Band::Above(1.0), Band::Below(40.0)] {
            assert_eq!(Filter::new(band, 160.0).unwrap().padding(), 15);
        }
    }

    #[test]
    fn what_lies_in_the_band_passes_and_what_lies_outside_does_not() {
        let filter = Filter::new(Band::Between(8.0, 30.0), 160.0).unwrap();
        let wave = |hz: f64| (0..1600).map(|i| (2.0 * PI * hz * f64::from(i) / 160.0).sin()).collect::<Vec<f64>>();
        let power = |signal: &[f64]| signal[200..1400].iter().map(|value| value * value).sum::<f64>() / 1200.0;
        assert!((power(&filter.both_ways(&wave(15.0)).unwrap()) - 0.5).abs() < 0.01);
        assert!(power(&filter.both_ways(&wave(2.0)).unwrap()) < 1e-4);
        assert!(power(&filter.both_ways(&wave(60.0)).unwrap()) < 1e-4);
    }

    #[test]
    fn an_impossible_band_is_refused_with_a_reason() {
        let refused = |band| Filter::new(band, 160.0).unwrap_err().to_string();
        assert!(refused(Band::Between(8.0, 90.0)).contains("80 Hz"));
        assert!(refused(Band::Between(30.0, 8.0)).contains("lower edge"));
        assert!(refused(Band::Above(0.0)).contains("0 Hz"));
        assert!(Filter::new(Band::Between(8.0, 30.0), 160.0).unwrap().both_ways(&[0.0; 27]).is_none());
    }
}
