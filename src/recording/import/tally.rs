//! What an import counts and notices on its way.

use crate::counted::counted;
use serde::{Deserialize, Serialize};

/// Trials that were not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    /// Why.
    pub why: String,
    /// How many.
    pub count: usize,
}

impl Lost {
    /// So many trials that were not taken, in words.
    pub fn said(count: usize) -> String {
        format!("{} {} not taken", counted(count, "trial"), if count == 1 { "was" } else { "were" })
    }
}

/// What is counted and noticed on the way.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    lost: Vec<Lost>,
    notes: Vec<String>,
}

impl Tally {
    /// Counts trials that were not taken.
    pub fn lose(&mut self, why: &str, count: usize) {
        match self.lost.iter_mut().find(|lost| lost.why == why) {
            _ if count == 0 => {}
            Some(lost) => lost.count += count,
            None => self.lost.push(Lost { why: why.to_owned(), count }),
        }
    }

    /// Notices something once.
    pub fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// The trials that were not taken.
    pub fn lost(&self) -> &[Lost] {
        &self.lost
    }

    /// What was noticed.
    pub fn notes(self) -> Vec<String> {
        self.notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_lost_trial_is_one_trial() {
        assert_eq!(Lost::said(1), "1 trial was not taken");
        assert_eq!(Lost::said(11), "11 trials were not taken");
    }
}
