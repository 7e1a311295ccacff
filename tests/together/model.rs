//! One run as a person knows it, and what each command may say and bring about: the small machine that the program is held
//! against. Knows nothing of processes, files or time.

use super::said::Said;

/// What the last word on a run was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stand {
    Queued,
    Interrupted,
    Paused,
    Cancelled,
    Finished,
}

/// What whoever holds a run was asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    Pause,
    Cancel,
    Remove,
    Resume,
}

impl Asked {
    /// Whether it stays asked though the other is asked after it.
    fn outweighs(self, other: Asked) -> bool {
        use Asked::{Cancel, Pause, Remove};
        matches!((self, other), (Remove, Pause | Cancel) | (Cancel, Pause))
    }
}

/// What a command is about to do to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    Pause,
    Resume,
    Cancel,
    Remove,
    Restore,
    Retry,
}

impl Verb {
    pub fn name(self) -> &'static str {
        match self {
            Verb::Pause => "pause",
            Verb::Resume => "resume",
            Verb::Cancel => "cancel",
            Verb::Remove => "remove",
            Verb::Restore => "restore",
            Verb::Retry => "retry",
        }
    }

    fn asks(self) -> Option<Asked> {
        match self {
            Verb::Pause => Some(Asked::Pause),
            Verb::Resume => Some(Asked::Resume),
            Verb::Cancel => Some(Asked::Cancel),
            Verb::Remove => Some(Asked::Remove),
            Verb::Restore | Verb::Retry => None,
        }
    }
}

/// One run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    pub stand: Stand,
    pub asked: Option<Asked>,
    pub in_trash: bool,
    /// The worker that trains it.
    pub held: Option<usize>,
}

/// How a worker's process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// When it found nothing more to do.
    Itself,
    /// It was told to.
    Told,
    /// It was killed.
    Killed,
}

impl Run {
    pub const NEW: Run = Run { stand: Stand::Queued, asked: None, in_trash: false, held: None };

    pub fn waits(self) -> bool {
        !self.in_trash && matches!(self.stand, Stand::Queued | Stand::Interrupted)
    }

    fn at(self, stand: Stand) -> Run {
        Run { stand, ..self }
    }

    /// What was asked is done, where it can be done.
    fn obeyed(self) -> Run {
        use Stand::{Cancelled, Interrupted, Paused, Queued};
        let free = Run { asked: None, ..self };
        match (self.asked, self.stand) {
            (Some(Asked::Pause), Queued | Interrupted) => free.at(Paused),
            (Some(Asked::Cancel), Queued | Interrupted | Paused) => free.at(Cancelled),
            (Some(Asked::Resume), Paused | Cancelled) => free.at(Queued),
            (Some(Asked::Remove), _) => Run { in_trash: true, ..free },
            (None | Some(Asked::Pause | Asked::Cancel | Asked::Resume), _) => free,
        }
    }

    /// What may become of a run under a command that says this; nothing where it may not say so. `company` is whether another
    /// command may have the run in its hands.
    pub fn after(self, verb: Verb, said: &Said, company: bool) -> Vec<Run> {
        if let Said::WillStill(before) = said {
            let stays = self.asked == Some(*before) && verb.asks().is_some_and(|now| before.outweighs(now));
            let in_hands = !self.in_trash && (company || self.held.is_some());
            return if stays && in_hands { vec![self] } else { Vec::new() };
        }
        let alone = self.after_alone(verb, said);
        if company && self.in_trash && *said == Said::WasRemoved {
            // Another took it away while this one had it in its hands.
            return vec![self];
        }
        if company && self.held.is_none() && !self.in_trash && !self.obeyed().in_trash {
            return alone.into_iter().chain(self.obeyed().after_another(verb, said)).collect();
        }
        if alone.is_none() && self.held.is_some() {
            return self.after_a_worker_left(verb, said);
        }
        alone.into_iter().collect()
    }

    /// The same where a worker has the run while it is asked, and has left before it could see what was asked: the command
    /// does that itself, and finds it done.
    fn after_a_worker_left(self, verb: Verb, said: &Said) -> Vec<Run> {
        let (asked @ Some(_), Said::Is(stand)) = (verb.asks(), said) else { return Vec::new() };
        let left = Run { asked, held: None, ..self };
        let ways = [left, left.at(Stand::Interrupted), left.at(Stand::Finished)].map(Run::obeyed);
        ways.into_iter().filter(|run| run.stand == *stand && !run.in_trash).collect()
    }

