//! How the power of a signal is spread over frequencies, after P. D. Welch (1967): the mean over half-overlapping segments.

use rustfft::algorithm::{BluesteinsAlgorithm, Radix4};
use rustfft::num_complex::Complex;
use rustfft::{Fft, FftDirection};
use std::f64::consts::TAU;
use std::sync::Arc;

/// Estimates power spectral densities of signals of one rate. As `scipy.signal.welch` with its defaults and segments of a
/// given length: each segment's mean is taken away, then it is weighted with a periodic Hann window; segments overlap by half.
pub struct Welch {
    transform: Arc<dyn Fft<f64>>,
    window: Vec<f64>,
    /// From the squared transform to a one-sided density.
    scale: f64,
    rate: f64,
}

impl Welch {
    /// Segments of `length` samples, at least 1, of a signal of `rate` samples a second.
    pub fn new(length: usize, rate: f64) -> Self {
        let length = length.max(1);
        let hann = |place: usize| 0.5 - 0.5 * (TAU * place as f64 / length as f64).cos();
        // A single sample has no shape to be weighted by.
        let window: Vec<f64> = if length == 1 { vec![1.0] } else { (0..length).map(hann).collect() };
        let weight: f64 = window.iter().map(|weight| weight * weight).sum();
        Welch { transform: transform(length), window, scale: 1.0 / (rate * weight), rate }
    }

    /// The frequencies of a density's values: from 0 to half the rate, in units of the rate.
    pub fn frequencies(&self) -> Vec<f64> {
        let length = self.window.len();
        (0..=length / 2).map(|bin| bin as f64 * self.rate / length as f64).collect()
    }

    /// Power at each frequency, in the signal's unit squared per unit of the rate. `None` of a signal that is shorter than a
    /// segment or has samples missing.
    pub fn density(&self, signal: &[f64]) -> Option<Vec<f64>> {
        let length = self.window.len();
        if signal.len() < length || signal.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let step = length - length / 2;
        let segments = (signal.len() - length) / step + 1;
        let mut power = vec![0.0; length / 2 + 1];
        let mut values = vec![Complex::default(); length];
        let mut scratch = vec![Complex::default(); self.transform.get_inplace_scratch_len()];
        for segment in signal.windows(length).step_by(step) {
            let mean = segment.iter().sum::<f64>() / length as f64;
            for ((value, weight), sample) in values.iter_mut().zip(&self.window).zip(segment) {
                *value = Complex::new((sample - mean) * weight, 0.0);
            }
            self.transform.process_with_scratch(&mut values, &mut scratch);
            power.iter_mut().zip(&values).for_each(|(sum, value)| *sum += value.norm_sqr());
        }
        for (bin, sum) in power.iter_mut().enumerate() {
            // What lies at negative frequencies is the same again; the ends have no counterpart.
            let sides = if bin == 0 || 2 * bin == length { 1.0 } else { 2.0 };
            *sum *= sides * self.scale / segments as f64;
        }
        Some(power)
    }
}

/// A Fourier transform forwards. Two algorithms do for all lengths: rustfft's planner would pick among forty, each compiled as a
/// part of this crate, to save fractions of a millisecond.
fn transform(length: usize) -> Arc<dyn Fft<f64>> {
    let direction = FftDirection::Forward;
    if length.is_power_of_two() {
        return Arc::new(Radix4::new(length, direction));
    }
    // Bluestein's convolution is at least as long as the signal and its mirror image.
    let inner = Radix4::new((2 * length - 1).next_power_of_two(), direction);
    Arc::new(BluesteinsAlgorithm::new(length, Arc::new(inner)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal() -> Vec<f64> {
        let at = |n: usize| {
            let t = n as f64;
            (0.7 * t).sin() + 0.1 * t + (2.1 * t).cos() * (n % 3) as f64
        };
        (0..20).map(at).collect()
    }

    #[track_caller]
    fn agrees(length: usize, expected: &[f64]) {
        let density = Welch::new(length, 10.0).density(&signal()).unwrap();
        assert_eq!(density.len(), expected.len());
        for (value, expected) in density.iter().zip(expected) {
            assert!((value - expected).abs() <= 1e-9 * expected.abs() + 1e-13, "{density:?}");
        }
    }

    /// `scipy.signal.welch(x, fs=10.0, nperseg=length)`, scipy 1.17.1.
    #[test]
    fn densities_are_scipys() {
        agrees(8, &[0.0534998595735, 0.231779229896, 0.138083284105, 0.0638754305753, 0.00456660047196]);
        agrees(7, &[0.0624762712965, 0.157240885973, 0.0976145751042, 0.0364372902447]);
        let whole = [
            0.000502783920709,
            0.390414956489,
            0.738023078841,
            0.279870057595,
            0.00330822271408,
            0.00200243077256,
            0.0904426364801,
            0.167267529955,
            0.0152723298592,
            8.33225669786e-05,
            4.02682552634e-08,
        ];
        agrees(20, &whole);
        assert_eq!(Welch::new(8, 10.0).frequencies(), [0.0, 1.25, 2.5, 3.75, 5.0]);
    }

    #[test]
    fn what_is_too_short_or_has_gaps_has_no_density() {
        let welch = Welch::new(8, 10.0);
        assert_eq!(welch.density(&signal()[..7]), None);
        let mut gap = signal();
        gap[3] = f64::NAN;
        assert_eq!(welch.density(&gap), None);
        assert_eq!(Welch::new(1, 10.0).density(&[3.0]).unwrap(), [0.0]);
    }
}
