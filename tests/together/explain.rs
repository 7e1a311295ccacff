//! Whether what several processes said of one run at the same time, and where it stands after them, come of some order of what
//! they did. What ended before another began comes before it.

use super::model::{End, Phase, Run, Verb, Who};
use super::said::Said;
use std::collections::HashSet;
use std::time::Duration;

/// From when to when a process lived, counted from the start of all.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    pub from: Duration,
    pub to: Duration,
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

/// A process that looks whether somebody has the run.
#[derive(Clone, Copy, Debug)]
pub struct Looker {
    /// Whatever it is that it wants of it.
    pub thorough: bool,
    pub life: Life,
}

/// All who lived at the same time.
#[derive(Clone, Copy, Debug)]
pub struct Company<'a> {
    pub acts: &'a [Act],
    pub workers: &'a [Worker],
    pub lookers: &'a [Looker],
}

/// A run and how far each command has come.
type Moment = (Run, Vec<Phase>);

impl Company<'_> {
    /// Where a run may stand after all of them, given where it may have stood before.
    pub fn outcomes(self, before: &HashSet<Run>) -> HashSet<Run> {
        let begin = |run: &Run| (*run, vec![Phase::Begun; self.acts.len()]);
        let mut seen: HashSet<Moment> = before.iter().map(begin).collect();
        let mut open: Vec<Moment> = seen.iter().cloned().collect();
        while let Some(moment) = open.pop() {
            let next = self.steps(&moment);
            open.extend(next.into_iter().filter(|moment| seen.insert(moment.clone())));
        }
        let over = |(run, phases): &Moment| run.may_stay() && phases.iter().all(|one| *one == Phase::Said);
        seen.into_iter().filter(over).map(|(run, _)| run).collect()
    }

    fn steps(self, moment: &Moment) -> Vec<Moment> {
        let (run, phases) = moment;
        let mut next = Vec::new();
        for (at, act) in self.acts.iter().enumerate().filter(|(_, act)| self.is_now(act.life, moment)) {
            for (run, phase) in run.step(at, act.verb, &act.said, phases[at]) {
                let mut phases = phases.clone();
                phases[at] = phase;
                next.push((run, phases));
            }
        }
        for (at, worker) in self.workers.iter().enumerate().filter(|(_, one)| self.is_now(one.life, moment)) {
            next.extend(run.worked(at, worker.end).into_iter().map(|run| (run, phases.clone())));
        }
        for (at, looker) in self.lookers.iter().enumerate().filter(|(_, one)| self.is_now(one.life, moment)) {
            next.extend(run.looked_at(at, looker.thorough).map(|run| (run, phases.clone())));
        }
        next
    }

    /// Whether a process may live now: after the beginning of what has begun, before the end of what has yet to be done,
    /// and while whoever has the run does.
    fn is_now(self, life: Life, (run, phases): &Moment) -> bool {
        let of_holder = run.held.map(|holder| match holder.who() {
            Who::Command(at) => self.acts[at].life,
            Who::Worker(at) => self.workers[at].life,
            Who::Looker(at) => self.lookers[at].life,
        });
        let lives = |life: Life| {
            self.acts.iter().zip(phases).all(|(act, phase)| match phase {
                Phase::Begun => life.from <= act.life.to,
                Phase::Said => act.life.from <= life.to,
                _ => act.life.meets(life),
            })
        };
        lives(life) && of_holder.is_none_or(|holder| holder.meets(life) && lives(holder))
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::{Asked, Stand};
    use super::*;

    fn life(from: u64, to: u64) -> Life {
        Life { from: Duration::from_millis(from), to: Duration::from_millis(to) }
    }

    fn act(verb: Verb, said: Said, from: u64, to: u64) -> Act {
        Act { verb, said, life: life(from, to) }
    }

    /// A run of which this was asked, and left undone.
    fn left(stand: Stand, asked: Option<Asked>) -> Run {
        Run { stand, asked, left: asked.is_some(), ..Run::NEW }
    }

    /// Where a run may stand, and what is left undone, after commands beside a worker that lives all the time.
    fn after(before: Run, acts: &[Act], worker: Option<End>) -> HashSet<(Stand, Option<Asked>, bool)> {
        let workers: Vec<Worker> = worker.map(|end| Worker { end, life: life(0, 100) }).into_iter().collect();
        let company = Company { acts, workers: &workers, lookers: &[] };
        let seen = company.outcomes(&HashSet::from([before]));
        seen.into_iter().map(|run| (run.stand, run.asked, run.in_trash)).collect()
    }

    #[test]
    fn a_worker_that_is_about_to_do_what_another_left_has_the_run_in_its_hands() {
        let before = left(Stand::Interrupted, Some(Asked::Cancel));
        let paused = act(Verb::Pause, Said::WillStill(Asked::Cancel), 40, 60);
        let cancelled = HashSet::from([(Stand::Cancelled, None, false)]);
        assert_eq!(after(before, std::slice::from_ref(&paused), Some(End::Itself)), cancelled);
        assert!(after(before, &[paused], None).is_empty(), "nobody has it, and it would have been done");
    }

    #[test]
    fn what_is_taken_back_is_not_done() {
        let acts = [act(Verb::Pause, Said::WillBe, 10, 20), act(Verb::Resume, Said::GoesOn, 30, 40)];
        let seen = after(Run::NEW, &acts, Some(End::Itself));
        assert_eq!(seen, HashSet::from([(Stand::Queued, None, false), (Stand::Finished, None, false)]));
        let [pause, resume] = acts;
        let seen = after(Run::NEW, &[Act { life: life(15, 35), ..pause }, resume], Some(End::Itself));
        assert!(seen.contains(&(Stand::Paused, None, false)), "the other way round where both were there");
    }

    #[test]
    fn a_run_at_rest_is_nobody_s_to_be_stopped() {
        let acts = [act(Verb::Remove, Said::WillBe, 10, 20)];
        let holds = [Looker { thorough: true, life: life(0, 100) }];
        let company = Company { acts: &acts, workers: &[], lookers: &holds };
        assert!(company.outcomes(&HashSet::from([left(Stand::Finished, None)])).is_empty());
        assert!(!company.outcomes(&HashSet::from([left(Stand::Interrupted, None)])).is_empty());
    }

    #[test]
    fn what_is_asked_while_it_goes_to_the_trash_goes_with_it() {
        let acts = [act(Verb::Remove, Said::Done, 10, 50), act(Verb::Pause, Said::WillBe, 10, 50)];
        let seen = after(Run::NEW, &acts, None);
        assert!(seen.contains(&(Stand::Queued, Some(Asked::Pause), true)), "{seen:?}");
        assert!(seen.iter().all(|(.., in_trash)| *in_trash), "{seen:?}");
        let before = Run { in_trash: true, ..left(Stand::Queued, Some(Asked::Pause)) };
        let restored =
            [act(Verb::Restore, Said::Done, 60, 70), act(Verb::Pause, Said::Is(Stand::Paused), 80, 90)];
        assert_eq!(after(before, &restored, None), HashSet::from([(Stand::Paused, None, false)]));
    }

    #[test]
    fn of_two_that_remove_a_run_one_finds_it_gone() {
        let one = act(Verb::Remove, Said::Done, 10, 30);
        let other = |from, to| act(Verb::Remove, Said::WasRemoved, from, to);
        let gone = HashSet::from([(Stand::Paused, None, true)]);
        let before = left(Stand::Paused, None);
        assert_eq!(after(before, &[one.clone(), other(20, 40)], None), gone);
        assert!(after(before, &[one, other(31, 40)], None).is_empty(), "it was gone before");
    }

    #[test]
    fn only_a_killed_worker_leaves_undone_what_was_asked() {
        let removed = [act(Verb::Remove, Said::WillBe, 10, 20)];
        let by_itself = after(Run::NEW, &removed, Some(End::Itself));
        assert!(!by_itself.is_empty() && by_itself.iter().all(|(.., in_trash)| *in_trash), "{by_itself:?}");
        let killed = after(Run::NEW, &removed, Some(End::Killed));
        for stand in [Stand::Queued, Stand::Interrupted, Stand::Cancelled, Stand::Finished] {
            assert!(killed.contains(&(stand, Some(Asked::Remove), false)), "{stand:?}: {killed:?}");
        }
    }
}
