//! How a filter is cut into blocks and its output into tiles for [Winograd's transforms](super::winograd), and the points
//! at which polynomials are taken.

/// The points ±a. With 0 ahead of them they are those of 7; of 8 the last is infinity, and of 9 one more comes before it.
/// All transforms' factors are exact in f32.
pub(super) const PAIRS: [f64; 3] = [1.0, 2.0, 0.5];

/// The one more.
pub(super) const EXTRA: f64 = 0.25;

/// How a filter is cut: into blocks of 4 or 5 taps. Where there is more than one, a tile has as many outputs as a block has
/// taps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    /// Outputs of a tile.
    pub outputs: usize,
    /// Taps of a block.
    pub taps: usize,
    /// Blocks of the filter.
    pub blocks: usize,
}

impl Tiling {
    /// Tiles of 4 outputs, which round less, for filters that are long enough to gain by it.
    pub fn small(taps: usize) -> Option<Self> {
        match taps {
            0..5 => None,
            5 => Some(Tiling { outputs: 4, taps: 5, blocks: 1 }),
            _ => Some(Tiling { outputs: 4, taps: 4, blocks: taps.div_ceil(4) }),
        }
    }

    /// Tiles of 5, which are faster.
    pub fn large(taps: usize) -> Option<Self> {
        (taps >= 5).then(|| Tiling { outputs: 5, taps: 5, blocks: taps.div_ceil(5) })
    }

    /// Points at which a tile is known: 7, 8 or 9.
    pub fn points(self) -> usize {
        self.outputs + self.taps - 1
    }

    /// Tiles that cover so many outputs.
    pub fn tiles(self, outputs: usize) -> usize {
        outputs.div_ceil(self.outputs)
    }

    /// Tiles of the input that these outputs need.
    pub fn input_tiles(self, outputs: usize) -> usize {
        self.tiles(outputs) + self.blocks - 1
    }

    /// The finite ones among its points, in their order.
    fn finite(self) -> impl Iterator<Item = f64> + Clone {
        let pairs = PAIRS.into_iter().flat_map(|at| [at, -at]);
        std::iter::once(0.0).chain(pairs).chain((self.points() == 9).then_some(EXTRA))
    }

    /// A block of taps as a polynomial at a point: the sum of `tap(i)` times this.
    pub fn tap_weight(self, point: usize, tap: usize) -> f64 {
        match self.finite().nth(point) {
            Some(at) => {
                let others = self.finite().enumerate().filter(|(other, _)| *other != point);
                at.powi(tap as i32) / others.map(|(_, other)| at - other).product::<f64>()
            }
            None => f64::from(u8::from(tap == self.taps - 1)),
        }
    }
}
