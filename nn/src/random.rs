//! Seeded random streams. Every number that chance decides comes from a stream addressed by what it is for, so that
//! neither threads, slots nor an interruption change it. Knows nothing of what the numbers are used for.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a stream of random numbers is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Parameters at the start.
    Initialisation = 1,
    /// The order of the trials in an epoch.
    Shuffle = 2,
    /// Dropout masks.
    Dropout = 3,
    /// Which training trials are held out.
    Split = 4,
    /// The simulated recordings.
    Simulation = 5,
}

/// The stream for a purpose at a place. `epoch` and `batch` are 0 where they mean nothing.
pub fn stream(seed: u64, purpose: Purpose, epoch: u32, batch: u32) -> ChaCha8Rng {
    let mut key = [0u8; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..12].copy_from_slice(&(purpose as u32).to_le_bytes());
    key[12..16].copy_from_slice(&epoch.to_le_bytes());
    key[16..20].copy_from_slice(&batch.to_le_bytes());
    ChaCha8Rng::from_seed(key)
}

/// A number in [0, 1), from the 53 high bits of one draw.
pub fn unit(rng: &mut impl Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

/// A number in 0..n without bias (Lemire 2019). `n` must be positive.
pub fn below(rng: &mut impl Rng, n: u32) -> u32 {
    let reject_under = n.wrapping_neg() % n;
    loop {
        let product = u64::from(rng.next_u32()) * u64::from(n);
        if product as u32 >= reject_under {
            return (product >> 32) as u32;
        }
    }
}

/// A standard normal number (Box–Muller).
pub fn normal(rng: &mut impl Rng) -> f64 {
    let radius = (-2.0 * (1.0 - unit(rng)).ln()).sqrt();
    radius * (std::f64::consts::TAU * unit(rng)).cos()
}

/// Puts the items in a random order (Fisher–Yates).
pub fn shuffle<T>(rng: &mut impl Rng, items: &mut [T]) {
    for last in (1..items.len()).rev() {
        items.swap(last, below(rng, last as u32 + 1) as usize);
    }
}

/// The dropout mask of one layer in one batch: a pure function of (trial, element), so that any thread can make any
/// part of it in any order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DropoutMask {
    key: u64,
    /// An element is dropped where its 32 random bits are below this.
    threshold: u32,
}

impl DropoutMask {
    /// A mask that drops with probability `p` (0 ≤ p < 1). `rng` is the batch's stream; layers draw from it in order.
    pub fn draw(rng: &mut impl Rng, p: f64) -> Self {
        DropoutMask { key: rng.next_u64(), threshold: (p * f64::from(u32::MAX)) as u32 }
    }

    /// What the mask is made from; a device that makes its own masks starts here.
    pub fn key(self) -> u64 {
        self.key
    }

    /// An element is dropped where its 32 random bits are below this.
    pub fn threshold(self) -> u32 {
        self.threshold
    }

    /// The part of the mask that belongs to one trial of the batch.
    pub fn trial(self, trial: usize) -> TrialMask {
        TrialMask { key: mix64(self.key.wrapping_add(trial as u64)) as u32, threshold: self.threshold }
    }
}

/// One trial's part of a [`DropoutMask`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrialMask {
    key: u32,
    threshold: u32,
}

impl TrialMask {
    /// Whether the element at this place (sample · features + feature) is kept.
    #[inline(always)]
    pub fn keeps(self, element: u32) -> bool {
        mix32(element ^ self.key) >= self.threshold
    }

    /// The two numbers that [`Self::keeps`] works with: the key and the threshold.
    pub(crate) fn parts(self) -> (u32, u32) {
        (self.key, self.threshold)
    }
}

/// The finaliser of MurmurHash3 (Appleby, public domain): every input bit reaches every output bit.
#[inline(always)]
pub(crate) fn mix32(mut x: u32) -> u32 {
    x ^= x >> 16;
    x = x.wrapping_mul(0x85eb_ca6b);
    x ^= x >> 13;
    x = x.wrapping_mul(0xc2b2_ae35);
    x ^ (x >> 16)
}

/// The output function of SplitMix64 (Steele, Lea and Flood 2014).
fn mix64(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_in_every_part_of_their_address() {
        let first = |seed, purpose, epoch, batch| stream(seed, purpose, epoch, batch).next_u64();
        let base = first(1, Purpose::Shuffle, 2, 3);
        assert_eq!(base, first(1, Purpose::Shuffle, 2, 3));
        for other in [
            first(0, Purpose::Shuffle, 2, 3),
            first(1, Purpose::Dropout, 2, 3),
            first(1, Purpose::Shuffle, 3, 3),
            first(1, Purpose::Shuffle, 2, 4),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn dropout_drops_its_share_in_every_trial() {
        let mut rng = stream(7, Purpose::Dropout, 0, 0);
        for p in [0.0, 0.25, 0.5] {
            let mask = DropoutMask::draw(&mut rng, p);
            let dropped = |trial| (0..8192).filter(|&e| !mask.trial(trial).keeps(e)).count() as f64 / 8192.0;
            for trial in 0..8 {
                assert!((dropped(trial) - p).abs() < 0.03, "p {p}, trial {trial}: {}", dropped(trial));
            }
        }
    }

    #[test]
    fn masks_of_neighbouring_trials_are_unrelated() {
        let mask = DropoutMask::draw(&mut stream(3, Purpose::Dropout, 1, 0), 0.5);
        let same = (0..8192).filter(|&e| mask.trial(0).keeps(e) == mask.trial(1).keeps(e)).count();
        assert!((same as f64 / 8192.0 - 0.5).abs() < 0.03);
    }

    #[test]
    fn normal_numbers_have_mean_0_and_variance_1() {
        let mut rng = stream(5, Purpose::Simulation, 0, 0);
        let draws: Vec<f64> = (0..20_000).map(|_| normal(&mut rng)).collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.04);
    }

    #[test]
    fn a_shuffle_keeps_every_item() {
        let mut items: Vec<u32> = (0..100).collect();
        shuffle(&mut stream(1, Purpose::Shuffle, 0, 0), &mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}
