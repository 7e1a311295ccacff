//! Leaving alone what went wrong, for longer each time. Knows nothing of what it was.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// The first pause.
const FIRST: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(60);

/// Runs that are left alone for a while, by name.
#[derive(Debug, Default)]
pub struct Respites(HashMap<String, Respite>);

/// One run's.
#[derive(Debug)]
pub struct Respite {
    /// How often in a row it went wrong.
    pub tries: u32,
    /// Until when it is left alone.
    until: Instant,
    /// What went wrong last, where something did: it may only have been in another's hands.
    pub why: Option<String>,
}

impl Respites {
    /// Leaves a run alone, twice as long as the last time.
    pub fn grant(&mut self, id: &str, why: Option<String>) {
        let tries = self.0.get(id).map_or(0, |respite| respite.tries);
        let pause = FIRST.saturating_mul(1 << tries.min(16)).min(LONGEST);
        self.0.insert(id.into(), Respite { tries: tries + 1, until: Instant::now() + pause, why });
    }

    /// Whether a run is left alone now.
    pub fn holds(&self, id: &str) -> bool {
        self.0.get(id).is_some_and(|respite| respite.until > Instant::now())
    }

    /// What is known of a run.
    pub fn get(&self, id: &str) -> Option<&Respite> {
        self.0.get(id)
    }

    /// All went well with a run.
    pub fn forget(&mut self, id: &str) {
        self.0.remove(id);
    }

    /// Forgets the runs that are not there any more.
    pub fn keep(&mut self, is_there: impl Fn(&str) -> bool) {
        self.0.retain(|id, _| is_there(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_respite_is_longer_than_the_last_up_to_a_minute() {
        let mut respites = Respites::default();
        let mut last = Duration::ZERO;
        for tries in 1..40 {
            respites.grant("a", None);
            let respite = respites.get("a").unwrap();
            let pause = respite.until.saturating_duration_since(Instant::now());
            assert_eq!(respite.tries, tries);
            assert!(
                respites.holds("a") && pause <= LONGEST && pause + Duration::from_secs(1) > last,
                "{pause:?}"
            );
            last = pause;
        }
        respites.forget("a");
        assert!(!respites.holds("a"));
    }
}
