//! `eeg-tui params`: a network's parameters, layer by layer.

use super::{Failure, Global, Outcome};

/// What `params` understands.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_global: &Global, _args: &Args) -> Outcome {
    Err(Failure::work("'params' is not part of this build"))
}
