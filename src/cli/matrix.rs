//! `eeg-tui matrix`: the model × activation table over the notebook.

use super::{Failure, Global, Outcome};

/// What `matrix` understands.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_global: &Global, _args: &Args) -> Outcome {
    Err(Failure::work("'matrix' is not part of this build"))
}
