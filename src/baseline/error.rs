//! Why a pipeline can't be fitted or applied.

use crate::signal::FilterError;

/// What stands in a baseline's way.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BaselineError {
    /// Too few to say how a class varies.
    #[error("class {class} has {trials} training trials; a baseline needs 2 or more of every class")]
    FewTrials {
        /// Counted from 1, in the order of the classes' names.
        class: usize,
        /// How many there are.
        trials: usize,
    },
    /// Nothing was recorded in a whole trial.
    #[error(
        "trial {trial} is the same number throughout on every electrode, so it has no covariance; leave it out of the \
         data set"
    )]
    Flat {
        /// Counted from 0, within the trials given.
        trial: usize,
    },
    /// No block fits.
    #[error("trials of {samples} samples hold no block of {block}; take longer trials")]
    Short {
        /// Samples of a trial.
        samples: usize,
        /// Samples of a block.
        block: usize,
    },
    /// All training trials look the same to the pipeline.
    #[error("the training trials don't differ in anything that this baseline looks at")]
    Constant,
    /// Trials of another shape than those that were fitted.
    #[error("the baseline was fitted on {fitted} {what}, these trials have {found}")]
    Shape {
        /// Of what.
        what: &'static str,
        /// In the trials that it was fitted on.
        fitted: usize,
        /// Here.
        found: usize,
    },
    /// A value that is not finite, or numbers so far apart that arithmetic fails.
    #[error("the {0} could not be computed; look for infinite or extreme values with `eeg-tui data check`")]
    Arithmetic(&'static str),
    /// A band was asked for, and nobody knows how fast the samples come.
    #[error(
        "the data set does not say its sampling rate, so no band can be filtered; add `sfreq` to its files or take \
         --band none"
    )]
    NoRate,
    /// The band can't be filtered.
    #[error(transparent)]
    Filter(#[from] FilterError),
}
