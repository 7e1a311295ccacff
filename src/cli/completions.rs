//! `eeg-tui completions`: what shells want to know about the command line.

use super::{Cli, Outcome, print};
use clap::CommandFactory;
use clap_complete::Shell;

/// What `completions` understands.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// bash, zsh, fish, elvish or powershell
    shell: Shell,
}

/// Prints a completion script.
pub fn run(args: &Args) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "eeg-tui", &mut script);
    print(&String::from_utf8_lossy(&script))
}
