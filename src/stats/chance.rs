//! What guessing reaches.

use super::LEVEL;
use super::distribution::binomial_upper;
use serde::Serialize;

/// The threshold above which an accuracy is more than guessing (Combrisson and Jerbi 2015).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Chance {
    /// Test trials.
    pub trials: usize,
    /// What a guesser gets right on average: one in the number of classes, or the largest class's share.
    pub share: f64,
    /// The fewest hits that a guesser reaches with a probability below 5 %.
    pub hits: usize,
    /// The same as an accuracy: from here on it is more than guessing.
    pub accuracy: f64,
    /// The accuracy that must be exceeded.
    pub exceed: f64,
}

impl Chance {
    /// The threshold for guessers who are right with probability `share` on each of `trials`; `None` without trials.
    pub fn new(trials: usize, share: f64) -> Option<Self> {
        if trials == 0 || !(0.0..=1.0).contains(&share) {
            return None;
        }
        // The smallest k with P(X ≤ k) ≥ 1 − level, and one more; P(X ≥ k) falls with k.
        let (mut low, mut high) = (0, trials);
        while low < high {
            let middle = (low + high) / 2;
            if 1.0 - binomial_upper(middle + 1, trials, share) >= 1.0 - LEVEL {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        let of = |hits: usize| hits as f64 / trials as f64;
        Some(Chance { trials, share, hits: low + 1, accuracy: of(low + 1), exceed: of(low) })
    }

    /// Whether an accuracy, of one run or the mean of several on the same trials, is more than guessing.
    pub fn is_exceeded(&self, accuracy: f64) -> bool {
        accuracy * self.trials as f64 >= self.hits as f64 - 1e-9
    }
}
