//! How runs that are trained by threads of their own come to be computed together: each asks for its epoch or evaluation and waits; once
//! all members of the group have asked, one of them plays what all asked for. Who leaves is not waited for any more.

use super::group::{EpochOrder, EpochResult, EvaluationOrder, Group, SetId};
use super::player::Player;
use crate::state::Stopped;
use candle_core::{Error, Result};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};

/// A run's place in a group; dropped, it leaves.
pub struct Member(Arc<Shared>);

/// A way into a group that holds no place in it.
#[derive(Clone)]
pub struct Invitation(Weak<Shared>);

struct Shared {
    group: Mutex<Group>,
    table: Mutex<Table>,
    news: Condvar,
}

/// What was asked and answered.
#[derive(Default)]
struct Table {
    members: usize,
    /// Whether someone plays.
    plays: bool,
    next: u64,
    asked: Vec<(u64, Request)>,
    answered: HashMap<u64, Answer>,
}

enum Request {
    Epoch(Box<EpochOrder>, Stopped),
    Evaluation(EvaluationOrder),
}

/// Errors as their words: those of a launch are those of all who were computed in it.
enum Answer {
    Epoch(Option<EpochResult>),
    Evaluation(Vec<f32>),
    Failed(String),
}

impl Member {
    /// The first of a group.
    pub fn first(player: Box<dyn Player>) -> Self {
        let table = Mutex::new(Table { members: 1, ..Table::default() });
        Member(Arc::new(Shared { group: Mutex::new(Group::new(player)), table, news: Condvar::new() }))
    }

    /// One more of the same group.
    pub fn join(&self) -> Self {
        lock(&self.0.table).members += 1;
        Member(self.0.clone())
    }

    /// For those who may come later.
    pub fn invitation(&self) -> Invitation {
        Invitation(Arc::downgrade(&self.0))
    }

    /// How many there are.
    pub fn members(&self) -> usize {
        lock(&self.0.table).members
    }

    /// Puts trials on the device, unless the very same lie there.
    pub fn add_set(&self, x: &[f32], labels: &[u32]) -> Result<SetId> {
        lock(&self.0.group).add_set(x, labels)
    }

    /// Trains an epoch, together with what the others ask for. `None` where it was stopped; that is so where all that it was computed
    /// with were.
    pub fn train(&self, order: EpochOrder, stopped: Stopped) -> Result<Option<EpochResult>> {
        match self.ask(Request::Epoch(Box::new(order), stopped))? {
            Answer::Epoch(result) => Ok(result),
            _ => Err(Error::msg("an epoch was answered with something else")),
        }
    }

    /// Logits (trial, class) of a set, computed together with what the others ask for.
    pub fn evaluate(&self, order: EvaluationOrder) -> Result<Vec<f32>> {
        match self.ask(Request::Evaluation(order))? {
            Answer::Evaluation(logits) => Ok(logits),
            _ => Err(Error::msg("an evaluation was answered with something else")),
        }
    }

    fn ask(&self, request: Request) -> Result<Answer> {
        let Shared { group, table, news } = self.0.as_ref();
        let mut at = lock(table);
        let id = at.next;
        at.next += 1;
        at.asked.push((id, request));
        loop {
            match at.answered.remove(&id) {
                Some(Answer::Failed(said)) => return Err(Error::msg(said)),
                Some(answer) => return Ok(answer),
                None => {}
            }
            if at.plays || at.asked.len() < at.members {
                at = news.wait(at).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            at.plays = true;
            let asked = std::mem::take(&mut at.asked);
            drop(at);
            let answers = play(&mut lock(group), asked);
            at = lock(table);
            at.plays = false;
            at.answered.extend(answers);
            news.notify_all();
        }
    }
}

impl Invitation {
    /// Whether someone is there.
    pub fn is_open(&self) -> bool {
        self.0.upgrade().is_some_and(|shared| lock(&shared.table).members > 0)
    }

