//! What a worker that is about to end knows of the runs that other machines have: whether those are heard of. A worker that
//! lives renews its lease, and its runs are none of our business; one that has gone silent may have died, and then its run is
//! left undone. Knows nothing of the queue.

use crate::notebook::{Elsewhere, RunDir};
use std::collections::HashMap;
use std::time::Duration;

/// What is known of the runs that other machines have.
#[derive(Debug, Default)]
pub(super) struct Hearing(HashMap<String, Heard>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    /// How long it was silent when it was looked at last.
    Silent(Duration),
    /// It was renewed since it was looked at first.
    Lives,
}

/// What is said of those runs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct News {
    /// Whether there are some that will be heard of soon, if their workers live.
    pub awaited: bool,
    /// Those that should have been heard of, a sentence each.
    pub unheard: Vec<String>,
}

impl Hearing {
    /// Looks at the runs that somebody trains.
    pub fn listen(&mut self, runs: impl Iterator<Item = RunDir>) -> News {
        let mut news = News::default();
        for (dir, there) in runs.filter_map(|dir| dir.elsewhere().map(|there| (dir, there))) {
            self.hear(dir.id(), &there, &mut news);
        }
        news
    }

    fn hear(&mut self, id: &str, there: &Elsewhere, news: &mut News) {
        let before = self.0.get(id).copied();
        let heard = match before {
            Some(Heard::Lives) => Heard::Lives,
            Some(Heard::Silent(before)) if there.silent < before => Heard::Lives,
            _ => Heard::Silent(there.silent),
        };
        self.0.insert(id.to_owned(), heard);
        match heard {
            Heard::Lives => {}
            Heard::Silent(_) if there.is_overdue() => news.unheard.push(sentence(id, there)),
            Heard::Silent(_) => news.awaited = true,
        }
    }
}

fn sentence(id: &str, there: &Elsewhere) -> String {
    let host = there.host.as_deref().unwrap_or("another machine");
    let (silent, left) = (there.silent.as_secs(), there.left().as_secs());
    format!(
        "{id} is left: {host} has it and was last heard of {silent} s ago; if its worker died, 'eeg-tui work' goes on with the run in {left} s"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(hearing: &mut Hearing, silent: u64) -> News {
        let there = Elsewhere { host: Some("node7".into()), silent: Duration::from_secs(silent) };
        let mut news = News::default();
        hearing.hear("a", &there, &mut news);
        news
    }

    #[test]
    fn who_is_heard_of_lives_and_who_misses_its_beat_is_named() {
        let mut hearing = Hearing::default();
        assert_eq!(heard(&mut hearing, 3), News { awaited: true, unheard: Vec::new() });
        assert_eq!(heard(&mut hearing, 14), News { awaited: true, unheard: Vec::new() });
        assert_eq!(heard(&mut hearing, 0), News::default());
        assert_eq!(heard(&mut hearing, 9), News::default(), "it was heard of");
        let said = heard(&mut Hearing::default(), 40).unheard;
        assert!(said[0].contains("a is left: node7 has it") && said[0].contains("in 50 s"), "{said:?}");
    }
}
