//! Where launches are played: a card through its driver, or a test's emulation of one. Whoever plays knows no network.

use super::arguments::Address;
use candle_core::{Result, bail};

/// One kernel, started once.
#[derive(Clone, Debug, PartialEq)]
pub struct Launch {
    /// Which.
    pub kernel: Kernel,
    /// Blocks of [`THREADS`] threads along x, y and z.
    pub grid: [u32; 3],
    /// Its arguments, as bytes.
    pub arguments: Vec<Vec<u8>>,
}

/// Threads of a block, in every kernel.
pub const THREADS: u32 = 128;

macro_rules! kernels {
    ($($kernel:ident $name:literal $has_barriers:literal)+) => {
        /// The kernels of `kernels.cu`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        pub enum Kernel { $($kernel),+ }

        impl Kernel {
            /// All of them.
            pub const ALL: &[Kernel] = &[$(Kernel::$kernel),+];

            /// Its name in the source.
            pub fn name(self) -> &'static str {
                match self { $(Kernel::$kernel => $name),+ }
            }

            /// Whether its threads wait for one another.
            pub fn has_barriers(self) -> bool {
                match self { $(Kernel::$kernel => $has_barriers),+ }
            }
        }
    };
}

kernels! {
    Convolve "convolve" true
    ConvolveBack "convolve_back" true
    ConvolveWeights "convolve_weights" true
    AddChunks "add_chunks" false
    PairSums "pair_sums" true
    NormOfBatch "norm_of_batch" false
    NormOfRunning "norm_of_running" false
    NormGradient "norm_gradient" false
    NormBack "norm_back" false
    BiasGradient "bias_gradient" false
    Tail "tail" false
    TailBack "tail_back" false
    Head "head" true
    KeepProgress "keep_progress" false
    HeadWeights "head_weights" false
    HeadBack "head_back" false
    Adam "adam" false
    LimitNorm "limit_norm" true
}

/// A device's memory and its kernels. Everything happens in the order in which it was asked for.
pub trait Player: Send {
    /// Memory of the device, zeros.
    fn allocate(&mut self, bytes: usize) -> Result<Address>;

    /// Gives memory back.
    fn free(&mut self, memory: Address) -> Result<()>;

    /// Copies to the device.
    fn upload(&mut self, to: Address, bytes: &[u8]) -> Result<()>;

    /// Copies from the device, once all that was asked for before is done.
    fn download(&mut self, from: Address, bytes: usize) -> Result<Vec<u8>>;

    /// Starts a kernel.
    fn launch(&mut self, launch: &Launch) -> Result<()>;

    /// Bytes that can still be allocated, where that is known.
    fn free_bytes(&mut self) -> Result<Option<u64>>;
}

/// The most blocks along y and z that a card takes.
const MOST_BLOCKS: u32 = 65535;

impl Launch {
    /// Plays it, unless the grid is larger than a card's.
    pub(super) fn play(&self, player: &mut dyn Player) -> Result<()> {
        if self.grid[1..].iter().any(|&blocks| blocks > MOST_BLOCKS) {
            bail!(
                "{}: a card takes no more than {MOST_BLOCKS} trials at once; take a smaller --batch",
                self.kernel.name()
            )
        }
        player.launch(self)
    }
}

/// Numbers as their bytes.
pub(super) fn singles(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_ne_bytes()).collect()
}

/// Bytes as numbers.
pub(super) fn numbers(bytes: &[u8]) -> Vec<f32> {
    let (chunks, _) = bytes.as_chunks::<4>();
    chunks.iter().map(|bytes| f32::from_ne_bytes(*bytes)).collect()
}
