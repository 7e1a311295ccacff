//! What was done to runs in this session, to be taken back and done again. Taking back is never itself a thing to be taken
//! back: that has a key of its own, and nothing is destroyed by going to and fro.

use super::effect::Change;

/// What was done, the newest last, and what was taken back since.
#[derive(Clone, Debug, Default)]
pub struct History {
    done: Vec<Change>,
    undone: Vec<Change>,
}

/// Changes that are remembered, at most.
const KEPT: usize = 100;

impl History {
    /// Something new was done: what was taken back before can't be done again any more.
    pub fn record(&mut self, change: Change) {
        self.undone.clear();
        self.push(change);
    }

    /// Something was done again.
    pub fn redone(&mut self, change: Change) {
        self.push(change);
    }

    /// Something was taken back.
    pub fn undone(&mut self, change: Change) {
        self.undone.push(change);
    }

    /// Whether there is something to take back.
    pub fn has_any(&self) -> bool {
        !self.done.is_empty()
    }

    /// The newest change, to be taken back; it is no part of the history until it was.
    pub fn take_back(&mut self) -> Option<Change> {
        self.done.pop()
    }

    /// What was taken back last, to be done again.
    pub fn do_again(&mut self) -> Option<Change> {
        self.undone.pop()
    }

    fn push(&mut self, change: Change) {
        if self.done.len() == KEPT {
            self.done.remove(0);
        }
        self.done.push(change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::effect::Effect;

    fn change(what: &str) -> Change {
        Change { what: what.into(), back: vec![Effect::Redraw], again: Vec::new() }
    }

    #[test]
    fn going_back_and_forth_ends_where_it_began() {
        let mut history = History::default();
        for what in ["one", "two"] {
            history.record(change(what));
        }
        let second = history.take_back().unwrap();
        assert_eq!(second.what, "two");
        history.undone(second);
        assert_eq!(history.take_back().unwrap().what, "one");
        assert_eq!(history.take_back(), None);
        history.redone(history.clone().do_again().unwrap());
        history.record(change("three"));
        assert_eq!(history.do_again(), None, "a new change leaves nothing to do again");
    }
}
