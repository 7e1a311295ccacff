//! What the machine is busy with. Sampled on a thread of its own: a driver that hangs stops the figures, not the screen.

/// A sample.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Load {
    /// Cores of the CPU.
    pub cores: usize,
    /// Share of them that is busy, 0 to 1, once two samples were taken.
    pub cpu: Option<f64>,
    /// Memory in use and in all, bytes.
    pub memory: Option<(u64, u64)>,
    /// The first GPU, where there is one that can be asked.
    pub gpu: Option<Gpu>,
}

/// A graphics card.
#[derive(Clone, Debug, PartialEq)]
pub struct Gpu {
    /// Its name, without the maker's.
    pub name: String,
    /// Share of the time in which it computed, 0 to 1.
    pub busy: f64,
    /// Memory in use and in all, bytes.
    pub memory: (u64, u64),
}
