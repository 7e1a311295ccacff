//! When a worker may be started again. Each start after which no worker is seen makes the next wait twice as long; one whose
//! device does not open is not tried again for the longest time.

use std::time::{Duration, Instant};

/// How long a worker is given to show signs of life.
const FIRST: Duration = Duration::from_secs(10);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(600);

/// The starts so far.
#[derive(Debug, Default)]
pub struct Restarts {
    /// When one was started last.
    last: Option<Instant>,
    /// How often in a row nothing was seen of it.
    vain: u32,
}

impl Restarts {
    /// Whether one may be started now.
    pub fn is_due(&self, now: Instant) -> bool {
        self.last.is_none_or(|last| now.duration_since(last) > self.pause())
    }

    /// One is started.
    pub fn started(&mut self, now: Instant) {
        self.last = Some(now);
        self.vain += 1;
    }

    /// A worker is alive.
    pub fn lives(&mut self) {
        self.vain = 0;
    }

    /// The one that was started last says that its device does not open.
    pub fn refused(&mut self) {
        self.vain = self.vain.max(u32::BITS);
    }

    /// A person wants one now.
    pub fn ask(&mut self) {
        *self = Restarts::default();
    }

    fn pause(&self) -> Duration {
        FIRST.saturating_mul(1 << self.vain.saturating_sub(1).min(16)).min(LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many starts there are in this many minutes, where one is made whenever it is due.
    fn starts(minutes: u64, mut look: impl FnMut(&mut Restarts)) -> usize {
        let begin = Instant::now();
        let mut restarts = Restarts::default();
        let mut count = 0;
        for second in 0..60 * minutes {
            let now = begin + Duration::from_secs(second);
            if restarts.is_due(now) {
                restarts.started(now);
                count += 1;
            }
            look(&mut restarts);
        }
        count
    }

    #[test]
    fn a_worker_that_never_lives_is_started_less_and_less_often() {
        assert_eq!(starts(8, |_| {}), 6);
        assert!(starts(120, |_| {}) < 20);
    }

    #[test]
    fn a_device_that_does_not_open_is_left_alone_until_a_person_asks() {
        assert_eq!(starts(8, Restarts::refused), 1);
        assert_eq!(starts(30, Restarts::refused), 3);
        let mut restarts = Restarts::default();
        restarts.started(Instant::now());
        restarts.refused();
        assert!(!restarts.is_due(Instant::now()));
        restarts.ask();
        assert!(restarts.is_due(Instant::now()));
    }

    #[test]
    fn one_that_lived_is_replaced_soon() {
        assert!(starts(8, Restarts::lives) > 40);
    }
}
