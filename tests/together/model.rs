//! One run as a person knows it, and what each command may say and bring about: the small machine that the program is held
//! against. Knows nothing of processes' lives, files or time.
//!
//! What was asked of a run is done by whoever has it, when it takes the run and when it lets go. So it stays undone for as
//! long as nobody has the run, only where the one who had it was killed, or had it for a look alone.

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

/// A process that may have a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// A command that changes it.
    Command(usize),
    Worker(usize),
    /// One that looks whether anybody has it, and thereby has it for that moment.
    Looker(usize),
}

/// Who has a run, and what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// It trains it. Whether it was asked to pause and to give up on the way: it may have begun to, whatever is asked later.
    Training { worker: usize, pause: bool, cancel: bool },
    /// It has it for a moment, before or after a training too.
    Hands(Who),
}

impl Holder {
    pub fn who(self) -> Who {
        match self {
            Holder::Training { worker, .. } => Who::Worker(worker),
            Holder::Hands(who) => who,
        }
    }
}

/// One run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    pub stand: Stand,
    pub asked: Option<Asked>,
    pub in_trash: bool,
    pub held: Option<Holder>,
    /// Whether somebody let go of it without doing what was asked.
    pub left: bool,
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

/// How far a command has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// It is about to look.
    Begun,
    /// It has seen that the run is not at rest: whoever has it may be asked.
    Seen,
    /// It has asked.
    Asked,
    /// It has found that more was asked before.
    Outweighed(Asked),
    /// It has done and said all that it will.
    Said,
}

impl Run {
    pub const NEW: Run = Run { stand: Stand::Queued, asked: None, in_trash: false, held: None, left: false };

    pub fn waits(self) -> bool {
        !self.in_trash && matches!(self.stand, Stand::Queued | Stand::Interrupted)
    }

    fn at(self, stand: Stand) -> Run {
        Run { stand, ..self }
    }

    fn held_by(self, holder: Holder) -> Run {
        Run { held: Some(holder), ..self }
    }

    /// What was asked is done, where it can be done.
    fn obeyed(self) -> Run {
        use Stand::{Cancelled, Interrupted, Paused, Queued};
        if self.in_trash {
            return self;
        }
        let free = Run { asked: None, left: false, ..self };
        match (self.asked, self.stand) {
            (Some(Asked::Pause), Queued | Interrupted) => free.at(Paused),
            (Some(Asked::Cancel), Queued | Interrupted | Paused) => free.at(Cancelled),
            (Some(Asked::Resume), Paused | Cancelled) => free.at(Queued),
            (Some(Asked::Remove), _) => Run { in_trash: true, ..free },
            (None | Some(Asked::Pause | Asked::Cancel | Asked::Resume), _) => free,
        }
    }

    /// Somebody asks for something in the place of what was asked before.
    fn asked_to(self, now: Asked) -> Run {
        let held = self.held.map(|holder| match holder {
            Holder::Training { worker, pause, cancel } => Holder::Training {
                worker,
                pause: pause || now == Asked::Pause,
                cancel: cancel || matches!(now, Asked::Cancel | Asked::Remove),
            },
            hands @ Holder::Hands(_) => hands,
        });
        Run { asked: Some(now), left: false, held, ..self }
    }

    /// Somebody takes it, and does what was asked first.
    fn taken(self, who: Who) -> Run {
        self.obeyed().held_by(Holder::Hands(who))
    }

    /// Whoever has it does what was asked and lets go.
    fn let_go(self) -> Run {
        Run { held: None, left: self.in_trash && self.asked.is_some(), ..self.obeyed() }
    }

    /// Whoever has it lets go without a look at what was asked.
    fn dropped(self) -> Run {
        Run { held: None, left: self.left || self.asked.is_some(), ..self }
    }

    /// Whether it may stand so when nobody is left who could do what was asked of it.
    pub fn may_stay(self) -> bool {
        self.held.is_none() && (self.asked.is_none() || self.left)
    }

    /// What a command that will have said this may make of a run, in one step.
    pub fn step(self, me: usize, verb: Verb, said: &Said, phase: Phase) -> Vec<(Run, Phase)> {
        let mine = self.held == Some(Holder::Hands(Who::Command(me)));
        if phase == Phase::Said {
            return if mine { vec![(self.let_go(), phase)] } else { Vec::new() };
        }
        if mine {
            return self.changed(verb, said).map(|run| (run, Phase::Said)).into_iter().collect();
        }
        let mut steps = Vec::new();
        steps.extend(self.found(verb, said, phase).map(|run| (run, Phase::Said)));
        if verb == Verb::Restore || self.in_trash {
            return steps;
        }
        if self.held.is_none() {
            let taken = self.taken(Who::Command(me));
            match taken.in_trash {
                false => steps.push((taken, phase)),
                // It has done what somebody else asked, and there is nothing left to do.
                true if *said == Said::WasRemoved => steps.push((taken, Phase::Said)),
                true => {}
            }
        }
        if let Some(now) = verb.asks() {
            steps.extend(self.asked_for(now, phase));
        }
        steps
    }

