//! How a filter is cut into blocks and its output into tiles for [Winograd's transforms](super::winograd), and the
//! transforms' numbers.

/// The finite points. Tiles of 4 take the first seven; tiles of 5 all eight, and infinity.
const FINITE: [f64; 8] = [0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 0.25];

/// How a filter is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    /// Taps of a block and outputs of a tile: 4 or 5.
    pub size: usize,
    /// Blocks of the filter.
    pub blocks: usize,
}

impl Tiling {
    /// Tiles of 4, which round less, for filters that are long enough to gain by it.
    pub fn small(taps: usize) -> Option<Self> {
        (taps >= 8).then(|| Tiling { size: 4, blocks: taps.div_ceil(4) })
    }

    /// Tiles of 5, which are faster.
    pub fn large(taps: usize) -> Option<Self> {
        (taps >= 5).then(|| Tiling { size: 5, blocks: taps.div_ceil(5) })
    }

    /// Points at which a tile is known.
    pub fn points(self) -> usize {
        2 * self.size - 1
    }

    /// Tiles that cover so many outputs.
    pub fn tiles(self, outputs: usize) -> usize {
        outputs.div_ceil(self.size)
    }

    /// Tiles of the input that these outputs need.
    pub fn input_tiles(self, outputs: usize) -> usize {
        self.tiles(outputs) + self.blocks - 1
    }

    /// The finite ones among its points.
    fn finite(self) -> &'static [f64] {
        &FINITE[..finite(self.points())]
    }

    /// A block of taps as a polynomial at a point: the sum of `tap(i)` times this.
    pub fn tap_weight(self, point: usize, tap: usize) -> f64 {
        match self.finite().get(point) {
            Some(&at) => {
                let others = self.finite().iter().enumerate().filter(|(other, _)| *other != point);
                at.powi(tap as i32) / others.map(|(_, other)| at - other).product::<f64>()
            }
            None => f64::from(u8::from(tap == self.size - 1)),
        }
    }
}

/// How many of so many points are finite.
const fn finite(points: usize) -> usize {
    if points < FINITE.len() { points } else { FINITE.len() }
}

/// The transforms for tiles of M at N points. All entries are exact in f32.
pub(super) struct Matrices<const M: usize, const N: usize> {
    /// Samples to points.
    pub samples: [[f32; N]; N],
    /// Outputs' gradients to points.
    pub gradient: [[f32; M]; N],
}

/// Of [`Tiling::small`].
pub(super) const SMALL: Matrices<4, 7> = Matrices::build();
/// Of [`Tiling::large`].
pub(super) const LARGE: Matrices<5, 9> = Matrices::build();

impl<const M: usize, const N: usize> Matrices<M, N> {
    const fn build() -> Self {
        let mut all = Matrices { samples: [[0.0; N]; N], gradient: [[0.0; M]; N] };
        let finite = finite(N);
        let mut point = 0;
        while point < N {
            // The polynomial that is zero at all other finite points.
            let mut polynomial = [0.0f64; N];
            polynomial[0] = 1.0;
            let mut other = 0;
            while other < finite {
                if other != point {
                    let mut i = N - 1;
                    while i > 0 {
                        polynomial[i] = polynomial[i - 1] - FINITE[other] * polynomial[i];
                        i -= 1;
                    }
                    polynomial[0] *= -FINITE[other];
                }
                other += 1;
            }
            let mut i = 0;
            while i < N {
                all.samples[point][i] = polynomial[i] as f32;
                i += 1;
            }
            let mut power = 1.0f64;
            let mut output = 0;
            while output < M {
                let last = if output == M - 1 { 1.0 } else { 0.0 };
                all.gradient[point][output] = if point < finite { power as f32 } else { last };
                power *= if point < finite { FINITE[point] } else { 1.0 };
                output += 1;
            }
            point += 1;
        }
        all
    }
}
