//! `eeg-tui bench`: seconds per epoch on this machine.

use super::{Failure, Global, Outcome};

/// What `bench` understands.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_global: &Global, _args: &Args) -> Outcome {
    Err(Failure::work("'bench' is not part of this build"))
}