    /// A command that does not get a run asks whoever has it.
    fn asked_for(self, now: Asked, phase: Phase) -> Option<(Run, Phase)> {
        let asks = match phase {
            Phase::Begun => return self.waits().then_some((self, Phase::Seen)),
            Phase::Seen => true,
            // It was done, or done away with, and still the command does not get the run.
            Phase::Asked | Phase::Outweighed(_) => self.asked.is_none(),
            Phase::Said => false,
        };
        asks.then(|| match self.asked.filter(|before| before.outweighs(now)) {
            Some(before) => (self, Phase::Outweighed(before)),
            None => (self.asked_to(now), Phase::Asked),
        })
    }

    /// What may be said of a run that the command does not have.
    fn found(self, verb: Verb, said: &Said, phase: Phase) -> Option<Run> {
        let is_held = self.held.is_some();
        let fits = match (said, phase) {
            (Said::Done, _) if verb == Verb::Restore => {
                return self.in_trash.then_some(Run { in_trash: false, ..self });
            }
            (Said::NotThere, _) => (verb == Verb::Restore) != self.in_trash,
            // It was there when the command began to look.
            (Said::WasRemoved, Phase::Begun) => verb == Verb::Remove && self.in_trash && is_held,
            (Said::WasRemoved, Phase::Seen | Phase::Asked) => verb == Verb::Remove && self.in_trash,
            (Said::WillBe | Said::GoesOn, Phase::Asked) => is_held,
            (Said::WillStill(what), Phase::Outweighed(before)) => is_held && *what == before,
            (Said::InTraining, _) => is_held && self.waits(),
            // Also of one whose training has yet to begin.
            (Said::InUse, _) => is_held,
            (Said::NewRun(_), _) => !self.in_trash && self.stand == Stand::Finished,
            _ => false,
        };
        fits.then_some(self)
    }

    /// What a command makes of a run that it has, if it may say this of it.
    fn changed(self, verb: Verb, said: &Said) -> Option<Run> {
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
        let me = Who::Worker(worker);
        match self.held {
            None if self.in_trash => Vec::new(),
            None => {
                let taken = self.taken(me);
                let training = Holder::Training { worker, pause: false, cancel: false };
                let mut steps = vec![taken];
                steps.extend(taken.waits().then_some(taken.held_by(training)));
                steps.extend(self.noted(end));
                steps
            }
            Some(Holder::Training { worker: other, pause, cancel }) if other == worker => {
                self.trained(me, end, pause, cancel)
            }
            Some(Holder::Hands(who)) if who == me => {
                let dropped = (end == End::Killed).then_some(self.dropped());
                [self.let_go()].into_iter().chain(dropped).chain(self.noted(end)).collect()
            }
            Some(_) => Vec::new(),
        }
    }

    /// How a training may end.
    fn trained(self, me: Who, end: End, pause: bool, cancel: bool) -> Vec<Run> {
        let after = self.held_by(Holder::Hands(me));
        let mut steps = vec![after.at(Stand::Finished)];
        steps.extend(pause.then_some(after.at(Stand::Paused)));
        steps.extend(cancel.then_some(after.at(Stand::Cancelled)));
        if end != End::Itself {
            // It may not have begun yet.
            steps.extend([after, after.at(Stand::Interrupted)]);
        }
        steps
    }

    /// A worker that is killed right before it could take note that it has done what was asked.
    fn noted(self, end: End) -> Option<Run> {
        let done = self.obeyed();
        let asked = self.asked.filter(|_| end == End::Killed && !done.in_trash)?;
        Some(Run { asked: Some(asked), held: None, left: true, ..done })
    }

    /// What one that only looks may make of a run, in one step: nothing, but it has it meanwhile. Who has a run that is at
    /// rest is asked of none but `thorough` ones.
    pub fn looked_at(self, looker: usize, thorough: bool) -> Option<Run> {
        let hands = Holder::Hands(Who::Looker(looker));
        match self.held {
            None if !self.in_trash && (thorough || self.stand == Stand::Interrupted) => {
                Some(self.held_by(hands))
            }
            Some(held) if held == hands => Some(self.dropped()),
            _ => None,
        }
    }
}