    /// One more of the group, unless all have left or there are as many as there may be.
    pub fn accept(&self, most: usize) -> Option<Member> {
        let shared = self.0.upgrade()?;
        let mut table = lock(&shared.table);
        if table.members == 0 || table.members >= most {
            return None;
        }
        table.members += 1;
        drop(table);
        Some(Member(shared))
    }
}

impl std::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Invitation")
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        lock(&self.0.table).members -= 1;
        self.0.news.notify_all();
    }
}

impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Member(of {})", self.members())
    }
}

/// What a panic leaves behind is whole: answers are given after all is computed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers all requests; those that go together are computed in the same launches.
fn play(group: &mut Group, asked: Vec<(u64, Request)>) -> Vec<(u64, Answer)> {
    let (mut epochs, mut evaluations) = (Vec::new(), Vec::new());
    for (id, request) in asked {
        match request {
            Request::Epoch(order, stopped) => epochs.push((id, (order, stopped))),
            Request::Evaluation(order) => evaluations.push((id, order)),
        }
    }
    let mut answers = Vec::new();
    for together in sorted(epochs, |(one, _), (other, _)| one.goes_with(other)) {
        let orders: Vec<&EpochOrder> = together.iter().map(|(_, (order, _))| order.as_ref()).collect();
        let stopped = || together.iter().all(|(_, (_, stopped))| stopped());
        let results = guarded(|| group.train(&orders, &stopped));
        let results = results.map(|results| match results {
            Some(results) => results.into_iter().map(|result| Answer::Epoch(Some(result))).collect(),
            None => orders.iter().map(|_| Answer::Epoch(None)).collect(),
        });
        answers.extend(answered(together.iter().map(|(id, _)| *id), results));
    }
    for together in sorted(evaluations, EvaluationOrder::goes_with) {
        let orders: Vec<&EvaluationOrder> = together.iter().map(|(_, order)| order).collect();
        let results = guarded(|| group.evaluate(&orders));
        let results = results.map(|logits| logits.into_iter().map(Answer::Evaluation).collect());
        answers.extend(answered(together.iter().map(|(id, _)| *id), results));
    }
    answers
}

/// Requests in groups of those that go together.
fn sorted<T>(requests: Vec<(u64, T)>, goes_with: impl Fn(&T, &T) -> bool) -> Vec<Vec<(u64, T)>> {
    let mut groups: Vec<Vec<(u64, T)>> = Vec::new();
    for (id, request) in requests {
        match groups.iter_mut().find(|group| goes_with(&group[0].1, &request)) {
            Some(group) => group.push((id, request)),
            None => groups.push(vec![(id, request)]),
        }
    }
    groups
}

/// Whoever plays must answer the others, whatever happens.
fn guarded<T>(compute: impl FnOnce() -> Result<T>) -> std::result::Result<T, String> {
    match catch_unwind(AssertUnwindSafe(compute)) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err("a defect of the program ended a computation on the card; please report it".into()),
    }
}

fn answered(
    ids: impl Iterator<Item = u64>,
    results: std::result::Result<Vec<Answer>, String>,
) -> Vec<(u64, Answer)> {
    match results {
        Ok(results) => ids.zip(results).collect(),
        Err(said) => ids.map(|id| (id, Answer::Failed(said.clone()))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::emulated::Emulation;
    use super::*;

    #[test]
    fn a_group_that_is_full_or_left_by_all_is_joined_by_none() {
        let Some(emulation) = Emulation::of_this_machine() else { return };
        let first = Member::first(emulation.player(1));
        let invitation = first.invitation();
        let second = invitation.accept(2).unwrap();
        assert!(invitation.accept(2).is_none(), "it is full");
        drop(first);
        let third = invitation.accept(2).unwrap();
        assert_eq!(second.members(), 2);
        drop((second, third));
        assert!(invitation.accept(2).is_none(), "nobody is there");
    }
}