    /// The same where another command has the run in its hands.
    fn after_another(self, verb: Verb, said: &Said) -> Vec<Run> {
        match (said, verb.asks()) {
            // Whoever has it does what was asked when it lets go, or whoever has it next.
            (Said::WillBe | Said::GoesOn, asked @ Some(_)) => {
                let left = Run { asked, ..self };
                vec![left, left.obeyed()]
            }
            // It was done by whoever had it, and is found done.
            (Said::Is(stand), asked @ Some(_)) => {
                let done = Run { asked, ..self }.obeyed();
                if done.stand == *stand { vec![done] } else { Vec::new() }
            }
            (Said::WasRemoved, asked @ Some(Asked::Remove)) => vec![Run { asked, ..self }.obeyed()],
            (Said::InTraining, None) if verb == Verb::Retry && self.stand != Stand::Finished => vec![self],
            _ => Vec::new(),
        }
    }

    fn after_alone(self, verb: Verb, said: &Said) -> Option<Run> {
        if self.in_trash {
            let back = Run { in_trash: false, ..self };
            return match (verb, said) {
                (Verb::Restore, Said::Done) => Some(back),
                (Verb::Restore, _) => None,
                (_, Said::NotThere) => Some(self),
                _ => None,
            };
        }
        if verb == Verb::Restore {
            return (*said == Said::NotThere).then_some(self);
        }
        if self.held.is_some() {
            let is_less = |now: Asked| self.asked.is_some_and(|before| before.outweighs(now));
            return match (verb.asks(), said) {
                (Some(now), Said::WillBe) if is_less(now) => None,
                (asked @ Some(Asked::Resume), Said::GoesOn) => Some(Run { asked, ..self }),
                (asked @ Some(Asked::Pause | Asked::Cancel | Asked::Remove), Said::WillBe)
                | (asked @ Some(Asked::Remove), Said::WasRemoved) => Some(Run { asked, ..self }),
                (None, Said::InTraining) => Some(self),
                _ => None,
            };
        }
        // What was asked of a process that is no more comes first.
        let before = self.obeyed();
        if before.in_trash {
            return (*said == Said::Done || *said == Said::WasRemoved).then_some(before);
        }
        before.free_after(verb, said)
    }

    fn free_after(self, verb: Verb, said: &Said) -> Option<Run> {
        use Stand::{Cancelled, Finished, Interrupted, Paused, Queued};
        let now = match (verb, self.stand) {
            (Verb::Pause, Queued | Interrupted) => Some(self.at(Paused)),
            (Verb::Resume, Paused | Cancelled) => Some(self.at(Queued)),
            (Verb::Cancel, Queued | Interrupted | Paused) => Some(self.at(Cancelled)),
            (Verb::Remove, _) => Some(Run { in_trash: true, ..self }),
            (Verb::Retry, Queued | Interrupted | Paused | Cancelled) => Some(self.at(Queued)),
            _ => None,
        };
        match (said, now) {
            (Said::Done, Some(now)) => Some(now),
            (Said::Is(stand), None) => (*stand == self.stand).then_some(self),
            (Said::Is(Queued), Some(_)) if verb == Verb::Retry && self.stand == Queued => Some(self),
            (Said::NewRun(_), None) if verb == Verb::Retry && self.stand == Finished => Some(self),
            _ => None,
        }
    }

    /// What a worker may make of a run, in one step.
    pub fn worked(self, worker: usize, end: End) -> Vec<Run> {
        if self.held.is_none() && self.waits() {
            let before = self.obeyed();
            let taken = if before.waits() { Some(worker) } else { None };
            return vec![Run { held: taken, ..before }];
        }
        if self.held != Some(worker) {
            return Vec::new();
        }
        let free = Run { held: None, ..self };
        let mut steps = vec![free.at(Stand::Finished).obeyed()];
        match self.asked {
            None => {}
            // It may have stopped before it was told to go on.
            Some(Asked::Resume) => steps.push(free.at(Stand::Queued).obeyed()),
            Some(Asked::Remove) => steps.push(free.at(Stand::Cancelled).obeyed()),
            Some(Asked::Pause | Asked::Cancel) => steps.push(free.obeyed()),
        }
        let left = [free, free.at(Stand::Interrupted)];
        match end {
            End::Itself => {}
            End::Told => steps.extend(left.map(Run::obeyed)),
            End::Killed => {
                steps.extend(left);
                // Or right before it could take note that it has done what was asked.
                let done = steps.clone();
                let noted = |run: Run| Run { asked: self.asked, ..run };
                steps.extend(done.into_iter().filter(|run| !run.in_trash).map(noted));
                if self.asked == Some(Asked::Resume) {
                    steps.extend([free.at(Stand::Paused), free.at(Stand::Cancelled)]);
                }
            }
        }
        steps
    }
}
