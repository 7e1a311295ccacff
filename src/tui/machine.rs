//! What the machine is busy with, now and over time. Sampled on a thread of its own: a driver that hangs stops the figures, not the screen.

use crate::notebook::{RunState, RunSummary};
use jiff::Timestamp;
use std::collections::VecDeque;

/// A sample.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Load {
    /// Cores of the CPU.
    pub cores: usize,
    /// Share of them that is busy, 0 to 1, once two samples were taken.
    pub cpu: Option<f64>,
    /// Memory in use and in all, bytes.
    pub memory: Option<(u64, u64)>,
    /// The GPU in use, else the first, where there is one that can be asked.
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

/// A sample with its time, and the epochs that were trained until then.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// When.
    pub at: Timestamp,
    /// What the machine was busy with.
    pub load: Load,
    /// Epochs of all runs together, since the screen was opened.
    pub epochs: u64,
}

/// The samples of the last while, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Loads(VecDeque<Sample>);

/// Samples that are kept: an hour of one every two seconds.
const KEPT: usize = 1800;

impl Loads {
    /// Adds one; the oldest goes.
    pub fn push(&mut self, sample: Sample) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(sample);
    }

    /// A figure over time: seconds before `now`, negative, and the figure where it is known.
    pub fn over_time<'a>(
        &'a self,
        now: Timestamp,
        figure: impl Fn(&Load) -> Option<f64> + 'a,
    ) -> impl Iterator<Item = (f64, f64)> + 'a {
        self.0.iter().map(move |sample| (seconds(sample.at, now), figure(&sample.load).unwrap_or(f64::NAN)))
    }

    /// Epochs a second of all that trains, between samples ten seconds apart or more: they come in bursts.
    pub fn throughput(&self, now: Timestamp) -> Vec<(f64, f64)> {
        let mut points = Vec::new();
        let Some(mut before) = self.0.front() else { return points };
        for sample in &self.0 {
            let between = sample.at.duration_since(before.at).as_secs_f64();
            if between >= 10.0 {
                let done = sample.epochs.saturating_sub(before.epochs);
                points.push((seconds(sample.at, now), done as f64 / between));
                before = sample;
            }
        }
        points
    }
}

fn seconds(at: Timestamp, now: Timestamp) -> f64 {
    -now.duration_since(at).as_secs_f64()
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

/// What a machine's runs in training are computed on, as their `started` events say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InUse {
    /// The processes.
    pub processes: Vec<u32>,
    /// The cards, by their numbers in `--device`.
    pub cards: Vec<usize>,
}

impl InUse {
    /// By the runs of a machine.
    pub fn by(runs: &[RunSummary], host: &str) -> Self {
        let running = runs.iter().filter(|run| run.state == RunState::Running);
        let started = running.filter_map(|run| run.started.as_ref()).filter(|started| started.host == host);
        let mut used = InUse::default();
        for started in started {
            let number: String = match started.device.strip_prefix("cuda:") {
                Some(rest) => rest.chars().take_while(char::is_ascii_digit).collect(),
                None => continue,
            };
            used.processes.push(started.pid);
            used.cards.extend(number.parse::<usize>());
        }
        used
    }

    /// Which of the cards to show, given the processes on each. A process is known for sure; the management library counts
    /// cards otherwise than CUDA where `CUDA_VISIBLE_DEVICES` is set, so numbers come second.
    pub fn shown(&self, cards: &[Vec<u32>]) -> usize {
        let computes = |on: &Vec<u32>| on.iter().any(|process| self.processes.contains(process));
        let numbered = || self.cards.iter().copied().find(|&number| number < cards.len());
        cards.iter().position(computes).or_else(numbered).unwrap_or(0)
    }
}

/// The graphics cards, through NVIDIA's management library.
#[cfg(feature = "cuda")]
pub struct Cards(nvml_wrapper::Nvml);

#[cfg(feature = "cuda")]
impl Cards {
    /// Finds the driver; `None` where there is none.
    pub fn open() -> Option<Self> {
        nvml_wrapper::Nvml::init().ok().map(Cards)
    }

    /// Asks the card in use; `None` where it doesn't answer.
    pub fn sample(&mut self, used: &InUse) -> Option<Gpu> {
        let processes = |number| {
            let card = self.0.device_by_index(number).ok()?;
            Some(card.running_compute_processes().ok()?.iter().map(|process| process.pid).collect())
        };
        let count = self.0.device_count().ok()?;
        let on: Vec<Vec<u32>> = (0..count).map(|number| processes(number).unwrap_or_default()).collect();
        let card = self.0.device_by_index(used.shown(&on) as u32).ok()?;
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
pub enum Cards {}

#[cfg(not(feature = "cuda"))]
impl Cards {
    /// Never finds one.
    pub fn open() -> Option<Self> {
        None
    }

    /// Never called: there is no card.
    pub fn sample(&mut self, _: &InUse) -> Option<Gpu> {
        match *self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

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
    fn the_card_in_use_is_shown() {
        let used = InUse { processes: vec![70], cards: vec![1] };
        assert_eq!(used.shown(&[vec![], vec![9], vec![8, 70]]), 2);
        assert_eq!(
            used.shown(&[vec![], vec![9], vec![8]]),
            1,
            "in a container the processes have other numbers"
        );
        assert_eq!(used.shown(&[vec![]]), 0);
        assert_eq!(InUse::default().shown(&[vec![1], vec![2]]), 0);
    }

    #[test]
    fn throughput_is_of_the_epochs_between_samples() {
        let mut loads = Loads::default();
        let start = Timestamp::UNIX_EPOCH;
        for (seconds, epochs) in [(0, 100), (2, 100), (10, 120), (20, 120)] {
            let at = start + SignedDuration::from_secs(seconds);
            loads.push(Sample { at, load: Load { cpu: Some(0.5), ..Load::default() }, epochs });
        }
        let now = start + SignedDuration::from_secs(20);
        let rates: Vec<f64> = loads.throughput(now).iter().map(|(_, rate)| *rate).collect();
        assert_eq!(rates, [2.0, 0.0]);
        let first = loads.over_time(now, |load| load.cpu).next().unwrap();
        assert!((first.0 + 20.0).abs() < 1e-9 && first.1 == 0.5);
    }

    #[test]
    fn memory_that_can_be_had_at_once_is_free() {
        let text = "MemTotal:  8192 kB\nMemFree:  100 kB\nMemAvailable:  6144 kB\n";
        assert_eq!(memory(text), Some((2048 * 1024, 8192 * 1024)));
        assert_eq!(memory("MemTotal: x kB"), None);
    }
}
