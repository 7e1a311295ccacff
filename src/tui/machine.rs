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

/// Time that all cores spent, as the kernel counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticks {
    idle: u64,
    all: u64,
}

impl Ticks {
    /// Reads the first line of `/proc/stat`: user, nice, system, idle, waiting for the disk, and interrupts.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.lines().next()?.split_whitespace();
        if words.next() != Some("cpu") {
            return None;
        }
        let ticks: Vec<u64> = words.take(8).map_while(|word| word.parse().ok()).collect();
        let idle = ticks.get(3)? + ticks.get(4)?;
        Some(Ticks { idle, all: ticks.iter().sum() })
    }

    /// The share that was busy since an earlier count.
    pub fn busy_since(self, before: Ticks) -> Option<f64> {
        let all = self.all.checked_sub(before.all).filter(|all| *all > 0)? as f64;
        let idle = self.idle.saturating_sub(before.idle) as f64;
        Some((1.0 - idle / all).clamp(0.0, 1.0))
    }
}

/// Memory in use and in all, bytes, from `/proc/meminfo`; what the kernel would give back at once counts as free.
pub fn memory(text: &str) -> Option<(u64, u64)> {
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024)
    };
    let (all, free) = (field("MemTotal:")?, field("MemAvailable:")?);
    Some((all.saturating_sub(free), all))
}

/// The first graphics card, through NVIDIA's management library.
#[cfg(feature = "cuda")]
pub struct Card(nvml_wrapper::Nvml);

#[cfg(feature = "cuda")]
impl Card {
    /// Finds the driver; `None` where there is none.
    pub fn open() -> Option<Self> {
        nvml_wrapper::Nvml::init().ok().map(Card)
    }

    /// Asks the card; `None` where it doesn't answer.
    pub fn sample(&mut self) -> Option<Gpu> {
        let card = self.0.device_by_index(0).ok()?;
        let name = card.name().ok()?;
        let memory = card.memory_info().ok()?;
        let busy = f64::from(card.utilization_rates().ok()?.gpu) / 100.0;
        Some(Gpu {
            name: name.trim_start_matches("NVIDIA ").into(),
            busy,
            memory: (memory.used, memory.total),
        })
    }
}

/// A build without CUDA has no card to ask.
#[cfg(not(feature = "cuda"))]
pub enum Card {}

#[cfg(not(feature = "cuda"))]
impl Card {
    /// Never finds one.
    pub fn open() -> Option<Self> {
        None
    }

    /// Never called: there is no card.
    pub fn sample(&mut self) -> Option<Gpu> {
        match *self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_of_the_time_between_two_counts() {
        let before = Ticks::parse("cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1").unwrap();
        let now = Ticks::parse("cpu  200 0 150 750 100 0 0 0 0 0").unwrap();
        assert_eq!(now.busy_since(before), Some(0.75));
        assert_eq!(before.busy_since(before), None);
        assert_eq!(before.busy_since(now), None);
        assert_eq!(Ticks::parse(""), None);
    }

    #[test]
    fn memory_that_can_be_had_at_once_is_free() {
        let text = "MemTotal:  8192 kB\nMemFree:  100 kB\nMemAvailable:  6144 kB\n";
        assert_eq!(memory(text), Some((2048 * 1024, 8192 * 1024)));
        assert_eq!(memory("MemTotal: x kB"), None);
    }
}
