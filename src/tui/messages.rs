//! What the screen tells the person: the newest in the footer for a while, all of them under `!`.

use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;

/// Whether a message is good or bad news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something was done.
    Done,
    /// Something could not be done.
    Failed,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// Good or bad.
    pub kind: Kind,
    /// A sentence.
    pub text: String,
    /// It holds for as long as one of these runs trains; always where there are none.
    pub while_training: Vec<String>,
}

/// The messages of this session, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Messages {
    entries: VecDeque<Entry>,
    /// Whether the newest was waved away.
    dismissed: bool,
}

/// Messages that are kept.
const KEPT: usize = 200;
/// How long good news stays in the footer. Bad news stays until a key is pressed.
const SHOWN: SignedDuration = SignedDuration::from_secs(8);

impl Messages {
    /// Adds one.
    pub fn push(&mut self, at: Timestamp, kind: Kind, text: impl Into<String>) {
        self.push_while(at, kind, text, Vec::new());
    }

    /// Adds one that holds for as long as one of these runs trains.
    pub fn push_while(
        &mut self,
        at: Timestamp,
        kind: Kind,
        text: impl Into<String>,
        while_training: Vec<String>,
    ) {
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        let text = crate::printable::printable(&text.into()).into_owned();
        self.entries.push_back(Entry { at, kind, text, while_training });
        self.dismissed = false;
    }

    /// Adds one that is shown elsewhere already: only the list of all has it.
    pub fn log(&mut self, at: Timestamp, kind: Kind, text: impl Into<String>) {
        let shows = !self.dismissed && !self.entries.is_empty();
        self.push(at, kind, text);
        let newest = self.entries.len() - 1;
        if shows {
            self.entries.swap(newest - 1, newest);
        }
        self.dismissed = !shows;
    }

    /// The one to show now.
    pub fn current(&self, now: Timestamp) -> Option<&Entry> {
        let newest = self.entries.back().filter(|_| !self.dismissed)?;
        let fresh = newest.kind == Kind::Failed || now.duration_since(newest.at) < SHOWN;
        fresh.then_some(newest)
    }

    /// Waves the newest away if it is no longer true.
    pub fn outdate(&mut self, trains: impl Fn(&str) -> bool) {
        let outdated = |entry: &Entry| {
            !entry.while_training.is_empty() && !entry.while_training.iter().any(|id| trains(id))
        };
        if self.entries.back().is_some_and(outdated) {
            self.dismissed = true;
        }
    }

    /// Waves the newest away.
    pub fn dismiss(&mut self) {
        self.dismissed = true;
    }

    /// All, newest first.
    pub fn newest_first(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.entries.iter().rev()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_news_fades_and_bad_news_stays() {
        let (start, later) = (Timestamp::UNIX_EPOCH, Timestamp::from_second(9).unwrap());
        let mut messages = Messages::default();
        messages.push(start, Kind::Done, "enqueued");
        assert!(messages.current(start).is_some());
        assert!(messages.current(later).is_none());
        messages.push(start, Kind::Failed, "disk \x1b[2J full");
        assert!(!messages.current(later).unwrap().text.contains('\x1b'));
        messages.dismiss();
        assert!(messages.current(later).is_none());
        assert_eq!(messages.newest_first().len(), 2);
    }
}
