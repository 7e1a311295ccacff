//! The selection rules: how a finished run chooses the epoch whose test accuracy it reports.

use super::Spec;
use serde::{Deserialize, Serialize};

/// How a finished run chooses the epoch whose test accuracy it reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The epoch with the least validation loss: the honest one.
    #[default]
    Validation,
    /// The last epoch.
    Last,
    /// The epoch with the best test accuracy: the lab's, and optimistic.
    BestTest,
}

/// What there is to say about a rule.
struct Row {
    name: &'static str,
    how: &'static str,
    optimistic: bool,
    needs_validation: bool,
}

impl Rule {
    /// Every rule, the honest one first.
    pub const ALL: [Rule; 3] = [Rule::Validation, Rule::Last, Rule::BestTest];

    /// The table of rules.
    const fn row(self) -> Row {
        match self {
            Rule::Validation => Row {
                name: "validation",
                how: "the epoch with the least validation loss",
                optimistic: false,
                needs_validation: true,
            },
            Rule::Last => {
                Row { name: "last", how: "the last epoch", optimistic: false, needs_validation: false }
            }
            Rule::BestTest => Row {
                name: "best_test",
                how: "the epoch with the best test accuracy",
                optimistic: true,
                needs_validation: false,
            },
        }
    }

    /// The name on the command line and in files.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Which epoch it picks, in words.
    pub fn how(self) -> &'static str {
        self.row().how
    }

    /// Whether it looks at the test trials to choose the epoch, so that its accuracy flatters.
    pub fn is_optimistic(self) -> bool {
        self.row().optimistic
    }

    /// The rule that stands for it where runs of a spec have none of their own: what was picked on the test trials is held
    /// against a baseline's one state.
    pub fn for_spec(self, spec: &Spec) -> Rule {
        if spec.model.baseline().is_some() && self.is_optimistic() { Rule::Last } else { self }
    }

    /// Whether runs of a spec have a result by it. Some rules need held-out trials. A baseline is fitted once: there is nothing
    /// to choose, so that the honest rules all give that fit, and none is picked on the test trials.
    pub fn applies(self, spec: &Spec) -> bool {
        match spec.model.baseline() {
            Some(_) => !self.is_optimistic(),
            None => spec.validation > 0.0 || !self.row().needs_validation,
        }
    }
}
