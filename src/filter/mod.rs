//! The filter language: which runs are listed.
//!
//! `eegnet elu acc>0.85 state=failed seed=0,1 -tag=pilot`: all that stands side by side must hold. A word is found anywhere
//! in what describes a run; a field is compared: `=` and `!=` with whole names or numbers, `~` with a part of a text or with
//! a `/regular expression/`, `<` `<=` `>` `>=` with numbers. Commas mean "one of"; `or`, `not` (or a leading `-`) and
//! brackets combine. A value with blanks stands in quotes.

mod field;
mod syntax;

use crate::notebook::RunSummary;
use crate::spec::Rule;
use jiff::Timestamp;
use std::collections::BTreeMap;

use syntax::Expression;
pub use syntax::FilterError;

/// What a filter compares a run by, besides the run itself.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The rule that `acc` is about.
    pub rule: Rule,
    /// The time that `age` is measured from.
    pub now: Timestamp,
    /// What was read of runs beyond the list.
    pub known: &'a Known,
}

/// What was read of runs beyond what the list says of each, by id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// Cohen's κ under the current rule.
    pub kappa: BTreeMap<String, f64>,
    /// Names of the subjects that a run was tested on.
    pub subjects: BTreeMap<String, Vec<String>>,
    /// People's words; only where a filter asks for them.
    pub notes: BTreeMap<String, String>,
}

/// A filter that was understood.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    expression: Expression,
}

impl Filter {
    /// Understands what a person typed. Nothing typed lets every run through.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        syntax::parse(text).map(|expression| Filter { expression })
    }

    /// Whether every run passes.
    pub fn is_empty(&self) -> bool {
        matches!(&self.expression, Expression::All(parts) if parts.is_empty())
    }

    /// Where a comparison with a name holds of none of these runs, what stands there instead, as `state is failed, finished`.
    pub fn unmet(&self, runs: &[RunSummary], context: Context) -> Option<String> {
        self.expression.unmet(runs, context)
    }

    /// Whether a run passes.
    pub fn accepts(&self, run: &RunSummary, context: Context) -> bool {
        self.expression.holds(run, context)
    }

    /// Whether it asks for this field, of those that the list does not hold: `notes`, `kappa`, `subject`.
    pub fn asks_for(&self, field: &str) -> bool {
        self.expression.names(field)
    }
}

#[cfg(test)]
mod tests;
