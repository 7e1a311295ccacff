//! `eeg-tui data`: the recordings, and whether they are sound.

use super::{Failure, Global, Outcome};

/// What `data` understands.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_global: &Global, _args: &Args) -> Outcome {
    Err(Failure::work("'data' is not part of this build"))
}
