//! Another sampling rate, by a polyphase filter as SciPy's `resample_poly` has it: up by one whole number and down by another,
//! with a low-pass of 20 × the larger + 1 taps in a Kaiser window of 5.0; zeros before and after.

use std::f64::consts::PI;

/// The window's shape.
const BETA: f64 = 5.0;
/// Neither number may be larger: the filter would be longer than recordings are.
const MOST: u64 = 100_000;

/// A change of rate.
#[derive(Clone, Debug, PartialEq)]
pub struct Resampler {
    up: usize,
    down: usize,
    /// Taps on either side of the middle one.
    half: usize,
    taps: Vec<f64>,
}

impl Resampler {
    /// From one rate to another, both in Hz. `None` where their ratio is no fraction of reasonable whole numbers.
    pub fn new(from: f64, to: f64) -> Option<Self> {
        let (up, down) = ratio(from, to)?;
        let half = 10 * up.max(down);
        let cutoff = 1.0 / up.max(down) as f64;
        let tap = |place: usize| {
            let k = place as f64 - half as f64;
            let x = PI * cutoff * k;
            let sinc = if k == 0.0 { 1.0 } else { x.sin() / x };
            let shape = 1.0 - (k / half as f64).powi(2);
            cutoff * sinc * bessel(BETA * shape.max(0.0).sqrt()) / bessel(BETA)
        };
        let taps: Vec<f64> = (0..=2 * half).map(tap).collect();
        let sum: f64 = taps.iter().sum();
        Some(Resampler { up, down, half, taps: taps.into_iter().map(|tap| tap / sum * up as f64).collect() })
    }

    /// How many samples come out of so many.
    pub fn length(&self, samples: usize) -> usize {
        ((samples as u128 * self.up as u128).div_ceil(self.down as u128)) as usize
    }

    /// The signal at the new rate. A value that would be made of a missing one (NaN) is missing.
    pub fn run(&self, signal: &[f64]) -> Vec<f64> {
        if self.up == self.down {
            return signal.to_vec();
        }
        let len = signal.len();
        (0..self.length(len))
            .map(|place| {
                // y[m] = Σ h[half + m·down − j·up] · x[j]
                let at = place * self.down;
                let first = at.saturating_sub(self.half).div_ceil(self.up);
                let last = ((at + self.half) / self.up + 1).min(len);
                let value = |j: usize| self.taps[self.half + at - j * self.up] * signal[j];
                (first..last).map(value).sum()
            })
            .collect()
    }
}

/// `to / from` in lowest terms. Rates such as 127.5 Hz are taken in thousandths.
fn ratio(from: f64, to: f64) -> Option<(usize, usize)> {
    let usable = |rate: f64| rate.is_finite() && rate > 0.0;
    if !usable(from) || !usable(to) {
        return None;
    }
    let whole = |factor: f64| {
        let (from, to) = (from * factor, to * factor);
        let exact =
            |rate: f64| (rate - rate.round()).abs() <= 1e-9 * rate && rate.round() >= 1.0 && rate < 1e15;
        (exact(from) && exact(to)).then(|| (from.round() as u64, to.round() as u64))
    };
    let (from, to) = [1.0, 10.0, 100.0, 1000.0].into_iter().find_map(whole)?;
    let divisor = greatest_common_divisor(from, to);
    let (up, down) = (to / divisor, from / divisor);
    (up <= MOST && down <= MOST).then_some((up as usize, down as usize))
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The modified Bessel function of the first kind and order 0, by its power series.
fn bessel(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let (mut sum, mut term, mut k) = (1.0, 1.0, 1.0);
    while term > sum * 1e-17 {
        term *= quarter / (k * k);
        sum += term;
        k += 1.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_taps_are_those_of_scipy() {
        let resampler = Resampler::new(160.0, 128.0).unwrap();
        assert_eq!((resampler.up, resampler.down, resampler.half), (4, 5, 50));
        // scipy.signal.firwin(101, 1/5, window=('kaiser', 5.0)) * 4, from the middle on; SciPy 1.17.1.
        let expected = [
            0.8005204132651491,
            0.7482094734319723,
            0.6036933144993971,
            0.40066642577784284,
            0.18455877822649497,
        ];
        for (ours, theirs) in resampler.taps[50..].iter().zip(expected) {
            assert!((ours - theirs).abs() < 1e-12, "{ours} instead of {theirs}");
        }
    }

    #[test]
    fn a_slow_wave_keeps_its_shape() {
        let resampler = Resampler::new(100.0, 250.0).unwrap();
        let wave = |rate: f64, len: usize| -> Vec<f64> {
            (0..len).map(|i| (2.0 * PI * 3.0 * i as f64 / rate).sin()).collect()
        };
        let made = resampler.run(&wave(100.0, 400));
        let right = wave(250.0, 1000);
        assert_eq!(made.len(), 1000);
        assert!(made[100..900].iter().zip(&right[100..900]).all(|(a, b)| (a - b).abs() < 2e-3));
    }

    #[test]
    fn a_missing_value_spoils_only_what_is_made_of_it() {
        let mut signal = vec![1.0; 400];
        signal[200] = f64::NAN;
        let made = Resampler::new(200.0, 100.0).unwrap().run(&signal);
        assert!(made[..80].iter().chain(&made[120..]).all(|value| value.is_finite()));
        assert!(made[100].is_nan());
    }

    #[test]
    fn rates_without_a_reasonable_ratio_are_refused() {
        assert!(Resampler::new(250.0, std::f64::consts::PI).is_none());
        assert!(Resampler::new(250.0, 0.0).is_none());
        assert_eq!(ratio(127.5, 255.0), Some((2, 1)));
    }
}
