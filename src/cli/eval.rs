//! `eeg-tui eval`: scores saved weights on a test set.

use super::{Failure, Global, Outcome};

/// What `eval` understands.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_global: &Global, _args: &Args) -> Outcome {
    Err(Failure::work("'eval' is not part of this build"))
}
