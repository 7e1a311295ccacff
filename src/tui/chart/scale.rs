//! From values to places on an axis and back, linear or logarithmic. The one gate for numbers: what is not finite, or
//! not positive under a logarithm, has no place, and nothing behind this module sees it.

use crate::ticks::{self, Ticks};
use serde::{Deserialize, Serialize};

/// How values are spread along an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// Evenly.
    #[default]
    Linear,
    /// By their logarithm.
    Log,
}

impl Scale {
    /// Whether a value has a place. Beyond 1e±300 even differences overflow.
    pub fn shows(self, value: f64) -> bool {
        value.is_finite() && value.abs() <= 1e300 && (self == Scale::Linear || value >= 1e-300)
    }
}

/// A stretch of an axis. Always finite, `lo < hi`, and positive under a logarithm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    lo: f64,
    hi: f64,
    scale: Scale,
}

impl Range {
    /// The stretch between two values in either order; widened where they are (nearly) the same, `None` where one has no
    /// place.
    pub fn new(a: f64, b: f64, scale: Scale) -> Option<Self> {
        if !(scale.shows(a) && scale.shows(b)) {
            return None;
        }
        let (lo, hi) = if a <= b { (a, b) } else { (b, a) };
        let size = lo.abs().max(hi.abs());
        if hi - lo > size * 1e-9 && hi - lo > 1e-290 {
            return Some(Range { lo, hi, scale });
        }
        let (lo, hi) = match scale {
            Scale::Log => ((lo / 2.0).max(1e-300), hi.max(2e-300) * 2.0),
            Scale::Linear if size < 1e-280 => (-1.0, 1.0),
            Scale::Linear => (lo - 0.1 * size, hi + 0.1 * size),
        };
        Some(Range { lo, hi, scale })
    }

    /// A stretch that covers all values which have a place, rounded outwards a little; `None` where there are none.
    pub fn covering(values: impl Iterator<Item = f64>, scale: Scale, ticks: usize) -> Option<Self> {
        let (lo, hi) = values
            .filter(|&value| scale.shows(value))
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), value| (lo.min(value), hi.max(value)));
        let exact = Range::new(lo, hi, scale)?;
        let round = match scale {
            Scale::Log => (ticks::round_down(exact.lo), ticks::round_up(exact.hi)),
            Scale::Linear => {
                // Rounded to a fifth of a tick's distance: to whole ticks would waste too many rows.
                let step = ticks::round_up((exact.hi - exact.lo) / (5 * ticks.max(1)) as f64);
                // A bound that is round already must not move by a rounding error.
                let down = (exact.lo / step + 1e-9).floor() * step;
                let up = (exact.hi / step - 1e-9).ceil() * step;
                (down, up)
            }
        };
        Range::new(round.0, round.1, scale).or(Some(exact))
    }

    /// The lower end.
    pub fn lo(&self) -> f64 {
        self.lo
    }

    /// The upper end.
    pub fn hi(&self) -> f64 {
        self.hi
    }

    /// Where a value lies: 0 at the lower end, 1 at the upper, beyond them outside. `None` where it has no place.
    pub fn position(&self, value: f64) -> Option<f64> {
        if !self.scale.shows(value) {
            return None;
        }
        let place = match self.scale {
            Scale::Linear => (value - self.lo) / (self.hi - self.lo),
            Scale::Log => (value / self.lo).log10() / (self.hi / self.lo).log10(),
        };
        // Far outside is outside; lines towards it keep their direction.
        (!place.is_nan()).then(|| place.clamp(-1e6, 1e6))
    }

    /// The value at a position.
    pub fn value(&self, position: f64) -> f64 {
        match self.scale {
            Scale::Linear => self.lo + position * (self.hi - self.lo),
            Scale::Log => self.lo * (self.hi / self.lo).powf(position),
        }
    }

    /// Round ticks within the stretch.
    pub fn ticks(&self, at_most: usize, integers: bool) -> Ticks {
        match self.scale {
            Scale::Linear => ticks::linear(self.lo, self.hi, at_most, integers),
            Scale::Log => ticks::logarithmic(self.lo, self.hi, at_most),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bounds_are_round_and_cover() {
        let bounds = |values: &[f64], scale| {
            let range = Range::covering(values.iter().copied(), scale, 5).unwrap();
            (range.lo(), range.hi())
        };
        assert_eq!(bounds(&[41.0, 98.3], Scale::Linear), (40.0, 100.0));
        assert_eq!(bounds(&[40.0, 100.0], Scale::Linear), (40.0, 100.0));
        assert_eq!(bounds(&[0.013, 0.8], Scale::Log), (0.01, 1.0));
        assert_eq!(bounds(&[f64::NAN, 0.0, -3.0, 0.5, f64::INFINITY], Scale::Log), (0.2, 1.0));
    }

    #[test]
    fn what_has_no_place_is_refused() {
        assert_eq!(Range::covering([f64::NAN, f64::INFINITY].into_iter(), Scale::Linear, 4), None);
        assert_eq!(Range::covering([0.0, -1.0].into_iter(), Scale::Log, 4), None);
        let range = Range::new(0.0, 1.0, Scale::Linear).unwrap();
        assert_eq!([range.position(f64::NAN), range.position(f64::NEG_INFINITY)], [None, None]);
    }

    proptest! {
        #[test]
        fn every_range_is_sound_whatever_the_values(
            values in prop::collection::vec(any::<f64>(), 0..8),
            log in any::<bool>(),
            ticks in 0usize..20,
        ) {
            let scale = if log { Scale::Log } else { Scale::Linear };
            if let Some(range) = Range::covering(values.iter().copied(), scale, ticks) {
                prop_assert!(range.lo().is_finite() && range.lo() < range.hi() && range.hi().is_finite());
                for value in values {
                    if let Some(place) = range.position(value) {
                        prop_assert!((-1e-6..=1.0 + 1e-6).contains(&place), "{value} at {place} of {range:?}");
                    }
                }
                let ticks_ = range.ticks(ticks, false);
                prop_assert!(ticks_.at.len() <= ticks + 1 && ticks_.at.len() == ticks_.labels.len());
                prop_assert!(ticks_.at.windows(2).all(|pair| pair[0] < pair[1]));
            }
        }

        #[test]
        fn value_undoes_position(lo in 0.1f64..10.0, span in 0.1f64..100.0, at in 0.0f64..1.0, log in any::<bool>()) {
            let scale = if log { Scale::Log } else { Scale::Linear };
            let range = Range::new(lo, lo + span, scale).unwrap();
            prop_assert!((range.position(range.value(at)).unwrap() - at).abs() < 1e-9);
        }
    }
}
