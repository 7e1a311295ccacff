//! Whether what several processes said of one run at the same time, and where it stands after them, come of some order of what
//! they did. What ended before another began comes before it.

use super::model::{End, Run, Verb};
use super::said::Said;
use std::collections::HashSet;
use std::time::Instant;

/// From when to when a process lived.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    pub from: Instant,
    pub to: Instant,
}

impl Life {
    fn meets(self, other: Life) -> bool {
        self.from <= other.to && other.from <= self.to
    }
}

/// One command, and what it said.
#[derive(Clone, Debug)]
pub struct Act {
    pub verb: Verb,
    pub said: Said,
    pub life: Life,
}

/// One worker.
#[derive(Clone, Copy, Debug)]
pub struct Worker {
    pub end: End,
    pub life: Life,
}

/// Where a run may stand after all of them, given where it may have stood before.
pub fn outcomes(before: &HashSet<Run>, acts: &[Act], workers: &[Worker]) -> HashSet<Run> {
    let mut seen: HashSet<(Run, u32)> = before.iter().map(|run| (*run, 0)).collect();
    let mut open: Vec<(Run, u32)> = seen.iter().copied().collect();
    let all = (1u32 << acts.len()) - 1;
    while let Some((run, done)) = open.pop() {
        let is_done = |at: usize| done >> at & 1 == 1;
        let mut next = Vec::new();
        for (at, act) in acts.iter().enumerate().filter(|(at, _)| !is_done(*at)) {
            let its_turn =
                acts.iter().enumerate().all(|(other, one)| is_done(other) || one.life.to >= act.life.from);
            let company = acts.iter().enumerate().any(|(other, one)| other != at && one.life.meets(act.life));
            if its_turn {
                let after = run.after(act.verb, &act.said, company);
                next.extend(after.into_iter().map(|run| (run, done | 1 << at)));
            }
        }
        for (number, worker) in workers.iter().enumerate() {
            let its_turn = acts.iter().enumerate().all(|(at, act)| match is_done(at) {
                true => act.life.from <= worker.life.to,
                false => act.life.to >= worker.life.from,
            });
            if its_turn {
                next.extend(run.worked(number, worker.end).into_iter().map(|run| (run, done)));
            }
        }
        open.extend(next.into_iter().filter(|state| seen.insert(*state)));
    }
    seen.into_iter().filter(|(run, done)| *done == all && run.held.is_none()).map(|(run, _)| run).collect()
}
