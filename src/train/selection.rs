//! Which epoch each selection rule picks. Knows nothing of how epochs come about.

use crate::event::Epoch;

/// The best epochs so far. The rule `last` needs no memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picks {
    /// Least validation loss, the first of equals; `None` before the first epoch and where nothing is held out.
    pub validation: Option<Candidate>,
    /// Best test accuracy, the first of equals.
    pub best_test: Option<Candidate>,
}

/// An epoch that a rule would pick.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Counted from 1.
    pub epoch: u32,
    /// What the rule compares: a loss or an accuracy.
    pub score: f64,
    /// Training steps behind the weights.
    pub step: u64,
    /// All trainable values after that epoch.
    pub theta: Vec<f32>,
    /// All running statistics after that epoch.
    pub running: Vec<f32>,
    /// Test logits, (trial, class) in row order.
    pub logits: Vec<f32>,
}

impl Picks {
    /// Looks at an epoch. `candidate` is asked, with the score, only for an epoch that some rule would pick.
    pub(super) fn consider<E>(
        &mut self,
        epoch: &Epoch,
        candidate: impl Fn(f64) -> Result<Candidate, E>,
    ) -> Result<(), E> {
        if let Some(loss) = epoch.val_loss
            && self.validation.as_ref().is_none_or(|best| loss < best.score)
        {
            self.validation = Some(candidate(loss)?);
        }
        if self.best_test.as_ref().is_none_or(|best| epoch.test_acc > best.score) {
            self.best_test = Some(candidate(epoch.test_acc)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picked(epochs: &[(Option<f64>, f64)]) -> [Option<u32>; 2] {
        let mut picks = Picks::default();
        for (number, &(val_loss, test_acc)) in (1..).zip(epochs) {
            let epoch = Epoch {
                epoch: number,
                train_loss: 0.0,
                train_acc: 0.0,
                val_loss,
                val_acc: None,
                test_loss: 0.0,
                test_acc,
                seconds: 0.0,
            };
            let candidate = |score| {
                let nothing = Vec::new();
                let (theta, running, logits) = (nothing.clone(), nothing.clone(), nothing);
                Ok::<_, ()>(Candidate { epoch: number, score, step: 0, theta, running, logits })
            };
            picks.consider(&epoch, candidate).unwrap();
        }
        [picks.validation, picks.best_test].map(|pick| Some(pick?.epoch))
    }

    #[test]
    fn the_first_of_equals_is_picked() {
        let epochs = [(Some(0.7), 0.5), (Some(0.6), 0.8), (Some(0.6), 0.8), (Some(0.9), 0.6)];
        assert_eq!(picked(&epochs), [Some(2), Some(2)]);
    }

    #[test]
    fn without_validation_its_rule_picks_nothing() {
        assert_eq!(picked(&[(None, 0.5), (None, 0.9)]), [None, Some(2)]);
    }
}
